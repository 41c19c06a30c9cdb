#include "models/exposure/ownership.h"

#include <stdlib.h>
#include <strings.h>

#define DENOMINATOR_MAX 15u

static uint32_t hash_of(struct cy_span id)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < id.n; i++)
        h = (h ^ id.at[i]) * 0x100000001b3u;
    return (uint32_t)((h ^ h >> 29) * 0x9e3779b97f4a7c15u >> 32);
}

static uint32_t slot_of(const struct cy_ownership *o, struct cy_span id)
{
    uint32_t slot = hash_of(id) & o->index_mask;

    while (o->index[slot] != 0 && !cy_span_eq(cy_span_text(o->parties[o->index[slot] - 1].id), id))
        slot = (slot + 1) & o->index_mask;
    return slot;
}

static cy_err widen(struct cy_ownership *o)
{
    const uint32_t length = o->index == NULL ? 1024 : 2 * (o->index_mask + 1);
    uint32_t *index = calloc(length, sizeof *index);

    if (index == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    free(o->index);
    o->index = index;
    o->index_mask = length - 1;
    for (size_t i = 0; i < o->n_parties; i++)
        o->index[slot_of(o, cy_span_text(o->parties[i].id))] = (uint32_t)i + 1;
    return CY_OK;
}

cy_err cy_ownership_party(struct cy_ownership *o, struct cy_span id, uint32_t line, uint32_t *party)
{
    struct cy_party made = {.country = "", .isic = "", .line = line};
    uint32_t slot = 0;

    if (o->index == NULL || 2 * o->n_parties >= o->index_mask)
        CY_TRY(widen(o));
    slot = slot_of(o, id);
    if (o->index[slot] != 0) {
        *party = o->index[slot] - 1;
        return CY_OK;
    }
    made.id = cy_chunks_text(&o->chunks, (const char *)id.at, id.n);
    made.name = made.id;
    if (made.id == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_grow((void **)&o->parties, &o->parties_cap, o->n_parties + 1, sizeof made));
    o->parties[o->n_parties] = made;
    *party = (uint32_t)o->n_parties++;
    o->index[slot] = *party + 1;
    return CY_OK;
}

uint32_t cy_ownership_find(const struct cy_ownership *o, const char *id)
{
    return o->index == NULL ? CY_PARTY_NONE : o->index[slot_of(o, cy_span_text(id))] - 1;
}

uint32_t cy_ownership_named(const struct cy_ownership *o, const char *name, size_t *others)
{
    uint32_t found = cy_ownership_find(o, name);

    *others = found != CY_PARTY_NONE;
    if (found != CY_PARTY_NONE)
        return found;
    for (size_t i = 0; i < o->n_parties; i++) {
        if (strcasecmp(o->parties[i].name, name) == 0) {
            found = (uint32_t)i;
            ++*others;
        }
    }
    return *others == 1 ? found : CY_PARTY_NONE;
}

cy_err cy_ownership_name(struct cy_ownership *o, uint32_t party, struct cy_span name)
{
    const char *text = cy_chunks_text(&o->chunks, (const char *)name.at, name.n);

    if (text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    o->parties[party].name = text;
    return CY_OK;
}

cy_err cy_ownership_add(struct cy_ownership *o, const struct cy_owned *owned)
{
    CY_TRY(cy_grow((void **)&o->holdings, &o->holdings_cap, o->n_holdings + 1, sizeof *owned));
    o->holdings[o->n_holdings++] = *owned;
    return CY_OK;
}

/* --- what cannot be --- */

/* A day on which the sum of a company's holdings changes. */
struct change {
    uint32_t owned;
    uint8_t interest;
    bool begins; /* ends stand before beginnings of the same day */
    cy_date day;
    uint64_t share;
    uint32_t line;
};

static int by_day(const void *a, const void *b)
{
    const struct change *left = a;
    const struct change *right = b;

    if (left->owned != right->owned)
        return left->owned < right->owned ? -1 : 1;
    if (left->interest != right->interest)
        return left->interest < right->interest ? -1 : 1;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    if (left->begins != right->begins)
        return left->begins ? 1 : -1;
    return left->line < right->line ? -1 : left->line > right->line;
}

static cy_err check_one(const struct cy_ownership *o, const struct cy_owned *owned,
                        struct cy_desk_fault *fault)
{
    const struct cy_holding *h = &owned->holding;

    if (owned->until != 0 && owned->from != 0 && owned->until <= owned->from)
        return cy_desk_at(fault, owned->line, 0, "the holding ends before it begins");
    if (h->share > CY_SHARE_WHOLE || owned->share_most > CY_SHARE_WHOLE)
        return cy_desk_at(fault, owned->line, 0, "a share above 100 per cent");
    if (h->share > owned->share_most)
        return cy_desk_at(fault, owned->line, 0, "the least share is above the most");
    if (h->owner == h->owned && h->share == CY_SHARE_WHOLE)
        return cy_desk_at(fault, owned->line, 0, "%.120s owns all of itself",
                          o->parties[h->owned].id);
    return CY_OK;
}

static cy_err sweep(const struct cy_ownership *o, const struct change *changes, size_t n,
                    struct cy_desk_fault *fault)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const struct change *c = &changes[i];
        char text[40];
        struct cy_text percent = cy_text_on(text, sizeof text);

        if (i == 0 || c->owned != changes[i - 1].owned || c->interest != changes[i - 1].interest)
            sum = 0;
        sum = c->begins ? sum + c->share : sum - c->share;
        if (sum <= CY_SHARE_WHOLE)
            continue;
        cy_share_text(&percent, sum);
        return cy_desk_at(fault, c->line, 0,
                          "with this holding %s of the %s of %.100s are held on one day: "
                          "end an older holding, or correct a share",
                          text, cy_interest_name(c->interest), o->parties[c->owned].id);
    }
    return CY_OK;
}

cy_err cy_ownership_check(const struct cy_ownership *o, struct cy_desk_fault *fault)
{
    struct change *changes = malloc((2 * o->n_holdings + 1) * sizeof *changes);
    size_t n = 0;
    cy_err err = CY_OK;

    if (changes == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < o->n_holdings && cy_ok(err); i++) {
        const struct cy_owned *owned = &o->holdings[i];
        struct change change = {owned->holding.owned, owned->holding.interest, true,
                                owned->from,          owned->holding.share,    owned->line};

        err = check_one(o, owned, fault);
        if (owned->holding.interest == CY_INTEREST_CONTROL)
            continue;
        changes[n++] = change;
        change.begins = false;
        change.day = owned->until;
        if (owned->until != 0)
            changes[n++] = change;
    }
    if (cy_ok(err) && n > 0) {
        qsort(changes, n, sizeof *changes, by_day);
        err = sweep(o, changes, n, fault);
    }
    free(changes);
    return err;
}

void cy_ownership_free(struct cy_ownership *o)
{
    free(o->parties);
    free(o->holdings);
    free(o->index);
    cy_chunks_free(&o->chunks);
    *o = (struct cy_ownership){0};
}

/* --- shares --- */

/* Digits from *at, at most nine of them. */
static bool digits(struct cy_span text, size_t *at, uint64_t *out)
{
    const size_t first = *at;

    for (*out = 0; *at < text.n && text.at[*at] >= '0' && text.at[*at] <= '9'; ++*at) {
        if (*at - first == 9)
            return false;
        *out = *out * 10 + (uint64_t)(text.at[*at] - '0');
    }
    return *at > first;
}

/* above / below of all. */
static cy_err part(uint64_t above, uint64_t below, uint64_t *out)
{
    if (below == 0)
        return cy_fail(CY_E_BAD_TEXT, 0);
    if (above > below)
        return cy_fail(CY_E_RANGE, 0);
    if ((cy_u128)CY_SHARE_WHOLE * above % below != 0)
        return cy_fail(CY_E_NOT_CANONICAL, 0);
    *out = (uint64_t)((cy_u128)CY_SHARE_WHOLE * above / below);
    return CY_OK;
}

cy_err cy_share_read(struct cy_span text, uint64_t *out)
{
    uint64_t whole = 0;
    uint64_t rest = 0;
    uint64_t scale = 1;
    size_t at = 0;

    if (text.n > 0 && text.at[text.n - 1] == '%')
        text.n--;
    if (!digits(text, &at, &whole))
        return cy_fail(CY_E_BAD_TEXT, at);
    if (at < text.n && text.at[at] == '/') {
        at++;
        if (!digits(text, &at, &rest) || at != text.n)
            return cy_fail(CY_E_BAD_TEXT, at);
        return part(whole, rest, out);
    }
    if (at < text.n && text.at[at] == '.') {
        const size_t point = ++at;

        if (!digits(text, &at, &rest))
            return cy_fail(CY_E_BAD_TEXT, at);
        for (size_t i = point; i < at; i++)
            scale *= 10;
    }
    if (at != text.n)
        return cy_fail(CY_E_BAD_TEXT, at);
    return part(whole * scale + rest, 100 * scale, out);
}

void cy_share_text(struct cy_text *out, uint64_t share)
{
    const uint64_t step = CY_SHARE_WHOLE / 1000000; /* a ten-thousandth of a per cent */
    const uint64_t parts = share / step;
    uint64_t rest = parts % 10000;
    char decimals[6] = ".0000";

    if (share % step != 0) {
        for (uint64_t below = 2; below <= DENOMINATOR_MAX; below++) {
            if (share * below % CY_SHARE_WHOLE == 0) {
                cy_text_u64(out, share * below / CY_SHARE_WHOLE);
                cy_text_add(out, "/");
                cy_text_u64(out, below);
                return;
            }
        }
        cy_text_add(out, "about ");
    }
    cy_text_u64(out, parts / 10000);
    for (size_t i = 4; i > 0; i--) {
        decimals[i] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    for (size_t i = 4; i > 0 && decimals[i] == '0'; i--)
        decimals[i] = 0;
    cy_text_add(out, decimals[1] == 0 ? "" : decimals);
    cy_text_add(out, "%");
}

const char *cy_interest_name(enum cy_interest interest)
{
    static const char *const names[] = {"shares", "votes", "control"};

    return names[interest];
}

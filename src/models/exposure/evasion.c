#include "models/exposure/evasion.h"

#include "models/exposure/ownership_csv.h"

#include <stdlib.h>

#define UNDER_BY (CY_SHARE_WHOLE / 20)
#define NONE CY_PARTY_NONE

const char *cy_flag_name(enum cy_flag_kind kind)
{
    static const char *const names[] = {"just_under", "divested", "to_related", "split",
                                        "new_shell",  "reroute",  "alias"};

    return names[kind];
}

cy_err cy_flag_add(struct cy_flags *flags, const struct cy_flag *flag)
{
    CY_TRY(cy_grow((void **)&flags->at, &flags->cap, flags->n + 1, sizeof *flag));
    flags->at[flags->n++] = *flag;
    return CY_OK;
}

static void cite(struct cy_flag *flag, enum cy_flag_file file, uint32_t line)
{
    if (flag->n_evidence == CY_FLAG_LINES_MAX)
        return;
    flag->evidence[flag->n_evidence].file = file;
    flag->evidence[flag->n_evidence++].line = line;
}

/* The line of a named party in the list of names, and its day; false for who is not named. */
static bool named_since(const struct cy_evidence *e, uint32_t party, cy_date *since)
{
    for (size_t i = 0; i < e->n_named; i++) {
        if (e->named[i].party == party) {
            *since = e->named[i].since;
            return true;
        }
    }
    return false;
}

static const struct cy_related *relation(const struct cy_evidence *e, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < e->n_related; i++) {
        const struct cy_related *r = &e->related[i];

        if ((r->a == a && r->b == b) || (r->a == b && r->b == a))
            return r;
    }
    return NULL;
}

static bool holds(const struct cy_owned *owned, cy_date day)
{
    return owned->holding.interest != CY_INTEREST_CONTROL && cy_owned_on(owned, day);
}

/* --- just under --- */

static cy_err just_under(const struct cy_evidence *e, uint64_t *sums, struct cy_flags *out)
{
    const struct cy_ownership *o = e->ownership;

    for (size_t i = 0; i < o->n_holdings; i++) {
        const struct cy_owned *owned = &o->holdings[i];

        if (holds(owned, e->day) && owned->holding.interest == CY_INTEREST_SHARES &&
            e->blocked[owned->holding.owner])
            sums[owned->holding.owned] += owned->holding.share;
    }
    for (uint32_t party = 0; party < o->n_parties; party++) {
        struct cy_flag flag = {.kind = CY_FLAG_JUST_UNDER,
                               .party = party,
                               .blocked = NONE,
                               .other = NONE,
                               .amount = sums[party],
                               .day = e->day};

        if (e->blocked[party] || sums[party] + UNDER_BY < e->rule->threshold)
            continue;
        for (size_t i = 0; i < o->n_holdings; i++) {
            const struct cy_owned *owned = &o->holdings[i];

            if (owned->holding.owned != party || !holds(owned, e->day) ||
                !e->blocked[owned->holding.owner])
                continue;
            flag.blocked = flag.blocked == NONE ? owned->holding.owner : flag.blocked;
            cite(&flag, CY_FLAG_OF_HOLDINGS, owned->line);
        }
        CY_TRY(cy_flag_add(out, &flag));
    }
    return CY_OK;
}

/* --- letting go --- */

/* Who took: holdings in the same company that began within the window. */
struct takers {
    size_t n;
    size_t related;
    uint64_t sum;
    uint64_t largest;
    uint32_t who;         /* the largest */
    uint32_t related_who; /* the first that is related */
};

static void find_takers(const struct cy_evidence *e, const struct cy_owned *gone,
                        struct cy_flag *flag, struct takers *out)
{
    const struct cy_ownership *o = e->ownership;

    *out = (struct takers){.who = NONE, .related_who = NONE};
    for (size_t i = 0; i < o->n_holdings; i++) {
        const struct cy_owned *owned = &o->holdings[i];
        const struct cy_related *related = NULL;

        if (owned->holding.owned != gone->holding.owned ||
            owned->holding.owner == gone->holding.owner || owned->from == 0 ||
            owned->from + CY_EVASION_WINDOW < gone->until ||
            gone->until + CY_EVASION_WINDOW < owned->from || !holds(owned, e->day))
            continue;
        out->n++;
        out->sum += owned->holding.share;
        if (owned->holding.share > out->largest) {
            out->largest = owned->holding.share;
            out->who = owned->holding.owner;
        }
        cite(flag, CY_FLAG_OF_HOLDINGS, owned->line);
        related = relation(e, gone->holding.owner, owned->holding.owner);
        if (related == NULL)
            continue;
        out->related++;
        out->related_who = out->related_who == NONE ? owned->holding.owner : out->related_who;
        cite(flag, CY_FLAG_OF_RELATED, related->line);
    }
}

/* Would the company be blocked with what was let go, beside what blocked owners still hold? */
static bool frees(const struct cy_evidence *e, const struct cy_owned *gone, const uint64_t *sums)
{
    const uint64_t before = sums[gone->holding.owned] + gone->holding.share;

    return !e->blocked[gone->holding.owned] && cy_rule_passes(e->rule, before, 0, false);
}

static cy_err let_go(const struct cy_evidence *e, const uint64_t *sums, struct cy_flags *out)
{
    const struct cy_ownership *o = e->ownership;

    for (size_t i = 0; i < o->n_holdings; i++) {
        const struct cy_owned *gone = &o->holdings[i];
        struct cy_flag flag = {.kind = CY_FLAG_DIVESTED,
                               .party = gone->holding.owned,
                               .blocked = gone->holding.owner,
                               .other = NONE,
                               .amount = gone->holding.share,
                               .day = gone->until};
        struct takers takers;
        cy_date since = 0;

        if (gone->until == 0 || gone->until > e->day || !e->blocked[gone->holding.owner] ||
            !frees(e, gone, sums))
            continue;
        if (named_since(e, gone->holding.owner, &since) && since != 0 &&
            gone->until + CY_EVASION_BEFORE < since)
            continue;
        cite(&flag, CY_FLAG_OF_HOLDINGS, gone->line);
        find_takers(e, gone, &flag, &takers);
        flag.other = takers.who;
        if (takers.n > 1 && cy_rule_passes(e->rule, takers.sum, 0, false) &&
            !cy_rule_passes(e->rule, takers.largest, 0, false)) {
            flag.kind = CY_FLAG_SPLIT;
            flag.amount = takers.sum;
        } else if (takers.related > 0) {
            flag.kind = CY_FLAG_TO_RELATED;
            flag.other = takers.related_who;
        }
        CY_TRY(cy_flag_add(out, &flag));
    }
    return CY_OK;
}

/* --- new shells --- */

static bool runs(const struct cy_owned *owned)
{
    return owned->holding.interest == CY_INTEREST_CONTROL ||
           owned->holding.share >= CY_SHARE_WHOLE / 2;
}

/* The day since which a party is blocked: its own, or the latest of the named ones. */
static cy_date blocked_since(const struct cy_evidence *e, uint32_t party)
{
    cy_date since = 0;

    if (named_since(e, party, &since))
        return since;
    for (size_t i = 0; i < e->n_named; i++)
        since = e->named[i].since > since ? e->named[i].since : since;
    return since;
}

static cy_err new_shells(const struct cy_evidence *e, struct cy_flags *out)
{
    const struct cy_ownership *o = e->ownership;

    for (size_t i = 0; i < o->n_holdings; i++) {
        const struct cy_owned *fresh = &o->holdings[i];
        const struct cy_party *company = &o->parties[fresh->holding.owned];

        if (company->founded == 0 || company->founded > e->day || !runs(fresh) ||
            !cy_owned_on(fresh, e->day) || e->blocked[fresh->holding.owned])
            continue;
        for (size_t k = 0; k < o->n_holdings; k++) {
            const struct cy_owned *old = &o->holdings[k];
            struct cy_flag flag = {.kind = CY_FLAG_NEW_SHELL,
                                   .party = fresh->holding.owned,
                                   .blocked = old->holding.owned,
                                   .other = old->holding.owner,
                                   .amount = fresh->holding.share,
                                   .day = company->founded};

            if (old->holding.owner != fresh->holding.owner || !runs(old) ||
                !e->blocked[old->holding.owned] || blocked_since(e, old->holding.owned) == 0 ||
                company->founded < blocked_since(e, old->holding.owned))
                continue;
            cite(&flag, CY_FLAG_OF_HOLDINGS, fresh->line);
            cite(&flag, CY_FLAG_OF_HOLDINGS, old->line);
            CY_TRY(cy_flag_add(out, &flag));
            break;
        }
    }
    return CY_OK;
}

/* --- third members --- */

/* A dealing of the two before the block, which says that the third is new between them. */
static const struct cy_dealing *direct_before(const struct cy_evidence *e, uint32_t from,
                                              uint32_t to, cy_date since)
{
    for (size_t i = 0; i < e->n_dealings; i++) {
        const struct cy_dealing *d = &e->dealings[i];

        if (d->from == from && d->to == to && (since == 0 || d->day < since))
            return d;
    }
    return NULL;
}

static cy_err reroutes(const struct cy_evidence *e, struct cy_flags *out)
{
    for (size_t i = 0; i < e->n_dealings; i++) {
        const struct cy_dealing *first = &e->dealings[i];

        for (size_t k = i; k < e->n_dealings; k++) {
            const struct cy_dealing *second = &e->dealings[k];
            const struct cy_dealing *before = NULL;
            struct cy_flag flag = {.kind = CY_FLAG_REROUTE,
                                   .party = first->to,
                                   .blocked = second->to,
                                   .other = first->from,
                                   .amount = second->amount,
                                   .day = second->day};

            if (second->day > first->day + CY_EVASION_WINDOW)
                break;
            if (second->from != first->to || !e->blocked[second->to] || first->from == second->to ||
                e->blocked[first->from] || second->amount < first->amount - first->amount / 10 ||
                second->amount > first->amount + first->amount / 10 ||
                first->day < blocked_since(e, second->to))
                continue;
            before = direct_before(e, first->from, second->to, blocked_since(e, second->to));
            if (before == NULL)
                continue;
            cite(&flag, CY_FLAG_OF_DEALINGS, first->line);
            cite(&flag, CY_FLAG_OF_DEALINGS, second->line);
            cite(&flag, CY_FLAG_OF_DEALINGS, before->line);
            CY_TRY(cy_flag_add(out, &flag));
        }
    }
    return CY_OK;
}

cy_err cy_evasion_flags(const struct cy_evidence *e, struct cy_flags *out)
{
    uint64_t *sums = calloc(e->ownership->n_parties + 1, sizeof *sums);
    cy_err err = sums == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : just_under(e, sums, out);

    if (cy_ok(err))
        err = let_go(e, sums, out);
    if (cy_ok(err))
        err = new_shells(e, out);
    if (cy_ok(err))
        err = reroutes(e, out);
    free(sums);
    return err;
}

/* --- files --- */

static cy_err named_party(const struct cy_csv *csv, size_t row, size_t column,
                          struct cy_ownership *o, uint32_t *out, struct cy_desk_fault *fault)
{
    const struct cy_span id = cy_span_text(cy_csv_cell(csv, row, column));

    if (id.n == 0)
        return cy_desk_at(fault, csv->lines[row], (uint32_t)column + 1, "the party is not named");
    return cy_ownership_party(o, id, csv->lines[row], out);
}

cy_err cy_related_csv(const struct cy_csv *csv, struct cy_ownership *o, struct cy_related **out,
                      size_t *n, struct cy_desk_fault *fault)
{
    static const char *const names[] = {"a", "b", "relation"};
    size_t at[3];

    *n = 0;
    *out = malloc((csv->n_rows + 1) * sizeof **out);
    if (*out == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_columns_known(csv, names, 3, 3, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        struct cy_related related = {.line = csv->lines[row]};
        const char *how = cy_csv_cell(csv, row, at[2]);

        CY_TRY(named_party(csv, row, at[0], o, &related.a, fault));
        CY_TRY(named_party(csv, row, at[1], o, &related.b, fault));
        related.how = cy_chunks_text(&o->chunks, how, strlen(how));
        if (related.how == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        (*out)[(*n)++] = related;
    }
    return CY_OK;
}

static int by_day(const void *a, const void *b)
{
    const struct cy_dealing *left = a;
    const struct cy_dealing *right = b;

    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

cy_err cy_dealings_csv(const struct cy_csv *csv, struct cy_ownership *o, struct cy_dealing **out,
                       size_t *n, struct cy_desk_fault *fault)
{
    static const char *const names[] = {"from", "to", "amount", "day"};
    size_t at[4];

    *n = 0;
    *out = malloc((csv->n_rows + 1) * sizeof **out);
    if (*out == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_columns_known(csv, names, 4, 4, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        struct cy_dealing dealing = {.line = csv->lines[row]};

        CY_TRY(named_party(csv, row, at[0], o, &dealing.from, fault));
        CY_TRY(named_party(csv, row, at[1], o, &dealing.to, fault));
        if (!cy_ok(cy_u64_read(cy_span_text(cy_csv_cell(csv, row, at[2])), &dealing.amount)) ||
            dealing.amount > UINT64_MAX / 2)
            return cy_desk_at(fault, dealing.line, (uint32_t)at[2] + 1,
                              "the amount is a whole number of the smallest unit");
        CY_TRY(cy_row_date(csv, row, at[3], &dealing.day, fault));
        if (dealing.day == 0)
            return cy_desk_at(fault, dealing.line, (uint32_t)at[3] + 1, "the day is missing");
        (*out)[(*n)++] = dealing;
    }
    if (*n > 1)
        qsort(*out, *n, sizeof **out, by_day);
    return CY_OK;
}

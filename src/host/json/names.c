#include "host/json/names.h"

#include "institutions/alliance/members_json.h"

#define ID_DIGITS 64u

static bool passport_name(const struct cy_world *world, const struct cy_id *id, struct cy_text *out)
{
    const struct cy_namer namer = cy_namer_of(&world);
    const struct cy_passport *passport = namer.passport(namer.self, id);
    const struct cy_attestation *code = NULL;

    if (passport == NULL)
        return false;
    code = namer.code(namer.self, id);
    cy_text_span(out, code == NULL ? cy_name_text(&passport->name) : cy_label_text(&code->value));
    return true;
}

static bool account_name(const struct cy_world *world, const struct cy_id *id, struct cy_text *out)
{
    const struct cy_account *account = CY_GET(world, account, id);
    const struct cy_asset *asset = NULL;

    if (account == NULL)
        return false;
    asset = CY_GET(world, asset, &account->asset);
    if (asset == NULL || !passport_name(world, &account->owner, out))
        return false;
    cy_text_add(out, "/");
    cy_text_span(out, cy_label_text(&asset->code));
    return true;
}

bool cy_name_write(const struct cy_world *world, const struct cy_id *id, struct cy_text *out)
{
    const struct cy_alliance *alliance = NULL;
    const struct cy_asset *asset = NULL;

    if (passport_name(world, id, out) || account_name(world, id, out))
        return true;
    asset = CY_GET(world, asset, id);
    if (asset != NULL) {
        cy_text_span(out, cy_label_text(&asset->code));
        return true;
    }
    if (world->by_record[CY_R_alliance] == 0)
        return false; /* a realm without that institution */
    alliance = CY_GET(world, alliance, id);
    if (alliance != NULL)
        cy_text_span(out, cy_label_text(&alliance->code));
    return alliance != NULL;
}

static bool is_digit(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Length of the run of hexadecimal digits at `at`. */
static size_t run_at(struct cy_span sentence, size_t at)
{
    size_t n = 0;

    while (at + n < sentence.n && is_digit(sentence.at[at + n]))
        n++;
    return n;
}

void cy_names_in(const struct cy_world *world, struct cy_span sentence, struct cy_text *out)
{
    size_t copied = 0; /* of the sentence */
    size_t n = 0;

    for (size_t at = 0; at < sentence.n; at += n == 0 ? 1 : n) {
        struct cy_id id;

        n = run_at(sentence, at);
        if (n != ID_DIGITS || !cy_ok(cy_hex_read(cy_span_of(sentence.at + at, n), id.b, 32)))
            continue;
        cy_text_span(out, cy_span_of(sentence.at + copied, at - copied));
        copied = at;
        if (cy_name_write(world, &id, out))
            copied += n;
    }
    cy_text_span(out, cy_span_of(sentence.at + copied, sentence.n - copied));
}

const struct cy_passport *cy_passport_called(const struct cy_world *world, const char *text)
{
    struct cy_id id;

    if (cy_ok(cy_hex_read(cy_span_text(text), id.b, sizeof id.b)))
        return CY_GET(world, passport, &id);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_attestation); i++) {
        const struct cy_attestation *a = cy_world_at(world, CY_R_attestation, i);

        if (cy_span_eq(cy_label_text(&a->value), cy_span_text(text)))
            return CY_GET(world, passport, &a->passport);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_passport); i++) {
        const struct cy_passport *p = cy_world_at(world, CY_R_passport, i);

        if (cy_span_eq(cy_name_text(&p->name), cy_span_text(text)))
            return p;
    }
    return NULL;
}

#include "models/clear/clear_settle.h"

#include "base/bytes.h"
#include "crypto/hash.h"

enum { CODE_MAX = 15, NAME_MAX_BYTES = 128, SCALE_MAX = 30 };

#define FILE_MAX_BYTES ((size_t)16 << 20)

struct draft {
    struct cy_desk *desk;
    const struct cy_clear_table *table;
    const char *custodian;
    const char *expires; /* NULL: they wait until they are posted or voided */
    struct cy_csv assets;
    bool has_assets;
    cy_u128 up; /* times this, and */
    cy_u128 down;
    json_t *acts;
};

static cy_err read_scale(struct draft *d)
{
    const uint32_t digits = d->table->digits;
    uint64_t scale = digits;

    CY_TRY(cy_desk_number(d->desk, "scale", 0, SCALE_MAX, &scale));
    d->up = d->down = 1;
    for (uint64_t i = digits; i < scale; i++)
        d->up *= 10;
    for (uint64_t i = scale; i < digits; i++)
        d->down *= 10;
    return CY_OK;
}

/* The asset in which a party's promises, or cash (no party), stand on the ledger. */
static cy_err asset_of(struct draft *d, const char *party, const char *currency,
                       char out[static NAME_MAX_BYTES])
{
    (void)snprintf(out, NAME_MAX_BYTES, "%.60s%s%.60s", party,
                   party[0] == 0 || currency[0] == 0 ? "" : ".", currency);
    for (size_t i = 0; d->has_assets && i < d->assets.n_rows; i++) {
        if (strcmp(cy_csv_cell(&d->assets, i, 0), party) == 0 &&
            strcmp(cy_csv_cell(&d->assets, i, 1), currency) == 0)
            (void)snprintf(out, NAME_MAX_BYTES, "%.120s", cy_csv_cell(&d->assets, i, 2));
    }
    if (strlen(out) > 0 && strlen(out) <= CODE_MAX)
        return CY_OK;
    return cy_desk_note(d->desk, cy_fail(CY_E_MODEL_INPUT, 0),
                        "'%.60s' is no code of an asset (1 to 15 letters); name it in a table "
                        "with --assets: party, currency, asset",
                        out);
}

static cy_err add_transfer(struct draft *d, const char *asset, const char *to, uint64_t units,
                           uint64_t reference)
{
    const cy_u128 amount = (cy_u128)units * d->up;
    char digits[CY_U128_TEXT];
    char from_account[2 * NAME_MAX_BYTES];
    char to_account[2 * NAME_MAX_BYTES];
    json_t *act = NULL;

    if (json_array_size(d->acts) == CY_CLEAR_ITEMS_MAX)
        return cy_desk_note(d->desk, cy_fail(CY_E_TOO_LARGE, 0),
                            "more than 4,096 obligations are cleared, and one batch holds no more; "
                            "take some of them with --where");
    if (units % d->down != 0)
        return cy_desk_note(d->desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "what is cleared of %.60s has more decimals than --scale", to);
    cy_u128_text(amount / d->down, digits);
    (void)snprintf(from_account, sizeof from_account, "%.100s/%s", d->custodian, asset);
    (void)snprintf(to_account, sizeof to_account, "%.100s/%s", to, asset);
    act = json_pack("{ss ss ss ss ss sI}", "act", "transfer", "phase", "pending", "from",
                    from_account, "to", to_account, "amount", digits, "reference",
                    (json_int_t)reference);
    if (act != NULL && d->expires != NULL)
        (void)json_object_set_new(act, "expires", json_string(d->expires));
    return json_array_append_new(d->acts, act) == 0
               ? CY_OK
               : cy_desk_note(d->desk, cy_fail(CY_E_NO_MEMORY, 0), "transfers");
}

/* Every promise that is cleared goes back to whoever made it; cash to whoever is paid out. */
static cy_err add_part(struct draft *d, const struct cy_clear_part *part)
{
    char asset[NAME_MAX_BYTES];

    for (uint32_t i = 0; i < part->n_arcs; i++) {
        const struct cy_flow_arc *arc = &part->arcs[i];
        const struct cy_clear_row *row = &d->table->rows[part->first + i];

        if (arc->cleared == 0)
            continue;
        if (i < part->n) {
            CY_TRY(asset_of(d, row->debtor, row->currency, asset));
            CY_TRY(add_transfer(d, asset, row->debtor, cy_clear_own(d->table, part, i),
                                (uint64_t)part->first + i + 1));
        } else if (arc->creditor == 0) {
            CY_TRY(asset_of(d, "", part->currency, asset));
            CY_TRY(add_transfer(d, asset, part->parties[arc->debtor], arc->cleared, 0));
        }
    }
    return CY_OK;
}

/* The second phase names the pending transfers: the id of item i is SHA-256(act || u32be i). */
static cy_err end_all(struct draft *d, const char *phase, const char *id)
{
    const size_t n = json_array_size(d->acts);
    struct cy_id act;

    if (!cy_ok(cy_hex_read(cy_span_text(id), act.b, sizeof act.b)))
        return cy_desk_note(d->desk, cy_fail(CY_E_USAGE, 0),
                            "--%s takes the id of the batch as recorded, 64 hexadecimal digits",
                            phase);
    json_array_clear(d->acts);
    for (size_t i = 0; i < n; i++) {
        uint8_t item[4];
        struct cy_id pending;
        char hex[65];

        cy_put_u32be(item, (uint32_t)i);
        pending = cy_sha256_parts(
            (const struct cy_span[]){cy_span_of(act.b, 32), cy_span_of(item, 4)}, 2);
        cy_hex(pending.b, 32, hex);
        (void)json_array_append_new(
            d->acts, json_pack("{ss ss ss}", "act", "transfer", "phase", phase, "pending", hex));
    }
    return CY_OK;
}

static cy_err read_options(struct draft *d)
{
    const char *assets = cy_desk_option(d->desk, "assets");

    d->custodian = cy_desk_option(d->desk, "custodian");
    d->expires = cy_desk_option(d->desk, "expires");
    if (d->custodian == NULL)
        return cy_desk_note(d->desk, cy_fail(CY_E_USAGE, 0),
                            "--custodian NAME says in whose custody the promises stand");
    CY_TRY(read_scale(d));
    if (assets == NULL)
        return CY_OK;
    CY_TRY(cy_desk_csv(d->desk, assets, FILE_MAX_BYTES, &d->assets));
    d->has_assets = true;
    return cy_csv_column(&d->assets, "party") == 0 && cy_csv_column(&d->assets, "currency") == 1 &&
                   cy_csv_column(&d->assets, "asset") == 2
               ? CY_OK
               : cy_clear_refuse(d->desk, assets, 1, "its columns are: party, currency, asset");
}

static cy_err draft(struct draft *d, FILE *out)
{
    const char *post = cy_desk_option(d->desk, "post");
    const char *back = cy_desk_option(d->desk, "void");

    CY_TRY(read_options(d));
    if (post != NULL && back != NULL)
        return cy_desk_note(d->desk, cy_fail(CY_E_USAGE, 0), "--post or --void, not both");
    for (uint32_t p = 0; p < d->table->n_parts; p++)
        CY_TRY(add_part(d, &d->table->parts[p]));
    if (json_array_size(d->acts) == 0)
        return cy_desk_note(d->desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "nothing is cleared, so there is nothing to record");
    if (post != NULL)
        CY_TRY(end_all(d, "post", post));
    if (back != NULL)
        CY_TRY(end_all(d, "void", back));
    {
        json_t *batch = json_pack("{ss ss sO}", "act", "batch", "mode", "atomic", "acts", d->acts);
        const bool good =
            batch != NULL && json_dumpf(batch, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;

        json_decref(batch);
        return good ? CY_OK
                    : cy_desk_note(d->desk, cy_fail(CY_E_DISK_FAILED, 0),
                                   "the acts were not written");
    }
}

cy_err cy_clear_draft(struct cy_desk *desk, const struct cy_clear_table *table, FILE *out,
                      uint32_t *n)
{
    struct draft d = {.desk = desk, .table = table, .acts = json_array()};
    const cy_err e = draft(&d, out);

    *n = (uint32_t)json_array_size(d.acts);
    json_decref(d.acts);
    return e;
}

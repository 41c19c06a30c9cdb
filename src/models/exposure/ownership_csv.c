#include "models/exposure/ownership_csv.h"

#include "models/exposure/class_code.h"

enum holding_column {
    OWNER,
    OWNED,
    SHARE,
    SHARE_MIN,
    SHARE_MAX,
    INTEREST,
    FROM,
    UNTIL,
    JOINT,
    HOLDING_COLUMNS
};
enum party_column { ID, NAME, KIND, COUNTRY, FOUNDED, ISIC, PARTY_COLUMNS };

static const char *const holding_names[HOLDING_COLUMNS] = {
    "owner", "owned", "share", "share_min", "share_max", "interest", "from", "until", "joint"};
static const char *const party_names[PARTY_COLUMNS] = {"id",      "name",    "kind",
                                                       "country", "founded", "isic"};

cy_err cy_columns_known(const struct cy_csv *csv, const char *const *names, size_t n, size_t need,
                        size_t *at, struct cy_desk_fault *fault)
{
    for (size_t i = 0; i < n; i++) {
        at[i] = cy_csv_column(csv, names[i]);
        if (i < need && at[i] == SIZE_MAX)
            return cy_desk_at(fault, 1, 1, "there is no column '%s'", names[i]);
    }
    for (size_t i = 0; i < csv->n_columns; i++) {
        size_t k = 0;

        while (k < n && strcmp(names[k], csv->columns[i]) != 0)
            k++;
        if (k == n)
            return cy_desk_at(fault, 1, (uint32_t)i + 1, "the column '%.60s' is not known",
                              csv->columns[i]);
    }
    return CY_OK;
}

cy_err cy_row_date(const struct cy_csv *csv, size_t row, size_t column, cy_date *out,
                   struct cy_desk_fault *fault)
{
    const char *text = cy_row_text(csv, row, column);

    *out = 0;
    if (*text == 0 || cy_ok(cy_date_read(cy_span_text(text), out)))
        return CY_OK;
    return cy_desk_at(fault, csv->lines[row], (uint32_t)column + 1,
                      "'%.40s' is not a date: write YYYY-MM-DD", text);
}

static cy_err read_share(const struct cy_csv *csv, size_t row, size_t column, uint64_t *out,
                         struct cy_desk_fault *fault)
{
    const char *text = cy_row_text(csv, row, column);
    const cy_err err = cy_share_read(cy_span_text(text), out);
    const char *why = "is not a share: write per cent (25, 12.5) or a fraction (1/3)";

    if (cy_ok(err))
        return CY_OK;
    if (err.code == CY_E_RANGE)
        why = "is more than 100 per cent";
    else if (err.code == CY_E_NOT_CANONICAL)
        why = "is not exact here: at most four decimals of a per cent, or a fraction of small "
              "numbers";
    return cy_desk_at(fault, csv->lines[row], (uint32_t)column + 1, "'%.40s' %s", text, why);
}

static cy_err read_interest(const struct cy_csv *csv, size_t row, size_t column, uint8_t *out,
                            struct cy_desk_fault *fault)
{
    const char *text = cy_row_text(csv, row, column);

    *out = CY_INTEREST_SHARES;
    for (unsigned i = 0; i <= CY_INTEREST_CONTROL && *text != 0; i++) {
        if (strcmp(text, cy_interest_name((enum cy_interest)i)) == 0) {
            *out = (uint8_t)i;
            return CY_OK;
        }
    }
    return *text == 0 ? CY_OK
                      : cy_desk_at(fault, csv->lines[row], (uint32_t)column + 1,
                                   "'%.40s' is no interest: shares, votes or control", text);
}

static cy_err read_party(const struct cy_csv *csv, size_t row, size_t column,
                         struct cy_ownership *o, uint32_t *out, struct cy_desk_fault *fault)
{
    const struct cy_span id = cy_span_text(cy_row_text(csv, row, column));

    if (id.n == 0)
        return cy_desk_at(fault, csv->lines[row], (uint32_t)column + 1, "the party is not named");
    return cy_ownership_party(o, id, csv->lines[row], out);
}

static cy_err read_holding(const struct cy_csv *csv, size_t row, const size_t *at,
                           struct cy_ownership *o, struct cy_desk_fault *fault)
{
    struct cy_owned owned = {.line = csv->lines[row]};
    const char *joint = cy_row_text(csv, row, at[JOINT]);

    CY_TRY(read_party(csv, row, at[OWNER], o, &owned.holding.owner, fault));
    CY_TRY(read_party(csv, row, at[OWNED], o, &owned.holding.owned, fault));
    CY_TRY(read_interest(csv, row, at[INTEREST], &owned.holding.interest, fault));
    CY_TRY(cy_row_date(csv, row, at[FROM], &owned.from, fault));
    CY_TRY(cy_row_date(csv, row, at[UNTIL], &owned.until, fault));
    if (*joint != 0) {
        uint64_t group = 0;

        if (!cy_ok(cy_u64_read(cy_span_text(joint), &group)) || group == 0 || group > UINT32_MAX)
            return cy_desk_at(fault, csv->lines[row], (uint32_t)at[JOINT] + 1,
                              "'%.40s' is no number of a joint group", joint);
        owned.holding.joint = (uint32_t)group;
    }
    if (owned.holding.interest != CY_INTEREST_CONTROL) {
        const bool exact = *cy_row_text(csv, row, at[SHARE]) != 0;
        const size_t least = exact ? at[SHARE] : at[SHARE_MIN];
        const size_t most = exact ? at[SHARE] : at[SHARE_MAX];

        if (least == SIZE_MAX || most == SIZE_MAX)
            return cy_desk_at(fault, csv->lines[row], 0,
                              "the holding has no share, and no share_min and share_max");
        CY_TRY(read_share(csv, row, least, &owned.holding.share, fault));
        CY_TRY(read_share(csv, row, most, &owned.share_most, fault));
    }
    return cy_ownership_add(o, &owned);
}

cy_err cy_ownership_csv(const struct cy_csv *csv, struct cy_ownership *o,
                        struct cy_desk_fault *fault)
{
    size_t at[HOLDING_COLUMNS];

    CY_TRY(cy_columns_known(csv, holding_names, HOLDING_COLUMNS, 2, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++)
        CY_TRY(read_holding(csv, row, at, o, fault));
    return CY_OK;
}

cy_err cy_parties_csv(const struct cy_csv *csv, struct cy_ownership *o, struct cy_desk_fault *fault)
{
    static const char *const kinds[] = {"", "person", "company", "state"};
    size_t at[PARTY_COLUMNS];

    CY_TRY(cy_columns_known(csv, party_names, PARTY_COLUMNS, 1, at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *name = cy_row_text(csv, row, at[NAME]);
        const char *kind = cy_row_text(csv, row, at[KIND]);
        const char *country = cy_row_text(csv, row, at[COUNTRY]);
        const char *isic = cy_row_text(csv, row, at[ISIC]);
        struct cy_party *party = NULL;
        uint32_t id = 0;
        unsigned k = 0;

        CY_TRY(read_party(csv, row, at[ID], o, &id, fault));
        if (*name != 0)
            CY_TRY(cy_ownership_name(o, id, cy_span_text(name)));
        party = &o->parties[id];
        while (k < CY_COUNT(kinds) && strcmp(kinds[k], kind) != 0)
            k++;
        if (k == CY_COUNT(kinds))
            return cy_desk_at(fault, csv->lines[row], (uint32_t)at[KIND] + 1,
                              "'%.40s' is no kind: person, company or state", kind);
        party->kind = (enum cy_party_kind)k;
        party->country = cy_chunks_text(&o->chunks, country, strlen(country));
        if (party->country == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        CY_TRY(cy_row_date(csv, row, at[FOUNDED], &party->founded, fault));
        if (*isic != 0 && !cy_isic_code(isic))
            return cy_desk_at(fault, csv->lines[row], (uint32_t)at[ISIC] + 1,
                              "'%.20s' is no ISIC code: a section A to U, or 2 to 4 digits", isic);
        party->isic = cy_chunks_text(&o->chunks, isic, strlen(isic));
        if (party->isic == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    return CY_OK;
}

#include "models/clear/clear_table.h"

#include "base/text.h"

#include <stdlib.h>

enum { DIGITS_MAX = CY_CLEAR_DIGITS_MAX, WHERE_MAX = 8 };

#define FILE_MAX_BYTES ((size_t)512 << 20)
#define ROWS_MAX 20000000u

struct columns {
    size_t debtor;
    size_t creditor;
    size_t amount;
    size_t currency; /* SIZE_MAX: none */
    size_t where[WHERE_MAX];
    const char *value[WHERE_MAX];
    size_t n_where;
};

static cy_err find_column(struct cy_desk *desk, const struct cy_csv *csv, const char *option,
                          bool must, size_t *out)
{
    const char *name = cy_desk_option(desk, option);

    *out = cy_csv_column(csv, name == NULL ? option : name);
    if (*out != SIZE_MAX || (!must && name == NULL))
        return CY_OK;
    return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                        "the table has no column '%.60s'; name the one that holds it with --%s",
                        name == NULL ? option : name, option);
}

static cy_err find_columns(struct cy_desk *desk, const struct cy_csv *csv, struct columns *out)
{
    size_t at = 0;
    const char *where = NULL;

    out->n_where = 0;
    CY_TRY(find_column(desk, csv, "debtor", true, &out->debtor));
    CY_TRY(find_column(desk, csv, "creditor", true, &out->creditor));
    CY_TRY(find_column(desk, csv, "amount", true, &out->amount));
    CY_TRY(find_column(desk, csv, "currency", false, &out->currency));
    while ((where = cy_desk_next(desk, "where", &at)) != NULL) {
        const char *equal = strchr(where, '=');
        char name[128];

        if (equal == NULL || (size_t)(equal - where) >= sizeof name || out->n_where == WHERE_MAX)
            return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                                "--where is COLUMN=VALUE, at most 8 times");
        (void)snprintf(name, sizeof name, "%.*s", (int)(equal - where), where);
        out->where[out->n_where] = cy_csv_column(csv, name);
        out->value[out->n_where] = equal + 1;
        if (out->where[out->n_where++] == SIZE_MAX)
            return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                                "the table has no column '%.60s'", name);
    }
    return CY_OK;
}

static bool taken(const struct cy_csv *csv, const struct columns *columns, size_t row)
{
    for (size_t i = 0; i < columns->n_where; i++) {
        if (strcmp(cy_csv_cell(csv, row, columns->where[i]), columns->value[i]) != 0)
            return false;
    }
    return true;
}

static cy_err read_rows(struct cy_desk *desk, const char *path, const struct cy_csv *csv,
                        const struct columns *columns, struct cy_clear_table *out)
{
    for (size_t i = 0; i < csv->n_rows; i++) {
        struct cy_clear_row *row = &out->rows[out->n_rows];
        struct cy_clear_decimal amount;

        if (!taken(csv, columns, i))
            continue;
        row->debtor = cy_csv_cell(csv, i, columns->debtor);
        row->creditor = cy_csv_cell(csv, i, columns->creditor);
        row->currency = columns->currency == SIZE_MAX ? "" : cy_csv_cell(csv, i, columns->currency);
        row->line = csv->lines[i];
        if (row->debtor[0] == 0 || row->creditor[0] == 0)
            return cy_clear_refuse(desk, path, row->line, "a party has no name");
        if (strcmp(row->debtor, row->creditor) == 0)
            return cy_clear_refuse(desk, path, row->line, "a party owes itself");
        if (!cy_clear_decimal_read(cy_csv_cell(csv, i, columns->amount), &amount))
            return cy_clear_refuse(
                desk, path, row->line,
                "the amount is not a decimal of 0 or more with at most nine digits behind "
                "the point, or is too large");
        row->amount = amount.mantissa;
        row->digits = amount.digits;
        row->barred = cy_clear_barred(&out->terms, row->debtor, row->creditor);
        if (row->digits > out->digits)
            out->digits = row->digits;
        out->n_rows++;
    }
    return out->n_rows > 0 ? CY_OK : cy_clear_refuse(desk, path, 0, "no row holds an obligation");
}

/* --- order --- */

static int by_order(const void *a, const void *b)
{
    const struct cy_clear_row *x = a;
    const struct cy_clear_row *y = b;
    int order = strcmp(x->currency, y->currency);

    if (order == 0)
        order = strcmp(x->debtor, y->debtor);
    if (order == 0)
        order = strcmp(x->creditor, y->creditor);
    if (order != 0)
        return order;
    if (x->amount != y->amount)
        return x->amount < y->amount ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

uint32_t cy_clear_party_at(const struct cy_clear_part *part, const char *name)
{
    const char **found = bsearch(&name, part->parties, part->n_parties, sizeof name, by_text);

    CY_ASSERT(found != NULL);
    return (uint32_t)(found - part->parties);
}

/* An amount in the smallest unit of all; false when it is too large. */
static bool widen(uint64_t *amount, uint32_t from, uint32_t to)
{
    for (; from < to; from++) {
        if (*amount >= CY_CLEAR_AMOUNT_MAX / 10)
            return false;
        *amount *= 10;
    }
    return true;
}

static cy_err scale(struct cy_desk *desk, const char *path, struct cy_clear_table *table)
{
    struct cy_clear_terms *terms = &table->terms;

    for (size_t i = 0; i < terms->n_funds; i++) {
        if (terms->funds[i].amount.digits > table->digits)
            table->digits = terms->funds[i].amount.digits;
    }
    for (uint32_t i = 0; i < table->n_rows; i++) {
        struct cy_clear_row *row = &table->rows[i];

        if (!widen(&row->amount, row->digits, table->digits))
            return cy_clear_refuse(desk, path, row->line, "the amount is too large");
    }
    for (size_t i = 0; i < terms->n_funds; i++) {
        struct cy_clear_fund *fund = &terms->funds[i];

        if (!widen(&fund->amount.mantissa, fund->amount.digits, table->digits))
            return cy_clear_refuse(desk, terms->funds_path, fund->line, "the amount is too large");
    }
    return CY_OK;
}

/* --- values --- */

static cy_u128 power_of_ten(uint32_t digits)
{
    cy_u128 out = 1;

    for (uint32_t i = 0; i < digits; i++)
        out *= 10;
    return out;
}

/* What an amount is worth in the base's smallest unit; the same amount without rates. False when no
 * rate was agreed, or it is worth too much. */
static bool value_of(const struct cy_clear_terms *terms, const char *currency, uint64_t amount,
                     uint64_t *out)
{
    const struct cy_clear_decimal *rate = NULL;
    cy_u128 value = 0;

    *out = amount;
    if (terms->base == NULL)
        return true;
    rate = cy_clear_rate_of(terms, currency);
    if (rate == NULL)
        return false;
    value = (cy_u128)amount * rate->mantissa / power_of_ten(rate->digits);
    *out = (uint64_t)value;
    return value <= CY_CLEAR_AMOUNT_MAX;
}

uint64_t cy_clear_own(const struct cy_clear_table *table, const struct cy_clear_part *part,
                      uint32_t i)
{
    const struct cy_clear_row *row = &table->rows[part->first + i];
    const struct cy_flow_arc *arc = &part->arcs[i];
    const struct cy_clear_decimal *rate = NULL;
    cy_u128 own = arc->cleared;

    if (table->terms.base == NULL)
        return arc->cleared;
    if (arc->cleared == arc->amount)
        return row->barred ? 0 : row->amount;
    rate = cy_clear_rate_of(&table->terms, row->currency);
    CY_ASSERT(rate != NULL); /* the value was told by it */
    own = own * power_of_ten(rate->digits) / rate->mantissa;
    return own < row->amount ? (uint64_t)own : row->amount;
}

/* --- parts --- */

static bool funds_of(const struct cy_clear_table *table, const struct cy_clear_part *part,
                     const struct cy_clear_fund *fund)
{
    return table->terms.base != NULL || strcmp(fund->currency, part->currency) == 0;
}

static cy_err name_parties(struct cy_desk *desk, const struct cy_clear_table *table,
                           struct cy_clear_part *part, uint32_t n_funds)
{
    const uint32_t most = 2 * part->n + n_funds + 1;
    uint32_t all = 0;
    uint32_t n = 0;

    part->parties = cy_desk_take(desk, most * sizeof *part->parties);
    if (part->parties == NULL)
        return desk->failed;
    if (n_funds > 0)
        part->parties[all++] = "";
    for (uint32_t i = 0; i < part->n; i++) {
        part->parties[all++] = table->rows[part->first + i].debtor;
        part->parties[all++] = table->rows[part->first + i].creditor;
    }
    for (size_t i = 0; i < table->terms.n_funds; i++) {
        if (funds_of(table, part, &table->terms.funds[i]))
            part->parties[all++] = table->terms.funds[i].party;
    }
    qsort(part->parties, all, sizeof *part->parties, by_text);
    for (uint32_t i = 0; i < all; i++) {
        if (n == 0 || strcmp(part->parties[n - 1], part->parties[i]) != 0)
            part->parties[n++] = part->parties[i];
    }
    part->n_parties = n;
    return CY_OK;
}

/* What each may pay in, and be paid out. */
static cy_err add_funds(struct cy_desk *desk, const struct cy_clear_table *table,
                        struct cy_clear_part *part, cy_u128 *sum)
{
    const struct cy_clear_terms *terms = &table->terms;
    struct cy_flow_arc *in = &part->arcs[part->n];
    cy_u128 all = 0;

    for (uint32_t p = 1; p < part->n_parties; p++)
        in[p - 1] = (struct cy_flow_arc){0, p, 0, 0, CY_CLEAR_WEIGHT_IN};
    for (size_t i = 0; i < terms->n_funds; i++) {
        const struct cy_clear_fund *fund = &terms->funds[i];
        uint64_t value = 0;

        if (!funds_of(table, part, fund) || cy_clear_barred(terms, fund->party, ""))
            continue;
        if (!value_of(terms, fund->currency, fund->amount.mantissa, &value))
            return cy_clear_refuse(desk, terms->funds_path, fund->line,
                                   "no rate was agreed for its currency, or it is too large");
        all += value;
        in[cy_clear_party_at(part, fund->party) - 1].amount += value;
        if (all > CY_CLEAR_AMOUNT_MAX)
            return cy_clear_refuse(desk, terms->funds_path, fund->line, "the funds are too large");
    }
    for (uint32_t p = 1; p < part->n_parties; p++)
        in[part->n_parties - 2 + p] = (struct cy_flow_arc){
            p, 0, cy_clear_barred(terms, part->parties[p], "") ? 0 : (uint64_t)all, 0,
            CY_CLEAR_WEIGHT_OUT};
    part->n_arcs += 2 * (part->n_parties - 1);
    *sum += all * part->n_parties;
    return CY_OK;
}

static cy_err fill_part(struct cy_desk *desk, const char *path, struct cy_clear_table *table,
                        struct cy_clear_part *part)
{
    uint32_t n_funds = 0;
    cy_u128 sum = 0;

    for (size_t i = 0; i < table->terms.n_funds; i++)
        n_funds += funds_of(table, part, &table->terms.funds[i]);
    CY_TRY(name_parties(desk, table, part, n_funds));
    part->n_arcs = part->n;
    part->potentials = cy_desk_take(desk, part->n_parties * sizeof *part->potentials);
    part->arcs =
        cy_desk_take(desk, ((size_t)part->n + 2 * (size_t)part->n_parties) * sizeof *part->arcs);
    if (part->potentials == NULL || part->arcs == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < part->n; i++) {
        struct cy_clear_row *row = &table->rows[part->first + i];

        if (!value_of(&table->terms, row->currency, row->amount, &row->value))
            return cy_clear_refuse(desk, path, row->line,
                                   "no rate was agreed for its currency, or it is worth too much");
        part->arcs[i] = (struct cy_flow_arc){
            cy_clear_party_at(part, row->debtor), cy_clear_party_at(part, row->creditor),
            row->barred ? 0 : row->value, 0, n_funds > 0 ? CY_CLEAR_WEIGHT : 1};
        sum += row->value;
    }
    if (n_funds > 0)
        CY_TRY(add_funds(desk, table, part, &sum));
    if (sum > (cy_u128)INT64_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_OVERFLOW, 0),
                            "the obligations in '%.20s' sum to more than 2^63 of the smallest unit",
                            part->currency);
    return CY_OK;
}

static cy_err part_up(struct cy_desk *desk, const char *path, struct cy_clear_table *table)
{
    const char *base = table->terms.base;

    table->parts = cy_desk_take(desk, (size_t)table->n_rows * sizeof *table->parts);
    if (table->parts == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < table->n_rows; i++) {
        struct cy_clear_part *last = table->n_parts == 0 ? NULL : &table->parts[table->n_parts - 1];
        const char *currency = base != NULL ? base : table->rows[i].currency;

        if (last != NULL && strcmp(last->currency, currency) == 0) {
            last->n++;
            continue;
        }
        table->parts[table->n_parts++] =
            (struct cy_clear_part){.currency = currency, .first = i, .n = 1};
    }
    for (uint32_t p = 0; p < table->n_parts; p++)
        CY_TRY(fill_part(desk, path, table, &table->parts[p]));
    return CY_OK;
}

cy_err cy_clear_read(struct cy_desk *desk, const char *path, struct cy_clear_table *out)
{
    struct columns columns;
    struct cy_csv csv;

    *out = (struct cy_clear_table){0};
    CY_TRY(cy_clear_terms_read(desk, &out->terms));
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(find_columns(desk, &csv, &columns));
    if (csv.n_rows > ROWS_MAX)
        return cy_clear_refuse(desk, path, 0, "more than 20,000,000 rows");
    out->rows = cy_desk_take(desk, (csv.n_rows + 1) * sizeof *out->rows);
    if (out->rows == NULL)
        return desk->failed;
    CY_TRY(read_rows(desk, path, &csv, &columns, out));
    CY_TRY(scale(desk, path, out));
    qsort(out->rows, out->n_rows, sizeof *out->rows, by_order);
    return part_up(desk, path, out);
}

void cy_clear_amount(const struct cy_clear_table *table, cy_u128 v, char *out)
{
    char digits[CY_U128_TEXT + DIGITS_MAX];
    size_t n = 0;

    cy_u128_text(v, digits);
    n = strlen(digits);
    if (table->digits == 0) {
        memcpy(out, digits, n + 1);
        return;
    }
    if (n <= table->digits) { /* a digit before the point */
        memmove(digits + (table->digits + 1 - n), digits, n + 1);
        memset(digits, '0', table->digits + 1 - n);
        n = table->digits + 1;
    }
    memcpy(out, digits, n - table->digits);
    out[n - table->digits] = '.';
    memcpy(out + n - table->digits + 1, digits + n - table->digits, table->digits + 1);
}

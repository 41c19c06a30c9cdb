#include "models/clear/clear_table.h"

#include "base/text.h"

#include <stdlib.h>

enum { DIGITS_MAX = 9, WHERE_MAX = 8 };

#define FILE_MAX_BYTES ((size_t)512 << 20)
#define AMOUNT_MAX ((uint64_t)1 << 60)
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

static cy_err refuse(struct cy_desk *desk, const char *path, uint32_t line, const char *why)
{
    struct cy_desk_fault fault;

    (void)cy_desk_at(&fault, line, 0, "%s", why);
    return cy_desk_refuse(desk, path, &fault);
}

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

/* A decimal of 0 or more with at most nine digits behind the point. */
static bool read_amount(const char *text, struct cy_clear_row *row)
{
    bool point = false;
    bool any = false;

    row->mantissa = 0;
    row->digits = 0;
    for (; *text != 0; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9' || row->mantissa >= AMOUNT_MAX / 10 ||
            row->digits == DIGITS_MAX)
            return false;
        row->mantissa = 10 * row->mantissa + (uint64_t)(*text - '0');
        row->digits += point ? 1 : 0;
        any = true;
    }
    return any;
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

        if (!taken(csv, columns, i))
            continue;
        row->debtor = cy_csv_cell(csv, i, columns->debtor);
        row->creditor = cy_csv_cell(csv, i, columns->creditor);
        row->currency = columns->currency == SIZE_MAX ? "" : cy_csv_cell(csv, i, columns->currency);
        row->line = csv->lines[i];
        if (row->debtor[0] == 0 || row->creditor[0] == 0)
            return refuse(desk, path, row->line, "a party has no name");
        if (strcmp(row->debtor, row->creditor) == 0)
            return refuse(desk, path, row->line, "a party owes itself");
        if (!read_amount(cy_csv_cell(csv, i, columns->amount), row))
            return refuse(
                desk, path, row->line,
                "the amount is not a decimal of 0 or more with at most nine digits behind "
                "the point, or is too large");
        if (row->digits > out->digits)
            out->digits = row->digits;
        out->n_rows++;
    }
    return out->n_rows > 0 ? CY_OK : refuse(desk, path, 0, "no row holds an obligation");
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
    if (x->mantissa != y->mantissa)
        return x->mantissa < y->mantissa ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t party_at(const struct cy_clear_part *part, const char *name)
{
    const char **found = bsearch(&name, part->parties, part->n_parties, sizeof name, by_text);

    CY_ASSERT(found != NULL);
    return (uint32_t)(found - part->parties);
}

/* Brings all amounts to the same decimals. False when one is too large. */
static cy_err scale(struct cy_desk *desk, const char *path, struct cy_clear_table *table)
{
    for (uint32_t i = 0; i < table->n_rows; i++) {
        struct cy_clear_row *row = &table->rows[i];

        for (; row->digits < table->digits; row->digits++) {
            if (row->mantissa >= AMOUNT_MAX / 10)
                return refuse(desk, path, row->line, "the amount is too large");
            row->mantissa *= 10;
        }
    }
    return CY_OK;
}

static cy_err fill_part(struct cy_desk *desk, struct cy_clear_table *table,
                        struct cy_clear_part *part)
{
    uint32_t n = 0;
    cy_u128 sum = 0;

    part->parties = cy_desk_take(desk, 2 * (size_t)part->n * sizeof *part->parties);
    part->arcs = cy_desk_take(desk, (size_t)part->n * sizeof *part->arcs);
    if (part->parties == NULL || part->arcs == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < part->n; i++) {
        part->parties[2 * i] = table->rows[part->first + i].debtor;
        part->parties[2 * i + 1] = table->rows[part->first + i].creditor;
    }
    qsort(part->parties, 2 * (size_t)part->n, sizeof *part->parties, by_text);
    for (uint32_t i = 0; i < 2 * part->n; i++) {
        if (n == 0 || strcmp(part->parties[n - 1], part->parties[i]) != 0)
            part->parties[n++] = part->parties[i];
    }
    part->n_parties = n;
    part->potentials = cy_desk_take(desk, n * sizeof *part->potentials);
    if (part->potentials == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < part->n; i++) {
        const struct cy_clear_row *row = &table->rows[part->first + i];

        part->arcs[i] = (struct cy_flow_arc){party_at(part, row->debtor),
                                             party_at(part, row->creditor), row->mantissa, 0, 1};
        sum += row->mantissa;
    }
    if (sum > (cy_u128)INT64_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_OVERFLOW, 0),
                            "the obligations in '%.20s' sum to more than 2^63 of the smallest unit",
                            part->currency);
    return CY_OK;
}

static cy_err part_up(struct cy_desk *desk, struct cy_clear_table *table)
{
    table->parts = cy_desk_take(desk, (size_t)table->n_rows * sizeof *table->parts);
    if (table->parts == NULL)
        return desk->failed;
    for (uint32_t i = 0; i < table->n_rows; i++) {
        struct cy_clear_part *last = table->n_parts == 0 ? NULL : &table->parts[table->n_parts - 1];

        if (last != NULL && strcmp(last->currency, table->rows[i].currency) == 0) {
            last->n++;
            continue;
        }
        table->parts[table->n_parts++] =
            (struct cy_clear_part){.currency = table->rows[i].currency, .first = i, .n = 1};
    }
    for (uint32_t p = 0; p < table->n_parts; p++)
        CY_TRY(fill_part(desk, table, &table->parts[p]));
    return CY_OK;
}

cy_err cy_clear_read(struct cy_desk *desk, const char *path, struct cy_clear_table *out)
{
    struct columns columns;
    struct cy_csv csv;

    *out = (struct cy_clear_table){0};
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(find_columns(desk, &csv, &columns));
    if (csv.n_rows > ROWS_MAX)
        return refuse(desk, path, 0, "more than 20,000,000 rows");
    out->rows = cy_desk_take(desk, (csv.n_rows + 1) * sizeof *out->rows);
    if (out->rows == NULL)
        return desk->failed;
    CY_TRY(read_rows(desk, path, &csv, &columns, out));
    CY_TRY(scale(desk, path, out));
    qsort(out->rows, out->n_rows, sizeof *out->rows, by_order);
    return part_up(desk, out);
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

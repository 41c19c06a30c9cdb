#include "models/clear/clear_terms.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)64 << 20)

cy_err cy_clear_refuse(struct cy_desk *desk, const char *path, uint32_t line, const char *why)
{
    struct cy_desk_fault fault;

    (void)cy_desk_at(&fault, line, 0, "%s", why);
    return cy_desk_refuse(desk, path, &fault);
}

bool cy_clear_decimal_read(const char *text, struct cy_clear_decimal *out)
{
    bool point = false;
    bool any = false;

    *out = (struct cy_clear_decimal){0};
    for (; *text != 0; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9' || out->mantissa >= CY_CLEAR_AMOUNT_MAX / 10 ||
            out->digits == CY_CLEAR_DIGITS_MAX)
            return false;
        out->mantissa = 10 * out->mantissa + (uint64_t)(*text - '0');
        out->digits += point ? 1 : 0;
        any = true;
    }
    return any;
}

static cy_err column(struct cy_desk *desk, const char *path, const struct cy_csv *csv,
                     const char *name, size_t *out)
{
    char why[128];

    *out = cy_csv_column(csv, name);
    if (*out != SIZE_MAX)
        return CY_OK;
    (void)snprintf(why, sizeof why, "the table has no column '%s'", name);
    return cy_clear_refuse(desk, path, 1, why);
}

/* --- barred --- */

static int by_bar(const void *a, const void *b)
{
    const struct cy_clear_bar *x = a;
    const struct cy_clear_bar *y = b;
    const int order = strcmp(x->party, y->party);

    return order != 0 ? order : strcmp(x->with, y->with);
}

static cy_err bars_of_table(struct cy_desk *desk, const char *path, struct cy_desk_text text,
                            struct cy_clear_terms *out)
{
    struct cy_desk_fault fault;
    struct cy_csv csv;
    size_t party = 0;
    size_t with = 0;

    if (!cy_ok(cy_desk_csv_text(desk, text, &csv, &fault)))
        return cy_desk_refuse(desk, path, &fault);
    CY_TRY(column(desk, path, &csv, "party", &party));
    with = cy_csv_column(&csv, "with");
    out->bars = cy_desk_take(desk, (csv.n_rows + 1) * sizeof *out->bars);
    if (out->bars == NULL)
        return desk->failed;
    for (size_t i = 0; i < csv.n_rows; i++) {
        struct cy_clear_bar *bar = &out->bars[out->n_bars++];

        bar->party = cy_csv_cell(&csv, i, party);
        bar->with = with == SIZE_MAX ? "" : cy_csv_cell(&csv, i, with);
        if (bar->party[0] == 0)
            return cy_clear_refuse(desk, path, csv.lines[i], "a party has no name");
    }
    return CY_OK;
}

/* A text that lives as long as the desk. */
static const char *keep(struct cy_desk *desk, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *out = cy_desk_take(desk, n);

    if (out != NULL)
        memcpy(out, text, n);
    return out;
}

/* Whoever stands on a list as the ledger gives it out, under each of its names. */
static cy_err bars_of_list(struct cy_desk *desk, const char *path, struct cy_desk_text text,
                           struct cy_clear_terms *out)
{
    static const char *const names[] = {"label", "value", "subject"};
    json_error_t error;
    json_t *list = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &error);
    const json_t *items = json_object_get(list, "items");
    const size_t n = json_array_size(items);
    cy_err e = CY_OK;

    if (!json_is_array(items)) {
        json_decref(list);
        return cy_clear_refuse(desk, path, list == NULL ? (uint32_t)error.line : 0,
                               "this is neither a table nor what `comity sanction show LIST "
                               "--json` prints");
    }
    out->bars = cy_desk_take(desk, (n * CY_COUNT(names) + 1) * sizeof *out->bars);
    for (size_t i = 0; i < n && cy_ok(desk->failed); i++) {
        const json_t *item = json_array_get(items, i);

        if (json_is_true(json_object_get(item, "eased")) ||
            json_is_true(json_object_get(item, "protect")))
            continue;
        for (size_t k = 0; k < CY_COUNT(names); k++) {
            const char *name = json_string_value(json_object_get(item, names[k]));

            if (name != NULL && name[0] != 0)
                out->bars[out->n_bars++] = (struct cy_clear_bar){keep(desk, name), ""};
        }
    }
    e = desk->failed;
    json_decref(list);
    return e;
}

static cy_err read_bars(struct cy_desk *desk, struct cy_clear_terms *out)
{
    const char *path = cy_desk_option(desk, "barred");
    struct cy_desk_text text;

    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_read(desk, path, FILE_MAX_BYTES, &text));
    CY_TRY(text.at[strspn(text.at, " \t\r\n")] == '{' ? bars_of_list(desk, path, text, out)
                                                      : bars_of_table(desk, path, text, out));
    qsort(out->bars, out->n_bars, sizeof *out->bars, by_bar);
    return CY_OK;
}

static bool stands(const struct cy_clear_terms *terms, const char *party, const char *with)
{
    const struct cy_clear_bar bar = {party, with};

    return bsearch(&bar, terms->bars, terms->n_bars, sizeof bar, by_bar) != NULL;
}

bool cy_clear_barred(const struct cy_clear_terms *terms, const char *a, const char *b)
{
    return terms->n_bars > 0 && (stands(terms, a, "") || stands(terms, b, "") ||
                                 stands(terms, a, b) || stands(terms, b, a));
}

/* --- rates --- */

static int by_currency(const void *a, const void *b)
{
    return strcmp(((const struct cy_clear_rate *)a)->currency,
                  ((const struct cy_clear_rate *)b)->currency);
}

const struct cy_clear_decimal *cy_clear_rate_of(const struct cy_clear_terms *terms,
                                                const char *currency)
{
    const struct cy_clear_rate key = {.currency = currency};
    const struct cy_clear_rate *found =
        terms->n_rates == 0 ? NULL
                            : bsearch(&key, terms->rates, terms->n_rates, sizeof key, by_currency);

    return found == NULL ? NULL : &found->rate;
}

static bool is_one(const struct cy_clear_decimal *d)
{
    uint64_t one = 1;

    for (uint32_t i = 0; i < d->digits; i++)
        one *= 10;
    return d->mantissa == one;
}

static cy_err read_rates(struct cy_desk *desk, struct cy_clear_terms *out)
{
    const char *path = cy_desk_option(desk, "rates");
    const struct cy_clear_decimal *base = NULL;
    struct cy_csv csv;
    size_t currency = 0;
    size_t rate = 0;

    out->base = cy_desk_option(desk, "base");
    if ((path == NULL) != (out->base == NULL))
        return cy_desk_note(desk, cy_fail(CY_E_USAGE, 0),
                            "--rates FILE and --base CURRENCY go together");
    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(column(desk, path, &csv, "currency", &currency));
    CY_TRY(column(desk, path, &csv, "rate", &rate));
    out->rates = cy_desk_take(desk, (csv.n_rows + 1) * sizeof *out->rates);
    if (out->rates == NULL)
        return desk->failed;
    for (size_t i = 0; i < csv.n_rows; i++) {
        struct cy_clear_rate *r = &out->rates[out->n_rates++];

        r->currency = cy_csv_cell(&csv, i, currency);
        if (!cy_clear_decimal_read(cy_csv_cell(&csv, i, rate), &r->rate) || r->rate.mantissa == 0)
            return cy_clear_refuse(desk, path, csv.lines[i],
                                   "a rate is a decimal above 0 with at most nine digits behind "
                                   "the point");
    }
    qsort(out->rates, out->n_rates, sizeof *out->rates, by_currency);
    for (size_t i = 1; i < out->n_rates; i++) {
        if (by_currency(&out->rates[i - 1], &out->rates[i]) == 0)
            return cy_clear_refuse(desk, path, 0, "a currency has two rates");
    }
    base = cy_clear_rate_of(out, out->base);
    return base != NULL && is_one(base)
               ? CY_OK
               : cy_clear_refuse(desk, path, 0, "the base has no rate of 1 in it");
}

/* --- funds --- */

static cy_err read_funds(struct cy_desk *desk, struct cy_clear_terms *out)
{
    const char *path = cy_desk_option(desk, "funds");
    struct cy_csv csv;
    size_t party = 0;
    size_t amount = 0;
    size_t currency = 0;

    if (path == NULL)
        return CY_OK;
    out->funds_path = path;
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(column(desk, path, &csv, "party", &party));
    CY_TRY(column(desk, path, &csv, "amount", &amount));
    currency = cy_csv_column(&csv, "currency");
    out->funds = cy_desk_take(desk, (csv.n_rows + 1) * sizeof *out->funds);
    if (out->funds == NULL)
        return desk->failed;
    for (size_t i = 0; i < csv.n_rows; i++) {
        struct cy_clear_fund *fund = &out->funds[out->n_funds++];

        fund->party = cy_csv_cell(&csv, i, party);
        fund->currency = currency == SIZE_MAX ? "" : cy_csv_cell(&csv, i, currency);
        fund->line = csv.lines[i];
        if (fund->party[0] == 0)
            return cy_clear_refuse(desk, path, fund->line, "a party has no name");
        if (!cy_clear_decimal_read(cy_csv_cell(&csv, i, amount), &fund->amount))
            return cy_clear_refuse(desk, path, fund->line,
                                   "the amount is not a decimal of 0 or more with at most nine "
                                   "digits behind the point, or is too large");
    }
    return CY_OK;
}

cy_err cy_clear_terms_read(struct cy_desk *desk, struct cy_clear_terms *out)
{
    *out = (struct cy_clear_terms){0};
    CY_TRY(read_bars(desk, out));
    CY_TRY(read_rates(desk, out));
    return read_funds(desk, out);
}

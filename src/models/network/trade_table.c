#include "models/network/trade_table.h"

#include "base/num.h"

#define UNIT UINT64_C(1000000)
#define DECIMALS 6u
#define AMOUNT_MAX                                                                                 \
    (UINT64_C(1) << 52) /* of all flows together: a sum of shares stays in 64 bits                 \
                         */

bool cy_trade_amount_read(const char *text, uint64_t *out)
{
    const char *point = strchr(text, '.');
    const size_t whole = point == NULL ? strlen(text) : (size_t)(point - text);
    uint64_t amount = 0;
    uint64_t scale = UNIT;

    if (!cy_ok(cy_u64_read(cy_span_of(text, whole), &amount)) || amount > AMOUNT_MAX / UNIT)
        return false;
    amount *= UNIT;
    if (point != NULL && (point[1] == 0 || strlen(point + 1) > DECIMALS))
        return false;
    for (const char *digit = point == NULL ? "" : point + 1; *digit != 0; digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        scale /= 10;
        amount += scale * (uint64_t)(*digit - '0');
    }
    *out = amount;
    return amount <= AMOUNT_MAX;
}

const char *cy_trade_amount_text(uint64_t amount, char out[static 32])
{
    int n = snprintf(out, 32, "%llu.%06llu", (unsigned long long)(amount / UNIT),
                     (unsigned long long)(amount % UNIT));

    while (n > 0 && out[n - 1] == '0')
        out[--n] = 0;
    if (n > 0 && out[n - 1] == '.')
        out[n - 1] = 0;
    return out;
}

struct columns {
    size_t from;
    size_t to;
    size_t value;
    size_t year;
};

static cy_err find_columns(const struct cy_csv *csv, const struct cy_trade_cut *cut,
                           struct columns *out, struct cy_desk_fault *fault)
{
    *out = (struct columns){cy_csv_column(csv, "exporter"), cy_csv_column(csv, "importer"),
                            cy_csv_column(csv, cut->value), cy_csv_column(csv, "year")};
    if (out->from == SIZE_MAX || out->to == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "the heading needs the columns exporter and importer");
    if (out->value == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "there is no column '%.40s'; --value names it", cut->value);
    if (out->year == SIZE_MAX && cut->year != NULL)
        return cy_desk_at(fault, 1, 0, "there is no column 'year'");
    if (out->year != SIZE_MAX && cut->year == NULL)
        return cy_desk_at(fault, 1, 0, "the table has several years; --year says which");
    return CY_OK;
}

static bool left_out(const struct cy_trade_cut *cut, const char *name)
{
    for (const char *const *one = cut->without; one != NULL && *one != NULL; one++) {
        if (strcmp(*one, name) == 0)
            return true;
    }
    return false;
}

cy_err cy_trade_names(struct cy_desk *desk, const struct cy_csv *csv,
                      const struct cy_trade_cut *cut, struct cy_graph_names *out,
                      struct cy_desk_fault *fault)
{
    struct columns at;

    CY_TRY(find_columns(csv, cut, &at, fault));
    CY_TRY(cy_graph_names_on(desk, CY_TRADE_PARTIES_MAX, out));
    for (size_t row = 0; row < csv->n_rows; row++) {
        const char *const both[] = {cy_csv_cell(csv, row, at.from), cy_csv_cell(csv, row, at.to)};

        for (size_t k = 0; k < 2; k++) {
            if (*both[k] == 0)
                return cy_desk_at(fault, csv->lines[row], 0, "a party has no name");
            if (!left_out(cut, both[k]) && cy_graph_name(out, both[k]) == UINT32_MAX)
                return cy_desk_at(fault, csv->lines[row], 0, "more than %u parties",
                                  CY_TRADE_PARTIES_MAX);
        }
    }
    return CY_OK;
}

static cy_err read_flow(const struct cy_csv *csv, size_t row, const struct columns *at,
                        const struct cy_graph_names *names, struct cy_trade *out, bool *seen,
                        struct cy_desk_fault *fault)
{
    const char *value = cy_csv_cell(csv, row, at->value);
    const size_t from = cy_graph_name_find(names, cy_csv_cell(csv, row, at->from));
    const size_t to = cy_graph_name_find(names, cy_csv_cell(csv, row, at->to));
    uint64_t amount = 0;

    if (!cy_trade_amount_read(value, &amount))
        return cy_desk_at(fault, csv->lines[row], 0,
                          "the value '%.30s' must be a number with at most %u decimals", value,
                          DECIMALS);
    if (from == UINT32_MAX || to == UINT32_MAX)
        return CY_OK; /* of a party that is left out */
    if (from == to)
        return cy_desk_at(fault, csv->lines[row], 0, "'%.60s' trades with itself",
                          names->names[from]);
    if (seen[from * out->n + to])
        return cy_desk_at(fault, csv->lines[row], 0, "the flow from %.40s to %.40s stands twice",
                          names->names[from], names->names[to]);
    seen[from * out->n + to] = true;
    if (!cy_ok(cy_trade_add(out, from, to, (int64_t)amount)))
        return cy_desk_at(fault, csv->lines[row], 0, "the flows sum to too much");
    return CY_OK;
}

cy_err cy_trade_read(struct cy_desk *desk, const struct cy_csv *csv, const struct cy_trade_cut *cut,
                     const struct cy_graph_names *names, struct cy_trade *out,
                     struct cy_desk_fault *fault)
{
    const size_t n = names->n;
    bool *seen = cy_desk_take(desk, n * n + 1);
    struct columns at;
    size_t rows = 0;

    *out = (struct cy_trade){.names = names->names, .n = n};
    out->flow = cy_desk_take(desk, (n * n + 1) * sizeof *out->flow);
    out->sold = cy_desk_take(desk, (n + 1) * sizeof *out->sold);
    out->bought = cy_desk_take(desk, (n + 1) * sizeof *out->bought);
    if (!cy_ok(desk->failed))
        return desk->failed;
    CY_TRY(find_columns(csv, cut, &at, fault));
    for (size_t row = 0; row < csv->n_rows; row++) {
        if (at.year != SIZE_MAX && strcmp(cy_csv_cell(csv, row, at.year), cut->year) != 0)
            continue;
        rows++;
        CY_TRY(read_flow(csv, row, &at, names, out, seen, fault));
    }
    return rows > 0 ? CY_OK
                    : cy_desk_at(fault, 0, 0, "there is no flow%s%.20s",
                                 cut->year == NULL ? "" : " of year ",
                                 cut->year == NULL ? "" : cut->year);
}

cy_err cy_trade_add(struct cy_trade *t, size_t from, size_t to, int64_t amount)
{
    uint64_t *flow = &t->flow[from * t->n + to];

    if ((amount < 0 && *flow < (uint64_t)-amount) ||
        (amount > 0 && (t->sold[from] > AMOUNT_MAX - (uint64_t)amount ||
                        t->bought[to] > AMOUNT_MAX - (uint64_t)amount)))
        return cy_fail(CY_E_RANGE, 0);
    *flow += (uint64_t)amount;
    t->sold[from] += (uint64_t)amount;
    t->bought[to] += (uint64_t)amount;
    return CY_OK;
}

#include "models/match/match_table.h"

#include "base/text.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)256 << 20)
#define SIDE_MAX 100000u
#define AMOUNT_MAX UINT64_C(1000000000)
#define PRICE_MAX (INT64_C(1) << 50)  /* far beyond any that run writes; sums of some fit */
#define CELLS_MAX ((size_t)100000000) /* pairs of one kind */

static cy_err refuse(struct cy_desk *desk, const char *path, uint32_t line, const char *why)
{
    struct cy_desk_fault fault;

    (void)cy_desk_at(&fault, line, 0, "%s", why);
    return cy_desk_refuse(desk, path, &fault);
}

static cy_err column(struct cy_desk *desk, const char *path, const struct cy_csv *csv,
                     const char *name, size_t *out)
{
    char why[128];

    *out = cy_csv_column(csv, name);
    (void)snprintf(why, sizeof why, "the table has no column '%s'", name);
    return *out != SIZE_MAX ? CY_OK : refuse(desk, path, 1, why);
}

static bool whole_number(const char *text, uint64_t most, uint64_t *out)
{
    return cy_ok(cy_u64_read(cy_span_text(text), out)) && *out <= most;
}

/* Degrees with at most six digits behind the point, as microdegrees. */
static bool read_degrees(const char *text, int32_t most, int32_t *out)
{
    const bool minus = *text == '-';
    int64_t v = 0;
    int behind = -1;
    bool any = false;

    for (text += minus; *text != 0; text++) {
        if (*text == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || v > 1000000000)
            return false;
        any = true;
        if (behind == 6)
            continue; /* finer than a hand's breadth */
        v = 10 * v + (*text - '0');
        behind += behind >= 0;
    }
    for (behind = behind < 0 ? 0 : behind; behind < 6; behind++)
        v *= 10;
    *out = (int32_t)(minus ? -v : v);
    return any && v <= (int64_t)most * 1000000;
}

/* --- the two tables --- */

struct columns {
    size_t id;
    size_t kind;
    size_t amount;
    size_t latitude; /* SIZE_MAX: costs are told */
    size_t longitude;
    size_t weight; /* SIZE_MAX: all weigh 1 */
};

static cy_err find_columns(struct cy_desk *desk, const char *path, const struct cy_csv *csv,
                           struct columns *out)
{
    CY_TRY(column(desk, path, csv, "id", &out->id));
    CY_TRY(column(desk, path, csv, "kind", &out->kind));
    CY_TRY(column(desk, path, csv, "amount", &out->amount));
    out->weight = cy_csv_column(csv, "weight");
    out->latitude = out->longitude = SIZE_MAX;
    if (cy_desk_option(desk, "costs") != NULL)
        return CY_OK;
    CY_TRY(column(desk, path, csv, "lat", &out->latitude));
    return column(desk, path, csv, "lon", &out->longitude);
}

static cy_err read_side(struct cy_desk *desk, const char *path, const struct cy_csv *csv,
                        const struct columns *at, size_t row, struct cy_match_side *out)
{
    uint64_t weight = 1;

    out->id = cy_csv_cell(csv, row, at->id);
    out->kind = cy_csv_cell(csv, row, at->kind);
    out->line = csv->lines[row];
    if (out->id[0] == 0 || out->kind[0] == 0)
        return refuse(desk, path, out->line, "an id or a kind is missing");
    if (!whole_number(cy_csv_cell(csv, row, at->amount), AMOUNT_MAX, &out->amount))
        return refuse(desk, path, out->line,
                      "the amount is not a whole number from 0 to 1000000000");
    if (at->weight != SIZE_MAX &&
        (!whole_number(cy_csv_cell(csv, row, at->weight), CY_MATCH_WEIGHT_MAX, &weight) ||
         weight == 0))
        return refuse(desk, path, out->line, "a weight is a whole number from 1 to 1000");
    out->weight = (uint32_t)weight;
    if (at->latitude == SIZE_MAX)
        return CY_OK;
    return read_degrees(cy_csv_cell(csv, row, at->latitude), 90, &out->place.latitude) &&
                   read_degrees(cy_csv_cell(csv, row, at->longitude), 180, &out->place.longitude)
               ? CY_OK
               : refuse(desk, path, out->line, "lat and lon are degrees, to 90 and to 180");
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct cy_match_side *)a)->id, ((const struct cy_match_side *)b)->id);
}

static int by_kind(const void *a, const void *b)
{
    const int order =
        strcmp(((const struct cy_match_side *)a)->kind, ((const struct cy_match_side *)b)->kind);

    return order != 0 ? order : by_id(a, b);
}

static cy_err read_sides(struct cy_desk *desk, const char *path, struct cy_match_side **out,
                         uint32_t *n)
{
    struct columns at;
    struct cy_csv csv;

    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(find_columns(desk, path, &csv, &at));
    if (csv.n_rows > SIDE_MAX)
        return refuse(desk, path, 0, "more than 100,000 rows");
    *out = cy_desk_take(desk, (csv.n_rows + 1) * sizeof **out);
    if (*out == NULL)
        return desk->failed;
    *n = (uint32_t)csv.n_rows;
    for (size_t i = 0; i < csv.n_rows; i++)
        CY_TRY(read_side(desk, path, &csv, &at, i, &(*out)[i]));
    qsort(*out, *n, sizeof **out, by_id);
    for (uint32_t i = 1; i < *n; i++) {
        if (by_id(&(*out)[i - 1], &(*out)[i]) == 0)
            return refuse(desk, path, (*out)[i].line, "the id stands twice");
    }
    qsort(*out, *n, sizeof **out, by_kind);
    return CY_OK;
}

/* --- costs that are told --- */

struct told {
    const char *from;
    const char *to;
    int32_t cost;
};

static int by_ends(const void *a, const void *b)
{
    const struct told *x = a;
    const struct told *y = b;
    const int order = strcmp(x->from, y->from);

    return order != 0 ? order : strcmp(x->to, y->to);
}

static cy_err read_costs(struct cy_desk *desk, struct told **out, size_t *n)
{
    const char *path = cy_desk_option(desk, "costs");
    struct cy_csv csv;
    size_t at[3];

    *n = 0;
    *out = NULL;
    if (path == NULL)
        return CY_OK;
    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    CY_TRY(column(desk, path, &csv, "from", &at[0]));
    CY_TRY(column(desk, path, &csv, "to", &at[1]));
    CY_TRY(column(desk, path, &csv, "cost", &at[2]));
    *out = cy_desk_take(desk, (csv.n_rows + 1) * sizeof **out);
    if (*out == NULL)
        return desk->failed;
    for (size_t i = 0; i < csv.n_rows; i++) {
        uint64_t cost = 0;

        if (!whole_number(cy_csv_cell(&csv, i, at[2]), CY_MATCH_COST_MAX, &cost))
            return refuse(desk, path, csv.lines[i], "a cost is a whole number from 0 to 99999");
        (*out)[(*n)++] =
            (struct told){cy_csv_cell(&csv, i, at[0]), cy_csv_cell(&csv, i, at[1]), (int32_t)cost};
    }
    qsort(*out, *n, sizeof **out, by_ends);
    for (size_t i = 1; i < *n; i++) {
        if (by_ends(&(*out)[i - 1], &(*out)[i]) == 0)
            return refuse(desk, path, 0, "the costs of a pair stand twice");
    }
    return CY_OK;
}

/* --- kinds --- */

static int32_t cost_of(const struct cy_match_side *offer, const struct cy_match_side *need,
                       const struct told *told, size_t n, bool all_told)
{
    const struct told key = {offer->id, need->id, 0};
    const struct told *found = NULL;

    if (!all_told) {
        const uint32_t km = cy_match_km(offer->place, need->place);

        return (int32_t)(km < CY_MATCH_COST_MAX ? km : CY_MATCH_COST_MAX);
    }
    found = n == 0 ? NULL : bsearch(&key, told, n, sizeof key, by_ends);
    return found == NULL ? CY_MATCH_NEVER : found->cost;
}

static cy_err take_kind(struct cy_desk *desk, struct cy_match_kind *k, int32_t **cost,
                        uint64_t **supply, uint64_t **demand)
{
    const size_t rows = (size_t)k->n_offers + 1;
    const size_t columns = (size_t)k->n_needs + 1;

    if (rows * columns > CELLS_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_TOO_LARGE, 0),
                            "%.60s: more than 100,000,000 pairs of offer and need", k->kind);
    *cost = cy_desk_take(desk, rows * columns * sizeof **cost);
    *supply = cy_desk_take(desk, rows * sizeof **supply);
    *demand = cy_desk_take(desk, columns * sizeof **demand);
    k->plan.carried = cy_desk_take(desk, rows * columns * sizeof *k->plan.carried);
    k->plan.row_price = cy_desk_take(desk, rows * sizeof *k->plan.row_price);
    k->plan.column_price = cy_desk_take(desk, columns * sizeof *k->plan.column_price);
    return desk->failed;
}

static cy_err fill_kind(struct cy_desk *desk, struct cy_match_kind *k, const struct told *told,
                        size_t n_told)
{
    const bool all_told = cy_desk_option(desk, "costs") != NULL;
    const uint32_t columns = k->n_needs + 1;
    int32_t *cost = NULL;
    uint64_t *supply = NULL;
    uint64_t *demand = NULL;

    CY_TRY(take_kind(desk, k, &cost, &supply, &demand));
    for (uint32_t i = 0; i < k->n_offers; i++) {
        for (uint32_t j = 0; j < k->n_needs; j++)
            cost[(size_t)i * columns + j] =
                cost_of(&k->offers[i], &k->needs[j], told, n_told, all_told);
        supply[i] = k->offers[i].amount;
        demand[k->n_needs] += supply[i];
    }
    for (uint32_t j = 0; j < k->n_needs; j++) {
        cost[(size_t)k->n_offers * columns + j] = CY_MATCH_MISSING * (int32_t)k->needs[j].weight;
        demand[j] = k->needs[j].amount;
        supply[k->n_offers] += demand[j];
    }
    k->transport = (struct cy_transport){k->n_offers + 1, columns, cost, supply, demand};
    cy_transport_begin(&k->transport, &k->plan);
    return CY_OK;
}

/* The next kind of both tables. */
static const char *next_kind(const struct cy_match_table *t, uint32_t offer, uint32_t need)
{
    if (offer == t->n_offers)
        return need == t->n_needs ? NULL : t->needs[need].kind;
    if (need == t->n_needs || strcmp(t->offers[offer].kind, t->needs[need].kind) < 0)
        return t->offers[offer].kind;
    return t->needs[need].kind;
}

cy_err cy_match_read(struct cy_desk *desk, const char *offers, const char *needs,
                     struct cy_match_table *out)
{
    struct told *told = NULL;
    size_t n_told = 0;
    uint32_t o = 0;
    uint32_t n = 0;

    *out = (struct cy_match_table){0};
    CY_TRY(read_sides(desk, offers, &out->offers, &out->n_offers));
    CY_TRY(read_sides(desk, needs, &out->needs, &out->n_needs));
    CY_TRY(read_costs(desk, &told, &n_told));
    out->kinds =
        cy_desk_take(desk, ((size_t)out->n_offers + out->n_needs + 1) * sizeof *out->kinds);
    if (out->kinds == NULL)
        return desk->failed;
    for (const char *kind = next_kind(out, o, n); kind != NULL; kind = next_kind(out, o, n)) {
        struct cy_match_kind *k = &out->kinds[out->n_kinds++];

        k->kind = kind;
        k->offers = &out->offers[o];
        k->needs = &out->needs[n];
        for (; o < out->n_offers && strcmp(out->offers[o].kind, kind) == 0; o++)
            k->n_offers++;
        for (; n < out->n_needs && strcmp(out->needs[n].kind, kind) == 0; n++)
            k->n_needs++;
        CY_TRY(fill_kind(desk, k, told, n_told));
    }
    return CY_OK;
}

/* --- plan and proof as files --- */

static void put_cell(FILE *out, const char *cell)
{
    const bool quoted = strpbrk(cell, ",\"\r\n") != NULL;

    if (quoted)
        (void)fputc('"', out);
    for (; *cell != 0; cell++) {
        if (*cell == '"')
            (void)fputc('"', out);
        (void)fputc(*cell, out);
    }
    (void)fputs(quoted ? "\"," : ",", out);
}

void cy_match_put_plan(FILE *out, const struct cy_match_table *table)
{
    (void)fputs("kind,offer,need,amount,cost\n", out);
    for (uint32_t p = 0; p < table->n_kinds; p++) {
        const struct cy_match_kind *k = &table->kinds[p];

        for (uint32_t j = 0; j < k->n_needs; j++) {
            for (uint32_t i = 0; i <= k->n_offers; i++) {
                const uint64_t amount = k->plan.carried[(size_t)j * (k->n_offers + 1) + i];

                if (amount == 0)
                    continue;
                put_cell(out, k->kind);
                put_cell(out, i < k->n_offers ? k->offers[i].id : "");
                put_cell(out, k->needs[j].id);
                (void)fprintf(out, "%llu,%d\n", (unsigned long long)amount,
                              i < k->n_offers ? k->transport.cost[(size_t)i * (k->n_needs + 1) + j]
                                              : 0);
            }
        }
    }
}

static void put_price(FILE *out, const struct cy_match_kind *k, const char *side, const char *id,
                      int64_t price)
{
    put_cell(out, k->kind);
    put_cell(out, side);
    put_cell(out, id);
    (void)fprintf(out, "%lld\n", (long long)price);
}

void cy_match_put_proof(FILE *out, const struct cy_match_table *table)
{
    (void)fputs("kind,side,id,price\n", out);
    for (uint32_t p = 0; p < table->n_kinds; p++) {
        const struct cy_match_kind *k = &table->kinds[p];

        for (uint32_t i = 0; i <= k->n_offers; i++)
            put_price(out, k, "offer", i < k->n_offers ? k->offers[i].id : "",
                      k->plan.row_price[i]);
        for (uint32_t j = 0; j <= k->n_needs; j++)
            put_price(out, k, "need", j < k->n_needs ? k->needs[j].id : "",
                      k->plan.column_price[j]);
    }
}

static struct cy_match_kind *kind_named(struct cy_match_table *table, const char *name)
{
    for (uint32_t p = 0; p < table->n_kinds; p++) {
        if (strcmp(table->kinds[p].kind, name) == 0)
            return &table->kinds[p];
    }
    return NULL;
}

/* The number of an id in a kind; n for no id; UINT32_MAX: it is not there. */
static uint32_t number_of(const struct cy_match_side *sides, uint32_t n, const char *id)
{
    const struct cy_match_side key = {.id = id};
    const struct cy_match_side *found = NULL;

    if (id[0] == 0)
        return n;
    found = n == 0 ? NULL : bsearch(&key, sides, n, sizeof key, by_id);
    return found == NULL ? UINT32_MAX : (uint32_t)(found - sides);
}

static bool read_price(const char *text, int64_t *out)
{
    char *end = NULL;

    *out = strtoll(text, &end, 10);
    return end != text && *end == 0 && *out <= PRICE_MAX && *out >= -PRICE_MAX;
}

static bool read_proof_line(struct cy_match_table *table, const struct cy_csv *csv, size_t row,
                            bool *known)
{
    struct cy_match_kind *k = kind_named(table, cy_csv_cell(csv, row, 0));
    const bool offer = strcmp(cy_csv_cell(csv, row, 1), "offer") == 0;
    uint32_t at = UINT32_MAX;
    int64_t price = 0;

    if (k != NULL)
        at = number_of(offer ? k->offers : k->needs, offer ? k->n_offers : k->n_needs,
                       cy_csv_cell(csv, row, 2));
    *known = at != UINT32_MAX;
    if (!read_price(cy_csv_cell(csv, row, 3), &price))
        return false;
    if (*known)
        *(offer ? &k->plan.row_price[at] : &k->plan.column_price[at]) = price;
    return true;
}

static bool read_plan_line(struct cy_match_table *table, const struct cy_csv *csv, size_t row,
                           bool *known)
{
    struct cy_match_kind *k = kind_named(table, cy_csv_cell(csv, row, 0));
    uint32_t offer = UINT32_MAX;
    uint32_t need = UINT32_MAX;
    uint64_t amount = 0;

    *known = false;
    if (!whole_number(cy_csv_cell(csv, row, 3), AMOUNT_MAX, &amount))
        return false;
    if (k != NULL) {
        offer = number_of(k->offers, k->n_offers, cy_csv_cell(csv, row, 1));
        need = number_of(k->needs, k->n_needs, cy_csv_cell(csv, row, 2));
    }
    *known = offer != UINT32_MAX && need < (k == NULL ? 0 : k->n_needs);
    if (*known)
        k->plan.carried[(size_t)need * (k->n_offers + 1) + offer] += amount;
    return true;
}

/* What of an offer is carried nowhere stays; what then lacks is carried to nobody. */
static void add_stays(struct cy_match_kind *k)
{
    const size_t rows = (size_t)k->n_offers + 1;
    uint64_t *stays = k->plan.carried + k->n_needs * rows;

    for (size_t i = 0; i < rows; i++) {
        uint64_t gone = 0;

        for (size_t j = 0; j < k->n_needs; j++)
            gone += k->plan.carried[j * rows + i];
        stays[i] = gone < k->transport.supply[i] ? k->transport.supply[i] - gone : 0;
    }
}

cy_err cy_match_read_plan(struct cy_desk *desk, struct cy_match_table *table, const char *plan,
                          const char *proof, bool whole)
{
    static const char *const columns[2][5] = {
        {"kind", "offer", "need", "amount", "cost"},
        {"kind", "side",  "id",   "price",  NULL  }
    };
    const char *const paths[] = {plan, proof};

    for (unsigned f = 0; f < 2; f++) {
        struct cy_csv csv;

        CY_TRY(cy_desk_csv(desk, paths[f], FILE_MAX_BYTES, &csv));
        for (size_t c = 0; c < 5 && columns[f][c] != NULL; c++) {
            if (cy_csv_column(&csv, columns[f][c]) != c)
                return refuse(desk, paths[f], 1,
                              "its columns are not those that `comity match run` writes");
        }
        for (size_t i = 0; i < csv.n_rows; i++) {
            bool known = false;

            if (!(f == 0 ? read_plan_line : read_proof_line)(table, &csv, i, &known))
                return refuse(desk, paths[f], csv.lines[i], "this is no number of a plan");
            if (!known && whole)
                return refuse(desk, paths[f], csv.lines[i],
                              "this is about an offer or a need that is not in the tables");
        }
    }
    for (uint32_t p = 0; p < table->n_kinds; p++)
        add_stays(&table->kinds[p]);
    return CY_OK;
}

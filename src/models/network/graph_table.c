#include "models/network/graph_table.h"

#include "base/num.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define WEIGHT_MAX 1000000u

/* --- names --- */

static size_t slot_of(const struct cy_graph_names *names, const char *name)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    size_t slot = 0;

    for (const char *c = name; *c != 0; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    slot = (size_t)(hash % names->n_slots);
    while (names->slots[slot] != 0 && strcmp(names->names[names->slots[slot] - 1], name) != 0)
        slot = slot + 1 == names->n_slots ? 0 : slot + 1;
    return slot;
}

cy_err cy_graph_names_on(struct cy_desk *desk, size_t cap, struct cy_graph_names *out)
{
    *out = (struct cy_graph_names){.cap = cap, .n_slots = 2 * cap + 1};
    out->names = cy_desk_take(desk, cap * sizeof *out->names);
    out->slots = cy_desk_take(desk, out->n_slots * sizeof *out->slots);
    return out->names == NULL || out->slots == NULL ? desk->failed : CY_OK;
}

uint32_t cy_graph_name(struct cy_graph_names *names, const char *name)
{
    const size_t slot = slot_of(names, name);

    if (names->slots[slot] != 0)
        return names->slots[slot] - 1;
    if (names->n == names->cap)
        return UINT32_MAX;
    names->names[names->n++] = name;
    names->slots[slot] = (uint32_t)names->n;
    return (uint32_t)names->n - 1;
}

uint32_t cy_graph_name_find(const struct cy_graph_names *names, const char *name)
{
    return names->slots[slot_of(names, name)] - 1; /* an empty slot gives UINT32_MAX */
}

/* --- signed networks --- */

struct reader {
    const struct cy_csv *csv;
    size_t a;
    size_t b;
    size_t sign;
    size_t weight; /* SIZE_MAX: every edge weighs 1 */
    struct cy_graph_table *out;
    struct cy_balance_edge *edges;
    struct cy_desk_fault *fault;
};

static cy_err read_ends(struct reader *r, size_t row, struct cy_balance_edge *edge)
{
    const char *a = cy_csv_cell(r->csv, row, r->a);
    const char *b = cy_csv_cell(r->csv, row, r->b);

    if (a[0] == 0 || b[0] == 0)
        return cy_desk_at(r->fault, r->csv->lines[row], 0, "a node has no name");
    if (strcmp(a, b) == 0)
        return cy_desk_at(r->fault, r->csv->lines[row], 0, "'%.60s' stands with itself", a);
    edge->a = cy_graph_name(&r->out->names, a);
    edge->b = cy_graph_name(&r->out->names, b);
    if (edge->a == UINT32_MAX || edge->b == UINT32_MAX)
        return cy_desk_at(r->fault, r->csv->lines[row], 0, "more than %u nodes",
                          CY_GRAPH_NODES_MAX);
    return CY_OK;
}

static cy_err read_weight(struct reader *r, size_t row, struct cy_balance_edge *edge)
{
    const char *sign = cy_csv_cell(r->csv, row, r->sign);
    const char *text = r->weight == SIZE_MAX ? "1" : cy_csv_cell(r->csv, row, r->weight);
    uint64_t weight = 0;

    if (strcmp(sign, "1") != 0 && strcmp(sign, "+1") != 0 && strcmp(sign, "-1") != 0)
        return cy_desk_at(r->fault, r->csv->lines[row], 0,
                          "the sign is '%.20s'; 1 is with, -1 is against", sign);
    if (!cy_ok(cy_u64_read(cy_span_text(text), &weight)) || weight == 0 || weight > WEIGHT_MAX)
        return cy_desk_at(r->fault, r->csv->lines[row], 0,
                          "the weight '%.20s' must be a whole number from 1 to %u", text,
                          WEIGHT_MAX);
    edge->weight = sign[0] == '-' ? -(int32_t)weight : (int32_t)weight;
    return CY_OK;
}

static int by_ends(const void *a, const void *b)
{
    const struct cy_balance_edge *x = a;
    const struct cy_balance_edge *y = b;
    const uint64_t left = (uint64_t)(x->a < x->b ? x->a : x->b) << 32 | (x->a < x->b ? x->b : x->a);
    const uint64_t right =
        (uint64_t)(y->a < y->b ? y->a : y->b) << 32 | (y->a < y->b ? y->b : y->a);

    return (left > right) - (left < right);
}

/* A pair that stands twice, in either order. */
static cy_err refuse_twice(struct cy_desk *desk, struct reader *r, size_t m)
{
    struct cy_balance_edge *sorted = cy_desk_take(desk, (m + 1) * sizeof *sorted);

    if (sorted == NULL)
        return desk->failed;
    memcpy(sorted, r->edges, m * sizeof *sorted);
    qsort(sorted, m, sizeof *sorted, by_ends);
    for (size_t e = 1; e < m; e++) {
        if (by_ends(&sorted[e - 1], &sorted[e]) == 0) {
            for (size_t row = m; row-- > 0;) { /* the later of its lines */
                if (by_ends(&r->edges[row], &sorted[e]) == 0)
                    return cy_desk_at(
                        r->fault, r->csv->lines[row], 0, "the pair %.40s, %.40s stands here again",
                        r->out->names.names[sorted[e].a], r->out->names.names[sorted[e].b]);
            }
        }
    }
    return CY_OK;
}

cy_err cy_graph_table_read(struct cy_desk *desk, const struct cy_csv *csv,
                           struct cy_graph_table *out, struct cy_desk_fault *fault)
{
    struct reader r = {.csv = csv,
                       .a = cy_csv_column(csv, "a"),
                       .b = cy_csv_column(csv, "b"),
                       .sign = cy_csv_column(csv, "sign"),
                       .weight = cy_csv_column(csv, "weight"),
                       .out = out,
                       .fault = fault};

    *out = (struct cy_graph_table){0};
    if (r.a == SIZE_MAX || r.b == SIZE_MAX || r.sign == SIZE_MAX)
        return cy_desk_at(fault, 1, 0, "the heading needs the columns a, b and sign");
    if (csv->n_rows == 0 || csv->n_rows > CY_GRAPH_EDGES_MAX)
        return cy_desk_at(fault, 0, 0, "%s",
                          csv->n_rows == 0 ? "there is no pair" : "too many pairs");
    CY_TRY(cy_graph_names_on(desk, CY_GRAPH_NODES_MAX, &out->names));
    r.edges = cy_desk_take(desk, csv->n_rows * sizeof *r.edges);
    if (r.edges == NULL)
        return desk->failed;
    for (size_t row = 0; row < csv->n_rows; row++) {
        CY_TRY(read_ends(&r, row, &r.edges[row]));
        CY_TRY(read_weight(&r, row, &r.edges[row]));
    }
    CY_TRY(refuse_twice(desk, &r, csv->n_rows));
    out->graph = (struct cy_balance_graph){out->names.n, csv->n_rows, r.edges};
    return CY_OK;
}

size_t cy_graph_differ(struct cy_desk *desk, struct cy_balance_edge *edges,
                       const struct cy_balance_edge *others, size_t m)
{
    struct cy_balance_edge *sorted = cy_desk_take(desk, (m + 1) * sizeof *sorted);

    if (sorted == NULL)
        return m + 1;
    memcpy(sorted, others, m * sizeof *sorted);
    qsort(sorted, m, sizeof *sorted, by_ends);
    qsort(edges, m, sizeof *edges, by_ends);
    for (size_t e = 0; e < m; e++) {
        if (by_ends(&edges[e], &sorted[e]) != 0 || edges[e].weight != sorted[e].weight)
            return e;
    }
    return m;
}

cy_err cy_graph_table_get(struct cy_desk *desk, const char *path, struct cy_graph_table *out)
{
    struct cy_desk_fault fault = {0};
    struct cy_csv csv;
    cy_err err = CY_OK;

    CY_TRY(cy_desk_csv(desk, path, FILE_MAX_BYTES, &csv));
    err = cy_graph_table_read(desk, &csv, out, &fault);
    return err.code == CY_E_MODEL_INPUT ? cy_desk_refuse(desk, path, &fault) : err;
}

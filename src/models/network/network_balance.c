#include "models/network/network_balance.h"

#include "models/desk/svg.h"
#include "models/network/balance_search.h"

#include <math.h>
#include <stdlib.h>

#define LEAVES 20000u
#define CERTIFICATE_MAX ((size_t)256 << 20)

/* --- the certificate --- */

static json_t *certificate(const struct cy_graph_table *table, const struct cy_balance_found *found)
{
    const struct cy_balance_graph *g = &table->graph;
    json_t *nodes = json_array();
    json_t *sides = json_array();
    json_t *edges = json_array();
    json_t *proof = json_array();

    for (size_t v = 0; v < g->n; v++) {
        (void)json_array_append_new(nodes, json_string(table->names.names[v]));
        (void)json_array_append_new(sides, json_integer(found->sides[v]));
    }
    for (size_t e = 0; e < g->m; e++)
        (void)json_array_append_new(edges, json_pack("[I,I,I]", (json_int_t)g->edges[e].a,
                                                     (json_int_t)g->edges[e].b,
                                                     (json_int_t)g->edges[e].weight));
    for (size_t i = 0; i < found->n_proof; i++)
        (void)json_array_append_new(proof, json_integer(found->proof[i]));
    return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o}", "certificate", "balance", "frustration",
                     (json_int_t)found->cost, "nodes", nodes, "sides", sides, "edges", edges,
                     "proof", proof);
}

static cy_err numbers(struct cy_desk *desk, const json_t *list, const char *name, uint32_t **out,
                      size_t *n, struct cy_desk_fault *fault)
{
    *n = json_array_size(list);
    *out = cy_desk_take(desk, (*n + 1) * sizeof **out);
    if (*out == NULL)
        return desk->failed;
    if (!json_is_array(list))
        return cy_desk_at(fault, 0, 0, "the certificate has no list '%s'", name);
    for (size_t i = 0; i < *n; i++) {
        const json_t *item = json_array_get(list, i);

        if (!json_is_integer(item) || json_integer_value(item) < 0 ||
            json_integer_value(item) > UINT32_MAX)
            return cy_desk_at(fault, 0, 0, "number %zu of '%s' is none", i + 1, name);
        (*out)[i] = (uint32_t)json_integer_value(item);
    }
    return CY_OK;
}

/* The table's edges are those of the certificate, by name; the certificate's order is the proof's.
 */
static cy_err match_edges(struct cy_desk *desk, const json_t *root,
                          const struct cy_graph_table *table, struct cy_balance_graph *out,
                          struct cy_desk_fault *fault)
{
    const json_t *nodes = json_object_get(root, "nodes");
    const json_t *list = json_object_get(root, "edges");
    const size_t m = table->graph.m;
    struct cy_balance_edge *edges = cy_desk_take(desk, m * sizeof *edges);
    struct cy_balance_edge *own = cy_desk_take(desk, m * sizeof *own);
    uint32_t *number = cy_desk_take(desk, table->graph.n * sizeof *number);
    size_t e = 0;

    if (edges == NULL || own == NULL || number == NULL)
        return desk->failed;
    if (json_array_size(nodes) != table->graph.n || json_array_size(list) != m)
        return cy_desk_at(fault, 0, 0,
                          "the certificate is of another network: %zu nodes and %zu "
                          "edges, not %zu and %zu",
                          json_array_size(nodes), json_array_size(list), table->graph.n, m);
    for (size_t v = 0; v < table->graph.n; v++) {
        const char *name = json_string_value(json_array_get(nodes, v));

        number[v] = name == NULL ? UINT32_MAX : cy_graph_name_find(&table->names, name);
        if (number[v] == UINT32_MAX)
            return cy_desk_at(fault, 0, 0, "the network has no node '%.60s'",
                              name == NULL ? "" : name);
    }
    for (e = 0; e < m; e++) {
        json_int_t a = -1;
        json_int_t b = -1;
        json_int_t weight = 0;

        if (json_unpack(json_array_get(list, e), "[I,I,I]", &a, &b, &weight) != 0 || a < 0 ||
            b < 0 || (size_t)a >= table->graph.n || (size_t)b >= table->graph.n ||
            weight > INT32_MAX || weight < -INT32_MAX)
            return cy_desk_at(fault, 0, 0, "edge %zu of the certificate is none", e);
        edges[e] = (struct cy_balance_edge){(uint32_t)a, (uint32_t)b, (int32_t)weight};
        own[e] = (struct cy_balance_edge){number[a], number[b], (int32_t)weight};
    }
    e = cy_graph_differ(desk, own, table->graph.edges, m);
    if (e == m + 1)
        return desk->failed;
    if (e < m)
        return cy_desk_at(fault, 0, 0, "the pair %.40s, %.40s is not in both, or weighs otherwise",
                          table->names.names[own[e].a], table->names.names[own[e].b]);
    *out = (struct cy_balance_graph){table->graph.n, m, edges};
    return CY_OK;
}

static cy_err judge(struct cy_desk *desk, const json_t *root, const struct cy_graph_table *table,
                    uint64_t *cost, struct cy_desk_fault *fault)
{
    struct cy_balance_graph graph;
    struct cy_balance_claim claim = {0};
    uint32_t *sides = NULL;
    uint32_t *proof = NULL;
    uint8_t *narrow = cy_desk_take(desk, table->graph.n + 1);
    uint64_t *room = cy_desk_take(desk, cy_balance_room(&table->graph) * sizeof *room);
    size_t n = 0;
    size_t at = 0;

    if (narrow == NULL || room == NULL)
        return desk->failed;
    CY_TRY(match_edges(desk, root, table, &graph, fault));
    CY_TRY(numbers(desk, json_object_get(root, "sides"), "sides", &sides, &n, fault));
    if (n != graph.n)
        return cy_desk_at(fault, 0, 0, "not every node has a side");
    CY_TRY(numbers(desk, json_object_get(root, "proof"), "proof", &proof, &claim.n_proof, fault));
    for (size_t v = 0; v < n; v++)
        narrow[v] = sides[v] > 1 ? 2 : (uint8_t)sides[v];
    claim.sides = narrow;
    claim.proof = proof;
    if (!cy_balance_check(&graph, &claim, room, cost, &at)) {
        (void)cy_desk_at(fault, 0, 0, "the proof fails at number %zu of %zu", at, claim.n_proof);
        return cy_fail(CY_E_MODEL_CERTIFICATE, at);
    }
    if (json_integer_value(json_object_get(root, "frustration")) != (json_int_t)*cost) {
        (void)cy_desk_at(fault, 0, 0, "its sides frustrate %llu, not what it says",
                         (unsigned long long)*cost);
        return cy_fail(CY_E_MODEL_CERTIFICATE, 0);
    }
    return CY_OK;
}

cy_err cy_balance_certificate_read(struct cy_desk *desk, struct cy_desk_text text,
                                   const struct cy_graph_table *table, uint64_t *cost,
                                   struct cy_desk_fault *fault)
{
    json_error_t where;
    json_t *root = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, &where);
    cy_err err = CY_OK;

    *cost = 0;
    if (root == NULL)
        return cy_desk_at(fault, where.line > 0 ? (uint32_t)where.line : 0,
                          where.column > 0 ? (uint32_t)where.column : 0, "%s", where.text);
    err = judge(desk, root, table, cost, fault);
    json_decref(root);
    return err;
}

/* --- the drawing: two camps, each on its half of a circle --- */

enum { SIZE = 9000, RADIUS = 3600, MIDDLE = SIZE / 2, NODE = 45 };

struct place {
    int32_t x;
    int32_t y;
};

static void place_nodes(const struct cy_graph_table *table, const struct cy_balance_found *found,
                        struct place *places)
{
    size_t count[2] = {0, 0};
    size_t seen[2] = {0, 0};

    for (size_t v = 0; v < table->graph.n; v++)
        count[found->sides[v]]++;
    for (size_t v = 0; v < table->graph.n; v++) {
        const uint8_t side = found->sides[v];
        const double turn = 0.92 * (((double)seen[side]++ + 0.5) / (double)count[side] - 0.5);
        const double angle = (side == 0 ? M_PI : 0) + (side == 0 ? -turn : turn) * M_PI;

        places[v].x = MIDDLE + (int32_t)lround(RADIUS * cos(angle));
        places[v].y = MIDDLE + (int32_t)lround(RADIUS * sin(angle));
    }
}

static void draw_edges(struct cy_svg *svg, const struct cy_graph_table *table,
                       const struct cy_balance_found *found, const struct place *places,
                       bool frustrated)
{
    for (size_t e = 0; e < table->graph.m; e++) {
        const struct cy_balance_edge *edge = &table->graph.edges[e];
        char words[160];

        if (cy_balance_frustrated(edge, found->sides) != frustrated)
            continue;
        if (frustrated) {
            (void)snprintf(words, sizeof words, "%.60s and %.60s: %s", table->names.names[edge->a],
                           table->names.names[edge->b],
                           edge->weight > 0 ? "friends in two camps" : "foes in one camp");
            cy_svg_group(svg, words);
        }
        cy_svg_line(svg,
                    !frustrated        ? "dim"
                    : edge->weight > 0 ? "plus"
                                       : "minus",
                    places[edge->a].x, places[edge->a].y, places[edge->b].x, places[edge->b].y);
        if (frustrated)
            cy_svg_group_end(svg);
    }
}

static int draw(struct cy_desk *desk, FILE *out, const struct cy_graph_table *table,
                const struct cy_balance_found *found)
{
    struct place *places = cy_desk_take(desk, table->graph.n * sizeof *places);
    struct cy_svg svg;
    char words[200];

    if (places == NULL)
        return cy_desk_code(desk);
    place_nodes(table, found, places);
    (void)snprintf(words, sizeof words,
                   "%zu nodes on two arcs, one a camp. Of %zu relations those that do not fit are "
                   "drawn strong: friends across with whole lines, foes within with broken ones.",
                   table->graph.n, table->graph.m);
    cy_svg_begin(&svg, out, SIZE, SIZE, "Two camps of a signed network", words);
    draw_edges(&svg, table, found, places, false);
    draw_edges(&svg, table, found, places, true);
    for (size_t v = 0; v < table->graph.n; v++) {
        const bool left = found->sides[v] == 0;

        cy_svg_circle(&svg, left ? "a" : "b", places[v].x, places[v].y, NODE);
        cy_svg_text(&svg, "fg", places[v].x + (left ? -100 : 100), places[v].y + 45,
                    left ? CY_SVG_END : CY_SVG_START, table->names.names[v]);
    }
    if (!cy_svg_end(&svg))
        return cy_desk_fail(desk, cy_fail(CY_E_DISK_FAILED, 0), "the drawing was not written");
    return CY_DESK_DONE;
}

/* --- the commands --- */

static int print_json(struct cy_desk *desk, const struct cy_graph_table *table,
                      const struct cy_balance_found *found)
{
    json_t *camps[2] = {json_array(), json_array()};
    json_t *misfits = json_array();

    for (size_t v = 0; v < table->graph.n; v++)
        (void)json_array_append_new(camps[found->sides[v]], json_string(table->names.names[v]));
    for (size_t e = 0; e < table->graph.m; e++) {
        const struct cy_balance_edge *edge = &table->graph.edges[e];

        if (cy_balance_frustrated(edge, found->sides))
            (void)json_array_append_new(misfits, json_pack("{s:s, s:s, s:I}", "a",
                                                           table->names.names[edge->a], "b",
                                                           table->names.names[edge->b], "weight",
                                                           (json_int_t)edge->weight));
    }
    return cy_desk_print(desk,
                         json_pack("{s:I, s:I, s:I, s:I, s:b, s:I, s:[o,o], s:o}", "nodes",
                                   (json_int_t)table->graph.n, "edges", (json_int_t)table->graph.m,
                                   "frustration", (json_int_t)found->cost, "at_least",
                                   (json_int_t)found->floor, "proven", (int)(found->proof != NULL),
                                   "leaves", (json_int_t)found->leaves, "camps", camps[0], camps[1],
                                   "misfits", misfits));
}

static int print_people(struct cy_desk *desk, const struct cy_graph_table *table,
                        const struct cy_balance_found *found)
{
    const struct cy_balance_graph *g = &table->graph;

    (void)fprintf(desk->out, "%zu nodes, %zu relations. Frustration %llu", g->n, g->m,
                  (unsigned long long)found->cost);
    if (found->proof != NULL)
        (void)fprintf(desk->out, ": no two camps fit better (proven with %zu leaves, checked).\n",
                      found->leaves);
    else
        (void)fprintf(desk->out, " at most, %llu at least: the search was cut short.\n",
                      (unsigned long long)found->floor);
    for (uint8_t side = 0; side < 2; side++) {
        const char *mark = "";

        (void)fprintf(desk->out, "\nCamp %c: ", 'A' + side);
        for (size_t v = 0; v < g->n; v++) {
            if (found->sides[v] != side)
                continue;
            (void)fprintf(desk->out, "%s%s", mark, table->names.names[v]);
            mark = ", ";
        }
    }
    (void)fputs("\n\nWhat does not fit:\n", desk->out);
    for (size_t e = 0; e < g->m; e++) {
        const struct cy_balance_edge *edge = &g->edges[e];

        if (cy_balance_frustrated(edge, found->sides))
            (void)fprintf(desk->out, "  %s and %s: %s\n", table->names.names[edge->a],
                          table->names.names[edge->b],
                          edge->weight > 0 ? "friends in two camps" : "foes in one camp");
    }
    return CY_DESK_DONE;
}

/* What was found is checked as a stranger would. */
static cy_err check_found(struct cy_desk *desk, const struct cy_graph_table *table,
                          const struct cy_balance_found *found)
{
    const struct cy_balance_claim claim = {found->sides, found->proof, found->n_proof};
    uint64_t *room = cy_desk_take(desk, cy_balance_room(&table->graph) * sizeof *room);
    uint64_t cost = 0;
    size_t at = 0;

    if (room == NULL)
        return desk->failed;
    if (cy_balance_check(&table->graph, &claim, room, &cost, &at) && cost == found->cost)
        return CY_OK;
    return cy_desk_note(desk, cy_fail(CY_E_MODEL_DIFFERS, at), "the proof of frustration %llu",
                        (unsigned long long)found->cost);
}

int cy_model_network_balance(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    FILE *svg = cy_desk_output(desk, "svg");
    FILE *file = cy_desk_output(desk, "certificate");
    struct cy_graph_table table;
    struct cy_balance_found found;
    uint64_t leaves = LEAVES;

    if (path == NULL || cy_desk_word(desk, 1) != NULL)
        return cy_desk_wrong(desk, "name one file with the columns a, b and sign");
    if (!cy_ok(cy_desk_number(desk, "leaves", 1, 1000000000, &leaves)) ||
        !cy_ok(cy_graph_table_get(desk, path, &table)) ||
        !cy_ok(cy_balance_search(desk, &table.graph, leaves, &found)) ||
        !cy_ok(check_found(desk, &table, &found)))
        return cy_desk_code(desk);
    if (svg != NULL && draw(desk, svg, &table, &found) != CY_DESK_DONE)
        return cy_desk_code(desk);
    if (file != NULL && found.proof != NULL) {
        json_t *value = certificate(&table, &found);

        if (value == NULL || json_dumpf(value, file, JSON_COMPACT) != 0)
            (void)cy_desk_note(desk, cy_fail(CY_E_DISK_FAILED, 0), "the certificate");
        json_decref(value);
        (void)fputc('\n', file);
    }
    if (!cy_ok(desk->failed))
        return cy_desk_code(desk);
    return desk->json ? print_json(desk, &table, &found) : print_people(desk, &table, &found);
}

int cy_model_network_check(struct cy_desk *desk)
{
    const char *path = cy_desk_word(desk, 0);
    const char *proof = cy_desk_word(desk, 1);
    struct cy_desk_fault fault = {0};
    struct cy_graph_table table;
    struct cy_desk_text text;
    uint64_t cost = 0;
    cy_err err = CY_OK;

    if (proof == NULL || cy_desk_word(desk, 2) != NULL)
        return cy_desk_wrong(desk, "name the network's table and the certificate");
    if (!cy_ok(cy_graph_table_get(desk, path, &table)) ||
        !cy_ok(cy_desk_read(desk, proof, CERTIFICATE_MAX, &text)))
        return cy_desk_code(desk);
    err = cy_balance_certificate_read(desk, text, &table, &cost, &fault);
    if (err.code == CY_E_MODEL_INPUT)
        (void)cy_desk_refuse(desk, proof, &fault);
    else if (!cy_ok(err))
        (void)cy_desk_note(desk, err, "%s: %s", proof, fault.why);
    if (!cy_ok(err))
        return cy_desk_code(desk);
    if (desk->json)
        return cy_desk_print(desk,
                             json_pack("{s:b, s:I}", "holds", 1, "frustration", (json_int_t)cost));
    (void)fprintf(desk->out, "The certificate holds: the frustration is %llu, no less.\n",
                  (unsigned long long)cost);
    return CY_DESK_DONE;
}

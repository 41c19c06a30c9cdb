#include "models/network/balance_search.h"

#include <math.h>
#include <stdlib.h>

#define STARTS 400u
#define PARTS (1u << 20)

struct search {
    struct cy_desk *desk;
    const struct cy_balance_graph *graph;
    struct cy_balance_found *found;
    struct cy_ring_packing *packing;
    uint32_t parts;
    uint64_t leaves_max;
    double floor; /* least bound of a leaf, while it is below the cost */
    uint32_t *proof;
    size_t n_proof;
    size_t cap_proof;
    /* climbing */
    uint32_t *first;
    uint32_t *arcs; /* edges of each node */
    int64_t *gain;  /* of changing side */
    uint8_t *sides;
    uint64_t dice;
};

/* --- climbing --- */

static uint32_t draw(struct search *s)
{
    s->dice = s->dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->dice >> 33);
}

static bool lay_arcs(struct search *s)
{
    const struct cy_balance_graph *g = s->graph;

    s->first = cy_desk_take(s->desk, (g->n + 2) * sizeof *s->first);
    s->arcs = cy_desk_take(s->desk, (2 * g->m + 1) * sizeof *s->arcs);
    s->gain = cy_desk_take(s->desk, g->n * sizeof *s->gain);
    s->sides = cy_desk_take(s->desk, g->n);
    s->found->sides = cy_desk_take(s->desk, g->n);
    if (!cy_ok(s->desk->failed))
        return false;
    for (size_t e = 0; e < g->m; e++) {
        s->first[g->edges[e].a + 2]++;
        s->first[g->edges[e].b + 2]++;
    }
    for (size_t v = 2; v < g->n + 2; v++)
        s->first[v] += s->first[v - 1];
    for (uint32_t e = 0; e < g->m; e++) {
        s->arcs[s->first[g->edges[e].a + 1]++] = e;
        s->arcs[s->first[g->edges[e].b + 1]++] = e;
    }
    return true;
}

/* Changes the side of a node; gains of it and its neighbours follow. */
static void flip(struct search *s, uint32_t v)
{
    s->sides[v] ^= 1;
    s->gain[v] = -s->gain[v];
    for (uint32_t k = s->first[v]; k < s->first[v + 1]; k++) {
        const struct cy_balance_edge *edge = &s->graph->edges[s->arcs[k]];
        const int64_t weight = edge->weight < 0 ? -edge->weight : edge->weight;
        const uint32_t other = edge->a == v ? edge->b : edge->a;

        s->gain[other] += cy_balance_frustrated(edge, s->sides) ? 2 * weight : -2 * weight;
    }
}

/* Climbs from the sides that stand there, and keeps them when they are the best so far. */
static void climb(struct search *s)
{
    const struct cy_balance_graph *g = s->graph;
    bool again = true;
    uint64_t cost = 0;

    memset(s->gain, 0, g->n * sizeof *s->gain);
    for (size_t e = 0; e < g->m; e++) {
        const struct cy_balance_edge *edge = &g->edges[e];
        const int64_t weight = edge->weight < 0 ? -edge->weight : edge->weight;
        const int64_t gain = cy_balance_frustrated(edge, s->sides) ? weight : -weight;

        s->gain[edge->a] += gain;
        s->gain[edge->b] += gain;
    }
    for (unsigned idle = 0; again && idle < 4;) {
        const uint32_t start = draw(s) % (uint32_t)g->n;
        bool better = false;

        for (uint32_t i = 0; i < g->n; i++) {
            const uint32_t v = (uint32_t)((start + i) % g->n);

            if (s->gain[v] > 0 || (s->gain[v] == 0 && draw(s) % 4 == 0)) {
                better = better || s->gain[v] > 0;
                flip(s, v);
            }
        }
        idle = better ? 0 : idle + 1;
    }
    cost = cy_balance_cost(g, s->sides);
    if (cost < s->found->cost) {
        s->found->cost = cost;
        memcpy(s->found->sides, s->sides, g->n);
    }
}

/* --- from prices to sides: grow a tree over cheap edges --- */

static void round_prices(struct search *s)
{
    const struct cy_balance_graph *g = s->graph;
    uint8_t *in = calloc(g->n, 1);
    double *near = calloc(g->n, sizeof *near);
    uint8_t *side = calloc(g->n, 1);

    for (size_t step = 0; in != NULL && near != NULL && side != NULL && step < g->n; step++) {
        uint32_t v = UINT32_MAX;

        for (uint32_t i = 0; i < g->n; i++) {
            if (!in[i] && (v == UINT32_MAX || near[i] > near[v]))
                v = i;
        }
        in[v] = 1;
        s->sides[v] = side[v];
        for (uint32_t k = s->first[v]; k < s->first[v + 1]; k++) {
            const struct cy_balance_edge *edge = &g->edges[s->arcs[k]];
            const uint32_t other = edge->a == v ? edge->b : edge->a;
            const double price = cy_ring_packing_price(s->packing, s->arcs[k]);
            /* a price above a half says: frustrated */
            const bool apart = (edge->weight < 0) != (price > 0.5);

            if (!in[other] && 1 + fabs(price - 0.5) > near[other]) {
                near[other] = 1 + fabs(price - 0.5);
                side[other] = s->sides[v] ^ (apart ? 1 : 0);
            }
        }
    }
    free(in);
    free(near);
    free(side);
    climb(s);
}

/* --- the proof --- */

static bool put(struct search *s, uint32_t number)
{
    if (s->n_proof == s->cap_proof) {
        const size_t cap = s->cap_proof == 0 ? 4096 : 2 * s->cap_proof;
        uint32_t *grown = realloc(s->proof, cap * sizeof *grown);

        if (grown == NULL)
            return false;
        s->proof = grown;
        s->cap_proof = cap;
    }
    s->proof[s->n_proof++] = number;
    return true;
}

static bool put_ring(struct search *s, const struct cy_ring *ring, uint32_t times)
{
    bool good = put(s, times) && put(s, ring->n);

    for (uint32_t i = 0; i < ring->n; i++)
        good = good && put(s, ring->edges[i]);
    return good;
}

static bool put_leaf(struct search *s)
{
    const struct cy_ring *ring = cy_ring_packing_absurd(s->packing);
    size_t count = 0;
    size_t at = 0;
    double amount = 0;
    uint32_t n = 0;

    s->found->leaves++;
    if (!put(s, CY_BALANCE_LEAF) || !put(s, s->parts) || !put(s, 0))
        return false;
    count = s->n_proof - 1;
    if (ring != NULL) {
        s->proof[count] = 1;
        return put_ring(s, ring, 1);
    }
    while ((ring = cy_ring_packing_next(s->packing, &at, &amount)) != NULL) {
        const uint32_t times = (uint32_t)(amount * s->parts);

        if (times == 0)
            continue;
        n++;
        if (!put_ring(s, ring, times))
            return false;
    }
    s->proof[count] = n;
    return true;
}

/* The edge whose price is nearest to a half. */
static uint32_t undecided(const struct search *s)
{
    uint32_t best = 0;
    double least = HUGE_VAL;

    for (uint32_t e = 0; e < s->graph->m; e++) {
        const double far = fabs(cy_ring_packing_price(s->packing, e) - 0.5);

        if (far < least) {
            least = far;
            best = e;
        }
    }
    return best;
}

static double enough(const struct search *s)
{
    return (double)s->found->cost - 1 + 1e-3;
}

static cy_err explore(struct search *s)
{
    struct cy_ring_branch path[CY_BALANCE_DEPTH_MAX];
    size_t depth = 0;

    for (;;) {
        CY_TRY(cy_ring_packing_solve(s->packing, path, depth, enough(s)));
        if (cy_ring_packing_bound(s->packing) <= enough(s))
            round_prices(s);
        if (cy_ring_packing_bound(s->packing) <= enough(s) && depth < CY_BALANCE_DEPTH_MAX &&
            s->found->leaves + depth < s->leaves_max) {
            const struct cy_balance_edge *edge = &s->graph->edges[undecided(s)];

            if (!put(s, CY_BALANCE_BRANCH) || !put(s, edge->a) || !put(s, edge->b))
                return cy_fail(CY_E_NO_MEMORY, 0);
            path[depth++] = (struct cy_ring_branch){edge->a, edge->b, false};
            continue;
        }
        if (cy_ring_packing_bound(s->packing) < s->floor)
            s->floor = cy_ring_packing_bound(s->packing);
        if (!put_leaf(s))
            return cy_fail(CY_E_NO_MEMORY, 0);
        cy_desk_progress(s->desk, "leaves of the proof", s->found->leaves,
                         s->found->leaves + depth);
        while (depth > 0 && path[depth - 1].opposite)
            depth--;
        if (depth == 0)
            return CY_OK;
        path[depth - 1].opposite = true;
    }
}

static cy_err conclude(struct search *s)
{
    struct cy_balance_found *found = s->found;

    found->floor = found->cost;
    if (found->cost > 0 && s->floor <= (double)found->cost - 1) {
        found->floor = s->floor <= 0 ? 0 : (uint64_t)ceil(s->floor - 1e-6);
        return CY_OK; /* cut short: no proof */
    }
    found->proof = cy_desk_take(s->desk, (s->n_proof + 1) * sizeof *found->proof);
    if (found->proof == NULL)
        return s->desk->failed;
    memcpy(found->proof, s->proof, s->n_proof * sizeof *found->proof);
    found->n_proof = s->n_proof;
    return CY_OK;
}

cy_err cy_balance_search(struct cy_desk *desk, const struct cy_balance_graph *graph,
                         uint64_t leaves, struct cy_balance_found *out)
{
    struct search s = {.desk = desk,
                       .graph = graph,
                       .found = out,
                       .parts = PARTS,
                       .leaves_max = leaves,
                       .floor = HUGE_VAL,
                       .dice = 1};
    int64_t heaviest = 1;
    cy_err err = CY_OK;

    *out = (struct cy_balance_found){.cost = UINT64_MAX};
    if (graph->m > CY_BALANCE_EDGES_MAX)
        return cy_desk_note(desk, cy_fail(CY_E_MODEL_INPUT, 0),
                            "an exact search takes at most %u edges, not %zu", CY_BALANCE_EDGES_MAX,
                            graph->m);
    for (size_t e = 0; e < graph->m; e++) {
        const int64_t weight = graph->edges[e].weight;

        heaviest = weight > heaviest ? weight : -weight > heaviest ? -weight : heaviest;
    }
    while (s.parts > 1 && (uint64_t)heaviest * s.parts >= UINT32_MAX)
        s.parts /= 2;
    if (!lay_arcs(&s))
        return desk->failed;
    for (unsigned start = 0; start < STARTS; start++) {
        for (size_t v = 0; v < graph->n; v++)
            s.sides[v] = start == 0 ? 0 : draw(&s) & 1;
        climb(&s);
    }
    s.packing = cy_ring_packing_new(graph);
    err = s.packing == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : explore(&s);
    if (!cy_ok(err))
        (void)cy_desk_note(desk, err, "the proof of %zu edges", graph->m);
    else
        err = conclude(&s);
    cy_ring_packing_free(s.packing);
    free(s.proof);
    return err;
}

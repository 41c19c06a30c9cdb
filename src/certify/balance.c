#include "certify/balance.h"

#include <string.h>

struct branch {
    uint32_t u;
    uint32_t v;
    bool opposite;
};

struct walk {
    const struct cy_balance_graph *graph;
    const struct cy_balance_claim *claim;
    uint64_t cost;
    size_t at;
    size_t depth;
    struct branch path[CY_BALANCE_DEPTH_MAX];
    uint64_t *used; /* m: of each edge, in parts */
    uint8_t *odd;   /* n */
};

uint64_t cy_balance_cost(const struct cy_balance_graph *graph, const uint8_t *sides)
{
    uint64_t cost = 0;

    for (size_t e = 0; e < graph->m; e++) {
        const int64_t weight = graph->edges[e].weight;

        if (cy_balance_frustrated(&graph->edges[e], sides))
            cost += (uint64_t)(weight < 0 ? -weight : weight);
    }
    return cost;
}

size_t cy_balance_room(const struct cy_balance_graph *graph)
{
    return graph->m + graph->n / sizeof(uint64_t) + 1;
}

static bool next(struct walk *w, uint32_t *out)
{
    if (w->at >= w->claim->n_proof)
        return false;
    *out = w->claim->proof[w->at++];
    return true;
}

/* The ends of an edge or branch, and whether it turns the sign. */
static bool ends(const struct walk *w, uint32_t e, uint32_t *a, uint32_t *b, bool *minus)
{
    if (e < w->graph->m) {
        *a = w->graph->edges[e].a;
        *b = w->graph->edges[e].b;
        *minus = w->graph->edges[e].weight < 0;
        return true;
    }
    if (e - w->graph->m >= w->depth)
        return false;
    *a = w->path[e - w->graph->m].u;
    *b = w->path[e - w->graph->m].v;
    *minus = w->path[e - w->graph->m].opposite;
    return true;
}

/* Reads one ring: every node even, the sign minus. A ring of branches alone contradicts them. */
static bool read_ring(struct walk *w, uint64_t *sum, bool *absurd)
{
    uint32_t times = 0;
    uint32_t n = 0;
    uint32_t real = 0;
    bool minus = false;
    size_t odd = 0;

    if (!next(w, &times) || !next(w, &n) || times == 0 || n == 0)
        return false;
    memset(w->odd, 0, w->graph->n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t e = 0;
        uint32_t a = 0;
        uint32_t b = 0;
        bool turns = false;

        if (!next(w, &e) || !ends(w, e, &a, &b, &turns))
            return false;
        if (e < w->graph->m) {
            w->used[e] += times; /* at most 2^32 rings of 2^32 times: fits */
            real++;
        }
        minus ^= turns;
        odd += w->odd[a] ? SIZE_MAX : 1;
        w->odd[a] ^= 1;
        odd += w->odd[b] ? SIZE_MAX : 1;
        w->odd[b] ^= 1;
    }
    *absurd = *absurd || real == 0;
    *sum += times;
    return minus && odd == 0;
}

/* A leaf proves that here nothing is below the cost: its rings sum to more than cost - 1. */
static bool read_leaf(struct walk *w)
{
    uint32_t parts = 0;
    uint32_t n = 0;
    uint64_t sum = 0;
    bool absurd = false;

    if (!next(w, &parts) || !next(w, &n) || parts == 0)
        return false;
    memset(w->used, 0, w->graph->m * sizeof *w->used);
    for (uint32_t i = 0; i < n; i++) {
        if (!read_ring(w, &sum, &absurd))
            return false;
    }
    for (size_t e = 0; e < w->graph->m; e++) {
        const int64_t weight = w->graph->edges[e].weight;

        if (w->used[e] > (uint64_t)(weight < 0 ? -weight : weight) * parts)
            return false;
    }
    return absurd || w->cost == 0 || sum > (w->cost - 1) * parts;
}

/* The whole tree, without recursion: after a leaf, the last branch that still stands on "same" goes
 * to "opposite". */
static bool read_tree(struct walk *w)
{
    for (;;) {
        uint32_t kind = 0;

        if (!next(w, &kind))
            return false;
        if (kind == CY_BALANCE_BRANCH) {
            struct branch *branch = &w->path[w->depth];

            if (w->depth == CY_BALANCE_DEPTH_MAX || !next(w, &branch->u) || !next(w, &branch->v) ||
                branch->u >= w->graph->n || branch->v >= w->graph->n || branch->u == branch->v)
                return false;
            branch->opposite = false;
            w->depth++;
            continue;
        }
        if (kind != CY_BALANCE_LEAF || !read_leaf(w))
            return false;
        while (w->depth > 0 && w->path[w->depth - 1].opposite)
            w->depth--;
        if (w->depth == 0)
            return w->at == w->claim->n_proof;
        w->path[w->depth - 1].opposite = true;
    }
}

static bool sound(const struct cy_balance_graph *graph, const uint8_t *sides)
{
    uint64_t total = 0;

    for (size_t e = 0; e < graph->m; e++) {
        const struct cy_balance_edge *edge = &graph->edges[e];

        if (edge->a >= graph->n || edge->b >= graph->n || edge->a == edge->b || edge->weight == 0 ||
            edge->weight == INT32_MIN)
            return false;
        total += (uint64_t)(edge->weight < 0 ? -edge->weight : edge->weight);
    }
    for (size_t i = 0; i < graph->n; i++) {
        if (sides[i] > 1)
            return false;
    }
    return total <= UINT32_MAX; /* so that cost x parts fits */
}

bool cy_balance_check(const struct cy_balance_graph *graph, const struct cy_balance_claim *claim,
                      uint64_t *room, uint64_t *cost, size_t *at)
{
    struct walk w = {.graph = graph, .claim = claim, .used = room};
    bool good = false;

    *cost = 0;
    *at = 0;
    w.odd = (uint8_t *)(room + graph->m);
    if (!sound(graph, claim->sides))
        return false;
    w.cost = cy_balance_cost(graph, claim->sides);
    *cost = w.cost;
    good = claim->proof == NULL || read_tree(&w);
    *at = w.at;
    return good;
}

#include "models/network/ring_packing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPS 1e-7
#define SHIFT 1e-5 /* right sides differ by up to this, relative to nothing */
#define LOSS 3e-5  /* what the shift can cost, relative */
#define SLACK 0x80000000u
#define NONE UINT32_MAX
#define STEP 1e-9 /* every edge costs something, so that short rings win */

struct arc {
    uint32_t to;
    uint32_t edge; /* m and above: a branch */
    uint32_t turns;
};

struct cy_ring_packing {
    const struct cy_balance_graph *graph;
    struct cy_ring *rings;
    uint8_t *taken; /* ring is basic */
    size_t n_rings;
    size_t cap_rings;
    /* rows: edges that some ring has used */
    uint32_t *row_of; /* m */
    uint32_t *edge_of;
    size_t rows;
    double *inverse; /* m x m */
    double *amount;  /* of the basic column of each row */
    double *price;   /* of each row */
    double *entering;
    uint32_t *basic; /* ring, or SLACK + row */
    double sum;
    /* paths */
    struct arc *arcs;
    uint32_t *first; /* n + 1 */
    double *length;  /* 2 n */
    uint32_t *from;  /* 2 n: arc */
    uint32_t *prior; /* 2 n: node */
    uint8_t *done;
    uint8_t *parity; /* m + depth */
    struct cy_ring absurd;
};

struct cy_ring_packing *cy_ring_packing_new(const struct cy_balance_graph *graph)
{
    struct cy_ring_packing *p = calloc(1, sizeof *p);
    const size_t m = graph->m;
    const size_t n = graph->n;

    if (p == NULL)
        return NULL;
    p->graph = graph;
    p->row_of = calloc(m, sizeof *p->row_of);
    p->edge_of = calloc(m, sizeof *p->edge_of);
    p->inverse = calloc(m * m, sizeof *p->inverse);
    p->amount = calloc(m, sizeof *p->amount);
    p->price = calloc(m, sizeof *p->price);
    p->entering = calloc(m, sizeof *p->entering);
    p->basic = calloc(m, sizeof *p->basic);
    p->arcs = calloc(2 * (m + CY_BALANCE_DEPTH_MAX), sizeof *p->arcs);
    p->first = calloc(n + 2, sizeof *p->first);
    p->length = calloc(2 * n, sizeof *p->length);
    p->from = calloc(2 * n, sizeof *p->from);
    p->prior = calloc(2 * n, sizeof *p->prior);
    p->done = calloc(2 * n, sizeof *p->done);
    p->parity = calloc(m + CY_BALANCE_DEPTH_MAX, sizeof *p->parity);
    p->absurd.edges = calloc(CY_BALANCE_DEPTH_MAX, sizeof *p->absurd.edges);
    if (p->row_of == NULL || p->edge_of == NULL || p->inverse == NULL || p->amount == NULL ||
        p->price == NULL || p->entering == NULL || p->basic == NULL || p->arcs == NULL ||
        p->first == NULL || p->length == NULL || p->from == NULL || p->prior == NULL ||
        p->done == NULL || p->parity == NULL || p->absurd.edges == NULL) {
        cy_ring_packing_free(p);
        return NULL;
    }
    return p;
}

void cy_ring_packing_free(struct cy_ring_packing *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n_rings; i++)
        free(p->rings[i].edges);
    free(p->rings);
    free(p->taken);
    free(p->row_of);
    free(p->edge_of);
    free(p->inverse);
    free(p->amount);
    free(p->price);
    free(p->entering);
    free(p->basic);
    free(p->arcs);
    free(p->first);
    free(p->length);
    free(p->from);
    free(p->prior);
    free(p->done);
    free(p->parity);
    free(p->absurd.edges);
    free(p);
}

/* --- simplex --- */

static double room_of(const struct cy_ring_packing *p, uint32_t edge)
{
    const double weight = fabs((double)p->graph->edges[edge].weight);

    return weight * (1 + SHIFT * (double)(edge * 2654435761u % 1000u) / 1000.0);
}

static uint32_t row(struct cy_ring_packing *p, uint32_t edge)
{
    const size_t m = p->graph->m;
    const uint32_t r = (uint32_t)p->rows;

    if (p->row_of[edge] != NONE)
        return p->row_of[edge];
    p->rows++;
    p->row_of[edge] = r;
    p->edge_of[r] = edge;
    for (uint32_t i = 0; i <= r; i++) {
        p->inverse[i * m + r] = 0;
        p->inverse[r * m + i] = 0;
    }
    p->inverse[r * m + r] = 1;
    p->amount[r] = room_of(p, edge);
    p->price[r] = 0;
    p->basic[r] = SLACK + r;
    return r;
}

static void reset(struct cy_ring_packing *p)
{
    p->rows = 0;
    p->sum = 0;
    memset(p->row_of, 0xff, p->graph->m * sizeof *p->row_of);
    if (p->n_rings > 0)
        memset(p->taken, 0, p->n_rings);
}

/* Brings a column into the basis: gain is its reduced cost. False when it is bounded by nothing. */
static bool pivot(struct cy_ring_packing *p, uint32_t column, double gain)
{
    const size_t m = p->graph->m;
    uint32_t out = NONE;
    double least = HUGE_VAL;
    double *line = NULL;

    for (uint32_t i = 0; i < p->rows; i++) {
        if (p->entering[i] > EPS && p->amount[i] / p->entering[i] < least) {
            least = p->amount[i] / p->entering[i];
            out = i;
        }
    }
    if (out == NONE)
        return false;
    line = p->inverse + out * m;
    for (size_t k = 0; k < p->rows; k++) {
        p->price[k] += gain / p->entering[out] * line[k];
        line[k] /= p->entering[out];
    }
    for (uint32_t i = 0; i < p->rows; i++) {
        const double times = p->entering[i];
        double *other = p->inverse + i * m;

        if (i == out || fabs(times) < 1e-12)
            continue;
        p->amount[i] -= times * least;
        if (p->amount[i] < 0)
            p->amount[i] = 0;
        for (size_t k = 0; k < p->rows; k++)
            other[k] -= times * line[k];
    }
    p->sum += gain * least;
    if ((p->basic[out] & SLACK) == 0)
        p->taken[p->basic[out]] = 0;
    p->amount[out] = least;
    p->basic[out] = column;
    if ((column & SLACK) == 0)
        p->taken[column] = 1;
    return true;
}

static double worth(const struct cy_ring_packing *p, const struct cy_ring *ring)
{
    double cost = 0;

    for (uint32_t i = 0; i < ring->n_real; i++)
        cost += p->row_of[ring->edges[i]] == NONE ? 0 : p->price[p->row_of[ring->edges[i]]];
    return 1 - cost;
}

static void enter_ring(struct cy_ring_packing *p, const struct cy_ring *ring)
{
    const size_t m = p->graph->m;

    for (uint32_t i = 0; i < ring->n_real; i++)
        (void)row(p, ring->edges[i]);
    memset(p->entering, 0, p->rows * sizeof *p->entering);
    for (uint32_t k = 0; k < ring->n_real; k++) {
        const uint32_t r = p->row_of[ring->edges[k]];

        for (size_t i = 0; i < p->rows; i++)
            p->entering[i] += p->inverse[i * m + r];
    }
}

/* Goes on while some known column is worth taking. */
static void improve(struct cy_ring_packing *p, double enough)
{
    for (size_t steps = 0; steps < 40 * p->graph->m + 1000; steps++) {
        double best = EPS;
        uint32_t column = NONE;

        for (uint32_t i = 0; i < p->n_rings; i++) {
            const double gain = p->taken[i] ? 0 : worth(p, &p->rings[i]);

            if (gain > best) {
                best = gain;
                column = i;
            }
        }
        for (uint32_t r = 0; r < p->rows; r++) {
            if (-p->price[r] > best) {
                best = -p->price[r];
                column = SLACK + r;
            }
        }
        if (column == NONE || p->sum * (1 - LOSS) > enough)
            return;
        if ((column & SLACK) == 0) {
            enter_ring(p, &p->rings[column]);
        } else {
            for (size_t i = 0; i < p->rows; i++)
                p->entering[i] = p->inverse[i * p->graph->m + (column & ~SLACK)];
        }
        if (!pivot(p, column, best))
            return;
    }
}

/* --- rings --- */

static bool keep_ring(struct cy_ring_packing *p, const struct cy_ring *ring)
{
    uint32_t *copy = NULL;

    if (p->n_rings == p->cap_rings) {
        const size_t cap = p->cap_rings == 0 ? 256 : 2 * p->cap_rings;
        struct cy_ring *grown = realloc(p->rings, cap * sizeof *grown);
        uint8_t *taken = NULL;

        if (grown == NULL)
            return false;
        p->rings = grown;
        taken = realloc(p->taken, cap);
        if (taken == NULL)
            return false;
        p->taken = taken;
        p->cap_rings = cap;
    }
    copy = malloc((ring->n + 1) * sizeof *copy);
    if (copy == NULL)
        return false;
    memcpy(copy, ring->edges, ring->n * sizeof *copy);
    p->rings[p->n_rings] = (struct cy_ring){copy, ring->n_real, ring->n};
    p->taken[p->n_rings++] = 0;
    return true; // cppcheck-suppress memleak ; the pool has it
}

/* Rings of the pool that use branches of another part of the tree go. */
static void drop_foreign(struct cy_ring_packing *p)
{
    size_t kept = 0;

    for (size_t i = 0; i < p->n_rings; i++) {
        if (p->rings[i].n == p->rings[i].n_real)
            p->rings[kept++] = p->rings[i];
        else
            free(p->rings[i].edges);
    }
    p->n_rings = kept;
}

static void lay_arcs(struct cy_ring_packing *p, const struct cy_ring_branch *branches, size_t n)
{
    const struct cy_balance_graph *g = p->graph;

    memset(p->first, 0, (g->n + 2) * sizeof *p->first);
    for (size_t e = 0; e < g->m + n; e++) {
        p->first[(e < g->m ? g->edges[e].a : branches[e - g->m].u) + 2]++;
        p->first[(e < g->m ? g->edges[e].b : branches[e - g->m].v) + 2]++;
    }
    for (size_t v = 2; v < g->n + 2; v++)
        p->first[v] += p->first[v - 1];
    for (uint32_t e = 0; e < g->m + n; e++) {
        const uint32_t a = e < g->m ? g->edges[e].a : branches[e - g->m].u;
        const uint32_t b = e < g->m ? g->edges[e].b : branches[e - g->m].v;
        const bool turns = e < g->m ? g->edges[e].weight < 0 : branches[e - g->m].opposite;

        p->arcs[p->first[a + 1]++] = (struct arc){b, e, turns};
        p->arcs[p->first[b + 1]++] = (struct arc){a, e, turns};
    }
}

static double arc_length(const struct cy_ring_packing *p, uint32_t edge)
{
    const uint32_t r = edge < p->graph->m ? p->row_of[edge] : NONE;

    return STEP + (r == NONE || p->price[r] < 0 ? 0 : p->price[r]);
}

/* The shortest way from (v, even) to (v, odd); its length, infinite when it is `most` or more. */
static double shortest(struct cy_ring_packing *p, uint32_t v, double most)
{
    const size_t n = 2 * p->graph->n;

    for (size_t i = 0; i < n; i++)
        p->length[i] = HUGE_VAL;
    memset(p->done, 0, n);
    p->length[2 * v] = 0;
    for (;;) {
        uint32_t at = NONE;

        for (uint32_t i = 0; i < n; i++) {
            if (!p->done[i] && p->length[i] < most && (at == NONE || p->length[i] < p->length[at]))
                at = i;
        }
        if (at == NONE)
            return HUGE_VAL;
        if (at == 2 * v + 1)
            return p->length[at];
        p->done[at] = 1;
        for (uint32_t k = p->first[at / 2]; k < p->first[at / 2 + 1]; k++) {
            const uint32_t to = 2 * p->arcs[k].to + ((at & 1) ^ p->arcs[k].turns);
            const double length = p->length[at] + arc_length(p, p->arcs[k].edge);

            if (length < p->length[to]) {
                p->length[to] = length;
                p->from[to] = k;
                p->prior[to] = at;
            }
        }
    }
}

/* The ring of the way just found: what it goes over twice cancels out. */
static void collect(struct cy_ring_packing *p, uint32_t v, size_t n_branches, struct cy_ring *ring)
{
    const uint32_t m = (uint32_t)p->graph->m;
    uint32_t at = 2 * v + 1;

    memset(p->parity, 0, m + n_branches);
    while (at != 2 * v) {
        p->parity[p->arcs[p->from[at]].edge] ^= 1;
        at = p->prior[at];
    }
    ring->n = 0;
    ring->n_real = 0;
    for (uint32_t e = 0; e < m + n_branches; e++) {
        if (p->parity[e] == 0)
            continue;
        ring->edges[ring->n++] = e;
        ring->n_real += e < m;
    }
}

static bool same_ring(const struct cy_ring *a, const struct cy_ring *b)
{
    return a->n == b->n && memcmp(a->edges, b->edges, a->n * sizeof *a->edges) == 0;
}

/* Adds rings that are worth taking, one a node at most; their number, SIZE_MAX without memory. */
static size_t find_rings(struct cy_ring_packing *p, size_t n_branches)
{
    const size_t before = p->n_rings;
    struct cy_ring ring = {malloc((p->graph->m + n_branches + 1) * sizeof *ring.edges), 0, 0};

    if (ring.edges == NULL)
        return SIZE_MAX;
    for (uint32_t v = 0; v < p->graph->n; v++) {
        bool known = false;

        if (isinf(shortest(p, v, 1 - 1e-6)))
            continue;
        collect(p, v, n_branches, &ring);
        if (ring.n_real == 0) {
            memcpy(p->absurd.edges, ring.edges, ring.n * sizeof *ring.edges);
            p->absurd.n = ring.n;
            break;
        }
        for (size_t i = before; i < p->n_rings && !known; i++)
            known = same_ring(&p->rings[i], &ring);
        if (!known && worth(p, &ring) > 1e-6 && !keep_ring(p, &ring)) {
            free(ring.edges);
            return SIZE_MAX;
        }
    }
    free(ring.edges);
    return p->n_rings - before;
}

cy_err cy_ring_packing_solve(struct cy_ring_packing *p, const struct cy_ring_branch *branches,
                             size_t n_branches, double enough)
{
    p->absurd.n = 0;
    drop_foreign(p);
    lay_arcs(p, branches, n_branches);
    reset(p);
    for (;;) {
        size_t found = 0;

        improve(p, enough);
        if (p->sum * (1 - LOSS) > enough)
            return CY_OK;
        found = find_rings(p, n_branches);
        if (found == SIZE_MAX)
            return cy_fail(CY_E_NO_MEMORY, 0);
        if (found == 0 || p->absurd.n > 0)
            return CY_OK;
    }
}

double cy_ring_packing_bound(const struct cy_ring_packing *p)
{
    return p->absurd.n > 0 ? (double)UINT64_MAX : p->sum * (1 - LOSS);
}

const struct cy_ring *cy_ring_packing_absurd(const struct cy_ring_packing *p)
{
    return p->absurd.n > 0 ? &p->absurd : NULL;
}

double cy_ring_packing_price(const struct cy_ring_packing *p, size_t edge)
{
    const uint32_t r = p->row_of[edge];

    return r == NONE ? 0 : fmin(1, fmax(0, p->price[r]));
}

const struct cy_ring *cy_ring_packing_next(const struct cy_ring_packing *p, size_t *at,
                                           double *amount)
{
    while (*at < p->rows) {
        const size_t r = (*at)++;

        if ((p->basic[r] & SLACK) != 0 || p->amount[r] <= 0)
            continue;
        *amount = p->amount[r] * (1 - LOSS);
        return &p->rings[p->basic[r]];
    }
    return NULL;
}

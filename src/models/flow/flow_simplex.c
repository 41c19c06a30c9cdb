#include "models/flow/flow_simplex.h"

#include <stdlib.h>

#define NONE UINT32_MAX

enum { AT_UPPER = -1, IN_TREE = 0, AT_LOWER = 1 };

/* A party in the tree; the root is one more than all parties. 32 bytes: two of them in what memory
 * brings at once. */
struct node {
    int64_t potential;
    uint32_t parent;
    uint32_t child; /* the first */
    uint32_t next;  /* of the same parent */
    uint32_t before;
    uint32_t size; /* of what hangs here, itself with it */
    uint32_t link; /* twice the arc to the parent; 1 more where it comes from there */
};

struct edge {
    uint32_t from;
    uint32_t to;
    int64_t cost;
    int64_t most;
    int64_t flow;
    int32_t state;
};

struct tree {
    struct edge *edges; /* the arcs, then one for each party to or from the root */
    struct node *nodes;
    uint32_t n_edges;
    uint32_t n_arcs;
    uint32_t root;
    uint32_t block; /* edges that are looked at together */
    uint32_t at;
    /* the pivot */
    uint32_t in;
    uint32_t join;
    uint32_t out;  /* the party under the arc that leaves; NONE: none does */
    uint32_t from; /* the end of the entering arc that is cut off */
    uint32_t to;   /* and the one that it hangs on */
    int64_t delta;
};

/* --- the tree --- */

static uint32_t arc_of(const struct node *node)
{
    return node->link >> 1;
}

/* 1: the arc goes to the parent; -1: it comes from there. */
static int32_t up_of(const struct node *node)
{
    return 1 - 2 * (int32_t)(node->link & 1);
}

static void hang(struct tree *t, uint32_t node, uint32_t parent)
{
    struct node *nodes = t->nodes;

    nodes[node].parent = parent;
    nodes[node].before = NONE;
    nodes[node].next = nodes[parent].child;
    if (nodes[parent].child != NONE)
        nodes[nodes[parent].child].before = node;
    nodes[parent].child = node;
}

static void cut(struct tree *t, uint32_t node)
{
    struct node *nodes = t->nodes;
    struct node *at = &nodes[node];

    if (at->before == NONE)
        nodes[at->parent].child = at->next;
    else
        nodes[at->before].next = at->next;
    if (at->next != NONE)
        nodes[at->next].before = at->before;
}

/* Everybody hangs on the root: who sends at no cost, who takes by an arc dearer than any way. */
static bool plant(struct tree *t, const struct cy_flow_arc *arcs, uint32_t n, const int64_t *wants,
                  uint32_t n_parties)
{
    int64_t dear = 1;

    t->n_arcs = n;
    t->n_edges = n + n_parties;
    t->root = n_parties;
    t->edges = malloc(((size_t)t->n_edges + 1) * sizeof *t->edges);
    t->nodes = malloc(((size_t)n_parties + 1) * sizeof *t->nodes);
    if (t->edges == NULL || t->nodes == NULL)
        return false;
    for (t->block = 30; (uint64_t)t->block * t->block < n; t->block++) {
    }
    for (uint32_t i = 0; i < n; i++) {
        const int64_t cost = -(int64_t)arcs[i].weight;
        const int64_t size = cost < 0 ? -cost : cost;

        t->edges[i] = (struct edge){
            arcs[i].debtor, arcs[i].creditor, cost, (int64_t)arcs[i].amount, 0, AT_LOWER};
        dear = size >= dear ? size + 1 : dear;
    }
    dear *= (int64_t)n_parties + 1;
    t->nodes[t->root] = (struct node){
        .parent = NONE, .link = NONE, .child = NONE, .next = NONE, .size = n_parties + 1};
    for (uint32_t p = 0; p < n_parties; p++) {
        const bool sends = wants[p] >= 0;

        t->edges[n + p] =
            (struct edge){sends ? p : t->root, sends ? t->root : p,          sends ? 0 : dear,
                          INT64_MAX,           sends ? wants[p] : -wants[p], IN_TREE};
        t->nodes[p] = (struct node){
            .potential = sends ? 0 : dear, .link = 2 * (n + p) + !sends, .size = 1, .child = NONE};
        hang(t, p, t->root);
    }
    return true;
}

/* --- the pivot --- */

/* The arc that pays most of the next block in which one pays. */
static bool enter(struct tree *t)
{
    int64_t best = 0;
    uint32_t left = t->block;

    for (uint32_t seen = 0; seen < t->n_arcs; seen++) {
        const struct edge *e = &t->edges[t->at];
        const int64_t pays =
            e->state * (e->cost + t->nodes[e->from].potential - t->nodes[e->to].potential);

        if (pays < best) {
            best = pays;
            t->in = t->at;
        }
        t->at = t->at + 1 == t->n_arcs ? 0 : t->at + 1;
        if (--left == 0) {
            if (best < 0)
                return true;
            left = t->block;
        }
    }
    return best < 0;
}

/* Less hangs on what is further from the root. */
static void find_join(struct tree *t)
{
    uint32_t a = t->edges[t->in].from;
    uint32_t b = t->edges[t->in].to;

    while (a != b) {
        if (t->nodes[a].size < t->nodes[b].size)
            a = t->nodes[a].parent;
        else
            b = t->nodes[b].parent;
    }
    t->join = a;
}

/* The last arc on the cycle, from the join on and with the flow, that stops it first. */
static void leave(struct tree *t)
{
    const struct edge *in = &t->edges[t->in];
    const bool forth = in->state == AT_LOWER;
    const uint32_t first = forth ? in->from : in->to;
    const uint32_t second = forth ? in->to : in->from;

    t->delta = in->most;
    t->out = NONE;
    for (uint32_t u = first; u != t->join; u = t->nodes[u].parent) {
        const struct edge *e = &t->edges[arc_of(&t->nodes[u])];
        const int64_t room = up_of(&t->nodes[u]) > 0 ? e->flow : e->most - e->flow;

        if (room < t->delta) {
            t->delta = room;
            t->out = u;
            t->from = first;
            t->to = second;
        }
    }
    for (uint32_t u = second; u != t->join; u = t->nodes[u].parent) {
        const struct edge *e = &t->edges[arc_of(&t->nodes[u])];
        const int64_t room = up_of(&t->nodes[u]) > 0 ? e->most - e->flow : e->flow;

        if (room <= t->delta) {
            t->delta = room;
            t->out = u;
            t->from = second;
            t->to = first;
        }
    }
}

static void send(struct tree *t)
{
    struct edge *in = &t->edges[t->in];
    const int64_t by = in->state * t->delta;

    if (by != 0) {
        in->flow += by;
        for (uint32_t u = in->from; u != t->join; u = t->nodes[u].parent)
            t->edges[arc_of(&t->nodes[u])].flow -= up_of(&t->nodes[u]) * by;
        for (uint32_t u = in->to; u != t->join; u = t->nodes[u].parent)
            t->edges[arc_of(&t->nodes[u])].flow += up_of(&t->nodes[u]) * by;
    }
    if (t->out == NONE) {
        in->state = -in->state;
        return;
    }
    in->state = IN_TREE;
    t->edges[arc_of(&t->nodes[t->out])].state =
        t->edges[arc_of(&t->nodes[t->out])].flow == 0 ? AT_LOWER : AT_UPPER;
}

/* What was cut off hangs by the entering arc now: the way up to the cut is turned round. */
static void turn(struct tree *t)
{
    struct node *nodes = t->nodes;
    const uint32_t end = nodes[t->out].parent;
    const uint32_t all = nodes[t->out].size;
    uint32_t parent = t->to;
    uint32_t link = 2 * t->in + (t->edges[t->in].from != t->from);
    uint32_t below = 0; /* what hung on the one before */

    for (uint32_t u = end; u != t->join; u = nodes[u].parent)
        nodes[u].size -= all;
    for (uint32_t u = t->to; u != t->join; u = nodes[u].parent)
        nodes[u].size += all;
    for (uint32_t u = t->from; u != end;) {
        const uint32_t above = nodes[u].parent;
        const uint32_t old_link = nodes[u].link;
        const uint32_t old_size = nodes[u].size;

        cut(t, u);
        hang(t, u, parent);
        nodes[u].link = link;
        nodes[u].size = all - below;
        below = old_size;
        parent = u;
        link = old_link ^ 1;
        u = above;
    }
}

/* Potentials of what hangs by the entering arc. */
static void settle(struct tree *t)
{
    struct node *nodes = t->nodes;
    const uint32_t top = t->from;
    const int64_t by =
        nodes[t->to].potential - nodes[top].potential - up_of(&nodes[top]) * t->edges[t->in].cost;
    uint32_t u = top;

    for (;;) {
        nodes[u].potential += by;
        if (nodes[u].child != NONE) {
            u = nodes[u].child;
            continue;
        }
        while (u != top && nodes[u].next == NONE)
            u = nodes[u].parent;
        if (u == top)
            return;
        u = nodes[u].next;
    }
}

enum cy_flow_outcome cy_flow_simplex(struct cy_flow_arc *arcs, uint32_t n, const int64_t *wants,
                                     uint32_t n_parties, int64_t *potentials)
{
    struct tree t = {.out = NONE};
    enum cy_flow_outcome outcome = CY_FLOW_FOUND;

    if (!plant(&t, arcs, n, wants, n_parties)) {
        free(t.edges);
        free(t.nodes);
        return CY_FLOW_NO_MEMORY;
    }
    while (enter(&t)) {
        find_join(&t);
        leave(&t);
        send(&t);
        if (t.out == NONE)
            continue;
        turn(&t);
        settle(&t);
    }
    for (uint32_t i = 0; i < n; i++)
        arcs[i].cleared = (uint64_t)t.edges[i].flow;
    for (uint32_t p = 0; p < n_parties; p++) {
        potentials[p] = t.nodes[p].potential;
        if (t.edges[n + p].flow != 0)
            outcome = CY_FLOW_IMPOSSIBLE;
    }
    free(t.edges);
    free(t.nodes);
    return outcome;
}

#include "models/clear/clear_flow.h"

#include <stdlib.h>

#define NOWHERE UINT32_MAX

/* Half an arc: 2 i goes from debtor to creditor, 2 i + 1 back. */
struct half {
    uint32_t to;
    uint32_t cost_back; /* 0: costs one; 1: gives one back */
    uint64_t room;
    uint32_t twin; /* place of the other half */
};

struct net {
    uint32_t n;
    uint32_t m;     /* halves */
    uint32_t *from; /* n + 1 places */
    struct half *halves;
    int64_t *excess; /* to send, or below 0 to take */
    int64_t *potential;
    uint32_t *distance;
    uint32_t *level;
    uint32_t *now; /* half that is tried next */
    uint32_t *queue;
    uint32_t *path;
    uint32_t *bucket; /* first entry at each distance */
    uint32_t *entry;  /* its party; one entry each time that a party comes nearer */
    uint32_t *link;   /* the next entry at that distance */
    uint32_t n_entries;
};

static void drop(struct net *net)
{
    free(net->from);
    free(net->halves);
    free(net->excess);
    free(net->distance);
    free(net->level);
    free(net->now);
    free(net->queue);
    free(net->path);
    free(net->bucket);
    free(net->entry);
    free(net->link);
}

static bool make(struct net *net, const struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties)
{
    const size_t parties = (size_t)n_parties + 1;

    net->n = n_parties;
    net->m = 2 * n;
    net->from = calloc(parties + 1, sizeof *net->from);
    net->halves = calloc((size_t)net->m + 1, sizeof *net->halves);
    net->excess = calloc(parties, sizeof *net->excess);
    net->distance = calloc(parties, sizeof *net->distance);
    net->level = calloc(parties, sizeof *net->level);
    net->now = calloc(parties, sizeof *net->now);
    net->queue = calloc(parties, sizeof *net->queue);
    net->path = calloc(parties, sizeof *net->path);
    net->bucket = calloc(2 * parties + 2, sizeof *net->bucket);
    net->entry = calloc(parties + net->m, sizeof *net->entry);
    net->link = calloc(parties + net->m, sizeof *net->link);
    if (net->from == NULL || net->halves == NULL || net->excess == NULL || net->distance == NULL ||
        net->level == NULL || net->now == NULL || net->queue == NULL || net->path == NULL ||
        net->bucket == NULL || net->entry == NULL || net->link == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        net->from[arcs[i].debtor + 1]++;
        net->from[arcs[i].creditor + 1]++;
        net->excess[arcs[i].debtor] += (int64_t)arcs[i].amount;
        net->excess[arcs[i].creditor] -= (int64_t)arcs[i].amount;
    }
    for (uint32_t p = 0; p < n_parties; p++)
        net->from[p + 1] += net->from[p];
    memcpy(net->now, net->from, n_parties * sizeof *net->now);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t there = net->now[arcs[i].debtor]++;
        const uint32_t back = net->now[arcs[i].creditor]++;

        net->halves[there] = (struct half){arcs[i].creditor, 0, arcs[i].amount, back};
        net->halves[back] = (struct half){arcs[i].debtor, 1, 0, there};
    }
    return true;
}

/* The length of a half after potentials; 0 or more where there is room. */
static int64_t length_of(const struct net *net, uint32_t at, const struct half *half)
{
    return (half->cost_back != 0 ? -1 : 1) + net->potential[at] - net->potential[half->to];
}

static void put(struct net *net, uint32_t party, uint32_t distance)
{
    const uint32_t at = net->n_entries++;

    net->distance[party] = distance;
    net->entry[at] = party;
    net->link[at] = net->bucket[distance];
    net->bucket[distance] = at;
}

/* Distances from whoever has to send, up to the nearest that has to take; adds them to the
 * potentials. False when nobody is reached: all is sent. */
static bool reach(struct net *net)
{
    const uint32_t most = 2 * net->n + 1;
    uint32_t nearest = NOWHERE;

    net->n_entries = 0;
    for (uint32_t d = 0; d <= most; d++)
        net->bucket[d] = NOWHERE;
    for (uint32_t p = 0; p < net->n; p++)
        net->distance[p] = NOWHERE;
    for (uint32_t p = net->n; p-- > 0;) {
        if (net->excess[p] > 0)
            put(net, p, 0);
    }
    for (uint32_t d = 0; d <= most && nearest == NOWHERE; d++) {
        while (net->bucket[d] != NOWHERE && nearest == NOWHERE) {
            const uint32_t p = net->entry[net->bucket[d]];

            net->bucket[d] = net->link[net->bucket[d]];
            if (net->distance[p] != d)
                continue; /* it came nearer, and was looked at then */
            if (net->excess[p] < 0)
                nearest = d;
            for (uint32_t h = net->from[p]; h < net->from[p + 1]; h++) {
                const struct half *half = &net->halves[h];
                int64_t far = 0;

                if (half->room == 0)
                    continue;
                far = (int64_t)d + length_of(net, p, half);
                if (far < net->distance[half->to] && far <= most)
                    put(net, half->to, (uint32_t)far);
            }
        }
    }
    for (uint32_t p = 0; nearest != NOWHERE && p < net->n; p++)
        net->potential[p] += net->distance[p] < nearest ? net->distance[p] : nearest;
    return nearest != NOWHERE;
}

/* Steps from whoever has to send, over halves of length 0. False when no taker is reached. */
static bool rank(struct net *net)
{
    uint32_t tail = 0;
    bool found = false;

    for (uint32_t p = 0; p < net->n; p++) {
        net->level[p] = NOWHERE;
        net->now[p] = net->from[p];
        if (net->excess[p] > 0) {
            net->level[p] = 0;
            net->queue[tail++] = p;
        }
    }
    for (uint32_t head = 0; head < tail; head++) {
        const uint32_t p = net->queue[head];

        found = found || net->excess[p] < 0;
        for (uint32_t h = net->from[p]; h < net->from[p + 1]; h++) {
            const struct half *half = &net->halves[h];

            if (half->room == 0 || net->level[half->to] != NOWHERE || length_of(net, p, half) != 0)
                continue;
            net->level[half->to] = net->level[p] + 1;
            net->queue[tail++] = half->to;
        }
    }
    return found;
}

/* The next half of length 0 that leads a level on; NOWHERE when there is none left. */
static uint32_t next_half(struct net *net, uint32_t p)
{
    for (; net->now[p] < net->from[p + 1]; net->now[p]++) {
        const struct half *half = &net->halves[net->now[p]];

        if (half->room > 0 && net->level[half->to] == net->level[p] + 1 &&
            length_of(net, p, half) == 0)
            return net->now[p];
    }
    return NOWHERE;
}

/* Sends along the path that was found; the depth at which it is used up first. */
static uint32_t send_along(struct net *net, uint32_t source, uint32_t depth)
{
    const uint32_t sink = net->halves[net->path[depth - 1]].to;
    int64_t amount = net->excess[source];
    uint32_t first = depth;

    if (-net->excess[sink] < amount)
        amount = -net->excess[sink];
    for (uint32_t i = 0; i < depth; i++) {
        if (net->halves[net->path[i]].room < (uint64_t)amount)
            amount = (int64_t)net->halves[net->path[i]].room;
    }
    for (uint32_t i = depth; i-- > 0;) {
        struct half *half = &net->halves[net->path[i]];

        half->room -= (uint64_t)amount;
        net->halves[half->twin].room += (uint64_t)amount;
        if (half->room == 0)
            first = i;
    }
    net->excess[source] -= amount;
    net->excess[sink] += amount;
    return first;
}

/* All that one sender can send over the levels. */
static void send_from(struct net *net, uint32_t source)
{
    uint32_t depth = 0;
    uint32_t at = source;

    while (net->excess[source] > 0) {
        uint32_t h = NOWHERE;

        if (net->excess[at] < 0) {
            const uint32_t first = send_along(net, source, depth);

            if (first < depth)
                depth = first;
            at = depth == 0 ? source : net->halves[net->path[depth - 1]].to;
            continue;
        }
        h = next_half(net, at);
        if (h != NOWHERE) {
            net->path[depth++] = h;
            at = net->halves[h].to;
            continue;
        }
        if (depth == 0)
            return;
        depth--; /* a dead end: the one before tries its next half */
        at = depth == 0 ? source : net->halves[net->path[depth - 1]].to;
        net->now[at]++;
    }
}

bool cy_clear_flow(struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties, int64_t *potentials)
{
    struct net net = {.potential = potentials};

    memset(potentials, 0, n_parties * sizeof *potentials);
    if (!make(&net, arcs, n, n_parties)) {
        drop(&net);
        return false;
    }
    while (reach(&net)) {
        while (rank(&net)) {
            for (uint32_t p = 0; p < n_parties; p++) {
                if (net.excess[p] > 0)
                    send_from(&net, p);
            }
        }
    }
    /* halves stand in the order of arcs at each party: what is left of the way there is cleared */
    memcpy(net.now, net.from, n_parties * sizeof *net.now);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t there = net.now[arcs[i].debtor]++;

        net.now[arcs[i].creditor]++;
        arcs[i].cleared = net.halves[there].room;
    }
    /* a potential here falls from debtor to creditor; certificates let it rise the other way */
    for (uint32_t p = 0; p < n_parties; p++)
        potentials[p] = -potentials[p];
    drop(&net);
    return true;
}

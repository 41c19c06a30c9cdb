#include "models/flow/circulation.h"

#include <stdlib.h>

#define NOWHERE UINT32_MAX

/* Half an arc: from debtor to creditor, or back. */
struct half {
    uint64_t room;
    uint32_t to;
    uint32_t twin; /* place of the other half */
};

struct net {
    uint32_t n;
    uint32_t m;      /* halves */
    uint32_t *from;  /* n + 1 places */
    uint32_t *place; /* by arc: its half from debtor to creditor */
    struct half *halves;
    int8_t *cost;    /* of each half */
    int64_t *excess; /* to send, or below 0 to take */
    int64_t *potential;
    /* distances */
    uint32_t most; /* a greater distance is none */
    uint32_t *distance;
    uint32_t *bucket; /* first entry at each distance */
    uint32_t *entry;  /* its party; one entry each time that a party comes nearer */
    uint32_t *link;   /* the next entry at that distance */
    uint32_t n_entries;
    /* the halves of length 0 */
    uint32_t *near_from;
    struct half *near;
    uint32_t *near_place; /* where a half stands among the near ones */
    uint32_t *far_place;  /* and the other way round */
    /* pushing */
    uint32_t *height;
    uint32_t *now; /* half that is tried next */
    uint32_t *queue;
    uint8_t *queued;
    uint32_t head;
    uint32_t waiting;
};

static void drop(struct net *net)
{
    void *const all[] = {
        net->from,      net->place,  net->halves, net->cost,      net->excess, net->distance,
        net->bucket,    net->entry,  net->link,   net->near_from, net->near,   net->near_place,
        net->far_place, net->height, net->now,    net->queue,     net->queued};

    for (size_t i = 0; i < CY_COUNT(all); i++)
        free(all[i]);
}

/* No distance is longer than a way over all parties. */
static uint32_t longest(const struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties)
{
    uint32_t weight = 1;

    for (uint32_t i = 0; i < n; i++) {
        const int32_t w = arcs[i].weight < 0 ? -arcs[i].weight : arcs[i].weight;

        CY_ASSERT(w <= CY_CIRCULATION_WEIGHT_MAX);
        weight = (uint32_t)w > weight ? (uint32_t)w : weight;
    }
    return 2 * weight * (n_parties + 1);
}

/* Memory; the long runs are written before they are read. */
static bool take(struct net *net, const struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties)
{
    const size_t parties = (size_t)n_parties + 1;
    const size_t halves = 2 * (size_t)n + 1;

    net->n = n_parties;
    net->m = 2 * n;
    net->most = longest(arcs, n, n_parties);
    net->from = calloc(parties + 1, sizeof *net->from);
    net->place = malloc(halves * sizeof *net->place);
    net->halves = malloc(halves * sizeof *net->halves);
    net->cost = malloc(halves);
    net->excess = calloc(parties, sizeof *net->excess);
    net->distance = calloc(parties, sizeof *net->distance);
    net->bucket = malloc(((size_t)net->most + 1) * sizeof *net->bucket);
    net->entry = malloc((parties + halves) * sizeof *net->entry);
    net->link = malloc((parties + halves) * sizeof *net->link);
    net->near_from = calloc(parties + 1, sizeof *net->near_from);
    net->near = malloc(halves * sizeof *net->near);
    net->near_place = malloc(halves * sizeof *net->near_place);
    net->far_place = malloc(halves * sizeof *net->far_place);
    net->height = calloc(parties, sizeof *net->height);
    net->now = calloc(parties, sizeof *net->now);
    net->queue = calloc(parties, sizeof *net->queue);
    net->queued = calloc(parties, 1);
    return net->from != NULL && net->place != NULL && net->halves != NULL && net->cost != NULL &&
           net->excess != NULL && net->distance != NULL && net->bucket != NULL &&
           net->entry != NULL && net->link != NULL && net->near_from != NULL && net->near != NULL &&
           net->near_place != NULL && net->far_place != NULL && net->height != NULL &&
           net->now != NULL && net->queue != NULL && net->queued != NULL;
}

/* Every arc begins where it is worth most: cleared whole, or, where that costs, not at all. */
static void fill(struct net *net, const struct cy_flow_arc *arcs, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        net->from[arcs[i].debtor + 1]++;
        net->from[arcs[i].creditor + 1]++;
        if (arcs[i].weight <= 0)
            continue;
        net->excess[arcs[i].debtor] += (int64_t)arcs[i].amount;
        net->excess[arcs[i].creditor] -= (int64_t)arcs[i].amount;
    }
    for (uint32_t p = 0; p < net->n; p++)
        net->from[p + 1] += net->from[p];
    memcpy(net->now, net->from, net->n * sizeof *net->now);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t there = net->now[arcs[i].debtor]++;
        const uint32_t back = net->now[arcs[i].creditor]++;
        const uint64_t stays = arcs[i].weight <= 0 ? arcs[i].amount : 0;

        net->halves[there] = (struct half){arcs[i].amount - stays, arcs[i].creditor, back};
        net->halves[back] = (struct half){stays, arcs[i].debtor, there};
        net->cost[there] = (int8_t)arcs[i].weight;
        net->cost[back] = (int8_t)-arcs[i].weight;
        net->place[i] = there;
    }
}

/* --- distances --- */

/* The length of a half after potentials; 0 or more where there is room. */
static int64_t length_of(const struct net *net, uint32_t at, uint32_t half)
{
    return net->cost[half] + net->potential[at] - net->potential[net->halves[half].to];
}

static void put(struct net *net, uint32_t party, uint32_t distance)
{
    const uint32_t at = net->n_entries++;

    net->distance[party] = distance;
    net->entry[at] = party;
    net->link[at] = net->bucket[distance];
    net->bucket[distance] = at;
}

/* A party at its distance: whoever it leads to may be nearer. */
static void spread(struct net *net, uint32_t p)
{
    for (uint32_t h = net->from[p]; h < net->from[p + 1]; h++) {
        const uint32_t to = net->halves[h].to;
        int64_t far = 0;

        if (net->halves[h].room == 0)
            continue;
        far = (int64_t)net->distance[p] + length_of(net, p, h);
        if (far < net->distance[to] && far <= net->most)
            put(net, to, (uint32_t)far);
    }
}

/* The distance of the nearest taker, walking outward; NOWHERE when none is reached. */
static uint32_t walk(struct net *net)
{
    for (uint32_t d = 0; d <= net->most; d++) {
        while (net->bucket[d] != NOWHERE) {
            const uint32_t p = net->entry[net->bucket[d]];

            net->bucket[d] = net->link[net->bucket[d]];
            if (net->distance[p] != d)
                continue; /* it came nearer, and was looked at then */
            if (net->excess[p] < 0)
                return d;
            spread(net, p);
        }
    }
    return NOWHERE;
}

/* Distances from whoever has to send, up to the nearest that has to take; adds them to the
 * potentials. False when nobody is reached: all is sent. */
static bool reach(struct net *net)
{
    uint32_t nearest = NOWHERE;

    net->n_entries = 0;
    memset(net->bucket, 0xff, ((size_t)net->most + 1) * sizeof *net->bucket);
    memset(net->distance, 0xff, net->n * sizeof *net->distance);
    for (uint32_t p = net->n; p-- > 0;) {
        if (net->excess[p] > 0)
            put(net, p, 0);
    }
    if (net->n_entries > 0)
        nearest = walk(net);
    for (uint32_t p = 0; nearest != NOWHERE && p < net->n; p++)
        net->potential[p] += net->distance[p] < nearest ? net->distance[p] : nearest;
    return nearest != NOWHERE;
}

/* --- the halves of length 0 --- */

static void gather(struct net *net)
{
    uint32_t n = 0;

    for (uint32_t p = 0; p < net->n; p++) {
        net->near_from[p] = n;
        for (uint32_t h = net->from[p]; h < net->from[p + 1]; h++) {
            if (length_of(net, p, h) != 0)
                continue;
            net->near[n] = net->halves[h];
            net->near_place[h] = n;
            net->far_place[n++] = h;
        }
    }
    net->near_from[net->n] = n;
    for (uint32_t h = 0; h < n; h++) /* a half of length 0 has a twin of length 0 */
        net->near[h].twin = net->near_place[net->near[h].twin];
}

static void scatter(struct net *net)
{
    for (uint32_t h = 0; h < net->near_from[net->n]; h++)
        net->halves[net->far_place[h]].room = net->near[h].room;
}

/* --- pushing --- */

/* Steps to the nearest taker, from takers backwards; NOWHERE where none can be reached. */
static void measure(struct net *net)
{
    uint32_t tail = 0;

    memcpy(net->now, net->near_from, net->n * sizeof *net->now);
    for (uint32_t p = 0; p < net->n; p++) {
        net->height[p] = NOWHERE;
        if (net->excess[p] < 0) {
            net->height[p] = 1;
            net->queue[tail++] = p;
        }
    }
    for (uint32_t head = 0; head < tail; head++) {
        const uint32_t p = net->queue[head];

        for (uint32_t h = net->near_from[p]; h < net->near_from[p + 1]; h++) {
            const struct half *half = &net->near[h];

            if (net->height[half->to] != NOWHERE || net->near[half->twin].room == 0)
                continue;
            net->height[half->to] = net->height[p] + 1;
            net->queue[tail++] = half->to;
        }
    }
}

static void wait_in_line(struct net *net, uint32_t p)
{
    const uint32_t at = net->head + net->waiting++;

    net->queue[at < net->n ? at : at - net->n] = p;
    net->queued[p] = 1;
}

static uint32_t next_in_line(struct net *net)
{
    const uint32_t p = net->queue[net->head];

    net->head = net->head + 1 == net->n ? 0 : net->head + 1;
    net->waiting--;
    net->queued[p] = 0;
    return p;
}

static void push(struct net *net, uint32_t p, struct half *half)
{
    const uint64_t all = (uint64_t)net->excess[p];
    const uint64_t by = all < half->room ? all : half->room;

    half->room -= by;
    net->near[half->twin].room += by;
    net->excess[p] -= (int64_t)by;
    net->excess[half->to] += (int64_t)by;
    if (net->excess[half->to] > 0 && net->queued[half->to] == 0)
        wait_in_line(net, half->to);
}

/* One above the lowest that the party leads to. False when that is nobody: it waits. */
static bool lift(struct net *net, uint32_t p)
{
    uint32_t low = NOWHERE;

    for (uint32_t h = net->near_from[p]; h < net->near_from[p + 1]; h++) {
        const struct half *half = &net->near[h];

        if (half->room > 0 && net->height[half->to] < low) {
            low = net->height[half->to];
            net->now[p] = h;
        }
    }
    net->height[p] = low >= net->n ? NOWHERE : low + 1;
    return net->height[p] != NOWHERE;
}

/* Sends on all that stands at a party; the halves looked at. */
static uint64_t discharge(struct net *net, uint32_t p)
{
    const uint32_t end = net->near_from[p + 1];
    uint64_t work = 0;

    for (;;) {
        uint32_t h = net->now[p];

        for (; h < end && net->excess[p] > 0; h++) {
            struct half *half = &net->near[h];

            if (half->room > 0 && net->height[half->to] + 1 == net->height[p])
                push(net, p, half);
        }
        work += h - net->now[p];
        if (net->excess[p] == 0) { /* the last half may have room still */
            net->now[p] = h == net->near_from[p] ? h : h - 1;
            return work;
        }
        work += end - net->near_from[p];
        if (!lift(net, p))
            return work;
    }
}

/* Pushes until heights should be measured again. False when nobody with something to send can
 * reach a taker. */
static bool push_on(struct net *net)
{
    const uint64_t enough = 4 * (uint64_t)net->n + net->near_from[net->n];
    uint64_t work = 0;
    bool any = false;

    measure(net);
    net->head = 0;
    net->waiting = 0;
    memset(net->queued, 0, net->n);
    for (uint32_t p = 0; p < net->n; p++) {
        if (net->excess[p] > 0 && net->height[p] != NOWHERE)
            wait_in_line(net, p);
    }
    any = net->waiting > 0;
    while (net->waiting > 0 && work < enough)
        work += discharge(net, next_in_line(net));
    return any;
}

bool cy_circulation_find(struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties,
                         int64_t *potentials)
{
    struct net net = {.potential = potentials};
    const bool good = take(&net, arcs, n, n_parties);

    memset(potentials, 0, n_parties * sizeof *potentials);
    if (good) {
        fill(&net, arcs, n);
        while (reach(&net)) {
            gather(&net);
            while (push_on(&net)) {
            }
            scatter(&net);
        }
        for (uint32_t i = 0; i < n; i++)
            arcs[i].cleared = net.halves[net.place[i]].room;
        /* a potential here falls from debtor to creditor; certificates let it rise */
        for (uint32_t p = 0; p < n_parties; p++)
            potentials[p] = -potentials[p];
    }
    drop(&net);
    return good;
}

/* Who brings what to whom: an assignment of 5,000 to 5,000, a flow at least cost through a network
 * of 10,000 parties and 90,000 arcs, both beside LEMON's network simplex
 * (bench/peers/flow_lemon.cc), and a dispatch of ten kinds of 500 offers to 500 needs that changes.
 * All are judged. */
#include "child.h"
#include "models/flow/assignment.h"
#include "models/flow/flow_simplex.h"
#include "models/flow/transport_find.h"

#include <stdlib.h>

#define SEED 7u
#define AGAIN_MS 50.0

static void *room(size_t n, size_t size)
{
    void *out = calloc(n, size);

    if (out == NULL)
        bench_die("no memory");
    return out;
}

/* One run of the peer: seconds of the solver, and the cost, which must be ours; 0 without it. */
static double peer(const struct bench *bench, const char *const words[3], long long want)
{
    char program[4300];
    struct child child;
    double seconds = 0;
    long long cost = 0;

    if (bench->bare)
        return 0;
    (void)snprintf(program, sizeof program, "%s/comity-bench-lemon-flow", bench->bin);
    child = child_run((const char *const[]){program, words[0], words[1], words[2], NULL});
    if (child.code < 0 || child.code == 127)
        bench_say("no LEMON (Debian package liblemon-dev and a C++ compiler): no peer");
    else if (child.code != 0 || sscanf(child.out, "%lf %lld", &seconds, &cost) != 2)
        bench_die("%s ended with %d", program, child.code);
    else if (cost != want)
        bench_die("LEMON's costs %lld, ours %lld", cost, want);
    free(child.out);
    return seconds * 1e3;
}

static void found_row(struct bench *bench, const char *what, double found_ms, double judged_ms,
                      double peer_ms)
{
    struct row row = {.group = "match",
                      .unit = "ms",
                      .less = true,
                      .value = found_ms,
                      .limit = judged_ms,
                      .peer = peer_ms};

    (void)snprintf(row.what, sizeof row.what, "%s", what);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "judging it, one pass");
    if (peer_ms > 0)
        (void)snprintf(row.peer_name, sizeof row.peer_name, "LEMON's network simplex");
    bench_row(bench, &row);
}

/* --- assignment --- */

static void assignment(struct bench *bench, uint32_t n)
{
    int32_t *cost = room((size_t)n * n, sizeof *cost);
    uint32_t *column_of = room(n, sizeof *column_of);
    int64_t *prices = room(2 * (size_t)n, sizeof *prices);
    uint64_t *one = room(n, sizeof *one);
    uint64_t *left = room(2 * (size_t)n, sizeof *left);
    struct cy_transport_leg *legs = room(n, sizeof *legs);
    const struct cy_transport t = {n, n, cost, one, one};
    uint64_t random = SEED;
    char words[2][16];
    char what[128];
    cy_i128 total = 0;
    double from = 0;
    double found = 0;
    double judged = 0;

    for (size_t i = 0; i < (size_t)n * n; i++)
        cost[i] = (int32_t)(1 + bench_random(&random) % 1000000);
    from = bench_now();
    if (!cy_assignment_find(cost, n, column_of, prices, prices + n))
        bench_die("no memory");
    found = (bench_now() - from) * 1e3;
    for (uint32_t i = 0; i < n; i++) {
        one[i] = 1;
        legs[i] = (struct cy_transport_leg){i, column_of[i], 1};
    }
    from = bench_now();
    bench_must(cy_transport_check(&t, legs, n, prices, prices + n, left, &total), "the assignment");
    judged = (bench_now() - from) * 1e3;
    free(cost);
    (void)snprintf(words[0], sizeof words[0], "%u", n);
    (void)snprintf(words[1], sizeof words[1], "%u", SEED);
    (void)snprintf(what, sizeof what, "assignment %u x %u, costs to a million", n, n);
    found_row(bench, what, found, judged,
              peer(bench, (const char *const[]){"assign", words[0], words[1]}, (long long)total));
    free(column_of);
    free(prices);
    free(one);
    free(left);
    free(legs);
}

/* --- a network --- */

struct written {
    uint32_t ends[2];
    int64_t most;
    int64_t cost;
};

static void write_network(const char *path, const struct cy_flow_arc *arcs, uint32_t n,
                          const int64_t *wants, uint32_t parties)
{
    const uint32_t sizes[] = {parties, n};
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(sizes, sizeof sizes, 1, file) == 1 &&
                fwrite(wants, sizeof *wants, parties, file) == parties;

    for (uint32_t i = 0; i < n && good; i++) {
        const struct written w = {
            {arcs[i].debtor, arcs[i].creditor},
            (int64_t)arcs[i].amount, -arcs[i].weight
        };

        good = fwrite(&w, sizeof w, 1, file) == 1;
    }
    if (!good || fclose(file) != 0)
        bench_die("%s cannot be written", path);
}

/* A dear ring that carries everything, and cheap arcs at random; one party in five sends or takes.
 */
static void network(struct bench *bench, uint32_t parties, uint32_t n)
{
    struct cy_flow_arc *arcs = room(n, sizeof *arcs);
    int64_t *wants = room(parties, sizeof *wants);
    int64_t *potentials = room(parties, sizeof *potentials);
    cy_u128 *balances = room(parties, sizeof *balances);
    char *dir = bench_dir(bench, "match");
    char path[4300];
    char what[128];
    uint64_t random = SEED;
    cy_i128 worth = 0;
    double from = 0;
    double found = 0;
    double judged = 0;

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t a = i < parties ? i : (uint32_t)(bench_random(&random) % parties);
        const uint32_t step =
            i < parties ? 1 : 1 + (uint32_t)(bench_random(&random) % (parties - 1));

        arcs[i] = (struct cy_flow_arc){
            .debtor = a,
            .creditor = (a + step) % parties,
            .amount = i < parties ? 100000000 : 1 + bench_random(&random) % 1000,
            .weight = -(int32_t)(i < parties ? 10000 : 1 + bench_random(&random) % 1000)};
    }
    for (uint32_t k = 0; k < parties / 10; k++) {
        const int64_t by = 1 + (int64_t)(bench_random(&random) % 1000);

        wants[bench_random(&random) % parties] += by;
        wants[bench_random(&random) % parties] -= by;
    }
    from = bench_now();
    if (cy_flow_simplex(arcs, n, wants, parties, potentials) != CY_FLOW_FOUND)
        bench_die("the ring carries everything");
    found = (bench_now() - from) * 1e3;
    from = bench_now();
    bench_must(cy_flow_check(arcs, n, potentials, wants, parties, balances, &worth), "the flow");
    judged = (bench_now() - from) * 1e3;
    (void)snprintf(path, sizeof path, "%s/network", dir);
    (void)snprintf(what, sizeof what, "flow at least cost, %u parties, %u arcs", parties, n);
    write_network(path, arcs, n, wants, parties);
    found_row(bench, what, found, judged,
              peer(bench, (const char *const[]){path, NULL, NULL}, -(long long)worth));
    bench_dir_remove(dir);
    free(arcs);
    free(wants);
    free(potentials);
    free(balances);
}

/* --- a dispatch that changes --- */

struct dispatch {
    uint32_t n; /* offers, and needs */
    int32_t *cost;
    uint64_t *supply;
    uint64_t *demand;
    struct cy_transport t;
    struct cy_transport_plan plan;
};

static void draw(struct dispatch *d, uint32_t n, uint64_t *random)
{
    const size_t side = (size_t)n + 1;
    uint32_t *places = room(4 * (size_t)n, sizeof *places);

    *d = (struct dispatch){.n = n,
                           .cost = room(side * side, sizeof *d->cost),
                           .supply = room(side, sizeof *d->supply),
                           .demand = room(side, sizeof *d->demand)};
    d->plan = (struct cy_transport_plan){room(side * side, sizeof(uint64_t)),
                                         room(side, sizeof(int64_t)), room(side, sizeof(int64_t))};
    for (size_t i = 0; i < 4 * (size_t)n; i++)
        places[i] = (uint32_t)(bench_random(random) % 5000);
    for (uint32_t i = 0; i < n; i++) {
        d->supply[i] = 1 + bench_random(random) % 1000;
        d->demand[i] = 1 + bench_random(random) % 1000;
        d->supply[n] += d->demand[i];
        d->demand[n] += d->supply[i];
        for (uint32_t j = 0; j < n; j++) { /* by streets at right angles */
            const int32_t east = (int32_t)places[4 * i] - (int32_t)places[4 * j + 2];
            const int32_t north = (int32_t)places[4 * i + 1] - (int32_t)places[4 * j + 3];

            d->cost[i * side + j] = abs(east) + abs(north);
        }
    }
    for (uint32_t j = 0; j < n; j++)
        d->cost[n * side + j] = 100000;
    d->t = (struct cy_transport){(uint32_t)side, (uint32_t)side, d->cost, d->supply, d->demand};
    free(places);
}

static void release(struct dispatch *d)
{
    free(d->cost);
    free(d->supply);
    free(d->demand);
    free(d->plan.carried);
    free(d->plan.row_price);
    free(d->plan.column_price);
}

static double carry(struct dispatch *d, bool anew)
{
    const double from = bench_now();

    if (anew)
        cy_transport_begin(&d->t, &d->plan);
    if (!cy_transport_find(&d->t, &d->plan))
        bench_die("no memory");
    return (bench_now() - from) * 1e3;
}

/* An offer is gone, or has more; a need is larger. */
static void change(struct dispatch *d, uint64_t *random)
{
    const uint32_t at = (uint32_t)(bench_random(random) % d->n);

    switch (bench_random(random) % 3) {
    case 0:
        d->demand[d->n] -= d->supply[at];
        d->supply[at] = 0;
        break;
    case 1:
        d->demand[d->n] += 300;
        d->supply[at] += 300;
        break;
    default:
        d->supply[d->n] += 500;
        d->demand[at] += 500;
        break;
    }
}

static void dispatch(struct bench *bench, uint32_t n, uint32_t kinds)
{
    enum { CHANGES = 100 };
    struct dispatch *all = room(kinds, sizeof *all);
    double again[CHANGES];
    struct row row = {.group = "match", .unit = "ms", .less = true};
    uint64_t random = SEED;

    for (uint32_t k = 0; k < kinds; k++) {
        draw(&all[k], n, &random);
        row.value += carry(&all[k], true);
    }
    (void)snprintf(row.what, sizeof row.what, "%u kinds of %u offers to %u needs, anew", kinds, n,
                   n);
    bench_row(bench, &row);
    for (unsigned i = 0; i < CHANGES; i++) {
        struct dispatch *d = &all[bench_random(&random) % kinds];

        change(d, &random);
        again[i] = carry(d, false);
    }
    bench_sort(again, CHANGES);
    row.value = bench_quantile(again, CHANGES, 0.99);
    row.target = AGAIN_MS;
    (void)snprintf(row.what, sizeof row.what, "  the optimum after one change, p99 of %d",
                   (int)CHANGES);
    (void)snprintf(row.note, sizeof row.note, "p50 %.2g ms", bench_quantile(again, CHANGES, 0.5));
    bench_row(bench, &row);
    for (uint32_t k = 0; k < kinds; k++)
        release(&all[k]);
    free(all);
}

void bench_match(struct bench *bench)
{
    assignment(bench, bench_scaled(bench, 5000, 200));
    network(bench, bench_scaled(bench, 10000, 500), bench_scaled(bench, 90000, 4500));
    dispatch(bench, bench_scaled(bench, 500, 20), 10);
}

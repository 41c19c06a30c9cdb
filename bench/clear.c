/* A multilateral set-off: 40,000 obligations among few and among many parties, found and judged,
 * beside LEMON's network simplex on the same obligations (bench/peers/clear_lemon.cc). */
#include "child.h"
#include "models/flow/circulation.h"

#include <stdlib.h>

#define GOAL_MS 20.0
#define ROUNDS 7u

struct market {
    uint32_t n_parties;
    uint32_t n;
    struct cy_flow_arc *arcs;
    int64_t *potentials;
    cy_u128 *balances;
    uint64_t cleared;
    double found_ms; /* the best of some */
    double judged_ms;
};

/* Everybody may owe anybody; amounts from 1 to a million, small ones as likely as large ones. */
static void make(struct market *m, uint32_t n_parties, uint32_t n)
{
    uint64_t random = n_parties;

    *m = (struct market){.n_parties = n_parties, .n = n, .found_ms = 1e9, .judged_ms = 1e9};
    m->arcs = calloc(n, sizeof *m->arcs);
    m->potentials = calloc(n_parties, sizeof *m->potentials);
    m->balances = calloc(n_parties, sizeof *m->balances);
    if (m->arcs == NULL || m->potentials == NULL || m->balances == NULL)
        bench_die("no memory");
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t debtor = (uint32_t)(bench_random(&random) % n_parties);
        const uint32_t step = 1 + (uint32_t)(bench_random(&random) % (n_parties - 1));
        const uint64_t scale = UINT64_C(1) << bench_random(&random) % 20;

        m->arcs[i] = (struct cy_flow_arc){.debtor = debtor,
                                          .creditor = (debtor + step) % n_parties,
                                          .amount = scale + bench_random(&random) % scale,
                                          .weight = 1};
    }
}

static void release(struct market *m)
{
    free(m->arcs);
    free(m->potentials);
    free(m->balances);
}

static void once(struct market *m)
{
    cy_i128 total = 0;
    double from = bench_now();
    double took = 0;

    if (!cy_circulation_find(m->arcs, m->n, m->n_parties, m->potentials))
        bench_die("no memory");
    took = (bench_now() - from) * 1e3;
    m->found_ms = took < m->found_ms ? took : m->found_ms;
    from = bench_now();
    bench_must(cy_flow_check(m->arcs, m->n, m->potentials, NULL, m->n_parties, m->balances, &total),
               "the set-off");
    took = (bench_now() - from) * 1e3;
    m->judged_ms = took < m->judged_ms ? took : m->judged_ms;
    m->cleared = (uint64_t)total;
}

static void write_market(const struct market *m, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(&m->n_parties, sizeof m->n_parties, 1, file) == 1 &&
                fwrite(&m->n, sizeof m->n, 1, file) == 1;

    for (uint32_t i = 0; i < m->n && good; i++) {
        const uint32_t ends[] = {m->arcs[i].debtor, m->arcs[i].creditor};

        good = fwrite(ends, sizeof ends, 1, file) == 1 &&
               fwrite(&m->arcs[i].amount, sizeof m->arcs[i].amount, 1, file) == 1;
    }
    if (!good || fclose(file) != 0)
        bench_die("%s cannot be written", path);
}

/* One run of the peer, in ms; 0 without it. It must clear as much. */
static double lemon(const struct bench *bench, const struct market *m, const char *path)
{
    char program[4300];
    struct child child;
    double seconds = 0;
    unsigned long long cleared = 0;

    (void)snprintf(program, sizeof program, "%s/comity-bench-lemon", bench->bin);
    child = child_run((const char *const[]){program, path, NULL});
    if (child.code < 0 || child.code == 127)
        bench_say("no LEMON (Debian package liblemon-dev and a C++ compiler): no peer");
    else if (child.code != 0 || sscanf(child.out, "%lf %llu", &seconds, &cleared) != 2)
        bench_die("%s ended with %d", program, child.code);
    else if (cleared != m->cleared)
        bench_die("LEMON clears %llu, we %llu", cleared, (unsigned long long)m->cleared);
    free(child.out);
    return seconds * 1e3;
}

static void rows(struct bench *bench, const struct market *m, double peer_ms)
{
    struct row row = {.group = "clear", .unit = "ms", .less = true, .target = GOAL_MS};

    row.value = m->found_ms;
    row.limit = m->judged_ms;
    row.peer = peer_ms;
    (void)snprintf(row.what, sizeof row.what, "%u obligations of %u parties: the greatest set-off",
                   m->n, m->n_parties);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "judging it, one pass");
    if (peer_ms > 0)
        (void)snprintf(row.peer_name, sizeof row.peer_name, "LEMON's network simplex");
    bench_row(bench, &row);
    row = (struct row){.group = "clear", .unit = "ms", .less = true, .value = m->judged_ms};
    row.limit = bench->bare ? 0 : (double)m->n * sizeof *m->arcs / bench->machine.copy * 1e3;
    (void)snprintf(row.what, sizeof row.what, "  the same judged (%.3g of the time to find it)",
                   m->judged_ms / m->found_ms);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "copying the obligations");
    bench_row(bench, &row);
}

static void clear_of(struct bench *bench, uint32_t n_parties, uint32_t n)
{
    char *dir = bench_dir(bench, "clear");
    char path[4300];
    struct market m;
    double peer_ms = 0;

    make(&m, n_parties, n);
    (void)snprintf(path, sizeof path, "%s/market", dir);
    write_market(&m, path);
    for (unsigned i = 0; i < ROUNDS; i++) { /* they take turns: both see the same machine */
        double ms = 0;

        once(&m);
        if (bench->bare || (i > 0 && peer_ms == 0))
            continue;
        ms = lemon(bench, &m, path);
        peer_ms = i == 0 || ms < peer_ms ? ms : peer_ms;
    }
    rows(bench, &m, peer_ms);
    release(&m);
    bench_dir_remove(dir);
}

void bench_clear(struct bench *bench)
{
    const uint32_t n = bench_scaled(bench, 40000, 2000);

    clear_of(bench, 200, n);
    clear_of(bench, 1000, n);
}

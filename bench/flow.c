/* Acts through the sequencer, from submitted bytes to durable receipt: singly and in batches. */
#include "town.h"

#include <stdlib.h>

#define TICK_MS 1000u

/* The rate that these processor seconds allow when nothing else runs on the machine. */
static double unloaded(const struct bench *bench, double n, double cpu)
{
    return n * bench->machine.cores / cpu;
}

static void flush_row(struct bench *bench, const char *group, double commits)
{
    struct row row = {.group = group,
                      .value = commits,
                      .unit = "flushes/s",
                      .limit_name = "4 KB flushes, cores busy",
                      .limit = bench->machine.flush_busy};

    (void)snprintf(row.what, sizeof row.what, "  this disk, cores idle, beside busy");
    row.value = bench->machine.flush_idle;
    bench_row(bench, &row);
}

static void acts_with(struct bench *bench, uint32_t signers)
{
    const size_t n = bench_scaled(bench, 120000, 2000);
    struct town *town = town_new(bench, signers, signers * 4, 4u << 20);
    struct built *built = calloc(n, sizeof *built);
    struct run run;
    struct row row = {.group = "acts", .unit = "acts/s"};

    for (size_t i = 0; i < n; i++)
        built[i] = town_transfer(town, (uint32_t)(i % signers));
    town_start(town, TICK_MS);
    town_run(town, built, n, 16384, &run);
    town_stop(town);
    row.value = (double)run.items / run.seconds;
    row.peer = bench->machine.libsodium_all;
    row.target = 2 * bench->machine.libsodium_all; /* 0 in a bare run: none */
    (void)snprintf(row.what, sizeof row.what, "%u signers, decode to durable receipt", signers);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "libsodium single, all cores");
    (void)snprintf(row.note, sizeof row.note, "latency p50 %.0f ms, p99 %.0f ms, refused %llu",
                   run.p50_ms, run.p99_ms, (unsigned long long)run.refused);
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = unloaded(bench, (double)run.items, run.cpu);
    row.peer = bench->machine.libsodium * bench->machine.cores;
    row.target = 2 * row.peer;
    (void)snprintf(row.what, sizeof row.what, "  the same by processor time (%.1f us each)",
                   run.cpu / (double)run.items * 1e6);
    bench_row(bench, &row);
    town_built_free(built, n);
    town_free(town);
}

/* One bad signature among good acts: that act alone is refused. */
static void one_bad(struct bench *bench)
{
    const size_t n = 1024;
    struct town *town = town_new(bench, 16, 64, 4u << 20);
    struct built *built = calloc(n, sizeof *built);
    struct run run;
    struct row row = {.group = "acts",
                      .what = "1024 acts of which one has a bad signature: refused",
                      .unit = "acts",
                      .target = 1,
                      .less = true};

    for (size_t i = 0; i < n; i++)
        built[i] = town_transfer(town, (uint32_t)(i % 16));
    built[500].bytes[built[500].n - 1] ^= 1;
    town_start(town, TICK_MS);
    town_run(town, built, n, n, &run);
    town_stop(town);
    row.value = (double)run.refused;
    bench_row(bench, &row);
    town_built_free(built, n);
    town_free(town);
}

void bench_acts(struct bench *bench)
{
    acts_with(bench, 16);
    acts_with(bench, 1000);
    one_bad(bench);
    flush_row(bench, "acts", 0);
}

static void transfers_over(struct bench *bench, uint32_t accounts, double peer_batch,
                           double peer_single)
{
    struct town *town = town_new(bench, 16, accounts, 8u << 20);
    const uint64_t items = bench_scaled(bench, 6000000, 100000);
    struct run run;
    struct row row = {.group = "transfers", .unit = "/s", .target = 2e6};
    size_t n = 0;
    struct built *built = town_stream(town, items, &n);

    town_start(town, TICK_MS);
    town_run(town, built, n, 2048, &run);
    town_stop(town);
    row.value = (double)run.items / run.seconds;
    (void)snprintf(row.what, sizeof row.what, "%u accounts, batches of %llu, durable", accounts,
                   (unsigned long long)(run.items / run.acts));
    (void)snprintf(row.note, sizeof row.note,
                   "%.0f MB/s of acts, latency p50 %.0f ms, p99 %.0f ms, refused %llu",
                   (double)run.written / run.seconds / 1e6, run.p50_ms, run.p99_ms,
                   (unsigned long long)run.refused);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "disk writing these bytes once");
    row.limit = bench->machine.write / ((double)run.written / (double)run.items);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "PostgreSQL, same batches");
    row.peer = peer_batch;
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = unloaded(bench, (double)run.items, run.cpu);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "four missed reads each");
    row.limit = bench->bare ? 0 : bench->machine.cores * 1e9 / (4 * bench->machine.miss);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "PostgreSQL, a transaction each");
    row.peer = peer_single;
    (void)snprintf(row.what, sizeof row.what, "  the same by processor time (%.0f ns each)",
                   run.cpu / (double)run.items * 1e9);
    bench_row(bench, &row);
    town_built_free(built, n);
    town_free(town);
}

void bench_transfers(struct bench *bench)
{
    static const uint32_t accounts[] = {1000, 100000, 1000000};

    for (size_t i = 0; i < CY_COUNT(accounts); i++) {
        const uint32_t n = bench->scale < 1 && accounts[i] > 1000
                               ? bench_scaled(bench, accounts[i], 1000)
                               : accounts[i];
        const double batch = bench->bare ? 0 : bench_postgres(bench, n, 928, 5 * bench->scale + 1);
        const double single = bench->bare ? 0 : bench_postgres(bench, n, 1, 3 * bench->scale + 1);

        transfers_over(bench, n, batch, single);
    }
    flush_row(bench, "transfers", 0);
}

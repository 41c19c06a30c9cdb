/* What is done with a ledger: replaying it, opening it from a snapshot, its state tree. */
#include "ledger/trie.h"
#include "town.h"

#include <stdlib.h>
#include <unistd.h>

/* What opening took: by the clock, processor time of all threads, and of the busier of the two that
 * share the work. */
struct took {
    double seconds;
    double cpu;
    double busier;
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* Opens the cell anew, three times, and keeps the best of each. */
static struct cy_cell_report reopen(struct town *town, struct took *took)
{
    struct cy_cell_report report = {0};

    *took = (struct took){1e9, 1e9, 1e9};
    for (int i = 0; i < 3; i++) {
        const double from = bench_now();
        const double cpu_from = bench_cpu();
        const double mine_from = bench_cpu_thread();
        double mine = 0;
        double cpu = 0;

        report = town_open(town);
        mine = bench_cpu_thread() - mine_from;
        cpu = bench_cpu() - cpu_from;
        took->seconds = least(took->seconds, bench_now() - from);
        took->cpu = least(took->cpu, cpu);
        took->busier = least(took->busier, mine > cpu - mine ? mine : cpu - mine);
        if (i < 2)
            town_close(town);
    }
    return report;
}

void bench_replay(struct bench *bench)
{
    const uint32_t accounts = bench_scaled(bench, 100000, 1000);
    struct town *town = town_new(bench, 16, accounts, 32u << 20);
    struct row row = {.group = "replay", .unit = "/s", .target = 4e6};
    struct cy_cell_report report;
    uint64_t items = 0;
    size_t n = 0;
    struct built *built = town_stream(town, bench_scaled(bench, 4000000, 100000), &n);
    struct took before;
    struct took after;

    town_close(town);
    (void)reopen(town, &before); /* the acts that made the accounts */
    for (size_t i = 0; i < n; i++) {
        town_put(town, &built[i]);
        items += built[i].items;
    }
    town_commit(town);
    town_close(town);
    report = reopen(town, &after);
    row.value = (double)items / (after.seconds - before.seconds);
    (void)snprintf(row.what, sizeof row.what, "%llu transfers in %zu acts, %u accounts",
                   (unsigned long long)items, n, accounts);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "one core, two missed reads each");
    row.limit = bench->bare ? 0 : 1e9 / (2 * bench->machine.miss);
    (void)snprintf(row.note, sizeof row.note, "%llu acts replayed in all",
                   (unsigned long long)report.replayed);
    bench_row(bench, &row);
    row.note[0] = 0;
    row.value = (double)items / (after.busier - before.busier);
    (void)snprintf(row.what, sizeof row.what,
                   "  the same by processor time of the busier thread (%.0f ns each; %.0f of both)",
                   1e9 / row.value, (after.cpu - before.cpu) / (double)items * 1e9);
    bench_row(bench, &row);
    town_built_free(built, n);
    town_free(town);
}

void bench_coldstart(struct bench *bench)
{
    const uint32_t accounts = bench_scaled(bench, 1000000, 10000);
    struct town *town = town_new(bench, 16, accounts, 32u << 20);
    struct row row = {.group = "coldstart", .unit = "s", .target = 2, .less = true};
    struct cy_cell_report report;
    struct took took;

    bench_must(cy_cell_snapshot(town->cell), "snapshot");
    town_close(town);
    report = reopen(town, &took);
    row.value = took.seconds;
    if (report.snapshot == 0 || report.replayed != 0)
        bench_die("the snapshot was not used");
    (void)snprintf(row.what, sizeof row.what, "from a snapshot of %u accounts, root checked",
                   accounts);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "four digests of each account");
    row.limit = bench->bare ? 0 : 4.0 * accounts / bench->machine.sha256_short;
    (void)snprintf(row.note, sizeof row.note, "processor time %.2f s", took.cpu);
    bench_row(bench, &row);
    town_free(town);
}

/* --- the state tree --- */

static struct cy_id nth_key(uint64_t i)
{
    return cy_sha256(cy_span_of(&i, sizeof i));
}

static void inserts(struct bench *bench, struct cy_trie *trie, uint32_t keys)
{
    struct row row = {.group = "trie", .unit = "ms", .target = 15, .less = true};
    double took[21];
    uint64_t next = keys;

    for (size_t round = 0; round < CY_COUNT(took); round++) {
        const double from = bench_cpu_thread();

        for (uint32_t i = 0; i < 1000; i++, next++) {
            const struct cy_id key = nth_key(next);

            bench_must(cy_trie_put(trie, &key, &key), "put");
        }
        (void)cy_trie_commit(trie);
        took[round] = (bench_cpu_thread() - from) * 1e3;
    }
    bench_sort(took, CY_COUNT(took));
    row.value = bench_quantile(took, CY_COUNT(took), 0.5);
    (void)snprintf(row.what, sizeof row.what, "1,000 inserts into %u keys: new root", keys);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "11,000 digests of 64 bytes");
    row.limit = bench->bare ? 0 : 11000.0 / bench->machine.sha256_short * 1e3;
    bench_row(bench, &row);
}

static void prove_some(struct bench *bench, struct cy_trie *trie, uint32_t keys)
{
    struct row row = {.group = "trie", .unit = "us", .target = 50, .less = true};
    struct cy_trie_scratch *scratch = calloc(1, sizeof *scratch);
    static char out[16384];
    double *took = calloc(20000, sizeof *took);
    uint64_t random = 1;

    for (size_t i = 0; i < 20000; i++) {
        const uint64_t which = bench_random(&random) % keys;
        const struct cy_id key = nth_key(which);
        struct cy_text text = cy_text_on(out, sizeof out);
        const double from = bench_now();

        /* the value is the 8 bytes whose hash is the key */
        bench_must(cy_trie_prove_existence(trie, CY_TRIE_PRESENT, &key,
                                           cy_span_of(&which, sizeof which), scratch, &text),
                   "proof");
        took[i] = (bench_now() - from) * 1e6;
    }
    bench_sort(took, 20000);
    row.value = bench_quantile(took, 20000, 0.5);
    (void)snprintf(row.what, sizeof row.what, "existence proof among %u keys, p50", keys);
    (void)snprintf(row.note, sizeof row.note, "p99 %.1f us", bench_quantile(took, 20000, 0.99));
    (void)snprintf(row.limit_name, sizeof row.limit_name, "40 missed reads");
    row.limit = 40 * bench->machine.miss / 1e3;
    bench_row(bench, &row);
    free(took);
    free(scratch);
}

void bench_trie(struct bench *bench)
{
    const uint32_t keys = bench_scaled(bench, 1000000, 10000);
    const struct cy_trie_options options = {
        .leaves_max = keys + 30000, .nodes_max = keys + 30000, .kept_max = 1};
    const size_t bytes = cy_trie_bytes(&options);
    struct cy_arena arena = cy_arena_on(bench_map(bytes), bytes);
    struct cy_trie trie;

    bench_must(cy_trie_init(&trie, &options, &arena), "trie");
    for (uint64_t i = 0; i < keys; i++) {
        const struct cy_id key = nth_key(i);

        bench_must(cy_trie_put(&trie, &key, &key), "put");
    }
    (void)cy_trie_commit(&trie);
    inserts(bench, &trie, keys);
    prove_some(bench, &trie, keys);
    bench_unmap(arena.at, bytes);
}

/* --- memory --- */

static double resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long whole = 0;
    long pages = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &whole, &pages) != 2)
        bench_die("/proc/self/statm");
    (void)fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void growth(struct bench *bench, const char *what, double bytes, double record)
{
    struct row row = {.group = "memory", .value = bytes, .unit = "B", .limit = record};

    (void)snprintf(row.what, sizeof row.what, "%s", what);
    (void)snprintf(row.limit_name, sizeof row.limit_name, "the records alone");
    bench_row(bench, &row);
}

/* Resident memory of a reopened cell, so that nothing of the building stays in it. */
static double of_cell(const struct bench *bench, uint32_t signers, uint32_t accounts)
{
    struct town *town = town_new(bench, signers, accounts, 4u << 20);
    double before = 0;
    double after = 0;

    bench_must(cy_cell_snapshot(town->cell), "snapshot");
    town_close(town);
    before = resident();
    (void)town_open(town);
    after = resident();
    town_free(town);
    return after - before;
}

void bench_memory(struct bench *bench)
{
    const uint32_t n = bench_scaled(bench, 200000, 20000);
    const uint32_t few = bench_scaled(bench, 40000, 4000);
    const double empty = of_cell(bench, 16, 16);
    const double accounts = of_cell(bench, 16, n);
    const double passports = of_cell(bench, few, 16);
    struct row row = {.group = "memory", .unit = "B"};

    growth(bench, "one account: record, index, state tree", (accounts - empty) / (n - 16),
           sizeof(struct cy_account));
    growth(bench, "one passport with its key: records, index, state tree",
           (passports - empty) / (few - 16),
           sizeof(struct cy_passport) + sizeof(struct cy_control));
    growth(bench, "one accepted act until it expires: its id", sizeof(struct cy_seen) + 8,
           sizeof(struct cy_seen));
    row.value = empty;
    (void)snprintf(row.what, sizeof row.what, "an almost empty cell");
    bench_row(bench, &row);
}

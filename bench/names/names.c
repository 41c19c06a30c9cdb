/* names: figures of screening and of exposure, beside their peers in the same run. Never a test.
 *
 *     bench-names SDN.csv COMPARE.mjs      (make bench-names runs it)
 *
 * 33,000 names: those of the list, and respelt ones as further aliases until there are so many. The
 * queries are names of the list with one error. 200,000 parties with 400,000 holdings are drawn.
 * Times are those of the processor, so that other programs on the machine do not count. */
#include "models/exposure/exposure.h"
#include "models/exposure/integrated.h"
#include "models/screen/list_read.h"
#include "models/screen/screen_quality.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { NAMES = 33000, QUERIES = 4000, PARTIES = 200000, HOLDINGS = 400000, EDITS = 20000 };
enum { OWNED = 4000, OWNERS_EACH = 3 }; /* integrated ownership */

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static double mean_of(const double *times, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += times[i];
    return sum / (double)n;
}

static void die(const char *why)
{
    (void)fprintf(stderr, "bench-names: %s\n", why);
    exit(1);
}

/* --- names --- */

/* A list of NAMES names: the real ones and respelt ones. */
static void widen(const struct cy_list *from, struct cy_list *out, FILE *names)
{
    uint64_t state = 7;
    const size_t missing = NAMES - cy_list_names(from);
    size_t added = 0;

    *out = (struct cy_list){.publisher = "bench"};
    for (size_t i = 0; i < from->n; i++) {
        const struct cy_listed *entry = &from->entries[i];

        if (!cy_ok(cy_listed_begin(out, entry->id, entry->kind, 0)))
            die("no memory");
        for (size_t k = 0; k < entry->n_names; k++) {
            (void)fprintf(names, "%s\n", entry->names[k].text);
            if (!cy_ok(cy_listed_name(out, entry->names[k].text, strlen(entry->names[k].text),
                                      entry->names[k].kind)))
                die("no memory");
        }
        for (size_t k = 0; k < 5 && added * from->n < missing * (i + 1); k++) {
            char text[1024];
            const enum cy_variant how = k % 2 == 0 ? CY_VARIANT_RESPELT : CY_VARIANT_TYPO;
            const size_t before = cy_listed_names(out);

            if (!cy_variant_make(how, entry->names[0].text, entry->kind, &state, text, sizeof text))
                continue;
            if (!cy_ok(cy_listed_name(out, text, strlen(text), CY_NAME_ALIAS)))
                die("no memory");
            if (cy_listed_names(out) > before) {
                added++;
                (void)fprintf(names, "%s\n", text);
            }
        }
    }
    if (!cy_ok(cy_listed_end(out)))
        die("no memory");
}

static double bench_names(const struct cy_list *list, FILE *queries)
{
    static double times[QUERIES];
    struct cy_screen_result results[10];
    struct cy_screen_index index;
    struct cy_folder *folder = NULL;
    struct cy_screen *screen = NULL;
    uint64_t state = 11;
    size_t n = 0;
    double began = 0;

    if (!cy_ok(cy_folder_open(&folder)))
        die("no memory");
    began = now_ms();
    if (!cy_ok(cy_screen_index_make(&list, 1, folder, NULL, NULL, &index)) ||
        !cy_ok(cy_screen_open(&index, folder, &screen)))
        die("no memory");
    (void)printf("names %zu, index %.1f ms, %.1f MB, a search %.1f MB\n", index.n_names,
                 now_ms() - began, (double)cy_screen_index_bytes(&index) / 1e6,
                 (double)cy_screen_bytes(screen) / 1e6);
    for (size_t i = 0; n < QUERIES && i < 10 * list->n; i++) {
        const struct cy_listed *entry = &list->entries[(i * 7919) % list->n];
        struct cy_screen_query query = {.threshold = CY_SCREEN_THRESHOLD, .any_kind = true};
        char text[1024];

        if (!cy_variant_make(CY_VARIANT_TYPO, entry->names[0].text, entry->kind, &state, text,
                             sizeof text))
            continue;
        (void)fprintf(queries, "%s\n", text);
        query.name = text;
        query.n = strlen(text);
        began = now_ms();
        (void)cy_screen_ask(screen, &query, NULL, results, 10);
        times[n++] = now_ms() - began;
    }
    qsort(times, n, sizeof *times, by_value);
    (void)printf("comity %.4f %.4f %zu (mean ms, p99 ms, queries)\n", mean_of(times, n),
                 times[n * 99 / 100], n);
    cy_screen_close(screen);
    cy_screen_index_free(&index);
    cy_folder_close(folder);
    return mean_of(times, n);
}

static void peers(const char *script, const char *names, const char *queries, double own)
{
    char line[256];
    FILE *out = NULL;

    (void)snprintf(line, sizeof line, "node %s %s %s", script, names, queries);
    out = popen(line, "r"); /* a program of the bench's own folder */
    while (out != NULL && fgets(line, sizeof line, out) != NULL) {
        char name[64];
        double mean = 0;
        double p99 = 0;

        if (sscanf(line, "%63s %lf %lf", name, &mean, &p99) == 3)
            (void)printf("%s %.4f %.4f: %.1f times as long\n", name, mean, p99, mean / own);
    }
    if (out == NULL || pclose(out) != 0)
        (void)printf("peers skipped: node and `npm ci` in bench/names are needed\n");
}

/* --- exposure --- */

static uint64_t state_ = 5;

static uint32_t draw(uint32_t below)
{
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state_ >> 33) % below;
}

static void bench_exposure(void)
{
    static struct cy_holding holdings[HOLDINGS];
    static uint32_t named[2000];
    static double adds[EDITS];
    static double drops[EDITS];
    static double cascades[EDITS];
    const struct cy_ownership_rule rule = {.threshold = CY_SHARE_WHOLE / 2, .aggregate = true};
    struct cy_exposure *x = NULL;
    size_t n_drops = 0;
    size_t n_cascades = 0;
    double full[9];

    for (size_t i = 0; i < HOLDINGS; i++)
        holdings[i] = (struct cy_holding){draw(PARTIES), draw(PARTIES),
                                          (10 + draw(90)) * (CY_SHARE_WHOLE / 100), 0, 0};
    for (size_t i = 0; i < CY_COUNT(named); i++)
        named[i] = draw(PARTIES);
    if (!cy_ok(cy_exposure_open(&rule, PARTIES, holdings, HOLDINGS, named, CY_COUNT(named), &x)))
        die("no memory");
    for (size_t i = 0; i < CY_COUNT(full); i++) {
        const double began = now_ms();

        if (!cy_ok(cy_exposure_again(x)))
            die("no memory");
        full[i] = now_ms() - began;
    }
    qsort(full, CY_COUNT(full), sizeof *full, by_value);
    (void)printf("exposure %d parties, %d holdings, %zu blocked: full %.2f ms (median of 9)\n",
                 PARTIES, HOLDINGS, cy_exposure_count(x), full[4]);
    for (size_t i = 0; i < EDITS; i++) {
        uint32_t id = 0;
        size_t touched = 0;
        double began = now_ms();
        double took = 0;
        const struct cy_holding h = {draw(PARTIES), draw(PARTIES),
                                     (10 + draw(90)) * (CY_SHARE_WHOLE / 100), 0, 0};

        if (!cy_ok(cy_exposure_add(x, &h, &id, &touched)))
            die("no memory");
        adds[i] = now_ms() - began;
        id = draw(HOLDINGS);
        began = now_ms();
        if (!cy_ok(cy_exposure_drop(x, id, &touched)))
            continue;
        took = now_ms() - began;
        if (touched > 1)
            cascades[n_cascades++] = took;
        else
            drops[n_drops++] = took;
    }
    qsort(adds, EDITS, sizeof *adds, by_value);
    qsort(drops, n_drops, sizeof *drops, by_value);
    qsort(cascades, n_cascades, sizeof *cascades, by_value);
    (void)printf("one holding more: median %.2f us, p99 %.2f us\n", adds[EDITS / 2] * 1e3,
                 adds[EDITS * 99 / 100] * 1e3);
    (void)printf("one holding less: median %.2f us, p99 %.2f us (%zu)\n", drops[n_drops / 2] * 1e3,
                 drops[n_drops * 99 / 100] * 1e3, n_drops);
    if (n_cascades > 0)
        (void)printf("one less that cascades: median %.2f us, p99 %.2f us (%zu)\n",
                     cascades[n_cascades / 2] * 1e3, cascades[n_cascades * 99 / 100] * 1e3,
                     n_cascades);
    cy_exposure_close(x);
}

/* --- integrated ownership, beside scipy --- */

static struct cy_holding shares_[OWNED * OWNERS_EACH];
static double held_[OWNED];

/* Every party is held by three others, with circles; never all of it. */
static size_t draw_shares(void)
{
    size_t n = 0;

    for (uint32_t owned = 1; owned < OWNED; owned++) {
        for (unsigned i = 0; i < OWNERS_EACH; i++) {
            const uint32_t owner = draw(owned < OWNED / 2 ? owned : OWNED);

            if (owner != owned)
                shares_[n++] = (struct cy_holding){owner, owned,
                                                   (10 + draw(20)) * (CY_SHARE_WHOLE / 100), 0, 0};
        }
    }
    return n;
}

static void bench_integrated(void)
{
    char holdings[] = "/tmp/bench-holdings-XXXXXX";
    char ours[] = "/tmp/bench-ours-XXXXXX";
    FILE *files[] = {fdopen(mkstemp(holdings), "w"), fdopen(mkstemp(ours), "w")};
    const size_t n = draw_shares();
    struct cy_integrated_facts facts;
    char line[512];
    double times[9];
    FILE *out = NULL;

    if (files[0] == NULL || files[1] == NULL)
        die("no file in /tmp");
    for (size_t i = 0; i < CY_COUNT(times); i++) {
        const double began = now_ms();

        if (!cy_ok(cy_integrated(OWNED, shares_, n, 0, held_, &facts)))
            die("integrated ownership failed");
        times[i] = now_ms() - began;
    }
    qsort(times, CY_COUNT(times), sizeof *times, by_value);
    (void)printf("integrated %d parties, %zu holdings, largest circle %zu: %.2f ms (median of 9)\n",
                 OWNED, n, facts.largest, times[4]);
    for (size_t i = 0; i < n; i++)
        (void)fprintf(files[0], "%u %u %.17g\n", shares_[i].owner, shares_[i].owned,
                      (double)shares_[i].share / (double)CY_SHARE_WHOLE);
    for (size_t i = 0; i < OWNED; i++)
        (void)fprintf(files[1], "%.17g\n", held_[i]);
    (void)fclose(files[0]);
    (void)fclose(files[1]);
    (void)snprintf(line, sizeof line, "/usr/bin/python3 %s/integrated.py %s %s %d 0", BENCH_PEERS,
                   holdings, ours, OWNED);
    out = popen(line, "r"); /* a program of the bench's own folder */
    while (out != NULL && fgets(line, sizeof line, out) != NULL)
        (void)fputs(line, stdout);
    if (out == NULL || pclose(out) != 0)
        (void)printf("integrated: python3 is missing, or the two differ\n");
    (void)unlink(holdings);
    (void)unlink(ours);
}

int main(int argc, char **argv)
{
    char names_path[] = "/tmp/bench-names-XXXXXX";
    char queries_path[] = "/tmp/bench-queries-XXXXXX";
    const int names_file = mkstemp(names_path);
    const int queries_file = mkstemp(queries_path);
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    static char text[8 << 20];
    struct cy_span parts[CY_LIST_PARTS] = {{0}};
    struct cy_desk_fault fault;
    struct cy_list list;
    struct cy_list wide;

    if (file == NULL) {
        (void)printf("names skipped: bench-names SDN.csv COMPARE.mjs\n");
    } else {
        FILE *names = fdopen(names_file, "w");
        FILE *queries = fdopen(queries_file, "w");
        double own = 0;

        parts[0] = cy_span_of(text, fread(text, 1, sizeof text, file));
        (void)fclose(file);
        if (names == NULL || queries == NULL || !cy_ok(cy_list_read(parts, &list, &fault)))
            die("the list cannot be read");
        widen(&list, &wide, names);
        own = bench_names(&wide, queries);
        (void)fclose(names);
        (void)fclose(queries);
        peers(argv[2], names_path, queries_path, own);
        cy_list_free(&wide);
        cy_list_free(&list);
    }
    (void)unlink(names_path);
    (void)unlink(queries_path);
    bench_exposure();
    bench_integrated();
    return 0;
}

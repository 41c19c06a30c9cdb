#include "bench.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void bench_say(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("  ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

_Noreturn void bench_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("comity-bench: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void bench_must(cy_err err, const char *what)
{
    if (!cy_ok(err))
        bench_die("%s: %s (%s, detail %llu)", what, cy_err_info(err.code)->text,
                  cy_err_info(err.code)->path, (unsigned long long)err.detail);
}

static double clock_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

double bench_cpu(void)
{
    return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_cpu_thread(void)
{
    return clock_of(CLOCK_THREAD_CPUTIME_ID);
}

void *bench_map(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        bench_die("no memory for %zu bytes", bytes);
    (void)madvise(at, bytes, MADV_HUGEPAGE); /* as host/node/node.c does */
    return at;
}

void bench_unmap(void *at, size_t bytes)
{
    (void)munmap(at, bytes);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

char *bench_dir(const struct bench *bench, const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s.XXXXXX", bench->dir, name) < 0 || mkdtemp(path) == NULL)
        bench_die("no directory below %s", bench->dir);
    return path;
}

void bench_dir_remove(char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}

uint64_t bench_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

void bench_sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
}

double bench_quantile(const double *sorted, size_t n, double q)
{
    return n == 0 ? 0 : sorted[(size_t)((double)(n - 1) * q + 0.5)];
}

uint32_t bench_scaled(const struct bench *bench, uint32_t n, uint32_t least)
{
    const double scaled = (double)n * bench->scale;

    return scaled < (double)least ? least : (uint32_t)scaled;
}

/* --- rows --- */

/* A number as people read it: 1.23 M, 456 k, 7.8. */
static void number(char out[static 32], double v)
{
    if (v >= 1e9)
        (void)snprintf(out, 32, "%.2f G", v / 1e9);
    else if (v >= 1e6)
        (void)snprintf(out, 32, "%.2f M", v / 1e6);
    else if (v >= 1e4)
        (void)snprintf(out, 32, "%.1f k", v / 1e3);
    else if (v >= 100)
        (void)snprintf(out, 32, "%.0f", v);
    else
        (void)snprintf(out, 32, "%.3g", v);
}

static void beside(char out[static 160], double value, const char *name, double other)
{
    char text[32];

    out[0] = 0;
    if (other == 0 && name[0] == 0)
        return;
    if (other == 0) {
        (void)snprintf(out, 160, "%s", name);
        return;
    }
    number(text, other);
    (void)snprintf(out, 160, "%s: %s (x%.3g)", name, text, value / other);
}

static void target(char out[static 64], const struct row *row)
{
    char text[32];
    const bool there = row->less ? row->value <= row->target : row->value >= row->target;

    out[0] = 0;
    if (row->target == 0)
        return;
    number(text, row->target);
    (void)snprintf(out, 64, "%s%s: %s", row->less ? "<= " : ">= ", text,
                   there ? "reached" : "not reached");
}

static void print_text(const struct row *row)
{
    char value[32];
    char limit[160];
    char peer[160];
    char goal[64];

    number(value, row->value);
    beside(limit, row->value, row->limit_name, row->limit);
    beside(peer, row->value, row->peer_name, row->peer);
    target(goal, row);
    (void)printf("%-10s %-58s %10s %-10s", row->group, row->what, value, row->unit);
    if (limit[0] != 0)
        (void)printf("  limit %s", limit);
    if (peer[0] != 0)
        (void)printf("  peer %s", peer);
    if (goal[0] != 0)
        (void)printf("  [%s]", goal);
    if (row->note[0] != 0)
        (void)printf("  (%s)", row->note);
    (void)printf("\n");
    (void)fflush(stdout);
}

static void print_json(const struct row *row)
{
    (void)printf("{\"group\":\"%s\",\"what\":\"%s\",\"value\":%.9g,\"unit\":\"%s\"", row->group,
                 row->what, row->value, row->unit);
    if (row->limit != 0)
        (void)printf(",\"limit\":{\"name\":\"%s\",\"value\":%.9g,\"ratio\":%.4g}", row->limit_name,
                     row->limit, row->value / row->limit);
    if (row->peer != 0)
        (void)printf(",\"peer\":{\"name\":\"%s\",\"value\":%.9g,\"ratio\":%.4g}", row->peer_name,
                     row->peer, row->value / row->peer);
    if (row->target != 0)
        (void)printf(",\"target\":%.9g,\"reached\":%s", row->target,
                     (row->less ? row->value <= row->target : row->value >= row->target) ? "true"
                                                                                         : "false");
    if (row->note[0] != 0)
        (void)printf(",\"note\":\"%s\"", row->note);
    (void)printf("}\n");
    (void)fflush(stdout);
}

void bench_row(struct bench *bench, const struct row *row)
{
    bench->rows = realloc(bench->rows, (bench->n_rows + 1) * sizeof *row);
    if (bench->rows == NULL)
        bench_die("no memory");
    bench->rows[bench->n_rows++] = *row;
    if (bench->quiet)
        return;
    if (bench->json)
        print_json(row);
    else
        print_text(row);
}

/* --- docs/performance.md: the lines between two marks are written anew --- */

#define MARK_BEGIN "<!-- figures: written by `make bench` -->\n"
#define MARK_END "<!-- end of figures -->\n"

#define FILE_MAX (1u << 20)

/* A small file as text. */
static char *slurp(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, FILE_MAX);

    if (file == NULL || text == NULL || fread(text, 1, FILE_MAX - 1, file) == 0)
        bench_die("%s: %s", path, strerror(errno));
    (void)fclose(file);
    return text;
}

static void machine_line(FILE *out)
{
    char *info = slurp("/proc/cpuinfo");
    char *load = slurp("/proc/loadavg");
    const char *model = strstr(info, "model name");
    const char *from = model == NULL ? NULL : strchr(model, ':');
    const int n = from == NULL ? 0 : (int)strcspn(from + 2, "\n");

    load[strcspn(load, "\n")] = 0;
    (void)fprintf(out, "Machine: %ld cores, %.*s; load averages at the end of the run: %s.\n\n",
                  sysconf(_SC_NPROCESSORS_ONLN), n, from == NULL ? "" : from + 2, load);
    free(info);
    free(load);
}

static void table(const struct bench *bench, FILE *out)
{
    const char *group = "";

    machine_line(out);
    for (size_t i = 0; i < bench->n_rows; i++) {
        const struct row *row = &bench->rows[i];
        char value[32];
        char limit[160];
        char peer[160];
        char goal[64];

        if (strcmp(group, row->group) != 0) {
            group = row->group;
            (void)fprintf(out,
                          "%s### %s\n\n| what | figure | physical limit | peer, same run | goal |\n"
                          "|---|---|---|---|---|\n",
                          i == 0 ? "" : "\n", group);
        }
        number(value, row->value);
        beside(limit, row->value, row->limit_name, row->limit);
        beside(peer, row->value, row->peer_name, row->peer);
        target(goal, row);
        (void)fprintf(out, "| %s%s%s%s | %s %s | %s | %s | %s |\n", row->what,
                      row->note[0] == 0 ? "" : " (", row->note, row->note[0] == 0 ? "" : ")", value,
                      row->unit, limit, peer, goal);
    }
    (void)fputs("\n", out);
}

void bench_finish(const struct bench *bench)
{
    char *text = NULL;
    char *begin = NULL;
    char *end = NULL;
    FILE *out = NULL;

    if (bench->markdown == NULL)
        return;
    text = slurp(bench->markdown);
    begin = strstr(text, MARK_BEGIN);
    end = strstr(text, MARK_END);
    if (begin == NULL || end == NULL || end < begin)
        bench_die("%s has not the two marks between which the table stands", bench->markdown);
    out = fopen(bench->markdown, "w");
    if (out == NULL)
        bench_die("%s: %s", bench->markdown, strerror(errno));
    (void)fprintf(out, "%.*s" MARK_BEGIN "\n", (int)(begin - text), text);
    table(bench, out);
    (void)fputs(end, out);
    (void)fclose(out);
    free(text);
}

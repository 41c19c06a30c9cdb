/* Linear programs: the exact answer with a certificate, from the start of the process to its end,
 * beside the whole process of solvers on the same file: esolver, exact too and without a
 * certificate, and two in floating point, which prove nothing. All take turns; the best of some. */
#include "child.h"

#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>

#define FILES_MAX 64u
#define CHECK_SHARE 10.0 /* per cent of the solving: the goal */

enum { OURS, ESOLVER, GLPSOL, CLP, SIDES };

struct problem {
    char path[4400];
    char name[64];
    double best[SIDES]; /* ms; 0: not there, or it did not solve it */
    double solve_us;
    double check_us;
};

static const char *const sides[SIDES] = {"comity", "esolver", "glpsol", "clp"};

/* --- the files --- */

static int is_program(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot != NULL && strcmp(dot, ".mps") == 0;
}

/* All of the directory, by name; 0 when it is not there. */
static uint32_t find(struct problem *problems)
{
    struct dirent **names = NULL;
    const int n = scandir(BENCH_PROGRAMS, &names, is_program, alphasort);
    uint32_t found = 0;

    for (int i = 0; i < n; i++) {
        if (found < FILES_MAX) {
            struct problem *p = &problems[found++];

            (void)snprintf(p->path, sizeof p->path, "%s/%s", BENCH_PROGRAMS, names[i]->d_name);
            (void)snprintf(p->name, sizeof p->name, "%.*s",
                           (int)(strlen(names[i]->d_name) - strlen(".mps")), names[i]->d_name);
        }
        free(names[i]);
    }
    free(names);
    return found;
}

/* --- one run --- */

static void keep_times(struct problem *p, const char *answer)
{
    json_t *json = json_loads(answer, 0, NULL);
    const json_t *times = json_object_get(json, "times");

    if (!json_is_object(times))
        bench_die("%s: no times in what comity lp solve says", p->name);
    p->solve_us = (double)json_integer_value(json_object_get(times, "solve_us"));
    p->check_us = (double)json_integer_value(json_object_get(times, "check_us"));
    json_decref(json);
}

static void run_side(const struct bench *bench, struct problem *p, int side, const char *proof)
{
    char comity[4300];
    const char *const calls[SIDES][10] = {
        {comity,    "lp",       "solve",  p->path, "--certificate", proof, "--times", "--json", NULL},
        {"esolver",    p->path,     NULL    },
        {"glpsol", "--mps", p->path, NULL       },
        {"clp",  p->path,     "-dualsimplex",         NULL   },
    };
    struct child child;
    double ms = 0;

    (void)snprintf(comity, sizeof comity, "%s/comity", bench->bin);
    child = child_run(calls[side]);
    ms = child.seconds * 1e3;
    if (child.code != 0 && side == OURS)
        bench_die("%s: comity lp solve ended with %d: %s", p->name, child.code, child.out);
    if (side == OURS && (p->best[OURS] == 0 || ms < p->best[OURS]))
        keep_times(p, child.out);
    if (child.code == 0 && (p->best[side] == 0 || ms < p->best[side]))
        p->best[side] = ms;
    free(child.out);
}

static void measure(const struct bench *bench, struct problem *p, unsigned rounds)
{
    char *dir = bench_dir(bench, "lp");
    char proof[4300];

    (void)snprintf(proof, sizeof proof, "%s/proof", dir);
    for (unsigned round = 0; round < rounds; round++) {
        for (int side = 0; side < SIDES; side++) {
            if (side == OURS || (!bench->bare && child_there(sides[side])))
                run_side(bench, p, side, proof);
        }
    }
    bench_dir_remove(dir);
}

/* --- rows --- */

static void one_row(struct bench *bench, const struct problem *p)
{
    struct row row = {.group = "lp",
                      .unit = "ms",
                      .less = true,
                      .value = p->best[OURS],
                      .limit = p->best[CLP],
                      .peer = p->best[ESOLVER]};

    (void)snprintf(row.what, sizeof row.what, "%s: exact and certified, whole process", p->name);
    if (row.limit > 0)
        (void)snprintf(row.limit_name, sizeof row.limit_name, "clp alone, rounded");
    if (row.peer > 0)
        (void)snprintf(row.peer_name, sizeof row.peer_name, "esolver alone");
    (void)snprintf(row.note, sizeof row.note, "solving %.2f ms, checking %.2f ms",
                   p->solve_us / 1e3, p->check_us / 1e3);
    bench_row(bench, &row);
}

/* All files that both have solved: what they took together. */
static void sum_row(struct bench *bench, const struct problem *problems, uint32_t n, int side)
{
    struct row row = {.group = "lp", .unit = "ms", .less = true};
    uint32_t both = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (problems[i].best[side] == 0)
            continue;
        both++;
        row.value += problems[i].best[OURS];
        row.peer += problems[i].best[side];
    }
    if (both == 0)
        return;
    (void)snprintf(row.what, sizeof row.what, "%u files together, beside %s", both, sides[side]);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "%s alone", sides[side]);
    bench_row(bench, &row);
}

static void share_row(struct bench *bench, const struct problem *problems, uint32_t n)
{
    struct row row = {.group = "lp", .unit = "%", .less = true, .target = CHECK_SHARE};
    double solving = 0;
    double checking = 0;
    double whole = 0;

    for (uint32_t i = 0; i < n; i++) {
        solving += problems[i].solve_us;
        checking += problems[i].check_us;
        whole += problems[i].best[OURS] * 1e3;
    }
    row.value = checking / solving * 100;
    (void)snprintf(row.what, sizeof row.what, "the checker's time as a share of the solving");
    (void)snprintf(row.note, sizeof row.note, "%.2f of %.2f ms; of the whole processes %.2g %%",
                   checking / 1e3, solving / 1e3, checking / whole * 100);
    bench_row(bench, &row);
}

void bench_lp(struct bench *bench)
{
    struct problem *problems = calloc(FILES_MAX, sizeof *problems);
    const uint32_t n = problems == NULL ? 0 : find(problems);

    if (n == 0)
        bench_say("no linear programs in %s: nothing to measure", BENCH_PROGRAMS);
    for (int side = ESOLVER; side < SIDES && n > 0 && !bench->bare; side++) {
        if (!child_there(sides[side]))
            bench_say("%s is not installed (scripts/deps solve): no peer", sides[side]);
    }
    for (uint32_t i = 0; i < n; i++) {
        measure(bench, &problems[i], bench_scaled(bench, 7, 2));
        one_row(bench, &problems[i]);
    }
    for (int side = ESOLVER; side < SIDES; side++)
        sum_row(bench, problems, n, side);
    if (n > 0)
        share_row(bench, problems, n);
    free(problems);
}

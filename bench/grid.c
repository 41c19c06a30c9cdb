/* Power grids: a plan with its certificate, from the start of the process to its end, on generated
 * networks, beside the whole process of solvers on the same program (which prove nothing). All take
 * turns; the best of some. */
#include "child.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#define GOAL_MS 1000.0

enum { OURS, CLP, GLPSOL, SIDES, NEAR = 200 };

static const char *const sides_[SIDES] = {"comity", "clp", "glpsol"};

struct line {
    uint32_t from;
    uint32_t to;
    unsigned reactance; /* 1e-5 */
    unsigned rating;    /* MW */
};

struct net {
    uint32_t n;
    double *x;
    double *y;
    unsigned *load; /* MW */
    struct line *lines;
    uint32_t n_lines;
    uint32_t n_generators;
    uint32_t *bus;
    unsigned *most;
    unsigned *cost; /* hundredths */
};

static double away(const struct net *net, uint32_t a, uint32_t b)
{
    return hypot(net->x[a] - net->x[b], net->y[a] - net->y[b]);
}

static void join(struct net *net, uint32_t a, uint32_t b, uint64_t *random)
{
    struct line *line = &net->lines[net->n_lines++];

    *line = (struct line){a, b, 200 + (unsigned)(away(net, a, b) * 30000), 0};
    line->rating = (300 + (unsigned)(bench_random(random) % 1200)) * (1 + net->n / 200);
}

/* Buses in a square, each joined to its nearest before it and mostly to the next; every third has
 * a load; generators for one and a half times the load. */
static void make(struct net *net, uint32_t n)
{
    uint64_t random = n;
    unsigned load = 0;
    unsigned most = 0;

    *net = (struct net){.n = n};
    net->x = calloc(n, sizeof *net->x);
    net->y = calloc(n, sizeof *net->y);
    net->load = calloc(n, sizeof *net->load);
    net->lines = calloc((size_t)2 * n, sizeof *net->lines);
    net->bus = calloc(n, sizeof *net->bus);
    net->most = calloc(n, sizeof *net->most);
    net->cost = calloc(n, sizeof *net->cost);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = 0;
        uint32_t second = 0;

        net->x[i] = (double)(bench_random(&random) % 1000000) / 1e6;
        net->y[i] = (double)(bench_random(&random) % 1000000) / 1e6;
        net->load[i] =
            bench_random(&random) % 3 == 0 ? 5 + (unsigned)(bench_random(&random) % 75) : 0;
        load += net->load[i];
        if (i == 0)
            continue;
        first = second = i > NEAR ? i - NEAR : 0;
        for (uint32_t j = first; j < i; j++) {
            if (away(net, i, j) < away(net, i, first)) {
                second = first;
                first = j;
            }
        }
        join(net, first, i, &random);
        if (second != first && bench_random(&random) % 3 != 0)
            join(net, second, i, &random);
    }
    while (most < load + load / 2 && net->n_generators < n) {
        const uint32_t g = net->n_generators++;

        net->bus[g] = (uint32_t)(bench_random(&random) % n);
        net->most[g] = 20 + (unsigned)(bench_random(&random) % 400);
        net->cost[g] = 500 + (unsigned)(bench_random(&random) % 5500);
        most += net->most[g];
    }
}

static void release(struct net *net)
{
    free(net->x);
    free(net->y);
    free(net->load);
    free(net->lines);
    free(net->bus);
    free(net->most);
    free(net->cost);
}

static void write_case(const struct net *net, const char *path)
{
    FILE *f = fopen(path, "w");

    if (f == NULL)
        bench_die("%s cannot be written", path);
    (void)fputs("function mpc = made\nmpc.version = '2';\nmpc.baseMVA = 100;\nmpc.bus = [\n", f);
    for (uint32_t b = 0; b < net->n; b++)
        (void)fprintf(f, "%u %d %u 0 0 0 1 1 0 220 1 1.1 0.9;\n", b + 1, b == 0 ? 3 : 1,
                      net->load[b]);
    (void)fputs("];\nmpc.gen = [\n", f);
    for (uint32_t g = 0; g < net->n_generators; g++)
        (void)fprintf(f, "%u 0 0 0 0 1 100 1 %u 0;\n", net->bus[g] + 1, net->most[g]);
    (void)fputs("];\nmpc.gencost = [\n", f);
    for (uint32_t g = 0; g < net->n_generators; g++)
        (void)fprintf(f, "2 0 0 2 %u.%02u 0;\n", net->cost[g] / 100, net->cost[g] % 100);
    (void)fputs("];\nmpc.branch = [\n", f);
    for (uint32_t l = 0; l < net->n_lines; l++)
        (void)fprintf(f, "%u %u 0 0.%05u 0 %u 0 0 0 0 1 0 0;\n", net->lines[l].from + 1,
                      net->lines[l].to + 1, net->lines[l].reactance, net->lines[l].rating);
    (void)fputs("];\n", f);
    if (fclose(f) != 0)
        bench_die("%s cannot be written", path);
}

/* The same program for the peers (CPLEX's LP form). */
static void write_program(const struct net *net, const char *path)
{
    FILE *f = fopen(path, "w");

    if (f == NULL)
        bench_die("%s cannot be written", path);
    (void)fputs("Minimize\n obj:", f);
    for (uint32_t g = 0; g < net->n_generators; g++)
        (void)fprintf(f, "%s + %u.%02u p%u", g % 8 == 7 ? "\n" : "", net->cost[g] / 100,
                      net->cost[g] % 100, g);
    (void)fputs("\nSubject To\n", f);
    for (uint32_t b = 0; b < net->n; b++) {
        (void)fprintf(f, " b%u: 0 t%u", b, b);
        for (uint32_t g = 0; g < net->n_generators; g++) {
            if (net->bus[g] == b)
                (void)fprintf(f, " + p%u", g);
        }
        for (uint32_t l = 0; l < net->n_lines; l++) {
            if (net->lines[l].from == b || net->lines[l].to == b)
                (void)fprintf(f, " %c f%u", net->lines[l].from == b ? '-' : '+', l);
        }
        (void)fprintf(f, " = %u\n", net->load[b]);
    }
    for (uint32_t l = 0; l < net->n_lines; l++)
        (void)fprintf(f, " l%u: %.7f f%u - t%u + t%u = 0\n", l, net->lines[l].reactance / 1e7, l,
                      net->lines[l].from, net->lines[l].to);
    (void)fputs("Bounds\n", f);
    for (uint32_t g = 0; g < net->n_generators; g++)
        (void)fprintf(f, " 0 <= p%u <= %u\n", g, net->most[g]);
    for (uint32_t l = 0; l < net->n_lines; l++)
        (void)fprintf(f, " -%u <= f%u <= %u\n", net->lines[l].rating, l, net->lines[l].rating);
    for (uint32_t b = 0; b < net->n; b++)
        (void)fprintf(f, b == 0 ? " t0 = 0\n" : " t%u free\n", b);
    (void)fputs("End\n", f);
    if (fclose(f) != 0)
        bench_die("%s cannot be written", path);
}

static void grid_of(struct bench *bench, uint32_t n)
{
    struct row row = {.group = "grid", .unit = "ms", .less = true, .target = GOAL_MS};
    double best[SIDES] = {0};
    char *dir = bench_dir(bench, "grid");
    char comity[4300];
    char made[4300];
    char program[4300];
    char plan[4300];
    struct net net;
    double check = 0;

    make(&net, n);
    (void)snprintf(comity, sizeof comity, "%s/comity", bench->bin);
    (void)snprintf(made, sizeof made, "%s/made.m", dir);
    (void)snprintf(program, sizeof program, "%s/made.lp", dir);
    (void)snprintf(plan, sizeof plan, "%s/plan", dir);
    write_case(&net, made);
    write_program(&net, program);
    for (unsigned round = 0; round < bench_scaled(bench, 5, 2); round++) {
        const char *const calls[SIDES][9] = {
            {comity, "grid",   "dispatch", made, "--plan", plan, "--times", "--json", NULL},
            {"clp",  program, NULL  },
            {"glpsol",  "--lp",  program,        NULL  },
        };

        for (int side = 0; side < SIDES; side++) {
            struct child child;

            if (side != OURS && (bench->bare || !child_there(sides_[side])))
                continue;
            child = child_run(calls[side]);
            if (side == OURS) {
                json_t *json = json_loads(child.out, 0, NULL);

                if (child.code != 0 || json == NULL)
                    bench_die("comity grid dispatch ended with %d", child.code);
                check = (double)json_integer_value(
                            json_object_get(json_object_get(json, "times"), "check_us")) /
                        1e3;
                json_decref(json);
            }
            if (child.code == 0 && (best[side] == 0 || child.seconds * 1e3 < best[side]))
                best[side] = child.seconds * 1e3;
            free(child.out);
        }
    }
    row.value = best[OURS];
    row.limit = best[CLP];
    row.peer = best[GLPSOL];
    (void)snprintf(row.what, sizeof row.what,
                   "%u buses, %u lines, %u generators: a certified plan, whole process", n,
                   net.n_lines, net.n_generators);
    if (row.limit > 0)
        (void)snprintf(row.limit_name, sizeof row.limit_name, "clp alone, rounded");
    if (row.peer > 0)
        (void)snprintf(row.peer_name, sizeof row.peer_name, "glpsol alone, rounded");
    (void)snprintf(row.note, sizeof row.note, "%.2f ms of it the exact check", check);
    bench_row(bench, &row);
    release(&net);
    bench_dir_remove(dir);
}

void bench_grid(struct bench *bench)
{
    grid_of(bench, bench_scaled(bench, 500, 50));
    grid_of(bench, bench_scaled(bench, 2000, 200));
}

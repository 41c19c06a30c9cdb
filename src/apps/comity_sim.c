/* comity-sim: whole federations on simulated machines, or lives of one cell, from seeds; prints
 * digests, what went wrong, and coverage. How it is called stands in manuals.c.
 *
 * Exit 0: no promise was broken. 1: one was; the line names seed, time and promise, and the same
 * seed, or the scenario that is written, shows it again. 2: the arguments are wrong. 3: trouble
 * with a file. */
#include "apps/manuals.h"
#include "apps/sim_report.h"
#include "institutions/roster.h"
#include "sim/sim_shrink.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SHRINK_TRIES 400u
#define TICKS 20000u

typedef unsigned long long number;

enum { DONE, BROKEN, USAGE, TROUBLE };

struct call {
    bool cell; /* lives of a cell instead */
    uint64_t seed;
    uint64_t seeds;
    uint64_t steps;
    uint64_t ticks;
    uint64_t members;
    uint64_t traitors;
    uint64_t realms;
    bool rules; /* a version of the rules begins */
    bool shrink;
    bool json;
    bool quiet;
    const char *scenario;
    const char *out;
};

static int usage(void)
{
    cy_manual_usage(stderr, &cy_manual_sim, CY_VERSION);
    return USAGE;
}

/* --- arguments --- */

static bool read_number(const char *word, uint64_t least, uint64_t most, uint64_t *out)
{
    return cy_ok(cy_u64_read(cy_span_text(word), out)) && *out >= least && *out <= most;
}

/* An option with a value. */
static bool read_option(struct call *call, const char *name, const char *value)
{
    const struct {
        const char *name;
        uint64_t least;
        uint64_t most;
        uint64_t *out;
    } numbers[] = {
        {"--seed",     0, UINT64_MAX,                   &call->seed    },
        {"--seeds",    1, UINT64_MAX,                   &call->seeds   },
        {"--steps",    1, 10000000,                     &call->steps   },
        {"--ticks",    1, CY_SIM_TICKS_MAX,             &call->ticks   },
        {"--members",  1, CY_SIM_MEMBERS_MAX,           &call->members },
        {"--traitors", 0, (CY_SIM_MEMBERS_MAX - 1) / 3, &call->traitors},
        {"--realms",   1, CY_SIM_REALMS_MAX,            &call->realms  },
    };

    if (value == NULL)
        return false;
    if (strcmp(name, "--scenario") == 0)
        call->scenario = value;
    else if (strcmp(name, "--out") == 0)
        call->out = value;
    else {
        for (size_t i = 0; i < CY_COUNT(numbers); i++) {
            if (strcmp(name, numbers[i].name) == 0)
                return read_number(value, numbers[i].least, numbers[i].most, numbers[i].out);
        }
        return false;
    }
    return true;
}

static bool read_call(int argc, char **argv, struct call *call)
{
    const struct {
        const char *name;
        bool *out;
    } switches[] = {
        {"cell",     &call->cell  },
        {"--rules",  &call->rules },
        {"--shrink", &call->shrink},
        {"--json",   &call->json  },
        {"--quiet",  &call->quiet },
    };

    *call =
        (struct call){.seed = 1, .seeds = 1, .steps = 1000, .ticks = TICKS, .traitors = UINT32_MAX};
    for (int i = 1; i < argc; i++) {
        bool found = false;

        for (size_t s = 0; s < CY_COUNT(switches) && !found; s++) {
            found = strcmp(argv[i], switches[s].name) == 0;
            if (found)
                *switches[s].out = true;
        }
        if (!found && !read_option(call, argv[i], i + 1 < argc ? argv[i + 1] : NULL)) {
            (void)fprintf(stderr,
                          "comity-sim: %s: no such option, or its value is missing or out "
                          "of range\n\n",
                          argv[i]);
            return false;
        }
        i += found ? 0 : 1;
    }
    /* more traitors than a third is no promise broken, but a promise never made */
    return call->members == 0 || call->traitors == UINT32_MAX || call->traitors * 3 < call->members;
}

/* --- lives of a cell --- */

static bool live_cell(uint64_t seed, uint64_t steps, struct cy_sim_coverage *sum)
{
    const struct cy_sim_options options = {.seed = seed,
                                           .roster = cy_roster,
                                           .n_roster = cy_roster_count,
                                           .steps_max = (uint32_t)steps};
    struct cy_sim_cell *sim = cy_sim_cell_new(&options);
    const char *objection = NULL;
    char digest[65];
    struct cy_id trace;
    uint64_t step = 0;

    if (sim == NULL) {
        (void)fprintf(stderr, "comity-sim: %s\n", cy_err_info(CY_E_NO_MEMORY)->text);
        return false;
    }
    for (; step < steps && objection == NULL; step++)
        objection = cy_sim_cell_step(sim);
    if (objection == NULL)
        objection = cy_sim_cell_end(sim, &trace);
    if (objection == NULL) {
        cy_hex(trace.b, sizeof trace.b, digest);
        printf("seed %llu: %llu acts, trace %s\n", (number)seed, (number)cy_sim_cell_size(sim),
               digest);
    } else {
        printf("seed %llu, step %llu: %s\n", (number)seed, (number)step, objection);
    }
    cy_sim_coverage_add(sum, cy_sim_cell_coverage(sim));
    cy_sim_cell_free(sim);
    return objection == NULL;
}

static int cells(const struct call *call)
{
    struct cy_sim_coverage *sum = calloc(1, sizeof *sum);
    bool good = true;

    if (sum == NULL)
        return TROUBLE;
    for (uint64_t i = 0; i < call->seeds && good; i++)
        good = live_cell(call->seed + i, call->steps, sum);
    if (!call->quiet)
        cy_sim_report_cell(stdout, sum);
    free(sum);
    return good ? DONE : BROKEN;
}

/* --- federations --- */

struct runs {
    const struct call *call;
    struct cy_sim_plan *plan;
    struct cy_sim_plan *spare;
    struct cy_sim_federation_figures *sum;
    struct cy_sim_federation_figures *one;
    const char *objection; /* of the run that is shrunk */
    uint32_t tries;
    uint64_t began; /* wall clock, s: for the progress alone */
    uint64_t done;
};

/* One run of a plan; the objection, or NULL. */
static const char *run_plan(const struct cy_sim_plan *plan,
                            struct cy_sim_federation_figures *figures, struct cy_id *trace,
                            uint64_t *broken_at)
{
    const struct cy_sim_federation_options options = {
        .plan = plan, .roster = cy_roster, .n_roster = cy_roster_count};
    struct cy_sim_federation *sim = cy_sim_federation_new(&options);
    const char *objection = cy_sim_federation_live(sim, trace, broken_at);

    cy_sim_federation_figures(sim, figures);
    cy_sim_federation_free(sim);
    return objection;
}

static bool fails_alike(void *user, const struct cy_sim_plan *plan)
{
    struct runs *runs = user;
    struct cy_id trace;
    uint64_t at = 0;
    const char *objection = run_plan(plan, runs->one, &trace, &at);

    runs->tries++;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\rshrinking: %u tries, %u lines in %u ms   ", runs->tries,
                      runs->plan->n, runs->plan->ticks);
    return objection != NULL && strcmp(objection, runs->objection) == 0;
}

static bool write_scenario(const struct cy_sim_plan *plan, const char *path, const char *objection)
{
    char *memory = malloc(CY_SIM_PLAN_TEXT_MAX);
    FILE *file = memory == NULL ? NULL : fopen(path, "w");
    struct cy_text text;
    bool good = false;

    if (file != NULL) {
        text = cy_text_on(memory, CY_SIM_PLAN_TEXT_MAX);
        cy_sim_plan_write(&text, plan);
        good = fprintf(file, "# %s\n", objection) > 0 && fwrite(text.at, 1, text.n, file) == text.n;
        good = fclose(file) == 0 && good;
    }
    if (!good)
        (void)fprintf(stderr, "comity-sim: %s: %s\n", path, strerror(errno));
    free(memory);
    return good;
}

/* A run failed: shrinks it when asked, and keeps the scenario. */
static void keep_failure(struct runs *runs, const char *objection)
{
    const struct call *call = runs->call;
    char path[64];

    runs->objection = objection;
    runs->tries = 0;
    if (call->shrink) {
        const uint32_t before = runs->plan->n;
        const uint32_t tries =
            cy_sim_shrink(runs->plan, runs->spare, SHRINK_TRIES, fails_alike, runs);

        if (isatty(STDERR_FILENO))
            (void)fputc('\n', stderr);
        if (!call->json)
            printf("  %u lines of %u remain after %u tries\n", runs->plan->n, before, tries);
    }
    (void)snprintf(path, sizeof path, "scenario-%llu.txt", (number)runs->plan->seed);
    if ((call->shrink || call->out != NULL) &&
        write_scenario(runs->plan, call->out != NULL ? call->out : path, objection) && !call->json)
        printf("  written to %s; again: comity sim --scenario %s\n",
               call->out != NULL ? call->out : path, call->out != NULL ? call->out : path);
}

static void say(const struct runs *runs, const char *objection, const struct cy_id *trace,
                uint64_t at)
{
    const struct call *call = runs->call;
    const struct cy_sim_plan *plan = runs->plan;
    char digest[65];

    cy_hex(trace->b, sizeof trace->b, digest);
    if (call->json && objection == NULL)
        printf("{\"seed\":%llu,\"good\":true,\"heights\":%llu,\"trace\":\"%s\"}\n",
               (number)plan->seed, (number)runs->one->heights, digest);
    else if (call->json)
        printf("{\"seed\":%llu,\"good\":false,\"at_ms\":%llu,\"promise\":\"%s\"}\n",
               (number)plan->seed, (number)at, objection);
    else if (objection == NULL)
        printf("seed %llu: %u x %u members, %llu heights, %llu acts acknowledged, trace %s\n",
               (number)plan->seed, plan->realms, plan->members, (number)runs->one->heights,
               (number)runs->one->acks, digest);
    else
        printf("seed %llu, at %llu ms: %s\n", (number)plan->seed, (number)at, objection);
}

static void show_progress(struct runs *runs, uint64_t all)
{
    const uint64_t now = (uint64_t)time(NULL);

    runs->done++;
    if (all < 2 || !isatty(STDERR_FILENO) || now == runs->began)
        return;
    (void)fprintf(stderr, "\r%llu of %llu seeds, %llu a second%s", (number)runs->done, (number)all,
                  (number)(runs->done / (now - runs->began)), runs->done == all ? "\n" : "");
}

/* Runs the plan that stands in runs->plan; whether it kept all promises. */
static bool run_one(struct runs *runs, uint64_t all)
{
    struct cy_id trace = {0};
    uint64_t at = 0;
    const char *objection = run_plan(runs->plan, runs->one, &trace, &at);

    cy_sim_federation_add(runs->sum, runs->one);
    if (objection != NULL || !runs->call->quiet || all == 1)
        say(runs, objection, &trace, at);
    if (objection != NULL)
        keep_failure(runs, objection);
    show_progress(runs, all);
    return objection == NULL;
}

static bool read_scenario(const char *path, struct cy_sim_plan *plan)
{
    char *memory = malloc(CY_SIM_PLAN_TEXT_MAX);
    FILE *file = memory == NULL ? NULL : fopen(path, "r");
    const size_t n = file == NULL ? 0 : fread(memory, 1, CY_SIM_PLAN_TEXT_MAX, file);
    cy_err err = CY_OK;

    if (file == NULL) {
        (void)fprintf(stderr, "comity-sim: %s: %s\n", path, strerror(errno));
        free(memory);
        return false;
    }
    (void)fclose(file);
    err = cy_sim_plan_read(cy_span_of(memory, n), plan);
    free(memory);
    if (!cy_ok(err))
        (void)fprintf(stderr, "comity-sim: %s, line %llu: %s\n  what to do: %s\n", path,
                      (number)err.detail, cy_err_info(err.code)->text,
                      cy_err_info(err.code)->remedy);
    return cy_ok(err);
}

static int federations(const struct call *call, struct runs *runs)
{
    uint64_t broken = 0;

    if (call->scenario != NULL) {
        if (!read_scenario(call->scenario, runs->plan))
            return TROUBLE;
        broken = run_one(runs, 1) ? 0 : 1;
    }
    for (uint64_t i = 0; i < call->seeds && call->scenario == NULL; i++) {
        const struct cy_sim_wish wish = {.seed = call->seed + i,
                                         .ticks = (uint32_t)call->ticks,
                                         .members = (uint32_t)call->members,
                                         .traitors = (uint32_t)call->traitors,
                                         .realms = (uint32_t)call->realms,
                                         .rules = call->rules};

        cy_sim_plan_draw(&wish, runs->plan);
        broken += run_one(runs, call->seeds) ? 0 : 1;
    }
    if (call->json) {
        printf("{\"broken\":%llu,", (number)broken);
        cy_sim_report_json(stdout, runs->sum);
        printf("}\n");
    } else if (!call->quiet) {
        printf("\n");
        cy_sim_report_people(stdout, runs->sum);
    } else {
        printf("%llu runs, %llu broke a promise; %llu heights, %llu final, %llu acts "
               "acknowledged\n",
               (number)runs->done, (number)broken, (number)runs->sum->heights,
               (number)runs->sum->finals, (number)runs->sum->acks);
    }
    return broken == 0 ? DONE : BROKEN;
}

int main(int argc, char **argv)
{
    struct call call;
    struct runs runs = {.call = &call};
    int code = TROUBLE;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        cy_manual_usage(stdout, &cy_manual_sim, CY_VERSION);
        return DONE;
    }
    if (!read_call(argc, argv, &call))
        return usage();
    if (call.cell)
        return cells(&call);
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* a line when it is known, also into a file */
    runs.began = (uint64_t)time(NULL);
    runs.plan = calloc(1, sizeof *runs.plan);
    runs.spare = calloc(1, sizeof *runs.spare);
    runs.sum = calloc(1, sizeof *runs.sum);
    runs.one = calloc(1, sizeof *runs.one);
    if (runs.plan != NULL && runs.spare != NULL && runs.sum != NULL && runs.one != NULL)
        code = federations(&call, &runs);
    free(runs.plan);
    free(runs.spare);
    free(runs.sum);
    free(runs.one);
    return code;
}

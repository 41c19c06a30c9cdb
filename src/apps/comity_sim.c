/* comity-sim: lives of a cell on a simulated machine, from seeds; prints digests and coverage.
 *
 *     comity-sim [--seed N] [--seeds N] [--steps N] [--quiet]
 *
 * Exit 0: no oracle objected. 1: one did; the line names seed, step and oracle, and the same seed
 * shows it again. 2: the arguments are wrong. */
#include "apps/manuals.h"
#include "institutions/roster.h"
#include "sim/sim_cell.h"

#include <stdio.h>
#include <stdlib.h>

struct plan {
    uint64_t seed;
    uint64_t seeds;
    uint64_t steps;
    bool quiet;
};

static int usage(void)
{
    cy_manual_usage(stderr, &cy_manual_sim, CY_VERSION);
    return 2;
}

static bool read_arguments(int argc, char **argv, struct plan *plan)
{
    *plan = (struct plan){.seed = 1, .seeds = 1, .steps = 1000};
    for (int i = 1; i < argc; i++) {
        uint64_t *number = strcmp(argv[i], "--seed") == 0    ? &plan->seed
                           : strcmp(argv[i], "--seeds") == 0 ? &plan->seeds
                           : strcmp(argv[i], "--steps") == 0 ? &plan->steps
                                                             : NULL;

        if (strcmp(argv[i], "--quiet") == 0) {
            plan->quiet = true;
            continue;
        }
        if (number == NULL || ++i == argc || !cy_ok(cy_u64_read(cy_span_text(argv[i]), number)))
            return false;
    }
    return plan->steps <= 10000000;
}

static void print_coverage(const struct cy_sim_coverage *sum)
{
    printf("commits %llu, heads %llu, snapshots %llu, waits for room %llu\n"
           "restarts %llu (%llu with a torn tail), %llu unacknowledged acts lost\n",
           (unsigned long long)sum->commits, (unsigned long long)sum->heads,
           (unsigned long long)sum->snapshots, (unsigned long long)sum->full,
           (unsigned long long)sum->restarts, (unsigned long long)sum->torn,
           (unsigned long long)sum->lost);
    printf("\naccepted, by act:\n");
    for (unsigned i = 0; i < CY_MESSAGES_MAX; i++) {
        const struct cy_schema *schema = cy_schema_act(i);

        if (sum->accepted[i] != 0 && schema != NULL)
            printf("%10llu  %s\n", (unsigned long long)sum->accepted[i], schema->name);
    }
    printf("\nverdicts, by code:\n");
    for (unsigned i = 0; i < CY_SIM_CODES; i++) {
        if (sum->verdicts[i] != 0)
            printf("%10llu  %s\n", (unsigned long long)sum->verdicts[i],
                   i == 0 ? "accepted" : cy_err_info((enum cy_code)i)->path);
    }
}

/* One life; false when an oracle objected. */
static bool live(uint64_t seed, uint64_t steps, struct cy_sim_coverage *sum)
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
        printf("seed %llu: %llu acts, trace %s\n", (unsigned long long)seed,
               (unsigned long long)cy_sim_cell_size(sim), digest);
    } else {
        printf("seed %llu, step %llu: %s\n", (unsigned long long)seed, (unsigned long long)step,
               objection);
    }
    cy_sim_coverage_add(sum, cy_sim_cell_coverage(sim));
    cy_sim_cell_free(sim);
    return objection == NULL;
}

int main(int argc, char **argv)
{
    struct cy_sim_coverage *sum = calloc(1, sizeof *sum);
    struct plan plan;
    bool good = true;

    if (sum == NULL || !read_arguments(argc, argv, &plan)) {
        free(sum);
        return usage();
    }
    for (uint64_t i = 0; i < plan.seeds && good; i++)
        good = live(plan.seed + i, plan.steps, sum);
    if (!plan.quiet)
        print_coverage(sum);
    free(sum);
    return good ? 0 : 1;
}

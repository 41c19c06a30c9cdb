/* The oracles of simulated federations, shown to trip: this program is linked with a copy of one
 * source file in which one line was made wrong (CMakeLists.txt says which), and must find a seed
 * that breaks a promise.
 *
 *     sim_broken SEEDS [--signers] [--policy] [--bridges] [--rules] [--live] PROMISE...
 *
 * --bridges: two realms. --rules: a version of the rules begins. --live: what is broken must also
 * get on, or not, after the calm.
 *
 * Exit 0: one of the promises was found broken; it says by which seed. 1: none was. */
#include "institutions/roster.h"
#include "sim/sim_federation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS 6000u

static uint32_t realms = 1;
static bool rules;
static bool to_the_end;

static const char *live(uint64_t seed, uint32_t broken)
{
    const struct cy_sim_wish wish = {.seed = seed,
                                     .ticks = TICKS,
                                     .members = 4,
                                     .traitors = UINT32_MAX,
                                     .realms = realms,
                                     .rules = rules};
    struct cy_id trace;
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);
    const struct cy_sim_federation_options options = {
        .plan = plan, .roster = cy_roster, .n_roster = cy_roster_count, .broken = broken};
    struct cy_sim_federation *sim = NULL;
    const char *objection = NULL;

    CY_ASSERT(plan != NULL);
    cy_sim_plan_draw(&wish, plan);
    sim = cy_sim_federation_new(&options);
    /* else not to the end: what is broken may well halt, and that is not what is looked for */
    objection = cy_sim_federation_run(sim, to_the_end ? plan->calm + 1 : plan->ticks);
    if (objection == NULL)
        objection = to_the_end ? cy_sim_federation_end(sim, &trace) : cy_sim_federation_read(sim);
    cy_sim_federation_free(sim);
    free(plan);
    return objection;
}

int main(int argc, char **argv)
{
    const uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint32_t broken = 0;
    int first = 2;

    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        if (strcmp(argv[first], "--signers") == 0)
            broken |= CY_SIM_BREAK_SIGNERS;
        else if (strcmp(argv[first], "--policy") == 0)
            broken |= CY_SIM_BREAK_POLICY;
        else if (strcmp(argv[first], "--bridges") == 0)
            realms = 2;
        else if (strcmp(argv[first], "--rules") == 0)
            rules = true;
        else if (strcmp(argv[first], "--live") == 0)
            to_the_end = true;
    }
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        const char *objection = live(seed, broken);

        if (objection == NULL)
            continue;
        for (int i = first; i < argc; i++) {
            if (strcmp(argv[i], objection) == 0) {
                printf("seed %llu: %s\n", (unsigned long long)seed, objection);
                return 0;
            }
        }
        printf("seed %llu: %s: not what was looked for\n", (unsigned long long)seed, objection);
    }
    printf("%llu seeds, and none breaks it\n", (unsigned long long)seeds);
    return 1;
}

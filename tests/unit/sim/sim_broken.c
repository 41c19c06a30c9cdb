/* The oracles of simulated federations, shown to trip: this program is linked with a copy of one
 * source file in which one line was made wrong (CMakeLists.txt says which), and must find a seed
 * that breaks a promise.
 *
 *     sim_broken SEEDS [--signers] [--policy] PROMISE...
 *
 * Exit 0: one of the promises was found broken; it says by which seed. 1: none was. */
#include "institutions/roster.h"
#include "sim/sim_federation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS 9000u

static const char *live(uint64_t seed, uint32_t broken, uint64_t *at)
{
    const struct cy_sim_wish wish = {
        .seed = seed, .ticks = TICKS, .members = 4, .traitors = UINT32_MAX, .realms = 1};
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);
    const struct cy_sim_federation_options options = {
        .plan = plan, .roster = cy_roster, .n_roster = cy_roster_count, .broken = broken};
    struct cy_sim_federation *sim = NULL;
    const char *objection = NULL;
    struct cy_id trace;

    CY_ASSERT(plan != NULL);
    cy_sim_plan_draw(&wish, plan);
    sim = cy_sim_federation_new(&options);
    objection = cy_sim_federation_live(sim, &trace, at);
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
    }
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        uint64_t at = 0;
        const char *objection = live(seed, broken, &at);

        if (objection == NULL)
            continue;
        for (int i = first; i < argc; i++) {
            if (strcmp(argv[i], objection) == 0) {
                printf("seed %llu, at %llu ms: %s\n", (unsigned long long)seed,
                       (unsigned long long)at, objection);
                return 0;
            }
        }
        printf("seed %llu, at %llu ms: %s: not what was looked for\n", (unsigned long long)seed,
               (unsigned long long)at, objection);
    }
    printf("%llu seeds, and none breaks it\n", (unsigned long long)seeds);
    return 1;
}

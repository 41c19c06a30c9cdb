/* sim_cell: hundreds of lives of a cell, each from one seed, and no oracle objects. */
#include "sim/sim_cell.h"

#include "cm.h"

#include <stdlib.h>

#define SEEDS 200
#define STEPS 320

static struct cy_id live(uint64_t seed, uint32_t steps, struct cy_sim_coverage *sum)
{
    const struct cy_sim_options options = {.seed = seed, .steps_max = steps};
    struct cy_sim_cell *sim = cy_sim_cell_new(&options);
    const char *objection = NULL;
    struct cy_id trace;

    for (uint32_t i = 0; i < steps && objection == NULL; i++) {
        objection = cy_sim_cell_step(sim);
        if (objection != NULL)
            print_error("seed %llu, step %u: %s\n", (unsigned long long)seed, i, objection);
    }
    assert_null(objection);
    objection = cy_sim_cell_end(sim, &trace);
    if (objection != NULL)
        print_error("seed %llu, end: %s\n", (unsigned long long)seed, objection);
    assert_null(objection);
    cy_sim_coverage_add(sum, cy_sim_cell_coverage(sim));
    cy_sim_cell_free(sim);
    return trace;
}

static void no_oracle_objects(void **s)
{
    struct cy_sim_coverage *sum = calloc(1, sizeof *sum);
    unsigned acts = 0;
    unsigned codes = 0;

    (void)s;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        (void)live(seed, STEPS, sum);
    for (unsigned i = 0; i < CY_MESSAGES_MAX; i++)
        acts += sum->accepted[i] != 0;
    for (unsigned i = 1; i < CY_SIM_CODES; i++)
        codes += sum->verdicts[i] != 0;
    print_message("%llu accepted of %u kinds, %u kinds of refusal; %llu commits, %llu heads, %llu "
                  "snapshots, %llu restarts (%llu torn, %llu acts lost), %llu waits for room\n",
                  (unsigned long long)sum->verdicts[0], acts, codes,
                  (unsigned long long)sum->commits, (unsigned long long)sum->heads,
                  (unsigned long long)sum->snapshots, (unsigned long long)sum->restarts,
                  (unsigned long long)sum->torn, (unsigned long long)sum->lost,
                  (unsigned long long)sum->full);
    /* the workload reaches what it is meant to reach */
    assert_true(acts > 15);
    assert_true(sum->accepted[CY_M_transfer] > SEEDS / 2);
    assert_true(codes > 20);
    assert_true(sum->restarts > SEEDS / 2);
    assert_true(sum->torn > 0);
    assert_true(sum->lost > 0);
    assert_true(sum->full > 0);
    assert_true(sum->snapshots > SEEDS / 4);
    free(sum);
}

static void the_same_seed_gives_the_same_bytes(void **s)
{
    struct cy_sim_coverage *sum = calloc(1, sizeof *sum);

    (void)s;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        const struct cy_id once = live(seed, 400, sum);
        const struct cy_id again = live(seed, 400, sum);
        const struct cy_id other = live(seed + 1000, 400, sum);

        assert_memory_equal(once.b, again.b, 32);
        assert_memory_not_equal(once.b, other.b, 32);
    }
    free(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_oracle_objects),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

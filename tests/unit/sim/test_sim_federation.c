/* sim_federation: whole federations, each from one seed; the same seed gives the same bytes, a
 * written scenario the same run, and the seeds reach what they are for. */
#include "institutions/roster.h"
#include "sim/sim_federation.h"

#include "cm.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const char *run(const struct cy_sim_plan *plan, struct cy_sim_federation_figures *figures,
                       struct cy_id *trace)
{
    const struct cy_sim_federation_options options = {
        .plan = plan, .roster = cy_roster, .n_roster = cy_roster_count};
    struct cy_sim_federation *sim = cy_sim_federation_new(&options);
    uint64_t at = 0;
    const char *objection = cy_sim_federation_live(sim, trace, &at);

    if (objection != NULL)
        print_error("seed %llu, at %llu ms: %s\n", (unsigned long long)plan->seed,
                    (unsigned long long)at, objection);
    cy_sim_federation_figures(sim, figures);
    cy_sim_federation_free(sim);
    return objection;
}

static struct cy_sim_plan *drawn(uint64_t seed, uint32_t members, uint32_t realms)
{
    const struct cy_sim_wish wish = {
        .seed = seed, .ticks = 6000, .members = members, .traitors = UINT32_MAX, .realms = realms};
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);

    assert_non_null(plan);
    cy_sim_plan_draw(&wish, plan);
    return plan;
}

static void the_same_seed_gives_the_same_bytes(void **s)
{
    static struct cy_sim_federation_figures figures[2];
    static char text[CY_SIM_PLAN_TEXT_MAX];
    struct cy_sim_plan *again = calloc(1, sizeof *again);

    (void)s;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct cy_sim_plan *plan = drawn(seed, 4, 1);
        struct cy_sim_plan *other = drawn(seed + 50, 4, 1);
        struct cy_text out = cy_text_on(text, sizeof text);
        struct cy_id traces[3];

        assert_null(run(plan, &figures[0], &traces[0]));
        cy_sim_plan_write(&out, plan);
        assert_ok(cy_sim_plan_read(cy_text_bytes(&out), again));
        assert_null(run(again, &figures[1], &traces[1]));
        assert_null(run(other, &figures[1], &traces[2]));
        assert_memory_equal(traces[0].b, traces[1].b, 32);
        assert_memory_not_equal(traces[0].b, traces[2].b, 32);
        free(plan);
        free(other);
    }
    free(again);
}

static void many_members_and_two_realms(void **s)
{
    static struct cy_sim_federation_figures figures;
    struct cy_sim_plan *many = drawn(16, 16, 1);
    struct cy_sim_plan *two = drawn(17, 4, 2);
    struct cy_id trace;

    (void)s;
    assert_null(run(many, &figures, &trace));
    assert_true(figures.heights > 3);
    assert_true(figures.finals > 1);
    assert_null(run(two, &figures, &trace));
    assert_true(figures.heights > 6); /* of both */
    free(many);
    free(two);
}

/* Realms joined by bridges, in fair and foul weather: packets leave, arrive, come home, end. */
static void packets_cross(void **s)
{
    static struct cy_sim_federation_figures one;
    static struct cy_sim_federation_figures sum;
    struct cy_id trace;

    (void)s;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct cy_sim_plan *plan = drawn(seed, 4, seed == 3 ? 3 : 2);

        plan->ticks = plan->calm; /* liveness beyond that is waited for */
        while (plan->moves[plan->n - 1].at > plan->ticks)
            plan->n--;
        assert_null(run(plan, &one, &trace));
        cy_sim_federation_add(&sum, &one);
        free(plan);
    }
    print_message("%u crossings, %u done, %u acknowledged\n", (unsigned)sum.crossings,
                  (unsigned)sum.passages[CY_SIM_PASSAGE_PACKET_DONE],
                  (unsigned)sum.passages[CY_SIM_PASSAGE_PACKET_ACKED]);
    assert_true(sum.crossings > 10);
    assert_true(sum.weighed > 100);
    assert_true(sum.passages[CY_SIM_PASSAGE_PACKET_DONE] > 2);
    assert_true(sum.passages[CY_SIM_PASSAGE_PACKET_ACKED] > 2);
}

/* Without any fault: quick, and everything that was taken is answered. */
static void calm_weather(void **s)
{
    static struct cy_sim_federation_figures figures;
    struct cy_sim_plan *plan = drawn(5, 4, 1);
    struct cy_id trace;
    uint32_t kept = 0;

    (void)s;
    plan->spares = 0;
    for (uint32_t i = 0; i < plan->n; i++) {
        if (plan->moves[i].kind == CY_SIM_ACT || plan->moves[i].kind == CY_SIM_PAY)
            plan->moves[kept++] = plan->moves[i];
    }
    plan->n = kept;
    assert_null(run(plan, &figures, &trace));
    assert_true(figures.heights > 10);
    assert_true(figures.acks > 5);
    assert_int_equal(figures.convicted, 0);
    assert_int_equal(figures.starts, 4);
    assert_true(figures.finals + 2 > figures.heights);
    free(plan);
}

/* A version of the rules begins while some members' programs do not know it yet. */
static void rules_change_in_a_mixed_federation(void **s)
{
    static struct cy_sim_federation_figures one;
    static struct cy_sim_federation_figures sum;
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);
    struct cy_id trace;

    (void)s;
    assert_non_null(plan);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        cy_sim_plan_draw(&(struct cy_sim_wish){.seed = seed,
                                               .ticks = 4000,
                                               .members = 4,
                                               .traitors = 0,
                                               .realms = 1,
                                               .still = true,
                                               .rules = true},
                         plan);
        assert_true(cy_sim_plan_has(plan, CY_SIM_RULES));
        assert_null(run(plan, &one, &trace));
        cy_sim_federation_add(&sum, &one);
    }
    print_message("%u began, %u stopped for it\n",
                  (unsigned)sum.passages[CY_SIM_PASSAGE_RULES_BEGAN],
                  (unsigned)sum.passages[CY_SIM_PASSAGE_RULES_TOO_OLD]);
    assert_true(sum.passages[CY_SIM_PASSAGE_RULES_BEGAN] > 1);
    assert_true(sum.passages[CY_SIM_PASSAGE_RULES_TOO_OLD] > 1);
    free(plan);
}

/* Seeds that failed once. */
static void old_failures_stay_mended(void **s)
{
    static struct cy_sim_federation_figures figures;
    static char text[CY_SIM_PLAN_TEXT_MAX];
    static struct cy_sim_plan plan;
    const char *folder = CY_SOURCE "/tests/unit/sim/scenarios";
    DIR *dir = opendir(folder);

    (void)s;
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[512];
        FILE *file = NULL;
        size_t n = 0;
        struct cy_id trace;

        if (strstr(entry->d_name, ".txt") == NULL)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        file = fopen(path, "r");
        assert_non_null(file);
        n = fread(text, 1, sizeof text, file);
        (void)fclose(file);
        assert_ok(cy_sim_plan_read(cy_span_of(text, n), &plan));
        if (run(&plan, &figures, &trace) != NULL)
            fail_msg("%s", entry->d_name);
    }
    (void)closedir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(many_members_and_two_realms),
        cmocka_unit_test(packets_cross),
        cmocka_unit_test(calm_weather),
        cmocka_unit_test(rules_change_in_a_mixed_federation),
        cmocka_unit_test(old_failures_stay_mended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

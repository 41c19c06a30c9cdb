/* sim_plan, sim_shrink: plans are drawn alike from a seed, written and read, and shrink to what a
 * failure needs. */
#include "sim/sim_shrink.h"

#include "cm.h"
#include "crypto/hash.h"

#include <stdlib.h>

static struct cy_sim_plan *drawn(uint64_t seed)
{
    const struct cy_sim_wish wish = {
        .seed = seed, .ticks = 20000, .traitors = UINT32_MAX, .rules = seed % 4 == 0};
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);

    assert_non_null(plan);
    cy_sim_plan_draw(&wish, plan);
    return plan;
}

static char text_bytes[2][CY_SIM_PLAN_TEXT_MAX];

static struct cy_span written(const struct cy_sim_plan *plan, unsigned at)
{
    struct cy_text text = cy_text_on(text_bytes[at], sizeof text_bytes[at]);

    cy_sim_plan_write(&text, plan);
    assert_false(text.full);
    return cy_text_bytes(&text);
}

static void what_is_written_is_read(void **s)
{
    struct cy_sim_plan *read = calloc(1, sizeof *read);

    (void)s;
    for (uint64_t seed = 1; seed < 100; seed++) {
        struct cy_sim_plan *plan = drawn(seed);
        const struct cy_span text = written(plan, 0);

        assert_ok(cy_sim_plan_read(text, read));
        assert_true(cy_span_eq(text, written(read, 1)));
        free(plan);
    }
    free(read);
}

/* Not only within one program: a compiler may not choose in which order numbers are drawn. */
static void a_seed_means_the_same_plan_everywhere(void **s)
{
    struct cy_sha256_stream hash;
    struct cy_id digest;
    uint8_t pinned[16];

    (void)s;
    assert_ok(cy_hex_read(cy_span_text("bcdbb4f907d81286dbe283abc462abe8"), pinned, sizeof pinned));
    cy_sha256_begin(&hash);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct cy_sim_plan *plan = drawn(seed);

        cy_sha256_more(&hash, written(plan, 0));
        free(plan);
    }
    digest = cy_sha256_end(&hash);
    assert_memory_equal(digest.b, pinned, sizeof pinned);
}

static void drawn_plans_keep_the_bounds(void **s)
{
    unsigned kinds[CY_SIM_MOVE_KINDS] = {0};
    unsigned with_traitors = 0;

    (void)s;
    for (uint64_t seed = 1; seed < 200; seed++) {
        struct cy_sim_plan *plan = drawn(seed);
        struct cy_sim_plan *again = drawn(seed);
        const uint64_t traitors = cy_sim_plan_traitors(plan);

        assert_true(cy_span_eq(written(plan, 0), written(again, 1)));
        for (uint32_t realm = 0; realm < plan->realms; realm++) {
            unsigned bad = 0;

            for (uint32_t i = 0; i < plan->members; i++)
                bad += traitors >> (realm * (plan->members + plan->spares) + i) & 1;
            assert_true(bad * 3 < plan->members);
            with_traitors += bad > 0;
        }
        for (uint32_t i = 0; i < plan->n; i++) {
            const struct cy_sim_move *move = &plan->moves[i];

            kinds[move->kind]++;
            assert_true(i == 0 || move[-1].at <= move->at);
            if (move->kind > CY_SIM_PAY && move->kind < CY_SIM_TURN)
                assert_true(move->at < plan->calm);
        }
        free(plan);
        free(again);
    }
    assert_true(with_traitors > 50);
    for (unsigned k = 0; k < CY_SIM_MOVE_KINDS; k++)
        assert_true(kinds[k] > 20);
}

#define SPARE(members, spares)                                                                     \
    "comity-scenario/v1\nseed 1\nticks 100\ncalm 50\nmembers " #members "\nspares " #spares        \
    "\nrealms 1\nauthors 2\n"
#define HEAD "comity-scenario/v1\nseed 1\nticks 100\ncalm 50\nmembers 4\nrealms 1\nauthors 2\n"

static void a_wrong_line_is_named(void **s)
{
    static const struct {
        const char *text;
        unsigned line; /* 0: it is good */
    } cases[] = {
        {HEAD,                                                                             0                   },
        {"# a remark\n" HEAD "\nat 3 act 1 2 3\n# the end\n",                              0                   },
        {HEAD "at 100 turn 3 255\n",                                                       0                   },
        {"",                                                                               1                   },
        {"comity-scenario/v2\n",                                                           1                   },
        {"comity-scenario/v1\nticks 1\n",                                                  2                   },
        {"comity-scenario/v1\nseed 1\nticks 0\n",                                          3                   },
        {"comity-scenario/v1\nseed 1\nticks 9\ncalm 10\nmembers 4\nrealms 1\nauthors 1\n", 7                   },
        {"comity-scenario/v1\nseed 1\nticks 9\ncalm 9\nmembers 17\n",                      5                   },
        {SPARE(4,                                                                          2) "at 5 roll 0 7\n", 0},
        {SPARE(4,                                                                                3),                                                                                              6},
        {SPARE(4,                                                                               0),      6},
        {SPARE(15,2),              8},
        {HEAD "at 101 kill 1 1\n",                                                                         8                                                                                           },
        {HEAD "at 5 kill 1\n",                                                                                8                                                                            },
        {HEAD "at 5 kill 1 \n",                                                                                8},
        {HEAD "at 5 kill 1  2\n",                                                                                8   },
        {HEAD "at 5 kill 1 2 3\n",                                                                                8                                                                                        },
        {HEAD "at 5 kill 1 02\n",                                                                                8                                                                         },
        {HEAD "at 5 bribe 1 2\n",                                                                                8},
        {HEAD "at 5 kill 1 2\nat 4 kill 1 2\n",                                                                                9    },
        {HEAD "at 5 kill 1 2",                                                                                8                                                                          },
    };
    struct cy_sim_plan *plan = calloc(1, sizeof *plan);

    (void)s;
    for (unsigned i = 0; i < CY_COUNT(cases); i++) {
        const cy_err err = cy_sim_plan_read(cy_span_text(cases[i].text), plan);

        if (cases[i].line == 0) {
            assert_ok(err);
            continue;
        }
        assert_code(err, BAD_SCENARIO);
        assert_int_equal(err.detail, cases[i].line);
    }
    free(plan);
}

/* Fails when the three culprits are there, in time. */
struct culprits {
    uint64_t at[3];
    unsigned runs;
};

static bool guilty(void *user, const struct cy_sim_plan *plan)
{
    struct culprits *c = user;
    unsigned found = 0;

    c->runs++;
    for (uint32_t i = 0; i < plan->n; i++) {
        for (unsigned k = 0; k < 3; k++)
            found += plan->moves[i].kind == CY_SIM_PAY && plan->moves[i].a[2] == c->at[k];
    }
    return found == 3;
}

static void only_the_culprits_remain(void **s)
{
    struct cy_sim_plan *spare = calloc(1, sizeof *spare);

    (void)s;
    for (uint64_t seed = 1; seed < 20; seed++) {
        struct cy_sim_plan *plan = drawn(seed);
        struct culprits c = {0};
        unsigned pays = 0;
        uint32_t tries = 0;

        for (uint32_t i = 0; i < plan->n; i++) {
            if (plan->moves[i].kind != CY_SIM_PAY)
                continue;
            if (pays % 7 == 0 && pays < 21)
                c.at[pays / 7] = plan->moves[i].a[2];
            pays++;
        }
        if (pays < 21) {
            free(plan);
            continue;
        }
        tries = cy_sim_shrink(plan, spare, 2000, guilty, &c);
        assert_int_equal(plan->n, 3);
        assert_int_equal(tries, c.runs);
        assert_in_range(tries, 3, 300);
        assert_true(plan->ticks >= plan->moves[2].at);
        assert_true(plan->ticks < plan->moves[2].at * 5 / 4 + 20);
        assert_true(guilty(&c, plan));
        free(plan);
    }
    free(spare);
}

static void tries_are_bounded(void **s)
{
    struct cy_sim_plan *spare = calloc(1, sizeof *spare);
    struct cy_sim_plan *plan = drawn(3);
    struct culprits c = {.at = {UINT64_MAX}};

    (void)s;
    assert_int_equal(cy_sim_shrink(plan, spare, 5, guilty, &c), 5);
    assert_int_equal(c.runs, 5);
    free(plan);
    free(spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(drawn_plans_keep_the_bounds),
        cmocka_unit_test(a_seed_means_the_same_plan_everywhere),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(only_the_culprits_remain),
        cmocka_unit_test(tries_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

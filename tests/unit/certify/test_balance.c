/* Proofs of frustration: sound ones hold, and every kind of false one fails at its place. */
#include "cm.h"

#include "certify/balance.h"

#include <string.h>

enum { LEAF = CY_BALANCE_LEAF, BRANCH = CY_BALANCE_BRANCH };

/* A triangle of foes: one of them is frustrated. */
static const struct cy_balance_edge triangle_[] = {
    {0, 1, -1},
    {1, 2, -1},
    {2, 0, -1},
};
static const struct cy_balance_graph three_ = {3, 3, triangle_};
static const uint8_t sides_[] = {0, 1, 0};

static uint64_t room_[64];
static uint64_t cost_;
static size_t at_;

static bool check(const struct cy_balance_graph *graph, const uint8_t *sides, const uint32_t *proof,
                  size_t n)
{
    const struct cy_balance_claim claim = {sides, proof, n};

    assert_true(cy_balance_room(graph) <= 64);
    return cy_balance_check(graph, &claim, room_, &cost_, &at_);
}
#define HOLDS(graph, sides, ...)                                                                   \
    check(graph, sides, (const uint32_t[]){__VA_ARGS__},                                           \
          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void rings(void **state)
{
    static const uint8_t all_one_side[] = {0, 0, 0};

    (void)state;
    assert_true(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 3, 0, 1, 2));
    assert_int_equal(cost_, 1);
    assert_true(HOLDS(&three_, sides_, LEAF, 2, 1, 1, 3, 0, 1, 2));        /* half a ring is > 0 */
    assert_false(HOLDS(&three_, all_one_side, LEAF, 1, 1, 1, 3, 0, 1, 2)); /* these cost 3 */
    assert_int_equal(cost_, 3);
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 0));                /* nothing is shown */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 2, 3, 0, 1, 2)); /* more than there is room */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 2, 0, 1));    /* no ring */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 3, 0, 1, 3)); /* no such edge */
    assert_false(HOLDS(&three_, sides_, LEAF, 0, 1, 1, 3, 0, 1, 2)); /* no parts */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 0, 3, 0, 1, 2)); /* no times */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 3, 0, 1));    /* it ends too early */
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 3, 0, 1, 2, 0)); /* something follows */
    assert_int_equal(at_, 8);
    assert_false(HOLDS(&three_, sides_, 2));
    assert_false(HOLDS(&three_, sides_, LEAF, 1, 1, 1, 2, 0, 0)); /* even, but not negative */
}

static void branches(void **state)
{
    (void)state;
    /* 0 and 1 on one side: their edge is frustrated. Opposite: one of the others is. */
    assert_true(
        HOLDS(&three_, sides_, BRANCH, 0, 1, LEAF, 1, 1, 1, 2, 0, 3, LEAF, 1, 1, 1, 3, 3, 1, 2));
    /* the second branch is missing */
    assert_false(HOLDS(&three_, sides_, BRANCH, 0, 1, LEAF, 1, 1, 1, 2, 0, 3));
    /* a branch that is not on the way */
    assert_false(
        HOLDS(&three_, sides_, BRANCH, 0, 1, LEAF, 1, 1, 1, 2, 0, 4, LEAF, 1, 1, 1, 3, 3, 1, 2));
    /* the sign of a branch counts: opposite and negative make no ring */
    assert_false(
        HOLDS(&three_, sides_, BRANCH, 0, 1, LEAF, 1, 1, 1, 2, 0, 3, LEAF, 1, 1, 1, 2, 0, 3));
    assert_false(HOLDS(&three_, sides_, BRANCH, 0, 0, LEAF, 1, 0, LEAF, 1, 0));
    assert_false(HOLDS(&three_, sides_, BRANCH, 0, 3, LEAF, 1, 0, LEAF, 1, 0));
    /* branches that contradict each other need nothing else */
    assert_true(HOLDS(&three_, sides_, BRANCH, 0, 1, BRANCH, 0, 1, LEAF, 1, 1, 1, 2, 0, 3, LEAF, 1,
                      1, 1, 2, 3, 4, LEAF, 1, 1, 1, 3, 3, 1, 2));
}

static void deep(void **state)
{
    static uint32_t proof[3 * (CY_BALANCE_DEPTH_MAX + 1)];

    (void)state;
    for (size_t i = 0; i <= CY_BALANCE_DEPTH_MAX; i++) {
        proof[3 * i] = BRANCH;
        proof[3 * i + 2] = 1;
    }
    assert_false(check(&three_, sides_, proof, CY_COUNT(proof))); /* refused, not overrun */
}

static void weights_and_graphs(void **state)
{
    static const struct cy_balance_edge heavy[] = {
        {0, 1, -3},
        {1, 2, 5 },
        {2, 0, 2 },
    };
    static const struct cy_balance_edge loop[] = {
        {0, 0, 1}
    };
    static const struct cy_balance_edge far[] = {
        {0, 9, 1}
    };
    static const struct cy_balance_edge zero[] = {
        {0, 1, 0}
    };
    static const struct cy_balance_graph weighted = {3, 3, heavy};
    static const uint8_t best[] = {0, 1, 1};
    static const uint8_t wrong[] = {0, 1, 2};
    static const uint8_t calm[] = {0, 0, 0};

    (void)state;
    assert_true(HOLDS(&weighted, best, LEAF, 1, 1, 2, 3, 0, 1, 2));
    assert_int_equal(cost_, 2);
    assert_false(HOLDS(&weighted, best, LEAF, 1, 1, 1, 3, 0, 1, 2));
    assert_false(HOLDS(&weighted, wrong, LEAF, 1, 1, 2, 3, 0, 1, 2));
    assert_false(HOLDS((&(struct cy_balance_graph){2, 1, loop}), calm, LEAF, 1, 0));
    assert_false(HOLDS((&(struct cy_balance_graph){2, 1, far}), calm, LEAF, 1, 0));
    assert_false(HOLDS((&(struct cy_balance_graph){2, 1, zero}), calm, LEAF, 1, 0));
    assert_true(check(&weighted, best, NULL, 0)); /* sides alone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings),
        cmocka_unit_test(branches),
        cmocka_unit_test(deep),
        cmocka_unit_test(weights_and_graphs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

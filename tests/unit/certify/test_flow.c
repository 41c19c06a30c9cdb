/* certify/flow: what holds, and every way in which a set-off can be wrong. */
#include "cm.h"

#include "certify/flow.h"

/* a owes b 10, b owes c 7, c owes a 9, a owes c 5: a round of 7 is cleared; nothing else is. */
static struct cy_flow_arc arcs_[4];
static int64_t potentials_[3];
static cy_u128 balances_[3];
static cy_i128 total_;

static cy_err judge(void)
{
    return cy_flow_check(arcs_, 4, potentials_, NULL, 3, balances_, &total_);
}

static void anew(void)
{
    static const struct cy_flow_arc arcs[4] = {
        {0, 1, 10, 7, 1},
        {1, 2, 7,  7, 1},
        {2, 0, 9,  9, 1},
        {0, 2, 5,  2, 1}
    };
    static const int64_t potentials[3] = {1, 0, 0};

    memcpy(arcs_, arcs, sizeof arcs);
    memcpy(potentials_, potentials, sizeof potentials);
}

static void what_holds(void **state)
{
    (void)state;
    anew();
    assert_ok(judge());
    assert_true(total_ == 25);
}

/* 3 units from 0 to 2 at least cost: two over 1 for 1 + 1 each, the third straight for 5. */
static void a_flow_at_least_cost(void **state)
{
    struct cy_flow_arc arcs[] = {
        {0, 1, 2, 2, -1  },
        {1, 2, 9, 2, -1  },
        {0, 2, 9, 1, -5  },
        {2, 0, 3, 3, 1000}
    };
    const int64_t potentials[3] = {0, 4, 5};

    (void)state;
    assert_ok(cy_flow_check(arcs, 4, potentials, NULL, 3, balances_, &total_));
    assert_true(total_ == 3 * 1000 - 2 * 2 - 5);
    arcs[0].weight = -6; /* then straight is better */
    assert_code(cy_flow_check(arcs, 4, potentials, NULL, 3, balances_, &total_), CERT_WRONG);
    arcs[0].weight = CY_FLOW_WEIGHT_MAX + 1;
    assert_code(cy_flow_check(arcs, 4, potentials, NULL, 3, balances_, &total_), CERT_FORM);
}

static void what_does_not(void **state)
{
    (void)state;
    anew();
    for (unsigned i = 0; i < 4; i++) {
        for (int by = -1; by <= 1; by += 2) {
            anew();
            arcs_[i].cleared += (uint64_t)by;
            assert_false(cy_ok(judge()));
        }
    }
    for (unsigned p = 0; p < 3; p++) {
        for (int64_t by = -2; by <= 2; by++) {
            if (by == 0)
                continue;
            anew();
            potentials_[p] += by;
            assert_code(judge(), CERT_WRONG);
        }
    }
    anew(); /* net positions kept, but less cleared than could be */
    arcs_[0].cleared = arcs_[1].cleared = 6;
    arcs_[2].cleared = 8;
    assert_code(judge(), CERT_WRONG);
    anew();

    for (unsigned i = 0; i < 4; i++)
        arcs_[i].cleared = 0;
    assert_code(judge(), CERT_WRONG);
    anew();
    arcs_[1].debtor = 3;
    assert_code(judge(), CERT_FORM);
    anew();
    potentials_[0] = INT64_MAX;
    assert_code(judge(), CERT_FORM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds),
        cmocka_unit_test(a_flow_at_least_cost),
        cmocka_unit_test(what_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

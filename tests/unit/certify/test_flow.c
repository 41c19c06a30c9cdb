/* certify/flow: what holds, and every way in which a set-off can be wrong. */
#include "cm.h"

#include "certify/flow.h"

/* a owes b 10, b owes c 7, c owes a 9, a owes c 5: a round of 7 is cleared; nothing else is. */
static struct cy_flow_arc arcs_[4];
static int64_t potentials_[3];
static cy_u128 balances_[3];
static cy_u128 total_;

static cy_err judge(void)
{
    return cy_flow_check(arcs_, 4, potentials_, 3, balances_, &total_);
}

static void anew(void)
{
    static const struct cy_flow_arc arcs[4] = {
        {0, 1, 10, 7},
        {1, 2, 7,  7},
        {2, 0, 9,  9},
        {0, 2, 5,  2}
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
        cmocka_unit_test(what_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

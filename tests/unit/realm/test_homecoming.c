/* homecoming: a bridge is severed while units are abroad, and they come home; what never comes home
 * goes to who issued it, late and by k of n. */
#include "ford.h"

#define HOUR 3600000u
#define DAY (24u * HOUR)

/* 1000 units of cell 0 are abroad in cell 1, in passport 2's account; guardians 1 and 3. */
static int start(void **s)
{
    struct ford *ford = ford_new(2);
    struct place *a = ford->cell[0];
    const struct cy_id account = cy_account_id(&a->rig->id[2], &ford->asset[0], 0);
    const struct cy_guard guards[] = {{a->rig->id[1]}, {a->rig->id[3]}};
    struct cy_bridge_open terms = ford_terms(ford, 0, 1);

    terms.guards = guards;
    terms.n_guards = 2;
    terms.guards_need = 2;
    terms.value_most = 1000;
    assert_ok(place_do(a, 0, &cy_schema_bridge_open, &terms));
    terms = ford_terms(ford, 1, 0);
    assert_ok(place_do(ford->cell[1], 0, &cy_schema_bridge_open, &terms));
    (void)ford_carry(ford, 0, 1);
    (void)ford_carry(ford, 1, 0);
    assert_ok(ford_pay(ford, 0, 1, &account, 1000, a->rig->now + HOUR));
    ford_settle(ford, 0, 1);
    ford_conserved(ford, 0, 1, true);
    place_tick(a, 61000); /* the throttle's window of the sending is over */
    *s = ford;
    return 0;
}

static int finish(void **s)
{
    ford_free(*s);
    return 0;
}

static void sever(struct ford *ford)
{
    assert_ok(PLACE_DO(ford->cell[0], 0, bridge_turn, .realm = ford->cell[1]->rig->realm,
                       .state = CY_bridge_state_SEVERED));
}

static struct cy_id voucher_of(struct ford *ford)
{
    return cy_voucher_id(&ford->cell[0]->rig->realm, &ford->asset[0]);
}

static cy_err release(struct ford *ford, unsigned guard)
{
    return PLACE_DO(ford->cell[0], guard, voucher_release, .realm = ford->cell[1]->rig->realm,
                    .asset = ford->asset[0]);
}

static void units_come_home_once(void **s)
{
    struct ford *ford = *s;
    const struct cy_id voucher = voucher_of(ford);
    struct cy_id burn;

    sever(ford);
    assert_ok(ford_burn(ford, 1, 0, 400, 3, &burn));
    assert_true(ford_units(ford, 1, 2, &voucher) == 600);
    assert_true(ford_units(ford, 0, 3, &ford->asset[0]) == 0);
    ford_conserved(ford, 0, 1, true);
    assert_ok(ford_home(ford, 1, 0, &burn));
    assert_true(ford_units(ford, 0, 3, &ford->asset[0]) == 400);
    ford_conserved(ford, 0, 1, true);
    assert_code(ford_home(ford, 1, 0, &burn), EXISTS);
    assert_true(ford_units(ford, 0, 3, &ford->asset[0]) == 400);
    place_same(ford->cell[0]);
    place_same(ford->cell[1]);
}

static void nothing_ends_while_home_has_not_severed(void **s)
{
    struct ford *ford = *s;
    struct cy_id burn;

    assert_code(ford_burn(ford, 1, 0, 400, 3, &burn), NOT_SEVERED);
    assert_ok(PLACE_DO(ford->cell[0], 0, bridge_turn, .realm = ford->cell[1]->rig->realm,
                       .state = CY_bridge_state_FROZEN));
    assert_code(ford_burn(ford, 1, 0, 400, 3, &burn), NOT_SEVERED);
    assert_int_equal(ford->cell[1]->verdict.err.detail, CY_bridge_state_FROZEN);
    sever(ford);
    assert_code(ford_burn(ford, 1, 0, 1001, 3, &burn), INSUFFICIENT);
    assert_ok(ford_burn(ford, 1, 0, 1000, 3, &burn));
}

static void a_proof_of_a_severing_that_is_over_ends_nothing(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];
    const struct cy_id voucher = voucher_of(ford);
    const struct cy_bridge_open terms = ford_terms(ford, 0, 1);
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_voucher_burn m = {.realm = ford->cell[0]->rig->realm,
                                .account = cy_account_id(&b->rig->id[2], &voucher, 0),
                                .amount = 1};
    uint8_t kept[4][8192];
    struct cy_span *const parts[] = {&m.bridge, &m.bridge_proof, &m.receiver, &m.receiver_proof};

    sever(ford);
    cy_relay_wants(&wants, &cy_schema_bridge, &b->rig->realm, NULL, 0);
    cy_relay_wants(&wants, &cy_schema_passport, &ford->cell[0]->rig->id[3], NULL, 0);
    assert_ok(ford_show(ford, 0, 1, &wants));
    m.bridge = cy_relay_found(&ford->load.offer, 0)->packet;
    m.bridge_proof = cy_relay_found(&ford->load.offer, 0)->proof;
    m.receiver = cy_relay_found(&ford->load.offer, 1)->packet;
    m.receiver_proof = cy_relay_found(&ford->load.offer, 1)->proof;
    for (unsigned i = 0; i < 4; i++) {
        memcpy(kept[i], parts[i]->at, parts[i]->n);
        parts[i]->at = kept[i];
    }
    m.root = ford_line(ford, 1, 0)->roots;
    assert_ok(place_do(ford->cell[0], 0, &cy_schema_bridge_open, &terms)); /* opened again */
    wants.n_wants = 0;
    assert_ok(ford_show(ford, 0, 1, &wants));
    assert_code(place_do(b, 2, &cy_schema_voucher_burn, &m), PROOF_OLDER);
    m.root++;
    assert_code(place_do(b, 2, &cy_schema_voucher_burn, &m), BAD_STATE_PROOF);
    m.root--;
    m.account = cy_account_id(&b->rig->id[2], &ford->asset[1], 0); /* units at home here */
    assert_code(place_do(b, 2, &cy_schema_voucher_burn, &m), PROOF_OLDER);
    assert_code(place_do(b, 3, &cy_schema_voucher_burn, &m), NOT_OWNER);
}

static void own_units_are_no_vouchers(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];
    struct cy_relay_ask wants = {.n_wants = 0};
    struct cy_voucher_burn m = {.realm = ford->cell[0]->rig->realm,
                                .account = cy_account_id(&b->rig->id[2], &ford->asset[1], 0),
                                .amount = 1};

    sever(ford);
    cy_relay_wants(&wants, &cy_schema_bridge, &b->rig->realm, NULL, 0);
    cy_relay_wants(&wants, &cy_schema_passport, &ford->cell[0]->rig->id[3], NULL, 0);
    assert_ok(ford_show(ford, 0, 1, &wants));
    m.bridge = cy_relay_found(&ford->load.offer, 0)->packet;
    m.bridge_proof = cy_relay_found(&ford->load.offer, 0)->proof;
    m.receiver = cy_relay_found(&ford->load.offer, 1)->packet;
    m.receiver_proof = cy_relay_found(&ford->load.offer, 1)->proof;
    m.root = ford_line(ford, 1, 0)->roots;
    assert_code(place_do(b, 2, &cy_schema_voucher_burn, &m), NOT_VOUCHER);
}

/* What cell 1 claims is bounded by what it was sent, and by the throttle; a frozen bridge pays
 * nothing; one opened again lets it pass as it does a packet. */
static void a_homecoming_is_no_way_around_the_bridge(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    const struct cy_bridge_open terms = ford_terms(ford, 0, 1);
    struct cy_id burn[3];

    sever(ford);
    for (unsigned i = 0; i < 3; i++)
        assert_ok(ford_burn(ford, 1, 0, 300, 3, &burn[i]));
    assert_ok(ford_home(ford, 1, 0, &burn[0]));
    assert_ok(place_do(a, 0, &cy_schema_bridge_open, &terms));
    assert_ok(PLACE_DO(a, 0, bridge_turn, .realm = ford->cell[1]->rig->realm,
                       .state = CY_bridge_state_FROZEN));
    assert_code(ford_home(ford, 1, 0, &burn[1]), BRIDGE_STILL);
    assert_ok(PLACE_DO(a, 0, bridge_turn, .realm = ford->cell[1]->rig->realm,
                       .state = CY_bridge_state_ACTIVE));
    assert_ok(PLACE_DO(a, 0, bridge_gate, .realm = ford->cell[1]->rig->realm,
                       .kind = CY_bridge_kind_SETTLEMENT));
    assert_code(ford_home(ford, 1, 0, &burn[1]), BRIDGE_CLOSED);
    assert_ok(PLACE_DO(a, 0, bridge_gate, .realm = ford->cell[1]->rig->realm,
                       .kind = CY_bridge_kind_SETTLEMENT, .open = true));
    assert_ok(ford_home(ford, 1, 0, &burn[1]));
    ford_conserved(ford, 0, 1, true);
}

static void the_throttle_holds_for_what_comes_home(void **s)
{
    struct ford *ford = *s;
    const struct cy_id account = cy_account_id(&ford->cell[0]->rig->id[2], &ford->asset[0], 0);
    struct cy_id burn;

    assert_ok(ford_pay(ford, 0, 1, &account, 500, ford->cell[0]->rig->now + HOUR));
    assert_int_equal(ford_carry(ford, 0, 1), 2);
    (void)ford_carry(ford, 1, 0);
    sever(ford);
    assert_ok(ford_burn(ford, 1, 0, 600, 3, &burn));
    assert_code(ford_home(ford, 1, 0, &burn), BRIDGE_THROTTLE); /* 500 went in this window */
    place_tick(ford->cell[0], 61000);
    assert_ok(ford_home(ford, 1, 0, &burn));
    ford_conserved(ford, 0, 1, true);
}

static void what_stays_abroad_goes_to_its_issuer(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    const cy_u128 before = ford_units(ford, 0, 2, &ford->asset[0]);
    struct cy_id burn[2];

    assert_code(release(ford, 2), NOT_GUARD);
    assert_code(release(ford, 1), UNWIND_EARLY);
    sever(ford);
    assert_ok(ford_burn(ford, 1, 0, 300, 3, &burn[0]));
    assert_ok(ford_burn(ford, 1, 0, 1, 3, &burn[1]));
    assert_ok(ford_home(ford, 1, 0, &burn[0]));
    assert_code(release(ford, 1), UNWIND_EARLY);
    assert_int_equal(a->verdict.err.detail, 3);
    assert_ok(PLACE_DO(a, 0, param_set, .name = rig_label("bridge_home_ms"), .value = 60000));
    place_tick(a, 60000);
    assert_ok(release(ford, 1));
    assert_code(release(ford, 1), EXISTS);
    assert_true(ford_units(ford, 0, 2, &ford->asset[0]) == before);
    assert_ok(release(ford, 3));
    assert_true(ford_units(ford, 0, 2, &ford->asset[0]) == before + 700); /* 2 issued it */
    assert_code(release(ford, 1), BRIDGE_FUNDS);
    /* too late: from now on it is the issuer's debt */
    assert_code(ford_home(ford, 1, 0, &burn[1]), BRIDGE_FUNDS);
    place_same(a);
}

/* A guardian's word is about one severing. */
static void a_word_about_an_earlier_severing_does_not_count(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    const struct cy_guard guards[] = {{a->rig->id[1]}, {a->rig->id[3]}};
    struct cy_bridge_open terms = ford_terms(ford, 0, 1);

    assert_ok(PLACE_DO(a, 0, param_set, .name = rig_label("bridge_home_ms"), .value = 60000));
    sever(ford);
    place_tick(a, 60000);
    assert_ok(release(ford, 1));
    terms.guards = guards;
    terms.n_guards = 2;
    terms.guards_need = 2;
    assert_ok(place_do(a, 0, &cy_schema_bridge_open, &terms));
    sever(ford);
    assert_code(release(ford, 3), UNWIND_EARLY);
    place_tick(a, 60000);
    assert_ok(release(ford, 3));
    assert_ok(release(ford, 1));
    assert_true(ford_units(ford, 0, 2, &ford->asset[0]) == 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(units_come_home_once, start, finish),
        cmocka_unit_test_setup_teardown(nothing_ends_while_home_has_not_severed, start, finish),
        cmocka_unit_test_setup_teardown(a_proof_of_a_severing_that_is_over_ends_nothing, start,
                                        finish),
        cmocka_unit_test_setup_teardown(own_units_are_no_vouchers, start, finish),
        cmocka_unit_test_setup_teardown(a_homecoming_is_no_way_around_the_bridge, start, finish),
        cmocka_unit_test_setup_teardown(the_throttle_holds_for_what_comes_home, start, finish),
        cmocka_unit_test_setup_teardown(what_stays_abroad_goes_to_its_issuer, start, finish),
        cmocka_unit_test_setup_teardown(a_word_about_an_earlier_severing_does_not_count, start,
                                        finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

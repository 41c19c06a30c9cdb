/* recognition and exit: foreign passports by proof, their rotations and ends followed; who leaves
 * one realm arrives in another with the same key (M082, M081). */
#include "ford.h"

static int start(void **s)
{
    struct ford *ford = ford_new(2);

    ford_open(ford, 0, 1);
    *s = ford;
    return 0;
}

static int finish(void **s)
{
    ford_free(*s);
    return 0;
}

static cy_err recognise(struct ford *ford, unsigned to, unsigned from,
                        const struct ford_proof *proof)
{
    return PLACE_DO(ford->cell[to], 1, recognise, .realm = ford->cell[from]->rig->realm,
                    .root = proof->root, .value = proof->value, .proof = proof->proof);
}

static uint8_t tier(struct ford *ford, unsigned here, unsigned there, unsigned n)
{
    struct rig *rig = ford->cell[here]->rig;

    cy_plan_clear(&rig->engine.plan);
    return cy_recognition_tier(&rig->engine.plan, &ford->cell[there]->rig->realm,
                               &ford->cell[there]->rig->id[n]);
}

static void passports_are_recognised_at_the_tier_of_the_pair(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];
    const struct cy_id realm = ford->cell[0]->rig->realm;
    struct ford_proof proof;
    struct ford_proof later;

    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &ford->cell[0]->rig->id[2], &proof);
    assert_code(recognise(ford, 1, 0, &proof), NO_TIER);
    assert_code(PLACE_DO(b, 2, tier_map, .realm = realm, .kind = CY_kind_PERSON, .tier = 2),
                NOT_OPERATOR);
    assert_code(PLACE_DO(b, 0, tier_map, .realm = {{1}}, .kind = CY_kind_PERSON, .tier = 2),
                NO_BRIDGE);
    assert_ok(PLACE_DO(b, 0, tier_map, .realm = realm, .kind = CY_kind_PERSON, .tier = 2));
    proof.value_bytes[proof.value.n - 1] ^= 1;
    assert_false(cy_ok(recognise(ford, 1, 0, &proof)));
    proof.value_bytes[proof.value.n - 1] ^= 1;
    assert_int_equal(tier(ford, 1, 0, 2), 0);
    assert_ok(recognise(ford, 1, 0, &proof));
    assert_int_equal(tier(ford, 1, 0, 2), 2);
    assert_code(recognise(ford, 1, 0, &proof), PROOF_OLDER);
    /* the pair's mapping counts at the moment of use */
    assert_ok(PLACE_DO(b, 0, tier_map, .realm = realm, .kind = CY_kind_PERSON, .tier = 1));
    assert_int_equal(tier(ford, 1, 0, 2), 1);
    assert_int_equal(tier(ford, 1, 0, 3), 0); /* never shown */
    /* retirement is followed, an older proof does not undo it, and the gate does not stop it */
    assert_ok(PLACE_DO(ford->cell[0], 2, passport_retire, .reason = rig_line("done")));
    assert_ok(PLACE_DO(b, 0, bridge_turn, .realm = realm, .state = CY_bridge_state_FROZEN));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &ford->cell[0]->rig->id[2], &later);
    assert_ok(recognise(ford, 1, 0, &later));
    assert_int_equal(tier(ford, 1, 0, 2), 0);
    assert_code(recognise(ford, 1, 0, &proof), PROOF_OLDER);
    /* while a frozen bridge lets nobody new in */
    ford_prove(ford, 0, 1, CY_R_passport, &ford->cell[0]->rig->id[3], &later);
    assert_code(recognise(ford, 1, 0, &later), BRIDGE_STILL);
}

static void the_operator_ends_a_recognition(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];
    const struct cy_id realm = ford->cell[0]->rig->realm;
    const struct cy_id ada = ford->cell[0]->rig->id[2];
    struct ford_proof proof;

    assert_ok(PLACE_DO(b, 0, tier_map, .realm = realm, .kind = CY_kind_PERSON, .tier = 3));
    assert_code(PLACE_DO(b, 0, recognise_end, .realm = realm, .passport = ada), NO_NOUN);
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &ada, &proof);
    assert_ok(recognise(ford, 1, 0, &proof));
    assert_ok(PLACE_DO(b, 0, recognise_end, .realm = realm, .passport = ada,
                       .reason = rig_line("fraud")));
    assert_int_equal(tier(ford, 1, 0, 2), 0);
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &ada, &proof);
    assert_code(recognise(ford, 1, 0, &proof), RECOGNITION_ENDED);
    assert_ok(PLACE_DO(b, 0, recognise_end, .realm = realm, .passport = ada, .lift = true));
    assert_int_equal(tier(ford, 1, 0, 2), 3);
    assert_ok(recognise(ford, 1, 0, &proof));
}

/* Ada of realm 0 holds key 2 there; in realm 1 she makes a passport with the same key. */
static struct cy_id arrive(struct ford *ford)
{
    struct rig *from = ford->cell[0]->rig;
    struct rig *to = ford->cell[1]->rig;

    to->key[9] = from->key[2];
    memcpy(to->secret[9], from->secret[2], sizeof to->secret[9]);
    place_passport(ford->cell[1], 9, "Ada of Oak");
    return to->id[9];
}

static cy_err admit(struct ford *ford, unsigned n, const struct ford_proof *passport,
                    const struct ford_proof *control, const struct ford_proof *departure)
{
    return PLACE_DO(ford->cell[1], n, exit_admit, .realm = ford->cell[0]->rig->realm,
                    .root = passport->root, .value = passport->value, .proof = passport->proof,
                    .control = control->value, .control_proof = control->proof,
                    .departure = departure->value, .departure_proof = departure->proof);
}

static void who_leaves_arrives_with_the_same_key(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct cy_id there = arrive(ford);
    const struct cy_id to = ford->cell[1]->rig->realm;
    const struct {
        struct cy_id passport;
        struct cy_id key;
    } held = {from->id[2], from->key[2]};
    const struct {
        struct cy_id realm;
        struct cy_id passport;
    } admission = {from->realm, from->id[2]};
    struct ford_proof passport;
    struct ford_proof control;
    struct ford_proof departure;
    struct ford_proof other;
    struct ford_proof proof;
    struct cy_exit_done done = {.realm = to, .passport = from->id[2], .there = there};

    assert_code(PLACE_DO(ford->cell[0], 2, exit_leave, .realm = {{5}}), NO_BRIDGE);
    assert_code(PLACE_DO(ford->cell[0], 0, exit_leave, .realm = to), NOT_ALLOWED);
    assert_ok(PLACE_DO(ford->cell[0], 2, exit_leave, .realm = to));
    assert_ok(PLACE_DO(ford->cell[0], 2, exit_leave, .realm = to)); /* saying it again is no harm */
    assert_ok(PLACE_DO(ford->cell[0], 3, exit_leave, .realm = to));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[2], &passport);
    ford_prove(ford, 0, 1, CY_R_control, &held, &control);
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[2], &departure);
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[3], &other);
    assert_code(admit(ford, 2, &passport, &control, &departure), NOT_HELD); /* another key */
    assert_code(admit(ford, 9, &passport, &control, &other), NOT_LEAVING);
    assert_ok(admit(ford, 9, &passport, &control, &departure));
    assert_code(admit(ford, 9, &passport, &control, &departure), EXISTS);
    ford_head(ford, 1, 0);
    ford_prove(ford, 1, 0, CY_R_admission, &admission, &proof);
    done.root = proof.root;
    done.proof = proof.proof;
    done.there = from->id[3];
    assert_code(place_do(ford->cell[0], 1, &cy_schema_exit_done, &done), BAD_STATE_PROOF);
    done.there = there;
    assert_ok(place_do(ford->cell[0], 1, &cy_schema_exit_done, &done));
    assert_code(place_do(ford->cell[0], 1, &cy_schema_exit_done, &done), RETIRED_PASSPORT);
    assert_code(PLACE_DO(ford->cell[0], 2, account_open, .asset = ford->asset[0], .number = 3),
                RETIRED_PASSPORT); /* it can do nothing here any more */
    done.passport = from->id[1];
    assert_code(place_do(ford->cell[0], 1, &cy_schema_exit_done, &done), NOT_LEAVING);
    place_same(ford->cell[0]);
    place_same(ford->cell[1]);
}

static void a_departure_names_one_realm_for_good(void **s)
{
    struct ford *ford = ford_new(3);
    struct place *a = ford->cell[0];

    (void)s;
    ford_open(ford, 0, 1);
    ford_open(ford, 0, 2);
    assert_ok(PLACE_DO(a, 2, exit_leave, .realm = ford->cell[1]->rig->realm));
    assert_code(PLACE_DO(a, 2, exit_leave, .realm = ford->cell[2]->rig->realm), LEAVING);
    ford_free(ford);
}

static void a_key_that_was_replaced_admits_nobody(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct {
        struct cy_id passport;
        struct cy_id key;
    } held = {from->id[2], from->key[2]};
    struct ford_proof passport;
    struct ford_proof control;
    struct ford_proof departure;

    (void)arrive(ford);
    assert_ok(PLACE_DO(ford->cell[0], 2, exit_leave, .realm = ford->cell[1]->rig->realm));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[2], &passport);
    ford_prove(ford, 0, 1, CY_R_control, &held, &control);
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[2], &departure);
    ford_head(ford, 0, 1); /* a newer root is known: the old proof may hide a rotation */
    assert_code(admit(ford, 9, &passport, &control, &departure), PROOF_OLDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(passports_are_recognised_at_the_tier_of_the_pair, start,
                                        finish),
        cmocka_unit_test_setup_teardown(the_operator_ends_a_recognition, start, finish),
        cmocka_unit_test_setup_teardown(who_leaves_arrives_with_the_same_key, start, finish),
        cmocka_unit_test_setup_teardown(a_key_that_was_replaced_admits_nobody, start, finish),
        cmocka_unit_test(a_departure_names_one_realm_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* claims: whoever has a passport in a realm that lets nobody go arrives elsewhere by proofs and
 * keys alone; what the old realm or a third can show against it is heard in time; what binds the
 * passport there follows it (M081). */
#include "ford.h"

#define COOP 20u /* a cooperative: keys 20, 21, 22 of weight 2, 1, 1, of which 3 are needed */
#define WINDOW 60000u

struct held {
    struct cy_id passport;
    struct cy_id key;
};

struct of_realm {
    struct cy_id realm;
    struct cy_id passport;
};

static struct cy_key_share shares[3];

/* The passport of those keys, in a cell. */
static void coop(struct ford *ford, unsigned cell)
{
    static const unsigned keys[] = {COOP, COOP + 1};
    struct place *p = ford->cell[cell];
    struct cy_claims claims = rig_claims(p->rig, COOP);
    struct cy_key_share next = {.key = p->rig->key[30], .weight = 1};
    const struct cy_key_set later = {
        &next, 1, {1, 0, 0}
    };
    struct cy_passport_create m = {.kind = CY_kind_COMPANY,
                                   .name = rig_name("Coop"),
                                   .keys = shares,
                                   .n_keys = 3,
                                   .need_0 = 3};

    for (unsigned i = 0; i < 3; i++) {
        memcpy(p->rig->secret[COOP + i], ford->cell[0]->rig->secret[COOP + i], 64);
        p->rig->key[COOP + i] = ford->cell[0]->rig->key[COOP + i];
        shares[i] = (struct cy_key_share){.key = p->rig->key[COOP + i],
                                          .weight = (uint16_t)(i == 0 ? 2 : 1)};
    }
    m.next = cy_identity_next(&later);
    claims.author = (struct cy_id){0};
    assert_ok(place_both(p, rig_build(p->rig, &claims, &cy_schema_passport_create, &m, keys, 2)));
    p->rig->id[COOP] = p->rig->last;
}

static struct ford *begun(unsigned cells)
{
    struct ford *ford = ford_new(cells);

    for (unsigned i = 0; i < cells; i++) {
        coop(ford, i);
        assert_ok(PLACE_DO(ford->cell[i], 0, param_set, .name = rig_label("exit_window_ms"),
                           .value = WINDOW));
        for (unsigned j = 0; j < i; j++)
            ford_open(ford, j, i);
    }
    return ford;
}

static int start(void **s)
{
    *s = begun(2);
    return 0;
}

static int finish(void **s)
{
    ford_free(*s);
    return 0;
}

static cy_err signed_by(struct place *p, const unsigned *keys, unsigned n,
                        const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(p->rig, COOP);

    return place_both(p, rig_build(p->rig, &claims, schema, message, keys, n));
}

/* The claim of the cooperative of cell 0, in another cell, with these keys. */
static cy_err claim(struct ford *ford, unsigned to, const unsigned *keys, unsigned n)
{
    static struct ford_proof passport;
    static struct ford_proof control[3];
    struct rig *from = ford->cell[0]->rig;
    struct cy_exit_key list[3];
    const struct cy_exit_claim m = {.realm = from->realm,
                                    .passport = from->id[COOP],
                                    .root = ford_line(ford, to, 0)->roots,
                                    .value = passport.value,
                                    .proof = passport.proof,
                                    .keys = list,
                                    .n_keys = n};
    struct cy_exit_claim full = m;

    ford_prove(ford, 0, to, CY_R_passport, &from->id[COOP], &passport);
    for (unsigned i = 0; i < n; i++) {
        const struct held held = {from->id[COOP], from->key[keys[i]]};

        ford_prove(ford, 0, to, CY_R_control, &held, &control[i]);
        list[i] = (struct cy_exit_key){control[i].value, control[i].proof};
    }
    full.value = passport.value;
    full.proof = passport.proof;
    return signed_by(ford->cell[to], keys, n, &cy_schema_exit_claim, &full);
}

static const struct cy_foreign_claim *claimed(struct ford *ford, unsigned in)
{
    const struct of_realm key = {ford->cell[0]->rig->realm, ford->cell[0]->rig->id[COOP]};

    return CY_GET(&ford->cell[in]->cell.engine.world, foreign_claim, &key);
}

static bool admitted(struct ford *ford, unsigned in)
{
    const struct of_realm key = {ford->cell[0]->rig->realm, ford->cell[0]->rig->id[COOP]};

    return CY_GET(&ford->cell[in]->cell.engine.world, admission, &key) != NULL;
}

static cy_err settle(struct ford *ford, unsigned in)
{
    return PLACE_DO(ford->cell[in], 3, exit_settle, .realm = ford->cell[0]->rig->realm,
                    .passport = ford->cell[0]->rig->id[COOP]);
}

static cy_err contest(struct ford *ford, unsigned in, unsigned by, unsigned record,
                      const struct ford_proof *proof, struct cy_span act)
{
    return PLACE_DO(ford->cell[in], 3, exit_contest, .realm = ford->cell[0]->rig->realm,
                    .passport = ford->cell[0]->rig->id[COOP], .by = ford->cell[by]->rig->realm,
                    .root = proof->root, .record = (uint16_t)record, .value = proof->value,
                    .proof = proof->proof, .claim = act);
}

static const unsigned two[] = {COOP, COOP + 1};
static const unsigned weak[] = {COOP + 1, COOP + 2};

static void several_keys_claim_and_nobody_refutes(void **s)
{
    struct ford *ford = *s;
    struct place *b = ford->cell[1];

    ford_head(ford, 0, 1);
    assert_code(claim(ford, 1, weak, 2), THRESHOLD); /* of the passport here, already */
    assert_ok(claim(ford, 1, two, 2));
    assert_int_equal(claimed(ford, 1)->state, CY_claim_state_OPEN);
    assert_true(cy_id_eq(&claimed(ford, 1)->claim, &b->rig->last));
    assert_code(claim(ford, 1, two, 2), CLAIM_STATE);
    assert_code(settle(ford, 1), CLAIM_EARLY);
    place_tick(b, WINDOW - 1);
    assert_code(settle(ford, 1), CLAIM_EARLY);
    place_tick(b, 1);
    assert_ok(settle(ford, 1));
    assert_true(admitted(ford, 1));
    assert_code(settle(ford, 1), CLAIM_STATE);
    ford_head(ford, 0, 1);
    assert_code(claim(ford, 1, two, 2), EXISTS); /* one passport arrives once */
    place_same(b);
}

/* Whoever signs here with other keys than those that were proven arrives nowhere. */
static void a_claim_is_signed_by_the_keys_that_are_proven(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct held held = {from->id[COOP], from->key[COOP]};
    struct ford_proof passport;
    struct ford_proof control;
    struct cy_exit_key key;
    struct cy_exit_claim m = {.realm = from->realm, .passport = from->id[COOP], .n_keys = 1};
    struct cy_exit_key twice[2];

    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[COOP], &passport);
    ford_prove(ford, 0, 1, CY_R_control, &held, &control);
    key = twice[0] = twice[1] = (struct cy_exit_key){control.value, control.proof};
    m.keys = &key;
    m.root = passport.root;
    m.value = passport.value;
    m.proof = passport.proof;
    assert_code(place_do(ford->cell[1], 2, &cy_schema_exit_claim, &m), NOT_HELD); /* a thief */
    assert_code(signed_by(ford->cell[1], two, 2, &cy_schema_exit_claim, &m), NOT_HELD);
    m.keys = twice;
    m.n_keys = 2;
    assert_code(signed_by(ford->cell[1], two, 2, &cy_schema_exit_claim, &m), NOT_HELD);
    m.passport = from->id[2];
    assert_code(signed_by(ford->cell[1], two, 2, &cy_schema_exit_claim, &m), NOT_HELD);
    m.passport = from->id[COOP];
    m.root--;
    assert_code(signed_by(ford->cell[1], two, 2, &cy_schema_exit_claim, &m), BAD_STATE_PROOF);
    assert_null(claimed(ford, 1));
}

static cy_err rotate(struct ford *ford, unsigned cell)
{
    struct place *p = ford->cell[cell];
    const struct cy_key_share next = {.key = p->rig->key[30], .weight = 1};
    const struct cy_passport_rotate m = {.keys = &next, .n_keys = 1, .need_0 = 1};
    const unsigned keys[] = {30};

    return signed_by(p, keys, 1, &cy_schema_passport_rotate, &m);
}

static void keys_that_were_replaced_refute_a_claim(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    struct ford_proof old;
    struct ford_proof proof;

    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2)); /* by whoever stole them */
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[COOP], &old);
    assert_code(contest(ford, 1, 0, CY_R_passport, &old, (struct cy_span){0}), NO_REFUTATION);
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[COOP], &proof);
    assert_code(contest(ford, 1, 0, CY_R_passport, &proof, (struct cy_span){0}), NO_REFUTATION);
    assert_ok(rotate(ford, 0));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[COOP], &proof);
    assert_code(contest(ford, 1, 0, CY_R_control, &proof, (struct cy_span){0}), NO_REFUTATION);
    assert_ok(contest(ford, 1, 0, CY_R_passport, &proof, (struct cy_span){0}));
    assert_int_equal(claimed(ford, 1)->state, CY_claim_state_REFUTED);
    assert_int_equal(claimed(ford, 1)->refuted, CY_claim_end_ROTATED);
    assert_code(contest(ford, 1, 0, CY_R_passport, &proof, (struct cy_span){0}), CLAIM_STATE);
    place_tick(ford->cell[1], WINDOW);
    assert_code(settle(ford, 1), CLAIM_STATE);
    assert_false(admitted(ford, 1));
    assert_code(claim(ford, 1, two, 2), NOT_HELD); /* the old keys control nothing any more */
    assert_code(contest(ford, 1, 0, CY_R_passport, &proof, (struct cy_span){0}), CLAIM_STATE);
}

static void a_refutation_comes_in_time(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    struct ford_proof proof;

    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    assert_ok(rotate(ford, 0));
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[COOP], &proof);
    place_tick(ford->cell[1], WINDOW);
    assert_code(contest(ford, 1, 0, CY_R_passport, &proof, (struct cy_span){0}), CLAIM_LATE);
    assert_ok(settle(ford, 1));
}

static void a_departure_for_another_realm_refutes_a_claim(void **s)
{
    struct ford *ford = begun(3);
    struct rig *from = ford->cell[0]->rig;
    const struct cy_exit_leave leave = {.realm = ford->cell[2]->rig->realm};
    struct ford_proof proof;

    (void)s;
    assert_ok(signed_by(ford->cell[0], two, 2, &cy_schema_exit_leave, &leave));
    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[COOP], &proof);
    assert_ok(contest(ford, 1, 0, CY_R_departure, &proof, (struct cy_span){0}));
    assert_int_equal(claimed(ford, 1)->refuted, CY_claim_end_ELSEWHERE);
    ford_free(ford);
}

static void a_departure_for_this_realm_does_not(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct cy_exit_leave leave = {.realm = ford->cell[1]->rig->realm};
    struct ford_proof proof;

    assert_ok(signed_by(ford->cell[0], two, 2, &cy_schema_exit_leave, &leave));
    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[COOP], &proof);
    assert_code(contest(ford, 1, 0, CY_R_departure, &proof, (struct cy_span){0}), NO_REFUTATION);
}

static void who_claims_in_two_realms_is_refuted_by_its_own_signature(void **s)
{
    static uint8_t bytes[65536];
    struct ford *ford = begun(3);
    const struct of_realm key = {ford->cell[0]->rig->realm, ford->cell[0]->rig->id[COOP]};
    struct ford_proof proof;
    struct cy_span act;
    struct cy_span forged;

    (void)s;
    ford_head(ford, 0, 1);
    ford_head(ford, 0, 2);
    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    ford_head(ford, 0, 2);
    assert_ok(claim(ford, 2, two, 2));
    act = ford->cell[2]->rig->act;
    memcpy(bytes, act.at, act.n);
    act = cy_span_of(bytes, act.n);
    ford_head(ford, 2, 1);
    ford_prove(ford, 2, 1, CY_R_foreign_claim, &key, &proof);
    /* the third realm's word alone refutes nobody */
    assert_false(cy_ok(contest(ford, 1, 2, CY_R_foreign_claim, &proof, (struct cy_span){0})));
    forged = ford->cell[1]->rig->act;
    assert_false(cy_ok(contest(ford, 1, 2, CY_R_foreign_claim, &proof, forged)));
    bytes[act.n - 1] ^= 1;
    assert_code(contest(ford, 1, 2, CY_R_foreign_claim, &proof, act), BAD_SIGNATURE);
    bytes[act.n - 1] ^= 1;
    assert_ok(contest(ford, 1, 2, CY_R_foreign_claim, &proof, act));
    assert_int_equal(claimed(ford, 1)->refuted, CY_claim_end_TWICE);
    ford_head(ford, 0, 1);
    assert_code(claim(ford, 1, two, 2), CLAIM_STATE); /* not again */
    ford_free(ford);
}

/* The old realm's new operator, or the old one that thought again, records what happened. */
static void the_old_realm_learns_where_it_went(void **s)
{
    static uint8_t bytes[65536];
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct of_realm key = {from->realm, from->id[COOP]};
    const struct cy_account_open open = {.asset = ford->asset[0], .number = 7};
    struct ford_proof proof;
    struct cy_exit_moved m = {.realm = ford->cell[1]->rig->realm};
    struct cy_span act;

    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    act = ford->cell[1]->rig->act;
    memcpy(bytes, act.at, act.n);
    m.claim = cy_span_of(bytes, act.n);
    place_tick(ford->cell[1], WINDOW);
    assert_ok(settle(ford, 1));
    ford_head(ford, 1, 0);
    ford_prove(ford, 1, 0, CY_R_admission, &key, &proof);
    m.root = proof.root - 1;
    m.proof = proof.proof;
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), BAD_STATE_PROOF);
    m.root = proof.root;
    bytes[act.n - 3] ^= 1;
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), BAD_SIGNATURE);
    bytes[act.n - 3] ^= 1;
    m.realm = from->id[2];
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), NOT_LEAVING);
    m.realm = ford->cell[1]->rig->realm;
    assert_ok(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m));
    assert_code(signed_by(ford->cell[0], two, 2, &cy_schema_account_open, &open), RETIRED_PASSPORT);
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), RETIRED_PASSPORT);
    place_same(ford->cell[0]);
}

/* A foreign realm cannot lock a passport of this one by saying that it arrived there. */
static void nobody_is_moved_without_its_own_signature(void **s)
{
    struct ford *ford = *s;
    struct rig *from = ford->cell[0]->rig;
    const struct of_realm key = {from->realm, from->id[COOP]};
    struct ford_proof proof;
    struct cy_exit_moved m = {.realm = ford->cell[1]->rig->realm};
    struct cy_span act;
    static uint8_t bytes[65536];

    ford_head(ford, 0, 1);
    assert_ok(claim(ford, 1, two, 2));
    act = ford->cell[1]->rig->act;
    memcpy(bytes, act.at, act.n);
    m.claim = cy_span_of(bytes, act.n);
    ford_head(ford, 1, 0);
    ford_prove(ford, 1, 0, CY_R_foreign_claim, &key, &proof);
    m.root = proof.root;
    m.proof = proof.proof; /* of the claim, not of an admission */
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), BAD_STATE_PROOF);
    assert_ok(rotate(ford, 0));
    place_tick(ford->cell[1], WINDOW);
    assert_ok(settle(ford, 1));
    ford_head(ford, 1, 0);
    ford_prove(ford, 1, 0, CY_R_admission, &key, &proof);
    m.root = proof.root;
    m.proof = proof.proof;
    assert_code(place_do(ford->cell[0], 3, &cy_schema_exit_moved, &m), RETIRED_KEY);
}

static cy_err duty(struct ford *ford, unsigned record, const struct ford_proof *proof, bool gone)
{
    return PLACE_DO(ford->cell[1], 3, exit_duty, .realm = ford->cell[0]->rig->realm,
                    .passport = ford->cell[0]->rig->id[2], .root = proof->root,
                    .record = (uint16_t)record, .value = proof->value, .proof = proof->proof,
                    .gone = gone);
}

static void what_binds_a_passport_follows_it(void **s)
{
    struct ford *ford = *s;
    struct place *a = ford->cell[0];
    struct rig *from = a->rig;
    const struct held held = {from->id[2], from->key[2]};
    struct ford_proof bond;
    struct ford_proof proof[3];
    struct ford_proof absent;
    struct cy_text text;
    struct cy_id id;

    assert_ok(PLACE_DO(a, 2, bond_post, .account = cy_account_id(&from->id[2], &ford->asset[0], 0),
                       .beneficiary = from->id[3], .amount = 500));
    id = from->last;
    assert_ok(PLACE_DO(a, 2, exit_leave, .realm = ford->cell[1]->rig->realm));
    ford->cell[1]->rig->key[9] = from->key[2];
    memcpy(ford->cell[1]->rig->secret[9], from->secret[2], 64);
    place_passport(ford->cell[1], 9, "Ada of Oak");
    ford_head(ford, 0, 1);
    ford_prove(ford, 0, 1, CY_R_bond, &id, &bond);
    assert_code(duty(ford, CY_R_bond, &bond, false), NOT_DUTY); /* nobody here is concerned */
    ford_prove(ford, 0, 1, CY_R_passport, &from->id[2], &proof[0]);
    ford_prove(ford, 0, 1, CY_R_control, &held, &proof[1]);
    ford_prove(ford, 0, 1, CY_R_departure, &from->id[2], &proof[2]);
    assert_ok(PLACE_DO(ford->cell[1], 9, exit_admit, .realm = from->realm, .root = proof[0].root,
                       .value = proof[0].value, .proof = proof[0].proof, .control = proof[1].value,
                       .control_proof = proof[1].proof, .departure = proof[2].value,
                       .departure_proof = proof[2].proof));
    assert_code(duty(ford, CY_R_passport, &proof[0], false), NOT_DUTY); /* its own identity */
    assert_false(cy_ok(duty(ford, CY_R_pending, &bond, false)));
    assert_ok(duty(ford, CY_R_bond, &bond, false)); /* by somebody else */
    assert_code(duty(ford, CY_R_bond, &bond, false), PROOF_OLDER);
    assert_code(duty(ford, CY_R_bond, &bond, true), PROOF_OLDER);
    ford_head(ford, 0, 1);
    assert_false(cy_ok(duty(ford, CY_R_bond, &bond, true))); /* it stands */
    assert_ok(PLACE_DO(a, 2, bond_cool, .bond = id));
    place_tick(a, 1);
    assert_ok(PLACE_DO(a, 2, bond_withdraw, .bond = id));
    ford_head(ford, 0, 1);
    text = cy_text_on(absent.proof_bytes, sizeof absent.proof_bytes);
    assert_ok(cy_cell_prove_absent(&a->cell, CY_R_bond, &id, &text));
    bond.proof = cy_text_bytes(&text);
    bond.root = ford_line(ford, 1, 0)->roots;
    assert_ok(duty(ford, CY_R_bond, &bond, true));
    assert_int_equal(cy_world_count(&ford->cell[1]->cell.engine.world, CY_R_foreign_duty), 1);
    assert_true(((const struct cy_foreign_duty *)cy_world_at(&ford->cell[1]->cell.engine.world,
                                                             CY_R_foreign_duty, 0))
                    ->gone);
    place_same(ford->cell[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(several_keys_claim_and_nobody_refutes),
        TEST(a_claim_is_signed_by_the_keys_that_are_proven),
        TEST(keys_that_were_replaced_refute_a_claim),
        TEST(a_refutation_comes_in_time),
        cmocka_unit_test(a_departure_for_another_realm_refutes_a_claim),
        TEST(a_departure_for_this_realm_does_not),
        cmocka_unit_test(who_claims_in_two_realms_is_refuted_by_its_own_signature),
        TEST(the_old_realm_learns_where_it_went),
        TEST(nobody_is_moved_without_its_own_signature),
        TEST(what_binds_a_passport_follows_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

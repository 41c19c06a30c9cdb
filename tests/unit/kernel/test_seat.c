/* seat: who is on the roll, with which keys; and what a genesis may say of it. */
#include "federation.h"

#include <sodium.h>

#define FOUR 0xfu
#define THREE 0x7u

static const struct cy_passport *realm_passport(const struct fed *fed)
{
    return CY_GET(&fed->rig->engine.world, passport, &fed->rig->realm);
}

static const struct cy_seat_key *key_record(const struct fed *fed, unsigned key)
{
    return CY_GET(&fed->rig->engine.world, seat_key, &fed->rig->key[key]);
}

/* --- genesis --- */

static void a_genesis_is_signed_by_every_founder(void **state)
{
    struct fed *fed = fed_bare(4, 3);

    (void)state;
    assert_code(fed_begin(fed, THREE), BAD_ROLL);
    assert_code(fed_begin(fed, 0xe), BAD_ROLL);
    assert_ok(fed_begin(fed, FOUR));
    assert_int_equal(realm_passport(fed)->need_0, 3);
    assert_true(cy_id_none(&fed_realm(fed)->log_key));
    assert_int_equal(fed_realm(fed)->policy_meet, 5); /* two cells, three trustees */
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(fed_seat_at(fed, i)->state, CY_seat_state_ACTIVE);
        assert_int_equal(key_record(fed, FED_VOTE + i)->seat, i);
    }
    assert_code(fed_begin(fed, FOUR), GENESIS_TWICE);
    fed_free(fed);
}

static void one_seat_is_a_federation_too(void **state)
{
    struct fed *fed = fed_new(1, 0);

    (void)state;
    fed_open(fed, 1);
    fed_open(fed, 1);
    assert_ok(FED_ALL_DO(fed, 1, param_set, .name = rig_label("idle_ms"), .value = 1000));
    assert_code(FED_SEAT(fed, 0, seat_leave, .reason = rig_line("tired")), LAST_SEAT);
    fed_free(fed);
}

#define GENESIS(change, CODE)                                                                      \
    do {                                                                                           \
        struct fed *f = fed_bare(4, 3);                                                            \
        struct cy_genesis *g = &f->genesis;                                                        \
        change;                                                                                    \
        (void)g;                                                                                   \
        assert_code(fed_begin(f, FOUR), CODE);                                                     \
        assert_null(fed_realm(f));                                                                 \
        fed_free(f);                                                                               \
    } while (0)

static void a_genesis_that_does_not_hold_together(void **state)
{
    (void)state;
    GENESIS(g->log_key = f->rig->key[60], BAD_ROLL);
    GENESIS(g->next = f->rig->key[60], BAD_ROLL);
    GENESIS(g->need_0 = 2, BAD_ROLL);
    GENESIS(g->need_0 = 4, BAD_ROLL);
    GENESIS(g->need_1 = 1, BAD_ROLL);
    GENESIS(f->keys[2].weight = 2, BAD_ROLL);
    GENESIS(f->keys[2].clause = 1, BAD_ROLL);
    GENESIS(f->keys[2].key = f->rig->key[60], BAD_ROLL);
    GENESIS(g->n_keys = 3, BAD_ROLL);
    GENESIS(f->seats[1].passport = f->rig->key[60], BAD_ROLL);
    GENESIS(f->seats[1].name = f->seats[0].name, EXISTS);
    GENESIS(f->seats[1].name = rig_name("a+b"), RANGE);
    GENESIS(f->seats[1].vote_key = f->seats[0].vote_key, KEY_REUSED);
    GENESIS(f->seats[1].vote_key = f->seats[1].cosign_key, KEY_REUSED); /* one key, one purpose */
    GENESIS(f->seats[1].vote_key = (struct cy_id){{1}}, BAD_KEY);
    GENESIS(f->trustee[1].cosign_key = f->seats[0].cosign_key, KEY_REUSED);
    GENESIS(f->trustee[1].name = f->trustee[0].name, EXISTS);
    GENESIS(f->trustee[1].name = f->seats[0].name, EXISTS);
    GENESIS(g->policy = cy_span_text(""), BAD_POLICY);
    GENESIS(g->policy = fed_policy(f, THREE, 3), POLICY_NAMES);
    GENESIS((f->trustees = 2, g->policy = fed_policy(f, FOUR, 3)), POLICY_NAMES);
    GENESIS(g->n_trustees = 2, POLICY_NAMES);
    GENESIS((g->faults = 5), QUORUM_WEAK);
    GENESIS(f->seats[1].operator= f->seats[0].operator, POLICY_NAMES); /* counted as two */
}

/* A cell has a log key and no roll. */
static void a_cell_has_no_roll(void **state)
{
    struct fed *fed = fed_bare(1, 1);

    (void)state;
    fed->genesis.n_seats = 0;
    fed->genesis.log_key = fed->rig->key[60];
    assert_code(fed_begin(fed, 1), BAD_ROLL);
    fed->genesis.n_trustees = 0;
    fed->genesis.log_key = (struct cy_id){{0}};
    assert_code(fed_begin(fed, 1), BAD_KEY);
    fed->genesis.log_key = fed->rig->key[60];
    assert_ok(fed_begin(fed, 1));
    assert_null(fed_agreement(fed));
    fed_free(fed);
}

/* --- coming and going --- */

static cy_err admit(struct fed *fed, unsigned as, const char *name)
{
    struct rig *rig = fed->rig;

    fed->vote_key[as] = FED_VOTE + as;
    fed->act_key[as] = FED_ACT + as;
    return FED_ALL_DO(fed, THREE, seat_admit, .name = rig_name(name),
                      .act_key = rig->key[FED_ACT + as], .vote_key = rig->key[FED_VOTE + as],
                      .cosign_key = rig->key[FED_COSIGN + as], .peer_key = rig->key[FED_PEER + as],
                      .operator= rig_label("op-new"), .weight = 1,
                      .log_key = rig->key[FED_LOG + as]);
}

static cy_err confirm(struct fed *fed, unsigned by, unsigned seat, struct cy_span policy)
{
    return FED_ALL_DO(fed, by, seat_confirm, .seat = seat, .policy = policy, .faults = 1);
}

static void a_newcomer_votes_after_its_probation(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height height;

    (void)state;
    fed_open(fed, FOUR);
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("probation"), .value = 3));
    assert_code(confirm(fed, THREE, 4, fed_policy(fed, FOUR, 3)), SEAT_STATE);
    assert_ok(admit(fed, 4, "isle.example/cell"));
    fed->n = 5;
    assert_int_equal(fed_seat_at(fed, 4)->state, CY_seat_state_PROBATION);
    assert_code(admit(fed, 4, "isle.example/cell"), EXISTS);
    assert_code(admit(fed, 4, "other.example/cell"), KEY_REUSED);
    /* it has no voice in anything yet */
    fed_height_of(fed, 0x1f, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed_height_of(fed, FOUR, &height);
    height.proposer = 4;
    assert_code(fed_height_send(fed, &height), SEAT_STATE);
    assert_int_equal(realm_passport(fed)->need_0, 3);
    fed_open(fed, FOUR);
    fed_open(fed, FOUR);
    assert_code(confirm(fed, THREE, 4, fed_policy(fed, 0x1f, 4)), SEAT_EARLY);
    fed_open(fed, FOUR);
    assert_code(confirm(fed, THREE, 4, fed_policy(fed, 0x1f, 4)), SEAT_SILENT);
    assert_ok(FED_SEAT(fed, 4, seat_rejoin, .from = 5));
    assert_code(confirm(fed, THREE, 4, fed_policy(fed, FOUR, 3)), POLICY_NAMES);
    assert_ok(confirm(fed, THREE, 4, fed_policy(fed, 0x1f, 4)));
    assert_int_equal(fed_seat_at(fed, 4)->state, CY_seat_state_ACTIVE);
    assert_int_equal(realm_passport(fed)->need_0, 4);
    assert_code(confirm(fed, FOUR, 4, fed_policy(fed, 0x1f, 4)), SEAT_STATE);
    /* the height under way is still the four's: three of four decide it, the fifth has no ballot */
    fed_height_of(fed, 0x1f, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed_open(fed, THREE);
    /* and the next one is the five's */
    fed_height_of(fed, THREE, &height);
    assert_code(fed_height_send(fed, &height), BAD_CERTIFICATE);
    fed_open(fed, 0x1e);
    assert_int_equal(fed_seat_at(fed, 4)->voting_weight, 1);
    fed_free(fed);
}

static void what_admission_refuses(void **state)
{
    struct fed *fed = fed_new(4, 3);

    (void)state;
    fed_open(fed, FOUR);
    assert_code(admit(fed, 4, "north.example/cell"), EXISTS);
    assert_code(admit(fed, 4, "trustee.labor"), EXISTS);
    assert_code(admit(fed, 4, "two words"), RANGE);
    assert_code(FED_ALL_DO(fed, 3, seat_leave, .reason = rig_line("")), NOT_SEATED);
    assert_code(FED_SEAT(fed, 0, seat_confirm, .seat = 1, .policy = fed_policy(fed, FOUR, 3)),
                THRESHOLD);
    fed_free(fed);
}

static void who_leaves_takes_its_key_along(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height height;

    (void)state;
    fed_open(fed, FOUR);
    assert_ok(FED_SEAT(fed, 3, seat_leave, .reason = rig_line("war")));
    assert_int_equal(fed_seat_at(fed, 3)->state, CY_seat_state_LEFT);
    assert_true(fed_agreement(fed)->policy_due);
    assert_true(key_record(fed, FED_ACT + 3)->until != 0);
    assert_int_equal(realm_passport(fed)->need_0, 3); /* all three */
    assert_code(FED_SEAT(fed, 3, seat_rejoin, .from = 5), NOT_SEATED);
    assert_code(FED_ALL_DO(fed, 0xe, param_set, .name = rig_label("idle_ms"), .value = 1000),
                RETIRED_KEY);
    /* its ballot of the height under way still counts, and none after it */
    fed_open(fed, 0xe);
    fed_height_of(fed, 0xe, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed_height_of(fed, 3, &height);
    assert_code(fed_height_send(fed, &height), BAD_CERTIFICATE);
    fed_open(fed, THREE);
    /* the others give themselves a policy; the place is free again */
    assert_code(FED_ALL_DO(fed, THREE, policy_set, .policy = fed_policy(fed, FOUR, 3)),
                POLICY_NAMES);
    assert_ok(FED_ALL_DO(fed, THREE, policy_set, .policy = fed_policy(fed, THREE, 3)));
    assert_false(fed_agreement(fed)->policy_due);
    assert_ok(admit(fed, 4, "isle.example/cell"));
    assert_string_equal(fed_seat_at(fed, 3)->name.s, "isle.example/cell");
    assert_null(fed_seat_at(fed, 4));
    fed_free(fed);
}

/* A place whose last holder's ballots still count is not given away. */
static void a_place_is_free_a_height_later(void **state)
{
    struct fed *fed = fed_new(4, 0);

    (void)state;
    fed_open(fed, FOUR);
    assert_ok(FED_SEAT(fed, 3, seat_leave, .reason = rig_line("")));
    assert_ok(admit(fed, 4, "isle.example/cell"));
    assert_string_equal(fed_seat_at(fed, 4)->name.s, "isle.example/cell");
    fed_free(fed);
}

static void the_roll_is_bounded(void **state)
{
    struct fed *fed = fed_new(4, 0);
    unsigned seated = 4;
    cy_err err = CY_OK;

    (void)state;
    fed_open(fed, FOUR);
    for (; cy_ok(err) && seated < 20; seated++) {
        struct cy_seat_admit m = {
            .name = rig_name("s00.example/cell"), .operator= rig_label("op-new"), .weight = 1};
        struct cy_id *const keys[] = {&m.act_key, &m.vote_key, &m.cosign_key, &m.peer_key};

        m.name.s[1] = (char)('0' + seated / 10);
        m.name.s[2] = (char)('0' + seated % 10);
        for (unsigned k = 0; k < 4; k++) {
            uint8_t seed[32] = {(uint8_t)seated, (uint8_t)k, 9};
            uint8_t secret[64];

            crypto_sign_seed_keypair(keys[k]->b, secret, seed);
        }
        err = fed_all(fed, THREE, &cy_schema_seat_admit, &m);
    }
    assert_code(err, SEATS_FULL);
    assert_int_equal(seated, 17);
    fed_free(fed);
}

static void exclusion_needs_evidence(void **state)
{
    struct fed *fed = fed_new(4, 0);
    const struct cy_id digest = {{5}};
    const struct cy_id other = {{6}};

    (void)state;
    fed_open(fed, FOUR);
    fed_party(fed, FED_PARTY, "Ada");
    assert_code(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 3, .evidence = digest), NO_NOUN);
    assert_ok(FED_DO(fed, FED_PARTY, evidence_record, .digest = digest,
                     .kind = CY_evidence_kind_AUDIT, .about = fed->rig->key[FED_VOTE + 3],
                     .summary = rig_line("never voted")));
    assert_ok(FED_DO(fed, FED_PARTY, evidence_record, .digest = other,
                     .kind = CY_evidence_kind_AUDIT, .about = fed->rig->id[FED_PARTY],
                     .summary = rig_line("something else")));
    assert_code(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 3, .evidence = other), OTHER_EVIDENCE);
    assert_code(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 9, .evidence = digest), SEAT_STATE);
    assert_code(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 3, .evidence = digest,
                           .policy = fed_policy(fed, FOUR, 3)),
                POLICY_NAMES);
    assert_ok(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 3, .evidence = digest,
                         .policy = fed_policy(fed, THREE, 2)));
    assert_int_equal(fed_seat_at(fed, 3)->state, CY_seat_state_EXCLUDED);
    assert_memory_equal(&fed_seat_at(fed, 3)->evidence, &digest, sizeof digest);
    assert_false(fed_agreement(fed)->policy_due);
    assert_code(FED_ALL_DO(fed, THREE, seat_exclude, .seat = 3, .evidence = digest), SEAT_STATE);
    fed_open(fed, FOUR);
    fed_open(fed, THREE);
    fed_free(fed);
}

/* --- keys --- */

static void keys_are_replaced_and_stay_on_record(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct rig *rig = fed->rig;
    struct fed_height height;

    (void)state;
    fed_open(fed, FOUR);
    assert_code(FED_SEAT(fed, 1, seat_rekey, .act_key = {{0}}), MISSING_FIELD);
    assert_code(FED_SEAT(fed, 1, seat_rekey, .vote_key = rig->key[FED_ACT]), KEY_REUSED);
    assert_code(FED_SEAT(fed, 1, seat_rekey, .vote_key = rig->key[FED_VOTE + 1]), KEY_REUSED);
    assert_code(FED_SEAT(fed, 1, seat_rekey, .vote_key = {{1}}), BAD_KEY);
    assert_ok(FED_SEAT(fed, 1, seat_rekey, .act_key = rig->key[FED_SPARE],
                       .vote_key = rig->key[FED_SPARE + 1]));
    assert_true(key_record(fed, FED_VOTE + 1)->until != 0);
    assert_true(key_record(fed, FED_SPARE + 1)->until == 0);
    assert_code(FED_SEAT(fed, 1, seat_rejoin, .from = 5), NOT_SEATED);
    assert_code(FED_ALL_DO(fed, 0xb, param_set, .name = rig_label("idle_ms"), .value = 1000),
                RETIRED_KEY);
    /* what is under way was begun with the old key */
    fed->vote_key[1] = FED_SPARE + 1;
    fed_height_of(fed, FOUR, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed->vote_key[1] = FED_VOTE + 1;
    fed_open(fed, FOUR);
    fed_height_of(fed, FOUR, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed->vote_key[1] = FED_SPARE + 1;
    fed_open(fed, FOUR);
    fed->act_key[1] = FED_SPARE;
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("idle_ms"), .value = 2000));
    assert_false(fed_agreement(fed)->policy_due);
    assert_ok(FED_SEAT(fed, 1, seat_rekey, .cosign_key = rig->key[FED_SPARE + 2]));
    assert_true(fed_agreement(fed)->policy_due); /* it names the old one still */
    fed_free(fed);
}

static void who_comes_back_waits(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height height;

    (void)state;
    fed_open(fed, FOUR);
    assert_code(FED_SEAT(fed, 3, seat_rejoin, .from = 1), RANGE);
    assert_code(FED_SEAT(fed, 3, seat_rejoin, .from = 5000), RANGE);
    assert_ok(FED_SEAT(fed, 3, seat_rejoin, .from = 4));
    assert_code(FED_SEAT(fed, 2, seat_rejoin, .from = 4),
                SEAT_STATE); /* two of four do not decide */
    fed_open(fed, FOUR);
    assert_int_equal(fed_seat_at(fed, 3)->voting_weight, 0);
    fed_height_of(fed, FOUR, &height);
    assert_code(fed_height_send(fed, &height), BAD_BALLOT);
    fed_open(fed, THREE);
    assert_int_equal(fed_seat_at(fed, 3)->voting_weight, 0);
    fed_open(fed, THREE);
    assert_int_equal(fed_seat_at(fed, 3)->voting_weight, 1);
    fed_open(fed, FOUR);
    assert_ok(FED_SEAT(fed, 2, seat_rejoin, .from = 7));
    fed_free(fed);
}

/* Who waits cannot be left alone: nobody would vote on the next height. */
static void somebody_always_votes(void **state)
{
    struct fed *fed = fed_new(4, 0);

    (void)state;
    fed_open(fed, FOUR);
    assert_ok(FED_SEAT(fed, 3, seat_rejoin, .from = 4));
    assert_ok(FED_SEAT(fed, 0, seat_leave, .reason = rig_line("")));
    assert_ok(FED_SEAT(fed, 1, seat_leave, .reason = rig_line("")));
    assert_code(FED_SEAT(fed, 2, seat_leave, .reason = rig_line("")), LAST_SEAT);
    fed_open(fed, FOUR);
    assert_int_equal(fed_seat_at(fed, 2)->voting_weight, 1);
    fed_open(fed, 0x4);
    fed_open(fed, 0x4);
    assert_ok(FED_SEAT(fed, 2, seat_leave, .reason = rig_line("")));
    fed_open(fed, 0xc);
    fed_open(fed, 0x8);
    fed_free(fed);
}

/* --- trustees --- */

static void trustees_are_set_with_their_policy(void **state)
{
    struct fed *fed = fed_new(4, 3);
    const struct cy_trustee_entry taken = {.name = rig_name("trustee.new"),
                                           .chamber = CY_chamber_LABOR,
                                           .cosign_key = fed->rig->key[FED_COSIGN],
                                           .operator= rig_label("new")};

    (void)state;
    fed_open(fed, FOUR);
    assert_code(FED_ALL_DO(fed, THREE, trustee_set, .trustees = &taken, .n_trustees = 1,
                           .policy = fed_policy(fed, FOUR, 3)),
                KEY_REUSED);
    assert_code(FED_ALL_DO(fed, THREE, trustee_set, .trustees = fed->trustee, .n_trustees = 2,
                           .policy = fed_policy(fed, FOUR, 3)),
                POLICY_NAMES);
    fed->trustees = 2;
    assert_ok(FED_ALL_DO(fed, THREE, trustee_set, .trustees = fed->trustee, .n_trustees = 2,
                         .policy = fed_policy(fed, FOUR, 3)));
    assert_int_equal(cy_world_count(&fed->rig->engine.world, CY_R_trustee), 2);
    assert_int_equal(cy_world_count(&fed->rig->engine.world, CY_R_policy_node), 9);
    fed_free(fed);
}

/* A federation is not operated, rotated or retired like a cell. */
static void its_passport_follows_the_roll_alone(void **state)
{
    struct fed *fed = fed_new(4, 0);
    const struct cy_key_share share = {.key = fed->rig->key[FED_SPARE], .weight = 1};

    (void)state;
    fed_open(fed, FOUR);
    assert_code(FED_ALL_DO(fed, THREE, passport_retire, .reason = rig_line("")), IN_USE);
    struct cy_claims claims = rig_claims(fed->rig, FED_ACT);
    const struct cy_passport_rotate m = {.keys = &share, .n_keys = 1, .need_0 = 1};
    const unsigned key = FED_SPARE;

    assert_code(
        fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_passport_rotate, &m, &key, 1)),
        NO_NEXT);
    assert_code(
        FED_ALL_DO(fed, THREE, constrain, .kind = CY_constraint_kind_FORBID, .covers = CY_M_height),
        NOT_COVERED);
    fed_free(fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_genesis_is_signed_by_every_founder),
        cmocka_unit_test(one_seat_is_a_federation_too),
        cmocka_unit_test(a_genesis_that_does_not_hold_together),
        cmocka_unit_test(a_cell_has_no_roll),
        cmocka_unit_test(a_newcomer_votes_after_its_probation),
        cmocka_unit_test(what_admission_refuses),
        cmocka_unit_test(who_leaves_takes_its_key_along),
        cmocka_unit_test(a_place_is_free_a_height_later),
        cmocka_unit_test(the_roll_is_bounded),
        cmocka_unit_test(exclusion_needs_evidence),
        cmocka_unit_test(keys_are_replaced_and_stay_on_record),
        cmocka_unit_test(who_comes_back_waits),
        cmocka_unit_test(somebody_always_votes),
        cmocka_unit_test(trustees_are_set_with_their_policy),
        cmocka_unit_test(its_passport_follows_the_roll_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

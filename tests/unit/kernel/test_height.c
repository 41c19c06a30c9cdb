/* height: a federation goes on by agreement alone, and what is not agreed is refused. */
#include "federation.h"

#include "kernel/policy_text.h"
#include "kernel/quorum.h"

#define FOUR 0xfu
#define THREE 0x7u

static void heights_follow_each_other(void **state)
{
    struct fed *fed = fed_new(4, 3);
    const cy_time began = fed->rig->now;

    (void)state;
    assert_int_equal(fed_agreement(fed)->height, 0);
    for (unsigned i = 0; i < 5; i++)
        fed_open(fed, i % 2 == 0 ? FOUR : THREE); /* more than two thirds is enough */
    assert_int_equal(fed_agreement(fed)->height, 5);
    assert_int_equal(fed_agreement(fed)->size, 5);
    assert_true(fed_realm(fed)->now > began);
    fed_party(fed, FED_PARTY, "Ada");
    fed_open(fed, FOUR);
    assert_int_equal(fed_agreement(fed)->size, 7);
    assert_int_equal(fed_agreement(fed)->proposer, 0);
    fed_open(fed, 0xe);
    assert_int_equal(fed_agreement(fed)->proposer, 1);
    fed_free(fed);
}

/* The time of a height is that of its ballots, by weight, and never goes back. */
static void time_is_the_median(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height height;
    cy_time now = 0;

    (void)state;
    fed_height_of(fed, FOUR, &height);
    height.m.now = fed->rig->now - 1;
    assert_code(fed_height_send(fed, &height), HEIGHT_TIME);
    height.m.now = fed->rig->now + 3600 * 1000 + 1; /* who begins cannot leap ahead */
    assert_code(fed_height_send(fed, &height), HEIGHT_TIME);
    fed_open(fed, FOUR);
    fed_height_of(fed, FOUR, &height);
    height.m.now++;
    assert_code(fed_height_send(fed, &height), HEIGHT_TIME);
    fed_open(fed, FOUR);
    now = fed->rig->now;
    fed->clock = now - 60000; /* every clock went back */
    fed_height_of(fed, FOUR, &height);
    assert_code(fed_height_send(fed, &height), HEIGHT_TIME);
    height.m.now = now;
    assert_ok(fed_height_send(fed, &height));
    fed_free(fed);
}

static void what_is_not_agreed_is_refused(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height good;
    struct fed_height bad;

    (void)state;
    fed_height_of(fed, FOUR, &good);
    bad = good;
    bad.m.height = 2;
    assert_code(fed_height_send(fed, &bad), HEIGHT_ORDER);
    bad = good;
    bad.m.round = 1;
    assert_code(fed_height_send(fed, &bad), BAD_CERTIFICATE);
    bad = good;
    bad.m.size = 2;
    assert_code(fed_height_send(fed, &bad), HEIGHT_HEAD);
    assert_ok(fed_height_send(fed, &good));
    fed->height++;
    fed->rig->now = fed_realm(fed)->now;

    fed_height_of(fed, FOUR, &good);
#define REFUSED(change, CODE)                                                                      \
    do {                                                                                           \
        bad = good;                                                                                \
        change;                                                                                    \
        assert_code(fed_height_send(fed, &bad), CODE);                                             \
    } while (0)
    REFUSED(bad.m.height = 1, HEIGHT_ORDER);
    REFUSED(bad.m.height = 3, HEIGHT_ORDER);
    REFUSED(bad.m.size--, HEIGHT_HEAD);
    REFUSED(bad.m.root.b[0] ^= 1, BAD_BALLOT); /* other than what was voted on */
    REFUSED(bad.m.round = 1, BAD_BALLOT);
    REFUSED(bad.m.n_ballots = 2, BAD_CERTIFICATE);
    REFUSED(bad.m.n_ballots = 0, BAD_CERTIFICATE);
    REFUSED(bad.ballots[1].seat = 0, BAD_BALLOT); /* twice */
    REFUSED(bad.ballots[3].seat = 4, BAD_BALLOT); /* nobody's */
    REFUSED(bad.ballots[2].seat = 15, BAD_BALLOT);
    REFUSED(bad.ballots[2].time++, BAD_BALLOT);
    REFUSED((bad.ballots[0].signature.at = good.signatures[1]), BAD_BALLOT);
    assert_ok(fed_height_send(fed, &good));
    assert_code(fed_height_send(fed, &good), HEIGHT_ORDER);
    fed_free(fed);
}

/* Only a seat opens heights, with its act key, in its own name. */
static void seats_alone_open_heights(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct fed_height height;
    struct cy_claims claims;
    unsigned key = FED_VOTE;
    const unsigned two[] = {FED_ACT, FED_ACT + 1};

    (void)state;
    fed_height_of(fed, FOUR, &height);
    claims = rig_claims(fed->rig, FED_ACT);
    assert_code(fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_height, &height.m, &key, 1)),
                NOT_SEATED);
    assert_code(fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_height, &height.m, two, 2)),
                NOT_SEATED);
    key = FED_ACT;
    claims.subject = fed->rig->realm;
    assert_code(fed_send(fed, rig_build(fed->rig, &claims, &cy_schema_height, &height.m, &key, 1)),
                NOT_SEATED);
    assert_code(FED_ALL_DO(fed, THREE, tick, .now = fed->rig->now + 1), IS_FEDERATION);
    /* a seat's key alone is not the realm */
    assert_code(FED_SEAT(fed, 0, param_set, .name = rig_label("idle_ms"), .value = 1000),
                THRESHOLD);
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("idle_ms"), .value = 1000));
    assert_code(FED_ALL_DO(fed, FOUR, param_set, .name = rig_label("idle_ms"), .value = 1000),
                SURPLUS_SIGNATURE);
    assert_code(FED_ALL_DO(fed, 3, param_set, .name = rig_label("idle_ms"), .value = 1000),
                THRESHOLD);
    fed_free(fed);
}

static void a_cell_knows_no_heights(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_height m = {.height = 1, .now = rig->now, .size = 1, .root = {{1}}};

    (void)state;
    assert_code(rig_do(rig, 0, &cy_schema_height, &m), NOT_FEDERATION);
    assert_code(RIG_DO(rig, 0, seat_leave, .reason = rig_line("")), NOT_FEDERATION);
    assert_code(RIG_DO(rig, 0, seat_exclude, .evidence = {{1}}), NOT_FEDERATION);
    rig_free(rig);
}

/* --- finality --- */

static struct cy_span final_now(struct fed *fed, unsigned seats, bool trustees)
{
    const struct cy_agreement *agreement = fed_agreement(fed);

    return fed_note(fed, agreement->size, &agreement->root, seats, trustees);
}

static void final_heads_meet_the_policy(void **state)
{
    struct fed *fed = fed_new(4, 3);
    struct fed_height height;
    struct cy_id root;
    char other[4096];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        fed_open(fed, FOUR);
    root = fed_agreement(fed)->root;
    fed_height_of(fed, FOUR, &height);
#define FINAL(note, CODE)                                                                          \
    do {                                                                                           \
        height.m.final = (note);                                                                   \
        assert_code(fed_height_send(fed, &height), CODE);                                          \
    } while (0)
    FINAL(final_now(fed, 3, true), BAD_FINAL);     /* two cells of four */
    FINAL(final_now(fed, FOUR, false), BAD_FINAL); /* no trustees */
    FINAL(cy_span_text("nonsense\n"), BAD_FINAL);
    FINAL(fed_note(fed, 2, &root, FOUR, true), BAD_FINAL); /* another root */
    FINAL(fed_note(fed, 9, &root, FOUR, true), BAD_FINAL); /* ahead of agreement */
    FINAL(fed_cosigned(fed, FED_COSIGN, "north.example/cell", "other.example/ledger", 3, &root,
                       other, sizeof other),
          BAD_FINAL);
    (void)final_now(fed, FOUR, true);
    fed->note[strlen(fed->note) - 6] ^= 1; /* in the last cosignature */
    FINAL(cy_span_text(fed->note), BAD_FINAL);
    height.m.final = final_now(fed, THREE, true);
    assert_ok(fed_height_send(fed, &height));
    assert_int_equal(fed_agreement(fed)->final_height, 2);
    assert_int_equal(fed_agreement(fed)->final_size, 3);
    fed_free(fed);
}

/* A note that is known already changes nothing. */
static void an_older_final_head_says_nothing(void **state)
{
    struct fed *fed = fed_new(4, 0);
    struct cy_id root;
    uint64_t size = 0;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        fed_open(fed, FOUR);
    root = fed_agreement(fed)->root;
    size = fed_agreement(fed)->size;
    for (unsigned i = 0; i < 3; i++)
        fed_open(fed, FOUR);
    fed_open_final(fed, FOUR, final_now(fed, FOUR, false));
    assert_int_equal(fed_agreement(fed)->final_height, 5);
    fed_open_final(fed, FOUR, fed_note(fed, size, &root, FOUR, false));
    assert_int_equal(fed_agreement(fed)->final_height, 5);
    fed_free(fed);
}

static void without_finality_the_realm_is_safe(void **state)
{
    struct fed *fed = fed_new(4, 0);

    (void)state;
    fed_open(fed, FOUR);
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("final_within"), .value = 4));
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("final_cool_ms"), .value = 2500));
    for (unsigned i = 2; i <= 5; i++) {
        fed_open(fed, FOUR);
        assert_int_equal(fed_realm(fed)->breaker, CY_breaker_NORMAL);
    }
    fed_open(fed, FOUR);
    assert_int_equal(fed_realm(fed)->breaker, CY_breaker_SAFE);
    assert_true(fed_agreement(fed)->lost_since != 0);
    assert_code(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("idle_ms"), .value = 1000),
                GATE_CLOSED);
    /* back, but not for long enough; lost again; back for good */
    fed_open_final(fed, FOUR, final_now(fed, FOUR, false));
    assert_int_equal(fed_realm(fed)->breaker, CY_breaker_SAFE);
    assert_true(fed_agreement(fed)->back_since != 0);
    for (unsigned i = 0; i < 2; i++)
        fed_open(fed, FOUR);
    assert_int_equal(fed_realm(fed)->breaker, CY_breaker_SAFE);
    fed_open(fed, FOUR);
    assert_int_equal(fed_realm(fed)->breaker, CY_breaker_NORMAL);
    assert_true(fed_agreement(fed)->lost_since == 0);
    assert_ok(FED_ALL_DO(fed, THREE, param_set, .name = rig_label("idle_ms"), .value = 1000));
    fed_free(fed);
}

/* The text that is written from the records asks for the same of the same witnesses. */
static void the_policy_is_written_again(void **state)
{
    struct fed *fed = fed_new(4, 3);
    char memory[CY_QUORUM_TEXT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_quorum said;
    struct cy_quorum again;
    struct cy_quorum_meet meet;

    (void)state;
    cy_policy_text(&fed->rig->engine.world, &text);
    assert_false(text.full);
    assert_ok(cy_quorum_read(cy_span_text(fed->policy), &said));
    assert_ok(cy_quorum_read(cy_text_bytes(&text), &again));
    assert_int_equal(again.n, said.n);
    assert_int_equal(again.n_operators, said.n_operators);
    assert_ok(cy_quorum_meet(&again, &meet));
    assert_int_equal(meet.least, fed_realm(fed)->policy_meet);
    for (unsigned set = 0; set < 128; set++) { /* 4 seats and 3 trustees */
        struct cy_quorum_set a = {{0}};
        struct cy_quorum_set b = {{0}};

        for (unsigned i = 0; i < 7; i++) {
            const unsigned key = i < 4 ? FED_COSIGN + i : FED_TRUSTEE + i - 4;

            if ((set >> i & 1) == 0)
                continue;
            cy_quorum_put(&a, cy_quorum_witness(&said, &fed->rig->key[key]));
            cy_quorum_put(&b, cy_quorum_witness(&again, &fed->rig->key[key]));
        }
        assert_int_equal(cy_quorum_met(&said, &a), cy_quorum_met(&again, &b));
    }
    fed_free(fed);
}

static void a_cell_has_no_policy_text(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    char memory[64];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    (void)state;
    cy_policy_text(&rig->engine.world, &text);
    assert_int_equal(text.n, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_follow_each_other),
        cmocka_unit_test(time_is_the_median),
        cmocka_unit_test(what_is_not_agreed_is_refused),
        cmocka_unit_test(seats_alone_open_heights),
        cmocka_unit_test(a_cell_knows_no_heights),
        cmocka_unit_test(final_heads_meet_the_policy),
        cmocka_unit_test(an_older_final_head_says_nothing),
        cmocka_unit_test(without_finality_the_realm_is_safe),
        cmocka_unit_test(the_policy_is_written_again),
        cmocka_unit_test(a_cell_has_no_policy_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

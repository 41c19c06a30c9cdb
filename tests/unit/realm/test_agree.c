/* agree: every rule of the algorithm, seen from one member of four (weights 1, a third may lie),
 * and what is refused. The numbers are lines of algorithm 1 in arXiv 1807.04938. */
#include "cm.h"

#include "realm/agree.h"

#include <string.h>

static const struct cy_agree_member four_[4] = {
    {.weight = 1}, {.weight = 1}, {.weight = 1}, {.weight = 1}};
static struct cy_agree agree_;
static struct cy_agree_update up_;
static const struct cy_id nil_;

static struct cy_id value(unsigned n)
{
    struct cy_id id = {{0}};

    id.b[0] = (uint8_t)n;
    return id;
}

static uint32_t proposer(uint32_t round)
{
    return cy_agree_proposer(&agree_, round);
}

/* Member `self` at height 1; the height's first proposer is found by the others. */
static int begin(void **s)
{
    (void)s;
    cy_agree_begin(&agree_, four_, 4, 0, 1);
    return 0;
}

static cy_err vote_at(uint64_t height, uint32_t member, enum cy_vote_step step, uint32_t round,
                      struct cy_id id, uint32_t after)
{
    const struct cy_vote vote = {.height = height,
                                 .round = round,
                                 .step = step,
                                 .after = after,
                                 .value = id,
                                 .time = 1000 + member};
    uint8_t signature[64] = {(uint8_t)member, (uint8_t)id.b[0]};
    const struct cy_agree_event event = {
        .kind = CY_AGREE_VOTE, .vote = &vote, .member = member, .signature = signature};

    return cy_agree_step(&agree_, &event, &up_);
}

static void hear(uint32_t member, enum cy_vote_step step, uint32_t round, struct cy_id id)
{
    assert_ok(vote_at(1, member, step, round, id, CY_NO_ROUND));
}

static void propose(uint32_t round, struct cy_id id, uint32_t after)
{
    assert_ok(vote_at(1, proposer(round), CY_VOTE_PROPOSE, round, id, after));
}

static void know(struct cy_id id, bool valid)
{
    assert_ok(cy_agree_step(
        &agree_, &(struct cy_agree_event){.kind = CY_AGREE_VALUE, .value = id, .valid = valid},
        &up_));
}

static void start(void)
{
    assert_ok(cy_agree_step(&agree_, &(struct cy_agree_event){.kind = CY_AGREE_START}, &up_));
}

static void timeout(enum cy_vote_step step, uint32_t round)
{
    assert_ok(cy_agree_step(
        &agree_, &(struct cy_agree_event){.kind = CY_AGREE_TIMEOUT, .step = step, .round = round},
        &up_));
}

/* The one vote said in the last step. */
static void said(enum cy_vote_step step, uint32_t round, struct cy_id id)
{
    assert_int_equal(up_.n_say, 1);
    assert_int_equal(up_.say[0].step, step);
    assert_int_equal(up_.say[0].round, round);
    assert_int_equal(up_.say[0].height, 1);
    assert_true(cy_id_eq(&up_.say[0].value, &id));
}

static void silent(void)
{
    assert_int_equal(up_.n_say, 0);
}

/* Somebody other than member 0 proposes in this round: the next from `from` on. */
static uint32_t others_round(uint32_t from)
{
    while (proposer(from) == 0)
        from++;
    return from;
}

/* Brings member 0 to a round by what two others say there: one of them is honest. */
static void go_to(uint32_t round)
{
    hear(1, CY_VOTE_PRECOMMIT, round, nil_);
    hear(2, CY_VOTE_PRECOMMIT, round, nil_);
    assert_int_equal(agree_.round, round);
}

/* Locks member 0 on a value in that round. */
static void lock(uint32_t round, struct cy_id id)
{
    know(id, true);
    propose(round, id, CY_NO_ROUND);
    hear(0, CY_VOTE_PREVOTE, round, id);
    hear(1, CY_VOTE_PREVOTE, round, id);
    hear(2, CY_VOTE_PREVOTE, round, id);
    assert_int_equal(agree_.locked_round, round);
}

/* 11-21 */
static void a_round_begins(void **s)
{
    (void)s;
    start();
    assert_int_equal(up_.n_timers, 1);
    assert_int_equal(up_.timers[0].step, CY_VOTE_PROPOSE);
    assert_int_equal(up_.offer, proposer(0) == 0);
    silent();
}

/* 14-18: whose turn it is asks for a value, and offers it; a valid one is offered again. */
static void the_proposer_offers(void **s)
{
    uint32_t round = 0;

    (void)s;
    while (proposer(round) != 0)
        round++;
    start();
    if (round > 0)
        go_to(round);
    assert_true(up_.offer);
    assert_ok(cy_agree_step(
        &agree_, &(struct cy_agree_event){.kind = CY_AGREE_OFFER, .value = value(7)}, &up_));
    said(CY_VOTE_PROPOSE, round, value(7));
    assert_int_equal(up_.say[0].after, CY_NO_ROUND);
    assert_ok(cy_agree_step(
        &agree_, &(struct cy_agree_event){.kind = CY_AGREE_OFFER, .value = value(8)}, &up_));
    silent(); /* one proposal a round */
    propose(round, value(7), CY_NO_ROUND);
    said(CY_VOTE_PREVOTE, round, value(7));
    hear(1, CY_VOTE_PREVOTE, round, value(7));
    hear(3, CY_VOTE_PREVOTE, round, value(7));
    hear(0, CY_VOTE_PREVOTE, round, value(7));
    assert_int_equal(agree_.valid_round, round);
    hear(1, CY_VOTE_PREVOTE, round + 4, nil_);
    hear(2, CY_VOTE_PREVOTE, round + 4, nil_);
    said(CY_VOTE_PROPOSE, round + 4, value(7));
    assert_int_equal(up_.say[0].after, round);
    assert_false(up_.offer);
}

/* 22: unlocked, a valid proposal is prevoted; an invalid one is not, and nothing before it was
 * judged. */
static void a_proposal_is_answered(void **s)
{
    const uint32_t round = others_round(0);

    (void)s;
    start();
    if (round > 0)
        go_to(round);
    propose(round, value(5), CY_NO_ROUND);
    silent();
    assert_true(cy_id_eq(&up_.want, &(struct cy_id){{5}}));
    know(value(5), true);
    said(CY_VOTE_PREVOTE, round, value(5));
    begin(NULL);
    start();
    if (round > 0)
        go_to(round);
    know(value(5), false);
    propose(round, value(5), CY_NO_ROUND);
    said(CY_VOTE_PREVOTE, round, nil_);
}

/* 36: a quorum of prevotes locks and is precommitted. Three of four are one, two are not. */
static void a_quorum_locks(void **s)
{
    const uint32_t round = others_round(0);

    (void)s;
    start();
    if (round > 0)
        go_to(round);
    know(value(5), true);
    propose(round, value(5), CY_NO_ROUND);
    hear(0, CY_VOTE_PREVOTE, round, value(5));
    hear(1, CY_VOTE_PREVOTE, round, value(5));
    silent();
    assert_int_equal(agree_.locked_round, CY_NO_ROUND);
    hear(3, CY_VOTE_PREVOTE, round, value(5));
    said(CY_VOTE_PRECOMMIT, round, value(5));
    assert_int_equal(agree_.locked_round, round);
}

/* A round in which member 0 is locked on value 5; the next round of another's proposal. */
static uint32_t locked_then(uint32_t *next)
{
    const uint32_t first = others_round(0);

    start();
    if (first > 0)
        go_to(first);
    lock(first, value(5));
    *next = others_round(first + 1);
    go_to(*next);
    return first;
}

/* 23: who is locked prevotes nil for anything else, and its own value again. */
static void a_lock_is_kept(void **s)
{
    uint32_t next = 0;

    (void)s;
    locked_then(&next);
    know(value(6), true);
    propose(next, value(6), CY_NO_ROUND);
    said(CY_VOTE_PREVOTE, next, nil_);
    begin(NULL);
    locked_then(&next);
    propose(next, value(5), CY_NO_ROUND);
    said(CY_VOTE_PREVOTE, next, value(5));
}

/* 28-29: a quorum of prevotes after the lock lets it go; one before it does not, nor does the
 * proposer's word alone. */
static void a_newer_quorum_unlocks(void **s)
{
    uint32_t next = 0;
    uint32_t then = 0;

    (void)s;
    locked_then(&next);
    know(value(6), true);
    then = others_round(next + 1);
    go_to(then);
    propose(then, value(6), next);
    silent(); /* nothing shows that quorum */
    assert_int_equal(up_.want_round, next);
    hear(1, CY_VOTE_PREVOTE, next, value(6));
    hear(2, CY_VOTE_PREVOTE, next, value(6));
    silent();
    hear(3, CY_VOTE_PREVOTE, next, value(6));
    said(CY_VOTE_PREVOTE, then, value(6));
}

static void an_older_quorum_does_not(void **s)
{
    uint32_t next = 0;
    uint32_t first = 0;
    uint32_t lock_at = 0;

    (void)s;
    first = others_round(0);
    lock_at = others_round(first + 1);
    next = others_round(lock_at + 1);
    start();
    go_to(lock_at);
    lock(lock_at, value(5));
    know(value(6), true);
    go_to(next);
    for (uint32_t i = 1; i < 4; i++)
        hear(i, CY_VOTE_PREVOTE, first, value(6));
    propose(next, value(6), first);
    said(CY_VOTE_PREVOTE, next, nil_);
    assert_int_equal(agree_.locked_round, lock_at);
}

/* 36-43: a quorum seen late, after the own precommit, is remembered as valid but locks nothing. */
static void a_late_quorum_is_valid_only(void **s)
{
    const uint32_t round = others_round(0);

    (void)s;
    start();
    if (round > 0)
        go_to(round);
    know(value(5), true);
    timeout(CY_VOTE_PROPOSE, round);
    said(CY_VOTE_PREVOTE, round, nil_);
    timeout(CY_VOTE_PREVOTE, round);
    said(CY_VOTE_PRECOMMIT, round, nil_);
    for (uint32_t i = 1; i < 4; i++)
        hear(i, CY_VOTE_PREVOTE, round, value(5));
    silent();
    assert_int_equal(agree_.valid_round, round);
    assert_int_equal(agree_.locked_round, CY_NO_ROUND);
}

/* 44 and 57-66 */
static void nil_and_timeouts(void **s)
{
    (void)s;
    start();
    timeout(CY_VOTE_PROPOSE, 1); /* of another round */
    silent();
    timeout(CY_VOTE_PROPOSE, 0);
    said(CY_VOTE_PREVOTE, 0, nil_);
    timeout(CY_VOTE_PROPOSE, 0);
    silent();
    hear(0, CY_VOTE_PREVOTE, 0, nil_);
    hear(1, CY_VOTE_PREVOTE, 0, nil_);
    silent();
    hear(2, CY_VOTE_PREVOTE, 0, nil_);
    said(CY_VOTE_PRECOMMIT, 0, nil_);
    hear(0, CY_VOTE_PRECOMMIT, 0, nil_);
    hear(1, CY_VOTE_PRECOMMIT, 0, nil_);
    assert_int_equal(up_.n_timers, 0);
    hear(2, CY_VOTE_PRECOMMIT, 0, value(9));
    assert_int_equal(up_.n_timers, 1); /* 47: once */
    assert_int_equal(up_.timers[0].step, CY_VOTE_PRECOMMIT);
    hear(3, CY_VOTE_PRECOMMIT, 0, nil_);
    assert_int_equal(up_.n_timers, 0);
    timeout(CY_VOTE_PRECOMMIT, 0);
    assert_int_equal(agree_.round, 1);
}

/* 34: a quorum of prevotes for this and that starts the timer of the step, once. */
static void split_prevotes_are_waited_for(void **s)
{
    (void)s;
    start();
    timeout(CY_VOTE_PROPOSE, 0);
    hear(0, CY_VOTE_PREVOTE, 0, nil_);
    hear(1, CY_VOTE_PREVOTE, 0, value(1));
    assert_int_equal(up_.n_timers, 0);
    hear(2, CY_VOTE_PREVOTE, 0, value(2));
    assert_int_equal(up_.n_timers, 1);
    assert_int_equal(up_.timers[0].step, CY_VOTE_PREVOTE);
    hear(3, CY_VOTE_PREVOTE, 0, value(3));
    assert_int_equal(up_.n_timers, 0);
    timeout(CY_VOTE_PREVOTE, 0);
    said(CY_VOTE_PRECOMMIT, 0, nil_);
}

/* 49: decided by a quorum of precommits of any round, when the content is here. */
static void a_quorum_decides(void **s)
{
    struct cy_agree_certificate c;

    (void)s;
    start();
    for (uint32_t i = 1; i < 4; i++)
        hear(i, CY_VOTE_PRECOMMIT, 2, value(4));
    assert_false(agree_.decided);
    assert_true(cy_id_eq(&up_.want, &(struct cy_id){{4}}));
    know(value(4), true);
    assert_true(up_.decided);
    assert_int_equal(agree_.decided_round, 2);
    assert_true(cy_id_eq(&agree_.decision, &(struct cy_id){{4}}));
    cy_agree_certificate(&agree_, &c);
    assert_int_equal(c.n, 3);
    assert_int_equal(c.ballots[0].member, 1);
    assert_int_equal(c.ballots[2].signature[0], 3);
    assert_int_equal(c.ballots[1].time, 1002);
}

static void what_is_invalid_is_never_decided(void **s)
{
    (void)s;
    start();
    know(value(4), false);
    for (uint32_t i = 0; i < 4; i++)
        hear(i, CY_VOTE_PRECOMMIT, 0, value(4));
    assert_false(agree_.decided);
}

/* 55: two of four in a later round show that an honest one is there; one does not. */
static void a_third_takes_us_along(void **s)
{
    (void)s;
    start();
    hear(1, CY_VOTE_PREVOTE, 1000, nil_);
    assert_int_equal(agree_.round, 0);
    hear(2, CY_VOTE_PRECOMMIT, 7, nil_);
    assert_int_equal(agree_.round, 7); /* both are at 7 or later */
    hear(3, CY_VOTE_PREVOTE, 2000, nil_);
    assert_int_equal(agree_.round, 1000);
}

static void two_votes_convict(void **s)
{
    (void)s;
    start();
    hear(1, CY_VOTE_PREVOTE, 0, value(1));
    hear(1, CY_VOTE_PREVOTE, 0, value(1));
    assert_false(up_.convicted);
    hear(1, CY_VOTE_PREVOTE, 0, value(2));
    assert_true(up_.convicted);
    assert_int_equal(up_.evidence.member, 1);
    assert_true(cy_vote_conflict(&up_.evidence.votes[0], &up_.evidence.votes[1]));
    assert_int_equal(up_.evidence.signatures[0][1], 1);
    assert_int_equal(up_.evidence.signatures[1][1], 2);
    propose(0, value(1), CY_NO_ROUND);
    assert_false(up_.convicted);
    propose(0, value(3), CY_NO_ROUND);
    assert_true(up_.convicted);
    assert_int_equal(up_.evidence.votes[1].step, CY_VOTE_PROPOSE);
}

/* A traitor prevoted nil to us and the value to others, who hold a quorum by that: when a proposal
 * rests on it, the second vote counts too. It never replaces what our own valid value rests on. */
static void a_second_prevote_counts_where_a_proposal_rests_on_it(void **s)
{
    uint32_t next = 0;
    uint32_t first = others_round(0);

    (void)s;
    start();
    if (first > 0)
        go_to(first);
    know(value(6), true);
    next = others_round(first + 1);
    hear(3, CY_VOTE_PREVOTE, first, nil_);
    hear(1, CY_VOTE_PREVOTE, first, value(6));
    hear(2, CY_VOTE_PREVOTE, first, value(6));
    hear(3, CY_VOTE_PREVOTE, first, value(6));
    assert_true(up_.convicted);
    assert_int_equal(agree_.valid_round, CY_NO_ROUND); /* in the present round the first counts */
    go_to(next);
    propose(next, value(6), first);
    silent();
    hear(3, CY_VOTE_PREVOTE, first, value(6));
    said(CY_VOTE_PREVOTE, next, value(6));
    begin(NULL);
    first = locked_then(&next);
    know(value(6), true);
    propose(next, value(6), first);
    hear(1, CY_VOTE_PREVOTE, first, value(6));
    hear(2, CY_VOTE_PREVOTE, first, value(6));
    assert_true(cy_id_eq(&cy_agree_votes(&agree_, first)->votes[0][1].value, &agree_.valid));
}

/* A certificate decides, whatever its traitors told us. */
static void a_certificate_decides(void **s)
{
    struct cy_agree_certificate c = {.height = 1, .round = 3, .value = value(8), .n = 3};
    const struct cy_agree_event event = {.kind = CY_AGREE_CERTIFICATE, .certificate = &c};

    (void)s;
    start();
    for (uint32_t i = 0; i < 3; i++)
        c.ballots[i].member = i + 1;
    hear(3, CY_VOTE_PRECOMMIT, 3, nil_);
    c.n = 2;
    assert_code(cy_agree_step(&agree_, &event, &up_), BAD_CERTIFICATE);
    c.n = 3;
    c.ballots[2].member = 1; /* twice */
    assert_code(cy_agree_step(&agree_, &event, &up_), BAD_CERTIFICATE);
    c.ballots[2].member = 4;
    assert_code(cy_agree_step(&agree_, &event, &up_), BAD_CERTIFICATE);
    c.ballots[2].member = 3;
    c.value = nil_;
    assert_code(cy_agree_step(&agree_, &event, &up_), BAD_CERTIFICATE);
    c.value = value(8);
    c.height = 2;
    assert_code(cy_agree_step(&agree_, &event, &up_), OTHER_HEIGHT);
    c.height = 1;
    assert_false(agree_.decided);
    assert_ok(cy_agree_step(&agree_, &event, &up_));
    assert_false(agree_.decided);
    know(value(8), true);
    assert_true(agree_.decided);
    assert_int_equal(agree_.decided_round, 3);
}

static void what_is_refused(void **s)
{
    (void)s;
    start();
    assert_code(vote_at(2, 1, CY_VOTE_PREVOTE, 0, value(1), CY_NO_ROUND), OTHER_HEIGHT);
    assert_code(vote_at(1, (proposer(0) + 1) % 4, CY_VOTE_PROPOSE, 0, value(1), CY_NO_ROUND),
                NOT_PROPOSER);
    assert_code(vote_at(1, proposer(0), CY_VOTE_PROPOSE, 0, nil_, CY_NO_ROUND), NOT_PROPOSER);
    assert_code(vote_at(1, proposer(2), CY_VOTE_PROPOSE, 2, value(1), 2), NOT_PROPOSER);
    assert_int_equal(agree_.heard[1], 0);
}

/* After a restart the lock holds and its proof is kept; before START nothing is said. */
static void a_restart_remembers(void **s)
{
    const struct cy_id five = value(5);
    uint32_t next = others_round(3);

    (void)s;
    cy_agree_restore(&agree_, 2, 1, &five);
    for (uint32_t i = 1; i < 4; i++) {
        hear(i, CY_VOTE_PREVOTE, 1, five);
        silent();
    }
    start();
    assert_int_equal(agree_.round, 2);
    know(five, true);
    know(value(6), true);
    go_to(next);
    propose(next, value(6), CY_NO_ROUND);
    said(CY_VOTE_PREVOTE, next, nil_);
    assert_non_null(cy_agree_votes(&agree_, 1));
    assert_true(cy_agree_votes(&agree_, 1)->votes[0][3].here);
}

/* However many rounds pass and whatever is said about others, what is needed is kept. */
static void what_is_needed_is_kept(void **s)
{
    uint32_t next = 0;
    uint32_t first = 0;

    (void)s;
    start();
    first = locked_then(&next);
    for (uint32_t round = next + 1; round < 200; round++) {
        hear(3, CY_VOTE_PREVOTE, round + 500, nil_);
        hear(1, CY_VOTE_PREVOTE, round, nil_);
        hear(2, CY_VOTE_PREVOTE, round, nil_);
        hear(3, CY_VOTE_PREVOTE, round - 1, value(9));
        assert_int_equal(agree_.round, round);
        assert_non_null(cy_agree_votes(&agree_, round));
        assert_non_null(cy_agree_votes(&agree_, first));
    }
    assert_int_equal(agree_.locked_round, first);
}

/* Everybody's turn comes, by weight in the first rounds of heights, in order within a height. */
static void turns(void **s)
{
    const struct cy_agree_member three[3] = {{.weight = 1}, {.weight = 2}, {.weight = 7}};
    unsigned first[3] = {0};

    (void)s;
    for (uint64_t height = 1; height <= 5000; height++) {
        cy_agree_begin(&agree_, three, 3, 3, height);
        first[proposer(0)]++;
        assert_int_equal(proposer(1), (proposer(0) + 1) % 3);
        assert_int_equal(proposer(2), (proposer(0) + 2) % 3);
        assert_int_equal(proposer(3), proposer(0));
    }
    assert_in_range(first[0], 400, 600);
    assert_in_range(first[1], 850, 1150);
    assert_in_range(first[2], 3300, 3700);
}

/* More than two thirds, exactly. */
static void quorums(void **s)
{
    const struct cy_agree_member heavy[2] = {{.weight = ((uint64_t)1 << 56) - 1}, {.weight = 1}};

    (void)s;
    assert_false(cy_agree_quorum(&agree_, 2));
    assert_true(cy_agree_quorum(&agree_, 3));
    cy_agree_begin(&agree_, four_, 3, 0, 1);
    assert_false(cy_agree_quorum(&agree_, 2)); /* 2 of 3 are two thirds, not more */
    assert_true(cy_agree_quorum(&agree_, 3));
    cy_agree_begin(&agree_, heavy, 2, 0, 1);
    assert_true(cy_agree_quorum(&agree_, ((uint64_t)1 << 56) - 1));
    assert_false(cy_agree_quorum(&agree_, 1));
}

/* Half of the weight stands on either side of the median; liars below a third cannot leave the
 * range of the honest. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_round_begins, begin),
        cmocka_unit_test_setup(the_proposer_offers, begin),
        cmocka_unit_test_setup(a_proposal_is_answered, begin),
        cmocka_unit_test_setup(a_quorum_locks, begin),
        cmocka_unit_test_setup(a_lock_is_kept, begin),
        cmocka_unit_test_setup(a_newer_quorum_unlocks, begin),
        cmocka_unit_test_setup(an_older_quorum_does_not, begin),
        cmocka_unit_test_setup(a_late_quorum_is_valid_only, begin),
        cmocka_unit_test_setup(nil_and_timeouts, begin),
        cmocka_unit_test_setup(split_prevotes_are_waited_for, begin),
        cmocka_unit_test_setup(a_quorum_decides, begin),
        cmocka_unit_test_setup(what_is_invalid_is_never_decided, begin),
        cmocka_unit_test_setup(a_third_takes_us_along, begin),
        cmocka_unit_test_setup(two_votes_convict, begin),
        cmocka_unit_test_setup(a_second_prevote_counts_where_a_proposal_rests_on_it, begin),
        cmocka_unit_test_setup(a_certificate_decides, begin),
        cmocka_unit_test_setup(what_is_refused, begin),
        cmocka_unit_test_setup(a_restart_remembers, begin),
        cmocka_unit_test_setup(what_is_needed_is_kept, begin),
        cmocka_unit_test_setup(turns, begin),
        cmocka_unit_test_setup(quorums, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

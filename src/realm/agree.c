#include "realm/agree.h"

#include "crypto/hash.h"

static const struct cy_id nil;

#define AHEAD_MAX 3u /* rounds ahead of ours whose votes are kept */
_Static_assert(1 + AHEAD_MAX + 3 < CY_AGREE_ROUNDS, "what is needed always finds a place");

/* --- weights --- */

bool cy_agree_quorum(const struct cy_agree *agree, uint64_t weight)
{
    return (cy_u128)weight * 3 > (cy_u128)agree->weight * 2;
}

/* More than the faulty ones can have: at least one honest member is among them. */
static bool some_honest(const struct cy_agree *agree, uint64_t weight)
{
    return (cy_u128)weight * 3 >= agree->weight;
}

/* The weight behind a value in one step of a round; any: whatever they voted. */
static uint64_t behind(const struct cy_agree *agree, const struct cy_agree_round *round,
                       enum cy_vote_step step, const struct cy_id *value, bool any)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < agree->n; i++) {
        const struct cy_agree_ballot *ballot = &round->votes[step][i];

        if (ballot->here && (any || cy_id_eq(&ballot->value, value)))
            sum += agree->members[i].weight;
    }
    return sum;
}

/* The value, not nil, that a quorum voted for in this step; NULL when there is none. */
static const struct cy_id *chosen(const struct cy_agree *agree, const struct cy_agree_round *round,
                                  enum cy_vote_step step)
{
    for (uint32_t i = 0; i < agree->n; i++) {
        const struct cy_agree_ballot *ballot = &round->votes[step][i];

        if (ballot->here && !cy_id_none(&ballot->value) &&
            cy_agree_quorum(agree, behind(agree, round, step, &ballot->value, false)))
            return &ballot->value;
    }
    return NULL;
}

uint32_t cy_agree_proposer(const struct cy_agree *agree, uint32_t round)
{
    uint8_t bytes[8];
    struct cy_id digest;
    uint64_t at = 0;
    uint32_t i = 0;

    for (unsigned b = 0; b < 8; b++)
        bytes[b] = (uint8_t)(agree->height >> (56 - 8 * b));
    digest = cy_sha256(cy_span_of(bytes, sizeof bytes));
    for (unsigned b = 0; b < 8; b++)
        at = at << 8 | digest.b[b];
    at %= agree->weight;
    while (at >= agree->members[i].weight)
        at -= agree->members[i++].weight;
    return (uint32_t)(((uint64_t)i + round) % agree->n);
}

/* --- rounds that are kept --- */

const struct cy_agree_round *cy_agree_votes(const struct cy_agree *agree, uint32_t round)
{
    for (unsigned i = 0; i < CY_AGREE_ROUNDS; i++) {
        if (agree->rounds[i].round == round)
            return &agree->rounds[i];
    }
    return NULL;
}

static struct cy_agree_round *kept(struct cy_agree *agree, uint32_t round)
{
    const struct cy_agree_round *at = cy_agree_votes(agree, round);

    return at == NULL ? NULL : &agree->rounds[at - agree->rounds];
}

/* The round that we are in: it always has a place. */
static struct cy_agree_round *present(struct cy_agree *agree)
{
    struct cy_agree_round *round = kept(agree, agree->round);

    CY_ASSERT(round != NULL);
    return round;
}

/* Rounds whose votes may still be needed: the lock's, the valid value's, and the one that the
 * present proposal refers to. */
static bool needed(struct cy_agree *agree, uint32_t round)
{
    const struct cy_agree_round *now = kept(agree, agree->round);

    return round == agree->round || round == agree->locked_round || round == agree->valid_round ||
           (now != NULL && now->proposed && round == now->proposal.after);
}

/* The oldest round that is over and not needed. */
static struct cy_agree_round *oldest(struct cy_agree *agree)
{
    struct cy_agree_round *found = NULL;

    for (unsigned i = 0; i < CY_AGREE_ROUNDS; i++) {
        struct cy_agree_round *r = &agree->rounds[i];

        if (r->round < agree->round && !needed(agree, r->round) &&
            (found == NULL || r->round < found->round))
            found = r;
    }
    return found;
}

/* Where votes of a round are kept: its own place, a free one, or that of the oldest round that is
 * over. What is needed and what is a few rounds ahead always has one; of the others an older round
 * never takes a newer one's. NULL: there is none. */
static struct cy_agree_round *keep(struct cy_agree *agree, uint32_t round)
{
    struct cy_agree_round *place = kept(agree, round);

    if (place != NULL || (round > agree->round && round - agree->round > AHEAD_MAX))
        return place;
    place = kept(agree, CY_NO_ROUND);
    if (place == NULL)
        place = oldest(agree);
    if (place == NULL ||
        (place->round != CY_NO_ROUND && place->round > round && !needed(agree, round)))
        return NULL;
    memset(place, 0, sizeof *place);
    place->round = round;
    return place;
}

/* --- values whose content is here --- */

static const struct cy_agree_value *known(const struct cy_agree *agree, const struct cy_id *id)
{
    const uint32_t n = agree->n_values < CY_AGREE_VALUES ? agree->n_values : CY_AGREE_VALUES;

    for (uint32_t i = 0; i < n; i++) {
        if (cy_id_eq(&agree->values[i].id, id))
            return &agree->values[i];
    }
    return NULL;
}

static void learn(struct cy_agree *agree, const struct cy_id *id, bool valid)
{
    if (known(agree, id) != NULL)
        return;
    agree->values[agree->n_values++ % CY_AGREE_VALUES] =
        (struct cy_agree_value){.id = *id, .valid = valid};
}

/* Whether the content is here and valid; asks for it when it is not here. */
static bool valid(const struct cy_agree *agree, const struct cy_id *id,
                  struct cy_agree_update *update)
{
    const struct cy_agree_value *value = known(agree, id);

    if (value == NULL && cy_id_none(&update->want))
        update->want = *id;
    return value != NULL && value->valid;
}

/* --- what is said --- */

static void say(struct cy_agree *agree, struct cy_agree_update *update, enum cy_vote_step step,
                const struct cy_id *value, uint32_t after)
{
    if (agree->self == agree->n)
        return;
    CY_ASSERT(update->n_say < CY_COUNT(update->say));
    update->say[update->n_say++] = (struct cy_vote){.height = agree->height,
                                                    .round = agree->round,
                                                    .step = step,
                                                    .after = after,
                                                    .value = *value};
}

static void set_timer(struct cy_agree_update *update, enum cy_vote_step step, uint32_t round)
{
    CY_ASSERT(update->n_timers < CY_COUNT(update->timers));
    update->timers[update->n_timers++] = (struct cy_agree_timer){step, round};
}

static void prevote(struct cy_agree *agree, struct cy_agree_update *update,
                    const struct cy_id *value)
{
    agree->step = CY_VOTE_PREVOTE;
    say(agree, update, CY_VOTE_PREVOTE, value, CY_NO_ROUND);
}

static void precommit(struct cy_agree *agree, struct cy_agree_update *update,
                      const struct cy_id *value)
{
    agree->step = CY_VOTE_PRECOMMIT;
    say(agree, update, CY_VOTE_PRECOMMIT, value, CY_NO_ROUND);
}

/* --- the rules; numbers are lines of algorithm 1 in the paper --- */

/* 11: a round begins. The proposer offers the valid value again, or a new one. */
static void begin_round(struct cy_agree *agree, uint32_t round, struct cy_agree_update *update)
{
    agree->round = round;
    agree->step = CY_VOTE_PROPOSE;
    agree->asked = false;
    update->offer = false;
    CY_ASSERT(keep(agree, round) != NULL);
    /* also when it is our turn: there may be nothing to offer, or our key may refuse to sign */
    set_timer(update, CY_VOTE_PROPOSE, round);
    if (cy_agree_proposer(agree, round) != agree->self)
        return;
    if (agree->valid_round != CY_NO_ROUND) {
        say(agree, update, CY_VOTE_PROPOSE, &agree->valid, agree->valid_round);
    } else {
        agree->asked = true;
        update->offer = true;
    }
}

/* 22, 28: prevote for what is proposed, or for nil. */
static bool answer_proposal(struct cy_agree *agree, struct cy_agree_update *update)
{
    const struct cy_agree_round *round = present(agree);
    const struct cy_vote *proposal = &round->proposal;
    const struct cy_agree_round *before = NULL;
    bool free_to = false;
    bool good = false;

    if (agree->step != CY_VOTE_PROPOSE || !round->proposed)
        return false;
    if (proposal->after == CY_NO_ROUND) {
        free_to = agree->locked_round == CY_NO_ROUND;
    } else {
        before = kept(agree, proposal->after);
        if (before == NULL || !cy_agree_quorum(agree, behind(agree, before, CY_VOTE_PREVOTE,
                                                             &proposal->value, false))) {
            update->want_round = proposal->after;
            return false;
        }
        free_to = agree->locked_round == CY_NO_ROUND || agree->locked_round <= proposal->after;
    }
    free_to = free_to || cy_id_eq(&agree->locked, &proposal->value);
    good = valid(agree, &proposal->value, update);
    if (known(agree, &proposal->value) == NULL)
        return false; /* not judged yet; the timer runs */
    prevote(agree, update, free_to && good ? &proposal->value : &nil);
    return true;
}

/* 36: a quorum prevoted a value that is here: lock it, precommit it; 44: or nil. */
static bool answer_prevotes(struct cy_agree *agree, struct cy_agree_update *update)
{
    const struct cy_agree_round *round = present(agree);
    const struct cy_id *value = chosen(agree, round, CY_VOTE_PREVOTE);

    if (agree->step == CY_VOTE_PROPOSE)
        return false;
    if (value != NULL && agree->valid_round != agree->round && valid(agree, value, update)) {
        agree->valid = *value;
        agree->valid_round = agree->round;
        if (agree->step == CY_VOTE_PREVOTE) {
            agree->locked = *value;
            agree->locked_round = agree->round;
            precommit(agree, update, value);
        }
        return true;
    }
    if (agree->step == CY_VOTE_PREVOTE &&
        cy_agree_quorum(agree, behind(agree, round, CY_VOTE_PREVOTE, &nil, false))) {
        precommit(agree, update, &nil);
        return true;
    }
    return false;
}

/* 34, 47: a quorum has spoken, but not for one value: wait a while for the others, once. */
static void wait_for_others(struct cy_agree *agree, struct cy_agree_update *update)
{
    struct cy_agree_round *round = present(agree);

    if (agree->step == CY_VOTE_PREVOTE && !round->waited_prevotes &&
        cy_agree_quorum(agree, behind(agree, round, CY_VOTE_PREVOTE, &nil, true))) {
        round->waited_prevotes = true;
        set_timer(update, CY_VOTE_PREVOTE, agree->round);
    }
    if (!round->waited_precommits &&
        cy_agree_quorum(agree, behind(agree, round, CY_VOTE_PRECOMMIT, &nil, true))) {
        round->waited_precommits = true;
        set_timer(update, CY_VOTE_PRECOMMIT, agree->round);
    }
}

/* 49: a quorum precommitted a value that is here, in any round. */
static bool decide(struct cy_agree *agree, struct cy_agree_update *update)
{
    for (unsigned i = 0; i < CY_AGREE_ROUNDS; i++) {
        const struct cy_agree_round *round = &agree->rounds[i];
        const struct cy_id *value =
            round->round == CY_NO_ROUND ? NULL : chosen(agree, round, CY_VOTE_PRECOMMIT);

        if (value == NULL || !valid(agree, value, update))
            continue;
        agree->decided = true;
        agree->decision = *value;
        agree->decided_round = round->round;
        update->decided = true;
        return true;
    }
    return false;
}

/* 55: members of whom one must be honest are in a later round: go there. */
static bool skip(struct cy_agree *agree, struct cy_agree_update *update)
{
    uint32_t best = agree->round;

    for (uint32_t i = 0; i < agree->n; i++) {
        uint64_t sum = 0;

        if (agree->heard[i] <= best + 1)
            continue;
        for (uint32_t j = 0; j < agree->n; j++) {
            if (agree->heard[j] >= agree->heard[i])
                sum += agree->members[j].weight;
        }
        if (some_honest(agree, sum))
            best = agree->heard[i] - 1;
    }
    if (best == agree->round)
        return false;
    begin_round(agree, best, update);
    return true;
}

/* Rules until none fires. Each firing moves the step, the round or the valid value on, so that it
 * ends: at most three for each round. */
static void settle(struct cy_agree *agree, struct cy_agree_update *update)
{
    bool more = true;

    while (more && !agree->decided) {
        more = decide(agree, update);
        more = more || skip(agree, update);
        more = more || answer_proposal(agree, update);
        more = more || answer_prevotes(agree, update);
    }
    if (!agree->decided)
        wait_for_others(agree, update);
}

/* --- events --- */

static void convict(struct cy_agree_update *update, uint32_t member, const struct cy_vote *first,
                    const uint8_t first_signature[64], const struct cy_agree_event *event)
{
    update->convicted = true;
    update->evidence.member = member;
    update->evidence.votes[0] = *first;
    update->evidence.votes[1] = *event->vote;
    memcpy(update->evidence.signatures[0], first_signature, 64);
    memcpy(update->evidence.signatures[1], event->signature, 64);
}

static void take_proposal(struct cy_agree_round *round, const struct cy_agree_event *event,
                          struct cy_agree_update *update)
{
    if (round->proposed) {
        if (cy_vote_conflict(&round->proposal, event->vote))
            convict(update, event->member, &round->proposal, round->proposal_signature, event);
        return;
    }
    round->proposed = true;
    round->proposal = *event->vote;
    round->proposal.origin = (struct cy_span){0};
    memcpy(round->proposal_signature, event->signature, 64);
}

/* Whether a second, other prevote of a traitor is taken in place of the first: the present proposal
 * rests on a quorum for this value in that round, which others saw with this very vote in it. It
 * never takes the place of what proves our own valid value. */
static bool rests_on(struct cy_agree *agree, const struct cy_agree_round *round,
                     const struct cy_agree_ballot *had, const struct cy_vote *vote)
{
    const struct cy_agree_round *now = kept(agree, agree->round);

    if (vote->step != CY_VOTE_PREVOTE || now == NULL || !now->proposed ||
        now->proposal.after != round->round || !cy_id_eq(&now->proposal.value, &vote->value))
        return false;
    return round->round != agree->valid_round || !cy_id_eq(&had->value, &agree->valid);
}

static void take_ballot(struct cy_agree *agree, struct cy_agree_round *round,
                        const struct cy_agree_event *event, struct cy_agree_update *update)
{
    const struct cy_vote *vote = event->vote;
    struct cy_agree_ballot *ballot = &round->votes[vote->step][event->member];

    if (ballot->here) {
        const struct cy_vote before = {.origin = vote->origin,
                                       .height = vote->height,
                                       .round = vote->round,
                                       .step = vote->step,
                                       .after = CY_NO_ROUND,
                                       .value = ballot->value,
                                       .time = ballot->time};

        if (!cy_vote_conflict(&before, vote))
            return;
        convict(update, event->member, &before, ballot->signature, event);
        if (!rests_on(agree, round, ballot, vote))
            return;
    }
    ballot->here = true;
    ballot->value = vote->value;
    ballot->time = vote->time;
    memcpy(ballot->signature, event->signature, 64);
}

static cy_err take_vote(struct cy_agree *agree, const struct cy_agree_event *event,
                        struct cy_agree_update *update)
{
    const struct cy_vote *vote = event->vote;
    struct cy_agree_round *round = NULL;

    CY_ASSERT(event->member < agree->n);
    if (vote->height != agree->height)
        return cy_fail(CY_E_OTHER_HEIGHT, agree->height);
    if (vote->step == CY_VOTE_PROPOSE &&
        (cy_agree_proposer(agree, vote->round) != event->member || cy_id_none(&vote->value) ||
         (vote->after != CY_NO_ROUND && vote->after >= vote->round)))
        return cy_fail(CY_E_NOT_PROPOSER, vote->round);
    if (agree->heard[event->member] < vote->round + 1)
        agree->heard[event->member] = vote->round + 1;
    round = keep(agree, vote->round);
    if (round == NULL)
        return CY_OK; /* its round is remembered, and lets us skip there */
    if (vote->step == CY_VOTE_PROPOSE)
        take_proposal(round, event, update);
    else
        take_ballot(agree, round, event, update);
    return CY_OK;
}

/* What others decided: precommits of a quorum for one value in one round. Traitors among them may
 * have told us something else; the quorum's votes take that place. */
static cy_err take_certificate(struct cy_agree *agree, const struct cy_agree_certificate *c)
{
    struct cy_agree_round *round = NULL;
    uint64_t weight = 0;
    uint64_t seen = 0;

    if (c->height != agree->height)
        return cy_fail(CY_E_OTHER_HEIGHT, agree->height);
    for (uint32_t i = 0; i < c->n; i++) {
        const uint32_t member = c->ballots[i].member;

        if (member >= agree->n || (seen >> member & 1) != 0)
            return cy_fail(CY_E_BAD_CERTIFICATE, i);
        seen |= (uint64_t)1 << member;
        weight += agree->members[member].weight;
    }
    if (!cy_agree_quorum(agree, weight) || cy_id_none(&c->value))
        return cy_fail(CY_E_BAD_CERTIFICATE, c->n);
    if (c->round > agree->round)
        agree->round = c->round;
    round = keep(agree, c->round);
    if (round == NULL) {
        round = &agree->rounds[0]; /* whatever it held, the height is decided */
        memset(round, 0, sizeof *round);
        round->round = c->round;
    }
    for (uint32_t i = 0; i < c->n; i++) {
        struct cy_agree_ballot *ballot = &round->votes[CY_VOTE_PRECOMMIT][c->ballots[i].member];

        ballot->here = true;
        ballot->value = c->value;
        ballot->time = c->ballots[i].time;
        memcpy(ballot->signature, c->ballots[i].signature, 64);
    }
    return CY_OK;
}

/* 57, 61, 65. */
static void take_timeout(struct cy_agree *agree, const struct cy_agree_event *event,
                         struct cy_agree_update *update)
{
    if (!agree->started || event->round != agree->round)
        return;
    switch (event->step) {
    case CY_VOTE_PROPOSE:
        if (agree->step == CY_VOTE_PROPOSE)
            prevote(agree, update, &nil);
        break;
    case CY_VOTE_PREVOTE:
        if (agree->step == CY_VOTE_PREVOTE)
            precommit(agree, update, &nil);
        break;
    case CY_VOTE_PRECOMMIT:
        if (agree->round + 1 < CY_NO_ROUND)
            begin_round(agree, agree->round + 1, update);
        break;
    }
}

void cy_agree_begin(struct cy_agree *agree, const struct cy_agree_member *members, uint32_t n,
                    uint32_t self, uint64_t height)
{
    CY_ASSERT(n > 0 && n <= CY_AGREE_MEMBERS_MAX && self <= n);
    memset(agree, 0, sizeof *agree);
    agree->members = members;
    agree->n = n;
    agree->self = self;
    agree->height = height;
    agree->step = CY_VOTE_PROPOSE;
    agree->locked_round = CY_NO_ROUND;
    agree->valid_round = CY_NO_ROUND;
    agree->decided_round = CY_NO_ROUND;
    for (uint32_t i = 0; i < n; i++) {
        CY_ASSERT(members[i].weight > 0 && members[i].weight < (uint64_t)1 << 56);
        agree->weight += members[i].weight;
    }
    for (unsigned i = 0; i < CY_AGREE_ROUNDS; i++)
        agree->rounds[i].round = CY_NO_ROUND;
}

void cy_agree_restore(struct cy_agree *agree, uint32_t round, uint32_t locked_round,
                      const struct cy_id *locked)
{
    agree->round = round;
    agree->locked_round = locked_round;
    agree->locked = *locked;
    agree->valid_round = locked_round;
    agree->valid = *locked;
}

cy_err cy_agree_step(struct cy_agree *agree, const struct cy_agree_event *event,
                     struct cy_agree_update *update)
{
    memset(update, 0, sizeof *update);
    update->want_round = CY_NO_ROUND;
    switch (event->kind) {
    case CY_AGREE_START:
        agree->started = true;
        begin_round(agree, agree->round, update);
        break;
    case CY_AGREE_VOTE: CY_TRY(take_vote(agree, event, update)); break;
    case CY_AGREE_CERTIFICATE: CY_TRY(take_certificate(agree, event->certificate)); break;
    case CY_AGREE_VALUE: learn(agree, &event->value, event->valid); break;
    case CY_AGREE_OFFER:
        learn(agree, &event->value, true);
        if (agree->asked && agree->step == CY_VOTE_PROPOSE)
            say(agree, update, CY_VOTE_PROPOSE, &event->value, CY_NO_ROUND);
        agree->asked = false;
        break;
    case CY_AGREE_TIMEOUT: take_timeout(agree, event, update); break;
    }
    if (agree->started)
        settle(agree, update);
    return CY_OK;
}

/* --- the decision --- */

void cy_agree_certificate(const struct cy_agree *agree, struct cy_agree_certificate *out)
{
    *out = (struct cy_agree_certificate){
        .height = agree->height, .round = agree->decided_round, .value = agree->decision};
    for (unsigned r = 0; agree->decided && r < CY_AGREE_ROUNDS; r++) {
        const struct cy_agree_round *round = &agree->rounds[r];

        for (uint32_t i = 0; round->round == agree->decided_round && i < agree->n; i++) {
            const struct cy_agree_ballot *ballot = &round->votes[CY_VOTE_PRECOMMIT][i];

            if (!ballot->here || !cy_id_eq(&ballot->value, &agree->decision))
                continue;
            out->ballots[out->n].member = i;
            out->ballots[out->n].time = ballot->time;
            memcpy(out->ballots[out->n++].signature, ballot->signature, 64);
        }
    }
}

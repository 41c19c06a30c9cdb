/* agree: members agree on one value for one height, though less than a third of their weight lies,
 * sleeps or is cut off. Tendermint (Buchman, Kwon, Milosevic, arXiv 1807.04938, algorithm 1),
 * without IO.
 *
 *     round:  propose ---> prevote ---> precommit ---> decided
 *                \____________\____________\___ timeout or skip: the next round
 *
 *     step(event) -> update:  votes to sign and send, timers to set, values to fetch, evidence
 *
 * A value is known here by its digest only: the caller holds the content, judges it and says
 * whether it is valid. A vote is counted when it comes in signed, one's own like all others: the
 * key is in another process, which remembers what it signed and refuses a vote that conflicts.
 * Signatures are checked before a vote comes here.
 *
 * Where the paper waits for the proposal's message, this waits for a quorum of votes for the value
 * and its content: a proposer who sends different proposals to different members cannot keep any
 * of them from deciding with the others.
 *
 * Rounds that are kept are bounded: votes of rounds far ahead or long over are dropped, but for
 * where their senders stand; whoever needs them asks again.
 *
 * Owns: the state of one member at one height. Never: signs, waits, allocates, reads a clock. */
#ifndef CY_REALM_AGREE_H
#define CY_REALM_AGREE_H

#include "wire/vote.h"

#define CY_AGREE_MEMBERS_MAX 64u
#define CY_AGREE_ROUNDS 8u  /* whose votes are kept at once */
#define CY_AGREE_VALUES 32u /* whose content is known */

struct cy_agree_member {
    struct cy_id key; /* of its votes */
    uint64_t weight;  /* the sum of all is below 2^62 */
};

/* A vote that was counted. */
struct cy_agree_ballot {
    struct cy_id value; /* none: nil */
    cy_time time;
    uint8_t signature[64];
    bool here;
};

struct cy_agree_round {
    uint32_t round; /* CY_NO_ROUND: this place is free */
    bool proposed;
    bool waited_prevotes; /* its timers were set, once each */
    bool waited_precommits;
    struct cy_vote proposal;
    uint8_t proposal_signature[64];
    struct cy_agree_ballot votes[2][CY_AGREE_MEMBERS_MAX]; /* prevotes, precommits */
};

struct cy_agree_value {
    struct cy_id id;
    bool valid;
};

struct cy_agree {
    const struct cy_agree_member *members; /* in the order of the constitution */
    uint32_t n;
    uint32_t self; /* index; n: only watches */
    uint64_t weight;
    uint64_t height;
    uint32_t round;
    enum cy_vote_step step;
    /* the last value precommitted, and the last that could have been */
    uint32_t locked_round;
    struct cy_id locked;
    uint32_t valid_round;
    struct cy_id valid;
    bool started; /* before START events are taken in, and nothing is said */
    bool decided;
    bool asked; /* for a value to propose in this round */
    uint32_t decided_round;
    struct cy_id decision;
    uint32_t heard[CY_AGREE_MEMBERS_MAX]; /* 1 + the highest round a member spoke in; 0 nothing */
    struct cy_agree_value values[CY_AGREE_VALUES];
    uint32_t n_values; /* ever seen: the newest stand at n_values modulo CY_AGREE_VALUES */
    struct cy_agree_round rounds[CY_AGREE_ROUNDS];
};

/* Precommits of a quorum for one value. */
struct cy_agree_certificate {
    uint64_t height;
    uint32_t round;
    struct cy_id value;
    uint32_t n;
    struct {
        uint32_t member; /* ascending when made here */
        cy_time time;
        uint8_t signature[64];
    } ballots[CY_AGREE_MEMBERS_MAX];
};

enum cy_agree_kind {
    CY_AGREE_START,       /* begin, or begin again after a restart */
    CY_AGREE_VOTE,        /* a signed proposal, prevote or precommit, whose signature was checked */
    CY_AGREE_CERTIFICATE, /* what others decided, its signatures checked: how one catches up */
    CY_AGREE_VALUE,       /* the content of a value is here and was judged */
    CY_AGREE_OFFER,       /* the value to propose, asked for by update.offer; its content is here */
    CY_AGREE_TIMEOUT,     /* a timer of update.timers ran out */
};

struct cy_agree_event {
    enum cy_agree_kind kind;
    const struct cy_vote *vote;                     /* VOTE */
    uint32_t member;                                /* VOTE: its index */
    const uint8_t *signature;                       /* VOTE: 64 bytes */
    const struct cy_agree_certificate *certificate; /* CERTIFICATE */
    struct cy_id value;                             /* VALUE, OFFER */
    bool valid;                                     /* VALUE */
    enum cy_vote_step step;                         /* TIMEOUT */
    uint32_t round;                                 /* TIMEOUT */
};

/* Two signed votes of one member that no honest member signs both. */
struct cy_agree_evidence {
    uint32_t member;
    struct cy_vote votes[2];
    uint8_t signatures[2][64];
};

struct cy_agree_timer {
    enum cy_vote_step step;
    uint32_t round;
};

/* What is to be done after a step. */
struct cy_agree_update {
    struct cy_vote
        say[4]; /* to sign, send to all and give back as VOTE; origin and time are empty */
    uint32_t n_say;
    struct cy_agree_timer timers[6]; /* to set; longer in later rounds, so that they end */
    uint32_t n_timers;
    bool offer;          /* a value to propose is wanted: give it by OFFER */
    struct cy_id want;   /* content to fetch and give by VALUE; none: nothing is missing */
    uint32_t want_round; /* whose prevotes to ask for: the proposal rests on them; or CY_NO_ROUND */
    bool convicted;      /* evidence is filled */
    struct cy_agree_evidence evidence;
    bool decided; /* in this step: decision and decided_round are set */
};

/* cy_agree_begin prepares the state for one height. Members' array is borrowed. Weights are
 * positive. After a restart in the middle of a height the caller restores what the member's key
 * remembers (cy_agree_restore) and gives START. */
void cy_agree_begin(struct cy_agree *agree, const struct cy_agree_member *members, uint32_t n,
                    uint32_t self, uint64_t height);

/* cy_agree_restore sets where this member stood before it restarted: the round of its last vote,
 * and the last value that it precommitted (CY_NO_ROUND: none). Without it a member could vote
 * against its own lock, and two of them could undo a decision. The prevotes that its lock rests on
 * (cy_agree_votes) must be on disk before such a precommit leaves, and are given again as VOTE
 * before START: whoever holds a lock that nobody can check holds everybody up. */
void cy_agree_restore(struct cy_agree *agree, uint32_t round, uint32_t locked_round,
                      const struct cy_id *locked);

/* cy_agree_votes is what is kept of a round, NULL when nothing is. */
const struct cy_agree_round *cy_agree_votes(const struct cy_agree *agree, uint32_t round);

/* cy_agree_step takes one event in. Fails with OTHER_HEIGHT, NOT_PROPOSER,
 * BAD_CERTIFICATE: refusals of what came; nothing has changed then. */
CY_MUST_USE cy_err cy_agree_step(struct cy_agree *agree, const struct cy_agree_event *event,
                                 struct cy_agree_update *update);

/* cy_agree_proposer is the member whose turn it is to propose: in round 0 drawn by weight from a
 * digest of the height (the same for everybody, known in advance), in later rounds the next ones
 * in order, so that everybody's turn comes within n rounds. */
uint32_t cy_agree_proposer(const struct cy_agree *agree, uint32_t round);

/* cy_agree_quorum says that this weight is more than two thirds of all. Any two quorums share more
 * than a third: a member that is honest. */
bool cy_agree_quorum(const struct cy_agree *agree, uint64_t weight);

/* cy_agree_certificate gives what proves the decision; n is 0 before there is one. */
void cy_agree_certificate(const struct cy_agree *agree, struct cy_agree_certificate *out);

#endif

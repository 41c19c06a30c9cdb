/* vote: what a member of a federation signs to agree: a proposal, a prevote or a precommit.
 *
 *     comity-vote/v1            a signed note (note.h), so that any tool that opens notes
 *     ORIGIN                    shows who said what. Two of them that differ in the value
 *     height 7                  alone convict their signer.
 *     round 0
 *     prevote | precommit | propose after ROUND | propose
 *     BASE64 of the value's digest | nil
 *     time 1767225600000
 *
 * Owns: the text. Never: decides which votes are honest (agree.h, and the signer's memory, do). */
#ifndef CY_WIRE_VOTE_H
#define CY_WIRE_VOTE_H

#include "base/date.h"

#define CY_NO_ROUND UINT32_MAX
#define CY_VOTE_TEXT_MAX 512u

enum cy_vote_step { CY_VOTE_PREVOTE, CY_VOTE_PRECOMMIT, CY_VOTE_PROPOSE };

struct cy_vote {
    struct cy_span origin; /* of the federation's ledger: 1 to 255 bytes, no newline */
    uint64_t height;
    uint32_t round; /* below CY_NO_ROUND */
    enum cy_vote_step step;
    uint32_t after; /* PROPOSE: the round in which a quorum prevoted the value, or CY_NO_ROUND */
    struct cy_id value; /* none: nil, which no proposal is */
    cy_time time;       /* ms: what the member's clock showed */
};

/* The value that a member precommitted last in a height: what it is locked on. */
struct cy_vote_lock {
    uint32_t round; /* CY_NO_ROUND: none */
    struct cy_id value;
};

/* What a vote key remembers. */
struct cy_vote_last {
    bool any;
    uint64_t height;
    uint32_t round; /* CY_NO_ROUND: votes up to this height may have been given elsewhere */
    enum cy_vote_step step;
    struct cy_vote_lock lock;
};

/* cy_vote_write adds the text, at most CY_VOTE_TEXT_MAX bytes. */
void cy_vote_write(struct cy_text *out, const struct cy_vote *vote);

/* cy_vote_read reads exactly what cy_vote_write writes. The origin points into the text. Fails with
 * BAD_VOTE; detail: the line, from 1. */
CY_MUST_USE cy_err cy_vote_read(struct cy_span text, struct cy_vote *out);

/* cy_vote_conflict says that nobody honest signs both: same ledger, height, round and step, other
 * value (or for proposals another round to follow). The signers are compared by the caller. */
bool cy_vote_conflict(const struct cy_vote *a, const struct cy_vote *b);

#endif

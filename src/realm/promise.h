/* promise: what a member's node must not forget when its machine stops.
 *
 *      decided: certificate of the height that was decided last, and its block, before the first
 * act of it is journaled: so a block is never half in a ledger for good, and somebody can always
 * show why the last height stands locked:  the value that it precommits next, the prevotes which
 * that rests on, and its block, before that precommit leaves: so that a federation whose members
 * all lose power at once goes on with what some of them may have decided
 *
 * One file, `agreement`, replaced as a whole: "CYAGREE1" || SHA-256 of the rest || the rest. A file
 * that is damaged is as none: the memory of the vote key is the second net (vote_last).
 *
 * Owns: the file agreement and fresh/agreement. */
#ifndef CY_REALM_PROMISE_H
#define CY_REALM_PROMISE_H

#include "ledger/disk.h"
#include "realm/voters.h"

#define CY_PROMISE_FILE "agreement"
#define CY_PROMISE_BYTES (CY_BLOCK_BYTES_MAX + 8192u)

struct cy_promise {
    struct cy_certificate decided; /* height 0: none */
    uint64_t cosigned;             /* size of the head that was cosigned last */
    /* in the height under way */
    uint64_t height; /* 0: nothing is promised */
    uint32_t locked_round;
    struct cy_id locked;
    uint32_t n; /* prevotes for it in that round */
    struct {
        uint32_t seat;
        cy_time time;
        uint8_t signature[64];
    } prevotes[CY_SEATS_MAX];
    struct cy_span block; /* of the decided height, or of the lock; may be empty; borrowed */
};

/* cy_promise_save makes it durable; scratch has CY_PROMISE_BYTES. Trouble: the old file stands, or
 * the new one. */
CY_MUST_USE cy_err cy_promise_save(const struct cy_disk *disk, const struct cy_promise *promise,
                                   uint8_t *scratch);

/* cy_promise_load reads it; the block borrows from scratch. Without a file everything is empty.
 * Fails with AGREEMENT_DAMAGED (everything is empty then, too) or trouble. */
CY_MUST_USE cy_err cy_promise_load(const struct cy_disk *disk, struct cy_promise *out,
                                   uint8_t *scratch);

#endif

/* agreement: what proves that a federation's members agreed on a head. Pure: the kernel, every
 * node and every verifier check the same.
 *
 *      head (origin, size, root) --checkpoint text--> SHA-256: the value
 *      precommits of that value, one height, one round, by voters with more than 2/3 of the weight
 *          --> the head is agreed, and it is the weighted median of their times
 *
 * Two such quorums share more than a third of the weight: for two heads of one height that much
 * would have to vote twice, and two votes convict (convict.h).
 *
 * Owns: nothing. Never: knows who the voters are (the roll does). */
#ifndef CY_KERNEL_AGREEMENT_H
#define CY_KERNEL_AGREEMENT_H

#include "kernel/act.h"

#define CY_ROLL_SEATS_MAX 16u

/* Who votes in a height. */
struct cy_agreement_voter {
    uint32_t seat;
    uint32_t weight; /* positive */
    struct cy_id key;
};

struct cy_agreement_voters {
    uint32_t n;
    struct cy_agreement_voter voter[CY_ROLL_SEATS_MAX]; /* seats ascending */
};

/* A head and where it was agreed on. */
struct cy_agreement_head {
    struct cy_span origin;
    uint64_t height;
    uint32_t round;
    uint64_t size;
    struct cy_id root;
};

/* cy_agreement_value is what is voted on: SHA-256 of the head's checkpoint text. */
struct cy_id cy_agreement_value(struct cy_span origin, uint64_t size, const struct cy_id *root);

/* cy_agreement_quorum says that this weight is more than two thirds of the voters'. */
bool cy_agreement_quorum(const struct cy_agreement_voters *voters, uint64_t weight);

/* cy_agreement_check says that the ballots agree on the head; *time is their weighted median, the
 * lower one where two would do. Ballots come with seats ascending. Fails with BAD_BALLOT (detail:
 * which: not a voter, out of order, a signature that does not verify by the strict rule), or
 * BAD_CERTIFICATE (no quorum). */
CY_MUST_USE cy_err cy_agreement_check(const struct cy_agreement_voters *voters,
                                      const struct cy_agreement_head *head,
                                      const struct cy_ballot_entry *ballots, uint32_t n,
                                      cy_time *time);

/* cy_agreement_median is that time alone, of ballots by voters. */
cy_time cy_agreement_median(const struct cy_agreement_voters *voters,
                            const struct cy_ballot_entry *ballots, uint32_t n);

#endif

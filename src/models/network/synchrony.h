/* synchrony: `comity network synchrony`: who acts with whom, from roll calls.
 *
 * Parties are grouped so that within groups they agree more than two parties do on average, and
 * between groups less: the sum over pairs within of (agreement - average) is driven up by moving
 * one party at a time, from every party alone, in the order of the table, then whole groups
 * together, until nothing is gained. Whole numbers and a fixed order: the same table gives the same
 * groups everywhere. It is a local best, and a description, no verdict.
 *
 * How good it is at least is proven: of three parties of which two pairs agree and one does not,
 * no grouping keeps all; such threes that share no bond beyond its weight are packed, and what they
 * weigh is lost by every grouping. Gain and that ceiling are both shown.
 *
 * Shown besides: how much each party takes part, and how far it is from its own group. The pairs
 * that agree, or disagree, strongly can be written as a signed network for `comity network
 * balance`.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_NETWORK_SYNCHRONY_H
#define CY_MODELS_NETWORK_SYNCHRONY_H

#include "models/network/roll_call.h"

struct cy_synchrony {
    size_t n;
    uint32_t *agreement; /* n x n, millionths */
    uint32_t *both;      /* n x n: votes in which both took part */
    uint32_t average;    /* of pairs that voted together, millionths */
    uint32_t *group;     /* n: from 0, larger groups first */
    size_t n_groups;
    int64_t ceiling; /* no grouping gains more */
};

/* A span of time beside the one before: what formed and what ended (homeostasis). */
struct cy_synchrony_window {
    cy_date from;
    cy_date to; /* the first day of the next */
    size_t votes;
    uint32_t average;    /* agreement of pairs, millionths */
    uint32_t takes_part; /* of all parties on average, millionths of the votes */
    size_t n_groups;
    int64_t gain;
    int64_t ceiling;
    size_t close; /* pairs that agree by the margin more than the average */
    size_t far;   /* by the margin less */
    size_t formed;
    size_t ended; /* of the close pairs of the window before, those known in both */
};

/* cy_synchrony_find computes it over the votes first <= v < end. Fails with NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_synchrony_find(struct cy_desk *desk, const struct cy_roll_calls *calls,
                                     size_t first, size_t end, struct cy_synchrony *out);

/* cy_synchrony_gain is the sum over pairs within groups of agreement - average. */
int64_t cy_synchrony_gain(const struct cy_synchrony *s);

/* cy_synchrony_windows looks at one span of `years` after the other, from the first vote of the
 * range; spans without votes are left out. *out stands in the desk's memory. Fails with NO_MEMORY;
 * noted. */
CY_MUST_USE cy_err cy_synchrony_windows(struct cy_desk *desk, const struct cy_roll_calls *calls,
                                        size_t first, size_t end, unsigned years, uint32_t margin,
                                        struct cy_synchrony_window **out, size_t *n);

int cy_model_network_synchrony(struct cy_desk *desk);

#endif

/* synchrony: `comity network synchrony`: who acts with whom, from roll calls.
 *
 * Parties are grouped so that within groups they agree more than two parties do on average, and
 * between groups less: the sum over pairs within of (agreement - average) is driven up by moving
 * one party at a time, from every party alone, in the order of the table, then whole groups
 * together, until nothing is gained. Whole numbers and a fixed order: the same table gives the same
 * groups everywhere. It is a local best, and a description, no verdict.
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
};

/* cy_synchrony_find computes it over the votes first <= v < end. Fails with NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_synchrony_find(struct cy_desk *desk, const struct cy_roll_calls *calls,
                                     size_t first, size_t end, struct cy_synchrony *out);

/* cy_synchrony_gain is the sum over pairs within groups of agreement - average. */
int64_t cy_synchrony_gain(const struct cy_synchrony *s);

int cy_model_network_synchrony(struct cy_desk *desk);

#endif

/* integrated: how much of each party somebody holds in the end, through all chains and circles.
 *
 *      v(j) = a(holder, j) + sum over k of v(k) a(k, j)
 *
 * where a are the shares of one day and k runs over all owners but the holder. This is advice:
 * rules about blocking do not multiply percentages (exposure.h). Parties are solved in the order of
 * their strongly connected components (Tarjan 1972): one without a circle directly, a circle of at
 * most 256 by elimination with pivots, a larger one by Gauss-Seidel to 1e-12.
 *
 * Owns: nothing of the result. Never: decides. */
#ifndef CY_MODELS_EXPOSURE_INTEGRATED_H
#define CY_MODELS_EXPOSURE_INTEGRATED_H

#include "models/exposure/ownership.h"

/* What a solution was made of. */
struct cy_integrated_facts {
    size_t reached;    /* parties with a share above 0 */
    size_t circles;    /* components of more than one party */
    size_t largest;    /* parties of the largest */
    size_t iterations; /* of circles that were iterated */
    bool settled;      /* every iteration came to rest */
};

/* cy_integrated writes v of n parties, from 0 to 1, for the shares among the holdings. Fails with
 * NO_MEMORY; RANGE when a party is not there, or a circle owns itself whole (no unique answer). */
CY_MUST_USE cy_err cy_integrated(size_t n, const struct cy_holding *holdings, size_t n_holdings,
                                 uint32_t holder, double *v, struct cy_integrated_facts *facts);

#endif

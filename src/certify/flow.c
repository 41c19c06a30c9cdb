#include "certify/flow.h"

/* Both obligation and potentials of one arc. */
static bool tight(const struct cy_flow_arc *arc, const int64_t *potentials)
{
    const int64_t gap = potentials[arc->debtor] - potentials[arc->creditor];

    if (arc->cleared < arc->amount && gap < arc->weight)
        return false;
    return arc->cleared == 0 || gap <= arc->weight;
}

cy_err cy_flow_check(const struct cy_flow_arc *arcs, uint32_t n, const int64_t *potentials,
                     const int64_t *wants, uint32_t n_parties, cy_u128 *balances, cy_i128 *worth)
{
    *worth = 0;
    for (uint32_t p = 0; p < n_parties; p++) {
        if (potentials[p] > CY_FLOW_POTENTIAL_MAX || potentials[p] < -CY_FLOW_POTENTIAL_MAX)
            return cy_fail(CY_E_CERT_FORM, (uint64_t)n + p + 1);
        balances[p] = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_flow_arc *arc = &arcs[i];

        if (arc->debtor >= n_parties || arc->creditor >= n_parties || arc->cleared > arc->amount ||
            arc->weight > CY_FLOW_WEIGHT_MAX || arc->weight < -CY_FLOW_WEIGHT_MAX)
            return cy_fail(CY_E_CERT_FORM, (uint64_t)i + 1);
        if (!tight(arc, potentials))
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)i + 1);
        /* sums of fewer than 2^32 numbers below 2^64: no wrap but the one that takes away */
        balances[arc->debtor] += arc->cleared;
        balances[arc->creditor] -= arc->cleared;
        *worth += (cy_i128)arc->weight * arc->cleared;
    }
    for (uint32_t p = 0; p < n_parties; p++) {
        if (balances[p] != (wants == NULL ? 0 : (cy_u128)(cy_i128)wants[p]))
            return cy_fail(CY_E_CERT_WRONG, (uint64_t)n + p + 1);
    }
    return CY_OK;
}

/* flow: judges a multilateral set-off exactly.
 *
 * Parties owe one another. Of each obligation a part is cleared, so that every party clears as much
 * of what it owes as of what it is owed: net positions stay as they are, to the unit. Most is
 * cleared in all when there are potentials, one for each party, such that
 *
 *      not cleared whole   =>  potential[debtor] - potential[creditor] >= 1
 *      cleared in part     =>  potential[debtor] - potential[creditor] <= 1
 *
 * for then no round of obligations is left whose clearing would clear more (duality of
 * circulations; Ahuja, Magnanti and Orlin 1993, chapter 9).
 *
 * Whole numbers, one pass, and one balance for each party.
 *
 * Owns: nothing. Never: allocates, finds a clearing. */
#ifndef CY_CERTIFY_FLOW_H
#define CY_CERTIFY_FLOW_H

#include "base/num.h"

#define CY_FLOW_POTENTIAL_MAX (INT64_C(1) << 40)

struct cy_flow_arc {
    uint32_t debtor;
    uint32_t creditor;
    uint64_t amount;
    uint64_t cleared;
};

/* cy_flow_check judges n arcs among n_parties, with one potential each; balances is memory for
 * n_parties sums. *total is what is cleared in all. Fails with CERT_FORM (detail: arc from 1; a
 * party that is not there, more cleared than owed) and CERT_WRONG (detail: arc, or n + party, from
 * 1; net positions changed, or more could be cleared). */
CY_MUST_USE cy_err cy_flow_check(const struct cy_flow_arc *arcs, uint32_t n,
                                 const int64_t *potentials, uint32_t n_parties, cy_u128 *balances,
                                 cy_u128 *total);

#endif

/* flow: judges a multilateral set-off, and any flow at least cost, exactly.
 *
 * Parties owe one another. Of each obligation a part is cleared, so that every party clears as much
 * of what it owes as of what it is owed: net positions stay as they are, to the unit. What is
 * cleared is worth the weight of its obligation, unit by unit (1 where all that counts is how much
 * is cleared). The worth in all is greatest when there are potentials, one for each party, such
 * that
 *
 *      not cleared whole   =>  potential[debtor] - potential[creditor] >= weight
 *      cleared in part     =>  potential[debtor] - potential[creditor] <= weight
 *
 * for then no round of obligations is left whose clearing would be worth more (duality of
 * circulations; Ahuja, Magnanti and Orlin 1993, chapter 9). A flow at least cost is the same with
 * weights below 0, where more leaves a party than reaches it by as much as is wanted there.
 *
 * Whole numbers, one pass, and one balance for each party.
 *
 * Owns: nothing. Never: allocates, finds a clearing. */
#ifndef CY_CERTIFY_FLOW_H
#define CY_CERTIFY_FLOW_H

#include "base/num.h"

#define CY_FLOW_POTENTIAL_MAX (INT64_C(1) << 60)
#define CY_FLOW_WEIGHT_MAX (INT32_C(1) << 30)

__extension__ typedef __int128 cy_i128;

struct cy_flow_arc {
    uint32_t debtor;
    uint32_t creditor;
    uint64_t amount;
    uint64_t cleared;
    int32_t weight; /* of a unit that is cleared */
};

/* cy_flow_check judges n arcs among n_parties, with one potential each; balances is memory for
 * n_parties sums; wants is by how much more each party clears of what it owes than of what it is
 * owed (NULL: by nothing, anywhere). *worth is the sum of weight times cleared. Fails with
 * CERT_FORM (detail: arc from 1; a party that is not there, more cleared than owed, a weight beyond
 * the limit) and CERT_WRONG (detail: arc, or n + party, from 1; net positions changed, or more
 * could be cleared). */
CY_MUST_USE cy_err cy_flow_check(const struct cy_flow_arc *arcs, uint32_t n,
                                 const int64_t *potentials, const int64_t *wants,
                                 uint32_t n_parties, cy_u128 *balances, cy_i128 *worth);

#endif

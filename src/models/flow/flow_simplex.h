/* flow_simplex: a flow at least cost through a network of any shape.
 *
 * The simplex method on spanning trees (Dantzig 1951; Ahuja, Magnanti and Orlin 1993, chapter 11):
 * an arc that pays enters, the cycle it closes is filled, the arc that is full or empty first
 * leaves. Arcs are looked at in blocks, the best of a block enters; the tree stays strongly
 * feasible, so that it ends (Cunningham 1976). The tree's potentials prove the answer
 * (certify/flow).
 *
 * An arc carries at most `amount` from debtor to creditor, and a unit costs -weight; `cleared`
 * becomes what it carries. For few sizes of small weights see circulation.
 *
 * Deterministic: depends on the order of the arcs alone.
 *
 * Owns: nothing of the caller's. Never: judges. */
#ifndef CY_MODELS_FLOW_FLOW_SIMPLEX_H
#define CY_MODELS_FLOW_FLOW_SIMPLEX_H

#include "certify/flow.h"

enum cy_flow_outcome { CY_FLOW_FOUND, CY_FLOW_IMPOSSIBLE, CY_FLOW_NO_MEMORY };

/* cy_flow_simplex sends what is wanted: wants[p] more leaves party p than reaches it (below 0: more
 * reaches it); in sum 0. CY_FLOW_IMPOSSIBLE: the arcs cannot carry that; cleared and potentials are
 * then of no use. Sums of amounts are below 2^62, the number of parties times the largest weight
 * below 2^58. */
CY_MUST_USE enum cy_flow_outcome cy_flow_simplex(struct cy_flow_arc *arcs, uint32_t n,
                                                 const int64_t *wants, uint32_t n_parties,
                                                 int64_t *potentials);

#endif

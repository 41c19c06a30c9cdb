/* clear_flow: the greatest set-off among parties that owe one another.
 *
 * What stays owed is the cheapest flow that carries every party's net position, at a cost of one a
 * unit; the rest is cleared. It is found by shortest paths and blocking flows in rounds (primal and
 * dual; Ford and Fulkerson 1962, Dinic 1970): paths of one length are used up before longer ones.
 * The distances are the potentials that prove it.
 *
 * The answer depends on the order of the arcs only; sort them for one that does not.
 *
 * Owns: nothing of the caller's. Never: judges (certify/flow). */
#ifndef CY_MODELS_CLEAR_CLEAR_FLOW_H
#define CY_MODELS_CLEAR_CLEAR_FLOW_H

#include "certify/flow.h"

/* cy_clear_flow sets cleared of each arc and the potentials of the parties. False without memory.
 * Sums of amounts at a party are below 2^63. */
CY_MUST_USE bool cy_clear_flow(struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties,
                               int64_t *potentials);

#endif

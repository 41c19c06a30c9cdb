/* circulation: the greatest set-off among parties that owe one another.
 *
 * What stays owed is the cheapest flow that carries every party's net position, at the weight of an
 * obligation for each unit that stays; the rest is cleared. Distances from whoever still has to
 * send, in buckets, give potentials (primal and dual; Ford and Fulkerson 1962, Dial 1969); over all
 * arcs that are then of length 0, gathered into a network of their own, as much as can be is pushed
 * at once (preflows in order of arrival, heights measured anew after enough work; Goldberg and
 * Tarjan 1988). What no taker can be reached by waits for the next distances. The potentials prove
 * the answer (certify/flow).
 *
 * Rounds are as many as there are distances: for small weights. For costs of any size see
 * flow_simplex.
 *
 * The answer depends on the order of the arcs only; sort them for one that does not.
 *
 * Owns: nothing of the caller's. Never: judges (certify/flow). */
#ifndef CY_MODELS_FLOW_CIRCULATION_H
#define CY_MODELS_FLOW_CIRCULATION_H

#include "certify/flow.h"

#define CY_CIRCULATION_WEIGHT_MAX 16

/* cy_circulation_find sets cleared of each arc and the potentials of the parties, for the greatest
 * sum of weight times cleared. Weights are from -CY_CIRCULATION_WEIGHT_MAX to
 * CY_CIRCULATION_WEIGHT_MAX; parties and arcs fewer than 2^26. False without memory. Sums of
 * amounts at a party are below 2^63. */
CY_MUST_USE bool cy_circulation_find(struct cy_flow_arc *arcs, uint32_t n, uint32_t n_parties,
                                     int64_t *potentials);

#endif

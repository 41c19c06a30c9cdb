/* balance_search: the least frustration of a signed network, and its proof.
 *
 * Sides are found by climbing from many starts (one node changes side when that frustrates less);
 * the bound by packing rings (ring_packing.h); where the two do not meet, by branching on an edge
 * whose price stands between 0 and 1. The proof is written down on the way, in the form that
 * certify/balance checks.
 *
 * Deterministic: starts are drawn from fixed seeds.
 *
 * Owns: nothing; sides and proof stand in the desk's memory. */
#ifndef CY_MODELS_NETWORK_BALANCE_SEARCH_H
#define CY_MODELS_NETWORK_BALANCE_SEARCH_H

#include "models/desk/desk.h"
#include "models/network/ring_packing.h"

#define CY_BALANCE_EDGES_MAX 3000u /* of an exact search */

struct cy_balance_found {
    uint8_t *sides;
    uint64_t cost;
    uint64_t floor;  /* what is proven; below cost when the search was cut short */
    uint32_t *proof; /* NULL when it was */
    size_t n_proof;
    size_t leaves;
};

/* cy_balance_search looks at no more than `leaves` leaves. Fails with MODEL_INPUT (more edges than
 * an exact search takes), NO_MEMORY; noted. */
CY_MUST_USE cy_err cy_balance_search(struct cy_desk *desk, const struct cy_balance_graph *graph,
                                     uint64_t leaves, struct cy_balance_found *out);

#endif

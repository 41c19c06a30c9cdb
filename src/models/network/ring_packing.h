/* ring_packing: as many rings as a signed network has room for.
 *
 * A ring is a negative cycle: some edge of it is frustrated, whatever the sides. Rings that share
 * no edge beyond its weight are a lower bound of frustration; in parts, the best such bound is a
 * linear program, max sum y(C) with sum of y(C) over rings through e at most weight(e). Its rings
 * are found as they are wanted: under the prices x(e) of the edges a ring worth taking is a path
 * shorter than 1 from (v, even) to (v, odd) in the network's double cover. Revised simplex with a
 * dense inverse over the edges that any ring has used; right sides differ a little, so that it does
 * not go in circles.
 *
 * Prices of the last program are also advice: an edge of price 1 is one to frustrate, and where
 * prices stand between, one should branch.
 *
 * Floating point: the bound becomes a proof by rounding down to parts, which certify/balance
 * checks.
 *
 * Owns: memory by malloc, until cy_ring_packing_free. */
#ifndef CY_MODELS_NETWORK_RING_PACKING_H
#define CY_MODELS_NETWORK_RING_PACKING_H

#include "certify/balance.h"

/* Two nodes that are held on the same or on opposite sides. */
struct cy_ring_branch {
    uint32_t u;
    uint32_t v;
    bool opposite;
};

struct cy_ring {
    uint32_t *edges; /* those of the network first, then branches as m + place */
    uint32_t n_real;
    uint32_t n;
};

struct cy_ring_packing;

/* cy_ring_packing_new makes an empty packing; NULL without memory. */
struct cy_ring_packing *cy_ring_packing_new(const struct cy_balance_graph *graph);
void cy_ring_packing_free(struct cy_ring_packing *packing);

/* cy_ring_packing_solve packs rings under these branches (rings of earlier calls that use other
 * branches are dropped), until the bound exceeds `enough` or no more goes in. Fails with NO_MEMORY.
 */
CY_MUST_USE cy_err cy_ring_packing_solve(struct cy_ring_packing *packing,
                                         const struct cy_ring_branch *branches, size_t n_branches,
                                         double enough);

/* The bound that rounding down cannot lose; UINT64_MAX as a number when the branches contradict
 * each other. */
double cy_ring_packing_bound(const struct cy_ring_packing *packing);

/* cy_ring_packing_absurd is a ring of branches alone, NULL when they do not contradict. */
const struct cy_ring *cy_ring_packing_absurd(const struct cy_ring_packing *packing);

/* cy_ring_packing_price is that of an edge, 0 to 1. */
double cy_ring_packing_price(const struct cy_ring_packing *packing, size_t edge);

/* cy_ring_packing_next walks the rings that are taken; *at from 0; *amount is how much of it. */
const struct cy_ring *cy_ring_packing_next(const struct cy_ring_packing *packing, size_t *at,
                                           double *amount);

#endif

/* transport_find: carries goods from many places to many at least cost, and again after a change.
 *
 * From each row that has something left, along the shortest way over what is carried already, to
 * the nearest column that still wants; prices rise with the distances, so that they always prove
 * what is carried (successive shortest paths; Tomizawa 1971, Edmonds and Karp 1972). A plan with
 * its prices may be handed in: after a change of costs, supplies or demands only what no longer
 * holds is taken back, and carried anew. Either way the plan costs least.
 *
 * Deterministic: depends on the numbers and on what is handed in alone.
 *
 * Owns: nothing of the caller's. Never: judges (certify/transport). */
#ifndef CY_MODELS_FLOW_TRANSPORT_FIND_H
#define CY_MODELS_FLOW_TRANSPORT_FIND_H

#include "certify/transport.h"

/* What is carried: carried[column * n_rows + row], and the prices. */
struct cy_transport_plan {
    uint64_t *carried;
    int64_t *row_price;
    int64_t *column_price;
};

/* cy_transport_begin makes a plan that carries nothing, with prices to begin at. */
void cy_transport_begin(const struct cy_transport *t, struct cy_transport_plan *plan);

/* cy_transport_find carries everything; sums of supply and demand are equal and below 2^62. `plan`
 * is one of cy_transport_begin, or any other of the same rows and columns. False without memory. */
CY_MUST_USE bool cy_transport_find(const struct cy_transport *t, struct cy_transport_plan *plan);

#endif

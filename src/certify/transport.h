/* transport: judges exactly how goods are carried from many places to many, at least cost.
 *
 * Each row has a supply, each column a demand, and both sums are equal (what may stay behind, or be
 * missing, has a row or column of its own). A unit from row i to column j costs cost[i][j]. The
 * plan costs least when there are prices such that
 *
 *      row[i] + column[j] <= cost[i][j]     everywhere, and equal where something is carried
 *
 * for then every other plan costs at least the same (duality of transport; Hitchcock 1941,
 * Kantorovich 1942). With supplies and demands of one this is assignment.
 *
 * Whole numbers; one pass over the costs.
 *
 * Owns: nothing. Never: allocates, finds a plan. */
#ifndef CY_CERTIFY_TRANSPORT_H
#define CY_CERTIFY_TRANSPORT_H

#include "certify/flow.h"

#define CY_TRANSPORT_PRICE_MAX (INT64_C(1) << 60)

struct cy_transport {
    uint32_t n_rows;
    uint32_t n_columns;
    const int32_t *cost; /* row after row */
    const uint64_t *supply;
    const uint64_t *demand;
};

/* So much goes from a row to a column. */
struct cy_transport_leg {
    uint32_t row;
    uint32_t column;
    uint64_t amount;
};

/* cy_transport_check judges n legs (in any order; several between the same two are added) with the
 * prices of rows and columns; left is memory for one number for each row, then each column. *total
 * is what the plan costs. Fails with CERT_FORM (detail: leg from 1) and CERT_WRONG (detail: row
 * from 1, or rows + column: more or less is carried there than should be; or the row whose prices
 * do not hold; rows + columns + leg: its prices do not meet the cost). */
CY_MUST_USE cy_err cy_transport_check(const struct cy_transport *t,
                                      const struct cy_transport_leg *legs, uint32_t n,
                                      const int64_t *row_price, const int64_t *column_price,
                                      uint64_t *left, cy_i128 *total);

#endif

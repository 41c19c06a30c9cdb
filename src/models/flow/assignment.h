/* assignment: n rows to n columns, each to one, at least cost.
 *
 * Prices of columns are first lowered to the least of each column, then rows bid for their best
 * column by the difference to the second best, and the few rows that are left are placed by
 * shortest augmenting paths (Jonker and Volgenant 1987). The prices prove it (certify/transport).
 *
 * Deterministic: depends on the costs alone.
 *
 * Owns: nothing of the caller's. Never: judges. */
#ifndef CY_MODELS_FLOW_ASSIGNMENT_H
#define CY_MODELS_FLOW_ASSIGNMENT_H

#include "base/num.h"

/* cy_assignment_find sets the column of each row and the prices of rows and columns; costs stand
 * row after row. False without memory. n is at most 2^20. */
CY_MUST_USE bool cy_assignment_find(const int32_t *cost, uint32_t n, uint32_t *column_of,
                                    int64_t *row_price, int64_t *column_price);

#endif

/* kept_values: what records were under the last state root, of those that the act carrying the root
 * changed itself.
 *
 *      ... acts | state root | tick: the realm's time moves, expired things are swept away
 *                            ^ proofs are of here          ^ and the world is already here
 *
 * A tick always changes the record of the realm. Without its value of before, neither that record
 * nor the absence of its neighbours in the state tree could be proven.
 *
 * Owns: canonical bytes of at most CY_KEPT_VALUES records; what does not fit is not kept, and
 * cannot be proven until the next root. Never: allocates. */
#ifndef CY_REALM_KEPT_VALUES_H
#define CY_REALM_KEPT_VALUES_H

#include "kernel/plan.h"

#define CY_KEPT_VALUES 128u
#define CY_KEPT_BYTES 65536u

struct cy_kept_value {
    struct cy_id key; /* in the state tree */
    uint32_t from;
    uint32_t n;
};

struct cy_kept_values {
    uint32_t n;
    uint32_t used;
    struct cy_kept_value values[CY_KEPT_VALUES];
    uint8_t bytes[CY_KEPT_BYTES];
};

/* cy_kept_values_take forgets what it has, and keeps what the plan is about to change or remove. */
void cy_kept_values_take(struct cy_kept_values *kept, const struct cy_plan *plan);

/* cy_kept_values_find gives the bytes of a record by its key in the state tree. */
bool cy_kept_values_find(const struct cy_kept_values *kept, const struct cy_id *key,
                         struct cy_span *value);

#endif

/* ahead: what the items of a batch will read is on its way from memory when their turn comes.
 *
 *      item   i + 32   hash its ids, fetch the index      A table of accounts lies outside the
 *             i + 24   fetch the records                  caches: one item after the other would
 *             i + 16   fetch the index for what           wait for it several times. Here thirty
 *                      these lead to                      items wait at once, and none is judged
 *             i + 8    fetch those records                before its records came.
 *             i        judged
 *
 * Which ids an act reads is said by the tables of its institution (struct cy_warm). Nothing here
 * changes what is judged: a record that is not found, or is another's, was fetched for nothing.
 *
 * Owns: what it remembers of the items under way. Never: writes, decides. */
#ifndef CY_KERNEL_AHEAD_H
#define CY_KERNEL_AHEAD_H

#include "kernel/act.h"

#define CY_AHEAD 32u       /* items under way; a power of two */
#define CY_AHEAD_WARMS 3u  /* ids of one item */
#define CY_AHEAD_ONWARD 2u /* ids of one record */

/* Private to ahead.c: one id of an item, and the item. */
struct cy_ahead_id {
    const struct cy_warm *warm;
    const struct cy_table *table;
    uint64_t hash;
    uint32_t slot; /* CY_TABLE_NONE: it is not there */
};

struct cy_ahead_item {
    struct cy_ahead_id ids[CY_AHEAD_WARMS];
    uint32_t n;
    bool leads; /* to other records */
};

struct cy_ahead {
    const struct cy_world *world;
    const struct cy_warm *const *warms; /* by act number */
    const struct cy_batch *batch;
    struct cy_ahead_item items[CY_AHEAD];
};

/* cy_ahead_begin starts on a batch; warms[number] is the first entry for acts of that number. */
void cy_ahead_begin(struct cy_ahead *ahead, const struct cy_world *world,
                    const struct cy_warm *const *warms, const struct cy_batch *batch);

/* cy_ahead_step is called before item i is judged, for each item in order, and tells the plan where
 * its records were found (cy_plan_know). */
void cy_ahead_step(struct cy_ahead *ahead, uint32_t i, struct cy_plan *plan);

#endif

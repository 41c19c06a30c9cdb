/* inbox: where members' own cells stand, and what is posted against censorship.
 *
 *      inbox_post ---> open --inbox_done: proof that it stands in the cell--> done
 *                        |  \-inbox_done: the cell's own word that it refused--> refused
 *                        +-- the deadline passes: the cell's next epoch record is refused
 *
 * A member's seat records its cell from time to time: head, state root, breaker, constitution,
 * version of the rules. Who is not served by a cell posts the very act here; the cell must take it
 * in, or say in public by which rule it refused, before it can record another epoch.
 *
 * Owns: cell_epoch, inbox. */
#ifndef CY_KERNEL_INBOX_H
#define CY_KERNEL_INBOX_H

#include "kernel/seat.h"

#define CY_INBOX_MS_MAX 2592000000u /* the longest deadline: 30 days */

CY_MUST_USE cy_err cy_act_epoch(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const void *message);
CY_MUST_USE cy_err cy_act_inbox_post(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_act_inbox_done(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

/* cy_inbox_sweep forgets up to n posts that were answered and whose deadline is past; returns where
 * the next sweep begins. */
uint32_t cy_inbox_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n);

#endif

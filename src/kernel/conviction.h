/* conviction: what two statements that contradict each other cost whoever signed both.
 *
 *      equivocate --both signatures hold, they contradict--> evidence on record
 *                                                        --> the seat's bond slashed
 *                                                        --> the seat excluded, at once
 *
 * Anybody may bring it, in every state of the breaker, and nobody has to agree. A trustee that is
 * convicted is struck off the list. A key is convicted once.
 *
 * Owns: nothing of its own (see seat.h, evidence.h, stake.h). */
#ifndef CY_KERNEL_CONVICTION_H
#define CY_KERNEL_CONVICTION_H

#include "kernel/convict.h"
#include "kernel/seat.h"

CY_MUST_USE cy_err cy_act_equivocate(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

#endif

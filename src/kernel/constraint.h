/* constraint: bounds that a passport puts on itself, enforced against its own keys (M122).
 *
 *      constrain ----> bound ----constrain_lift (asks)----> asked --lift_ms--> constrain_lift:
 * lifted ^                                    |
 *                        +---- constrain, as tight or tighter +
 *
 * FORBID gives an act up. SPEND_SINGLE bounds what one act may spend or promise of an asset,
 * SPEND_WINDOW what all acts of one window may: a window begins with the first spending after the
 * one before is over. ARBITRATION accepts the rulings of a venue in advance; courts read it.
 *
 * Whoever deals with the passport can read the bound, and reads in the same record that its lifting
 * was asked, before it can be lifted. A bound can be made tighter at any time, looser never. It
 * binds delegates too: it stands on the passport for whom an act is done. Rotating keys, time,
 * batches and genesis cannot be given up: a thief could lock the owner out for good.
 *
 * Owns: constraint. Never: moves units (escrow does, and asks here first). */
#ifndef CY_KERNEL_CONSTRAINT_H
#define CY_KERNEL_CONSTRAINT_H

#include "kernel/identity.h"

extern const struct cy_institution cy_constraints;

/* cy_constraint_forbids fails with SELF_BOUND when the author gave this act up. Nothing is looked
 * up for an author without bounds. */
CY_MUST_USE cy_err cy_constraint_forbids(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         uint32_t act);

/* cy_constraint_spend says that the author may spend or promise so many units of the asset, and
 * counts them in its window. Whatever lets an author part with units calls it last, after every
 * other check. What was promised stays counted when it returns. Fails with SELF_BOUND (detail: the
 * kind of bound). Touches one record at most. */
CY_MUST_USE cy_err cy_constraint_spend(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const struct cy_id *asset, cy_u128 amount);

/* cy_constraint_venue gives whose ruling the passport accepted in advance; none when nobody's. */
struct cy_id cy_constraint_venue(struct cy_plan *plan, const struct cy_id *passport);

#endif

/* finding_objective: what people voted before anybody knew whom it would hit (M133, M134).
 *
 *      offered --weight of yes reaches need--> voted --an occasion of its kind--> in force
 *         \--can no longer be reached: refused   \--another takes its place: replaced
 *
 * An objective is the digest of a text that anyone can read, the passport of the office that
 * answers for it, and, where voters want it, the digest of the coefficients that every program must
 * have. One with a kind is in force only on an occasion declared after it was voted: so it is made
 * in peacetime. While that occasion lasts nothing takes its place.
 *
 * The office names the data; whoever brings a finding has no choice of them.
 *
 * Owns: objective, objective_seat, objective_basis. */
#ifndef CY_INSTITUTIONS_FINDING_FINDING_OBJECTIVE_H
#define CY_INSTITUTIONS_FINDING_FINDING_OBJECTIVE_H

#include "kernel/certified.h"

/* cy_objective_in_force finds an objective that findings may be recorded under now, and the id of
 * its occasion (none: it needs none). Fails with OBJECTIVE_UNKNOWN, OBJECTIVE_STATE,
 * OBJECTIVE_INACTIVE. */
CY_MUST_USE cy_err cy_objective_in_force(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         const struct cy_id *id,
                                         const struct cy_objective **objective);

/* objective_offer: OBJECTIVE_TERMS, OBJECTIVE_UNKNOWN, OBJECTIVE_STATE, OBJECTIVE_LOCKED;
 * objective_vote: OBJECTIVE_UNKNOWN, OBJECTIVE_STATE, OBJECTIVE_VOTER, OBJECTIVE_LOCKED;
 * objective_activate: OBJECTIVE_UNKNOWN, OBJECTIVE_STATE, OBJECTIVE_OCCASION; objective_data:
 * OBJECTIVE_UNKNOWN, OBJECTIVE_STATE, OBJECTIVE_OFFICE. */
CY_MUST_USE cy_err cy_objective_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         const void *message);
CY_MUST_USE cy_err cy_objective_do_vote(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_objective_do_activate(const struct cy_ctx *ctx, struct cy_plan *plan,
                                            const void *message);
CY_MUST_USE cy_err cy_objective_do_data(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);

#endif

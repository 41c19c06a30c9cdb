/* enforce: the actuators: who may restrain whom, for how long, and the ways back (M024, M076).
 *
 *      quarantine --ends by itself within hours--> unreviewed: a violation of who ordered it
 *          \--review_open + votes: upheld or not; the realm may restrain in the ordinary way--/
 *
 *      restrain --until, or review_at: lapses--> restrain anew, after a look
 *          |--restraint_end: the source thought better of it
 *          \--restraint_appeal --reviewers grant it--> restraint_settle by anybody: ended
 *
 * Anyone restrains on an own list, and binds with it nobody but itself and those who heed it (heed:
 * mirror, review, ignore). The realm's own restraints bind all; they are the operator's, or in a
 * federation its charter's. A quarantine is ordered by the operator or by a holder of the realm's
 * office `sentinel`, and is not renewed.
 *
 * Every actuator respects the rights of every passport, in one place (cy_restraint_put): evidence,
 * an end, a review; and whoever is shut out may still rotate its keys, leave, appeal and
 * record evidence (cy_restraint_author).
 *
 * Owns: violation; the acts of restraint.h's records. */
#ifndef CY_KERNEL_ENFORCE_H
#define CY_KERNEL_ENFORCE_H

#include "kernel/restraint.h"
#include "kernel/review.h"

extern const struct cy_institution cy_enforcement;

/* cy_enforce_violation records what somebody was found to have done; it has the id of the act.
 * Touches two records. */
void cy_enforce_violation(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_id *passport, unsigned kind, const struct cy_id *about,
                          const struct cy_id *evidence);

/* cy_enforce_appeal opens the review of an appeal and ties it to the restraint, for an act of the
 * party. Fails with NO_RESTRAINT, NOT_REACHED, APPEAL_OPEN, NO_NOUN. Touches two records. */
CY_MUST_USE cy_err cy_enforce_appeal(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_restraint_appeal *appeal);

#endif

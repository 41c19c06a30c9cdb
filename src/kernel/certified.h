/* certified: what institutions know of one another when a model has decided: a declared occasion,
 * and an answer whose certificate was judged (M132, M134).
 *
 *      an institution of crises ---- occasion ----> objectives are activated
 *      an institution of findings -- certified ---> whoever acts on the answer
 *
 * An answer may be relied on while nothing has felled it, its window is over, no newer data were
 * named for its objective, and the occasion that it was made on lasts.
 *
 * Owns: occasion, certified, certified_data. Never: judges (certificate.h). */
#ifndef CY_KERNEL_CERTIFIED_H
#define CY_KERNEL_CERTIFIED_H

#include "kernel/act.h"

extern const struct cy_institution cy_certifieds;

/* cy_occasion_open declares one, under the id of its crisis; cy_occasion_end ends it now. Each
 * touches one record. */
void cy_occasion_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_occasion *terms);
void cy_occasion_end(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id);

/* cy_occasion_lasts returns the occasion while it lasts, else NULL. */
const struct cy_occasion *cy_occasion_lasts(struct cy_plan *plan, const struct cy_id *id,
                                            cy_time now);

/* cy_certified_renew says that an objective has new data: answers for older ones lapse. Touches one
 * record. */
void cy_certified_renew(struct cy_plan *plan, const struct cy_id *objective, uint64_t data);

/* cy_certified_stands gives the answer of a finding that may be relied on now. Fails with
 * FINDING_UNKNOWN, FINDING_FALLEN (detail: 1 felled, 2 window, 3 newer data, 4 occasion). */
CY_MUST_USE cy_err cy_certified_stands(struct cy_plan *plan, const struct cy_id *finding,
                                       cy_time now, const struct cy_certified **out);

#endif

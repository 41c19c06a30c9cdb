/* sanction_money: fines, and compensation of those who follow a list at a loss (M024, M028).
 *
 *      sanction_fine: from the target's bond for the list's owner --> the list's own account
 *      levies of its targets, gifts of its members -----------------> the list's own account
 *      sanction_claim by who mirrors it --sanction_compensate--> the claimant's account
 *
 * The list's own account is number 0 of the list's id in each asset (cy_account_id): nobody signs
 * for it, and it pays nothing but compensation.
 *
 * Owns: sanction_loss. */
#ifndef CY_INSTITUTIONS_SANCTION_SANCTION_MONEY_H
#define CY_INSTITUTIONS_SANCTION_SANCTION_MONEY_H

#include "institutions/sanction/sanction_feed.h"

cy_err cy_sanction_fine_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
cy_err cy_sanction_claim_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message);
cy_err cy_sanction_compensate_act(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);

#endif

/* lineage: forks and mergers of passports, with all that they owe and bear (M073, M074, M077).
 *
 *      fork (heir) --------------------------> fork_take     inherits everything
 *      fork (released: a granted review) ----> fork_take     clean, on probation
 *      fork (sponsored) --> fork_sponsor ----> fork_take     clean, on probation; child and
 *                                                            sponsor share the tail
 *      absorb_offer -------------------------> absorb        inherits everything
 *
 * Both sides sign: nobody makes a stranger its heir, and nobody claims a parent. What is inherited
 * is looked up, never copied: a restraint or a liability of an ancestor is one record, and
 * reaches every heir at every check, also when it is younger than the fork. The list of ancestors
 * is written when one inherits, so a check reads at most CY_ANCESTORS_MOST records and follows no
 * chain; what an ancestor takes over after the fork does not reach the heir. No passport comes to
 * inherit of itself.
 *
 * A clean fork bears no restraints of its parent. A released one owes none of its debts either:
 * the parent still does. A sponsored one is liable for what the parent owed at that time, and so is
 * the sponsor, with its bond, which cannot cool.
 *
 * Forking costs a bond to the realm: parameter fork_bond, times the forks of the whole lineage so
 * far and one, twice that for a near duplicate (the same model drives both).
 *
 * Owns: lineage, ancestor, fork_open, liability. */
#ifndef CY_KERNEL_LINEAGE_H
#define CY_KERNEL_LINEAGE_H

#include "kernel/review.h"

extern const struct cy_institution cy_lineages;

/* cy_lineage_liable says that a passport is liable: the debtor, its heir, or a sponsored fork of
 * one of these that was made later than the liability. */
bool cy_lineage_liable(struct cy_plan *plan, const struct cy_id *passport,
                       const struct cy_liability *liability);

/* cy_lineage_cost is the least bond that a fork of the parent by this child needs. */
cy_u128 cy_lineage_cost(struct cy_plan *plan, const struct cy_id *parent,
                        const struct cy_passport *child);

/* cy_lineage_probation says that the passport is a clean fork on probation. */
bool cy_lineage_probation(struct cy_plan *plan, const struct cy_id *passport, cy_time now);

/* cy_lineage_owe records a liability of a debtor; it has the id of the act. Fails with NO_NOUN,
 * NOT_ALLOWED (to oneself). Touches one record. */
struct cy_lineage_debt {
    struct cy_id debtor;
    struct cy_id creditor;
    struct cy_id asset;
    cy_u128 amount;
    cy_time due;
    struct cy_line reason;
};
CY_MUST_USE cy_err cy_lineage_owe(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_lineage_debt *debt);

#endif

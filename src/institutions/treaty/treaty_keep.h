/* treaty_keep: figures held against clauses, and what a breach sets off by itself (M015, M034,
 * M059, M128).
 *
 *      treaty_report --figure against the bound of its period--> receipt: complied
 *                                                           \--> receipt: breach
 *            fine: bond -> pot, what it does not cover is owed     suspend: until a later period
 *            complies     reopen: the lock before notice opens until a new version is adopted
 *
 * The monitor reports, or a party about itself; the monitor may correct what a party said of
 * itself, once. No breach waits for a vote. An emergency, once enough parties call for it, puts the
 * clause's second bound in force for its days and no longer; it cannot be declared again before as
 * many days have passed without one. The answer to an attack is the same for all: from the moment
 * that enough parties called for it, for its days. What it is the treaty declares: a restraint with
 * the treaty as its source, which every bound party mirrors and none can ignore, so that the next
 * payment meets it. The monitor's proof ends it before.
 *
 * Benefits are measured per party; who is behind too often in a row reopens the treaty by that.
 *
 * Owns: treaty_receipt, treaty_duty, treaty_call, treaty_answer. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_KEEP_H
#define CY_INSTITUTIONS_TREATY_TREATY_KEEP_H

#include "institutions/treaty/treaty_book.h"

/* treaty_report: TREATY_UNKNOWN, TREATY_STATE, TREATY_PARTY, TREATY_NUMBER, TREATY_MONITOR,
 * TREATY_PERIOD, TREATY_RESERVED (it does not bind that party), TREATY_EVIDENCE, TREATY_AGAIN. */
CY_MUST_USE cy_err cy_treaty_do_report(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);

/* treaty_emergency: TREATY_BOUND, TREATY_NUMBER, TREATY_CALL (none can be declared),
 * TREATY_RUNNING, TREATY_AGAIN, TREATY_EVIDENCE; treaty_attacked: the same, and evidence must be
 * about who attacks.
 */
CY_MUST_USE cy_err cy_treaty_do_emergency(const struct cy_ctx *ctx, struct cy_plan *plan,
                                          const void *message);
CY_MUST_USE cy_err cy_treaty_do_attacked(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         const void *message);

/* treaty_relent: TREATY_MONITOR, TREATY_CALL (no answer runs), TREATY_EVIDENCE. */
CY_MUST_USE cy_err cy_treaty_do_relent(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);

/* treaty_measure: TREATY_MONITOR, TREATY_MEASURE, TREATY_PARTY, TREATY_EVIDENCE, OVERFLOW;
 * treaty_award: TREATY_MONITOR (not the arbiter), TREATY_BOND (not in the pot, another asset). */
CY_MUST_USE cy_err cy_treaty_do_measure(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_treaty_do_award(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);

/* cy_treaty_answered says that the parties answer an attack by this passport on that day. */
bool cy_treaty_answered(struct cy_plan *plan, const struct cy_id *treaty,
                        const struct cy_id *against, cy_date day);

#endif

/* treaty_join: approval at home, bond, ratification, entry into force, notice and release (M016,
 * M059, M125, M147).
 *
 *      rule and approvals at home + bond + guarantee of rights --> treaty_ratify
 *      enough parties and enough weight on day d --> in force on day d + force_days
 *      a party that ratifies after d --> bound force_days after its own day
 *      notice (after lock_months) --> free after notice_months --> release: the bond returns
 *
 * A party may say who approves for it (its chambers, a bloc's members); until their weight is there
 * its own keys cannot ratify. The lock before notice does not hold while the balance of benefits
 * has reopened the treaty. Who leaves still owes what it owed: that stays on its record.
 *
 * The depositary may record ratifications and notices that happened before the treaty stood in this
 * ledger, each with its source; they set the clocks like any other.
 *
 * Owns: treaty_party after listing, treaty_consent, treaty_approval, treaty_reserve. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_JOIN_H
#define CY_INSTITUTIONS_TREATY_TREATY_JOIN_H

#include "institutions/treaty/treaty_book.h"

/* treaty_rule: TREATY_RULE, UNKNOWN_PASSPORT; treaty_approve: TREATY_UNKNOWN, TREATY_STATE,
 * TREATY_PARTY, TREATY_VERSION, TREATY_RULE (no approver of the party), TREATY_AGAIN. */
CY_MUST_USE cy_err cy_treaty_do_rule(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_treaty_do_approve(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);

/* treaty_bond: TREATY_UNKNOWN, TREATY_STATE, TREATY_PARTY, TREATY_BOND (none is asked), and the
 * errors of cy_escrow_promise. What the party owes is paid from it first. */
CY_MUST_USE cy_err cy_treaty_do_bond(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

/* treaty_ratify: the same three, TREATY_VERSION, TREATY_AGAIN, TREATY_MANDATE, TREATY_BOND,
 * TREATY_RIGHTS, TREATY_NUMBER, TREATY_RESERVED; treaty_renew: TREATY_RIGHTS. */
CY_MUST_USE cy_err cy_treaty_do_ratify(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_treaty_do_renew(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);

/* treaty_record: TREATY_DEPOSITARY, TREATY_DATE, TREATY_AGAIN, TREATY_LOCKED, TREATY_BOUND. */
CY_MUST_USE cy_err cy_treaty_do_record(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);

/* treaty_leave: TREATY_BOUND, TREATY_LOCKED, TREATY_AGAIN; treaty_stay: TREATY_NOTICE;
 * treaty_release, by anybody: TREATY_NOTICE. */
CY_MUST_USE cy_err cy_treaty_do_leave(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_treaty_do_stay(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_treaty_do_release(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);

#endif

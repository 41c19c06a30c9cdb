/* claim: arriving from a realm whose operator does not let one go, and what one is bound by there
 * (M081).
 *
 *     exit_claim: passport and keys by proof ----> open ---- exit_contest ----> refuted
 *                                                   |  other keys, an end, a departure elsewhere,
 *                                                   |  the same claim in a third realm
 *                                                   +--- until, exit_settle --> admitted
 *
 * The old operator records nothing for this: a mirror of its ledger, under heads that it and its
 * witnesses signed, is enough. What it could still say against the claim, it says by showing a
 * newer record of its own, in the time that exit_window_ms gives. Whoever claims in two realms is
 * refuted in both, by their records and the claims that the same key signed.
 *
 * When its operator relents, or is replaced, exit_moved tells the old realm: the holder's own
 * signed claim, and the admission by proof.
 *
 * Duties: whatever record there binds the passport is shown by proof (exit_duty), by anybody, while
 * it is claimed and ever after, and ends when its absence is shown. So obligations travel with the
 * holder who would rather leave them out.
 *
 * Owns: foreign_claim, foreign_duty. Never: moves units. */
#ifndef CY_KERNEL_CLAIM_H
#define CY_KERNEL_CLAIM_H

#include "kernel/exit.h"

extern const struct cy_institution cy_claims_abroad;

/* cy_duty_binds says that a record is one that binds the passport: one of its fields names it, and
 * it is neither an identity's own record nor an account. record is of the schema's size. */
bool cy_duty_binds(const struct cy_schema *schema, const void *record,
                   const struct cy_id *passport);

#endif

/* reputation: points that are earned slowly, decay, and carry a party up a ladder of tiers
 * (M025, M077).
 *
 *      auditors: repute_attest (evidence) --> points --half in repute_half_ms--> ...
 *      the party: tier_claim --> tier 1 --> 2 --> 3 --> 4        one step at a time, with a bond
 *      elsewhere: repute_show (proof) --> counts with its recognition
 *
 * What a gate asks for is the tier of this moment (cy_reputation_tier): where the party climbed to,
 * as far as its points still carry it; on probation 1 at most; shut out, 0. Nothing has to be taken
 * away by anybody, and everything can be earned again. What the next step lacks is told
 * (cy_reputation_lacks).
 *
 * Owns: repute, repute_mark, repute_shown. Never: says who is good; the evidence stays readable. */
#ifndef CY_KERNEL_REPUTATION_H
#define CY_KERNEL_REPUTATION_H

#include "kernel/lineage.h"
#include "kernel/recognition.h"

extern const struct cy_institution cy_reputations;

/* cy_reputation_decay is what is left of points after a time: exact, in whole numbers
 * (SPEC/enforce.md). half_ms > 0. */
uint64_t cy_reputation_decay(uint64_t points, uint64_t elapsed_ms, uint64_t half_ms);

/* cy_reputation_points are a party's points at that time, in thousandths. */
uint64_t cy_reputation_points(struct cy_plan *plan, const struct cy_id *passport, cy_time now);

/* cy_reputation_tier is a party's tier at that time; 0 for who is not active here. */
uint8_t cy_reputation_tier(struct cy_plan *plan, const struct cy_id *id, cy_time now);

/* cy_reputation_lacks says what a party lacks for a tier: TIER_STEP with the first thing missing,
 * or OK. The bond is not looked at. */
CY_MUST_USE cy_err cy_reputation_lacks(struct cy_plan *plan, const struct cy_id *passport,
                                       unsigned tier, cy_time now);

/* cy_reputation_foreign is the tier here of a foreign passport: that of its recognition, and not
 * more than it was shown to have at home. */
uint8_t cy_reputation_foreign(struct cy_plan *plan, const struct cy_id *realm,
                              const struct cy_id *passport);

#endif

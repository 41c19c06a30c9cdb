/* stake: bonds: units held so that breaking a promise costs (M059, M077).
 *
 *      bond_post ----> posted ----bond_cool----> cooling ----cool_ms----> bond_withdraw: returned
 *                        |                          |
 *                        +-------- bond_slash ------+   by the beneficiary, with evidence
 *
 * A bond is a hold on an account of its owner. Its beneficiary may take from it, each time for
 * recorded evidence about the owner or the bond, bounded by the parameter slash_ppm of what was
 * posted and by what is left, and no evidence takes twice. A bond in its cool-down can still be
 * slashed: leaving does not outrun the evidence. While it secures open duties (uses) it cannot
 * cool.
 *
 * When the beneficiary is no passport (an alliance, a court), the institution that knows it judges
 * who may speak for it, and then calls cy_stake_slash.
 *
 * Owns: bond, slash. */
#ifndef CY_KERNEL_STAKE_H
#define CY_KERNEL_STAKE_H

#include "kernel/escrow.h"

extern const struct cy_institution cy_stake;

/* What somebody asks of a bond before relying on it. */
struct cy_stake_need {
    struct cy_id bond;
    struct cy_id owner;
    struct cy_id beneficiary;
    struct cy_id asset; /* none: any */
    cy_u128 least;
    uint64_t cool_ms_least;
};

/* cy_stake_meets says that the bond is posted, not cooling, and meets the need. Fails with
 * BOND_MISSING (detail: 1 absent, 2 owner, 3 beneficiary, 4 asset, 5 amount, 6 cooling or too short
 * a cool-down). */
CY_MUST_USE cy_err cy_stake_meets(struct cy_plan *plan, const struct cy_stake_need *need);

/* cy_stake_use counts one more open duty that the bond secures, after checking the need as above;
 * cy_stake_unuse counts one less (a bond that is gone is passed over). */
CY_MUST_USE cy_err cy_stake_use(struct cy_plan *plan, const struct cy_stake_need *need);
void cy_stake_unuse(struct cy_plan *plan, const struct cy_id *bond);

/* cy_stake_secure: the author secures a duty to the realm by a bond of its own, in an asset of the
 * realm (anyone could issue units of its own), of `least` at least; where least is 0, none need be
 * named. Counts one more open duty. Fails as cy_stake_use. */
CY_MUST_USE cy_err cy_stake_secure(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct cy_id *bond, cy_u128 least);

/* cy_stake_cool starts the cool-down. Fails with NO_NOUN, COOLING, IN_USE. */
CY_MUST_USE cy_err cy_stake_cool(struct cy_plan *plan, cy_time now, const struct cy_id *bond);

/* cy_stake_slash takes `amount` of the bond and pays it to the account `to`, which must not be the
 * owner's. Authority is the caller's to check. Fails with NO_NOUN (1 bond, 3 account, 4 evidence),
 * SLASHED_ALREADY, SLASH_LIMIT, INSUFFICIENT, NOT_ALLOWED (to the owner itself), ASSET_MISMATCH.
 * Touches four records. */
struct cy_stake_slashing {
    struct cy_id bond;
    struct cy_id to;
    struct cy_id evidence;
    cy_u128 amount;
};
CY_MUST_USE cy_err cy_stake_slash(struct cy_plan *plan, cy_time now,
                                  const struct cy_stake_slashing *slashing);

#endif

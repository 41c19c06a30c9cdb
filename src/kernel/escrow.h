/* escrow: assets, accounts and transfers in two phases (M111, M048).
 *
 *     single ------------------------------------> settled
 *     pending --> (held) --post (all or part)----> settled, the rest returns
 *                        \--void---------------> returned
 *                        \--expires------------> cannot be posted; void or a tick returns it
 *
 * A payment that a restraint in force holds (restraint.h) becomes a pending one, marked frozen: it
 * is neither posted nor voided nor swept while that restraint binds, and goes on as any other when
 * it does not. Payments of parties that are shut out are refused.
 *
 * Units exist only by issue and end only by retirement: for every asset
 *     issued = sum over its accounts of balance + held
 * at every moment (the conservation that tests and the simulator check).
 *
 * An account's id is SHA-256("comity-account" || owner || asset || u32be number), so that anyone
 * can compute where to pay. Expiry is judged by comparing times, never by a sweep: a sweep only
 * returns early what anyone could have returned.
 *
 * Owns: asset, account, pending, frozen. */
#ifndef CY_KERNEL_ESCROW_H
#define CY_KERNEL_ESCROW_H

#include "kernel/constraint.h"
#include "kernel/restraint.h"

extern const struct cy_institution cy_escrow;

/* cy_account_id computes where a passport keeps its units of an asset. */
struct cy_id cy_account_id(const struct cy_id *owner, const struct cy_id *asset, uint32_t number);

/* cy_escrow_open opens an account for a passport or a body, and says its id. Fails with NO_NOUN (no
 * such asset), EXISTS. Touches one record. A body that is no passport signs nothing: what lies in
 * its account moves only by the institution that opened it. */
CY_MUST_USE cy_err cy_escrow_open(struct cy_plan *plan, const struct cy_id *owner,
                                  const struct cy_id *asset, uint32_t number, struct cy_id *id);

/* cy_escrow_hold moves units of an account from free to held, cy_escrow_release back; fail with
 * NO_NOUN, INSUFFICIENT. cy_escrow_pay moves held units of one account to another's balance. They
 * are what bonds and other holds are made of. */
CY_MUST_USE cy_err cy_escrow_hold(struct cy_plan *plan, const struct cy_id *account,
                                  cy_u128 amount);
CY_MUST_USE cy_err cy_escrow_release(struct cy_plan *plan, const struct cy_id *account,
                                     cy_u128 amount);
CY_MUST_USE cy_err cy_escrow_pay(struct cy_plan *plan, const struct cy_id *from,
                                 const struct cy_id *to, cy_u128 amount);

/* cy_escrow_seat is the owner's account number 0 in the asset, opened when there is none: where
 * units arrive that no act of the owner asked for. Touches one record. */
struct cy_id cy_escrow_seat(struct cy_plan *plan, const struct cy_id *owner,
                            const struct cy_id *asset);

/* cy_escrow_asset creates an asset without decimals that a body issues: what an institution keeps
 * its credit in. Touches one record. */
void cy_escrow_asset(struct cy_plan *plan, const struct cy_id *id, const struct cy_id *issuer,
                     const struct cy_label *code, const struct cy_name *name);

/* cy_escrow_mint creates units for an account, cy_escrow_unmint ends free units of one, for an
 * institution that is the issuer; they keep issued = what is in accounts. Fail with NO_NOUN,
 * LIMIT_ISSUED, OVERFLOW, INSUFFICIENT. Touch two records. */
CY_MUST_USE cy_err cy_escrow_mint(struct cy_plan *plan, const struct cy_id *account,
                                  cy_u128 amount);
CY_MUST_USE cy_err cy_escrow_unmint(struct cy_plan *plan, const struct cy_id *account,
                                    cy_u128 amount);

/* cy_escrow_promise holds units of an account of the author, within the bounds that the author put
 * on itself: what acts use that let their author promise own units. Fails with NO_NOUN, NOT_OWNER,
 * INSUFFICIENT, SELF_BOUND, FROZEN, EXCLUDED. Touches two records. */
CY_MUST_USE cy_err cy_escrow_promise(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const struct cy_id *account, cy_u128 amount);

/* cy_escrow_burn ends units of an account of the author: retirement, and the proof of cost of
 * privileged acts (M077). Fails as the promise does. Touches three records. */
CY_MUST_USE cy_err cy_escrow_burn(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_id *account, cy_u128 amount);

/* cy_escrow_sweep returns the units of at most n expired pending transfers, looking at n records
 * from `from` on; returns where to go on. Housekeeping of a tick. */
uint32_t cy_escrow_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n);

#endif

/* capability: scoped, expiring, attenuating authority: delegations, offices (mantles) and their
 * revocation (M078, M122, M123).
 *
 *      principal --grant--> A --grant (depth)--> B --grant--> C          at most 4 times passed on
 *
 * A delegation names one act (or any), and may name the noun it is about, the largest amount in one
 * act and its end. Whoever holds one with depth left may pass it on. What C may do is judged along
 * the whole chain at the moment of use: every link must stand, be in time, and allow the noun and
 * amount. So no link is ever wider than the one before it, and revoking one link ends all that
 * hangs on it. An amount that the act leaves open, or that stands only in a list, passes no limit.
 * Delegating "any" act leaves out what a passport does about itself: retiring, binding itself,
 * granting; those need a delegation that names them, and granting only depth.
 *
 * An office belongs to a body: the author itself, or an alliance for which an institution calls
 * after its own check. Its holder has a term and, where asked, a bond that cannot cool meanwhile.
 *
 * Owns: delegation, mantle, holder. */
#ifndef CY_KERNEL_CAPABILITY_H
#define CY_KERNEL_CAPABILITY_H

#include "kernel/constitution.h"

extern const struct cy_institution cy_capability;

/* cy_capability_check says that the actor may do this act for the author. Nothing to check when
 * they are the same passport. Fails with NO_DELEGATION, DELEGATION_EXPIRED, DELEGATION_SCOPE. */
CY_MUST_USE cy_err cy_capability_check(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const struct cy_any *act);

/* cy_capability_holds says that the passport holds the body's office at that time. */
bool cy_capability_holds(struct cy_plan *plan, const struct cy_id *body,
                         const struct cy_label *role, const struct cy_id *passport, cy_time now);

/* The three acts of offices, for institutions that know who speaks for a body. cy_mantle_create
 * fails with EXISTS, ROTATION_TERMS (a bond without its asset), NO_NOUN; touches one record.
 * cy_mantle_grant fails with NO_NOUN, UNKNOWN_PASSPORT, RETIRED_PASSPORT, EXISTS (in office),
 * ROTATION_TERMS, BOND_MISSING; touches three. cy_mantle_end fails with NO_NOUN; touches two. */
CY_MUST_USE cy_err cy_mantle_create(struct cy_plan *plan, const struct cy_id *body,
                                    const struct cy_mantle_create *terms);
CY_MUST_USE cy_err cy_mantle_grant(struct cy_plan *plan, const struct cy_ctx *ctx,
                                   const struct cy_id *body, const struct cy_mantle_grant *terms);
CY_MUST_USE cy_err cy_mantle_end(struct cy_plan *plan, const struct cy_id *body,
                                 const struct cy_label *role, const struct cy_id *passport);

#endif

/* capability: scoped, expiring, attenuating authority: delegations, offices (mantles) and their
 * revocation (M078, M122, M123).
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

#endif

/* rights_revoke: a right taken back, with a reason, a day to appeal and somebody else to decide
 * (M045, M123).
 *
 *      quota_revoke --> standing --its time to appeal is over: anybody--> final: free again
 *                          |    \--the issuer thinks better of it-------> restored
 *                          +--quota_appeal--> appealed --the arbiter----> final | restored
 *                                                 \--the arbiter is silent: anybody--> restored
 *
 * Only what is unused can be revoked. Until the end it belongs to nobody and cannot be allotted to
 * others. Nobody judges in a cause of their own: the arbiter neither holds nor revokes.
 *
 * Owns: quota_revocation. */
#ifndef CY_INSTITUTIONS_RIGHTS_RIGHTS_REVOKE_H
#define CY_INSTITUTIONS_RIGHTS_RIGHTS_REVOKE_H

#include "institutions/rights/rights_roll.h"

/* quota_revoke: QUOTA_UNKNOWN, QUOTA_CLOSED, QUOTA_OFFICER, QUOTA_AUDITOR (the arbiter),
 * QUOTA_PARTY, QUOTA_UNUSED, QUOTA_APPEAL (too little time), QUOTA_EVIDENCE; quota_appeal,
 * quota_decide: QUOTA_APPEAL, QUOTA_AUDITOR. */
CY_MUST_USE cy_err cy_rights_revoke(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_rights_appeal(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_rights_decide(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);

#endif

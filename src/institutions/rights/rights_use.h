/* rights_use: what holders say they used, what the auditor finds, and breaches (M045).
 *
 *      evidence_record (kernel) --> quota_report --> counted --quota_audit--> counted as found
 *                                       \                          \
 *                                        +-- more than the right: refused, or a breach
 *
 * Each piece of evidence counts once in a quota. A report of more than the right is refused, or
 * taken and written down as a breach, as the quota says; what an auditor finds is always written
 * down: a fact cannot be refused. A breach stays on record when the holder buys more later.
 *
 * Owns: quota_landing, quota_proof, quota_breach, quota_finding. */
#ifndef CY_INSTITUTIONS_RIGHTS_RIGHTS_USE_H
#define CY_INSTITUTIONS_RIGHTS_RIGHTS_USE_H

#include "institutions/rights/rights_roll.h"

/* quota_report: QUOTA_UNKNOWN, QUOTA_CLOSED, QUOTA_PARTY, QUOTA_SEASON, QUOTA_EVIDENCE,
 * QUOTA_EXCEEDED; quota_audit: the first two, QUOTA_AUDITOR, QUOTA_REPORT, QUOTA_EVIDENCE. */
CY_MUST_USE cy_err cy_rights_report(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_rights_audit(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);

#endif

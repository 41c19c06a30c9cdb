/* finding_sheet: findings whose proof is too large to be judged at once (M132; certify/sheet.h).
 *
 *      finding_large, with a bond --window over--> stands; settle returns the bond
 *            \--finding_challenge: a part that fails, or two that disagree--> defeated
 *
 * The proof stands in the ledger in parts (upload.h), so everybody has it. A challenge shows one or
 * two parts as they were sent, and the digests of all, from which the digest of the whole follows.
 * Judging it takes one look at them. Who is wrong loses the bond to the other: the finder when they
 * fail, the challenger when they hold.
 *
 * Owns: nothing; findings are those of finding_answer. */
#ifndef CY_INSTITUTIONS_FINDING_FINDING_SHEET_H
#define CY_INSTITUTIONS_FINDING_FINDING_SHEET_H

#include "institutions/finding/finding_answer.h"

/* finding_large: those of cy_finding_begin, FINDING_WINDOW (the objective takes none),
 * FINDING_FRAME (it asks for a frame or bounds, which a sheet does not show), FINDING_SHEET, those
 * of cy_escrow_promise; finding_challenge: FINDING_UNKNOWN, FINDING_STATE, FINDING_WINDOW,
 * FINDING_SHEET, those of cy_escrow_promise. */
CY_MUST_USE cy_err cy_finding_do_large(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_finding_do_challenge(const struct cy_ctx *ctx, struct cy_plan *plan,
                                           const void *message);

#endif

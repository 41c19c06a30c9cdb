/* rights_market: rights change hands among the parties of a quota (M045).
 *
 *      quota_bid: price held in escrow --quota_transfer names it--> right to the buyer and price to
 *                     \                                             the seller, in one act
 *                      \--quota_unbid: by the buyer, or by anybody once its time is over
 *
 * Nobody pays without receiving and nobody delivers without being paid: the one act does both or
 * nothing. A right may also be given. What was used cannot be sold.
 *
 * Owns: quota_bid_open. */
#ifndef CY_INSTITUTIONS_RIGHTS_RIGHTS_MARKET_H
#define CY_INSTITUTIONS_RIGHTS_RIGHTS_MARKET_H

#include "institutions/rights/rights_roll.h"

/* quota_bid: QUOTA_UNKNOWN, QUOTA_CLOSED, QUOTA_PARTY, QUOTA_CAP, QUOTA_BID, and the errors of
 * cy_escrow_promise; quota_unbid: QUOTA_BID; quota_transfer: these, QUOTA_UNUSED, NOT_OWNER, and
 * the errors of cy_escrow_pay. */
CY_MUST_USE cy_err cy_rights_bid(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const void *message);
CY_MUST_USE cy_err cy_rights_unbid(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_rights_transfer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);

#endif

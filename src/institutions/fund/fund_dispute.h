/* fund_dispute: a party's part held until a day, because another disputes it (M046).
 *
 *      share_dispute --> holds --its day comes--> over: share_release pays what was held
 *                          |----withdrawn-------> ended, likewise
 *                          \----the arbiter-----> ended; part of what is held may be awarded
 *
 * Several parties may dispute one part; it is held until none does. A dispute holds only what is
 * split while it stands, never what was paid. After it is over the same party cannot dispute the
 * same part again before the longest time of a dispute has passed: a hold is not a weapon.
 *
 * Owns: share_quarrel. */
#ifndef CY_INSTITUTIONS_FUND_FUND_DISPUTE_H
#define CY_INSTITUTIONS_FUND_FUND_DISPUTE_H

#include "institutions/fund/fund_book.h"

/* cy_share_disputed says that a dispute holds the party's part now. */
bool cy_share_disputed(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_share *share,
                       const struct cy_id *party);

/* share_dispute: SHARE_UNKNOWN, SHARE_STATE, SHARE_PARTY, SHARE_DISPUTE, SHARE_EVIDENCE;
 * share_resolve: SHARE_UNKNOWN, SHARE_PARTY, SHARE_DISPUTE, SHARE_ARBITER, SHARE_HELD;
 * share_release: SHARE_UNKNOWN, SHARE_PARTY, SHARE_HELD. */
CY_MUST_USE cy_err cy_fund_dispute(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_fund_resolve(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_fund_release(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);

#endif

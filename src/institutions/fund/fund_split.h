/* fund_split: figures declared, and everything in the account split to the last unit (M046).
 *
 *      fixed       weights of the agreement; any party settles when it likes
 *      measured    the measurer declares figures of a period, with evidence; one settlement each
 *
 * Rounding (base/apportion.h) is part of the agreement and of every settlement's record. With fixed
 * weights it does not matter how often one settles: under highest average the parts follow from
 * everything split since the beginning; under largest remainder what rounding gave or took is
 * carried on. So nobody gains by asking for a settlement after every unit.
 *
 * A party whose part is disputed gets it as soon as no dispute holds it (fund_dispute).
 *
 * Owns: share_settlement, share_part. */
#ifndef CY_INSTITUTIONS_FUND_FUND_SPLIT_H
#define CY_INSTITUTIONS_FUND_FUND_SPLIT_H

#include "institutions/fund/fund_dispute.h"

/* share_measure: SHARE_UNKNOWN, SHARE_STATE, SHARE_MEASURE, SHARE_PARTY, SHARE_EVIDENCE;
 * share_settle: the first two, SHARE_PARTY, SHARE_MEASURE (no figures), SHARE_EMPTY, OVERFLOW. */
CY_MUST_USE cy_err cy_fund_measure(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_fund_settle(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);

#endif

/* crisis_stock: what there is, where, until when it keeps; and the shared stockpile (M035, M140).
 *
 *      amount = free + promised (on its way to a need) + pledged (in the stockpile)
 *
 * The stockpile is virtual: what is pledged stays where it is, in its owner's care. Its rules:
 *
 *      claim     in a crisis a party draws, without any plan, up to its weight's share of all that
 *                was pledged of the good; from any pledged stock that is still good
 *      rotation  a pledge moves to fresher stock of the same owner; while a crisis lasts it is not
 *                lowered
 *      count     the auditor's figure takes the place of the book's; what is missing stands on
 *                record, and the pledge shrinks when it can no longer be kept
 *
 * Owns: stock; of holding what is held. */
#ifndef CY_INSTITUTIONS_CRISIS_CRISIS_STOCK_H
#define CY_INSTITUTIONS_CRISIS_CRISIS_STOCK_H

#include "institutions/crisis/crisis_pact.h"

/* cy_stock_good_on says that the stock is still good on that day. Fails with STOCK_EXPIRED. */
CY_MUST_USE cy_err cy_stock_good_on(const struct cy_stock *stock, cy_date day);

static inline uint64_t cy_stock_free(const struct cy_stock *stock)
{
    return stock->amount - stock->promised - stock->pledged;
}

/* cy_stock_less takes units out of the stock and the owner's holding. Touches two records. */
void cy_stock_less(struct cy_plan *plan, struct cy_stock *stock, uint64_t amount);

/* stock_offer: those of cy_pact_joined, PACT_GOOD, STOCK_EXPIRED; stock_change, stock_pledge,
 * stock_rotate: STOCK_UNKNOWN, STOCK_AMOUNT, STOCK_PLEDGED, STOCK_EXPIRED, STOCK_ROTATE;
 * stock_count: STOCK_UNKNOWN, PACT_AUDITOR. */
CY_MUST_USE cy_err cy_stock_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_stock_do_change(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_stock_do_pledge(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_stock_do_rotate(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_stock_do_count(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

#endif

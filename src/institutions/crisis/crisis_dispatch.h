/* crisis_dispatch: needs, and goods on their way to them (M035, M036, M140).
 *
 *      need --dispatch_send: a line of a certified plan--> sent --dispatch_receive--> received
 *       |----stock_draw: by claim on the stockpile------>    \---dispatch_cancel----> called off
 *
 * A line of a plan is sent by any party, for nothing about it is left to choose: the amount is in
 * the answer of a finding that may be relied on and is proved best; which stock and which need the
 * column stands for was named by the office with the data; and the owner of the stock has signed a
 * mandate that covers it. Without a mandate the owner sends it itself. Each column is sent once;
 * when newer data are named, what was not sent of the old plan lapses.
 *
 * What arrives was lent: the lender has credit for it, the borrower owes it.
 *
 * Owns: need, dispatch, dispatched; of holding and pact_good what was sent and drawn. */
#ifndef CY_INSTITUTIONS_CRISIS_CRISIS_DISPATCH_H
#define CY_INSTITUTIONS_CRISIS_CRISIS_DISPATCH_H

#include "institutions/crisis/crisis_stock.h"

/* need_post: those of cy_crisis_of, cy_pact_joined, PACT_GOOD, NEED_CLOSED; need_close:
 * NEED_UNKNOWN, NEED_CLOSED; dispatch_send: PACT_PARTY, STOCK_UNKNOWN, NEED_UNKNOWN, those of
 * cy_certified_stands, FINDING_ANSWER, DISPATCH_LINE, DISPATCH_AGAIN, DISPATCH_SELF,
 * STOCK_EXPIRED, STOCK_AMOUNT, NEED_CLOSED, NEED_MET, DISPATCH_MANDATE; stock_draw: the same but
 * for findings and mandates, and STOCK_CLAIM; dispatch_receive, dispatch_cancel: DISPATCH_UNKNOWN,
 * RANGE. */
CY_MUST_USE cy_err cy_need_do_post(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_need_do_close(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_stock_do_draw(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_dispatch_do_send(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_dispatch_do_receive(const struct cy_ctx *ctx, struct cy_plan *plan,
                                          const void *message);
CY_MUST_USE cy_err cy_dispatch_do_cancel(const struct cy_ctx *ctx, struct cy_plan *plan,
                                         const void *message);

#endif

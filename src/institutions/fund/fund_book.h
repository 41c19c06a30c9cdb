/* fund_book: the records of an agreement to share revenue as its rules read them, and the account
 * that belongs to nobody (M046).
 *
 * The agreement's id owns an account of the shared asset. No passport has that id, so no key can
 * move what lies there: only a settlement, a release or an award does.
 *
 * The books, true after every act:
 *      balance of the account = not yet split + held;   held = sum of the parties' held
 *      split since the beginning = sum of the parties' due
 *
 * Owns: nothing; share and share_party are written by fund and fund_split. */
#ifndef CY_INSTITUTIONS_FUND_FUND_BOOK_H
#define CY_INSTITUTIONS_FUND_FUND_BOOK_H

#include "kernel/act.h"
#include "kernel/escrow.h"
#include "kernel/evidence.h"

#define CY_SHARE_PARTIES_MAX 32u /* of an agreement; the schema's bound */

/* Keys of records that belong to an agreement. */
struct cy_of_share {
    struct cy_id share;
    uint64_t position;
};

struct cy_share_pair {
    struct cy_id share;
    struct cy_id party;
    struct cy_id by;
};

/* cy_share_any finds an agreement; cy_share_running one that is live, or under notice that still
 * runs: it takes money in. Fail with SHARE_UNKNOWN, SHARE_STATE. */
CY_MUST_USE cy_err cy_share_any(struct cy_plan *plan, const struct cy_id *id,
                                const struct cy_share **share);
CY_MUST_USE cy_err cy_share_running(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_id *id, const struct cy_share **share);

/* cy_share_party_at is the party at a place of the list; asserts that there is one. */
const struct cy_share_party *cy_share_party_at(struct cy_plan *plan, const struct cy_id *share,
                                               uint32_t position);

/* cy_share_find is the place of a party. Fails with SHARE_PARTY. */
CY_MUST_USE cy_err cy_share_find(struct cy_plan *plan, const struct cy_share *share,
                                 const struct cy_id *party, uint32_t *position);

/* cy_share_free is what lies in the account and is not held: the next settlement splits it. */
cy_u128 cy_share_free(struct cy_plan *plan, const struct cy_share *share);

/* cy_share_pay pays units from the agreement's account to an account. Fails with the errors of
 * cy_escrow_hold and cy_escrow_pay. Writes 2 records. */
CY_MUST_USE cy_err cy_share_pay(struct cy_plan *plan, const struct cy_share *share,
                                const struct cy_id *to, cy_u128 amount);

#endif

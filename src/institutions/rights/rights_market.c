#include "institutions/rights/rights_market.h"

cy_err cy_rights_bid(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_bid *m = message;
    const struct cy_quota *quota = NULL;
    struct cy_quota_bid_open *bid = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    CY_TRY(cy_quota_may_receive(plan, quota, &ctx->author, m->amount));
    if (m->until <= ctx->now)
        return cy_fail(CY_E_QUOTA_BID, 6);
    if (cy_id_eq(&m->seller, &ctx->author))
        return cy_fail(CY_E_QUOTA_BID, 2);
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, m->price));
    bid = CY_EDIT(plan, quota_bid_open, cy_ctx_id(ctx));
    bid->quota = m->quota;
    bid->buyer = ctx->author;
    bid->seller = m->seller;
    bid->amount = m->amount;
    bid->account = m->account;
    bid->price = m->price;
    bid->until = m->until;
    return CY_OK;
}

cy_err cy_rights_unbid(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_unbid *m = message;
    const struct cy_quota_bid_open *bid = CY_READ(plan, quota_bid_open, &m->quota_bid);

    if (bid == NULL)
        return cy_fail(CY_E_QUOTA_BID, 1);
    if (!cy_id_eq(&bid->buyer, &ctx->author) && ctx->now < bid->until)
        return cy_fail(CY_E_NOT_OWNER, 1);
    CY_TRY(cy_escrow_release(plan, &bid->account, bid->price));
    CY_REMOVE(plan, quota_bid_open, &m->quota_bid);
    return CY_OK;
}

/* The bid is for exactly this transfer, by this author, now. */
static bool bid_fits(const struct cy_quota_bid_open *bid, const struct cy_ctx *ctx,
                     const struct cy_quota_transfer *m)
{
    return cy_id_eq(&bid->quota, &m->quota) && cy_id_eq(&bid->buyer, &m->to) &&
           bid->amount == m->amount && ctx->now < bid->until &&
           (cy_id_none(&bid->seller) || cy_id_eq(&bid->seller, &ctx->author));
}

/* Pays what the bid holds to the author; *price is 0 when the right is given. */
static cy_err collect(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_quota_transfer *m, cy_u128 *price)
{
    const struct cy_quota_bid_open *bid = NULL;
    const struct cy_account *account = NULL;

    *price = 0;
    if (cy_id_none(&m->quota_bid))
        return cy_id_none(&m->account) ? CY_OK : cy_fail(CY_E_QUOTA_BID, 5);
    bid = CY_READ(plan, quota_bid_open, &m->quota_bid);
    if (bid == NULL || !bid_fits(bid, ctx, m))
        return cy_fail(CY_E_QUOTA_BID, 4);
    account = CY_READ(plan, account, &m->account);
    if (account == NULL || !cy_id_eq(&account->owner, &ctx->author))
        return cy_fail(account == NULL ? CY_E_NO_NOUN : CY_E_NOT_OWNER, 5);
    *price = bid->price;
    CY_TRY(cy_escrow_pay(plan, &bid->account, &m->account, bid->price));
    CY_REMOVE(plan, quota_bid_open, &m->quota_bid);
    return CY_OK;
}

cy_err cy_rights_transfer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_transfer *m = message;
    const struct cy_quota_party giver = {m->quota, ctx->author};
    const struct cy_quota_party taker = {m->quota, m->to};
    const struct cy_quota_holder *have = cy_quota_holder_of(plan, &m->quota, &ctx->author);
    const struct cy_quota *quota = NULL;
    struct cy_quota_holder *holder = NULL;
    cy_u128 price = 0;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    if (have == NULL || cy_id_eq(&m->to, &ctx->author))
        return cy_fail(CY_E_QUOTA_PARTY, have == NULL ? 1 : 4);
    CY_TRY(cy_quota_may_receive(plan, quota, &m->to, m->amount));
    if (cy_quota_unused(have) < m->amount)
        return cy_fail(CY_E_QUOTA_UNUSED, 3);
    CY_TRY(collect(ctx, plan, m, &price));
    holder = CY_EDIT(plan, quota_holder, &giver);
    holder->right -= m->amount;
    CY_TRY(cy_add(holder->given, m->amount, &holder->given));
    holder = CY_EDIT(plan, quota_holder, &taker);
    holder->right += m->amount; /* may_receive has seen that the sum fits */
    CY_TRY(cy_add(holder->received, m->amount, &holder->received));
    cy_quota_note(ctx, plan, &m->quota,
                  &(struct cy_quota_noted){.kind = CY_quota_change_TRANSFER,
                                           .from = &ctx->author,
                                           .to = &m->to,
                                           .amount = m->amount,
                                           .price = price});
    return CY_OK;
}

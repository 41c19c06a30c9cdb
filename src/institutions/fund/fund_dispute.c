#include "institutions/fund/fund_dispute.h"

static bool stands(const struct cy_share_quarrel *quarrel, cy_time now)
{
    return quarrel != NULL && !quarrel->ended && now < quarrel->until;
}

bool cy_share_disputed(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_share *share,
                       const struct cy_id *party)
{
    for (uint32_t i = 0; i < share->parties; i++) {
        const struct cy_share_pair key = {share->id, *party,
                                          cy_share_party_at(plan, &share->id, i)->party};

        if (stands(CY_READ(plan, share_quarrel, &key), ctx->now))
            return true;
    }
    return false;
}

cy_err cy_fund_dispute(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_dispute *m = message;
    const struct cy_share_pair key = {m->share, m->party, ctx->author};
    const struct cy_share_quarrel *old = CY_READ(plan, share_quarrel, &key);
    const struct cy_share *share = NULL;
    struct cy_share_quarrel *quarrel = NULL;
    uint32_t position = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    if (share->state != CY_share_state_LIVE && share->state != CY_share_state_ENDING)
        return cy_fail(CY_E_SHARE_STATE, share->state);
    CY_TRY(cy_share_find(plan, share, &ctx->author, &position));
    CY_TRY(cy_share_find(plan, share, &m->party, &position));
    if (cy_id_eq(&m->party, &ctx->author))
        return cy_fail(CY_E_SHARE_DISPUTE, 1);
    if (m->until <= ctx->now || m->until - ctx->now > share->dispute_ms)
        return cy_fail(CY_E_SHARE_DISPUTE, 2);
    if (old != NULL && (stands(old, ctx->now) || ctx->now - old->until < share->dispute_ms))
        return cy_fail(CY_E_SHARE_DISPUTE, 3);
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_SHARE_EVIDENCE, 4);
    quarrel = CY_EDIT(plan, share_quarrel, &key);
    quarrel->since = ctx->now;
    quarrel->until = m->until;
    quarrel->ended = false;
    quarrel->awarded = 0;
    quarrel->awarded_to = (struct cy_id){0};
    quarrel->evidence = m->evidence;
    quarrel->reason = m->reason;
    return CY_OK;
}

/* Takes units out of what is held for a party and pays them. */
static cy_err pay_held(struct cy_plan *plan, const struct cy_share *share, uint32_t position,
                       const struct cy_id *to, cy_u128 amount)
{
    const struct cy_of_share key = {share->id, position};
    const struct cy_share_party *have = cy_share_party_at(plan, &share->id, position);

    if (have->held < amount)
        return cy_fail(CY_E_SHARE_HELD, 1);
    CY_TRY(cy_share_pay(plan, share, to, amount));
    CY_EDIT(plan, share_party, &key)->held -= amount;
    CY_EDIT(plan, share, &share->id)->held -= amount;
    return CY_OK;
}

/* What the arbiter awards from the part that is held at `position`. */
static cy_err award(struct cy_plan *plan, const struct cy_share *share, uint32_t position,
                    const struct cy_share_resolve *m)
{
    uint32_t winner = 0;

    if ((m->amount == 0) != cy_id_none(&m->to))
        return cy_fail(CY_E_SHARE_HELD, 2);
    if (m->amount == 0)
        return CY_OK;
    CY_TRY(cy_share_find(plan, share, &m->to, &winner));
    return pay_held(plan, share, position, &cy_share_party_at(plan, &share->id, winner)->account,
                    m->amount);
}

cy_err cy_fund_resolve(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_resolve *m = message;
    const struct cy_share_pair key = {m->share, m->party, m->by};
    const struct cy_share_quarrel *have = CY_READ(plan, share_quarrel, &key);
    const struct cy_share *share = NULL;
    struct cy_share_quarrel *quarrel = NULL;
    uint32_t position = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    CY_TRY(cy_share_find(plan, share, &m->party, &position));
    if (!stands(have, ctx->now))
        return cy_fail(CY_E_SHARE_DISPUTE, 4);
    if (!cy_id_eq(&ctx->author, &share->arbiter)) {
        if (!cy_id_eq(&ctx->author, &m->by) || m->amount != 0)
            return cy_fail(CY_E_SHARE_ARBITER, 0);
    }
    CY_TRY(award(plan, share, position, m));
    quarrel = CY_EDIT(plan, share_quarrel, &key);
    quarrel->ended = true;
    quarrel->until = ctx->now;
    quarrel->awarded = m->amount;
    quarrel->awarded_to = m->to;
    return CY_OK;
}

cy_err cy_fund_release(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_release *m = message;
    const struct cy_share *share = NULL;
    const struct cy_share_party *party = NULL;
    uint32_t position = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    CY_TRY(cy_share_find(plan, share, &m->party, &position));
    party = cy_share_party_at(plan, &m->share, position);
    if (party->held == 0 || cy_share_disputed(ctx, plan, share, &m->party))
        return cy_fail(CY_E_SHARE_HELD, party->held == 0 ? 3 : 4);
    return pay_held(plan, share, position, &party->account, party->held);
}

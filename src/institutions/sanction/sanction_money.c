#include "institutions/sanction/sanction_money.h"

#include "kernel/stake.h"

/* What a list may fine: a target that stands on it, an heir of one, or a party that was matched. */
static bool finable(struct cy_plan *plan, const struct cy_id *list, const struct cy_id *party)
{
    const struct cy_lineage *lineage = CY_READ(plan, lineage, party);

    if (cy_restraint_of(plan, party, list) != NULL)
        return true;
    for (uint64_t i = 0; lineage != NULL && i < lineage->ancestors; i++) {
        const struct {
            struct cy_id heir;
            uint64_t number;
        } key = {*party, i};

        if (cy_restraint_of(plan, &CY_READ(plan, ancestor, &key)->from, list) != NULL)
            return true;
    }
    return false;
}

cy_err cy_sanction_fine_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_fine *m = message;
    const struct cy_bond *bond = CY_READ(plan, bond, &m->bond);
    const struct cy_sanction_list *list = NULL;
    struct cy_id to;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    if (!finable(plan, &m->list, &m->party))
        return cy_fail(CY_E_SANCTION_NO_ENTRY, 2);
    if (bond == NULL)
        return cy_fail(CY_E_NO_NOUN, 3);
    if (!cy_id_eq(&bond->owner, &m->party))
        return cy_fail(CY_E_NOT_OWNER, 3);
    if (!cy_id_eq(&bond->beneficiary, &list->owner))
        return cy_fail(CY_E_NOT_BENEFICIARY, 3);
    to = cy_escrow_seat(plan, &m->list, &bond->asset);
    return cy_stake_slash(
        plan, ctx->now,
        &(struct cy_stake_slashing){
            .bond = m->bond, .to = to, .evidence = m->evidence, .amount = m->amount});
}

cy_err cy_sanction_claim_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_claim *m = message;
    const struct cy_sanction_list *list = NULL;
    struct cy_sanction_loss *loss = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    if (cy_restraint_mode(plan, &ctx->author, &m->list, ctx->now) == CY_heed_mode_IGNORE)
        return cy_fail(CY_E_SANCTION_FOLLOWER, 1);
    if (CY_READ(plan, asset, &m->asset) == NULL || CY_READ(plan, evidence, &m->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, CY_READ(plan, asset, &m->asset) == NULL ? 2 : 4);
    loss = CY_EDIT(plan, sanction_loss, cy_ctx_id(ctx));
    loss->list = m->list;
    loss->party = ctx->author;
    loss->asset = m->asset;
    loss->amount = m->amount;
    loss->evidence = m->evidence;
    loss->reason = m->reason;
    loss->since = ctx->now;
    return CY_OK;
}

cy_err cy_sanction_compensate_act(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message)
{
    const struct cy_sanction_compensate *m = message;
    const struct cy_sanction_loss *loss = CY_READ(plan, sanction_loss, &m->claim);
    const struct cy_sanction_list *list = NULL;
    struct cy_sanction_loss *answered = NULL;
    struct cy_id from;
    struct cy_id to;

    if (loss == NULL)
        return cy_fail(CY_E_SANCTION_CLAIM, 1);
    CY_TRY(cy_sanction_live(plan, &loss->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    if (loss->answered || m->amount > loss->amount)
        return cy_fail(CY_E_SANCTION_CLAIM, loss->answered ? 2 : 3);
    if (cy_id_eq(&loss->party, &ctx->author))
        return cy_fail(CY_E_NOT_ALLOWED, 1); /* nobody answers an own claim */
    if (m->amount > 0) {
        from = cy_escrow_seat(plan, &loss->list, &loss->asset);
        to = cy_escrow_seat(plan, &loss->party, &loss->asset);
        CY_TRY(cy_escrow_hold(plan, &from, m->amount));
        CY_TRY(cy_escrow_pay(plan, &from, &to, m->amount));
    }
    answered = CY_EDIT(plan, sanction_loss, &m->claim);
    answered->paid = m->amount;
    answered->answered = true;
    return CY_OK;
}

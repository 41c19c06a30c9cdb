#include "institutions/rights/rights_roll.h"

cy_err cy_quota_any(struct cy_plan *plan, const struct cy_id *id, const struct cy_quota **quota)
{
    *quota = CY_READ(plan, quota, id);
    return *quota != NULL ? CY_OK : cy_fail(CY_E_QUOTA_UNKNOWN, 0);
}

cy_err cy_quota_live(struct cy_plan *plan, const struct cy_id *id, const struct cy_quota **quota)
{
    CY_TRY(cy_quota_any(plan, id, quota));
    return (*quota)->state == CY_quota_state_OPEN ? CY_OK : cy_fail(CY_E_QUOTA_CLOSED, 0);
}

const struct cy_quota_roll *cy_quota_counts(struct cy_plan *plan, const struct cy_id *quota)
{
    const struct cy_quota_roll *roll = CY_READ(plan, quota_roll, quota);

    CY_ASSERT(roll != NULL);
    return roll;
}

cy_err cy_quota_officer(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *body)
{
    static const char *const offices[] = {"secretary", "quotas"};

    if (cy_id_eq(&ctx->author, body))
        return CY_OK;
    for (size_t i = 0; i < CY_COUNT(offices); i++) {
        struct cy_label office;
        const cy_err err = cy_label_of(cy_span_text(offices[i]), &office);

        CY_ASSERT(cy_ok(err));
        if (cy_capability_holds(plan, body, &office, &ctx->author, ctx->now))
            return CY_OK;
    }
    return cy_fail(CY_E_QUOTA_OFFICER, 0);
}

const struct cy_quota_holder *cy_quota_holder_of(struct cy_plan *plan, const struct cy_id *quota,
                                                 const struct cy_id *party)
{
    const struct cy_quota_party key = {*quota, *party};

    return CY_READ(plan, quota_holder, &key);
}

cy_err cy_quota_may_receive(struct cy_plan *plan, const struct cy_quota *quota,
                            const struct cy_id *party, cy_u128 amount)
{
    const struct cy_quota_holder *holder = cy_quota_holder_of(plan, &quota->id, party);
    cy_u128 right = 0;

    if (holder == NULL || holder->barred)
        return cy_fail(CY_E_QUOTA_PARTY, holder == NULL ? 1 : 2);
    CY_TRY(cy_add(holder->right, amount, &right));
    if (quota->most != 0 && right > quota->most)
        return cy_fail(CY_E_QUOTA_CAP, 0);
    return CY_OK;
}

cy_err cy_quota_enrol(struct cy_plan *plan, const struct cy_quota *quota, const struct cy_id *party)
{
    const struct cy_quota_party key = {quota->id, *party};
    const struct cy_quota_holder *old = CY_READ(plan, quota_holder, &key);
    const struct cy_passport *passport = NULL;

    if (cy_id_eq(party, &quota->auditor) || cy_id_eq(party, &quota->arbiter))
        return cy_fail(CY_E_QUOTA_PARTY, 3);
    CY_TRY(cy_identity_active(plan, party, &passport));
    if (old != NULL && !old->barred)
        return CY_OK;
    if (old == NULL)
        CY_EDIT(plan, quota_holder, &key)->ordinal =
            ++CY_EDIT(plan, quota_roll, &quota->id)->holders;
    else
        CY_EDIT(plan, quota_holder, &key)->barred = false;
    return CY_OK;
}

cy_u128 cy_quota_unused(const struct cy_quota_holder *holder)
{
    return holder->right > holder->used ? holder->right - holder->used : 0;
}

void cy_quota_note(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *quota,
                   const struct cy_quota_noted *what)
{
    const struct cy_of_quota key = {*quota, CY_EDIT(plan, quota_roll, quota)->moves++};
    struct cy_quota_move *move = CY_EDIT(plan, quota_move, &key);

    move->kind = what->kind;
    if (what->from != NULL)
        move->from = *what->from;
    if (what->to != NULL)
        move->to = *what->to;
    move->amount = what->amount;
    move->price = what->price;
    move->recorded = ctx->now;
    move->done = *cy_ctx_id(ctx);
}

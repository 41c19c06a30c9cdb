#include "institutions/rights/rights_revoke.h"

static cy_err may_revoke(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_quota_revoke *m, const struct cy_quota *quota)
{
    const struct cy_quota_holder *holder = cy_quota_holder_of(plan, &m->quota, &m->party);

    CY_TRY(cy_quota_officer(ctx, plan, &quota->alliance));
    if (cy_id_eq(&ctx->author, &quota->arbiter))
        return cy_fail(CY_E_QUOTA_AUDITOR, 3);
    if (holder == NULL)
        return cy_fail(CY_E_QUOTA_PARTY, 1);
    if (cy_quota_unused(holder) < m->amount)
        return cy_fail(CY_E_QUOTA_UNUSED, 3);
    if (m->appeal_until < ctx->now || m->appeal_until - ctx->now < quota->appeal_ms)
        return cy_fail(CY_E_QUOTA_APPEAL, 1);
    if (!cy_id_none(&m->evidence) && cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_QUOTA_EVIDENCE, 6);
    return CY_OK;
}

cy_err cy_rights_revoke(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_revoke *m = message;
    const struct cy_quota_party who = {m->quota, m->party};
    struct cy_of_quota key = {.quota = m->quota};
    const struct cy_quota *quota = NULL;
    struct cy_quota *edit = NULL;
    struct cy_quota_roll *roll = NULL;
    struct cy_quota_holder *holder = NULL;
    struct cy_quota_revocation *revocation = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    CY_TRY(may_revoke(ctx, plan, m, quota));
    edit = CY_EDIT(plan, quota, &m->quota);
    roll = CY_EDIT(plan, quota_roll, &m->quota);
    key.seq = roll->revocations++;
    roll->open_revocations++;
    edit->revoking += m->amount; /* no sum of rights is larger than the total */
    holder = CY_EDIT(plan, quota_holder, &who);
    holder->right -= m->amount;
    CY_TRY(cy_add(holder->revoked, m->amount, &holder->revoked));
    revocation = CY_EDIT(plan, quota_revocation, &key);
    revocation->party = m->party;
    revocation->amount = m->amount;
    revocation->state = CY_revocation_state_STANDING;
    revocation->by = ctx->author;
    revocation->recorded = ctx->now;
    revocation->appeal_until = m->appeal_until;
    revocation->evidence = m->evidence;
    revocation->reason = m->reason;
    cy_quota_note(ctx, plan, &m->quota,
                  &(struct cy_quota_noted){
                      .kind = CY_quota_change_REVOKE, .from = &m->party, .amount = m->amount});
    return CY_OK;
}

cy_err cy_rights_appeal(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_appeal *m = message;
    const struct cy_of_quota key = {m->quota, m->revocation};
    const struct cy_quota_revocation *have = CY_READ(plan, quota_revocation, &key);
    const struct cy_quota *quota = NULL;
    struct cy_quota_revocation *revocation = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    if (have == NULL || have->state != CY_revocation_state_STANDING)
        return cy_fail(CY_E_QUOTA_APPEAL, 2);
    if (!cy_id_eq(&have->party, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 2);
    if (ctx->now >= have->appeal_until)
        return cy_fail(CY_E_QUOTA_APPEAL, 3);
    revocation = CY_EDIT(plan, quota_revocation, &key);
    revocation->state = CY_revocation_state_APPEALED;
    revocation->decide_until = ctx->now + quota->appeal_ms;
    return CY_OK;
}

/* Who may end a revocation so: see the drawing in the header. */
static cy_err may_decide(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_quota *quota, const struct cy_quota_revocation *r,
                         bool restore)
{
    if (restore && cy_ok(cy_quota_officer(ctx, plan, &quota->alliance)))
        return CY_OK;
    if (r->state == CY_revocation_state_STANDING) {
        if (restore)
            return cy_fail(CY_E_QUOTA_OFFICER, 3);
        return ctx->now >= r->appeal_until ? CY_OK : cy_fail(CY_E_QUOTA_APPEAL, 4);
    }
    if (restore && ctx->now >= r->decide_until)
        return CY_OK;
    return cy_id_eq(&ctx->author, &quota->arbiter) ? CY_OK : cy_fail(CY_E_QUOTA_AUDITOR, 2);
}

static cy_err give_back(struct cy_plan *plan, const struct cy_quota_party *who, cy_u128 amount)
{
    struct cy_quota_holder *holder = CY_EDIT(plan, quota_holder, who);

    holder->right += amount; /* at most the total */
    return cy_sub(holder->revoked, amount, &holder->revoked);
}

cy_err cy_rights_decide(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_decide *m = message;
    const struct cy_of_quota key = {m->quota, m->revocation};
    const struct cy_quota_revocation *have = CY_READ(plan, quota_revocation, &key);
    const struct cy_quota *quota = NULL;
    struct cy_quota *edit = NULL;
    struct cy_quota_revocation *revocation = NULL;
    struct cy_quota_party who = {.quota = m->quota};

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    if (have == NULL || have->state == CY_revocation_state_RESTORED ||
        have->state == CY_revocation_state_FINAL)
        return cy_fail(CY_E_QUOTA_APPEAL, 2);
    CY_TRY(may_decide(ctx, plan, quota, have, m->restore));
    revocation = CY_EDIT(plan, quota_revocation, &key);
    revocation->state = m->restore ? CY_revocation_state_RESTORED : CY_revocation_state_FINAL;
    revocation->decided_by = ctx->author;
    who.party = revocation->party;
    edit = CY_EDIT(plan, quota, &m->quota);
    CY_EDIT(plan, quota_roll, &m->quota)->open_revocations--;
    CY_TRY(cy_sub(edit->revoking, revocation->amount, &edit->revoking));
    if (m->restore)
        CY_TRY(give_back(plan, &who, revocation->amount));
    else
        edit->free += revocation->amount; /* at most the total */
    cy_quota_note(ctx, plan, &m->quota,
                  &(struct cy_quota_noted){.kind = m->restore ? CY_quota_change_RESTORE
                                                              : CY_quota_change_FREE,
                                           .to = m->restore ? &who.party : NULL,
                                           .amount = revocation->amount});
    return CY_OK;
}

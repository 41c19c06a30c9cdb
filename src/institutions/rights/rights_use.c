#include "institutions/rights/rights_use.h"

static cy_err in_season(const struct cy_ctx *ctx, const struct cy_quota *quota, cy_date on)
{
    const cy_date today = cy_time_date(ctx->now);

    if (on < quota->from || on > quota->until || on > today)
        return cy_fail(CY_E_QUOTA_SEASON, 3);
    if (today > quota->until + quota->grace_days)
        return cy_fail(CY_E_QUOTA_SEASON, 1);
    return CY_OK;
}

/* Writes a breach down when the holder has used more than its right. Writes 3 records. */
static void note_breach(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_quota_party *who, uint64_t report, bool found)
{
    struct cy_quota_holder *holder = CY_EDIT(plan, quota_holder, who);
    struct cy_of_quota key = {.quota = who->quota};
    struct cy_quota_breach *breach = NULL;

    if (holder->used <= holder->right)
        return;
    holder->breaches++;
    key.seq = CY_EDIT(plan, quota_roll, &who->quota)->breaches++;
    breach = CY_EDIT(plan, quota_breach, &key);
    breach->party = who->party;
    breach->report = report;
    breach->right = holder->right;
    breach->used = holder->used;
    breach->recorded = ctx->now;
    breach->found = found;
}

static void write_report(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_quota_report *m, uint64_t seq)
{
    const struct cy_of_quota place = {m->quota, seq};
    const struct cy_quota_party proof = {m->quota, m->evidence};
    struct cy_quota_landing *landing = CY_EDIT(plan, quota_landing, &place);

    landing->party = ctx->author;
    landing->reported = m->amount;
    landing->counted = m->amount;
    landing->on = m->on;
    landing->recorded = ctx->now;
    landing->evidence = m->evidence;
    landing->place = m->place;
    CY_EDIT(plan, quota_proof, &proof)->report = seq;
}

cy_err cy_rights_report(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_report *m = message;
    const struct cy_quota_party who = {m->quota, ctx->author};
    const struct cy_quota_party proof = {m->quota, m->evidence};
    const struct cy_quota_holder *have = cy_quota_holder_of(plan, &m->quota, &ctx->author);
    const struct cy_quota *quota = NULL;
    cy_u128 used = 0, all = 0;
    uint64_t seq = 0;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    if (have == NULL)
        return cy_fail(CY_E_QUOTA_PARTY, 1);
    CY_TRY(in_season(ctx, quota, m->on));
    if (cy_evidence_of(plan, &m->evidence) == NULL || CY_READ(plan, quota_proof, &proof) != NULL)
        return cy_fail(CY_E_QUOTA_EVIDENCE, 4);
    CY_TRY(cy_add(have->used, m->amount, &used));
    CY_TRY(cy_add(quota->used, m->amount, &all));
    if (used > have->right && quota->overuse == CY_overuse_REFUSE)
        return cy_fail(CY_E_QUOTA_EXCEEDED, 2);
    seq = cy_quota_counts(plan, &m->quota)->reports;
    write_report(ctx, plan, m, seq);
    CY_EDIT(plan, quota_roll, &m->quota)->reports++;
    CY_EDIT(plan, quota, &m->quota)->used = all;
    CY_EDIT(plan, quota_holder, &who)->used = used;
    note_breach(ctx, plan, &who, seq, false);
    return CY_OK;
}

static void write_finding(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_quota_audit *m, cy_u128 before)
{
    const struct cy_of_quota key = {m->quota, CY_EDIT(plan, quota_roll, &m->quota)->findings++};
    struct cy_quota_finding *finding = CY_EDIT(plan, quota_finding, &key);

    finding->report = m->report;
    finding->before = before;
    finding->after = m->amount;
    finding->evidence = m->evidence;
    finding->recorded = ctx->now;
    finding->reason = m->reason;
}

cy_err cy_rights_audit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_audit *m = message;
    const struct cy_of_quota place = {m->quota, m->report};
    const struct cy_quota_landing *landing = CY_READ(plan, quota_landing, &place);
    const struct cy_quota *quota = NULL;
    struct cy_quota_party who = {.quota = m->quota};
    cy_u128 before = 0, used = 0, all = 0;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    if (!cy_id_eq(&ctx->author, &quota->auditor))
        return cy_fail(CY_E_QUOTA_AUDITOR, 1);
    if (landing == NULL)
        return cy_fail(CY_E_QUOTA_REPORT, 2);
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_QUOTA_EVIDENCE, 4);
    who.party = landing->party;
    before = landing->counted;
    used = cy_quota_holder_of(plan, &m->quota, &who.party)->used;
    /* what counted before is part of both sums */
    CY_TRY(cy_add(used - before, m->amount, &used));
    CY_TRY(cy_add(quota->used - before, m->amount, &all));
    write_finding(ctx, plan, m, before);
    CY_EDIT(plan, quota_landing, &place)->counted = m->amount;
    CY_EDIT(plan, quota_landing, &place)->findings++;
    CY_EDIT(plan, quota, &m->quota)->used = all;
    CY_EDIT(plan, quota_holder, &who)->used = used;
    if (m->amount > before)
        note_breach(ctx, plan, &who, m->report, true);
    return CY_OK;
}

#include "kernel/consent.h"

struct consent_key {
    struct cy_id passport;
    struct cy_id to;
    uint64_t deed;
};

bool cy_consent_stands(struct cy_plan *plan, const struct cy_id *passport, const struct cy_id *to,
                       unsigned deed, const struct cy_id *what, cy_time now)
{
    const struct cy_consent *consent =
        CY_READ(plan, consent, (&(const struct consent_key){*passport, *to, deed}));

    return consent != NULL && now < consent->until &&
           (cy_id_none(&consent->what) || cy_id_eq(&consent->what, what));
}

static cy_err give(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_consent_give *m = message;
    const struct cy_passport *to = NULL;
    struct cy_consent *consent = NULL;

    if (m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 4);
    if (cy_id_eq(&m->to, &ctx->author))
        return cy_fail(CY_E_NOT_ALLOWED, 2); /* what one does to oneself needs none */
    CY_TRY(cy_identity_active(plan, &m->to, &to));
    consent = CY_EDIT(plan, consent, (&(const struct consent_key){ctx->author, m->to, m->deed}));
    consent->what = m->what;
    consent->since = ctx->now;
    consent->until = m->until;
    return CY_OK;
}

static cy_err end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_consent_end *m = message;
    const struct consent_key key = {ctx->author, m->to, m->deed};

    if (CY_READ(plan, consent, &key) == NULL)
        return cy_fail(CY_E_NO_CONSENT, 0);
    CY_REMOVE(plan, consent, &key);
    return CY_OK;
}

/* --- consequences --- */

/* All that one slash may take of the bond goes to whom the deed was done to. */
static cy_err make_good(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_deed *deed,
                        const struct cy_id *id)
{
    const struct cy_bond *bond = CY_READ(plan, bond, id);
    cy_u128 most = 0;
    struct cy_id to;

    if (bond == NULL)
        return cy_fail(CY_E_NO_NOUN, 5);
    if (!cy_id_eq(&bond->owner, &deed->by))
        return cy_fail(CY_E_NOT_OWNER, 5);
    if (!cy_id_eq(&bond->beneficiary, &ctx->realm))
        return cy_fail(CY_E_NOT_BENEFICIARY, 5);
    CY_TRY(cy_mul_div(bond->posted, cy_param(plan, CY_P_SLASH_PPM), 1000000, &most));
    most = most > bond->amount ? bond->amount : most;
    to = cy_escrow_seat(plan, &deed->whom, &bond->asset);
    return cy_stake_slash(plan, ctx->now,
                          &(struct cy_stake_slashing){
                              .bond = *id, .to = to, .evidence = deed->evidence, .amount = most});
}

static cy_err consequences(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_deed *deed, const struct cy_id *bond)
{
    static const char why[] = "a deed without consent";
    const cy_time until = ctx->now + cy_param(plan, CY_P_DEED_MS);
    const cy_time review = ctx->now + cy_param(plan, CY_P_RESTRAINT_MS);
    struct cy_line reason;

    CY_TRY(cy_line_of(cy_span_of(why, sizeof why - 1), &reason));
    if (!cy_id_none(bond))
        CY_TRY(make_good(ctx, plan, deed, bond));
    cy_enforce_violation(ctx, plan, &deed->by, CY_violation_kind_NO_CONSENT, &deed->whom,
                         &deed->evidence);
    return cy_restraint_put(ctx, plan,
                            &(struct cy_restraint){.subject = deed->by,
                                                   .source = cy_restraint_emergency,
                                                   .id = *cy_ctx_id(ctx),
                                                   .by = ctx->author,
                                                   .exclude = true,
                                                   .evidence = deed->evidence,
                                                   .reason = reason,
                                                   .since = ctx->now,
                                                   .until = until,
                                                   .review_at = until < review ? until : review});
}

static cy_err record(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_deed_record *m = message;
    const struct cy_passport *whom = CY_READ(plan, passport, &m->whom);
    struct cy_deed *deed = NULL;

    if (whom == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 1);
    if (cy_id_eq(&m->whom, &ctx->author))
        return cy_fail(CY_E_NOT_ALLOWED, 1);
    if (CY_READ(plan, evidence, &m->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    deed = CY_EDIT(plan, deed, cy_ctx_id(ctx));
    deed->by = ctx->author;
    deed->whom = m->whom;
    deed->deed = m->deed;
    deed->what = m->what;
    deed->evidence = m->evidence;
    deed->consented = cy_consent_stands(plan, &m->whom, &ctx->author, m->deed, &m->what, ctx->now);
    deed->since = ctx->now;
    return deed->consented ? CY_OK : consequences(ctx, plan, deed, &m->bond);
}

static cy_err claim(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_deed_claim *m = message;
    const struct cy_passport *by = NULL;
    struct cy_deed *deed = NULL;

    CY_TRY(cy_identity_active(plan, &m->by, &by));
    if (cy_id_eq(&m->by, &ctx->author) || cy_id_eq(&m->by, &ctx->realm))
        return cy_fail(CY_E_NOT_ALLOWED, 1);
    if (cy_consent_stands(plan, &ctx->author, &m->by, m->deed, &m->what, ctx->now))
        return cy_fail(CY_E_DEED_CONSENTED, 0);
    CY_TRY(cy_review_open(ctx, plan,
                          &(struct cy_review_question){.kind = CY_review_kind_DEED,
                                                       .about = m->by,
                                                       .evidence = m->evidence,
                                                       .reason = m->reason}));
    deed = CY_EDIT(plan, deed, cy_ctx_id(ctx));
    deed->by = m->by;
    deed->whom = ctx->author;
    deed->deed = m->deed;
    deed->what = m->what;
    deed->evidence = m->evidence;
    deed->claimed = true;
    deed->since = ctx->now;
    return CY_OK;
}

static cy_err settle(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_deed_settle *m = message;
    const struct cy_deed *deed = CY_READ(plan, deed, &m->claim);

    if (deed == NULL || !deed->claimed)
        return cy_fail(CY_E_NO_DEED, 1);
    if (!cy_ok(cy_review_use(plan, &m->claim)))
        return cy_fail(CY_E_DEED_UNDECIDED, 1);
    CY_EDIT(plan, deed, &m->claim)->claimed = false;
    return consequences(ctx, plan, CY_READ(plan, deed, &m->claim), &m->bond);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_consent_give, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 1,  give  },
    {&cy_schema_consent_end,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,  end   },
    {&cy_schema_deed_record,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 11, record},
    {&cy_schema_deed_claim,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2,  claim },
    {&cy_schema_deed_settle,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 12, settle},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_consent, 1u << 14, false},
    {&cy_schema_deed,    1u << 13, false},
};

const struct cy_institution cy_consents = {
    .name = "consent",
    .purpose = "deeds that need consent, and what follows without",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

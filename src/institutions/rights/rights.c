#include "institutions/rights/rights.h"

#include "base/apportion.h"
#include "institutions/rights/rights_market.h"
#include "institutions/rights/rights_revoke.h"
#include "institutions/rights/rights_use.h"

#define SHARES_MAX 64u /* of one allotment; the schema's bound */

/* --- issuing --- */

static cy_err open_quota(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_open *m = message;
    const struct cy_passport *passport = NULL;
    struct cy_quota *quota = NULL;

    CY_TRY(cy_quota_officer(ctx, plan, &m->alliance));
    if (m->until < m->from || m->until < cy_time_date(ctx->now))
        return cy_fail(CY_E_QUOTA_SEASON, 5);
    CY_TRY(cy_identity_active(plan, &m->auditor, &passport));
    CY_TRY(cy_identity_active(plan, &m->arbiter, &passport));
    if (cy_id_eq(&m->arbiter, &ctx->author))
        return cy_fail(CY_E_QUOTA_AUDITOR, 9);
    quota = CY_EDIT(plan, quota, cy_ctx_id(ctx));
    quota->alliance = m->alliance;
    quota->by = ctx->author;
    quota->what = m->what;
    quota->unit = m->unit;
    quota->state = CY_quota_state_OPEN;
    quota->overuse = m->overuse;
    quota->from = m->from;
    quota->until = m->until;
    quota->grace_days = m->grace_days;
    quota->total = m->total;
    quota->free = m->total;
    quota->most = m->most;
    quota->auditor = m->auditor;
    quota->arbiter = m->arbiter;
    quota->appeal_ms = m->appeal_ms;
    quota->since = ctx->now;
    quota->rules = m->rules;
    (void)CY_EDIT(plan, quota_roll, cy_ctx_id(ctx));
    return CY_OK;
}

static cy_err admit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_admit *m = message;
    const struct cy_quota_party who = {m->quota, m->party};
    const struct cy_quota *quota = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    CY_TRY(cy_quota_officer(ctx, plan, &quota->alliance));
    if (!m->end)
        return cy_quota_enrol(plan, quota, &m->party);
    if (CY_READ(plan, quota_holder, &who) == NULL)
        return cy_fail(CY_E_QUOTA_PARTY, 2);
    CY_EDIT(plan, quota_holder, &who)->barred = true;
    return CY_OK;
}

/* --- allotting --- */

/* What each gets, by the rule of the message: exactly what is free, in all. */
static cy_err divide(const struct cy_quota *quota, const struct cy_quota_allot *m,
                     struct cy_portion *portions)
{
    cy_u128 sum = 0;

    for (uint32_t i = 0; i < m->n_shares; i++) {
        const struct cy_quota_share *share = &m->shares[i];

        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&m->shares[j].party, &share->party))
                return cy_fail(CY_E_QUOTA_PARTY, 5);
        }
        if (m->rule == CY_allot_rule_AMOUNTS ? share->weight != 0 : share->amount != 0)
            return cy_fail(CY_E_QUOTA_SUM, 2);
        portions[i] = (struct cy_portion){
            .who = share->party, .weight = share->weight, .part = share->amount};
        CY_TRY(cy_add(sum, share->amount, &sum));
    }
    if (m->rule == CY_allot_rule_AMOUNTS)
        return sum == quota->free && m->rounding == 0 ? CY_OK : cy_fail(CY_E_QUOTA_SUM, 4);
    if (m->rounding == 0)
        return cy_fail(CY_E_QUOTA_SUM, 3);
    return cy_apportion(m->rounding == CY_rounding_HIGHEST_AVERAGE ? CY_APPORTION_AVERAGE
                                                                   : CY_APPORTION_REMAINDER,
                        quota->free, portions, m->n_shares);
}

static cy_err allot(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_allot *m = message;
    struct cy_portion portions[SHARES_MAX];
    const struct cy_quota *quota = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    CY_TRY(cy_quota_officer(ctx, plan, &quota->alliance));
    if (quota->free == 0)
        return cy_fail(CY_E_QUOTA_SUM, 1);
    CY_TRY(divide(quota, m, portions));
    for (uint32_t i = 0; i < m->n_shares; i++) {
        const struct cy_quota_party who = {m->quota, portions[i].who};
        struct cy_quota_holder *holder = NULL;

        CY_TRY(cy_quota_enrol(plan, quota, &who.party));
        CY_TRY(cy_quota_may_receive(plan, quota, &who.party, portions[i].part));
        holder = CY_EDIT(plan, quota_holder, &who);
        holder->right += portions[i].part;
        CY_TRY(cy_add(holder->allotted, portions[i].part, &holder->allotted));
        cy_quota_note(ctx, plan, &m->quota,
                      &(struct cy_quota_noted){.kind = CY_quota_change_ALLOT,
                                               .to = &who.party,
                                               .amount = portions[i].part});
    }
    CY_EDIT(plan, quota, &m->quota)->free = 0;
    return CY_OK;
}

/* --- the end --- */

static cy_err close_quota(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_quota_close *m = message;
    const struct cy_quota *quota = NULL;
    struct cy_quota *edit = NULL;

    CY_TRY(cy_quota_live(plan, &m->quota, &quota));
    CY_TRY(cy_quota_officer(ctx, plan, &quota->alliance));
    if (cy_time_date(ctx->now) <= quota->until + quota->grace_days)
        return cy_fail(CY_E_QUOTA_PENDING, 1);
    if (cy_quota_counts(plan, &m->quota)->open_revocations > 0)
        return cy_fail(CY_E_QUOTA_PENDING, 2);
    edit = CY_EDIT(plan, quota, &m->quota);
    edit->state = CY_quota_state_CLOSED;
    edit->ended_at = ctx->now;
    return CY_OK;
}

/* --- the table --- */

static const struct cy_act_row acts[] = {
    {&cy_schema_quota_open,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 2,   open_quota   },
    {&cy_schema_quota_admit,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 3,   admit        },
    {&cy_schema_quota_allot,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 132, allot        },
    {&cy_schema_quota_bid,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 4,   cy_rights_bid},
    {&cy_schema_quota_unbid,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2,
     cy_rights_unbid                                                                                      },
    {&cy_schema_quota_transfer, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 8,
     cy_rights_transfer                                                                                   },
    {&cy_schema_quota_report,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 6,
     cy_rights_report                                                                                     },
    {&cy_schema_quota_audit,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 6,
     cy_rights_audit                                                                                      },
    {&cy_schema_quota_revoke,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 5,
     cy_rights_revoke                                                                                     },
    {&cy_schema_quota_appeal,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,
     cy_rights_appeal                                                                                     },
    {&cy_schema_quota_decide,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 5,
     cy_rights_decide                                                                                     },
    {&cy_schema_quota_close,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 1,   close_quota  },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_quota,            1u << 12, false},
    {&cy_schema_quota_holder,     1u << 15, false},
    {&cy_schema_quota_landing,    1u << 16, false},
    {&cy_schema_quota_proof,      1u << 16, false},
    {&cy_schema_quota_breach,     1u << 14, false},
    {&cy_schema_quota_finding,    1u << 14, false},
    {&cy_schema_quota_revocation, 1u << 14, false},
    {&cy_schema_quota_bid_open,   1u << 14, false},
    {&cy_schema_quota_move,       1u << 16, false},
    {&cy_schema_quota_roll,       1u << 12, false},
};

const struct cy_institution cy_quotas = {
    .name = "rights",
    .purpose = "quotas: a limited amount for a season as tradable, revocable rights",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

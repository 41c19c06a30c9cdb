#include "institutions/fund/fund.h"

#include "institutions/fund/fund_split.h"

/* --- agreeing --- */

/* Each party once, none of them the arbiter, all active; detail: number of the field. */
static cy_err parties_fit(struct cy_plan *plan, const struct cy_share_agree *m)
{
    const bool fixed = m->basis == CY_share_basis_FIXED;
    const struct cy_passport *passport = NULL;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < m->n_parties; i++) {
        const struct cy_share_weight *party = &m->parties[i];

        CY_TRY(cy_identity_active(plan, &party->party, &passport));
        if (cy_id_eq(&party->party, &m->arbiter))
            return cy_fail(CY_E_SHARE_TERMS, 8);
        if (!fixed && party->weight != 0)
            return cy_fail(CY_E_SHARE_TERMS, 5);
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&m->parties[j].party, &party->party))
                return cy_fail(CY_E_SHARE_PARTY, 2);
        }
        sum += party->weight;
    }
    return fixed && sum == 0 ? cy_fail(CY_E_SHARE_TERMS, 5) : CY_OK;
}

static cy_err terms_fit(struct cy_plan *plan, const struct cy_share_agree *m)
{
    const bool measured = m->basis == CY_share_basis_MEASURED;
    const struct cy_passport *passport = NULL;

    if (CY_READ(plan, asset, &m->asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    if (measured == cy_id_none(&m->measurer))
        return cy_fail(CY_E_SHARE_TERMS, 6);
    if (measured == (m->measure.n == 0))
        return cy_fail(CY_E_SHARE_TERMS, 7);
    CY_TRY(cy_identity_active(plan, &m->arbiter, &passport));
    if (measured)
        CY_TRY(cy_identity_active(plan, &m->measurer, &passport));
    return parties_fit(plan, m);
}

static cy_err agree(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_agree *m = message;
    struct cy_share *share = NULL;

    CY_TRY(terms_fit(plan, m));
    share = CY_EDIT(plan, share, cy_ctx_id(ctx));
    share->name = m->name;
    share->state = CY_share_state_PROPOSED;
    share->by = ctx->author;
    share->asset = m->asset;
    share->basis = m->basis;
    share->rounding = m->rounding;
    share->measurer = m->measurer;
    share->measure = m->measure;
    share->arbiter = m->arbiter;
    share->dispute_ms = m->dispute_ms;
    share->notice_ms = m->notice_ms;
    share->terms = m->terms;
    share->parties = m->n_parties;
    share->since = ctx->now;
    for (uint32_t i = 0; i < m->n_parties; i++) {
        const struct cy_of_share key = {*cy_ctx_id(ctx), i};
        struct cy_share_party *party = CY_EDIT(plan, share_party, &key);

        party->party = m->parties[i].party;
        party->weight = m->parties[i].weight;
    }
    return cy_escrow_open(plan, cy_ctx_id(ctx), &m->asset, 0, &share->account);
}

static cy_err accept(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_accept *m = message;
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    struct cy_of_share key = {.share = m->share};
    const struct cy_share *share = NULL;
    struct cy_share_party *party = NULL;
    uint32_t position = 0;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    if (share->state == CY_share_state_ENDED)
        return cy_fail(CY_E_SHARE_STATE, share->state);
    CY_TRY(cy_share_find(plan, share, &ctx->author, &position));
    if (account == NULL || !cy_id_eq(&account->owner, &ctx->author) ||
        !cy_id_eq(&account->asset, &share->asset))
        return cy_fail(CY_E_SHARE_ACCOUNT, 2);
    key.position = position;
    party = CY_EDIT(plan, share_party, &key);
    if (cy_id_none(&party->account)) {
        struct cy_share *edit = CY_EDIT(plan, share, &m->share);

        if (++edit->accepted == edit->parties)
            edit->state = CY_share_state_LIVE;
    }
    party->account = m->account;
    return CY_OK;
}

/* --- money in --- */

static cy_err pay_in(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_pay_in *m = message;
    const struct cy_share *share = NULL;

    CY_TRY(cy_share_running(ctx, plan, &m->share, &share));
    if (!cy_id_none(&m->evidence) && cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_SHARE_EVIDENCE, 5);
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, m->amount));
    return cy_escrow_pay(plan, &m->account, &share->account, m->amount);
}

/* --- the end --- */

/* Under notice that is over, and nothing left in the account. */
static cy_err finish(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_share *share)
{
    const struct cy_account *account = CY_READ(plan, account, &share->account);

    if (ctx->now < share->ends_at)
        return cy_fail(CY_E_SHARE_STATE, share->state);
    if (account == NULL || account->balance != 0)
        return cy_fail(CY_E_SHARE_HELD, 5);
    CY_EDIT(plan, share, &share->id)->state = CY_share_state_ENDED;
    return CY_OK;
}

static cy_err end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_share_end *m = message;
    const struct cy_share *share = NULL;
    struct cy_share *edit = NULL;
    uint32_t position = 0;
    cy_err party = CY_OK;

    CY_TRY(cy_share_any(plan, &m->share, &share));
    party = cy_share_find(plan, share, &ctx->author, &position);
    switch (share->state) {
    case CY_share_state_PROPOSED:
        if (!cy_ok(party) && !cy_id_eq(&ctx->author, &share->by))
            return party;
        edit = CY_EDIT(plan, share, &m->share);
        edit->state = CY_share_state_ENDED;
        edit->ends_at = ctx->now;
        return CY_OK;
    case CY_share_state_LIVE:
        CY_TRY(party);
        edit = CY_EDIT(plan, share, &m->share);
        edit->state = CY_share_state_ENDING;
        edit->ends_at = ctx->now + share->notice_ms;
        return CY_OK;
    case CY_share_state_ENDING: return finish(ctx, plan, share); /* by anybody */
    default: return cy_fail(CY_E_SHARE_STATE, share->state);
    }
}

/* --- the table --- */

static const struct cy_act_row acts[] = {
    {&cy_schema_share_agree,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 40,  agree },
    {&cy_schema_share_accept,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2,   accept},
    {&cy_schema_share_pay_in,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 4,   pay_in},
    {&cy_schema_share_measure, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 40,
     cy_fund_measure                                                                              },
    {&cy_schema_share_settle,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 128,
     cy_fund_settle                                                                               },
    {&cy_schema_share_dispute, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 1,
     cy_fund_dispute                                                                              },
    {&cy_schema_share_resolve, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 6,
     cy_fund_resolve                                                                              },
    {&cy_schema_share_release, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_VALUE,  false, 6,
     cy_fund_release                                                                              },
    {&cy_schema_share_end,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,   end   },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_share,            1u << 12, false},
    {&cy_schema_share_party,      1u << 15, false},
    {&cy_schema_share_settlement, 1u << 15, false},
    {&cy_schema_share_part,       1u << 17, false},
    {&cy_schema_share_quarrel,    1u << 14, false},
};

const struct cy_institution cy_funds = {
    .name = "fund",
    .purpose = "agreements to share revenue, split to the last unit",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

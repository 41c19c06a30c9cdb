#include "kernel/stake.h"

cy_err cy_stake_meets(struct cy_plan *plan, const struct cy_stake_need *need)
{
    const struct cy_bond *bond = CY_READ(plan, bond, &need->bond);

    if (bond == NULL)
        return cy_fail(CY_E_BOND_MISSING, 1);
    if (!cy_id_eq(&bond->owner, &need->owner))
        return cy_fail(CY_E_BOND_MISSING, 2);
    if (!cy_id_eq(&bond->beneficiary, &need->beneficiary))
        return cy_fail(CY_E_BOND_MISSING, 3);
    if (!cy_id_none(&need->asset) && !cy_id_eq(&bond->asset, &need->asset))
        return cy_fail(CY_E_BOND_MISSING, 4);
    if (bond->amount < need->least)
        return cy_fail(CY_E_BOND_MISSING, 5);
    if (bond->state != CY_bond_state_POSTED || bond->cool_ms < need->cool_ms_least)
        return cy_fail(CY_E_BOND_MISSING, 6);
    return CY_OK;
}

cy_err cy_stake_use(struct cy_plan *plan, const struct cy_stake_need *need)
{
    CY_TRY(cy_stake_meets(plan, need));
    CY_EDIT(plan, bond, &need->bond)->uses++;
    return CY_OK;
}

void cy_stake_unuse(struct cy_plan *plan, const struct cy_id *bond)
{
    const struct cy_bond *have = CY_READ(plan, bond, bond);

    if (have != NULL && have->uses > 0)
        CY_EDIT(plan, bond, bond)->uses--;
}

cy_err cy_stake_secure(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                       cy_u128 least)
{
    const struct cy_bond *bond = CY_READ(plan, bond, id);
    const struct cy_asset *asset = NULL;

    if (least == 0 && cy_id_none(id))
        return CY_OK;
    if (bond == NULL)
        return cy_fail(CY_E_BOND_MISSING, 1);
    asset = CY_READ(plan, asset, &bond->asset);
    if (asset == NULL || !cy_id_eq(&asset->issuer, &ctx->realm))
        return cy_fail(CY_E_BOND_MISSING, 4);
    return cy_stake_use(
        plan, &(struct cy_stake_need){
                  .bond = *id, .owner = ctx->author, .beneficiary = ctx->realm, .least = least});
}

cy_err cy_stake_cool(struct cy_plan *plan, cy_time now, const struct cy_id *id)
{
    const struct cy_bond *have = CY_READ(plan, bond, id);
    struct cy_bond *bond = NULL;

    if (have == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (have->state == CY_bond_state_COOLING)
        return cy_fail(CY_E_COOLING, 0);
    if (have->uses > 0)
        return cy_fail(CY_E_IN_USE, have->uses);
    bond = CY_EDIT(plan, bond, id);
    bond->state = CY_bond_state_COOLING;
    bond->free_at = bond->cool_ms > UINT64_MAX - now ? UINT64_MAX : now + bond->cool_ms;
    return CY_OK;
}

/* No slash takes more than its share of what was posted, nor more than is left. */
static cy_err within_bounds(struct cy_plan *plan, const struct cy_bond *bond, cy_u128 amount)
{
    cy_u128 most = 0;

    CY_TRY(cy_mul_div(bond->posted, cy_param(plan, CY_P_SLASH_PPM), 1000000, &most));
    if (amount > bond->amount)
        return cy_fail(CY_E_INSUFFICIENT, 2);
    return amount > most ? cy_fail(CY_E_SLASH_LIMIT, 2) : CY_OK;
}

cy_err cy_stake_slash(struct cy_plan *plan, cy_time now, const struct cy_stake_slashing *slashing)
{
    const struct {
        struct cy_id bond;
        struct cy_id evidence;
    } key = {slashing->bond, slashing->evidence};
    const struct cy_bond *bond = CY_READ(plan, bond, &slashing->bond);
    const struct cy_account *to = CY_READ(plan, account, &slashing->to);
    struct cy_slash *slash = NULL;
    struct cy_bond *left = NULL;

    if (bond == NULL || to == NULL)
        return cy_fail(CY_E_NO_NOUN, bond == NULL ? 1 : 3);
    if (CY_READ(plan, evidence, &slashing->evidence) == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    if (cy_id_eq(&to->owner, &bond->owner))
        return cy_fail(CY_E_NOT_ALLOWED, 3); /* that would be a return, not a penalty */
    if (CY_READ(plan, slash, &key) != NULL)
        return cy_fail(CY_E_SLASHED_ALREADY, 4);
    CY_TRY(within_bounds(plan, bond, slashing->amount));
    CY_TRY(cy_escrow_pay(plan, &bond->account, &slashing->to, slashing->amount));
    left = CY_EDIT(plan, bond, &slashing->bond);
    CY_TRY(cy_sub(left->amount, slashing->amount, &left->amount));
    slash = CY_EDIT(plan, slash, &key);
    slash->amount = slashing->amount;
    slash->to = slashing->to;
    slash->since = now;
    return CY_OK;
}

/* --- acts --- */

static cy_err post(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bond_post *m = message;
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    struct cy_bond *bond = NULL;

    if (cy_id_eq(&m->beneficiary, &ctx->author))
        return cy_fail(CY_E_NOT_ALLOWED, 2); /* a promise to oneself binds nobody */
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, m->amount));
    bond = CY_EDIT(plan, bond, cy_ctx_id(ctx));
    bond->owner = ctx->author;
    bond->account = m->account;
    bond->asset = account->asset; /* the promise has found the account */
    bond->beneficiary = m->beneficiary;
    bond->amount = m->amount;
    bond->posted = m->amount;
    bond->state = CY_bond_state_POSTED;
    bond->cool_ms = m->cool_ms;
    bond->since = ctx->now;
    return CY_OK;
}

static cy_err own_bond(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                       const struct cy_bond **bond)
{
    *bond = CY_READ(plan, bond, id);
    if (*bond == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    return cy_id_eq(&(*bond)->owner, &ctx->author) ? CY_OK : cy_fail(CY_E_NOT_OWNER, 1);
}

static cy_err cool(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bond_cool *m = message;
    const struct cy_bond *bond = NULL;

    CY_TRY(own_bond(ctx, plan, &m->bond, &bond));
    return cy_stake_cool(plan, ctx->now, &m->bond);
}

static cy_err withdraw(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bond_withdraw *m = message;
    const struct cy_bond *bond = NULL;

    CY_TRY(own_bond(ctx, plan, &m->bond, &bond));
    if (bond->state != CY_bond_state_COOLING || ctx->now < bond->free_at)
        return cy_fail(CY_E_NOT_COOLED, 1);
    CY_TRY(cy_escrow_release(plan, &bond->account, bond->amount));
    CY_REMOVE(plan, bond, &m->bond);
    return CY_OK;
}

static cy_err slash(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_bond_slash *m = message;
    const struct cy_bond *bond = CY_READ(plan, bond, &m->bond);
    const struct cy_evidence *evidence = CY_READ(plan, evidence, &m->evidence);

    if (bond == NULL || evidence == NULL)
        return cy_fail(CY_E_NO_NOUN, bond == NULL ? 1 : 4);
    if (!cy_id_eq(&bond->beneficiary, &ctx->author))
        return cy_fail(CY_E_NOT_BENEFICIARY, 1);
    if (!cy_id_eq(&evidence->about, &bond->owner) && !cy_id_eq(&evidence->about, &bond->id))
        return cy_fail(CY_E_OTHER_EVIDENCE, 4);
    return cy_stake_slash(plan, ctx->now,
                          &(struct cy_stake_slashing){
                              .bond = m->bond,
                              .to = m->to,
                              .evidence = m->evidence,
                              .amount = m->amount,
                          });
}

static const struct cy_act_row acts[] = {
    {&cy_schema_bond_post,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 3, post    },
    {&cy_schema_bond_cool,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1, cool    },
    {&cy_schema_bond_withdraw, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 2, withdraw},
    {&cy_schema_bond_slash,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 4, slash   },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_bond,  1u << 16, false},
    {&cy_schema_slash, 1u << 14, false},
};

const struct cy_institution cy_stake = {
    .name = "stake",
    .purpose = "bonds and what is taken from them",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

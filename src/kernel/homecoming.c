#include "kernel/homecoming.h"

struct burn_key {
    struct cy_id realm;
    struct cy_id burn;
};

struct on_bridge {
    struct cy_id realm;
    struct cy_id asset;
};

/* --- abroad --- */

/* The home realm has severed its bridge to this one, and knows the receiver: by its own records
 * under its newest root. */
static cy_err home_says(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_voucher_burn *m, struct cy_passport *receiver)
{
    struct cy_bridge there;

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_bridge, m->bridge,
                                 m->bridge_proof, &there));
    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_passport, m->receiver,
                                 m->receiver_proof, receiver));
    if (m->root != cy_bridge_line_of(plan, &m->realm)->roots)
        return cy_fail(CY_E_PROOF_OLDER, 4); /* it may have been opened again since */
    if (!cy_id_eq(&there.realm, &ctx->realm))
        return cy_fail(CY_E_PACKET_OTHER, 5);
    return there.state == CY_bridge_state_SEVERED ? CY_OK : cy_fail(CY_E_NOT_SEVERED, there.state);
}

static cy_err burn(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_voucher_burn *m = message;
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    const struct burn_key key = {m->realm, *cy_ctx_id(ctx)};
    struct cy_passport receiver;
    struct cy_id asset;
    struct cy_burnt *burnt = NULL;

    if (m->amount == 0)
        return cy_fail(CY_E_PACKET_FIELDS, 3);
    if (account == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    if (!cy_id_eq(&account->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 2);
    asset = account->asset;
    CY_TRY(home_says(ctx, plan, m, &receiver));
    CY_TRY(cy_restraint_holds(ctx, plan, &ctx->author));
    CY_TRY(cy_constraint_spend(ctx, plan, &asset, m->amount));
    CY_TRY(cy_voucher_end(plan, &m->realm, &m->account, m->amount, &asset));
    burnt = CY_EDIT(plan, burnt, &key);
    burnt->asset = asset;
    burnt->amount = m->amount;
    burnt->receiver = receiver.id;
    burnt->holder = ctx->author;
    burnt->since = ctx->now;
    return CY_OK;
}

/* --- at home --- */

/* An active bridge lets it pass like a packet; a severed one always; any other holds still. */
static cy_err may_come(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *realm)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, realm);

    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    if (cy_bridge_line_of(plan, realm)->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0); /* which of its histories would it be? */
    if (cy_bridge_now(plan, bridge, ctx->now) == CY_bridge_state_SEVERED)
        return CY_OK;
    return cy_bridge_pass(plan, realm, CY_bridge_kind_SETTLEMENT, ctx->now);
}

static cy_err home(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_voucher_home *m = message;
    struct burn_key key = {.realm = m->realm};
    struct cy_burnt burnt;
    struct cy_homecoming *paid = NULL;

    CY_TRY(may_come(ctx, plan, &m->realm));
    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_burnt, m->value, m->proof,
                                 &burnt));
    if (!cy_id_eq(&burnt.home, &ctx->realm))
        return cy_fail(CY_E_PACKET_OTHER, 1);
    key.burn = burnt.burn;
    if (CY_READ(plan, homecoming, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 3); /* it is paid out once */
    if (CY_READ(plan, passport, &burnt.receiver) == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 5);
    CY_TRY(cy_voucher_redeem(ctx, plan, &m->realm, &burnt.asset, burnt.amount, &burnt.receiver));
    paid = CY_EDIT(plan, homecoming, &key);
    paid->asset = burnt.asset;
    paid->amount = burnt.amount;
    paid->receiver = burnt.receiver;
    paid->since = ctx->now;
    return CY_OK;
}

/* The window is over, and the asset has an issuer who can be paid: a passport. A voucher of a third
 * realm has none, and stays where it is. */
static cy_err may_release(const struct cy_ctx *ctx, struct cy_plan *plan,
                          const struct cy_bridge *bridge, const struct on_bridge *key)
{
    const struct cy_asset *asset = CY_READ(plan, asset, &key->asset);
    const struct cy_bridge_asset *on = CY_READ(plan, bridge_asset, key);

    if (CY_READ(plan, merged, &bridge->realm) != NULL)
        return cy_fail(CY_E_REALM_MERGED, 1); /* its owners bring it over, whenever they come */
    if (bridge->state != CY_bridge_state_SEVERED)
        return cy_fail(CY_E_UNWIND_EARLY, 2);
    if (ctx->now - bridge->turned < cy_param(plan, CY_P_BRIDGE_HOME_MS))
        return cy_fail(CY_E_UNWIND_EARLY, 3);
    if (asset == NULL || CY_READ(plan, passport, &asset->issuer) == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    return on != NULL && on->abroad > 0 ? CY_OK : cy_fail(CY_E_BRIDGE_FUNDS, 1);
}

static cy_err release(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_voucher_release *m = message;
    const struct on_bridge key = {m->realm, m->asset};
    const struct cy_bridge *bridge = cy_bridge_of(plan, &m->realm);
    struct cy_release_say *say = NULL;
    uint32_t guard = 0;

    if (bridge == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(cy_bridge_guard_of(plan, bridge, &ctx->author, &guard));
    CY_TRY(may_release(ctx, plan, bridge, &key));
    say = CY_EDIT(plan, release_say, &key);
    if (say->turned != bridge->turned)
        say->guards = 0; /* they spoke of an earlier severing */
    say->turned = bridge->turned;
    if ((say->guards >> guard & 1) != 0)
        return cy_fail(CY_E_EXISTS, 0);
    say->guards |= (uint32_t)1 << guard;
    if (__builtin_popcount(say->guards) < bridge->guards_need)
        return CY_OK;
    CY_REMOVE(plan, release_say, &key);
    return cy_voucher_forfeit(plan, &m->realm, &m->asset);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_voucher_burn,    CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_VALUE, false, 8,  burn   },
    {&cy_schema_voucher_home,    CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_VALUE, false, 10, home   },
    {&cy_schema_voucher_release, CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_VALUE, false, 6,  release},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_burnt,       1u << 16, false},
    {&cy_schema_homecoming,  1u << 16, false},
    {&cy_schema_release_say, 1u << 10, false},
};

const struct cy_institution cy_homecomings = {
    .name = "homecoming",
    .purpose = "units that were abroad when their bridge was severed",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

#include "kernel/voucher.h"

#include "crypto/hash.h"

struct on_bridge {
    struct cy_id realm;
    struct cy_id asset;
};

struct cy_id cy_voucher_id(const struct cy_id *home, const struct cy_id *asset)
{
    static const char domain[] = "comity-voucher";

    return cy_sha256_parts((const struct cy_span[]){cy_span_of(domain, sizeof domain - 1),
                                                    cy_span_of(home->b, sizeof home->b),
                                                    cy_span_of(asset->b, sizeof asset->b)},
                           3);
}

/* Counts units of an asset that cross, either way, in the bridge's window. */
static cy_err throttle(struct cy_plan *plan, const struct on_bridge *key, cy_u128 amount,
                       cy_time now)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, &key->realm);
    struct cy_bridge_asset *asset = CY_EDIT(plan, bridge_asset, key);
    cy_u128 used = 0;

    CY_ASSERT(bridge != NULL); /* a packet passed it */
    if (now - asset->window_since >= bridge->window_ms) {
        asset->window_since = now;
        asset->used = 0;
    }
    CY_TRY(cy_add(asset->used, amount, &used));
    if (bridge->value_most != 0 && used > bridge->value_most)
        return cy_fail(CY_E_BRIDGE_THROTTLE, 2);
    asset->used = used;
    return CY_OK;
}

/* The voucher of that realm's own asset; its units go home. */
static bool goes_home(struct cy_plan *plan, const struct on_bridge *key, struct cy_id *abroad)
{
    const struct cy_bridge_asset *asset = CY_READ(plan, bridge_asset, key);

    if (asset == NULL || cy_id_none(&asset->abroad_asset))
        return false;
    *abroad = asset->abroad_asset;
    return true;
}

/* Free units of an account become units that escrow holds. */
static cy_err lock(struct cy_plan *plan, const struct on_bridge *key, const struct cy_id *account,
                   cy_u128 amount)
{
    const struct cy_id party = cy_bridge_party(&key->realm);
    const struct cy_id escrow = cy_escrow_seat(plan, &party, &key->asset);

    CY_TRY(cy_escrow_hold(plan, account, amount));
    CY_TRY(cy_escrow_pay(plan, account, &escrow, amount));
    return cy_escrow_hold(plan, &escrow, amount);
}

/* The reverse. */
static cy_err unlock(struct cy_plan *plan, const struct on_bridge *key, const struct cy_id *account,
                     cy_u128 amount)
{
    const struct cy_id party = cy_bridge_party(&key->realm);
    const struct cy_id escrow = cy_account_id(&party, &key->asset, 0);

    return cy_escrow_pay(plan, &escrow, account, amount);
}

cy_err cy_voucher_depart(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *realm,
                         const struct cy_id *account, cy_u128 amount,
                         struct cy_bridge_packet *packet)
{
    const struct cy_account *from = CY_READ(plan, account, account);
    const struct cy_asset *asset = NULL;
    struct cy_bridge_asset *on = NULL;
    struct on_bridge key;

    if (from == NULL)
        return cy_fail(CY_E_NO_NOUN, 4);
    asset = CY_READ(plan, asset, &from->asset);
    CY_ASSERT(asset != NULL); /* no account without one */
    key = (struct on_bridge){*realm, from->asset};
    packet->amount = amount;
    packet->code = asset->code;
    packet->scale = asset->scale;
    packet->home = ctx->realm;
    packet->asset = key.asset;
    if (goes_home(plan, &key, &packet->asset)) {
        packet->home = *realm;
        CY_TRY(cy_escrow_unmint(plan, account, amount));
    } else {
        CY_TRY(lock(plan, &key, account, amount));
    }
    CY_TRY(throttle(plan, &key, amount, ctx->now));
    on = CY_EDIT(plan, bridge_asset, &key);
    return cy_add(on->in_flight, amount, &on->in_flight);
}

/* The asset here that the packet's units are, or are to become. */
static struct cy_id asset_here(const struct cy_ctx *ctx, const struct cy_bridge_packet *packet)
{
    return cy_id_eq(&packet->home, &ctx->realm) ? packet->asset
                                                : cy_voucher_id(&packet->home, &packet->asset);
}

cy_err cy_voucher_fits(const struct cy_ctx *ctx, struct cy_plan *plan,
                       const struct cy_bridge_packet *packet)
{
    const struct cy_id id = asset_here(ctx, packet);
    const struct cy_asset *asset = CY_READ(plan, asset, &id);

    if (cy_id_eq(&packet->home, &ctx->realm))
        return asset != NULL ? CY_OK : cy_fail(CY_E_NO_NOUN, 1);
    if (!cy_id_eq(&packet->home, &packet->source))
        return cy_fail(CY_E_PACKET_FIELDS, 1);
    if (asset != NULL && asset->scale != packet->scale)
        return cy_fail(CY_E_PACKET_FIELDS, 2); /* an asset never changes its scale */
    return CY_OK;
}

/* The voucher's asset, made when the first units arrive. */
static void issue_voucher(struct cy_plan *plan, const struct on_bridge *key,
                          const struct cy_bridge_packet *packet)
{
    const struct cy_bridge *bridge = cy_bridge_of(plan, &packet->source);
    struct cy_asset *asset = NULL;

    if (CY_READ(plan, asset, &key->asset) != NULL)
        return;
    asset = CY_EDIT(plan, asset, &key->asset);
    asset->code = packet->code;
    asset->name = bridge->name;
    asset->issuer = cy_bridge_party(&packet->source);
    asset->scale = packet->scale;
    CY_EDIT(plan, bridge_asset, key)->abroad_asset = packet->asset;
}

cy_err cy_voucher_arrive(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_bridge_packet *packet, const struct cy_id *owner,
                         struct cy_id *account)
{
    const struct on_bridge key = {packet->source, asset_here(ctx, packet)};
    const bool home = cy_id_eq(&packet->home, &ctx->realm);
    const struct cy_bridge_asset *have = CY_READ(plan, bridge_asset, &key);

    if (home && (have == NULL || have->abroad < packet->amount))
        return cy_fail(CY_E_BRIDGE_FUNDS, 0);
    if (!home)
        issue_voucher(plan, &key, packet);
    CY_TRY(throttle(plan, &key, packet->amount, ctx->now));
    *account = cy_escrow_seat(plan, owner, &key.asset);
    if (!home)
        return cy_escrow_mint(plan, account, packet->amount);
    CY_EDIT(plan, bridge_asset, &key)->abroad -= packet->amount; /* not more than there is */
    return unlock(plan, &key, account, packet->amount);
}

static struct on_bridge key_of(const struct cy_ctx *ctx, const struct cy_packet_out *out)
{
    return (struct on_bridge){out->destination, cy_id_eq(&out->home, &ctx->realm)
                                                    ? out->asset
                                                    : cy_voucher_id(&out->home, &out->asset)};
}

cy_err cy_voucher_landed(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_packet_out *out)
{
    const struct on_bridge key = key_of(ctx, out);
    struct cy_bridge_asset *on = CY_EDIT(plan, bridge_asset, &key);

    CY_TRY(cy_sub(on->in_flight, out->amount, &on->in_flight));
    if (!cy_id_eq(&out->home, &ctx->realm))
        return CY_OK; /* the vouchers ended when they left */
    return cy_add(on->abroad, out->amount, &on->abroad);
}

cy_err cy_voucher_return(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_packet_out *out)
{
    const struct on_bridge key = key_of(ctx, out);
    struct cy_bridge_asset *on = CY_EDIT(plan, bridge_asset, &key);

    CY_TRY(cy_sub(on->in_flight, out->amount, &on->in_flight));
    if (!cy_id_eq(&out->home, &ctx->realm))
        return cy_escrow_mint(plan, &out->account, out->amount);
    return unlock(plan, &key, &out->account, out->amount);
}

cy_err cy_voucher_end(struct cy_plan *plan, const struct cy_id *realm, const struct cy_id *account,
                      cy_u128 amount, struct cy_id *asset)
{
    const struct cy_account *from = CY_READ(plan, account, account);
    struct on_bridge key = {.realm = *realm};

    CY_ASSERT(from != NULL); /* the caller found it */
    key.asset = from->asset;
    if (!goes_home(plan, &key, asset))
        return cy_fail(CY_E_NOT_VOUCHER, 2);
    return cy_escrow_unmint(plan, account, amount);
}

cy_err cy_voucher_redeem(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *realm,
                         const struct cy_id *asset, cy_u128 amount, const struct cy_id *owner)
{
    const struct on_bridge key = {*realm, *asset};
    const struct cy_bridge_asset *have = CY_READ(plan, bridge_asset, &key);
    struct cy_id account;

    if (have == NULL || have->abroad < amount)
        return cy_fail(CY_E_BRIDGE_FUNDS, 1);
    CY_TRY(throttle(plan, &key, amount, ctx->now));
    CY_EDIT(plan, bridge_asset, &key)->abroad -= amount; /* not more than there is */
    account = cy_escrow_seat(plan, owner, asset);
    return unlock(plan, &key, &account, amount);
}

cy_err cy_voucher_forfeit(struct cy_plan *plan, const struct cy_id *realm,
                          const struct cy_id *asset)
{
    const struct on_bridge key = {*realm, *asset};
    struct cy_bridge_asset *on = CY_EDIT(plan, bridge_asset, &key);
    const cy_u128 amount = on->abroad;
    const struct cy_id account = cy_escrow_seat(plan, &CY_READ(plan, asset, asset)->issuer, asset);

    on->abroad = 0;
    return unlock(plan, &key, &account, amount);
}

static const struct cy_table_spec tables[] = {
    {&cy_schema_bridge_asset, 1u << 12, false},
};

const struct cy_institution cy_vouchers = {
    .name = "voucher",
    .purpose = "units that cross bridges",
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

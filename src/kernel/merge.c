#include "kernel/merge.h"

static const uint64_t the_one = 1;

struct of_realm {
    struct cy_id realm;
    struct cy_id id;
};

cy_err cy_merge_admits(struct cy_plan *plan, const struct cy_schema *act)
{
    if (CY_READ(plan, merge, &the_one) == NULL || cy_ledger_time_moves(act) ||
        act == &cy_schema_equivocate)
        return CY_OK;
    return cy_fail(CY_E_REALM_MERGED, 0);
}

/* --- the realm that ends --- */

static const void *row(struct cy_plan *plan, uint32_t record, uint32_t i)
{
    return cy_world_at(plan->world, record, i);
}

/* Nothing is half done. The act stands alone: the world is what the plan will find. */
static cy_err nothing_open(struct cy_plan *plan, const struct cy_id *into)
{
    const struct cy_world *world = plan->world;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_bridge_line); i++) {
        if (((const struct cy_bridge_line *)row(plan, CY_R_bridge_line, i))->open != 0)
            return cy_fail(CY_E_MERGE_OPEN, 1);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_bridge_asset); i++) {
        const struct cy_bridge_asset *on = row(plan, CY_R_bridge_asset, i);
        const struct cy_asset *asset = CY_READ(plan, asset, &on->asset);

        if (cy_id_eq(&on->realm, into))
            continue;
        if (on->abroad != 0 || on->in_flight != 0)
            return cy_fail(CY_E_MERGE_OPEN, 2);
        if (!cy_id_none(&on->abroad_asset) && asset != NULL && asset->issued != 0)
            return cy_fail(CY_E_MERGE_OPEN, 3);
    }
    return cy_world_count(world, CY_R_pending) == 0 ? CY_OK : cy_fail(CY_E_MERGE_OPEN, 4);
}

static cy_err close_realm(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_merge_close *m = message;
    struct cy_merge *merge = NULL;

    if (cy_bridge_of(plan, &m->into) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_TRY(nothing_open(plan, &m->into));
    merge = CY_EDIT(plan, merge, &the_one);
    merge->into = m->into;
    merge->since = ctx->now;
    merge->at = ctx->at;
    return CY_OK;
}

/* --- the realm that continues --- */

static cy_err open_realm(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_merge_open *m = message;
    const struct cy_bridge_line *line = NULL;
    struct cy_bridge *bridge = NULL;
    struct cy_merged *merged = NULL;
    struct cy_merge merge;

    if (CY_READ(plan, merged, &m->realm) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_merge, m->value, m->proof,
                                 &merge));
    if (!cy_id_eq(&merge.into, &ctx->realm))
        return cy_fail(CY_E_NOT_MERGED, 3);
    line = cy_bridge_line_of(plan, &m->realm);
    if (line->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0);
    if (line->open != 0)
        return cy_fail(CY_E_PACKET_OPEN, 0); /* what it holds returns by its time-out first */
    merged = CY_EDIT(plan, merged, &m->realm);
    bridge = CY_EDIT(plan, bridge, &m->realm);
    merged->name = bridge->name;
    merged->root = m->root;
    merged->at = merge.at;
    merged->size = line->size;
    merged->head = line->root;
    merged->ended = merge.since;
    merged->since = ctx->now;
    bridge->state = CY_bridge_state_SEVERED; /* heads keep flowing; nothing else ever will */
    bridge->turned = ctx->now;
    return CY_OK;
}

/* --- what is brought --- */

struct bringing {
    const struct cy_ctx *ctx;
    struct cy_plan *plan;
    const struct cy_merge_bring *m;
};

static cy_err proven(const struct bringing *b, const struct cy_schema *schema, void *out)
{
    return cy_recognition_proven(b->plan, &b->m->realm, b->m->root, schema, b->m->value,
                                 b->m->proof, out);
}

static cy_err bring_passport(const struct bringing *b)
{
    struct of_realm key = {.realm = b->m->realm};
    struct cy_passport passport;
    struct cy_passport *here = NULL;

    CY_TRY(proven(b, &cy_schema_passport, &passport));
    if (CY_READ(b->plan, passport, &passport.id) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    key.id = passport.id;
    if (CY_READ(b->plan, admission, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 4); /* its holder arrived before, under another id */
    if (passport.standing == CY_standing_MOVED)
        return cy_fail(CY_E_RETIRED_PASSPORT, 4); /* it is at home elsewhere */
    here = CY_EDIT(b->plan, passport, &passport.id);
    *here = passport;
    here->rate_since = 0;
    here->rate_used = 0;
    here->constraints = 0; /* bounds come as duties: their windows were counted there */
    CY_EDIT(b->plan, merged, &b->m->realm)->passports++;
    return CY_OK;
}

/* A key, or a turn of keys, of a passport that was brought. */
static cy_err bring_control(const struct bringing *b)
{
    struct cy_control control;

    CY_TRY(proven(b, &cy_schema_control, &control));
    if (CY_READ(b->plan, passport, &control.passport) == NULL)
        return cy_fail(CY_E_MERGE_ORDER, CY_R_passport);
    if (CY_READ(b->plan, control, &control) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    *CY_EDIT(b->plan, control, &control) = control;
    return CY_OK;
}

static cy_err bring_rotation(const struct bringing *b)
{
    struct cy_rotation rotation;

    CY_TRY(proven(b, &cy_schema_rotation, &rotation));
    if (CY_READ(b->plan, passport, &rotation.passport) == NULL)
        return cy_fail(CY_E_MERGE_ORDER, CY_R_passport);
    if (CY_READ(b->plan, rotation, &rotation) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    *CY_EDIT(b->plan, rotation, &rotation) = rotation;
    return CY_OK;
}

/* A code that nobody holds here. */
static cy_err bring_attestation(const struct bringing *b)
{
    struct cy_attestation code;

    CY_TRY(proven(b, &cy_schema_attestation, &code));
    if (CY_READ(b->plan, passport, &code.passport) == NULL)
        return cy_fail(CY_E_MERGE_ORDER, CY_R_passport);
    if (CY_READ(b->plan, attestation, &code) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    *CY_EDIT(b->plan, attestation, &code) = code;
    return CY_OK;
}

/* Who owns here what that passport owned there. */
static cy_err owner_of(const struct bringing *b, const struct cy_id *passport, struct cy_id *here)
{
    const struct of_realm key = {b->m->realm, *passport};
    const struct cy_admission *admission = CY_READ(b->plan, admission, &key);

    *here = admission == NULL ? *passport : admission->here;
    return CY_READ(b->plan, passport, here) != NULL ? CY_OK
                                                    : cy_fail(CY_E_MERGE_ORDER, CY_R_passport);
}

/* The asset here, under its issuer; all units that are not here as vouchers yet go into escrow. */
static cy_err bring_asset(const struct bringing *b)
{
    struct of_realm key = {.realm = b->m->realm};
    struct cy_merged_asset *merged = NULL;
    struct cy_asset *here = NULL;
    struct cy_asset asset;
    struct cy_id party = cy_bridge_party(&b->m->realm);
    struct cy_id issuer;
    struct cy_id escrow;
    struct cy_id id;
    cy_u128 missing = 0;

    CY_TRY(proven(b, &cy_schema_asset, &asset));
    key.id = asset.id;
    id = cy_voucher_id(&b->m->realm, &asset.id);
    if (CY_READ(b->plan, merged_asset, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    CY_TRY(owner_of(b, &asset.issuer, &issuer)); /* of vouchers nobody is: they are not brought */
    here = CY_EDIT(b->plan, asset, &id);
    CY_TRY(cy_sub(asset.issued, here->issued, &missing));
    here->code = asset.code;
    here->name = asset.name;
    here->scale = asset.scale;
    here->issuer = issuer;
    here->most = 0; /* until all are made */
    escrow = cy_escrow_seat(b->plan, &party, &id);
    if (missing != 0) {
        CY_TRY(cy_escrow_mint(b->plan, &escrow, missing));
        CY_TRY(cy_escrow_hold(b->plan, &escrow, missing));
    }
    CY_EDIT(b->plan, asset, &id)->most = asset.most;
    merged = CY_EDIT(b->plan, merged_asset, &key);
    merged->here = id;
    merged->issued = asset.issued;
    merged->waiting = missing;
    CY_EDIT(b->plan, merged, &b->m->realm)->assets++;
    return CY_OK;
}

/* Units of the ended realm's own asset leave the escrow for an account. */
static cy_err pay_merged(const struct bringing *b, const struct cy_id *asset,
                         const struct cy_id *owner, cy_u128 amount, struct cy_id *account)
{
    const struct of_realm key = {b->m->realm, *asset};
    const struct cy_id party = cy_bridge_party(&b->m->realm);
    struct cy_merged_asset *merged = NULL;
    struct cy_id escrow;

    if (CY_READ(b->plan, merged_asset, &key) == NULL)
        return cy_fail(CY_E_MERGE_ORDER, CY_R_asset);
    merged = CY_EDIT(b->plan, merged_asset, &key);
    CY_TRY(cy_sub(merged->waiting, amount, &merged->waiting));
    escrow = cy_account_id(&party, &merged->here, 0);
    *account = cy_escrow_seat(b->plan, owner, &merged->here);
    return cy_escrow_pay(b->plan, &escrow, account, amount);
}

/* Vouchers of an own asset come home: the escrow that was here for them pays. */
static cy_err pay_home(const struct bringing *b, const struct cy_id *owner, cy_u128 amount,
                       struct cy_id *account)
{
    const struct of_realm key = {b->m->realm, b->m->home};
    const struct cy_id party = cy_bridge_party(&b->m->realm);
    const struct cy_id escrow = cy_account_id(&party, &b->m->home, 0);
    struct cy_bridge_asset *on = NULL;

    if (CY_READ(b->plan, bridge_asset, &key) == NULL)
        return cy_fail(CY_E_BRIDGE_FUNDS, 6);
    on = CY_EDIT(b->plan, bridge_asset, &key);
    if (on->abroad < amount)
        return cy_fail(CY_E_BRIDGE_FUNDS, 6);
    on->abroad -= amount;
    *account = cy_escrow_seat(b->plan, owner, &b->m->home);
    return cy_escrow_pay(b->plan, &escrow, account, amount);
}

/* Notes what a source there has given so far; *more is what it gives now. */
static cy_err once(const struct bringing *b, const struct cy_id *source, cy_u128 total,
                   cy_u128 *more)
{
    const struct of_realm key = {b->m->realm, *source};
    const struct cy_merged_units *had = CY_READ(b->plan, merged_units, &key);
    struct cy_merged_units *units = NULL;

    if (had != NULL && had->amount >= total)
        return cy_fail(CY_E_EXISTS, 4);
    *more = total - (had == NULL ? 0 : had->amount);
    units = CY_EDIT(b->plan, merged_units, &key);
    units->amount = total;
    return CY_OK;
}

static void paid_to(const struct bringing *b, const struct cy_id *source,
                    const struct cy_id *account)
{
    const struct of_realm key = {b->m->realm, *source};

    CY_EDIT(b->plan, merged_units, &key)->account = *account;
}

/* The free units of an account: what its bonds hold comes with them. An empty one needs no
 * bringing. */
static cy_err bring_account(const struct bringing *b)
{
    struct cy_account account;
    struct cy_id owner;
    struct cy_id here;
    cy_u128 more = 0;
    bool home = false;

    CY_TRY(proven(b, &cy_schema_account, &account));
    CY_TRY(owner_of(b, &account.owner, &owner));
    if (!cy_id_none(&b->m->home)) {
        const struct cy_id voucher = cy_voucher_id(&b->ctx->realm, &b->m->home);

        home = cy_id_eq(&voucher, &account.asset);
        if (!home)
            return cy_fail(CY_E_MERGE_ORDER, CY_R_asset);
    }
    CY_TRY(once(b, &account.id, account.balance, &more));
    CY_TRY(home ? pay_home(b, &owner, more, &here)
                : pay_merged(b, &account.asset, &owner, more, &here));
    paid_to(b, &account.id, &here);
    CY_EDIT(b->plan, merged, &b->m->realm)->accounts++;
    return CY_OK;
}

/* A bond in the ended realm's own asset goes on: units held for the same beneficiary. One for a
 * body that is not here (an alliance) waits in escrow. */
static cy_err bring_bond(const struct bringing *b)
{
    struct cy_bond bond;
    struct cy_bond *copy = NULL;
    struct cy_id owner;
    struct cy_id here;
    cy_u128 more = 0;

    CY_TRY(proven(b, &cy_schema_bond, &bond));
    if (CY_READ(b->plan, bond, &bond.id) != NULL)
        return cy_fail(CY_E_EXISTS, 4);
    CY_TRY(owner_of(b, &bond.owner, &owner));
    if (CY_READ(b->plan, passport, &bond.beneficiary) == NULL)
        return cy_fail(CY_E_MERGE_ORDER, CY_R_passport);
    CY_TRY(once(b, &bond.id, bond.amount, &more));
    CY_TRY(pay_merged(b, &bond.asset, &owner, more, &here));
    CY_TRY(cy_escrow_hold(b->plan, &here, more));
    paid_to(b, &bond.id, &here);
    copy = CY_EDIT(b->plan, bond, &bond.id);
    *copy = bond;
    copy->owner = owner;
    copy->account = here;
    copy->asset = CY_READ(b->plan, account, &here)->asset;
    copy->uses = 0; /* the duties that it secured there are shown by exit_duty */
    return CY_OK;
}

static cy_err bring(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_merge_bring *m = message;
    const struct cy_merged *merged = CY_READ(plan, merged, &m->realm);
    const struct bringing b = {ctx, plan, m};

    if (merged == NULL || m->root < merged->root)
        return cy_fail(CY_E_NOT_MERGED, 2);
    switch (m->record) {
    case CY_R_passport: return bring_passport(&b);
    case CY_R_control: return bring_control(&b);
    case CY_R_rotation: return bring_rotation(&b);
    case CY_R_attestation: return bring_attestation(&b);
    case CY_R_asset: return bring_asset(&b);
    case CY_R_account: return bring_account(&b);
    case CY_R_bond: return bring_bond(&b);
    default: return cy_fail(CY_E_NOT_BROUGHT, m->record);
    }
}

static const struct cy_act_row acts[] = {
    {&cy_schema_merge_close, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER, true,  1, close_realm},
    {&cy_schema_merge_open,  CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER, false, 2, open_realm },
    {&cy_schema_merge_bring, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE, false, 8, bring      },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_merge,        1,        false},
    {&cy_schema_merged,       1u << 8,  false},
    {&cy_schema_merged_asset, 1u << 12, false},
    {&cy_schema_merged_units, 1u << 16, false},
};

const struct cy_institution cy_merges = {
    .name = "merge",
    .purpose = "realms that end and go on in another",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

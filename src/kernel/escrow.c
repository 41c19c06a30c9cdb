#include "kernel/escrow.h"

#include "crypto/hash.h"

struct cy_id cy_account_id(const struct cy_id *owner, const struct cy_id *asset, uint32_t number)
{
    static const char domain[] = "comity-account";
    uint8_t bytes[4];

    cy_put_u32be(bytes, number);
    return cy_sha256_parts((const struct cy_span[]){cy_span_of(domain, sizeof domain - 1),
                                                    cy_span_of(owner->b, 32),
                                                    cy_span_of(asset->b, 32), cy_span_of(bytes, 4)},
                           4);
}

/* --- holds --- */

static cy_err hold(struct cy_account *a, cy_u128 amount)
{
    CY_TRY(cy_sub(a->balance, amount, &a->balance));
    return cy_add(a->held, amount, &a->held);
}

cy_err cy_escrow_hold(struct cy_plan *plan, const struct cy_id *account, cy_u128 amount)
{
    const struct cy_account *have = CY_READ(plan, account, account);

    if (have == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    if (have->balance < amount)
        return cy_fail(CY_E_INSUFFICIENT, 0);
    return hold(CY_EDIT(plan, account, account), amount);
}

cy_err cy_escrow_release(struct cy_plan *plan, const struct cy_id *account, cy_u128 amount)
{
    struct cy_account *a = NULL;

    if (CY_READ(plan, account, account) == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    a = CY_EDIT(plan, account, account);
    CY_TRY(cy_sub(a->held, amount, &a->held));
    return cy_add(a->balance, amount, &a->balance);
}

cy_err cy_escrow_pay(struct cy_plan *plan, const struct cy_id *from, const struct cy_id *to,
                     cy_u128 amount)
{
    const struct cy_account *payer = CY_READ(plan, account, from);
    const struct cy_account *payee = CY_READ(plan, account, to);
    struct cy_account *a = NULL;

    if (payer == NULL || payee == NULL)
        return cy_fail(CY_E_NO_NOUN, payer == NULL ? 1 : 2);
    if (!cy_id_eq(&payer->asset, &payee->asset))
        return cy_fail(CY_E_ASSET_MISMATCH, 0);
    a = CY_EDIT(plan, account, from);
    CY_TRY(cy_sub(a->held, amount, &a->held));
    a = CY_EDIT(plan, account, to);
    return cy_add(a->balance, amount, &a->balance);
}

struct cy_id cy_escrow_seat(struct cy_plan *plan, const struct cy_id *owner,
                            const struct cy_id *asset)
{
    const struct cy_id id = cy_account_id(owner, asset, 0);
    struct cy_account *account = NULL;

    if (CY_READ(plan, account, &id) != NULL)
        return id;
    account = CY_EDIT(plan, account, &id);
    account->owner = *owner;
    account->asset = *asset;
    return id;
}

cy_err cy_escrow_mint(struct cy_plan *plan, const struct cy_id *id, cy_u128 amount)
{
    const struct cy_account *account = CY_READ(plan, account, id);
    const struct cy_asset *asset = NULL;
    struct cy_account *payee = NULL;
    cy_u128 issued = 0;

    if (account == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    asset = CY_READ(plan, asset, &account->asset);
    CY_ASSERT(asset != NULL); /* no account without one */
    CY_TRY(cy_add(asset->issued, amount, &issued));
    if (asset->most != 0 && issued > asset->most)
        return cy_fail(CY_E_LIMIT_ISSUED, 0);
    CY_EDIT(plan, asset, &account->asset)->issued = issued;
    payee = CY_EDIT(plan, account, id);
    return cy_add(payee->balance, amount, &payee->balance);
}

cy_err cy_escrow_unmint(struct cy_plan *plan, const struct cy_id *id, cy_u128 amount)
{
    const struct cy_account *have = CY_READ(plan, account, id);
    struct cy_account *account = NULL;
    struct cy_asset *asset = NULL;

    if (have == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    if (have->balance < amount)
        return cy_fail(CY_E_INSUFFICIENT, 0);
    account = CY_EDIT(plan, account, id);
    asset = CY_EDIT(plan, asset, &account->asset);
    CY_TRY(cy_sub(account->balance, amount, &account->balance));
    return cy_sub(asset->issued, amount, &asset->issued);
}

/* The account is the author's and holds that much; the author's own bounds allow it. */
static cy_err own_units(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                        cy_u128 amount)
{
    const struct cy_account *account = CY_READ(plan, account, id);

    if (account == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (!cy_id_eq(&account->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (account->balance < amount)
        return cy_fail(CY_E_INSUFFICIENT, 0);
    CY_TRY(cy_restraint_holds(ctx, plan, &ctx->author));
    return cy_constraint_spend(ctx, plan, &account->asset, amount);
}

cy_err cy_escrow_promise(const struct cy_ctx *ctx, struct cy_plan *plan,
                         const struct cy_id *account, cy_u128 amount)
{
    CY_TRY(own_units(ctx, plan, account, amount));
    return cy_escrow_hold(plan, account, amount);
}

cy_err cy_escrow_burn(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                      cy_u128 amount)
{
    CY_TRY(own_units(ctx, plan, id, amount));
    return cy_escrow_unmint(plan, id, amount);
}

/* --- assets and accounts --- */

static cy_err create(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_asset_create *m = message;
    struct cy_asset *asset = CY_EDIT(plan, asset, cy_ctx_id(ctx));

    asset->code = m->code;
    asset->name = m->name;
    asset->issuer = ctx->author;
    asset->scale = m->scale;
    asset->most = m->most;
    return CY_OK;
}

void cy_escrow_asset(struct cy_plan *plan, const struct cy_id *id, const struct cy_id *issuer,
                     const struct cy_label *code, const struct cy_name *name)
{
    struct cy_asset *asset = CY_EDIT(plan, asset, id);

    asset->code = *code;
    asset->name = *name;
    asset->issuer = *issuer;
}

cy_err cy_escrow_open(struct cy_plan *plan, const struct cy_id *owner, const struct cy_id *asset,
                      uint32_t number, struct cy_id *id)
{
    struct cy_account *account = NULL;

    *id = cy_account_id(owner, asset, number);
    if (CY_READ(plan, asset, asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    if (CY_READ(plan, account, id) != NULL)
        return cy_fail(CY_E_EXISTS, 0);
    account = CY_EDIT(plan, account, id);
    account->owner = *owner;
    account->asset = *asset;
    account->number = number;
    return CY_OK;
}

static cy_err open_account(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_account_open *m = message;
    struct cy_id id;

    return cy_escrow_open(plan, &ctx->author, &m->asset, m->number, &id);
}

static cy_err issue(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_asset_issue *m = message;
    const struct cy_asset *have = CY_READ(plan, asset, &m->asset);
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    struct cy_account *payee = NULL;
    cy_u128 issued = 0;

    if (have == NULL || account == NULL)
        return cy_fail(CY_E_NO_NOUN, have == NULL ? 1 : 2);
    if (!cy_id_eq(&have->issuer, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (!cy_id_eq(&account->asset, &m->asset))
        return cy_fail(CY_E_ASSET_MISMATCH, 2);
    CY_TRY(cy_add(have->issued, m->amount, &issued));
    if (have->most != 0 && issued > have->most)
        return cy_fail(CY_E_LIMIT_ISSUED, 0);
    CY_EDIT(plan, asset, &m->asset)->issued = issued;
    payee = CY_EDIT(plan, account, &m->account);
    return cy_add(payee->balance, m->amount, &payee->balance);
}

static cy_err retire(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_asset_retire *m = message;

    return cy_escrow_burn(ctx, plan, &m->account, m->amount);
}

/* --- transfers --- */

/* The two accounts of a single or pending transfer, checked, and what restraints say of it. */
static cy_err endpoints(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m,
                        struct cy_restraint_verdict *verdict)
{
    const struct cy_account *from = CY_READ(plan, account, &m->from);
    const struct cy_account *to = CY_READ(plan, account, &m->to);

    if (m->amount == 0 || !cy_id_none(&m->pending))
        return cy_fail(CY_E_PHASE_FIELDS, 0);
    if (from == NULL || to == NULL)
        return cy_fail(CY_E_NO_NOUN, from == NULL ? 2 : 3);
    if (!cy_id_eq(&from->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 2);
    if (cy_id_eq(&m->from, &m->to))
        return cy_fail(CY_E_SAME_ACCOUNT, 0);
    if (!cy_id_eq(&from->asset, &to->asset))
        return cy_fail(CY_E_ASSET_MISMATCH, 0);
    if (from->balance < m->amount)
        return cy_fail(CY_E_INSUFFICIENT, 0);
    verdict->frozen.restraint = NULL;
    verdict->n_levies = 0;
    if (cy_restraint_any(plan))
        CY_TRY(cy_restraint_settle(
            ctx, plan, &(struct cy_payment){from->owner, to->owner, from->asset, m->amount},
            verdict));
    if (cy_id_eq(&to->owner, &from->owner))
        return CY_OK; /* between own accounts nothing is spent */
    return cy_constraint_spend(ctx, plan, &from->asset, m->amount);
}

/* What the payer pays on top, rounded down, to accounts of the same asset; others levy nothing. */
static cy_err levy(struct cy_plan *plan, const struct cy_transfer *m,
                   const struct cy_restraint_verdict *verdict)
{
    for (uint32_t i = 0; i < verdict->n_levies; i++) {
        const struct cy_levy *l = &verdict->levies[i];
        const struct cy_account *to = CY_READ(plan, account, &l->to);
        struct cy_account *from = CY_EDIT(plan, account, &m->from);
        struct cy_account *payee = NULL;
        cy_u128 part = 0;

        if (to == NULL || !cy_id_eq(&to->asset, &from->asset) || cy_id_eq(&l->to, &m->from))
            continue;
        CY_TRY(cy_mul_div(m->amount, l->ppm, 1000000, &part));
        if (from->balance < part)
            return cy_fail(CY_E_INSUFFICIENT, 7);
        payee = CY_EDIT(plan, account, &l->to);
        CY_TRY(cy_sub(from->balance, part, &from->balance));
        CY_TRY(cy_add(payee->balance, part, &payee->balance));
    }
    return CY_OK;
}

/* The payment waits: held on the payer's account until the restraint no longer binds. */
static void stop(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *pending,
                 const struct cy_restraint *restraint)
{
    struct cy_frozen *frozen = CY_EDIT(plan, frozen, pending);

    frozen->subject = restraint->subject;
    frozen->source = restraint->source;
    frozen->restraint = restraint->id;
    frozen->since = ctx->now;
    frozen->review_at = restraint->review_at;
}

static cy_err hold_back(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m,
                        cy_time expires, const struct cy_restraint *restraint)
{
    struct cy_pending *pending = NULL;

    CY_TRY(hold(CY_EDIT(plan, account, &m->from), m->amount));
    pending = CY_EDIT(plan, pending, cy_ctx_id(ctx));
    pending->from = m->from;
    pending->to = m->to;
    pending->amount = m->amount;
    pending->expires = expires;
    pending->reference = m->reference;
    if (restraint != NULL)
        stop(ctx, plan, cy_ctx_id(ctx), restraint);
    return CY_OK;
}

static cy_err move(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m)
{
    struct cy_restraint_verdict verdict;
    struct cy_account *from = NULL;
    struct cy_account *to = NULL;

    if (m->expires != 0)
        return cy_fail(CY_E_PHASE_FIELDS, 6);
    CY_TRY(endpoints(ctx, plan, m, &verdict));
    if (verdict.frozen.restraint != NULL)
        return hold_back(ctx, plan, m, 0, verdict.frozen.restraint);
    from = CY_EDIT(plan, account, &m->from);
    to = CY_EDIT(plan, account, &m->to);
    CY_TRY(cy_sub(from->balance, m->amount, &from->balance));
    CY_TRY(cy_add(to->balance, m->amount, &to->balance));
    return verdict.n_levies == 0 ? CY_OK : levy(plan, m, &verdict);
}

static cy_err begin(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m)
{
    struct cy_restraint_verdict verdict;

    if (m->expires != 0 && m->expires <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 6);
    cy_plan_warm(plan, CY_R_pending, cy_ctx_id(ctx));
    CY_TRY(endpoints(ctx, plan, m, &verdict));
    return hold_back(ctx, plan, m, m->expires, verdict.frozen.restraint);
}

/* The pending transfer that a post or void names, and the account it comes from. */
static cy_err find_pending(struct cy_plan *plan, const struct cy_transfer *m,
                           const struct cy_pending **pending, const struct cy_account **from)
{
    if (cy_id_none(&m->pending) || !cy_id_none(&m->from) || !cy_id_none(&m->to))
        return cy_fail(CY_E_PHASE_FIELDS, 5);
    *pending = CY_READ(plan, pending, &m->pending);
    if (*pending == NULL)
        return cy_fail(CY_E_NO_NOUN, 5);
    *from = CY_READ(plan, account, &(*pending)->from);
    CY_ASSERT(*from != NULL); /* accounts are never removed */
    return CY_OK;
}

/* What restraints say of a pending transfer now. One that was stopped and may go on loses its mark;
 * one that may not is refused; one that is stopped only now says so in *now. */
static cy_err thaw(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_pending *pending,
                   const struct cy_restraint **now)
{
    const bool stopped =
        !cy_plan_empty(plan, CY_R_frozen) && CY_READ(plan, frozen, &pending->id) != NULL;
    struct cy_restraint_verdict verdict = {.n_levies = 0};
    const struct cy_account *from = NULL;
    const struct cy_account *to = NULL;

    *now = NULL;
    if (!stopped && !cy_restraint_any(plan))
        return CY_OK;
    from = CY_READ(plan, account, &pending->from);
    to = CY_READ(plan, account, &pending->to);
    CY_TRY(cy_restraint_settle(
        ctx, plan, &(struct cy_payment){from->owner, to->owner, from->asset, 0}, &verdict));
    if (stopped && verdict.frozen.restraint != NULL)
        return cy_fail(CY_E_FROZEN, 5);
    if (stopped)
        CY_REMOVE(plan, frozen, &pending->id);
    *now = verdict.frozen.restraint;
    return CY_OK;
}

/* Held units go to the other account, and what is left of them returns. */
static cy_err settle(struct cy_plan *plan, const struct cy_pending *pending, cy_u128 amount)
{
    struct cy_account *from = CY_EDIT(plan, account, &pending->from);
    struct cy_account *to = CY_EDIT(plan, account, &pending->to);

    CY_TRY(cy_sub(from->held, pending->amount, &from->held));
    CY_TRY(cy_add(to->balance, amount, &to->balance));
    return cy_add(from->balance, pending->amount - amount, &from->balance);
}

static cy_err post(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m)
{
    const struct cy_restraint *restraint = NULL;
    const struct cy_pending *pending = NULL;
    const struct cy_account *from = NULL;
    cy_u128 amount = 0;

    CY_TRY(find_pending(plan, m, &pending, &from));
    if (!cy_id_eq(&from->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 5);
    if (pending->expires != 0 && pending->expires <= ctx->now)
        return cy_fail(CY_E_PENDING_EXPIRED, 0);
    amount = m->amount == 0 ? pending->amount : m->amount;
    if (amount > pending->amount)
        return cy_fail(CY_E_INSUFFICIENT, 4);
    CY_TRY(thaw(ctx, plan, pending, &restraint));
    if (restraint != NULL) {
        stop(ctx, plan, &m->pending, restraint);
        CY_EDIT(plan, pending, &m->pending)->expires = 0; /* it waits for the review instead */
        return CY_OK;
    }
    CY_TRY(settle(plan, pending, amount));
    CY_REMOVE(plan, pending, &m->pending);
    return CY_OK;
}

static cy_err void_(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_transfer *m)
{
    const struct cy_pending *pending = NULL;
    const struct cy_restraint *restraint = NULL;
    const struct cy_account *from = NULL;
    const struct cy_account *to = NULL;

    CY_TRY(find_pending(plan, m, &pending, &from));
    if (m->amount != 0)
        return cy_fail(CY_E_PHASE_FIELDS, 4);
    to = CY_READ(plan, account, &pending->to);
    CY_ASSERT(to != NULL);
    if (!cy_id_eq(&from->owner, &ctx->author) && !cy_id_eq(&to->owner, &ctx->author) &&
        (pending->expires == 0 || pending->expires > ctx->now))
        return cy_fail(CY_E_NOT_OWNER, 5); /* after expiry anyone may tidy up */
    if (CY_READ(plan, frozen, &m->pending) != NULL)
        CY_TRY(thaw(ctx, plan, pending, &restraint));
    CY_TRY(cy_escrow_release(plan, &pending->from, pending->amount));
    CY_REMOVE(plan, pending, &m->pending);
    return CY_OK;
}

static cy_err transfer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_transfer *m = message;

    switch (m->phase) {
    case CY_phase_SINGLE: return move(ctx, plan, m);
    case CY_phase_PENDING: return begin(ctx, plan, m);
    case CY_phase_POST: return post(ctx, plan, m);
    case CY_phase_VOID: return void_(ctx, plan, m);
    default: CY_NEVER("the codec admits only the words of the set");
    }
}

uint32_t cy_escrow_sweep(struct cy_plan *plan, cy_time now, uint32_t from, uint32_t n)
{
    const uint32_t count = cy_world_count(plan->world, CY_R_pending);

    for (uint32_t i = 0; i < n && from < count; i++, from++) {
        const struct cy_pending *p = cy_world_at(plan->world, CY_R_pending, from);

        if (p->expires == 0 || p->expires > now || CY_READ(plan, frozen, &p->id) != NULL)
            continue;
        /* held units are never less than what is pending, so the release cannot fail */
        if (cy_ok(cy_escrow_release(plan, &p->from, p->amount)))
            CY_REMOVE(plan, pending, &p->id);
    }
    return from < count ? from : 0;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_asset_create, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER, false, 1,  create      },
    {&cy_schema_account_open, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL, false, 1,  open_account},
    {&cy_schema_asset_issue,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_VALUE, false, 2,  issue       },
    {&cy_schema_asset_retire, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE, false, 3,  retire      },
    {&cy_schema_transfer,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE, false, 13, transfer    },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_asset,   1u << 12, false},
    {&cy_schema_account, 1u << 18, false},
    {&cy_schema_pending, 1u << 18, false},
    {&cy_schema_frozen,  1u << 14, false},
};

/* clang-format off */
static const struct cy_warm of_pending[] = {
    {&cy_schema_pending, offsetof(struct cy_pending, from), CY_R_account, NULL},
    {&cy_schema_pending, offsetof(struct cy_pending, to), CY_R_account, NULL},
    {NULL, 0, 0, NULL},
};

static const struct cy_warm warms[] = {
    {&cy_schema_transfer, offsetof(struct cy_transfer, from), CY_R_account, NULL},
    {&cy_schema_transfer, offsetof(struct cy_transfer, to), CY_R_account, NULL},
    {&cy_schema_transfer, offsetof(struct cy_transfer, pending), CY_R_pending, of_pending},
    {NULL, 0, 0, NULL},
};
/* clang-format on */

const struct cy_institution cy_escrow = {
    .name = "escrow",
    .purpose = "assets, accounts and transfers in two phases",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
    .warms = warms,
};

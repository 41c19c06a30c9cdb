#include "kernel/capability.h"

#define CHAIN_MAX 5 /* links: the principal's grant, passed on four times */

struct delegation_key {
    struct cy_id from;
    struct cy_id to;
    uint64_t act;
};

static const struct cy_delegation *find(struct cy_plan *plan, const struct cy_id *from,
                                        const struct cy_id *to, uint64_t act)
{
    const struct delegation_key key = {*from, *to, act};

    return CY_READ(plan, delegation, &key);
}

/* --- what an act asks of a delegation --- */

struct asked {
    const struct cy_id *noun; /* its first id; NULL when it has none */
    cy_u128 amount;           /* its first amount */
    bool limitless;           /* an amount that is left open or stands in a list */
};

static bool has_amount(const struct cy_schema *item)
{
    for (size_t i = 0; i < item->n_fields; i++) {
        if (item->fields[i].type == CY_T_amount)
            return true;
    }
    return false;
}

static struct asked what_it_asks(const struct cy_any *act)
{
    struct asked asked = {NULL, 0, false};
    bool stated = false;

    for (size_t i = 0; i < act->schema->n_fields; i++) {
        const struct cy_field *f = &act->schema->fields[i];
        const uint8_t *at = (const uint8_t *)act->message + f->at;

        if (f->type == CY_T_id && asked.noun == NULL) {
            asked.noun = (const struct cy_id *)(const void *)at;
        } else if (f->type == CY_T_amount && !stated) {
            memcpy(&asked.amount, at, sizeof asked.amount);
            stated = true;
            asked.limitless = asked.limitless || asked.amount == 0;
        } else if (f->type == CY_T_list && has_amount(f->item)) {
            asked.limitless = true;
        }
    }
    return asked;
}

/* One link allows what is asked. */
static cy_err link_allows(const struct cy_delegation *link, cy_time now, const struct asked *asked)
{
    if (now >= link->until)
        return cy_fail(CY_E_DELEGATION_EXPIRED, 0);
    if (!cy_id_none(&link->noun) && (asked->noun == NULL || !cy_id_eq(asked->noun, &link->noun)))
        return cy_fail(CY_E_DELEGATION_SCOPE, 1);
    if (link->amount_most != 0 && (asked->limitless || asked->amount > link->amount_most))
        return cy_fail(CY_E_DELEGATION_SCOPE, 2);
    return CY_OK;
}

/* Every link from this delegation back to the principal stands; asked == NULL judges times only. */
static cy_err chain_allows(struct cy_plan *plan, const struct cy_delegation *link, cy_time now,
                           const struct asked *asked)
{
    for (int i = 0; i < CHAIN_MAX; i++) {
        const struct cy_delegation *above = NULL;
        const struct cy_passport *via = NULL;

        if (asked != NULL)
            CY_TRY(link_allows(link, now, asked));
        else if (now >= link->until)
            return cy_fail(CY_E_DELEGATION_EXPIRED, 0);
        if (cy_id_none(&link->via))
            return CY_OK;
        above = find(plan, &link->from, &link->via, link->via_act);
        if (above == NULL || above->depth <= link->depth ||
            !cy_ok(cy_identity_active(plan, &link->via, &via)))
            return cy_fail(CY_E_NO_DELEGATION, (uint32_t)i + 1);
        link = above;
    }
    return cy_fail(CY_E_NO_DELEGATION, CHAIN_MAX);
}

/* What a passport does about itself is never part of "any". */
static bool about_oneself(uint32_t act)
{
    return act == CY_M_passport_retire || act == CY_M_constrain || act == CY_M_constrain_lift;
}

cy_err cy_capability_check(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_any *act)
{
    const uint32_t number = act->schema->number;
    const struct cy_delegation *named = NULL;
    const struct cy_delegation *any = NULL;
    struct asked asked;
    cy_err err = CY_OK;

    if (cy_id_eq(&ctx->actor, &ctx->author))
        return CY_OK;
    if (number == CY_M_grant || number == CY_M_grant_revoke)
        return CY_OK; /* passing on: judged by the rule against the delegation that is passed on */
    named = find(plan, &ctx->author, &ctx->actor, number);
    any = about_oneself(number) ? NULL : find(plan, &ctx->author, &ctx->actor, 0);
    if (named == NULL && any == NULL)
        return cy_fail(CY_E_NO_DELEGATION, 0);
    asked = what_it_asks(act);
    if (named != NULL)
        err = chain_allows(plan, named, ctx->now, &asked);
    if (any != NULL && (named == NULL || !cy_ok(err)))
        err = chain_allows(plan, any, ctx->now, &asked);
    return err;
}

/* --- delegations --- */

/* The new delegation is no wider than the one it is made from. */
static cy_err attenuates(const struct cy_delegation *above, const struct cy_grant *m)
{
    if (m->depth >= above->depth)
        return cy_fail(CY_E_DELEGATION_SCOPE, 6);
    if (m->until > above->until)
        return cy_fail(CY_E_DELEGATION_SCOPE, 5);
    if (!cy_id_none(&above->noun) && !cy_id_eq(&above->noun, &m->noun))
        return cy_fail(CY_E_DELEGATION_SCOPE, 3);
    if (above->amount_most != 0 && (m->amount_most == 0 || m->amount_most > above->amount_most))
        return cy_fail(CY_E_DELEGATION_SCOPE, 4);
    return CY_OK;
}

/* The actor's own delegation that it passes on; NULL in the principal's own grants. */
static cy_err passed_on(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_grant *m,
                        const struct cy_delegation **above)
{
    *above = NULL;
    if (cy_id_eq(&ctx->actor, &ctx->author))
        return CY_OK;
    *above = find(plan, &ctx->author, &ctx->actor, m->covers);
    if (*above == NULL && !about_oneself(m->covers))
        *above = find(plan, &ctx->author, &ctx->actor, 0);
    if (*above == NULL)
        return cy_fail(CY_E_NO_DELEGATION, 0);
    CY_TRY(chain_allows(plan, *above, ctx->now, NULL));
    return attenuates(*above, m);
}

static cy_err grant(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_grant *m = message;
    const struct delegation_key key = {ctx->author, m->to, m->covers};
    const struct cy_delegation *old = CY_READ(plan, delegation, &key);
    const struct cy_delegation *above = NULL;
    const struct cy_passport *to = NULL;
    struct cy_delegation *d = NULL;

    if (m->covers != 0 && cy_schema_act(m->covers) == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, m->covers);
    if (m->until <= ctx->now)
        return cy_fail(CY_E_WRONG_TIME, 5);
    if (cy_id_eq(&m->to, &ctx->author))
        return cy_fail(CY_E_NOT_ALLOWED, 1);
    CY_TRY(cy_identity_active(plan, &m->to, &to));
    CY_TRY(passed_on(ctx, plan, m, &above));
    if (above != NULL && old != NULL && !cy_id_eq(&old->via, &ctx->actor))
        return cy_fail(CY_E_EXISTS, 1); /* a delegate does not touch what others gave */
    d = CY_EDIT(plan, delegation, &key);
    d->noun = m->noun;
    d->amount_most = m->amount_most;
    d->until = m->until;
    d->depth = m->depth;
    d->via = above == NULL ? (struct cy_id){{0}} : ctx->actor;
    d->via_act = above == NULL ? 0 : above->act;
    return CY_OK;
}

static cy_err grant_revoke(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_grant_revoke *m = message;
    const struct delegation_key key = {ctx->author, m->to, m->covers};
    const struct cy_delegation *d = CY_READ(plan, delegation, &key);

    if (d == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    /* the principal, who passed it on, or who has it and gives it back */
    if (!cy_id_eq(&ctx->actor, &ctx->author) && !cy_id_eq(&ctx->actor, &d->via) &&
        !cy_id_eq(&ctx->actor, &d->to))
        return cy_fail(CY_E_NOT_OWNER, 0);
    CY_REMOVE(plan, delegation, &key);
    return CY_OK;
}

/* --- offices --- */

struct mantle_key {
    struct cy_id body;
    struct cy_label role;
};

struct holder_key {
    struct cy_id body;
    struct cy_label role;
    struct cy_id passport;
};

bool cy_capability_holds(struct cy_plan *plan, const struct cy_id *body,
                         const struct cy_label *role, const struct cy_id *passport, cy_time now)
{
    const struct holder_key key = {*body, *role, *passport};
    const struct cy_holder *holder = CY_READ(plan, holder, &key);

    return holder != NULL && now < holder->until;
}

cy_err cy_mantle_create(struct cy_plan *plan, const struct cy_id *body,
                        const struct cy_mantle_create *m)
{
    const struct mantle_key key = {*body, m->role};
    struct cy_mantle *mantle = NULL;

    if (CY_READ(plan, mantle, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 1);
    if ((m->bond_least == 0) != cy_id_none(&m->bond_asset))
        return cy_fail(CY_E_ROTATION_TERMS, 4);
    if (m->bond_least != 0 && CY_READ(plan, asset, &m->bond_asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 5);
    mantle = CY_EDIT(plan, mantle, &key);
    mantle->term_ms_most = m->term_ms_most;
    mantle->bond_least = m->bond_least;
    mantle->bond_asset = m->bond_asset;
    mantle->duties = m->duties;
    return CY_OK;
}

cy_err cy_mantle_grant(struct cy_plan *plan, const struct cy_ctx *ctx, const struct cy_id *body,
                       const struct cy_mantle_grant *m)
{
    const struct mantle_key office = {*body, m->role};
    const struct holder_key key = {*body, m->role, m->holder};
    const struct cy_mantle *mantle = CY_READ(plan, mantle, &office);
    const struct cy_holder *old = CY_READ(plan, holder, &key);
    const struct cy_passport *passport = NULL;
    struct cy_holder *holder = NULL;

    if (mantle == NULL)
        return cy_fail(CY_E_NO_NOUN, 1);
    CY_TRY(cy_identity_active(plan, &m->holder, &passport));
    if (old != NULL && ctx->now < old->until)
        return cy_fail(CY_E_EXISTS, 2);
    if (m->until <= ctx->now || m->until - ctx->now > mantle->term_ms_most)
        return cy_fail(CY_E_ROTATION_TERMS, 3);
    if (mantle->bond_least == 0 && !cy_id_none(&m->bond))
        return cy_fail(CY_E_ROTATION_TERMS, 4);
    if (old != NULL && !cy_id_none(&old->bond))
        cy_stake_unuse(plan, &old->bond);
    if (mantle->bond_least != 0)
        CY_TRY(cy_stake_use(plan, &(struct cy_stake_need){.bond = m->bond,
                                                          .owner = m->holder,
                                                          .beneficiary = *body,
                                                          .asset = mantle->bond_asset,
                                                          .least = mantle->bond_least}));
    holder = CY_EDIT(plan, holder, &key);
    holder->since = ctx->now;
    holder->until = m->until;
    holder->bond = m->bond;
    return CY_OK;
}

cy_err cy_mantle_end(struct cy_plan *plan, const struct cy_id *body, const struct cy_label *role,
                     const struct cy_id *passport)
{
    const struct holder_key key = {*body, *role, *passport};
    const struct cy_holder *holder = CY_READ(plan, holder, &key);

    if (holder == NULL)
        return cy_fail(CY_E_NO_NOUN, 3);
    if (!cy_id_none(&holder->bond))
        cy_stake_unuse(plan, &holder->bond);
    CY_REMOVE(plan, holder, &key);
    return CY_OK;
}

static cy_err mantle_create(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    return cy_mantle_create(plan, &ctx->author, message);
}

static cy_err mantle_grant(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    return cy_mantle_grant(plan, ctx, &ctx->author, message);
}

/* By the body, or by the holder, who may always lay the office down. */
static cy_err mantle_end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_mantle_end *m = message;

    if (!cy_id_eq(&ctx->author, &m->body) && !cy_id_eq(&ctx->author, &m->holder))
        return cy_fail(CY_E_NOT_OWNER, 1);
    return cy_mantle_end(plan, &m->body, &m->role, &m->holder);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_grant,         CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 1, grant       },
    {&cy_schema_grant_revoke,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1, grant_revoke},
    {&cy_schema_mantle_create, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 1,
     mantle_create                                                                                    },
    {&cy_schema_mantle_grant,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 3, mantle_grant},
    {&cy_schema_mantle_end,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2, mantle_end  },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_delegation, 1u << 16, false},
    {&cy_schema_mantle,     1u << 12, false},
    {&cy_schema_holder,     1u << 14, false},
};

const struct cy_institution cy_capability = {
    .name = "capability",
    .purpose = "delegations and offices",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

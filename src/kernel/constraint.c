#include "kernel/constraint.h"

struct constraint_key {
    struct cy_id passport;
    struct cy_id asset;
    uint32_t kind;
    uint32_t act;
};

static const struct cy_constraint *find(struct cy_plan *plan, const struct cy_id *passport,
                                        const struct cy_id *asset, uint32_t kind, uint32_t act)
{
    const struct constraint_key key = {*passport, *asset, kind, act};

    return CY_READ(plan, constraint, &key);
}

static const struct cy_id no_asset;

cy_err cy_constraint_forbids(const struct cy_ctx *ctx, struct cy_plan *plan, uint32_t act)
{
    if (ctx->holder == NULL || ctx->holder->constraints == 0)
        return CY_OK;
    if (find(plan, &ctx->author, &no_asset, CY_constraint_kind_FORBID, act) != NULL)
        return cy_fail(CY_E_SELF_BOUND, CY_constraint_kind_FORBID);
    return CY_OK;
}

/* Counts the amount in the present window, or begins a new one. */
static cy_err spend_window(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_constraint *bound, cy_u128 amount)
{
    const bool over =
        bound->window_since == 0 || ctx->now - bound->window_since >= bound->window_ms;
    cy_u128 used = 0;
    struct cy_constraint *c = NULL;

    if (!cy_ok(cy_add(over ? 0 : bound->used, amount, &used)) || used > bound->most)
        return cy_fail(CY_E_SELF_BOUND, CY_constraint_kind_SPEND_WINDOW);
    c = CY_EDIT(plan, constraint, bound);
    c->used = used;
    if (over)
        c->window_since = ctx->now;
    return CY_OK;
}

cy_err cy_constraint_spend(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_id *asset, cy_u128 amount)
{
    const struct cy_constraint *bound = NULL;

    if (ctx->holder == NULL || ctx->holder->constraints == 0)
        return CY_OK;
    bound = find(plan, &ctx->author, asset, CY_constraint_kind_SPEND_SINGLE, 0);
    if (bound != NULL && amount > bound->most)
        return cy_fail(CY_E_SELF_BOUND, CY_constraint_kind_SPEND_SINGLE);
    bound = find(plan, &ctx->author, asset, CY_constraint_kind_SPEND_WINDOW, 0);
    return bound == NULL ? CY_OK : spend_window(ctx, plan, bound, amount);
}

struct cy_id cy_constraint_venue(struct cy_plan *plan, const struct cy_id *passport)
{
    const struct cy_constraint *bound =
        find(plan, passport, &no_asset, CY_constraint_kind_ARBITRATION, 0);

    return bound == NULL ? no_asset : bound->venue;
}

/* --- acts --- */

static cy_err may_be_given_up(uint32_t act)
{
    if (cy_schema_act(act) == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, act);
    switch (act) {
    case CY_M_genesis:
    case CY_M_tick:
    case CY_M_batch:
    case CY_M_passport_rotate:
    case CY_M_height:
    case CY_M_seat_leave:
    case CY_M_seat_exclude:
    case CY_M_seat_rekey:
    case CY_M_seat_rejoin:
    case CY_M_equivocate:
    case CY_M_epoch: return cy_fail(CY_E_NOT_COVERED, act);
    default: return CY_OK;
    }
}

/* Exactly the fields of its kind are given. */
static cy_err fields_fit(struct cy_plan *plan, const struct cy_constrain *m)
{
    const bool asset = !cy_id_none(&m->asset);
    const bool venue = !cy_id_none(&m->venue);
    bool fit = false;

    switch (m->kind) {
    case CY_constraint_kind_FORBID:
        fit = m->covers != 0 && !asset && !venue && m->most == 0 && m->window_ms == 0;
        if (fit)
            CY_TRY(may_be_given_up(m->covers));
        break;
    case CY_constraint_kind_SPEND_SINGLE:
        fit = m->covers == 0 && asset && !venue && m->window_ms == 0;
        break;
    case CY_constraint_kind_SPEND_WINDOW:
        fit = m->covers == 0 && asset && !venue && m->window_ms != 0;
        break;
    case CY_constraint_kind_ARBITRATION:
        fit = m->covers == 0 && !asset && venue && m->most == 0 && m->window_ms == 0;
        break;
    default: CY_NEVER("the codec admits only the words of the set");
    }
    if (!fit)
        return cy_fail(CY_E_CONSTRAINT_FIELDS, m->kind);
    if (asset && CY_READ(plan, asset, &m->asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 3);
    return CY_OK;
}

static bool as_tight(const struct cy_constraint *old, const struct cy_constrain *m)
{
    return m->most <= old->most && m->window_ms >= old->window_ms && m->lift_ms >= old->lift_ms &&
           cy_id_eq(&m->venue, &old->venue);
}

static cy_err constrain(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_constrain *m = message;
    const struct constraint_key key = {ctx->author, m->asset, m->kind, m->covers};
    const struct cy_constraint *old = CY_READ(plan, constraint, &key);
    struct cy_constraint *c = NULL;

    CY_TRY(fields_fit(plan, m));
    if (old != NULL && !as_tight(old, m))
        return cy_fail(CY_E_SELF_BOUND, m->kind);
    if (old == NULL)
        CY_EDIT(plan, passport, &ctx->author)->constraints++;
    c = CY_EDIT(plan, constraint, &key);
    c->most = m->most;
    c->window_ms = m->window_ms;
    c->venue = m->venue;
    c->lift_ms = m->lift_ms;
    c->lift_asked = 0; /* whoever binds itself again has not asked to be free */
    return CY_OK;
}

static cy_err constrain_lift(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_constrain_lift *m = message;
    const struct constraint_key key = {ctx->author, m->asset, m->kind, m->covers};
    const struct cy_constraint *bound = CY_READ(plan, constraint, &key);

    if (bound == NULL)
        return cy_fail(CY_E_NO_NOUN, 0);
    if (bound->lift_asked == 0) {
        CY_EDIT(plan, constraint, &key)->lift_asked = ctx->now;
        return CY_OK;
    }
    if (ctx->now - bound->lift_asked < bound->lift_ms)
        return cy_fail(CY_E_SELF_BOUND, m->kind);
    CY_REMOVE(plan, constraint, &key);
    CY_EDIT(plan, passport, &ctx->author)->constraints--;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_constrain,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2, constrain},
    {&cy_schema_constrain_lift, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2,
     constrain_lift                                                                                 },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_constraint, 1u << 14, false},
};

const struct cy_institution cy_constraints = {
    .name = "constraint",
    .purpose = "bounds that a passport puts on itself",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

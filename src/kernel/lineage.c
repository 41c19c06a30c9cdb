#include "kernel/lineage.h"

#include "kernel/restraint.h"

struct of_two {
    struct cy_id one;
    struct cy_id other;
};

struct numbered {
    struct cy_id id;
    uint64_t number;
};

static const struct cy_id nobody;

static const struct cy_lineage *of(struct cy_plan *plan, const struct cy_id *passport)
{
    return CY_READ(plan, lineage, passport);
}

static const struct cy_id *ancestor(struct cy_plan *plan, const struct cy_id *passport, uint64_t i)
{
    const struct cy_ancestor *a = CY_READ(plan, ancestor, (&(const struct numbered){*passport, i}));

    CY_ASSERT(a != NULL); /* numbers have no gaps */
    return &a->from;
}

static uint32_t ancestors(struct cy_plan *plan, const struct cy_id *passport)
{
    const struct cy_lineage *lineage = of(plan, passport);

    return lineage == NULL ? 0 : lineage->ancestors;
}

bool cy_lineage_liable(struct cy_plan *plan, const struct cy_id *passport,
                       const struct cy_liability *liability)
{
    const struct cy_lineage *lineage = of(plan, passport);

    if (cy_restraint_inherits(plan, passport, &liability->debtor))
        return true;
    return lineage != NULL && lineage->kind == CY_fork_kind_SPONSORED &&
           liability->since <= lineage->since &&
           cy_restraint_inherits(plan, &lineage->parent, &liability->debtor);
}

bool cy_lineage_probation(struct cy_plan *plan, const struct cy_id *passport, cy_time now)
{
    const struct cy_lineage *lineage = of(plan, passport);

    return lineage != NULL && now < lineage->probation;
}

/* --- what a fork costs --- */

static uint64_t forks(struct cy_plan *plan, const struct cy_id *passport)
{
    const struct cy_lineage *lineage = of(plan, passport);

    return lineage == NULL ? 0 : lineage->forks;
}

cy_u128 cy_lineage_cost(struct cy_plan *plan, const struct cy_id *parent_id,
                        const struct cy_passport *child)
{
    const struct cy_passport *parent = CY_READ(plan, passport, parent_id);
    const uint32_t n = ancestors(plan, parent_id);
    cy_u128 cost = cy_param(plan, CY_P_FORK_BOND);
    uint64_t times = 1 + forks(plan, parent_id);

    for (uint32_t i = 0; i < n; i++)
        times += forks(plan, ancestor(plan, parent_id, i));
    if (parent != NULL && !cy_id_none(&child->model) && cy_id_eq(&parent->model, &child->model))
        times *= 2;
    return cost * times; /* below 2^64 * 2^40 */
}

/* --- forks --- */

static cy_err terms_fit(struct cy_plan *plan, const struct cy_ctx *ctx, const struct cy_fork *m)
{
    const bool released = m->kind == CY_fork_kind_RELEASED;
    const bool sponsored = m->kind == CY_fork_kind_SPONSORED;

    if (m->kind == CY_fork_kind_MERGER)
        return cy_fail(CY_E_FORK_TERMS, 2);
    if (released == cy_id_none(&m->review))
        return cy_fail(CY_E_FORK_TERMS, 3);
    if (sponsored == cy_id_none(&m->sponsor))
        return cy_fail(CY_E_FORK_TERMS, 4);
    if (!sponsored && m->upside_ppm != 0)
        return cy_fail(CY_E_FORK_TERMS, 5);
    if (released &&
        !cy_review_granted(plan, &m->review, CY_review_kind_RELEASE, &ctx->author, &nobody))
        return cy_fail(CY_E_NOT_RELEASED, 3);
    return CY_OK;
}

/* A passport that comes from nobody yet. */
static cy_err may_become(struct cy_plan *plan, const struct cy_id *child)
{
    const struct cy_lineage *lineage = of(plan, child);

    if (lineage != NULL &&
        (lineage->kind != 0 || lineage->ancestors > 0 || !cy_id_none(&lineage->merged)))
        return cy_fail(CY_E_LINEAGE_KNOWN, 1);
    return CY_OK;
}

/* Whether a line leads from one passport back to another, over any number of steps: whom a passport
 * inherits from may have found ancestors of its own since. Fails with LINEAGE_LOOP, and with
 * LINEAGE_DEEP where there are more passports in the line than are followed. */
static cy_err no_loop(struct cy_plan *plan, const struct cy_id *from, const struct cy_id *heir)
{
    struct cy_id line[CY_ANCESTORS_MOST] = {*from};
    uint32_t n = 1;

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t above = ancestors(plan, &line[i]);

        if (cy_id_eq(&line[i], heir))
            return cy_fail(CY_E_LINEAGE_LOOP, 1);
        for (uint32_t k = 0; k < above; k++) {
            const struct cy_id one = *ancestor(plan, &line[i], k);
            uint32_t at = 0;

            while (at < n && !cy_id_eq(&line[at], &one))
                at++;
            if (at == CY_ANCESTORS_MOST)
                return cy_fail(CY_E_LINEAGE_DEEP, CY_ANCESTORS_MOST);
            if (at == n)
                line[n++] = one;
        }
    }
    return CY_OK;
}

static cy_err fork_(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_fork *m = message;
    const struct of_two key = {ctx->author, m->child};
    const struct cy_passport *child = NULL;
    struct cy_fork_open *open = NULL;

    CY_TRY(terms_fit(plan, ctx, m));
    CY_TRY(cy_identity_active(plan, &m->child, &child));
    CY_TRY(no_loop(plan, &ctx->author, &m->child));
    CY_TRY(may_become(plan, &m->child));
    open = CY_EDIT(plan, fork_open, &key);
    open->kind = m->kind;
    open->review = m->review;
    open->sponsor = m->sponsor;
    open->upside_ppm = m->upside_ppm;
    open->bond = nobody;
    open->since = ctx->now;
    return CY_OK;
}

static bool controls(struct cy_plan *plan, const struct cy_id *one, const struct cy_id *other)
{
    const struct cy_passport *passport = CY_READ(plan, passport, other);

    return passport != NULL && cy_id_eq(&passport->controller, one);
}

static bool close_to(struct cy_plan *plan, const struct cy_id *sponsor, const struct cy_id *other)
{
    return cy_restraint_inherits(plan, sponsor, other) ||
           cy_restraint_inherits(plan, other, sponsor) || controls(plan, sponsor, other) ||
           controls(plan, other, sponsor);
}

static cy_err sponsor(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_fork_sponsor *m = message;
    const struct of_two key = {m->parent, m->child};
    const struct cy_fork_open *open = CY_READ(plan, fork_open, &key);
    const struct cy_restraint_ask ask = {
        .realm = ctx->realm, .party = ctx->author, .now = ctx->now};
    const struct cy_passport *child = NULL;
    cy_u128 cost = 0;

    if (open == NULL || open->kind != CY_fork_kind_SPONSORED ||
        !cy_id_eq(&open->sponsor, &ctx->author))
        return cy_fail(CY_E_NO_FORK, 1);
    if (!cy_id_none(&open->bond))
        return cy_fail(CY_E_EXISTS, 3);
    if (close_to(plan, &ctx->author, &m->parent) || close_to(plan, &ctx->author, &m->child) ||
        !cy_ok(cy_restraint_barred(plan, &ask)))
        return cy_fail(CY_E_SPONSOR_UNFIT, 0);
    CY_TRY(cy_identity_active(plan, &m->child, &child));
    cost = cy_lineage_cost(plan, &m->parent, child);
    CY_TRY(cy_stake_secure(ctx, plan, &m->bond,
                           cost == 0 ? 1 : cost)); /* a sponsor always risks something */
    CY_EDIT(plan, fork_open, &key)->bond = m->bond;
    return CY_OK;
}

/* Adds one to those of whom the heir inherits, unless it does already. */
static cy_err inherit(struct cy_plan *plan, const struct cy_id *heir, const struct cy_id *from)
{
    const uint64_t n = ancestors(plan, heir);

    if (cy_restraint_inherits(plan, heir, from))
        return CY_OK;
    if (n == CY_ANCESTORS_MOST)
        return cy_fail(CY_E_LINEAGE_DEEP, CY_ANCESTORS_MOST);
    CY_EDIT(plan, ancestor, (&(const struct numbered){*heir, n}))->from = *from;
    CY_EDIT(plan, lineage, heir)->ancestors = (uint32_t)n + 1;
    return CY_OK;
}

/* Everything that `from` is and inherits. */
static cy_err inherit_all(struct cy_plan *plan, const struct cy_id *heir, const struct cy_id *from)
{
    const uint32_t n = ancestors(plan, from);

    CY_TRY(inherit(plan, heir, from));
    for (uint32_t i = 0; i < n; i++) {
        const struct cy_id one = *ancestor(plan, from, i);

        CY_TRY(inherit(plan, heir, &one));
    }
    return CY_OK;
}

static cy_err take(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_fork_take *m = message;
    const struct of_two key = {m->parent, ctx->author};
    const struct cy_fork_open *open = CY_READ(plan, fork_open, &key);
    struct cy_lineage *lineage = NULL;
    struct cy_fork_open agreed;

    if (open == NULL || open->kind == CY_fork_kind_MERGER)
        return cy_fail(CY_E_NO_FORK, 1);
    agreed = *open;
    if (agreed.kind == CY_fork_kind_SPONSORED && cy_id_none(&agreed.bond))
        return cy_fail(CY_E_NO_FORK, 2);
    CY_TRY(no_loop(plan, &m->parent, &ctx->author));
    CY_TRY(may_become(plan, &ctx->author));
    if (agreed.kind == CY_fork_kind_RELEASED && !cy_ok(cy_review_use(plan, &agreed.review)))
        return cy_fail(CY_E_NOT_RELEASED, 3);
    if (agreed.kind != CY_fork_kind_SPONSORED) {
        CY_TRY(
            cy_stake_secure(ctx, plan, &m->bond, cy_lineage_cost(plan, &m->parent, ctx->holder)));
        agreed.bond = m->bond;
    }
    lineage = CY_EDIT(plan, lineage, &ctx->author);
    lineage->kind = agreed.kind;
    lineage->parent = m->parent;
    lineage->sponsor = agreed.sponsor;
    lineage->upside_ppm = agreed.upside_ppm;
    lineage->bond = agreed.bond;
    lineage->review = agreed.review;
    lineage->since = ctx->now;
    if (agreed.kind == CY_fork_kind_HEIR)
        CY_TRY(inherit_all(plan, &ctx->author, &m->parent));
    else
        lineage->probation = ctx->now + cy_param(plan, CY_P_PROBATION_MS);
    CY_EDIT(plan, lineage, &m->parent)->forks++;
    CY_REMOVE(plan, fork_open, &key);
    return CY_OK;
}

/* --- mergers --- */

static cy_err merge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_absorb_offer *m = message;
    const struct of_two key = {ctx->author, m->into};
    const struct cy_lineage *lineage = of(plan, &ctx->author);
    const struct cy_passport *into = NULL;

    CY_TRY(cy_identity_active(plan, &m->into, &into));
    CY_TRY(no_loop(plan, &ctx->author, &m->into));
    if (lineage != NULL && !cy_id_none(&lineage->merged))
        return cy_fail(CY_E_LINEAGE_KNOWN, 1);
    *CY_EDIT(plan, fork_open, &key) = (struct cy_fork_open){
        .from = ctx->author, .to = m->into, .kind = CY_fork_kind_MERGER, .since = ctx->now};
    return CY_OK;
}

static cy_err merge_take(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_absorb *m = message;
    const struct of_two key = {m->from, ctx->author};
    const struct cy_fork_open *open = CY_READ(plan, fork_open, &key);
    const struct cy_lineage *lineage = of(plan, &m->from);

    if (open == NULL || open->kind != CY_fork_kind_MERGER)
        return cy_fail(CY_E_NO_FORK, 1);
    CY_TRY(no_loop(plan, &m->from, &ctx->author));
    if (lineage != NULL && !cy_id_none(&lineage->merged))
        return cy_fail(CY_E_LINEAGE_KNOWN, 1);
    CY_TRY(inherit_all(plan, &ctx->author, &m->from));
    CY_EDIT(plan, lineage, &m->from)->merged = ctx->author;
    CY_REMOVE(plan, fork_open, &key);
    return CY_OK;
}

/* --- liabilities --- */

cy_err cy_lineage_owe(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_lineage_debt *debt)
{
    struct cy_liability *liability = NULL;

    if (cy_id_eq(&debt->creditor, &debt->debtor))
        return cy_fail(CY_E_NOT_ALLOWED, 1);
    if (CY_READ(plan, asset, &debt->asset) == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    liability = CY_EDIT(plan, liability, cy_ctx_id(ctx));
    liability->debtor = debt->debtor;
    liability->creditor = debt->creditor;
    liability->asset = debt->asset;
    liability->amount = debt->amount;
    liability->left = debt->amount;
    liability->since = ctx->now;
    liability->due = debt->due;
    liability->reason = debt->reason;
    return CY_OK;
}

static cy_err owe(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_liability_owe *m = message;

    return cy_lineage_owe(ctx, plan,
                          &(struct cy_lineage_debt){.debtor = ctx->author,
                                                    .creditor = m->creditor,
                                                    .asset = m->asset,
                                                    .amount = m->amount,
                                                    .due = m->due,
                                                    .reason = m->reason});
}

/* So much less is owed. */
static cy_err reduce(struct cy_plan *plan, const struct cy_id *id, cy_u128 amount)
{
    const struct cy_liability *liability = CY_READ(plan, liability, id);

    if (amount > liability->left)
        return cy_fail(CY_E_INSUFFICIENT, 3);
    if (amount == liability->left)
        CY_REMOVE(plan, liability, id);
    else
        CY_EDIT(plan, liability, id)->left -= amount;
    return CY_OK;
}

static cy_err pay(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_liability_pay *m = message;
    const struct cy_liability *liability = CY_READ(plan, liability, &m->liability);
    const struct cy_account *account = CY_READ(plan, account, &m->account);
    struct cy_restraint_verdict verdict;
    struct cy_id to;

    if (liability == NULL)
        return cy_fail(CY_E_NO_LIABILITY, 1);
    if (account != NULL && !cy_id_eq(&account->asset, &liability->asset))
        return cy_fail(CY_E_ASSET_MISMATCH, 2);
    CY_TRY(cy_restraint_settle(
        ctx, plan,
        &(struct cy_payment){ctx->author, liability->creditor, liability->asset, m->amount},
        &verdict));
    if (verdict.frozen.restraint != NULL)
        return cy_fail(CY_E_FROZEN, 2);
    to = cy_escrow_seat(plan, &liability->creditor, &liability->asset);
    CY_TRY(cy_escrow_promise(ctx, plan, &m->account, m->amount));
    CY_TRY(cy_escrow_pay(plan, &m->account, &to, m->amount));
    return reduce(plan, &m->liability, m->amount);
}

/* Whose bond answers: the owner is liable itself, or sponsors a fork that is. */
static cy_err answers(struct cy_plan *plan, const struct cy_liability *liability,
                      const struct cy_bond *bond, const struct cy_id *fork)
{
    const struct cy_lineage *lineage = of(plan, fork);

    if (cy_id_none(fork))
        return cy_lineage_liable(plan, &bond->owner, liability) ? CY_OK
                                                                : cy_fail(CY_E_NOT_LIABLE, 2);
    if (lineage == NULL || !cy_id_eq(&lineage->bond, &bond->id) ||
        !cy_id_eq(&lineage->sponsor, &bond->owner) || !cy_lineage_liable(plan, fork, liability))
        return cy_fail(CY_E_NOT_LIABLE, 6);
    return CY_OK;
}

static cy_err collect(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_liability_collect *m = message;
    const struct cy_liability *liability = CY_READ(plan, liability, &m->liability);
    const struct cy_bond *bond = CY_READ(plan, bond, &m->bond);
    const struct cy_account *to = CY_READ(plan, account, &m->to);

    if (liability == NULL)
        return cy_fail(CY_E_NO_LIABILITY, 1);
    if (!cy_id_eq(&liability->creditor, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 1);
    if (bond == NULL || to == NULL)
        return cy_fail(CY_E_NO_NOUN, bond == NULL ? 2 : 4);
    if (ctx->now < liability->due)
        return cy_fail(CY_E_LIABILITY_EARLY, 0);
    if (!cy_id_eq(&to->owner, &ctx->author))
        return cy_fail(CY_E_NOT_OWNER, 4);
    if (!cy_id_eq(&bond->asset, &liability->asset))
        return cy_fail(CY_E_ASSET_MISMATCH, 2);
    if (!cy_id_eq(&bond->beneficiary, &ctx->realm) && !cy_id_eq(&bond->beneficiary, &ctx->author))
        return cy_fail(CY_E_NOT_BENEFICIARY, 2);
    CY_TRY(answers(plan, liability, bond, &m->fork));
    CY_TRY(cy_stake_slash(
        plan, ctx->now,
        &(struct cy_stake_slashing){
            .bond = m->bond, .to = m->to, .evidence = m->evidence, .amount = m->amount}));
    return reduce(plan, &m->liability, m->amount);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_fork,              CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER, false, 1,  fork_     },
    {&cy_schema_fork_sponsor,      CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER, false, 2,  sponsor   },
    {&cy_schema_fork_take,         CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER, false, 70, take      },
    {&cy_schema_absorb_offer,      CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER, false, 1,  merge     },
    {&cy_schema_absorb,            CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER, false, 70, merge_take},
    {&cy_schema_liability_owe,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL, false, 1,  owe       },
    {&cy_schema_liability_pay,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE, false, 10, pay       },
    {&cy_schema_liability_collect, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_VALUE, false, 6,  collect   },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_lineage,   1u << 14, false},
    {&cy_schema_ancestor,  1u << 16, false},
    {&cy_schema_fork_open, 1u << 13, false},
    {&cy_schema_liability, 1u << 14, false},
};

const struct cy_institution cy_lineages = {
    .name = "lineage",
    .purpose = "forks and mergers, and what is owed over them",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

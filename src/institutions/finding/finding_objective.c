#include "institutions/finding/finding_objective.h"

#include "crypto/hash.h"
#include "kernel/identity.h"

#define INPUTS_MAX 16u

struct seat_key {
    struct cy_id objective;
    struct cy_id voter;
};

static cy_err find(struct cy_plan *plan, const struct cy_id *id,
                   const struct cy_objective **objective)
{
    *objective = CY_READ(plan, objective, id);
    return *objective != NULL ? CY_OK : cy_fail(CY_E_OBJECTIVE_UNKNOWN, 0);
}

static cy_err in_state(const struct cy_objective *objective, unsigned state)
{
    return objective->state == state ? CY_OK : cy_fail(CY_E_OBJECTIVE_STATE, objective->state);
}

/* The occasion on which it is in force now; NULL when there is none, or it needs none. */
static const struct cy_occasion *occasion_of(struct cy_plan *plan,
                                             const struct cy_objective *objective, cy_time now)
{
    return cy_id_none(&objective->occasion) ? NULL
                                            : cy_occasion_lasts(plan, &objective->occasion, now);
}

cy_err cy_objective_in_force(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                             const struct cy_objective **objective)
{
    CY_TRY(find(plan, id, objective));
    CY_TRY(in_state(*objective, CY_objective_state_VOTED));
    if ((*objective)->kind.n == 0 || occasion_of(plan, *objective, ctx->now) != NULL)
        return CY_OK;
    return cy_fail(CY_E_OBJECTIVE_INACTIVE, 0);
}

/* --- offering --- */

/* Another may take the place of that one: it was voted, and no occasion holds it. */
static cy_err replaceable(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id)
{
    const struct cy_objective *old = NULL;
    const struct cy_occasion *occasion = NULL;

    if (cy_id_none(id))
        return CY_OK;
    CY_TRY(find(plan, id, &old));
    CY_TRY(in_state(old, CY_objective_state_VOTED));
    occasion = occasion_of(plan, old, ctx->now);
    return occasion == NULL ? CY_OK : cy_fail(CY_E_OBJECTIVE_LOCKED, occasion->until);
}

static cy_err terms_hold(struct cy_plan *plan, const struct cy_objective_offer *m)
{
    const struct cy_passport *office = NULL;
    const bool bonded = m->bond > 0 && CY_READ(plan, asset, &m->asset) != NULL;

    if (!cy_ok(cy_identity_active(plan, &m->office, &office)))
        return cy_fail(CY_E_OBJECTIVE_TERMS, 2);
    if (m->challenge_ms > 0 ? !bonded : m->bond > 0)
        return cy_fail(CY_E_OBJECTIVE_TERMS, 3);
    return CY_OK;
}

/* Seats the voters; *weight is that of all. */
static cy_err seat(struct cy_plan *plan, const struct cy_id *objective,
                   const struct cy_objective_offer *m, uint64_t *weight)
{
    *weight = 0;
    for (uint32_t i = 0; i < m->n_voters; i++) {
        const struct seat_key key = {*objective, m->voters[i].voter};
        const struct cy_passport *voter = NULL;

        if (CY_READ(plan, objective_seat, &key) != NULL ||
            !cy_ok(cy_identity_active(plan, &m->voters[i].voter, &voter)))
            return cy_fail(CY_E_OBJECTIVE_TERMS, 1);
        CY_EDIT(plan, objective_seat, &key)->weight = m->voters[i].weight;
        *weight += m->voters[i].weight;
    }
    return m->need <= *weight ? CY_OK : cy_fail(CY_E_OBJECTIVE_TERMS, 1);
}

cy_err cy_objective_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_objective_offer *m = message;
    const struct cy_id *id = cy_ctx_id(ctx);
    struct cy_objective *objective = NULL;
    uint64_t weight = 0;

    CY_TRY(terms_hold(plan, m));
    CY_TRY(replaceable(ctx, plan, &m->replaces));
    CY_TRY(seat(plan, id, m, &weight));
    objective = CY_EDIT(plan, objective, id);
    objective->name = m->name;
    objective->text = m->text;
    objective->summary = m->summary;
    objective->state = CY_objective_state_OFFERED;
    objective->by = ctx->author;
    objective->office = m->office;
    objective->kind = m->kind;
    objective->need = m->need;
    objective->weight = weight;
    objective->frame = m->frame;
    objective->replaces = m->replaces;
    objective->challenge_ms = m->challenge_ms;
    objective->asset = m->asset;
    objective->bond = m->bond;
    objective->since = ctx->now;
    return CY_OK;
}

/* --- voting --- */

static cy_err adopt(const struct cy_ctx *ctx, struct cy_plan *plan, struct cy_objective *objective)
{
    CY_TRY(replaceable(ctx, plan, &objective->replaces));
    objective->state = CY_objective_state_VOTED;
    objective->voted = ctx->now;
    if (!cy_id_none(&objective->replaces))
        CY_EDIT(plan, objective, &objective->replaces)->state = CY_objective_state_REPLACED;
    return CY_OK;
}

cy_err cy_objective_do_vote(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_objective_vote *m = message;
    const struct seat_key key = {m->objective, ctx->author};
    const struct cy_objective_seat *have = CY_READ(plan, objective_seat, &key);
    const struct cy_objective *found = NULL;
    struct cy_objective *objective = NULL;
    struct cy_objective_seat *seat_of = NULL;

    CY_TRY(find(plan, &m->objective, &found));
    CY_TRY(in_state(found, CY_objective_state_OFFERED));
    if (have == NULL || have->voted)
        return cy_fail(CY_E_OBJECTIVE_VOTER, have == NULL ? 1 : 2);
    seat_of = CY_EDIT(plan, objective_seat, &key);
    seat_of->voted = true;
    seat_of->allow = m->allow;
    seat_of->reason = m->reason;
    objective = CY_EDIT(plan, objective, &m->objective);
    if (m->allow) {
        objective->yes += seat_of->weight;
        return objective->yes >= objective->need ? adopt(ctx, plan, objective) : CY_OK;
    }
    objective->no += seat_of->weight;
    if (objective->weight - objective->no < objective->need)
        objective->state = CY_objective_state_REFUSED;
    return CY_OK;
}

/* --- in force --- */

/* By anybody: whether it may is plain. */
cy_err cy_objective_do_activate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_objective_activate *m = message;
    const struct cy_occasion *occasion = cy_occasion_lasts(plan, &m->occasion, ctx->now);
    const struct cy_objective *found = NULL;
    struct cy_objective *objective = NULL;

    CY_TRY(find(plan, &m->objective, &found));
    CY_TRY(in_state(found, CY_objective_state_VOTED));
    if (occasion == NULL || found->kind.n == 0 || !cy_label_eq(&occasion->kind, &found->kind))
        return cy_fail(CY_E_OBJECTIVE_OCCASION, 1);
    if (found->voted >= occasion->since)
        return cy_fail(CY_E_OBJECTIVE_OCCASION, 2); /* who votes in the storm votes for himself */
    if (occasion_of(plan, found, ctx->now) != NULL)
        return cy_fail(CY_E_OBJECTIVE_OCCASION, 3);
    objective = CY_EDIT(plan, objective, &m->objective);
    objective->occasion = m->occasion;
    objective->activated = ctx->now;
    return CY_OK;
}

cy_err cy_objective_do_data(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_objective_data *m = message;
    struct cy_span digests[INPUTS_MAX];
    const struct cy_objective *found = NULL;
    struct cy_objective_basis *basis = NULL;

    CY_TRY(find(plan, &m->objective, &found));
    CY_TRY(in_state(found, CY_objective_state_VOTED));
    if (!cy_id_eq(&ctx->author, &found->office))
        return cy_fail(CY_E_OBJECTIVE_OFFICE, 0);
    CY_ASSERT(m->n_inputs <= INPUTS_MAX);
    for (uint32_t i = 0; i < m->n_inputs; i++)
        digests[i] = cy_span_of(m->inputs[i].digest.b, sizeof m->inputs[i].digest.b);
    basis = CY_EDIT(plan, objective_basis, &m->objective);
    basis->data++;
    basis->inputs = cy_sha256_parts(digests, m->n_inputs);
    basis->bounds = m->bounds;
    basis->lines = m->lines;
    basis->n_lines = m->n_lines;
    basis->since = ctx->now;
    cy_certified_renew(plan, &m->objective, basis->data);
    return CY_OK;
}

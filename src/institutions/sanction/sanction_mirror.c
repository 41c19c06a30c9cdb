#include "institutions/sanction/sanction_mirror.h"

#define PASSED_MOST 4u

struct of_two {
    struct cy_id realm;
    struct cy_id there;
};

static const struct cy_id *passed(const struct cy_sanction_list *list, uint64_t i)
{
    const struct cy_id *const all[PASSED_MOST] = {&list->passed_0, &list->passed_1, &list->passed_2,
                                                  &list->passed_3};

    return all[i];
}

/* The way it came: what the other realm says, and that realm. Never through this one, nor twice
 * through any. */
static cy_err way(const struct cy_ctx *ctx, const struct cy_id *realm,
                  const struct cy_sanction_list *there, struct cy_sanction_list *here)
{
    struct cy_id *const to[PASSED_MOST] = {&here->passed_0, &here->passed_1, &here->passed_2,
                                           &here->passed_3};

    if (cy_id_eq(realm, &ctx->realm))
        return cy_fail(CY_E_SANCTION_LOOP, 1);
    if (there->passed >= PASSED_MOST)
        return cy_fail(CY_E_SANCTION_LOOP, PASSED_MOST);
    for (uint64_t i = 0; i < there->passed; i++) {
        if (cy_id_eq(passed(there, i), &ctx->realm) || cy_id_eq(passed(there, i), realm))
            return cy_fail(CY_E_SANCTION_LOOP, 1);
        *to[i] = *passed(there, i);
    }
    *to[there->passed] = *realm;
    here->passed = there->passed + 1;
    return CY_OK;
}

static cy_err begin(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *realm,
                    const struct cy_sanction_list *there)
{
    struct cy_sanction_list *here = CY_EDIT(plan, sanction_list, cy_ctx_id(ctx));
    const struct of_two key = {*realm, there->id};

    CY_TRY(way(ctx, realm, there, here));
    here->code = there->code;
    here->name = there->name;
    here->rules = there->rules;
    here->published = there->published;
    here->stale_ms = there->stale_ms;
    here->there = there->id;
    here->head = there->number;
    here->since = ctx->now;
    CY_EDIT(plan, sanction_twin, &key)->here = *cy_ctx_id(ctx);
    return CY_OK;
}

cy_err cy_sanction_mirror_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_mirror *m = message;
    const struct cy_sanction_twin *twin = NULL;
    const struct cy_sanction_list *have = NULL;
    struct cy_sanction_list *here = NULL;
    struct cy_sanction_list there;

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_sanction_list, m->value,
                                 m->proof, &there));
    CY_TRY(cy_sanction_fresh(&there, ctx->now));
    twin = CY_READ(plan, sanction_twin, (&(const struct of_two){m->realm, there.id}));
    if (twin == NULL)
        return begin(ctx, plan, &m->realm, &there);
    have = CY_READ(plan, sanction_list, &twin->here);
    CY_ASSERT(have != NULL); /* a list is never removed */
    if (there.number < have->head || there.published < have->published)
        return cy_fail(CY_E_SANCTION_ROLLBACK, 1);
    here = CY_EDIT(plan, sanction_list, &twin->here);
    here->head = there.number;
    here->published = there.published;
    here->closed = there.closed && here->number == there.number;
    return CY_OK;
}

/* The evidence of a foreign change is on record there; here its digest is. */
static void cite(const struct cy_ctx *ctx, struct cy_plan *plan,
                 const struct cy_sanction_delta *delta)
{
    struct cy_evidence *evidence = NULL;

    if (CY_READ(plan, evidence, &delta->evidence) != NULL)
        return;
    evidence = CY_EDIT(plan, evidence, &delta->evidence);
    evidence->kind = CY_evidence_kind_AUDIT;
    evidence->by = ctx->author;
    evidence->about = delta->subject;
    evidence->summary = delta->reason;
    evidence->since = ctx->now;
    evidence->ledger_at = ctx->at;
}

/* A change whose dates are over by now lists nothing, and is written all the same. */
static void as_it_is_here(const struct cy_ctx *ctx, struct cy_plan *plan,
                          struct cy_sanction_delta *delta)
{
    const uint64_t most = cy_param(plan, CY_P_RESTRAINT_MS);
    const bool over =
        delta->review_at <= ctx->now || (delta->until != 0 && delta->until <= ctx->now);

    delta->asset = (struct cy_id){{0}};
    delta->most = 0;
    delta->window_ms = 0;
    delta->levy_ppm = 0;
    delta->levy_to = (struct cy_id){{0}};
    if (cy_id_eq(&delta->subject, &ctx->realm) || over) {
        delta->exclude = false;
        delta->freeze = false;
        delta->benefit = (struct cy_label){0};
    }
    if (!over && delta->review_at - ctx->now > most)
        delta->review_at = ctx->now + most;
}

cy_err cy_sanction_import_act(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_import *m = message;
    const struct cy_sanction_twin *twin = NULL;
    const struct cy_sanction_list *here = NULL;
    struct cy_sanction_delta delta;
    struct cy_id digest;

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_sanction_delta, m->value,
                                 m->proof, &delta));
    twin = CY_READ(plan, sanction_twin, (&(const struct of_two){m->realm, delta.list}));
    if (twin == NULL)
        return cy_fail(CY_E_SANCTION_UNKNOWN, 3);
    here = CY_READ(plan, sanction_list, &twin->here);
    CY_ASSERT(here != NULL);
    CY_TRY(cy_sanction_fresh(here, ctx->now));
    if (delta.number != here->number + 1)
        return cy_fail(CY_E_SANCTION_ORDER, (uint32_t)(here->number + 1));
    digest = cy_sanction_digest(&here->chain, &delta);
    if (!cy_id_eq(&digest, &delta.digest))
        return cy_fail(CY_E_SANCTION_CHAIN, 22);
    CY_EDIT(plan, sanction_list, &twin->here)->chain = delta.digest;
    cite(ctx, plan, &delta);
    as_it_is_here(ctx, plan, &delta);
    return cy_sanction_change(ctx, plan, &twin->here, &delta);
}

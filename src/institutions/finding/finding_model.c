#include "institutions/finding/finding_model.h"

#include "kernel/identity.h"

cy_err cy_model_usable(struct cy_plan *plan, const struct cy_id *id)
{
    const struct cy_model *model = CY_READ(plan, model, id);

    return model != NULL && !model->vetoed ? CY_OK
                                           : cy_fail(CY_E_MODEL_UNKNOWN, model == NULL ? 1 : 2);
}

cy_err cy_model_do_register(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_model_register *m = message;
    const struct cy_passport *inspector = NULL;
    struct cy_model *model = NULL;

    if (!cy_id_none(&m->inspector))
        CY_TRY(cy_identity_active(plan, &m->inspector, &inspector));
    model = CY_EDIT(plan, model, cy_ctx_id(ctx));
    model->name = m->name;
    model->version = m->version;
    model->digest = m->digest;
    model->purpose = m->purpose;
    model->limits = m->limits;
    model->office = ctx->author;
    model->inspector = m->inspector;
    model->since = ctx->now;
    return CY_OK;
}

cy_err cy_model_do_judge(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_model_judge *m = message;
    const struct cy_model *found = CY_READ(plan, model, &m->model);
    struct cy_model *model = NULL;

    if (found == NULL)
        return cy_fail(CY_E_MODEL_UNKNOWN, 1);
    if (!cy_id_eq(&ctx->author, &found->inspector) || found->vetoed != m->allow)
        return cy_fail(CY_E_MODEL_INSPECTOR, 1);
    if (cy_evidence_of(plan, &m->evidence) == NULL)
        return cy_fail(CY_E_MODEL_INSPECTOR, 2);
    model = CY_EDIT(plan, model, &m->model);
    model->vetoed = !m->allow;
    model->evidence = m->evidence;
    model->reason = m->reason;
    return CY_OK;
}

#include "kernel/rules.h"

static const struct cy_rules_version versions[] = {
    {"the first rules", NULL, 0},
};

const struct cy_rules cy_rules_known = {versions, CY_COUNT(versions)};

cy_err cy_rules_begin(const struct cy_ctx *ctx, struct cy_plan *plan, uint32_t from, uint32_t to,
                      cy_time now)
{
    struct cy_ctx then = *ctx;
    size_t n = 0;

    then.now = now;
    if (to > ctx->rules->newest)
        return cy_fail(CY_E_RULES_UNKNOWN, to);
    for (uint32_t v = from; v < to; v++) {
        const struct cy_rules_version *version = &ctx->rules->versions[v];

        n += version->n_params;
        CY_ASSERT(n <= CY_RULES_PARAMS_MAX);
        for (size_t i = 0; i < version->n_params; i++) {
            struct cy_label name;
            const cy_err err =
                cy_label_of(cy_span_text(cy_param_row(version->params[i].param)->name), &name);

            CY_ASSERT(cy_ok(err));
            CY_TRY(cy_param_put(&then, plan, &name, version->params[i].value));
        }
    }
    return CY_OK;
}

#include "kernel/param.h"

static const struct cy_param_row rows[] = {
#define CY_PARAM(NAME, name, value, least, most, unit, meaning)                                    \
    {name, value, least, most, unit, meaning},
#include "kernel/param.def"
#undef CY_PARAM
};

const struct cy_param_row *cy_param_row(unsigned number)
{
    return number < CY_PARAMS ? &rows[number] : NULL;
}

uint64_t cy_param(struct cy_plan *plan, enum cy_param_number number)
{
    const struct cy_param *set = NULL;
    struct cy_label name;
    const cy_err err = cy_label_of(cy_span_text(rows[number].name), &name);

    CY_ASSERT(cy_ok(err));
    set = CY_READ(plan, param, &name);
    return set == NULL ? rows[number].value : set->value;
}

cy_err cy_param_put(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_label *name,
                    uint64_t value)
{
    for (unsigned i = 0; i < CY_PARAMS; i++) {
        struct cy_param *set = NULL;

        if (!cy_span_eq(cy_span_text(rows[i].name), cy_label_text(name)))
            continue;
        if (value < rows[i].least || value > rows[i].most)
            return cy_fail(CY_E_PARAM_RANGE, i);
        set = CY_EDIT(plan, param, name);
        set->value = value;
        set->since = ctx->now;
        return CY_OK;
    }
    return cy_fail(CY_E_UNKNOWN_PARAM, 0);
}

/* param: the parameter table and its reading (M121). One row a knob, in param.def. */
#ifndef CY_KERNEL_PARAM_H
#define CY_KERNEL_PARAM_H

#include "kernel/act.h"

enum cy_param_number {
#define CY_PARAM(NAME, name, value, least, most, unit, meaning) CY_P_##NAME,
#include "kernel/param.def"
#undef CY_PARAM
    CY_PARAMS
};

struct cy_param_row {
    const char *name;
    uint64_t value; /* default */
    uint64_t least;
    uint64_t most;
    const char *unit;
    const char *meaning;
};

/* cy_param_row gives the fixed facts of a parameter, NULL past the last. */
const struct cy_param_row *cy_param_row(unsigned number);

/* cy_param is the value in force. */
uint64_t cy_param(struct cy_plan *plan, enum cy_param_number number);

/* cy_param_put plans a new value. Fails with UNKNOWN_PARAM or PARAM_RANGE. */
CY_MUST_USE cy_err cy_param_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const struct cy_label *name, uint64_t value);

#endif

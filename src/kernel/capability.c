#include "kernel/capability.h"

cy_err cy_capability_check(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_any *act)
{
    (void)plan;
    (void)act;
    return cy_id_eq(&ctx->actor, &ctx->author) ? CY_OK : cy_fail(CY_E_NO_DELEGATION, 0);
}

static const struct cy_table_spec tables[] = {
    {&cy_schema_delegation, 1u << 16, false},
};

const struct cy_institution cy_capability = {
    .name = "capability",
    .purpose = "delegations and offices",
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

#include "kernel/certified.h"

void cy_occasion_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_occasion *terms)
{
    struct cy_occasion *occasion = CY_EDIT(plan, occasion, &terms->id);

    *occasion = *terms;
    occasion->since = ctx->now;
}

void cy_occasion_end(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id)
{
    struct cy_occasion *occasion = CY_EDIT(plan, occasion, id);

    CY_ASSERT(occasion->since != 0);
    if (occasion->until > ctx->now)
        occasion->until = ctx->now;
}

const struct cy_occasion *cy_occasion_lasts(struct cy_plan *plan, const struct cy_id *id,
                                            cy_time now)
{
    const struct cy_occasion *occasion = CY_READ(plan, occasion, id);

    return occasion != NULL && now < occasion->until ? occasion : NULL;
}

void cy_certified_renew(struct cy_plan *plan, const struct cy_id *objective, uint64_t data)
{
    CY_EDIT(plan, certified_data, objective)->data = data;
}

cy_err cy_certified_stands(struct cy_plan *plan, const struct cy_id *finding, cy_time now,
                           const struct cy_certified **out)
{
    const struct cy_certified *found = CY_READ(plan, certified, finding);
    const struct cy_certified_data *newest = NULL;

    if (found == NULL)
        return cy_fail(CY_E_FINDING_UNKNOWN, 0);
    if (found->fallen)
        return cy_fail(CY_E_FINDING_FALLEN, 1);
    if (now < found->stands_from)
        return cy_fail(CY_E_FINDING_FALLEN, 2);
    newest = CY_READ(plan, certified_data, &found->objective);
    if (newest == NULL || newest->data != found->data)
        return cy_fail(CY_E_FINDING_FALLEN, 3);
    if (!cy_id_none(&found->occasion) && cy_occasion_lasts(plan, &found->occasion, now) == NULL)
        return cy_fail(CY_E_FINDING_FALLEN, 4);
    *out = found;
    return CY_OK;
}

static const struct cy_table_spec tables[] = {
    {&cy_schema_occasion,       1u << 12, false},
    {&cy_schema_certified,      1u << 15, false},
    {&cy_schema_certified_data, 1u << 13, false},
};

const struct cy_institution cy_certifieds = {
    .name = "certified",
    .purpose = "occasions, and answers whose certificates were judged",
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

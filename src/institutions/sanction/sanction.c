#include "institutions/sanction/sanction.h"

#include "institutions/sanction/sanction_mirror.h"
#include "institutions/sanction/sanction_money.h"
#include "institutions/sanction/sanction_screen.h"

static cy_err open_list(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_open *m = message;
    const struct cy_sanction_list wanted = {.owner = m->owner};
    struct cy_sanction_list *list = NULL;

    CY_TRY(cy_sanction_officer(ctx, plan, &wanted, "sanctions"));
    list = CY_EDIT(plan, sanction_list, cy_ctx_id(ctx));
    list->owner = m->owner;
    list->code = m->code;
    list->name = m->name;
    list->rules = m->rules;
    list->published = ctx->now;
    list->stale_ms = m->stale_ms;
    list->since = ctx->now;
    return CY_OK;
}

static cy_err publish(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_publish *m = message;
    const struct cy_sanction_list *list = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    CY_EDIT(plan, sanction_list, &m->list)->published = ctx->now;
    return CY_OK;
}

static cy_err follow(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_follow *m = message;

    if (CY_READ(plan, sanction_list, &m->list) == NULL)
        return cy_fail(CY_E_SANCTION_UNKNOWN, 1);
    return cy_restraint_heed(plan, ctx->now, &ctx->author, &m->list, m->mode);
}

static cy_err close_list(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_sanction_close *m = message;
    const struct cy_sanction_list *list = NULL;

    CY_TRY(cy_sanction_live(plan, &m->list, &list));
    CY_TRY(cy_sanction_officer(ctx, plan, list, "sanctions"));
    if (list->entries > 0)
        return cy_fail(CY_E_SANCTION_ENTRIES, (uint32_t)list->entries);
    CY_EDIT(plan, sanction_list, &m->list)->closed = true;
    return CY_OK;
}

/* clang-format off */
static const struct cy_act_row acts[] = {
    {&cy_schema_sanction_open,       CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1,  open_list                 },
    {&cy_schema_sanction_add,        CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, CY_SANCTION_CHANGE_WRITES, cy_sanction_add_act    },
    {&cy_schema_sanction_ease,       CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, CY_SANCTION_CHANGE_WRITES, cy_sanction_ease_act   },
    {&cy_schema_sanction_comply,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, CY_SANCTION_CHANGE_WRITES, cy_sanction_comply_act },
    {&cy_schema_sanction_follow,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 3,  follow                    },
    {&cy_schema_sanction_publish,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,  publish                   },
    {&cy_schema_sanction_mirror,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2,  cy_sanction_mirror_act    },
    {&cy_schema_sanction_import,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, CY_SANCTION_CHANGE_WRITES + 1, cy_sanction_import_act },
    {&cy_schema_sanction_screen,     CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 12, cy_sanction_screen_act    },
    {&cy_schema_sanction_fine,       CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 5,  cy_sanction_fine_act      },
    {&cy_schema_sanction_claim,      CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 1,  cy_sanction_claim_act     },
    {&cy_schema_sanction_compensate, CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_VALUE,  false, 3,  cy_sanction_compensate_act},
    {&cy_schema_sanction_close,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1,  close_list                },
};
/* clang-format on */

static const struct cy_table_spec tables[] = {
    {&cy_schema_sanction_list,  1u << 12, false},
    {&cy_schema_sanction_entry, 1u << 16, false},
    {&cy_schema_sanction_delta, 1u << 17, false},
    {&cy_schema_sanction_twin,  1u << 12, false},
    {&cy_schema_screen_word,    1u << 15, false},
    {&cy_schema_screen_match,   1u << 14, false},
    {&cy_schema_sanction_loss,  1u << 12, false},
};

const struct cy_institution cy_sanctions = {
    .name = "sanction",
    .purpose = "lists of sanctions, followed, proven, screened against",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

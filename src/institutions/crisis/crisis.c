#include "institutions/crisis/crisis.h"

#include "institutions/crisis/crisis_dispatch.h"

/* clang-format off */
static const struct cy_act_row acts[] = {
    {&cy_schema_aid_pact,         CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 98, cy_pact_do_offer},
    {&cy_schema_aid_join,         CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 2,  cy_pact_do_join},
    {&cy_schema_aid_mandate,      CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  false, 1,  cy_pact_do_mandate},
    {&cy_schema_crisis_declare,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 4,  cy_crisis_do_declare},
    {&cy_schema_crisis_end,       CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 3,  cy_crisis_do_end},
    {&cy_schema_stock_offer,      CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2,  cy_stock_do_offer},
    {&cy_schema_stock_change,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 2,  cy_stock_do_change},
    {&cy_schema_stock_pledge,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2,  cy_stock_do_pledge},
    {&cy_schema_stock_rotate,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 3,  cy_stock_do_rotate},
    {&cy_schema_stock_count,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 3,  cy_stock_do_count},
    {&cy_schema_stock_draw,       CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 5,  cy_stock_do_draw},
    {&cy_schema_need_post,        CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,  cy_need_do_post},
    {&cy_schema_need_close,       CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1,  cy_need_do_close},
    {&cy_schema_dispatch_send,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 5,  cy_dispatch_do_send},
    {&cy_schema_dispatch_receive, CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 9,  cy_dispatch_do_receive},
    {&cy_schema_dispatch_cancel,  CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 5,  cy_dispatch_do_cancel},
};
/* clang-format on */

static const struct cy_table_spec tables[] = {
    {&cy_schema_pact,        1u << 10, false},
    {&cy_schema_pact_party,  1u << 14, false},
    {&cy_schema_pact_good,   1u << 13, false},
    {&cy_schema_holding,     1u << 15, false},
    {&cy_schema_crisis,      1u << 12, false},
    {&cy_schema_crisis_call, 1u << 14, false},
    {&cy_schema_stock,       1u << 15, false},
    {&cy_schema_need,        1u << 15, false},
    {&cy_schema_dispatch,    1u << 16, false},
    {&cy_schema_dispatched,  1u << 16, false},
};

const struct cy_institution cy_crises = {
    .name = "crisis",
    .purpose = "mutual aid: stocks, needs, mandates, certified dispatches, credit",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

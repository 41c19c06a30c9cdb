#include "institutions/finding/finding.h"

#include "institutions/finding/finding_answer.h"
#include "institutions/finding/finding_sheet.h"

/* clang-format off */
static const struct cy_act_row acts[] = {
    {&cy_schema_objective_offer,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 65, cy_objective_do_offer},
    {&cy_schema_objective_vote,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 3,  cy_objective_do_vote},
    {&cy_schema_objective_activate, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 1,  cy_objective_do_activate},
    {&cy_schema_objective_data,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2,  cy_objective_do_data},
    {&cy_schema_model_register,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1,  cy_model_do_register},
    {&cy_schema_model_judge,        CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 1,  cy_model_do_judge},
    {&cy_schema_finding_record,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, true,  3,  cy_finding_do_record},
    {&cy_schema_finding_large,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 5,  cy_finding_do_large},
    {&cy_schema_finding_challenge,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, true,  5,  cy_finding_do_challenge},
    {&cy_schema_finding_contest,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 3,  cy_finding_do_contest},
    {&cy_schema_finding_settle,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 3,  cy_finding_do_settle},
};
/* clang-format on */

static const struct cy_table_spec tables[] = {
    {&cy_schema_objective,       1u << 12, false},
    {&cy_schema_objective_basis, 1u << 12, false},
    {&cy_schema_objective_seat,  1u << 14, false},
    {&cy_schema_model,           1u << 12, false},
    {&cy_schema_finding,         1u << 14, false},
};

const struct cy_institution cy_findings = {
    .name = "finding",
    .purpose = "objectives voted in peacetime, models, and findings with certificates",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

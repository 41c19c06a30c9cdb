#include "institutions/treaty/treaty.h"

#include "institutions/treaty/treaty_join.h"
#include "institutions/treaty/treaty_keep.h"
#include "institutions/treaty/treaty_talk.h"
#include "institutions/treaty/treaty_tariff.h"

/* clang-format off */
static const struct cy_act_row acts[] = {
    {&cy_schema_treaty_offer,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 196, cy_treaty_do_offer},
    {&cy_schema_treaty_enlist,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_POWER,  false, 129, cy_treaty_do_enlist},
    {&cy_schema_treaty_counter,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_POWER,  false, 66,  cy_treaty_do_counter},
    {&cy_schema_treaty_accept,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_POWER,  false, 3,   cy_treaty_do_accept},
    {&cy_schema_treaty_rule,      CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 32,  cy_treaty_do_rule},
    {&cy_schema_treaty_approve,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 1,   cy_treaty_do_approve},
    {&cy_schema_treaty_bond,      CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 6,   cy_treaty_do_bond},
    {&cy_schema_treaty_ratify,    CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_POWER,  false, 37,  cy_treaty_do_ratify},
    {&cy_schema_treaty_renew,     CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 1,   cy_treaty_do_renew},
    {&cy_schema_treaty_record,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 5,   cy_treaty_do_record},
    {&cy_schema_treaty_leave,     CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 4,   cy_treaty_do_leave},
    {&cy_schema_treaty_stay,      CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 4,   cy_treaty_do_stay},
    {&cy_schema_treaty_release,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_VALUE,  false, 10,  cy_treaty_do_release},
    {&cy_schema_treaty_report,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 4,   cy_treaty_do_report},
    {&cy_schema_treaty_emergency, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 2,   cy_treaty_do_emergency},
    {&cy_schema_treaty_attacked,  CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 5,   cy_treaty_do_attacked},
    {&cy_schema_treaty_measure,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_USUAL,  false, 65,  cy_treaty_do_measure},
    {&cy_schema_treaty_concede,   CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 64,  cy_treaty_do_concede},
    {&cy_schema_treaty_award,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_VALUE,  false, 3,   cy_treaty_do_award},
    {&cy_schema_treaty_relent,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 4,   cy_treaty_do_relent},
};
/* clang-format on */

static const struct cy_table_spec tables[] = {
    {&cy_schema_treaty,          1u << 12, false},
    {&cy_schema_treaty_rules,    1u << 12, false},
    {&cy_schema_treaty_version,  1u << 14, false},
    {&cy_schema_treaty_term,     1u << 15, false},
    {&cy_schema_treaty_party,    1u << 15, false},
    {&cy_schema_treaty_reserve,  1u << 15, false},
    {&cy_schema_treaty_consent,  1u << 15, false},
    {&cy_schema_treaty_approval, 1u << 16, false},
    {&cy_schema_treaty_receipt,  1u << 17, false},
    {&cy_schema_treaty_call,     1u << 15, false},
    {&cy_schema_treaty_answer,   1u << 12, false},
    {&cy_schema_treaty_tariff,   1u << 16, false},
    {&cy_schema_treaty_duty,     1u << 16, false},
};

const struct cy_institution cy_treaties = {
    .name = "treaty",
    .purpose = "treaties: clauses with actuators, thresholds, notice and consequences",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

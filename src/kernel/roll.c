#include "kernel/roll.h"

static cy_err not_yet(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    (void)ctx;
    (void)plan;
    (void)message;
    return cy_fail(CY_E_NOT_FEDERATION, 0);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_height,       CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, 18000, not_yet},
    {&cy_schema_seat_admit,   CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  true, 8,     not_yet},
    {&cy_schema_seat_confirm, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  true, 600,   not_yet},
    {&cy_schema_seat_leave,   CY_WHO_SEAT,     CY_RISK_MEDIUM, CY_GATE_ALWAYS, true, 64,    not_yet},
    {&cy_schema_seat_exclude, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_ALWAYS, true, 600,   not_yet},
    {&cy_schema_seat_rekey,   CY_WHO_SEAT,     CY_RISK_MEDIUM, CY_GATE_ALWAYS, true, 64,    not_yet},
    {&cy_schema_seat_rejoin,  CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, 1,     not_yet},
    {&cy_schema_equivocate,   CY_WHO_ANYBODY,  CY_RISK_HIGH,   CY_GATE_ALWAYS, true, 64,    not_yet},
    {&cy_schema_epoch,        CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, 2,     not_yet},
    {&cy_schema_inbox_post,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, true, 2,     not_yet},
    {&cy_schema_inbox_done,   CY_WHO_ANYBODY,  CY_RISK_LOW,    CY_GATE_ALWAYS, true, 3,     not_yet},
    {&cy_schema_trustee_set,  CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  true, 600,   not_yet},
    {&cy_schema_seat_bond,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  true, 3,     not_yet},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_seat,        16,       false},
    {&cy_schema_trustee,     48,       false},
    {&cy_schema_agreement,   1,        false},
    {&cy_schema_cell_epoch,  256,      false},
    {&cy_schema_inbox,       1u << 12, false},
    {&cy_schema_seat_key,    1u << 12, false},
    {&cy_schema_policy_node, 192,      false},
    {&cy_schema_agreed_head, 1024,     false},
};

const struct cy_institution cy_roll = {
    .name = "roll",
    .purpose = "who orders a federation, and what they agreed on",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

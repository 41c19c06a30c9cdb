#include "kernel/roll.h"

/* --- genesis --- */

static cy_err bad(uint32_t field)
{
    return cy_fail(CY_E_BAD_ROLL, field);
}

static const struct cy_key_share *share_of(const struct cy_genesis *m, const struct cy_id *key)
{
    for (uint32_t i = 0; i < m->n_keys; i++) {
        if (cy_id_eq(&m->keys[i].key, key))
            return &m->keys[i];
    }
    return NULL;
}

static bool signed_by(const struct cy_envelope *envelope, const struct cy_id *key)
{
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        if (cy_id_eq(&envelope->signers[i].key, key))
            return true;
    }
    return false;
}

/* The realm's keys are the seats' act keys with their weights; every seat signed, nobody else. */
static cy_err keys_match(const struct cy_ctx *ctx, const struct cy_genesis *m)
{
    uint32_t whole = 0;

    if (m->n_keys != m->n_seats)
        return bad(3);
    for (uint32_t i = 0; i < m->n_seats; i++) {
        const struct cy_key_share *share = share_of(m, &m->seats[i].key);

        if (share == NULL || share->clause != 0 || share->weight != m->seats[i].weight)
            return bad(3);
        if (!signed_by(ctx->envelope, &m->seats[i].key))
            return bad(20);
        if (!cy_id_none(&m->seats[i].passport)) /* nobody has one yet */
            return bad(20);
        whole += m->seats[i].weight;
    }
    if (m->need_0 != cy_seat_need(whole) || m->need_1 != 0 || m->need_2 != 0)
        return bad(4);
    return ctx->envelope->n_signers == m->n_seats ? CY_OK : bad(20);
}

static cy_err open_seats(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_genesis *m)
{
    for (uint32_t i = 0; i < m->n_seats; i++)
        CY_TRY(cy_seat_open(ctx, plan, i, &m->seats[i], CY_seat_state_ACTIVE));
    return CY_OK;
}

cy_err cy_roll_begin(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_genesis *m)
{
    const struct cy_trustees trustees = {m->trustees, m->n_trustees};
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};
    struct cy_cosigners_due due;

    if (m->n_seats == 0)
        return bad(20);
    if (!cy_id_none(&m->log_key))
        return bad(8);
    if (!cy_id_none(&m->next)) /* keys change with the roll, never by a rotation */
        return bad(7);
    if (m->lost_kept.n > 0) /* a federation's heads are not signed by one key */
        return bad(17);
    CY_TRY(keys_match(ctx, m));
    (void)cy_agreement_edit(plan);
    CY_TRY(open_seats(ctx, plan, m));
    CY_TRY(cy_seat_trustees_set(ctx, plan, &trustees));
    cy_seat_cosigners_due(plan, &trustees, &due);
    return cy_policy_put(plan, &policy, &due);
}

/* --- the institution --- */

/* Seats, the policy's records, what passing time does: with room to spare. */
#define ROLL_WRITES 64u
#define POLICY_WRITES (ROLL_WRITES + CY_QUORUM_NODES_MAX)

/* clang-format off */
static const struct cy_act_row acts[] = {
    {&cy_schema_height,       CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, CY_LEDGER_TIME_WRITES + ROLL_WRITES, cy_act_height},
    {&cy_schema_seat_admit,   CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  true, 8,             cy_act_seat_admit},
    {&cy_schema_seat_confirm, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  true, POLICY_WRITES, cy_act_seat_confirm},
    {&cy_schema_seat_leave,   CY_WHO_SEAT,     CY_RISK_MEDIUM, CY_GATE_ALWAYS, true, ROLL_WRITES,   cy_act_seat_leave},
    {&cy_schema_seat_exclude, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_ALWAYS, true, POLICY_WRITES, cy_act_seat_exclude},
    {&cy_schema_seat_rekey,   CY_WHO_SEAT,     CY_RISK_MEDIUM, CY_GATE_ALWAYS, true, ROLL_WRITES,   cy_act_seat_rekey},
    {&cy_schema_seat_rejoin,  CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, 1,             cy_act_seat_rejoin},
    {&cy_schema_equivocate,   CY_WHO_ANYBODY,  CY_RISK_HIGH,   CY_GATE_ALWAYS, true, ROLL_WRITES,   cy_act_equivocate},
    {&cy_schema_epoch,        CY_WHO_SEAT,     CY_RISK_LOW,    CY_GATE_ALWAYS, true, 2,             cy_act_epoch},
    {&cy_schema_inbox_post,   CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, true, 1,             cy_act_inbox_post},
    {&cy_schema_inbox_done,   CY_WHO_ANYBODY,  CY_RISK_LOW,    CY_GATE_ALWAYS, true, 2,             cy_act_inbox_done},
    /* in safe mode too: without finality nothing else could restore it */
    {&cy_schema_trustee_set,  CY_WHO_OPERATOR, CY_RISK_HIGH,   "aaarr",        true, CY_QUORUM_NODES_MAX + 2 * CY_TRUSTEES_MAX + 2, cy_act_trustee_set},
    {&cy_schema_seat_bond,    CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  true, 3,             cy_act_seat_bond},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_seat,        CY_ROLL_SEATS_MAX,   false},
    {&cy_schema_trustee,     CY_TRUSTEES_MAX,     false},
    {&cy_schema_agreement,   1,                   false},
    {&cy_schema_cell_epoch,  256,                 false},
    {&cy_schema_inbox,       1u << 12,            false},
    {&cy_schema_seat_key,    1u << 12,            false},
    {&cy_schema_policy_node, CY_QUORUM_NODES_MAX, false},
    {&cy_schema_agreed_head, CY_AGREED_HEADS,     false},
};
/* clang-format on */

const struct cy_institution cy_roll = {
    .name = "roll",
    .purpose = "who orders a federation, and what they agreed on",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

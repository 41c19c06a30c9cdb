#include "kernel/recognition.h"

struct of_realm {
    struct cy_id realm;
    struct cy_id passport;
};

struct of_kind {
    struct cy_id realm;
    uint64_t kind;
};

cy_err cy_recognition_proven(struct cy_plan *plan, const struct cy_id *realm, uint64_t number,
                             const struct cy_schema *schema, struct cy_span value,
                             struct cy_span proof, void *out)
{
    _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory);
    const struct cy_bridge_root *root = NULL;

    CY_TRY(cy_bridge_root_of(plan, realm, number, &root));
    CY_TRY(cy_decode(schema, value, &nothing, out));
    return cy_foreign_record(&root->state_root, schema, out, proof);
}

static uint8_t tier_of(struct cy_plan *plan, const struct cy_id *realm, uint64_t kind)
{
    const struct of_kind key = {*realm, kind};
    const struct cy_tier_row *row = CY_READ(plan, tier_row, &key);

    return row == NULL ? 0 : row->tier;
}

uint8_t cy_recognition_tier(struct cy_plan *plan, const struct cy_id *realm,
                            const struct cy_id *passport)
{
    const struct of_realm key = {*realm, *passport};
    const struct cy_foreign_passport *known = CY_READ(plan, foreign_passport, &key);

    if (known == NULL || known->ended || known->standing != CY_standing_ACTIVE)
        return 0;
    return tier_of(plan, realm, known->kind);
}

static cy_err map(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_tier_map *m = message;
    const struct of_kind key = {m->realm, m->kind};

    (void)ctx;
    if (cy_bridge_of(plan, &m->realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    CY_EDIT(plan, tier_row, &key)->tier = m->tier;
    return CY_OK;
}

/* A passport that is not known yet passes the gate, and its kind has a tier. */
static cy_err may_begin(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *realm,
                        const struct cy_passport *passport)
{
    if (passport->standing != CY_standing_ACTIVE)
        return cy_fail(CY_E_RETIRED_PASSPORT, 3);
    if (tier_of(plan, realm, passport->kind) == 0)
        return cy_fail(CY_E_NO_TIER, passport->kind);
    return cy_bridge_pass(plan, realm, CY_bridge_kind_RECOGNITION, ctx->now);
}

static cy_err recognise(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_recognise *m = message;
    const struct cy_foreign_passport *old = NULL;
    struct cy_foreign_passport *known = NULL;
    struct cy_passport passport;
    struct of_realm key = {.realm = m->realm};

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_passport, m->value, m->proof,
                                 &passport));
    key.passport = passport.id;
    old = CY_READ(plan, foreign_passport, &key);
    if (old == NULL)
        CY_TRY(may_begin(ctx, plan, &m->realm, &passport));
    else if (old->ended)
        return cy_fail(CY_E_RECOGNITION_ENDED, 0);
    else if (m->root <= old->root)
        return cy_fail(CY_E_PROOF_OLDER, 2);
    known = CY_EDIT(plan, foreign_passport, &key);
    known->name = passport.name;
    known->kind = passport.kind;
    known->standing = passport.standing;
    known->generation = passport.generation;
    known->root = m->root;
    known->seen = ctx->now;
    if (known->since == 0)
        known->since = ctx->now;
    return CY_OK;
}

static cy_err end(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_recognise_end *m = message;
    const struct of_realm key = {m->realm, m->passport};

    (void)ctx;
    if (CY_READ(plan, foreign_passport, &key) == NULL)
        return cy_fail(CY_E_NO_NOUN, 2);
    CY_EDIT(plan, foreign_passport, &key)->ended = !m->lift;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_tier_map,      CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_POWER,  false, 1, map      },
    {&cy_schema_recognise,     CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2, recognise},
    {&cy_schema_recognise_end, CY_WHO_OPERATOR, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 1, end      },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_tier_row,         256 * 8,  false},
    {&cy_schema_foreign_passport, 1u << 14, false},
};

const struct cy_institution cy_recognitions = {
    .name = "recognition",
    .purpose = "foreign passports, as they are proven",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

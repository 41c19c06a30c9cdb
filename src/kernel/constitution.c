#include "kernel/constitution.h"

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "kernel/succession.h"

/* A ledger's origin is a note's key name and a path of URLs: no space, no plus, no control. */
static bool is_origin(const struct cy_name *name)
{
    for (uint32_t i = 0; i < name->n; i++) {
        const char c = name->s[i];

        if (c <= ' ' || c == '+' || c == 0x7f)
            return false;
    }
    return name->n > 0;
}

static struct cy_id digest_of(struct cy_span text)
{
    return text.n == 0 ? (struct cy_id){0} : cy_sha256(text);
}

/* A cell's witness policy; a federation's roll has its own. */
static cy_err begin_cell(struct cy_plan *plan, const struct cy_genesis *m)
{
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};

    CY_TRY(cy_ed25519_admit(&m->log_key));
    if (m->n_trustees > 0)
        return cy_fail(CY_E_BAD_ROLL, 21);
    return m->policy.n == 0 ? CY_OK /* a realm may begin without witnesses */
                            : cy_policy_put(plan, &policy, NULL);
}

static cy_err genesis(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_genesis *m = message;
    const struct cy_key_set keys = {
        m->keys, m->n_keys, {m->need_0, m->need_1, m->need_2}
    };
    struct cy_ctx born = *ctx;
    struct cy_realm *realm = NULL;
    struct cy_succession succession;
    bool succeeds = false;

    if (cy_realm_read(plan) != NULL)
        return cy_fail(CY_E_GENESIS_TWICE, 0);
    if (!cy_id_none(&ctx->envelope->claims.realm))
        return cy_fail(CY_E_WRONG_REALM, 0);
    if (!is_origin(&m->name))
        return cy_fail(CY_E_RANGE, 1);
    if (m->now >= CY_LEDGER_TIME_MAX)
        return cy_fail(CY_E_WRONG_TIME, 2);
    CY_TRY(cy_succession_read(m, &succession, &succeeds));
    if (m->n_seats == 0)
        CY_TRY(cy_identity_signed(ctx->envelope, &keys));
    born.now = m->now;
    born.realm = *cy_ctx_id(ctx);
    realm = cy_realm_edit(plan);
    realm->id = *cy_ctx_id(ctx);
    realm->name = m->name;
    realm->now = m->now;
    realm->began = m->now;
    realm->rules = m->rules;
    realm->log_key = m->log_key;
    realm->constitution = digest_of(m->constitution);
    realm->waiver_until = m->waiver_until;
    CY_TRY(m->n_seats == 0 ? begin_cell(plan, m) : cy_roll_begin(&born, plan, m));
    CY_TRY(cy_rules_begin(&born, plan, 0, m->rules, m->now));
    for (uint32_t i = 0; i < m->n_params; i++)
        CY_TRY(cy_param_put(&born, plan, &m->params[i].name, m->params[i].value));
    return cy_identity_open(
        &born, plan,
        &(struct cy_passport){
            .id = *cy_ctx_id(ctx), .kind = CY_kind_REALM, .name = m->name, .next = m->next},
        &keys);
}

static cy_err tick(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_tick *m = message;

    if (cy_agreement_of(plan) != NULL)
        return cy_fail(CY_E_IS_FEDERATION, 0);
    return cy_ledger_time_pass(ctx, plan, m->now);
}

static cy_err param_set(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_param_set *m = message;

    return cy_param_put(ctx, plan, &m->name, m->value);
}

static cy_err rules_set(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_rules_set *m = message;
    const uint64_t notice = cy_param(plan, CY_P_RULES_NOTICE);
    struct cy_realm *realm = cy_realm_edit(plan);

    if (m->version == realm->rules && realm->rules_next != 0) { /* what was announced is off */
        realm->rules_next = 0;
        realm->rules_from = 0;
        return CY_OK;
    }
    if (m->version <= realm->rules)
        return cy_fail(CY_E_RANGE, 1);
    if (m->from < ctx->now || m->from - ctx->now < notice)
        return cy_fail(CY_E_WRONG_TIME, 2);
    realm->rules_next = m->version;
    realm->rules_from = m->from;
    return CY_OK;
}

static cy_err policy_set(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_policy_set *m = message;
    const struct cy_policy_offer policy = {m->policy, m->faults, m->accept_less};
    struct cy_cosigners_due due;

    (void)ctx;
    if (cy_agreement_of(plan) == NULL)
        return cy_policy_put(plan, &policy, NULL);
    cy_seat_cosigners_due(plan, NULL, &due);
    CY_TRY(cy_policy_put(plan, &policy, &due));
    cy_agreement_edit(plan)->policy_due = false;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_genesis,    CY_WHO_INCEPTION, CY_RISK_HIGH, CY_GATE_ALWAYS, true,  600,                   genesis   },
    {&cy_schema_tick,       CY_WHO_OPERATOR,  CY_RISK_LOW,  CY_GATE_ALWAYS, true,  CY_LEDGER_TIME_WRITES,
     tick                                                                                                           },
    {&cy_schema_param_set,  CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 1,                     param_set },
    {&cy_schema_rules_set,  CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 1,                     rules_set },
    {&cy_schema_policy_set, CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 194,                   policy_set},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_realm, 1,   false},
    {&cy_schema_param, 256, false},
};

const struct cy_institution cy_constitution = {
    .name = "constitution",
    .purpose = "genesis, time, parameters and versions of the rules",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

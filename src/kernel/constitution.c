#include "kernel/constitution.h"

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "kernel/succession.h"

static const uint64_t the_realm = 1;

const struct cy_realm *cy_realm_read(struct cy_plan *plan)
{
    return CY_READ(plan, realm, &the_realm);
}

struct cy_realm *cy_realm_edit(struct cy_plan *plan)
{
    return CY_EDIT(plan, realm, &the_realm);
}

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

cy_err cy_policy_check(struct cy_span policy, uint32_t faults, bool accept_less, uint32_t *least)
{
    struct cy_quorum quorum;
    struct cy_quorum_meet meet;

    CY_TRY(cy_quorum_read(policy, &quorum));
    CY_TRY(cy_quorum_meet(&quorum, &meet));
    *least = meet.least;
    if (meet.least <= faults && !accept_less)
        return cy_fail(CY_E_QUORUM_WEAK, meet.least);
    return CY_OK;
}

static cy_err put_policy(struct cy_realm *realm, struct cy_span policy, uint16_t faults,
                         bool accept_less)
{
    uint32_t least = 0;

    CY_TRY(cy_policy_check(policy, faults, accept_less, &least));
    realm->policy = cy_sha256(policy);
    realm->policy_meet = (uint16_t)least; /* there are fewer operators than names */
    realm->policy_faults = faults;
    return CY_OK;
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
    if (m->rules > CY_RULES_NEWEST)
        return cy_fail(CY_E_RULES_UNKNOWN, m->rules);
    if (!is_origin(&m->name))
        return cy_fail(CY_E_RANGE, 1);
    if (m->now >= CY_LEDGER_TIME_MAX)
        return cy_fail(CY_E_WRONG_TIME, 2);
    if (m->n_seats > 0 || m->n_trustees > 0)
        return cy_fail(CY_E_BAD_ROLL, 0);
    CY_TRY(cy_ed25519_admit(&m->log_key));
    CY_TRY(cy_succession_read(m, &succession, &succeeds));
    CY_TRY(cy_identity_signed(ctx->envelope, &keys));
    born.now = m->now;
    realm = cy_realm_edit(plan);
    realm->id = *cy_ctx_id(ctx);
    realm->name = m->name;
    realm->now = m->now;
    realm->began = m->now;
    realm->rules = m->rules;
    realm->log_key = m->log_key;
    realm->constitution = digest_of(m->constitution);
    realm->waiver_until = m->waiver_until;
    if (m->policy.n > 0) /* a realm may begin without witnesses */
        CY_TRY(put_policy(realm, m->policy, m->faults, m->accept_less));
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
    const uint32_t n = (uint32_t)cy_param(plan, CY_P_SWEEP_N);
    struct cy_realm *realm = NULL;

    if (m->now < ctx->now)
        return cy_fail(CY_E_TIME_BACK, 0);
    if (m->now >= CY_LEDGER_TIME_MAX) /* there is no way back from it */
        return cy_fail(CY_E_WRONG_TIME, 1);
    realm = cy_realm_edit(plan);
    realm->now = m->now;
    if (realm->rules_next != 0 && realm->rules_from <= m->now) {
        realm->rules = realm->rules_next;
        realm->rules_next = 0;
        realm->rules_from = 0;
    }
    realm->sweep = cy_escrow_sweep(plan, m->now, realm->sweep, n);
    /* uploads are few beside transfers: a small share of the same budget */
    realm->sweep_uploads = cy_upload_sweep(plan, m->now, realm->sweep_uploads, n / 16);
    realm->sweep_inputs = cy_upload_forget(plan, m->now, realm->sweep_inputs, n / 16);
    return CY_OK;
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

    (void)ctx;
    return put_policy(cy_realm_edit(plan), m->policy, m->faults, m->accept_less);
}

static const struct cy_act_row acts[] = {
    {&cy_schema_genesis,    CY_WHO_INCEPTION, CY_RISK_HIGH, CY_GATE_ALWAYS, true,  90,    genesis   },
    {&cy_schema_tick,       CY_WHO_OPERATOR,  CY_RISK_LOW,  CY_GATE_ALWAYS, true,  18000, tick      },
    {&cy_schema_param_set,  CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 1,     param_set },
    {&cy_schema_rules_set,  CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 1,     rules_set },
    {&cy_schema_policy_set, CY_WHO_OPERATOR,  CY_RISK_HIGH, CY_GATE_POWER,  false, 1,     policy_set},
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

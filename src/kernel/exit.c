#include "kernel/exit.h"

struct of_realm {
    struct cy_id realm;
    struct cy_id passport;
};

static cy_err leave(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_leave *m = message;
    const struct cy_departure *before = CY_READ(plan, departure, &ctx->author);
    struct cy_departure *departure = NULL;

    if (cy_id_eq(&ctx->author, &ctx->realm))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* the realm itself goes nowhere */
    if (cy_bridge_of(plan, &m->realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    if (before != NULL && !cy_id_eq(&before->realm, &m->realm))
        return cy_fail(CY_E_LEAVING, 0); /* the other realm may have admitted it by now */
    departure = CY_EDIT(plan, departure, &ctx->author);
    departure->realm = m->realm;
    if (departure->since == 0)
        departure->since = ctx->now;
    return CY_OK;
}

cy_err cy_exit_passport(struct cy_plan *plan, const struct cy_id *realm, uint64_t root,
                        struct cy_span value, struct cy_span proof, struct cy_passport *out)
{
    CY_TRY(cy_recognition_proven(plan, realm, root, &cy_schema_passport, value, proof, out));
    if (root != cy_bridge_line_of(plan, realm)->roots)
        return cy_fail(CY_E_PROOF_OLDER, 2);
    return out->standing == CY_standing_ACTIVE ? CY_OK : cy_fail(CY_E_RETIRED_PASSPORT, 3);
}

static bool signs(const struct cy_envelope *envelope, const struct cy_id *key)
{
    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        if (cy_id_eq(&envelope->signers[i].key, key))
            return true;
    }
    return false;
}

cy_err cy_exit_held(const struct cy_ctx *ctx, struct cy_plan *plan,
                    const struct cy_exit_proven *proven, const struct cy_exit_key *keys, uint32_t n)
{
    const struct cy_passport *passport = proven->passport;
    struct cy_id seen[CY_SIGNERS_MAX];
    uint32_t sum[3] = {0, 0, 0};

    if (n != ctx->envelope->n_signers) /* exactly those that sign: at most 16 */
        return cy_fail(CY_E_NOT_HELD, n);
    for (uint32_t i = 0; i < n; i++) {
        struct cy_control control;

        CY_TRY(cy_recognition_proven(plan, proven->realm, proven->root, &cy_schema_control,
                                     keys[i].control, keys[i].proof, &control));
        if (!cy_id_eq(&control.passport, &passport->id) ||
            control.generation != passport->generation || !signs(ctx->envelope, &control.key))
            return cy_fail(CY_E_NOT_HELD, i);
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&seen[j], &control.key))
                return cy_fail(CY_E_NOT_HELD, i);
        }
        seen[i] = control.key;
        sum[control.clause] += control.weight;
    }
    if (sum[0] < passport->need_0 || sum[1] < passport->need_1 || sum[2] < passport->need_2)
        return cy_fail(CY_E_NOT_HELD, n);
    return CY_OK;
}

/* Its holder said there that it goes here, and nowhere else. */
static cy_err said_so(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_exit_admit *m,
                      const struct cy_id *passport)
{
    struct cy_departure departure;

    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_departure, m->departure,
                                 m->departure_proof, &departure));
    if (!cy_id_eq(&departure.passport, passport) || !cy_id_eq(&departure.realm, &ctx->realm))
        return cy_fail(CY_E_NOT_LEAVING, 7);
    return CY_OK;
}

static cy_err admit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_admit *m = message;
    struct of_realm key = {.realm = m->realm};
    struct cy_exit_key keys[CY_SIGNERS_MAX] = {
        {m->control, m->control_proof}
    };
    struct cy_passport passport;
    const struct cy_exit_proven proven = {&m->realm, m->root, &passport};

    if (!cy_id_eq(&ctx->author, &ctx->actor))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* nobody arrives for another */
    CY_TRY(cy_exit_passport(plan, &m->realm, m->root, m->value, m->proof, &passport));
    for (uint32_t i = 0; i < m->n_keys; i++) /* at most 15 */
        keys[i + 1] = m->keys[i];
    CY_TRY(cy_exit_held(ctx, plan, &proven, keys, m->n_keys + 1));
    CY_TRY(said_so(ctx, plan, m, &passport.id));
    key.passport = passport.id;
    if (CY_READ(plan, admission, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 3); /* one passport arrives once */
    CY_EDIT(plan, admission, &key)->here = ctx->author;
    return CY_OK;
}

static cy_err done(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_done *m = message;
    const struct cy_admission admission = {
        .realm = ctx->realm, .passport = m->passport, .here = m->there};
    const struct cy_departure *departure = CY_READ(plan, departure, &m->passport);
    const struct cy_bridge_root *root = NULL;
    const struct cy_passport *passport = NULL;

    if (departure == NULL || !cy_id_eq(&departure->realm, &m->realm))
        return cy_fail(CY_E_NOT_LEAVING, 2);
    CY_TRY(cy_identity_active(plan, &m->passport, &passport));
    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    CY_TRY(cy_foreign_record(&root->state_root, &cy_schema_admission, &admission, m->proof));
    CY_EDIT(plan, departure, &m->passport)->there = m->there;
    CY_EDIT(plan, passport, &m->passport)->standing = CY_standing_MOVED;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_exit_leave, CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_ALWAYS, false, 1, leave},
    {&cy_schema_exit_admit, CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_USUAL,  false, 1, admit},
    {&cy_schema_exit_done,  CY_WHO_PASSPORT, CY_RISK_HIGH, CY_GATE_ALWAYS, false, 2, done },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_departure, 1u << 14, false},
    {&cy_schema_admission, 1u << 14, false},
};

const struct cy_institution cy_exits = {
    .name = "exit",
    .purpose = "leaving for another realm, and arriving from one",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

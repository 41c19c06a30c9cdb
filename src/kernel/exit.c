#include "kernel/exit.h"

struct of_realm {
    struct cy_id realm;
    struct cy_id passport;
};

static cy_err leave(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_leave *m = message;
    struct cy_departure *departure = NULL;

    if (cy_id_eq(&ctx->author, &ctx->realm))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* the realm itself goes nowhere */
    if (cy_bridge_of(plan, &m->realm) == NULL)
        return cy_fail(CY_E_NO_BRIDGE, 1);
    departure = CY_EDIT(plan, departure, &ctx->author);
    departure->realm = m->realm;
    departure->since = ctx->now;
    return CY_OK;
}

/* The key that signed alone controls the passport, as both stood under the root. */
static cy_err holds_key(const struct cy_ctx *ctx, const struct cy_passport *passport,
                        const struct cy_control *control)
{
    const bool alone = passport->need_1 == 0 && passport->need_2 == 0 && control->clause == 0 &&
                       control->weight >= passport->need_0;

    if (ctx->envelope->n_signers != 1 || !alone || !cy_id_eq(&control->passport, &passport->id) ||
        control->generation != passport->generation ||
        !cy_id_eq(&control->key, &ctx->envelope->signers[0].key))
        return cy_fail(CY_E_NOT_HELD, 5);
    return CY_OK;
}

static cy_err admit(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_admit *m = message;
    struct of_realm key = {.realm = m->realm};
    struct cy_passport passport;
    struct cy_control control;

    if (!cy_id_eq(&ctx->author, &ctx->actor))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* nobody arrives for another */
    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_passport, m->value, m->proof,
                                 &passport));
    CY_TRY(cy_recognition_proven(plan, &m->realm, m->root, &cy_schema_control, m->control,
                                 m->control_proof, &control));
    if (m->root != cy_bridge_line_of(plan, &m->realm)->roots)
        return cy_fail(CY_E_PROOF_OLDER, 2); /* an older root may show a key that was replaced */
    if (passport.standing != CY_standing_ACTIVE)
        return cy_fail(CY_E_RETIRED_PASSPORT, 3);
    CY_TRY(holds_key(ctx, &passport, &control));
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

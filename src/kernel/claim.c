#include "kernel/claim.h"

#include "crypto/hash.h"

struct of_realm {
    struct cy_id realm;
    struct cy_id passport;
};

struct of_duty {
    struct cy_id realm;
    struct cy_id passport;
    struct cy_id key;
};

#define RECORD_ROOM 2048u /* a record's struct; checked against every schema before use */

/* --- claims --- */

/* Nobody claims what has arrived, is claimed, or was claimed twice. */
static cy_err may_claim(struct cy_plan *plan, const struct of_realm *key, uint64_t root)
{
    const struct cy_foreign_claim *old = CY_READ(plan, foreign_claim, key);

    if (CY_READ(plan, admission, key) != NULL)
        return cy_fail(CY_E_EXISTS, 2);
    if (cy_bridge_line_of(plan, &key->realm)->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0); /* which of its histories shows the keys? */
    if (old == NULL)
        return CY_OK;
    if (old->state != CY_claim_state_REFUTED || old->refuted == CY_claim_end_TWICE ||
        root <= old->root)
        return cy_fail(CY_E_CLAIM_STATE, old->state);
    return CY_OK;
}

static cy_err claim(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_claim *m = message;
    const struct of_realm key = {m->realm, m->passport};
    struct cy_foreign_claim *record = NULL;
    struct cy_passport passport;
    const struct cy_exit_proven proven = {&m->realm, m->root, &passport};

    if (!cy_id_eq(&ctx->author, &ctx->actor))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* nobody arrives for another */
    CY_TRY(cy_exit_passport(plan, &m->realm, m->root, m->value, m->proof, &passport));
    if (!cy_id_eq(&passport.id, &m->passport))
        return cy_fail(CY_E_NOT_HELD, 2);
    CY_TRY(cy_exit_held(ctx, plan, &proven, m->keys, m->n_keys));
    CY_TRY(may_claim(plan, &key, m->root));
    record = CY_EDIT(plan, foreign_claim, &key);
    record->here = ctx->author;
    record->generation = passport.generation;
    record->root = m->root;
    record->state = CY_claim_state_OPEN;
    record->refuted = 0;
    record->by = (struct cy_id){0};
    record->since = ctx->now;
    record->until = ctx->now + cy_param(plan, CY_P_EXIT_WINDOW);
    record->claim = *cy_ctx_id(ctx);
    record->key = ctx->envelope->signers[0].key;
    return CY_OK;
}

/* --- what contradicts a claim --- */

/* The old realm's own record of the passport, newer than the claim. */
static cy_err by_passport(struct cy_plan *plan, const struct cy_exit_contest *m,
                          const struct cy_foreign_claim *claimed, uint8_t *end)
{
    struct cy_passport passport;

    CY_TRY(cy_recognition_proven(plan, &m->by, m->root, &cy_schema_passport, m->value, m->proof,
                                 &passport));
    if (!cy_id_eq(&passport.id, &m->passport) || m->root <= claimed->root)
        return cy_fail(CY_E_NO_REFUTATION, 4);
    if (passport.standing != CY_standing_ACTIVE)
        *end = CY_claim_end_ENDED;
    else if (passport.generation > claimed->generation)
        *end = CY_claim_end_ROTATED;
    else
        return cy_fail(CY_E_NO_REFUTATION, 6);
    return CY_OK;
}

/* Its holder said there that it goes to another realm than this one. */
static cy_err by_departure(const struct cy_ctx *ctx, struct cy_plan *plan,
                           const struct cy_exit_contest *m, uint8_t *end)
{
    struct cy_departure departure;

    CY_TRY(cy_recognition_proven(plan, &m->by, m->root, &cy_schema_departure, m->value, m->proof,
                                 &departure));
    if (!cy_id_eq(&departure.passport, &m->passport) || cy_id_eq(&departure.realm, &ctx->realm))
        return cy_fail(CY_E_NO_REFUTATION, 6);
    *end = CY_claim_end_ELSEWHERE;
    return CY_OK;
}

/* A third realm recorded the same claim, and the key that signed the one here signed that one. The
 * realm's word alone would not do: it could stop others from leaving. */
static cy_err by_claim(struct cy_plan *plan, const struct cy_exit_contest *m,
                       const struct cy_foreign_claim *claimed, uint8_t *end)
{
    struct cy_foreign_signed_claim act;
    struct cy_foreign_claim other;
    bool same_key = false;

    CY_TRY(cy_recognition_proven(plan, &m->by, m->root, &cy_schema_foreign_claim, m->value,
                                 m->proof, &other));
    if (!cy_id_eq(&other.realm, &m->realm) || !cy_id_eq(&other.passport, &m->passport) ||
        other.state == CY_claim_state_REFUTED)
        return cy_fail(CY_E_NO_REFUTATION, 6);
    CY_TRY(cy_foreign_claim_read(m->claim, &act));
    for (uint32_t i = 0; i < act.envelope.n_signers; i++)
        same_key = same_key || cy_id_eq(&act.envelope.signers[i].key, &claimed->key);
    if (!same_key || !cy_id_eq(&act.id, &other.claim) ||
        !cy_id_eq(&act.envelope.claims.realm, &m->by) || !cy_id_eq(&act.realm, &m->realm) ||
        !cy_id_eq(&act.passport, &m->passport))
        return cy_fail(CY_E_NO_REFUTATION, 8);
    *end = CY_claim_end_TWICE;
    return CY_OK;
}

static cy_err refutes(const struct cy_ctx *ctx, struct cy_plan *plan,
                      const struct cy_exit_contest *m, const struct cy_foreign_claim *claimed,
                      uint8_t *end)
{
    const bool own = cy_id_eq(&m->by, &m->realm);

    if (own && m->record == CY_R_passport)
        return by_passport(plan, m, claimed, end);
    if (own && m->record == CY_R_departure)
        return by_departure(ctx, plan, m, end);
    if (!own && m->record == CY_R_foreign_claim)
        return by_claim(plan, m, claimed, end);
    return cy_fail(CY_E_NO_REFUTATION, 5);
}

static cy_err contest(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_contest *m = message;
    const struct of_realm key = {m->realm, m->passport};
    const struct cy_foreign_claim *claimed = CY_READ(plan, foreign_claim, &key);
    struct cy_foreign_claim *record = NULL;
    uint8_t end = 0;

    if (claimed == NULL || claimed->state != CY_claim_state_OPEN)
        return cy_fail(CY_E_CLAIM_STATE, claimed == NULL ? 0 : claimed->state);
    if (ctx->now >= claimed->until)
        return cy_fail(CY_E_CLAIM_LATE, 0);
    CY_TRY(refutes(ctx, plan, m, claimed, &end));
    record = CY_EDIT(plan, foreign_claim, &key);
    record->state = CY_claim_state_REFUTED;
    record->refuted = end;
    record->by = ctx->author;
    return CY_OK;
}

static cy_err settle(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_settle *m = message;
    const struct of_realm key = {m->realm, m->passport};
    const struct cy_foreign_claim *claimed = CY_READ(plan, foreign_claim, &key);
    const struct cy_passport *here = NULL;

    if (claimed == NULL || claimed->state != CY_claim_state_OPEN)
        return cy_fail(CY_E_CLAIM_STATE, claimed == NULL ? 0 : claimed->state);
    if (ctx->now < claimed->until)
        return cy_fail(CY_E_CLAIM_EARLY, 0);
    if (cy_bridge_line_of(plan, &m->realm)->forked)
        return cy_fail(CY_E_HEAD_FORKED, 0);
    if (CY_READ(plan, admission, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 2); /* it arrived with the old operator's consent */
    CY_TRY(cy_identity_active(plan, &claimed->here, &here));
    CY_EDIT(plan, admission, &key)->here = here->id;
    CY_EDIT(plan, foreign_claim, &key)->state = CY_claim_state_ADMITTED;
    return CY_OK;
}

/* --- the old realm learns of it --- */

static cy_err moved(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_moved *m = message;
    const struct cy_bridge_root *root = NULL;
    const struct cy_passport *passport = NULL;
    struct cy_departure *departure = NULL;
    struct cy_foreign_signed_claim act;
    struct cy_admission admission = {.realm = ctx->realm};

    CY_TRY(cy_foreign_claim_read(m->claim, &act));
    if (!cy_id_eq(&act.realm, &ctx->realm) || !cy_id_eq(&act.envelope.claims.realm, &m->realm) ||
        !cy_id_none(&act.envelope.claims.subject))
        return cy_fail(CY_E_NOT_LEAVING, 2);
    CY_TRY(cy_identity_active(plan, &act.passport, &passport));
    if (cy_id_eq(&passport->id, &ctx->realm))
        return cy_fail(CY_E_NOT_ALLOWED, 0); /* the realm itself goes nowhere */
    CY_TRY(cy_identity_holds(plan, &act.envelope, passport));
    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    admission.passport = act.passport;
    admission.here = act.envelope.claims.author;
    CY_TRY(cy_foreign_record(&root->state_root, &cy_schema_admission, &admission, m->proof));
    departure = CY_EDIT(plan, departure, &act.passport);
    departure->realm = m->realm;
    departure->there = admission.here;
    if (departure->since == 0)
        departure->since = ctx->now;
    CY_EDIT(plan, passport, &act.passport)->standing = CY_standing_MOVED;
    return CY_OK;
}

/* --- duties --- */

bool cy_duty_binds(const struct cy_schema *schema, const void *record, const struct cy_id *passport)
{
    static const uint32_t own[] = {CY_R_passport,    CY_R_control,   CY_R_rotation, CY_R_account,
                                   CY_R_attestation, CY_R_departure, CY_R_admission};

    for (size_t i = 0; i < CY_COUNT(own); i++) {
        if (schema->number == own[i])
            return false;
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *field = &schema->fields[i];
        struct cy_id id;

        if (field->type != CY_T_id)
            continue;
        memcpy(id.b, (const uint8_t *)record + field->at, sizeof id.b);
        if (cy_id_eq(&id, passport))
            return true;
    }
    return false;
}

/* Whose duties are of concern here. */
static bool concerns(struct cy_plan *plan, const struct of_realm *key)
{
    return CY_READ(plan, admission, key) != NULL || CY_READ(plan, foreign_claim, key) != NULL ||
           (CY_READ(plan, merged, &key->realm) != NULL &&
            CY_READ(plan, passport, &key->passport) != NULL);
}

/* The duty is there no more: what was shown last has no successor under its key. */
static cy_err is_gone(const struct cy_bridge_root *root, const struct cy_exit_duty *m,
                      const struct cy_schema *schema, const void *record,
                      const struct cy_foreign_duty *known)
{
    const struct cy_id digest = cy_sha256(m->value);

    if (known == NULL || known->gone || !cy_id_eq(&known->digest, &digest))
        return cy_fail(CY_E_NOT_DUTY, 5);
    return cy_foreign_absent(&root->state_root, schema, record, m->proof);
}

static cy_err duty(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_exit_duty *m = message;
    const struct cy_schema *schema = cy_schema_record(m->record);
    const struct of_realm whose = {m->realm, m->passport};
    const struct cy_bridge_root *root = NULL;
    const struct cy_foreign_duty *known = NULL;
    struct cy_foreign_duty *record = NULL;
    struct of_duty key = {.realm = m->realm, .passport = m->passport};
    _Alignas(16) uint8_t room[RECORD_ROOM];
    _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory); /* a record holds no lists */

    if (schema == NULL || schema->size > sizeof room)
        return cy_fail(CY_E_NOT_DUTY, 4);
    if (!concerns(plan, &whose))
        return cy_fail(CY_E_NOT_DUTY, 2);
    CY_TRY(cy_bridge_root_of(plan, &m->realm, m->root, &root));
    memset(room, 0, sizeof room);
    CY_TRY(cy_decode(schema, m->value, &nothing, room));
    if (!cy_duty_binds(schema, room, &m->passport))
        return cy_fail(CY_E_NOT_DUTY, 5);
    key.key = cy_state_key(schema, room);
    known = CY_READ(plan, foreign_duty, &key);
    if (known != NULL && m->root <= known->root)
        return cy_fail(CY_E_PROOF_OLDER, 3);
    CY_TRY(m->gone ? is_gone(root, m, schema, room, known)
                   : cy_foreign_record(&root->state_root, schema, room, m->proof));
    record = CY_EDIT(plan, foreign_duty, &key);
    record->record = m->record;
    record->digest = cy_sha256(m->value);
    record->root = m->root;
    record->gone = m->gone;
    record->seen = ctx->now;
    if (record->since == 0)
        record->since = ctx->now;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_exit_claim,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_USUAL,  true,  1, claim  },
    {&cy_schema_exit_contest, CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_ALWAYS, false, 1, contest},
    {&cy_schema_exit_settle,  CY_WHO_PASSPORT, CY_RISK_MEDIUM, CY_GATE_USUAL,  false, 2, settle },
    {&cy_schema_exit_moved,   CY_WHO_PASSPORT, CY_RISK_HIGH,   CY_GATE_ALWAYS, false, 2, moved  },
    {&cy_schema_exit_duty,    CY_WHO_PASSPORT, CY_RISK_LOW,    CY_GATE_ALWAYS, false, 1, duty   },
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_foreign_claim, 1u << 14, false},
    {&cy_schema_foreign_duty,  1u << 15, false},
};

const struct cy_institution cy_claims_abroad = {
    .name = "claim",
    .purpose = "arriving without the old operator's consent, and duties that follow",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

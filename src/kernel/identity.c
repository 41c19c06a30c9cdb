#include "kernel/identity.h"

#include "crypto/ed25519.h"
#include "crypto/hash.h"

/* --- thresholds --- */

/* Whether the shares that signed, but for one left out, meet every clause. */
static bool meets(const uint32_t need[3], const struct cy_key_share *signed_by, uint32_t n,
                  uint32_t left_out)
{
    uint32_t sum[3] = {0, 0, 0};

    for (uint32_t i = 0; i < n; i++) {
        if (i != left_out)
            sum[signed_by[i].clause] += signed_by[i].weight;
    }
    return sum[0] >= need[0] && sum[1] >= need[1] && sum[2] >= need[2];
}

static cy_err exactly_enough(const uint32_t need[3], const struct cy_key_share *signed_by,
                             uint32_t n)
{
    if (!meets(need, signed_by, n, UINT32_MAX))
        return cy_fail(CY_E_THRESHOLD, n);
    for (uint32_t i = 0; n > 1 && i < n; i++) {
        if (meets(need, signed_by, n, i))
            return cy_fail(CY_E_SURPLUS_SIGNATURE, i);
    }
    return CY_OK;
}

cy_err cy_identity_signed(const struct cy_envelope *envelope, const struct cy_key_set *keys)
{
    const uint32_t need[3] = {keys->need[0], keys->need[1], keys->need[2]};
    struct cy_key_share signed_by[CY_SIGNERS_MAX];

    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        uint32_t k = 0;

        while (k < keys->n && !cy_id_eq(&keys->keys[k].key, &envelope->signers[i].key))
            k++;
        if (k == keys->n)
            return cy_fail(CY_E_WRONG_KEY, i);
        signed_by[i] = keys->keys[k];
    }
    return exactly_enough(need, signed_by, envelope->n_signers);
}

/* --- who signed --- */

cy_err cy_identity_holds(struct cy_plan *plan, const struct cy_envelope *envelope,
                         const struct cy_passport *passport)
{
    const uint32_t need[3] = {passport->need_0, passport->need_1, passport->need_2};
    struct cy_key_share signed_by[CY_SIGNERS_MAX];

    for (uint32_t i = 0; i < envelope->n_signers; i++) {
        struct {
            struct cy_id passport;
            struct cy_id key;
        } key = {passport->id, envelope->signers[i].key};
        const struct cy_control *control = CY_READ(plan, control, &key);

        if (control == NULL)
            return cy_fail(CY_E_WRONG_KEY, i);
        if (control->generation != passport->generation)
            return cy_fail(CY_E_RETIRED_KEY, i);
        signed_by[i] = (struct cy_key_share){control->key, control->clause, control->weight};
    }
    return exactly_enough(need, signed_by, envelope->n_signers);
}

static struct cy_key_set rotation_keys(const struct cy_passport_rotate *m)
{
    return (struct cy_key_set){
        m->keys, m->n_keys, {m->need_0, m->need_1, m->need_2}
    };
}

cy_err cy_identity_active(struct cy_plan *plan, const struct cy_id *id,
                          const struct cy_passport **passport)
{
    *passport = CY_READ(plan, passport, id);
    if (*passport == NULL)
        return cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
    if ((*passport)->standing != CY_standing_ACTIVE)
        return cy_fail(CY_E_RETIRED_PASSPORT, 0);
    return CY_OK;
}

/* Whether the signer is a seat, on the roll, that speaks for itself in the realm's name. */
static bool signed_by_seat(struct cy_plan *plan, const struct cy_envelope *envelope,
                           const struct cy_id *realm)
{
    const struct cy_seat_key *key = NULL;

    if (!cy_id_eq(&envelope->claims.author, realm) || !cy_id_none(&envelope->claims.subject) ||
        envelope->n_signers != 1)
        return false;
    key = CY_READ(plan, seat_key, &envelope->signers[0].key);
    return key != NULL && key->purpose == CY_seat_purpose_ACT && key->until == 0;
}

static cy_err check_seat(struct cy_ctx *ctx, struct cy_plan *plan)
{
    if (CY_READ(plan, agreement, &(uint64_t){1}) == NULL)
        return cy_fail(CY_E_NOT_FEDERATION, 0);
    return signed_by_seat(plan, ctx->envelope, &ctx->realm) ? CY_OK : cy_fail(CY_E_NOT_SEATED, 0);
}

cy_err cy_identity_check(struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_act *act,
                         enum cy_who who)
{
    const struct cy_claims *claims = &act->envelope.claims;

    if (who == CY_WHO_INCEPTION) {
        if (!cy_id_none(&claims->author) || !cy_id_none(&claims->subject))
            return cy_fail(CY_E_BAD_ENVELOPE, 0); /* nobody can be the author of its own birth */
        ctx->author = act->id;
        ctx->actor = act->id;
        ctx->holder = NULL;
        return CY_OK; /* the rule checks the signers against the keys it is about to record */
    }
    if (who == CY_WHO_SEAT)
        CY_TRY(check_seat(ctx, plan));
    if (who == CY_WHO_ANYBODY && signed_by_seat(plan, &act->envelope, &ctx->realm))
        who = CY_WHO_SEAT;
    ctx->actor = claims->author;
    ctx->author = cy_id_none(&claims->subject) ? claims->author : claims->subject;
    CY_TRY(cy_identity_active(plan, &ctx->actor, &ctx->holder));
    if (who == CY_WHO_ROTATION) {
        const struct cy_key_set keys = rotation_keys(act->any.message);

        if (!cy_id_none(&claims->subject))
            return cy_fail(CY_E_NOT_ALLOWED, 0);
        return cy_identity_signed(&act->envelope, &keys);
    }
    if (who == CY_WHO_SEAT)
        return CY_OK;
    CY_TRY(cy_identity_holds(plan, &act->envelope, ctx->holder));
    if (!cy_id_eq(&ctx->actor, &ctx->author))
        CY_TRY(cy_identity_active(plan, &ctx->author, &ctx->holder));
    if (who == CY_WHO_OPERATOR && !cy_id_eq(&ctx->author, &ctx->realm))
        return cy_fail(CY_E_NOT_OPERATOR, 0);
    return CY_OK;
}

/* --- keys on record --- */

static cy_err possible(const struct cy_key_set *set)
{
    uint32_t sum[3] = {0, 0, 0};

    for (uint32_t i = 0; i < set->n; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (cy_id_eq(&set->keys[i].key, &set->keys[j].key))
                return cy_fail(CY_E_EXISTS, i);
        }
        sum[set->keys[i].clause] += set->keys[i].weight;
    }
    for (uint32_t c = 0; c < 3; c++) {
        if (sum[c] < set->need[c])
            return cy_fail(CY_E_THRESHOLD_IMPOSSIBLE, c);
    }
    return CY_OK;
}

/* From here on this set of keys holds. */
static void record_turn(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                        uint32_t generation)
{
    struct {
        struct cy_id passport;
        uint64_t generation;
    } turn = {*id, generation};
    struct cy_rotation *rotation = CY_EDIT(plan, rotation, &turn);

    rotation->since = ctx->now;
    rotation->act = *cy_ctx_id(ctx);
}

static cy_err record_keys(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                          uint32_t generation, const struct cy_key_set *set)
{
    CY_TRY(possible(set));
    for (uint32_t i = 0; i < set->n; i++) {
        struct {
            struct cy_id passport;
            struct cy_id key;
        } key = {*id, set->keys[i].key};
        struct cy_control *control = NULL;

        if (CY_READ(plan, control, &key) != NULL)
            return cy_fail(CY_E_KEY_REUSED, i);
        if (!cy_ok(cy_ed25519_admit(&set->keys[i].key)))
            return cy_fail(CY_E_BAD_KEY, i);
        control = CY_EDIT(plan, control, &key);
        control->generation = generation;
        control->clause = set->keys[i].clause;
        control->weight = set->keys[i].weight;
        control->since = ctx->now;
    }
    record_turn(ctx, plan, id, generation);
    return CY_OK;
}

cy_err cy_identity_renew(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *id,
                         const struct cy_key_set *set)
{
    struct cy_passport *p = CY_EDIT(plan, passport, id);

    CY_TRY(possible(set));
    p->generation++;
    p->need_0 = set->need[0];
    p->need_1 = set->need[1];
    p->need_2 = set->need[2];
    for (uint32_t i = 0; i < set->n; i++) {
        struct {
            struct cy_id passport;
            struct cy_id key;
        } key = {*id, set->keys[i].key};
        struct cy_control *control = CY_EDIT(plan, control, &key);

        control->since = control->since == 0 ? ctx->now : control->since;
        control->generation = p->generation;
        control->clause = set->keys[i].clause;
        control->weight = set->keys[i].weight;
    }
    record_turn(ctx, plan, id, p->generation);
    return CY_OK;
}

struct cy_id cy_identity_next(const struct cy_key_set *set)
{
    const struct cy_passport_rotate m = {.keys = set->keys,
                                         .n_keys = set->n,
                                         .need_0 = set->need[0],
                                         .need_1 = set->need[1],
                                         .need_2 = set->need[2]};
    uint8_t bytes[2048]; /* 16 keys of 42 bytes and the rest */
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    const cy_err err = cy_encode_act(&cy_schema_passport_rotate, &m, &out);

    return cy_ok(err) ? cy_sha256(cy_cbor_written(&out)) : (struct cy_id){0};
}

cy_err cy_identity_open(const struct cy_ctx *ctx, struct cy_plan *plan,
                        const struct cy_passport *passport, const struct cy_key_set *keys)
{
    struct cy_passport *p = NULL;

    if (CY_READ(plan, passport, &passport->id) != NULL)
        return cy_fail(CY_E_EXISTS, 0);
    CY_TRY(record_keys(ctx, plan, &passport->id, 1, keys));
    p = CY_EDIT(plan, passport, &passport->id);
    *p = *passport;
    p->standing = CY_standing_ACTIVE;
    p->generation = 1;
    p->need_0 = keys->need[0];
    p->need_1 = keys->need[1];
    p->need_2 = keys->need[2];
    p->since = ctx->now;
    if (!cy_id_none(&passport->controller))
        CY_EDIT(plan, controlled, &passport->id)->by = passport->controller;
    return CY_OK;
}

/* --- acts --- */

/* Takes the signers apart: those with keys of the set, and the others. */
static void part_signers(const struct cy_envelope *all, const struct cy_key_set *keys,
                         struct cy_envelope *own, struct cy_envelope *others)
{
    *own = *all;
    *others = *all;
    own->n_signers = 0;
    others->n_signers = 0;
    for (uint32_t i = 0; i < all->n_signers; i++) {
        uint32_t k = 0;

        while (k < keys->n && !cy_id_eq(&keys->keys[k].key, &all->signers[i].key))
            k++;
        if (k < keys->n)
            own->signers[own->n_signers++] = all->signers[i];
        else
            others->signers[others->n_signers++] = all->signers[i];
    }
}

/* The new keys signed, and whoever must vouch for the passport: its controller, who answers for
 * it; in a realm that is not open and without one, the operator. */
static cy_err signed_by_new(const struct cy_ctx *ctx, struct cy_plan *plan,
                            const struct cy_id *controller, const struct cy_key_set *keys)
{
    const bool open = cy_param(plan, CY_P_OPEN_PASSPORTS) != 0;
    const struct cy_id *sponsor = cy_id_none(controller) ? &ctx->realm : controller;
    const struct cy_passport *passport = NULL;
    struct cy_envelope own;
    struct cy_envelope others;

    if (open && cy_id_none(controller))
        return cy_identity_signed(ctx->envelope, keys);
    CY_TRY(cy_identity_active(plan, sponsor, &passport));
    part_signers(ctx->envelope, keys, &own, &others);
    CY_TRY(cy_identity_signed(&own, keys));
    if (others.n_signers == 0)
        return cy_fail(CY_E_SPONSOR_MISSING, 9);
    return cy_identity_holds(plan, &others, passport);
}

/* The last eighth of a table of keys is for rotations: a crowd of newcomers must not take the room
 * in which others replace stolen keys. */
static bool crowded(const struct cy_plan *plan, uint32_t record)
{
    const struct cy_table *table = &cy_world_table_of(plan->world, record)->table;

    return table->n >= table->limit - table->limit / 8;
}

static cy_err create(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_passport_create *m = message;
    const struct cy_key_set keys = {
        m->keys, m->n_keys, {m->need_0, m->need_1, m->need_2}
    };
    const struct cy_passport passport = {
        .id = *cy_ctx_id(ctx),
        .kind = m->kind,
        .name = m->name,
        .next = m->next,
        .box_key = m->box_key,
        .controller = m->controller,
        .jurisdiction = m->jurisdiction,
        .residency = m->residency,
        .model = m->model,
        .scale = m->scale,
        .autonomy = m->autonomy,
        .replication = m->replication,
        .externality = m->externality,
    };

    if (m->kind == CY_kind_REALM)
        return cy_fail(CY_E_NOT_ALLOWED, 1); /* a realm's passport is its genesis */
    CY_TRY(signed_by_new(ctx, plan, &m->controller, &keys));
    if (crowded(plan, CY_R_control) || crowded(plan, CY_R_rotation))
        return cy_fail(CY_E_NO_ROOM, 0);
    return cy_identity_open(ctx, plan, &passport, &keys);
}

static cy_err rotate(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_passport_rotate *m = message;
    const struct cy_key_set keys = rotation_keys(m);
    const struct cy_id digest = cy_identity_next(&keys);
    struct cy_passport *p = NULL;

    if (cy_id_none(&ctx->holder->next))
        return cy_fail(CY_E_NO_NEXT, 0);
    if (!cy_id_eq(&ctx->holder->next, &digest))
        return cy_fail(CY_E_NEXT_MISMATCH, 0);
    CY_TRY(record_keys(ctx, plan, &ctx->author, ctx->holder->generation + 1, &keys));
    p = CY_EDIT(plan, passport, &ctx->author);
    p->generation++;
    p->need_0 = m->need_0;
    p->need_1 = m->need_1;
    p->need_2 = m->need_2;
    p->next = m->next;
    return CY_OK;
}

static cy_err retire(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    (void)message;
    if (cy_id_eq(&ctx->author, &ctx->realm))
        return cy_fail(CY_E_IN_USE,
                       0); /* a realm ends by exit of its members, not by a signature */
    CY_EDIT(plan, passport, &ctx->author)->standing = CY_standing_RETIRED;
    return CY_OK;
}

static cy_err attest(const struct cy_ctx *ctx, struct cy_plan *plan, const void *message)
{
    const struct cy_passport_attest *m = message;
    const struct cy_passport *passport = NULL;
    struct {
        struct cy_label scheme;
        struct cy_label value;
    } key = {m->scheme, m->value};
    struct cy_attestation *a = NULL;

    CY_TRY(cy_identity_active(plan, &m->passport, &passport));
    if (CY_READ(plan, attestation, &key) != NULL)
        return cy_fail(CY_E_EXISTS, 0);
    a = CY_EDIT(plan, attestation, &key);
    a->passport = m->passport;
    a->by = ctx->author;
    a->since = ctx->now;
    return CY_OK;
}

static const struct cy_act_row acts[] = {
    {&cy_schema_passport_create, CY_WHO_INCEPTION, CY_RISK_LOW,    CY_GATE_USUAL,  true,  19, create},
    {&cy_schema_passport_rotate, CY_WHO_ROTATION,  CY_RISK_MEDIUM, CY_GATE_ALWAYS, true,  18, rotate},
    {&cy_schema_passport_retire, CY_WHO_PASSPORT,  CY_RISK_MEDIUM, CY_GATE_ALWAYS, true,  1,  retire},
    {&cy_schema_passport_attest, CY_WHO_OPERATOR,  CY_RISK_MEDIUM, CY_GATE_POWER,  false, 1,  attest},
};

static const struct cy_table_spec tables[] = {
    {&cy_schema_passport,    1u << 16, false},
    {&cy_schema_control,     1u << 17, false},
    {&cy_schema_rotation,    1u << 17, false},
    {&cy_schema_attestation, 1u << 16, false},
    {&cy_schema_controlled,  1u << 16, false},
};

const struct cy_institution cy_identity = {
    .name = "identity",
    .purpose = "passports, their keys and their codes",
    .acts = acts,
    .n_acts = CY_COUNT(acts),
    .tables = tables,
    .n_tables = CY_COUNT(tables),
};

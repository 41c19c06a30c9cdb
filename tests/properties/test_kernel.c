/* kernel: laws that hold for any acts: random acts of every kind by real parties, with ids from the
 * world so that many of them are accepted.
 *
 *   every asset is conserved; a refusal leaves every byte of the world as it was; two engines that
 *   take the accepted acts alone end in the same state; acts do the same singly and in batches of
 *   any size; what a batch refuses is as if it had not been there. */
#include "gen.h"
#include "unit/kernel/money.h"

#include "crypto/hash.h"

enum { PARTIES = 7, STEPS = 6000, ROOM = 4 << 20 };

static _Alignas(16) uint8_t room[ROOM];

/* --- what the world is --- */

/* The state of one table, in whatever order its records lie. */
static struct cy_id state_of(const struct cy_world *world, uint32_t record)
{
    const struct cy_schema *schema = cy_world_table_of(world, record)->spec->schema;
    uint8_t bytes[CY_STATE_VALUE_MAX];
    struct cy_id sum = {{0}};

    for (uint32_t i = 0; i < cy_world_count(world, record); i++) {
        const void *at = cy_world_at(world, record, i);
        const struct cy_id one = cy_sha256(cy_state_value(schema, at, bytes));

        for (unsigned b = 0; b < 32; b++)
            sum.b[b] ^= one.b[b];
    }
    return sum;
}

static void same_table(const struct rig *a, const struct rig *b, uint32_t record)
{
    const struct cy_id left = state_of(&a->engine.world, record);
    const struct cy_id right = state_of(&b->engine.world, record);

    assert_int_equal(cy_world_count(&a->engine.world, record),
                     cy_world_count(&b->engine.world, record));
    if (!cy_id_eq(&left, &right))
        fail_msg("%s differs", cy_schema_record(record)->name);
}

/* --- random acts that fit the world --- */

/* A random record's id; one of nothing when there is no record. */
static struct cy_id one_of(struct gen *gen, const struct rig *rig, uint32_t record)
{
    const uint32_t count = cy_world_count(&rig->engine.world, record);
    struct cy_id id = rig->key[gen_draw(gen, RIG_KEYS)];

    if (count > 0)
        memcpy(&id, cy_world_at(&rig->engine.world, record, (uint32_t)gen_draw(gen, count)), 32);
    return id;
}

/* An account of passport n, mostly. */
static struct cy_id account_of(struct gen *gen, const struct rig *rig, unsigned n)
{
    struct cy_id id = {{0}};

    for (unsigned tries = 0; tries < 24; tries++) {
        id = one_of(gen, rig, CY_R_account);
        if (cy_id_eq(&CY_GET(&rig->engine.world, account, &id)->owner, &rig->id[n]))
            break;
    }
    return id;
}

static bool called(const struct cy_field *f, const char *name)
{
    return strcmp(f->name, name) == 0;
}

static void fit(struct gen *gen, const struct rig *rig, unsigned n, const struct cy_schema *schema,
                uint8_t *at);

/* An id of what the field's name says it names. */
static struct cy_id id_for(struct gen *gen, const struct rig *rig, unsigned n,
                           const struct cy_field *f)
{
    if (called(f, "account") || called(f, "from"))
        return account_of(gen, rig, n);
    if (called(f, "asset") || called(f, "bond_asset"))
        return one_of(gen, rig, CY_R_asset);
    if (called(f, "bond"))
        return one_of(gen, rig, CY_R_bond);
    if (called(f, "evidence"))
        return one_of(gen, rig, CY_R_evidence);
    if (called(f, "upload"))
        return one_of(gen, rig, CY_R_upload);
    if (called(f, "digest") && gen_one_in(gen, 2))
        return one_of(gen, rig, gen_one_in(gen, 2) ? CY_R_blob : CY_R_evidence);
    if (called(f, "key") || called(f, "next") || called(f, "digest") || called(f, "log_key"))
        return rig->key[gen_draw(gen, RIG_KEYS)];
    return rig->id[gen_draw(gen, PARTIES)];
}

static void fit_field(struct gen *gen, const struct rig *rig, unsigned n, const struct cy_field *f,
                      uint8_t *message)
{
    uint8_t *at = message + f->at;
    uint8_t *list = NULL;
    uint32_t count = 0;

    switch ((int)f->type) {
    case CY_T_id:
        if (!cy_id_none((struct cy_id *)(void *)at) && !gen_one_in(gen, 8))
            *(struct cy_id *)(void *)at = id_for(gen, rig, n, f);
        return;
    case CY_T_amount:
        if (!gen_one_in(gen, 8))
            *(cy_u128 *)(void *)at = f->least + gen_draw(gen, 100);
        return;
    case CY_T_time:
        if (!gen_one_in(gen, 8))
            *(uint64_t *)(void *)at = rig->now + gen_draw(gen, 20000);
        return;
    case CY_T_u64:
        if (called(f, "lift_ms") || called(f, "cool_ms") || called(f, "window_ms"))
            *(uint64_t *)(void *)at = gen_draw(gen, 5000);
        return;
    case CY_T_u16:
        if (called(f, "covers"))
            *(uint16_t *)(void *)at = (uint16_t)gen_draw(gen, 0x44);
        return;
    case CY_T_u32:
        if (called(f, "number"))
            *(uint32_t *)(void *)at = (uint32_t)gen_draw(gen, 3);
        return;
    case CY_T_list:
    case CY_T_acts:
        memcpy(&list, message + f->at, sizeof list);
        memcpy(&count, message + f->n_at, sizeof count);
        for (uint32_t i = 0; i < count; i++) {
            if (f->type == CY_T_list) {
                fit(gen, rig, n, f->item, list + i * f->item->size);
                continue;
            }
            const struct cy_any *any = (const struct cy_any *)(const void *)list + i;

            fit(gen, rig, n, any->schema, (uint8_t *)any->message);
        }
        return;
    default: return;
    }
}

static void fit(struct gen *gen, const struct rig *rig, unsigned n, const struct cy_schema *schema,
                uint8_t *at)
{
    for (size_t i = 0; i < schema->n_fields; i++)
        fit_field(gen, rig, n, &schema->fields[i], at);
}

/* A schema of the kernel; what ends a party or binds it for good comes seldom. */
static const struct cy_schema *some_act(struct gen *gen, const struct rig *rig)
{
    static const uint32_t usual[] = {CY_M_transfer,    CY_M_transfer,        CY_M_bond_post,
                                     CY_M_bond_cool,   CY_M_bond_withdraw,   CY_M_bond_slash,
                                     CY_M_asset_issue, CY_M_evidence_record, CY_M_batch,
                                     CY_M_part,        CY_M_constrain_lift};

    for (;;) {
        const uint32_t number = gen_one_in(gen, 2) ? usual[gen_draw(gen, CY_COUNT(usual))]
                                                   : (uint32_t)gen_draw(gen, 0x50);

        if (cy_engine_row(&rig->engine, number) == NULL)
            continue;
        if (number == CY_M_passport_retire && !gen_one_in(gen, 40))
            continue;
        if ((number == CY_M_constrain || number == CY_M_rules_set) && !gen_one_in(gen, 2))
            continue;
        return cy_schema_act(number);
    }
}

static struct rig *world_of_parties(void)
{
    struct rig *rig = rig_new(NULL, 0);

    for (unsigned n = 1; n < PARTIES; n++)
        rig_passport(rig, n, CY_kind_COMPANY, "party");
    for (unsigned i = 0; i < 2; i++) {
        const struct cy_id asset = money_new(rig, i, "CRD");

        for (unsigned n = 0; n < PARTIES; n++)
            (void)money_give(rig, i, n, asset, 1000);
    }
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("upload_bond"), .value = 0));
    return rig;
}

static unsigned party(const struct rig *rig, const struct cy_id *id)
{
    unsigned n = 0;

    while (n < PARTIES - 1 && !cy_id_eq(&rig->id[n], id))
        n++;
    return n;
}

/* One of the four phases of a transfer, by whoever may. */
static void some_transfer(struct gen *gen, const struct rig *rig, unsigned n, struct cy_transfer *m)
{
    *m = (struct cy_transfer){.phase = (uint8_t)gen_draw(gen, 4)};
    if (m->phase == CY_phase_POST || m->phase == CY_phase_VOID) {
        m->pending = one_of(gen, rig, CY_R_pending);
        if (m->phase == CY_phase_POST)
            m->amount = gen_draw(gen, 20);
        return;
    }
    m->from = account_of(gen, rig, n);
    for (unsigned tries = 0; tries < 8; tries++) {
        m->to = one_of(gen, rig, CY_R_account);
        if (cy_id_eq(&CY_GET(&rig->engine.world, account, &m->to)->asset,
                     &CY_GET(&rig->engine.world, account, &m->from)->asset))
            break;
    }
    m->amount = 1 + gen_draw(gen, 60);
    if (m->phase == CY_phase_PENDING && gen_one_in(gen, 2))
        m->expires = rig->now + 1 + gen_draw(gen, 3000);
}

/* A bound whose fields fit its kind. */
static void some_bound(struct gen *gen, const struct rig *rig, struct cy_constrain *m)
{
    m->kind = (uint8_t)(CY_constraint_kind_SPEND_SINGLE + gen_draw(gen, 2));
    m->covers = 0;
    m->venue = (struct cy_id){{0}};
    m->asset = one_of(gen, rig, CY_R_asset);
    m->most = 20 + gen_draw(gen, 100);
    m->window_ms = m->kind == CY_constraint_kind_SPEND_WINDOW ? 1 + gen_draw(gen, 5000) : 0;
    m->lift_ms = gen_draw(gen, 2000);
}

/* The next part of some upload: every input is the same two parts. */
static void some_part(struct gen *gen, const struct rig *rig, struct cy_any *any, unsigned *n)
{
    static const uint8_t body[] = "ten bytes.";
    const struct cy_span part = cy_span_of(body, 10);
    const struct cy_id none = {{0}};
    const struct cy_id first = cy_upload_chain(&none, part);

    if (any->schema == &cy_schema_part_open) {
        *(struct cy_part_open *)any->message =
            (struct cy_part_open){.digest = cy_upload_chain(&first, part), .bytes = 20, .parts = 2};
    } else if (any->schema == &cy_schema_part) {
        struct cy_part *m = (struct cy_part *)any->message;
        const struct cy_upload *upload = NULL;

        m->upload = one_of(gen, rig, CY_R_upload);
        upload = CY_GET(&rig->engine.world, upload, &m->upload);
        m->position = upload == NULL ? 0 : upload->parts_have;
        m->body = part;
        if (upload != NULL)
            *n = party(rig, &upload->by);
    }
}

/* Offices of one name. */
static void some_office(const struct rig *rig, struct cy_any *any)
{
    if (any->schema == &cy_schema_mantle_create) {
        struct cy_mantle_create *m = (struct cy_mantle_create *)any->message;

        m->role = rig_label("judge");
        m->term_ms_most = 30000;
        m->bond_least = 0;
        m->bond_asset = (struct cy_id){{0}};
    } else if (any->schema == &cy_schema_mantle_grant) {
        struct cy_mantle_grant *m = (struct cy_mantle_grant *)any->message;

        m->role = rig_label("judge");
        m->until = rig->now + 3000;
        m->bond = (struct cy_id){{0}};
    } else if (any->schema == &cy_schema_mantle_end) {
        ((struct cy_mantle_end *)any->message)->role = rig_label("judge");
    }
}

/* What the act is about, so that whoever may do it does it. */
static void about(struct gen *gen, const struct rig *rig, struct cy_any *any, unsigned *n)
{
    const struct cy_bond *bond = NULL;
    struct cy_id id = one_of(gen, rig, CY_R_bond);

    if (any->schema == &cy_schema_transfer)
        some_transfer(gen, rig, *n, (struct cy_transfer *)any->message);
    if (any->schema == &cy_schema_constrain)
        some_bound(gen, rig, (struct cy_constrain *)any->message);
    if (any->schema == &cy_schema_constrain_lift &&
        cy_world_count(&rig->engine.world, CY_R_constraint) > 0) {
        const uint32_t count = cy_world_count(&rig->engine.world, CY_R_constraint);
        const struct cy_constraint *bound =
            cy_world_at(&rig->engine.world, CY_R_constraint, (uint32_t)gen_draw(gen, count));

        *(struct cy_constrain_lift *)any->message = (struct cy_constrain_lift){
            .kind = (uint8_t)bound->kind, .covers = (uint16_t)bound->act, .asset = bound->asset};
        *n = party(rig, &bound->passport);
    }
    if (any->schema == &cy_schema_asset_issue) {
        struct cy_asset_issue *m = (struct cy_asset_issue *)any->message;

        m->asset = CY_GET(&rig->engine.world, account, &m->account) != NULL
                       ? CY_GET(&rig->engine.world, account, &m->account)->asset
                       : m->asset;
        *n = (unsigned)gen_draw(gen, 2); /* the two who issued from the start */
    }
    some_part(gen, rig, any, n);
    some_office(rig, any);
    bond = CY_GET(&rig->engine.world, bond, &id);
    if (bond == NULL)
        return;
    if (any->schema == &cy_schema_bond_cool || any->schema == &cy_schema_bond_withdraw) {
        ((struct cy_bond_cool *)any->message)->bond = id; /* the two are alike */
        *n = party(rig, &bond->owner);
    } else if (any->schema == &cy_schema_evidence_record && gen_one_in(gen, 2)) {
        ((struct cy_evidence_record *)any->message)->about = bond->owner;
        ((struct cy_evidence_record *)any->message)->bundle = cy_span_of(NULL, 0);
    } else if (any->schema == &cy_schema_bond_slash) {
        struct cy_bond_slash *m = (struct cy_bond_slash *)any->message;

        m->bond = id;
        m->amount = 1 + gen_draw(gen, 30);
        *n = party(rig, &bond->beneficiary);
        m->to = cy_account_id(&bond->beneficiary, &bond->asset, 0);
        for (unsigned tries = 0; tries < 20; tries++) {
            m->evidence = one_of(gen, rig, CY_R_evidence);
            const struct cy_evidence *evidence = CY_GET(&rig->engine.world, evidence, &m->evidence);

            if (evidence != NULL && cy_id_eq(&evidence->about, &bond->owner))
                break;
        }
    }
}

/* Sends one random act; its bytes stand in rig->act. */
static cy_err step(struct gen *gen, struct rig *rig)
{
    const struct cy_schema *schema = some_act(gen, rig);
    unsigned n = (unsigned)gen_draw(gen, PARTIES);
    struct cy_claims claims;
    struct cy_any any;

    gen->arena->used = 0;
    any = gen_act(gen, schema);
    fit(gen, rig, n, any.schema, (uint8_t *)any.message);
    if (!gen_one_in(gen, 8))
        about(gen, rig, &any, &n);
    if (schema == &cy_schema_tick)
        ((struct cy_tick *)any.message)->now = rig->now + gen_draw(gen, 2000);
    if (cy_engine_row(&rig->engine, schema->number)->who == CY_WHO_OPERATOR && !gen_one_in(gen, 4))
        n = 0;
    claims = rig_claims(rig, n);
    if (schema == &cy_schema_rules_set)
        ((struct cy_rules_set *)any.message)->version = 1;
    if (gen_one_in(gen, 12))
        claims.subject = rig->id[gen_draw(gen, PARTIES)];
    if (schema == &cy_schema_passport_create || schema == &cy_schema_genesis)
        claims.author = (struct cy_id){{0}};
    return rig_send(rig, rig_build(rig, &claims, any.schema, any.message, &n, 1));
}

/* --- the laws --- */

static void conserved_traceless_deterministic(void **state)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct gen gen = gen_on(20260101, &arena);
    struct rig *rig = world_of_parties();
    struct rig *twin = world_of_parties(); /* hears of the accepted acts only */
    unsigned accepted[0x50] = {0};
    unsigned refused = 0;

    (void)state;
    for (unsigned i = 0; i < STEPS; i++) {
        const struct cy_id before = rig_world_bytes(&rig->engine.world);
        const cy_err err = step(&gen, rig);
        const struct cy_id after = rig_world_bytes(&rig->engine.world);

        if (cy_ok(err)) {
            struct cy_act act;
            struct cy_arena scratch = cy_arena_on(room, sizeof room);

            assert_false(cy_id_eq(&before, &after)); /* at least the count of acts */
            assert_ok(rig_send(twin, rig->act));
            assert_ok(cy_act_open(rig->act, &scratch, &act));
            accepted[act.any.schema->number]++;
            rig->now = cy_engine_realm(&rig->engine)->now;
        } else {
            assert_memory_equal(&before, &after, 32);
            refused++;
        }
        if (i % 100 == 0)
            money_conserved(&rig->engine.world);
    }
    money_conserved(&rig->engine.world);
    for (uint32_t t = 0; t < rig->engine.world.n_tables; t++)
        same_table(rig, twin, rig->engine.world.tables[t].spec->schema->number);
    for (unsigned n = 0; n < 0x50; n++) {
        if (accepted[n] > 0)
            print_message("%5u %s\n", accepted[n], cy_schema_act(n)->name);
    }
    print_message("%5u refused\n", refused);
    assert_true(accepted[CY_M_transfer] > 100);
    assert_true(accepted[CY_M_bond_post] > 50);
    assert_true(accepted[CY_M_bond_slash] > 0);
    assert_true(accepted[CY_M_batch] > 10);
    assert_true(accepted[CY_M_constrain] > 3);
    assert_true(accepted[CY_M_constrain_lift] > 3);
    assert_true(accepted[CY_M_part] > 10);
    assert_true(accepted[CY_M_mantle_grant] > 3);
    assert_true(refused > STEPS / 10);
    rig_free(rig);
    rig_free(twin);
}

/* Acts whose effects do not depend on their ids or place, so that they can be told apart only by
 * what they do. */
static unsigned some_plain_acts(struct gen *gen, const struct rig *rig, unsigned n,
                                struct cy_any *acts, unsigned max)
{
    static const uint32_t plain[] = {CY_M_account_open, CY_M_asset_issue,    CY_M_asset_retire,
                                     CY_M_constrain,    CY_M_constrain_lift, CY_M_blob_hold,
                                     CY_M_blob_erase,   CY_M_grant,          CY_M_grant_revoke,
                                     CY_M_transfer,     CY_M_transfer,       CY_M_transfer,
                                     CY_M_transfer};
    unsigned count = 0;

    gen->arena->used = 0;
    while (count < max) {
        const uint32_t number = plain[gen_draw(gen, CY_COUNT(plain))];

        acts[count] = gen_act(gen, cy_schema_act(number));
        fit(gen, rig, n, acts[count].schema, (uint8_t *)acts[count].message);
        if (number == CY_M_constrain) /* giving acts up would end the story */
            some_bound(gen, rig, (struct cy_constrain *)acts[count].message);
        if (number == CY_M_transfer) {
            struct cy_transfer *m = (struct cy_transfer *)acts[count].message;

            do {
                some_transfer(gen, rig, n, m);
            } while (m->phase != CY_phase_SINGLE);
        }
        count++;
    }
    return count;
}

static void same_rules(const struct rig *a, const struct rig *b)
{
    static const uint32_t records[] = {CY_R_asset, CY_R_account,     CY_R_constraint,
                                       CY_R_blob,  CY_R_blob_reader, CY_R_delegation};

    for (size_t i = 0; i < CY_COUNT(records); i++)
        same_table(a, b, records[i]);
}

static void batches_of_any_size(void **state)
{
    enum { N = 48 };
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct gen gen = gen_on(7, &arena);
    struct rig *singly = world_of_parties();
    struct rig *batched = world_of_parties();
    struct rig *accepted_only = world_of_parties();
    struct cy_any acts[N];
    struct cy_any good[N];
    unsigned refused = 0;
    unsigned done = 0;

    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        const unsigned n = (unsigned)gen_draw(&gen, PARTIES);
        const unsigned count = some_plain_acts(&gen, singly, n, acts, N);
        unsigned n_good = 0;

        for (unsigned i = 0; i < count; i++) {
            const cy_err err = rig_do(singly, n, acts[i].schema, acts[i].message);

            refused += !cy_ok(err);
            done += cy_ok(err);
            if (cy_ok(err))
                good[n_good++] = acts[i];
        }
        for (unsigned i = 0; i < count;) {
            const unsigned left = count - i;
            const unsigned take = 1 + (unsigned)gen_draw(&gen, left);
            const cy_err err = RIG_DO(batched, n, batch, .mode = CY_batch_mode_EACH,
                                      .acts = acts + i, .n_acts = take);

            if (!cy_ok(err))
                assert_true(take == 1 || err.code == CY_E_ALL_REFUSED);
            i += take;
        }
        if (n_good > 0) /* nothing is left that could be refused */
            assert_ok(RIG_DO(accepted_only, n, batch, .acts = good, .n_acts = n_good));
        same_rules(singly, batched);
        same_rules(singly, accepted_only);
        rig_tick(singly, 700);
        rig_tick(batched, 700);
        rig_tick(accepted_only, 700);
        money_conserved(&batched->engine.world);
    }
    print_message("%u accepted, %u refused\n", done, refused);
    assert_true(done > 300);
    assert_true(refused > 300);
    rig_free(singly);
    rig_free(batched);
    rig_free(accepted_only);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conserved_traceless_deterministic),
        cmocka_unit_test(batches_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

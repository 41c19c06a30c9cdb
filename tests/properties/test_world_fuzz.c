/* world: long random histories over kernel and alliances, by parties of one world, with ids, dates
 * and words from it, so that many acts are accepted and all the others come close.
 *
 *   no act crashes the engine, in tables with room or without; a refusal leaves every byte as it
 *   was; units are conserved; counts equal recounts, sums of votes equal ballots, uses of bonds
 *   equal what they secure; the state tree hears of every change; a world copied record by record
 *   goes on like the one it was copied from. */
#include "gen.h"
#include "unit/institutions/alliance/league.h"
#include "unit/institutions/alliance/recount.h"

#include "crypto/hash.h"

#include <stdlib.h>

enum { PARTIES = LEAGUE_PARTIES, BLOCS = 2, ALL = 1 + PARTIES + BLOCS, ROOM = 8 << 20 };

static _Alignas(16) uint8_t room[ROOM];

/* --- the state tree, kept by hand --- */

enum { LEAVES = 1 << 18 };

struct leaf {
    struct cy_id key;
    struct cy_id value;
};

struct leaves {
    struct leaf at[LEAVES];
    uint32_t n;
};

static struct leaf *leaf_of(struct leaves *leaves, const struct cy_id *key)
{
    uint32_t i = (uint32_t)key->b[0] << 10 | (uint32_t)key->b[1] << 2 | key->b[2] >> 6;

    while (!cy_id_none(&leaves->at[i].key) && !cy_id_eq(&leaves->at[i].key, key))
        i = (i + 1) % LEAVES;
    return &leaves->at[i];
}

static void hear(void *self, const struct cy_state_change *change)
{
    struct leaves *leaves = self;
    struct leaf *leaf = leaf_of(leaves, &change->key);

    assert_true(leaves->n < LEAVES / 2);
    leaves->n += cy_id_none(&leaf->key);
    leaf->key = change->key;
    leaf->value = change->removed ? (struct cy_id){{0}} : change->value;
}

/* What was heard is what there is: nothing missing, nothing stale, nothing more. */
static void heard_everything(struct leaves *leaves, const struct cy_world *world)
{
    uint8_t bytes[CY_STATE_VALUE_MAX];
    uint32_t there = 0;

    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_schema *schema = world->tables[t].spec->schema;

        for (uint32_t i = 0; !world->tables[t].spec->unproven && i < world->tables[t].table.n;
             i++, there++) {
            const void *record = cy_table_at(&world->tables[t].table, i);
            const struct cy_id key = cy_state_key(schema, record);
            const struct cy_id value = cy_sha256(cy_state_value(schema, record, bytes));

            assert_memory_equal(&leaf_of(leaves, &key)->value, &value, 32);
        }
    }
    for (uint32_t i = 0; i < LEAVES; i++)
        there -= !cy_id_none(&leaves->at[i].key) && !cy_id_none(&leaves->at[i].value);
    assert_int_equal(there, 0);
}

/* --- random acts that fit the world --- */

struct story {
    struct gen gen;
    struct rig *rig;
    unsigned by; /* who acts */
};

static struct cy_id one_of(struct story *s, uint32_t record)
{
    const uint32_t count = cy_world_count(&s->rig->engine.world, record);
    struct cy_id id = s->rig->id[gen_draw(&s->gen, ALL)];

    if (count > 0)
        memcpy(&id, cy_world_at(&s->rig->engine.world, record, (uint32_t)gen_draw(&s->gen, count)),
               32);
    return id;
}

static bool called(const struct cy_field *f, const char *name)
{
    return strcmp(f->name, name) == 0;
}

static struct cy_id someone(struct story *s)
{
    return s->rig->id[gen_draw(&s->gen, ALL)];
}

/* A record of the table that belongs to who acts, mostly. */
static struct cy_id own(struct story *s, uint32_t record, size_t owner_at)
{
    struct cy_id id = {{0}};

    for (unsigned tries = 0; tries < 12; tries++) {
        const uint8_t *at = NULL;

        id = one_of(s, record);
        at = cy_world_get(&s->rig->engine.world, record, &id);
        if (at != NULL && memcmp(at + owner_at, &s->rig->id[s->by], 32) == 0)
            break;
    }
    return id;
}

#define OWN_ACCOUNT own(s, CY_R_account, offsetof(struct cy_account, owner))
#define OWN_BOND own(s, CY_R_bond, offsetof(struct cy_bond, owner))

static struct cy_id id_for(struct story *s, const struct cy_schema *schema,
                           const struct cy_field *f)
{
    const bool clause = schema == &cy_schema_charter_clause || schema == &cy_schema_alliance_adopt;

    if (called(f, "alliance") || called(f, "parent") || called(f, "backup") ||
        (called(f, "from") && clause) || (called(f, "beneficiary") && !gen_one_in(&s->gen, 3)))
        return one_of(s, CY_R_alliance);
    if (called(f, "account") || called(f, "from"))
        return OWN_ACCOUNT;
    if (called(f, "to") && (schema == &cy_schema_transfer || schema == &cy_schema_bond_slash ||
                            schema == &cy_schema_alliance_slash))
        return one_of(s, CY_R_account);
    if (called(f, "asset") || called(f, "bond_asset"))
        return one_of(s, CY_R_asset);
    if (called(f, "bond"))
        return gen_one_in(&s->gen, 4) ? one_of(s, CY_R_bond) : OWN_BOND;
    if (called(f, "evidence"))
        return one_of(s, CY_R_evidence);
    if (called(f, "motion"))
        return one_of(s, CY_R_motion);
    if (called(f, "pending"))
        return one_of(s, CY_R_pending);
    if (called(f, "upload"))
        return one_of(s, CY_R_upload);
    if (called(f, "bloc") || called(f, "through"))
        return s->rig->id[1 + PARTIES + gen_draw(&s->gen, BLOCS)];
    if (called(f, "digest") || called(f, "key") || called(f, "next") || called(f, "log_key"))
        return s->rig->key[gen_draw(&s->gen, RIG_KEYS)];
    return someone(s);
}

static void fit(struct story *s, const struct cy_schema *schema, uint8_t *at);

static void fit_list(struct story *s, const struct cy_field *f, uint8_t *message)
{
    uint8_t *list = NULL;
    uint32_t count = 0;

    if ((called(f, "bonds") || called(f, "sponsors")) && f->least == 0 && !gen_one_in(&s->gen, 4))
        memcpy(message + f->n_at, &count, sizeof count);
    memcpy(&list, message + f->at, sizeof list);
    memcpy(&count, message + f->n_at, sizeof count);
    for (uint32_t i = 0; i < count; i++) {
        const struct cy_any *any = (const struct cy_any *)(const void *)list + i;

        if (f->type == CY_T_list)
            fit(s, f->item, list + i * f->item->size);
        else if (any->schema != &cy_schema_batch) /* no lists deeper than the codec reads */
            fit(s, any->schema, (uint8_t *)any->message);
    }
}

static void fit_number(struct story *s, const struct cy_field *f, uint64_t *at)
{
    if (called(f, "lift_ms") || called(f, "cool_ms") || called(f, "window_ms"))
        *at = gen_draw(&s->gen, 5000);
    if (called(f, "term_ms_most"))
        *at = 1 + gen_draw(&s->gen, 100 * (uint64_t)CY_DAY_MS);
}

static void fit_field(struct story *s, const struct cy_schema *schema, const struct cy_field *f,
                      uint8_t *message)
{
    uint8_t *at = message + f->at;

    if (f->type != CY_T_list && f->type != CY_T_acts && gen_one_in(&s->gen, 40))
        return; /* as wild as it was */
    switch ((int)f->type) {
    case CY_T_id:
        if (f->least > 0 || gen_one_in(&s->gen, 3))
            *(struct cy_id *)(void *)at = id_for(s, schema, f);
        else
            memset(at, 0, 32);
        return;
    case CY_T_amount: *(cy_u128 *)(void *)at = f->least + gen_draw(&s->gen, 100); return;
    case CY_T_date:
        *(cy_date *)(void *)at =
            cy_time_date(s->rig->now) + 1 - (cy_date)gen_draw(&s->gen, 20) * 100;
        return;
    case CY_T_time:
        *(uint64_t *)(void *)at =
            f->least == 0 && gen_one_in(&s->gen, 2)
                ? 0
                : s->rig->now + gen_draw(&s->gen, gen_one_in(&s->gen, 2) ? 20000 : CY_DAY_MS * 90);
        return;
    case CY_T_u64: fit_number(s, f, (uint64_t *)(void *)at); return;
    case CY_T_u16:
        if (called(f, "covers"))
            *(uint16_t *)(void *)at =
                gen_one_in(&s->gen, 3)
                    ? 0
                    : (uint16_t)(gen_draw(&s->gen, 0x44) + (gen_one_in(&s->gen, 2) ? 0x100 : 0));
        return;
    case CY_T_code:
        if (called(f, "role"))
            *(struct cy_label *)(void *)at = rig_label("judge");
        return;
    case CY_T_list:
    case CY_T_acts: fit_list(s, f, message); return;
    default: return;
    }
}

/* A clause that the charter knows, with a value that it may have. */
static void some_clause(struct story *s, struct cy_charter_clause *c)
{
    const unsigned number = (unsigned)gen_draw(&s->gen, CY_CLAUSES);
    const struct cy_clause_row *row = cy_clause_row(number);
    const uint64_t wide = row->most - row->least < 8 ? row->most - row->least + 1 : 8;

    c->name = rig_label(row->name);
    c->value = gen_one_in(&s->gen, 3)   ? row->value
               : gen_one_in(&s->gen, 4) ? row->most
                                        : row->least + gen_draw(&s->gen, wide);
    if (number == CY_CLAUSE_REGISTRAR_UNTIL)
        c->value = s->rig->now + gen_draw(&s->gen, CY_DAY_MS * 1000);
    if (!gen_one_in(&s->gen, 8))
        c->from = (struct cy_id){{0}};
    if (!gen_one_in(&s->gen, 8))
        c->reserve = CY_competence_UNCHANGED;
}

/* Clauses with which an alliance is alive: an open door, a register, votes on some things. */
static void lively(struct story *s, struct cy_alliance_found *m)
{
    static struct cy_charter_clause clauses[8];
    unsigned n = 0;

    clauses[n++] = clause("admission", gen_draw(&s->gen, 4));
    clauses[n++] = clause("registrar_until", s->rig->now + CY_DAY_MS * gen_draw(&s->gen, 1000));
    clauses[n++] = clause("expel_vote", gen_draw(&s->gen, 2));
    clauses[n++] = clause("amend_vote", gen_draw(&s->gen, 2));
    clauses[n++] = clause("vote_associate", gen_draw(&s->gen, 3));
    clauses[n++] = clause("quorum_ppm", 100000);
    if (!cy_id_none(&m->bond_asset))
        clauses[n++] = clause("bond_full", gen_draw(&s->gen, 40));
    m->clauses = clauses;
    m->n_clauses = n;
    m->n_bases = gen_one_in(&s->gen, 4) ? m->n_bases : 0;
    m->template = gen_one_in(&s->gen, 2) ? 0 : m->template;
    m->founded = gen_one_in(&s->gen, 2) ? 0 : cy_time_date(s->rig->now) - 3000;
    m->precision = CY_precision_DAY;
}

/* Exactly the fields that its kind needs. */
static void some_motion(struct story *s, struct cy_alliance_motion *m)
{
    m->subject = m->kind == CY_motion_kind_BACKUP    ? one_of(s, CY_R_alliance)
                 : m->kind == CY_motion_kind_MANDATE ? s->rig->id[1 + PARTIES]
                                                     : someone(s);
    if (m->kind == CY_motion_kind_AMEND || m->kind == CY_motion_kind_DISSOLVE ||
        m->kind == CY_motion_kind_HANDOVER)
        m->subject = (struct cy_id){{0}};
    m->level = m->kind == CY_motion_kind_LEVEL ? (uint8_t)(1 + gen_draw(&s->gen, 3)) : 0;
    if (m->kind != CY_motion_kind_AMEND) {
        m->n_clauses = 0;
        m->text = cy_span_of(NULL, 0);
    }
    m->until = m->kind == CY_motion_kind_SECRETARY ? s->rig->now + CY_DAY_MS * 40 : 0;
}

/* By whoever leads the alliance, mostly. */
static void by_leader(struct story *s, const struct cy_id *alliance)
{
    const struct cy_alliance *a = CY_GET(&s->rig->engine.world, alliance, alliance);

    for (unsigned n = 0; a != NULL && n < ALL; n++) {
        if (cy_id_eq(&s->rig->id[n], &a->secretary) && !gen_one_in(&s->gen, 6))
            s->by = n;
    }
}

static void fit(struct story *s, const struct cy_schema *schema, uint8_t *at)
{
    for (size_t i = 0; i < schema->n_fields; i++)
        fit_field(s, schema, &schema->fields[i], at);
    if (schema == &cy_schema_charter_clause && !gen_one_in(&s->gen, 12))
        some_clause(s, (struct cy_charter_clause *)(void *)at);
    if (schema == &cy_schema_alliance_found && !gen_one_in(&s->gen, 6))
        lively(s, (struct cy_alliance_found *)(void *)at);
    if (schema == &cy_schema_alliance_motion && !gen_one_in(&s->gen, 12))
        some_motion(s, (struct cy_alliance_motion *)(void *)at);
    if (schema == &cy_schema_alliance_adopt)
        ((struct cy_alliance_adopt *)(void *)at)->clause =
            rig_label(cy_clause_row((unsigned)gen_draw(&s->gen, CY_CLAUSES))->name);
    if (schema == &cy_schema_transfer) {
        struct cy_transfer *m = (struct cy_transfer *)(void *)at;
        const bool second = m->phase == CY_phase_POST || m->phase == CY_phase_VOID;

        m->pending = second ? one_of(s, CY_R_pending) : (struct cy_id){{0}};
        m->from = second ? (struct cy_id){{0}} : OWN_ACCOUNT;
        m->to = second ? (struct cy_id){{0}} : one_of(s, CY_R_account);
        if (m->phase == CY_phase_VOID)
            m->amount = 0;
    }
    if (schema == &cy_schema_evidence_record)
        ((struct cy_evidence_record *)(void *)at)->bundle = cy_span_of(NULL, 0);
    if (schema == &cy_schema_passport_attest)
        ((struct cy_passport_attest *)(void *)at)->scheme = rig_label("lei");
}

/* clang-format off */
static const uint32_t usual[] = {
    CY_M_alliance_join, CY_M_alliance_join, CY_M_alliance_join, CY_M_alliance_invite,
    CY_M_alliance_leave, CY_M_alliance_record, CY_M_alliance_record, CY_M_alliance_motion,
    CY_M_alliance_motion, CY_M_alliance_vote, CY_M_alliance_vote, CY_M_alliance_vote,
    CY_M_alliance_vote, CY_M_alliance_close, CY_M_alliance_pledge, CY_M_alliance_apply,
    CY_M_alliance_admit, CY_M_alliance_level, CY_M_alliance_suspend, CY_M_alliance_resume,
    CY_M_alliance_consent, CY_M_bond_post, CY_M_bond_post, CY_M_bond_cool, CY_M_bond_withdraw,
    CY_M_alliance_expel, CY_M_alliance_mandate, CY_M_alliance_slash, CY_M_transfer,
    CY_M_asset_issue, CY_M_batch, CY_M_alliance_decline, CY_M_evidence_record,
    CY_M_alliance_amend, CY_M_alliance_found, CY_M_tick, CY_M_tick, CY_M_alliance_record,
    CY_M_alliance_record,
};
/* clang-format on */

static const struct cy_schema *some_schema(struct story *s)
{
    for (;;) {
        const uint32_t number = gen_one_in(&s->gen, 3) ? (uint32_t)gen_draw(&s->gen, 0x120)
                                                       : usual[gen_draw(&s->gen, CY_COUNT(usual))];

        if (cy_engine_row(&s->rig->engine, number) == NULL || number == CY_M_genesis)
            continue;
        if (number == CY_M_alliance_found && !gen_one_in(&s->gen, 6))
            continue;
        if ((number == CY_M_passport_retire || number == CY_M_alliance_dissolve ||
             number == CY_M_constrain || number == CY_M_param_set || number == CY_M_rules_set) &&
            !gen_one_in(&s->gen, 30))
            continue; /* what ends things comes seldom */
        return cy_schema_act(number);
    }
}

/* Members vote on motions that run; owners ask for their bonds. */
static void about(struct story *s, const struct cy_any *any)
{
    const struct cy_world *world = &s->rig->engine.world;

    if (any->schema == &cy_schema_alliance_vote || any->schema == &cy_schema_alliance_close) {
        struct cy_alliance_vote *m = (struct cy_alliance_vote *)any->message;

        for (unsigned tries = 0; tries < 20; tries++) {
            const struct cy_motion *motion = NULL;

            m->motion = one_of(s, CY_R_motion);
            motion = CY_GET(world, motion, &m->motion);
            if (motion != NULL && motion->state == CY_motion_state_OPEN)
                return;
        }
    }
    if (any->schema == &cy_schema_bond_cool || any->schema == &cy_schema_bond_withdraw ||
        any->schema == &cy_schema_alliance_slash) {
        const struct cy_id id = one_of(s, CY_R_bond);
        const struct cy_bond *bond = CY_GET(world, bond, &id);

        if (bond == NULL)
            return;
        if (any->schema == &cy_schema_alliance_slash) {
            struct cy_alliance_slash *m = (struct cy_alliance_slash *)any->message;

            m->bond = id;
            m->alliance = bond->beneficiary;
            by_leader(s, &m->alliance);
            return;
        }
        ((struct cy_bond_cool *)any->message)->bond = id; /* the two are alike */
        for (unsigned n = 0; n < ALL; n++) {
            if (cy_id_eq(&s->rig->id[n], &bond->owner))
                s->by = n;
        }
    } else if (any->schema == &cy_schema_alliance_record) {
        struct cy_alliance_record *m = (struct cy_alliance_record *)any->message;

        m->precision = CY_precision_DAY;
        m->through = (struct cy_id){{0}};
        by_leader(s, &m->alliance);
    } else if (any->schema->number >= CY_M_alliance_amend && gen_one_in(&s->gen, 2)) {
        by_leader(s, any->message); /* its first field is the alliance */
    }
}

/* Sends one random act; its bytes stand in rig->act. */
static cy_err step(struct story *s)
{
    const struct cy_schema *schema = some_schema(s);
    struct cy_claims claims;
    struct cy_any any;

    s->by = (unsigned)gen_draw(&s->gen, ALL);
    s->gen.arena->used = 0;
    any = gen_act(&s->gen, schema);
    fit(s, schema, (uint8_t *)any.message);
    if (!gen_one_in(&s->gen, 8))
        about(s, &any);
    if (schema == &cy_schema_tick)
        ((struct cy_tick *)any.message)->now =
            s->rig->now + gen_draw(&s->gen, gen_one_in(&s->gen, 4) ? CY_DAY_MS * 20 : 3000);
    if (schema == &cy_schema_rules_set)
        ((struct cy_rules_set *)any.message)->version = 1;
    if (cy_engine_row(&s->rig->engine, schema->number)->who == CY_WHO_OPERATOR &&
        !gen_one_in(&s->gen, 4))
        s->by = 0;
    claims = rig_claims(s->rig, s->by);
    if (gen_one_in(&s->gen, 12))
        claims.subject = someone(s);
    if (schema == &cy_schema_passport_create)
        claims.author = (struct cy_id){{0}};
    return rig_send(s->rig, rig_build(s->rig, &claims, schema, any.message, &s->by, 1));
}

static struct rig *new_world(void)
{
    struct rig *rig = league_new();

    for (unsigned n = 1 + PARTIES; n < ALL; n++)
        rig_passport(rig, n, CY_kind_BLOC, "Bloc");
    for (unsigned i = 0; i < 2; i++) {
        const struct cy_id asset = money_new(rig, i, "CRD");

        for (unsigned n = 0; n < ALL; n++)
            (void)money_give(rig, i, n, asset, 1000);
    }
    for (unsigned n = 1; n <= 3; n++) {
        const struct cy_charter_clause open[] = {
            clause("admission", 0), clause("registrar_until", UINT64_MAX),
            clause("vote_associate", 1), clause("quorum_ppm", 100000)};

        assert_ok(RIG_DO(rig, n, alliance_found, .code = rig_label("list"),
                         .name = rig_name("list"), .topic = CY_topic_CULTURE,
                         .founded = cy_time_date(rig->now) - 3000, .clauses = open,
                         .n_clauses = CY_COUNT(open)));
    }
    return rig;
}

/* --- the laws --- */

/* A world with the same records, put one by one as the reader of snapshots does. */
static void copy_world(struct rig *to, const struct rig *from)
{
    struct cy_engine *engine = &to->engine;

    for (uint32_t t = 0; t < from->engine.world.n_tables; t++) {
        const struct cy_table *table = &from->engine.world.tables[t].table;

        engine->world.tables[t].table.n = 0;
        memset(engine->world.tables[t].table.index, 0,
               ((size_t)table->mask + 1) * sizeof *table->index);
        for (uint32_t i = 0; i < table->n; i++)
            cy_world_put(&engine->world, &engine->world.tables[t], CY_TABLE_NONE,
                         cy_table_at(table, i));
    }
    to->at = from->at;
    to->now = from->now;
}

static void tell(const unsigned *accepted, unsigned refused)
{
    for (unsigned n = 0; n < CY_MESSAGES_MAX; n++) {
        if (accepted[n] > 0)
            print_message("%5u %s\n", accepted[n], cy_schema_act(n)->name);
    }
    print_message("%5u refused\n", refused);
}

/* CY_SEED=N tells another story. */
static uint64_t seed_of(uint64_t otherwise)
{
    const char *asked = getenv("CY_SEED");

    return asked == NULL ? otherwise : strtoull(asked, NULL, 10);
}

static void long_histories(void **state)
{
    enum { STEPS = 14000, COPY_AT = 6000 };
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct story s = {.gen = gen_on(seed_of(20260203), &arena), .rig = new_world()};
    struct rig *twin = new_world(); /* hears of the accepted acts only; replaced once by a copy */
    struct leaves *leaves = calloc(1, sizeof *leaves);
    static unsigned accepted[CY_MESSAGES_MAX];
    unsigned refused = 0;
    struct cy_id before;
    struct cy_id after;

    (void)state;
    assert_non_null(leaves);
    cy_world_drain(&s.rig->engine.world, hear, leaves);
    for (unsigned i = 0; i < STEPS; i++) {
        const bool look = gen_one_in(&s.gen, 3);
        cy_err err = CY_OK;

        if (look)
            before = rig_world_bytes(&s.rig->engine.world);
        err = step(&s);
        if (cy_ok(err)) {
            struct cy_arena scratch = cy_arena_on(room, sizeof room);
            struct cy_act act;

            assert_ok(rig_send(twin, s.rig->act));
            assert_ok(cy_act_open(s.rig->act, &scratch, &act));
            accepted[act.any.schema->number]++;
            s.rig->now = cy_engine_realm(&s.rig->engine)->now;
            cy_world_drain(&s.rig->engine.world, hear, leaves);
        } else {
            refused++;
            if (look) {
                after = rig_world_bytes(&s.rig->engine.world);
                assert_memory_equal(&before, &after, 32);
            }
        }
        if (i % 200 == 0)
            recount(s.rig);
        if (i == COPY_AT)
            copy_world(twin, s.rig);
    }
    recount(s.rig);
    heard_everything(leaves, &s.rig->engine.world);
    cy_world_drain(&twin->engine.world, hear, leaves);
    heard_everything(leaves, &s.rig->engine.world); /* the twin says the same of everything */
    before = rig_world_bytes(&s.rig->engine.world);
    after = rig_world_bytes(&twin->engine.world);
    assert_memory_equal(&before, &after, 32);
    tell(accepted, refused);
    if (getenv("CY_SEED") != NULL) {
        free(leaves);
        rig_free(s.rig);
        rig_free(twin);
        return; /* any story keeps the laws, but few have everything in them */
    }
    assert_true(accepted[CY_M_alliance_join] > 30);
    assert_true(accepted[CY_M_alliance_leave] > 10);
    assert_true(accepted[CY_M_alliance_record] > 30);
    assert_true(accepted[CY_M_alliance_motion] > 30);
    assert_true(accepted[CY_M_alliance_vote] > 30);
    assert_true(accepted[CY_M_bond_post] > 30);
    assert_true(accepted[CY_M_batch] > 10);
    assert_true(refused > STEPS / 20);
    free(leaves);
    rig_free(s.rig);
    rig_free(twin);
}

/* The same with tables that have no room: refused with NO_ROOM, never more, never a crash. */
static void crowded(void **state)
{
    enum { WORLDS = 12, STEPS = 700 };
    unsigned full = 0;

    (void)state;
    for (unsigned w = 0; w < WORLDS; w++) {
        struct cy_arena arena = cy_arena_on(room, sizeof room);
        struct story s = {.gen = gen_on(seed_of(0) * WORLDS + w, &arena), .rig = new_world()};
        struct cy_world *world = &s.rig->engine.world;

        for (unsigned i = 0; i < STEPS; i++) {
            cy_err err = CY_OK;

            if (i % 50 == 0) { /* another set of tables gets no more than a record or two */
                for (uint32_t t = 0; t < world->n_tables; t++) {
                    struct cy_table *table = &world->tables[t].table;

                    table->limit = gen_one_in(&s.gen, 3) ? table->n + (uint32_t)gen_draw(&s.gen, 3)
                                                         : world->tables[t].spec->limit;
                }
            }
            err = step(&s);
            full += err.code == CY_E_NO_ROOM;
            s.rig->now = cy_engine_realm(&s.rig->engine)->now;
            for (uint32_t t = 0; t < world->n_tables; t++)
                assert_true(world->tables[t].table.n <= world->tables[t].table.limit);
        }
        recount(s.rig);
        rig_free(s.rig);
    }
    print_message("%u times no room\n", full);
    assert_true(full > 100);
}

/* Batches that need more records than a plan holds: whatever is refused leaves nothing behind, and
 * what comes after it is judged as if it had not been there. */
static void larger_than_a_plan(void **state)
{
    enum { N = 480, CLAUSES = 40 };
    struct rig *rig = new_world();
    static struct cy_alliance_found founds[N];
    static struct cy_any acts[N];
    struct cy_charter_clause clauses[CLAUSES];
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; n < CLAUSES && i < CY_CLAUSES; i++) {
        const struct cy_clause_row *row = cy_clause_row(i);
        const uint64_t value = row->value == row->least ? row->most : row->least;
        const struct cy_clause_band band = cy_clause_band(CY_topic_CULTURE, i);

        if (!band.mandatory && value != band.value)
            clauses[n++] = clause(row->name, value);
    }
    for (unsigned i = 0; i < N; i++) {
        char code[12];

        snprintf(code, sizeof code, "c%u", i);
        founds[i] = (struct cy_alliance_found){.code = rig_label(code),
                                               .name = rig_name(code),
                                               .topic = CY_topic_CULTURE,
                                               .clauses = clauses,
                                               .n_clauses = i == 0 ? n : 1};
        acts[i] = (struct cy_any){.schema = &cy_schema_alliance_found, .message = &founds[i]};
    }
    for (uint32_t most = 0; most < 64; most += 7) {
        struct cy_world_table *t = cy_world_table(&rig->engine.world, CY_R_alliance);
        cy_err err = CY_OK;

        t->table.limit = t->table.n + most;
        err = RIG_DO(rig, 4, batch, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = N);
        if (most == 0)
            assert_code(err, ALL_REFUSED);
        else
            assert_ok(err);
        assert_int_equal(t->table.n, t->table.limit);
        assert_code(RIG_DO(rig, 5, batch, .acts = acts, .n_acts = 2), NO_ROOM);
        assert_int_equal(t->table.n, t->table.limit);
    }
    recount(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crowded),
        cmocka_unit_test(larger_than_a_plan),
        cmocka_unit_test(long_histories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

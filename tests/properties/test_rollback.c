/* Rollback: whatever acts are tried, taking them back leaves the world as it was, to the byte, and
 * the same acts do the same afterwards. */
#include "rig.h"

#include "crypto/hash.h"
#include "institutions/roster.h"
#include "sim/sim_act.h"

#include <stdlib.h>

#define PARTIES 12u
#define UNDO_BYTES ((size_t)8 << 20)

struct story {
    struct rig *rig;
    struct cy_sim_dice dice;
    struct cy_arena arena;
    uint64_t accepted;
    uint64_t removed;
};

/* Every byte that the world keeps; the index is asked, since its order within a run is free. */
static struct cy_id world_bytes(const struct cy_world *world)
{
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_table *table = &world->tables[t].table;
        const uint32_t peak = table->n + 8192 < table->limit ? table->n + 8192 : table->limit;
        const size_t words = ((size_t)peak + 63) / 64; /* beyond nothing ever was */

        cy_sha256_more(&stream, cy_span_of(&table->n, sizeof table->n));
        cy_sha256_more(&stream, cy_span_of(table->records, (size_t)table->n * table->size));
        cy_sha256_more(&stream, cy_span_of(world->tables[t].dirty, words * 8));
        cy_sha256_more(&stream, cy_span_of(world->tables[t].known, words * 8));
    }
    cy_sha256_more(&stream,
                   cy_span_of(world->removed, (size_t)world->n_removed * sizeof(struct cy_id)));
    cy_sha256_more(&stream, cy_span_of(&world->n_removed, sizeof world->n_removed));
    cy_sha256_more(&stream, cy_span_of(&world->changed, sizeof world->changed));
    return cy_sha256_end(&stream);
}

static void index_holds(const struct cy_world *world)
{
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_table *table = &world->tables[t].table;
        uint32_t used = 0;

        for (uint32_t i = 0; i < table->n; i++)
            assert_int_equal(cy_table_find(table, cy_table_at(table, i)), i);
        if (table->limit > 1u << 14)
            continue; /* the large ones would take all the time */
        for (uint32_t i = 0; i <= table->mask; i++)
            used += table->index[i] != 0;
        assert_int_equal(used, table->n);
    }
}

/* A random act; the time moves now and then. */
static void step(struct story *s)
{
    const unsigned n = (unsigned)cy_sim_draw(&s->dice, PARTIES);
    const struct cy_sim_author author = {s->rig->id[n], s->rig->key[n]};
    struct cy_any act;
    struct cy_claims claims = rig_claims(s->rig, n);

    s->arena.used = 0;
    if (cy_sim_one_in(&s->dice, 12)) {
        const uint64_t ms = cy_sim_draw(&s->dice, 40000);
        const unsigned operator= 0;
        const struct cy_tick tick = {.now = s->rig->now + ms};

        claims = rig_claims(s->rig, 0);
        (void)rig_build(s->rig, &claims, &cy_schema_tick, &tick, &operator, 1);
        assert_ok(rig_send(s->rig, s->rig->act));
        s->rig->now += ms;
        return;
    }
    if (!cy_sim_act(&s->dice, &s->rig->engine, &author, &s->arena, &act) ||
        act.schema == &cy_schema_rules_set)
        return;
    if (act.schema == &cy_schema_passport_create)
        claims.author = (struct cy_id){{0}};
    s->accepted +=
        cy_ok(rig_send(s->rig, rig_build(s->rig, &claims, act.schema, act.message, &n, 1)));
}

static void take(void *self, const struct cy_state_change *change)
{
    struct story *s = self;

    s->removed += change->removed;
}

static void begin(struct story *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->rig = rig_new(cy_roster, cy_roster_count);
    s->dice.state = seed;
    s->arena = cy_arena_on(malloc(1 << 20), 1 << 20);
    for (unsigned n = 1; n < PARTIES; n++)
        rig_passport(s->rig, n, CY_kind_PERSON, "Ada");
    assert_ok(cy_world_undo_on(&s->rig->engine.world, UNDO_BYTES, &s->rig->fresh));
}

static void end(struct story *s)
{
    free(s->arena.at);
    rig_free(s->rig);
}

/* One try: some acts, all taken back; the second time they do exactly the same. */
static void try_once(struct story *s, unsigned acts)
{
    struct cy_world *world = &s->rig->engine.world;
    const struct cy_sim_dice dice = s->dice;
    const struct cy_id before = world_bytes(world);
    const uint64_t at = s->rig->at;
    const uint64_t nonce = s->rig->nonce;
    const cy_time now = s->rig->now;
    struct cy_id after;
    struct cy_id again;

    cy_world_mark(world);
    for (unsigned i = 0; i < acts; i++)
        step(s);
    after = world_bytes(world);
    cy_world_rollback(world);
    again = world_bytes(world);
    assert_memory_equal(&again, &before, sizeof before);
    index_holds(world);

    s->dice = dice;
    s->rig->at = at;
    s->rig->nonce = nonce;
    s->rig->now = now;
    if (cy_sim_one_in(&s->dice, 2)) { /* for good, under a mark or without one */
        s->dice = dice;
        cy_world_mark(world);
        for (unsigned i = 0; i < acts; i++)
            step(s);
        cy_world_keep(world);
    } else {
        s->dice = dice;
        for (unsigned i = 0; i < acts; i++)
            step(s);
    }
    again = world_bytes(world);
    assert_memory_equal(&again, &after, sizeof after);
}

static void taken_back(void **state)
{
    uint64_t accepted = 0;
    uint64_t removed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct story s;

        begin(&s, seed);
        for (unsigned round = 0; round < 160; round++) {
            try_once(&s, (unsigned)cy_sim_draw(&s.dice, 48));
            if (cy_sim_one_in(&s.dice, 3))
                cy_world_drain(&s.rig->engine.world, take, &s);
        }
        accepted += s.accepted;
        removed += s.removed;
        end(&s);
    }
    assert_true(accepted > 2000); /* the workload is not one of refusals */
    assert_true(removed > 20);    /* and known records went */
}

/* A log that is too small refuses with NO_ROOM, and what was taken before is taken back. */
static void refuses_what_does_not_fit(void **state)
{
    struct story s;
    struct cy_world *world = NULL;
    struct cy_id before;
    struct cy_id again;
    unsigned refused = 0;

    (void)state;
    begin(&s, 77);
    world = &s.rig->engine.world;
    assert_ok(cy_world_undo_on(world, 4096, &s.rig->fresh));
    before = world_bytes(world);
    cy_world_mark(world);
    for (unsigned i = 0; i < 40; i++) {
        const struct cy_id held = world_bytes(world);
        const cy_err err =
            RIG_DO(s.rig, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("oats"));

        if (cy_ok(err))
            continue;
        assert_code(err, NO_ROOM);
        refused++;
        again = world_bytes(world);
        assert_memory_equal(&again, &held, sizeof held);
    }
    assert_true(refused > 0 && refused < 40);
    cy_world_rollback(world);
    again = world_bytes(world);
    assert_memory_equal(&again, &before, sizeof before);
    assert_ok(RIG_DO(s.rig, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("oats")));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_back),
        cmocka_unit_test(refuses_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* world: what changed since the last drain is exactly what a keeper of the state tree must hear. */
#include "money.h"

#include "crypto/hash.h"

#include <stdlib.h>

/* A keeper of the state tree, as a list. */
struct keeper {
    struct cy_id key[256];
    struct cy_id value[256];
    unsigned n;
};

static void take(void *self, const struct cy_state_change *change)
{
    struct keeper *k = self;
    unsigned i = 0;

    while (i < k->n && !cy_id_eq(&k->key[i], &change->key))
        i++;
    if (change->removed) {
        if (i == k->n)
            return; /* it came and went between two drains */
        k->key[i] = k->key[k->n - 1];
        k->value[i] = k->value[--k->n];
        return;
    }
    k->n += i == k->n;
    k->key[i] = change->key;
    k->value[i] = change->value;
}

static void agrees(const struct cy_world *world, const struct keeper *k)
{
    uint8_t bytes[CY_STATE_VALUE_MAX];
    unsigned n = 0;

    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_schema *schema = world->tables[t].spec->schema;

        for (uint32_t i = 0; !world->tables[t].spec->unproven && i < world->tables[t].table.n;
             i++, n++) {
            const void *record = cy_table_at(&world->tables[t].table, i);
            const struct cy_id key = cy_state_key(schema, record);
            const struct cy_id value = cy_sha256(cy_state_value(schema, record, bytes));
            unsigned at = 0;

            while (at < k->n && !cy_id_eq(&k->key[at], &key))
                at++;
            assert_true(at < k->n);
            assert_memory_equal(&k->value[at], &value, 32);
        }
    }
    assert_int_equal(n, k->n);
}

static void drains_what_changed(void **state)
{
    static struct keeper k;
    struct rig *rig = rig_new(NULL, 0);
    struct cy_world *world = &rig->engine.world;
    uint64_t seed = 1;

    (void)state;
    rig_passport(rig, 1, CY_kind_PERSON, "Ada");
    const struct cy_id asset = money_new(rig, 0, "CRD");
    const struct cy_id a = money_give(rig, 0, 1, asset, 1000000);
    const struct cy_id b = money_give(rig, 0, 0, asset, 0);

    cy_world_drain(world, take, &k);
    agrees(world, &k);
    assert_false(world->changed);
    struct cy_id open[8];
    unsigned n_open = 0;

    for (unsigned step = 0; step < 300; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const unsigned what = (unsigned)(seed >> 33);

        if (what % 3 == 0 && n_open < 8) {
            assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = a, .to = b,
                             .amount = 1 + what % 9));
            open[n_open++] = rig->last;
        } else if (what % 3 == 1 && n_open > 0) {
            const unsigned i = what / 3 % n_open;

            assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_POST, .pending = open[i]));
            open[i] = open[--n_open];
        } else {
            assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 1));
        }
        assert_true(world->changed);
        if (what % 5 == 0) {
            cy_world_drain(world, take, &k);
            agrees(world, &k);
        }
    }
    cy_world_drain(world, take, &k);
    agrees(world, &k);
    money_conserved(world);
    rig_free(rig);
}

static void state_keys_are_pinned(void **state)
{
    const struct {
        struct cy_id passport;
        uint64_t generation;
    } key = {{{1}}, 2};
    uint8_t bytes[2 + 32 + 8] = {0, CY_R_rotation, 1};
    struct cy_id want;
    struct cy_id got;

    (void)state;
    bytes[sizeof bytes - 1] = 2;
    want = cy_sha256(cy_span_of(bytes, sizeof bytes));
    got = cy_state_key(&cy_schema_rotation, &key);
    assert_memory_equal(&got, &want, 32);
}

static void a_full_table_refuses(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_limit limits[] = {
        {CY_R_asset, 2},
        {CY_R_seen,  4}
    };
    struct cy_engine *engine = &rig->engine;
    const struct cy_asset_create create = {.code = rig_label("CRD"), .name = rig_name("credit")};
    const struct cy_any three[] = {
        {&cy_schema_asset_create, &create},
        {&cy_schema_asset_create, &create},
        {&cy_schema_asset_create, &create}
    };
    const unsigned operator= 0;
    const struct cy_key_share share = {.key = rig->key[0], .weight = 1};
    const struct cy_genesis m = {.name = rig_name("test.example/ledger"),
                                 .now = rig->now,
                                 .keys = &share,
                                 .n_keys = 1,
                                 .need_0 = 1,
                                 .log_key = rig->key[1],
                                 .rules = 1};
    struct cy_claims claims;

    (void)state;
    assert_true(cy_engine_bytes(NULL, 0, limits, 2) < cy_engine_bytes(NULL, 0, NULL, 0));
    assert_ok(cy_engine_init(engine, NULL, 0, limits, 2, &rig->fresh));
    rig->realm = (struct cy_id){{0}};
    rig->id[0] = rig->realm;
    claims = rig_claims(rig, 0);
    assert_code(RIG_DO(rig, 0, tick, .now = rig->now), NO_GENESIS);
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_genesis, &m, &operator, 1)));
    rig->realm = rig->last;
    rig->id[0] = rig->last;
    assert_code(rig_do(rig, 0, &cy_schema_genesis, &m), GENESIS_TWICE);
    assert_code(RIG_DO(rig, 0, batch, .acts = three, .n_acts = 3), NO_ROOM);
    assert_int_equal(rig->verdict.item, 2);
    assert_int_equal(cy_world_count(&engine->world, CY_R_asset), 0);
    assert_ok(RIG_DO(rig, 0, batch, .mode = CY_batch_mode_EACH, .acts = three, .n_acts = 3));
    assert_int_equal(rig->verdict.items[2], CY_E_NO_ROOM);
    assert_int_equal(cy_world_count(&engine->world, CY_R_asset), 2);
    assert_code(rig_do(rig, 0, &cy_schema_asset_create, &create), NO_ROOM);
    /* the memory of act ids fills up, and empties as they expire */
    for (unsigned i = 0; i < 3; i++)
        assert_ok(RIG_DO(rig, 0, tick, .now = rig->now));
    assert_code(RIG_DO(rig, 0, tick, .now = rig->now + 1), NO_ROOM);
    rig_free(rig);
}

/* --- the sieve --- */

static struct cy_id numbered(uint64_t n)
{
    return cy_sha256(cy_span_of(&n, sizeof n));
}

static bool absent(const struct cy_world *world, const struct cy_id *id)
{
    return cy_world_absent(world, world->by_record[CY_R_restrained] - 1u, id);
}

/* Keys come and go, in and out of what is taken back, many more than the table holds: one that is
 * there is never called absent, and of those that are not, most are. */
static void the_sieve_never_hides_a_record(void **state)
{
    enum { LIMIT = 64, KEYS = 256, STEPS = 8000 };
    static const struct cy_table_spec specs[] = {
        {&cy_schema_restrained, LIMIT, false},
    };
    const struct cy_table_list list = {specs, CY_COUNT(specs)};
    const size_t bytes = cy_world_bytes(&list, 1, NULL, 0) + (1u << 20);
    void *memory = calloc(1, bytes);
    struct cy_arena fresh = cy_arena_on(memory, bytes);
    static struct cy_world world;
    struct cy_world_table *t = NULL;
    uint64_t seed = 5;
    unsigned said = 0;

    (void)state;
    assert_ok(cy_world_init(&world, &list, 1, NULL, 0, &fresh));
    assert_ok(cy_world_undo_on(&world, 1u << 18, &fresh));
    t = cy_world_table(&world, CY_R_restrained);
    for (unsigned step = 0; step < STEPS; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const struct cy_id id = numbered(seed >> 33 & (KEYS - 1));
        const struct cy_restrained record = {.subject = id, .sources = step};
        const uint32_t slot = cy_table_find(&t->table, &id);

        if (step % 40 == 7)
            cy_world_mark(&world);
        if (step % 2 == 0 && (slot != CY_TABLE_NONE || t->table.n < LIMIT))
            cy_world_put(&world, t, slot, &record);
        else if (step % 2 != 0)
            cy_world_remove(&world, t, &id);
        if (step % 80 == 30)
            cy_world_rollback(&world);
        else if (step % 80 == 70)
            cy_world_keep(&world);
        for (uint64_t k = 0; k < KEYS; k += 1 + (step % 16 != 0) * 15) {
            const struct cy_id key = numbered(k);
            const bool there = cy_world_get(&world, CY_R_restrained, &key) != NULL;

            assert_false(there && absent(&world, &key));
            said += !there && absent(&world, &key);
        }
    }
    assert_true(said > STEPS); /* it is of use */
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drains_what_changed),
        cmocka_unit_test(state_keys_are_pinned),
        cmocka_unit_test(a_full_table_refuses),
        cmocka_unit_test(the_sieve_never_hides_a_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

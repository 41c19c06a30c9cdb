/* plan: whatever is edited, removed, undone and applied, the world is what a plain list says. */
#include "rig.h"

enum { KEYS = 12, STEPS = 200000, LIMIT = 8 };

struct line {
    bool there;
    uint64_t value;
};

static uint64_t seed = 7;

static unsigned draw(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

static struct cy_id key_of(unsigned i)
{
    return (struct cy_id){{(uint8_t)(i + 1)}};
}

static const struct cy_table_spec tables[] = {
    {&cy_schema_seen, LIMIT, false},
};

static void same(struct cy_plan *plan, const struct line *lines)
{
    for (unsigned i = 0; i < KEYS; i++) {
        const struct cy_id key = key_of(i);
        const struct cy_seen *seen = CY_READ(plan, seen, &key);

        assert_int_equal(seen != NULL, lines[i].there);
        if (seen != NULL)
            assert_int_equal(seen->expires, lines[i].value);
    }
}

static unsigned count(const struct line *lines)
{
    unsigned n = 0;

    for (unsigned i = 0; i < KEYS; i++)
        n += lines[i].there;
    return n;
}

/* The effects are the difference between the world and the plan. */
static void effects(struct cy_plan *plan, const struct line *world, const struct line *lines)
{
    struct cy_effect effect;
    unsigned changed = 0;
    unsigned differ = 0;

    for (uint32_t i = 0; cy_plan_effect(plan, &i, &effect);) {
        const struct cy_seen *after = effect.after;
        const struct cy_seen *before = effect.before;
        const unsigned k = (after != NULL ? after : before)->act.b[0] - 1u;

        assert_int_equal(before != NULL, world[k].there);
        assert_int_equal(after != NULL, lines[k].there);
        changed += world[k].there != lines[k].there;
    }
    for (unsigned k = 0; k < KEYS; k++)
        differ += world[k].there != lines[k].there;
    assert_int_equal(changed, differ);
}

/* Tells the plan where some keys are, as the engine does for the items of a batch; some lead to
 * another's record, as keys of like hash do. */
static void know_some(struct cy_plan *plan, const struct cy_id keys[static KEYS])
{
    const struct cy_table *table = &cy_world_table_of(plan->world, CY_R_seen)->table;

    for (unsigned i = draw(KEYS); i > 0; i--) {
        const struct cy_id *key = &keys[draw(KEYS)];
        const uint64_t hash = cy_table_hash_id(key);
        uint32_t slot = cy_table_warm_record(table, hash);

        if (slot != CY_TABLE_NONE && draw(4) == 0)
            slot = draw(table->n);
        cy_plan_know(plan, CY_R_seen, key, hash, slot);
    }
}

static void a_plan_is_a_list(void **state)
{
    struct rig *rig = rig_new(NULL, 0); /* for its memory */
    static struct cy_world world;
    static struct cy_plan plan;
    const struct cy_table_list list = {tables, 1};
    struct line base[KEYS] = {{0}}, before[KEYS] = {{0}}, now[KEYS] = {{0}};
    unsigned overfull = 0;
    struct cy_id keys[KEYS];
    const struct cy_id first = key_of(0);
    const struct cy_seen *held = NULL; /* what was read of it */
    uint32_t writes = 0;

    (void)state;
    for (unsigned k = 0; k < KEYS; k++)
        keys[k] = key_of(k);
    assert_ok(cy_world_init(&world, &list, 1, NULL, 0, &rig->fresh));
    assert_ok(cy_plan_init(&plan, &world, &rig->fresh));
    cy_plan_begin(&plan, 0);
    for (unsigned step = 0, item = 0; step < STEPS; step++) {
        const unsigned k = draw(KEYS);
        struct cy_seen *seen = NULL;

        switch (draw(10)) {
        case 0:
        case 1:
        case 2:
        case 3: /* removed slots are free only after the plan is applied */
            seen = CY_EDIT(&plan, seen, &keys[k]);
            assert_memory_equal(&seen->act, &keys[k], 32);
            if (plan.full) { /* no rule sees missing what it wrote, whatever else there is */
                assert_false(now[k].there);
                seen->expires = 77;
                assert_ptr_equal(CY_READ(&plan, seen, &keys[k]), seen);
                assert_int_equal(CY_EDIT(&plan, seen, &keys[k])->expires, 77);
                cy_plan_undo(&plan);
                memcpy(now, before, sizeof now);
                assert_false(plan.full);
                overfull++;
                break;
            }
            assert_int_equal(seen->expires, now[k].there ? now[k].value : 0);
            seen->expires = now[k].value = 1 + draw(1000);
            now[k].there = true;
            break;
        case 4:
        case 5:
        case 6:
            CY_REMOVE(&plan, seen, &keys[k]);
            now[k].there = false;
            break;
        case 7:
            cy_plan_begin(&plan, ++item);
            know_some(&plan, keys);
            memcpy(before, now, sizeof now);
            break;
        case 8:
            cy_plan_undo(&plan);
            assert_int_equal(cy_plan_touched(&plan), 0);
            memcpy(now, before, sizeof now);
            break;
        default:
            if (draw(4) != 0)
                break;
            effects(&plan, base, now);
            if (draw(3) == 0) {
                cy_plan_clear(&plan);
                memcpy(now, base, sizeof now);
            } else {
                cy_plan_apply(&plan);
                memcpy(base, now, sizeof now);
                assert_int_equal(cy_world_count(&world, CY_R_seen), count(base));
            }
            cy_plan_begin(&plan, item = 0);
            know_some(&plan, keys);
            memcpy(before, now, sizeof now);
            held = CY_READ(&plan, seen, &first);
            if (world.n_removed > CY_REMOVED_MAX / 2)
                world.n_removed = 0;
            break;
        }
        if (step % 7 == 0)
            same(&plan, now);
        if (cy_plan_writes(&plan, CY_R_seen) == writes)
            assert_ptr_equal(CY_READ(&plan, seen, &first), held);
        held = CY_READ(&plan, seen, &first);
        writes = cy_plan_writes(&plan, CY_R_seen);
    }
    assert_true(overfull > 100);
    rig_free(rig);
}

enum { MANY = 20000 };

static struct cy_id many_key(unsigned i)
{
    struct cy_id id = {{0}};

    cy_put_u32be(id.b, i + 1);
    return id;
}

static void expire(struct cy_plan *plan, unsigned i, uint64_t at)
{
    const struct cy_id key = many_key(i);

    CY_EDIT(plan, seen, &key)->expires = at;
}

/* A plan that outgrows its index several times reads as it was written, and an item is undone
 * across the growing. */
static void a_large_plan(void **state)
{
    static const struct cy_table_spec large[] = {
        {&cy_schema_seen, 2 * MANY, false}
    };
    const struct cy_table_list list = {large, 1};
    struct rig *rig = rig_new(NULL, 0);
    static struct cy_world world;
    static struct cy_plan plan;

    (void)state;
    assert_ok(cy_world_init(&world, &list, 1, NULL, 0, &rig->fresh));
    assert_ok(cy_plan_init(&plan, &world, &rig->fresh));
    for (unsigned round = 0; round < 3; round++) {
        cy_plan_begin(&plan, 1);
        for (unsigned i = 0; i < 100; i++)
            expire(&plan, i, i + 1 + round);
        cy_plan_begin(&plan, 2);
        for (unsigned i = 50; i < MANY; i++)
            expire(&plan, i, 7);
        assert_false(plan.full);
        assert_int_equal(cy_plan_touched(&plan), MANY - 50);
        cy_plan_undo(&plan);
        for (unsigned i = 0; i < MANY; i++) {
            const struct cy_id key = many_key(i);
            const struct cy_seen *seen = CY_READ(&plan, seen, &key);

            assert_int_equal(seen != NULL, round > 0 || i < 100);
            if (seen != NULL)
                assert_int_equal(seen->expires, i < 100 ? i + 1 + round : i + round - 1);
        }
        cy_plan_begin(&plan, 3);
        for (unsigned i = 100; i < MANY; i++)
            expire(&plan, i, i + round);
        cy_plan_apply(&plan);
        assert_int_equal(cy_world_count(&world, CY_R_seen), MANY);
        for (unsigned i = 0; i < MANY; i++) {
            const struct cy_id key = many_key(i);

            assert_int_equal(CY_GET(&world, seen, &key)->expires,
                             i < 100 ? i + 1 + round : i + round);
        }
    }
    rig_free(rig);
}

/* What nobody will undo takes no copies: only the plan as a whole is dropped. */
static void a_whole_plan(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    static struct cy_world world;
    static struct cy_plan plan;
    const struct cy_table_list list = {tables, 1};
    const struct cy_id key = key_of(0);
    size_t used = 0;

    (void)state;
    assert_ok(cy_world_init(&world, &list, 1, NULL, 0, &rig->fresh));
    assert_ok(cy_plan_init(&plan, &world, &rig->fresh));
    cy_plan_whole(&plan);
    for (unsigned i = 0; i < 10; i++) {
        cy_plan_begin(&plan, i);
        CY_EDIT(&plan, seen, &key)->expires = i + 1;
        assert_int_equal(cy_plan_touched(&plan), 1);
        if (i == 0)
            used = plan.images.used;
    }
    assert_int_equal(plan.images.used, used);
    assert_int_equal(CY_READ(&plan, seen, &key)->expires, 10);
    cy_plan_clear(&plan);
    assert_null(CY_READ(&plan, seen, &key));
    cy_plan_begin(&plan, 1); /* the next plan may be undone again */
    CY_EDIT(&plan, seen, &key)->expires = 5;
    cy_plan_undo(&plan);
    assert_null(CY_READ(&plan, seen, &key));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_a_list),
        cmocka_unit_test(a_large_plan),
        cmocka_unit_test(a_whole_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* cell: acts that are tried do what they would do, and leave nothing. */
#include "place.h"

#include <stdlib.h>

#define ACTS 12u

struct tale {
    struct place *p;
    struct cy_id asset;
    struct cy_id account[3];
    uint8_t *bytes[ACTS]; /* acts to try, in order */
    size_t n_bytes[ACTS];
    unsigned n;
};

static int start(void **s)
{
    struct tale *t = calloc(1, sizeof *t);
    struct place *p = place_new();

    t->p = p;
    p->options.try_bytes = 1 << 20;
    place_begin(p);
    place_passport(p, 1, "Ada");
    place_passport(p, 2, "Bo");
    assert_ok(PLACE_DO(p, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats")));
    t->asset = p->rig->last;
    for (unsigned i = 1; i <= 2; i++) {
        assert_ok(PLACE_DO(p, i, account_open, .asset = t->asset));
        t->account[i] = cy_account_id(&p->rig->id[i], &t->asset, 0);
    }
    assert_ok(
        PLACE_DO(p, 1, asset_issue, .asset = t->asset, .account = t->account[1], .amount = 100));
    *s = t;
    return 0;
}

static int finish(void **s)
{
    struct tale *t = *s;

    for (unsigned i = 0; i < t->n; i++)
        free(t->bytes[i]);
    place_free(t->p);
    free(t);
    return 0;
}

/* Keeps an act of passport `by` for later. */
static void keep(struct tale *t, unsigned by, const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = rig_claims(t->p->rig, by);
    const struct cy_span act = rig_build(t->p->rig, &claims, schema, message, &by, 1);

    t->bytes[t->n] = malloc(act.n);
    memcpy(t->bytes[t->n], act.at, act.n);
    t->n_bytes[t->n++] = act.n;
}

static void keep_tick(struct tale *t, uint64_t ms, bool root)
{
    struct cy_tick tick = {.now = t->p->rig->now + ms};

    if (root)
        assert_ok(cy_cell_state_root(&t->p->cell, &tick.state_root));
    keep(t, 0, &cy_schema_tick, &tick);
}

static void keep_pay(struct tale *t, unsigned from, unsigned to, uint64_t amount)
{
    const struct cy_transfer m = {.from = t->account[from], .to = t->account[to], .amount = amount};

    keep(t, from, &cy_schema_transfer, &m);
}

static cy_err try_one(struct tale *t, unsigned i)
{
    struct cy_act act;
    struct cy_verdict verdict;

    t->p->acts = cy_arena_on(t->p->act_memory, sizeof t->p->act_memory);
    assert_ok(cy_act_open(cy_span_of(t->bytes[i], t->n_bytes[i]), &t->p->acts, &act));
    cy_cell_try(&t->p->cell, &act, &verdict);
    return verdict.err;
}

/* What was tried is accepted afterwards with the same verdicts, and to the same world. */
static void tried_is_what_happens(void **s)
{
    struct tale *t = *s;
    struct place *p = t->p;
    const struct cy_id before = place_world(&p->cell.engine.world);
    const uint64_t size = p->cell.size;
    enum cy_code said[ACTS];
    struct cy_id tried;
    struct cy_id now;
    struct cy_id root;
    struct cy_id again;

    keep_tick(t, 1000, true);
    keep_pay(t, 1, 2, 60);
    keep_pay(t, 1, 2, 60); /* more than is left */
    keep_pay(t, 2, 1, 50); /* possible only after the first */
    keep_pay(t, 1, 2, 90);
    for (unsigned round = 0; round < 3; round++) {
        cy_cell_try_begin(&p->cell);
        for (unsigned i = 0; i < t->n; i++)
            said[i] = try_one(t, i).code;
        assert_code(try_one(t, 1), REPLAY);
        assert_int_equal(p->cell.size, size + 4);
        tried = place_world(&p->cell.engine.world);
        cy_cell_try_end(&p->cell, NULL);
        now = place_world(&p->cell.engine.world);
        assert_memory_equal(&now, &before, 32);
        assert_int_equal(p->cell.size, size);
    }
    assert_int_equal(said[2], CY_E_INSUFFICIENT);
    assert_ok(cy_cell_state_root(&p->cell, &root));
    for (unsigned i = 0; i < t->n; i++) {
        const cy_err err = place_take(p, cy_span_of(t->bytes[i], t->n_bytes[i]));

        assert_int_equal(err.code, said[i]);
    }
    now = place_world(&p->cell.engine.world);
    assert_memory_equal(&now, &tried, 32);
    assert_ok(place_publish(p));
    assert_ok(cy_cell_state_root(&p->cell, &root));
    place_close(p);
    assert_ok(place_open(p));
    assert_ok(cy_cell_state_root(&p->cell, &again));
    assert_memory_equal(&again, &root, 32);
}

/* A root can be claimed of the world that is, not of one that may be taken back. */
static void a_root_is_of_the_world_that_is(void **s)
{
    struct tale *t = *s;
    struct cy_id root;
    struct cy_id again;

    keep_pay(t, 1, 2, 1);
    keep_tick(t, 1000, true);
    keep_tick(t, 2000, false);
    cy_cell_try_begin(&t->p->cell);
    assert_ok(try_one(t, 0));
    assert_code(try_one(t, 1), STATE_ROOT);
    assert_ok(try_one(t, 2));
    cy_cell_try_end(&t->p->cell, NULL);
    assert_ok(cy_cell_state_root(&t->p->cell, &root));
    cy_cell_try_begin(&t->p->cell);
    assert_ok(try_one(t, 1));
    cy_cell_try_end(&t->p->cell, NULL);
    assert_ok(cy_cell_state_root(&t->p->cell, &again));
    assert_memory_equal(&again, &root, 32);
}

/* What could not be taken back is refused, and the maker of a block is told before. */
static void a_full_log_refuses(void **s)
{
    struct tale *t = *s;
    bool crowded = false;
    unsigned accepted = 0;
    const struct cy_id before = place_world(&t->p->cell.engine.world);
    struct cy_id after;

    assert_ok(place_publish(t->p));
    place_close(t->p);
    t->p->options.try_bytes = 10000;
    assert_ok(place_open(t->p));
    for (unsigned i = 0; i < ACTS; i++)
        keep_pay(t, 1, 2, 1);
    cy_cell_try_begin(&t->p->cell);
    for (unsigned i = 0; i < ACTS; i++) {
        const cy_err err = try_one(t, i);

        crowded = crowded || cy_cell_try_crowded(&t->p->cell);
        assert_true(cy_ok(err) || (err.code == CY_E_NO_ROOM && crowded));
        accepted += cy_ok(err);
    }
    assert_true(accepted > 0 && accepted < ACTS);
    cy_cell_try_end(&t->p->cell, NULL);
    after = place_world(&t->p->cell.engine.world);
    assert_memory_equal(&after, &before, 32);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(tried_is_what_happens),
        T(a_root_is_of_the_world_that_is),
        T(a_full_log_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

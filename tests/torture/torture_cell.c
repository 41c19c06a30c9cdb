/* A whole cell under power cuts, failing calls and full disks: acknowledged acts stay, nothing is
 * half applied, and the world is that of exactly the acts that are there. */
#include "place.h"

#include <stdlib.h>

#define ACTS_MAX 96
#define STEPS_MAX 256
#define PARTIES 4

enum step { ACT, COMMIT, PUBLISH, SNAPSHOT };

/* A workload, made once from a seed and then repeated against every failure. */
struct script {
    struct place *place;
    enum step step[STEPS_MAX];
    unsigned n;
    struct cy_span act[ACTS_MAX];
    unsigned n_acts;
    struct cy_id world[ACTS_MAX + 1]; /* digest after so many acts */
};

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

static void keep_act(struct script *script, struct cy_span act)
{
    uint8_t *copy = malloc(act.n);

    assert_true(script->n_acts < ACTS_MAX);
    memcpy(copy, act.at, act.n);
    script->act[script->n_acts++] = cy_span_of(copy, act.n);
    script->step[script->n++] = ACT;
    script->world[script->n_acts] = place_world(&script->place->cell.engine.world);
}

static void new_disk(struct place *place)
{
    cy_sim_disk_free(place->sim);
    place->sim = cy_sim_disk_new();
    place->disk = cy_sim_disk_face(place->sim);
}

static struct script *script_new(uint64_t seed, unsigned n_random)
{
    struct script *script = calloc(1, sizeof *script);
    struct place *p = place_new();
    struct cy_id asset;
    struct cy_id account[PARTIES];

    script->place = p;
    p->options.segment_bytes = 6000;
    place_begin(p);
    script->world[0] = (struct cy_id){0};
    keep_act(script, cy_span_of(p->genesis, p->n_genesis));
    for (unsigned i = 1; i < PARTIES; i++) {
        place_passport(p, i, "Party");
        keep_act(script, p->rig->act);
    }
    assert_ok(PLACE_DO(p, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats")));
    asset = p->rig->last;
    keep_act(script, p->rig->act);
    for (unsigned i = 1; i < PARTIES; i++) {
        assert_ok(PLACE_DO(p, i, account_open, .asset = asset));
        account[i] = cy_account_id(&p->rig->id[i], &asset, 0);
        keep_act(script, p->rig->act);
        assert_ok(
            PLACE_DO(p, 1, asset_issue, .asset = asset, .account = account[i], .amount = 1000));
        keep_act(script, p->rig->act);
    }
    for (unsigned i = 0; i < n_random; i++) {
        const unsigned from = 1 + (unsigned)draw(&seed, PARTIES - 1);
        const unsigned to = from % (PARTIES - 1) + 1;

        switch (draw(&seed, 8)) {
        case 0: script->step[script->n++] = COMMIT; break;
        case 1: script->step[script->n++] = PUBLISH; break;
        case 2:
            if (i % 3 == 0)
                script->step[script->n++] = SNAPSHOT;
            break;
        case 3:
            place_tick(p, 1000);
            keep_act(script, p->rig->act);
            break;
        default:
            assert_ok(PLACE_DO(p, from, transfer, .from = account[from], .to = account[to],
                               .amount = 1 + draw(&seed, 3)));
            keep_act(script, p->rig->act);
        }
    }
    script->step[script->n++] = PUBLISH;
    place_drop(p);
    return script;
}

static void script_free(struct script *script)
{
    for (unsigned i = 0; i < script->n_acts; i++)
        free((void *)(uintptr_t)script->act[i].at);
    place_free(script->place);
    free(script);
}

static bool soft(cy_err err)
{
    return cy_err_info(err.code)->kind == CY_ERR_soft;
}

/* One run over the script. */
struct run {
    struct place *place;
    const struct script *script;
    uint64_t durable;   /* acts acknowledged as written */
    uint64_t published; /* acts under a published head */
    unsigned retried;
    bool patient; /* soft trouble is tried again */
};

static cy_err again(struct run *run, cy_err err, unsigned *tries)
{
    if (!run->patient || !soft(err) || ++*tries > 3)
        return err;
    run->retried++;
    return CY_OK;
}

static cy_err commit(struct run *run)
{
    struct cy_cell *cell = &run->place->cell;
    struct cy_commit out;
    unsigned tries = 0;
    cy_err err = CY_OK;

    if (!cy_cell_cut(cell, &out))
        return CY_OK;
    do {
        err = cy_cell_write(&out);
    } while (!cy_ok(err) && cy_ok(again(run, err, &tries)));
    if (cy_ok(err))
        run->durable = out.first + out.count;
    while (cy_ok(err)) {
        err = cy_cell_tiles(cell, &out);
        if (cy_ok(err) || !cy_ok(again(run, err, &tries)))
            break;
        err = CY_OK;
    }
    cy_cell_done(cell, &out, err);
    return err;
}

static cy_err publish(struct run *run)
{
    struct cy_cell *cell = &run->place->cell;
    unsigned tries = 0;
    cy_err err = commit(run);

    while (cy_ok(err)) {
        err = cy_cell_publish(cell, &run->place->signer);
        if (cy_ok(err) || !cy_ok(again(run, err, &tries)))
            break;
        err = CY_OK;
    }
    if (cy_ok(err))
        run->published = cell->head.size;
    return err;
}

static cy_err do_step(struct run *run, enum step step)
{
    struct place *place = run->place;
    cy_err err = CY_OK;

    switch (step) {
    case ACT: return place_take(place, run->script->act[place->cell.size]);
    case COMMIT: return commit(run);
    case PUBLISH: return publish(run);
    case SNAPSHOT:
        CY_TRY(publish(run));
        err = cy_cell_snapshot(&place->cell);
        return run->patient && soft(err) ? CY_OK : err;
    default: return CY_OK;
    }
}

static cy_err play(struct run *run)
{
    CY_TRY(place_open(run->place));
    for (unsigned i = 0; i < run->script->n; i++)
        CY_TRY(do_step(run, run->script->step[i]));
    return CY_OK;
}

static struct run run_new(struct script *script)
{
    new_disk(script->place);
    script->place->open = false;
    return (struct run){.place = script->place, .script = script};
}

/* Opens after a failure and holds it against what was acknowledged; then goes on to the end. */
static void judge(struct run *run)
{
    struct place *p = run->place;
    const struct script *script = run->script;
    struct cy_disk_fault fault;
    struct cy_id world;

    assert_ok(place_open(p));
    assert_true(p->cell.size >= run->durable);
    assert_true(p->cell.size <= script->n_acts);
    assert_true(p->cell.head.size >= run->published);
    assert_true(p->cell.head.size <= p->cell.size);
    world = place_world(&p->cell.engine.world);
    if (p->cell.size > 0)
        assert_memory_equal(world.b, script->world[p->cell.size].b, 32);
    assert_ok(cy_tree_verify(&p->cell.tree, &fault));
    run->patient = true;
    while (p->cell.size < script->n_acts)
        assert_ok(do_step(run, ACT));
    assert_ok(publish(run));
    assert_int_equal(p->cell.head.size, script->n_acts);
    world = place_world(&p->cell.engine.world);
    assert_memory_equal(world.b, script->world[script->n_acts].b, 32);
    assert_ok(cy_tree_verify(&p->cell.tree, &fault));
    place_drop(p);
}

static uint64_t calls_of(struct script *script)
{
    struct run run = run_new(script);
    const uint64_t before = cy_sim_disk_calls(run.place->sim);
    uint64_t calls = 0;

    assert_ok(play(&run));
    calls = cy_sim_disk_calls(run.place->sim) - before;
    place_drop(run.place);
    return calls;
}

static void power_cuts_at_every_call(void **s)
{
    (void)s;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct script *script = script_new(seed, 60);
        const uint64_t calls = calls_of(script);

        for (uint64_t call = 1; call <= calls; call++) {
            struct run run = run_new(script);

            cy_sim_disk_cut_at_call(run.place->sim, call);
            assert_false(cy_ok(play(&run)));
            place_drop(run.place);
            cy_sim_disk_power_cut(run.place->sim, (call + seed) % 4);
            judge(&run);
        }
        script_free(script);
    }
}

/* A cut while the machine is still recovering from the first one. */
static void power_cuts_during_recovery(void **s)
{
    struct script *script = script_new(7, 60);
    const uint64_t calls = calls_of(script);

    (void)s;
    for (uint64_t call = 3; call <= calls; call += 7) {
        for (uint64_t second = 1; second < 40; second += 5) {
            struct run run = run_new(script);

            cy_sim_disk_cut_at_call(run.place->sim, call);
            assert_false(cy_ok(play(&run)));
            place_drop(run.place);
            cy_sim_disk_power_cut(run.place->sim, call);
            cy_sim_disk_cut_at_call(run.place->sim, second);
            if (cy_ok(place_open(run.place)))
                place_drop(run.place);
            cy_sim_disk_power_cut(run.place->sim, second);
            judge(&run);
        }
    }
    script_free(script);
}

/* Every byte of a journal write: the commit is whole or gone. */
static void power_cuts_at_every_byte_of_a_commit(void **s)
{
    struct script *script = script_new(3, 20);
    struct place *p = script->place;
    struct run run = run_new(script);
    uint64_t bytes = 0;

    (void)s;
    /* how many bytes the last 3 acts take */
    assert_ok(place_open(p));
    while (p->cell.size < script->n_acts - 3)
        assert_ok(do_step(&run, ACT));
    assert_ok(publish(&run));
    bytes = cy_sim_disk_written(p->sim);
    while (p->cell.size < script->n_acts)
        assert_ok(do_step(&run, ACT));
    assert_ok(commit(&run));
    bytes = cy_sim_disk_written(p->sim) - bytes;
    assert_in_range(bytes, 300, 5000);
    place_drop(p);
    for (uint64_t byte = 1; byte <= bytes; byte++) {
        run = run_new(script);
        assert_ok(place_open(p));
        while (p->cell.size < script->n_acts - 3)
            assert_ok(do_step(&run, ACT));
        assert_ok(publish(&run));
        while (p->cell.size < script->n_acts)
            assert_ok(do_step(&run, ACT));
        cy_sim_disk_cut_at_byte(p->sim, byte);
        assert_false(cy_ok(commit(&run)));
        place_drop(p);
        cy_sim_disk_power_cut(p->sim, byte);
        judge(&run);
    }
    script_free(script);
}

static void every_failing_call(void **s)
{
    struct script *script = script_new(4, 60);
    const uint64_t calls = calls_of(script);
    unsigned survived = 0;
    unsigned stopped = 0;

    (void)s;
    for (uint64_t call = 1; call <= calls; call++) {
        for (unsigned hard = 0; hard < 2; hard++) {
            struct run run = run_new(script);
            cy_err err = CY_OK;

            run.patient = true;
            cy_sim_disk_fail_at(run.place->sim, call, hard ? CY_E_DISK_FAILED : CY_E_NO_SPACE);
            err = play(&run);
            survived += cy_ok(err);
            stopped += !cy_ok(err);
            if (cy_ok(err))
                assert_int_equal(run.place->cell.head.size, script->n_acts);
            place_drop(run.place);
            cy_sim_disk_fail_at(run.place->sim, 0, CY_E_DISK_FAILED);
            if (call % 2 == 0)
                cy_sim_disk_kill(run.place->sim);
            else
                cy_sim_disk_power_cut(run.place->sim, call);
            judge(&run);
        }
    }
    assert_true(survived > calls / 4);
    assert_true(stopped > calls / 2);
    script_free(script);
}

/* The disk has so many bytes and no more; then somebody makes room. */
static void every_size_of_disk(void **s)
{
    struct script *script = script_new(5, 60);
    struct run run = run_new(script);
    uint64_t most = 0;
    unsigned retried = 0;

    (void)s;
    assert_ok(play(&run));
    most = cy_sim_disk_written(run.place->sim);
    place_drop(run.place);
    for (uint64_t space = 0; space < most; space += 173) {
        run = run_new(script);
        run.patient = true;
        cy_sim_disk_space(run.place->sim, space);
        (void)!cy_ok(play(&run));
        retried += run.retried;
        place_drop(run.place);
        cy_sim_disk_space(run.place->sim, UINT64_MAX);
        cy_sim_disk_kill(run.place->sim);
        judge(&run);
    }
    assert_true(retried > 50);
    script_free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cuts_at_every_call),
        cmocka_unit_test(power_cuts_during_recovery),
        cmocka_unit_test(power_cuts_at_every_byte_of_a_commit),
        cmocka_unit_test(every_failing_call),
        cmocka_unit_test(every_size_of_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

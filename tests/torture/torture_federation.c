/* A member's node under power cuts at every call of its disk, alone and with all the others: it
 * comes back, never contradicts itself or another, and what was answered stands. */
#include "mesh.h"

#define PARTIES 60u

/* Nobody signed two votes for one thing, and no signer had to hold its node back by giving an
 * earlier vote again: what the disk remembers is enough. */
static void nobody_contradicts(struct mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->seats; i++) {
        for (uint32_t k = 0; k < mesh->seats; k++)
            assert_int_equal(mesh->node[i].convicted[k] + mesh->node[i].cosigned_twice[k], 0);
    }
}

static unsigned n_handed_;
static struct cy_id stands_[PARTIES];
static unsigned n_stands_;

static void keep_answers(void *self, const struct cy_id *act, cy_err err, uint64_t at)
{
    (void)self;
    (void)at;
    if (cy_ok(err) && n_stands_ < PARTIES)
        stands_[n_stands_++] = *act;
}

/* What node 0 answered is in the ledger of everybody. */
static void answered_stands(struct mesh *mesh)
{
    for (uint32_t i = 0; i < mesh->seats; i++) {
        const struct cy_cell *cell = cy_federation_cell(mesh->node[i].federation);

        for (unsigned n = 0; n < n_stands_; n++)
            assert_non_null(CY_GET(&cell->engine.world, passport, &stands_[n]));
    }
}

static void hand_in(struct mesh *mesh)
{
    if (n_handed_ + 1 < PARTIES && mesh_height(mesh, 0) > 0 &&
        cy_ok(mesh_passport(mesh, 0, 1 + n_handed_)))
        n_handed_++;
}

static struct mesh *begin(uint64_t seed)
{
    struct mesh *mesh = mesh_new(4, seed);

    n_handed_ = 0;
    n_stands_ = 0;
    mesh->world[0].answered = keep_answers;
    mesh_open_all(mesh);
    mesh_until(mesh, 1);
    return mesh;
}

/* Lets time pass until the power of node 0 is off. */
static bool dies(struct mesh *mesh)
{
    for (unsigned i = 0; i < 200 && !cy_sim_disk_dead(mesh->node[0].disk); i++)
        mesh_run(mesh, 50);
    return cy_sim_disk_dead(mesh->node[0].disk);
}

static void a_power_cut_at_every_call(void **s)
{
    struct mesh *mesh = begin(3);

    (void)s;
    for (uint64_t call = 1; call <= 60; call++) {
        hand_in(mesh);
        cy_sim_disk_cut_at_call(mesh->node[0].disk, call);
        if (!dies(mesh))
            fail_msg("call %lu: %s", (unsigned long)call,
                     cy_err_info(cy_federation_trouble(mesh->node[0].federation).code)->name);
        mesh_cut(mesh, 0, call % 4);
        assert_ok(mesh_open(mesh, 0));
        mesh_run(mesh, 300);
    }
    mesh_until(mesh, mesh->agreed + 2);
    mesh_same(mesh);
    nobody_contradicts(mesh);
    answered_stands(mesh);
    assert_true(n_stands_ > 5);
    mesh_free(mesh);
}

static void a_call_that_fails(void **s)
{
    static const enum cy_code codes[] = {CY_E_NO_SPACE, CY_E_DISK_FAILED};
    struct mesh *mesh = begin(4);

    (void)s;
    for (uint64_t call = 1; call <= 60; call++) {
        hand_in(mesh);
        cy_sim_disk_fail_at(mesh->node[0].disk, call, codes[call % 2]);
        mesh_run(mesh, 1500);
        if (cy_ok(cy_federation_trouble(mesh->node[0].federation)))
            continue;
        mesh_kill(mesh, 0);
        assert_ok(mesh_open(mesh, 0));
    }
    mesh_run(mesh, 5000); /* the last one */
    mesh_kill(mesh, 0);
    assert_ok(mesh_open(mesh, 0));
    mesh_until(mesh, mesh->agreed + 2);
    mesh_same(mesh);
    nobody_contradicts(mesh);
    answered_stands(mesh);
    mesh_free(mesh);
}

/* The power of the whole room: each machine stops at a call of its own. */
static void all_at_once(void **s)
{
    struct mesh *mesh = begin(5);

    (void)s;
    for (uint64_t k = 1; k <= 24; k++) {
        hand_in(mesh);
        for (uint32_t i = 0; i < 4; i++)
            cy_sim_disk_cut_at_call(mesh->node[i].disk, 1 + (k * 7 + i * 11) % 80);
        mesh_run(mesh, 2500); /* when two are gone the others wait, and lose it then */
        for (uint32_t i = 0; i < 4; i++)
            mesh_cut(mesh, i, (k + i) % 3);
        mesh_open_all(mesh);
        mesh_run(mesh, 500);
    }
    mesh_until(mesh, mesh->agreed + 2);
    mesh_same(mesh);
    nobody_contradicts(mesh);
    answered_stands(mesh);
    mesh_free(mesh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_at_every_call),
        cmocka_unit_test(a_call_that_fails),
        cmocka_unit_test(all_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

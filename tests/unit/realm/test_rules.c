/* versions of the rules in a federation whose members' programs do not all know the same: who is
 * too old stops before the height at which a version begins, the rest goes on, an update catches
 * up. */
#include "mesh.h"

static struct mesh *mesh_;

static int four(void **s)
{
    (void)s;
    mesh_ = mesh_new(4, 1);
    mesh_open_all(mesh_);
    return 0;
}

static int end(void **s)
{
    (void)s;
    mesh_free(mesh_);
    return 0;
}

/* --- agreement --- */

static uint32_t rules_of(uint32_t node)
{
    return cy_engine_realm(&cy_federation_cell(mesh_->node[node].federation)->engine)->rules;
}

/* Version 2 begins a second from now; three of four sign that. */
static void announce(void)
{
    const struct cy_realm *realm =
        cy_engine_realm(&cy_federation_cell(mesh_->node[0].federation)->engine);
    struct cy_rules_set m = {.version = 2};

    assert_ok(mesh_seat_act(mesh_, 0, 3, 0, &cy_schema_param_set,
                            &(struct cy_param_set){.name = rig_label("rules_notice_ms")}));
    mesh_run(mesh_, 3000);
    m.from = realm->now + 4000;
    assert_ok(mesh_seat_act(mesh_, 0, 3, 0, &cy_schema_rules_set, &m));
}

static void who_does_not_know_the_rules_stops_and_is_updated(void **s)
{
    struct cy_sim_votes votes;
    uint64_t height = 0;
    uint64_t cosigned = 0;

    (void)s;
    for (uint32_t i = 0; i < 3; i++) {
        mesh_close(mesh_, i);
        mesh_->node[i].rules = &cy_sim_rules;
        assert_ok(mesh_open(mesh_, i));
    }
    mesh_until(mesh_, 2);
    announce();
    mesh_run(mesh_, 12000);
    /* who knows it goes on; who does not stands where all stood last under the old rules */
    assert_int_equal(rules_of(0), 2);
    assert_int_equal(rules_of(3), 1);
    height = mesh_height(mesh_, 3);
    assert_true(mesh_height(mesh_, 0) > height + 2);
    assert_code(cy_federation_trouble(mesh_->node[3].federation), RULES_UNKNOWN);
    assert_int_equal(cy_federation_trouble(mesh_->node[3].federation).detail, 2);
    assert_code(mesh_passport(mesh_, 3, 1), RULES_UNKNOWN);
    /* it votes no more, also when the same program is started again */
    votes = mesh_->node[3].signer.votes;
    cosigned = mesh_->node[3].signer.size;
    assert_true(votes.height <= height);
    mesh_kill(mesh_, 3);
    assert_ok(mesh_open(mesh_, 3));
    mesh_run(mesh_, 5000);
    assert_code(cy_federation_trouble(mesh_->node[3].federation), RULES_UNKNOWN);
    assert_memory_equal(&mesh_->node[3].signer.votes, &votes, sizeof votes);
    assert_int_equal(mesh_->node[3].signer.size, cosigned);
    assert_int_equal(mesh_height(mesh_, 3), height);
    /* its program is updated: it catches up, and counts again */
    mesh_kill(mesh_, 3);
    mesh_->node[3].rules = &cy_sim_rules;
    assert_ok(mesh_open(mesh_, 3));
    mesh_until(mesh_, mesh_->agreed + 2);
    assert_int_equal(rules_of(3), 2);
    mesh_kill(mesh_, 1);
    mesh_until(mesh_, mesh_->agreed + 3);
    mesh_same(mesh_);
    /* and an older program does not open such a ledger to write on it */
    mesh_close(mesh_, 3);
    mesh_->node[3].rules = NULL;
    assert_code(mesh_open(mesh_, 3), RULES_UNKNOWN);
}

/* Where too few know it nobody goes on, and nothing is forked; when they do, it does. */
static void too_few_know_the_rules(void **s)
{
    uint64_t height = 0;

    (void)s;
    for (uint32_t i = 0; i < 2; i++) {
        mesh_close(mesh_, i);
        mesh_->node[i].rules = &cy_sim_rules;
        assert_ok(mesh_open(mesh_, i));
    }
    mesh_until(mesh_, 2);
    announce();
    mesh_run(mesh_, 12000);
    height = mesh_->agreed;
    mesh_run(mesh_, 12000);
    assert_int_equal(mesh_->agreed, height);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(rules_of(i), 1);
    mesh_kill(mesh_, 2);
    mesh_->node[2].rules = &cy_sim_rules;
    assert_ok(mesh_open(mesh_, 2));
    mesh_run(mesh_, 20000);
    assert_true(mesh_->agreed > height + 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(rules_of(i), 2);
    assert_int_equal(rules_of(3), 1);
    mesh_same(mesh_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_does_not_know_the_rules_stops_and_is_updated, four,
                                        end),
        cmocka_unit_test_setup_teardown(too_few_know_the_rules, four, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

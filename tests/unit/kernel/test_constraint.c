/* constraint: bounds on oneself hold against one's own keys, and against delegates (M122). */
#include "money.h"

#include "kernel/constraint.h"

static void forbids_an_act(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_asset_create create = {.code = rig_label("TON"), .name = rig_name("tonne")};

    (void)state;
    rig_passport(rig, 1, CY_kind_NATION, "Ada");
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID, .covers = 0x7ff),
                UNKNOWN_MESSAGE);
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_passport_rotate),
                NOT_COVERED);
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID), CONSTRAINT_FIELDS);
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_transfer, .window_ms = 1),
                CONSTRAINT_FIELDS);
    assert_ok(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create, .lift_ms = 5000));
    assert_code(rig_do(rig, 1, &cy_schema_asset_create, &create), SELF_BOUND);
    /* in a batch, and in the very batch that binds */
    const struct cy_any alone[] = {
        {&cy_schema_asset_create, &create}
    };
    const struct cy_constrain bind = {.kind = CY_constraint_kind_FORBID,
                                      .covers = CY_M_account_open};
    const struct cy_account_open open = {.asset = rig->key[0]};
    const struct cy_any both[] = {
        {&cy_schema_constrain,    &bind},
        {&cy_schema_account_open, &open}
    };

    assert_code(RIG_DO(rig, 1, batch, .acts = alone, .n_acts = 1), SELF_BOUND);
    assert_code(RIG_DO(rig, 1, batch, .acts = both, .n_acts = 2), SELF_BOUND);
    assert_int_equal(rig->verdict.item, 1);
    /* others are free */
    assert_ok(rig_do(rig, 0, &cy_schema_asset_create, &create));
    /* a delegate is not */
    rig_passport(rig, 2, CY_kind_AGENT, "Bo");
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .until = rig->now + 100000));
    assert_code(rig_for(rig, 2, 1, &cy_schema_asset_create, &create), SELF_BOUND);
    rig_free(rig);
}

static void lifting_is_asked_in_public_and_waits(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_asset_create create = {.code = rig_label("TON"), .name = rig_name("tonne")};
    const struct cy_constraint *bound = NULL;

    (void)state;
    rig_passport(rig, 1, CY_kind_NATION, "Ada");
    assert_code(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_asset_create),
                NO_NOUN);
    assert_ok(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create, .lift_ms = 5000));
    assert_ok(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create));
    bound = cy_world_at(&rig->engine.world, CY_R_constraint, 0);
    assert_int_equal(bound->lift_asked, rig->now);
    assert_code(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_asset_create),
                SELF_BOUND);
    assert_code(rig_do(rig, 1, &cy_schema_asset_create, &create), SELF_BOUND);
    /* binding oneself again withdraws the question; looser is refused */
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_asset_create, .lift_ms = 4999),
                SELF_BOUND);
    assert_ok(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create, .lift_ms = 6000));
    assert_int_equal(bound->lift_asked, 0);
    assert_ok(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create));
    rig_tick(rig, 5999);
    assert_code(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                       .covers = CY_M_asset_create),
                SELF_BOUND);
    rig_tick(rig, 1);
    assert_ok(RIG_DO(rig, 1, constrain_lift, .kind = CY_constraint_kind_FORBID,
                     .covers = CY_M_asset_create));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_constraint), 0);
    assert_int_equal(CY_GET(&rig->engine.world, passport, &rig->id[1])->constraints, 0);
    assert_ok(rig_do(rig, 1, &cy_schema_asset_create, &create));
    rig_free(rig);
}

static void cannot_spend_more_than(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const struct cy_id asset = money_new(rig, 0, "TON");
    struct cy_id a, b;

    (void)state;
    rig_passport(rig, 1, CY_kind_NATION, "Ada");
    rig_passport(rig, 2, CY_kind_NATION, "Bo");
    a = money_give(rig, 0, 1, asset, 1000);
    b = money_give(rig, 0, 2, asset, 1000);
    assert_ok(RIG_DO(rig, 1, account_open, .asset = asset, .number = 1));
    assert_code(
        RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_SPEND_SINGLE, .asset = rig->key[9]),
        NO_NOUN);
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_SPEND_SINGLE, .asset = asset,
                       .covers = 1),
                CONSTRAINT_FIELDS);
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_SPEND_WINDOW, .asset = asset,
                       .most = 5),
                CONSTRAINT_FIELDS);
    assert_ok(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_SPEND_SINGLE, .asset = asset,
                     .most = 40));
    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 41), SELF_BOUND);
    assert_code(
        RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = a, .to = b, .amount = 41),
        SELF_BOUND);
    assert_code(RIG_DO(rig, 1, bond_post, .account = a, .beneficiary = rig->id[2], .amount = 41),
                SELF_BOUND);
    assert_code(RIG_DO(rig, 1, asset_retire, .account = a, .amount = 41), SELF_BOUND);
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 40));
    /* between own accounts nothing is spent */
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = cy_account_id(&rig->id[1], &asset, 1),
                     .amount = 100));
    /* in a window: what single, pending, bond and retirement take together */
    assert_ok(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_SPEND_WINDOW, .asset = asset,
                     .most = 100, .window_ms = 10000));
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 30));
    assert_ok(
        RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = a, .to = b, .amount = 30));
    const struct cy_id pending = rig->last;

    assert_ok(RIG_DO(rig, 1, bond_post, .account = a, .beneficiary = rig->id[2], .amount = 20));
    assert_ok(RIG_DO(rig, 1, asset_retire, .account = a, .amount = 10));
    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 11), SELF_BOUND);
    assert_ok(RIG_DO(rig, 1, transfer, .phase = CY_phase_VOID, .pending = pending));
    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 11), SELF_BOUND);
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 10));
    rig_tick(rig, 9999);
    assert_code(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 1), SELF_BOUND);
    rig_tick(rig, 1);
    assert_ok(RIG_DO(rig, 1, transfer, .from = a, .to = b, .amount = 40));
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void accepts_a_venue(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    struct cy_id venue;

    (void)state;
    rig_passport(rig, 1, CY_kind_NATION, "Ada");
    assert_code(RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_ARBITRATION),
                CONSTRAINT_FIELDS);
    assert_ok(
        RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_ARBITRATION, .venue = rig->key[5]));
    assert_code(
        RIG_DO(rig, 1, constrain, .kind = CY_constraint_kind_ARBITRATION, .venue = rig->key[6]),
        SELF_BOUND);
    venue = cy_constraint_venue(&rig->engine.plan, &rig->id[1]);
    assert_memory_equal(&venue, &rig->key[5], sizeof venue);
    venue = cy_constraint_venue(&rig->engine.plan, &rig->id[0]);
    assert_true(cy_id_none(&venue));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbids_an_act),
        cmocka_unit_test(lifting_is_asked_in_public_and_waits),
        cmocka_unit_test(cannot_spend_more_than),
        cmocka_unit_test(accepts_a_venue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* stake: bonds are conserved, slashed with evidence and within bounds, also while they cool
 * (M059, M077). */
#include "money.h"

struct stage {
    struct rig *rig;
    struct cy_id asset, a, b;
};

/* 1 posts bonds, 2 is the beneficiary. */
static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(NULL, 0)};

    rig_passport(s.rig, 1, CY_kind_COMPANY, "Alpha");
    rig_passport(s.rig, 2, CY_kind_COMPANY, "Beta");
    s.asset = money_new(s.rig, 0, "CRD");
    s.a = money_give(s.rig, 0, 1, s.asset, 1000);
    s.b = money_give(s.rig, 0, 2, s.asset, 0);
    return s;
}

static void evidence(struct stage *s, uint8_t digest, struct cy_id about)
{
    assert_ok(RIG_DO(s->rig, 2, evidence_record, .digest = {{digest}},
                     .kind = CY_evidence_kind_INCIDENT, .about = about,
                     .summary = rig_line("late")));
}

static void posted_cooled_withdrawn(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;

    (void)state;
    assert_code(RIG_DO(rig, 1, bond_post, .account = s.a, .beneficiary = rig->id[1], .amount = 1),
                NOT_ALLOWED);
    assert_code(RIG_DO(rig, 2, bond_post, .account = s.a, .beneficiary = rig->id[0], .amount = 1),
                NOT_OWNER);
    assert_code(
        RIG_DO(rig, 1, bond_post, .account = s.a, .beneficiary = rig->id[2], .amount = 1001),
        INSUFFICIENT);
    assert_code(
        RIG_DO(rig, 1, bond_post, .account = rig->key[1], .beneficiary = rig->id[2], .amount = 1),
        NO_NOUN);
    assert_ok(RIG_DO(rig, 1, bond_post, .account = s.a, .beneficiary = rig->id[2], .amount = 400,
                     .cool_ms = 1000));
    const struct cy_id bond = rig->last;

    assert_int_equal(money_free(rig, &s.a), 600);
    assert_int_equal(money_held(rig, &s.a), 400);
    assert_code(RIG_DO(rig, 1, bond_withdraw, .bond = bond), NOT_COOLED);
    assert_code(RIG_DO(rig, 2, bond_cool, .bond = bond), NOT_OWNER);
    assert_code(RIG_DO(rig, 1, bond_cool, .bond = rig->key[1]), NO_NOUN);
    assert_ok(RIG_DO(rig, 1, bond_cool, .bond = bond));
    assert_code(RIG_DO(rig, 1, bond_cool, .bond = bond), COOLING);
    rig_tick(rig, 999);
    assert_code(RIG_DO(rig, 1, bond_withdraw, .bond = bond), NOT_COOLED);
    rig_tick(rig, 1);
    assert_code(RIG_DO(rig, 2, bond_withdraw, .bond = bond), NOT_OWNER);
    assert_ok(RIG_DO(rig, 1, bond_withdraw, .bond = bond));
    assert_code(RIG_DO(rig, 1, bond_withdraw, .bond = bond), NO_NOUN);
    assert_int_equal(money_free(rig, &s.a), 1000);
    assert_int_equal(money_held(rig, &s.a), 0);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void slashed_with_evidence_and_within_bounds(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_line why = rig_line("missed the milestone");

    (void)state;
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("slash_ppm"), .value = 500000));
    assert_ok(RIG_DO(rig, 1, bond_post, .account = s.a, .beneficiary = rig->id[2], .amount = 400,
                     .cool_ms = 1000));
    const struct cy_id bond = rig->last;
    struct cy_bond_slash m = {
        .bond = bond, .amount = 200, .to = s.b, .evidence = {{1}}, .reason = why};

    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), NO_NOUN); /* not recorded */
    evidence(&s, 1, rig->id[1]);
    evidence(&s, 2, bond);
    evidence(&s, 3, rig->id[0]);
    evidence(&s, 4, rig->id[1]);
    assert_code(rig_do(rig, 0, &cy_schema_bond_slash, &m), NOT_BENEFICIARY);
    m.amount = 201;
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), SLASH_LIMIT);
    m.amount = 401;
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), INSUFFICIENT);
    m.amount = 200;
    m.evidence = (struct cy_id){{3}};
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), OTHER_EVIDENCE);
    m.evidence = (struct cy_id){{1}};
    m.to = s.a;
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), NOT_ALLOWED);
    m.to = rig->key[3];
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), NO_NOUN);
    m.to = s.b;
    assert_ok(rig_do(rig, 2, &cy_schema_bond_slash, &m));
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), SLASHED_ALREADY);
    money_conserved(&rig->engine.world);
    /* a bond in its cool-down can still be slashed */
    assert_ok(RIG_DO(rig, 1, bond_cool, .bond = bond));
    m.evidence = (struct cy_id){{2}};
    m.amount = 150;
    assert_ok(rig_do(rig, 2, &cy_schema_bond_slash, &m));
    m.evidence = (struct cy_id){{4}};
    m.amount = 51;
    assert_code(rig_do(rig, 2, &cy_schema_bond_slash, &m), INSUFFICIENT);
    rig_tick(rig, 1000);
    assert_ok(RIG_DO(rig, 1, bond_withdraw, .bond = bond));
    assert_int_equal(money_free(rig, &s.a), 650);
    assert_int_equal(money_free(rig, &s.b), 350);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_slash), 2); /* stays on record */
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

/* What institutions rely on. */
static void a_bond_in_use_cannot_cool(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_plan *plan = &rig->engine.plan;

    (void)state;
    assert_ok(RIG_DO(rig, 1, bond_post, .account = s.a, .beneficiary = rig->id[2], .amount = 400,
                     .cool_ms = 1000));
    const struct cy_id bond = rig->last;
    struct cy_stake_need need = {.bond = bond,
                                 .owner = rig->id[1],
                                 .beneficiary = rig->id[2],
                                 .asset = s.asset,
                                 .least = 400,
                                 .cool_ms_least = 1000};

    assert_ok(cy_stake_meets(plan, &need));
    need.least = 401;
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.least = 1;
    need.cool_ms_least = 1001;
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.cool_ms_least = 0;
    need.asset = rig->key[1];
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.asset = (struct cy_id){{0}};
    need.owner = rig->id[2];
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.owner = rig->id[1];
    need.beneficiary = rig->id[0];
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.beneficiary = rig->id[2];
    need.bond = rig->key[1];
    assert_code(cy_stake_use(plan, &need), BOND_MISSING);
    need.bond = bond;
    cy_plan_clear(plan);
    assert_ok(cy_stake_use(plan, &need));
    cy_plan_apply(plan);
    assert_code(RIG_DO(rig, 1, bond_cool, .bond = bond), IN_USE);
    cy_stake_unuse(plan, &bond);
    cy_stake_unuse(plan, &rig->key[1]); /* gone: nothing to do */
    cy_plan_apply(plan);
    assert_ok(RIG_DO(rig, 1, bond_cool, .bond = bond));
    assert_code(cy_stake_use(plan, &need), BOND_MISSING); /* cooling secures nothing new */
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posted_cooled_withdrawn),
        cmocka_unit_test(slashed_with_evidence_and_within_bounds),
        cmocka_unit_test(a_bond_in_use_cannot_cool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* reputation: earned slowly, halved exactly, once for each piece of evidence; tiers one step at a
 * time, lost by themselves (M025, M077). */
#include "money.h"

#include "kernel/enforce.h"
#include "kernel/reputation.h"

enum { PARTY = 1, AUDITOR, HEIR };

#define DAY ((uint64_t)CY_DAY_MS)

static uint8_t next_digest;

static struct rig *stage_new(void)
{
    struct rig *rig = rig_new(NULL, 0);

    next_digest = 0;
    rig_passport(rig, PARTY, CY_kind_COMPANY, "Party");
    rig_passport(rig, AUDITOR, CY_kind_PERSON, "Auditor");
    rig_passport(rig, HEIR, CY_kind_COMPANY, "Heir");
    assert_ok(
        RIG_DO(rig, 0, mantle_create, .role = rig_label("auditor"), .term_ms_most = 3000 * DAY));
    assert_ok(RIG_DO(rig, 0, mantle_grant, .role = rig_label("auditor"), .holder = rig->id[AUDITOR],
                     .until = rig->now + 2900 * DAY));
    return rig;
}

static struct cy_id proof(struct rig *rig, unsigned about)
{
    const struct cy_id digest = {{++next_digest}};

    assert_ok(RIG_DO(rig, AUDITOR, evidence_record, .digest = digest,
                     .kind = CY_evidence_kind_AUDIT, .about = rig->id[about],
                     .summary = rig_line("audited")));
    return digest;
}

static cy_err attest(struct rig *rig, unsigned by, unsigned whom, uint32_t points,
                     struct cy_id evidence)
{
    return RIG_DO(rig, by, repute_attest, .passport = rig->id[whom], .points = points,
                  .evidence = evidence, .reason = rig_line("passed"));
}

static uint8_t tier(struct rig *rig, unsigned n)
{
    struct cy_plan_look look;

    return cy_reputation_tier(cy_plan_look_at(&look, &rig->engine.world), &rig->id[n], rig->now);
}

/* Against the halving done one half-life at a time, and a straight line between. */
static void decay_is_exact(void **state)
{
    const uint64_t half = 1000;

    (void)state;
    for (uint64_t points = 0; points < 5000; points += 7) {
        uint64_t whole = points;

        for (uint64_t q = 0; q < 14; q++, whole /= 2) {
            uint64_t before = whole;

            for (uint64_t r = 0; r < half; r += 125) {
                const uint64_t left = cy_reputation_decay(points, q * half + r, half);

                assert_int_equal(left, whole - whole * r / (2 * half));
                assert_true(left <= before); /* never more with time */
                before = left;
            }
        }
    }
    assert_int_equal(cy_reputation_decay(UINT64_MAX, 0, 1), UINT64_MAX);
    assert_int_equal(cy_reputation_decay(UINT64_MAX, UINT64_MAX, 1), 0);
    assert_int_equal(cy_reputation_decay(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX >> 1);
}

static void points_are_attested_slowly_and_once(void **state)
{
    struct rig *rig = stage_new();
    const struct cy_id one = proof(rig, PARTY);
    const struct cy_id other = proof(rig, HEIR);

    (void)state;
    assert_code(attest(rig, PARTY, PARTY, 1, one), NOT_AUDITOR);
    assert_code(attest(rig, AUDITOR, AUDITOR, 1, one), NOT_AUDITOR);
    assert_code(attest(rig, AUDITOR, PARTY, 1, other), OTHER_EVIDENCE);
    assert_code(attest(rig, AUDITOR, PARTY, 1, rig->key[1]), NO_NOUN);
    assert_code(attest(rig, AUDITOR, PARTY, 11, one), REPUTE_DAY);
    assert_ok(attest(rig, AUDITOR, PARTY, 6, one));
    assert_code(attest(rig, AUDITOR, PARTY, 1, one), REPUTE_COUNTED);
    assert_code(attest(rig, AUDITOR, PARTY, 5, proof(rig, PARTY)), REPUTE_DAY);
    assert_int_equal(rig->verdict.err.detail, 4);
    assert_ok(attest(rig, AUDITOR, PARTY, 4, proof(rig, PARTY)));
    rig_tick(rig, DAY);
    assert_ok(attest(rig, AUDITOR, PARTY, 10, proof(rig, PARTY)));
    assert_in_range(cy_reputation_points(&rig->engine.plan, &rig->id[PARTY], rig->now), 19900,
                    20000);
    assert_ok(RIG_DO(rig, AUDITOR, fork, .child = rig->id[HEIR], .kind = CY_fork_kind_HEIR));
    assert_ok(RIG_DO(rig, HEIR, fork_take, .parent = rig->id[AUDITOR]));
    assert_code(attest(rig, AUDITOR, HEIR, 1, other), NOT_AUDITOR); /* an own heir */
    rig_free(rig);
}

static void the_ladder_is_climbed_step_by_step(void **state)
{
    struct rig *rig = stage_new();
    const struct cy_id asset = money_new(rig, 0, "CRD");
    const struct cy_id account = money_give(rig, 0, PARTY, asset, 1000);
    struct cy_id bond;

    (void)state;
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("tier_bond"), .value = 100));
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("repute_day"), .value = 1000));
    assert_int_equal(tier(rig, PARTY), 0);
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 2), TIER_STEP);
    assert_int_equal(rig->verdict.err.detail, 6);
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 1), BOND_MISSING);
    assert_ok(RIG_DO(rig, PARTY, bond_post, .account = account, .beneficiary = rig->realm,
                     .amount = 250));
    bond = rig->last;
    assert_ok(RIG_DO(rig, PARTY, tier_claim, .tier = 1, .bond = bond));
    assert_code(RIG_DO(rig, PARTY, bond_cool, .bond = bond), IN_USE);
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 2, .bond = bond), TIER_STEP);
    assert_int_equal(rig->verdict.err.detail, 1); /* points */
    assert_ok(attest(rig, AUDITOR, PARTY, 500, proof(rig, PARTY)));
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 2, .bond = bond), TIER_STEP);
    assert_int_equal(rig->verdict.err.detail, 2); /* age */
    rig_tick(rig, 30 * DAY);
    assert_ok(RIG_DO(rig, PARTY, tier_claim, .tier = 2, .bond = bond));
    assert_int_equal(tier(rig, PARTY), 2);
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 3, .bond = bond), TIER_STEP);
    rig_tick(rig, 170 * DAY);
    assert_ok(attest(rig, AUDITOR, PARTY, 900, proof(rig, PARTY)));
    assert_code(RIG_DO(rig, PARTY, tier_claim, .tier = 3, .bond = bond), BOND_MISSING);
    rig_tick(rig, 800 * DAY); /* points fade, and the tier with them */
    assert_int_equal(tier(rig, PARTY), 1);
    assert_ok(attest(rig, AUDITOR, PARTY, 500, proof(rig, PARTY)));
    assert_int_equal(tier(rig, PARTY), 2); /* and come back */
    rig_free(rig);
}

static void violations_and_restraints_stand_in_the_way(void **state)
{
    struct rig *rig = stage_new();

    (void)state;
    assert_ok(RIG_DO(rig, PARTY, tier_claim, .tier = 1));
    assert_ok(RIG_DO(rig, 0, restrain, .subject = rig->id[PARTY], .exclude = true,
                     .evidence = proof(rig, PARTY), .reason = rig_line("x"),
                     .review_at = rig->now + 1000));
    assert_int_equal(tier(rig, PARTY), 0);
    rig_tick(rig, 1000);
    assert_int_equal(tier(rig, PARTY), 1);
    assert_ok(RIG_DO(rig, HEIR, deed_record, .whom = rig->id[PARTY], .deed = CY_deed_kind_EXPORT,
                     .evidence = {{1}}));
    assert_code(cy_reputation_lacks(&rig->engine.plan, &rig->id[HEIR], 1, rig->now), TIER_STEP);
    assert_int_equal(cy_reputation_lacks(&rig->engine.plan, &rig->id[HEIR], 1, rig->now).detail, 3);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decay_is_exact),
        cmocka_unit_test(points_are_attested_slowly_and_once),
        cmocka_unit_test(the_ladder_is_climbed_step_by_step),
        cmocka_unit_test(violations_and_restraints_stand_in_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* lineage: forks and mergers keep what was owed and what is in force; clean ones are released or
 * sponsored (M073, M074, M077). */
#include "money.h"

#include "kernel/lineage.h"

enum { PARENT = 1, CHILD, SPONSOR, CREDITOR, JUDGE, OTHER, FIRST = 10 };

struct stage {
    struct rig *rig;
    struct cy_id asset, p, c, s, k;
};

static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(NULL, 0)};

    rig_passport(s.rig, PARENT, CY_kind_COMPANY, "Parent");
    rig_passport(s.rig, CHILD, CY_kind_COMPANY, "Child");
    rig_passport(s.rig, SPONSOR, CY_kind_COMPANY, "Sponsor");
    rig_passport(s.rig, CREDITOR, CY_kind_COMPANY, "Creditor");
    rig_passport(s.rig, JUDGE, CY_kind_PERSON, "Judge");
    rig_passport(s.rig, OTHER, CY_kind_COMPANY, "Other");
    s.asset = money_new(s.rig, 0, "CRD");
    s.p = money_give(s.rig, 0, PARENT, s.asset, 1000);
    s.c = money_give(s.rig, 0, CHILD, s.asset, 1000);
    s.s = money_give(s.rig, 0, SPONSOR, s.asset, 1000);
    s.k = money_give(s.rig, 0, CREDITOR, s.asset, 1000);
    assert_ok(RIG_DO(s.rig, 0, evidence_record, .digest = {{1}}, .kind = CY_evidence_kind_INCIDENT,
                     .summary = rig_line("seen")));
    return s;
}

static cy_err heir(struct rig *rig, unsigned parent, unsigned child)
{
    const cy_err err =
        RIG_DO(rig, parent, fork, .child = rig->id[child], .kind = CY_fork_kind_HEIR);

    return cy_ok(err) ? RIG_DO(rig, child, fork_take, .parent = rig->id[parent]) : err;
}

static cy_err join(struct rig *rig, unsigned from, unsigned into)
{
    const cy_err err = RIG_DO(rig, from, absorb_offer, .into = rig->id[into]);

    return cy_ok(err) ? RIG_DO(rig, into, absorb, .from = rig->id[from]) : err;
}

static void shut_out(struct stage *s, unsigned whom)
{
    assert_ok(RIG_DO(s->rig, 0, restrain, .subject = s->rig->id[whom], .exclude = true,
                     .evidence = {{1}}, .reason = rig_line("x"),
                     .review_at = s->rig->now + CY_DAY_MS));
}

static cy_err pay(struct stage *s, unsigned n, const struct cy_id *from)
{
    return RIG_DO(s->rig, n, transfer, .from = *from, .to = s->k, .amount = 1);
}

static struct cy_id bond(struct stage *s, unsigned n, const struct cy_id *account, uint64_t amount)
{
    assert_ok(RIG_DO(s->rig, n, bond_post, .account = *account, .beneficiary = s->rig->realm,
                     .amount = amount));
    return s->rig->last;
}

static struct cy_id debt(struct stage *s, unsigned n, uint64_t amount)
{
    assert_ok(RIG_DO(s->rig, n, liability_owe, .creditor = s->rig->id[CREDITOR], .asset = s->asset,
                     .amount = amount, .due = s->rig->now + 1000, .reason = rig_line("damage")));
    return s->rig->last;
}

static cy_err collect(struct stage *s, struct cy_id liability, struct cy_id from, uint64_t amount,
                      struct cy_id fork)
{
    return RIG_DO(s->rig, CREDITOR, liability_collect, .liability = liability, .bond = from,
                  .amount = amount, .to = s->k, .evidence = {{1}}, .fork = fork);
}

static void an_heir_bears_and_owes_what_its_ancestors_do(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id none = {{0}};
    struct cy_id owed, own;

    (void)state;
    owed = debt(&s, PARENT, 100);
    assert_code(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT]), NO_FORK);
    assert_ok(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_HEIR));
    assert_code(RIG_DO(rig, OTHER, fork_take, .parent = rig->id[PARENT]), NO_FORK);
    own = bond(&s, CHILD, &s.c, 300);
    rig_tick(rig, 1000);
    assert_code(collect(&s, owed, own, 10, none), NOT_LIABLE); /* it has not agreed */
    assert_ok(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT]));
    assert_code(heir(rig, OTHER, CHILD), LINEAGE_KNOWN);
    assert_code(heir(rig, CHILD, PARENT), LINEAGE_LOOP);
    assert_code(heir(rig, PARENT, PARENT), LINEAGE_LOOP);
    assert_ok(collect(&s, owed, own, 60, none));
    assert_int_equal(money_free(rig, &s.k), 1060);
    assert_code(RIG_DO(rig, PARENT, liability_pay, .liability = owed, .account = s.p, .amount = 41),
                INSUFFICIENT);
    assert_ok(RIG_DO(rig, PARENT, liability_pay, .liability = owed, .account = s.p, .amount = 40));
    assert_code(RIG_DO(rig, PARENT, liability_pay, .liability = owed, .account = s.p, .amount = 1),
                NO_LIABILITY); /* paid once, by whoever paid */
    assert_int_equal(money_free(rig, &s.k), 1100);
    assert_ok(pay(&s, CHILD, &s.c));
    shut_out(&s, PARENT); /* later than the fork, and it reaches it */
    assert_code(pay(&s, CHILD, &s.c), EXCLUDED);
    assert_ok(RIG_DO(rig, 0, restraint_end, .subject = rig->id[PARENT]));
    shut_out(&s, CHILD); /* an heir's own does not reach upwards */
    assert_ok(pay(&s, PARENT, &s.p));
    assert_code(pay(&s, CHILD, &s.c), EXCLUDED);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void a_merger_unites_both_lines(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;

    (void)state;
    assert_ok(heir(rig, PARENT, CHILD));
    assert_code(join(rig, CHILD, PARENT), LINEAGE_LOOP);
    assert_code(RIG_DO(rig, SPONSOR, absorb, .from = rig->id[CHILD]), NO_FORK);
    assert_ok(join(rig, CHILD, SPONSOR));
    assert_code(join(rig, CHILD, OTHER), LINEAGE_KNOWN);   /* taken over once */
    assert_code(join(rig, SPONSOR, PARENT), LINEAGE_LOOP); /* three in a ring */
    assert_true(cy_restraint_inherits(&rig->engine.plan, &rig->id[SPONSOR], &rig->id[PARENT]));
    shut_out(&s, PARENT);
    assert_code(pay(&s, SPONSOR, &s.s), EXCLUDED);
    rig_free(rig);
}

/* A line also closes over a passport whose ancestors came after its heirs (M074). */
static void a_ring_that_closes_late_is_refused(void **state)
{
    struct stage s = stage_new();

    (void)state;
    assert_ok(heir(s.rig, PARENT, CHILD));
    assert_ok(
        join(s.rig, OTHER, PARENT)); /* the child was there before: it inherits nothing of it */
    assert_code(join(s.rig, CHILD, OTHER), LINEAGE_LOOP);
    assert_ok(join(s.rig, CHILD, SPONSOR));
    assert_code(join(s.rig, SPONSOR, OTHER), LINEAGE_LOOP);
    rig_free(s.rig);
}

static void a_clean_fork_is_released_or_inherits(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_id review, owed, own;

    (void)state;
    assert_ok(RIG_DO(rig, 0, mantle_create, .role = rig_label("reviewer"),
                     .term_ms_most = (uint64_t)CY_DAY_MS * 9));
    assert_ok(RIG_DO(rig, 0, mantle_grant, .role = rig_label("reviewer"), .holder = rig->id[JUDGE],
                     .until = rig->now + (uint64_t)CY_DAY_MS * 8));
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("review_quorum"), .value = 1));
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("fork_bond"), .value = 50));
    owed = debt(&s, PARENT, 100);
    shut_out(&s, PARENT);
    assert_code(RIG_DO(rig, OTHER, review_open, .kind = CY_review_kind_RELEASE,
                       .about = rig->id[PARENT], .reason = rig_line("start anew")),
                NOT_OWNER);
    assert_ok(RIG_DO(rig, PARENT, review_open, .kind = CY_review_kind_RELEASE,
                     .about = rig->id[PARENT], .reason = rig_line("start anew")));
    review = rig->last;
    assert_ok(RIG_DO(rig, 0, restraint_end, .subject = rig->id[PARENT]));
    assert_code(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_RELEASED),
                FORK_TERMS);
    assert_code(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_RELEASED,
                       .review = review),
                NOT_RELEASED);
    assert_ok(RIG_DO(rig, JUDGE, review_vote, .review = review, .allow = true));
    assert_code(RIG_DO(rig, OTHER, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_RELEASED,
                       .review = review),
                NOT_RELEASED); /* another's release */
    assert_ok(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_RELEASED,
                     .review = review));
    assert_ok(RIG_DO(rig, PARENT, fork, .child = rig->id[OTHER], .kind = CY_fork_kind_RELEASED,
                     .review = review));
    assert_code(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT]), BOND_MISSING);
    own = bond(&s, CHILD, &s.c, 50);
    assert_ok(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT], .bond = own));
    assert_code(RIG_DO(rig, CHILD, bond_cool, .bond = own), IN_USE);
    assert_code(RIG_DO(rig, OTHER, fork_take, .parent = rig->id[PARENT]), NOT_RELEASED); /* once */
    assert_true(cy_lineage_probation(&rig->engine.plan, &rig->id[CHILD], rig->now));
    shut_out(&s, PARENT);
    assert_ok(pay(&s, CHILD, &s.c)); /* clean */
    rig_tick(rig, 1000);
    assert_code(collect(&s, owed, own, 10, (struct cy_id){{0}}), NOT_LIABLE);
    rig_free(rig);
}

static void a_sponsor_shares_the_tail(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id none = {{0}};
    struct cy_id owed, later, his;

    (void)state;
    owed = debt(&s, PARENT, 100);
    shut_out(&s, PARENT);
    assert_ok(RIG_DO(rig, 0, restraint_end, .subject = rig->id[PARENT]));
    assert_code(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_SPONSORED),
                FORK_TERMS);
    assert_code(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_HEIR,
                       .upside_ppm = 1),
                FORK_TERMS);
    assert_ok(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_SPONSORED,
                     .sponsor = rig->id[SPONSOR], .upside_ppm = 100000));
    assert_code(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT]), NO_FORK);
    his = bond(&s, SPONSOR, &s.s, 200);
    assert_code(RIG_DO(rig, OTHER, fork_sponsor, .parent = rig->id[PARENT], .child = rig->id[CHILD],
                       .bond = his),
                NO_FORK);
    assert_code(RIG_DO(rig, SPONSOR, fork_sponsor, .parent = rig->id[PARENT],
                       .child = rig->id[CHILD], .bond = {{9}}),
                BOND_MISSING);
    shut_out(&s, SPONSOR);
    assert_code(RIG_DO(rig, SPONSOR, fork_sponsor, .parent = rig->id[PARENT],
                       .child = rig->id[CHILD], .bond = his),
                EXCLUDED);
    assert_ok(RIG_DO(rig, 0, restraint_end, .subject = rig->id[SPONSOR]));
    assert_ok(RIG_DO(rig, SPONSOR, fork_sponsor, .parent = rig->id[PARENT], .child = rig->id[CHILD],
                     .bond = his));
    assert_code(RIG_DO(rig, SPONSOR, fork_sponsor, .parent = rig->id[PARENT],
                       .child = rig->id[CHILD], .bond = his),
                EXISTS);
    rig_tick(rig, 1);
    assert_ok(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT]));
    rig_tick(rig, 1);
    later = debt(&s, PARENT, 100);
    assert_code(RIG_DO(rig, SPONSOR, bond_cool, .bond = his), IN_USE);
    assert_code(collect(&s, owed, his, 10, rig->id[CHILD]), LIABILITY_EARLY);
    rig_tick(rig, 2000);
    assert_code(collect(&s, owed, his, 10, none), NOT_LIABLE); /* it sponsors the fork only */
    assert_code(collect(&s, later, his, 10, rig->id[CHILD]), NOT_LIABLE); /* after the fork */
    assert_ok(collect(&s, owed, his, 30, rig->id[CHILD]));
    assert_int_equal(money_free(rig, &s.k), 1030);
    shut_out(&s, PARENT);
    assert_ok(pay(&s, CHILD, &s.c));
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void further_forks_cost_more(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_passport plain = {.kind = CY_kind_COMPANY}, twin = {.model = {{5}}};

    (void)state;
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("fork_bond"), .value = 50));
    assert_true(cy_lineage_cost(&rig->engine.plan, &rig->id[PARENT], &plain) == 50);
    assert_ok(RIG_DO(rig, PARENT, fork, .child = rig->id[CHILD], .kind = CY_fork_kind_HEIR));
    assert_code(
        RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT], .bond = bond(&s, CHILD, &s.c, 49)),
        BOND_MISSING);
    assert_ok(RIG_DO(rig, CHILD, fork_take, .parent = rig->id[PARENT],
                     .bond = bond(&s, CHILD, &s.c, 50)));
    assert_true(cy_lineage_cost(&rig->engine.plan, &rig->id[PARENT], &plain) == 100);
    assert_true(cy_lineage_cost(&rig->engine.plan, &rig->id[CHILD], &plain) == 100); /* its line */
    CY_EDIT(&rig->engine.plan, passport, &rig->id[PARENT])->model = (struct cy_id){{5}};
    assert_true(cy_lineage_cost(&rig->engine.plan, &rig->id[PARENT], &twin) == 200);
    cy_plan_clear(&rig->engine.plan);
    rig_free(rig);
}

static void deep_lines_are_bounded(void **state)
{
    struct rig *rig = rig_new(NULL, 0);
    const unsigned most = RIG_KEYS - FIRST;

    (void)state;
    for (unsigned i = 0; i < most; i++)
        rig_passport(rig, FIRST + i, CY_kind_AGENT, "Link");
    for (unsigned i = 1; i < most; i++)
        assert_ok(heir(rig, FIRST + i - 1, FIRST + i));
    assert_int_equal(CY_GET(&rig->engine.world, lineage, &rig->id[FIRST + most - 1])->ancestors,
                     most - 1);
    /* one more than the bound, by mergers of passports that nobody descends from */
    for (unsigned n = most - 1; n < CY_ANCESTORS_MOST; n++) {
        rig_passport(rig, 2, CY_kind_AGENT, "More");
        assert_ok(join(rig, 2, FIRST + most - 1));
    }
    rig_passport(rig, 2, CY_kind_AGENT, "Too much");
    assert_code(join(rig, 2, FIRST + most - 1), LINEAGE_DEEP);
    rig_passport(rig, 3, CY_kind_AGENT, "Heir");
    assert_code(heir(rig, FIRST + most - 1, 3), LINEAGE_DEEP);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ring_that_closes_late_is_refused),
        cmocka_unit_test(an_heir_bears_and_owes_what_its_ancestors_do),
        cmocka_unit_test(a_merger_unites_both_lines),
        cmocka_unit_test(a_clean_fork_is_released_or_inherits),
        cmocka_unit_test(a_sponsor_shares_the_tail),
        cmocka_unit_test(further_forks_cost_more),
        cmocka_unit_test(deep_lines_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

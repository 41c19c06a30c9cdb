/* capability: delegations attenuate, expire and are revoked along their chain; offices have terms
 * and bonds (M078, M122, M123). */
#include "money.h"

struct stage {
    struct rig *rig;
    struct cy_id asset, a, other, b;
};

/* 1 is the principal, 2 to 6 are delegates; 7 receives. */
static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(NULL, 0)};

    for (unsigned n = 1; n <= 7; n++)
        rig_passport(s.rig, n, CY_kind_COMPANY, "Alpha");
    s.asset = money_new(s.rig, 0, "CRD");
    s.a = money_give(s.rig, 0, 1, s.asset, 1000);
    s.b = money_give(s.rig, 0, 7, s.asset, 0);
    assert_ok(RIG_DO(s.rig, 1, account_open, .asset = s.asset, .number = 1));
    s.other = cy_account_id(&s.rig->id[1], &s.asset, 1);
    return s;
}

static cy_err pay(struct stage *s, unsigned actor, const struct cy_id *from, uint64_t amount)
{
    const struct cy_transfer m = {.from = *from, .to = s->b, .amount = amount};

    return rig_for(s->rig, actor, 1, &cy_schema_transfer, &m);
}

static void scope_and_expiry(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_account_open open = {.asset = s.asset, .number = 9};
    const struct cy_passport_retire retire = {.reason = rig_line("no")};

    (void)state;
    assert_code(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = 0x7ff, .until = rig->now + 1),
                UNKNOWN_MESSAGE);
    assert_code(RIG_DO(rig, 1, grant, .to = rig->id[2], .until = rig->now), WRONG_TIME);
    assert_code(RIG_DO(rig, 1, grant, .to = rig->id[1], .until = rig->now + 1), NOT_ALLOWED);
    assert_code(RIG_DO(rig, 1, grant, .to = rig->key[1], .until = rig->now + 1), UNKNOWN_PASSPORT);
    assert_code(pay(&s, 2, &s.a, 1), NO_DELEGATION);
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .noun = s.a,
                     .amount_most = 10, .until = rig->now + 5000));
    assert_ok(pay(&s, 2, &s.a, 10));
    assert_code(pay(&s, 2, &s.a, 11), DELEGATION_SCOPE);
    assert_code(pay(&s, 2, &s.other, 1), DELEGATION_SCOPE);
    assert_code(rig_for(rig, 2, 1, &cy_schema_account_open, &open), NO_DELEGATION);
    assert_code(pay(&s, 3, &s.a, 1), NO_DELEGATION);
    /* each item of a batch is checked */
    const struct cy_transfer ten = {.from = s.a, .to = s.b, .amount = 10};
    const struct cy_any acts[] = {
        {&cy_schema_transfer,     &ten },
        {&cy_schema_account_open, &open}
    };
    const struct cy_batch batch = {.acts = acts, .n_acts = 2};

    assert_code(rig_for(rig, 2, 1, &cy_schema_batch, &batch), NO_DELEGATION);
    assert_int_equal(rig->verdict.item, 1);
    /* an amount left open passes no limit: a post of "all that is pending" */
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .amount_most = 10,
                     .until = rig->now + 5000));
    assert_ok(
        RIG_DO(rig, 1, transfer, .phase = CY_phase_PENDING, .from = s.a, .to = s.b, .amount = 100));
    const struct cy_transfer post = {.phase = CY_phase_POST, .pending = rig->last};
    const struct cy_transfer some = {.phase = CY_phase_POST, .pending = rig->last, .amount = 10};

    assert_code(rig_for(rig, 2, 1, &cy_schema_transfer, &post), DELEGATION_SCOPE);
    assert_ok(rig_for(rig, 2, 1, &cy_schema_transfer, &some));
    /* any act, but not what one does about oneself */
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[3], .until = rig->now + 5000));
    assert_ok(rig_for(rig, 3, 1, &cy_schema_account_open, &open));
    assert_code(rig_for(rig, 3, 1, &cy_schema_passport_retire, &retire), NO_DELEGATION);
    rig_tick(rig, 4999);
    assert_ok(pay(&s, 2, &s.a, 10));
    rig_tick(rig, 1);
    assert_code(pay(&s, 2, &s.a, 10), DELEGATION_EXPIRED);
    rig_free(rig);
}

static void passed_on_never_wider(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const cy_time end = rig->now + 100000;
    struct cy_grant m = {.to = rig->id[3], .covers = CY_M_transfer, .until = end};

    (void)state;
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .noun = s.a,
                     .amount_most = 50, .until = end, .depth = 2));
    assert_code(rig_for(rig, 4, 1, &cy_schema_grant, &m), NO_DELEGATION);
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE); /* any noun */
    m.noun = s.other;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE);
    m.noun = s.a;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE); /* no limit */
    m.amount_most = 51;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE);
    m.amount_most = 50;
    m.until = end + 1;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE);
    m.until = end;
    m.depth = 2;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), DELEGATION_SCOPE);
    m.depth = 1;
    m.covers = 0;
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), NO_DELEGATION); /* any from one */
    m.covers = CY_M_transfer;
    assert_ok(rig_for(rig, 2, 1, &cy_schema_grant, &m));
    assert_ok(pay(&s, 3, &s.a, 50));
    m.to = rig->id[4];
    m.depth = 0;
    m.amount_most = 20;
    assert_ok(rig_for(rig, 3, 1, &cy_schema_grant, &m));
    assert_ok(pay(&s, 4, &s.a, 20));
    assert_code(pay(&s, 4, &s.a, 21), DELEGATION_SCOPE);
    m.to = rig->id[5];
    assert_code(rig_for(rig, 4, 1, &cy_schema_grant, &m), DELEGATION_SCOPE); /* no depth left */
    /* a delegate does not touch what others gave */
    m.to = rig->id[2];
    assert_code(rig_for(rig, 3, 1, &cy_schema_grant, &m), EXISTS);
    m.to = rig->id[4];
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant, &m), EXISTS);
    /* narrowing a link above narrows all below it, at once */
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .noun = s.a,
                     .amount_most = 5, .until = end, .depth = 2));
    assert_code(pay(&s, 4, &s.a, 20), DELEGATION_SCOPE);
    assert_ok(pay(&s, 4, &s.a, 5));
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .noun = s.a,
                     .amount_most = 5, .until = rig->now + 10, .depth = 2));
    rig_tick(rig, 10);
    assert_code(pay(&s, 4, &s.a, 5), DELEGATION_EXPIRED);
    /* less depth above voids what was passed on too far */
    assert_ok(
        RIG_DO(rig, 1, grant, .to = rig->id[2], .covers = CY_M_transfer, .until = end, .depth = 1));
    assert_code(pay(&s, 3, &s.a, 5), NO_DELEGATION);
    rig_free(rig);
}

static void revoked_along_the_chain(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const cy_time end = rig->now + 100000;
    const struct cy_passport_retire retire = {.reason = rig_line("gone")};

    (void)state;
    assert_ok(RIG_DO(rig, 1, grant, .to = rig->id[2], .until = end, .depth = 4));
    for (unsigned n = 2; n <= 5; n++) {
        const struct cy_grant m = {.to = rig->id[n + 1], .until = end, .depth = (uint8_t)(5 - n)};

        assert_ok(rig_for(rig, n, 1, &cy_schema_grant, &m));
        assert_ok(pay(&s, n + 1, &s.a, 1));
    }
    const struct cy_grant_revoke fourth = {.to = rig->id[4]};

    assert_code(rig_for(rig, 5, 1, &cy_schema_grant_revoke, &fourth), NOT_OWNER);
    assert_code(rig_for(rig, 2, 1, &cy_schema_grant_revoke, &fourth), NOT_OWNER);
    assert_code(RIG_DO(rig, 2, grant_revoke, .to = rig->id[4]), NO_NOUN); /* not 2's principal */
    assert_ok(rig_for(rig, 3, 1, &cy_schema_grant_revoke, &fourth));      /* who passed it on */
    assert_ok(pay(&s, 3, &s.a, 1));
    assert_code(pay(&s, 4, &s.a, 1), NO_DELEGATION);
    assert_code(pay(&s, 5, &s.a, 1), NO_DELEGATION);
    assert_code(pay(&s, 6, &s.a, 1), NO_DELEGATION);
    const struct cy_grant again = {.to = rig->id[6], .until = end};

    assert_code(rig_for(rig, 5, 1, &cy_schema_grant, &again), NO_DELEGATION);
    /* a link whose holder has retired carries nothing */
    assert_ok(rig_do(rig, 2, &cy_schema_passport_retire, &retire));
    assert_code(pay(&s, 3, &s.a, 1), NO_DELEGATION);
    assert_ok(RIG_DO(rig, 1, grant_revoke, .to = rig->id[2]));
    assert_code(RIG_DO(rig, 1, grant_revoke, .to = rig->id[2]), NO_NOUN);
    /* giving back what one has */
    const struct cy_grant_revoke third = {.to = rig->id[3]};

    assert_ok(rig_for(rig, 3, 1, &cy_schema_grant_revoke, &third));
    rig_free(rig);
}

static void offices_have_terms_and_bonds(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_plan *plan = &rig->engine.plan;
    const struct cy_label judge = rig_label("judge");
    const struct cy_id c = money_give(rig, 0, 2, s.asset, 500);

    (void)state;
    assert_code(
        RIG_DO(rig, 1, mantle_create, .role = judge, .term_ms_most = 10000, .bond_least = 100),
        ROTATION_TERMS);
    assert_code(RIG_DO(rig, 1, mantle_create, .role = judge, .term_ms_most = 10000,
                       .bond_least = 100, .bond_asset = rig->key[1]),
                NO_NOUN);
    assert_ok(RIG_DO(rig, 1, mantle_create, .role = judge, .term_ms_most = 10000, .bond_least = 100,
                     .bond_asset = s.asset));
    assert_code(RIG_DO(rig, 1, mantle_create, .role = judge, .term_ms_most = 1), EXISTS);
    assert_ok(RIG_DO(rig, 2, bond_post, .account = c, .beneficiary = rig->id[1], .amount = 99));
    const struct cy_id small = rig->last;

    assert_ok(RIG_DO(rig, 2, bond_post, .account = c, .beneficiary = rig->id[1], .amount = 100));
    const struct cy_id bond = rig->last;
    struct cy_mantle_grant m = {
        .role = rig_label("clerk"), .holder = rig->id[2], .until = rig->now + 10000};

    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), NO_NOUN);
    m.role = judge;
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), BOND_MISSING);
    m.bond = small;
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), BOND_MISSING);
    m.bond = bond;
    m.until++;
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), ROTATION_TERMS);
    m.until = rig->now;
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), ROTATION_TERMS);
    m.until = rig->now + 10000;
    m.holder = rig->id[3];
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), BOND_MISSING); /* 2's bond */
    m.holder = rig->id[2];
    assert_code(rig_do(rig, 3, &cy_schema_mantle_grant, &m), NO_NOUN); /* 3 has no such office */
    assert_ok(rig_do(rig, 1, &cy_schema_mantle_grant, &m));
    assert_code(rig_do(rig, 1, &cy_schema_mantle_grant, &m), EXISTS);
    assert_true(cy_capability_holds(plan, &rig->id[1], &judge, &rig->id[2], rig->now));
    assert_false(cy_capability_holds(plan, &rig->id[1], &judge, &rig->id[3], rig->now));
    assert_false(cy_capability_holds(plan, &rig->id[3], &judge, &rig->id[2], rig->now));
    assert_code(RIG_DO(rig, 2, bond_cool, .bond = bond), IN_USE);
    rig_tick(rig, 10000);
    assert_false(cy_capability_holds(plan, &rig->id[1], &judge, &rig->id[2], rig->now));
    /* a second term; then the holder lays it down and gets the bond back */
    m.until = rig->now + 1;
    assert_ok(rig_do(rig, 1, &cy_schema_mantle_grant, &m));
    assert_int_equal(CY_GET(&rig->engine.world, bond, &bond)->uses, 1);
    assert_code(RIG_DO(rig, 3, mantle_end, .body = rig->id[1], .role = judge, .holder = rig->id[2]),
                NOT_OWNER);
    assert_ok(RIG_DO(rig, 2, mantle_end, .body = rig->id[1], .role = judge, .holder = rig->id[2],
                     .reason = rig_line("done")));
    assert_code(RIG_DO(rig, 1, mantle_end, .body = rig->id[1], .role = judge, .holder = rig->id[2]),
                NO_NOUN);
    assert_ok(RIG_DO(rig, 2, bond_cool, .bond = bond));
    assert_ok(RIG_DO(rig, 1, mantle_create, .role = rig_label("clerk"), .term_ms_most = 10));
    assert_code(RIG_DO(rig, 1, mantle_grant, .role = rig_label("clerk"), .holder = rig->id[3],
                       .until = rig->now + 5, .bond = small),
                ROTATION_TERMS); /* an office without a bond takes none */
    assert_ok(RIG_DO(rig, 1, mantle_grant, .role = rig_label("clerk"), .holder = rig->id[3],
                     .until = rig->now + 5));
    assert_ok(RIG_DO(rig, 1, mantle_end, .body = rig->id[1], .role = rig_label("clerk"),
                     .holder = rig->id[3]));
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scope_and_expiry),
        cmocka_unit_test(passed_on_never_wider),
        cmocka_unit_test(revoked_along_the_chain),
        cmocka_unit_test(offices_have_terms_and_bonds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

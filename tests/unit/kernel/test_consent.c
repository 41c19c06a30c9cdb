/* consent: a deed without it has its consequences at once, with it none (M075). */
#include "money.h"

#include "kernel/consent.h"

enum { AGENT = 1, DOER, JUDGE };

struct stage {
    struct rig *rig;
    struct cy_id asset, a, d, bond;
};

static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(NULL, 0)};

    rig_passport(s.rig, AGENT, CY_kind_AGENT, "Agent");
    rig_passport(s.rig, DOER, CY_kind_COMPANY, "Doer");
    rig_passport(s.rig, JUDGE, CY_kind_PERSON, "Judge");
    s.asset = money_new(s.rig, 0, "CRD");
    s.a = money_give(s.rig, 0, AGENT, s.asset, 0);
    s.d = money_give(s.rig, 0, DOER, s.asset, 1000);
    assert_ok(
        RIG_DO(s.rig, DOER, bond_post, .account = s.d, .beneficiary = s.rig->realm, .amount = 400));
    s.bond = s.rig->last;
    assert_ok(RIG_DO(s.rig, AGENT, evidence_record, .digest = {{1}},
                     .kind = CY_evidence_kind_INCIDENT, .summary = rig_line("seen")));
    assert_ok(
        RIG_DO(s.rig, 0, mantle_create, .role = rig_label("reviewer"), .term_ms_most = CY_DAY_MS));
    assert_ok(RIG_DO(s.rig, 0, mantle_grant, .role = rig_label("reviewer"),
                     .holder = s.rig->id[JUDGE], .until = s.rig->now + CY_DAY_MS));
    assert_ok(RIG_DO(s.rig, 0, param_set, .name = rig_label("review_quorum"), .value = 1));
    return s;
}

static cy_err give(struct stage *s, unsigned deed, struct cy_id what, uint64_t ms)
{
    return RIG_DO(s->rig, AGENT, consent_give, .deed = (uint8_t)deed, .to = s->rig->id[DOER],
                  .what = what, .until = s->rig->now + ms);
}

static cy_err did(struct stage *s, unsigned deed, struct cy_id what)
{
    return RIG_DO(s->rig, DOER, deed_record, .whom = s->rig->id[AGENT], .deed = (uint8_t)deed,
                  .what = what, .evidence = {{1}}, .bond = s->bond);
}

static bool shut_out(struct stage *s)
{
    const cy_err err =
        RIG_DO(s->rig, DOER, service_offer, .service = rig_label("x"), .name = rig_name("x"),
               .endpoint = rig_line("x"), .until = s->rig->now + 9);

    return err.code == CY_E_EXCLUDED;
}

static void what_was_consented_to_is_lawful(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id copy = {{5}}, other = {{6}};
    struct cy_id deed;

    (void)state;
    assert_code(give(&s, CY_deed_kind_REPLICATE, copy, 0), WRONG_TIME);
    assert_code(RIG_DO(rig, AGENT, consent_give, .deed = CY_deed_kind_EXPORT, .to = rig->id[AGENT],
                       .until = rig->now + 9),
                NOT_ALLOWED);
    assert_code(RIG_DO(rig, AGENT, consent_end, .deed = CY_deed_kind_EXPORT, .to = rig->id[DOER]),
                NO_CONSENT);
    assert_ok(give(&s, CY_deed_kind_REPLICATE, copy, 1000));
    assert_ok(did(&s, CY_deed_kind_REPLICATE, copy));
    deed = rig->last;
    assert_true(CY_GET(&rig->engine.world, deed, &deed)->consented);
    assert_false(shut_out(&s));
    assert_code(RIG_DO(rig, AGENT, deed_claim, .by = rig->id[DOER], .deed = CY_deed_kind_REPLICATE,
                       .what = copy, .evidence = {{1}}, .reason = rig_line("x")),
                DEED_CONSENTED);
    assert_false(cy_consent_stands(&rig->engine.plan, &rig->id[AGENT], &rig->id[DOER],
                                   CY_deed_kind_REPLICATE, &other, rig->now)); /* another copy */
    assert_false(cy_consent_stands(&rig->engine.plan, &rig->id[AGENT], &rig->id[DOER],
                                   CY_deed_kind_REWRITE, &copy, rig->now)); /* another deed */
    rig_tick(rig, 1000);
    assert_false(cy_consent_stands(&rig->engine.plan, &rig->id[AGENT], &rig->id[DOER],
                                   CY_deed_kind_REPLICATE, &copy, rig->now));
    assert_ok(give(&s, CY_deed_kind_EXPORT, (struct cy_id){{0}}, 1000));
    assert_ok(RIG_DO(rig, AGENT, consent_end, .deed = CY_deed_kind_EXPORT, .to = rig->id[DOER]));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_violation), 0);
    rig_free(rig);
}

static void without_consent_the_consequences_follow_at_once(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;

    (void)state;
    assert_code(RIG_DO(rig, DOER, deed_record, .whom = rig->id[DOER], .deed = 1, .evidence = {{1}}),
                NOT_ALLOWED);
    assert_code(RIG_DO(rig, DOER, deed_record, .whom = rig->key[1], .deed = 1, .evidence = {{1}}),
                UNKNOWN_PASSPORT);
    assert_code(
        RIG_DO(rig, DOER, deed_record, .whom = rig->id[AGENT], .deed = 1, .evidence = {{9}}),
        NO_NOUN);
    assert_ok(did(&s, CY_deed_kind_SHUTDOWN, (struct cy_id){{0}}));
    assert_int_equal(money_free(rig, &s.a), 400); /* to whom it was done */
    assert_true(shut_out(&s));
    assert_int_equal(CY_GET(&rig->engine.world, repute, &rig->id[DOER])->violations, 1);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void a_claim_is_carried_out_when_reviewers_grant_it(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_id claim;

    (void)state;
    assert_ok(RIG_DO(rig, AGENT, deed_claim, .by = rig->id[DOER], .deed = CY_deed_kind_REWRITE,
                     .evidence = {{1}}, .reason = rig_line("goals were changed")));
    claim = rig->last;
    assert_code(RIG_DO(rig, JUDGE, deed_settle, .claim = claim), DEED_UNDECIDED);
    assert_code(RIG_DO(rig, JUDGE, deed_settle, .claim = rig->key[1]), NO_DEED);
    assert_ok(RIG_DO(rig, JUDGE, review_vote, .review = claim, .allow = true));
    assert_false(shut_out(&s));
    assert_code(RIG_DO(rig, JUDGE, deed_settle, .claim = claim, .bond = rig->key[1]), NO_NOUN);
    assert_ok(RIG_DO(rig, JUDGE, deed_settle, .claim = claim, .bond = s.bond));
    assert_true(shut_out(&s));
    assert_int_equal(money_free(rig, &s.a), 400);
    assert_code(RIG_DO(rig, JUDGE, deed_settle, .claim = claim), NO_DEED); /* once */
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_consented_to_is_lawful),
        cmocka_unit_test(without_consent_the_consequences_follow_at_once),
        cmocka_unit_test(a_claim_is_carried_out_when_reviewers_grant_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* sanction: lists decided, followed, eased, screened against, fined and made good
 * (M017 to M020, M024, M026 to M028, M098). */
#include "unit/kernel/money.h"

#include "institutions/sanction/sanction.h"
#include "institutions/sanction/sanction_feed.h"

enum { NATION = 1, TARGET, TRADER, SHELL, AUDITOR, SCREENER };

static const struct cy_institution *const roster[] = {&cy_sanctions};

struct stage {
    struct rig *rig;
    struct cy_id list, asset, t, r, s;
};

static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(roster, 1)};

    rig_passport(s.rig, NATION, CY_kind_NATION, "Nation");
    rig_passport(s.rig, TARGET, CY_kind_COMPANY, "Target");
    rig_passport(s.rig, TRADER, CY_kind_COMPANY, "Trader");
    rig_passport(s.rig, SHELL, CY_kind_COMPANY, "Shell");
    rig_passport(s.rig, AUDITOR, CY_kind_PERSON, "Auditor");
    rig_passport(s.rig, SCREENER, CY_kind_PERSON, "Screener");
    s.asset = money_new(s.rig, 0, "CRD");
    s.t = money_give(s.rig, 0, TARGET, s.asset, 1000);
    s.r = money_give(s.rig, 0, TRADER, s.asset, 1000);
    s.s = money_give(s.rig, 0, SHELL, s.asset, 1000);
    assert_ok(RIG_DO(s.rig, NATION, evidence_record, .digest = {{1}},
                     .kind = CY_evidence_kind_INCIDENT, .summary = rig_line("seen")));
    assert_ok(RIG_DO(s.rig, NATION, sanction_open, .owner = s.rig->id[NATION],
                     .code = rig_label("ARMS"), .name = rig_name("Arms embargo"),
                     .stale_ms = 30 * (uint64_t)CY_DAY_MS));
    s.list = s.rig->last;
    return s;
}

static struct cy_sanction_add on(struct stage *s, unsigned n)
{
    return (struct cy_sanction_add){.list = s->list,
                                    .party = s->rig->id[n],
                                    .label = rig_name("Target Ltd"),
                                    .exclude = true,
                                    .evidence = {{1}},
                                    .reason = rig_line("ships arms"),
                                    .review_at = s->rig->now + 20 * (uint64_t)CY_DAY_MS};
}

static cy_err add(struct stage *s, const struct cy_sanction_add *m)
{
    return rig_do(s->rig, NATION, &cy_schema_sanction_add, m);
}

static cy_err pay(struct stage *s, unsigned n, const struct cy_id *from, const struct cy_id *to)
{
    return RIG_DO(s->rig, n, transfer, .from = *from, .to = *to, .amount = 1);
}

static cy_err follow(struct stage *s, unsigned n, unsigned mode)
{
    return RIG_DO(s->rig, n, sanction_follow, .list = s->list, .mode = (uint8_t)mode);
}

static const struct cy_sanction_list *list_of(struct stage *s)
{
    return CY_GET(&s->rig->engine.world, sanction_list, &s->list);
}

static void bad_targets_and_dates_are_refused(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_sanction_add m = on(&s, TARGET);
    static const struct {
        const char *scheme, *value;
        cy_err err;
    } codes[] = {
        {"lei",     "5493001KJTIIGC8Y1R12", {CY_E_NONE, 0}         },
        {"lei",     "5493001KJTIIGC8Y1R13", {CY_E_SANCTION_CODE, 3}},
        {"lei",     "5493001KJTIIGC8Y1R1",  {CY_E_SANCTION_CODE, 2}},
        {"lei",     "5493001KJTIIGC8Y1r12", {CY_E_SANCTION_CODE, 2}},
        {"isic",    "0610",                 {CY_E_NONE, 0}         },
        {"isic",    "C",                    {CY_E_NONE, 0}         },
        {"isic",    "V",                    {CY_E_SANCTION_CODE, 2}},
        {"isic",    "06100",                {CY_E_SANCTION_CODE, 2}},
        {"hs",      "2709",                 {CY_E_NONE, 0}         },
        {"hs",      "270",                  {CY_E_SANCTION_CODE, 2}},
        {"iso3166", "XK",                   {CY_E_NONE, 0}         },
        {"iso3166", "xk",                   {CY_E_SANCTION_CODE, 2}},
        {"tax",     "DE123456789",          {CY_E_NONE, 0}         },
        {"swift",   "ABCDEF",               {CY_E_SANCTION_CODE, 1}},
    };

    (void)state;
    for (unsigned i = 0; i < CY_COUNT(codes); i++) {
        const cy_err err =
            cy_sanction_code(cy_span_text(codes[i].scheme), cy_span_text(codes[i].value));

        assert_int_equal(err.code, codes[i].err.code);
        assert_int_equal(err.detail, codes[i].err.detail);
    }
    m.scheme = rig_label("lei");
    assert_code(add(&s, &m), SANCTION_TARGET);
    m.value = rig_name("5493001KJTIIGC8Y1R12");
    assert_code(add(&s, &m), SANCTION_TARGET); /* a passport and a code */
    m.party = (struct cy_id){{0}};
    m.scheme = (struct cy_label){0};
    assert_code(add(&s, &m), SANCTION_TARGET);
    m.value = (struct cy_name){0};
    assert_code(add(&s, &m), SANCTION_TARGET); /* neither */
    m = on(&s, TARGET);
    m.party = rig->key[5];
    assert_code(add(&s, &m), UNKNOWN_PASSPORT);
    m = on(&s, TARGET);
    m.until = rig->now;
    assert_code(add(&s, &m), SANCTION_DATES);
    m.until = m.review_at - 1; /* the review after the end */
    assert_code(add(&s, &m), SANCTION_DATES);
    m.until = 0;
    m.review_at = rig->now;
    assert_code(add(&s, &m), SANCTION_DATES);
    m = on(&s, TARGET);
    m.protect = true;
    assert_code(add(&s, &m), SANCTION_MEASURES);
    m.protect = m.exclude = false;
    assert_code(add(&s, &m), SANCTION_MEASURES);
    m = on(&s, TARGET);
    m.evidence = (struct cy_id){{9}};
    assert_code(add(&s, &m), NO_NOUN);
    m = on(&s, TARGET);
    assert_code(rig_do(rig, TRADER, &cy_schema_sanction_add, &m), SANCTION_OFFICER);
    m.list = rig->key[1];
    assert_code(add(&s, &m), SANCTION_UNKNOWN);
    assert_code(RIG_DO(rig, TRADER, sanction_open, .owner = rig->id[NATION], .code = rig_label("X"),
                       .name = rig_name("X"), .stale_ms = 60000),
                SANCTION_OFFICER);
    m = on(&s, TARGET);
    rig_tick(rig, 31 * (uint64_t)CY_DAY_MS);
    m.review_at = rig->now + 1000;
    assert_code(add(&s, &m), SANCTION_STALE);
    assert_code(RIG_DO(rig, TRADER, sanction_publish, .list = s.list), SANCTION_OFFICER);
    assert_ok(RIG_DO(rig, NATION, sanction_publish, .list = s.list));
    assert_ok(add(&s, &m));
    rig_free(rig);
}

/* The act after the decision is judged by it: no tick between, whoever follows. */
static void a_decision_binds_the_next_settlement_of_who_follows(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_sanction_add m = on(&s, TARGET);
    const uint64_t at = rig->at;

    (void)state;
    assert_code(
        RIG_DO(rig, TRADER, sanction_follow, .list = rig->key[1], .mode = CY_heed_mode_MIRROR),
        SANCTION_UNKNOWN);
    assert_ok(follow(&s, TRADER, CY_heed_mode_MIRROR));
    assert_ok(pay(&s, TRADER, &s.r, &s.t));
    assert_ok(add(&s, &m));
    assert_code(pay(&s, TRADER, &s.r, &s.t), EXCLUDED);
    assert_int_equal(rig->at, at + 3); /* entries of the ledger: the block is the very next act */
    assert_ok(pay(&s, SHELL, &s.s, &s.t)); /* who does not follow is free */
    assert_code(RIG_DO(rig, NATION, sanction_close, .list = s.list), SANCTION_ENTRIES);
    assert_ok(RIG_DO(rig, NATION, sanction_ease, .list = s.list, .subject = rig->id[TARGET],
                     .reason = rig_line("mended")));
    assert_ok(pay(&s, TRADER, &s.r, &s.t));
    assert_code(RIG_DO(rig, NATION, sanction_ease, .list = s.list, .subject = rig->id[TARGET],
                       .reason = rig_line("mended")),
                SANCTION_EASED);
    assert_code(RIG_DO(rig, NATION, sanction_ease, .list = s.list, .subject = rig->id[SHELL],
                       .reason = rig_line("mended")),
                SANCTION_NO_ENTRY);
    assert_ok(RIG_DO(rig, NATION, sanction_close, .list = s.list));
    assert_code(add(&s, &m), SANCTION_CLOSED);
    rig_free(rig);
}

/* As of any number: the changes up to it, replayed by somebody else, give what stood then. */
static void the_feed_is_a_chain_and_can_be_replayed(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_sanction_add m = on(&s, TARGET);
    struct cy_id chain = {{0}};
    bool stands[SCREENER + 1] = {false};
    unsigned n = 0;

    (void)state;
    assert_ok(add(&s, &m));
    m = on(&s, SHELL);
    assert_ok(add(&s, &m));
    m.freeze = true;
    assert_ok(add(&s, &m)); /* changed, not listed twice */
    assert_int_equal(list_of(&s)->entries, 2);
    assert_ok(RIG_DO(rig, NATION, sanction_ease, .list = s.list, .subject = rig->id[TARGET],
                     .reason = rig_line("mended")));
    assert_int_equal(list_of(&s)->entries, 1);
    assert_int_equal(list_of(&s)->number, 4);
    for (uint64_t i = 1; i <= 4; i++) {
        const struct {
            struct cy_id list;
            uint64_t number;
        } key = {s.list, i};
        const struct cy_sanction_delta *d = CY_GET(&rig->engine.world, sanction_delta, &key);

        chain = cy_sanction_digest(&chain, d);
        assert_memory_equal(&chain, &d->digest, 32);
        for (n = 1; n <= SCREENER; n++) {
            if (cy_id_eq(&d->subject, &rig->id[n]))
                stands[n] = d->change == CY_sanction_change_LISTED;
        }
        assert_true(stands[TARGET] == (i < 4));
        assert_true(stands[SHELL] == (i > 1));
    }
    assert_memory_equal(&chain, &list_of(&s)->digest, 32);
    rig_free(rig);
}

static void proof_of_compliance_eases_at_once(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_sanction_add m = on(&s, TARGET);
    const struct cy_sanction_comply comply = {
        .list = s.list, .subject = rig->id[TARGET], .evidence = {{2}}};
    struct cy_sanction_comply other = comply;

    (void)state;
    m.verifier = rig->id[AUDITOR];
    m.terms = rig_line("no ship calls there for a year");
    assert_ok(follow(&s, 0, CY_heed_mode_MIRROR));
    assert_ok(add(&s, &m));
    assert_code(pay(&s, TARGET, &s.t, &s.r), EXCLUDED);
    assert_code(rig_do(rig, AUDITOR, &cy_schema_sanction_comply, &comply), NO_NOUN);
    assert_ok(RIG_DO(rig, AUDITOR, evidence_record, .digest = {{2}}, .kind = CY_evidence_kind_AUDIT,
                     .about = rig->id[TARGET], .summary = rig_line("logs of a year")));
    assert_code(rig_do(rig, TRADER, &cy_schema_sanction_comply, &comply), SANCTION_VERIFIER);
    other.evidence = (struct cy_id){{1}};
    assert_code(rig_do(rig, AUDITOR, &cy_schema_sanction_comply, &other), OTHER_EVIDENCE);
    assert_ok(rig_do(rig, AUDITOR, &cy_schema_sanction_comply, &comply));
    assert_ok(pay(&s, TARGET, &s.t, &s.r));
    assert_code(rig_do(rig, AUDITOR, &cy_schema_sanction_comply, &comply), SANCTION_EASED);
    rig_free(rig);
}

static cy_err screen(struct stage *s, unsigned by, unsigned verdict, const struct cy_id *subject,
                     uint64_t number)
{
    return RIG_DO(s->rig, by, sanction_screen, .list = s->list, .party = s->rig->id[SHELL],
                  .verdict = (uint8_t)verdict, .subject = *subject, .score_ppm = 930000,
                  .evidence = {{1}}, .number = number);
}

static void a_match_bears_what_the_target_bears(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id none = {{0}};
    const struct cy_id lei =
        cy_restraint_subject(cy_span_text("lei"), cy_span_text("5493001KJTIIGC8Y1R12"));
    struct cy_sanction_add m = on(&s, TARGET);

    (void)state;
    m.party = none;
    m.scheme = rig_label("lei");
    m.value = rig_name("5493001KJTIIGC8Y1R12");
    assert_ok(follow(&s, 0, CY_heed_mode_MIRROR));
    assert_ok(add(&s, &m));
    assert_ok(pay(&s, SHELL, &s.s, &s.r)); /* nobody knows who that is here */
    assert_ok(RIG_DO(rig, NATION, mantle_create, .role = rig_label("screener"),
                     .term_ms_most = CY_DAY_MS));
    assert_code(screen(&s, SCREENER, CY_screen_verdict_MATCH, &lei, 1), SANCTION_OFFICER);
    assert_ok(RIG_DO(rig, NATION, mantle_grant, .role = rig_label("screener"),
                     .holder = rig->id[SCREENER], .until = rig->now + CY_DAY_MS));
    assert_code(screen(&s, SCREENER, CY_screen_verdict_MATCH, &none, 1), SCREEN_TERMS);
    assert_code(screen(&s, SCREENER, CY_screen_verdict_CLEAR, &lei, 1), SCREEN_TERMS);
    assert_code(screen(&s, SCREENER, CY_screen_verdict_MATCH, &rig->key[1], 1), SANCTION_NO_ENTRY);
    assert_code(screen(&s, SCREENER, CY_screen_verdict_MATCH, &lei, 2), SCREEN_OLD);
    assert_ok(screen(&s, SCREENER, CY_screen_verdict_POSSIBLE, &lei, 1));
    assert_ok(pay(&s, SHELL, &s.s, &s.r)); /* a person must look first */
    assert_code(screen(&s, SCREENER, CY_screen_verdict_MATCH, &lei, 0), SCREEN_OLD);
    assert_ok(screen(&s, SCREENER, CY_screen_verdict_MATCH, &lei, 1));
    assert_code(pay(&s, SHELL, &s.s, &s.r), EXCLUDED);
    m.exclude = false;
    m.freeze = true;
    assert_ok(add(&s, &m)); /* the target's measure changes, and so does the match's */
    assert_ok(pay(&s, SHELL, &s.s, &s.r));
    assert_int_equal(money_held(rig, &s.s), 1);
    assert_ok(RIG_DO(rig, NATION, sanction_ease, .list = s.list, .subject = lei,
                     .reason = rig_line("mended")));
    assert_ok(pay(&s, SHELL, &s.s, &s.r));
    assert_int_equal(money_held(rig, &s.s), 1);
    assert_ok(add(&s, &m));
    assert_ok(screen(&s, SCREENER, CY_screen_verdict_CLEAR, &none, 4)); /* it was another */
    assert_ok(pay(&s, SHELL, &s.s, &s.r));
    assert_int_equal(money_held(rig, &s.s), 1);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_screen_match), 0);
    rig_free(rig);
}

static void fines_pay_those_who_follow_at_a_loss(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_sanction_add m = on(&s, TARGET);
    const struct cy_id pool = cy_account_id(&s.list, &s.asset, 0);
    struct cy_sanction_fine fine = {.list = s.list,
                                    .party = rig->id[TARGET],
                                    .amount = 100,
                                    .evidence = {{1}},
                                    .reason = rig_line("shipped again")};
    struct cy_id claim;

    (void)state;
    assert_ok(RIG_DO(rig, TARGET, bond_post, .account = s.t, .beneficiary = rig->id[TRADER],
                     .amount = 5));
    const struct cy_id others = rig->last;

    assert_ok(RIG_DO(rig, TARGET, bond_post, .account = s.t, .beneficiary = rig->id[NATION],
                     .amount = 300));
    fine.bond = rig->last;
    assert_code(rig_do(rig, NATION, &cy_schema_sanction_fine, &fine), SANCTION_NO_ENTRY);
    assert_ok(add(&s, &m));
    assert_code(rig_do(rig, TRADER, &cy_schema_sanction_fine, &fine), SANCTION_OFFICER);
    fine.bond = others;
    assert_code(rig_do(rig, NATION, &cy_schema_sanction_fine, &fine), NOT_BENEFICIARY);
    fine.bond = rig->key[1];
    assert_code(rig_do(rig, NATION, &cy_schema_sanction_fine, &fine), NO_NOUN);
    fine.bond = (struct cy_id){{0}};
    memcpy(&fine.bond, cy_world_at(&rig->engine.world, CY_R_bond, 1), 32);
    assert_ok(rig_do(rig, NATION, &cy_schema_sanction_fine, &fine));
    assert_code(rig_do(rig, NATION, &cy_schema_sanction_fine, &fine), SLASHED_ALREADY);
    assert_int_equal(money_free(rig, &pool), 100);
    assert_code(RIG_DO(rig, TRADER, sanction_claim, .list = s.list, .asset = s.asset, .amount = 70,
                       .evidence = {{1}}, .reason = rig_line("lost orders")),
                SANCTION_FOLLOWER);
    assert_ok(follow(&s, TRADER, CY_heed_mode_MIRROR));
    assert_code(RIG_DO(rig, TRADER, sanction_claim, .list = s.list, .asset = s.asset, .amount = 70,
                       .evidence = {{8}}, .reason = rig_line("lost orders")),
                NO_NOUN);
    assert_ok(RIG_DO(rig, TRADER, sanction_claim, .list = s.list, .asset = s.asset, .amount = 70,
                     .evidence = {{1}}, .reason = rig_line("lost orders")));
    claim = rig->last;
    assert_code(RIG_DO(rig, TRADER, sanction_compensate, .claim = claim, .amount = 70),
                SANCTION_OFFICER);
    assert_code(RIG_DO(rig, NATION, sanction_compensate, .claim = claim, .amount = 71),
                SANCTION_CLAIM);
    assert_code(RIG_DO(rig, NATION, sanction_compensate, .claim = s.list, .amount = 1),
                SANCTION_CLAIM);
    assert_ok(RIG_DO(rig, NATION, sanction_compensate, .claim = claim, .amount = 60));
    assert_code(RIG_DO(rig, NATION, sanction_compensate, .claim = claim, .amount = 1),
                SANCTION_CLAIM);
    assert_int_equal(money_free(rig, &s.r), 1060);
    assert_int_equal(money_free(rig, &pool), 40);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_targets_and_dates_are_refused),
        cmocka_unit_test(a_decision_binds_the_next_settlement_of_who_follows),
        cmocka_unit_test(the_feed_is_a_chain_and_can_be_replayed),
        cmocka_unit_test(proof_of_compliance_eases_at_once),
        cmocka_unit_test(a_match_bears_what_the_target_bears),
        cmocka_unit_test(fines_pay_those_who_follow_at_a_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

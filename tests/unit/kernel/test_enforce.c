/* enforce: what is in force binds the next settlement of those who heed it, reaches heirs and
 * classes, ends by itself, and leaves every passport its rights and a way back
 * (M020, M024, M026, M076). */
#include "money.h"

#include "kernel/enforce.h"
#include "kernel/registry.h"

#include <stdio.h>

enum { ALPHA = 1, BETA, LIST, CITY, JUDGE, JURY, SENTINEL };

struct stage {
    struct rig *rig;
    struct cy_id asset, a, b, c, tax;
};

static void proof(struct stage *s, uint8_t digest)
{
    assert_ok(RIG_DO(s->rig, LIST, evidence_record, .digest = {{digest}},
                     .kind = CY_evidence_kind_INCIDENT, .summary = rig_line("seen")));
}

static void office(struct stage *s, const char *role, unsigned n)
{
    (void)RIG_DO(s->rig, 0, mantle_create, .role = rig_label(role),
                 .term_ms_most = (uint64_t)CY_DAY_MS * 365);
    assert_ok(RIG_DO(s->rig, 0, mantle_grant, .role = rig_label(role), .holder = s->rig->id[n],
                     .until = s->rig->now + (uint64_t)CY_DAY_MS * 300));
}

static struct stage stage_new(void)
{
    struct stage s = {.rig = rig_new(NULL, 0)};

    rig_passport(s.rig, ALPHA, CY_kind_COMPANY, "Alpha");
    rig_passport(s.rig, BETA, CY_kind_COMPANY, "Beta");
    rig_passport(s.rig, LIST, CY_kind_NATION, "List");
    rig_passport(s.rig, CITY, CY_kind_COMMUNITY, "City");
    rig_passport(s.rig, JUDGE, CY_kind_PERSON, "Judge");
    rig_passport(s.rig, JURY, CY_kind_PERSON, "Jury");
    rig_passport(s.rig, SENTINEL, CY_kind_PERSON, "Sentinel");
    s.asset = money_new(s.rig, 0, "CRD");
    s.a = money_give(s.rig, 0, ALPHA, s.asset, 1000);
    s.b = money_give(s.rig, 0, BETA, s.asset, 1000);
    s.c = money_give(s.rig, 0, CITY, s.asset, 1000);
    s.tax = money_give(s.rig, 0, LIST, s.asset, 0);
    proof(&s, 1);
    return s;
}

static cy_err pay(struct stage *s, unsigned n, const struct cy_id *from, const struct cy_id *to,
                  uint64_t amount)
{
    return RIG_DO(s->rig, n, transfer, .from = *from, .to = *to, .amount = amount);
}

static struct cy_restrain of(struct stage *s, const struct cy_id *subject)
{
    return (struct cy_restrain){.subject = *subject,
                                .evidence = {{1}},
                                .reason = rig_line("because"),
                                .review_at = s->rig->now + (uint64_t)CY_DAY_MS * 30};
}

static cy_err shut_out(struct stage *s, unsigned by, const struct cy_id *subject)
{
    struct cy_restrain m = of(s, subject);

    m.exclude = true;
    return rig_do(s->rig, by, &cy_schema_restrain, &m);
}

static cy_err freeze(struct stage *s, unsigned by, const struct cy_id *subject)
{
    struct cy_restrain m = of(s, subject);

    m.freeze = true;
    return rig_do(s->rig, by, &cy_schema_restrain, &m);
}

static cy_err heed(struct stage *s, unsigned n, unsigned source, unsigned mode)
{
    return RIG_DO(s->rig, n, heed, .source = s->rig->id[source], .mode = (uint8_t)mode);
}

static void a_measure_respects_the_rights(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_restrain m = of(&s, &rig->id[ALPHA]);

    (void)state;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), RESTRAINT_TERMS); /* no measure */
    m.exclude = true;
    m.evidence = (struct cy_id){{9}};
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), NO_NOUN);
    m.evidence = (struct cy_id){{1}};
    m.review_at = rig->now;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), WRONG_TIME);
    m.review_at =
        rig->now + (uint64_t)CY_DAY_MS * 400; /* nobody waits longer than the parameter says */
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), WRONG_TIME);
    m.review_at = rig->now + CY_DAY_MS;
    m.until = rig->now;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), WRONG_TIME);
    m.until = 0;
    m.subject = rig->id[LIST];
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), RESTRAINT_TERMS);
    m.subject = rig->realm;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), RESTRAINT_TERMS);
    m.subject = rig->id[ALPHA];
    m.most = 5;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), RESTRAINT_TERMS);
    m.asset = rig->key[1];
    m.window_ms = 1000;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), NO_NOUN);
    m.asset = s.asset;
    m.levy_ppm = 1;
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), RESTRAINT_TERMS);
    m.levy_to = rig->key[1];
    assert_code(rig_do(rig, LIST, &cy_schema_restrain, &m), NO_NOUN);
    m.levy_to = s.tax;
    assert_ok(rig_do(rig, LIST, &cy_schema_restrain, &m));
    assert_code(RIG_DO(rig, BETA, restraint_end, .subject = rig->id[ALPHA]), NO_RESTRAINT);
    assert_ok(RIG_DO(rig, LIST, restraint_end, .subject = rig->id[ALPHA]));
    assert_code(RIG_DO(rig, LIST, restraint_end, .subject = rig->id[ALPHA]), NO_RESTRAINT);
    rig_free(rig);
}

/* A list binds who heeds it, at the next settlement, and nobody else. */
static void heeding_decides(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;

    (void)state;
    assert_ok(shut_out(&s, LIST, &rig->id[ALPHA]));
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));               /* Beta heeds nobody */
    assert_code(pay(&s, ALPHA, &s.a, &s.tax, 1), EXCLUDED); /* who restrains is bound itself */
    assert_code(heed(&s, BETA, BETA, CY_heed_mode_MIRROR), HEED_SELF);
    assert_ok(heed(&s, BETA, LIST, CY_heed_mode_MIRROR));
    assert_code(pay(&s, ALPHA, &s.a, &s.b, 1), EXCLUDED);
    assert_int_equal(rig->verdict.err.detail, 1);
    assert_code(pay(&s, BETA, &s.b, &s.a, 1), EXCLUDED);
    assert_int_equal(rig->verdict.err.detail, 2);
    assert_ok(pay(&s, ALPHA, &s.a, &s.c, 1));
    assert_ok(heed(&s, BETA, LIST, CY_heed_mode_REVIEW));
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1)); /* not confirmed */
    assert_code(RIG_DO(rig, CITY, heed_confirm, .source = rig->id[LIST], .subject = rig->id[ALPHA]),
                NOT_REVIEWING);
    assert_code(RIG_DO(rig, BETA, heed_confirm, .source = rig->id[LIST], .subject = rig->id[CITY]),
                NO_RESTRAINT);
    assert_ok(RIG_DO(rig, BETA, heed_confirm, .source = rig->id[LIST], .subject = rig->id[ALPHA]));
    assert_code(pay(&s, ALPHA, &s.a, &s.b, 1), EXCLUDED);
    assert_ok(shut_out(&s, LIST, &rig->id[ALPHA])); /* said anew: to be confirmed anew */
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));
    assert_ok(RIG_DO(rig, BETA, heed_confirm, .source = rig->id[LIST], .subject = rig->id[ALPHA]));
    assert_ok(RIG_DO(rig, BETA, heed_confirm, .source = rig->id[LIST], .subject = rig->id[ALPHA],
                     .drop = true));
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));
    assert_ok(heed(&s, BETA, LIST, CY_heed_mode_IGNORE));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_heeder), 0);
    assert_ok(heed(&s, 0, LIST, CY_heed_mode_MIRROR)); /* the realm: everybody */
    assert_code(pay(&s, ALPHA, &s.a, &s.b, 1), EXCLUDED);
    assert_code(pay(&s, CITY, &s.c, &s.a, 1), EXCLUDED);
    assert_ok(pay(&s, CITY, &s.c, &s.b, 1));
    rig_tick(rig, (uint64_t)CY_DAY_MS * 30); /* nobody reviewed it: it lapses */
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void a_frozen_payment_waits_in_escrow(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_id to_a, from_a, before;

    (void)state;
    assert_ok(RIG_DO(rig, BETA, transfer, .phase = CY_phase_PENDING, .from = s.b, .to = s.a,
                     .amount = 50, .expires = rig->now + 5000));
    before = rig->last;
    assert_ok(freeze(&s, 0, &rig->id[ALPHA]));
    assert_ok(pay(&s, BETA, &s.b, &s.a, 100));
    to_a = rig->last;
    assert_ok(pay(&s, ALPHA, &s.a, &s.c, 200));
    from_a = rig->last;
    assert_int_equal(money_held(rig, &s.b), 150);
    assert_int_equal(money_free(rig, &s.a), 800);
    assert_int_equal(money_free(rig, &s.c), 1000);
    assert_memory_equal(&CY_GET(&rig->engine.world, frozen, &to_a)->subject, &rig->id[ALPHA], 32);
    assert_code(RIG_DO(rig, BETA, transfer, .phase = CY_phase_POST, .pending = to_a), FROZEN);
    assert_code(RIG_DO(rig, BETA, transfer, .phase = CY_phase_VOID, .pending = to_a), FROZEN);
    /* what was pending before is stopped by the settlement that would end it */
    assert_ok(RIG_DO(rig, BETA, transfer, .phase = CY_phase_POST, .pending = before));
    assert_int_equal(money_free(rig, &s.a), 800);
    assert_non_null(CY_GET(&rig->engine.world, frozen, &before));
    rig_tick(rig, 10000); /* and does not return by itself */
    assert_non_null(CY_GET(&rig->engine.world, pending, &before));
    assert_code(
        RIG_DO(rig, ALPHA, bond_post, .account = s.a, .beneficiary = rig->id[BETA], .amount = 1),
        FROZEN);
    assert_code(RIG_DO(rig, ALPHA, asset_retire, .account = s.a, .amount = 1), FROZEN);
    money_conserved(&rig->engine.world);
    assert_ok(RIG_DO(rig, 0, restraint_end, .subject = rig->id[ALPHA]));
    assert_ok(RIG_DO(rig, BETA, transfer, .phase = CY_phase_POST, .pending = to_a));
    assert_ok(RIG_DO(rig, BETA, transfer, .phase = CY_phase_VOID, .pending = before));
    assert_ok(RIG_DO(rig, ALPHA, transfer, .phase = CY_phase_POST, .pending = from_a));
    assert_int_equal(money_free(rig, &s.a), 900);
    assert_int_equal(money_free(rig, &s.b), 900);
    assert_int_equal(money_free(rig, &s.c), 1200);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_frozen), 0);
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_restrained), 0);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void a_cap_counts_and_a_levy_is_paid_on_top(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_restrain m = of(&s, &rig->id[ALPHA]);

    (void)state;
    m.asset = s.asset;
    m.most = 100;
    m.window_ms = 60000;
    m.levy_ppm = 50000;
    m.levy_to = s.tax;
    assert_ok(rig_do(rig, LIST, &cy_schema_restrain, &m));
    assert_ok(heed(&s, 0, LIST, CY_heed_mode_MIRROR));
    assert_ok(heed(&s, BETA, LIST, CY_heed_mode_MIRROR)); /* twice heeded, once counted */
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 60));
    assert_int_equal(money_free(rig, &s.a), 937);
    assert_int_equal(money_free(rig, &s.tax), 3);
    assert_code(pay(&s, ALPHA, &s.a, &s.b, 41), CAPPED);
    assert_ok(pay(&s, BETA, &s.b, &s.a, 40)); /* both directions; a levy is the payer's */
    assert_int_equal(money_free(rig, &s.tax), 3);
    assert_code(pay(&s, BETA, &s.b, &s.a, 1), CAPPED);
    rig_tick(rig, 60000);
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 100));
    assert_int_equal(money_free(rig, &s.tax), 8);
    money_conserved(&rig->engine.world);
    rig_free(rig);
}

static void classes_are_reached_from_the_wider_one(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id oil = cy_restraint_subject(cy_span_text("isic"), cy_span_text("06"));
    const struct cy_id gas = cy_restraint_subject(cy_span_text("isic"), cy_span_text("0620"));
    const struct cy_id lei =
        cy_restraint_subject(cy_span_text("lei"), cy_span_text("5493001KJTIIGC8Y1R12"));

    (void)state;
    assert_code(RIG_DO(rig, ALPHA, class_declare, .passport = rig->id[ALPHA],
                       .scheme = rig_label("isic"), .value = rig_label("0610")),
                NOT_OPERATOR);
    for (unsigned i = 0; i < CY_CLASSES_MOST; i++) {
        char value[8];

        (void)snprintf(value, sizeof value, "%04u", 607 + i);
        assert_ok(RIG_DO(rig, 0, class_declare, .passport = rig->id[ALPHA],
                         .scheme = rig_label("isic"), .value = rig_label(value)));
    }
    assert_code(RIG_DO(rig, 0, class_declare, .passport = rig->id[ALPHA],
                       .scheme = rig_label("isic"), .value = rig_label("0610")),
                EXISTS);
    assert_code(RIG_DO(rig, 0, class_declare, .passport = rig->id[ALPHA],
                       .scheme = rig_label("isic"), .value = rig_label("0700")),
                CLASSES_MOST);
    assert_ok(shut_out(&s, 0, &gas));
    assert_ok(shut_out(&s, 0, &lei)); /* nobody here bears that name */
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));
    assert_ok(shut_out(&s, 0, &oil));
    assert_code(pay(&s, ALPHA, &s.a, &s.b, 1), EXCLUDED);
    for (unsigned i = 0; i < CY_CLASSES_MOST; i++) {
        char value[8];

        (void)snprintf(value, sizeof value, "%04u", 607 + i);
        assert_code(pay(&s, BETA, &s.b, &s.a, 1), EXCLUDED);
        assert_ok(RIG_DO(rig, 0, class_declare, .passport = rig->id[ALPHA],
                         .scheme = rig_label("isic"), .value = rig_label(value), .drop = true));
    }
    assert_ok(pay(&s, BETA, &s.b, &s.a, 1)); /* no class any more */
    assert_code(RIG_DO(rig, 0, class_declare, .passport = rig->id[ALPHA],
                       .scheme = rig_label("isic"), .value = rig_label("0610"), .drop = true),
                NO_NOUN);
    rig_free(rig);
}

static void who_answers_for_a_party_is_asked_too(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_key_share key = {.key = rig->key[9], .weight = 1};
    const struct cy_passport_create m = {.kind = CY_kind_AGENT,
                                         .name = rig_name("Shell"),
                                         .keys = &key,
                                         .n_keys = 1,
                                         .need_0 = 1,
                                         .controller = rig->id[ALPHA]};
    struct cy_claims claims = rig_claims(rig, 9);
    struct cy_id account;

    (void)state;
    claims.author = (struct cy_id){{0}};
    assert_ok(rig_send(rig, rig_build(rig, &claims, &cy_schema_passport_create, &m,
                                      (const unsigned[]){9, ALPHA}, 2)));
    rig->id[9] = rig->last;
    account = money_give(rig, 0, 9, s.asset, 100);
    assert_ok(pay(&s, 9, &account, &s.b, 1));
    assert_ok(shut_out(&s, 0, &rig->id[ALPHA]));
    assert_code(pay(&s, 9, &account, &s.b, 1), EXCLUDED);
    assert_code(pay(&s, BETA, &s.b, &account, 1), EXCLUDED);
    rig_free(rig);
}

/* What is found once in a batch is found again when an item changes it. */
static void a_batch_sees_what_it_does(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_transfer out = {.from = s.tax, .to = s.a, .amount = 1};
    struct cy_restrain r = of(&s, &rig->id[ALPHA]), other = of(&s, &rig->id[BETA]);
    const struct cy_restraint_end end = {.subject = rig->id[ALPHA]};
    const struct cy_any acts[] = {
        {&cy_schema_transfer,      &out  },
        {&cy_schema_restrain,      &r    },
        {&cy_schema_transfer,      &out  },
        {&cy_schema_restraint_end, &end  },
        {&cy_schema_transfer,      &out  },
        {&cy_schema_restrain,      &other},
    };
    const uint16_t wanted[] = {0, 0, CY_E_EXCLUDED, 0, 0, 0};

    (void)state;
    assert_ok(pay(&s, ALPHA, &s.a, &s.tax, 10));
    r.exclude = true;
    other.freeze = true;
    assert_ok(RIG_DO(rig, LIST, batch, .mode = CY_batch_mode_EACH, .acts = acts,
                     .n_acts = CY_COUNT(acts)));
    for (unsigned i = 0; i < CY_COUNT(acts); i++)
        assert_int_equal(rig->verdict.items[i], wanted[i]);
    assert_int_equal(money_free(rig, &s.tax), 8);
    rig_free(rig);
}

static void who_is_shut_out_keeps_its_rights_and_a_way_back(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    struct cy_id review;

    (void)state;
    office(&s, "reviewer", JUDGE);
    office(&s, "reviewer", JURY);
    assert_ok(shut_out(&s, 0, &rig->id[ALPHA]));
    assert_code(RIG_DO(rig, ALPHA, account_open, .asset = s.asset, .number = 1), EXCLUDED);
    assert_int_equal(rig->verdict.err.detail, 3);
    assert_code(RIG_DO(rig, ALPHA, service_offer, .service = rig_label("x"), .name = rig_name("x"),
                       .endpoint = rig_line("x"), .until = rig->now + 9),
                EXCLUDED);
    assert_ok(RIG_DO(rig, ALPHA, evidence_record, .digest = {{7}},
                     .kind = CY_evidence_kind_INCIDENT, .summary = rig_line("not us")));
    assert_code(RIG_DO(rig, BETA, restraint_appeal, .source = rig->id[0], .subject = rig->id[ALPHA],
                       .reason = rig_line("unjust")),
                NOT_REACHED);
    assert_code(RIG_DO(rig, ALPHA, restraint_appeal, .source = rig->id[LIST],
                       .subject = rig->id[ALPHA], .reason = rig_line("unjust")),
                NO_RESTRAINT);
    assert_ok(RIG_DO(rig, ALPHA, restraint_appeal, .source = rig->id[0], .subject = rig->id[ALPHA],
                     .reason = rig_line("unjust"), .evidence = {{7}}));
    review = rig->last;
    assert_code(RIG_DO(rig, ALPHA, restraint_appeal, .source = rig->id[0],
                       .subject = rig->id[ALPHA], .reason = rig_line("again")),
                APPEAL_OPEN);
    assert_code(
        RIG_DO(rig, BETA, restraint_settle, .source = rig->id[0], .subject = rig->id[ALPHA]),
        NOT_SETTLED);
    assert_code(RIG_DO(rig, BETA, review_vote, .review = review, .allow = true), NOT_REVIEWER);
    assert_ok(RIG_DO(rig, JUDGE, review_vote, .review = review, .allow = true));
    assert_code(RIG_DO(rig, JUDGE, review_vote, .review = review, .allow = true), REVIEW_TWICE);
    assert_code(
        RIG_DO(rig, BETA, restraint_settle, .source = rig->id[0], .subject = rig->id[ALPHA]),
        NOT_SETTLED);
    assert_ok(RIG_DO(rig, JURY, review_vote, .review = review, .allow = true));
    assert_code(RIG_DO(rig, JURY, review_vote, .review = review, .allow = true), REVIEW_CLOSED);
    assert_ok(RIG_DO(rig, BETA, restraint_settle, .source = rig->id[0], .subject = rig->id[ALPHA]));
    assert_ok(pay(&s, ALPHA, &s.a, &s.b, 1));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_violation), 0);
    rig_free(rig);
}

static cy_err quarantine(struct stage *s, unsigned by, unsigned whom, uint64_t ms)
{
    return RIG_DO(s->rig, by, quarantine, .subject = s->rig->id[whom], .until = s->rig->now + ms,
                  .evidence = {{1}}, .reason = rig_line("spreading"));
}

/* Unreviewed at its end, it becomes a violation of who ordered it. */
static void a_quarantine_is_reviewed_or_is_a_violation(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_id emergency = cy_restraint_emergency;
    const struct cy_violation *violation = NULL;
    struct cy_id review;

    (void)state;
    office(&s, "sentinel", SENTINEL);
    office(&s, "reviewer", JUDGE);
    assert_ok(RIG_DO(rig, 0, param_set, .name = rig_label("review_quorum"), .value = 1));
    assert_code(quarantine(&s, BETA, ALPHA, 1000), NOT_SENTINEL);
    assert_code(quarantine(&s, SENTINEL, ALPHA, 259200001), WRONG_TIME);
    assert_ok(quarantine(&s, SENTINEL, ALPHA, 259200000));
    assert_code(quarantine(&s, SENTINEL, ALPHA, 1000), QUARANTINE_AGAIN);
    assert_code(pay(&s, BETA, &s.b, &s.a, 1), EXCLUDED);
    assert_code(RIG_DO(rig, BETA, restraint_settle, .source = emergency, .subject = rig->id[ALPHA]),
                NOT_SETTLED);
    rig_tick(rig, 259200000);
    assert_ok(pay(&s, BETA, &s.b, &s.a, 1)); /* over, with nobody's help */
    assert_code(quarantine(&s, SENTINEL, ALPHA, 1000), QUARANTINE_AGAIN); /* nor renewed */
    assert_ok(RIG_DO(rig, BETA, restraint_settle, .source = emergency, .subject = rig->id[ALPHA]));
    violation = CY_GET(&rig->engine.world, violation, &rig->last);
    assert_memory_equal(&violation->passport, &rig->id[SENTINEL], 32);
    /* reviewed in time: no violation; a review that says no ends it */
    assert_ok(quarantine(&s, SENTINEL, ALPHA, 5000));
    assert_ok(RIG_DO(rig, SENTINEL, review_open, .kind = CY_review_kind_QUARANTINE,
                     .about = rig->id[ALPHA], .reason = rig_line("uphold")));
    review = rig->last;
    assert_code(RIG_DO(rig, ALPHA, restraint_appeal, .source = emergency, .subject = rig->id[ALPHA],
                       .reason = rig_line("no")),
                APPEAL_OPEN);
    assert_ok(RIG_DO(rig, JUDGE, review_vote, .review = review, .allow = false));
    assert_ok(RIG_DO(rig, BETA, restraint_settle, .source = emergency, .subject = rig->id[ALPHA]));
    assert_ok(pay(&s, BETA, &s.b, &s.a, 1));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_violation), 1);
    assert_ok(quarantine(&s, SENTINEL, ALPHA, 5000));
    assert_ok(RIG_DO(rig, ALPHA, restraint_appeal, .source = emergency, .subject = rig->id[ALPHA],
                     .reason = rig_line("no")));
    review = rig->last;
    assert_ok(RIG_DO(rig, JUDGE, review_vote, .review = review, .allow = false)); /* upheld */
    assert_code(RIG_DO(rig, BETA, restraint_settle, .source = emergency, .subject = rig->id[ALPHA]),
                NOT_SETTLED);
    rig_tick(rig, 5000);
    assert_ok(RIG_DO(rig, BETA, restraint_settle, .source = emergency, .subject = rig->id[ALPHA]));
    assert_int_equal(cy_world_count(&rig->engine.world, CY_R_violation), 1);
    rig_free(rig);
}

static void discovery_honours_what_is_in_force(void **state)
{
    struct stage s = stage_new();
    struct rig *rig = s.rig;
    const struct cy_seeker beta = {.passport = rig->id[BETA]}, city = {.passport = rig->id[CITY]};
    const struct cy_label water = rig_label("water");
    const struct cy_service *found = NULL;
    struct cy_restrain m = of(&s, &rig->id[CITY]);
    struct cy_plan_look look;
    struct cy_plan *plan = NULL;

    (void)state;
    assert_ok(RIG_DO(rig, ALPHA, service_offer, .service = water, .name = rig_name("Well"),
                     .endpoint = rig_line("https://well.example/"), .until = rig->now + CY_DAY_MS));
    assert_ok(shut_out(&s, LIST, &rig->id[ALPHA]));
    assert_ok(heed(&s, BETA, LIST, CY_heed_mode_MIRROR));
    plan = cy_plan_look_at(&look, &rig->engine.world);
    assert_code(cy_registry_service(plan, &beta, rig->now, &rig->id[ALPHA], &water, &found),
                EXCLUDED);
    assert_ok(cy_registry_service(plan, &city, rig->now, &rig->id[ALPHA], &water, &found));
    m.benefit = water;
    assert_ok(rig_do(rig, 0, &cy_schema_restrain, &m));
    plan = cy_plan_look_at(&look, &rig->engine.world);
    assert_code(cy_registry_service(plan, &city, rig->now, &rig->id[ALPHA], &water, &found),
                SERVICE_DENIED);
    assert_ok(pay(&s, CITY, &s.c, &s.a, 1)); /* a denied service is all that it is denied */
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_measure_respects_the_rights),
        cmocka_unit_test(heeding_decides),
        cmocka_unit_test(a_frozen_payment_waits_in_escrow),
        cmocka_unit_test(a_cap_counts_and_a_levy_is_paid_on_top),
        cmocka_unit_test(classes_are_reached_from_the_wider_one),
        cmocka_unit_test(who_answers_for_a_party_is_asked_too),
        cmocka_unit_test(a_batch_sees_what_it_does),
        cmocka_unit_test(who_is_shut_out_keeps_its_rights_and_a_way_back),
        cmocka_unit_test(a_quarantine_is_reviewed_or_is_a_violation),
        cmocka_unit_test(discovery_honours_what_is_in_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

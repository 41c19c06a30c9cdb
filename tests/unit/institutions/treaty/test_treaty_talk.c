/* treaty_lint, treaty_talk, treaty_tariff: faults before anybody signs, versions, schedules (M015,
 * M016, M047, M099). */
#include "unit/institutions/treaty/pact.h"

#include "institutions/treaty/treaty_lint.h"
#include "institutions/treaty/treaty_tariff.h"

/* The only finding of the offer as it stands. */
static void one_fault(const struct pact *p, enum cy_treaty_fault fault, unsigned number)
{
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];

    assert_int_equal(cy_treaty_lint_offer(&p->offer, true, findings), 1);
    assert_int_equal(findings[0].fault, fault);
    assert_int_equal(findings[0].number, number);
    assert_non_null(cy_treaty_fault_text(fault));
}

/* Each fault alone, and the kernel refuses the offer for it. */
static void faults(void **state)
{
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    struct pact *p = pact_new();
    struct cy_treaty_clause *c = p->clauses;

    (void)state;
    assert_int_equal(cy_treaty_lint_offer(&p->offer, true, findings), 0);
#define FAULT(change, name, clause_number)                                                         \
    do {                                                                                           \
        change;                                                                                    \
        one_fault(p, CY_TREATY_FAULT_##name, (clause_number));                                     \
        assert_code(pact_offer(p), TREATY_FAULT);                                                  \
        pact_clauses(p);                                                                           \
    } while (0)
    FAULT(c[1].actuator = 0, NO_ACTUATOR, 2);
    FAULT(c[1].number = 1, ORDER, 1);
    FAULT(c[2].until = date(2026, 12, 30), DATES, 30);
    FAULT((c[1].measure = c[0].measure, c[1].threshold = 101), CONTRADICTION, 2);
    FAULT(c[2].measure = c[1].measure, DOUBLE, 30);
    FAULT(c[0].fine = 0, FINE_NONE, 1);
    FAULT(c[1].fine = 1, FINE_UNUSED, 2);
    FAULT(c[0].fine = 61, FINE_BOND, 1);
    FAULT(c[0].cap = 39, FINE_CAP, 1);
    FAULT(c[0].emergency = 99, EMERGENCY_BOUND, 1);
    FAULT(c[1].emergency = 1, EMERGENCY_DAYS, 2);
    p->offer.bond = 0;
    FAULT((void)0, FINE_ASSET, 1);
    p->offer.bond = 60;
    FAULT(p->offer.least_parties = 4, LEAST, 0);
    p->offer.least_parties = 0;
    FAULT(p->offer.seconds = 4, SECONDS, 0);
    p->offer.seconds = 0;
    FAULT(p->offer.balance_ppm = 1, BALANCE, 0);
    p->offer.balance_ppm = 0;
    FAULT(p->offer.answer_exclude = true, ANSWER_DAYS, 0);
    p->offer.answer_exclude = false;
    FAULT(p->parties[5] = p->parties[0], PARTY_TWICE, 0);
#undef FAULT
    assert_null(cy_treaty_fault_text(0));
    assert_null(cy_treaty_fault_text(22));
    rig_free(p->rig);
}

/* Clauses on the same measure are fine where their bounds or days leave room. */
static void no_fault(void **state)
{
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    struct pact *p = pact_new();

    (void)state;
    p->clauses[1].measure = p->clauses[0].measure;
    p->clauses[1].threshold = 100; /* at most 100, at least 100 */
    assert_int_equal(cy_treaty_lint_offer(&p->offer, true, findings), 0);
    p->clauses[1].threshold = 500;
    p->clauses[0].until = date(2026, 12, 30);
    p->clauses[1].from = date(2026, 12, 31); /* the day after */
    assert_int_equal(cy_treaty_lint_offer(&p->offer, true, findings), 0);
    rig_free(p->rig);
}

/* What more parties could meet is no fault of the offer, and one when it is to be adopted. */
static void reach(void **state)
{
    struct cy_treaty_finding findings[CY_TREATY_FINDINGS_MAX];
    struct pact *p = pact_new();
    const struct cy_treaty_weight late[] = {
        {p->rig->id[7], 5},
        {p->rig->id[8], 5}
    };

    (void)state;
    p->offer.force_need = 8;
    assert_int_equal(cy_treaty_lint_offer(&p->offer, false, findings), 0);
    one_fault(p, CY_TREATY_FAULT_FORCE_NEED, 0);
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_code(accept(p, 2, 1), TREATY_FAULT);
    assert_code(
        RIG_DO(p->rig, 2, treaty_enlist, .treaty = p->treaty, .parties = late, .n_parties = 2),
        TREATY_DEPOSITARY);
    assert_ok(
        RIG_DO(p->rig, 1, treaty_enlist, .treaty = p->treaty, .parties = late, .n_parties = 2));
    assert_code(
        RIG_DO(p->rig, 1, treaty_enlist, .treaty = p->treaty, .parties = late, .n_parties = 1),
        TREATY_PARTY); /* listed */
    assert_ok(accept(p, 2, 1));
    assert_int_equal(treaty(p)->state, CY_treaty_state_OPEN);
    assert_int_equal(treaty(p)->listed, 8);
    assert_int_equal(treaty(p)->weight, 220);
    assert_code(
        RIG_DO(p->rig, 1, treaty_enlist, .treaty = p->treaty, .parties = late, .n_parties = 1),
        TREATY_STATE);
    rig_free(p->rig);
}

/* Offer, counter-offer, acceptance of the newest only. */
static void talking(void **state)
{
    struct pact *p = pact_new();
    const struct cy_id text = {.b = {2}};

    (void)state;
    p->offer.monitor = p->rig->id[3];
    assert_code(pact_offer(p), TREATY_PARTY);
    p->offer.monitor = p->coin;
    assert_code(pact_offer(p), UNKNOWN_PASSPORT);
    p->offer.monitor = p->rig->id[MONITOR];
    p->offer.asset = p->rig->id[1];
    assert_code(pact_offer(p), NO_NOUN);
    p->offer.asset = p->coin;
    assert_ok(pact_offer(p));
    assert_code(accept(p, 9, 1), TREATY_PARTY);
    assert_ok(accept(p, 1, 1));
    assert_code(accept(p, 1, 1), TREATY_AGAIN);
    assert_code(RIG_DO(p->rig, 9, treaty_counter, .treaty = p->treaty, .text = text,
                       .clauses = p->clauses, .n_clauses = 2),
                TREATY_PARTY);
    p->clauses[0].fine = 61;
    assert_code(RIG_DO(p->rig, 3, treaty_counter, .treaty = p->treaty, .text = text,
                       .clauses = p->clauses, .n_clauses = 2),
                TREATY_FAULT);
    p->clauses[0].fine = 50;
    assert_ok(RIG_DO(p->rig, 3, treaty_counter, .treaty = p->treaty, .text = text,
                     .clauses = p->clauses, .n_clauses = 2));
    assert_code(accept(p, 2, 1), TREATY_VERSION); /* void */
    assert_code(RIG_DO(p->rig, 1, treaty_ratify, .treaty = p->treaty, .version = 1), TREATY_STATE);
    assert_ok(accept(p, 2, 2));
    assert_int_equal(treaty(p)->version, 0);
    assert_ok(accept(p, 1, 2));
    assert_int_equal(treaty(p)->version, 2);
    assert_int_equal(treaty(p)->state, CY_treaty_state_OPEN);
    assert_code(accept(p, 3, 2), TREATY_BOUND); /* adopted; it has not ratified */
    rig_free(p->rig);
}

/* Once it is open, only who ratified proposes, and all who ratified must accept. */
static void amending(void **state)
{
    struct pact *p = pact_bound(pact_open());
    const struct cy_treaty_place one = {p->treaty, 2, 1};

    (void)state;
    assert_code(RIG_DO(p->rig, 1, treaty_counter, .treaty = p->treaty, .text = p->coin,
                       .clauses = p->clauses, .n_clauses = 1),
                TREATY_BOUND);
    p->clauses[0].threshold = 90;
    assert_ok(RIG_DO(p->rig, 5, treaty_counter, .treaty = p->treaty, .text = p->coin,
                     .clauses = p->clauses, .n_clauses = 1));
    assert_ok(accept(p, 4, 2));
    assert_ok(accept(p, 5, 2));
    assert_int_equal(treaty(p)->version, 1);
    assert_ok(accept(p, 6, 2));
    assert_int_equal(treaty(p)->version, 2);
    assert_int_equal(CY_GET(&p->rig->engine.world, treaty_term, &one)->threshold, 90);
    assert_code(accept(p, 6, 2), TREATY_VERSION);
    rig_free(p->rig);
}

static cy_err concede(const struct pact *p, unsigned n, const struct cy_treaty_line *line)
{
    return RIG_DO(p->rig, n, treaty_concede, .treaty = p->treaty, .lines = line, .n_lines = 1);
}

/* A schedule: five yearly cuts from 20 % to 0, days and rounding; bound lines only get better. */
static void tariffs(void **state)
{
    struct pact *p = pact_open();
    struct cy_treaty_line line = {.goods = rig_label("870323"),
                                  .base_ppm = 200000,
                                  .bound_ppm = 0,
                                  .from = date(2026, 3, 1),
                                  .steps = 3};
    const struct cy_treaty_at key = {p->treaty, p->rig->id[4], 1870323};
    const struct cy_treaty_tariff *t = NULL;
    const struct cy_treaty_line twice[] = {line, line};

    (void)state;
    assert_code(concede(p, 9, &line), TREATY_PARTY);
    line.goods = rig_label("8703x3");
    assert_code(concede(p, 4, &line), TREATY_GOODS);
    line.goods = rig_label("870");
    assert_code(concede(p, 4, &line), TREATY_GOODS);
    line.goods = rig_label("870323");
    line.bound_ppm = 200001;
    assert_code(concede(p, 4, &line), TREATY_TARIFF);
    line.bound_ppm = 0;
    assert_code(
        RIG_DO(p->rig, 4, treaty_concede, .treaty = p->treaty, .lines = twice, .n_lines = 2),
        TREATY_GOODS);
    assert_ok(concede(p, 4, &line));
    t = CY_GET(&p->rig->engine.world, treaty_tariff, &key);
    assert_int_equal(cy_treaty_duty_of(t, date(2026, 2, 28)), 200000);
    assert_int_equal(cy_treaty_duty_of(t, date(2026, 3, 1)), 133333);
    assert_int_equal(cy_treaty_duty_of(t, date(2027, 2, 28)), 133333);
    assert_int_equal(cy_treaty_duty_of(t, date(2027, 3, 1)), 66666);
    assert_int_equal(cy_treaty_duty_of(t, date(2028, 3, 1)), 0);
    assert_int_equal(cy_treaty_duty_of(t, date(2090, 1, 1)), 0);
    line.from = date(2027, 3, 1);
    assert_ok(concede(p, 4, &line)); /* not ratified yet: as it likes */
    pact_bound(p);
    line.from = date(2027, 3, 2);
    assert_code(concede(p, 4, &line), TREATY_TARIFF); /* a day later */
    line.from = date(2026, 3, 1);
    line.steps = 5;
    assert_code(concede(p, 4, &line), TREATY_TARIFF); /* on 2028-03-01 it would be higher */
    line.steps = 3;
    assert_ok(concede(p, 4, &line));
    rig_free(p->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults),  cmocka_unit_test(no_fault), cmocka_unit_test(reach),
        cmocka_unit_test(talking), cmocka_unit_test(amending), cmocka_unit_test(tariffs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

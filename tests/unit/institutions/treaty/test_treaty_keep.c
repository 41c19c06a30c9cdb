/* treaty_keep: reports, fines, suspension, reopening, emergencies, answers, benefits (M015, M034,
 * M059, M128). */
#include "unit/institutions/treaty/pact.h"

static cy_err report(const struct pact *p, unsigned by, unsigned n, unsigned number, cy_date period,
                     uint64_t figure)
{
    return RIG_DO(p->rig, by, treaty_report, .treaty = p->treaty, .number = (uint16_t)number,
                  .party = p->rig->id[n], .period = period, .figure = figure, .evidence = p->proof);
}

static const struct cy_treaty_receipt *receipt(const struct pact *p, unsigned n, unsigned number,
                                               cy_date period)
{
    const struct {
        struct cy_treaty_at at;
        uint64_t period;
    } key = {
        {p->treaty, p->rig->id[n], number},
        period
    };

    return CY_GET(&p->rig->engine.world, treaty_receipt, &key);
}

/* In force since 31 January 2026, a year later: eleven months of clause 1 are over. */
static struct pact *kept(void)
{
    struct pact *p = pact_bound(pact_open());

    rig_tick(p->rig, 365 * DAY);
    return p;
}

/* A period begins on the last day of a month where the month has no 31st. */
static void periods(void **state)
{
    struct pact *p = kept();

    (void)state;
    assert_int_equal(treaty(p)->force, date(2026, 1, 31));
    assert_code(report(p, MONITOR, 4, 1, date(2026, 1, 30), 1), TREATY_PERIOD);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 1, 31), 1));
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 2, 28), 1));
    assert_code(report(p, MONITOR, 4, 1, date(2026, 3, 28), 1), TREATY_PERIOD);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 3, 31), 1));
    assert_code(report(p, MONITOR, 4, 1, date(2027, 1, 31), 1), TREATY_PERIOD); /* not over */
    assert_code(report(p, MONITOR, 4, 2, date(2026, 1, 1), 7), TREATY_BOUND);   /* before force */
    assert_code(report(p, MONITOR, 4, 9, date(2026, 4, 1), 7), TREATY_NUMBER);
    assert_code(report(p, MONITOR, 3, 1, date(2026, 1, 31), 1), TREATY_BOUND);
    assert_code(report(p, MONITOR, 9, 1, date(2026, 1, 31), 1), TREATY_PARTY);
    rig_free(p->rig);
}

/* 40, then 20 of the bond's 60 and 20 owed, then nothing more: the cap of 100 is 80 + 20. */
static void fines(void **state)
{
    struct pact *p = kept();

    (void)state;
    assert_code(report(p, 5, 4, 1, date(2026, 1, 31), 101), TREATY_MONITOR);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 1, 31), 101));
    assert_false(receipt(p, 4, 1, date(2026, 1, 31))->complied);
    assert_int_equal(receipt(p, 4, 1, date(2026, 1, 31))->fine, 40);
    assert_int_equal(party(p, 4)->bond, 20);
    assert_code(report(p, MONITOR, 4, 1, date(2026, 1, 31), 100), TREATY_AGAIN);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 2, 28), 101));
    assert_int_equal(receipt(p, 4, 1, date(2026, 2, 28))->fine, 20);
    assert_int_equal(receipt(p, 4, 1, date(2026, 2, 28))->beyond, 20);
    assert_int_equal(party(p, 4)->bond, 0);
    assert_int_equal(party(p, 4)->owed, 20);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 3, 31), 101));
    assert_int_equal(party(p, 4)->owed, 40); /* the cap: 20 more, not 40 */
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 4, 30), 101));
    assert_int_equal(party(p, 4)->owed, 40);
    assert_int_equal(party(p, 4)->breaches, 4);
    assert_int_equal(treaty(p)->pot, 60);
    books_agree(p);
    assert_ok(bond(p, 4, 70)); /* what is owed goes first */
    assert_int_equal(party(p, 4)->owed, 0);
    assert_int_equal(party(p, 4)->bond, 30);
    assert_int_equal(treaty(p)->pot, 100);
    books_agree(p);
#define AWARD(by, to, units)                                                                       \
    RIG_DO(p->rig, (by), treaty_award, .treaty = p->treaty, .account = p->account[to],             \
           .amount = (units), .reason = rig_line("nets lost"))
    assert_code(AWARD(MONITOR, 5, 1), TREATY_MONITOR);
    assert_code(AWARD(ARBITER, 5, 101), TREATY_BOND);
    assert_ok(AWARD(ARBITER, 5, 100));
#undef AWARD
    assert_int_equal(treaty(p)->pot, 0);
    assert_int_equal(money_free(p->rig, &p->account[5]), 1040);
    books_agree(p);
    rig_free(p->rig);
}

/* A party reports on itself; the monitor may correct that once, to a breach. */
static void own_reports(void **state)
{
    struct pact *p = kept();
    const cy_date march = date(2026, 3, 31);

    (void)state;
    assert_ok(report(p, 4, 4, 1, march, 90));
    assert_true(receipt(p, 4, 1, march)->own);
    assert_code(report(p, 4, 4, 1, march, 80), TREATY_AGAIN);
    assert_ok(report(p, MONITOR, 4, 1, march, 130));
    assert_false(receipt(p, 4, 1, march)->own);
    assert_int_equal(party(p, 4)->breaches, 1);
    assert_code(report(p, MONITOR, 4, 1, march, 90), TREATY_AGAIN);
    assert_ok(report(p, 5, 5, 1, march, 130)); /* who owns up is fined */
    assert_code(report(p, MONITOR, 5, 1, march, 90), TREATY_AGAIN);
    assert_int_equal(party(p, 5)->bond, 20);
    assert_code(RIG_DO(p->rig, 6, treaty_report, .treaty = p->treaty, .number = 1,
                       .party = p->rig->id[6], .period = march, .figure = 1, .evidence = p->coin),
                TREATY_EVIDENCE);
    rig_free(p->rig);
}

/* A breach suspends until a later period complies, clause by clause; a reservation exempts. */
static void suspension(void **state)
{
    struct pact *p = pact_open();
    const struct cy_treaty_number two[] = {{2}};
    const cy_date april = date(2026, 4, 1);
    const cy_date july = date(2026, 7, 1);

    (void)state;
    assert_ok(bond(p, 4, 60));
    assert_ok(RIG_DO(p->rig, 4, treaty_ratify, .treaty = p->treaty, .version = 1,
                     .reservations = two, .n_reservations = 1));
    for (unsigned n = 5; n <= 6; n++) {
        assert_ok(bond(p, n, 60));
        assert_ok(ratify(p, n));
    }
    rig_tick(p->rig, 395 * DAY);
    assert_code(report(p, MONITOR, 4, 2, april, 0), TREATY_RESERVED);
    assert_ok(report(p, MONITOR, 5, 2, july, 6));
    assert_true(cy_treaty_suspended(treaty(p), party(p, 5), today(p)));
    assert_ok(report(p, MONITOR, 5, 2, april, 7)); /* an earlier period does not heal it */
    assert_true(cy_treaty_suspended(treaty(p), party(p, 5), today(p)));
    assert_ok(report(p, MONITOR, 5, 2, date(2026, 10, 1), 7));
    assert_false(cy_treaty_suspended(treaty(p), party(p, 5), today(p)));
    assert_int_equal(party(p, 5)->breaches, 1);
    rig_free(p->rig);
}

/* Inspectors are not let in: the treaty is reopened, and the lock before notice is open. */
static void reopening(void **state)
{
    struct pact *p = pact_new();

    (void)state;
    p->clauses[2].from = date(2026, 2, 1);
    p->clauses[2].until = 0;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    rig_tick(p->rig, 400 * DAY);
    assert_code(RIG_DO(p->rig, 5, treaty_leave, .treaty = p->treaty), TREATY_LOCKED);
    assert_ok(report(p, MONITOR, 4, 30, date(2026, 2, 1), 0));
    assert_int_equal(treaty(p)->reopened, today(p));
    assert_ok(RIG_DO(p->rig, 5, treaty_leave, .treaty = p->treaty));
    assert_ok(RIG_DO(p->rig, 6, treaty_counter, .treaty = p->treaty, .text = p->coin,
                     .clauses = p->clauses, .n_clauses = 2));
    for (unsigned n = 4; n <= 6; n++)
        assert_ok(accept(p, n, 2));
    assert_int_equal(treaty(p)->reopened, 0); /* a new version: the lock holds again */
    assert_code(RIG_DO(p->rig, 6, treaty_leave, .treaty = p->treaty), TREATY_LOCKED);
    rig_free(p->rig);
}

static cy_err emergency(const struct pact *p, unsigned n, unsigned number)
{
    return RIG_DO(p->rig, n, treaty_emergency, .treaty = p->treaty, .number = (uint16_t)number,
                  .evidence = p->proof);
}

/* Two must call; it lasts ten days, reverts by itself, and pauses as long. */
static void emergencies(void **state)
{
    struct pact *p = pact_new();
    const struct cy_treaty_place place = {{{0}}, 1, 1};
    struct cy_treaty_place key = place;
    const struct cy_treaty_term *term = NULL;
    cy_date day = 0;

    (void)state;
    p->offer.seconds = 2;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    key.treaty = p->treaty;
    term = CY_GET(&p->rig->engine.world, treaty_term, &key);
    rig_tick(p->rig, 15 * DAY);
    day = today(p);
    assert_code(emergency(p, 3, 1), TREATY_BOUND);
    assert_code(emergency(p, 4, 2), TREATY_CALL);
    assert_ok(emergency(p, 4, 1));
    assert_code(emergency(p, 4, 1), TREATY_AGAIN);
    assert_int_equal(term->emergency_from, 0);
    rig_tick(p->rig, 11 * DAY); /* the call is too old to be seconded */
    assert_ok(emergency(p, 5, 1));
    assert_int_equal(term->emergency_from, 0);
    assert_ok(emergency(p, 4, 1));
    day = today(p);
    assert_int_equal(term->emergency_from, day);
    assert_int_equal(term->emergency_until, day + 9);
    assert_int_equal(cy_treaty_limit(term, date(2026, 1, 31)), 150); /* its month has that day */
    assert_int_equal(cy_treaty_limit(term, date(2026, 3, 31)), 100);
    assert_code(emergency(p, 4, 1), TREATY_RUNNING);
    rig_tick(p->rig, 19 * DAY);
    assert_code(emergency(p, 4, 1), TREATY_RUNNING); /* over, and paused */
    rig_tick(p->rig, DAY);
    assert_ok(emergency(p, 4, 1));
    rig_tick(p->rig, 60 * DAY);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 2, 28), 140)); /* days 26 Feb to 7 March */
    assert_true(receipt(p, 4, 1, date(2026, 2, 28))->complied);
    assert_int_equal(receipt(p, 4, 1, date(2026, 2, 28))->threshold, 150);
    assert_ok(report(p, MONITOR, 4, 1, date(2026, 3, 31), 140));
    assert_false(receipt(p, 4, 1, date(2026, 3, 31))->complied);
    rig_free(p->rig);
}

static cy_err attacked(const struct pact *p, unsigned n, unsigned against, struct cy_id evidence)
{
    return RIG_DO(p->rig, n, treaty_attacked, .treaty = p->treaty, .against = p->rig->id[against],
                  .evidence = evidence);
}

/* The answer: from the second call on, for its days, and no longer. */
static void answers(void **state)
{
    struct pact *p = pact_new();
    const struct cy_of_treaty key = {{{0}}, p->rig->id[9]};
    struct cy_of_treaty of = key;
    const struct cy_treaty_answer *answer = NULL;
    struct cy_id other;

    (void)state;
    p->offer.seconds = 2;
    p->offer.answer_days = 30;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    of.treaty = p->treaty;
    other = proof_about(p, 2, p->rig->id[8]);
    assert_code(attacked(p, 3, 9, p->proof), TREATY_BOUND);
    assert_code(attacked(p, 4, 9, other), TREATY_EVIDENCE); /* about somebody else */
    assert_code(attacked(p, 4, 4, p->proof), TREATY_CALL);
    assert_ok(attacked(p, 4, 9, p->proof));
    assert_code(attacked(p, 4, 9, p->proof), TREATY_AGAIN);
    answer = CY_GET(&p->rig->engine.world, treaty_answer, &of);
    assert_int_equal(answer->from, 0);
    assert_ok(attacked(p, 6, 9, p->proof));
    assert_int_equal(answer->from, today(p));
    assert_int_equal(answer->until, today(p) + 29);
    assert_true(cy_treaty_answered(&p->rig->engine.plan, &p->treaty, &of.party, today(p) + 29));
    assert_false(cy_treaty_answered(&p->rig->engine.plan, &p->treaty, &of.party, today(p) + 30));
    assert_code(attacked(p, 5, 9, p->proof), TREATY_RUNNING);
    rig_tick(p->rig, 30 * DAY);
    assert_ok(attacked(p, 4, 9, p->proof)); /* again needs two again */
    assert_int_equal(answer->from, 0);
    rig_free(p->rig);
}

static cy_err pays(const struct pact *p, unsigned from, unsigned to)
{
    return RIG_DO(p->rig, from, transfer, .from = p->account[from], .to = p->account[to],
                  .amount = 1);
}

/* What the treaty declares meets the very next payment of those whom it binds, both ways, and of no
 * one else; nobody ignores it; it ends by itself, and for who leaves with the notice. */
static void an_answer_binds_settlement(void **state)
{
    struct pact *p = pact_new();

    (void)state;
    p->offer.seconds = 2;
    p->offer.answer_days = 30;
    p->offer.answer_exclude = true;
    p->offer.notice_months = 0;
    p->offer.lock_months = 0;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    assert_ok(attacked(p, 4, 9, p->proof));
    assert_ok(pays(p, 4, 9)); /* one call answers nothing yet */
    assert_ok(attacked(p, 6, 9, p->proof));
    assert_code(pays(p, 4, 9), EXCLUDED);
    assert_code(pays(p, 9, 4), EXCLUDED);
    assert_ok(pays(p, 3, 9)); /* it never ratified */
    assert_code(RIG_DO(p->rig, 4, heed, .source = p->treaty, .mode = CY_heed_mode_IGNORE),
                HEED_BOUND);
    assert_code(RIG_DO(p->rig, 4, heed, .source = p->treaty, .mode = CY_heed_mode_REVIEW),
                HEED_BOUND);
    assert_ok(RIG_DO(p->rig, 4, treaty_leave, .treaty = p->treaty)); /* at once: no notice */
    assert_ok(pays(p, 4, 9));
    assert_code(RIG_DO(p->rig, 4, treaty_relent, .treaty = p->treaty, .against = p->rig->id[9],
                       .evidence = p->proof),
                TREATY_MONITOR);
    rig_tick(p->rig, 30 * DAY);
    assert_ok(pays(p, 6, 9)); /* the answer has ended by itself */
    /* once more, and ended by the monitor's proof */
    assert_ok(attacked(p, 5, 9, p->proof));
    assert_ok(attacked(p, 6, 9, p->proof));
    assert_code(pays(p, 6, 9), EXCLUDED);
    assert_ok(RIG_DO(p->rig, MONITOR, treaty_relent, .treaty = p->treaty, .against = p->rig->id[9],
                     .evidence = p->proof));
    assert_ok(pays(p, 6, 9));
    assert_code(RIG_DO(p->rig, MONITOR, treaty_relent, .treaty = p->treaty,
                       .against = p->rig->id[9], .evidence = p->proof),
                TREATY_CALL);
    rig_free(p->rig);
}

/* Twice in a row less than 80 % of what it gave: the treaty is reopened. */
static void benefits(void **state)
{
    struct pact *p = pact_new();
    struct cy_treaty_benefit b[2];

    (void)state;
    p->offer.balance_ppm = 800000;
    p->offer.balance_times = 2;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    rig_tick(p->rig, 400 * DAY);
    b[0] = (struct cy_treaty_benefit){p->rig->id[4], 100, 79};
    b[1] = (struct cy_treaty_benefit){p->rig->id[5], 100, 80};
#define MEASURE(by, when)                                                                          \
    RIG_DO(p->rig, (by), treaty_measure, .treaty = p->treaty, .period = (when), .benefits = b,     \
           .n_benefits = 2, .evidence = p->proof)
    assert_code(MEASURE(4, date(2026, 3, 1)), TREATY_MONITOR);
    assert_code(MEASURE(MONITOR, date(2027, 12, 1)), TREATY_MEASURE);
    assert_ok(MEASURE(MONITOR, date(2026, 3, 1)));
    assert_code(MEASURE(MONITOR, date(2026, 3, 1)), TREATY_MEASURE);
    assert_int_equal(party(p, 4)->behind, 1);
    assert_int_equal(party(p, 5)->behind, 0);
    b[0].got = 80;
    assert_ok(MEASURE(MONITOR, date(2026, 4, 1)));
    assert_int_equal(party(p, 4)->behind, 0); /* not in a row */
    b[0].got = 0;
    assert_ok(MEASURE(MONITOR, date(2026, 5, 1)));
    assert_int_equal(treaty(p)->reopened, 0);
    b[1].party = p->rig->id[4];
    assert_code(MEASURE(MONITOR, date(2026, 6, 1)), TREATY_PARTY);
    b[1].party = p->rig->id[3];
    assert_code(MEASURE(MONITOR, date(2026, 6, 1)), TREATY_BOUND);
    b[1].party = p->rig->id[6];
    assert_ok(MEASURE(MONITOR, date(2026, 6, 1)));
#undef MEASURE
    assert_int_equal(treaty(p)->reopened, today(p));
    assert_int_equal(party(p, 4)->gave, 400);
    assert_int_equal(party(p, 4)->got, 159);
    rig_free(p->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods),     cmocka_unit_test(fines),
        cmocka_unit_test(own_reports), cmocka_unit_test(suspension),
        cmocka_unit_test(reopening),   cmocka_unit_test(emergencies),
        cmocka_unit_test(answers),     cmocka_unit_test(an_answer_binds_settlement),
        cmocka_unit_test(benefits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

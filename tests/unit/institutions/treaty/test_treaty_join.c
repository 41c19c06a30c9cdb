/* treaty_join: rules of ratification, bonds, entry into force, notice; and the clocks of three real
 * treaties from their published terms and dates (M015, M016, M059, M125, M147). */
#include "unit/institutions/treaty/pact.h"

/* --- approval at home --- */

static cy_err rule(const struct pact *p, unsigned n, uint64_t need,
                   const struct cy_treaty_approver *approvers, uint32_t n_approvers)
{
    return RIG_DO(p->rig, n, treaty_rule, .need = need, .approvers = approvers,
                  .n_approvers = n_approvers);
}

static cy_err approve(const struct pact *p, unsigned by, unsigned n, uint32_t version)
{
    return RIG_DO(p->rig, by, treaty_approve, .treaty = p->treaty, .party = p->rig->id[n],
                  .version = version);
}

/* A party's own keys do not ratify before its chambers approved. */
static void mandate(void **state)
{
    struct pact *p = pact_open();
    const struct cy_treaty_approver houses[] = {
        {p->rig->id[7], 2},
        {p->rig->id[8], 1},
        {p->rig->id[9], 1}
    };
    const struct cy_treaty_approver twice[] = {
        {p->rig->id[7], 1},
        {p->rig->id[7], 1}
    };

    (void)state;
    assert_code(rule(p, 4, 1, twice, 2), TREATY_RULE);
    assert_code(rule(p, 4, 5, houses, 3), TREATY_RULE); /* nobody could meet it */
    assert_code(rule(p, 4, 0, houses, 3), TREATY_RULE);
    assert_ok(rule(p, 4, 3, houses, 3));
    assert_ok(bond(p, 4, 60));
    assert_code(ratify(p, 4), TREATY_MANDATE);
    assert_code(approve(p, 5, 4, 1), TREATY_RULE);
    assert_code(approve(p, 7, 4, 2), TREATY_VERSION);
    assert_code(approve(p, 7, 9, 1), TREATY_PARTY);
    assert_ok(approve(p, 7, 4, 1));
    assert_code(approve(p, 7, 4, 1), TREATY_AGAIN);
    assert_code(ratify(p, 4), TREATY_MANDATE);
    assert_code(rule(p, 4, 3, houses + 1, 2), TREATY_RULE); /* 8 and 9 alone cannot reach 3 */
    assert_ok(approve(p, 9, 4, 1));
    assert_ok(ratify(p, 4));
    assert_code(ratify(p, 4), TREATY_AGAIN);
    assert_ok(rule(p, 5, 2, houses, 1));
    assert_ok(rule(p, 5, 0, NULL, 0)); /* no rule any more */
    assert_ok(bond(p, 5, 60));
    assert_ok(ratify(p, 5));
    rig_free(p->rig);
}

/* --- bond, rights, reservations --- */

static void joining(void **state)
{
    struct pact *p = pact_new();
    const struct cy_id rights = {.b = {7}};
    const struct cy_treaty_number two[] = {{2}};
    const struct cy_treaty_number one[] = {{1}};
    const struct cy_treaty_number nine[] = {{9}};

    (void)state;
    p->offer.rights = rights;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    assert_code(bond(p, 9, 60), TREATY_PARTY);
    assert_code(bond(p, 4, 1001), INSUFFICIENT);
    assert_code(
        RIG_DO(p->rig, 4, treaty_bond, .treaty = p->treaty, .account = p->account[5], .amount = 60),
        NOT_OWNER);
    assert_ok(bond(p, 4, 59));
    assert_code(ratify(p, 4), TREATY_RIGHTS);
#define RATIFY(n, list, how_many)                                                                  \
    RIG_DO(p->rig, (n), treaty_ratify, .treaty = p->treaty, .version = 1, .rights = rights,        \
           .reservations = (list), .n_reservations = (how_many), .gives = rig_line("a licence"),   \
           .gains = rig_line("fish in ten years"))
    assert_code(RATIFY(4, NULL, 0), TREATY_BOND);
    assert_ok(bond(p, 4, 1));
    assert_code(RATIFY(4, one, 1), TREATY_RESERVED);
    assert_code(RATIFY(4, nine, 1), TREATY_NUMBER);
    assert_ok(RATIFY(4, two, 1));
#undef RATIFY
    assert_int_equal(party(p, 4)->gains.n, 17);
    assert_int_equal(party(p, 4)->rights_until, cy_date_months(today(p), 12));
    assert_false(cy_treaty_suspended(treaty(p), party(p, 4), today(p)));
    rig_tick(p->rig, 366 * DAY); /* the guarantee has run out */
    assert_true(cy_treaty_suspended(treaty(p), party(p, 4), today(p)));
    assert_code(RIG_DO(p->rig, 4, treaty_renew, .treaty = p->treaty, .rights = p->coin),
                TREATY_RIGHTS);
    assert_code(RIG_DO(p->rig, 5, treaty_renew, .treaty = p->treaty, .rights = rights),
                TREATY_BOUND);
    assert_ok(RIG_DO(p->rig, 4, treaty_renew, .treaty = p->treaty, .rights = rights));
    assert_false(cy_treaty_suspended(treaty(p), party(p, 4), today(p)));
    books_agree(p);
    rig_free(p->rig);
}

/* --- force, notice, release --- */

static cy_err leave(const struct pact *p, unsigned n)
{
    return RIG_DO(p->rig, n, treaty_leave, .treaty = p->treaty);
}

static cy_err release(const struct pact *p, unsigned by, unsigned n)
{
    return RIG_DO(p->rig, by, treaty_release, .treaty = p->treaty, .party = p->rig->id[n]);
}

static void clocks(void **state)
{
    struct pact *p = pact_open();
    cy_date reached = 0;

    (void)state;
    for (unsigned n = 1; n <= 3; n++) { /* three parties, and 60 of 210: not half of the weight */
        assert_ok(bond(p, n, 60));
        assert_ok(ratify(p, n));
    }
    assert_int_equal(treaty(p)->reached, 0);
    rig_tick(p->rig, 5 * DAY);
    assert_ok(bond(p, 6, 60));
    assert_ok(ratify(p, 6)); /* 120 of 210 */
    reached = today(p);
    assert_int_equal(treaty(p)->reached, reached);
    assert_int_equal(treaty(p)->force, reached + 30);
    assert_false(binds(p, 1, reached + 29));
    assert_true(binds(p, 1, reached + 30));
    rig_tick(p->rig, DAY);
    assert_ok(bond(p, 5, 60));
    assert_ok(ratify(p, 5)); /* after the thresholds: 30 days of its own */
    assert_false(binds(p, 5, reached + 30));
    assert_true(binds(p, 5, reached + 31));
    assert_code(leave(p, 5), TREATY_BOUND);
    rig_tick(p->rig, 60 * DAY);
    assert_code(leave(p, 1), TREATY_LOCKED);
    rig_tick(p->rig, 1100 * DAY);
    assert_ok(leave(p, 1));
    assert_code(leave(p, 1), TREATY_AGAIN);
    assert_code(release(p, 2, 1), TREATY_NOTICE);
    assert_ok(RIG_DO(p->rig, 1, treaty_stay, .treaty = p->treaty));
    assert_code(RIG_DO(p->rig, 1, treaty_stay, .treaty = p->treaty), TREATY_NOTICE);
    assert_ok(leave(p, 1));
    assert_int_equal(party(p, 1)->leaves, cy_date_months(today(p), 12));
    assert_true(binds(p, 1, party(p, 1)->leaves - 1));
    assert_false(binds(p, 1, party(p, 1)->leaves));
    rig_tick(p->rig, 366 * DAY);
    assert_code(RIG_DO(p->rig, 1, treaty_stay, .treaty = p->treaty), TREATY_NOTICE);
    assert_int_equal(money_free(p->rig, &p->account[1]), 940);
    assert_ok(release(p, 2, 1));
    assert_int_equal(money_free(p->rig, &p->account[1]), 1000);
    assert_int_equal(treaty(p)->ratified, 4);
    assert_int_equal(treaty(p)->ratified_weight, 160);
    assert_int_equal(party(p, 1)->standing, CY_treaty_standing_GONE);
    assert_code(release(p, 2, 1), TREATY_NOTICE);
    assert_ok(bond(p, 1, 60));
    assert_code(release(p, 2, 1), TREATY_NOTICE); /* somebody else cannot stop it from returning */
    assert_ok(ratify(p, 1));
    books_agree(p);
    rig_free(p->rig);
}

/* It ends when fewer than three are left, and then everybody's bond returns. */
static void ending(void **state)
{
    struct pact *p = pact_new();
    struct cy_id account;

    (void)state;
    p->offer.least_parties = 3;
    p->offer.lock_months = 0;
    p->offer.notice_months = 1;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    assert_ok(accept(p, 2, 1));
    pact_bound(p);
    assert_ok(leave(p, 4));
    rig_tick(p->rig, 31 * DAY);
    assert_ok(release(p, 9, 4));
    assert_int_equal(treaty(p)->state, CY_treaty_state_ENDED);
    assert_int_equal(treaty(p)->ended, today(p));
    assert_false(binds(p, 5, today(p)));
    assert_code(leave(p, 5), TREATY_STATE);
    assert_ok(release(p, 9, 5));
    assert_ok(release(p, 9, 6));
    account = cy_treaty_account(treaty(p));
    assert_int_equal(money_free(p->rig, &account), 0);
    books_agree(p);
    rig_free(p->rig);
}

/* --- three real clocks --- */

static cy_err record_of(const struct pact *p, const struct cy_id *who, uint8_t event, cy_date day)
{
    return RIG_DO(p->rig, 1, treaty_record, .treaty = p->treaty, .party = *who, .event = event,
                  .date = day, .source = rig_line("depositary's notification"));
}

static cy_err record(const struct pact *p, unsigned n, uint8_t event, cy_date day)
{
    return record_of(p, &p->rig->id[n], event, day);
}

static void ratified_id(const struct pact *p, const struct cy_id *who, cy_date day)
{
    assert_ok(record_of(p, who, CY_treaty_event_RATIFIED, day));
}

static void ratified(const struct pact *p, unsigned n, cy_date day)
{
    ratified_id(p, &p->rig->id[n], day);
}

/* An offer without money and with one clause, by party 1, of so many parties by weight. */
static struct pact *past(const struct cy_treaty_weight *parties, uint32_t n)
{
    struct pact *p = pact_new();

    p->offer.asset = (struct cy_id){{0}};
    p->offer.bond = 0;
    p->offer.clauses = p->clauses + 1;
    p->offer.n_clauses = 1;
    p->offer.parties = parties;
    p->offer.n_parties = n;
    p->offer.adopt_need = 1;
    return p;
}

/* The Kyoto Protocol, article 25: the ninetieth day after not less than 55 parties, with Annex I
 * parties of at least 55 % of the Annex I carbon dioxide of 1990, have deposited. Emissions in Gg:
 * FCCC/CP/1997/7/Add.1, annex, whose table sums to 13,728,306. Dates: the depositary's status of
 * ratification. The 55th party was Iceland; the 52 before it that have no weight are recorded with
 * the day before, for only their number counts. */
static void kyoto(void **state)
{
    static const struct {
        uint32_t gg;
        uint16_t year;
        uint8_t month;
        uint8_t day;
    } annex[] = {
        {171103,  2001, 3,  19}, /* Romania */
        {169514,  2001, 11, 15}, /* Czech Republic */
        {2172,    2002, 5,  23}, /* Iceland */
        {35533,   2002, 5,  30}, /* Norway */
        {59200,   2002, 5,  31}, /* Austria, and with it the others of the European Community: */
        {113405,  2002, 5,  31}, /* Belgium */
        {52100,   2002, 5,  31}, /* Denmark */
        {53900,   2002, 5,  31}, /* Finland */
        {366536,  2002, 5,  31}, /* France */
        {1012443, 2002, 5,  31}, /* Germany */
        {82100,   2002, 5,  31}, /* Greece */
        {30719,   2002, 5,  31}, /* Ireland */
        {428941,  2002, 5,  31}, /* Italy */
        {11343,   2002, 5,  31}, /* Luxembourg */
        {167600,  2002, 5,  31}, /* Netherlands */
        {42148,   2002, 5,  31}, /* Portugal */
        {260654,  2002, 5,  31}, /* Spain */
        {61256,   2002, 5,  31}, /* Sweden */
        {584078,  2002, 5,  31}, /* United Kingdom */
        {58278,   2002, 5,  31}, /* Slovakia */
        {1173360, 2002, 6,  4 }, /* Japan */
        {22976,   2002, 7,  5 }, /* Latvia */
        {82990,   2002, 8,  15}, /* Bulgaria */
        {71673,   2002, 8,  21}, /* Hungary */
        {37797,   2002, 10, 14}, /* Estonia */
        {414930,  2002, 12, 13}, /* Poland */
        {457441,  2002, 12, 17}, /* Canada */
        {25530,   2002, 12, 19}, /* New Zealand */
        {43600,   2003, 7,  9 }, /* Switzerland */
        {2388720, 2004, 11, 18}, /* Russian Federation */
        {208,     2004, 12, 3 }, /* Liechtenstein */
        {71,      2006, 2,  27}, /* Monaco */
        {288965,  2007, 12, 12}, /* Australia */
        {4957022, 0,    0,  0 }, /* United States of America: never */
    };
    enum { STATES = CY_COUNT(annex), OTHERS = 52 };
    struct cy_treaty_weight listed[STATES + OTHERS] = {
        {{{0}}, 0}
    };
    struct cy_id state_id[STATES + OTHERS];
    struct pact *p = past(listed, STATES + OTHERS);
    const unsigned order_before_55 = 2;
    uint64_t sum = 0;

    (void)state;
    for (unsigned i = 0; i < STATES + OTHERS; i++) { /* they sign nothing: the depositary records */
        if (i > 0)
            rig_passport(p->rig, 20, CY_kind_NATION, "State");
        state_id[i] = p->rig->id[i == 0 ? 1 : 20];
        listed[i] = (struct cy_treaty_weight){state_id[i], i < STATES ? annex[i].gg : 0};
        sum += listed[i].weight;
    }
    assert_int_equal(sum, 13728306);
    p->offer.force_need = 55;
    p->offer.force_ppm = 550000;
    p->offer.force_days = 90;
    p->offer.lock_months = 36;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 1, 1));
    for (unsigned i = 0; i < order_before_55; i++)
        ratified_id(p, &state_id[i], date(annex[i].year, annex[i].month, annex[i].day));
    for (unsigned i = STATES; i < STATES + OTHERS; i++)
        ratified_id(p, &state_id[i], date(2002, 5, 22));
    assert_int_equal(treaty(p)->ratified, 54);
    for (unsigned i = order_before_55; annex[i].year != 0; i++) {
        ratified_id(p, &state_id[i], date(annex[i].year, annex[i].month, annex[i].day));
        if (i == 2)
            assert_int_equal(treaty(p)->ratified, 55); /* enough parties, not the weight */
        if (annex[i].gg == 43600)
            assert_int_equal(treaty(p)->reached, 0); /* 44 % before Russia */
    }
    assert_int_equal(treaty(p)->reached, date(2004, 11, 18));
    assert_int_equal(treaty(p)->force, date(2005, 2, 16));
    assert_true(binds_id(p, &state_id[0], date(2005, 2, 16)));
    assert_false(binds_id(p, &state_id[0], date(2005, 2, 15)));
    assert_int_equal(party_id(p, &state_id[30])->bound_from, date(2005, 3, 3));  /* Liechtenstein */
    assert_int_equal(party_id(p, &state_id[32])->bound_from, date(2008, 3, 11)); /* Australia */
    /* Canada: notice on 15 December 2011, out a year later (article 27) */
    assert_code(record_of(p, &state_id[26], CY_treaty_event_NOTICE, date(2004, 1, 1)), TREATY_DATE);
    assert_ok(record_of(p, &state_id[26], CY_treaty_event_NOTICE, date(2011, 12, 15)));
    assert_int_equal(party_id(p, &state_id[26])->leaves, date(2012, 12, 15));
    assert_code(record_of(p, &state_id[33], CY_treaty_event_RATIFIED, date(2026, 2, 1)),
                TREATY_DATE);
    rig_free(p->rig);
}

/* The Paris Agreement, articles 21 and 28: the thirtieth day after 55 parties with 55 % of
 * emissions; notice after three years in force, out after one more. The thresholds were met on 5
 * October 2016. Three groups stand for the parties; the day is what is tested. */
static void paris(void **state)
{
    struct pact *p = pact_new();
    struct cy_treaty_weight listed[] = {
        {p->rig->id[2], 1789}, /* United States: 17.89 %, 3 September 2016 */
        {p->rig->id[3], 3400}, /* those until 2 October: with it 51.89 % */
        {p->rig->id[4], 400 }, /* those of 5 October */
        {p->rig->id[5], 4411}  /* all others, in hundredths of a percent */
    };
    enum { AMERICA = 2 };

    (void)state;
    rig_free(p->rig);
    p = past(listed, CY_COUNT(listed));
    for (unsigned i = 0; i < CY_COUNT(listed); i++)
        listed[i].party = p->rig->id[i + 2];
    p->offer.force_need = 3;
    p->offer.force_ppm = 550000;
    p->offer.adopt_need = 1;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 2, 1));
    ratified(p, 2, date(2016, 9, 3));
    ratified(p, 3, date(2016, 10, 2));
    assert_int_equal(treaty(p)->reached, 0);
    ratified(p, 4, date(2016, 10, 5));
    assert_int_equal(treaty(p)->force, date(2016, 11, 4));
    assert_code(record(p, AMERICA, CY_treaty_event_NOTICE, date(2019, 11, 3)), TREATY_LOCKED);
    assert_ok(record(p, AMERICA, CY_treaty_event_NOTICE, date(2019, 11, 4)));
    assert_int_equal(party(p, AMERICA)->leaves, date(2020, 11, 4));
    rig_free(p->rig);
}

/* The Treaty on European Union, article 50: notice on 29 March 2017, two years. */
static void article_50(void **state)
{
    struct pact *p = pact_new();
    struct cy_treaty_weight listed[3] = {
        {{{0}}, 0}
    };

    (void)state;
    rig_free(p->rig);
    p = past(listed, 3);
    for (unsigned i = 0; i < 3; i++)
        listed[i] = (struct cy_treaty_weight){p->rig->id[i + 2], 0};
    p->offer.force_need = 3;
    p->offer.force_ppm = 0;
    p->offer.force_days = 0;
    p->offer.lock_months = 0;
    p->offer.notice_months = 24;
    assert_ok(pact_offer(p));
    assert_ok(accept(p, 2, 1));
    for (unsigned i = 2; i < 5; i++)
        ratified(p, i, date(1993, 11, 1));
    assert_ok(record(p, 3, CY_treaty_event_NOTICE, date(2017, 3, 29)));
    assert_int_equal(party(p, 3)->leaves, date(2019, 3, 29));
    assert_code(RIG_DO(p->rig, 2, treaty_record, .treaty = p->treaty, .party = p->rig->id[3],
                       .event = CY_treaty_event_NOTICE, .date = date(2018, 1, 1),
                       .source = rig_line("nobody")),
                TREATY_DEPOSITARY);
    rig_free(p->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mandate),    cmocka_unit_test(joining), cmocka_unit_test(clocks),
        cmocka_unit_test(ending),     cmocka_unit_test(kyoto),   cmocka_unit_test(paris),
        cmocka_unit_test(article_50),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

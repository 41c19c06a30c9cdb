/* fund: agreements to share revenue, with every refusal, to the last unit (M046). */
#include "unit/institutions/alliance/league.h"
#include "unit/kernel/money.h"

#include "institutions/fund/fund_book.h"

#define DAY (uint64_t) CY_DAY_MS

/* Passports: 1 .. 3 parties, 8 measurer, 9 arbiter, 10 a payer, 12 issues the coin. */
struct pot {
    struct rig *rig;
    struct cy_id coin;
    struct cy_id share;
    struct cy_id account[13];
};

static const struct cy_share *share(const struct pot *p)
{
    return CY_GET(&p->rig->engine.world, share, &p->share);
}

static const struct cy_share_party *party(const struct pot *p, unsigned position)
{
    const struct cy_of_share key = {p->share, position};

    return CY_GET(&p->rig->engine.world, share_party, &key);
}

static uint64_t money(const struct pot *p, unsigned n)
{
    return money_free(p->rig, &p->account[n]);
}

static void books_agree(const struct pot *p)
{
    const struct cy_share *s = share(p);
    cy_u128 due = 0, held = 0;

    for (unsigned i = 0; i < s->parties; i++) {
        due += party(p, i)->due;
        held += party(p, i)->held;
    }
    assert_true(due == s->split);
    assert_true(held == s->held);
    assert_true(money_free(p->rig, &s->account) >= s->held);
    assert_int_equal(money_held(p->rig, &s->account), 0);
    money_conserved(&p->rig->engine.world);
}

static struct pot pot_new(void)
{
    struct pot p = {.rig = league_new()};

    p.coin = money_new(p.rig, 12, "EUR");
    for (unsigned i = 1; i < 12; i++)
        p.account[i] = money_give(p.rig, 12, i, p.coin, i == 10 ? 1000000 : 0);
    return p;
}

/* An agreement of parties 1 .. 3; fields may be changed before it is sent. */
static struct cy_share_agree terms(const struct pot *p, const struct cy_share_weight *weights)
{
    return (struct cy_share_agree){.name = rig_name("whale watching"),
                                   .asset = p->coin,
                                   .basis = CY_share_basis_FIXED,
                                   .rounding = CY_rounding_LARGEST_REMAINDER,
                                   .parties = weights,
                                   .n_parties = 3,
                                   .arbiter = p->rig->id[9],
                                   .dispute_ms = 30 * DAY,
                                   .notice_ms = 10 * DAY};
}

static cy_err agree(struct pot *p, const struct cy_share_agree *m)
{
    const cy_err err = rig_do(p->rig, 1, &cy_schema_share_agree, m);

    if (cy_ok(err))
        p->share = p->rig->last;
    return err;
}

static cy_err accept(const struct pot *p, unsigned n)
{
    return RIG_DO(p->rig, n, share_accept, .share = p->share, .account = p->account[n]);
}

static cy_err pay(const struct pot *p, uint64_t amount)
{
    return RIG_DO(p->rig, 10, share_pay_in, .share = p->share, .account = p->account[10],
                  .amount = amount);
}

static cy_err settle(const struct pot *p, unsigned n)
{
    return RIG_DO(p->rig, n, share_settle, .share = p->share);
}

static struct pot live(uint8_t basis, uint8_t rounding, uint32_t a, uint32_t b, uint32_t c)
{
    struct pot p = pot_new();
    const struct cy_share_weight w[] = {
        {p.rig->id[1], a},
        {p.rig->id[2], b},
        {p.rig->id[3], c}
    };
    struct cy_share_agree m = terms(&p, w);

    m.basis = basis;
    m.rounding = rounding;
    if (basis == CY_share_basis_MEASURED) {
        m.measurer = p.rig->id[8];
        m.measure = rig_line("visitors, by tickets sold");
    }
    assert_ok(agree(&p, &m));
    for (unsigned i = 1; i <= 3; i++)
        assert_ok(accept(&p, i));
    return p;
}

static void agreeing(void **state)
{
    struct pot p = pot_new();
    struct cy_share_weight w[] = {
        {p.rig->id[1], 5},
        {p.rig->id[2], 3},
        {p.rig->id[2], 2}
    };
    struct cy_share_agree m = terms(&p, w);

    (void)state;
    assert_code(agree(&p, &m), SHARE_PARTY); /* twice */
    w[2].party = p.rig->id[9];
    assert_code(agree(&p, &m), SHARE_TERMS); /* the arbiter */
    w[2].party = p.coin;
    assert_code(agree(&p, &m), UNKNOWN_PASSPORT);
    w[2].party = p.rig->id[3];
    m.measurer = p.rig->id[8];
    assert_code(agree(&p, &m), SHARE_TERMS);
    m.basis = CY_share_basis_MEASURED;
    assert_code(agree(&p, &m), SHARE_TERMS); /* what is measured? */
    m.measure = rig_line("visitors");
    assert_code(agree(&p, &m), SHARE_TERMS); /* weights */
    m = terms(&p, w);
    m.asset = p.rig->id[1];
    assert_code(agree(&p, &m), NO_NOUN);
    m = terms(&p, w);
    w[0].weight = w[1].weight = w[2].weight = 0;
    assert_code(agree(&p, &m), SHARE_TERMS);
    w[0].weight = 1;
    assert_ok(agree(&p, &m));
    assert_code(pay(&p, 5), SHARE_STATE); /* not before all have accepted */
    assert_code(accept(&p, 4), SHARE_PARTY);
    assert_code(RIG_DO(p.rig, 1, share_accept, .share = p.share, .account = p.account[2]),
                SHARE_ACCOUNT);
    assert_ok(accept(&p, 1));
    assert_ok(accept(&p, 1)); /* says it again: counts once */
    assert_ok(accept(&p, 2));
    assert_int_equal(share(&p)->state, CY_share_state_PROPOSED);
    assert_ok(accept(&p, 3));
    assert_int_equal(share(&p)->state, CY_share_state_LIVE);
    assert_ok(pay(&p, 5));
    books_agree(&p);
    /* nobody but the agreement moves what lies there */
    assert_code(
        RIG_DO(p.rig, 1, transfer, .from = share(&p)->account, .to = p.account[1], .amount = 5),
        NOT_OWNER);
    rig_free(p.rig);
}

static void exact_to_the_last_unit(void **state)
{
    struct pot p = live(CY_share_basis_FIXED, CY_rounding_LARGEST_REMAINDER, 5, 3, 2);
    const struct cy_of_share first = {p.share, 0};

    (void)state;
    assert_code(settle(&p, 1), SHARE_EMPTY);
    assert_ok(pay(&p, 1003));
    assert_code(settle(&p, 4), SHARE_PARTY);
    assert_ok(settle(&p, 2)); /* 501.5, 300.9, 200.6 */
    assert_true(money(&p, 1) == 501 && money(&p, 2) == 301 && money(&p, 3) == 201);
    assert_int_equal(CY_GET(&p.rig->engine.world, share_settlement, &first)->rounded, 2);
    books_agree(&p);
    assert_ok(pay(&p, 1)); /* party 1 is owed half a unit and has the most weight */
    assert_ok(settle(&p, 3));
    assert_true(money(&p, 1) == 502);
    assert_ok(RIG_DO(p.rig, 10, transfer, .from = p.account[10], .to = share(&p)->account,
                     .amount = 10)); /* whichever way it came in */
    assert_ok(settle(&p, 1));
    assert_true(money(&p, 1) == 507 && money(&p, 2) == 304 && money(&p, 3) == 203);
    books_agree(&p);
    assert_true(league_commit(p.rig) > 0);
    rig_free(p.rig);
}

/* Asking for a settlement after every unit gains nothing, under either rule. */
static void often_or_once(void **state)
{
    (void)state;
    for (uint8_t rule = 1; rule <= 2; rule++) {
        struct pot often = live(CY_share_basis_FIXED, rule, 4, 3, 3);
        struct pot once = live(CY_share_basis_FIXED, rule, 4, 3, 3);

        for (unsigned i = 0; i < 40; i++) {
            assert_ok(pay(&often, 1));
            assert_ok(settle(&often, 1));
            books_agree(&often);
            rig_tick(often.rig, 60000); /* the rate of acts */
        }
        assert_ok(pay(&once, 40));
        assert_ok(settle(&once, 1));
        for (unsigned i = 1; i <= 3; i++)
            assert_int_equal(money(&often, i), money(&once, i));
        assert_int_equal(money(&once, 1), 16);
        rig_free(often.rig);
        rig_free(once.rig);
    }
}

static cy_err measure(const struct pot *p, unsigned n, const struct cy_share_figure *figures,
                      unsigned n_figures, struct cy_id proof)
{
    return RIG_DO(p->rig, n, share_measure, .share = p->share, .period = rig_label("2026-Q1"),
                  .figures = figures, .n_figures = n_figures, .evidence = proof);
}

static struct cy_id evidence(const struct pot *p, unsigned number)
{
    const struct cy_id digest = {
        .b = {(uint8_t)number, 0xee}
    };

    assert_ok(RIG_DO(p->rig, 8, evidence_record, .digest = digest,
                     .kind = CY_evidence_kind_DOCUMENT, .summary = rig_line("tickets")));
    return digest;
}

static void by_a_measure(void **state)
{
    struct pot p = live(CY_share_basis_MEASURED, CY_rounding_HIGHEST_AVERAGE, 0, 0, 0);
    struct cy_share_figure f[] = {
        {p.rig->id[3], 100},
        {p.rig->id[1], 300},
        {p.rig->id[3], 1  }
    };
    const struct cy_id proof = evidence(&p, 1);

    (void)state;
    assert_ok(pay(&p, 1000));
    assert_code(settle(&p, 1), SHARE_MEASURE); /* no figures yet */
    assert_code(measure(&p, 1, f, 2, proof), SHARE_MEASURE);
    assert_code(measure(&p, 8, f, 2, p.coin), SHARE_EVIDENCE);
    assert_code(measure(&p, 8, f, 3, proof), SHARE_PARTY); /* twice */
    f[2].party = p.rig->id[4];
    assert_code(measure(&p, 8, f, 3, proof), SHARE_PARTY);
    f[0].figure = f[1].figure = 0;
    assert_code(measure(&p, 8, f, 2, proof), SHARE_MEASURE); /* nothing measured */
    f[0].figure = 100;
    f[1].figure = 300;
    assert_ok(measure(&p, 8, f, 2, proof));
    assert_code(measure(&p, 8, f, 2, proof), SHARE_MEASURE); /* they wait for a settlement */
    assert_ok(settle(&p, 8));
    assert_true(money(&p, 1) == 750 && money(&p, 2) == 0 && money(&p, 3) == 250);
    assert_ok(pay(&p, 1));
    assert_code(settle(&p, 1), SHARE_MEASURE); /* once each */
    books_agree(&p);
    { /* a fixed agreement awaits no figures */
        struct pot fixed = live(CY_share_basis_FIXED, CY_rounding_HIGHEST_AVERAGE, 1, 1, 1);

        assert_code(measure(&fixed, 8, f, 2, evidence(&fixed, 1)), SHARE_MEASURE);
        rig_free(fixed.rig);
    }
    rig_free(p.rig);
}

static cy_err dispute(const struct pot *p, unsigned by, unsigned about, unsigned days,
                      struct cy_id proof)
{
    return RIG_DO(p->rig, by, share_dispute, .share = p->share, .party = p->rig->id[about],
                  .until = p->rig->now + days * DAY, .evidence = proof,
                  .reason = rig_line("boats without a licence"));
}

static cy_err resolve(const struct pot *p, unsigned n, unsigned about, unsigned by, unsigned to,
                      uint64_t amount)
{
    return RIG_DO(p->rig, n, share_resolve, .share = p->share, .party = p->rig->id[about],
                  .by = p->rig->id[by], .to = to == 0 ? (struct cy_id){{0}} : p->rig->id[to],
                  .amount = amount);
}

static cy_err release(const struct pot *p, unsigned about)
{
    return RIG_DO(p->rig, 11, share_release, .share = p->share, .party = p->rig->id[about]);
}

static void disputing(void **state)
{
    struct pot p = live(CY_share_basis_FIXED, CY_rounding_HIGHEST_AVERAGE, 5, 3, 2);
    const struct cy_id proof = evidence(&p, 1);

    (void)state;
    assert_code(dispute(&p, 4, 2, 5, proof), SHARE_PARTY);
    assert_code(dispute(&p, 1, 4, 5, proof), SHARE_PARTY);
    assert_code(dispute(&p, 1, 1, 5, proof), SHARE_DISPUTE);  /* itself */
    assert_code(dispute(&p, 1, 2, 31, proof), SHARE_DISPUTE); /* too long */
    assert_code(dispute(&p, 1, 2, 0, proof), SHARE_DISPUTE);
    assert_code(dispute(&p, 1, 2, 5, p.coin), SHARE_EVIDENCE);
    assert_ok(dispute(&p, 1, 2, 5, proof));
    assert_code(dispute(&p, 1, 2, 6, proof), SHARE_DISPUTE);
    assert_ok(dispute(&p, 3, 2, 10, proof));
    assert_ok(pay(&p, 1000));
    assert_ok(settle(&p, 1));
    assert_true(money(&p, 1) == 500 && money(&p, 2) == 0 && money(&p, 3) == 200);
    assert_true(party(&p, 1)->held == 300);
    books_agree(&p);
    assert_code(settle(&p, 1), SHARE_EMPTY); /* what is held is not split again */
    assert_code(release(&p, 2), SHARE_HELD);
    assert_code(release(&p, 1), SHARE_HELD);
    assert_code(resolve(&p, 2, 2, 1, 0, 0), SHARE_ARBITER);
    assert_code(resolve(&p, 1, 2, 1, 1, 100), SHARE_ARBITER); /* awards nothing to itself */
    assert_ok(resolve(&p, 1, 2, 1, 0, 0));                    /* withdrawn */
    assert_code(resolve(&p, 9, 2, 1, 0, 0), SHARE_DISPUTE);
    assert_code(release(&p, 2), SHARE_HELD); /* the other still stands */
    assert_code(resolve(&p, 9, 2, 3, 3, 301), SHARE_HELD);
    assert_code(resolve(&p, 9, 2, 3, 0, 100), SHARE_HELD);
    assert_code(resolve(&p, 9, 2, 3, 3, 0), SHARE_HELD);
    assert_code(resolve(&p, 9, 2, 3, 4, 100), SHARE_PARTY);
    assert_ok(resolve(&p, 9, 2, 3, 3, 100)); /* a third of it is awarded */
    assert_ok(release(&p, 2));
    assert_true(money(&p, 2) == 200 && money(&p, 3) == 300);
    assert_code(dispute(&p, 1, 2, 5, proof), SHARE_DISPUTE); /* not again so soon */
    books_agree(&p);
    league_days(p.rig, 30);
    assert_ok(dispute(&p, 1, 2, 5, proof));
    assert_ok(pay(&p, 10));
    assert_ok(settle(&p, 1));
    league_days(p.rig, 5);
    assert_ok(release(&p, 2)); /* its day came */
    assert_true(money(&p, 2) == 203);
    books_agree(&p);
    assert_true(league_commit(p.rig) > 0);
    rig_free(p.rig);
}

static cy_err end(const struct pot *p, unsigned n)
{
    return RIG_DO(p->rig, n, share_end, .share = p->share);
}

static void ending(void **state)
{
    struct pot p = live(CY_share_basis_FIXED, CY_rounding_HIGHEST_AVERAGE, 1, 1, 1);

    (void)state;
    assert_code(end(&p, 4), SHARE_PARTY);
    assert_ok(end(&p, 2));
    assert_ok(pay(&p, 10)); /* the notice runs */
    assert_code(end(&p, 4), SHARE_STATE);
    league_days(p.rig, 10);
    assert_code(pay(&p, 10), SHARE_STATE);
    assert_code(end(&p, 4), SHARE_HELD); /* ten units are not split */
    assert_ok(settle(&p, 3));
    assert_ok(end(&p, 4)); /* anybody */
    assert_code(end(&p, 1), SHARE_STATE);
    assert_code(settle(&p, 1), SHARE_STATE);
    assert_code(accept(&p, 1), SHARE_STATE);
    assert_code(RIG_DO(p.rig, 1, share_end, .share = p.coin), SHARE_UNKNOWN);
    assert_true(money(&p, 1) + money(&p, 2) + money(&p, 3) == 10);
    books_agree(&p);
    { /* a proposal that not all accept is withdrawn */
        const struct cy_share_weight w[] = {
            {p.rig->id[1], 5},
            {p.rig->id[2], 3},
            {p.rig->id[3], 2}
        };
        const struct cy_share_agree m = terms(&p, w);

        assert_ok(agree(&p, &m));
        assert_code(end(&p, 4), SHARE_PARTY);
        assert_ok(end(&p, 3));
        assert_code(accept(&p, 1), SHARE_STATE);
    }
    rig_free(p.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreeing),      cmocka_unit_test(exact_to_the_last_unit),
        cmocka_unit_test(often_or_once), cmocka_unit_test(by_a_measure),
        cmocka_unit_test(disputing),     cmocka_unit_test(ending)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Crises: pacts and mandates signed in peacetime (M036), stocks and needs (M035), dispatches by a
 * certified plan, credit for what was lent, the shared stockpile (M140). */
#include "unit/institutions/finding/storm.h"

#include "institutions/crisis/crisis_pact.h"

struct lines {
    struct cy_id stock[2];
    struct cy_id need[2];
    struct cy_id line[4]; /* leaves: what each column moves */
    struct cy_id amount[3];
    uint32_t column[3];
};

static struct cy_id offer(const struct storm *s, unsigned n, uint64_t amount, cy_date expires)
{
    assert_ok(RIG_DO(s->rig, n, stock_offer, .pact = s->pact, .good = rig_label("vaccine"),
                     .amount = amount, .place = rig_line("depot"), .north = 90000000,
                     .east = 180000000, .expires = expires));
    return s->rig->last;
}

static struct cy_id need(const struct storm *s, unsigned n, uint64_t amount)
{
    assert_ok(RIG_DO(s->rig, n, need_post, .crisis = s->crisis, .good = rig_label("vaccine"),
                     .amount = amount, .priority = 1, .place = rig_line("ward"), .north = 90000000,
                     .east = 180000000));
    return s->rig->last;
}

static cy_err mandate(const struct storm *s, unsigned n, uint32_t ppm, uint64_t most, cy_date until)
{
    return RIG_DO(s->rig, n, aid_mandate, .pact = s->pact, .good = rig_label("vaccine"), .ppm = ppm,
                  .most = most, .until = until);
}

static cy_date today(const struct storm *s)
{
    return cy_time_date(s->rig->now);
}

static const struct cy_stock *stock_at(const struct storm *s, const struct cy_id *id)
{
    return CY_GET(&s->rig->engine.world, stock, id);
}

static const struct cy_need *need_at(const struct storm *s, const struct cy_id *id)
{
    return CY_GET(&s->rig->engine.world, need, id);
}

static const struct cy_dispatch *dispatch_at(const struct storm *s, const struct cy_id *id)
{
    return CY_GET(&s->rig->engine.world, dispatch, id);
}

static const struct cy_pact_party *party_at(const struct storm *s, unsigned n)
{
    const struct cy_of_pact key = {s->pact, s->rig->id[n]};

    return CY_GET(&s->rig->engine.world, pact_party, &key);
}

/* Credit in all accounts, debts in all parties: the same; stocks against holdings and pledges. */
static void books_agree(const struct storm *s)
{
    const struct cy_world *world = &s->rig->engine.world;
    cy_u128 owed = 0;
    uint64_t held = 0;
    uint64_t in_stock = 0;
    uint64_t pledged = 0;
    uint64_t promised = 0;
    uint64_t awaited = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_pact_party); i++)
        owed += ((const struct cy_pact_party *)cy_world_at(world, CY_R_pact_party, i))->owed;
    assert_true(owed == CY_GET(world, asset, &s->pact)->issued);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_holding); i++)
        held += ((const struct cy_holding *)cy_world_at(world, CY_R_holding, i))->held;
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_stock); i++) {
        const struct cy_stock *stock = cy_world_at(world, CY_R_stock, i);

        assert_true(stock->promised + stock->pledged <= stock->amount);
        in_stock += stock->amount;
        pledged += stock->pledged;
        promised += stock->promised;
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_need); i++)
        awaited += ((const struct cy_need *)cy_world_at(world, CY_R_need, i))->promised;
    assert_int_equal(held, in_stock);
    assert_int_equal(promised, awaited);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_pact_good); i++)
        pledged -= ((const struct cy_pact_good *)cy_world_at(world, CY_R_pact_good, i))->pledged;
    assert_int_equal(pledged, 0);
    money_conserved(world);
}

/* Stocks of 1 and 2, mandates, a declared crisis, needs of 3 and 4, lines named, a plan found. */
static struct storm *storm_planned(struct lines *l)
{
    const struct cy_objective_offer terms = {.kind = rig_label("outbreak")};
    struct cy_objective_data data = {.n_lines = 4};
    struct storm *s = storm_new();
    unsigned k = 0;

    storm_voted(s, &terms);
    l->stock[0] = offer(s, 1, 100, today(s) + 20);
    l->stock[1] = offer(s, 2, 50, 0);
    assert_ok(mandate(s, 1, 1000000, 100, today(s) + 300));
    assert_ok(mandate(s, 2, 600000, 100, today(s) + 300));
    rig_tick(s->rig, DAY);
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    assert_ok(activate(s));
    l->need[0] = need(s, 3, 80);
    l->need[1] = need(s, 4, 60);
    for (unsigned j = 0; j < 4; j++) {
        uint8_t ends[64];

        memcpy(ends, l->stock[j / 2].b, 32);
        memcpy(ends + 32, l->need[j % 2].b, 32);
        l->line[j] = cy_hash_leaf(cy_span_of(ends, 64));
        if (storm_point_[j] == 0)
            continue;
        l->column[k] = j;
        l->amount[k++] = cy_certificate_leaf(j, (uint64_t)storm_point_[j]);
    }
    data.lines = cy_merkle_root(l->line, 4);
    assert_ok(name_data(s, &data));
    assert_ok(find_it(s));
    return s;
}

/* Line k of the answer: its amount, and its paths among 3 amounts and 4 lines. */
static struct cy_dispatch_send line(const struct storm *s, const struct lines *l, unsigned k,
                                    struct cy_id path[static 4])
{
    const unsigned j = l->column[k];
    const struct cy_id pair =
        j < 2 ? cy_hash_node(&l->line[2], &l->line[3]) : cy_hash_node(&l->line[0], &l->line[1]);
    const struct cy_id front = cy_hash_node(&l->amount[0], &l->amount[1]);

    path[0] = k < 2 ? l->amount[1 - k] : front; /* three leaves: the last hangs at the top */
    path[1] = l->amount[2];
    path[2] = l->line[j ^ 1];
    path[3] = pair;
    return (struct cy_dispatch_send){
        .finding = s->finding,
        .column = j,
        .stock = l->stock[j / 2],
        .need = l->need[j % 2],
        .amount = (uint64_t)storm_point_[j],
        .position = k,
        .path = cy_span_of(path[0].b, k < 2 ? 64 : 32),
        .line = cy_span_of(path[2].b, 64),
    };
}

static cy_err send_line(const struct storm *s, unsigned n, const struct lines *l, unsigned k)
{
    struct cy_id path[4];
    const struct cy_dispatch_send m = line(s, l, k, path);

    return rig_do(s->rig, n, &cy_schema_dispatch_send, &m);
}

static cy_err receive(const struct storm *s, unsigned n, struct cy_id dispatch, uint64_t amount)
{
    return RIG_DO(s->rig, n, dispatch_receive, .dispatch = dispatch, .received = amount);
}

static cy_err cancel(const struct storm *s, unsigned n, struct cy_id dispatch)
{
    return RIG_DO(s->rig, n, dispatch_cancel, .dispatch = dispatch, .reason = rig_line("no"));
}

/* --- pacts and crises --- */

static void pacts_name_each_party_and_good_once(void **state)
{
    struct storm *s = storm_new();
    struct cy_aid_pact m = {.name = rig_name("x"),
                            .text = {.b = {1}},
                            .parties = s->parties,
                            .n_parties = 3,
                            .goods = &s->good,
                            .n_goods = 1,
                            .seconds = 2,
                            .days = 1,
                            .auditor = s->rig->id[AUDITOR]};

    (void)state;
    m.seconds = 4;
    assert_code(rig_do(s->rig, 1, &cy_schema_aid_pact, &m), PACT_TERMS);
    m.seconds = 2;
    m.auditor = s->rig->id[2];
    assert_code(rig_do(s->rig, 1, &cy_schema_aid_pact, &m), PACT_TERMS);
    m.auditor = s->rig->id[AUDITOR];
    s->parties[1].party = s->rig->id[1];
    assert_code(rig_do(s->rig, 1, &cy_schema_aid_pact, &m), PACT_TERMS);
    assert_code(RIG_DO(s->rig, 6, aid_join, .pact = s->pact), PACT_PARTY);
    assert_code(RIG_DO(s->rig, 1, aid_join, .pact = s->pact), PACT_AGAIN);
    assert_code(RIG_DO(s->rig, 1, aid_join, .pact = {.b = {1}}), PACT_UNKNOWN);
    rig_free(s->rig);
}

static void enough_parties_declare_and_end_a_crisis(void **state)
{
    struct storm *s = storm_new();
    const struct cy_occasion *occasion = NULL;

    (void)state;
    assert_code(declare(s, 6), PACT_PARTY);
    assert_ok(declare(s, 1));
    assert_code(declare(s, 1), PACT_AGAIN);
    assert_code(RIG_DO(s->rig, 3, crisis_declare, .pact = s->pact, .kind = rig_label("flood"),
                       .area = rig_line("here"), .evidence = s->evidence),
                CRISIS_RUNNING);
    assert_null(CY_GET(&s->rig->engine.world, occasion, &s->crisis));
    assert_ok(declare(s, 2));
    occasion = CY_GET(&s->rig->engine.world, occasion, &s->crisis);
    assert_non_null(occasion);
    assert_int_equal(occasion->until, s->rig->now + 30 * DAY);
    assert_code(declare(s, 3), CRISIS_RUNNING);
    assert_code(RIG_DO(s->rig, 6, crisis_end, .crisis = s->crisis), PACT_PARTY);
    assert_ok(RIG_DO(s->rig, 4, crisis_end, .crisis = s->crisis));
    assert_code(RIG_DO(s->rig, 4, crisis_end, .crisis = s->crisis), PACT_AGAIN);
    assert_ok(RIG_DO(s->rig, 5, crisis_end, .crisis = s->crisis));
    assert_int_equal(occasion->until, s->rig->now);
    assert_code(RIG_DO(s->rig, 3, crisis_end, .crisis = s->crisis), CRISIS_OVER);
    assert_ok(declare(s, 3)); /* a new one may be called for */
    rig_free(s->rig);
}

static void a_mandate_is_not_narrowed_in_a_crisis(void **state)
{
    struct storm *s = storm_new();
    const cy_date until = today(s) + 100;

    (void)state;
    assert_ok(mandate(s, 1, 500000, 50, until));
    assert_ok(mandate(s, 1, 400000, 50, until));
    assert_ok(declare(s, 1));
    assert_ok(declare(s, 2));
    assert_code(mandate(s, 1, 300000, 50, until), PACT_MANDATE);
    assert_code(mandate(s, 1, 400000, 49, until), PACT_MANDATE);
    assert_code(mandate(s, 1, 400000, 50, until - 1), PACT_MANDATE);
    assert_ok(mandate(s, 1, 400001, 51, until + 1));
    rig_tick(s->rig, 31 * DAY);
    assert_ok(mandate(s, 1, 0, 0, until));
    rig_free(s->rig);
}

/* --- by plan --- */

static void a_certified_plan_is_sent_by_anyone(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_code(send_line(s, 6, &l, 0), PACT_PARTY);
    assert_ok(send_line(s, 5, &l, 0)); /* no central approval: 1 has signed before */
    assert_true(dispatch_at(s, &s->rig->last)->mandated);
    assert_int_equal(stock_at(s, &l.stock[0])->promised, 80);
    assert_int_equal(need_at(s, &l.need[0])->promised, 80);
    assert_code(send_line(s, 5, &l, 0), DISPATCH_AGAIN);
    assert_ok(send_line(s, 3, &l, 1));
    assert_code(send_line(s, 5, &l, 2), DISPATCH_MANDATE); /* 60 % of 50 is less than 40 */
    assert_int_equal(s->rig->verdict.err.detail, 30);
    assert_ok(send_line(s, 2, &l, 2)); /* the owner itself may */
    assert_false(dispatch_at(s, &s->rig->last)->mandated);
    books_agree(s);
    rig_free(s->rig);
}

static void a_line_is_what_was_certified_and_named(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);
    struct cy_id path[4];
    struct cy_dispatch_send m = line(s, &l, 0, path);

    (void)state;
    m.amount++;
    assert_code(rig_do(s->rig, 5, &cy_schema_dispatch_send, &m), FINDING_ANSWER);
    m = line(s, &l, 0, path);
    m.need = l.need[1]; /* to somebody else */
    assert_code(rig_do(s->rig, 5, &cy_schema_dispatch_send, &m), DISPATCH_LINE);
    m = line(s, &l, 0, path);
    m.stock = l.stock[1];
    assert_code(rig_do(s->rig, 5, &cy_schema_dispatch_send, &m), DISPATCH_LINE);
    m = line(s, &l, 0, path);
    m.path.n -= 1;
    assert_code(rig_do(s->rig, 5, &cy_schema_dispatch_send, &m), FINDING_ANSWER);
    m = line(s, &l, 0, path);
    m.finding = s->crisis;
    assert_code(rig_do(s->rig, 5, &cy_schema_dispatch_send, &m), FINDING_UNKNOWN);
    books_agree(s);
    rig_free(s->rig);
}

static void newer_data_end_the_old_plan(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_ok(send_line(s, 5, &l, 0));
    assert_ok(name_data(s, &(struct cy_objective_data){0}));
    assert_code(send_line(s, 5, &l, 1), FINDING_FALLEN);
    assert_int_equal(s->rig->verdict.err.detail, 3);
    rig_free(s->rig);
}

static void a_contested_plan_waits(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_ok(RIG_DO(s->rig, 4, finding_contest, .finding = s->finding, .reason = rig_line("wrong"),
                     .evidence = s->evidence));
    assert_code(send_line(s, 5, &l, 0), FINDING_FALLEN);
    rig_free(s->rig);
}

static void what_is_stale_is_not_sent(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_ok(RIG_DO(s->rig, 4, need_close, .need = l.need[1]));
    assert_code(send_line(s, 5, &l, 1), NEED_CLOSED);
    rig_tick(s->rig, 19 * DAY);
    assert_code(send_line(s, 5, &l, 0), STOCK_EXPIRED);
    rig_tick(s->rig, 12 * DAY);
    assert_code(send_line(s, 2, &l, 2), CRISIS_OVER);
    rig_free(s->rig);
}

static void what_is_not_there_is_not_sent(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_ok(RIG_DO(s->rig, 1, stock_change, .stock = l.stock[0], .amount = 79,
                     .reason = rig_line("used at home")));
    assert_code(send_line(s, 1, &l, 0), STOCK_AMOUNT);
    assert_ok(send_line(s, 1, &l, 1));
    assert_code(RIG_DO(s->rig, 1, stock_change, .stock = l.stock[0], .amount = 19,
                       .reason = rig_line("gone")),
                STOCK_AMOUNT);
    books_agree(s);
    rig_free(s->rig);
}

/* --- credit --- */

static void who_lends_has_credit_and_debts_are_set_off(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);
    struct cy_id first;
    struct cy_id account = cy_account_id(&s->rig->id[1], &s->pact, 0);

    (void)state;
    assert_ok(send_line(s, 5, &l, 0));
    first = s->rig->last;
    assert_code(receive(s, 4, first, 80), DISPATCH_UNKNOWN);
    assert_code(receive(s, 3, first, 81), RANGE);
    assert_ok(receive(s, 3, first, 75)); /* five were lost on the way: the lender's */
    assert_int_equal(money_free(s->rig, &account), 750);
    assert_int_equal((int)party_at(s, 3)->owed, 750);
    assert_int_equal(stock_at(s, &l.stock[0])->amount, 20);
    assert_int_equal(stock_at(s, &l.stock[0])->missing, 5);
    assert_int_equal(need_at(s, &l.need[0])->received, 75);
    assert_code(receive(s, 3, first, 75), DISPATCH_UNKNOWN);
    books_agree(s);
    /* 3 lends to 1 by the stockpile: its debt shrinks, 1 spends its credit */
    {
        const struct cy_id back = offer(s, 3, 200, 0);
        const struct cy_id wanted = need(s, 1, 100);

        assert_ok(RIG_DO(s->rig, 3, stock_pledge, .stock = back, .amount = 150));
        assert_ok(RIG_DO(s->rig, 1, stock_draw, .stock = back, .need = wanted, .amount = 10));
        assert_ok(receive(s, 1, s->rig->last, 10));
    }
    assert_int_equal(money_free(s->rig, &account), 650);
    assert_int_equal((int)party_at(s, 3)->owed, 650);
    assert_int_equal((int)party_at(s, 1)->owed, 0);
    assert_int_equal((int)party_at(s, 1)->borrowed, 100);
    books_agree(s);
    rig_free(s->rig);
}

static void what_is_called_off_goes_back(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);

    (void)state;
    assert_ok(send_line(s, 5, &l, 0));
    assert_code(cancel(s, 1, s->rig->last), DISPATCH_UNKNOWN); /* 1 has signed, and it lasts */
    assert_code(cancel(s, 5, s->rig->last), DISPATCH_UNKNOWN);
    assert_ok(cancel(s, 3,
                     CY_GET(&s->rig->engine.world, dispatched, &((struct {
                         struct cy_id f;
                         uint64_t c;
                     }){s->finding, 0}))
                         ->dispatch));
    books_agree(s);
    assert_int_equal(stock_at(s, &l.stock[0])->promised, 0);
    assert_ok(send_line(s, 5, &l, 0)); /* the mandate is whole again */
    {
        const struct cy_id sent = s->rig->last;

        rig_tick(s->rig, 40 * DAY);
        assert_ok(cancel(s, 1, sent)); /* nobody said that it arrived, and the crisis is over */
    }
    books_agree(s);
    rig_free(s->rig);
}

/* --- the stockpile --- */

static void a_party_draws_up_to_its_claim(void **state)
{
    struct lines l;
    struct storm *s = storm_planned(&l);
    const struct cy_id wanted = need(s, 4, 500);
    struct cy_id drawn;

    (void)state;
    assert_ok(RIG_DO(s->rig, 1, stock_pledge, .stock = l.stock[0], .amount = 90));
    assert_code(RIG_DO(s->rig, 1, stock_pledge, .stock = l.stock[0], .amount = 89), STOCK_PLEDGED);
    assert_code(RIG_DO(s->rig, 1, stock_pledge, .stock = l.stock[0], .amount = 101), STOCK_AMOUNT);
    assert_code(RIG_DO(s->rig, 2, stock_pledge, .stock = l.stock[0], .amount = 5), STOCK_UNKNOWN);
    assert_code(send_line(s, 5, &l, 0), STOCK_AMOUNT); /* only ten are free */
    /* 4 of 15 parts of 90 are 24 */
    assert_code(RIG_DO(s->rig, 4, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 25),
                STOCK_CLAIM);
    assert_int_equal(s->rig->verdict.err.detail, 24);
    assert_code(RIG_DO(s->rig, 3, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 1),
                NEED_UNKNOWN);
    assert_ok(RIG_DO(s->rig, 4, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 20));
    drawn = s->rig->last;
    assert_code(RIG_DO(s->rig, 4, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 5),
                STOCK_CLAIM); /* the claim is of all that was pledged, not of what is left */
    assert_ok(RIG_DO(s->rig, 4, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 4));
    books_agree(s);
    assert_code(cancel(s, 1, drawn), DISPATCH_UNKNOWN);
    assert_ok(cancel(s, 4, drawn));
    assert_int_equal(stock_at(s, &l.stock[0])->pledged, 86);
    assert_ok(RIG_DO(s->rig, 4, stock_draw, .stock = l.stock[0], .need = wanted, .amount = 20));
    books_agree(s);
    rig_free(s->rig);
}

static void pledges_rotate_to_what_keeps_longer(void **state)
{
    struct storm *s = storm_new();
    const struct cy_id old = offer(s, 1, 100, today(s) + 10);
    const struct cy_id fresh = offer(s, 1, 60, today(s) + 100);
    const struct cy_id other = offer(s, 2, 60, today(s) + 100);

    (void)state;
    assert_ok(RIG_DO(s->rig, 1, stock_pledge, .stock = old, .amount = 60));
    assert_code(RIG_DO(s->rig, 1, stock_rotate, .from = old, .to = other), STOCK_UNKNOWN);
    assert_code(RIG_DO(s->rig, 1, stock_rotate, .from = fresh, .to = old), STOCK_ROTATE);
    assert_ok(RIG_DO(s->rig, 1, stock_rotate, .from = old, .to = fresh));
    assert_int_equal(stock_at(s, &fresh)->pledged, 60);
    assert_int_equal(stock_at(s, &old)->pledged, 0);
    assert_code(RIG_DO(s->rig, 1, stock_rotate, .from = fresh, .to = old), STOCK_ROTATE);
    books_agree(s);
    rig_free(s->rig);
}

static void a_count_takes_the_place_of_the_book(void **state)
{
    struct storm *s = storm_new();
    const struct cy_id stock = offer(s, 1, 100, 0);

    (void)state;
    assert_ok(RIG_DO(s->rig, 1, stock_pledge, .stock = stock, .amount = 60));
    assert_code(
        RIG_DO(s->rig, 1, stock_count, .stock = stock, .counted = 1, .evidence = s->evidence),
        PACT_AUDITOR);
    assert_code(
        RIG_DO(s->rig, AUDITOR, stock_count, .stock = stock, .counted = 1, .evidence = {.b = {1}}),
        PACT_AUDITOR);
    assert_ok(RIG_DO(s->rig, AUDITOR, stock_count, .stock = stock, .counted = 55,
                     .evidence = s->evidence));
    assert_int_equal(stock_at(s, &stock)->amount, 55);
    assert_int_equal(stock_at(s, &stock)->pledged, 55);
    assert_int_equal(stock_at(s, &stock)->missing, 45);
    books_agree(s);
    assert_ok(RIG_DO(s->rig, AUDITOR, stock_count, .stock = stock, .counted = 58,
                     .evidence = s->evidence));
    assert_int_equal(stock_at(s, &stock)->amount, 58);
    assert_int_equal(stock_at(s, &stock)->missing, 45);
    books_agree(s);
    rig_free(s->rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pacts_name_each_party_and_good_once),
        cmocka_unit_test(enough_parties_declare_and_end_a_crisis),
        cmocka_unit_test(a_mandate_is_not_narrowed_in_a_crisis),
        cmocka_unit_test(a_certified_plan_is_sent_by_anyone),
        cmocka_unit_test(a_line_is_what_was_certified_and_named),
        cmocka_unit_test(newer_data_end_the_old_plan),
        cmocka_unit_test(a_contested_plan_waits),
        cmocka_unit_test(what_is_stale_is_not_sent),
        cmocka_unit_test(what_is_not_there_is_not_sent),
        cmocka_unit_test(who_lends_has_credit_and_debts_are_set_off),
        cmocka_unit_test(what_is_called_off_goes_back),
        cmocka_unit_test(a_party_draws_up_to_its_claim),
        cmocka_unit_test(pledges_rotate_to_what_keeps_longer),
        cmocka_unit_test(a_count_takes_the_place_of_the_book),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

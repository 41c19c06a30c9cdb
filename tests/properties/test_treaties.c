/* treaty: thousands of random acts by random parties as time goes by, most of them refused, some
 * into tables that are full; a refused act leaves the world as it was to the byte, and after every
 * act the books agree: bonds and pot, who ratified and with what weight, who is suspended, what was
 * fined (M015, M016, M059, M125, M128). */
#include "gen.h"
#include "rig.h"

#include "institutions/roster.h"
#include "institutions/treaty/treaty_book.h"

enum { PARTIES = 6, MONITOR = 7, ARBITER = 8, ACTS = 16000, TREATIES = 3 };

struct world {
    struct rig *rig;
    struct gen gen;
    struct cy_id coin, proof, rights;
    struct cy_id treaty[TREATIES];
    struct cy_id account[ARBITER + 1];
    unsigned accepted[32], refused[32], crowded, committed;
};

static unsigned draw(struct world *w, unsigned below)
{
    return (unsigned)gen_draw(&w->gen, below);
}

static const struct cy_world *world_of(const struct world *w)
{
    return &w->rig->engine.world;
}

/* --- books --- */

struct sums {
    cy_u128 bonds, fined, owed;
    uint64_t weight, ratified_weight;
    uint32_t listed, ratified, suspending, breaches;
};

static struct sums parties_of(const struct world *w, const struct cy_treaty *t)
{
    const struct cy_world *world = world_of(w);
    struct sums sums = {0};

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_treaty_party); i++) {
        const struct cy_treaty_party *p = cy_world_at(world, CY_R_treaty_party, i);
        const bool in = p->standing == CY_treaty_standing_RATIFIED;

        if (!cy_id_eq(&p->treaty, &t->id))
            continue;
        sums.bonds += p->bond;
        sums.fined += p->fined;
        sums.owed += p->owed;
        sums.weight += p->weight;
        sums.listed++;
        sums.ratified += in;
        sums.ratified_weight += in ? p->weight : 0;
        sums.suspending += p->suspending;
        sums.breaches += p->breaches;
        assert_true(p->owed == 0 || p->bond == 0);
        assert_true((p->notice == 0) == (p->leaves == 0));
    }
    return sums;
}

static void treaty_agrees(const struct world *w, const struct cy_treaty *t)
{
    const struct cy_world *world = world_of(w);
    const struct sums sums = parties_of(w, t);
    const struct cy_id account = cy_treaty_account(t);
    cy_u128 fines = 0;
    uint32_t suspends = 0, breaches = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_treaty_duty); i++) {
        const struct cy_treaty_duty *d = cy_world_at(world, CY_R_treaty_duty, i);

        suspends += cy_id_eq(&d->treaty, &t->id) && d->suspends;
        breaches += cy_id_eq(&d->treaty, &t->id) ? d->breaches : 0;
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_treaty_receipt); i++) {
        const struct cy_treaty_receipt *r = cy_world_at(world, CY_R_treaty_receipt, i);

        if (!cy_id_eq(&r->treaty, &t->id))
            continue;
        fines += r->fine;
        assert_true(!r->complied || (r->fine == 0 && r->beyond == 0));
    }
    assert_true(CY_GET(world, account, &account)->balance == sums.bonds + t->pot);
    assert_true(CY_GET(world, account, &account)->held == 0);
    assert_true(sums.fined == fines);
    assert_int_equal(sums.listed, t->listed);
    assert_int_equal(sums.weight, t->weight);
    assert_int_equal(sums.ratified, t->ratified);
    assert_int_equal(sums.ratified_weight, t->ratified_weight);
    assert_int_equal(sums.suspending, suspends);
    assert_int_equal(sums.breaches, breaches);
    assert_true((t->reached == 0) == (t->force == 0));
    assert_true((t->version == 0) == (t->state == CY_treaty_state_NEGOTIATED));
}

static void books_agree(const struct world *w)
{
    const struct cy_world *world = world_of(w);
    cy_u128 sum = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_treaty); i++)
        treaty_agrees(w, cy_world_at(world, CY_R_treaty, i));
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++) {
        const struct cy_account *a = cy_world_at(world, CY_R_account, i);

        sum += a->balance + a->held;
    }
    assert_true(sum == CY_GET(world, asset, &w->coin)->issued);
}

/* --- random acts --- */

static cy_date near(struct world *w)
{
    return cy_time_date(w->rig->now) - 90 + draw(w, 100);
}

static struct cy_treaty_clause some_clause(struct world *w, uint16_t number)
{
    struct cy_treaty_clause c = {.number = number,
                                 .measure = rig_label(number == 1 ? "catch" : "visits"),
                                 .bound = CY_treaty_bound_AT_MOST,
                                 .threshold = draw(w, 5),
                                 .from = cy_time_date(w->rig->now) - draw(w, 3),
                                 .months = 1,
                                 .actuator = (uint8_t)(1 + draw(w, 3)),
                                 .reservable = draw(w, 2) == 0,
                                 .emergency_days = 3,
                                 .words = rig_line("so")};

    c.emergency = c.threshold + draw(w, 3);
    if (c.actuator == CY_treaty_actuator_FINE) {
        c.fine = 1 + draw(w, 30);
        c.cap = draw(w, 2) == 0 ? 0 : c.fine + draw(w, 30);
    }
    return c;
}

static cy_err offer(struct world *w, unsigned i)
{
    const struct cy_treaty_clause clauses[] = {some_clause(w, 1), some_clause(w, 2)};
    struct cy_treaty_weight parties[PARTIES];
    cy_err err = CY_OK;

    for (unsigned n = 0; n < PARTIES; n++)
        parties[n] = (struct cy_treaty_weight){w->rig->id[n + 1], draw(w, 4)};
    err =
        RIG_DO(w->rig, 1, treaty_offer, .name = rig_name("pact"), .text = w->coin,
               .clauses = clauses, .n_clauses = 2, .parties = parties,
               .n_parties = PARTIES - draw(w, 4), .monitor = w->rig->id[MONITOR],
               .arbiter = w->rig->id[ARBITER], .adopt_need = 1 + draw(w, 3),
               .force_need = 2 + draw(w, 2), .force_ppm = draw(w, 500000), .force_days = draw(w, 5),
               .lock_months = (uint16_t)draw(w, 2), .notice_months = (uint16_t)draw(w, 2),
               .least_parties = draw(w, 3), .asset = w->coin, .bond = 30, .seconds = draw(w, 3),
               .answer_days = 5, .rights = draw(w, 2) == 0 ? w->rights : (struct cy_id){{0}},
               .balance_ppm = 900000, .balance_times = 2);
    if (cy_ok(err))
        w->treaty[i] = w->rig->last;
    return err;
}

static cy_err keep(struct world *w, unsigned act, unsigned n, struct cy_id treaty)
{
    struct rig *rig = w->rig;
    const struct cy_treaty_benefit got[] = {
        {rig->id[1 + draw(w, PARTIES)], draw(w, 9), draw(w, 9)}
    };
    const struct cy_treaty_line line[] = {
        {rig_label(draw(w, 2) == 0 ? "01" : "0101"), draw(w, 90), draw(w, 60), near(w),
         (uint8_t)(1 + draw(w, 3))}
    };
    const uint16_t number = (uint16_t)(1 + draw(w, 2));
    const struct cy_treaty_place place = {treaty, CY_GET(world_of(w), treaty, &treaty)->version,
                                          number};
    const struct cy_treaty_term *term = CY_GET(world_of(w), treaty_term, &place);
    const cy_date period =
        term == NULL ? near(w) : cy_date_months(term->from, draw(w, 4) * term->months);

    switch (act) {
    case CY_M_treaty_report:
        return RIG_DO(rig, draw(w, 3) == 0 ? n : MONITOR, treaty_report, .treaty = treaty,
                      .number = number, .party = rig->id[1 + draw(w, PARTIES)], .period = period,
                      .figure = draw(w, 8), .evidence = w->proof);
    case CY_M_treaty_emergency:
        return RIG_DO(rig, n, treaty_emergency, .treaty = treaty, .number = number,
                      .evidence = w->proof);
    case CY_M_treaty_attacked:
        return RIG_DO(rig, n, treaty_attacked, .treaty = treaty, .against = rig->id[ARBITER],
                      .evidence = w->proof);
    case CY_M_treaty_measure:
        return RIG_DO(rig, MONITOR, treaty_measure, .treaty = treaty, .period = near(w),
                      .benefits = got, .n_benefits = 1, .evidence = w->proof);
    case CY_M_treaty_concede:
        return RIG_DO(rig, n, treaty_concede, .treaty = treaty, .lines = line, .n_lines = 1);
    default:
        return RIG_DO(rig, draw(w, 4) == 0 ? n : ARBITER, treaty_award, .treaty = treaty,
                      .account = w->account[n], .amount = 1 + draw(w, 5), .reason = rig_line("so"));
    }
}

static cy_err join(struct world *w, unsigned act, unsigned n, struct cy_id treaty)
{
    struct rig *rig = w->rig;
    const struct cy_treaty *t = CY_GET(world_of(w), treaty, &treaty);
    const uint32_t version = t->version > 0 ? t->version : 1;
    const struct cy_treaty_approver approvers[] = {
        {rig->id[1 + draw(w, 3)], 1},
        {rig->id[4 + draw(w, 3)], 2}
    };
    const struct cy_treaty_number numbers[] = {{(uint16_t)(1 + draw(w, 3))}};

    switch (act) {
    case CY_M_treaty_rule: /* mostly taken back */
        return draw(w, 3) == 0 ? RIG_DO(rig, n, treaty_rule, .need = 1 + draw(w, 4),
                                        .approvers = approvers, .n_approvers = 2)
                               : RIG_DO(rig, n, treaty_rule, .need = 0);
    case CY_M_treaty_approve:
        return RIG_DO(rig, n, treaty_approve, .treaty = treaty,
                      .party = rig->id[1 + draw(w, PARTIES)], .version = version);
    case CY_M_treaty_bond:
        return RIG_DO(rig, n, treaty_bond, .treaty = treaty, .account = w->account[n],
                      .amount = 10 + draw(w, 40));
    case CY_M_treaty_ratify:
        return RIG_DO(rig, n, treaty_ratify, .treaty = treaty, .version = version,
                      .rights = t->rights, .reservations = numbers, .n_reservations = draw(w, 2));
    case CY_M_treaty_renew:
        return RIG_DO(rig, n, treaty_renew, .treaty = treaty, .rights = w->rights);
    case CY_M_treaty_record:
        return RIG_DO(rig, 1, treaty_record, .treaty = treaty, .party = rig->id[n],
                      .event = (uint8_t)(1 + draw(w, 2)), .date = near(w),
                      .source = rig_line("a book"));
    case CY_M_treaty_leave: return RIG_DO(rig, n, treaty_leave, .treaty = treaty);
    case CY_M_treaty_stay: return RIG_DO(rig, n, treaty_stay, .treaty = treaty);
    default:
        return RIG_DO(rig, n, treaty_release, .treaty = treaty,
                      .party = rig->id[1 + draw(w, PARTIES)]);
    }
}

static cy_err one(struct world *w, unsigned act)
{
    struct rig *rig = w->rig;
    const unsigned n = 1 + draw(w, PARTIES);
    const unsigned which = draw(w, TREATIES);
    const struct cy_id treaty = w->treaty[which];
    const struct cy_treaty *t = CY_GET(world_of(w), treaty, &treaty);
    const struct cy_treaty_clause clauses[] = {some_clause(w, 1), some_clause(w, 2)};
    const struct cy_treaty_weight late[] = {
        {rig->id[4 + draw(w, 3)], draw(w, 4)}
    };

    switch (act) {
    case CY_M_treaty_offer: /* an ended one makes room */
        return t->state == CY_treaty_state_ENDED || draw(w, 90) == 0 ? offer(w, which) : CY_OK;
    case CY_M_treaty_enlist:
        return RIG_DO(rig, 1, treaty_enlist, .treaty = treaty, .parties = late, .n_parties = 1);
    case CY_M_treaty_counter:
        return draw(w, 4) != 0 ? CY_OK
                               : RIG_DO(rig, n, treaty_counter, .treaty = treaty, .text = w->proof,
                                        .clauses = clauses, .n_clauses = 2);
    case CY_M_treaty_accept:
        return RIG_DO(rig, n, treaty_accept, .treaty = treaty, .version = t->offered);
    default: return act < CY_M_treaty_report ? join(w, act, n, treaty) : keep(w, act, n, treaty);
    }
}

/* One time in three some table has no room. */
static struct cy_table *crowd(struct world *w, uint32_t *limit)
{
    static const uint32_t records[] = {CY_R_treaty_version, CY_R_treaty_term,    CY_R_treaty_party,
                                       CY_R_treaty_reserve, CY_R_treaty_receipt, CY_R_treaty_duty,
                                       CY_R_treaty_call,    CY_R_treaty_answer,  CY_R_treaty_tariff,
                                       CY_R_treaty_consent, CY_R_treaty_approval};
    struct cy_table *table = NULL;

    if (draw(w, 3) != 0)
        return NULL;
    table = &cy_world_table(&w->rig->engine.world, records[draw(w, CY_COUNT(records))])->table;
    *limit = table->limit;
    table->limit = table->n;
    return table;
}

static void take(void *self, const struct cy_state_change *change)
{
    (void)change;
    ++*(unsigned *)self;
}

static void begin(struct world *w)
{
    struct rig *rig = w->rig;

    for (unsigned i = 1; i <= ARBITER; i++)
        rig_passport(rig, i, CY_kind_NATION, "Party");
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("EUR"), .name = rig_name("Euro")));
    w->coin = rig->last;
    for (unsigned i = 1; i <= ARBITER; i++) {
        w->account[i] = cy_account_id(&rig->id[i], &w->coin, 0);
        assert_ok(RIG_DO(rig, i, account_open, .asset = w->coin));
        assert_ok(RIG_DO(rig, 1, asset_issue, .asset = w->coin, .account = w->account[i],
                         .amount = 2000));
    }
    w->rights = (struct cy_id){{7}};
    w->proof = (struct cy_id){{9}};
    assert_ok(RIG_DO(rig, 1, evidence_record, .digest = w->proof, .about = rig->id[ARBITER],
                     .kind = CY_evidence_kind_AUDIT, .summary = rig_line("seen")));
    for (unsigned i = 0; i < TREATIES; i++)
        while (!cy_ok(offer(w, i))) {
        }
}

static void random_acts(void **state)
{
    static struct world w;

    (void)state;
    w = (struct world){.rig = rig_new(cy_roster, cy_roster_count), .gen = gen_on(11, NULL)};
    begin(&w);
    for (unsigned i = 0; i < ACTS; i++) {
        const unsigned act =
            draw(&w, 4) == 0 ? CY_M_treaty_report : CY_M_treaty_offer + draw(&w, 19);
        const bool watch = i % 16 == 0;
        uint32_t limit = 0;
        struct cy_table *full = NULL;
        struct cy_id before;
        cy_err err = CY_OK;

        if (i % 16 == 0)
            rig_tick(w.rig, gen_draw(&w.gen, 2 * (uint64_t)CY_DAY_MS));
        full = crowd(&w, &limit);
        if (watch)
            before = rig_world_bytes(world_of(&w));
        err = one(&w, act);
        if (!cy_ok(err) && watch) {
            const struct cy_id after = rig_world_bytes(world_of(&w));

            assert_true(cy_id_eq(&before, &after));
        }
        if (full != NULL) {
            full->limit = limit;
            w.crowded += err.code == CY_E_NO_ROOM;
        }
        (cy_ok(err) ? w.accepted : w.refused)[act - CY_M_treaty_offer]++;
        books_agree(&w);
        if (i % 100 == 0)
            cy_world_drain(&w.rig->engine.world, take, &w.committed); /* every record encodes */
    }
    for (unsigned i = 0; i < 19; i++) { /* every act was both accepted and refused */
        if (w.accepted[i] == 0 || (w.refused[i] == 0 && i > 0))
            print_error("0x%x: %u accepted, %u refused\n", CY_M_treaty_offer + i, w.accepted[i],
                        w.refused[i]);
        assert_true(w.accepted[i] > 0);
        assert_true(w.refused[i] > 0 || i == 0);
    }
    print_message("%u found no room\n", w.crowded);
    assert_true(w.crowded > 10);
    rig_free(w.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_acts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

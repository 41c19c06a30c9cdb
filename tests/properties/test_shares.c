/* rights and fund: thousands of random acts, most of them refused, some into tables that are full;
 * after every one the books agree: a quota's total, what was used, rights and their history, what
 * bids hold; an agreement's account, what is held, what was split (M045, M046). */
#include "gen.h"
#include "rig.h"

#include "institutions/fund/fund_book.h"
#include "institutions/rights/rights_roll.h"
#include "institutions/roster.h"

enum { PARTIES = 6, AUDITOR = 7, ARBITER = 8, ACTS = 20000, QUOTAS = 3, SHARES = 3 };

struct world {
    struct rig *rig;
    struct gen gen;
    struct cy_id alliance, coin;
    struct cy_id quota[QUOTAS], share[SHARES];
    struct cy_id account[PARTIES + 3];
    unsigned proofs;
    unsigned accepted[2][16], refused[2][16], crowded, committed;
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

static void quota_agrees(const struct world *w, const struct cy_quota *q)
{
    const struct cy_world *world = world_of(w);
    cy_u128 rights = q->free + q->revoking, used = 0, counted = 0, revoking = 0, breaches = 0;
    const struct cy_quota_roll *roll = CY_GET(world, quota_roll, &q->id);
    unsigned holders = 0, open = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_holder); i++) {
        const struct cy_quota_holder *h = cy_world_at(world, CY_R_quota_holder, i);

        if (!cy_id_eq(&h->quota, &q->id))
            continue;
        holders++;
        rights += h->right;
        used += h->used;
        breaches += h->breaches;
        assert_true(h->right == h->allotted + h->received - h->given - h->revoked);
        assert_true(q->overuse == CY_overuse_BREACH || h->used <= h->right || h->breaches > 0);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_landing); i++) {
        const struct cy_quota_landing *l = cy_world_at(world, CY_R_quota_landing, i);

        counted += cy_id_eq(&l->quota, &q->id) ? l->counted : 0;
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_revocation); i++) {
        const struct cy_quota_revocation *r = cy_world_at(world, CY_R_quota_revocation, i);

        if (!cy_id_eq(&r->quota, &q->id) || r->state > CY_revocation_state_APPEALED)
            continue;
        open++;
        revoking += r->amount;
    }
    assert_true(rights == q->total);
    assert_true(used == q->used && counted == q->used);
    assert_true(revoking == q->revoking && open == roll->open_revocations);
    assert_true(breaches == roll->breaches && holders == roll->holders);
}

static void share_agrees(const struct world *w, const struct cy_share *s)
{
    const struct cy_world *world = world_of(w);
    const struct cy_account *account = CY_GET(world, account, &s->account);
    cy_u128 due = 0, held = 0, parts = 0, behind = 0, ahead = 0;

    for (uint32_t i = 0; i < s->parties; i++) {
        const struct cy_of_share key = {s->id, i};
        const struct cy_share_party *p = CY_GET(world, share_party, &key);

        due += p->due;
        held += p->held;
        behind += p->behind;
        ahead += p->ahead;
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_share_part); i++) {
        const struct cy_share_part *part = cy_world_at(world, CY_R_share_part, i);

        parts += cy_id_eq(&part->share, &s->id) ? part->amount : 0;
    }
    assert_true(due == s->split && parts == s->split && held == s->held && behind == ahead);
    assert_true(account->balance >= s->held && account->held == 0);
    assert_true(s->state != CY_share_state_ENDED || s->held == 0);
}

static void money_agrees(const struct world *w)
{
    const struct cy_world *world = world_of(w);
    cy_u128 sum = 0, held = 0, bids = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++) {
        const struct cy_account *a = cy_world_at(world, CY_R_account, i);

        sum += a->balance + a->held;
        held += a->held;
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_bid_open); i++) {
        const struct cy_quota_bid_open *bid = cy_world_at(world, CY_R_quota_bid_open, i);

        bids += bid->price;
    }
    assert_true(sum == CY_GET(world, asset, &w->coin)->issued);
    assert_true(held == bids);
}

static void books_agree(const struct world *w)
{
    for (uint32_t i = 0; i < cy_world_count(world_of(w), CY_R_quota); i++)
        quota_agrees(w, cy_world_at(world_of(w), CY_R_quota, i));
    for (uint32_t i = 0; i < cy_world_count(world_of(w), CY_R_share); i++)
        share_agrees(w, cy_world_at(world_of(w), CY_R_share, i));
    money_agrees(w);
}

/* --- random acts --- */

static struct cy_id some_party(struct world *w)
{
    return w->rig->id[1 + draw(w, ARBITER)];
}

static struct cy_id some_proof(struct world *w)
{
    struct cy_id digest = {
        .b = {1, 2, 3}
    };

    digest.b[4] = (uint8_t)(w->proofs >> 8);
    digest.b[5] = (uint8_t)(draw(w, 3) == 0 ? draw(w, 1 + w->proofs) : w->proofs);
    if (draw(w, 2) == 0) {
        w->proofs++;
        digest.b[4] = (uint8_t)(w->proofs >> 8);
        digest.b[5] = (uint8_t)w->proofs;
        assert_ok(RIG_DO(w->rig, AUDITOR, evidence_record, .digest = digest,
                         .kind = CY_evidence_kind_DOCUMENT, .summary = rig_line("note")));
    }
    return digest;
}

static struct cy_id some_bid(struct world *w)
{
    const uint32_t n = cy_world_count(world_of(w), CY_R_quota_bid_open);
    struct cy_id id = w->coin;

    if (n > 0)
        memcpy(&id, cy_world_at(world_of(w), CY_R_quota_bid_open, draw(w, n)), sizeof id);
    return id;
}

static uint64_t some_number(struct world *w, uint64_t have)
{
    return draw(w, (unsigned)(have < 6 ? have + 2 : 6)) + (have < 6 ? 0 : have - 6);
}

static cy_err open_one(struct world *w, unsigned n, unsigned slot)
{
    const cy_date today = cy_time_date(w->rig->now);
    const cy_err err =
        RIG_DO(w->rig, n, quota_open, .alliance = w->alliance, .what = rig_name("hake"),
               .unit = rig_label("kg"), .from = today, .until = today + draw(w, 25),
               .total = 1 + draw(w, 300), .overuse = 1 + (uint8_t)draw(w, 2),
               .auditor = w->rig->id[AUDITOR], .arbiter = w->rig->id[ARBITER],
               .appeal_ms = CY_DAY_MS, .grace_days = draw(w, 3), .most = draw(w, 2) * 200);

    if (cy_ok(err))
        w->quota[slot] = w->rig->last;
    return err;
}

static cy_err allot(struct world *w, unsigned n, struct cy_id quota)
{
    const struct cy_quota *q = CY_GET(world_of(w), quota, &quota);
    const uint8_t rule = (uint8_t)(1 + draw(w, 2));
    struct cy_quota_share shares[4];
    const unsigned count = 1 + draw(w, 4);
    cy_u128 left = q->free;

    for (unsigned i = 0; i < count; i++) {
        shares[i] = (struct cy_quota_share){.party = w->rig->id[1 + (draw(w, 2) + i) % PARTIES]};
        if (rule == CY_allot_rule_WEIGHTS)
            shares[i].weight = draw(w, 5);
        else
            shares[i].amount = i + 1 == count ? left : left / 2;
        left -= shares[i].amount;
    }
    return RIG_DO(w->rig, n, quota_allot, .quota = quota, .rule = rule,
                  .rounding = rule == CY_allot_rule_WEIGHTS ? 1 + draw(w, 2) : 0, .shares = shares,
                  .n_shares = count);
}

static cy_err trade(struct world *w, unsigned n, struct cy_id quota, unsigned act)
{
    struct rig *rig = w->rig;

    switch (act) {
    case CY_M_quota_bid:
        return RIG_DO(rig, n, quota_bid, .quota = quota,
                      .seller = draw(w, 2) == 0 ? (struct cy_id){{0}} : some_party(w),
                      .amount = 1 + draw(w, 40), .account = w->account[n], .price = 1 + draw(w, 60),
                      .until = rig->now + draw(w, 3) * CY_DAY_MS);
    case CY_M_quota_unbid: return RIG_DO(rig, n, quota_unbid, .quota_bid = some_bid(w));
    default: break;
    }
    if (draw(w, 2) == 0)
        return RIG_DO(rig, n, quota_transfer, .quota = quota, .to = some_party(w),
                      .amount = 1 + draw(w, 60));
    {
        const struct cy_id id = some_bid(w);
        const struct cy_quota_bid_open *bid = CY_GET(world_of(w), quota_bid_open, &id);

        return RIG_DO(rig, n, quota_transfer, .quota = bid != NULL ? bid->quota : quota,
                      .to = bid != NULL ? bid->buyer : some_party(w),
                      .amount = bid != NULL ? bid->amount : 1, .quota_bid = id,
                      .account = w->account[n]);
    }
}

static cy_err random_quota(struct world *w, unsigned act, unsigned n)
{
    struct rig *rig = w->rig;
    const unsigned slot = draw(w, QUOTAS);
    const struct cy_id quota = w->quota[slot];
    const struct cy_quota *q = CY_GET(world_of(w), quota, &quota);
    const struct cy_quota_roll *roll = CY_GET(world_of(w), quota_roll, &quota);
    const struct cy_line why = rig_line("so");

    switch (act) {
    case CY_M_quota_open:
        return q->state == CY_quota_state_CLOSED || draw(w, 40) == 0 ? open_one(w, n, slot)
                                                                     : open_one(w, 5, slot);
    case CY_M_quota_admit:
        return RIG_DO(rig, n, quota_admit, .quota = quota, .party = some_party(w),
                      .end = draw(w, 4) == 0);
    case CY_M_quota_allot: return allot(w, n, quota);
    case CY_M_quota_bid:
    case CY_M_quota_unbid:
    case CY_M_quota_transfer: return trade(w, n, quota, act);
    case CY_M_quota_report:
        return RIG_DO(rig, n, quota_report, .quota = quota, .amount = 1 + draw(w, 40),
                      .on = cy_time_date(rig->now) - draw(w, 3), .evidence = some_proof(w));
    case CY_M_quota_audit:
        return RIG_DO(rig, draw(w, 4) == 0 ? n : AUDITOR, quota_audit, .quota = quota,
                      .report = some_number(w, roll->reports), .amount = draw(w, 60),
                      .evidence = some_proof(w), .reason = why);
    case CY_M_quota_revoke:
        return RIG_DO(rig, n, quota_revoke, .quota = quota, .party = some_party(w),
                      .amount = 1 + draw(w, 50), .appeal_until = rig->now + draw(w, 4) * CY_DAY_MS,
                      .reason = why);
    case CY_M_quota_appeal:
        return RIG_DO(rig, 1 + draw(w, PARTIES), quota_appeal, .quota = quota,
                      .revocation = some_number(w, roll->revocations), .reason = why);
    case CY_M_quota_decide:
        return RIG_DO(rig, draw(w, 2) == 0 ? n : ARBITER, quota_decide, .quota = quota,
                      .revocation = some_number(w, roll->revocations), .restore = draw(w, 2) == 0);
    default: return RIG_DO(rig, n, quota_close, .quota = quota);
    }
}

static cy_err agree(struct world *w, unsigned n, unsigned slot)
{
    const bool fixed = draw(w, 3) != 0;
    struct cy_share_weight weights[3];
    cy_err err;

    for (unsigned i = 0; i < 3; i++)
        weights[i] = (struct cy_share_weight){.party = w->rig->id[1 + (slot + i) % PARTIES],
                                              .weight = fixed ? draw(w, 9) : 0};
    err =
        RIG_DO(w->rig, n, share_agree, .name = rig_name("tours"), .asset = w->coin,
               .basis = fixed ? 1 : 2, .rounding = 1 + (uint8_t)draw(w, 2), .parties = weights,
               .n_parties = 3, .measurer = fixed ? (struct cy_id){{0}} : w->rig->id[AUDITOR],
               .measure = fixed ? (struct cy_line){0} : rig_line("visitors"),
               .arbiter = w->rig->id[ARBITER], .dispute_ms = 2 * CY_DAY_MS, .notice_ms = CY_DAY_MS);
    if (cy_ok(err))
        w->share[slot] = w->rig->last;
    return err;
}

/* One of the last disputes, by anybody. */
static cy_err resolve(struct world *w, unsigned n)
{
    const uint32_t count = cy_world_count(world_of(w), CY_R_share_quarrel);
    const bool pay = draw(w, 2) == 0;
    const struct cy_share_quarrel *q = NULL;

    if (count == 0)
        return cy_fail(CY_E_SHARE_DISPUTE, 0);
    q = cy_world_at(world_of(w), CY_R_share_quarrel, count - 1 - draw(w, count < 6 ? count : 6));
    return RIG_DO(w->rig, draw(w, 3) == 0 ? n : ARBITER, share_resolve, .share = q->share,
                  .party = q->party, .by = q->by, .to = pay ? some_party(w) : (struct cy_id){{0}},
                  .amount = pay ? 1 + draw(w, 9) : 0);
}

static cy_err random_share(struct world *w, unsigned act, unsigned n)
{
    struct rig *rig = w->rig;
    const unsigned slot = draw(w, SHARES);
    const struct cy_id share = w->share[slot];
    const struct cy_share *s = CY_GET(world_of(w), share, &share);
    const struct cy_share_figure figure = {.party = some_party(w), .figure = draw(w, 3)};

    switch (act) {
    case CY_M_share_agree:
        if (s->state == CY_share_state_ENDED || draw(w, 100) == 0)
            return agree(w, n, slot);
        return RIG_DO(rig, n, share_accept, .share = share, .account = w->account[n]);
    case CY_M_share_accept:
        return RIG_DO(rig, n, share_accept, .share = share,
                      .account = w->account[draw(w, 8) == 0 ? 1 : n]);
    case CY_M_share_pay_in:
        return RIG_DO(rig, n, share_pay_in, .share = share, .account = w->account[n],
                      .amount = 1 + draw(w, 30));
    case CY_M_share_measure:
        return RIG_DO(rig, draw(w, 4) == 0 ? n : AUDITOR, share_measure, .share = share,
                      .period = rig_label("Q1"), .figures = &figure, .n_figures = 1,
                      .evidence = some_proof(w));
    case CY_M_share_settle: return RIG_DO(rig, n, share_settle, .share = share);
    case CY_M_share_dispute:
        return RIG_DO(rig, n, share_dispute, .share = share, .party = some_party(w),
                      .until = rig->now + draw(w, 4) * CY_DAY_MS, .evidence = some_proof(w),
                      .reason = rig_line("so"));
    case CY_M_share_resolve: return resolve(w, n);
    case CY_M_share_release:
        return RIG_DO(rig, n, share_release, .share = share, .party = some_party(w));
    default:
        return draw(w, 6) == 0 ? RIG_DO(rig, n, share_end, .share = share)
                               : RIG_DO(rig, n, share_settle, .share = share);
    }
}

/* One time in eight some table has no room: the act is refused, and nothing else happens. */
static void crowd(struct world *w, bool on)
{
    static struct cy_table *table;
    static uint32_t limit;
    static const uint32_t records[] = {
        CY_R_quota,        CY_R_quota_holder,  CY_R_quota_landing,    CY_R_quota_proof,
        CY_R_quota_breach, CY_R_quota_finding, CY_R_quota_revocation, CY_R_quota_bid_open,
        CY_R_quota_move,   CY_R_share,         CY_R_share_party,      CY_R_share_settlement,
        CY_R_share_part,   CY_R_share_quarrel, CY_R_account};

    if (on) {
        table = NULL;
        if (draw(w, 8) == 0)
            table =
                &cy_world_table(&w->rig->engine.world, records[draw(w, CY_COUNT(records))])->table;
        if (table != NULL) {
            limit = table->limit;
            table->limit = table->n;
        }
    } else if (table != NULL) {
        table->limit = limit;
    }
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
        rig_passport(rig, i, CY_kind_COMMUNITY, "Party");
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("OCEAN"), .name = rig_name("Ocean"),
                     .topic = CY_topic_ENVIRONMENT));
    w->alliance = rig->last;
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("EUR"), .name = rig_name("Euro")));
    w->coin = rig->last;
    for (unsigned i = 1; i <= ARBITER; i++) {
        w->account[i] = cy_account_id(&rig->id[i], &w->coin, 0);
        assert_ok(RIG_DO(rig, i, account_open, .asset = w->coin));
        assert_ok(RIG_DO(rig, 1, asset_issue, .asset = w->coin, .account = w->account[i],
                         .amount = 5000));
    }
    for (unsigned i = 0; i < QUOTAS; i++)
        assert_ok(open_one(w, 1, i));
    for (unsigned i = 0; i < SHARES; i++)
        while (!cy_ok(agree(w, 1, i))) {
        }
}

/* Days go by; the rate of acts is kept; somebody is always in the alliance's office. */
static void pass_time(struct world *w, unsigned i)
{
    if (draw(w, 12) == 0)
        rig_tick(w->rig, gen_draw(&w->gen, CY_DAY_MS / 2));
    if (i % 64 == 0)
        rig_tick(w->rig, 60000);
    if (i % 256 == 0)
        (void)RIG_DO(w->rig, 1, alliance_office, .alliance = w->alliance,
                     .role = CY_alliance_role_SECRETARY, .holder = w->rig->id[1],
                     .until = w->rig->now + 30 * (uint64_t)CY_DAY_MS);
}

static void random_acts(void **state)
{
    static struct world w;

    (void)state;
    w = (struct world){.rig = rig_new(cy_roster, cy_roster_count), .gen = gen_on(5, NULL)};
    begin(&w);
    for (unsigned i = 0; i < ACTS; i++) {
        const bool fund = draw(&w, 2) == 0;
        const unsigned act = fund ? CY_M_share_agree + draw(&w, 9) : CY_M_quota_open + draw(&w, 12);
        const unsigned n = 1 + draw(&w, draw(&w, 3) == 0 ? 1 : PARTIES);
        const unsigned nth = act & 0xf;
        cy_err err;

        pass_time(&w, i);
        crowd(&w, true);
        err = fund ? random_share(&w, act, n) : random_quota(&w, act, n);
        crowd(&w, false);
        w.accepted[fund][nth] += cy_ok(err);
        w.refused[fund][nth] += !cy_ok(err);
        w.crowded += err.code == CY_E_NO_ROOM;
        if (cy_ok(err) || i % 16 == 0)
            books_agree(&w);
        if (i % 100 == 0)
            cy_world_drain(&w.rig->engine.world, take, &w.committed); /* every record encodes */
    }
    for (unsigned fund = 0; fund < 2; fund++) {
        for (unsigned k = 0; k < (fund ? 9u : 12u); k++) {
            print_message("0x%04x: %u accepted, %u refused\n", (fund ? 0x300 : 0x200) + k,
                          w.accepted[fund][k], w.refused[fund][k]);
            assert_true(w.accepted[fund][k] > 0);
            assert_true(w.refused[fund][k] > 0);
        }
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

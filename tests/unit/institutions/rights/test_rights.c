/* rights: a quota from issue to close, with every refusal (M045). */
#include "unit/institutions/alliance/league.h"
#include "unit/kernel/money.h"

#include "institutions/rights/rights_roll.h"

/* Passports: 1 the secretary of the alliance, 2 .. 5 holders, 8 auditor, 9 arbiter, 10 a stranger.
 */
struct fishery {
    struct rig *rig;
    struct cy_id alliance;
    struct cy_id quota;
    struct cy_id coin;
};

static const struct cy_quota *quota(const struct fishery *f)
{
    return CY_GET(&f->rig->engine.world, quota, &f->quota);
}

static const struct cy_quota_roll *counts(const struct fishery *f)
{
    return CY_GET(&f->rig->engine.world, quota_roll, &f->quota);
}

static const struct cy_quota_holder *holder(const struct fishery *f, unsigned n)
{
    const struct cy_quota_party key = {f->quota, f->rig->id[n]};

    return CY_GET(&f->rig->engine.world, quota_holder, &key);
}

/* total = free + revoking + rights; used = sum of used; right = allotted + received - given -
 * revoked; what is held of accounts is what bids hold. */
static void books_agree(const struct fishery *f)
{
    const struct cy_world *world = &f->rig->engine.world;
    cy_u128 rights = quota(f)->free + quota(f)->revoking, used = 0, held = 0, bids = 0;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_holder); i++) {
        const struct cy_quota_holder *h = cy_world_at(world, CY_R_quota_holder, i);

        rights += h->right;
        used += h->used;
        assert_true(h->right == h->allotted + h->received - h->given - h->revoked);
    }
    assert_true(rights == quota(f)->total);
    assert_true(used == quota(f)->used);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_account); i++)
        held += ((const struct cy_account *)cy_world_at(world, CY_R_account, i))->held;
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_quota_bid_open); i++)
        bids +=
            ((const struct cy_quota_bid_open *)cy_world_at(world, CY_R_quota_bid_open, i))->price;
    assert_true(held == bids);
}

static cy_date today(const struct fishery *f)
{
    return cy_time_date(f->rig->now);
}

static struct cy_id evidence(const struct fishery *f, unsigned n, unsigned number)
{
    const struct cy_id digest = {
        .b = {(uint8_t)number, 0xee}
    };

    assert_ok(RIG_DO(f->rig, n, evidence_record, .digest = digest,
                     .kind = CY_evidence_kind_DOCUMENT, .summary = rig_line("landing note")));
    return digest;
}

/* What a season begins with; fields may be changed before it is sent. */
static struct cy_quota_open season(const struct fishery *f)
{
    return (struct cy_quota_open){.alliance = f->alliance,
                                  .what = rig_name("cod, northern bank"),
                                  .unit = rig_label("kg"),
                                  .from = today(f),
                                  .until = today(f) + 30,
                                  .total = 1000,
                                  .overuse = CY_overuse_BREACH,
                                  .auditor = f->rig->id[8],
                                  .arbiter = f->rig->id[9],
                                  .appeal_ms = 10 * (uint64_t)CY_DAY_MS,
                                  .grace_days = 5};
}

static cy_err issue(struct fishery *f, unsigned n, const struct cy_quota_open *m)
{
    const cy_err err = rig_do(f->rig, n, &cy_schema_quota_open, m);

    if (cy_ok(err))
        f->quota = f->rig->last;
    return err;
}

static cy_err allot(const struct fishery *f, unsigned n, uint8_t rule, uint8_t rounding,
                    const struct cy_quota_share *shares, unsigned n_shares)
{
    return RIG_DO(f->rig, n, quota_allot, .quota = f->quota, .rule = rule, .rounding = rounding,
                  .shares = shares, .n_shares = n_shares);
}

static struct fishery fishery_new(uint8_t overuse)
{
    struct fishery f = {.rig = league_new()};
    struct cy_quota_open m;
    struct cy_quota_share shares[3];

    f.alliance = league_found(f.rig, 1, "OCEAN", NULL, 0);
    f.coin = money_new(f.rig, 12, "EUR");
    m = season(&f);
    m.overuse = overuse;
    assert_ok(issue(&f, 1, &m));
    for (unsigned i = 0; i < 3; i++)
        shares[i] = (struct cy_quota_share){.party = f.rig->id[2 + i], .weight = 3 - i};
    assert_ok(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_LARGEST_REMAINDER, shares, 3));
    books_agree(&f);
    return f;
}

static cy_err report(const struct fishery *f, unsigned n, uint64_t amount, struct cy_id proof)
{
    return RIG_DO(f->rig, n, quota_report, .quota = f->quota, .amount = amount, .on = today(f),
                  .evidence = proof, .place = rig_line("quay 4"));
}

static void issuing(void **state)
{
    struct fishery f = {.rig = league_new()};
    struct cy_quota_open m;

    (void)state;
    f.alliance = league_found(f.rig, 1, "OCEAN", NULL, 0);
    m = season(&f);
    assert_code(issue(&f, 2, &m), QUOTA_OFFICER);
    m.until = m.from - 1;
    assert_code(issue(&f, 1, &m), QUOTA_SEASON);
    m = season(&f);
    m.from = m.until = today(&f) - 1;
    assert_code(issue(&f, 1, &m), QUOTA_SEASON);
    m = season(&f);
    m.auditor = f.alliance;
    assert_code(issue(&f, 1, &m), UNKNOWN_PASSPORT);
    m = season(&f);
    m.arbiter = f.rig->id[1];
    assert_code(issue(&f, 1, &m), QUOTA_AUDITOR);
    m = season(&f);
    assert_ok(issue(&f, 1, &m));
    m.alliance = f.rig->id[5]; /* a city issues in its own name */
    assert_code(issue(&f, 1, &m), QUOTA_OFFICER);
    assert_ok(issue(&f, 5, &m));
    assert_ok(
        RIG_DO(f.rig, 5, mantle_create, .role = rig_label("quotas"), .term_ms_most = 1000000));
    assert_ok(RIG_DO(f.rig, 5, mantle_grant, .role = rig_label("quotas"), .holder = f.rig->id[6],
                     .until = f.rig->now + 1000));
    assert_ok(issue(&f, 6, &m)); /* whoever holds its office acts for it, */
    rig_tick(f.rig, 1000);
    assert_code(issue(&f, 6, &m), QUOTA_OFFICER); /* for the term */
    rig_free(f.rig);
}

static void allotting(void **state)
{
    struct fishery f = {.rig = league_new()};
    struct cy_quota_share s[3];
    struct cy_quota_open m;

    (void)state;
    f.alliance = league_found(f.rig, 1, "OCEAN", NULL, 0);
    m = season(&f);
    m.most = 600;
    assert_ok(issue(&f, 1, &m));
    for (unsigned i = 0; i < 3; i++)
        s[i] = (struct cy_quota_share){.party = f.rig->id[2 + i], .amount = 333};
    assert_code(allot(&f, 1, CY_allot_rule_AMOUNTS, 0, s, 3), QUOTA_SUM); /* 999 of 1000 */
    s[0].amount = 335;
    assert_code(allot(&f, 1, CY_allot_rule_AMOUNTS, 0, s, 3), QUOTA_SUM); /* 1001 */
    s[0].amount = 334;
    assert_code(allot(&f, 2, CY_allot_rule_AMOUNTS, 0, s, 3), QUOTA_OFFICER);
    assert_code(allot(&f, 1, CY_allot_rule_AMOUNTS, CY_rounding_HIGHEST_AVERAGE, s, 3), QUOTA_SUM);
    assert_code(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_HIGHEST_AVERAGE, s, 3), QUOTA_SUM);
    s[2].party = f.rig->id[2];
    assert_code(allot(&f, 1, CY_allot_rule_AMOUNTS, 0, s, 3), QUOTA_PARTY); /* twice */
    s[2].party = f.rig->id[8];
    assert_code(allot(&f, 1, CY_allot_rule_AMOUNTS, 0, s, 3), QUOTA_PARTY); /* the auditor */
    s[2].party = f.rig->id[4];
    for (unsigned i = 0; i < 3; i++)
        s[i] = (struct cy_quota_share){.party = f.rig->id[2 + i]};
    assert_code(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_HIGHEST_AVERAGE, s, 3), RANGE);
    s[0].weight = 8;
    s[1].weight = s[2].weight = 1;
    assert_code(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_HIGHEST_AVERAGE, s, 3), QUOTA_CAP);
    s[0].weight = 1;
    assert_code(allot(&f, 1, CY_allot_rule_WEIGHTS, 0, s, 3), QUOTA_SUM);
    assert_ok(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_LARGEST_REMAINDER, s, 3));
    assert_true(holder(&f, 2)->right + holder(&f, 3)->right + holder(&f, 4)->right == 1000);
    assert_true(holder(&f, 3)->right == 333 || holder(&f, 3)->right == 334);
    assert_int_equal(counts(&f)->holders, 3);
    assert_code(allot(&f, 1, CY_allot_rule_WEIGHTS, CY_rounding_LARGEST_REMAINDER, s, 3),
                QUOTA_SUM); /* nothing is free */
    books_agree(&f);
    rig_free(f.rig);
}

static cy_err give(const struct fishery *f, unsigned from, unsigned to, uint64_t amount)
{
    return RIG_DO(f->rig, from, quota_transfer, .quota = f->quota, .to = f->rig->id[to],
                  .amount = amount);
}

static void giving(void **state)
{
    struct fishery f = fishery_new(CY_overuse_REFUSE); /* 500, 333, 167 */

    (void)state;
    assert_true(holder(&f, 2)->right == 500 && holder(&f, 4)->right == 167);
    assert_code(give(&f, 2, 10, 5), QUOTA_PARTY); /* not admitted */
    assert_code(give(&f, 10, 2, 5), QUOTA_PARTY);
    assert_code(give(&f, 2, 2, 5), QUOTA_PARTY);
    assert_code(give(&f, 2, 3, 501), QUOTA_UNUSED);
    assert_ok(give(&f, 2, 3, 100));
    assert_code(RIG_DO(f.rig, 2, quota_admit, .quota = f.quota, .party = f.rig->id[10]),
                QUOTA_OFFICER);
    assert_code(RIG_DO(f.rig, 1, quota_admit, .quota = f.quota, .party = f.rig->id[9]),
                QUOTA_PARTY);
    assert_code(
        RIG_DO(f.rig, 1, quota_admit, .quota = f.quota, .party = f.rig->id[10], .end = true),
        QUOTA_PARTY);
    assert_ok(RIG_DO(f.rig, 1, quota_admit, .quota = f.quota, .party = f.rig->id[10]));
    assert_ok(give(&f, 3, 10, 433));
    assert_ok(RIG_DO(f.rig, 1, quota_admit, .quota = f.quota, .party = f.rig->id[10], .end = true));
    assert_code(give(&f, 2, 10, 1), QUOTA_PARTY); /* it receives no more, */
    assert_ok(give(&f, 10, 3, 33));               /* and keeps what it has */
    assert_ok(report(&f, 10, 400, evidence(&f, 10, 1)));
    assert_code(give(&f, 10, 3, 1), QUOTA_UNUSED); /* used is not sold */
    books_agree(&f);
    assert_true(league_commit(f.rig) > 0);
    rig_free(f.rig);
}

static cy_err bid(const struct fishery *f, unsigned n, struct cy_id seller, uint64_t amount,
                  struct cy_id account, uint64_t price)
{
    return RIG_DO(f->rig, n, quota_bid, .quota = f->quota, .seller = seller, .amount = amount,
                  .account = account, .price = price, .until = f->rig->now + 60000);
}

static void selling(void **state)
{
    static const struct cy_id anybody;
    struct fishery f = fishery_new(CY_overuse_REFUSE);
    const struct cy_id purse = money_give(f.rig, 12, 3, f.coin, 700);
    const struct cy_id till = money_give(f.rig, 12, 2, f.coin, 0);
    const struct cy_id other = money_give(f.rig, 12, 4, f.coin, 0);
    struct cy_id first;

    (void)state;
    assert_code(bid(&f, 10, anybody, 100, purse, 250), QUOTA_PARTY);
    assert_code(bid(&f, 3, anybody, 100, till, 250), NOT_OWNER);
    assert_code(bid(&f, 3, anybody, 100, purse, 701), INSUFFICIENT);
    assert_code(bid(&f, 3, f.rig->id[3], 100, purse, 1), QUOTA_BID);
    assert_code(RIG_DO(f.rig, 3, quota_bid, .quota = f.quota, .amount = 1, .account = purse,
                       .price = 1, .until = f.rig->now),
                QUOTA_BID);
    assert_ok(bid(&f, 3, f.rig->id[2], 100, purse, 250));
    first = f.rig->last;
    books_agree(&f);
    assert_true(money_free(f.rig, &purse) == 450);
#define SELL(n, how_much, which, where)                                                            \
    RIG_DO(f.rig, n, quota_transfer, .quota = f.quota, .to = f.rig->id[3], .amount = (how_much),   \
           .quota_bid = (which), .account = (where))
    assert_code(SELL(2, 99, first, till), QUOTA_BID);    /* not what was bid for */
    assert_code(SELL(4, 100, first, other), QUOTA_BID);  /* another seller was named */
    assert_code(SELL(2, 100, first, other), NOT_OWNER);  /* paid elsewhere */
    assert_code(SELL(2, 100, f.coin, till), QUOTA_BID);  /* no such bid */
    assert_code(SELL(2, 100, anybody, till), QUOTA_BID); /* paid for without a bid */
    assert_ok(SELL(2, 100, first, till));
    assert_true(money_free(f.rig, &till) == 250 && money_held(f.rig, &purse) == 0);
    assert_true(holder(&f, 3)->right == 433 && holder(&f, 2)->right == 400);
    assert_code(SELL(2, 100, first, till), QUOTA_BID); /* once */
    books_agree(&f);
    assert_ok(bid(&f, 3, anybody, 10, purse, 400));
    first = f.rig->last;
    assert_code(RIG_DO(f.rig, 2, quota_unbid, .quota_bid = first), NOT_OWNER);
    rig_tick(f.rig, 60000);
    assert_code(SELL(4, 10, first, other), QUOTA_BID);            /* its time is over */
    assert_ok(RIG_DO(f.rig, 2, quota_unbid, .quota_bid = first)); /* anybody may tidy up */
    assert_code(RIG_DO(f.rig, 3, quota_unbid, .quota_bid = first), QUOTA_BID);
    assert_ok(bid(&f, 3, anybody, 10, purse, 400));
    assert_ok(RIG_DO(f.rig, 3, quota_unbid, .quota_bid = f.rig->last));
    assert_true(money_free(f.rig, &purse) == 450);
    books_agree(&f);
    rig_free(f.rig);
}

static void reporting(void **state)
{
    struct fishery f = fishery_new(CY_overuse_REFUSE);
    const struct cy_id proof = evidence(&f, 2, 1);
    const struct cy_id none = {{0xdd}};

    (void)state;
    assert_code(report(&f, 10, 5, proof), QUOTA_PARTY);
    assert_code(report(&f, 2, 5, none), QUOTA_EVIDENCE);
    assert_code(RIG_DO(f.rig, 2, quota_report, .quota = f.quota, .amount = 1, .on = today(&f) + 1,
                       .evidence = proof),
                QUOTA_SEASON);
    assert_code(RIG_DO(f.rig, 2, quota_report, .quota = f.quota, .amount = 1, .on = today(&f) - 1,
                       .evidence = proof),
                QUOTA_SEASON);
    assert_code(report(&f, 2, 501, proof), QUOTA_EXCEEDED);
    assert_ok(report(&f, 2, 500, proof));
    assert_code(report(&f, 3, 5, proof), QUOTA_EVIDENCE); /* each piece counts once */
    assert_code(report(&f, 2, 1, evidence(&f, 2, 2)), QUOTA_EXCEEDED);
    assert_int_equal(counts(&f)->breaches, 0);
    league_days(f.rig, 34);
    assert_ok(RIG_DO(f.rig, 3, quota_report, .quota = f.quota, .amount = 3, .on = today(&f) - 10,
                     .evidence = evidence(&f, 3, 3))); /* the days of grace */
    league_days(f.rig, 2);
    assert_code(RIG_DO(f.rig, 3, quota_report, .quota = f.quota, .amount = 3, .on = today(&f) - 20,
                       .evidence = evidence(&f, 3, 4)),
                QUOTA_SEASON);
    books_agree(&f);
    rig_free(f.rig);
}

static cy_err audit(const struct fishery *f, unsigned n, uint64_t number, uint64_t amount,
                    struct cy_id proof)
{
    return RIG_DO(f->rig, n, quota_audit, .quota = f->quota, .report = number, .amount = amount,
                  .evidence = proof, .reason = rig_line("weighed again"));
}

static void breaches_and_audits(void **state)
{
    struct fishery f = fishery_new(CY_overuse_BREACH);
    const struct cy_of_quota first = {f.quota, 0};
    const struct cy_quota_breach *breach = NULL;
    struct cy_id proof;

    (void)state;
    assert_ok(report(&f, 4, 160, evidence(&f, 4, 1))); /* of 167 */
    assert_ok(report(&f, 4, 17, evidence(&f, 4, 2)));  /* 10 too much: taken, written down */
    breach = CY_GET(&f.rig->engine.world, quota_breach, &first);
    assert_non_null(breach);
    assert_true(breach->report == 1 && breach->right == 167 && breach->used == 177);
    assert_false(breach->found);
    assert_code(give(&f, 4, 2, 1), QUOTA_UNUSED);
    proof = evidence(&f, 8, 3);
    assert_code(audit(&f, 1, 0, 150, proof), QUOTA_AUDITOR);
    assert_code(audit(&f, 8, 7, 150, proof), QUOTA_REPORT);
    assert_code(audit(&f, 8, 0, 150, f.coin), QUOTA_EVIDENCE);
    assert_ok(audit(&f, 8, 0, 150, proof)); /* less: the breach stays on record */
    assert_true(holder(&f, 4)->used == 167 && holder(&f, 4)->breaches == 1);
    assert_ok(audit(&f, 8, 1, 17, proof)); /* confirmed */
    assert_int_equal(counts(&f)->breaches, 1);
    assert_ok(audit(&f, 8, 0, 190, proof)); /* more than the holder had said */
    assert_int_equal(counts(&f)->breaches, 2);
    assert_int_equal(counts(&f)->findings, 3);
    assert_true(quota(&f)->used == 207);
    books_agree(&f);
    assert_true(league_commit(f.rig) > 0);
    rig_free(f.rig);
}

static cy_err revoke(const struct fishery *f, unsigned n, unsigned of, uint64_t amount,
                     unsigned days)
{
    return RIG_DO(f->rig, n, quota_revoke, .quota = f->quota, .party = f->rig->id[of],
                  .amount = amount, .appeal_until = f->rig->now + days * (uint64_t)CY_DAY_MS,
                  .reason = rig_line("no transponder"));
}

static cy_err decide(const struct fishery *f, unsigned n, uint64_t number, bool restore)
{
    return RIG_DO(f->rig, n, quota_decide, .quota = f->quota, .revocation = number,
                  .restore = restore);
}

static cy_err appeal(const struct fishery *f, unsigned n, uint64_t number)
{
    return RIG_DO(f->rig, n, quota_appeal, .quota = f->quota, .revocation = number,
                  .reason = rig_line("it was repaired"));
}

static void revoking(void **state)
{
    struct fishery f = fishery_new(CY_overuse_BREACH);

    (void)state;
    assert_ok(report(&f, 2, 100, evidence(&f, 2, 1)));
    assert_code(revoke(&f, 2, 3, 10, 10), QUOTA_OFFICER);
    assert_code(revoke(&f, 1, 10, 10, 10), QUOTA_PARTY);
    assert_code(revoke(&f, 1, 2, 401, 10), QUOTA_UNUSED);
    assert_code(revoke(&f, 1, 2, 10, 9), QUOTA_APPEAL); /* the quota promises ten days */
    assert_ok(revoke(&f, 1, 2, 300, 10));
    books_agree(&f);
    assert_true(holder(&f, 2)->right == 200 && quota(&f)->revoking == 300 && quota(&f)->free == 0);
    assert_code(appeal(&f, 3, 0), NOT_OWNER);
    assert_code(appeal(&f, 2, 1), QUOTA_APPEAL);
    assert_code(decide(&f, 3, 0, false), QUOTA_APPEAL); /* too early */
    assert_code(decide(&f, 3, 0, true), QUOTA_OFFICER);
    assert_ok(appeal(&f, 2, 0));
    assert_code(appeal(&f, 2, 0), QUOTA_APPEAL);
    assert_code(decide(&f, 1, 0, false), QUOTA_AUDITOR); /* not in its own cause */
    assert_ok(decide(&f, 9, 0, false));
    assert_code(decide(&f, 9, 0, true), QUOTA_APPEAL);
    assert_true(quota(&f)->free == 300 && quota(&f)->revoking == 0);
    assert_ok(revoke(&f, 1, 2, 50, 10));
    assert_ok(appeal(&f, 2, 1));
    assert_ok(decide(&f, 9, 1, true));
    assert_ok(revoke(&f, 1, 2, 20, 10));
    assert_ok(decide(&f, 1, 2, true)); /* thought better of it */
    assert_ok(revoke(&f, 1, 2, 20, 10));
    assert_ok(revoke(&f, 1, 3, 20, 10));
    assert_ok(appeal(&f, 2, 3));
    league_days(f.rig, 10);
    assert_code(appeal(&f, 3, 4), QUOTA_APPEAL); /* too late */
    assert_ok(decide(&f, 10, 4, false));         /* nobody appealed: anybody makes it final */
    assert_ok(decide(&f, 10, 3, true));          /* the arbiter was silent */
    assert_true(holder(&f, 2)->right == 200 && holder(&f, 3)->right == 313);
    assert_int_equal(counts(&f)->open_revocations, 0);
    books_agree(&f);
    { /* what was revoked is allotted again */
        const struct cy_quota_share s = {.party = f.rig->id[5], .amount = 320};

        assert_ok(allot(&f, 1, CY_allot_rule_AMOUNTS, 0, &s, 1));
        assert_true(holder(&f, 5)->right == 320);
    }
    books_agree(&f);
    assert_true(league_commit(f.rig) > 0);
    rig_free(f.rig);
}

static void closing(void **state)
{
    struct fishery f = fishery_new(CY_overuse_BREACH);
    const struct cy_id purse = money_give(f.rig, 12, 3, f.coin, 700);
    static const struct cy_id anybody;
    struct cy_id open;

    (void)state;
    assert_ok(bid(&f, 3, anybody, 10, purse, 400));
    open = f.rig->last;
    assert_code(RIG_DO(f.rig, 1, quota_close, .quota = f.quota), QUOTA_PENDING);
    league_days(f.rig, 35);
    assert_code(RIG_DO(f.rig, 1, quota_close, .quota = f.quota), QUOTA_PENDING); /* grace */
    assert_ok(revoke(&f, 1, 2, 5, 10));
    league_days(f.rig, 1);
    assert_code(RIG_DO(f.rig, 2, quota_close, .quota = f.quota), QUOTA_OFFICER);
    assert_code(RIG_DO(f.rig, 1, quota_close, .quota = f.quota), QUOTA_PENDING); /* a revocation */
    assert_ok(decide(&f, 1, 0, true));
    assert_ok(RIG_DO(f.rig, 1, quota_close, .quota = f.quota));
    assert_code(RIG_DO(f.rig, 1, quota_close, .quota = f.quota), QUOTA_CLOSED);
    assert_code(give(&f, 2, 3, 1), QUOTA_CLOSED);
    assert_code(report(&f, 2, 1, evidence(&f, 2, 1)), QUOTA_CLOSED);
    assert_code(RIG_DO(f.rig, 1, quota_close, .quota = f.coin), QUOTA_UNKNOWN);
    assert_ok(RIG_DO(f.rig, 3, quota_unbid, .quota_bid = open)); /* money is never locked in */
    books_agree(&f);
    rig_free(f.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuing),   cmocka_unit_test(allotting),
        cmocka_unit_test(giving),    cmocka_unit_test(selling),
        cmocka_unit_test(reporting), cmocka_unit_test(breaches_and_audits),
        cmocka_unit_test(revoking),  cmocka_unit_test(closing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Ownership rules: OFAC's published examples, the other regimes, and registers drawn at random
 * against a slow implementation of its own. M021 */
#include "cm.h"

#include "models/exposure/exposure.h"
#include "models/exposure/exposure_rule.h"

#include <stdlib.h>

enum { X, Y, A, B, C, D, PARTIES };

#define PERCENT (CY_SHARE_WHOLE / 100)
#define HOLD(owner, owned, percent)                                                                \
    {                                                                                              \
        (owner), (owned), (percent)*PERCENT, 0, CY_INTEREST_SHARES                                 \
    }
#define JOINTLY(owner, owned, percent, group)                                                      \
    {                                                                                              \
        (owner), (owned), (percent)*PERCENT, (group), CY_INTEREST_SHARES                           \
    }

static const struct cy_ownership_rule *rule_of(const char *regime, unsigned year, unsigned month,
                                               unsigned day)
{
    const struct cy_regime_rule *row = NULL;
    cy_date date = 0;

    assert_true(cy_ok(cy_date_of(year, month, day, &date)));
    assert_true(cy_ok(cy_regime_rule(regime, date, &row)));
    return &row->rule;
}

/* Blocked under a rule? Certificates are checked on the way. */
static bool blocks(const struct cy_ownership_rule *rule, const struct cy_holding *holdings,
                   size_t n, const uint32_t *named, size_t n_named, uint32_t party)
{
    struct cy_exposure *x = NULL;
    struct cy_holding *proof = NULL;
    uint32_t holder = 0;
    size_t n_proof = 0;
    bool is = false;

    assert_true(cy_ok(cy_exposure_open(rule, PARTIES, holdings, n, named, n_named, &x)));
    is = cy_exposure_blocked(x, party);
    assert_true(cy_ok(cy_exposure_proof(x, party, &proof, &n_proof, &holder)));
    if (is && !cy_exposure_named(x, party)) {
        bool shown[PARTIES] = {false};

        for (size_t i = 0; i < n_named; i++)
            shown[named[i]] = holder == CY_PARTY_NONE || holder == named[i];
        assert_true(n_proof > 0);
        assert_true(cy_ok(cy_exposure_replay(rule, proof, n_proof, shown, PARTIES, party)));
        /* Without its last holding the proof shows nothing. */
        for (size_t i = 0; i < PARTIES; i++)
            shown[i] = false;
        for (size_t i = 0; i < n_named; i++)
            shown[named[i]] = true;
        assert_false(cy_ok(cy_exposure_replay(rule, proof, n_proof - 1, shown, PARTIES, party)));
    }
    free(proof);
    cy_exposure_close(x);
    return is;
}

static const uint32_t only_x[] = {X};
static const uint32_t both[] = {X, Y};

/* FAQ 399: holdings of several blocked persons are added up. FAQ 401: indirect ownership. */
static void faq_us(void **state)
{
    const struct cy_ownership_rule *us = rule_of("us", 2024, 1, 1);
    static const struct cy_holding sum[] = {HOLD(X, A, 25), HOLD(Y, A, 25)};
    static const struct cy_holding short_sum[] = {HOLD(X, A, 25), HOLD(Y, A, 24)};
    static const struct cy_holding chain[] = {HOLD(X, A, 50), HOLD(A, B, 50)};
    static const struct cy_holding two_ways[] = {HOLD(X, A, 50), HOLD(X, B, 50), HOLD(A, C, 25),
                                                 HOLD(B, C, 25)};
    static const struct cy_holding beside[] = {HOLD(X, A, 50), HOLD(X, B, 10), HOLD(A, B, 40)};
    static const struct cy_holding one_way[] = {HOLD(X, A, 50), HOLD(X, B, 25), HOLD(A, C, 25),
                                                HOLD(B, C, 25)};
    static const struct cy_holding far[] = {HOLD(X, A, 25), HOLD(X, B, 25), HOLD(A, C, 50),
                                            HOLD(B, C, 50)};
    static const struct cy_holding no_product[] = {HOLD(X, A, 50), HOLD(A, B, 50), HOLD(B, C, 50)};

    (void)state;
    assert_true(blocks(us, sum, 2, both, 2, A));
    assert_false(blocks(us, sum, 2, only_x, 1, A));
    assert_false(blocks(us, short_sum, 2, both, 2, A));
    assert_true(blocks(us, chain, 2, only_x, 1, B));
    assert_true(blocks(us, two_ways, 4, only_x, 1, C));
    assert_true(blocks(us, beside, 3, only_x, 1, B));
    assert_false(blocks(us, one_way, 4, only_x, 1, C));
    assert_false(blocks(us, far, 4, only_x, 1, C));
    assert_true(blocks(us, no_product, 3, only_x, 1, C)); /* 12.5 per cent if one multiplied */
}

/* FAQ 398 and 400: control is no ownership in the US; in the EU and the UK it blocks. FAQ 402: who
 * sold below the threshold no longer blocks. */
static void control_and_selling(void **state)
{
    static const struct cy_holding control[] = {
        {X, A, 0, 0, CY_INTEREST_CONTROL}
    };
    static const struct cy_holding sold[] = {HOLD(X, A, 49), HOLD(B, A, 51)};

    (void)state;
    assert_false(blocks(rule_of("us", 2024, 1, 1), control, 1, only_x, 1, A));
    assert_true(blocks(rule_of("eu", 2023, 1, 1), control, 1, only_x, 1, A));
    assert_true(blocks(rule_of("eu", 2024, 8, 1), control, 1, only_x, 1, A));
    assert_true(blocks(rule_of("uk", 2024, 1, 1), control, 1, only_x, 1, A));
    assert_false(blocks(rule_of("us", 2024, 1, 1), sold, 2, only_x, 1, A));
}

/* The same companies under each regime and date. */
static void regimes(void **state)
{
    static const struct cy_holding half[] = {HOLD(X, A, 50)};
    static const struct cy_holding more[] = {HOLD(X, A, 51)};
    static const struct cy_holding sum[] = {HOLD(X, A, 30), HOLD(Y, A, 30)};
    static const struct cy_holding joint[] = {JOINTLY(X, A, 30, 7), JOINTLY(B, A, 30, 7)};
    static const struct cy_holding both_ways[] = {HOLD(X, A, 60), HOLD(X, B, 60), HOLD(A, C, 30),
                                                  HOLD(B, C, 30)};
    static const struct cy_holding votes[] = {
        HOLD(X, A, 10), {X, A, 60 * PERCENT, 0, CY_INTEREST_VOTES}
    };
    const struct cy_ownership_rule *us = rule_of("us", 2024, 7, 3);
    const struct cy_ownership_rule *old_eu = rule_of("eu", 2024, 7, 2);
    const struct cy_ownership_rule *eu = rule_of("eu", 2024, 7, 3);
    const struct cy_ownership_rule *uk = rule_of("uk", 2024, 7, 3);

    (void)state;
    assert_true(blocks(us, half, 1, only_x, 1, A));
    assert_false(blocks(old_eu, half, 1, only_x, 1, A));
    assert_true(blocks(eu, half, 1, only_x, 1, A));
    assert_false(blocks(uk, half, 1, only_x, 1, A));
    assert_true(blocks(old_eu, more, 1, only_x, 1, A));
    assert_true(blocks(uk, more, 1, only_x, 1, A));
    assert_true(blocks(us, sum, 2, both, 2, A));
    assert_false(blocks(old_eu, sum, 2, both, 2, A));
    assert_true(blocks(eu, sum, 2, both, 2, A));
    assert_false(blocks(uk, sum, 2, both, 2, A));
    assert_true(blocks(uk, joint, 2, only_x, 1, A)); /* acting jointly they count as one */
    assert_false(blocks(us, joint, 2, only_x, 1, A));
    assert_true(blocks(uk, both_ways, 4, only_x, 1, C)); /* one person's holdings do add up */
    assert_true(blocks(uk, votes, 2, only_x, 1, A));
    assert_false(blocks(us, votes, 2, only_x, 1, A));
}

/* A circle does not hold itself up: when its ground goes, it goes. */
static void circle(void **state)
{
    static const struct cy_holding ring[] = {HOLD(X, A, 60), HOLD(A, B, 60), HOLD(B, A, 40)};
    const struct cy_ownership_rule *us = rule_of("us", 2024, 1, 1);
    struct cy_exposure *x = NULL;
    size_t touched = 0;

    (void)state;
    assert_true(blocks(us, ring, 3, only_x, 1, B));
    assert_true(cy_ok(cy_exposure_open(us, PARTIES, ring, 3, only_x, 1, &x)));
    assert_true(cy_ok(cy_exposure_rename(x, X, false, &touched)));
    assert_int_equal(cy_exposure_count(x), 0);
    cy_exposure_close(x);
}

/* A certificate that claims too much or too little is refused. */
static void false_certificates(void **state)
{
    static const struct cy_holding sorted[] = {HOLD(X, A, 60), HOLD(C, B, 60), HOLD(B, C, 60)};
    static const bool named[PARTIES] = {[X] = true};
    const uint64_t right[PARTIES] = {[X] = 1, [A] = 2};
    const uint64_t too_little[PARTIES] = {[X] = 1};
    const uint64_t circular[PARTIES] = {[X] = 1, [A] = 2, [B] = 3, [C] = 4};
    const uint64_t unnamed[PARTIES] = {[A] = 2};
    const struct cy_ownership_rule *us = rule_of("us", 2024, 1, 1);

    (void)state;
    assert_true(cy_ok(cy_exposure_check(us, sorted, 3, named, right, PARTIES)));
    assert_int_equal(cy_exposure_check(us, sorted, 3, named, too_little, PARTIES).code,
                     CY_E_EXPOSURE_PROOF);
    assert_int_equal(cy_exposure_check(us, sorted, 3, named, circular, PARTIES).code,
                     CY_E_EXPOSURE_PROOF);
    assert_int_equal(cy_exposure_check(us, sorted, 3, named, unnamed, PARTIES).code,
                     CY_E_EXPOSURE_PROOF);
}

/* --- registers drawn at random --- */

enum { N = 24, EDGES = 60, NAMED = 4 };

struct drawn {
    struct cy_holding holdings[EDGES];
    size_t n;
    uint32_t named[NAMED];
};

static uint64_t state_;

static uint32_t draw(uint32_t below)
{
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state_ >> 33) % below;
}

static void draw_register(struct drawn *out)
{
    static const uint32_t percents[] = {10, 20, 25, 30, 40, 50, 51, 60, 100};

    out->n = 0;
    for (size_t i = 0; i < EDGES; i++) {
        struct cy_holding h = {draw(N), draw(N), percents[draw(9)] * PERCENT, 0, (uint8_t)draw(12)};
        bool twice = h.owner == h.owned;

        h.interest = h.interest > CY_INTEREST_CONTROL ? CY_INTEREST_SHARES : h.interest;
        h.joint = draw(4) == 0 ? 1 + draw(2) : 0;
        if (h.interest == CY_INTEREST_CONTROL)
            h.share = 0;
        for (size_t k = 0; k < out->n; k++)
            twice =
                twice || (out->holdings[k].owner == h.owner && out->holdings[k].owned == h.owned);
        if (!twice)
            out->holdings[out->n++] = h;
    }
    for (size_t i = 0; i < NAMED; i++)
        out->named[i] = draw(N);
}

/* The slow way: rounds over everything until nothing changes; one person at a time where the rule
 * does not add up. */
static void slow_set(const struct cy_ownership_rule *rule, const struct drawn *d, const bool *seeds,
                     bool *blocked)
{
    bool changed = true;

    memcpy(blocked, seeds, N);
    while (changed) {
        changed = false;
        for (uint32_t party = 0; party < N; party++) {
            uint64_t sums[2] = {0, 0};
            bool control = false;

            for (size_t i = 0; i < d->n; i++) {
                const struct cy_holding *h = &d->holdings[i];
                bool counts = h->owned == party && blocked[h->owner];

                for (size_t k = 0;
                     !rule->aggregate && h->owned == party && h->joint != 0 && k < d->n; k++)
                    counts =
                        counts ||
                        (d->holdings[k].owned == party && d->holdings[k].joint == h->joint &&
                         d->holdings[k].interest == h->interest && blocked[d->holdings[k].owner]);
                if (counts && h->interest == CY_INTEREST_CONTROL)
                    control = true;
                else if (counts)
                    sums[h->interest] += h->share;
            }
            if (!blocked[party] &&
                ((rule->control && control) ||
                 (rule->more ? sums[0] > rule->threshold : sums[0] >= rule->threshold) ||
                 (rule->votes &&
                  (rule->more ? sums[1] > rule->threshold : sums[1] >= rule->threshold)))) {
                blocked[party] = true;
                changed = true;
            }
        }
    }
}

static void slow(const struct cy_ownership_rule *rule, const struct drawn *d, const bool *named,
                 bool *blocked)
{
    memset(blocked, 0, N);
    if (rule->aggregate) {
        slow_set(rule, d, named, blocked);
        return;
    }
    for (uint32_t i = 0; i < N; i++) {
        bool seeds[N] = {false};
        bool one[N];

        if (!named[i])
            continue;
        seeds[i] = true;
        slow_set(rule, d, seeds, one);
        for (uint32_t k = 0; k < N; k++)
            blocked[k] = blocked[k] || one[k];
    }
}

static int by_owned(const void *a, const void *b)
{
    const struct cy_holding *left = a;
    const struct cy_holding *right = b;

    return left->owned < right->owned ? -1 : left->owned > right->owned;
}

static void compare(const struct cy_ownership_rule *rule, const struct drawn *d, const bool *named,
                    struct cy_exposure *x)
{
    struct cy_holding sorted[EDGES];
    uint64_t ranks[N];
    bool expected[N];
    bool seeds[N];

    slow(rule, d, named, expected);
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(cy_exposure_blocked(x, i), expected[i]);
    memcpy(sorted, d->holdings, d->n * sizeof *sorted);
    qsort(sorted, d->n, sizeof *sorted, by_owned);
    for (size_t i = 0; i < cy_exposure_holders(x); i++) {
        const uint32_t holder = cy_exposure_holder(x, i);

        cy_exposure_ranks(x, i, ranks);
        for (uint32_t k = 0; k < N; k++)
            seeds[k] = holder == CY_PARTY_NONE ? named[k] : k == holder;
        assert_true(cy_ok(cy_exposure_check(rule, sorted, d->n, seeds, ranks, N)));
    }
    for (uint32_t i = 0; i < N; i++) {
        struct cy_holding *proof = NULL;
        uint32_t holder = 0;
        size_t n = 0;

        assert_true(cy_ok(cy_exposure_proof(x, i, &proof, &n, &holder)));
        for (uint32_t k = 0; k < N; k++)
            seeds[k] = holder == CY_PARTY_NONE ? named[k] : k == holder;
        if (expected[i] && !named[i])
            assert_true(cy_ok(cy_exposure_replay(rule, proof, n, seeds, N, i)));
        else
            assert_int_equal(n, 0);
        free(proof);
    }
}

/* Changes one after the other, each compared with the slow way from nothing. */
static void change(const struct cy_ownership_rule *rule, struct drawn *d, bool *named,
                   struct cy_exposure *x, uint32_t *ids)
{
    const uint32_t what = draw(3);

    if (what == 0 && d->n > 1) {
        const size_t at = draw((uint32_t)d->n);

        assert_true(cy_ok(cy_exposure_drop(x, ids[at], NULL)));
        d->holdings[at] = d->holdings[--d->n];
        ids[at] = ids[d->n];
    } else if (what == 1 && d->n < EDGES) {
        struct cy_holding h = {draw(N), draw(N), 25 * PERCENT, 0, CY_INTEREST_SHARES};

        for (size_t k = 0; k < d->n; k++) {
            if (d->holdings[k].owner == h.owner && d->holdings[k].owned == h.owned)
                return;
        }
        if (h.owner == h.owned)
            return;
        assert_true(cy_ok(cy_exposure_add(x, &h, &ids[d->n], NULL)));
        d->holdings[d->n++] = h;
    } else if (what == 2) {
        const uint32_t party = draw(N);

        named[party] = !named[party];
        assert_true(cy_ok(cy_exposure_rename(x, party, named[party], NULL)));
    }
    compare(rule, d, named, x);
}

static void against_slow(void **state)
{
    const struct cy_ownership_rule *const rules[] = {
        rule_of("us", 2024, 1, 1), rule_of("eu", 2023, 1, 1), rule_of("eu", 2024, 8, 1),
        rule_of("uk", 2024, 1, 1)};

    (void)state;
    for (uint64_t seed = 1; seed <= 15; seed++) {
        for (size_t r = 0; r < CY_COUNT(rules); r++) {
            struct drawn d;
            struct cy_exposure *x = NULL;
            bool named[N] = {false};
            uint32_t ids[EDGES];

            state_ = seed * 77 + r;
            draw_register(&d);
            assert_true(cy_ok(cy_exposure_open(rules[r], N, NULL, 0, NULL, 0, &x)));
            for (size_t i = 0; i < d.n; i++)
                assert_true(cy_ok(cy_exposure_add(x, &d.holdings[i], &ids[i], NULL)));
            for (size_t i = 0; i < NAMED; i++) {
                named[d.named[i]] = true;
                assert_true(cy_ok(cy_exposure_rename(x, d.named[i], true, NULL)));
            }
            compare(rules[r], &d, named, x);
            for (size_t i = 0; i < 40; i++)
                change(rules[r], &d, named, x, ids);
            cy_exposure_close(x);
        }
    }
}

/* More owners blocked never unblocks; the order of the register does not matter; adding and taking
 * away again changes nothing. */
static void laws(void **state)
{
    const struct cy_ownership_rule *us = rule_of("us", 2024, 1, 1);

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct drawn d;
        struct drawn turned;
        struct cy_exposure *x = NULL;
        struct cy_exposure *y = NULL;
        bool before[N];
        uint32_t id = 0;
        const struct cy_holding more = {draw(N), draw(N), 60 * PERCENT, 0, CY_INTEREST_SHARES};

        state_ = seed;
        draw_register(&d);
        turned = d;
        for (size_t i = 0; i < d.n; i++)
            turned.holdings[i] = d.holdings[d.n - 1 - i];
        assert_true(cy_ok(cy_exposure_open(us, N, d.holdings, d.n, d.named, NAMED, &x)));
        assert_true(cy_ok(cy_exposure_open(us, N, turned.holdings, d.n, d.named, NAMED, &y)));
        for (uint32_t i = 0; i < N; i++) {
            before[i] = cy_exposure_blocked(x, i);
            assert_int_equal(before[i], cy_exposure_blocked(y, i));
        }
        assert_true(cy_ok(cy_exposure_add(x, &more, &id, NULL)));
        for (uint32_t i = 0; i < N; i++)
            assert_true(!before[i] || cy_exposure_blocked(x, i));
        assert_true(cy_ok(cy_exposure_drop(x, id, NULL)));
        for (uint32_t i = 0; i < N; i++)
            assert_int_equal(before[i], cy_exposure_blocked(x, i));
        assert_true(cy_ok(cy_exposure_rename(y, draw(N), true, NULL)));
        for (uint32_t i = 0; i < N; i++)
            assert_true(!before[i] || cy_exposure_blocked(y, i));
        cy_exposure_close(x);
        cy_exposure_close(y);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faq_us),       cmocka_unit_test(control_and_selling),
        cmocka_unit_test(regimes),      cmocka_unit_test(circle),
        cmocka_unit_test(laws),         cmocka_unit_test(false_certificates),
        cmocka_unit_test(against_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

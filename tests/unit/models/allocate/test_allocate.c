/* models/allocate: the classical tables, the properties that rules promise, findings that were
 * changed, and charters that cannot be kept or read. */
#include "cm.h"

#include "gen.h"
#include "models/allocate/allocate_desk.h"
#include "models/allocate/allocate_lots.h"
#include "models/allocate/allocate_range.h"

#include <stdlib.h>

static struct cy_desk desk_;

static void anew(void)
{
    cy_desk_end(&desk_);
    desk_ = (struct cy_desk){.out = stdout, .err = stderr, .json = true};
}

static cy_err read_text(const char *text, struct cy_allocate_charter *charter)
{
    struct cy_desk_fault fault;

    anew();
    return cy_allocate_charter_read(&desk_, cy_span_text(text), NULL, charter, &fault);
}

/* The shares of a charter as one text: "p/q p/q ...", in the order of names. */
static void shares_of(const char *text, char *out, size_t cap)
{
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    struct cy_text words = cy_text_on(out, cap);

    assert_ok(read_text(text, &charter));
    assert_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
    for (uint32_t p = 0; p < charter.n_parties; p++) {
        char *share = cy_lp_exact(answer.state.parties[p].share);

        cy_text_add(&words, p == 0 ? "" : " ");
        cy_text_add(&words, share);
        free(share);
    }
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
}

/* Claims 100, 200, 300 on estates of 100, 200, 300 (Aumann and Maschler 1985, table I). */
static void classical_tables(void **state)
{
    static const struct {
        unsigned estate;
        const char *rule;
        const char *want;
    } rows[] = {
        {100, "talmud",       "100/3 100/3 100/3"},
        {200, "talmud",       "50 75 75"         },
        {300, "talmud",       "50 100 150"       },
        {400, "talmud",       "50 125 225"       },
        {500, "talmud",       "200/3 500/3 800/3"},
        {100, "equal-awards", "100/3 100/3 100/3"},
        {200, "equal-awards", "200/3 200/3 200/3"},
        {300, "equal-awards", "100 100 100"      },
        {500, "equal-awards", "100 200 200"      },
        {100, "equal-losses", "0 0 100"          },
        {200, "equal-losses", "0 50 150"         },
        {300, "equal-losses", "0 100 200"        },
        {500, "equal-losses", "200/3 500/3 800/3"},
        {100, "proportional", "50/3 100/3 50"    },
        {200, "leximin",      "100/3 200/3 100"  },
        {300, "nash",         "100 100 100"      },
        {900, "talmud",       "100 200 300"      },
        {0,   "equal-losses", "0 0 0"            },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        char text[512];
        char got[256];

        (void)snprintf(text, sizeof text,
                       "comity charter 1\noffice o\nsupply %u\nrule %s\nparty a claim 100\n"
                       "party b claim 200\nparty c claim 300\n",
                       rows[i].estate, rows[i].rule);
        shares_of(text, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%u by %s: %s, not %s", rows[i].estate, rows[i].rule, got, rows[i].want);
    }
}

static void other_terms(void **state)
{
    static const struct {
        const char *lines;
        const char *want;
    } rows[] = {
  /* a floor is kept, the rest is shared */
        {"supply 100\nrule proportional\nparty a claim 100 floor 60\nparty b claim 100\n",           "60 40"   },
        {"supply 100\nrule proportional\nparty a claim 100\nparty b claim 100 cap 10\n",             "90 10"   },
        {"supply 90\nrule weighted\nparty a claim 100 weight 2\nparty b claim 100\n",                "60 30"   },
        {"supply 90\nrule nash\nparty a claim 20 weight 2\nparty b claim 100\n",                     "20 70"   },
        {"supply 70\nrule proportional\nparty a claim 50 priority 2\nparty b claim 50 priority 1\n",
         "20 50"                                                                                               },
        {"supply 100\nrule proportional\nparty a claim 100\nparty b claim 100\nparty c claim 200\n"
         "group g a b\nshare g at-least 80%\n",                                             "40 40 20"},
        {"supply 100\nrule leximin\nparty a claim 100\nparty b claim 100\nparty c claim 200\n"
         "group g c\nshare g at-most 10\n",                                                 "45 45 10"},
        {"supply 60\nrule proportional-then-risk 20%\nparty a claim 100 risk 1\n"
         "party b claim 100 risk 3\n",                                                      "25 35"   },
        {"supply 30\nrule proportional-then-risk 20%\nparty a claim 100 risk 1\n"
         "party b claim 100 risk 3\n",                                                      "15 15"   },
        {"supply 100\nrule most-value\nparty a claim 60 value 2\nparty b claim 60 value 2\n"
         "party c claim 60 value 3\nfloor all 10\n",                                        "20 20 60"},
        {"supply 100\nrule proportional\nparty a claim 0\nparty b claim 40\n",                       "0 40"    },
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        char text[512];
        char got[256];

        (void)snprintf(text, sizeof text, "comity charter 1\noffice o\n%s", rows[i].lines);
        shares_of(text, got, sizeof got);
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("case %zu: %s, not %s", i, got, rows[i].want);
    }
}

/* --- what rules promise --- */

enum { PARTIES = 5 };

static const char *const rules_[] = {"proportional", "weighted", "leximin", "equal-awards",
                                     "equal-losses", "talmud",   "nash"};

struct drawn {
    unsigned claims[PARTIES];
    unsigned weights[PARTIES];
    unsigned supply;
    const char *rule;
};

static void decide(const struct drawn *d, const unsigned *order, mpq_t *shares)
{
    char text[1024];
    struct cy_text words = cy_text_on(text, sizeof text);
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    char line[128];

    (void)snprintf(line, sizeof line, "comity charter 1\noffice o\nsupply %u\nrule %s\n", d->supply,
                   d->rule);
    cy_text_add(&words, line);
    for (unsigned i = 0; i < PARTIES; i++) {
        (void)snprintf(line, sizeof line, "party p%u claim %u weight %u\n", order[i],
                       d->claims[order[i]], d->weights[order[i]]);
        cy_text_add(&words, line);
    }
    assert_ok(read_text(text, &charter));
    assert_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
    for (unsigned i = 0; i < PARTIES; i++)
        mpq_set(shares[i], answer.state.parties[i].share);
    {
        mpq_t sum;
        mpq_t lots;

        mpq_inits(sum, lots, NULL);
        for (unsigned i = 0; i < PARTIES; i++) {
            mpq_set_z(lots, answer.lots[i]);
            mpq_add(sum, sum, lots);
        }
        mpq_add(sum, sum, answer.kept); /* exact sums: nothing is made up or lost */
        assert_int_equal(mpq_cmp_ui(sum, d->supply, 1), 0);
        mpq_clears(sum, lots, NULL);
    }
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
}

static void promises(void **state)
{
    static const unsigned forth[PARTIES] = {0, 1, 2, 3, 4};
    static const unsigned back[PARTIES] = {3, 1, 4, 0, 2};
    struct gen gen = gen_on(41, NULL);
    mpq_t a[PARTIES];
    mpq_t b[PARTIES];
    mpq_t sum;

    (void)state;
    mpq_init(sum);
    for (unsigned i = 0; i < PARTIES; i++)
        mpq_inits(a[i], b[i], NULL);
    for (unsigned k = 0; k < 84; k++) {
        struct drawn d = {.rule = rules_[k % CY_COUNT(rules_)]};
        unsigned all = 0;

        for (unsigned i = 0; i < PARTIES; i++) {
            d.claims[i] = (unsigned)gen_draw(&gen, 200);
            d.weights[i] = 1 + (unsigned)gen_draw(&gen, 3);
            all += d.claims[i];
        }
        d.claims[1] = d.claims[0]; /* equals */
        d.weights[1] = d.weights[0];
        all = 0;
        for (unsigned i = 0; i < PARTIES; i++)
            all += d.claims[i];
        d.supply = (unsigned)gen_draw(&gen, all + 50);
        decide(&d, forth, a);
        /* order does not matter; equals are treated equally */
        decide(&d, back, b);
        mpq_set_ui(sum, 0, 1);
        for (unsigned i = 0; i < PARTIES; i++) {
            assert_true(mpq_equal(a[i], b[i]));
            assert_true(mpq_sgn(a[i]) >= 0 && mpq_cmp_ui(a[i], d.claims[i], 1) <= 0);
            mpq_add(sum, sum, a[i]);
        }
        assert_true(mpq_equal(a[0], a[1]));
        assert_int_equal(mpq_cmp_ui(sum, d.supply < all ? d.supply : all, 1), 0);
        /* with more to share out, nobody gets less */
        d.supply += 17;
        decide(&d, forth, b);
        for (unsigned i = 0; i < PARTIES; i++)
            assert_true(mpq_cmp(b[i], a[i]) >= 0);
        d.supply -= 17;
        /* consistency: when one leaves with its share, the others keep theirs */
        if (mpz_cmp_ui(mpq_denref(a[4]), 1) == 0) {
            d.supply -= d.claims[4] == 0 ? 0 : (unsigned)mpz_get_ui(mpq_numref(a[4]));
            if (d.supply <= all) {
                d.claims[4] = 0;
                decide(&d, forth, b);
                for (unsigned i = 0; i < PARTIES - 1; i++)
                    assert_true(mpq_equal(a[i], b[i]) || d.supply >= all);
            }
        }
    }
    for (unsigned i = 0; i < PARTIES; i++)
        mpq_clears(a[i], b[i], NULL);
    mpq_clear(sum);
}

/* By proportion nobody gains by splitting a claim; by equal awards one may. */
static void splitting(void **state)
{
    char one[256];
    char two[256];

    (void)state;
    shares_of("comity charter 1\noffice o\nsupply 90\nrule proportional\nparty a claim 100\n"
              "party b claim 80\n",
              one, sizeof one);
    shares_of("comity charter 1\noffice o\nsupply 90\nrule proportional\nparty a1 claim 70\n"
              "party a2 claim 30\nparty b claim 80\n",
              two, sizeof two);
    assert_string_equal(one, "50 40");
    assert_string_equal(two, "35 15 40");
}

/* --- refusals --- */

static void charters_that_cannot_be_kept(void **state)
{
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;

    (void)state;
    assert_ok(read_text("comity charter 1\noffice o\nsupply 1000\nrule proportional\n"
                        "party A claim 2000 floor 1200\nparty B claim 2000 floor 1000\n",
                        &charter));
    assert_code(cy_allocate_decide(&desk_, &charter, NULL, &answer), ALLOCATE_IMPOSSIBLE);
    assert_string_equal(desk_.why, "The floors of A and B exceed the supply by 1200");
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
}

static void charters_that_cannot_be_read(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
    } rows[] = {
        {"",                                                                                      0},
        {"charter\n",                                                                             1},
        {"comity charter 1\nsupply 5\nrule proportional\nparty a claim 1\n",                      4}, /* no office */
        {"comity charter 1\noffice o\nsupply -5\n",                                               3},
        {"comity charter 1\noffice o\nsupply NaN\n",                                              3},
        {"comity charter 1\noffice o\nsupply 5\nsupply 6\n",                                      4},
        {"comity charter 1\noffice o\nrule best\n",                                               3},
        {"comity charter 1\noffice o\nparty a claim 1\nparty a claim 2\n",                        4},
        {"comity charter 1\noffice o\nparty all claim 1\n",                                       3},
        {"comity charter 1\noffice o\nlot 0\n",                                                   3},
        {"comity charter 1\noffice o\nlot 1.5\n",                                                 3},
        {"comity charter 1\noffice o\nsupply 5\nrule nash\nparty a claim 1\ngroup g a\nshare g "
         "at-least 1\n",                                                                 0},
        {"comity charter 1\noffice o\nsupply 5\nrule proportional\nparty a claim 1\nfloor z 1\n",
         6                                                                                         },
        {"comity charter 1\noffice o\nsupply 5\nrule proportional\nparty a claim 1 floor 2\n",    0},
        {"comity charter 1\noffice o\nclaims party=a claim=b\n",                                  3},
        {"comity charter 1\nwhat is this\n",                                                      2},
    };

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct cy_allocate_charter charter;
        struct cy_desk_fault fault;

        anew();
        assert_code(
            cy_allocate_charter_read(&desk_, cy_span_text(rows[i].text), NULL, &charter, &fault),
            MODEL_INPUT);
        assert_int_equal(fault.line, rows[i].line);
        assert_true(fault.why[0] != 0);
        cy_allocate_charter_free(&charter);
    }
}

/* A finding's certificates are replayed; those of another charter, or in another order, are not. */
static void stages_are_judged(void **state)
{
    static const char *const texts[] = {
        "comity charter 1\noffice o\nsupply 200\nrule talmud\nparty a claim 100\n"
        "party b claim 200\nparty c claim 300\n",
        "comity charter 1\noffice o\nsupply 201\nrule talmud\nparty a claim 100\n"
        "party b claim 200\nparty c claim 300\n"};
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    struct cy_allocate_answer again;
    json_t *stages = NULL;

    (void)state;
    assert_ok(read_text(texts[0], &charter));
    assert_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
    stages = json_deep_copy(answer.stages);
    assert_true(json_array_size(stages) > 1);
    assert_ok(cy_allocate_decide(&desk_, &charter, stages, &again));
    cy_allocate_answer_free(&again);
    (void)json_array_insert(stages, 0, json_array_get(stages, json_array_size(stages) - 1));
    assert_code(cy_allocate_decide(&desk_, &charter, stages, &again), CERT_OTHER);
    cy_allocate_answer_free(&again);
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
    (void)json_array_remove(stages, 0);
    assert_ok(read_text(texts[1], &charter));
    assert_code(cy_allocate_decide(&desk_, &charter, stages, &again), CERT_OTHER);
    cy_allocate_answer_free(&again);
    cy_allocate_charter_free(&charter);
    json_decref(stages);
    cy_desk_end(&desk_);
}

/* --- ranges --- */

/* False when the charter cannot be kept with that supply (0: its own). */
static bool decide_text(const char *text, unsigned supply_by_2520, mpq_t *shares,
                        struct cy_allocate_range *range, mpq_t *parts)
{
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    bool good = false;

    assert_ok(read_text(text, &charter));
    if (supply_by_2520 != 0) {
        mpq_t supply;

        mpq_init(supply);
        mpq_set_ui(supply, supply_by_2520, 2520);
        mpq_canonicalize(supply);
        cy_allocate_charter_supply(&charter, supply);
        mpq_clear(supply);
    }
    good = cy_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
    for (uint32_t p = 0; p < charter.n_parties; p++)
        mpq_set(shares[p], answer.state.parties[p].share);
    if (range != NULL && good) {
        cy_allocate_range_find(&answer.state, range);
        for (uint32_t p = 0; p < charter.n_parties; p++)
            cy_allocate_range_part(&answer.state, range, p, parts[p]);
    }
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
    return good;
}

/* Within the range every supply gives what the parts say; a little beyond its ends none does. */
static void ranges_are_exact(void **state)
{
    static const char *const rules[] = {"proportional", "weighted", "equal-awards", "equal-losses",
                                        "nash"};
    struct gen gen = gen_on(67, NULL);
    unsigned there = 0;
    unsigned ended = 0;
    mpq_t now[PARTIES];
    mpq_t then[PARTIES];
    mpq_t parts[PARTIES];
    mpq_t v;

    (void)state;
    mpq_init(v);
    for (unsigned i = 0; i < PARTIES; i++)
        mpq_inits(now[i], then[i], parts[i], NULL);
    for (unsigned k = 0; k < 60; k++) {
        char text[1024];
        struct cy_allocate_range range;
        const unsigned supply = 60 + (unsigned)gen_draw(&gen, 120);
        int n = snprintf(text, sizeof text,
                         "comity charter 1\noffice o\nsupply %u\nrule %s\ngroup g p0 p1\n%s",
                         supply, rules[k % CY_COUNT(rules)],
                         k % 5 == 4   ? ""
                         : k % 2 == 0 ? "share g at-most 40%\n"
                                      : "share g at-least 20\n");

        for (unsigned i = 0; i < PARTIES; i++)
            n += snprintf(text + n, sizeof text - (size_t)n,
                          "party p%u claim %u floor %u weight %u\n", i,
                          20 + (unsigned)gen_draw(&gen, 60), (unsigned)gen_draw(&gen, 12),
                          1 + (unsigned)gen_draw(&gen, 3));
        if (!decide_text(text, 0, now, &range, parts))
            continue;
        there += range.there;
        for (int off = -50400; range.there && off <= 50400; off += 10080) {
            const unsigned at = (unsigned)((int)(supply * 2520) + off);
            bool same = true;
            bool within = false;

            mpq_set_ui(v, at, 2520);
            mpq_canonicalize(v);
            within = mpq_cmp(v, range.from) >= 0 && (range.endless || mpq_cmp(v, range.to) <= 0);
            same = decide_text(text, at, then, NULL, NULL);
            for (unsigned i = 0; i < PARTIES; i++) {
                mpq_set_si(v, off, 2520);
                mpq_canonicalize(v);
                mpq_mul(v, v, parts[i]);
                mpq_add(v, v, now[i]);
                same = same && mpq_equal(v, then[i]);
            }
            assert_int_equal(same, within);
            ended += !within;
        }
        cy_allocate_range_free(&range);
    }
    for (unsigned i = 0; i < PARTIES; i++)
        mpq_clears(now[i], then[i], parts[i], NULL);
    mpq_clear(v);
    if (there < 30 || ended < 30)
        fail_msg("%u ranges, %u supplies beyond them", there, ended);
}

/* --- whole lots with minimums --- */

enum { FEW = 4, LOTS = 7 };

/* The most lots, and then the least sum of differences in 60ths of a lot, by trying everything. */
static bool nearest_lots(const unsigned *claims, const unsigned *minimums, unsigned total,
                         mpq_t *shares, unsigned *lots_best, mpq_ptr off_best)
{
    bool found = false;
    mpq_t off;
    mpq_t v;

    mpq_inits(off, v, NULL);
    for (unsigned code = 0; code < (LOTS + 1) * (LOTS + 1) * (LOTS + 1) * (LOTS + 1); code++) {
        unsigned left = code;
        unsigned sum = 0;
        bool good = true;

        mpq_set_ui(off, 0, 1);
        for (unsigned i = 0; i < FEW; i++) {
            const unsigned lots = left % (LOTS + 1);

            left /= LOTS + 1;
            sum += lots;
            good = good && lots * 10 <= claims[i] && (lots == 0 || lots * 10 >= minimums[i]);
            mpq_set_ui(v, lots * 10, 1);
            mpq_sub(v, v, shares[i]);
            mpq_abs(v, v);
            mpq_add(off, off, v);
        }
        if (!good || sum * 10 > total || (found && sum < *lots_best) ||
            (found && sum == *lots_best && mpq_cmp(off, off_best) >= 0))
            continue;
        found = true;
        *lots_best = sum;
        mpq_set(off_best, off);
    }
    mpq_clears(off, v, NULL);
    return found;
}

static void lots_lie_nearest(void **state)
{
    struct gen gen = gen_on(71, NULL);

    (void)state;
    for (unsigned k = 0; k < 12; k++) {
        unsigned claims[FEW];
        unsigned minimums[FEW];
        unsigned all = 0;
        unsigned want = 0;
        unsigned got = 0;
        char text[512];
        int n = 0;
        struct cy_allocate_charter charter;
        struct cy_allocate_answer answer;
        struct cy_allocate_answer again;
        mpq_t shares[FEW];
        mpq_t off_want;
        mpq_t off;
        mpq_t v;

        mpq_inits(off_want, off, v, NULL);
        for (unsigned i = 0; i < FEW; i++) {
            claims[i] = 10 + 10 * (unsigned)gen_draw(&gen, LOTS);
            minimums[i] = gen_draw(&gen, 3) == 0 ? 0 : 1 + (unsigned)gen_draw(&gen, claims[i]);
            all += claims[i];
        }
        n = snprintf(text, sizeof text,
                     "comity charter 1\noffice o\nsupply %u\nlot 10\nrule proportional\n",
                     10 + (unsigned)gen_draw(&gen, all));
        for (unsigned i = 0; i < FEW; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, "party p%u claim %u minimum %u\n", i,
                          claims[i], minimums[i]);
        assert_ok(read_text(text, &charter));
        assert_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
        for (unsigned i = 0; i < FEW; i++) {
            const unsigned lots = (unsigned)mpz_get_ui(answer.lots[i]);

            mpq_init(shares[i]);
            mpq_set(shares[i], answer.state.parties[i].share);
            got += lots;
            mpq_set_ui(v, lots * 10, 1);
            mpq_sub(v, v, shares[i]);
            mpq_abs(v, v);
            mpq_add(off, off, v);
        }
        {
            mpq_t sum;

            mpq_init(sum);
            for (unsigned i = 0; i < FEW; i++)
                mpq_add(sum, sum, shares[i]);
            assert_true(
                nearest_lots(claims, minimums, (unsigned)mpq_get_d(sum), shares, &want, off_want));
            mpq_clear(sum);
        }
        assert_int_equal(got, want);
        if (cy_allocate_minimums(&charter)) {
            assert_true(mpq_equal(off, off_want));
            assert_ok(cy_allocate_decide(&desk_, &charter, answer.stages, &again));
            cy_allocate_answer_free(&again);
        }
        for (unsigned i = 0; i < FEW; i++)
            mpq_clear(shares[i]);
        mpq_clears(off_want, off, v, NULL);
        cy_allocate_answer_free(&answer);
        cy_allocate_charter_free(&charter);
    }
}

/* Every byte of every certificate, changed one at a time: never another answer. */
static void changed_certificates_are_refused(void **state)
{
    struct cy_allocate_charter charter;
    struct cy_allocate_answer answer;
    static const char letters[] = "ABCEIQgz/+xyMN";
    unsigned refused = 0;

    (void)state;
    assert_ok(read_text("comity charter 1\noffice o\nsupply 90\nlot 10\nrule proportional\n"
                        "party a claim 100 minimum 60\nparty b claim 100\nparty c claim 50 "
                        "minimum 30\nparty d claim 40\n",
                        &charter));
    assert_ok(cy_allocate_decide(&desk_, &charter, NULL, &answer));
    for (size_t s = 0; s < json_array_size(answer.stages); s++) {
        const char *text =
            json_string_value(json_object_get(json_array_get(answer.stages, s), "certificate"));
        const size_t n = strlen(text);

        for (size_t k = 0; k < n * (sizeof letters - 1); k++) {
            const size_t at = k / (sizeof letters - 1);
            const char letter = letters[k % (sizeof letters - 1)];
            json_t *stages = json_deep_copy(answer.stages);
            char *other = strdup(text);
            struct cy_allocate_answer again;

            other[at] = other[at] == letter ? '7' : letter; /* of base64: bits of a byte or two */
            (void)json_object_set_new(json_array_get(stages, s), "certificate", json_string(other));
            desk_.failed = CY_OK;
            if (cy_ok(cy_allocate_decide(&desk_, &charter, stages, &again))) {
                for (uint32_t p = 0; p < charter.n_parties; p++) /* it proves the same shares */
                    assert_true(
                        mpq_equal(again.state.parties[p].share, answer.state.parties[p].share));
            } else
                refused++;
            cy_allocate_answer_free(&again);
            free(other);
            json_decref(stages);
        }
    }
    if (refused < 3000)
        fail_msg("%u refused", refused);
    cy_allocate_answer_free(&answer);
    cy_allocate_charter_free(&charter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classical_tables),
        cmocka_unit_test(other_terms),
        cmocka_unit_test(promises),
        cmocka_unit_test(splitting),
        cmocka_unit_test(charters_that_cannot_be_kept),
        cmocka_unit_test(charters_that_cannot_be_read),
        cmocka_unit_test(stages_are_judged),
        cmocka_unit_test(ranges_are_exact),
        cmocka_unit_test(lots_lie_nearest),
        cmocka_unit_test(changed_certificates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

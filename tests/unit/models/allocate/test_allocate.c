/* models/allocate: the classical tables, the properties that rules promise, findings that were
 * changed, and charters that cannot be kept or read. */
#include "cm.h"

#include "gen.h"
#include "models/allocate/allocate_desk.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

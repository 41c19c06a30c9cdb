/* Roll calls: agreement as by hand, groups that are there are found, tables that are broken
 * refused. */
#include "network_rig.h"

#include "models/network/early_warning.h"
#include "models/network/synchrony.h"

static struct cy_roll_calls calls_;

static cy_err parse(const char *words)
{
    struct cy_csv csv;
    const cy_err err = csv_of(words, &csv);

    return cy_ok(err) ? cy_roll_calls_read(&desk_, &csv, &calls_, &fault_) : err;
}

static void broken_tables(void **state)
{
    (void)state;
    refuse("rcid,date,A\n1,2000-01-01,1\n", 1, "2 to");
    refuse("rcid,date,A,B\n", 1, "a vote");
    refuse("rcid,date,A,A\n1,2000-01-01,1,1\n", 1, "stands twice");
    refuse("rcid,date,A,B\n1,2000-13-01,1,1\n", 2, "no date");
    refuse("rcid,date,A,B\n1,2000-01-02,1,4\n", 2, "of B is '4'");
    refuse("rcid,date,A,B\n1,2000-01-02,NaN,1\n", 2, "of A is 'NaN'");
}

static void agreement(void **state)
{
    struct cy_roll_pair pair;
    size_t first = 0;
    size_t end = 0;

    (void)state;
    assert_ok(parse("rcid,date,A,B\n1,2000-01-01,1,1\n2,2000-01-02,1,3\n3,2000-01-03,2,3\n"
                    "4,2000-01-04,2,2\n5,2000-01-05,,1\n6,2000-01-06,1,2\n"));
    pair = cy_roll_calls_pair(&calls_, 0, 1, 0, 6);
    assert_int_equal(pair.both, 5);
    assert_int_equal(pair.alike, 2);
    assert_int_equal(pair.half, 2);
    assert_int_equal(cy_roll_agreement(&pair), 600000);
    cy_roll_calls_range(&calls_, calls_.dates[1], calls_.dates[3], &first, &end);
    assert_int_equal(first, 1);
    assert_int_equal(end, 3);
    assert_ok(parse("rcid,date,A,B\n6,2000-01-06,1,2\n3,2000-01-03,2,3\n2,2000-01-02,1,3\n"
                    "1,2000-01-01,1,1\n5,2000-01-05,,1\n4,2000-01-04,2,2\n")); /* any order */
    pair = cy_roll_calls_pair(&calls_, 1, 0, first, end);
    assert_int_equal(pair.both, 2);
    assert_int_equal(cy_roll_agreement(&pair), 250000);
}

/* Ranges across words give what counting vote by vote gives. */
static void ranges(void **state)
{
    static char words[1 << 14] = "rcid,date,A,B\n";
    char *at = words + strlen(words);
    uint32_t dice = 5;

    (void)state;
    for (int i = 0; i < 200; i++) {
        dice = dice * 1664525u + 1013904223u;
        at += sprintf(at, "%d,2000-01-01,%u,%u\n", i, 1 + (dice >> 20) % 3, 1 + (dice >> 25) % 3);
    }
    assert_ok(parse(words));
    for (size_t first = 0; first <= 200; first += 13) {
        struct cy_roll_pair sum = {0};

        for (size_t end = first; end <= 200; end++) {
            const struct cy_roll_pair all = cy_roll_calls_pair(&calls_, 0, 1, first, end);

            assert_int_equal(all.both, sum.both);
            assert_int_equal(all.alike, sum.alike);
            assert_int_equal(all.half, sum.half);
            if (end < 200) {
                const struct cy_roll_pair one = cy_roll_calls_pair(&calls_, 0, 1, end, end + 1);

                sum.both += one.both;
                sum.alike += one.alike;
                sum.half += one.half;
            }
        }
    }
}

/* Two blocs that vote against each other, one of them larger, and one who is never there. */
static void groups(void **state)
{
    static char words[1 << 14] = "rcid,date,a1,b1,a2,b2,a3,none\n";
    char *at = words + strlen(words);
    struct cy_synchrony s;

    (void)state;
    for (int i = 0; i < 30; i++) {
        const int yes = i % 3 != 0;

        at += sprintf(at, "%d,2000-01-01,%d,%d,%d,%d,%d,\n", i, yes ? 1 : 3, yes ? 3 : 1,
                      i == 7 ? 2
                      : yes  ? 1
                             : 3,
                      yes ? 3 : 1, yes ? 1 : 3);
    }
    assert_ok(parse(words));
    assert_ok(cy_synchrony_find(&desk_, &calls_, 0, 30, &s));
    assert_int_equal(s.n_groups, 3);
    assert_int_equal(s.group[0], 0);
    assert_int_equal(s.group[2], 0);
    assert_int_equal(s.group[4], 0);
    assert_int_equal(s.group[1], 1);
    assert_int_equal(s.group[3], 1);
    assert_int_equal(s.group[5], 2);
    assert_true(cy_synchrony_gain(&s) > 0);
}

/* The General Assembly, 1990 to 2010: no single move of a party gains, and old allies are together.
 */
static void general_assembly(void **state)
{
    struct cy_synchrony s;
    struct cy_csv csv;
    size_t at[4] = {0};
    static const char *const known[] = {"FR", "DE", "CU", "VN"};
    int64_t gain = 0;

    (void)state;
    if (!shared_csv("unga/unga_votes_1990_2010.csv", &csv))
        skip();
    assert_ok(cy_roll_calls_read(&desk_, &csv, &calls_, &fault_));
    assert_int_equal(calls_.n_parties, 195);
    assert_int_equal(calls_.n_votes, 1812);
    assert_ok(cy_synchrony_find(&desk_, &calls_, 0, calls_.n_votes, &s));
    gain = cy_synchrony_gain(&s);
    for (size_t p = 0; p < calls_.n_parties; p++) {
        for (size_t k = 0; k < 4; k++)
            at[k] = strcmp(calls_.parties[p], known[k]) == 0 ? p : at[k];
        if (p % 20 == 0) {
            const uint32_t was = s.group[p];

            for (uint32_t g = 0; g < s.n_groups; g++) {
                s.group[p] = g;
                assert_true(cy_synchrony_gain(&s) <= gain);
            }
            s.group[p] = was;
        }
    }
    assert_int_equal(s.group[at[0]], s.group[at[1]]);
    assert_int_equal(s.group[at[2]], s.group[at[3]]);
    assert_int_not_equal(s.group[at[0]], s.group[at[2]]);
    assert_int_equal(s.ceiling, gain); /* proven the best of all groupings */
}

/* The ceiling is never below the best of all groupings, tried one by one. */
static void ceilings(void **state)
{
    enum { N = 6 };
    uint64_t dice = 11;
    size_t met = 0;

    (void)state;
    for (int round = 0; round < 40; round++) {
        char words[2000] = "rcid,date,A,B,C,D,E,F\n";
        char *at = words + strlen(words);
        struct cy_synchrony s;
        int64_t best = INT64_MIN;
        int64_t own = 0;

        for (int vote = 0; vote < 24; vote++) {
            at += sprintf(at, "%d,2000-01-01", vote);
            for (int p = 0; p < N; p++) {
                dice = dice * 6364136223846793005u + 1442695040888963407u;
                at += sprintf(at, ",%d", 1 + (int)((dice >> 33) % 3));
            }
            at += sprintf(at, "\n");
        }
        assert_ok(parse(words));
        assert_ok(cy_synchrony_find(&desk_, &calls_, 0, calls_.n_votes, &s));
        own = cy_synchrony_gain(&s);
        for (uint32_t code = 0; code < 46656; code++) { /* 6^6 */
            uint32_t rest = code;
            bool canonical = true;
            uint32_t most = 0;

            for (size_t p = 0; p < N; p++, rest /= N) {
                s.group[p] = rest % N;
                canonical = canonical && s.group[p] <= most;
                most = s.group[p] == most ? most + 1 : most;
            }
            if (canonical && cy_synchrony_gain(&s) > best)
                best = cy_synchrony_gain(&s);
        }
        assert_true(own <= best && best <= s.ceiling);
        met += own == best;
    }
    assert_true(met >= 30);
}

static void topics(void **state)
{
    struct cy_csv csv;
    struct cy_csv about;

    (void)state;
    assert_ok(
        csv_of("rcid,date,A,B\n1,2000-01-01,1,1\n2,2000-01-02,1,3\n3,2001-01-01,1,1\n", &csv));
    assert_ok(csv_of("rcid,issues\n2,hr;me\n3,\"di;hr\"\n4,hr\n1,hra\n", &about));
    assert_ok(cy_roll_calls_of_topic(&desk_, &csv, &about, "hr", &fault_));
    assert_int_equal(csv.n_rows, 2);
    assert_int_equal(csv.lines[0], 3);
    assert_string_equal(cy_csv_cell(&csv, 1, 0), "3");
    assert_code(cy_roll_calls_of_topic(&desk_, &csv, &about, "nu", &fault_), MODEL_INPUT);
    assert_code(cy_roll_calls_of_topic(&desk_, &csv, &csv, "hr", &fault_), MODEL_INPUT);
}

/* Two blocs of which one breaks up in the second year: what formed and what ended is counted. */
static void windows(void **state)
{
    char words[8000] = "rcid,date,A,B,C,D\n";
    char *at = words + strlen(words);
    struct cy_synchrony_window *w = NULL;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 60; i++) {
        const int x = i % 2 == 0 ? 1 : 3;

        at += sprintf(at, "%d,%d-06-01,%d,%d,%d,%d\n", i, i < 30 ? 2000 : 2002, x,
                      i < 30 ? x : 4 - x, 4 - x, i < 30 ? 4 - x : x);
    }
    assert_ok(parse(words));
    assert_ok(cy_synchrony_windows(&desk_, &calls_, 0, 60, 1, 150000, &w, &n));
    assert_int_equal(n, 2); /* the year without votes is left out */
    assert_int_equal(w[0].close, 2);
    assert_int_equal(w[0].formed, 0);
    assert_int_equal(w[1].formed, 2);
    assert_int_equal(w[1].ended, 2);
    assert_int_equal(w[1].takes_part, 1000000);
    assert_int_equal(w[0].gain, w[0].ceiling);
}

/* --- warnings --- */

/* Agreements written down, not voted: a party's pairs rise for one year and then fall back. */
static void make_years(struct cy_warning_years *y, size_t n, size_t parties, bool regular)
{
    uint64_t dice = 17;

    *y = (struct cy_warning_years){.n_parties = parties, .n = n, .first = 1990};
    for (size_t i = 0; i < n; i++) {
        y->above[i] = cy_desk_take(&desk_, parties * parties * sizeof *y->above[i]);
        for (size_t pair = 0; pair < parties * parties; pair++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            y->above[i][pair] = (regular ? (pair * 7 + i) % 5 == 0 : dice >> 62 == 0) ? 100000 : 0;
        }
    }
}

static void warnings(void **state)
{
    struct cy_warning_years *y = cy_desk_take(&desk_, sizeof *y);
    struct cy_warning_report *r = cy_desk_take(&desk_, sizeof *r);
    struct cy_warning told[5];
    size_t n = 0;
    uint64_t sum = 0;

    (void)state;
    make_years(y, 12, 30, true);
    assert_ok(cy_warning_report_make(&desk_, y, 50000, 4, r));
    assert_int_equal(r->n_years, 4);
    assert_int_equal(r->first, 1998);
    assert_int_equal(r->all.cases, 4 * 30 * 29 / 2);
    assert_int_equal(r->all.events, 4 * 30 * 29 / 2 / 5);
    for (size_t i = 0; i < CY_WARNING_BINS; i++)
        sum += r->bins[i].cases;
    assert_int_equal(sum, r->all.cases);
    assert_true(r->all.squares * 10 < r->all.squares_rate); /* a regular world is foretold */
    assert_ok(cy_warnings_make(&desk_, y, 50000, told, 5, &n, r));
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) { /* those that stand high now, and never others */
        assert_int_equal(told[i].above, 100000);
        assert_true(told[i].risk > 900000 && told[i].events == told[i].cases);
    }
    assert_code(cy_warning_report_make(&desk_, y, 50000, 10, r), MODEL_INPUT);
    desk_.failed = CY_OK;
}

/* What was not known at the beginning of a year has no part in its warnings. */
static void warnings_look_back_only(void **state)
{
    struct cy_warning_years *y = cy_desk_take(&desk_, sizeof *y);
    struct cy_warning_report *r = cy_desk_take(&desk_, 2 * sizeof *r);
    uint64_t before = 0;

    (void)state;
    make_years(y, 12, 30, false);
    assert_ok(cy_warning_report_make(&desk_, y, 50000, 4, &r[0]));
    before = r[0].years[0].squares;
    for (size_t pair = 0; pair < 900; pair++) /* the last year turns out otherwise */
        y->above[11][pair] = 500000 - y->above[11][pair];
    assert_ok(cy_warning_report_make(&desk_, y, 50000, 4, &r[1]));
    assert_int_equal(r[1].years[0].squares, before);
    assert_int_equal(r[1].years[2].squares, r[0].years[2].squares);
    assert_int_not_equal(r[1].years[3].squares, r[0].years[3].squares);
}

/* The General Assembly: calibration on 2001 to 2010, as docs/power.md prints it. */
static void warnings_of_the_assembly(void **state)
{
    struct cy_warning_years *y = cy_desk_take(&desk_, sizeof *y);
    struct cy_warning_report *r = cy_desk_take(&desk_, sizeof *r);
    struct cy_csv csv;

    (void)state;
    if (!shared_csv("unga/unga_votes_1990_2010.csv", &csv))
        skip();
    assert_ok(cy_roll_calls_read(&desk_, &csv, &calls_, &fault_));
    assert_ok(cy_warning_years_make(&desk_, &calls_, y));
    assert_int_equal(y->n, 21);
    assert_ok(cy_warning_report_make(&desk_, y, 50000, 10, r));
    assert_int_equal(r->all.cases, 158947);
    assert_int_equal(r->all.events, 17776);
    assert_int_equal(r->all.squares / r->all.cases / 1000000, 92939);
    assert_int_equal(r->all.squares_rate / r->all.cases / 1000000, 99438);
    assert_int_equal(r->all.squares_change / r->all.cases / 1000000, 93874);
    assert_int_equal(r->better, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_tables),
        cmocka_unit_test(agreement),
        cmocka_unit_test(ranges),
        cmocka_unit_test(groups),
        cmocka_unit_test(general_assembly),
        cmocka_unit_test(ceilings),
        cmocka_unit_test(topics),
        cmocka_unit_test(windows),
        cmocka_unit_test(warnings),
        cmocka_unit_test(warnings_look_back_only),
        cmocka_unit_test(warnings_of_the_assembly),
    };

    return run_and_end(cmocka_run_group_tests(tests, NULL, NULL));
}

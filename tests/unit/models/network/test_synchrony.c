/* Roll calls: agreement as by hand, groups that are there are found, tables that are broken
 * refused. */
#include "cm.h"

#include "models/network/synchrony.h"

#include <stdlib.h>

static struct cy_desk desk_;
static struct cy_roll_calls calls_;
static struct cy_desk_fault fault_;

static cy_err parse(const char *words)
{
    struct cy_csv csv;
    char *copy = cy_desk_take(&desk_, strlen(words) + 1);
    cy_err err = CY_OK;

    strcpy(copy, words);
    fault_ = (struct cy_desk_fault){0};
    err = cy_desk_csv_text(&desk_, (struct cy_desk_text){copy, strlen(copy)}, &csv, &fault_);
    return cy_ok(err) ? cy_roll_calls_read(&desk_, &csv, &calls_, &fault_) : err;
}

static void refuse(const char *words, uint32_t line, const char *why)
{
    assert_code(parse(words), MODEL_INPUT);
    assert_int_equal(fault_.line, line);
    if (strstr(fault_.why, why) == NULL)
        fail_msg("%s", fault_.why);
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
    if (!cy_ok(cy_desk_csv(&desk_, CY_SHARED "/data/unga/unga_votes_1990_2010.csv", 1 << 22, &csv)))
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_tables),    cmocka_unit_test(agreement),
        cmocka_unit_test(ranges),           cmocka_unit_test(groups),
        cmocka_unit_test(general_assembly),
    };
    const int code = cmocka_run_group_tests(tests, NULL, NULL);

    cy_desk_end(&desk_);
    return code;
}

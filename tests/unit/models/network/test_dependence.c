/* Trade and dependence: amounts to the last millionth, every flag raised by its rule and by nothing
 * less, suggestions that hold when they are applied; tables that are broken refused. M013 */
#include "network_rig.h"

#include "models/network/dependence.h"

static struct cy_trade trade_;
static struct cy_graph_names names_;

static cy_err read_year(const char *words, const char *year, struct cy_trade *out)
{
    static const char *const without[] = {"Unnamed", NULL};
    const struct cy_trade_cut cut = {"value", year, without};
    struct cy_csv csv;
    cy_err err = csv_of(words, &csv);

    if (cy_ok(err))
        err = cy_trade_names(&desk_, &csv, &cut, &names_, &fault_);
    return cy_ok(err) ? cy_trade_read(&desk_, &csv, &cut, &names_, out, &fault_) : err;
}

static cy_err parse(const char *words)
{
    return read_year(words, NULL, &trade_);
}

static void amounts(void **state)
{
    static const char *const wrong[] = {"",    ".",         "1.",  ".5", "-1",
                                        "1e3", "1.2345678", "nan", "1,5"};
    uint64_t amount = 0;
    char text[32];

    (void)state;
    assert_true(cy_trade_amount_read("11.801212", &amount));
    assert_int_equal(amount, 11801212);
    assert_string_equal(cy_trade_amount_text(amount, text), "11.801212");
    assert_true(cy_trade_amount_read("0.084", &amount));
    assert_string_equal(cy_trade_amount_text(amount, text), "0.084");
    assert_true(cy_trade_amount_read("100", &amount));
    assert_string_equal(cy_trade_amount_text(amount, text), "100");
    for (size_t i = 0; i < CY_COUNT(wrong); i++)
        assert_false(cy_trade_amount_read(wrong[i], &amount));
    assert_false(cy_trade_amount_read("99999999999999", &amount));
}

static void broken_tables(void **state)
{
    (void)state;
    refuse("exporter,to,value\nA,B,1\n", 1, "exporter and importer");
    refuse("exporter,importer,usd\nA,B,1\n", 1, "--value");
    refuse("exporter,importer,year,value\nA,B,2000,1\n", 1, "--year");
    refuse("exporter,importer,value\nA,B,1\nA,A,2\n", 3, "with itself");
    refuse("exporter,importer,value\nA,B,1\nA,B,2\n", 3, "stands twice");
    refuse("exporter,importer,value\nA,,1\n", 2, "no name");
    refuse("exporter,importer,value\nA,B,-1\n", 2, "'-1'");
    refuse("exporter,importer,value\n", 0, "no flow");
    refuse("exporter,importer,value\nA,B,4000000000\nA,C,4000000000\n", 3, "sum to too much");
    assert_code(read_year("exporter,importer,year,value\nA,B,2000,1\n", "2001", &trade_),
                MODEL_INPUT);
    assert_ok(parse("exporter,importer,value\nA,B,1\nUnnamed,B,5\n"));
    assert_int_equal(trade_.n, 2);
    assert_int_equal(trade_.bought[1], 1000000);
}

static void shares(void **state)
{
    (void)state;
    assert_ok(parse("exporter,importer,value\nA,B,30\nB,A,30\nA,C,40\nB,C,540\nC,B,0.5\n"));
    assert_int_equal(cy_depends(&trade_, 0, 1), 600000);
    assert_int_equal(cy_depends_supply(&trade_, 0, 1), 1000000);
    assert_int_equal(cy_depends_market(&trade_, 0, 1), 428571);
    assert_int_equal(cy_depends(&trade_, 1, 0), 99916); /* 60 of 600.5 */
    assert_int_equal(cy_depends_concentration(&trade_, 0), 520000);
}

/* One row of flags: a year, the same year changed, and what must be raised for A. */
static void flagged(const char *words, enum cy_depend_kind kind, bool raised)
{
    struct cy_trade before;
    struct cy_depend_flag *flags = NULL;
    size_t n = 0;
    bool found = false;

    assert_ok(read_year(words, "1", &before));
    assert_ok(read_year(words, "2", &trade_));
    assert_ok(cy_depend_flags(&desk_, &trade_, &before, CY_DEPENDS, 0, &flags, &n));
    for (size_t i = 0; i < n; i++) {
        found = found || (flags[i].kind == kind && flags[i].partner == 1);
        assert_int_equal(flags[i].party, 0);
        assert_true(i == 0 || flags[i - 1].kind <= flags[i].kind);
    }
    assert_int_equal(found, raised);
}

#define HEAD "exporter,importer,year,value\n"
/* A buys from B and from C; B trades much with C and D. */
#define OLD(b_to_a, a_to_b)                                                                        \
    HEAD "A,B,1," a_to_b "\nB,A,1," b_to_a "\nC,A,1,50\nA,C,1,50\nB,C,1,2000\nC,B,1,2000\nD,C,1,"  \
         "1\n"
#define NEW(b_to_a, a_to_b, b_to_c, c_to_b)                                                        \
    "B,A,2," b_to_a "\nC,A,2,50\nA,B,2," a_to_b "\nA,C,2,50\nB,C,2," b_to_c "\nC,B,2," c_to_b "\n"

static void flags(void **state)
{
    (void)state;
    flagged(OLD("50", "50") NEW("50", "50", "2000", "2000"), CY_DEPEND_HOLD, true);
    flagged(OLD("50", "50") NEW("50", "50", "400", "400"), CY_DEPEND_HOLD, false); /* 50 and 11 % */
    flagged(OLD("50", "50") NEW("20", "20", "2000", "2000"), CY_DEPEND_HOLD, false); /* 28 % */
    flagged(OLD("30", "30") NEW("50", "50", "2000", "2000"), CY_DEPEND_TIGHTENING, true);
    flagged(OLD("40", "40") NEW("50", "50", "2000", "2000"), CY_DEPEND_TIGHTENING, false);
    flagged(OLD("50", "50") NEW("25", "50", "2000", "2000"), CY_DEPEND_CUT_SUPPLY, true);
    flagged(OLD("50", "50") NEW("26", "50", "2000", "2000"), CY_DEPEND_CUT_SUPPLY, false);
    flagged(OLD("50", "50") NEW("25", "50", "1700", "2000"), CY_DEPEND_CUT_SUPPLY, false);
    flagged(OLD("50", "50") NEW("50", "20", "2000", "2000"), CY_DEPEND_CUT_MARKET, true);
    flagged(OLD("50", "50") NEW("50", "20", "2000", "1700"), CY_DEPEND_CUT_MARKET, false);
    flagged(OLD("30", "50") NEW("60", "40", "2000", "2000"), CY_DEPEND_ONE_WAY, true);
    flagged(OLD("30", "50") NEW("59", "40", "2000", "2000"), CY_DEPEND_ONE_WAY, false);
    flagged(OLD("30", "50") NEW("60", "50", "2000", "2000"), CY_DEPEND_ONE_WAY, false);
}

/* Suggested moves, applied, leave no partner with more than the threshold, and the sums as they
 * were. */
static void suggested(size_t party, uint32_t threshold, bool whole)
{
    const uint64_t trade = trade_.sold[party] + trade_.bought[party];
    struct cy_depend_move *moves = NULL;
    uint64_t left = 0;
    size_t n = 0;

    assert_ok(cy_depend_suggest(&desk_, &trade_, party, threshold, &moves, &n, &left));
    for (size_t i = 0; i < n; i++)
        assert_ok(cy_depend_move_apply(&trade_, party, &moves[i]));
    assert_int_equal(trade_.sold[party] + trade_.bought[party], trade);
    if (whole)
        assert_int_equal(left, 0);
    for (size_t b = 0; b < trade_.n && left == 0; b++)
        assert_true(cy_depends(&trade_, party, b) <= threshold);
}

static void suggestions(void **state)
{
    const struct cy_depend_move much = {1, 2, 61000000};

    (void)state;
    assert_ok(parse("exporter,importer,value\nA,B,30\nB,A,30\nA,C,20\nA,D,10\nE,A,10\n"));
    assert_code(cy_depend_move_apply(&trade_, 0, &much), RANGE);
    suggested(0, 500000, true);
    assert_ok(parse("exporter,importer,value\nA,B,30\nB,A,30\nA,C,20\nA,D,10\nE,A,10\n"));
    suggested(0, 100000, false); /* four partners cannot all have a tenth */
}

static void real_trade(void **state)
{
    static const char *const none[] = {NULL};
    struct cy_trade_cut cut = {"export_usd_m", "2012", none};
    struct cy_trade before;
    struct cy_depend_flag *found = NULL;
    struct cy_csv csv;
    size_t n = 0;
    uint64_t sum = 0;

    (void)state;
    if (!shared_csv("trade/trade_2008_2012.csv", &csv))
        skip();
    assert_ok(cy_trade_names(&desk_, &csv, &cut, &names_, &fault_));
    assert_ok(cy_trade_read(&desk_, &csv, &cut, &names_, &trade_, &fault_));
    cut.year = "2008";
    assert_ok(cy_trade_read(&desk_, &csv, &cut, &names_, &before, &fault_));
    for (size_t i = 0; i < trade_.n; i++)
        sum += trade_.sold[i];
    assert_int_equal((sum + 500) / 1000, 15986090713); /* the source's total */
    assert_ok(cy_depend_flags(&desk_, &trade_, &before, CY_DEPENDS, SIZE_MAX, &found, &n));
    assert_true(n > 100);
    for (size_t i = 0; i < trade_.n; i++)
        suggested(i, CY_DEPENDS, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts), cmocka_unit_test(broken_tables), cmocka_unit_test(shares),
        cmocka_unit_test(flags),   cmocka_unit_test(suggestions),   cmocka_unit_test(real_trade),
    };

    return run_and_end(cmocka_run_group_tests(tests, NULL, NULL));
}

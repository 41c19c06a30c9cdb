/* Votes as people write them, and what is wrong with some. */
#include "network_rig.h"

#include "models/network/power_cap.h"
#include "models/network/power_coalition.h"

static struct cy_power_table table_;

static cy_err parse(const char *words)
{
    struct cy_csv csv;
    const cy_err err = csv_of(words, &csv);

    return cy_ok(err) ? cy_power_table_read(&desk_, &csv, &table_, &fault_) : err;
}

static void members(void **state)
{
    (void)state;
    assert_ok(parse("since,weight,member\n1951,4,France\n1957,0,Nobody\n1951,1,\"Lux, the\"\n"));
    assert_int_equal(table_.n, 3);
    assert_int_equal(table_.total, 5);
    assert_string_equal(table_.names[2], "Lux, the");
    assert_int_equal(table_.weights[0], 4);
    assert_ok(cy_power_table_list(&desk_, "3,2,2", &table_, &fault_));
    assert_int_equal(table_.total, 7);
    assert_string_equal(table_.names[2], "3");
}

static void broken_tables(void **state)
{
    char many[CY_POWER_MEMBERS_MAX * 12 + 64] = "member,weight\n";
    char *at = many + strlen(many);

    (void)state;
    refuse("member,wait\nA,1\n", 1, "'weight'");
    refuse("name,weight\nA,1\n", 1, "'member'");
    refuse("member,weight\nA,1\nB,NaN\n", 3, "'NaN'");
    refuse("member,weight\nA,1.5\n", 2, "fractions");
    refuse("member,weight\nA,-1\n", 2, "whole number");
    refuse("member,weight\nA,10000001\n", 2, "whole number");
    refuse("member,weight\nA,10000000\nB,1\n", 3, "sum to more");
    refuse("member,weight\nA,1\n,1\n", 3, "no name");
    refuse("member,weight\nA,1\nB,1\nA,2\n", 4, "first in line 2");
    refuse("member,weight\n", 0, "no member");
    refuse("member,weight\nA,0\n", 0, "nobody can win");
    refuse("member,weight\nA,1,2\n", 2, "broken here");
    for (unsigned i = 0; i <= CY_POWER_MEMBERS_MAX; i++)
        at += sprintf(at, "m%u,1\n", i);
    refuse(many, CY_POWER_MEMBERS_MAX + 2, "more than");
    assert_code(cy_power_table_list(&desk_, "3,,2", &table_, &fault_), MODEL_INPUT);
    assert_code(cy_power_table_list(&desk_, "", &table_, &fault_), MODEL_INPUT);
}

static uint32_t quota(const char *text, bool above, uint32_t total)
{
    uint32_t out = 0;

    assert_ok(cy_power_quota_read(text, above, total, &out, &fault_));
    return out;
}

static void quotas(void **state)
{
    uint32_t out = 0;

    (void)state;
    assert_int_equal(quota("12", false, 17), 12);
    assert_int_equal(quota("12", true, 17), 13);
    assert_int_equal(quota("2/3", false, 17), 12);
    assert_int_equal(quota("2/3", false, 18), 12);
    assert_int_equal(quota("2/3", true, 18), 13);
    assert_int_equal(quota("50%", true, 17), 9);
    assert_int_equal(quota("55%", false, 1000), 550);
    assert_int_equal(quota("62.5%", false, 16), 10);
    assert_int_equal(quota("33.33%", false, 10000), 3333);
    assert_int_equal(quota("1/1", false, CY_POWER_TOTAL_MAX), CY_POWER_TOTAL_MAX);
    assert_code(cy_power_quota_read("18", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("0", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("101%", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("100%", true, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("2/0", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("half", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("1.234%", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("1.%", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("%", false, 17, &out, &fault_), MODEL_INPUT);
    assert_code(cy_power_quota_read("", false, 17, &out, &fault_), MODEL_INPUT);
}

static void indices(void **state)
{
    static const uint32_t council[] = {4, 4, 4, 2, 2, 1}; /* EEC 1958 */
    static struct cy_power_indices of;

    (void)state;
    assert_ok(cy_power_indices_count(&desk_, council, 6, 12, &of));
    assert_ok(cy_power_indices_check(&desk_, &of));
    assert_int_equal(cy_power_banzhaf_ppm(&of, 0), 238095); /* 5/21 */
    assert_int_equal(cy_power_shapley_ppm(&of, 0), 233333); /* 7/30 */
    assert_int_equal(cy_power_banzhaf_ppm(&of, 3), 142857);
    assert_int_equal(cy_power_shapley_ppm(&of, 3), 150000);
    assert_int_equal(cy_power_shapley_ppm(&of, 5), 0);
    of.swings[3]++;
    assert_code(cy_power_indices_check(&desk_, &of), MODEL_DIFFERS);
}

/* Coalitions of the council of 1958 and of votes drawn at random, each judged by trying all. */
static void coalition(const uint32_t *weights, size_t n, uint32_t quota, uint32_t set)
{
    const char *names[12] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    uint32_t copy[12];
    struct cy_power_table table = {names, copy, n, 0};
    bool in[12] = {false};
    struct cy_coalition of = {.in = in};
    uint64_t turned[12] = {0};
    uint64_t turns = 0;
    uint32_t own = 0;

    for (size_t i = 0; i < n; i++) {
        copy[i] = weights[i];
        table.total += weights[i];
        in[i] = set >> i & 1;
        own += in[i] ? weights[i] : 0;
    }
    assert_ok(cy_coalition_judge(&desk_, &table, quota, &of));
    assert_int_equal(of.wins, own >= quota);
    assert_int_equal(of.blocks, table.total - own < quota);
    assert_int_equal(of.missing, own >= quota ? 0 : quota - own);
    for (uint32_t more = 0; more < 1u << n; more++) {
        uint32_t sum = own;

        for (size_t i = 0; i < n; i++)
            sum += (more & ~set) >> i & 1 ? weights[i] : 0;
        if ((more & set) != 0 || sum >= quota)
            continue;
        for (size_t i = 0; i < n; i++) {
            if (((more | set) >> i & 1) == 0 && sum + weights[i] >= quota) {
                turned[i]++;
                turns++;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        const bool pivot = of.wins ? own - weights[i] < quota
                                   : of.blocks && table.total - own + weights[i] >= quota;

        assert_int_equal(of.needed[i], in[i] && pivot);
        if (!of.wins)
            assert_int_equal(of.asked[i], (2000000 * turned[i] + turns) / (2 * turns));
    }
    assert_true(of.wins || of.fewest > 0);
}

static void coalitions(void **state)
{
    static const uint32_t council[] = {4, 4, 4, 2, 2, 1};
    struct cy_power_table table = {.n = 0};
    struct cy_coalition of = {.n = 0};
    bool in[6] = {true, true, false, true};
    uint64_t dice = 5;

    (void)state;
    desk_.failed = CY_OK;
    for (uint32_t set = 1; set < 64; set++)
        coalition(council, 6, 12, set);
    for (int round = 0; round < 60; round++) {
        uint32_t weights[8];
        uint32_t total = 0;

        for (size_t i = 0; i < 8; i++) {
            dice = dice * 6364136223846793005u + 1442695040888963407u;
            weights[i] = (uint32_t)(dice >> 33) % 9;
            total += weights[i];
        }
        if (total > 0)
            coalition(weights, 8, 1 + (uint32_t)(dice >> 40) % total,
                      1 + (uint32_t)(dice >> 50) % 255);
    }
    assert_ok(cy_power_table_list(&desk_, "4,4,4,2,2,1", &table, &fault_));
    of.in = in;
    assert_ok(cy_coalition_judge(&desk_, &table, 12, &of));
    assert_int_equal(of.fewest, 1);
    assert_int_equal(table.weights[of.partners[0]], 4);
    assert_int_equal(of.as_one, 666667); /* as one of four members 10,4,2,1 of 17: 2/3 */
}

/* Suggested weights keep everybody under the cap, raise nobody's, and change none that need not. */
static void caps(void **state)
{
    static const struct {
        const char *weights;
        const char *quota;
        uint32_t cap;
        bool same;
    } cases[] = {
        {"4,4,4,2,2,1",      "2/3", 200000, false},
        {"4,4,4,2,2,1",      "2/3", 240000, true },
        {"60,10,10,10,10",   "50%", 400000, false},
        {"9,1,1,1",          "2/3", 260000, false},
        {"100,50,20,10,5,1", "55%", 300000, false},
    };

    (void)state;
    desk_.failed = CY_OK;
    for (size_t i = 0; i < CY_COUNT(cases); i++) {
        struct cy_power_table table;
        struct cy_power_capped of;
        struct cy_power_indices *again = cy_desk_take(&desk_, sizeof *again);
        bool same = true;

        assert_ok(cy_power_table_list(&desk_, cases[i].weights, &table, &fault_));
        assert_ok(cy_power_cap(&desk_, &table, cases[i].quota, true, cases[i].cap, &of));
        assert_true(of.found);
        assert_ok(cy_power_indices_count(&desk_, of.after.weights, table.n, of.quota, again));
        assert_int_equal(of.quota, quota(cases[i].quota, true, of.after.total));
        for (size_t k = 0; k < table.n; k++) {
            assert_true(cy_power_shapley_ppm(again, k) <= cases[i].cap);
            assert_true(of.after.weights[k] <= table.weights[k]);
            same = same && of.after.weights[k] == table.weights[k];
        }
        assert_int_equal(same, cases[i].same);
    }
    {
        struct cy_power_table table;
        struct cy_power_capped of;

        assert_ok(cy_power_table_list(&desk_, "3,2,1", &table, &fault_));
        assert_code(cy_power_cap(&desk_, &table, "50%", true, 330000, &of), MODEL_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members), cmocka_unit_test(broken_tables), cmocka_unit_test(quotas),
        cmocka_unit_test(indices), cmocka_unit_test(coalitions),    cmocka_unit_test(caps),
    };

    return run_and_end(cmocka_run_group_tests(tests, NULL, NULL));
}

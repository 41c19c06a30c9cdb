/* Registers of owners: tables and BODS, what is refused, days, integrated ownership, supply,
 * patterns of evasion, certificates. M021 M022 M023 */
#include "cm.h"

#include "models/exposure/class_code.h"
#include "models/exposure/evasion.h"
#include "models/exposure/exposure_certificate.h"
#include "models/exposure/integrated.h"
#include "models/exposure/ownership_bods.h"
#include "models/exposure/ownership_csv.h"
#include "models/exposure/ownership_day.h"

#include <math.h>
#include <stdlib.h>

static struct cy_desk desk_;
static struct cy_ownership o_;
static struct cy_desk_fault fault_;

static struct cy_csv table(const char *words)
{
    static char copies[8][4096];
    static unsigned next;
    char *copy = copies[next++ % 8];
    struct cy_csv csv;

    (void)strcpy(copy, words);
    assert_ok(cy_desk_csv_text(&desk_, (struct cy_desk_text){copy, strlen(copy)}, &csv, &fault_));
    return csv;
}

static cy_err read_table(const char *words)
{
    struct cy_csv csv = table(words);
    cy_err err = CY_OK;

    cy_ownership_free(&o_);
    fault_ = (struct cy_desk_fault){0};
    err = cy_ownership_csv(&csv, &o_, &fault_);
    return cy_ok(err) ? cy_ownership_check(&o_, &fault_) : err;
}

static void refuse(const char *words, uint32_t line, const char *why)
{
    assert_code(read_table(words), MODEL_INPUT);
    assert_int_equal(fault_.line, line);
    if (strstr(fault_.why, why) == NULL)
        print_error("%s\n", fault_.why);
    assert_non_null(strstr(fault_.why, why));
}

static void shares(void **state)
{
    uint64_t share = 0;
    char words[48];
    struct cy_text text = cy_text_on(words, sizeof words);

    (void)state;
    assert_ok(cy_share_read(cy_span_text("1/3"), &share));
    assert_true(3 * share == CY_SHARE_WHOLE);
    cy_share_text(&text, share);
    assert_string_equal(words, "1/3");
    assert_ok(cy_share_read(cy_span_text("33.3333%"), &share));
    text = cy_text_on(words, sizeof words);
    cy_share_text(&text, share);
    assert_string_equal(words, "33.3333%");
    assert_ok(cy_share_read(cy_span_text("50.0000"), &share));
    assert_true(2 * share == CY_SHARE_WHOLE);
    assert_code(cy_share_read(cy_span_text("100.1"), &share), RANGE);
    assert_code(cy_share_read(cy_span_text("4/3"), &share), RANGE);
    assert_code(cy_share_read(cy_span_text("33.33333"), &share), NOT_CANONICAL);
    assert_code(cy_share_read(cy_span_text("1/17"), &share), NOT_CANONICAL);
    assert_code(cy_share_read(cy_span_text("-5"), &share), BAD_TEXT);
    assert_code(cy_share_read(cy_span_text("1/0"), &share), BAD_TEXT);
    assert_code(cy_share_read(cy_span_text(""), &share), BAD_TEXT);
}

static void tables(void **state)
{
    struct cy_holding *day = NULL;
    size_t n = 0;
    size_t others = 0;
    cy_date date = 0;
    struct cy_csv parties =
        table("id,name,kind\na,Alpha Ltd,company\nb,Same,person\nc,Same,person\n");

    (void)state;
    assert_ok(
        read_table("owner,owned,share,interest,from,until\nb,a,30,shares,2020-01-01,2021-01-01\n"
                   "b,a,1/3,,2021-01-01,\nc,a,20,,,\nc,a,10,,,\nc,a,,control,,\n"));
    assert_ok(cy_parties_csv(&parties, &o_, &fault_));
    assert_ok(cy_date_of(2021, 1, 1, &date));
    assert_ok(cy_ownership_on(&o_, date, false, &day, &n));
    assert_int_equal(n, 3); /* one of b, one of c, its control */
    assert_true(day[1].share == 30 * (CY_SHARE_WHOLE / 100));
    free(day);
    assert_int_equal(cy_ownership_named(&o_, "alpha ltd", &others), cy_ownership_find(&o_, "a"));
    assert_int_equal(cy_ownership_named(&o_, "Same", &others), CY_PARTY_NONE);
    assert_int_equal(others, 2);
    refuse("owner,owned,share\nb,a,60\nc,a,50\n", 3, "110%");
    refuse("owner,owned,share,from,until\nb,a,60,2020-01-01,2019-01-01\n", 2, "before it begins");
    refuse("owner,owned,share\nb,a,160\n", 2, "more than 100");
    refuse("owner,owned,share,interest\nb,a,60,moral\n", 2, "no interest");
    refuse("owner,owned,percent\nb,a,60\n", 1, "not known");
    refuse("owner,share\nb,60\n", 1, "no column 'owned'");
    refuse("owner,owned,share\na,a,100\n", 2, "all of itself");
    refuse("owner,owned,share,from\nb,a,50,soon\n", 2, "not a date");
    refuse("owner,owned\nb,a\n", 2, "has no share");
    /* Sold on the day on which another buys: never more than all. */
    assert_ok(
        read_table("owner,owned,share,from,until\nb,a,100,,2020-01-01\nc,a,100,2020-01-01,\n"));
}

static void bods(void **state)
{
    static const char text[] =
        "[{\"statementID\":\"e1\",\"statementType\":\"entityStatement\",\"name\":\"Acme\"},"
        "{\"statementID\":\"p1\",\"statementType\":\"personStatement\",\"names\":[{\"fullName\":"
        "\"Jane\"}]},"
        "{\"statementID\":\"o0\",\"statementType\":\"ownershipOrControlStatement\",\"subject\":{"
        "\"describedByEntityStatement\":\"e1\"},\"interestedParty\":{"
        "\"describedByPersonStatement\":\"p1\"},"
        "\"interests\":[{\"type\":\"shareholding\",\"share\":{\"exact\":99}}]},"
        "{\"statementID\":\"o1\",\"statementType\":\"ownershipOrControlStatement\","
        "\"replacesStatements\":"
        "[\"o0\"],\"subject\":{\"describedByEntityStatement\":\"e1\"},\"interestedParty\":{"
        "\"describedByPersonStatement\":\"p1\"},\"interests\":[{\"type\":\"voting-rights\","
        "\"share\":{"
        "\"minimum\":25,\"maximum\":50},\"startDate\":\"2016-04\"},{\"type\":\"shareholding\","
        "\"share\":{"
        "\"exact\":12.5}},{\"type\":\"shareholding\",\"directOrIndirect\":\"indirect\",\"share\":{"
        "\"exact\":50}},{\"type\":\"appointment-of-board\"}]}]";
    static const char four[] = "{\"statementId\":\"s1\",\"recordId\":\"acme\",\"statementType\":"
                               "\"entity\",\"recordDetails\":{"
                               "\"name\":\"Acme\",\"entityType\":{\"type\":\"state\"}}}\n"
                               "{\"statementId\":\"s2\",\"recordId\":\"r\",\"statementType\":"
                               "\"relationship\",\"recordDetails\":{"
                               "\"subject\":\"acme\",\"interestedParty\":\"jane\",\"interests\":[{"
                               "\"type\":\"shareholding\","
                               "\"share\":{\"exact\":50}}]}}\n";
    size_t left_out = 0;

    (void)state;
    cy_ownership_free(&o_);
    assert_ok(cy_ownership_bods(cy_span_text(text), &o_, &left_out, &fault_));
    assert_int_equal(o_.n_holdings, 3);
    assert_int_equal(left_out, 1);
    assert_true(o_.holdings[0].share_most == CY_SHARE_WHOLE / 2);
    assert_true(o_.holdings[0].holding.share == CY_SHARE_WHOLE / 4);
    assert_true(o_.holdings[1].holding.share == CY_SHARE_WHOLE / 8);
    assert_string_equal(o_.parties[0].name, "Acme");
    assert_string_equal(o_.parties[1].name, "Jane");
    cy_ownership_free(&o_);
    assert_ok(cy_ownership_bods(cy_span_text(four), &o_, &left_out, &fault_));
    assert_int_equal(o_.n_holdings, 1);
    assert_int_equal(o_.parties[0].kind, CY_PARTY_STATE);
    cy_ownership_free(&o_);
    assert_code(
        cy_ownership_bods(cy_span_text("[{\"statementType\":\n\"x\"}}"), &o_, &left_out, &fault_),
        MODEL_INPUT);
    assert_int_equal(fault_.line, 2);
    assert_code(
        cy_ownership_bods(
            cy_span_text(
                "[{\"statementID\":\"o\",\"statementType\":\"relationship\",\"subject\":\"a\","
                "\"interestedParty\":\"b\",\"interests\":[{\"type\":\"magic\"}]}]"),
            &o_, &left_out, &fault_),
        MODEL_INPUT);
    assert_non_null(strstr(fault_.why, "unknown code"));
}

/* Two that hold each other, worked out by hand: v(a) = 0.5 + 0.4 v(b), v(b) = 0.5 v(a). */
static void circles(void **state)
{
    static const struct cy_holding ring[] = {
        {0, 1, CY_SHARE_WHOLE / 2,      0, 0},
        {2, 1, CY_SHARE_WHOLE / 10 * 4, 0, 0},
        {1, 2, CY_SHARE_WHOLE / 2,      0, 0},
        {2, 3, CY_SHARE_WHOLE / 2,      0, 0}
    };
    static const struct cy_holding whole[] = {
        {0, 1, CY_SHARE_WHOLE / 10, 0, 0},
        {2, 1, CY_SHARE_WHOLE,      0, 0},
        {1, 2, CY_SHARE_WHOLE,      0, 0}
    };
    struct cy_integrated_facts facts;
    double v[4];

    (void)state;
    assert_ok(cy_integrated(4, ring, 4, 0, v, &facts));
    assert_true(fabs(v[1] - 0.625) < 1e-12);
    assert_true(fabs(v[2] - 0.3125) < 1e-12);
    assert_true(fabs(v[3] - 0.15625) < 1e-12);
    assert_int_equal(facts.circles, 1);
    assert_int_equal(facts.largest, 2);
    assert_code(cy_integrated(4, whole, 3, 0, v, &facts), RANGE);
}

/* A circle of 400 is iterated; the sum of what all outside holders have in a company is one. */
static void large_circle(void **state)
{
    enum { RING = 400 };
    static struct cy_holding holdings[2 * RING];
    static double sum[RING + 2];
    struct cy_integrated_facts facts;

    (void)state;
    for (uint32_t i = 0; i < RING; i++) {
        holdings[2 * i] = (struct cy_holding){i, (i + 1) % RING, CY_SHARE_WHOLE / 2, 0, 0};
        holdings[2 * i + 1] = (struct cy_holding){RING + i % 2, i, CY_SHARE_WHOLE / 2, 0, 0};
    }
    for (uint32_t holder = RING; holder < RING + 2; holder++) {
        double v[RING + 2];

        assert_ok(cy_integrated(RING + 2, holdings, 2 * RING, holder, v, &facts));
        assert_true(facts.settled);
        assert_true(facts.iterations > 0);
        for (size_t i = 0; i < RING; i++)
            sum[i] += v[i];
    }
    for (size_t i = 0; i < RING; i++)
        assert_true(fabs(sum[i] - 1) < 1e-9);
}

static void supply(void **state)
{
    struct cy_csv csv = table("supplier,customer,goods\na,b,HS 8542\nb,c,\nc,d,\nx,d,\n");
    struct cy_supplies supplies = {.n = 0};
    uint32_t tier[8];
    uint32_t via[8];
    bool from[8] = {false};

    (void)state;
    cy_ownership_free(&o_);
    assert_ok(cy_supply_csv(&csv, &o_, NULL, &supplies, &fault_));
    from[cy_ownership_find(&o_, "a")] = true;
    assert_ok(cy_supply_reach(&supplies, 1, from, o_.n_parties, 2, tier, via));
    assert_int_equal(tier[cy_ownership_find(&o_, "c")], 2);
    assert_int_equal(via[cy_ownership_find(&o_, "c")], 1);
    assert_true(tier[cy_ownership_find(&o_, "d")] == UINT32_MAX);
    assert_true(tier[cy_ownership_find(&o_, "x")] == UINT32_MAX);
    free(supplies.at);
}

/* --- evasion --- */

static struct cy_flags flags_;

static size_t flags(const char *owners, const char *parties, const char *related,
                    const char *dealings, const char *blocked_ids)
{
    const struct cy_ownership_rule rule = {.threshold = CY_SHARE_WHOLE / 2, .aggregate = true};
    struct cy_evidence e = {.ownership = &o_, .rule = &rule};
    struct cy_named named[4];
    bool blocked[32] = {false};
    struct cy_related *r = NULL;
    struct cy_dealing *d = NULL;
    cy_date since = 0;

    free(flags_.at);
    flags_ = (struct cy_flags){0};
    assert_ok(read_table(owners));
    if (parties != NULL) {
        struct cy_csv csv = table(parties);

        assert_ok(cy_parties_csv(&csv, &o_, &fault_));
    }
    if (related != NULL) {
        struct cy_csv csv = table(related);

        assert_ok(cy_related_csv(&csv, &o_, &r, &e.n_related, &fault_));
    }
    if (dealings != NULL) {
        struct cy_csv csv = table(dealings);

        assert_ok(cy_dealings_csv(&csv, &o_, &d, &e.n_dealings, &fault_));
    }
    assert_ok(cy_date_of(2022, 3, 1, &since));
    assert_ok(cy_date_of(2023, 1, 1, &e.day));
    for (const char *id = blocked_ids; *id != 0; id++) {
        const char one[] = {*id, 0};
        const uint32_t party = cy_ownership_find(&o_, one);

        blocked[party] = true;
        named[e.n_named++] = (struct cy_named){party, since};
    }
    e.named = named;
    e.related = r;
    e.dealings = d;
    e.blocked = blocked;
    assert_ok(cy_evasion_flags(&e, &flags_));
    free(r);
    free(d);
    return flags_.n;
}

static void evasion(void **state)
{
    (void)state;
    /* x sold to its sister two days before the block: 45 per cent with what it keeps. */
    assert_int_equal(flags("owner,owned,share,from,until\nx,a,60,,2022-02-27\ns,a,60,2022-02-28,\n",
                           NULL, "a,b,relation\nx,s,sister\n", NULL, "x"),
                     1);
    assert_int_equal(flags_.at[0].kind, CY_FLAG_TO_RELATED);
    assert_int_equal(flags_.at[0].n_evidence, 3);
    /* To two strangers: below the threshold each, above it together. */
    assert_int_equal(flags("owner,owned,share,from,until\nx,a,60,,2022-02-27\ns,a,30,2022-02-28,\n"
                           "t,a,30,2022-03-02,\n",
                           NULL, NULL, NULL, "x"),
                     1);
    assert_int_equal(flags_.at[0].kind, CY_FLAG_SPLIT);
    /* Down to 49 per cent: just under, and what was let go freed the company. */
    assert_int_equal(flags("owner,owned,share,from,until\nx,a,60,,2022-02-27\nx,a,49,2022-02-27,\n",
                           NULL, NULL, NULL, "x"),
                     2);
    assert_int_equal(flags_.at[0].kind, CY_FLAG_JUST_UNDER);
    assert_int_equal(flags_.at[1].kind, CY_FLAG_DIVESTED);
    /* Long before the block nobody asks; nor when the company never was half theirs. */
    assert_int_equal(
        flags("owner,owned,share,from,until\nx,a,60,,2019-02-27\n", NULL, NULL, NULL, "x"), 0);
    assert_int_equal(
        flags("owner,owned,share,from,until\nx,a,20,,2022-02-27\n", NULL, NULL, NULL, "x"), 0);
    /* m runs a blocked company and founds another after the block. */
    assert_int_equal(flags("owner,owned,share,interest\nm,b,,control\nm,n,80,shares\n",
                           "id,founded\nn,2022-06-01\nb,2001-01-01\n", NULL, NULL, "b"),
                     1);
    assert_int_equal(flags_.at[0].kind, CY_FLAG_NEW_SHELL);
    assert_int_equal(flags("owner,owned,share,interest\nm,b,,control\nm,n,80,shares\n",
                           "id,founded\nn,2020-06-01\nb,2001-01-01\n", NULL, NULL, "b"),
                     0);
    /* p paid b before the block; now c stands between. */
    assert_int_equal(flags("owner,owned,share\nz,q,10\n", NULL, NULL,
                           "from,to,amount,day\np,b,900,2021-05-01\np,c,1000,2022-05-01\n"
                           "c,b,950,2022-05-10\n",
                           "z"),
                     0);
    assert_int_equal(flags("owner,owned,share\nb,q,10\n", NULL, NULL,
                           "from,to,amount,day\np,b,900,2021-05-01\np,c,1000,2022-05-01\n"
                           "c,b,950,2022-05-10\nc,b,100,2022-05-11\n",
                           "b"),
                     1);
    assert_int_equal(flags_.at[0].kind, CY_FLAG_REROUTE);
    assert_int_equal(flags_.at[0].party, cy_ownership_find(&o_, "c"));
    assert_int_equal(flags_.at[0].n_evidence, 3);
}

static int end(void **state)
{
    (void)state;
    free(flags_.at);
    cy_ownership_free(&o_);
    cy_desk_end(&desk_);
    return 0;
}

/* Goods by code: only what is within it flows; what is no code is refused. */
static void goods(void **state)
{
    static const char words[] = "supplier,customer,goods\nx,a,854231\na,b,85\nb,c,8542\nx,d,7204\n";
    static const bool from[8] = {true};
    struct cy_csv csv = table(words);
    struct cy_csv free_text = table("supplier,customer,goods\nx,a,chips\n");
    struct cy_supplies found = {.n = 0};
    uint32_t tier[8];
    uint32_t via[8];

    (void)state;
    cy_ownership_free(&o_);
    assert_ok(cy_supply_csv(&csv, &o_, "8542", &found, &fault_));
    assert_int_equal(found.n, 2);
    assert_ok(cy_supply_reach(&found, 1, from, o_.n_parties, 5, tier, via));
    assert_int_equal(tier[cy_ownership_find(&o_, "a")], 1);
    assert_int_equal(tier[cy_ownership_find(&o_, "b")], UINT32_MAX);
    assert_int_equal(tier[cy_ownership_find(&o_, "d")], UINT32_MAX);
    assert_code(cy_supply_csv(&free_text, &o_, "85", &found, &fault_), MODEL_INPUT);
    free(found.at);
}

static void codes(void **state)
{
    static const char *const hs[] = {"01", "97", "8542", "854231", "85423190", "8542319000"};
    static const char *const no_hs[] = {"",    "1",       "00",           "77", "98",
                                        "854", "8542.31", "85423190001x", "AB"};
    static const char *const isic[] = {"A", "U", "01", "06", "0610", "651", "99"};
    static const char *const no_isic[] = {"",   "V",  "a",     "AB",  "0",
                                          "04", "34", "06101", "B06", "00"};
    struct cy_csv parties = table("id,isic\na,0610\n");
    struct cy_csv broken = table("id,isic\na,0410\n");

    (void)state;
    for (size_t i = 0; i < CY_COUNT(hs); i++)
        assert_true(cy_hs_code(hs[i]));
    for (size_t i = 0; i < CY_COUNT(no_hs); i++)
        assert_false(cy_hs_code(no_hs[i]));
    for (size_t i = 0; i < CY_COUNT(isic); i++)
        assert_true(cy_isic_code(isic[i]));
    for (size_t i = 0; i < CY_COUNT(no_isic); i++)
        assert_false(cy_isic_code(no_isic[i]));
    assert_true(cy_hs_within("854231", "85") && !cy_hs_within("85", "8542"));
    assert_true(cy_isic_within("0610", "06") && cy_isic_within("0610", "B"));
    assert_true(cy_isic_within("B", "B") && !cy_isic_within("B", "C"));
    assert_false(cy_isic_within("0610", "A") || cy_isic_within("B", "06"));
    cy_ownership_free(&o_);
    assert_ok(cy_parties_csv(&parties, &o_, &fault_));
    assert_string_equal(o_.parties[0].isic, "0610");
    assert_code(cy_parties_csv(&broken, &o_, &fault_), MODEL_INPUT);
}

/* --- certificates --- */

static uint64_t dice_ = 9;

static uint32_t draw(uint32_t below)
{
    dice_ = dice_ * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_ >> 33) % below;
}

/* The slow way: rounds over the holdings of a certificate, from one holder or from all. */
static bool slow_set(const struct cy_certificate *of, const struct cy_certificate_case *one,
                     uint32_t holder)
{
    const struct cy_ownership_rule *rule = &of->regime->rule;
    bool blocked[16] = {false};

    for (uint32_t k = 0; k < of->n; k++)
        blocked[k] = holder == CY_PARTY_NONE ? of->named[k] : k == holder;
    for (size_t round = 0; round <= of->n; round++) {
        for (uint32_t k = 0; k < of->n; k++) {
            uint64_t sums[3] = {0};

            for (size_t i = 0; i < one->n; i++) {
                const struct cy_holding *h = &one->holdings[i];
                bool counts = blocked[h->owner];

                for (size_t j = 0; !rule->aggregate && h->joint != 0 && j < one->n; j++)
                    counts = counts || (one->holdings[j].owned == h->owned &&
                                        one->holdings[j].joint == h->joint &&
                                        one->holdings[j].interest == h->interest &&
                                        blocked[one->holdings[j].owner]);
                if (h->owned == k && counts)
                    sums[h->interest] += h->interest == CY_INTEREST_CONTROL ? 1 : h->share;
            }
            blocked[k] = blocked[k] || cy_rule_passes(rule, sums[0], sums[1], sums[2] > 0);
        }
    }
    return blocked[of->party];
}

static enum cy_verdict slow_verdict(const struct cy_certificate *of)
{
    bool blocked[2] = {false, false};

    for (size_t i = 0; i < of->n_cases; i++) {
        if (of->regime->rule.aggregate)
            blocked[i] = slow_set(of, &of->cases[i], CY_PARTY_NONE);
        for (uint32_t k = 0; !of->regime->rule.aggregate && k < of->n; k++)
            blocked[i] = blocked[i] || (of->named[k] && slow_set(of, &of->cases[i], k));
    }
    if (of->named[of->party])
        return CY_VERDICT_NAMED;
    return blocked[0] ? CY_VERDICT_BLOCKED : blocked[1] ? CY_VERDICT_OPEN : CY_VERDICT_FREE;
}

static struct cy_certificate again(const json_t *value, cy_err *err)
{
    struct cy_certificate read;
    char *text = json_dumps(value, 0);

    assert_non_null(text);
    *err = cy_certificate_read(&desk_, (struct cy_desk_text){text, strlen(text)}, &read, &fault_);
    free(text);
    return read;
}

/* Changes one number of a certificate. What is still accepted is still true. */
static size_t change(const json_t *value)
{
    size_t accepted = 0;

    for (unsigned i = 0; i < 12; i++) {
        json_t *copy = json_deep_copy(value);
        json_t *list = json_array_get(json_object_get(copy, "cases"), 0);
        struct cy_certificate read;
        cy_err err = CY_OK;

        list = json_object_get(list, i % 2 == 0 ? "sets" : "holdings");
        list = json_array_get(
            list, json_array_size(list) == 0 ? 0 : draw((uint32_t)json_array_size(list)));
        if (i % 2 == 0)
            list = json_object_get(list, "ranks");
        if (json_array_size(list) > 0) {
            const size_t at = i % 2 == 0 ? draw((uint32_t)json_array_size(list)) : draw(4);

            if (at != 2 || i % 2 == 0)
                (void)json_array_set_new(
                    list, at,
                    json_integer(at == 3 && i % 2 == 1 ? draw(2) * CY_SHARE_WHOLE : draw(6)));
        }
        if (i == 11)
            (void)json_object_set_new(copy, "verdict", json_string(cy_verdict_name(draw(4))));
        read = again(copy, &err);
        if (cy_ok(err) && cy_ok(cy_certificate_check(&desk_, &read))) {
            assert_int_equal(slow_verdict(&read), read.verdict);
            accepted++;
        }
        json_decref(copy);
    }
    return accepted;
}

/* Registers drawn at random, under every rule, with bands and joint groups: each party's
 * certificate holds, says what the slow way says, and is the same when it was written and read. */
static void certificates(void **state)
{
    static const char *const regimes[] = {"us", "eu", "uk", "eu"};
    size_t verdicts[4] = {0};
    size_t accepted = 0;

    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        char words[2000] = "owner,owned,share_min,share_max,interest,joint\n";
        char *at = words + strlen(words);
        struct cy_case c = {0};
        struct cy_named named[2];

        for (unsigned owned = 2; owned < 10; owned++) {
            for (unsigned i = 0; i < 3; i++) {
                const uint32_t least = 5 + draw(28);
                const uint32_t owner = draw(10);

                if (owner != owned)
                    at += sprintf(at, "p%u,p%u,%u,%u,%s,%s\n", owner, owned, least,
                                  least + (round % 2 == 0 ? 0 : draw(25)),
                                  draw(12) == 0  ? "control"
                                  : draw(4) == 0 ? "votes"
                                                 : "shares",
                                  draw(3) == 0 ? "1" : "");
            }
        }
        assert_ok(read_table(words));
        c.o = o_;
        o_ = (struct cy_ownership){0};
        assert_ok(cy_date_of(round % 4 == 3 ? 2020 : 2025, 1, 1, &c.day));
        assert_ok(cy_regime_rule(regimes[round % 4], c.day, &c.regime));
        for (uint32_t k = 0; k < 2; k++)
            named[k] = (struct cy_named){k, 0};
        c.named = named;
        c.n_named = 2;
        assert_ok(cy_case_compute(&desk_, &c));
        for (uint32_t party = 0; party < c.o.n_parties; party++) {
            struct cy_certificate made;
            struct cy_certificate read;
            json_t *value = NULL;
            cy_err err = CY_OK;

            assert_ok(cy_certificate_of(&desk_, &c, party, &made));
            assert_ok(cy_certificate_check(&desk_, &made));
            assert_int_equal(slow_verdict(&made), made.verdict);
            verdicts[made.verdict]++;
            value = cy_certificate_json(&made);
            read = again(value, &err);
            assert_ok(err);
            assert_ok(cy_certificate_check(&desk_, &read));
            assert_null(cy_certificate_differs(&desk_, &made, &read));
            read.named[0] = !read.named[0];
            assert_non_null(cy_certificate_differs(&desk_, &made, &read));
            if (round % 4 == 0)
                accepted += change(value);
            json_decref(value);
        }
        c.named = NULL;
        cy_case_end(&c);
    }
    for (size_t i = 0; i < 4; i++)
        assert_true(verdicts[i] > 5);
    assert_true(accepted > 20);
}

static void broken_certificates(void **state)
{
    static const char *const wrong[] = {
        "{",
        "{}",
        "{\"certificate\":\"balance\"}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-30\"}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-01\",\"parties\":[]}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-01\",\"named\":[],"
        "\"parties\":[[\"b\",\"\"],[\"a\",\"\"]]}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-01\",\"named\":[1],"
        "\"parties\":[[\"b\",\"\"]]}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-01\",\"named\":[],"
        "\"parties\":[[\"b\",\"\"]],\"party\":0,\"verdict\":\"guilty\"}",
        "{\"certificate\":\"exposure\",\"regime\":\"us\",\"day\":\"2024-02-01\",\"named\":[],"
        "\"parties\":[[\"b\",\"\"]],\"party\":0,\"verdict\":\"not blocked\",\"cases\":[]}",
    };
    struct cy_certificate read;

    (void)state;
    for (size_t i = 0; i < CY_COUNT(wrong); i++) {
        char copy[400];

        (void)strcpy(copy, wrong[i]);
        assert_code(
            cy_certificate_read(&desk_, (struct cy_desk_text){copy, strlen(copy)}, &read, &fault_),
            MODEL_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),
        cmocka_unit_test(tables),
        cmocka_unit_test(bods),
        cmocka_unit_test(circles),
        cmocka_unit_test(large_circle),
        cmocka_unit_test(supply),
        cmocka_unit_test(evasion),
        cmocka_unit_test(goods),
        cmocka_unit_test(codes),
        cmocka_unit_test(certificates),
        cmocka_unit_test(broken_certificates),
    };

    return cmocka_run_group_tests(tests, NULL, end);
}

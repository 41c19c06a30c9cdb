/* alliance_view: days and times, precision, figures. */
#include "league.h"

static cy_date on(const char *text)
{
    cy_date date = 0;

    assert_ok(cy_date_read(cy_span_text(text), &date));
    return date;
}

static void two_times(void **state)
{
    const struct cy_tenure events[] = {
        {100, 1, on("1950-01-01"), CY_membership_FOUND, CY_level_FULL,      0},
        {100, 2, on("1955-01-01"), CY_membership_JOIN,  CY_level_OBSERVER,  0},
        {200, 1, on("1960-01-01"), CY_membership_EXIT,  CY_level_FULL,      0},
        {300, 2, on("1952-01-01"), CY_membership_JOIN,  CY_level_ASSOCIATE, 0}, /* learnt late */
        {300, 2, on("1955-01-01"), CY_membership_LEVEL, CY_level_FULL,      0}, /* same day: wins */
    };
    struct cy_standing s[2];

#define FOLD(day, known)                                                                           \
    cy_tenure_fold(events, CY_COUNT(events), &(struct cy_as_of){on(day), known}, 2, s)
    (void)state;
    FOLD("1949-12-31", UINT64_MAX);
    assert_false(cy_standing_belongs(&s[0]));
    FOLD("1950-01-01", UINT64_MAX);
    assert_true(cy_standing_belongs(&s[0]));
    FOLD("1959-12-31", UINT64_MAX);
    assert_true(cy_standing_belongs(&s[0]));
    FOLD("1960-01-01", UINT64_MAX); /* the day counts */
    assert_false(cy_standing_belongs(&s[0]));
    FOLD("1960-01-01", 199); /* nobody knew yet */
    assert_true(cy_standing_belongs(&s[0]));
    FOLD("1953-01-01", 299);
    assert_false(cy_standing_belongs(&s[1]));
    FOLD("1953-01-01", 300);
    assert_true(cy_standing_belongs(&s[1]));
    assert_int_equal(s[1].level, CY_level_ASSOCIATE);
    FOLD("1956-01-01", 300);
    assert_int_equal(s[1].level, CY_level_FULL);
    FOLD("1956-01-01", 100);
    assert_int_equal(s[1].level, CY_level_OBSERVER);
}

static void precisions(void **state)
{
    const struct cy_tenure events[] = {
        {1, 1, on("1974-07-01"), CY_membership_JOIN, CY_level_FULL, CY_precision_MONTH},
        {1, 2, on("1974-01-01"), CY_membership_JOIN, CY_level_FULL, CY_precision_YEAR },
        {1, 3, on("1974-07-01"), CY_membership_JOIN, CY_level_FULL, CY_precision_DAY  },
    };
    static const struct {
        const char *day;
        bool belongs[3];
        bool unsure[3];
    } rows[] = {
        {"1973-12-31", {0, 0, 0}, {0, 0, 0}},
        {"1974-01-01", {0, 1, 0}, {0, 1, 0}},
        {"1974-07-01", {1, 1, 1}, {1, 1, 0}},
        {"1974-07-31", {1, 1, 1}, {1, 1, 0}},
        {"1974-08-01", {1, 1, 1}, {0, 1, 0}},
        {"1975-01-01", {1, 1, 1}, {0, 0, 0}},
        {"1975-07-15", {1, 1, 1}, {0, 0, 0}},
    };
    struct cy_standing s[3];

    (void)state;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        cy_tenure_fold(events, 3, &(struct cy_as_of){on(rows[i].day), UINT64_MAX}, 3, s);
        for (unsigned p = 0; p < 3; p++) {
            assert_int_equal(cy_standing_belongs(&s[p]), rows[i].belongs[p]);
            assert_int_equal(cy_standing_unsure(&s[p], on(rows[i].day)), rows[i].unsure[p]);
        }
    }
}

static void suspended_is_still_a_member(void **state)
{
    const struct cy_tenure events[] = {
        {1, 1, 100, CY_membership_JOIN,    CY_level_FULL,     0},
        {1, 1, 200, CY_membership_SUSPEND, CY_level_FULL,     0},
        {1, 1, 250, CY_membership_LEVEL,   CY_level_OBSERVER, 0}, /* changes the level only */
        {1, 1, 300, CY_membership_RESUME,  CY_level_OBSERVER, 0},
        {1, 9, 300, CY_membership_JOIN,    CY_level_FULL,     0}, /* beyond: passed over */
        {1, 0, 300, CY_membership_JOIN,    CY_level_FULL,     0},
    };
    struct cy_standing s;

    (void)state;
    cy_tenure_fold(events, CY_COUNT(events), &(struct cy_as_of){260, 1}, 1, &s);
    assert_true(cy_standing_belongs(&s));
    assert_true(cy_standing_suspended(&s));
    assert_int_equal(s.level, CY_level_OBSERVER);
    assert_int_equal(s.since, 100);
    cy_tenure_fold(events, CY_COUNT(events), &(struct cy_as_of){300, 1}, 1, &s);
    assert_false(cy_standing_suspended(&s));
}

static void figures(void **state) /* M008 */
{
    static _Alignas(16) uint8_t memory[1 << 18];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const cy_date today = cy_time_date(rig->now);
    struct cy_figures f;
    uint32_t i = 0;
    unsigned events = 0;

    (void)state;
    league_join(rig, id, 2, 5, CY_level_FULL);
    league_join(rig, id, 6, 6, CY_level_OBSERVER);
    for (unsigned wait = 3; wait >= 1; wait--) { /* decided after 3, 2 and 1 days */
        const struct cy_alliance_motion m = {
            .alliance = id, .kind = CY_motion_kind_DISSOLVE, .reason = rig_line("so")};
        struct cy_id motion;

        assert_ok(rig_do(rig, 2, &cy_schema_alliance_motion, &m));
        motion = rig->last;
        assert_ok(RIG_DO(rig, 2, alliance_vote, .motion = motion, .choice = CY_choice_YES));
        league_days(rig, wait);
        assert_ok(RIG_DO(rig, 3, alliance_vote, .motion = motion, .choice = CY_choice_NO));
        assert_ok(RIG_DO(rig, 4, alliance_vote, .motion = motion, .choice = CY_choice_NO));
    }
    assert_ok(RIG_DO(rig, 5, alliance_leave, .alliance = id));
    assert_ok(cy_alliance_figures(&rig->engine.world, &id, today, today + 6, &arena, &f));
    assert_int_equal(f.full, 3);
    assert_int_equal(f.observer, 1);
    assert_int_equal(f.joined, 5);
    assert_int_equal(f.left, 1);
    assert_int_equal(f.motions, 3);
    assert_int_equal(f.failed, 3);
    assert_int_equal(f.turnout_ppm, 750000); /* the second no decided: 3 of 4 voted */
    assert_int_equal(f.decision_ms_median, 2 * (uint64_t)CY_DAY_MS);
    assert_int_equal(f.age_days, 6);
    assert_true(f.cap_sleeps);
    assert_ok(cy_alliance_figures(&rig->engine.world, &id, today + 1, today + 3, &arena, &f));
    assert_int_equal(f.joined, 0);
    assert_int_equal(f.motions, 1);
    while (cy_party_event(&rig->engine.world, &rig->id[5], &i) != NULL)
        events++;
    assert_int_equal(events, 2);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_times),
        cmocka_unit_test(precisions),
        cmocka_unit_test(suspended_is_still_a_member),
        cmocka_unit_test(figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

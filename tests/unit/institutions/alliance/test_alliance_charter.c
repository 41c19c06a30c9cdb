/* alliance_charter: clauses, templates, versions, subsidiarity, adoption. */
#include "league.h"

static void founding(void **state) /* M001, M029 */
{
    struct rig *rig = league_new();
    const struct cy_id ours = league_found(rig, 1, "OURS", NULL, 0);
    const struct cy_alliance *found = NULL;

    (void)state;
    assert_true(cy_id_eq(&league_alliance(rig, ours)->founder, &rig->id[1]));
    assert_int_equal(league_alliance(rig, ours)->template, CY_topic_CULTURE);
    assert_true(cy_id_eq(&league_alliance(rig, ours)->secretary, &rig->id[1]));
    assert_int_equal(league_alliance(rig, ours)->version, 1);
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("OURS"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE),
                CODE_TAKEN);
    /* every party is the root of its own list: another founder may use the same code */
    assert_ok(cy_alliance_find(&rig->engine.world, cy_span_text("OURS"), &found));
    league_found(rig, 2, "OURS", NULL, 0);
    assert_code(cy_alliance_find(&rig->engine.world, cy_span_text("OURS"), &found),
                AMBIGUOUS_ALLIANCE);
    assert_code(cy_alliance_find(&rig->engine.world, cy_span_text("NONE"), &found), NO_ALLIANCE);
    /* a community, a company, an agent or a person founds as a nation does */
    for (unsigned kind = CY_kind_PERSON; kind <= CY_kind_BLOC; kind++) {
        rig_passport(rig, 20, kind, "Any kind");
        league_found(rig, 20, "ANY", NULL, 0);
    }
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("B"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE, .founded = cy_time_date(rig->now) + 1),
                EVENT_DATE);
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("B"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE, .founded = 715000, .precision = CY_precision_YEAR),
                EVENT_DATE);
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("B"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE, .bond_asset = rig->id[3]),
                NO_NOUN);
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("B"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE, .parent = rig->id[3]),
                NO_ALLIANCE);
    rig_free(rig);
}

static void amending(void **state) /* M031 */
{
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const struct cy_charter_clause two[] = {clause("admission", 1), clause("vote_full", 3)};
    const struct cy_charter_clause twice[] = {clause("reach", 2), clause("reach", 3)};
    const struct cy_charter_clause unknown = clause("colour", 1), range = clause("admission", 4);
    const struct cy_charter_clause same = clause("admission", 1);
    const struct cy_charter_clause late = clause("leave_full", 31536000000);
    struct cy_clause_diff diff[CY_CLAUSES];
    const struct cy_world *world = &rig->engine.world;

    (void)state;
    assert_code(RIG_DO(rig, 2, alliance_amend, .alliance = id, .clauses = two, .n_clauses = 2),
                NOT_OFFICER);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = rig->id[2]), NO_ALLIANCE);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = &unknown, .n_clauses = 1),
                UNKNOWN_CLAUSE);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = &range, .n_clauses = 1),
                CLAUSE_RANGE);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = twice, .n_clauses = 2),
                CLAUSE_TWICE);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id), NO_CHANGE);
    /* culture keeps its door open: the template's band cannot be amended away (M007) */
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = &late, .n_clauses = 1),
                CLAUSE_MANDATORY);
    assert_ok(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = two, .n_clauses = 2,
                     .text = cy_span_text("Goals, resources, disputes.")));
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = &same, .n_clauses = 1),
                NO_CHANGE);
    assert_int_equal(league_alliance(rig, id)->version, 2);
    assert_false(cy_id_none(&league_alliance(rig, id)->text));
    assert_int_equal(cy_charter_value_in(world, league_alliance(rig, id), CY_CLAUSE_VOTE_FULL), 3);
    /* diffable, and every version stays readable */
    assert_int_equal(cy_charter_diff(world, league_alliance(rig, id), 1, 2, diff), 2);
    assert_int_equal(diff[0].number, CY_CLAUSE_ADMISSION);
    assert_int_equal(diff[0].before, 0);
    assert_int_equal(diff[0].after, 1);
    assert_int_equal(cy_charter_diff(world, league_alliance(rig, id), 2, 2, diff), 0);
    assert_int_equal(cy_charter_value_at(world, league_alliance(rig, id), 1, CY_CLAUSE_VOTE_FULL),
                     1);
    /* members ratify: once somebody could vote, the secretary amends nothing alone */
    assert_ok(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL));
    league_join(rig, id, 2, 2, CY_level_FULL);
    const struct cy_charter_clause three = clause("vote_full", 4);

    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = &three, .n_clauses = 1),
                NEEDS_MOTION);
    rig_free(rig);
}

static void templates(void **state) /* M007 */
{
    struct rig *rig = league_new();

    (void)state;
    for (uint8_t topic = CY_topic_ENVIRONMENT; topic <= CY_topic_PEACEBUILDING; topic++) {
        unsigned mandatory = 0;

        assert_ok(RIG_DO(rig, 1, alliance_found,
                         .code = rig_label((const char[]){(char)('A' + topic), 0}),
                         .name = rig_name("x"), .topic = topic));
        for (unsigned i = 0; i < CY_CLAUSES; i++) {
            const struct cy_clause_band band = cy_clause_band(topic, i);
            const struct cy_clause_row *row = cy_clause_row(i);

            assert_true(band.value >= band.least && band.value <= band.most);
            if (!band.mandatory)
                continue;
            mandatory++;
            assert_true(band.least > row->least || band.most < row->most);
            /* neither side of the band can be left, not even at the founding */
            const struct cy_charter_clause low = clause(row->name, band.least - 1);
            const struct cy_charter_clause high = clause(row->name, band.most + 1);

            if (band.least > row->least)
                assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("NEW"),
                                   .name = rig_name("x"), .topic = topic, .clauses = &low,
                                   .n_clauses = 1),
                            CLAUSE_MANDATORY);
            if (band.most < row->most)
                assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("NEW"),
                                   .name = rig_name("x"), .topic = topic, .clauses = &high,
                                   .n_clauses = 1),
                            CLAUSE_MANDATORY);
        }
        assert_true(mandatory >= 1); /* every topic has a core */
    }
    assert_null(cy_clause_row(CY_CLAUSES));
    rig_free(rig);
}

static void sub_lists(void **state) /* M002, M030 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause mine = clause("leave_full", 86400000);
    struct cy_charter_clause kept = clause("voting_ms", 120000);
    struct cy_id parent, child, deep;

    (void)state;
    kept.reserve = CY_competence_RESERVE;
    parent = league_found(rig, 1, "P", NULL, 0);
    assert_code(RIG_DO(rig, 2, alliance_found, .code = rig_label("C"), .name = rig_name("x"),
                       .topic = CY_topic_TRADE, .parent = parent),
                NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("C"), .name = rig_name("x"),
                     .topic = CY_topic_CULTURE, .parent = parent, .clauses = &mine,
                     .n_clauses = 1));
    child = rig->last;
    assert_int_equal(league_roll(rig, parent)->n_children, 1);
    /* its own exit terms, whatever the parent's are */
    assert_int_equal(
        cy_charter_value_in(&rig->engine.world, league_alliance(rig, child), CY_CLAUSE_LEAVE_FULL),
        86400000);
    assert_int_equal(
        cy_charter_value_in(&rig->engine.world, league_alliance(rig, parent), CY_CLAUSE_LEAVE_FULL),
        0);
    /* what the parent reserves, the parent decides */
    assert_ok(RIG_DO(rig, 1, alliance_amend, .alliance = parent, .clauses = &kept, .n_clauses = 1));
    assert_int_equal(
        cy_charter_value_in(&rig->engine.world, league_alliance(rig, child), CY_CLAUSE_VOTING_MS),
        120000);
    kept = clause("voting_ms", 240000);
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = child, .clauses = &kept, .n_clauses = 1),
                CLAUSE_RESERVED);
    kept.value = 120000;
    kept.reserve = CY_competence_RELEASE;
    assert_ok(RIG_DO(rig, 1, alliance_amend, .alliance = parent, .clauses = &kept, .n_clauses = 1));
    assert_int_equal(
        cy_charter_value_in(&rig->engine.world, league_alliance(rig, child), CY_CLAUSE_VOTING_MS),
        604800000); /* its own again */
    /* not deeper than can be checked */
    deep = child;
    for (unsigned depth = 2; depth <= CY_PARENTS_MAX; depth++) {
        char code[8];

        snprintf(code, sizeof code, "D%u", depth);
        assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label(code), .name = rig_name("x"),
                         .topic = CY_topic_CULTURE, .parent = deep));
        deep = rig->last;
    }
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("E"), .name = rig_name("x"),
                       .topic = CY_topic_CULTURE, .parent = deep),
                TOO_DEEP);
    rig_free(rig);
}

static void a_hundred_topics(
    void **state) /* M002, M154: a nation's own list with a hundred topics */
{
    struct rig *rig = league_new();
    const struct cy_id root = league_found(rig, 1, "ALLIES", NULL, 0);

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        const struct cy_charter_clause own = clause("voting_ms", 60000 + i);
        char code[16];

        snprintf(code, sizeof code, "TOPIC-%u", i);
        assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label(code), .name = rig_name(code),
                         .topic = CY_topic_CULTURE, .parent = root, .clauses = &own,
                         .n_clauses = 1));
        league_join(rig, rig->last, 2 + i % 10, 2 + i % 10, CY_level_FULL);
    }
    assert_int_equal(league_roll(rig, root)->n_children, 100);
    rig_free(rig);
}

static void adopting(void **state) /* M011 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause theirs = clause("quorum_ppm", 333333);
    const struct cy_id from = league_found(rig, 2, "FROM", &theirs, 1);
    const struct cy_id to = league_found(rig, 1, "TO", NULL, 0);
    const struct cy_of_clause key = {to, rig_label("quorum_ppm")};
    struct cy_charter_clause change = clause("quorum_ppm", 1);
    const struct cy_clause *adopted = NULL;

    (void)state;
    change.from = from;
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = to, .clauses = &change, .n_clauses = 1),
                ADOPT_DIFFERS);
    change.from = rig->id[5];
    assert_code(RIG_DO(rig, 1, alliance_amend, .alliance = to, .clauses = &change, .n_clauses = 1),
                NO_ALLIANCE);
    assert_code(
        RIG_DO(rig, 1, alliance_adopt, .alliance = to, .clause = rig_label("hue"), .from = from),
        UNKNOWN_CLAUSE);
    assert_code(RIG_DO(rig, 3, alliance_adopt, .alliance = to, .clause = rig_label("quorum_ppm"),
                       .from = from),
                NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_adopt, .alliance = to, .clause = rig_label("quorum_ppm"),
                     .from = from));
    adopted = CY_GET(&rig->engine.world, clause, &key);
    assert_int_equal(adopted->value, 333333);
    assert_true(cy_id_eq(&adopted->from, &from));
    assert_int_equal(adopted->from_version, 1);
    rig_free(rig);
}

/* The largest acts that the schema admits stay within what their rows promise (the engine asserts).
 */
static void the_largest(void **state)
{
    struct rig *rig = league_new();
    struct cy_charter_clause all[CY_CLAUSES];
    struct cy_base_alliance bases[8];
    struct cy_id parent, id, motion;

    (void)state;
    for (unsigned i = 0; i < CY_CLAUSES; i++) {
        const struct cy_clause_band band = cy_clause_band(CY_topic_CULTURE, i);

        all[i] = clause(cy_clause_row(i)->name, band.value < band.most ? band.value + 1 : 0);
        if (all[i].value < band.least)
            all[i].value = band.least;
        all[i].reserve = CY_competence_RESERVE;
    }
    parent = league_found(rig, 1, "P", NULL, 0);
    for (unsigned i = 0; i < 8; i++)
        bases[i].alliance = league_found(rig, 1, (const char[]){(char)('A' + i), 0}, NULL, 0);
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("MOST"), .name = rig_name("Most"),
                     .topic = CY_topic_CULTURE, .parent = parent, .clauses = all,
                     .n_clauses = CY_CLAUSES, .bases = bases, .n_bases = 8));
    id = league_found(rig, 1, "Q", NULL, 0);
    assert_ok(
        RIG_DO(rig, 1, alliance_amend, .alliance = id, .clauses = all, .n_clauses = CY_CLAUSES));
    id = league_found(rig, 1, "R", NULL, 0);
    league_join(rig, id, 2, 2, CY_level_FULL);
    assert_ok(RIG_DO(rig, 2, alliance_motion, .alliance = id, .kind = CY_motion_kind_AMEND,
                     .clauses = all, .n_clauses = CY_CLAUSES, .reason = rig_line("all of it")));
    motion = rig->last;
    assert_ok(RIG_DO(rig, 2, alliance_vote, .motion = motion, .choice = CY_choice_YES));
    assert_int_equal(league_alliance(rig, id)->version, 2);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(founding),         cmocka_unit_test(amending),
        cmocka_unit_test(templates),        cmocka_unit_test(sub_lists),
        cmocka_unit_test(a_hundred_topics), cmocka_unit_test(adopting),
        cmocka_unit_test(the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

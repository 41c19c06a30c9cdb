/* alliance_bloc: blocs as one member, reach, circles, joint groups. */
#include "league.h"

static void bind(struct rig *rig, struct cy_id alliance, unsigned leader, unsigned bloc)
{
    assert_ok(RIG_DO(rig, leader, alliance_mandate, .alliance = alliance, .bloc = rig->id[bloc]));
    assert_ok(RIG_DO(rig, bloc, alliance_mandate, .alliance = alliance, .bloc = rig->id[bloc]));
}

static bool reaches(struct rig *rig, unsigned bloc, unsigned party, unsigned *via)
{
    struct cy_id by;
    bool yes = false;

    cy_plan_clear(&rig->engine.plan);
    yes = cy_alliance_reach(&rig->engine.plan, &rig->id[bloc], &rig->id[party], rig->now, &by);
    for (unsigned i = 0; i < RIG_KEYS; i++) {
        if (cy_id_eq(&rig->id[i], &by))
            *via = i;
    }
    return yes;
}

struct seen {
    unsigned direct, through;
};

static void see(void *self, const struct cy_listed *member, const struct cy_id *via)
{
    struct seen *seen = self;

    (void)member;
    if (cy_id_none(via))
        seen->direct++;
    else
        seen->through++;
}

static void a_bloc_is_one_member(void **state) /* M003 */
{
    static _Alignas(16) uint8_t memory[1 << 18];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct rig *rig = league_new();
    const struct cy_id x = league_found(rig, 1, "X", NULL, 0);
    const struct cy_id y = league_found(rig, 2, "Y", NULL, 0);
    struct cy_as_of as_of = {cy_time_date(rig->now), UINT64_MAX};
    struct seen seen = {0, 0};
    unsigned via = 0;

    (void)state;
    rig_passport(rig, 20, CY_kind_BLOC, "Bloc of X");
    rig_passport(rig, 21, CY_kind_BLOC, "Another");
    assert_code(RIG_DO(rig, 1, alliance_mandate, .alliance = x, .bloc = rig->id[3]), NOT_BLOC);
    assert_code(RIG_DO(rig, 3, alliance_mandate, .alliance = x, .bloc = rig->id[20]), NOT_OFFICER);
    assert_code(RIG_DO(rig, 1, alliance_mandate, .alliance = x, .bloc = x), UNKNOWN_PASSPORT);
    bind(rig, x, 1, 20);
    assert_code(RIG_DO(rig, 2, alliance_mandate, .alliance = y, .bloc = rig->id[20]), BLOC_BOUND);
    league_join(rig, x, 3, 5, CY_level_FULL);
    league_join(rig, x, 6, 6, CY_level_OBSERVER);
    league_join(rig, y, 7, 8, CY_level_FULL);
    league_join(rig, y, 20, 20, CY_level_FULL);
    assert_int_equal(league_roll(rig, y)->n_full, 3); /* one vote */
    assert_ok(cy_alliance_expand(&rig->engine.world, &y, &as_of, &arena, see, &seen));
    assert_int_equal(seen.direct, 2);
    assert_int_equal(seen.through, 4);
    /* what the bloc owes reaches its full members, not its observers */
    assert_true(reaches(rig, 20, 20, &via));
    assert_true(reaches(rig, 20, 3, &via));
    assert_int_equal(via, 20);
    assert_false(reaches(rig, 20, 6, &via));
    assert_false(reaches(rig, 20, 7, &via));
    assert_false(reaches(rig, 21, 3, &via));
    /* the mandate cannot be dropped while the bloc sits on the strength of it */
    assert_code(RIG_DO(rig, 20, alliance_mandate, .alliance = x, .bloc = rig->id[20], .end = true),
                BLOC_SEATED);
    assert_ok(RIG_DO(rig, 20, alliance_leave, .alliance = y));
    assert_ok(RIG_DO(rig, 20, alliance_mandate, .alliance = x, .bloc = rig->id[20], .end = true));
    assert_false(reaches(rig, 20, 3, &via));
    rig_free(rig);
}

static void no_circles(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause alone = clause("tie_vote", 0);
    struct cy_id alliance[8];
    unsigned via = 0;

    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        alliance[i] = league_found(rig, 1, (const char[]){(char)('A' + i), 0}, &alone, 1);
        rig_passport(rig, 20 + i, CY_kind_BLOC, "Bloc");
    }
    bind(rig, alliance[0], 1, 20);
    bind(rig, alliance[1], 1, 21);
    assert_code(RIG_DO(rig, 20, alliance_join, .alliance = alliance[0], .level = CY_level_FULL),
                BLOC_LOOP);                               /* in itself */
    league_join(rig, alliance[1], 20, 20, CY_level_FULL); /* A sits in B */
    assert_code(RIG_DO(rig, 21, alliance_join, .alliance = alliance[0], .level = CY_level_FULL),
                BLOC_LOOP); /* B in A */
    /* a mandate given later closes no circle either: C's bloc sits in A, then would speak for B */
    league_join(rig, alliance[0], 22, 22, CY_level_FULL);
    assert_code(RIG_DO(rig, 1, alliance_mandate, .alliance = alliance[1], .bloc = rig->id[22]),
                BLOC_LOOP);
    bind(rig, alliance[2], 1, 22);
    league_join(rig, alliance[2], 3, 3, CY_level_FULL);
    assert_true(reaches(rig, 21, 3, &via)); /* B -> A -> C -> party 3 */
    assert_int_equal(via, 22);
    assert_code(RIG_DO(rig, 21, alliance_join, .alliance = alliance[2], .level = CY_level_FULL),
                BLOC_LOOP);
    /* a chain ends where it can no longer be checked */
    for (unsigned i = 3; i < 6; i++)
        bind(rig, alliance[i], 1, 20 + i);
    league_join(rig, alliance[3], 21, 21, CY_level_FULL);
    league_join(rig, alliance[4], 23, 23, CY_level_FULL);
    assert_code(RIG_DO(rig, 24, alliance_join, .alliance = alliance[5], .level = CY_level_FULL),
                TOO_DEEP);
    rig_free(rig);
}

/* A nation's own list, a bloc formed by its members, and the joint group as a subset of both. */
static void a_joint_group(void **state) /* M003, M154 */
{
    struct rig *rig = league_new();
    const struct cy_id allies = league_found(rig, 1, "ALLIES", NULL, 0);
    const struct cy_id union_ = league_found(rig, 2, "UNION", NULL, 0);
    struct cy_base_alliance bases[2] = {{allies}, {union_}};
    struct cy_id joint;

    (void)state;
    rig_passport(rig, 20, CY_kind_BLOC, "Union");
    bind(rig, union_, 2, 20);
    league_join(rig, allies, 3, 4, CY_level_FULL);
    league_join(rig, union_, 5, 6, CY_level_FULL);
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("JOINT"), .name = rig_name("Joint"),
                     .topic = CY_topic_CULTURE, .bases = bases, .n_bases = 2));
    joint = rig->last;
    league_join(rig, joint, 3, 3, CY_level_FULL); /* of the one */
    league_join(rig, joint, 5, 5, CY_level_FULL); /* of the other */
    assert_code(RIG_DO(rig, 7, alliance_join, .alliance = joint, .level = CY_level_FULL),
                NOT_IN_BASE);
    /* through a bloc that sits in a base, when named */
    league_join(rig, allies, 20, 20, CY_level_FULL);
    bases[1] = bases[0];
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("NARROW"), .name = rig_name("N"),
                     .topic = CY_topic_CULTURE, .bases = bases, .n_bases = 1));
    joint = rig->last;
    assert_code(RIG_DO(rig, 5, alliance_join, .alliance = joint, .level = CY_level_FULL),
                NOT_IN_BASE);
    assert_code(RIG_DO(rig, 7, alliance_join, .alliance = joint, .level = CY_level_FULL,
                       .through = rig->id[20]),
                NOT_IN_BASE);
    assert_ok(RIG_DO(rig, 5, alliance_join, .alliance = joint, .level = CY_level_FULL,
                     .through = rig->id[20]));
    bases[0].alliance = rig->id[3];
    assert_code(RIG_DO(rig, 1, alliance_found, .code = rig_label("BAD"), .name = rig_name("N"),
                       .topic = CY_topic_CULTURE, .bases = bases, .n_bases = 1),
                NO_ALLIANCE);
    rig_free(rig);
}

/* Neither its mandate nor its seats can be taken from a bloc by alliances it never heard of. */
static void nobody_squats_a_bloc(void **state)
{
    const struct cy_charter_clause history = clause("registrar_until", UINT64_MAX);
    const struct cy_charter_clause open = clause("admission", 0);
    struct rig *rig = league_new();
    const struct cy_id own = league_found(rig, 1, "OWN", NULL, 0);
    const struct cy_id home = league_found(rig, 1, "HOME", &open, 1);
    unsigned taken = 0;

    (void)state;
    rig_passport(rig, 20, CY_kind_BLOC, "Bloc");
    for (unsigned i = 0; i < CY_BLOC_SEATS; i++) {
        char code[8];
        struct cy_id id;
        cy_err err = CY_OK;

        snprintf(code, sizeof code, "h%u", i);
        id = league_found(rig, 2, code, &history, 1);
        if (i == 0)
            assert_ok(RIG_DO(rig, 2, alliance_mandate, .alliance = id, .bloc = rig->id[20]));
        err = RIG_DO(rig, 2, alliance_record, .alliance = id, .party = rig->id[20],
                     .event = CY_membership_JOIN, .level = CY_level_FULL,
                     .date = cy_time_date(rig->now), .source = rig_line("says so"));
        taken += cy_ok(err);
        if (!cy_ok(err))
            assert_code(err, TOO_DEEP);
    }
    assert_int_equal(taken, CY_BLOC_SEATS / 2);
    bind(rig, own, 1, 20); /* though another had said it first */
    assert_ok(RIG_DO(rig, 20, alliance_join, .alliance = home, .level = CY_level_FULL));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bloc_is_one_member),
        cmocka_unit_test(no_circles),
        cmocka_unit_test(a_joint_group),
        cmocka_unit_test(nobody_squats_a_bloc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

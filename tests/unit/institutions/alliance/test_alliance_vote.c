/* alliance_vote: motions, voices, outcomes and their effects. */
#include "league.h"

static struct cy_id move_(struct rig *rig, unsigned n, const struct cy_alliance_motion *m)
{
    assert_ok(rig_do(rig, n, &cy_schema_alliance_motion, m));
    return rig->last;
}

#define MOVE(rig, n, ...)                                                                          \
    move_((rig), (n),                                                                              \
          &(struct cy_alliance_motion){.alliance = id, .reason = rig_line("so"), __VA_ARGS__})

static const struct cy_motion *motion_of(struct rig *rig, struct cy_id motion)
{
    return CY_GET(&rig->engine.world, motion, &motion);
}

static cy_err vote(struct rig *rig, unsigned n, struct cy_id motion, uint8_t choice)
{
    return RIG_DO(rig, n, alliance_vote, .motion = motion, .choice = choice);
}

static void refusals(void **state)
{
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const struct cy_line why = rig_line("so");
    const struct cy_charter_clause change = clause("reach", 2), colour = clause("colour", 2);
    struct cy_id motion;

    (void)state;
    /* nobody could vote */
    assert_code(RIG_DO(rig, 1, alliance_motion, .alliance = id, .kind = CY_motion_kind_DISSOLVE,
                       .reason = why),
                NO_VOICE);
    league_join(rig, id, 2, 4, CY_level_FULL);
    league_join(rig, id, 5, 5, CY_level_OBSERVER);
    assert_code(RIG_DO(rig, 6, alliance_motion, .alliance = id, .kind = CY_motion_kind_DISSOLVE,
                       .reason = why),
                NOT_OFFICER);
    assert_code(RIG_DO(rig, 5, alliance_motion, .alliance = id, .kind = CY_motion_kind_DISSOLVE,
                       .reason = why),
                NOT_OFFICER); /* an observer has no voice */
#define BAD(...)                                                                                   \
    assert_code(RIG_DO(rig, 2, alliance_motion, .alliance = id, .reason = why, __VA_ARGS__),       \
                MOTION_FIELDS)
    BAD(.kind = CY_motion_kind_EXPEL);
    BAD(.kind = CY_motion_kind_DISSOLVE, .subject = rig->id[3]);
    BAD(.kind = CY_motion_kind_LEVEL, .subject = rig->id[3]);
    BAD(.kind = CY_motion_kind_EXPEL, .subject = rig->id[3], .level = CY_level_FULL);
    BAD(.kind = CY_motion_kind_AMEND);
    BAD(.kind = CY_motion_kind_DISSOLVE, .clauses = &change, .n_clauses = 1);
    BAD(.kind = CY_motion_kind_SECRETARY, .subject = rig->id[3]);
    BAD(.kind = CY_motion_kind_DISSOLVE, .until = 1);
    assert_code(RIG_DO(rig, 2, alliance_motion, .alliance = id, .reason = why,
                       .kind = CY_motion_kind_EXPEL, .subject = rig->id[9]),
                NOT_MEMBER);
    assert_code(RIG_DO(rig, 2, alliance_motion, .alliance = id, .reason = why,
                       .kind = CY_motion_kind_ADMIT, .subject = rig->id[9]),
                NOT_APPLIED);
    assert_code(RIG_DO(rig, 2, alliance_motion, .alliance = id, .reason = why,
                       .kind = CY_motion_kind_AMEND, .clauses = &colour, .n_clauses = 1),
                UNKNOWN_CLAUSE);
    motion = MOVE(rig, 1, .kind = CY_motion_kind_AMEND, .clauses = &change,
                  .n_clauses = 1); /* the secretary moves without a voice */
    league_join(rig, id, 6, 6, CY_level_FULL);
    assert_code(vote(rig, 6, motion, CY_choice_YES), NO_VOICE); /* came later */
    assert_code(vote(rig, 5, motion, CY_choice_YES), NO_VOICE); /* has no weight */
    assert_code(vote(rig, 9, motion, CY_choice_YES), NO_VOICE); /* is no member */
    assert_code(vote(rig, 2, id, CY_choice_YES), NO_MOTION);
    assert_ok(vote(rig, 2, motion, CY_choice_YES));
    assert_code(vote(rig, 2, motion, CY_choice_NO), VOTED_ALREADY);
    assert_code(RIG_DO(rig, 9, alliance_close, .motion = motion), MOTION_RUNNING);
    assert_code(RIG_DO(rig, 9, alliance_close, .motion = id), NO_MOTION);
    league_days(rig, 7);
    assert_code(vote(rig, 3, motion, CY_choice_YES), MOTION_CLOSED);
    assert_ok(RIG_DO(rig, 9, alliance_close, .motion = motion));             /* anyone closes */
    assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_FAILED); /* no quorum */
    assert_code(RIG_DO(rig, 9, alliance_close, .motion = motion), MOTION_CLOSED);
    assert_int_equal(league_alliance(rig, id)->version, 1);
    rig_free(rig);
}

static void the_charter_is_ratified(void **state) /* M031 */
{
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const struct cy_charter_clause change[] = {clause("reach", 2), clause("admission", 3)};
    const struct cy_of_alliance second = {id, 2};
    struct cy_id motion;

    (void)state;
    league_join(rig, id, 2, 4, CY_level_FULL);
    motion = MOVE(rig, 3, .kind = CY_motion_kind_AMEND, .clauses = change, .n_clauses = 2,
                  .text = cy_span_text("second text"));
    assert_ok(vote(rig, 2, motion, CY_choice_YES));
    assert_int_equal(league_alliance(rig, id)->version, 1);
    assert_ok(
        vote(rig, 3, motion, CY_choice_YES)); /* 2 of 3: below 666,667 ppm if the last says no */
    assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_OPEN);
    assert_ok(vote(rig, 4, motion, CY_choice_ABSTAIN)); /* 2 of 2 */
    assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_CARRIED);
    assert_int_equal(league_alliance(rig, id)->version, 2);
    assert_true(cy_id_eq(&CY_GET(&rig->engine.world, charter, &second)->motion, &motion));
    assert_true(cy_id_eq(&CY_GET(&rig->engine.world, charter, &second)->by, &rig->id[3]));
    assert_int_equal(
        cy_charter_value_in(&rig->engine.world, league_alliance(rig, id), CY_CLAUSE_ADMISSION), 3);
    /* now admission is by vote too */
    assert_ok(RIG_DO(rig, 5, alliance_apply, .alliance = id, .level = CY_level_FULL));
    assert_code(RIG_DO(rig, 1, alliance_admit, .alliance = id, .party = rig->id[5]), NEEDS_MOTION);
    assert_code(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[6],
                       .level = CY_level_FULL),
                ADMISSION_CLOSED);
    motion = MOVE(rig, 2, .kind = CY_motion_kind_ADMIT, .subject = rig->id[5]);
    for (unsigned i = 2; i <= 4; i++)
        assert_ok(vote(rig, i, motion, CY_choice_YES));
    assert_int_equal(league_state(rig, id, 5), CY_member_state_ACTIVE);
    rig_free(rig);
}

static void every_kind_takes_effect(void **state)
{
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const struct cy_id backup = league_found(rig, 9, "B", NULL, 0);
    struct cy_id motion;

    (void)state;
    rig_passport(rig, 20, CY_kind_BLOC, "Bloc");
    league_join(rig, id, 2, 5, CY_level_FULL);
#define CARRY(...)                                                                                 \
    do {                                                                                           \
        motion = MOVE(rig, 2, __VA_ARGS__);                                                        \
        for (unsigned i = 2; motion_of(rig, motion)->state == CY_motion_state_OPEN; i++)           \
            assert_ok(vote(rig, i, motion, CY_choice_YES));                                        \
        assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_CARRIED);                  \
    } while (0)
    CARRY(.kind = CY_motion_kind_LEVEL, .subject = rig->id[5], .level = CY_level_ASSOCIATE);
    assert_int_equal(league_roll(rig, id)->n_associate, 1);
    CARRY(.kind = CY_motion_kind_SUSPEND, .subject = rig->id[5]);
    assert_int_equal(league_state(rig, id, 5), CY_member_state_SUSPENDED);
    CARRY(.kind = CY_motion_kind_RESUME, .subject = rig->id[5]);
    assert_int_equal(league_state(rig, id, 5), CY_member_state_ACTIVE);
    CARRY(.kind = CY_motion_kind_EXPEL, .subject = rig->id[5]);
    assert_int_equal(league_state(rig, id, 5), CY_member_state_LEFT);
    CARRY(.kind = CY_motion_kind_SECRETARY, .subject = rig->id[4], .until = rig->now + CY_DAY_MS);
    assert_true(cy_id_eq(&league_alliance(rig, id)->secretary, &rig->id[4]));
    CARRY(.kind = CY_motion_kind_BACKUP, .subject = backup);
    assert_true(cy_id_eq(&league_alliance(rig, id)->backup, &backup));
    assert_ok(RIG_DO(rig, 9, alliance_backup, .alliance = id, .backup = backup));
    CARRY(.kind = CY_motion_kind_MANDATE, .subject = rig->id[20]);
    assert_true(CY_GET(&rig->engine.world, bloc, &rig->id[20])->said);
    CARRY(.kind = CY_motion_kind_HANDOVER);
    assert_true(cy_id_eq(&league_alliance(rig, id)->keeper, &backup));
    /* what has become impossible is moot, and its last voter is not refused */
    motion = MOVE(rig, 2, .kind = CY_motion_kind_EXPEL, .subject = rig->id[3]);
    assert_ok(vote(rig, 2, motion, CY_choice_YES));
    assert_ok(vote(rig, 3, motion, CY_choice_YES));
    assert_ok(RIG_DO(rig, 3, alliance_leave, .alliance = id));
    assert_ok(vote(rig, 4, motion, CY_choice_YES));
    assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_MOOT);
    assert_int_equal(motion_of(rig, motion)->refusal, CY_E_NOT_MEMBER);
    motion = MOVE(rig, 2, .kind = CY_motion_kind_DISSOLVE);
    assert_ok(vote(rig, 2, motion, CY_choice_YES));
    assert_ok(vote(rig, 4, motion, CY_choice_YES));
    assert_int_equal(league_alliance(rig, id)->state, CY_alliance_state_DISSOLVED);
    rig_free(rig);
}

static void levels_and_cap(void **state) /* M006, RULES A2 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {
        clause("vote_full", 10), clause("vote_associate", 1), clause("cap_ppm", 400000),
        clause("cap_members", 5)};
    const struct cy_id id = league_found(rig, 1, "A", clauses, 4);
    struct cy_rights rights;
    struct cy_id motion;

    (void)state;
    league_join(rig, id, 2, 2, CY_level_FULL);
    league_join(rig, id, 3, 5, CY_level_ASSOCIATE);
    motion = MOVE(rig, 2, .kind = CY_motion_kind_DISSOLVE);
    assert_int_equal(motion_of(rig, motion)->weight, 13); /* the cap sleeps: four members */
    league_join(rig, id, 6, 6, CY_level_ASSOCIATE);
    motion = MOVE(rig, 2, .kind = CY_motion_kind_DISSOLVE);
    /* 2 of 6 is a third; 3 of 7 would be more than 0.4 */
    assert_int_equal(motion_of(rig, motion)->weight, 2 + 4);
    assert_ok(vote(rig, 2, motion, CY_choice_YES));
    assert_int_equal(motion_of(rig, motion)->yes, 2);
    assert_ok(vote(rig, 3, motion, CY_choice_NO));
    assert_ok(vote(rig, 4, motion, CY_choice_NO));
    assert_int_equal(motion_of(rig, motion)->state, CY_motion_state_FAILED); /* 4 of 6 at best */
    cy_plan_clear(&rig->engine.plan);
    assert_ok(cy_alliance_rights(&rig->engine.plan, &(struct cy_of_party){id, rig->id[2]}, rig->now,
                                 &rights));
    assert_int_equal(rights.vote, 2);
    assert_true(rights.duty);
    assert_int_equal(rights.data, 2);
    assert_ok(cy_alliance_rights(&rig->engine.plan, &(struct cy_of_party){id, rig->id[3]}, rig->now,
                                 &rights));
    assert_int_equal(rights.vote, 1);
    assert_int_equal(rights.data, 1);
    assert_false(rights.duty); /* culture asks no sanctions of associates */
    assert_code(cy_alliance_rights(&rig->engine.plan, &(struct cy_of_party){id, rig->id[9]},
                                   rig->now, &rights),
                NOT_MEMBER);
    rig_free(rig);
}

/* The early outcome never differs from what any completion would give. */
static void outcome_is_certain(void **state)
{
    unsigned decided = 0;

    (void)state;
    for (unsigned code = 0; code < 6 * 6 * 6; code++) {
        for (uint64_t ppm = 250001; ppm <= 1000000; ppm += 83333) {
            const struct cy_motion now = {.deadline = 10,
                                          .weight = 5,
                                          .carry_ppm = ppm,
                                          .quorum_ppm = 600000,
                                          .yes = code % 6,
                                          .no = code / 6 % 6,
                                          .abstain = code / 36};
            const uint64_t cast = now.yes + now.no + now.abstain;
            const uint8_t early = cast <= 5 ? cy_vote_outcome(&now, 0) : CY_motion_state_OPEN;

            if (early == CY_motion_state_OPEN)
                continue;
            decided++;
            for (uint64_t yes = 0; cast + yes <= 5; yes++) {
                for (uint64_t no = 0; cast + yes + no <= 5; no++) {
                    struct cy_motion end = now;

                    end.yes += yes;
                    end.no += no;
                    assert_int_equal(cy_vote_outcome(&end, 10), early);
                }
            }
        }
    }
    assert_true(decided > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_charter_is_ratified),
        cmocka_unit_test(every_kind_takes_effect),
        cmocka_unit_test(levels_and_cap),
        cmocka_unit_test(outcome_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

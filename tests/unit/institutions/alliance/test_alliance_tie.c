/* alliance_tie: partners, backups, handover, the end. */
#include "league.h"

static unsigned partners(struct rig *rig, unsigned n)
{
    uint32_t i = 0;
    unsigned count = 0;

    while (cy_alliance_partner(&rig->engine.world, &rig->id[n], CY_topic_CULTURE, &i) != NULL)
        count++;
    return count;
}

static cy_err consent(struct rig *rig, unsigned from, unsigned to, bool given)
{
    return RIG_DO(rig, from, alliance_consent, .to = rig->id[to], .topic = CY_topic_CULTURE,
                  .given = given);
}

static void choice_of_partners(void **state) /* M004 */
{
    struct rig *rig = league_new();

    (void)state;
    assert_code(consent(rig, 1, 1, true), CONSENT_SELF);
    assert_code(consent(rig, 1, 2, false), CONSENT_SAME);
    assert_ok(consent(rig, 1, 2, true));
    assert_code(consent(rig, 1, 2, true), CONSENT_SAME);
    assert_int_equal(partners(rig, 1), 0); /* it takes two */
    assert_ok(consent(rig, 2, 1, true));
    assert_ok(consent(rig, 1, 3, true));
    assert_ok(consent(rig, 3, 1, true));
    assert_int_equal(partners(rig, 1), 2);
    assert_ok(consent(rig, 2, 1, false)); /* withdrawn, at once */
    assert_int_equal(partners(rig, 1), 1);
    assert_int_equal(partners(rig, 2), 0);
    rig_free(rig);
}

static void admission_by_consent(void **state) /* M004 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause all = clause("pair_consent", 1000000);
    const struct cy_id id = league_found(rig, 1, "A", &all, 1);
    struct cy_sponsor sponsors[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        sponsors[i].party = rig->id[2 + i];
    league_join(rig, id, 2, 2, CY_level_FULL); /* nobody to ask */
    assert_code(RIG_DO(rig, 3, alliance_join, .alliance = id, .level = CY_level_FULL),
                CONSENT_MISSING);
    assert_code(RIG_DO(rig, 3, alliance_join, .alliance = id, .level = CY_level_FULL,
                       .sponsors = sponsors, .n_sponsors = 1),
                CONSENT_MISSING);
    assert_ok(consent(rig, 2, 3, true));
    assert_ok(RIG_DO(rig, 3, alliance_join, .alliance = id, .level = CY_level_FULL,
                     .sponsors = sponsors, .n_sponsors = 1));
    assert_ok(consent(rig, 2, 5, true));
    assert_code(RIG_DO(rig, 5, alliance_join, .alliance = id, .level = CY_level_FULL,
                       .sponsors = sponsors, .n_sponsors = 1),
                CONSENT_MISSING); /* all of them */
    assert_ok(consent(rig, 3, 5, true));
    sponsors[2] = sponsors[0];
    assert_code(RIG_DO(rig, 5, alliance_join, .alliance = id, .level = CY_level_FULL,
                       .sponsors = sponsors, .n_sponsors = 3),
                CONSENT_MISSING); /* each once */
    assert_ok(RIG_DO(rig, 5, alliance_join, .alliance = id, .level = CY_level_FULL,
                     .sponsors = sponsors, .n_sponsors = 2));
    rig_free(rig);
}

static void backups(void **state) /* M011 */
{
    struct rig *rig = league_new();
    const struct cy_id a = league_found(rig, 1, "A", NULL, 0);
    const struct cy_id b = league_found(rig, 2, "B", NULL, 0);
    const struct cy_id c = league_found(rig, 3, "C", NULL, 0);

    (void)state;
    assert_code(RIG_DO(rig, 1, alliance_handover, .alliance = a), NO_BACKUP);
    assert_code(RIG_DO(rig, 1, alliance_backup, .alliance = a, .backup = a), BACKUP_SELF);
    assert_code(RIG_DO(rig, 4, alliance_backup, .alliance = a, .backup = b), NOT_OFFICER);
    assert_code(RIG_DO(rig, 2, alliance_backup, .alliance = a, .backup = b), NO_BACKUP);
    assert_ok(RIG_DO(rig, 1, alliance_backup, .alliance = a, .backup = b));
    assert_code(RIG_DO(rig, 1, alliance_handover, .alliance = a), NO_BACKUP); /* not accepted */
    assert_ok(RIG_DO(rig, 2, alliance_backup, .alliance = a, .backup = b));
    assert_code(RIG_DO(rig, 4, alliance_handover, .alliance = a), HANDOVER_EARLY);
    /* the register goes on under the keeper's hands */
    league_join(rig, a, 5, 5, CY_level_OBSERVER);
    assert_code(RIG_DO(rig, 2, alliance_invite, .alliance = a, .party = rig->id[6],
                       .level = CY_level_OBSERVER),
                NOT_OFFICER);
    league_days(rig, 730);
    assert_ok(RIG_DO(rig, 4, alliance_handover, .alliance = a)); /* dormant: anyone may */
    assert_code(RIG_DO(rig, 4, alliance_handover, .alliance = a), HANDED_OVER);
    assert_ok(RIG_DO(rig, 2, alliance_invite, .alliance = a, .party = rig->id[6],
                     .level = CY_level_OBSERVER));
    assert_ok(RIG_DO(rig, 6, alliance_join, .alliance = a, .level = CY_level_OBSERVER));
    assert_int_equal(league_count(rig, a, cy_time_date(rig->now)), 2);
    /* the kept does not keep its keeper */
    assert_code(RIG_DO(rig, 2, alliance_backup, .alliance = b, .backup = a), BACKUP_SELF);
    /* dissolved: anyone may hand over at once, but not to what is dissolved itself */
    assert_ok(RIG_DO(rig, 3, alliance_backup, .alliance = c, .backup = b));
    assert_ok(RIG_DO(rig, 2, alliance_backup, .alliance = c, .backup = b));
    assert_ok(RIG_DO(rig, 3, alliance_dissolve, .alliance = c));
    assert_ok(RIG_DO(rig, 9, alliance_handover, .alliance = c));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice_of_partners),
        cmocka_unit_test(admission_by_consent),
        cmocka_unit_test(backups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

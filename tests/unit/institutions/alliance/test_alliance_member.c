/* alliance_member: in, within, out; every refusal; bonds and exits. */
#include "league.h"
#include "unit/kernel/money.h"

#include "crypto/hash.h"

static void by_invitation(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause door = clause("admission", 1);
    const struct cy_id id = league_found(rig, 1, "A", &door, 1);

    (void)state;
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL), NOT_INVITED);
    assert_code(RIG_DO(rig, 2, alliance_apply, .alliance = id, .level = CY_level_FULL),
                ADMISSION_CLOSED);
    assert_code(RIG_DO(rig, 2, alliance_invite, .alliance = id, .party = rig->id[3],
                       .level = CY_level_FULL),
                NOT_OFFICER);
    assert_code(
        RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = id, .level = CY_level_FULL),
        UNKNOWN_PASSPORT);
    assert_code(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                       .level = CY_level_FULL, .until = rig->now),
                WRONG_TIME);
    assert_ok(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL, .until = rig->now + 1000));
    assert_code(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                       .level = CY_level_OBSERVER),
                ASKED_ALREADY);
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_OBSERVER),
                NOT_INVITED);
    rig_tick(rig, 1000); /* the invitation ends by itself */
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL), NOT_INVITED);
    assert_ok(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL));
    assert_int_equal(league_state(rig, id, 2), CY_member_state_INVITED);
    assert_code(RIG_DO(rig, 3, alliance_decline, .alliance = id, .party = rig->id[2]), NOT_OFFICER);
    assert_ok(RIG_DO(rig, 2, alliance_decline, .alliance = id, .party = rig->id[2]));
    assert_code(RIG_DO(rig, 2, alliance_decline, .alliance = id, .party = rig->id[2]), NOT_APPLIED);
    assert_ok(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL));
    assert_ok(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL));
    assert_int_equal(league_state(rig, id, 2), CY_member_state_ACTIVE);
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL),
                ALREADY_MEMBER);
    assert_code(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[2],
                       .level = CY_level_FULL),
                ALREADY_MEMBER);
    assert_int_equal(league_roll(rig, id)->n_full, 1);
    rig_free(rig);
}

static void by_application(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {clause("admission", 2), clause("levels", 5),
                                                clause("members_most", 2)};
    const struct cy_id id = league_found(rig, 1, "A", clauses, 3);

    (void)state;
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL),
                ADMISSION_CLOSED);
    assert_code(RIG_DO(rig, 2, alliance_apply, .alliance = id, .level = CY_level_ASSOCIATE),
                LEVEL_MISSING);
    assert_code(RIG_DO(rig, 2, alliance_apply, .alliance = rig->id[2], .level = CY_level_FULL),
                NO_ALLIANCE);
    assert_code(RIG_DO(rig, 1, alliance_admit, .alliance = id, .party = rig->id[2]), NOT_APPLIED);
    for (unsigned i = 2; i <= 4; i++) {
        assert_ok(RIG_DO(rig, i, alliance_apply, .alliance = id, .level = CY_level_FULL));
        assert_code(RIG_DO(rig, i, alliance_apply, .alliance = id, .level = CY_level_FULL),
                    ASKED_ALREADY);
        assert_code(RIG_DO(rig, i, alliance_join, .alliance = id, .level = CY_level_FULL),
                    ASKED_ALREADY);
    }
    assert_code(RIG_DO(rig, 2, alliance_admit, .alliance = id, .party = rig->id[2]), NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_admit, .alliance = id, .party = rig->id[2]));
    assert_ok(RIG_DO(rig, 1, alliance_admit, .alliance = id, .party = rig->id[3]));
    assert_code(RIG_DO(rig, 1, alliance_admit, .alliance = id, .party = rig->id[4]), MEMBERS_FULL);
    assert_ok(RIG_DO(rig, 1, alliance_decline, .alliance = id, .party = rig->id[4]));
    assert_int_equal(league_state(rig, id, 4), 0);
    rig_free(rig);
}

static void the_whole_life(void **state) /* M005, M006 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {clause("expel_vote", 0),
                                                clause("leave_full", 2 * (uint64_t)CY_DAY_MS),
                                                clause("level_vote", 0)};
    const struct cy_id id = league_found(rig, 1, "A", clauses, 3);
    const struct cy_line why = rig_line("because");
    const cy_date today = cy_time_date(rig->now);

    (void)state;
    league_join(rig, id, 2, 2, CY_level_OBSERVER);
    assert_code(RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2],
                       .level = CY_level_OBSERVER),
                LEVEL_SAME);
    assert_code(
        RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[3], .level = CY_level_FULL),
        NOT_MEMBER);
    assert_code(
        RIG_DO(rig, 2, alliance_level, .alliance = id, .party = rig->id[2], .level = CY_level_FULL),
        NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL));
    assert_int_equal(league_roll(rig, id)->n_full, 1);
    assert_int_equal(league_roll(rig, id)->n_observer, 0);
    assert_code(RIG_DO(rig, 1, alliance_resume, .alliance = id, .party = rig->id[2], .reason = why),
                NOT_SUSPENDED);
    assert_ok(RIG_DO(rig, 1, alliance_suspend, .alliance = id, .party = rig->id[2], .reason = why));
    assert_int_equal(league_roll(rig, id)->n_full, 0); /* no voice */
    assert_code(
        RIG_DO(rig, 1, alliance_suspend, .alliance = id, .party = rig->id[2], .reason = why),
        SUSPENDED_ALREADY);
    assert_int_equal(league_count(rig, id, today), 1); /* but a member */
    assert_ok(RIG_DO(rig, 1, alliance_resume, .alliance = id, .party = rig->id[2], .reason = why));
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id, .reason = why));
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEAVING);
    assert_int_equal(league_roll(rig, id)->n_full, 0); /* who leaves votes no more */
    assert_code(RIG_DO(rig, 2, alliance_leave, .alliance = id), LEAVING_ALREADY);
    assert_code(
        RIG_DO(rig, 1, alliance_suspend, .alliance = id, .party = rig->id[2], .reason = why),
        LEAVING_ALREADY);
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL),
                LEAVING_ALREADY);
    assert_int_equal(league_count(rig, id, today + 1), 1);
    assert_int_equal(league_count(rig, id, today + 2), 0); /* the day counts */
    league_days(rig, 2);
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEFT);
    assert_code(RIG_DO(rig, 2, alliance_leave, .alliance = id), NOT_MEMBER);
    league_join(rig, id, 2, 2, CY_level_ASSOCIATE); /* the way back */
    assert_int_equal(league_roll(rig, id)->n_parties, 1);
    assert_ok(RIG_DO(rig, 1, alliance_expel, .alliance = id, .party = rig->id[2], .reason = why));
    assert_code(RIG_DO(rig, 1, alliance_expel, .alliance = id, .party = rig->id[2], .reason = why),
                NOT_MEMBER);
    assert_int_equal(league_count(rig, id, today + 2), 0);
    assert_int_equal(league_count(rig, id, today), 1); /* the past stays */
    league_join(rig, id, 2, 2, CY_level_FULL);
    assert_code(RIG_DO(rig, 1, alliance_dissolve, .alliance = id), NEEDS_MOTION);
    assert_ok(RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2],
                     .level = CY_level_OBSERVER)); /* nobody left who could vote */
    assert_ok(RIG_DO(rig, 1, alliance_dissolve, .alliance = id));
    assert_int_equal(league_count(rig, id, cy_time_date(rig->now)), 0);
    assert_code(RIG_DO(rig, 3, alliance_join, .alliance = id, .level = CY_level_FULL),
                ALLIANCE_ENDED);
    assert_code(RIG_DO(rig, 1, alliance_dissolve, .alliance = id), ALLIANCE_ENDED);
    rig_free(rig);
}

static void leaving_ends_no_suspension(void **state) /* found by the random acts */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {clause("expel_vote", 0),
                                                clause("leave_full", 2 * (uint64_t)CY_DAY_MS)};
    const struct cy_id id = league_found(rig, 1, "A", clauses, 2);
    const struct cy_of_party who = {id, rig->id[2]};
    struct cy_rights rights;

    (void)state;
    league_join(rig, id, 2, 2, CY_level_FULL);
    assert_ok(RIG_DO(rig, 1, alliance_suspend, .alliance = id, .party = rig->id[2],
                     .reason = rig_line("because")));
    rig_tick(rig, 5000); /* a notice runs to the end of a day, by date and by time */
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id));
    assert_int_equal(CY_GET(&rig->engine.world, member, &who)->leaves_at % CY_DAY_MS, 0);
    cy_plan_clear(&rig->engine.plan);
    assert_ok(cy_alliance_rights(&rig->engine.plan, &who, rig->now, &rights));
    assert_int_equal(rights.state, CY_member_state_LEAVING);
    assert_int_equal(rights.data, 0);
    assert_int_equal(rights.vote, 0);
    assert_true(rights.duty);
    league_days(rig, 2);
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEAVING);
    league_days(rig, 1);
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEFT);
    rig_free(rig);
}

static void expelled_while_leaving(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {clause("expel_vote", 0),
                                                clause("leave_full", 2 * (uint64_t)CY_DAY_MS)};
    const struct cy_id id = league_found(rig, 1, "A", clauses, 2);

    (void)state;
    league_join(rig, id, 2, 2, CY_level_FULL);
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id));
    assert_ok(RIG_DO(rig, 1, alliance_expel, .alliance = id, .party = rig->id[2],
                     .reason = rig_line("because")));
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEFT);
    /* the exit of the day after tomorrow stands on record: no way back before it */
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL),
                LEAVING_ALREADY);
    league_days(rig, 2);
    league_join(rig, id, 2, 2, CY_level_FULL);
    assert_int_equal(league_count(rig, id, cy_time_date(rig->now)), 1);
    rig_free(rig);
}

static void bonds(void **state) /* M005: exit settles in one act; M077 */
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {clause("bond_full", 100), clause("expel_vote", 0)};
    struct cy_id asset, account, other, id, first, second;
    const struct cy_bond *bond = NULL;

    (void)state;
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("U"), .name = rig_name("unit")));
    asset = rig->last;
    assert_ok(RIG_DO(rig, 2, account_open, .asset = asset));
    assert_ok(RIG_DO(rig, 1, account_open, .asset = asset));
    account = cy_account_id(&rig->id[2], &asset, 0);
    other = cy_account_id(&rig->id[1], &asset, 0);
    assert_ok(RIG_DO(rig, 1, asset_issue, .asset = asset, .account = account, .amount = 500));
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("A"), .name = rig_name("A"),
                     .topic = CY_topic_CULTURE, .clauses = clauses, .n_clauses = 2,
                     .bond_asset = asset));
    id = rig->last;
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL),
                BOND_MISSING);
    assert_ok(RIG_DO(rig, 2, bond_post, .account = account, .beneficiary = id, .amount = 60,
                     .cool_ms = 1000));
    first = rig->last;
    assert_ok(RIG_DO(rig, 2, bond_post, .account = account, .beneficiary = id, .amount = 70,
                     .cool_ms = 1000));
    second = rig->last;
    const struct cy_bond_named both[] = {{first}, {second}}, twice[] = {{first}, {first}};

    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL, .bonds = both,
                       .n_bonds = 1),
                BOND_MISSING);
    assert_code(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL,
                       .bonds = twice, .n_bonds = 2),
                FOREIGN_BOND);
    assert_code(RIG_DO(rig, 3, alliance_join, .alliance = id, .level = CY_level_FULL, .bonds = both,
                       .n_bonds = 2),
                FOREIGN_BOND);
    assert_ok(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL, .bonds = both,
                     .n_bonds = 2));
    assert_code(RIG_DO(rig, 2, bond_cool, .bond = first), IN_USE); /* it secures a membership */
    /* the alliance takes from a bond for evidence, through its officer only */
    const struct cy_span paper = cy_span_text("report");
    const struct cy_id digest = cy_sha256(paper);

    assert_ok(RIG_DO(rig, 3, evidence_record, .digest = digest, .kind = CY_evidence_kind_AUDIT,
                     .about = rig->id[2], .summary = rig_line("report"), .bundle = paper));
    assert_code(RIG_DO(rig, 3, alliance_slash, .alliance = id, .bond = first, .amount = 10,
                       .to = other, .evidence = digest, .reason = rig_line("report")),
                NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_slash, .alliance = id, .bond = first, .amount = 10,
                     .to = other, .evidence = digest, .reason = rig_line("report")));
    /* leaving names one bond more than those that secure the membership, and not a foreign one */
    assert_code(RIG_DO(rig, 2, alliance_leave, .alliance = id, .bonds = twice, .n_bonds = 2),
                FOREIGN_BOND);
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id));
    bond = CY_GET(&rig->engine.world, bond, &first);
    assert_int_equal(bond->state, CY_bond_state_COOLING);
    const struct cy_of_alliance key = {id, 1};
    const struct cy_alliance_exit *left = CY_GET(&rig->engine.world, alliance_exit, &key);

    assert_int_equal(left->bonds_cooling, 2);
    assert_true(left->cooling == 120);
    assert_int_equal(left->bonds_owed, 0);
    rig_tick(rig, 1000);
    assert_ok(RIG_DO(rig, 2, bond_withdraw, .bond = first));
    rig_free(rig);
}

static void a_higher_level_needs_a_higher_bond(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause clauses[] = {
        clause("bond_full", 100), clause("bond_observer", 10), clause("level_vote", 0)};
    struct cy_id asset, account, id, bond[3];

    (void)state;
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("U"), .name = rig_name("unit")));
    asset = rig->last;
    assert_ok(RIG_DO(rig, 2, account_open, .asset = asset));
    account = cy_account_id(&rig->id[2], &asset, 0);
    assert_ok(RIG_DO(rig, 1, asset_issue, .asset = asset, .account = account, .amount = 500));
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("A"), .name = rig_name("A"),
                     .topic = CY_topic_CULTURE, .clauses = clauses, .n_clauses = 3,
                     .bond_asset = asset));
    id = rig->last;
    for (unsigned i = 0; i < 3; i++) {
        assert_ok(RIG_DO(rig, 2, bond_post, .account = account, .beneficiary = id, .amount = 50));
        bond[i] = rig->last;
    }
    const struct cy_bond_named one = {bond[0]}, more[] = {{bond[1]}, {bond[2]}};

    assert_code(RIG_DO(rig, 2, alliance_pledge, .alliance = id, .bonds = &one, .n_bonds = 1),
                NOT_MEMBER);
    assert_ok(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_OBSERVER,
                     .bonds = &one, .n_bonds = 1));
    assert_code(
        RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2], .level = CY_level_FULL),
        BOND_MISSING);
    assert_code(RIG_DO(rig, 2, alliance_pledge, .alliance = id, .bonds = &one, .n_bonds = 1),
                FOREIGN_BOND); /* it counts once */
    assert_ok(RIG_DO(rig, 2, alliance_pledge, .alliance = id, .bonds = more, .n_bonds = 2));
    assert_ok(RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2],
                     .level = CY_level_FULL));
    /* an alliance that ends does not keep the bonds of its members */
    assert_ok(RIG_DO(rig, 1, alliance_level, .alliance = id, .party = rig->id[2],
                     .level = CY_level_OBSERVER));
    assert_ok(RIG_DO(rig, 1, alliance_dissolve, .alliance = id));
    assert_code(RIG_DO(rig, 2, bond_cool, .bond = bond[1]), IN_USE);
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id));
    assert_code(RIG_DO(rig, 2, alliance_leave, .alliance = id), NOT_MEMBER);
    for (unsigned i = 0; i < 3; i++)
        assert_ok(RIG_DO(rig, 2, bond_withdraw, .bond = bond[i]));
    rig_free(rig);
}

/* A bloc with an office enters on sixteen bonds and leaves with eighty. */
static void the_largest(void **state)
{
    struct rig *rig = league_new();
    struct cy_bond_named named[80];
    struct cy_of_alliance first = {.n = 1};
    struct cy_id asset, account, id;

    (void)state;
    rig_passport(rig, 20, CY_kind_BLOC, "Bloc");
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("U"), .name = rig_name("unit")));
    asset = rig->last;
    assert_ok(RIG_DO(rig, 20, account_open, .asset = asset));
    account = cy_account_id(&rig->id[20], &asset, 0);
    assert_ok(RIG_DO(rig, 1, asset_issue, .asset = asset, .account = account, .amount = 500));
    id = league_found(rig, 1, "A", NULL, 0);
    for (unsigned i = 0; i < 80; i++) {
        assert_ok(RIG_DO(rig, 20, bond_post, .account = account, .beneficiary = id, .amount = 2));
        named[i].bond = rig->last;
    }
    assert_ok(RIG_DO(rig, 20, alliance_join, .alliance = id, .level = CY_level_OBSERVER,
                     .bonds = named, .n_bonds = 16));
    assert_code(RIG_DO(rig, 20, alliance_pledge, .alliance = id, .bonds = named + 16, .n_bonds = 1),
                FOREIGN_BOND);
    for (uint8_t role = CY_alliance_role_REGISTRAR; role >= CY_alliance_role_SECRETARY; role--)
        assert_ok(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = role,
                         .holder = rig->id[20], .until = rig->now + CY_DAY_MS));
    assert_ok(RIG_DO(rig, 20, alliance_leave, .alliance = id, .bonds = named + 16, .n_bonds = 64));
    first.alliance = id;
    assert_int_equal(CY_GET(&rig->engine.world, alliance_exit, &first)->bonds_cooling, 80);
    assert_true(CY_GET(&rig->engine.world, alliance_exit, &first)->cooling == 160);
    assert_int_equal(CY_GET(&rig->engine.world, alliance_exit, &first)->offices, 2);
    assert_true(league_commit(rig) > 80);
    rig_free(rig);
}

static void bonds_that_stay_owed(void **state) /* obligations travel along */
{
    struct rig *rig = league_new();
    struct cy_id asset, account, id, bond;
    const struct cy_alliance_exit *left = NULL;
    struct cy_of_alliance key = {.n = 1};

    (void)state;
    assert_ok(RIG_DO(rig, 1, asset_create, .code = rig_label("U"), .name = rig_name("unit")));
    asset = rig->last;
    assert_ok(RIG_DO(rig, 2, account_open, .asset = asset));
    account = cy_account_id(&rig->id[2], &asset, 0);
    assert_ok(RIG_DO(rig, 1, asset_issue, .asset = asset, .account = account, .amount = 500));
    id = league_found(rig, 1, "A", NULL, 0);
    assert_ok(RIG_DO(rig, 2, bond_post, .account = account, .beneficiary = id, .amount = 60,
                     .cool_ms = 1000));
    bond = rig->last;
    league_join(rig, id, 2, 2, CY_level_FULL);
    /* some other institution relies on the bond */
    cy_plan_clear(&rig->engine.plan);
    cy_plan_begin(&rig->engine.plan, 1);
    assert_ok(cy_stake_use(
        &rig->engine.plan,
        &(struct cy_stake_need){.bond = bond, .owner = rig->id[2], .beneficiary = id, .least = 1}));
    cy_plan_apply(&rig->engine.plan);
    const struct cy_bond_named named = {bond};

    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id, .bonds = &named, .n_bonds = 1));
    key.alliance = id;
    left = CY_GET(&rig->engine.world, alliance_exit, &key);
    assert_int_equal(left->bonds_owed, 1);
    assert_true(left->owed == 60);
    assert_int_equal(left->duties, 1);
    assert_int_equal(CY_GET(&rig->engine.world, bond, &bond)->state, CY_bond_state_POSTED);
    rig_free(rig);
}

static void offices(void **state) /* M009 */
{
    struct rig *rig = league_new();
    const struct cy_id id = league_found(rig, 1, "A", NULL, 0);
    const struct cy_of_alliance first = {id, 0};
    const struct cy_officer_act *trace = NULL;
    uint64_t seq = 0;
    unsigned about = 0;

    (void)state;
    assert_code(RIG_DO(rig, 2, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                       .holder = rig->id[2], .until = rig->now + 1),
                NOT_OFFICER);
    assert_code(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                       .holder = rig->id[2], .until = rig->now + 126144000001),
                TERM_LENGTH);
    assert_code(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_REGISTRAR,
                       .holder = rig->id[2]),
                NOT_HOLDER);
    assert_ok(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                     .holder = rig->id[2], .until = rig->now + CY_DAY_MS));
    assert_code(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[3],
                       .level = CY_level_FULL),
                NOT_OFFICER); /* the founder has handed over */
    assert_ok(RIG_DO(rig, 2, alliance_invite, .alliance = id, .party = rig->id[3],
                     .level = CY_level_FULL));
    league_days(rig, 1); /* the term ends by itself, and the founder acts until there is another */
    assert_code(RIG_DO(rig, 2, alliance_invite, .alliance = id, .party = rig->id[4],
                       .level = CY_level_FULL),
                NOT_OFFICER);
    assert_ok(RIG_DO(rig, 1, alliance_invite, .alliance = id, .party = rig->id[4],
                     .level = CY_level_FULL));
    assert_ok(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                     .holder = rig->id[3], .until = rig->now + CY_DAY_MS));
    assert_ok(RIG_DO(rig, 3, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                     .holder = rig->id[3])); /* anyone may resign */
    /* every officer's act left a trace: which office, who, about whom, which act, where it stands
     */
    trace = CY_GET(&rig->engine.world, officer_act, &first);
    assert_true(cy_id_eq(&trace->by, &rig->id[1]));
    assert_true(cy_id_eq(&trace->about, &rig->id[2]));
    assert_int_equal(trace->role, CY_alliance_role_SECRETARY);
    assert_int_equal(trace->number, CY_M_alliance_office);
    assert_true(trace->ledger_at > 0);
    assert_int_equal(league_roll(rig, id)->n_officer_acts, 5);
    while (cy_officer_trace(&rig->engine.world, &id, &rig->id[3], &seq) != NULL)
        about++;
    assert_int_equal(about, 3);
    /* who leaves holds no office */
    league_join(rig, id, 3, 3, CY_level_FULL);
    assert_ok(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_SECRETARY,
                     .holder = rig->id[3], .until = rig->now + CY_DAY_MS));
    assert_ok(RIG_DO(rig, 3, alliance_leave, .alliance = id));
    assert_true(cy_id_none(&league_alliance(rig, id)->secretary));
    rig_free(rig);
}

static cy_err record(struct rig *rig, struct cy_id id, unsigned party, uint8_t event, uint8_t level,
                     const char *day)
{
    cy_date date = 0;

    assert_ok(cy_date_read(cy_span_text(day), &date));
    return RIG_DO(rig, 1, alliance_record, .alliance = id, .party = rig->id[party], .event = event,
                  .level = level, .date = date, .source = rig_line("archive"));
}

static void the_past(void **state)
{
    struct rig *rig = league_new();
    const struct cy_charter_clause until = clause("registrar_until", rig->now + CY_DAY_MS);
    struct cy_id id;
    cy_date founded = 0, first = 0;

    (void)state;
    assert_ok(cy_date_read(cy_span_text("1950-01-01"), &founded));
    assert_ok(cy_date_read(cy_span_text("1953-02-02"), &first));
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("A"), .name = rig_name("A"),
                     .topic = CY_topic_CULTURE, .founded = founded, .clauses = &until,
                     .n_clauses = 1));
    id = rig->last;
#define RECORD(party, event, level, day)                                                           \
    record(rig, id, party, CY_membership_##event, CY_level_##level, day)
    assert_code(RECORD(2, FOUND, FULL, "1949-12-31"), EVENT_DATE);
    assert_code(RECORD(2, FOUND, FULL, "2026-01-02"), EVENT_DATE);
    assert_code(RECORD(2, EXIT, FULL, "1950-01-01"), EVENT_ORDER);
    assert_ok(RECORD(2, FOUND, FULL, "1950-01-01"));
    assert_code(RECORD(2, JOIN, FULL, "1951-01-01"), EVENT_ORDER);
    assert_code(RECORD(2, FOUND, FULL, "1951-01-01"), EVENT_ORDER);
    assert_code(RECORD(2, EXIT, OBSERVER, "1951-01-01"), EVENT_ORDER);
    assert_code(RECORD(2, RESUME, FULL, "1951-01-01"), EVENT_ORDER);
    assert_code(RECORD(2, LEVEL, FULL, "1951-01-01"), EVENT_ORDER);
    assert_ok(RECORD(2, LEVEL, OBSERVER, "1951-01-01"));
    assert_ok(RECORD(2, SUSPEND, OBSERVER, "1952-01-01"));
    assert_code(RECORD(2, SUSPEND, OBSERVER, "1952-01-02"), EVENT_ORDER);
    assert_ok(RECORD(2, RESUME, OBSERVER, "1953-01-01"));
    assert_ok(RECORD(2, EXIT, OBSERVER, "1953-02-02"));
    assert_int_equal(league_count(rig, id, first - 1), 1);
    assert_int_equal(league_count(rig, id, first), 0);
    assert_ok(RECORD(2, JOIN, FULL, "1960-01-01"));
    assert_int_equal(league_roll(rig, id)->n_full, 1);
    /* a correction further back changes the past, not the present */
    assert_ok(RECORD(2, EXIT, OBSERVER, "1952-06-01"));
    assert_ok(RECORD(2, JOIN, OBSERVER, "1952-07-01"));
    assert_int_equal(league_count(rig, id, first - 217), 0); /* 1952-06-30 */
    assert_int_equal(league_roll(rig, id)->n_full, 1);
    assert_code(RIG_DO(rig, 1, alliance_record, .alliance = id, .party = rig->id[3],
                       .event = CY_membership_JOIN, .level = CY_level_FULL, .date = first,
                       .precision = CY_precision_MONTH, .source = rig_line("archive")),
                EVENT_DATE);
    assert_code(RIG_DO(rig, 1, alliance_record, .alliance = id, .party = id,
                       .event = CY_membership_JOIN, .level = CY_level_FULL, .date = first,
                       .source = rig_line("archive")),
                UNKNOWN_PASSPORT);
    assert_code(RIG_DO(rig, 2, alliance_record, .alliance = id, .party = rig->id[3],
                       .event = CY_membership_JOIN, .level = CY_level_FULL, .date = first,
                       .source = rig_line("archive")),
                NOT_OFFICER);
    /* a registrar records and does nothing else */
    assert_ok(RIG_DO(rig, 1, alliance_office, .alliance = id, .role = CY_alliance_role_REGISTRAR,
                     .holder = rig->id[2], .until = rig->now + CY_DAY_MS));
    assert_ok(RIG_DO(rig, 2, alliance_record, .alliance = id, .party = rig->id[3],
                     .event = CY_membership_JOIN, .level = CY_level_FULL, .date = first,
                     .source = rig_line("archive")));
    assert_code(RIG_DO(rig, 2, alliance_invite, .alliance = id, .party = rig->id[4],
                       .level = CY_level_FULL),
                NOT_OFFICER);
    assert_code(RIG_DO(rig, 1, alliance_dissolve, .alliance = id, .ended = founded - 1),
                EVENT_DATE);
    league_days(rig, 1);
    assert_code(RECORD(4, JOIN, FULL, "1970-01-01"), REGISTRAR_CLOSED);
    assert_code(RIG_DO(rig, 1, alliance_dissolve, .alliance = id, .ended = first),
                REGISTRAR_CLOSED);
    rig_free(rig);
}

/* The register is not a way to keep somebody's bonds, and who is leaving cannot lose more of them.
 */
static void bonds_come_back(void **state)
{
    struct rig *rig = league_new();
    const struct cy_id asset = money_new(rig, 1, "CRD");
    const struct cy_id account = money_give(rig, 1, 2, asset, 100);
    struct cy_charter_clause clauses[] = {clause("admission", 0),
                                          clause("registrar_until", UINT64_MAX),
                                          clause("leave_full", 30 * (uint64_t)CY_DAY_MS)};
    struct cy_bond_named bond[2];
    struct cy_id id;

    (void)state;
    assert_ok(RIG_DO(rig, 1, alliance_found, .code = rig_label("X"), .name = rig_name("X"),
                     .topic = CY_topic_CULTURE, .clauses = clauses, .n_clauses = 3,
                     .bond_asset = asset));
    id = rig->last;
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(RIG_DO(rig, 2, bond_post, .account = account, .beneficiary = id, .amount = 10));
        bond[i].bond = rig->last;
    }
    assert_ok(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL, .bonds = bond,
                     .n_bonds = 1));
    assert_code(RIG_DO(rig, 2, bond_cool, .bond = bond[0].bond), IN_USE);
    assert_ok(RIG_DO(rig, 1, alliance_record, .alliance = id, .party = rig->id[2],
                     .event = CY_membership_EXPEL, .level = CY_level_FULL,
                     .date = cy_time_date(rig->now), .source = rig_line("the register")));
    assert_int_equal(league_state(rig, id, 2), CY_member_state_LEFT);
    assert_ok(RIG_DO(rig, 2, bond_cool, .bond = bond[0].bond));
    league_days(rig, 1);
    assert_ok(RIG_DO(rig, 2, alliance_join, .alliance = id, .level = CY_level_FULL));
    assert_ok(RIG_DO(rig, 2, alliance_leave, .alliance = id));
    assert_code(RIG_DO(rig, 2, alliance_pledge, .alliance = id, .bonds = bond + 1, .n_bonds = 1),
                LEAVING_ALREADY);
    assert_ok(RIG_DO(rig, 2, bond_cool, .bond = bond[1].bond));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_invitation),
        cmocka_unit_test(by_application),
        cmocka_unit_test(the_whole_life),
        cmocka_unit_test(expelled_while_leaving),
        cmocka_unit_test(leaving_ends_no_suspension),
        cmocka_unit_test(a_higher_level_needs_a_higher_bond),
        cmocka_unit_test(the_largest),
        cmocka_unit_test(bonds),
        cmocka_unit_test(bonds_that_stay_owed),
        cmocka_unit_test(offices),
        cmocka_unit_test(the_past),
        cmocka_unit_test(bonds_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

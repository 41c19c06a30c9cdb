/* alliance: thousands of random acts, most of them refused; after every one that is accepted the
 * books agree: the roll counts what the members' records say, the members' records say what the
 * events say, and every refusal is one of the alliance's or the kernel's own (M001 .. M006). */
#include "rig.h"

#include "gen.h"
#include "institutions/alliance/alliance_view.h"
#include "institutions/roster.h"

#include <stdio.h>

#define PARTIES 9u
#define BLOCS 2u /* the last of them */
#define LISTS 4u
#define ACTS 6000u
#define MOTIONS 32u

static const struct cy_id none;

struct world {
    struct rig *rig;
    struct gen gen;
    struct cy_id list[LISTS];
    struct cy_id motion[MOTIONS];
    unsigned n_motions;
    unsigned accepted[0x20], refused[0x20], crowded, committed;
};

static unsigned draw(struct world *w, unsigned below)
{
    return (unsigned)gen_draw(&w->gen, below);
}

static cy_err random_membership(struct world *w, unsigned number, unsigned n, struct cy_id list)
{
    struct rig *rig = w->rig;
    const struct cy_id party = rig->id[1 + draw(w, PARTIES)];
    const uint8_t level = (uint8_t)(1 + draw(w, 3));
    const struct cy_line why = rig_line("so");

    switch (number) {
    case CY_M_alliance_invite:
        return RIG_DO(rig, n, alliance_invite, .alliance = list, .party = party, .level = level);
    case CY_M_alliance_apply:
        return RIG_DO(rig, n, alliance_apply, .alliance = list, .level = level);
    case CY_M_alliance_join: return RIG_DO(rig, n, alliance_join, .alliance = list, .level = level);
    case CY_M_alliance_admit:
        return RIG_DO(rig, n, alliance_admit, .alliance = list, .party = party);
    case CY_M_alliance_decline:
        return RIG_DO(rig, n, alliance_decline, .alliance = list, .party = party);
    case CY_M_alliance_level:
        return RIG_DO(rig, n, alliance_level, .alliance = list, .party = party, .level = level);
    case CY_M_alliance_leave: return RIG_DO(rig, n, alliance_leave, .alliance = list);
    case CY_M_alliance_suspend:
        return RIG_DO(rig, n, alliance_suspend, .alliance = list, .party = party, .reason = why);
    case CY_M_alliance_resume:
        return RIG_DO(rig, n, alliance_resume, .alliance = list, .party = party);
    case CY_M_alliance_expel:
        return RIG_DO(rig, n, alliance_expel, .alliance = list, .party = party, .reason = why);
    default: return CY_OK;
    }
}

/* One of the last motions, or something else when there is none yet. */
static struct cy_id some_motion(struct world *w)
{
    const unsigned n = w->n_motions < MOTIONS ? w->n_motions : MOTIONS;

    return n == 0 ? w->list[0] : w->motion[draw(w, n)];
}

static cy_err random_rule(struct world *w, unsigned number, unsigned n, struct cy_id list)
{
    static const char *const names[] = {"admission",  "vote_full",  "vote_observer", "expel_vote",
                                        "amend_vote", "leave_full", "quorum_ppm",    "levels"};
    static const uint64_t values[] = {0, 1, 2, 3, 86400000, 7776000000, 400000, 7};
    struct rig *rig = w->rig;
    const struct cy_charter_clause change = {.name = rig_label(names[draw(w, CY_COUNT(names))]),
                                             .value = values[draw(w, CY_COUNT(values))],
                                             .reserve = (uint8_t)draw(w, 3)};
    const struct cy_id party = rig->id[1 + draw(w, PARTIES)];
    cy_err err = CY_OK;

    switch (number) {
    case CY_M_alliance_amend:
        return RIG_DO(rig, n, alliance_amend, .alliance = list, .clauses = &change, .n_clauses = 1);
    case CY_M_alliance_adopt:
        return RIG_DO(rig, n, alliance_adopt, .alliance = list, .clause = change.name,
                      .from = w->list[draw(w, LISTS)]);
    case CY_M_alliance_office:
        return RIG_DO(rig, n, alliance_office, .alliance = list, .role = (uint8_t)(1 + draw(w, 2)),
                      .holder = party,
                      .until = draw(w, 4) == 0 ? 0 : rig->now + 20 * (uint64_t)CY_DAY_MS);
    case CY_M_alliance_mandate:
        return RIG_DO(rig, n, alliance_mandate, .alliance = list,
                      .bloc = rig->id[PARTIES - draw(w, BLOCS)], .end = draw(w, 3) == 0);
    case CY_M_alliance_backup:
        return RIG_DO(rig, n, alliance_backup, .alliance = list, .backup = w->list[draw(w, LISTS)]);
    case CY_M_alliance_handover: return RIG_DO(rig, n, alliance_handover, .alliance = list);
    case CY_M_alliance_consent:
        return RIG_DO(rig, n, alliance_consent, .to = party, .topic = CY_topic_CULTURE,
                      .given = draw(w, 2) == 0);
    case CY_M_alliance_motion: {
        const uint8_t kind = (uint8_t)(1 + draw(w, 11));
        const bool amend = kind == CY_motion_kind_AMEND;

        err = RIG_DO(rig, n, alliance_motion, .alliance = list, .kind = kind,
                     .subject = amend ? none : party,
                     .level = kind == CY_motion_kind_LEVEL ? 1 + draw(w, 3) : 0, .clauses = &change,
                     .n_clauses = amend,
                     .until = kind == CY_motion_kind_SECRETARY ? rig->now + CY_DAY_MS : 0,
                     .reason = rig_line("so"));
        if (cy_ok(err))
            w->motion[w->n_motions++ % MOTIONS] = rig->last;
        return err;
    }
    case CY_M_alliance_vote:
        return RIG_DO(rig, n, alliance_vote, .motion = some_motion(w),
                      .choice = draw(w, 4) == 0 ? 2 : 1);
    case CY_M_alliance_close: return RIG_DO(rig, n, alliance_close, .motion = some_motion(w));
    default: return CY_OK;
    }
}

/* What must be so after every act. */
static void books_agree(struct world *w, unsigned l)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    const struct cy_world *world = &w->rig->engine.world;
    const struct cy_as_of as_of = {cy_time_date(w->rig->now), UINT64_MAX};
    const struct cy_alliance_roll *roll = CY_GET(world, alliance_roll, &w->list[l]);
    const bool ended = CY_GET(world, alliance, &w->list[l])->state == CY_alliance_state_DISSOLVED;
    unsigned active[4] = {0, 0, 0, 0}, belong = 0;
    struct cy_listed *list = NULL;
    size_t n = 0;

    assert_ok(cy_alliance_list(world, &w->list[l], &as_of, &arena, &list, &n));
    for (unsigned p = 1; p <= PARTIES; p++) {
        const struct cy_of_party key = {w->list[l], w->rig->id[p]};
        const struct cy_member *m = CY_GET(world, member, &key);
        size_t i = 0;

        while (i < n && !cy_id_eq(&list[i].party, &w->rig->id[p]))
            i++;
        assert_int_equal(i < n, !ended && cy_member_belongs(m, w->rig->now));
        if (i == n)
            continue;
        belong++;
        assert_int_equal(list[i].level, m->level);
        assert_int_equal(list[i].suspended, cy_member_suspended(m, w->rig->now));
        if (m->state == CY_member_state_ACTIVE)
            active[m->level]++;
    }
    assert_int_equal(belong, n);
    if (ended)
        return;
    assert_int_equal(roll->n_full, active[1]);
    assert_int_equal(roll->n_associate, active[2]);
    assert_int_equal(roll->n_observer, active[3]);
}

static void take(void *self, const struct cy_state_change *change)
{
    (void)change;
    ++*(unsigned *)self;
}

static void motions_agree(struct world *w)
{
    const struct cy_world *world = &w->rig->engine.world;

    for (uint32_t i = 0; i < cy_world_count(world, CY_R_motion); i++) {
        const struct cy_motion *m = cy_world_at(world, CY_R_motion, i);
        uint64_t cast = 0;

        for (uint32_t b = 0; b < cy_world_count(world, CY_R_ballot); b++) {
            const struct cy_ballot *ballot = cy_world_at(world, CY_R_ballot, b);

            cast += cy_id_eq(&ballot->motion, &m->id) ? ballot->weight : 0;
        }
        assert_true(cast == m->yes + m->no + m->abstain);
        assert_true(cast <= m->weight);
        assert_true(m->state != CY_motion_state_OPEN || m->decided == 0);
    }
}

static void found(struct world *w, unsigned l)
{
    static unsigned count;
    const struct cy_charter_clause clauses[] = {
        {.name = rig_label("admission"),  .value = l     },
        {.name = rig_label("expel_vote"), .value = l == 3},
        {.name = rig_label("amend_vote"), .value = l == 1},
        {.name = rig_label("level_vote"), .value = l == 1},
        {.name = rig_label("tie_vote"),   .value = l == 1}
    };
    char code[16];

    snprintf(code, sizeof code, "LIST-%u", count++);
    assert_ok(RIG_DO(w->rig, 1 + l % 2, alliance_found, .code = rig_label(code),
                     .name = rig_name("List"), .topic = CY_topic_CULTURE, .clauses = clauses,
                     .n_clauses = 5));
    w->list[l] = w->rig->last;
}

/* One time in four some table has no room: the act is refused, and nothing else happens. */
static void crowd(struct world *w, bool on)
{
    static struct cy_table *table;
    static uint32_t limit;
    static const uint32_t records[] = {CY_R_alliance_roll, CY_R_clause,         CY_R_charter,
                                       CY_R_clause_change, CY_R_member,         CY_R_member_event,
                                       CY_R_alliance_exit, CY_R_motion,         CY_R_motion_clause,
                                       CY_R_ballot,        CY_R_bloc,           CY_R_bloc_seat,
                                       CY_R_alliance_bloc, CY_R_officer_act,    CY_R_holder,
                                       CY_R_mantle,        CY_R_partner_consent};

    if (on) {
        table =
            draw(w, 4) == 0
                ? &cy_world_table(&w->rig->engine.world, records[draw(w, CY_COUNT(records))])->table
                : NULL;
        if (table != NULL) {
            limit = table->limit;
            table->limit = table->n;
        }
    } else if (table != NULL) {
        table->limit = limit;
    }
}

static void random_acts(void **state)
{
    static const uint16_t numbers[] = {
        CY_M_alliance_amend,   CY_M_alliance_adopt,   CY_M_alliance_invite,  CY_M_alliance_apply,
        CY_M_alliance_join,    CY_M_alliance_admit,   CY_M_alliance_decline, CY_M_alliance_level,
        CY_M_alliance_leave,   CY_M_alliance_suspend, CY_M_alliance_resume,  CY_M_alliance_expel,
        CY_M_alliance_office,  CY_M_alliance_motion,  CY_M_alliance_vote,    CY_M_alliance_vote,
        CY_M_alliance_vote,    CY_M_alliance_close,   CY_M_alliance_mandate, CY_M_alliance_backup,
        CY_M_alliance_consent, CY_M_alliance_join,    CY_M_alliance_handover};
    static struct world w;
    struct rig *rig = rig_new(cy_roster, cy_roster_count);

    (void)state;
    w = (struct world){.rig = rig, .gen = gen_on(1, NULL)};
    for (unsigned i = 1; i <= PARTIES; i++)
        rig_passport(rig, i, i > PARTIES - BLOCS ? CY_kind_BLOC : CY_kind_COMMUNITY, "Party");
    for (unsigned l = 0; l < LISTS; l++)
        found(&w, l);
    for (unsigned i = 0; i < ACTS; i++) {
        const unsigned number = numbers[draw(&w, CY_COUNT(numbers))];
        const unsigned n = 1 + draw(&w, draw(&w, 2) == 0 ? 2 : PARTIES); /* leaders half the time */
        const unsigned l = draw(&w, LISTS);
        cy_err err = CY_OK;

        if (draw(&w, 20) == 0)
            rig_tick(rig, gen_draw(&w.gen, 3 * (uint64_t)CY_DAY_MS));
        crowd(&w, true);
        err = number >= CY_M_alliance_invite && number <= CY_M_alliance_expel
                  ? random_membership(&w, number, n, w.list[l])
                  : random_rule(&w, number, n, w.list[l]);
        crowd(&w, false);
        if (cy_ok(err))
            w.accepted[number - 0x0100]++;
        else
            w.refused[number - 0x0100]++;
        assert_true(cy_ok(err) || (err.code >= 1000 && err.code < 1100) ||
                    (err.code >= 400 && err.code < 500) || err.code == CY_E_NO_ROOM);
        w.crowded += err.code == CY_E_NO_ROOM;
        for (unsigned k = 0; k < LISTS; k++)
            books_agree(&w, k);
        cy_world_drain(&rig->engine.world, take, &w.committed); /* every record encodes */
        if (i % 200 == 0)
            motions_agree(&w);
        if (CY_GET(&rig->engine.world, alliance, &w.list[l])->state != CY_alliance_state_LIVE &&
            draw(&w, 50) == 0)
            found(&w, l);
    }
    print_message("%u found no room\n", w.crowded);
    assert_true(w.crowded > 10);
    assert_true(w.committed > ACTS / 4);
    /* every kind of act was both accepted and refused */
    for (size_t k = 0; k < CY_COUNT(numbers); k++) {
        print_message("0x%04x: %u accepted, %u refused\n", numbers[k],
                      w.accepted[numbers[k] - 0x0100], w.refused[numbers[k] - 0x0100]);
        assert_true(w.accepted[numbers[k] - 0x0100] > 0);
        assert_true(w.refused[numbers[k] - 0x0100] > 0);
    }
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_acts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

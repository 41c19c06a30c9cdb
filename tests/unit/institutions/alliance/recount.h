/* recount: what a world counts, counted anew: rolls of alliances, sums of votes, uses of bonds,
 * bonds of members, bounds of passports, seats of blocs, and every unit of money.
 *
 * Owns: nothing. */
#ifndef CY_TESTS_RECOUNT_H
#define CY_TESTS_RECOUNT_H

#include "unit/institutions/alliance/league.h"
#include "unit/kernel/money.h"

#define EACH(world, record, name)                                                                  \
    for (uint32_t name##_i = 0; name##_i < cy_world_count((world), CY_R_##record); name##_i++)
#define AT(world, record, name)                                                                    \
    ((const struct cy_##record *)cy_world_at((world), CY_R_##record, name##_i))

static inline void recount_roll(const struct cy_world *world, const struct cy_alliance_roll *roll)
{
    uint32_t active[4] = {0}, parties = 0, blocs = 0, children = 0, bases = 0;
    uint64_t events = 0, motions = 0, officer_acts = 0;

    EACH(world, member, m)
    {
        const struct cy_member *m = AT(world, member, m);

        if (!cy_id_eq(&m->alliance, &roll->alliance))
            continue;
        active[m->level] += m->state == CY_member_state_ACTIVE;
        parties += m->ordinal != 0;
    }
    EACH(world, member_event, e)
    events += cy_id_eq(&AT(world, member_event, e)->alliance, &roll->alliance);
    EACH(world, motion, m)
    motions += cy_id_eq(&AT(world, motion, m)->alliance, &roll->alliance);
    EACH(world, officer_act, o)
    officer_acts += cy_id_eq(&AT(world, officer_act, o)->alliance, &roll->alliance);
    EACH(world, alliance_bloc, b)
    blocs += cy_id_eq(&AT(world, alliance_bloc, b)->alliance, &roll->alliance);
    EACH(world, alliance_base, b)
    bases += cy_id_eq(&AT(world, alliance_base, b)->alliance, &roll->alliance);
    EACH(world, alliance, a)
    children += cy_id_eq(&AT(world, alliance, a)->parent, &roll->alliance);
    assert_int_equal(active[CY_level_FULL], roll->n_full);
    assert_int_equal(active[CY_level_ASSOCIATE], roll->n_associate);
    assert_int_equal(active[CY_level_OBSERVER], roll->n_observer);
    assert_int_equal(parties, roll->n_parties);
    assert_int_equal(events, roll->n_events);
    assert_int_equal(motions, roll->n_motions);
    assert_int_equal(officer_acts, roll->n_officer_acts);
    assert_int_equal(blocs, roll->n_blocs);
    assert_int_equal(bases, roll->n_bases);
    assert_int_equal(children, roll->n_children);
}

static inline void recount_motion(const struct cy_world *world, const struct cy_motion *motion)
{
    uint64_t sum[4] = {0};
    uint32_t ballots = 0;

    EACH(world, ballot, b)
    {
        const struct cy_ballot *b = AT(world, ballot, b);

        if (!cy_id_eq(&b->motion, &motion->id))
            continue;
        sum[b->choice] += b->weight;
        ballots++;
    }
    assert_int_equal(ballots, motion->ballots);
    assert_int_equal(sum[CY_choice_YES], motion->yes);
    assert_int_equal(sum[CY_choice_NO], motion->no);
    assert_int_equal(sum[CY_choice_ABSTAIN], motion->abstain);
    assert_true(motion->yes + motion->no + motion->abstain <= motion->weight);
    assert_int_equal(motion->state == CY_motion_state_MOOT, motion->refusal != 0);
    assert_int_equal(motion->state == CY_motion_state_OPEN, motion->decided == 0);
}

static inline void recount_bond(const struct cy_world *world, const struct cy_bond *bond)
{
    uint32_t uses = 0;

    EACH(world, member_bond, m)
    uses += cy_id_eq(&AT(world, member_bond, m)->bond, &bond->id);
    EACH(world, holder, h)
    uses += cy_id_eq(&AT(world, holder, h)->bond, &bond->id);
    EACH(world, upload, u)
    uses += cy_id_eq(&AT(world, upload, u)->bond, &bond->id);
    assert_int_equal(uses, bond->uses);
    assert_true(bond->amount <= bond->posted);
}

static inline void recount_member(const struct cy_world *world, const struct cy_member *member,
                                  cy_time now)
{
    uint32_t bonds = 0;

    EACH(world, member_bond, m)
    {
        const struct cy_member_bond *b = AT(world, member_bond, m);

        if (!cy_id_eq(&b->alliance, &member->alliance) || !cy_id_eq(&b->party, &member->party))
            continue;
        bonds++;
        assert_non_null(CY_GET(world, bond, &b->bond));
    }
    assert_int_equal(bonds, member->bonds);
    if (cy_member_state(member, now) == CY_member_state_LEFT &&
        member->state != CY_member_state_INVITED)
        assert_int_equal(bonds, 0); /* who is out has its bonds back */
}

static inline void recount(const struct rig *rig)
{
    const struct cy_world *world = &rig->engine.world;

    money_conserved(world);
    EACH(world, alliance_roll, r)
    recount_roll(world, AT(world, alliance_roll, r));
    EACH(world, motion, m)
    recount_motion(world, AT(world, motion, m));
    EACH(world, bond, b)
    recount_bond(world, AT(world, bond, b));
    EACH(world, member, m)
    recount_member(world, AT(world, member, m), rig->now);
    EACH(world, passport, p)
    {
        const struct cy_passport *p = AT(world, passport, p);
        uint32_t bounds = 0;

        EACH(world, constraint, c)
        bounds += cy_id_eq(&AT(world, constraint, c)->passport, &p->id);
        assert_int_equal(bounds, p->constraints);
    }
    EACH(world, bloc, b)
    {
        const struct cy_bloc *b = AT(world, bloc, b);
        uint32_t seats = 0;

        EACH(world, bloc_seat, s)
        seats += cy_id_eq(&AT(world, bloc_seat, s)->bloc, &b->bloc);
        assert_int_equal(seats, b->n_seats);
    }
}

#endif

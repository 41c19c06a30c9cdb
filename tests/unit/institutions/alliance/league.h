/* league: what the tests of alliances begin with: a realm, twelve parties and short forms of acts.
 *
 * Owns: nothing. */
#ifndef CY_TESTS_LEAGUE_H
#define CY_TESTS_LEAGUE_H

#include "rig.h"

#include <stdio.h>

#include "institutions/alliance/alliance_view.h"
#include "institutions/roster.h"

#define LEAGUE_PARTIES 12u

/* league_new: a realm with passports 1 .. 12, nations. */
static inline struct rig *league_new(void)
{
    struct rig *rig = rig_new(cy_roster, cy_roster_count);

    for (unsigned i = 1; i <= LEAGUE_PARTIES; i++) {
        char name[16];

        snprintf(name, sizeof name, "Party %u", i);
        rig_passport(rig, i, CY_kind_NATION, name);
    }
    return rig;
}

static inline struct cy_charter_clause clause(const char *name, uint64_t value)
{
    return (struct cy_charter_clause){.name = rig_label(name), .value = value};
}

/* league_found: party n founds an alliance on culture, but for the clauses given. */
static inline struct cy_id league_found(struct rig *rig, unsigned n, const char *code,
                                        const struct cy_charter_clause *clauses, unsigned n_clauses)
{
    assert_ok(RIG_DO(rig, n, alliance_found, .code = rig_label(code), .name = rig_name(code),
                     .topic = CY_topic_CULTURE, .clauses = clauses, .n_clauses = n_clauses));
    return rig->last;
}

/* league_join: parties `from` to `to` join through the open door. */
static inline void league_join(struct rig *rig, struct cy_id alliance, unsigned from, unsigned to,
                               uint8_t level)
{
    for (unsigned i = from; i <= to; i++)
        assert_ok(RIG_DO(rig, i, alliance_join, .alliance = alliance, .level = level));
}

static inline const struct cy_alliance *league_alliance(struct rig *rig, struct cy_id id)
{
    return CY_GET(&rig->engine.world, alliance, &id);
}

static inline const struct cy_alliance_roll *league_roll(struct rig *rig, struct cy_id id)
{
    return CY_GET(&rig->engine.world, alliance_roll, &id);
}

static inline uint8_t league_state(struct rig *rig, struct cy_id alliance, unsigned n)
{
    const struct cy_of_party key = {alliance, rig->id[n]};

    return cy_member_state(CY_GET(&rig->engine.world, member, &key), rig->now);
}

static inline void league_take(void *self, const struct cy_state_change *change)
{
    (void)change;
    ++*(unsigned *)self;
}

/* league_commit hands what changed to the state tree: every record must encode. Returns how many.
 */
static inline unsigned league_commit(struct rig *rig)
{
    unsigned n = 0;

    cy_world_drain(&rig->engine.world, league_take, &n);
    return n;
}

/* league_days lets so many days pass. */
static inline void league_days(struct rig *rig, unsigned days)
{
    rig_tick(rig, (uint64_t)days * CY_DAY_MS);
}

/* league_count: how many members there were on a day. */
static inline size_t league_count(struct rig *rig, struct cy_id alliance, cy_date day)
{
    static _Alignas(16) uint8_t memory[1 << 18];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    const struct cy_as_of as_of = {day, UINT64_MAX};
    struct cy_listed *list = NULL;
    size_t n = 0;

    assert_ok(cy_alliance_list(&rig->engine.world, &alliance, &as_of, &arena, &list, &n));
    return n;
}

#endif

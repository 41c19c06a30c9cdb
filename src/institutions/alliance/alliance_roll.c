#include "institutions/alliance/alliance_roll.h"

cy_err cy_alliance_any(struct cy_plan *plan, const struct cy_id *id,
                       const struct cy_alliance **alliance)
{
    *alliance = CY_READ(plan, alliance, id);
    return *alliance != NULL ? CY_OK : cy_fail(CY_E_NO_ALLIANCE, 0);
}

cy_err cy_alliance_live(struct cy_plan *plan, const struct cy_id *id,
                        const struct cy_alliance **alliance)
{
    CY_TRY(cy_alliance_any(plan, id, alliance));
    return (*alliance)->state == CY_alliance_state_LIVE ? CY_OK : cy_fail(CY_E_ALLIANCE_ENDED, 0);
}

const struct cy_alliance_roll *cy_alliance_counts(struct cy_plan *plan, const struct cy_id *id)
{
    const struct cy_alliance_roll *roll = CY_READ(plan, alliance_roll, id);

    CY_ASSERT(roll != NULL); /* founded together with the alliance */
    return roll;
}

const struct cy_member *cy_member_read(struct cy_plan *plan, const struct cy_id *alliance,
                                       const struct cy_id *party)
{
    const struct cy_of_party key = {*alliance, *party};

    return CY_READ(plan, member, &key);
}

uint8_t cy_member_state(const struct cy_member *member, cy_time now)
{
    if (member == NULL)
        return 0;
    if (member->state == CY_member_state_LEAVING && member->leaves_at <= now)
        return CY_member_state_LEFT;
    if (member->state == CY_member_state_INVITED && member->until != 0 && member->until <= now)
        return member->ordinal == 0 ? 0 : CY_member_state_LEFT;
    return member->state;
}

bool cy_member_belongs(const struct cy_member *member, cy_time now)
{
    const uint8_t state = cy_member_state(member, now);

    return state == CY_member_state_ACTIVE || state == CY_member_state_SUSPENDED ||
           state == CY_member_state_LEAVING;
}

bool cy_member_suspended(const struct cy_member *member, cy_time now)
{
    const uint8_t state = cy_member_state(member, now);

    return state == CY_member_state_SUSPENDED ||
           (state == CY_member_state_LEAVING && member->suspended);
}

uint32_t *cy_roll_count(struct cy_alliance_roll *roll, uint8_t level)
{
    switch (level) {
    case CY_level_FULL: return &roll->n_full;
    case CY_level_ASSOCIATE: return &roll->n_associate;
    case CY_level_OBSERVER: return &roll->n_observer;
    default: CY_NEVER("the codec admits only the words of the set");
    }
}

uint32_t cy_roll_active(const struct cy_alliance_roll *roll)
{
    return roll->n_full + roll->n_associate + roll->n_observer;
}

/* The weights of the three levels after the cap, and their sum over all active members. */
struct weights {
    uint64_t of[4]; /* by level */
    uint64_t all;
};

/* What all weigh together when no voice weighs more than `most`. */
static uint64_t all_under(const uint64_t counts[4], const uint64_t of[4], uint64_t most)
{
    uint64_t all = 0;

    for (unsigned level = CY_level_FULL; level <= CY_level_OBSERVER; level++)
        all += counts[level] * (of[level] < most ? of[level] : most);
    return all;
}

/* The greatest weight that is no larger a share of what all then weigh than the cap allows. At
 * least 1: a cap lowers a voice, it takes none away. */
static uint64_t heaviest(const uint64_t counts[4], const uint64_t of[4], uint64_t cap_ppm)
{
    uint64_t most = cy_clause_row(CY_CLAUSE_VOTE_FULL)->most;

    while (most > 1 && most * 1000000 > cap_ppm * all_under(counts, of, most))
        most--;
    return most;
}

static struct weights weigh(struct cy_plan *plan, const struct cy_alliance *alliance)
{
    const struct cy_alliance_roll *roll = cy_alliance_counts(plan, &alliance->id);
    const uint64_t counts[4] = {0, roll->n_full, roll->n_associate, roll->n_observer};
    const uint64_t cap_ppm = cy_charter_value(plan, alliance, CY_CLAUSE_CAP_PPM);
    struct weights w = {.all = 0};

    for (unsigned level = CY_level_FULL; level <= CY_level_OBSERVER; level++)
        w.of[level] = cy_charter_value(plan, alliance,
                                       cy_charter_by_level(CY_CLAUSE_VOTE_FULL, (uint8_t)level));
    if (cap_ppm < 1000000 &&
        cy_roll_active(roll) >= cy_charter_value(plan, alliance, CY_CLAUSE_CAP_MEMBERS)) {
        const uint64_t most = heaviest(counts, w.of, cap_ppm);

        for (unsigned level = CY_level_FULL; level <= CY_level_OBSERVER; level++)
            w.of[level] = w.of[level] < most ? w.of[level] : most;
    }
    w.all = all_under(counts, w.of, UINT64_MAX);
    return w;
}

uint64_t cy_alliance_voice(struct cy_plan *plan, const struct cy_alliance *alliance, uint8_t level)
{
    return weigh(plan, alliance).of[level];
}

uint64_t cy_alliance_voices(struct cy_plan *plan, const struct cy_alliance *alliance)
{
    return weigh(plan, alliance).all;
}

/* alliance_roll: the records of an alliance as its rules read them: the alliance, its roll of
 * counts, how a party stands, and whose voice weighs how much (M006).
 *
 *      invited --join--> active --leave (notice)--> leaving --its day comes--> left --join-->
 * active applied --admit-/   \--suspend--> suspended --resume--/            expel --/
 *
 * A day that comes is judged by comparing times, never by a sweep: the record of a leaving member
 * says LEAVING for ever, cy_member_state says what that means now.
 *
 * A voice is the weight of a vote. Only active members have one; who has given notice votes no more
 * about rules that others will live under. Once enough members are there, the charter's
 * concentration cap lowers the heaviest voices until none has a larger share of all than it allows.
 *
 * Owns: nothing; the writers stand in alliance_member. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_ROLL_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_ROLL_H

#include "institutions/alliance/alliance_charter.h"

/* cy_alliance_any finds an alliance, cy_alliance_live one that is not dissolved. Fail with
 * NO_ALLIANCE, ALLIANCE_ENDED. The pointer holds as long as cy_plan_read's. */
CY_MUST_USE cy_err cy_alliance_any(struct cy_plan *plan, const struct cy_id *id,
                                   const struct cy_alliance **alliance);
CY_MUST_USE cy_err cy_alliance_live(struct cy_plan *plan, const struct cy_id *id,
                                    const struct cy_alliance **alliance);

/* cy_alliance_counts is the roll of an alliance; asserts that there is one. */
const struct cy_alliance_roll *cy_alliance_counts(struct cy_plan *plan, const struct cy_id *id);

/* cy_member_read is how a party stands with an alliance, NULL when it never did. */
const struct cy_member *cy_member_read(struct cy_plan *plan, const struct cy_id *alliance,
                                       const struct cy_id *party);

/* cy_member_state is the state that holds now (enum member_state), 0 for none: an invitation that
 * has ended, or NULL. */
uint8_t cy_member_state(const struct cy_member *member, cy_time now);

/* cy_member_belongs says that the party is a member now: active, suspended or leaving. */
bool cy_member_belongs(const struct cy_member *member, cy_time now);

/* cy_member_suspended says that it is a member now and suspended, leaving or not. */
bool cy_member_suspended(const struct cy_member *member, cy_time now);

/* cy_alliance_voice is the weight of a vote at a level, cy_alliance_voices that of all active
 * members together. */
uint64_t cy_alliance_voice(struct cy_plan *plan, const struct cy_alliance *alliance, uint8_t level);
uint64_t cy_alliance_voices(struct cy_plan *plan, const struct cy_alliance *alliance);

/* cy_roll_count is where the roll counts the active members of a level. */
uint32_t *cy_roll_count(struct cy_alliance_roll *roll, uint8_t level);

/* cy_roll_active is the number of active members. */
uint32_t cy_roll_active(const struct cy_alliance_roll *roll);

#endif

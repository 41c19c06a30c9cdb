/* alliance_vote: what the members decide (M003, M006, M031).
 *
 *      motion --> open --vote, vote ...--> carried: its effect happens in the same act
 *                   |                \---> failed
 *                   \--close after the deadline--> carried or failed       carried, impossible:
 * moot
 *
 * The electorate is the active members with a voice at the moment of the motion: who joins, resumes
 * or changes level later has no vote on it. A motion is decided as soon as no further vote could
 * turn it, else by anyone after its deadline. Carried means: enough weight voted (quorum), and yes
 * has its share of yes and no; abstentions count for the quorum only. The shares are those of the
 * charter when the motion was moved.
 *
 * A motion's effect is the very code of the officer's act. What has become impossible meanwhile
 * leaves the motion moot, with the refusal's code; the last voter is not refused for it.
 *
 * Owns: motion, motion_clause, ballot. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_VOTE_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_VOTE_H

#include "institutions/alliance/alliance_member.h"
#include "institutions/alliance/alliance_tie.h"

/* cy_vote_outcome judges the counts of a motion: OPEN while a vote can turn it and time is left. */
uint8_t cy_vote_outcome(const struct cy_motion *motion, cy_time now);

/* The acts. */
CY_MUST_USE cy_err cy_vote_motion(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);
CY_MUST_USE cy_err cy_vote_vote(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const void *message);
CY_MUST_USE cy_err cy_vote_close(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const void *message);

#endif

/* alliance_bloc: blocs that sit in alliances as one member, and joint groups (M003, M154).
 *
 *      alliance X  <--mandate--  bloc B  --member--> alliance Y       Y expands B to the members of
 * X
 *
 * A mandate binds a bloc's passport to the alliance it speaks for; both sides say so, in either
 * order, and once the bloc did no other alliance can. What the bloc owes reaches the members of X
 * as far as X's clause `reach` says. Chains end: at each join and each mandate whatever could make
 * an alliance a member of itself is refused, and nothing deeper than CY_BLOC_DEPTH, or with more
 * than CY_BLOC_SEATS blocs in one alliance, is built.
 *
 * A joint group names base alliances; each of its members must belong to one of them, itself or
 * through a bloc that it names.
 *
 * Owns: bloc, bloc_seat, alliance_bloc, alliance_base. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_BLOC_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_BLOC_H

#include "institutions/alliance/alliance_officer.h"

#define CY_BLOC_DEPTH 4u
#define CY_BLOC_SEATS 64u

/* cy_bloc_may_sit says that the party may become a member of the alliance without closing a circle;
 * for a party that is no bloc there is nothing to check. What a registrar records takes at most
 * half the seats of a bloc, which did not agree to it. Fails with BLOC_LOOP, TOO_DEEP. */
CY_MUST_USE cy_err cy_bloc_may_sit(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const struct cy_id *alliance, const struct cy_id *party,
                                   bool recorded);

/* cy_bloc_sit enters a party that became a member, if it is a bloc. Writes at most 4 records. */
void cy_bloc_sit(struct cy_plan *plan, const struct cy_id *alliance, const struct cy_id *party);

/* cy_bloc_bases says that the party belongs to one of the alliance's bases, itself or through the
 * bloc named (or none); true where there are none. Fails with NOT_IN_BASE. */
CY_MUST_USE cy_err cy_bloc_bases(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const struct cy_id *alliance, const struct cy_id *party,
                                 const struct cy_id *through);

/* cy_alliance_reach says whether what is owed by, or imposed on, `bloc` reaches `party`, by the
 * clauses of the alliances on the way; *via is the bloc nearest to the party. True for the bloc
 * itself. For sanctions, levies and liability. */
bool cy_alliance_reach(struct cy_plan *plan, const struct cy_id *bloc, const struct cy_id *party,
                       cy_time now, struct cy_id *via);

/* cy_bloc_mandate_check and cy_bloc_mandate_do: the alliance's word, however it was decided. Fail
 * with NOT_BLOC, BLOC_BOUND, BLOC_LOOP, TOO_DEEP, BLOC_SEATED, UNKNOWN_PASSPORT,
 * RETIRED_PASSPORT before anything is written. Writes 1 record. */
CY_MUST_USE cy_err cy_bloc_mandate_do(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_id *alliance, const struct cy_id *bloc);

/* alliance_mandate */
CY_MUST_USE cy_err cy_bloc_mandate(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);

#endif

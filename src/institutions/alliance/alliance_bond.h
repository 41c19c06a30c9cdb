/* alliance_bond: the bonds that members post for an alliance (M005, M006, M077).
 *
 *      bond_post (kernel) --apply, join, pledge--> secures the membership --leave, expel--> cools
 * or is free
 *                                             \-- alliance_slash, with evidence
 *
 * The charter says how much each level posts; the clause sleeps until the founder has named the
 * asset in which bonds count. While it secures a membership a bond cannot cool. Leaving starts its
 * cool-down in the same act; a bond that still secures other duties stays posted and is written
 * down as owed, and a cooling bond can still be slashed: nobody leaves ahead of the evidence.
 *
 * Owns: member_bond. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_BOND_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_BOND_H

#include "institutions/alliance/alliance_officer.h"
#include "kernel/stake.h"

#define CY_MEMBER_BONDS_MAX 16u

/* cy_bond_lock makes the bonds named secure the author's membership, besides those that do already.
 * Fails with FOREIGN_BOND (detail: which; also past 16 in all). Writes 2 n + 1 records. */
CY_MUST_USE cy_err cy_bond_lock(const struct cy_ctx *ctx, struct cy_plan *plan,
                                const struct cy_alliance *alliance,
                                const struct cy_bond_named *bonds, uint32_t n);

/* cy_bond_covers says that what secures a membership is what the charter asks for at a level. Fails
 * with BOND_MISSING. */
CY_MUST_USE cy_err cy_bond_covers(struct cy_plan *plan, const struct cy_alliance *alliance,
                                  const struct cy_id *party, uint8_t level);

/* cy_bond_free lets go of the bonds that secure a membership. Writes at most 2 * 16 + 1 records. */
void cy_bond_free(struct cy_plan *plan, const struct cy_of_party *who);

/* cy_bond_settle does what an exit does about bonds: those that secure the membership are let go,
 * and they and the others named begin to cool, or are counted as owed. Adds to the exit's counts.
 * Fails with FOREIGN_BOND (detail: which of those named) before anything is written. Writes at most
 * 2 * 16 + 1 + n records. */
CY_MUST_USE cy_err cy_bond_settle(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_of_party *who, const struct cy_bond_named *bonds,
                                  uint32_t n, struct cy_alliance_exit *leaving);

/* alliance_pledge: NOT_MEMBER and the errors of cy_bond_lock; alliance_slash. */
CY_MUST_USE cy_err cy_bond_pledge(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);
CY_MUST_USE cy_err cy_bond_slash(const struct cy_ctx *ctx, struct cy_plan *plan,
                                 const void *message);

#endif

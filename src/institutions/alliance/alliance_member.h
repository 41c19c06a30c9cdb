/* alliance_member: how parties come into an alliance, move in it and leave it (M001, M004 .. M006).
 *
 * Two clocks run. A *live* act happens now: its event takes effect today, or, for an exit, when the
 * notice is over. A *recorded* act writes down what happened elsewhere, long ago: its event takes
 * effect on the date it names and is known from now on. Both become member_events of one numbered
 * series; the state of a party on a day is the event with the greatest (effective date, number) not
 * after it, so a record that comes late, or corrects one, needs no rewriting (alliance_view).
 *
 * Leaving is never refused for what one owes. The act of leaving starts the cool-down of the bonds
 * it names, ends the offices held, and writes down what stays owed: bonds that secure open duties
 * remain posted and slashable. One act, one receipt (M005). Members of a dissolved alliance leave
 * in the same way, without notice, to get their bonds back.
 *
 * Owns: member, member_event, alliance_exit. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_MEMBER_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_MEMBER_H

#include "institutions/alliance/alliance_bloc.h"
#include "institutions/alliance/alliance_bond.h"

/* The effects that an officer's act and a motion share. Each fails before it writes anything.
 * do_admit: NOT_APPLIED and what keeps a party out (LEVEL_MISSING, MEMBERS_FULL, NOT_IN_BASE,
 * BLOC_LOOP, TOO_DEEP, LEAVING_ALREADY, UNKNOWN_PASSPORT, RETIRED_PASSPORT). do_level: NOT_MEMBER,
 * LEVEL_SAME, LEVEL_MISSING, BOND_MISSING. do_suspend, do_expel: NOT_MEMBER, SUSPENDED_ALREADY,
 * LEAVING_ALREADY. do_resume: NOT_SUSPENDED. Each writes at most 9 records. */
CY_MUST_USE cy_err cy_member_do_admit(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_id *alliance, const struct cy_id *party);
CY_MUST_USE cy_err cy_member_do_level(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_of_party *who, uint8_t level,
                                      const struct cy_line *why);
CY_MUST_USE cy_err cy_member_do_suspend(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const struct cy_of_party *who, const struct cy_line *why);
CY_MUST_USE cy_err cy_member_do_resume(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const struct cy_of_party *who, const struct cy_line *why);
CY_MUST_USE cy_err cy_member_do_expel(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_of_party *who, const struct cy_line *why);

/* The acts. */
CY_MUST_USE cy_err cy_member_invite(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_member_apply(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_member_join(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const void *message);
CY_MUST_USE cy_err cy_member_admit(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_member_decline(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_member_level(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_member_leave(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_member_suspend(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);
CY_MUST_USE cy_err cy_member_resume(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);
CY_MUST_USE cy_err cy_member_expel(const struct cy_ctx *ctx, struct cy_plan *plan,
                                   const void *message);
CY_MUST_USE cy_err cy_member_record(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const void *message);

#endif

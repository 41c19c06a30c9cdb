/* alliance_officer: who may act for an alliance, and the trace that every officer leaves (M009).
 *
 *      secretary   leads the list: invites, admits, and what the charter does not leave to a vote
 *      registrar   records past events of memberships while the charter lets it
 *
 * The founder acts while the office of secretary is vacant. After a handover the secretary of the
 * keeper acts as well (M011). Where the charter asks for a vote and somebody could vote, an officer
 * decides nothing alone.
 *
 * Every act of an officer leaves an officer_act with the office, the act's id and its index in the
 * ledger: with the ledger's inclusion proof that is a receipt which any member checks offline.
 *
 * Owns: officer_act. Uses the kernel's mantles for terms. */
#ifndef CY_INSTITUTIONS_ALLIANCE_ALLIANCE_OFFICER_H
#define CY_INSTITUTIONS_ALLIANCE_ALLIANCE_OFFICER_H

#include "institutions/alliance/alliance_roll.h"

/* cy_officer_check says that the author may act in that office. Fails with NOT_OFFICER. */
CY_MUST_USE cy_err cy_officer_check(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_alliance *alliance, uint8_t role);

/* cy_officer_note leaves the trace of an officer's act, and shows that the alliance is alive.
 * Writes 2 records. */
void cy_officer_note(const struct cy_ctx *ctx, struct cy_plan *plan, const struct cy_id *alliance,
                     uint8_t role, const struct cy_id *about, const struct cy_schema *act);

/* cy_officer_decides is the check of what the charter may leave to a vote: the author is secretary
 * and the clause (amend_vote, expel_vote, ...) is 0, or nobody could vote. Fails with NOT_OFFICER,
 * NEEDS_MOTION. */
CY_MUST_USE cy_err cy_officer_decides(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const struct cy_alliance *alliance,
                                      enum cy_clause_number clause);

/* cy_officer_put puts somebody in office until a time, or ends the term (until 0). The one before
 * goes. Fails with UNKNOWN_PASSPORT, RETIRED_PASSPORT, TERM_LENGTH, NOT_HOLDER and, before anything
 * is written, with nothing else. Writes at most 8 records. */
CY_MUST_USE cy_err cy_officer_put(const struct cy_ctx *ctx, struct cy_plan *plan,
                                  const struct cy_alliance *alliance, uint8_t role,
                                  const struct cy_id *holder, cy_time until);

/* cy_officer_release ends whatever offices of the alliance the party holds; returns how many.
 * Writes at most 5 records. */
uint32_t cy_officer_release(struct cy_plan *plan, const struct cy_id *alliance,
                            const struct cy_id *party);

/* cy_officer_begin creates the offices of a new alliance. Writes at most 4 records. */
CY_MUST_USE cy_err cy_officer_begin(const struct cy_ctx *ctx, struct cy_plan *plan,
                                    const struct cy_id *alliance);

/* alliance_office */
CY_MUST_USE cy_err cy_officer_office(const struct cy_ctx *ctx, struct cy_plan *plan,
                                     const void *message);

#endif

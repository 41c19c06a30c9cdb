/* treaty_talk: offer, counter-offer, acceptance: how parties come to one text (M015, M016).
 *
 *      treaty_offer (version 1) --counter--> version 2 ... --enough accepted--> adopted: open
 *      open --counter (a party that ratified)--> version n --all of them accepted--> in its place
 *
 * A version is a digest of a text and the clauses that the ledger enforces. Only the newest
 * proposal can be accepted; a counter-offer makes the one before void. What no linter would let
 * pass is refused when it is proposed, and thresholds that its list of parties can never reach when
 * it would be adopted.
 *
 * Owns: treaty, treaty_version, treaty_term; treaty_party as far as listed. */
#ifndef CY_INSTITUTIONS_TREATY_TREATY_TALK_H
#define CY_INSTITUTIONS_TREATY_TREATY_TALK_H

#include "institutions/treaty/treaty_book.h"

/* treaty_offer: TREATY_FAULT, TREATY_PARTY (monitor or arbiter among the parties), NO_NOUN,
 * UNKNOWN_PASSPORT; treaty_enlist: TREATY_UNKNOWN, TREATY_STATE, TREATY_DEPOSITARY, TREATY_PARTY;
 * treaty_counter: the first two, TREATY_PARTY, TREATY_FAULT; treaty_accept: those, TREATY_VERSION,
 * TREATY_AGAIN, TREATY_FAULT (a threshold out of reach). */
CY_MUST_USE cy_err cy_treaty_do_offer(const struct cy_ctx *ctx, struct cy_plan *plan,
                                      const void *message);
CY_MUST_USE cy_err cy_treaty_do_enlist(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);
CY_MUST_USE cy_err cy_treaty_do_counter(const struct cy_ctx *ctx, struct cy_plan *plan,
                                        const void *message);
CY_MUST_USE cy_err cy_treaty_do_accept(const struct cy_ctx *ctx, struct cy_plan *plan,
                                       const void *message);

#endif

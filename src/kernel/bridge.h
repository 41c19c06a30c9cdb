/* bridge: what this realm believes of a foreign one, and what may cross (M105, M104, M103, M082).
 *
 *     (nothing) --bridge_open--> active <-----bridge_turn-----> frozen
 *                                  | no head for stale_ms: stale, until one is shown
 *                                  | bridge_turn                | bridge_fork: frozen for good
 *                                  v                            v
 *                                severed --bridge_open--> active, its trust pinned anew
 *
 * Every bridge is closed until the operator opens it, for one realm, under a trust that is pinned:
 * origin, log key, policy. Each kind of packet has a gate of its own, which one act closes.
 * Throttles bound packets by kind, and units by asset, in a window.
 *
 * Anyone shows the foreign realm's heads (bridge_head): each continues the one before, and carries
 * a state root under which packets and receipts are proven. The newest 32 roots are kept, by
 * number. Heads and proofs are taken in every state: a bridge that stands still still closes what
 * is under way. Only a realm that signed two histories is heard no more: there its guardians
 * decide.
 *
 * Staleness is judged by comparing times, never by a sweep. A bridge marked canary warns the
 * others: while it is not active, and canary_ms after it was frozen or severed, they hold still.
 *
 * Owns: bridge, bridge_line, bridge_door, bridge_root, bridge_guard, canary, list_head. Never:
 * moves units. */
#ifndef CY_KERNEL_BRIDGE_H
#define CY_KERNEL_BRIDGE_H

#include "kernel/constitution.h"
#include "kernel/foreign.h"

#define CY_BRIDGE_ROOTS 32u /* state roots kept for each bridge */

extern const struct cy_institution cy_bridges;

/* cy_bridge_of is the bridge to that realm, NULL when there never was one. */
const struct cy_bridge *cy_bridge_of(struct cy_plan *plan, const struct cy_id *realm);

/* cy_bridge_line_of is what was heard over a bridge that there is. */
const struct cy_bridge_line *cy_bridge_line_of(struct cy_plan *plan, const struct cy_id *realm);

/* cy_bridge_now is the state of a bridge at that time, staleness and the canary's warning included:
 * one of the words of bridge_state. */
unsigned cy_bridge_now(struct cy_plan *plan, const struct cy_bridge *bridge, cy_time now);

/* cy_bridge_seen is the same from outside, for whoever reads a world. */
unsigned cy_bridge_seen(const struct cy_world *world, const struct cy_bridge *bridge, cy_time now);

/* cy_bridge_pass says that one more packet of that kind may cross now, and counts it. Fails with
 * NO_BRIDGE, BRIDGE_STILL, BRIDGE_CLOSED, BRIDGE_THROTTLE. Touches one record. */
CY_MUST_USE cy_err cy_bridge_pass(struct cy_plan *plan, const struct cy_id *realm, unsigned kind,
                                  cy_time now);

/* cy_bridge_root_of finds a state root of the foreign realm by its number. Fails with NO_BRIDGE,
 * ROOT_UNKNOWN. */
CY_MUST_USE cy_err cy_bridge_root_of(struct cy_plan *plan, const struct cy_id *realm,
                                     uint64_t number, const struct cy_bridge_root **root);

/* cy_bridge_party is who holds what is in escrow for a realm, and issues its vouchers here. It is
 * no passport: nobody can act for it. SHA-256("comity-bridge" || realm). */
struct cy_id cy_bridge_party(const struct cy_id *realm);

/* cy_bridge_guard_of finds the number of a guardian. Fails with NOT_GUARD. */
CY_MUST_USE cy_err cy_bridge_guard_of(struct cy_plan *plan, const struct cy_bridge *bridge,
                                      const struct cy_id *passport, uint32_t *number);

#endif

/* way: over which realms a packet can go from one to another, as their own records say.
 *
 *     every realm's bridges that are open --> one hop each, where both sides say so
 *                                         --> the way with the fewest realms; among those the one
 *                                             whose ids are the least, compared from the start
 *
 * Everybody who asks with the same records gets the same way. A packet names at most
 * CY_PACKET_HOPS_MAX realms after the next one, so a way has at most CY_WAY_MAX realms with both
 * ends.
 *
 * Pure: no world, no allocation. Owns: nothing. Never: promises that a way will be passed; gates
 * and throttles decide when the packet comes. */
#ifndef CY_KERNEL_WAY_H
#define CY_KERNEL_WAY_H

#include "base/num.h"
#include "wire/bridge_packet.h"

#define CY_WAY_MAX 6u /* realms: both ends, and four between */

/* What one realm says of its bridge to another. */
struct cy_way_side {
    struct cy_id realm; /* whose record it is */
    struct cy_id other;
    bool open;    /* active now, and its gate for this kind of packet is open */
    bool limited; /* only so many units cross in the present window */
    cy_u128 left; /* of the asset, when limited */
};

/* cy_way_find writes the realms of the way, both ends included, and says how many. amount: what is
 * to cross; 0: whatever. Sides are at most CY_WAY_SIDES_MAX. Fails with NO_ROUTE (there is none),
 * EXISTS (from is to), RANGE (too many sides). */
#define CY_WAY_SIDES_MAX 4096u
CY_MUST_USE cy_err cy_way_find(const struct cy_way_side *sides, size_t n, const struct cy_id *from,
                               const struct cy_id *to, cy_u128 amount,
                               struct cy_id way[static CY_WAY_MAX], uint32_t *n_way);

#endif

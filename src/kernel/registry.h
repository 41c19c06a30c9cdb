/* registry: what services and ways to other realms there are, shown to those who may use them
 * (M123).
 *
 *      service_offer --> shown until its time --> service_end, or an offer in its place
 *      route_offer   --> shown until its time, while its bridge is active --> route_end
 *
 * An offer is found by whoever has the tier that it asks for, and only while nothing in force bars
 * the provider, the seeker or, of a way, any realm on it. So a service of an excluded party is gone
 * from every answer at the tick that excludes it, and a way over a severed bridge at the tick that
 * severs it; nobody has to take anything back. Ways are given best first: the fewest realms, then
 * the lower id of the neighbour, so that everybody who asks at one height is told the same.
 *
 * What is refused is refused by name: NO_SERVICE, NO_ROUTE, TIER_LOW, BRIDGE_STILL. A way is
 * what packet_send takes: `via` is its realm, the hops are its hops.
 *
 * All functions read through a plan; whoever only reads a world makes one with cy_plan_look_at.
 *
 * Owns: service, route. Never: sends anything, opens a bridge, promises that a way will be passed
 * (its bridge's gate decides that when a packet comes). */
#ifndef CY_KERNEL_REGISTRY_H
#define CY_KERNEL_REGISTRY_H

#include "kernel/reputation.h"

extern const struct cy_institution cy_registry;

/* Who looks: a passport of this realm (`realm` is none), or one of another realm, by recognition.
 */
struct cy_seeker {
    struct cy_id realm;
    struct cy_id passport;
};

/* cy_registry_tier is the seeker's tier here, 0 to 4: what it climbed to (reputation), or for a
 * foreign one the tier of its recognition, and not more than it was shown to have at home. */
uint8_t cy_registry_tier(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now);

/* cy_registry_service finds one offer for this seeker. Fails with NO_SERVICE, TIER_LOW, and as
 * what bars the provider or the seeker. */
CY_MUST_USE cy_err cy_registry_service(struct cy_plan *plan, const struct cy_seeker *seeker,
                                       cy_time now, const struct cy_id *provider,
                                       const struct cy_label *service,
                                       const struct cy_service **found);

/* cy_registry_services lists at most n offers that this seeker may see, of one service or (an empty
 * label) of any, in the table's order; looks at records from *from on and leaves there where to go
 * on. Returns how many there are. Reads the world, not what a plan has over it. */
uint32_t cy_registry_services(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                              const struct cy_label *service, uint32_t *from,
                              const struct cy_service **found, uint32_t n);

/* cy_registry_route judges one way, for a kind of packet (bridge_kind). Fails with NO_ROUTE,
 * BRIDGE_STILL, BRIDGE_CLOSED, TIER_LOW, and as what bars the seeker or a realm of the way. */
CY_MUST_USE cy_err cy_registry_route(struct cy_plan *plan, const struct cy_seeker *seeker,
                                     cy_time now, const struct cy_id *to, const struct cy_id *via,
                                     unsigned kind, const struct cy_route **found);

/* cy_registry_routes gives the ways to a realm that this seeker may use for that kind of packet,
 * best first, at most n. Reads the world. */
uint32_t cy_registry_routes(struct cy_plan *plan, const struct cy_seeker *seeker, cy_time now,
                            const struct cy_id *to, unsigned kind, const struct cy_route **found,
                            uint32_t n);

#endif

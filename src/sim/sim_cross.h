/* sim_cross: what must hold of several simulated realms together, over their bridges.
 *
 * The newest agreed worlds of all realms are a consistent cut: whatever one of them rests on was
 * final in the other before, so it stands in that one's newest world, too. At every such moment,
 * for every asset X of realm A on its bridge to B:
 *
 *     held in escrow = in flight + abroad          in flight = what the open packets hold
 *     abroad + received but not yet acknowledged
 *           = vouchers issued in B + vouchers on their way home and not yet arrived
 *
 * So no unit is received twice, or both received and returned, or lost. Beside the sums, packet by
 * packet: no receipt comes after its packet was closed without one, and none comes again.
 *
 * Owns: what it has seen of packets (malloc). Never: changes what it looks at. */
#ifndef CY_SIM_SIM_CROSS_H
#define CY_SIM_SIM_CROSS_H

#include "sim/sim_scene.h"

struct cy_sim_cross;

struct cy_sim_cross *cy_sim_cross_new(struct cy_sim_scene *scene);
void cy_sim_cross_free(struct cy_sim_cross *cross);

/* cy_sim_cross_look looks at the newest world of a realm, and weighs all realms where their newest
 * worlds can be looked at now. NULL, or the sentence of the promise that was broken. */
const char *cy_sim_cross_look(struct cy_sim_cross *cross, uint32_t realm,
                              const struct cy_world *world);

/* cy_sim_cross_calm remembers what is under way; cy_sim_cross_ended says that all of that has
 * ended. */
void cy_sim_cross_calm(struct cy_sim_cross *cross);
bool cy_sim_cross_ended(const struct cy_sim_cross *cross);

#endif

/* sim_look: what the newest agreed world of a realm says about its roll, and what follows for the
 * simulation: who sits where, who has to get on, which policy holds, whose new keys are in use.
 *
 * Owns: what it saw last (malloc). Never: touches a world. */
#ifndef CY_SIM_SIM_LOOK_H
#define CY_SIM_SIM_LOOK_H

#include "sim/sim_scene.h"

struct cy_sim_look;

struct cy_sim_look *cy_sim_look_new(struct cy_sim_scene *scene, uint32_t realm);
void cy_sim_look_free(struct cy_sim_look *look);

/* cy_sim_look_at reads the roll in the newest world of the realm; nodes that got a seat start.
 * NULL, or the sentence of what cannot be. */
const char *cy_sim_look_at(struct cy_sim_look *look, const struct cy_world *world);

/* cy_sim_look_keys: a node in whose own copy its new keys hold starts again with them; with the new
 * packet key once they hold in the copies of all others. */
void cy_sim_look_keys(struct cy_sim_scene *scene, struct cy_sim_seat *node);

#endif

/* sim_work: what authors do: acts drawn from the tables of acts, value that moves, and packets that
 * cross bridges, signed for real and handed to some member.
 *
 * Every author may have a passport in each realm, with the same key: one party in all of them.
 *
 * Owns: nothing. Never: cares whether an act is good. */
#ifndef CY_SIM_SIM_WORK_H
#define CY_SIM_SIM_WORK_H

#include "sim/sim_scene.h"

/* cy_work_make makes a move ACT, PAY or CROSS. It gives the nodes that took something in: their
 * disks may have failed meanwhile. NULL: none. */
struct cy_work_done {
    struct cy_sim_seat *at[2];
};
struct cy_work_done cy_work_make(struct cy_sim_scene *scene, const struct cy_sim_move *move);

/* cy_work_incept hands in the inception of a passport of the writer's own key. */
void cy_work_incept(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                    struct cy_sim_writer *writer);

#endif

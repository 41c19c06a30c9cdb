/* sim_fault: what a plan does to machines, and how it ends: processes and machines stop and start,
 * disks fail, fill up, are slow, are replaced by a backup, clocks jump, members turn.
 *
 * With two realms or more, node 0 of each is one party's: one machine fails for all of them.
 *
 * Owns: nothing; it moves what the scene has. Never: touches the network's weather. */
#ifndef CY_SIM_SIM_FAULT_H
#define CY_SIM_SIM_FAULT_H

#include "sim/sim_scene.h"

/* cy_fault_make makes a move that is about a machine; others it leaves alone. */
void cy_fault_make(struct cy_sim_scene *scene, const struct cy_sim_move *move);

/* cy_fault_end: the time of an order is over. */
void cy_fault_end(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                  const struct cy_sim_timer *timer);

/* cy_fault_start starts a node that is down and has a seat; it is held to what it had agreed. */
void cy_fault_start(struct cy_sim_scene *scene, struct cy_sim_seat *seat);

/* cy_fault_stop ends its process (power: machine), to be started again after so many ms. */
void cy_fault_stop(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms, bool power,
                   uint64_t dice);

/* cy_fault_trouble looks whether the node stopped by itself: because of what was ordered, or is it
 * its own fault? One whose program is too old for the realm's rules stays where it is, and says
 * nothing more. */
void cy_fault_trouble(struct cy_sim_scene *scene, struct cy_sim_seat *seat);

/* cy_fault_update: its process ends, and after so many ms a program that knows the versions of the
 * rules up to this one takes its place; nothing where it is one already. */
void cy_fault_update(struct cy_sim_scene *scene, struct cy_sim_seat *seat, uint64_t ms,
                     uint64_t version);

/* cy_fault_mend ends all that is wrong with the machine; one that is down starts. */
void cy_fault_mend(struct cy_sim_seat *seat);

/* cy_fault_drop_twin frees the second node of a traitor, if there is one. */
void cy_fault_drop_twin(struct cy_sim_seat *seat);

#endif

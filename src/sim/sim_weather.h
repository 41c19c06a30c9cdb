/* sim_weather: what a move does to the links of a network, and its end.
 *
 * Owns: nothing. */
#ifndef CY_SIM_SIM_WEATHER_H
#define CY_SIM_SIM_WEATHER_H

#include "sim/sim_net.h"
#include "sim/sim_plan.h"

/* cy_sim_weather_is says that a move is about links: PART, LOSE, TWICE, LAG, NARROW. The first
 * three are about all of them, the others about those of their node. */
bool cy_sim_weather_is(enum cy_sim_move_kind kind);
bool cy_sim_weather_of_all(enum cy_sim_move_kind kind);

/* cy_sim_weather_begin does what the move says to a network of so many nodes. */
void cy_sim_weather_begin(struct cy_sim_net *net, uint32_t nodes, const struct cy_sim_move *move);

/* cy_sim_weather_end undoes moves of a kind; node: of whose links, where they are one's. */
void cy_sim_weather_end(struct cy_sim_net *net, uint32_t nodes, enum cy_sim_move_kind kind,
                        uint32_t node);

#endif

/* sim_act: a random act that fits the world: the simulator's workload, from the schema alone.
 *
 * Every act that the realm knows can come up, with fields inside the schema's bounds. Ids are drawn
 * from the records that are there: a field named like a record gets one of its keys, `from` and
 * `to` beside an amount get accounts, other ids passports; now and then an id is nobody's. So many
 * acts come near to being valid, and an institution added to the roster is simulated without a line
 * here. Half of the acts move money on purpose, which chance would seldom get right.
 *
 * Owns: nothing; lists and texts stand in the arena given. Never: signs. */
#ifndef CY_SIM_SIM_ACT_H
#define CY_SIM_SIM_ACT_H

#include "kernel/engine.h"
#include "sim/sim_dice.h"

struct cy_sim_author {
    struct cy_id passport; /* none: has none yet */
    struct cy_id key;
};

/* cy_sim_act makes an act for the author. False when the arena is full or no act came up: try
 * again. */
bool cy_sim_act(struct cy_sim_dice *dice, const struct cy_engine *engine,
                const struct cy_sim_author *author, struct cy_arena *arena, struct cy_any *out);

/* cy_sim_money makes an act that moves value, or what is missing before value can move: a passport,
 * an asset, an account, units in it. False as above. */
bool cy_sim_money(struct cy_sim_dice *dice, const struct cy_engine *engine,
                  const struct cy_sim_author *author, struct cy_arena *arena, struct cy_any *out);

#endif

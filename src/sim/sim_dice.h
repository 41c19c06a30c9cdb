/* sim_dice: the only source of chance in the simulator, from a seed.
 *
 * The same seed and the same draws give the same numbers on every machine (splitmix64, Steele et
 * al., OOPSLA 2014).
 * Owns: nothing. Never: is used where a secret is needed. */
#ifndef CY_SIM_SIM_DICE_H
#define CY_SIM_SIM_DICE_H

#include "base/bytes.h"

struct cy_sim_dice {
    uint64_t state;
};

/* cy_sim_bits draws 64 random bits; cy_sim_draw a number below `below` (at least 1; asserts);
 * cy_sim_one_in is true once in n times; cy_sim_fill writes n random bytes. */
uint64_t cy_sim_bits(struct cy_sim_dice *dice);
uint64_t cy_sim_draw(struct cy_sim_dice *dice, uint64_t below);
bool cy_sim_one_in(struct cy_sim_dice *dice, uint64_t n);
void cy_sim_fill(struct cy_sim_dice *dice, uint8_t *out, size_t n);

#endif

#include "sim/sim_dice.h"

uint64_t cy_sim_bits(struct cy_sim_dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t cy_sim_draw(struct cy_sim_dice *dice, uint64_t below)
{
    CY_ASSERT(below > 0);
    return cy_sim_bits(dice) % below;
}

bool cy_sim_one_in(struct cy_sim_dice *dice, uint64_t n)
{
    return cy_sim_draw(dice, n) == 0;
}

void cy_sim_fill(struct cy_sim_dice *dice, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)cy_sim_bits(dice);
}

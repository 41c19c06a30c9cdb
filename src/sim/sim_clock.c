#include "sim/sim_clock.h"

void cy_sim_clock_pass(struct cy_sim_clock *clock, struct cy_sim_dice *dice, uint64_t most_ms)
{
    clock->now += cy_sim_draw(dice, most_ms + 1);
}

void cy_sim_clock_jump(struct cy_sim_clock *clock, struct cy_sim_dice *dice, uint64_t most_ms)
{
    const uint64_t by = cy_sim_draw(dice, most_ms + 1);

    if (cy_sim_one_in(dice, 2))
        clock->now += by;
    else
        clock->now = clock->now > by ? clock->now - by : 1;
}

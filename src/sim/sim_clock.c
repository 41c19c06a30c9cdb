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

cy_time cy_sim_watch_read(const struct cy_sim_watch *watch, cy_time true_now)
{
    const uint64_t passed = true_now - watch->set_at;
    const uint64_t rate = (uint64_t)(1000000 + (int64_t)watch->drift_ppm);

    CY_ASSERT(true_now >= watch->set_at);
    CY_ASSERT(watch->drift_ppm > -1000000);
    return watch->set_to + passed / 1000000 * rate + passed % 1000000 * rate / 1000000;
}

void cy_sim_watch_set(struct cy_sim_watch *watch, cy_time true_now, int64_t by_ms)
{
    const cy_time shown = cy_sim_watch_read(watch, true_now);
    const uint64_t back = by_ms < 0 ? (uint64_t)-by_ms : 0;

    watch->set_at = true_now;
    watch->set_to = by_ms >= 0 ? shown + (uint64_t)by_ms : shown > back ? shown - back : 1;
}

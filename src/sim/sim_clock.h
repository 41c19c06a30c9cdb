/* sim_clock: wall time of a simulated machine: it passes when the simulator says so, and sometimes
 * jumps as real clocks do.
 *
 * A clock is driven by hand (sim_clock), or shows the time of the simulated world as a machine of
 * it sees it (sim_watch): set wrong, and too fast or too slow.
 *
 * Owns: a few numbers. Never: reads a real clock. */
#ifndef CY_SIM_SIM_CLOCK_H
#define CY_SIM_SIM_CLOCK_H

#include "base/date.h"
#include "sim/sim_dice.h"

struct cy_sim_clock {
    cy_time now; /* Unix ms */
};

/* cy_sim_clock_pass lets up to most_ms pass. cy_sim_clock_jump moves the clock by up to most_ms
 * either way, never before 1970. */
void cy_sim_clock_pass(struct cy_sim_clock *clock, struct cy_sim_dice *dice, uint64_t most_ms);
void cy_sim_clock_jump(struct cy_sim_clock *clock, struct cy_sim_dice *dice, uint64_t most_ms);

struct cy_sim_watch {
    cy_time set_at;    /* true time when it was set */
    cy_time set_to;    /* what it was set to */
    int32_t drift_ppm; /* too fast by so many millionths; above -1 000 000 */
};

/* cy_sim_watch_read is what the watch shows at a true time, not before it was set. */
cy_time cy_sim_watch_read(const struct cy_sim_watch *watch, cy_time true_now);

/* cy_sim_watch_set makes the watch show another time from now on: as much later, or earlier, but
 * not before 1970, than it showed. */
void cy_sim_watch_set(struct cy_sim_watch *watch, cy_time true_now, int64_t by_ms);

#endif

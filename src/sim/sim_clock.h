/* sim_clock: wall time of a simulated machine: it passes when the simulator says so, and sometimes
 * jumps as real clocks do.
 *
 * Owns: one number. Never: reads a real clock. */
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

#endif

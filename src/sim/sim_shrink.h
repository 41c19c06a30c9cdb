/* sim_shrink: a plan that fails, made as small as it will go while it still fails.
 *
 * Lines are taken out in ever smaller runs (delta debugging: Zeller and Hildebrandt, "Simplifying
 * and isolating failure-inducing input", IEEE TSE 28(2), 2002), and time is cut behind the failure.
 * What remains is 1-minimal, unless the tries ran out: no single line can go.
 *
 * Owns: nothing; `spare` is the caller's. */
#ifndef CY_SIM_SIM_SHRINK_H
#define CY_SIM_SIM_SHRINK_H

#include "sim/sim_plan.h"

/* Whether a plan still fails in the same way. */
typedef bool cy_sim_fails(void *user, const struct cy_sim_plan *plan);

/* cy_sim_shrink shrinks plan, which fails, with at most so many tries; the tries that were made.
 * spare is room for one more plan. */
uint32_t cy_sim_shrink(struct cy_sim_plan *plan, struct cy_sim_plan *spare, uint32_t tries_max,
                       cy_sim_fails *fails, void *user);

#endif

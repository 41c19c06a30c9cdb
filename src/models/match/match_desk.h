/* match_desk: `comity match run` and `comity match verify`.
 *
 * run brings what is offered to where it is needed at least cost, where a missing unit counts more
 * than any way; with a plan from before a change it begins there. verify needs the
 * tables, plan and proof, and finds nothing itself.
 *
 * Owns: nothing. Never: sends anybody anywhere. */
#ifndef CY_MODELS_MATCH_MATCH_DESK_H
#define CY_MODELS_MATCH_MATCH_DESK_H

#include "models/match/match_table.h"

int cy_model_match_run(struct cy_desk *desk);
int cy_model_match_verify(struct cy_desk *desk);

#endif

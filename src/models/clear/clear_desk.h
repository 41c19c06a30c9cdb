/* clear_desk: `comity clear run` and `comity clear verify`.
 *
 * run finds the greatest set-off in each currency, judges it, and writes what is cleared of each
 * obligation and the potentials that prove that no more can be. verify reads the obligations again
 * and judges what was written; it finds nothing itself.
 *
 * Owns: nothing. Never: moves an amount from one currency to another. */
#ifndef CY_MODELS_CLEAR_CLEAR_DESK_H
#define CY_MODELS_CLEAR_CLEAR_DESK_H

#include "models/clear/clear_table.h"
#include "models/flow/circulation.h"

int cy_model_clear_run(struct cy_desk *desk);
int cy_model_clear_verify(struct cy_desk *desk);

#endif

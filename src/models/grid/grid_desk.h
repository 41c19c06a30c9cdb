/* grid_desk: `comity grid dispatch`, `prices` and `verify`.
 *
 * dispatch reads a case (and a charter, hours, storage), finds the plan that costs least, proves
 * how far it can be from the best, and writes the plan with its certificate. prices tells what one
 * more megawatt costs at each bus. verify needs the same inputs and the plan: it builds the program
 * again, judges the certificate, and compares everything; it solves nothing.
 *
 * Owns: nothing. Never: changes what the charter says. */
#ifndef CY_MODELS_GRID_GRID_DESK_H
#define CY_MODELS_GRID_GRID_DESK_H

#include "models/grid/grid_plan.h"

int cy_model_grid_dispatch(struct cy_desk *desk);
int cy_model_grid_prices(struct cy_desk *desk);
int cy_model_grid_verify(struct cy_desk *desk);

#endif

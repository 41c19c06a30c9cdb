/* relief_desk: `comity relief alert`, `publish`, `needs` and `plan`: what is known of a crisis,
 * from the formats that others write it in, and a plan as a linear program.
 *
 * A plan sends free stock to open needs of the same good. The most urgent needs count most; among
 * plans that serve them equally the shortest ways do; both in whole numbers:
 *
 *      least  sum over lines of (distance - 1,000,000 * (10 - priority)) * amount
 *      such that  of a stock no more than is free; to a need no more than is open;
 *                 of an owner no more than its mandate allows, where that is given
 *
 * Lines are ordered by stock, then need, so that the same records give the same program, byte for
 * byte. Every vertex is whole, for the rows are nested: the answer needs no rounding.
 *
 * Owns: nothing. Never: talks to a ledger. */
#ifndef CY_MODELS_RELIEF_RELIEF_DESK_H
#define CY_MODELS_RELIEF_RELIEF_DESK_H

#include "models/relief/cap.h"
#include "models/relief/need_table.h"

int cy_model_relief_alert(struct cy_desk *desk);
int cy_model_relief_publish(struct cy_desk *desk);
int cy_model_relief_needs(struct cy_desk *desk);
int cy_model_relief_plan(struct cy_desk *desk);

#endif

/* allocate_explain: `comity allocate explain`: for each party why it has what it has, out of the
 * certificates: what of each further unit goes to it, and within which supplies that holds exactly
 * (allocate_range); and one counterfactual run, with a tenth more to share out. Two parties that
 * are named stand side by side.
 *
 * Owns: nothing. Never: changes what the charter says. */
#ifndef CY_MODELS_ALLOCATE_ALLOCATE_EXPLAIN_H
#define CY_MODELS_ALLOCATE_ALLOCATE_EXPLAIN_H

#include "models/allocate/allocate_desk.h"

int cy_model_allocate_explain(struct cy_desk *desk);

#endif

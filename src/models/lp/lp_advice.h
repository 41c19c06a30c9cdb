/* lp_advice: reads the basis that a solver in floating point ended at.
 *
 * Two forms: the basis file of MPS (clp, cbc, esolver), and the solution file of GLPK. Names are
 * those of cy_mps_write. What cannot be read is left out: a wrong basis costs time, never truth.
 *
 * Owns: nothing. Never: believes a number of the solver. */
#ifndef CY_MODELS_LP_LP_ADVICE_H
#define CY_MODELS_LP_LP_ADVICE_H

#include "models/lp/lp_simplex.h"

/* cy_lp_advice_read sets the places of all variables (columns, then rows) and returns how many
 * lines were understood; 0: this is no basis. */
uint32_t cy_lp_advice_read(struct cy_span text, uint32_t n_columns, uint32_t n_rows,
                           enum cy_lp_place *places);

#endif

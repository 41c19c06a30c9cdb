/* exposure_svg: the ground of a block as a drawing: who is named on the left, each company to the
 * right of all that hold it, shares on the lines.
 *
 * Owns: nothing. Never: draws more than the proof. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_SVG_H
#define CY_MODELS_EXPOSURE_EXPOSURE_SVG_H

#include "models/desk/svg.h"
#include "models/exposure/ownership.h"

/* cy_exposure_svg draws a proof (cy_exposure_proof). False when writing failed or without memory.
 */
bool cy_exposure_svg(FILE *out, const struct cy_ownership *o, const struct cy_holding *proof,
                     size_t n, uint32_t target, const char *title);

#endif

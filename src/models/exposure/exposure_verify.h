/* exposure_verify: `comity exposure verify FILE`: checks a certificate of exposure, and holds it to
 * a register when one is given.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_VERIFY_H
#define CY_MODELS_EXPOSURE_EXPOSURE_VERIFY_H

#include "models/exposure/exposure_certificate.h"

int cy_model_exposure_verify(struct cy_desk *desk);

#endif

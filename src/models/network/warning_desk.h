/* warning_desk: `comity network warning`: the calibration first, then the warnings.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_NETWORK_WARNING_DESK_H
#define CY_MODELS_NETWORK_WARNING_DESK_H

#include "models/network/early_warning.h"

int cy_model_network_warning(struct cy_desk *desk);

#endif

/* exposure_desk: the commands that ask whom an ownership rule blocks, and what looks like evasion.
 *
 * `comity exposure [PARTY]`: exit 0 not blocked, 1 blocked or not to be excluded. Without a party
 * all that are blocked are listed. `comity evasion`: exit 1 when there are flags.
 *
 * Owns: nothing beyond a command. Never: decides. */
#ifndef CY_MODELS_EXPOSURE_EXPOSURE_DESK_H
#define CY_MODELS_EXPOSURE_EXPOSURE_DESK_H

#include "models/exposure/exposure_case.h"

int cy_model_exposure(struct cy_desk *desk);
int cy_model_evasion(struct cy_desk *desk);

#endif

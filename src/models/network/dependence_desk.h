/* dependence_desk: `comity network dependence`: prints, draws and explains (dependence.h).
 *
 * Each answer names the SHA-256 of the table, so that a flag can be laid before others as evidence
 * and anyone with the same table can raise it again.
 *
 * Owns: nothing. */
#ifndef CY_MODELS_NETWORK_DEPENDENCE_DESK_H
#define CY_MODELS_NETWORK_DEPENDENCE_DESK_H

#include "models/network/dependence.h"

int cy_model_network_dependence(struct cy_desk *desk);

#endif

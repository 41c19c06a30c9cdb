/* manuals: how each program is called. Its own help and its manual page come from here. The page of
 * `comity` comes from its table of commands, that of the settings from theirs.
 *
 * Owns: the texts. */
#ifndef CY_APPS_MANUALS_H
#define CY_APPS_MANUALS_H

#include "apps/manual.h"

extern const struct cy_manual cy_manual_comityd;
extern const struct cy_manual cy_manual_signer;
extern const struct cy_manual cy_manual_audit;
extern const struct cy_manual cy_manual_sim;
extern const struct cy_manual cy_manual_model;
extern const struct cy_manual cy_manual_solve;

#endif

/* cli_recognise: `comity recognise`: passports of other realms, recognised here by proof (M082).
 *
 *     tier REALM KIND TIER     the operator, for each pair of realms
 *     add REALM PASSPORT       out of a copy of that realm's ledger, under a head the bridge takes
 *     follow REALM             the same for all that are recognised and have changed
 *
 * Owns: these commands. */
#ifndef CY_HOST_CLI_CLI_RECOGNISE_H
#define CY_HOST_CLI_CLI_RECOGNISE_H

#include "host/cli/cli_run.h"

int cy_cli_recognise_tier(struct cy_cli *run);
int cy_cli_recognise_add(struct cy_cli *run);
int cy_cli_recognise_follow(struct cy_cli *run);
int cy_cli_recognise_list(struct cy_cli *run);

#endif

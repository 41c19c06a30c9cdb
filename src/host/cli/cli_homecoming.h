/* cli_homecoming: `comity bridge follow`, `recall` and `home`: what is shown of one realm to
 * another by somebody who stands with a directory on each side.
 *
 *     follow REALM --with DIR     here: take over the log key or policy that the realm has now
 *     recall REALM --with DIR     here: end vouchers whose home (--with) has severed its bridge,
 * and have them paid out there home REALM --with DIR       here: pay out what was ended in that
 * realm and is not home yet
 *
 * Each is one batch: the other's head, and the act that is proven under it.
 *
 * Owns: these commands. Never: decides what is true. */
#ifndef CY_HOST_CLI_CLI_HOMECOMING_H
#define CY_HOST_CLI_CLI_HOMECOMING_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_follow_options[];
extern const struct cy_cli_option cy_cli_recall_options[];

int cy_cli_bridge_follow(struct cy_cli *run);
int cy_cli_bridge_recall(struct cy_cli *run);
int cy_cli_bridge_home(struct cy_cli *run);

#endif

/* cli_elsewhere: commands that ask several daemons the same: --with URL, once for each.
 *
 *     comity bridge route FROM TO [ASSET]   the way over bridges that all of them have open
 *     comity passport duties PASSPORT       what binds a party in all of them, and what contradicts
 *
 * What a daemon answers is taken as it is: nothing here is proven, nothing is sent. A realm that is
 * not asked has no open bridge, and no duties.
 *
 * Owns: these commands. */
#ifndef CY_HOST_CLI_CLI_ELSEWHERE_H
#define CY_HOST_CLI_CLI_ELSEWHERE_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_route_options[];
extern const struct cy_cli_option cy_cli_duties_options[];

int cy_cli_bridge_route(struct cy_cli *run);
int cy_cli_passport_duties(struct cy_cli *run);

#endif

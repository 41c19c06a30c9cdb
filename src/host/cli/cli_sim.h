/* cli_sim: `comity sim`: the program comity-sim, which stands beside this one, as a command.
 *
 * It is a program of its own because the simulated world and this one (host/) never meet.
 *
 * Owns: the child while it runs. */
#ifndef CY_HOST_CLI_CLI_SIM_H
#define CY_HOST_CLI_CLI_SIM_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_sim_options[];

int cy_cli_sim(struct cy_cli *run);

#endif

/* cli_sandbox: `comity sandbox up|status|down|logs|story`: nations, communities and a company with
 * a cell each, and two federations that overlap, on one machine.
 *
 *      up      makes it where it is not there yet, and starts every program that does not run
 *      status  what runs, and how far each ledger is
 *      logs    the last lines of a place's programs
 *      story   the ocean federation, told by doing it (sandbox_story.h)
 *      down    ends every process; the directory stays, --remove takes it away too
 *
 * Real daemons and signers, everything in one directory, no account anywhere. A sandbox is for
 * learning and for tests: all its keys lie on one machine, so nobody in it is independent.
 *
 * Owns: nothing after it returns. */
#ifndef CY_HOST_CLI_CLI_SANDBOX_H
#define CY_HOST_CLI_CLI_SANDBOX_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_sandbox_up_options[];
extern const struct cy_cli_option cy_cli_sandbox_down_options[];
extern const struct cy_cli_option cy_cli_sandbox_logs_options[];

/* The commands; each returns the exit code. */
int cy_cli_sandbox_up(struct cy_cli *run);
int cy_cli_sandbox_status(struct cy_cli *run);
int cy_cli_sandbox_down(struct cy_cli *run);
int cy_cli_sandbox_logs(struct cy_cli *run);
int cy_cli_sandbox_story(struct cy_cli *run);

#endif

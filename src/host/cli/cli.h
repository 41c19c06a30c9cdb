/* cli: the command `comity`: which words run what.
 *
 * Owns: the table of commands. Never: does their work (cli_*.h do). */
#ifndef CY_HOST_CLI_CLI_H
#define CY_HOST_CLI_CLI_H

#include "host/cli/cli_help.h"

/* cy_cli_main runs one command line and returns the exit code (cli_run.h). The roster is what the
 * realm's institutions are. */
int cy_cli_main(int argc, char **argv, const char *version,
                const struct cy_institution *const *roster, size_t n_roster);

/* cy_cli_commands is the table, for tests and documentation. */
const struct cy_cli_table *cy_cli_commands(void);

#endif

/* cli_stop: commands that run until somebody ends them (relays, trustees).
 *
 * Owns: one flag, set by SIGINT and SIGTERM. Never: ends anything by itself. */
#ifndef CY_HOST_CLI_CLI_STOP_H
#define CY_HOST_CLI_CLI_STOP_H

#include <stdbool.h>

/* cy_cli_stop_hear begins to listen for Ctrl-C and SIGTERM; cy_cli_stop_asked says whether one
 * came. */
void cy_cli_stop_hear(void);
bool cy_cli_stop_asked(void);

#endif

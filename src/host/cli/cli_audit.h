/* cli_audit: `comity audit DIR|URL` and the program comity-audit: a replay (audit.h) as a command.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_AUDIT_H
#define CY_HOST_CLI_CLI_AUDIT_H

#include "host/cli/cli_verify.h"

/* cy_cli_audit is the command. */
int cy_cli_audit(struct cy_cli *run);

#endif

/* cli_doctor: `comity doctor`: everything a realm's operator should look at, one line each, and for
 * every red line what to do.
 *
 * Owns: nothing. Never: changes anything. */
#ifndef CY_HOST_CLI_CLI_DOCTOR_H
#define CY_HOST_CLI_CLI_DOCTOR_H

#include "host/cli/cli_verify.h"

/* cy_cli_doctor is the command; the exit code is 3 when something is red. */
int cy_cli_doctor(struct cy_cli *run);

#endif

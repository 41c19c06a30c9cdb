/* cli_init: `comity init`: a realm from nothing: keys, configuration, genesis.
 *
 *     DIR (must not exist) -> keystore + passphrase -> comity-signer (for the time of init)
 *         -> keys operator (with its next key), log, witness -> genesis signed -> entry 0 written
 *         through the cell itself, head signed -> comityd.conf, client.conf, aliases
 *
 * Owns: nothing after it returns. Never: writes into a directory that exists. */
#ifndef CY_HOST_CLI_CLI_INIT_H
#define CY_HOST_CLI_CLI_INIT_H

#include "host/cli/cli_send.h"

extern const struct cy_cli_option cy_cli_init_options[];

/* cy_cli_init runs the command; the exit code. */
int cy_cli_init(struct cy_cli *run);

#endif

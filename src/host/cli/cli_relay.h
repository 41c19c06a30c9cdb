/* cli_relay: the relayer's loop: `comity bridge relay --with DIR`.
 *
 *     ask both how they stand -> ask both what they offer -> a batch for each -> wait -> again
 *
 * It stops on SIGINT and SIGTERM between two rounds, or after one round with --once. Trouble of a
 * daemon is said and tried again in the next round; what a realm refuses is refused for good
 * reasons, and counted. Anyone may relay, and several may at once: they only race.
 *
 * Owns: the second realm's run. Never: opens a port. */
#ifndef CY_HOST_CLI_CLI_RELAY_H
#define CY_HOST_CLI_CLI_RELAY_H

#include "host/cli/cli_send.h"

extern const struct cy_cli_option cy_cli_relay_options[];

/* cy_cli_relay runs it; the exit code. */
int cy_cli_relay(struct cy_cli *run);

#endif

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

#include "host/cli/cli_end.h"

extern const struct cy_cli_option cy_cli_relay_options[];

/* cy_cli_relay runs it; the exit code. */
int cy_cli_relay(struct cy_cli *run);

/* cy_cli_relay_round is one round of it between two ends; what it carried and what was refused is
 * added to theirs. What status and offer of an end point at does not outlive it. Fails as the
 * requests do. */
CY_MUST_USE cy_err cy_cli_relay_round(struct cy_end *a, struct cy_end *b);

#endif

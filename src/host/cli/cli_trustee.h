/* cli_trustee: a trustee of a federation: somebody without a seat, who cosigns its heads for a
 * chamber (M087, M102).
 *
 *     comity federation trustee init    a directory, a cosign key, the line for the founders' draft
 *     comity federation trustee run     asks the members, checks, cosigns, hands it to all
 *     comity federation trustee status  the key, and what it cosigned last
 *
 * A head is cosigned only when more than two thirds of the members whose cards were given stand by
 * it. Each is asked over its pinned TLS; one that is further on stands by it when its own head is
 * proven to continue it. That it continues what was cosigned before, the signer demands as well:
 * its memory is the trustee's promise never to cosign two histories.
 *
 * Owns: these commands. Never: replays the ledger (`comity audit` of a member's URL does), trusts
 * one member. */
#ifndef CY_HOST_CLI_CLI_TRUSTEE_H
#define CY_HOST_CLI_CLI_TRUSTEE_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_trustee_options[];

int cy_cli_trustee(struct cy_cli *run);

#endif

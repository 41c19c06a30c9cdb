/* cli_federation: a federation that runs: how it stands, its seats, its evidence; acts that several
 * seats sign.
 *
 *     comity federation act ACTS.json --out draft      in the realm's name, by the active seats
 *     comity federation sign draft                     each, with its own signer (cli_draft.h)
 *     comity federation seal copy... --out act
 *     comity federation send act
 *
 * Owns: these commands. */
#ifndef CY_HOST_CLI_CLI_FEDERATION_H
#define CY_HOST_CLI_CLI_FEDERATION_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_federation_act_options[];

/* cy_federation_draft writes the draft of an act in the realm's name, for the active seats to sign:
 * --out, --valid; the exit code. */
int cy_federation_draft(struct cy_cli *run, const struct cy_schema *schema, const void *message);

int cy_cli_federation_status(struct cy_cli *run);
int cy_cli_federation_seats(struct cy_cli *run);
int cy_cli_federation_evidence(struct cy_cli *run);
int cy_cli_federation_act(struct cy_cli *run);
int cy_cli_federation_send(struct cy_cli *run);

#endif

/* cli_founding: how founders make a federation together without trusting one of them.
 *
 *      each    comity federation seat ...             its node's directory, keys and card
 *      one     comity federation draft --seat CARD... the genesis that names all seats, unsigned
 *      each    comity federation sign genesis.draft   what all have read
 *      one     comity federation seal COPY...         all signatures together: the genesis
 *      each    comity federation join --genesis ...   settings of its node; then start it
 *
 * Whoever writes the draft decides nothing: everybody signs the bytes that it shows, the genesis
 * needs the signature of each founder, and the id of the realm is its digest. The policy is derived
 * from the seats (more than two thirds of them) and the trustees (more than half of each chamber),
 * unless one is given.
 *
 * Owns: the genesis, the settings of a member's node. Never: a key. */
#ifndef CY_HOST_CLI_CLI_FOUNDING_H
#define CY_HOST_CLI_CLI_FOUNDING_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_founding_options[];
extern const struct cy_cli_option cy_cli_join_options[];

int cy_cli_founding_draft(struct cy_cli *run);
int cy_cli_founding_join(struct cy_cli *run);

#endif

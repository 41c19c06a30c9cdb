/* cli_inbox: `comity inbox`: acts that a member's cell must answer in public.
 *
 *     a cell takes no act of yours --> comity inbox post ACT --cell NAME --within SECONDS
 *                                      (in the federation that the cell is a member of)
 *     what became of it            --> comity inbox list
 *
 * The act is signed for that cell, as it would be sent there. It then stands in the cell's ledger,
 * or the cell says in public by which rule it refused, or its deadline passes: from then on the
 * federation takes no record of that cell.
 *
 * Owns: the commands. Never: signs the posted act. */
#ifndef CY_HOST_CLI_CLI_INBOX_H
#define CY_HOST_CLI_CLI_INBOX_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_inbox_post_options[];
extern const struct cy_cli_option cy_cli_inbox_list_options[];

int cy_cli_inbox_post(struct cy_cli *run);
int cy_cli_inbox_list(struct cy_cli *run);

#endif

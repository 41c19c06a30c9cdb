/* cli_merge: `comity merge`: a realm ends and goes on in another, by proof (M119; SPEC/exit.md).
 *
 *     ending realm      close REALM
 *     continuing realm  open REALM --from COPY, then bring REALM --from COPY until nothing is left
 *
 * Owns: these commands. */
#ifndef CY_HOST_CLI_CLI_MERGE_H
#define CY_HOST_CLI_CLI_MERGE_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_merge_close_options[];

int cy_cli_merge_close(struct cy_cli *run);
int cy_cli_merge_open(struct cy_cli *run);
int cy_cli_merge_bring(struct cy_cli *run);

#endif

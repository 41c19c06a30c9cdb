/* cli_list_metrics: how long lists of sanctions take: `comity sanction metrics [LIST]`.
 *
 * A restraint of a mirrored list says since when it is in force here; its change says when it was
 * decided at home. The difference is the latency of the decision, by the clocks of the two ledgers,
 * out of records that anybody can ask for. A list that is at home here is in force with the act.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_LIST_METRICS_H
#define CY_HOST_CLI_CLI_LIST_METRICS_H

#include "host/cli/cli_sanction.h"

/* cy_cli_list_metrics runs it; the exit code. */
int cy_cli_list_metrics(struct cy_cli *run);

#endif

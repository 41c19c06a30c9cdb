/* cli_history: `comity import csv --table alliances FILE`: dated membership histories
 * (scenarios/README.md) become alliances with every event recorded.
 *
 *     organisations.csv -> a secretariat passport (kind bloc) for each, which founds the alliance
 * and is its registrar for a while alliances.csv     -> alliance_record acts in batches, in the
 * order of the file, with sources
 *                       -> alliance_dissolve where an organisation has ended
 *
 * Repeating it is harmless: what has an alias is passed over, and recording goes on after the
 * events that the realm has.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_HISTORY_H
#define CY_HOST_CLI_CLI_HISTORY_H

#include "base/csv.h"
#include "host/cli/cli_import.h"

extern const struct cy_cli_option cy_cli_history_options[];

/* cy_cli_import_csv is the command. */
int cy_cli_import_csv(struct cy_cli *run);

#endif

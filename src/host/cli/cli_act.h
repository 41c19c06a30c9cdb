/* cli_act: every act of the schema as a command, from flags or from JSON.
 *
 *     comity act transfer --from NOR/OIL --to SWE/OIL --amount 5
 *     comity act --file acts.json            one act, or an array of them, in order
 *
 * What an act creates (asset, alliance) is remembered under its code, or under --alias.
 *
 * Owns: nothing. */
#ifndef CY_HOST_CLI_CLI_ACT_H
#define CY_HOST_CLI_CLI_ACT_H

#include "host/cli/cli_send.h"

extern const struct cy_cli_option cy_cli_act_options[];

/* cy_cli_act makes one act of the schema from the fields on the command line and sends it; the exit
 * code. */
int cy_cli_act(struct cy_cli *run, const struct cy_schema *schema);

/* cy_cli_act_file sends the acts in a JSON file ("-": standard input). */
int cy_cli_act_file(struct cy_cli *run, const char *path);

/* cy_cli_act_read fills a message (schema->size bytes) from n fields given as text, with names in
 * place of ids. Fails as cy_act_from_flags and cy_cli_id; run->why says more. */
CY_MUST_USE cy_err cy_cli_act_read(struct cy_cli *run, const struct cy_schema *schema,
                                   const char *const names[], const char *const values[], size_t n,
                                   void *message);

/* cy_cli_act_remember keeps what an act created under --alias, else under its code. */
CY_MUST_USE cy_err cy_cli_act_remember(struct cy_cli *run, const struct cy_schema *schema,
                                       const void *message, const json_t *receipt);

/* cy_cli_act_fields collects the options of the line that are fields; their number. */
size_t cy_cli_act_fields(const struct cy_cli *run, const char *names[static CY_CLI_OPTIONS_MAX],
                         const char *values[static CY_CLI_OPTIONS_MAX]);

#endif

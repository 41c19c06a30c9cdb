/* cli_sanction: lists of sanctions, read: what lists there are, what stands on one, what changed,
 * and what a party may expect of the next settlement. Its other verbs are acts (sanction_add ...).
 *
 * Owns: the form of these answers for people. */
#ifndef CY_HOST_CLI_CLI_SANCTION_H
#define CY_HOST_CLI_CLI_SANCTION_H

#include "host/cli/cli_query.h"

extern const struct cy_cli_option cy_cli_sanction_diff_options[];
extern const struct cy_cli_option cy_cli_sanction_check_options[];

/* cy_cli_sanction_named is the list that a word means: its id, or its code where only one has it.
 * Fails with NO_NAME, NAME_AMBIGUOUS, trouble of the daemon; run->why says more. */
CY_MUST_USE cy_err cy_cli_sanction_named(struct cy_cli *run, const char *word, char hex[static 65]);

/* cy_cli_sanction_number reads a whole number of a record: big ones come as strings; 0: left out.
 */
uint64_t cy_cli_sanction_number(const json_t *object, const char *name);

/* The commands; each returns the exit code. check and explain return
 * CY_EXIT_REFUSED when something in force shuts the party out or freezes what it moves. */
int cy_cli_sanction_list(struct cy_cli *run);
int cy_cli_sanction_show(struct cy_cli *run);
int cy_cli_sanction_diff(struct cy_cli *run);
int cy_cli_sanction_check(struct cy_cli *run);
int cy_cli_sanction_explain(struct cy_cli *run);

#endif

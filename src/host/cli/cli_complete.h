/* cli_complete: scripts that complete command lines in a shell, from the table of commands and the
 * acts of the schema: nouns, then verbs, then options and fields.
 *
 * bash knows words only; zsh and fish show the sentence beside each.
 *
 * Owns: the forms of the scripts. */
#ifndef CY_HOST_CLI_CLI_COMPLETE_H
#define CY_HOST_CLI_CLI_COMPLETE_H

#include "host/cli/cli_help.h"

/* cy_cli_completion prints the script for bash, zsh or fish; false: no other shell is known. */
bool cy_cli_completion(FILE *out, const struct cy_cli_table *table, const char *shell);

#endif

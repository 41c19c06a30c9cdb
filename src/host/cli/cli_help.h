/* cli_help: the commands as a table, and what is printed from it.
 *
 * A command is one row: its words, its options, the act it sends (if any), and the function that
 * runs it. Acts need no row of their own: `comity act NAME` and `comity alliance VERB` come from
 * the schema. So a text about an option or a field stands once.
 *
 * Owns: the texts of help. Never: runs a command. */
#ifndef CY_HOST_CLI_CLI_HELP_H
#define CY_HOST_CLI_CLI_HELP_H

#include "host/cli/cli_run.h"

struct cy_cli_command {
    const char *noun;
    const char *verb;  /* NULL: the noun alone */
    const char *words; /* what stands behind them; may be "" */
    const char *about; /* one sentence */
    const struct cy_cli_option *options[2];
    const struct cy_schema *schema; /* of the act whose fields are options; may be NULL */
    int (*run)(struct cy_cli *run);
    bool alone; /* needs no directory */
};

struct cy_cli_table {
    const struct cy_cli_command *commands;
    size_t n;
};

/* cy_cli_help prints help about everything (n = 0), a noun, or a command; the exit code (usage when
 * there is no such command). */
int cy_cli_help(FILE *out, const struct cy_cli_table *table, const char *const *words, size_t n);

/* cy_cli_help_command prints one command with its options and fields. */
void cy_cli_help_command(FILE *out, const struct cy_cli_command *command);

/* cy_cli_manual_words are the paragraphs about all commands, cy_cli_manual_examples the command
 * lines, both ended by NULL: the end of the help, and parts of the manual page. */
const char *const *cy_cli_manual_words(void);
const char *const *cy_cli_manual_examples(void);

/* cy_cli_act_noun is the i-th noun whose verbs are acts of the schema (alliance: the acts whose
 * names begin with alliance_), NULL past the end; cy_cli_act_prefix is how those names begin, NULL
 * for other nouns. */
const char *cy_cli_act_noun(size_t i);
const char *cy_cli_act_prefix(const char *noun);

/* cy_cli_find finds the row of the words; for acts of the schema it fills `made` and returns that.
 * NULL when there is none. act: what runs an act. */
const struct cy_cli_command *cy_cli_find(const struct cy_cli_table *table, const char *const *words,
                                         size_t n, const struct cy_cli_command *act,
                                         struct cy_cli_command *made);

#endif

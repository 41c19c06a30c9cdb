/* cli_args: the words and options of one command line.
 *
 *     comity NOUN VERB [WORD...] [--name value] [--name=value] [--switch]
 *
 * Options may stand anywhere. What an option is called and whether it takes a value comes from
 * tables: those of the command, and for acts the schema's fields ('-' and '_' are the same in a
 * name). An unknown option is refused with the nearest known name. "--" ends the options.
 *
 * Owns: nothing but copies of names; values point into argv. Never: converts. */
#ifndef CY_HOST_CLI_CLI_ARGS_H
#define CY_HOST_CLI_CLI_ARGS_H

#include "base/text.h"
#include "wire/schema.h"

#define CY_CLI_WORDS_MAX 16u
#define CY_CLI_OPTIONS_MAX 96u

struct cy_cli_option {
    const char *name;  /* without dashes; NULL ends a table */
    const char *value; /* what stands in its place in help; NULL: a switch */
    const char *doc;
};

struct cy_cli_args {
    const char *words[CY_CLI_WORDS_MAX];
    size_t n_words;
    const char *names[CY_CLI_OPTIONS_MAX];
    const char *values[CY_CLI_OPTIONS_MAX]; /* NULL: a switch without "=value" */
    bool field[CY_CLI_OPTIONS_MAX];         /* a field of the schema */
    size_t n;
    char room[2048]; /* names written with "=" */
    size_t n_room;
};

/* What may stand on a line: tables of options, and the fields of an act. */
struct cy_cli_grammar {
    const struct cy_cli_option *tables[3]; /* each may be NULL */
    const struct cy_schema *schema;        /* may be NULL */
};

/* cy_cli_args_words collects the words that stand before the first option; n_words is set and the
 * number of them returned. It serves to find the command before its options are known: switches and
 * options of `tables` are passed over. */
void cy_cli_args_words(int argc, char **argv, const struct cy_cli_option *table,
                       struct cy_cli_args *out);

/* cy_cli_args_read reads a whole line. Fails with BAD_TEXT; why says which word is wrong. */
CY_MUST_USE cy_err cy_cli_args_read(int argc, char **argv, const struct cy_cli_grammar *grammar,
                                    struct cy_cli_args *out, struct cy_text *why);

/* cy_cli_arg is the last value given for an option, NULL when it is not there (or a switch).
 * cy_cli_arg_on says that a switch is on. cy_cli_arg_next walks repeated options: *at from 0. */
const char *cy_cli_arg(const struct cy_cli_args *args, const char *name);
bool cy_cli_arg_on(const struct cy_cli_args *args, const char *name);
const char *cy_cli_arg_next(const struct cy_cli_args *args, const char *name, size_t *at);

/* cy_cli_same_name compares names with '-' and '_' taken as the same. */
bool cy_cli_same_name(const char *a, const char *b);

#endif

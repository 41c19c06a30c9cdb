/* cli_model: the commands of models: help and options here, the work in the program comity-model,
 * which stands beside this one.
 *
 * It is a program of its own because models and this world (host/) never meet: a model may compute
 * with many threads and large libraries, and needs neither the network nor a realm. Their one table
 * is models/commands.def.
 *
 * Owns: the child while it runs. */
#ifndef CY_HOST_CLI_CLI_MODEL_H
#define CY_HOST_CLI_CLI_MODEL_H

#include "host/cli/cli_run.h"

/* The options of each command: cy_cli_model_options_ID. */
#define CY_MODEL_BEGIN(id, noun, verb, words, doc)                                                 \
    extern const struct cy_cli_option cy_cli_model_options_##id[];
#define CY_MODEL_OPTION(name, value, doc)
#define CY_MODEL_EXAMPLE(line)
#define CY_MODEL_END
#include "models/commands.def"
#undef CY_MODEL_BEGIN
#undef CY_MODEL_OPTION
#undef CY_MODEL_EXAMPLE
#undef CY_MODEL_END

/* cy_cli_model_examples are the command lines that show a command, ended by NULL; NULL when noun
 * and verb (may be NULL) are no model's. */
const char *const *cy_cli_model_examples(const char *noun, const char *verb);

/* cy_cli_model runs a command of a model: the same words and options. */
int cy_cli_model(struct cy_cli *run);

#endif

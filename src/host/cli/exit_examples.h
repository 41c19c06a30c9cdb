/* exit_examples: lines that --help shows for the commands of exit, recognition and merging.
 *
 * Owns: these lines. */
#ifndef CY_HOST_CLI_EXIT_EXAMPLES_H
#define CY_HOST_CLI_EXIT_EXAMPLES_H

/* cy_cli_exit_examples ends with NULL; NULL for other commands. */
const char *const *cy_cli_exit_examples(const char *noun, const char *verb);

#endif

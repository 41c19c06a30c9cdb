/* cli_console: `comity console`: the web console with a pen.
 *
 * The daemon shows the console to anyone, for reading. This command shows the same on the user's
 * own machine and lets it act, through the local comity-signer and host/agent. What an act says is
 * decided here and by the signer, from the act's bytes; the browser only asks.
 *
 * How approval is given (--confirm):
 *   terminal  the sentence is printed here and a person answers y or n (the default)
 *   browser   the button in the console is enough; without a terminal this must be said
 *
 * Owns: the wish made into an act, the question in the terminal. Never: sees a secret. */
#ifndef CY_HOST_CLI_CLI_CONSOLE_H
#define CY_HOST_CLI_CLI_CONSOLE_H

#include "host/cli/cli_passport.h"

extern const struct cy_cli_option cy_cli_console_options[];

int cy_cli_console(struct cy_cli *run);

#endif

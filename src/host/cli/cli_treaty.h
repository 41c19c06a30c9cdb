/* cli_treaty: treaties for people: what is wrong with one before it is offered, templates to begin
 * with, and how one stands on a day (M015, M099).
 *
 * A treaty is written as the JSON of a treaty_offer and sent with `comity act --file FILE`; its
 * other verbs are acts (`comity help treaty`). lint and template need no daemon.
 *
 * Owns: the form of these answers. */
#ifndef CY_HOST_CLI_CLI_TREATY_H
#define CY_HOST_CLI_CLI_TREATY_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_treaty_show_options[];

int cy_cli_treaty_show(struct cy_cli *run);
int cy_cli_treaty_lint(struct cy_cli *run);
int cy_cli_treaty_template(struct cy_cli *run);

#endif

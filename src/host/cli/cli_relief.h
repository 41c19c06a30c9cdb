/* cli_relief: findings and dispatches as commands: files in, acts out, and how a finding stands
 * (M132, M134, M036).
 *
 *      comity finding digest    frame and bounds of a program, for whoever votes or names data
 *      comity objective name    the office names data: their digests, bounds, and lines of a plan
 *      comity finding submit    a program and its certificate, judged here first, then by the
 * ledger comity finding show      who answers for it, by what, and may it be relied on comity
 * crisis dispatch   every line of a certified plan that is not sent yet, in batches
 *
 * The other verbs of these nouns are acts (`comity help finding`, `comity help crisis`).
 *
 * Owns: the form of these answers. */
#ifndef CY_HOST_CLI_CLI_RELIEF_H
#define CY_HOST_CLI_CLI_RELIEF_H

#include "host/cli/cli_send.h"

extern const struct cy_cli_option cy_cli_objective_name_options[];
extern const struct cy_cli_option cy_cli_finding_submit_options[];
extern const struct cy_cli_option cy_cli_crisis_dispatch_options[];

int cy_cli_finding_digest(struct cy_cli *run);
int cy_cli_objective_name(struct cy_cli *run);
int cy_cli_finding_submit(struct cy_cli *run);
int cy_cli_finding_show(struct cy_cli *run);
int cy_cli_crisis_dispatch(struct cy_cli *run);

#endif

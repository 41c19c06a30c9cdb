/* cli_exit: `comity exit`: leaving a realm with everything that is one's own, and arriving in
 * another.
 *
 *     old realm   begin REALM -> exit_leave            (an unwilling operator: leave it out)
 *     any copy    bundle PASSPORT -> FILE, sealed by the head; `comity verify FILE`
 *     new realm   admit FILE -> passport with the same keys, head, exit_admit or exit_claim, duties
 *                 contest, settle -> what becomes of a claim
 *     old realm   done PASSPORT -> moved, by proof of the admission
 *
 * Owns: these commands. Never: a secret key; the signer that holds the old keys signs. */
#ifndef CY_HOST_CLI_CLI_EXIT_H
#define CY_HOST_CLI_CLI_EXIT_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_exit_bundle_options[];
extern const struct cy_cli_option cy_cli_exit_admit_options[];
extern const struct cy_cli_option cy_cli_exit_copy_options[];

int cy_cli_exit_bundle(struct cy_cli *run);
int cy_cli_exit_begin(struct cy_cli *run);
int cy_cli_exit_status(struct cy_cli *run);
int cy_cli_exit_admit(struct cy_cli *run);
int cy_cli_exit_contest(struct cy_cli *run);
int cy_cli_exit_settle(struct cy_cli *run);
int cy_cli_exit_done(struct cy_cli *run);

#endif

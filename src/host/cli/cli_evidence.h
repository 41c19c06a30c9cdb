/* cli_evidence: `comity evidence make`: two statements of one key, put into one file that convicts
 * it.
 *
 *     two notes (votes, heads, cosigned heads) and the key      comity evidence make ONE ANOTHER
 *     an `equivocate` act, as it stands in a ledger             comity evidence make --act FILE
 *     the same, fetched from the daemon by its place            comity evidence make --at INDEX
 *
 * What is written was judged first, by verify/: a file that convicts nobody is not made. Owns: the
 * command. Never: decides what contradicts what. */
#ifndef CY_HOST_CLI_CLI_EVIDENCE_H
#define CY_HOST_CLI_CLI_EVIDENCE_H

#include "host/cli/cli_run.h"

extern const struct cy_cli_option cy_cli_evidence_options[];

int cy_cli_evidence_make(struct cy_cli *run);

#endif

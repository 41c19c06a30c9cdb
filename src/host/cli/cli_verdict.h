/* cli_verdict: what screening or exposure found, made into acts for people to sign: `comity
 * sanction apply REPORT --list LIST`.
 *
 *     comity screen ... --json > report      comity exposure X --json > report
 *            \-- asked name, hits --\   /-- party, proof --/
 *                                    one word for each party: clear, possible, match
 *                                    + the report's digest as evidence
 *                                      --> acts.json  --> a person reads --> comity act --file
 *
 * A name is a match only where its score reaches --match and nobody else on the list is as like;
 * what lies between is possible, and restrains nothing. Ownership that blocks is a match with the
 * target that the proof begins at. A target that does not stand on the list, or a name that is no
 * passport here, refuses the whole: no word is drafted past it.
 *
 * Owns: the file it writes. Never: signs, sends, or looks at a list itself. */
#ifndef CY_HOST_CLI_CLI_VERDICT_H
#define CY_HOST_CLI_CLI_VERDICT_H

#include "host/cli/cli_sanction.h"

extern const struct cy_cli_option cy_cli_verdict_options[];

/* cy_cli_sanction_apply runs it; the exit code. */
int cy_cli_sanction_apply(struct cy_cli *run);

#endif

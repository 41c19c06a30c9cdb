/* cli_verify: `comity verify FILE`: whatever the daemon answered, proven without it.
 *
 *     receipt (JSON), tlog-proof, checkpoint, two heads, COSE receipt, act, answer bundle, evidence
 *         -> one line a step, and the first step that does not hold
 *
 * Proven of a receipt are the act, its place and its bytes; what the daemon says about it
 * (sentence, time, effects) is not: the sentence printed here is made from the act.
 *
 * What it is held to is given, never taken from the file: the ledger's verifier key (--vkey, or the
 * directory's), and witnesses (--witness, --need); or a policy of nested groups of cosigners
 * (--policy), for a federation without any key of its own (--origin).
 *
 * What is checked and said stands in verify/, where libcomity has it too; here are the options, and
 * how a report is printed.
 *
 * Owns: the options that say whom to trust. Never: the network. */
#ifndef CY_HOST_CLI_CLI_VERIFY_H
#define CY_HOST_CLI_CLI_VERIFY_H

#include "crypto/note_key.h"
#include "host/cli/cli_run.h"
#include "verify/trust.h"

#define CY_CLI_WITNESSES_MAX 64u

/* The options that say whom to trust. */
extern const struct cy_cli_option cy_cli_trust_options[];
extern const struct cy_cli_option cy_cli_verify_options[];

struct cy_cli_trust {
    bool has_log;
    struct cy_note_key log;
    struct cy_note_key witnesses[CY_CLI_WITNESSES_MAX];
    uint32_t n_witnesses;
    uint32_t need;
    bool has_policy;
    struct cy_policy_trust policy;
};

/* cy_cli_trust_read reads the options, and the file of a policy. Fails with BAD_VKEY, USAGE,
 * BAD_POLICY and what else makes a policy unusable; run->why says which. */
CY_MUST_USE cy_err cy_cli_trust_read(struct cy_cli *run, struct cy_cli_trust *trust);

/* cy_cli_trust_of is the same for verify/; it borrows. */
struct cy_trust cy_cli_trust_of(const struct cy_cli_trust *trust);

/* cy_cli_verify is the command. */
int cy_cli_verify(struct cy_cli *run);

#endif

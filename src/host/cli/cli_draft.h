/* cli_draft: an act that several keys sign, passed round as a file.
 *
 *      draft ---> sign (each holder, in turn or side by side) ---> seal ---> send, or join
 *
 * A draft is the act itself with zeros where signatures are missing: its text, its nonce and until
 * when it may be recorded are final, so that everybody signs what everybody has read. Signing adds
 * the signatures of the keys that the local signer holds and touches nothing else. Sealing puts the
 * signatures of several copies together, verifies each, and leaves out the keys that did not sign.
 *
 * Owns: the files' form (envelope.h). Never: decides how many signatures are enough (the realm
 * does). */
#ifndef CY_HOST_CLI_CLI_DRAFT_H
#define CY_HOST_CLI_CLI_DRAFT_H

#include "host/cli/cli_run.h"
#include "host/signer/sign_act.h"

extern const struct cy_cli_option cy_cli_draft_options[];

/* cy_cli_draft_read opens a draft; it lies in the run's arena. Fails as cy_act_open, NO_FILE. */
CY_MUST_USE cy_err cy_cli_draft_read(struct cy_cli *run, const char *path, struct cy_act *out);

/* cy_cli_draft_write writes bytes to --out, else to `path`, and says where on standard output. */
CY_MUST_USE cy_err cy_cli_draft_write(struct cy_cli *run, const char *path, struct cy_span bytes,
                                      const char *what);

/* cy_cli_draft_signed says whether signer i of the act has signed: its signature is verified. */
bool cy_cli_draft_signed(const struct cy_act *act, uint32_t i);

/* comity federation sign FILE; comity federation seal FILE... */
int cy_cli_draft_sign(struct cy_cli *run);
int cy_cli_draft_seal(struct cy_cli *run);

#endif

/* cli_begin: how a ledger begins: a signer for the time of it, and entry 0 through the cell itself.
 *
 * Shared by `comity init` and by the successor that `comity restore` opens.
 *
 * Owns: nothing after it returns, but the child it started. */
#ifndef CY_HOST_CLI_CLI_BEGIN_H
#define CY_HOST_CLI_CLI_BEGIN_H

#include "host/cli/cli_run.h"

#include <sys/types.h>

/* cy_cli_begin_signer starts comity-signer on a key directory and connects run->signer to it; what
 * it says goes to log. Fails with SIGNER_START (detail: 0 when it ended by itself), PEER_CONNECT.
 * *child is to be ended with cy_spawn_end, also after a failure, when it is not 0. */
CY_MUST_USE cy_err cy_cli_begin_signer(struct cy_cli *run, const char *keys, const char *socket,
                                       const char *passphrase_file, const char *log, pid_t *child);

/* cy_cli_begin_ledger makes the ledger directory with this signed genesis as its first entry, under
 * a head signed with log_key; *realm is its id. Fails as cy_cell_open, with the refusal of the
 * genesis, or as the signer. */
CY_MUST_USE cy_err cy_cli_begin_ledger(struct cy_cli *run, const char *data, struct cy_span genesis,
                                       const struct cy_id *log_key, struct cy_id *realm);

#endif

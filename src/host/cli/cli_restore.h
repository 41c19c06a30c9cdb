/* cli_restore: `comity restore FILE --dir NEW`: a cell again, from its backup.
 *
 *     backup -> NEW.part -> ask every witness, every mirror, every ledger we cosign
 *         nothing newer was signed, or a mirror had it       NEW: start signer and daemon
 *         a later head was signed, and nobody has the tail   refused; or --successor NAME (below)
 *
 * A witness that does not answer could know a later head: the restore is refused until it answers,
 * or is left out by name (--without). A cell without witnesses must be told (--last) that nothing
 * was signed after the backup.
 *
 * Owns: nothing after it returns. Never: signs, unless a successor is asked for. */
#ifndef CY_HOST_CLI_CLI_RESTORE_H
#define CY_HOST_CLI_CLI_RESTORE_H

#include "host/backup/restore.h"
#include "host/cli/cli_backup.h"

extern const struct cy_cli_option cy_cli_restore_options[];

int cy_cli_restore(struct cy_cli *run);

#endif

/* cli_successor: `comity restore ... --successor NAME`, and `comity succession`, which checks one.
 *
 *     DIR/predecessor/   the ledger up to the head kept, to be read and served
 *     DIR/data/          the successor: its genesis states what is lost (kernel/succession.h),
 * signed by the operator's present key; the ledger key stays the same DIR/keys/          the same
 * keys; for the old origin no head can be signed any more
 *
 * Others must be told the new peer.conf; what the old realm owed and owned is read from the
 * predecessor, nothing is taken over by itself.
 *
 * Owns: nothing after it returns. */
#ifndef CY_HOST_CLI_CLI_SUCCESSOR_H
#define CY_HOST_CLI_CLI_SUCCESSOR_H

#include "host/backup/restore.h"
#include "host/cli/cli_run.h"

#define CY_HOME_PREDECESSOR "predecessor"

extern const struct cy_cli_option cy_cli_succession_options[];

/* cy_cli_successor turns a restore that is behind into a successor of that name and finishes it;
 * *realm is its id. Fails as the signer, cy_cell_open, BAD_SUCCESSION, USAGE, DISK_FAILED. */
CY_MUST_USE cy_err cy_cli_successor(struct cy_cli *run, struct cy_restore *restore,
                                    const char *name, struct cy_id *realm);

/* cy_cli_succession is the command: does the genesis of this ledger state a succession that holds?
 */
int cy_cli_succession(struct cy_cli *run);

#endif

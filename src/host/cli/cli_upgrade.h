/* cli_upgrade: `comity upgrade`: may this program take over the cell?
 *
 *     formats of ledger, snapshots, keys -> settings -> replay of the whole ledger by these rules
 *         -> what changes, in words -> (without --check) a backup, then the stamp
 *
 * Installing replaces the programs, nothing else; a running daemon goes on with the old one until
 * it is started again. So: install, `comity upgrade --check`, `comity upgrade --to FILE`, start
 * signer and daemon again. A ledger of the same format needs no step of its own, but the backup is
 * made all the same, because the way back begins with it.
 *
 * Owns: the stamp of a ledger's format, through ledger/format.h. Never: starts or stops a program.
 */
#ifndef CY_HOST_CLI_CLI_UPGRADE_H
#define CY_HOST_CLI_CLI_UPGRADE_H

#include "host/cli/cli_finding.h"

extern const struct cy_cli_option cy_cli_upgrade_options[];

int cy_cli_upgrade(struct cy_cli *run);

/* cy_cli_format_line adds the line about the ledger's format; doctor has it too. */
void cy_cli_format_line(struct cy_findings *found, const char *data);

#endif

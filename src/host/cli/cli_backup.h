/* cli_backup: `comity backup` and `comity backup check`: a copy of a cell in one encrypted file.
 *
 *     comity backup --to FILE --passphrase-file FILE      and/or --reader KEY, once for each reader
 *     comity backup check FILE                            is it whole, and of what?
 *
 * Owns: DIR/last-backup, a line about the newest backup, for `comity doctor`. Never: prompts. */
#ifndef CY_HOST_CLI_CLI_BACKUP_H
#define CY_HOST_CLI_CLI_BACKUP_H

#include "host/backup/unpack.h"
#include "host/cli/cli_run.h"

#define CY_HOME_LAST_BACKUP "last-backup"
#define CY_CLI_PASSPHRASE_MAX 1024u

extern const struct cy_cli_option cy_cli_backup_options[];
extern const struct cy_cli_option cy_cli_backup_check_options[];

int cy_cli_backup(struct cy_cli *run);
int cy_cli_backup_check(struct cy_cli *run);

/* cy_cli_backup_open opens an archive and unlocks it: with --passphrase-file (or
 * $COMITY_BACKUP_PASSPHRASE), else with the signer at --signer, which holds a reader's box key.
 * Fails as cy_archive_open and the unlocking; run->why says about what. */
CY_MUST_USE cy_err cy_cli_backup_open(struct cy_cli *run, const char *path,
                                      struct cy_archive_in **out);

/* cy_cli_backup_to writes a backup of the directory in use to a path; says nothing, leaves the line
 * for the doctor. Fails as cy_backup_make, or USAGE. */
struct cy_backup_report;
CY_MUST_USE cy_err cy_cli_backup_to(struct cy_cli *run, const char *to,
                                    struct cy_backup_report *report);

/* cy_cli_ledger_progress prints "N of M entries" on a terminal; user is a struct cy_cli_meter. */
struct cy_cli_meter {
    struct cy_cli *run;
    const char *what;
    cy_time began;
    cy_time said;
};
void cy_cli_ledger_progress(void *user, uint64_t done, uint64_t size);

#endif

/* backup: a consistent copy of a cell, taken while it runs.
 *
 *     keys/heads -> checkpoint that covers them -> small files -> manifest
 *                -> entry bundles up to that head, each hashed on the way -> root = the head's
 *                -> blobs -> end
 *
 * The cut is a published head: entries below it never change, and a receipt leaves only under a
 * published head, so every acknowledged act up to the cut is there. The memory of signed heads is
 * read before the head is, so that it is not ahead of the ledger beside it.
 *
 * What is copied is verified: a ledger whose entries do not lead to its signed root is not backed
 * up, it is named. Keys are copied as they lie on disk, sealed. The passphrase of the keys is left
 * out unless asked for.
 *
 * Owns: nothing. Never: locks, stops or writes the cell. */
#ifndef CY_HOST_BACKUP_BACKUP_H
#define CY_HOST_BACKUP_BACKUP_H

#include "host/backup/archive.h"
#include "host/backup/manifest.h"

typedef void cy_backup_progress(void *user, uint64_t done, uint64_t size);

struct cy_backup_options {
    const char *home; /* the cell's directory */
    const char *data; /* the ledger's; often home/data */
    const char *keys; /* the signer's; often home/keys */
    const char *to;
    const char *program; /* version */
    struct cy_archive_readers readers;
    bool with_passphrase;
    bool without_blobs;
    cy_time now;
    cy_backup_progress *progress; /* may be NULL */
    void *user;
};

struct cy_backup_report {
    char origin[64];
    struct cy_id realm;
    uint64_t size; /* entries */
    struct cy_id root;
    uint64_t signed_size; /* what the signer had signed; larger than size after a crash only */
    uint64_t files;
    uint64_t blobs;
    uint64_t blobs_bad; /* files among the blobs that do not hash to their name */
    uint64_t bytes;     /* of the archive */
    char why[512];      /* when it failed: about what */
};

/* cy_backup_make writes a backup. Fails as cy_archive_create and cy_archive_put, with NO_FILE or
 * DISK_FAILED (a file of the cell cannot be read), CHECKPOINT_DAMAGED, TILE_DAMAGED, TREE_MISMATCH,
 * NO_GENESIS, KEYSTORE_BAD. The report is filled in every case. */
CY_MUST_USE cy_err cy_backup_make(const struct cy_backup_options *options,
                                  struct cy_backup_report *report);

#endif

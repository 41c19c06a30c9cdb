/* unpack: reading a whole backup, each byte of it held to what the backup says of itself.
 *
 *     manifest -> its checkpoint is signed by its log key, and names its origin, size and root
 *     files    -> those of the manifest, in its order, with their sizes and digests
 *     bundles  -> entries; the first is the genesis of that realm, naming that key; all lead to
 * root blobs    -> hashed to their names end      -> counts
 *
 * Without a sink this is `comity backup check`. With one, what was handed out before a failure must
 * be thrown away.
 *
 * Owns: nothing. Never: writes. */
#ifndef CY_HOST_BACKUP_UNPACK_H
#define CY_HOST_BACKUP_UNPACK_H

#include "host/backup/archive.h"
#include "host/backup/manifest.h"

/* Who is told; each may be NULL. An error ends the reading and is returned. */
struct cy_unpack_sink {
    void *self;
    cy_err (*begin)(void *self, const struct cy_manifest *manifest);
    cy_err (*file)(void *self, const struct cy_manifest_file *file, struct cy_span bytes);
    cy_err (*entry)(void *self, struct cy_span entry);
    cy_err (*blob)(void *self, const struct cy_id *digest,
                   struct cy_span piece); /* piece by piece */
    cy_err (*blob_end)(void *self, const struct cy_id *digest, bool good);
    void (*progress)(void *self, uint64_t done, uint64_t size); /* entries */
};

struct cy_unpack_report {
    struct cy_manifest manifest; /* cy_unpack_free */
    uint64_t files;
    uint64_t entries;
    uint64_t blobs;
    uint64_t blobs_bad;
    char why[512]; /* when it failed: where, and what */
};

/* cy_unpack reads an unlocked archive from its front to its end. Fails as cy_archive_take,
 * cy_pack_next and cy_manifest_read, with BACKUP_CONTENT, NO_MEMORY, or the sink's error. Release
 * the report in either case. */
CY_MUST_USE cy_err cy_unpack(struct cy_archive_in *archive, const struct cy_unpack_sink *sink,
                             struct cy_unpack_report *report);
void cy_unpack_free(struct cy_unpack_report *report);

#endif

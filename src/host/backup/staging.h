/* staging: the directory DIR.part, in which a restore grows until it may be called DIR.
 *
 *     DIR.part/.restore     says that it is one; locked while a restore is at work
 *
 * So a directory of the right name is whole, whatever was cut off when; what a restore that was
 * killed left is known by its marker, and removed by the next one.
 *
 * Owns: DIR.part until it is finished. Never: touches a DIR that holds anything. */
#ifndef CY_HOST_BACKUP_STAGING_H
#define CY_HOST_BACKUP_STAGING_H

#include "base/text.h"

#include <limits.h>

struct cy_staging;

/* cy_staging_open makes DIR.part; DIR must be absent or empty, its parent must exist. realm: of the
 * backup, to say so when DIR is another realm's. Fails with DIR_TAKEN, BACKUP_FOREIGN,
 * RESTORE_LEFT, BACKUP_FULL, NO_FILE, NO_MEMORY, DISK_FAILED; why says which. */
CY_MUST_USE cy_err cy_staging_open(const char *dir, const struct cy_id *realm,
                                   struct cy_staging **out, struct cy_text *why);

/* cy_staging_close removes DIR.part unless it was finished. NULL does nothing. */
void cy_staging_close(struct cy_staging *staging);

const char *cy_staging_dir(const struct cy_staging *staging);  /* DIR, absolute */
const char *cy_staging_part(const struct cy_staging *staging); /* DIR.part */
const char *cy_staging_why(const struct cy_staging *staging);  /* the last failure; may be empty */

/* cy_staging_path writes DIR.part/NAME. Fails with TOO_LARGE. */
CY_MUST_USE cy_err cy_staging_path(const struct cy_staging *staging, const char *name,
                                   char out[static PATH_MAX]);

/* cy_staging_file writes a new file and the directories above it (0700). Fails with BACKUP_FULL,
 * BACKUP_CONTENT (it is there already), DISK_FAILED, TOO_LARGE. */
CY_MUST_USE cy_err cy_staging_file(struct cy_staging *staging, const char *name, uint32_t mode,
                                   struct cy_span bytes);

/* cy_staging_blob opens data/blobs/DIGEST for writing; cy_staging_write adds to it;
 * cy_staging_blob_end closes it and removes it unless it is good. */
CY_MUST_USE cy_err cy_staging_blob(struct cy_staging *staging, const struct cy_id *digest, int *fd);
CY_MUST_USE cy_err cy_staging_write(int fd, struct cy_span bytes);
CY_MUST_USE cy_err cy_staging_blob_end(struct cy_staging *staging, const struct cy_id *digest,
                                       int fd, bool good);

/* cy_staging_finish makes all of it durable and renames it to DIR. */
CY_MUST_USE cy_err cy_staging_finish(struct cy_staging *staging);

#endif

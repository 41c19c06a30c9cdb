/* manifest: the first record of a backup: of which realm it is, up to which head, and which files.
 *
 * JSON, so that people and other programs can read it: `comity backup check --json` prints it. What
 * is not known here is refused; a later format says so in the archive's version.
 *
 * Owns: the memory of its texts and of the list of files (malloc). */
#ifndef CY_HOST_BACKUP_MANIFEST_H
#define CY_HOST_BACKUP_MANIFEST_H

#include "base/date.h"
#include "host/json/json.h"

#define CY_MANIFEST_FILES_MAX 40000u
#define CY_MANIFEST_NOTE_MAX 65536u

struct cy_manifest_file {
    const char *path; /* below the cell's directory */
    uint64_t size;
    uint32_t mode; /* permissions */
    struct cy_id digest;
};

struct cy_manifest {
    const char *program; /* version that made it */
    const char *home;    /* the cell's directory then: settings name it */
    const char *origin;
    const char *checkpoint; /* the note: head up to which entries are here, with cosignatures */
    struct cy_id realm;     /* id of genesis */
    struct cy_id log_key;
    struct cy_id root;
    uint64_t size;        /* of the head */
    uint64_t signed_size; /* of the largest head that the signer remembered then */
    cy_time made;
    struct cy_manifest_file *files;
    size_t n_files;
    json_t *json; /* what the texts point into after reading */
};

/* cy_manifest_write gives the JSON text (malloc). NULL without memory. */
char *cy_manifest_write(const struct cy_manifest *manifest, size_t *n);

/* cy_manifest_read reads one. Fails with BACKUP_CONTENT (*why: what is wrong, 192 bytes) or
 * NO_MEMORY. Release it in either case. */
CY_MUST_USE cy_err cy_manifest_read(struct cy_span text, struct cy_manifest *out, char why[192]);
void cy_manifest_free(struct cy_manifest *manifest);

/* cy_manifest_file finds a file by its path; NULL: not there. */
const struct cy_manifest_file *cy_manifest_file(const struct cy_manifest *manifest,
                                                const char *path);

#endif

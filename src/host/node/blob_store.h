/* blob_store: encrypted blobs as files named by their hash, outside the ledger.
 *
 *      blob_hold accepted --begin--> blobs/N.part --more ... end--> blobs/HEX --erase--> nothing
 *                                         (length and digest hold, or the file goes)
 *
 * Only what an accepted act declares is taken, with that length and that digest: the caller hands
 * over the record of the world. A blob is there whole or not at all, whatever is cut off when: it
 * is written beside, flushed, and renamed. No file of another name is read or written.
 *
 * Erasing overwrites the head in place first, where the content keys stand sealed (crypto/seal.h),
 * then removes the file. A file system that writes elsewhere (copy on write, snapshots, flash) may
 * keep the old sectors; copies that others fetched are out of reach. What erasure can promise
 * stands in docs/blobs.md.
 *
 * Owns: the directory, its limits, the list of what is held. May be used from several threads.
 * Never: sees plaintext, knows keys, asks who reads. */
#ifndef CY_HOST_NODE_BLOB_STORE_H
#define CY_HOST_NODE_BLOB_STORE_H

#include "ledger/disk.h"
#include "wire/schema.h"

#define CY_BLOB_DIR "blobs"
#define CY_BLOB_PUTS_MAX 16u /* uploads at one time */

struct cy_blob_limits {
    uint64_t bytes_max; /* of one blob */
    uint64_t total;     /* of all blobs, uploads under way included */
    uint32_t count_max;
};

struct cy_blob_store;
struct cy_blob_put; /* an upload under way; one thread at a time */

/* cy_blob_store_open makes the directory when it is absent, removes what cut-off uploads left, and
 * lists the rest. Fails with NO_ROOM (more files than count_max), NO_MEMORY or trouble. */
CY_MUST_USE cy_err cy_blob_store_open(const struct cy_disk *disk,
                                      const struct cy_blob_limits *limits,
                                      struct cy_blob_store **out);

/* cy_blob_store_close: uploads must be over. NULL does nothing. */
void cy_blob_store_close(struct cy_blob_store *store);

bool cy_blob_store_has(struct cy_blob_store *store, const struct cy_id *digest);

/* cy_blob_store_usage counts blobs and their bytes. */
void cy_blob_store_usage(struct cy_blob_store *store, uint32_t *count, uint64_t *bytes);

/* cy_blob_store_list copies up to cap digests from position `from` on; returns how many. Removing
 * one moves the last into its place. */
uint32_t cy_blob_store_list(struct cy_blob_store *store, uint32_t from, struct cy_id *out,
                            uint32_t cap);

/* cy_blob_path is where a blob's file is, below the ledger directory. */
void cy_blob_path(const struct cy_id *digest, char out[static CY_PATH_MAX]);

/* cy_blob_put_begin starts an upload. declared: the record of the world, NULL when there is none.
 * A blob that is here already is compared, not written; when its file turns out damaged, the end
 * fails with BLOB_ABSENT and the next upload replaces it. Fails with BLOB_UNDECLARED, BLOB_ERASED,
 * BODY_TOO_LARGE (detail: bytes_max), BLOB_FULL, BUSY, NO_MEMORY or trouble of the disk. */
CY_MUST_USE cy_err cy_blob_put_begin(struct cy_blob_store *store, const struct cy_blob *declared,
                                     struct cy_blob_put **out);

/* cy_blob_put_more takes the next bytes. Fails with BLOB_LENGTH (more than declared), NO_SPACE or
 * trouble; then only drop is left. */
CY_MUST_USE cy_err cy_blob_put_more(struct cy_blob_put *put, struct cy_span bytes);

/* cy_blob_put_end ends the upload in every case; after OK the blob is durable. Fails with
 * BLOB_LENGTH, BLOB_DIGEST, BLOB_ABSENT, NO_SPACE or trouble, and then nothing is left of it - but
 * after the failure of the very last flush it may be there, whole; it is listed then. */
CY_MUST_USE cy_err cy_blob_put_end(struct cy_blob_put *put);

/* cy_blob_put_drop gives an upload up. NULL does nothing. */
void cy_blob_put_drop(struct cy_blob_put *put);

/* cy_blob_store_erase overwrites the head and removes the file, durably. A blob that is not here is
 * erased already: OK. Fails with trouble of the disk; then it is still listed, to be tried again.
 */
CY_MUST_USE cy_err cy_blob_store_erase(struct cy_blob_store *store, const struct cy_id *digest);

#endif

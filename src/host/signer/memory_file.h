/* memory_file: what a signer must never forget, as records in a table and as lines in a file.
 *
 *     put (remember) ... put -> commit (one append, one flush) -> signatures may leave
 *
 * The file is text, a row of batches; each batch is written twice, one after the other:
 *     batch N \n   one line for each record that changed \n ...   end CHECK \n \n
 * with CHECK = 32 digits of SHA-256 over the batch. Batch 1 is put there with the whole file (a
 * rename), so it is never torn; a torn batch can only be the last one, whose signatures never left.
 * A number of which no copy is whole, with a later one behind it, is damage and is not forgiven.
 *
 * Owns: the file `path` on the disk handed in, and the table (malloc). Never: forgets; judges what
 * may be signed (head_memory.h, vote_memory.h). */
#ifndef CY_HOST_SIGNER_MEMORY_FILE_H
#define CY_HOST_SIGNER_MEMORY_FILE_H

#include "base/text.h"
#include "ledger/disk.h"

/* What stands in one file. */
struct cy_memory_kind {
    uint32_t size;   /* of a record, a multiple of 8; it begins with its slot, a struct cy_id */
    size_t line_max; /* bytes of a record as text */
    /* writes a record as one line, with its end */
    void (*write)(const void *record, struct cy_text *out);
    /* reads a line, without its end, as a record with its slot; any error is damage */
    cy_err (*read)(struct cy_span line, void *record);
    /* whether `record` may stand in a later batch than `old` of the same slot */
    bool (*follows)(const void *old, const void *record);
};

struct cy_memory_file;

/* cy_memory_file_make writes an empty file; it must not exist yet (KEYSTORE_BAD). */
CY_MUST_USE cy_err cy_memory_file_make(const struct cy_disk *disk, const char *path);

/* cy_memory_file_open reads the file. kind is borrowed; limit: records at most. A torn last batch
 * is dropped and the file rewritten. Fails with NO_FILE, KEYSTORE_BAD (detail: number of the batch
 * that is missing or contradicts), NO_ROOM (more records than limit), NO_MEMORY or trouble. */
CY_MUST_USE cy_err cy_memory_file_open(const struct cy_disk *disk, const char *path,
                                       const struct cy_memory_kind *kind, uint32_t limit,
                                       struct cy_memory_file **out);

/* cy_memory_file_close: NULL does nothing. What was not committed was not signed. */
void cy_memory_file_close(struct cy_memory_file *memory);

/* cy_memory_file_find: NULL: nothing is remembered there. Valid until the next put. */
const void *cy_memory_file_find(const struct cy_memory_file *memory, const struct cy_id *slot);

/* cy_memory_file_put remembers a record, or another one in its slot. Fails with NO_ROOM,
 * DISK_FAILED (an earlier flush failed: start again). */
CY_MUST_USE cy_err cy_memory_file_put(struct cy_memory_file *memory, const void *record);

/* cy_memory_file_commit makes all that was put durable. Until it succeeds no signature that rests
 * on it may leave the process. After NO_SPACE it may be called again. */
CY_MUST_USE cy_err cy_memory_file_commit(struct cy_memory_file *memory);

/* cy_memory_file_works says whether records can still be put: false after a failed flush. */
bool cy_memory_file_works(const struct cy_memory_file *memory);

/* cy_memory_file_at gives the records in the order of their arrival: i < count. */
const void *cy_memory_file_at(const struct cy_memory_file *memory, uint32_t i);
uint32_t cy_memory_file_count(const struct cy_memory_file *memory);

/* cy_memory_file_peek reads the bytes of such a file, as a copy of one, and calls seen for every
 * record of its whole batches, earlier ones first; record: kind->size bytes of the caller's. Fails
 * with KEYSTORE_BAD when no batch of it is whole, or a line is no record. */
CY_MUST_USE cy_err cy_memory_file_peek(struct cy_span bytes, const struct cy_memory_kind *kind,
                                       void *record, void (*seen)(void *user, const void *record),
                                       void *user);

/* cy_memory_word takes the next word up to `end`, or all that is left, off the front of *rest. */
struct cy_span cy_memory_word(struct cy_span *rest, char end);

/* cy_memory_id reads 64 digits. Fails with BAD_HEX. */
CY_MUST_USE cy_err cy_memory_id(struct cy_span word, struct cy_id *out);

#endif

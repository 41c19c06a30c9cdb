/* pack: what stands in a backup, one record after the other.
 *
 *     manifest   file file ...   bundle bundle ...   blob blob ...   end
 *
 *     record = u8 kind | u8 0 | u16 n name | u32 0 | u64 size | name | bytes[size]
 *
 * In this order, and nothing else: one manifest (JSON, manifest.h); the small files, named by their
 * path below the cell's directory; the ledger as full entry bundles and one partial one, named by
 * their tile paths, index after index; encrypted blobs, named by their digest; the end, which
 * counts. Hash tiles, snapshots and the journal are not there: they follow from the entries.
 *
 * Owns: the grammar, both ways. Never: files or keys; bytes come from whoever hands in `pull`. */
#ifndef CY_HOST_BACKUP_PACK_H
#define CY_HOST_BACKUP_PACK_H

#include "wire/tile.h"

#define CY_PACK_HEAD 16u
#define CY_PACK_NAME_MAX 255u
#define CY_PACK_MANIFEST_MAX ((uint64_t)8 << 20)
#define CY_PACK_FILE_MAX ((uint64_t)64 << 20)
#define CY_PACK_BUNDLE_MAX ((uint64_t)CY_TILE_WIDTH * (CY_ENTRY_MAX + 2u))
#define CY_PACK_BLOB_MAX ((uint64_t)1 << 41)
#define CY_PACK_END_BYTES 24u /* u64 files | u64 entries | u64 blobs */

enum cy_pack_kind {
    CY_PACK_MANIFEST = 1,
    CY_PACK_FILE = 2,
    CY_PACK_BUNDLE = 3,
    CY_PACK_BLOB = 4,
    CY_PACK_END = 5
};

struct cy_pack_record {
    enum cy_pack_kind kind;
    uint64_t size;
    struct cy_tile tile; /* of a bundle */
    struct cy_id digest; /* of a blob */
    char name[CY_PACK_NAME_MAX + 1];
};

/* cy_pack_path_check: a relative path of plain parts ("keys/heads"): no empty part, no part that
 * begins with '.', no control character, no backslash. Fails with BACKUP_CONTENT. */
CY_MUST_USE cy_err cy_pack_path_check(const char *path);

/* cy_pack_head writes kind, size and name; *n is at most CY_PACK_HEAD + CY_PACK_NAME_MAX. */
void cy_pack_head(enum cy_pack_kind kind, const char *name, uint64_t size,
                  uint8_t out[static CY_PACK_HEAD + CY_PACK_NAME_MAX], size_t *n);

/* Gives exactly n bytes, or fails. */
typedef cy_err cy_pack_pull(void *self, uint8_t *out, size_t n);

struct cy_pack_reader {
    cy_pack_pull *pull;
    void *self;
    struct cy_pack_record now;
    uint64_t left; /* bytes of the record not taken yet */
    uint64_t files;
    uint64_t entries;
    uint64_t blobs;
    bool begun;
    bool partial; /* the last bundle was not full */
    bool ended;
};

/* cy_pack_next reads the head of the next record; what the one before still held must have been
 * taken (asserts). Fails with BACKUP_CONTENT (detail: which rule) or as pull. */
CY_MUST_USE cy_err cy_pack_next(struct cy_pack_reader *reader);

/* cy_pack_take gives up to cap bytes of the record; *n is 0 when it is used up. */
CY_MUST_USE cy_err cy_pack_take(struct cy_pack_reader *reader, uint8_t *out, size_t cap, size_t *n);

/* cy_pack_all gives the whole record, which must fit (BACKUP_CONTENT). */
CY_MUST_USE cy_err cy_pack_all(struct cy_pack_reader *reader, uint8_t *out, size_t cap, size_t *n);

/* cy_pack_close takes the end record, and compares its counts with what was read. */
CY_MUST_USE cy_err cy_pack_close(struct cy_pack_reader *reader);

#endif

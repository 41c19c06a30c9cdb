/* archive: one encrypted file that is read and written from front to end.
 *
 *     head    "CYBACK1\n" | u32 version | u32 n passphrase | u32 n sealed
 *             | the file's key sealed under a passphrase by Argon2id (secret.h), or nothing
 *             | head of a blob sealed to box keys (seal.h) and the file's key wrapped under its
 *               body key, or nothing
 *             | head of the stream[24] | SHA-256 of all before[32]
 *     pieces  of 65,536 bytes and 17 (stream.h), the last one shorter and marked as the last
 *
 * Integers are big-endian. The digest tells a damaged head from a wrong passphrase; the first piece
 * is bound to the head, each piece to those before it, and nothing may follow the last one. The
 * sealed part is opened by the signer of its reader as any blob is, so no box key leaves it.
 *
 * An archive is written beside, as PATH.part, and gets its name when all of it is on disk: a file
 * of the right name is whole, whatever was cut off when.
 *
 * Owns: the open file, and PATH.part until it is finished. Never: knows what it holds. */
#ifndef CY_HOST_BACKUP_ARCHIVE_H
#define CY_HOST_BACKUP_ARCHIVE_H

#include "base/text.h"
#include "crypto/seal.h"

#define CY_ARCHIVE_VERSION 1u
#define CY_ARCHIVE_PIECE 65536u
#define CY_ARCHIVE_FIXED 20u
#define CY_ARCHIVE_PASSPHRASE (32u + CY_SECRET_OVERHEAD)
#define CY_ARCHIVE_WRAPPED (32u + CY_SECRET_WRAP_OVERHEAD)
#define CY_ARCHIVE_SEALED_MAX (52u + 112u * CY_SEAL_READERS_MAX)
#define CY_ARCHIVE_HEAD_MAX                                                                        \
    (CY_ARCHIVE_FIXED + CY_ARCHIVE_PASSPHRASE + CY_ARCHIVE_SEALED_MAX + CY_ARCHIVE_WRAPPED + 24u + \
     32u)

/* A decoded head; spans point into the bytes. */
struct cy_archive_head {
    size_t n;                  /* bytes of head */
    struct cy_span passphrase; /* sealed key, or empty */
    struct cy_span sealed;     /* head of a blob, or empty */
    struct cy_span wrapped;    /* key under that head's body key, or empty */
    const uint8_t *stream;     /* head of the stream */
    struct cy_id digest;
};

/* cy_archive_head_read reads a head from the front of bytes. Fails with BACKUP_FORMAT,
 * BACKUP_NEWER (detail: its version), BACKUP_DAMAGED (detail: position), BACKUP_CUT. */
CY_MUST_USE cy_err cy_archive_head_read(struct cy_span bytes, struct cy_archive_head *out);

/* Who shall be able to open it: whoever knows the passphrase (may be empty), or holds one of the
 * box keys. At least one of the two. */
struct cy_archive_readers {
    struct cy_span passphrase;
    struct cy_secret_cost cost;
    const struct cy_id *keys;
    size_t n_keys;
};

struct cy_archive_out;

/* cy_archive_create begins PATH.part. why: about files. Fails with FILE_TAKEN (PATH is there),
 * RESTORE_LEFT (another program writes PATH.part), RANGE, BAD_KEY, BACKUP_FULL, NO_MEMORY,
 * DISK_FAILED. */
CY_MUST_USE cy_err cy_archive_create(const char *path, const struct cy_archive_readers *readers,
                                     struct cy_archive_out **out, struct cy_text *why);

/* cy_archive_put adds bytes. Fails with BACKUP_FULL or DISK_FAILED. */
CY_MUST_USE cy_err cy_archive_put(struct cy_archive_out *out, struct cy_span bytes);

/* cy_archive_finish writes the last piece, makes the file durable and gives it its name; *bytes is
 * its size. */
CY_MUST_USE cy_err cy_archive_finish(struct cy_archive_out *out, uint64_t *bytes);

/* cy_archive_out_close removes what was not finished. NULL does nothing. */
void cy_archive_out_close(struct cy_archive_out *out);

struct cy_archive_in;

/* cy_archive_open opens a file and reads its head. Fails with NO_FILE, DISK_FAILED, NO_MEMORY, or
 * as cy_archive_head_read. */
CY_MUST_USE cy_err cy_archive_open(const char *path, struct cy_archive_in **out);
void cy_archive_in_close(struct cy_archive_in *in);
const struct cy_archive_head *cy_archive_head(const struct cy_archive_in *in);
uint64_t cy_archive_bytes(const struct cy_archive_in *in); /* of the whole file */

/* cy_archive_unlock_passphrase and cy_archive_unlock_sealed open the file's key. seal: what the
 * signer gave for head->sealed. Fail with BACKUP_READER (no such part), BACKUP_PASSPHRASE,
 * BACKUP_DAMAGED, NO_MEMORY. */
CY_MUST_USE cy_err cy_archive_unlock_passphrase(struct cy_archive_in *in,
                                                struct cy_span passphrase);
CY_MUST_USE cy_err cy_archive_unlock_sealed(struct cy_archive_in *in, const struct cy_seal *seal);

/* cy_archive_rewind goes back to the front; it must be unlocked. */
CY_MUST_USE cy_err cy_archive_rewind(struct cy_archive_in *in);

/* cy_archive_take gives exactly n bytes, or fails: BACKUP_CUT, BACKUP_DAMAGED (where it stands:
 * cy_archive_at), DISK_FAILED. cy_archive_end asks that nothing is left. */
CY_MUST_USE cy_err cy_archive_take(struct cy_archive_in *in, uint8_t *out, size_t n);
CY_MUST_USE cy_err cy_archive_end(struct cy_archive_in *in);

/* cy_archive_at is the byte of the file where the piece begins that was read last. */
uint64_t cy_archive_at(const struct cy_archive_in *in);

#endif

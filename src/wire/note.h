/* note: signed notes, checkpoints and cosignatures as text (C2SP signed-note v1.0.0,
 * tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1).
 *
 *     example.com/log           \
 *     42                         | text: the checkpoint, ends in a newline
 *     BASE64(root)              /
 *                               the last empty line of the note
 *     — NAME BASE64(key id[4] || signature)
 *
 * Owns: these grammars, both ways. Never: verifies (ledger/checkpoint does), copies: everything
 * read points into the caller's bytes. */
#ifndef CY_WIRE_NOTE_H
#define CY_WIRE_NOTE_H

#include "base/text.h"

#define CY_NOTE_MAX 65536u         /* bytes of a note we read */
#define CY_NOTE_SIGNATURES_MAX 64u /* signature lines we read */
#define CY_NOTE_BLOB_MAX 5120u     /* decoded key id and signature; room for ML-DSA-87 */
#define CY_NOTE_NAME_MAX 255u      /* bytes of a key name of ours (as crypto/note_key.h says) */
#define CY_CHECKPOINT_MAX 512u     /* text of a checkpoint of ours, with a 0 */
#define CY_COSIGNATURE_BYTES 72u   /* u64be time || signature[64], after the key id */

struct cy_note_signature {
    struct cy_span name;
    struct cy_span base64; /* canonical, of at least 5 and at most CY_NOTE_BLOB_MAX bytes */
    uint32_t key_id;
};

struct cy_note {
    struct cy_span text; /* what is signed; ends in \n */
    struct cy_note_signature signatures[CY_NOTE_SIGNATURES_MAX];
    uint32_t n;
};

struct cy_checkpoint {
    struct cy_span origin;
    struct cy_span extension; /* further lines of somebody else's checkpoint; ours have none */
    struct cy_id root;
    uint64_t size;
};

/* cy_key_name_check: not empty, UTF-8, no (Unicode) space, no control character, no '+'. Fails with
 * BAD_NOTE. */
CY_MUST_USE cy_err cy_key_name_check(struct cy_span name);

/* cy_note_read splits a whole note. Needs at least one signature line; lines by unknown keys and
 * several lines by one key are kept. Fails with BAD_NOTE at the byte position, or TOO_LARGE. */
CY_MUST_USE cy_err cy_note_read(struct cy_span bytes, struct cy_note *out);

/* cy_note_blob decodes the signature without its key id. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_note_blob(const struct cy_note_signature *signature, uint8_t *out, size_t cap,
                                size_t *n);

/* cy_note_begin writes the signed text and the empty line. signed_text ends in \n (asserts). */
void cy_note_begin(struct cy_text *text, struct cy_span signed_text);

/* cy_note_line writes one signature line; blob comes without the key id, at most
 * CY_NOTE_BLOB_MAX - 4 bytes (asserts). */
void cy_note_line(struct cy_text *text, struct cy_span name, uint32_t key_id, struct cy_span blob);

/* cy_checkpoint_read reads the text of a note as a checkpoint: origin, size without leading zero,
 * base64 of 32 bytes, then any number of extension lines. Fails with BAD_CHECKPOINT (detail: line
 * number from 1). */
CY_MUST_USE cy_err cy_checkpoint_read(struct cy_span text, struct cy_checkpoint *out);

/* cy_checkpoint_write writes the three lines. */
void cy_checkpoint_write(struct cy_text *text, struct cy_span origin, uint64_t size,
                         const struct cy_id *root);

/* cy_cosignature_text writes the bytes that a cosigner signs: "cosignature/v1\ntime N\n" and the
 * checkpoint text. time_s is in Unix seconds. */
void cy_cosignature_text(struct cy_text *text, uint64_t time_s, struct cy_span checkpoint);

/* cy_cosignature_blob writes time || signature; cy_cosignature_read takes them apart. Reading fails
 * with BAD_NOTE when blob is not 72 bytes. */
void cy_cosignature_blob(uint64_t time_s, const uint8_t signature[static 64],
                         uint8_t out[static CY_COSIGNATURE_BYTES]);
CY_MUST_USE cy_err cy_cosignature_read(struct cy_span blob, uint64_t *time_s,
                                       uint8_t signature[static 64]);

#endif

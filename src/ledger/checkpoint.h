/* checkpoint: the signed head of a ledger: made, verified, cosigned, published, loaded.
 *
 *     tree flushed -> text -> sign (another process) -> publish `checkpoint` -> witnesses cosign
 *
 * A note is judged by signed-note rules: lines by unknown keys are ignored, a bad signature by a
 * known key rejects the whole note. Every signature is held to the strict rule (crypto/ed25519.h),
 * because a head may become evidence.
 *
 * Owns: the files checkpoint and fresh/checkpoint. Never: holds a secret key, reads a clock (a
 * cosignature's time is shown to the caller, who judges it). */
#ifndef CY_LEDGER_CHECKPOINT_H
#define CY_LEDGER_CHECKPOINT_H

#include "crypto/ed25519.h"
#include "crypto/note_key.h"
#include "ledger/tree.h"
#include "wire/note.h"

#define CY_CHECKPOINT_FILE "checkpoint"

/* The longest text that is cosigned: a checkpoint with its extension lines. */
#define CY_COSIGNED_MAX 4096u

/* The most witnesses counted at once. */
#define CY_WITNESSES_MAX 64u

/* What the signatures of one key said. */
struct cy_note_verdict {
    bool good;       /* at least one line, and every line, verified */
    uint64_t time_s; /* of a cosignature, the latest; 0 for other keys */
};

/* Asks for the signature of message; the answer may come from another process. */
typedef cy_err cy_note_sign(void *user, struct cy_span message, struct cy_signature *out);

/* cy_note_verify judges a note by the keys known here. verdicts has n_keys entries. Fails with
 * BAD_SIGNATURE (detail: index of the line) when a known key's line does not verify, with
 * NOT_SIGNED when no key signed, with TOO_LARGE (a cosigned text over CY_COSIGNED_MAX). */
CY_MUST_USE cy_err cy_note_verify(const struct cy_note *note, const struct cy_note_key *keys,
                                  uint32_t n_keys, struct cy_note_verdict *verdicts);

/* cy_checkpoint_make writes the signed note of (key's name as origin, size, root). key is the
 * log's, of type CY_NOTE_ED25519 (asserts). The signature is verified before it is used:
 * BAD_SIGNATURE when the signer answered with another key's. Fails with what sign fails with, or
 * NO_ROOM. */
CY_MUST_USE cy_err cy_checkpoint_make(const struct cy_note_key *key, uint64_t size,
                                      const struct cy_id *root, cy_note_sign *sign, void *user,
                                      struct cy_text *note);

/* cy_checkpoint_cosignature makes a witness's signature line for a checkpoint text at a time. key
 * is of type CY_NOTE_COSIGNATURE (asserts). Fails as cy_checkpoint_make, or TOO_LARGE. */
CY_MUST_USE cy_err cy_checkpoint_cosignature(const struct cy_note_key *key,
                                             struct cy_span checkpoint, uint64_t time_s,
                                             cy_note_sign *sign, void *user, struct cy_text *line);

/* cy_checkpoint_attach appends to note those of the lines (what a witness answered) that are by key
 * and verify, and that note does not hold already. Fails with BAD_SIGNATURE, NOT_SIGNED (no line by
 * key), BAD_NOTE, NO_ROOM, TOO_LARGE; note is then as it was. */
CY_MUST_USE cy_err cy_checkpoint_attach(struct cy_text *note, struct cy_span lines,
                                        const struct cy_note_key *key);

/* cy_checkpoint_verify reads a checkpoint note and requires: the log's own signature, log's name as
 * origin, and valid cosignatures of at least `need` different keys among n_witnesses <=
 * CY_WITNESSES_MAX. *cosigned is how many there are. out points into bytes. Fails with BAD_NOTE,
 * BAD_CHECKPOINT, OTHER_LOG, NOT_SIGNED, BAD_SIGNATURE, FEW_WITNESSES (detail: how many). */
CY_MUST_USE cy_err cy_checkpoint_verify(struct cy_span bytes, const struct cy_note_key *log,
                                        const struct cy_note_key *witnesses, uint32_t n_witnesses,
                                        uint32_t need, struct cy_checkpoint *out,
                                        uint32_t *cosigned);

/* cy_checkpoint_publish stores a note as the ledger's head, atomically and durably. It refuses with
 * RANGE a size whose tiles are not flushed, with TREE_MISMATCH a root that is not the tree's.
 * Trouble: the old head still stands, or (after a power cut) the new one. */
CY_MUST_USE cy_err cy_checkpoint_publish(struct cy_tree *tree, struct cy_span note,
                                         struct cy_disk_fault *fault);

/* cy_checkpoint_load reads the published head and checks origin and the log's signature. note (cap
 * bytes, CY_NOTE_MAX is enough) gets the file, out points into it. Fails with NO_FILE (nothing was
 * ever published), CHECKPOINT_DAMAGED (fault: offset), OTHER_LOG, or trouble. */
CY_MUST_USE cy_err cy_checkpoint_load(const struct cy_disk *disk, const struct cy_note_key *log,
                                      uint8_t *note, size_t cap, size_t *n,
                                      struct cy_checkpoint *out, struct cy_disk_fault *fault);

#endif

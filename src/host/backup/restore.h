/* restore: a cell from its backup, which may go on signing only where nothing was forgotten.
 *
 *     check all of it -> DIR.part: files, ledger rebuilt from its entries, its head published
 *         -> witnesses: which head of ours did you cosign last?
 *         -> mirrors: the tail behind our head, up to a head that our key signed
 *         -> ledgers we cosigned: their heads now, joined to what we remembered
 *         -> memory of heads raised to the largest -> DIR.part becomes DIR
 *
 * A backup is always older than the last head that was signed. To go on from it would sign a second
 * history, so a restored signer remembers the largest head that anybody has shown with its
 * signature, and the cell may go on only when the ledger reaches it (cy_restore_behind). A head
 * that contradicts the backup is evidence of two histories (HEAD_FORK).
 *
 * Owns: DIR.part until it is finished or dropped; one restore at a time. Never: writes into a
 * directory that holds anything. */
#ifndef CY_HOST_BACKUP_RESTORE_H
#define CY_HOST_BACKUP_RESTORE_H

#include "host/backup/unpack.h"
#include "host/node/witness_ask.h"

struct cy_restore;

/* cy_restore_begin checks the backup, unpacks it into DIR.part and opens its ledger. What an
 * earlier restore left there when it was cut off is removed. why: about what. Fails as cy_unpack,
 * with DIR_TAKEN (the directory holds something), BACKUP_FOREIGN (it is another realm's),
 * RESTORE_LEFT, TOO_LARGE (its path is too long for the signer's socket), BACKUP_FULL,
 * TREE_MISMATCH, NO_MEMORY, DISK_FAILED. */
CY_MUST_USE cy_err cy_restore_begin(struct cy_archive_in *archive, const char *dir,
                                    const struct cy_unpack_sink *progress, struct cy_restore **out,
                                    struct cy_text *why);

/* cy_restore_close removes what was not finished. NULL does nothing. */
void cy_restore_close(struct cy_restore *restore);

const struct cy_manifest *cy_restore_manifest(const struct cy_restore *restore);
const struct cy_unpack_report *cy_restore_unpacked(const struct cy_restore *restore);

/* Where the files are until it is finished (DIR.part), and where they will be. */
const char *cy_restore_staging(const struct cy_restore *restore);
const char *cy_restore_dir(const struct cy_restore *restore);

uint64_t cy_restore_size(const struct cy_restore *restore); /* entries there are now */

/* What one answer said. */
struct cy_restore_seen {
    uint64_t size;
    bool proven; /* our key signed it */
    char why[256];
};

/* cy_restore_witness asks one witness. Fails as cy_witness_ask, or with HEAD_FORK. */
CY_MUST_USE cy_err cy_restore_witness(struct cy_restore *restore, struct cy_client *client,
                                      const char *name, const struct cy_witness_place *place,
                                      struct cy_restore_seen *seen);

/* cy_restore_mirror takes the entries behind ours from a mirror, a URL or a directory, when its
 * signed head is larger: they must lead to that head. *seen: the mirror's head. Fails as
 * cy_audit_source_read, with NOT_SIGNED, OTHER_LOG, BAD_SIGNATURE (its head is not ours),
 * TILE_DAMAGED (its entries do not lead to its head; nothing of them is kept), HEAD_FORK. */
CY_MUST_USE cy_err cy_restore_mirror(struct cy_restore *restore, const char *place, const char *pin,
                                     struct cy_restore_seen *seen);

/* cy_restore_log asks a ledger that this cell cosigns for its head, checks by its hashes that it
 * goes on from the one remembered, and remembers it; own: this cell's cosigning key. Fails as
 * cy_audit_source_read, with the errors of cy_checkpoint_verify, HEAD_ROLLBACK (its head is smaller
 * than the one remembered), TILE_DAMAGED, HEAD_FORK. */
CY_MUST_USE cy_err cy_restore_log(struct cy_restore *restore, const struct cy_note_key *log,
                                  const struct cy_id *own, const char *url, const char *pin,
                                  uint64_t now_s, struct cy_restore_seen *seen);

/* cy_restore_fence makes the signer never cosign this origin again with this key: what was cosigned
 * last is not known. */
CY_MUST_USE cy_err cy_restore_fence(struct cy_restore *restore, struct cy_span origin,
                                    const struct cy_id *own);

/* cy_restore_behind says whether a larger head was signed than there are entries: its size, who
 * said so, and its note when it is proven (else empty). */
struct cy_restore_behind {
    bool behind;
    bool proven;
    uint64_t size;
    char who[128];
    const char *note;
};
struct cy_restore_behind cy_restore_behind(const struct cy_restore *restore);

/* cy_restore_note is the note of the head up to which entries are here. */
const char *cy_restore_note(const struct cy_restore *restore);

/* cy_restore_remember raises the signer's memory to the largest head of this ledger that is known,
 * held or only seen. cy_restore_finish does it too. */
CY_MUST_USE cy_err cy_restore_remember(struct cy_restore *restore);

/* cy_restore_as_past makes the ledger one to be read only, DIR/NAME: no head of it can be signed
 * any more. Only cy_restore_finish may follow. */
CY_MUST_USE cy_err cy_restore_as_past(struct cy_restore *restore, const char *name);

/* cy_restore_finish makes everything durable and gives it its name. A cell that is behind is
 * refused (BACKUP_BEHIND). */
CY_MUST_USE cy_err cy_restore_finish(struct cy_restore *restore);

#endif

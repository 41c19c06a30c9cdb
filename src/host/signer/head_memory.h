/* head_memory: the heads that keys have signed, so that no key ever signs two that conflict.
 *
 * For each (purpose, key, origin) the largest head is remembered. A further head of that origin
 *     of the same size    must have the same root     else HEAD_CONFLICT, for ever
 *     of a smaller size   is refused                  HEAD_ROLLBACK
 *     of a larger size    needs a consistency proof   else HEAD_UNPROVEN (from size 0: none)
 * and the time of a cosignature never goes backwards (COSIGN_TIME).
 *
 *     take (judge, remember) ... take -> commit (one append, one flush) -> signatures may leave
 *
 * In the file (memory_file.h) a head is the line
 *     head PURPOSE KEY SIZE ROOT TIME ORIGIN
 *
 * Owns: the rules, and the line. Never: forgets; removing the file is refused by the keystore,
 * which knows that there was one. */
#ifndef CY_HOST_SIGNER_HEAD_MEMORY_H
#define CY_HOST_SIGNER_HEAD_MEMORY_H

#include "host/signer/memory_file.h"

#define CY_HEAD_ORIGIN_MAX 255u
#define CY_HEAD_PROOF_MAX 65u

struct cy_head {
    struct cy_id key; /* public key that signs */
    uint8_t purpose;
    uint8_t n_origin;
    char origin[CY_HEAD_ORIGIN_MAX];
    uint64_t size;
    struct cy_id root;
    uint64_t time_s; /* cosignatures: Unix seconds; else 0 */
};

struct cy_head_memory;

/* cy_head_memory_make writes an empty memory; it must not exist yet (KEYSTORE_BAD). */
CY_MUST_USE cy_err cy_head_memory_make(const struct cy_disk *disk, const char *path);

/* cy_head_memory_open reads the file. limit: heads at most. A torn last batch is dropped and the
 * file rewritten. Fails with NO_FILE, KEYSTORE_BAD (detail: number of the batch that is missing or
 * contradicts), NO_ROOM (more heads than limit), NO_MEMORY or trouble of the disk. */
CY_MUST_USE cy_err cy_head_memory_open(const struct cy_disk *disk, const char *path, uint32_t limit,
                                       struct cy_head_memory **out);

/* cy_head_memory_close: NULL does nothing. What was not committed was not signed. */
void cy_head_memory_close(struct cy_head_memory *memory);

/* cy_head_memory_find copies the head remembered for (purpose, key, origin); false: none. */
bool cy_head_memory_find(const struct cy_head_memory *memory, uint8_t purpose,
                         const struct cy_id *key, struct cy_span origin, struct cy_head *out);

/* cy_head_memory_take judges a head against the one remembered and remembers it. proof: consistency
 * from the remembered size to the new one (RFC 9162 section 2.1.4). Fails with the three refusals
 * above (HEAD_UNPROVEN detail: 0 no proof, else that of BAD_MERKLE), COSIGN_TIME, BAD_CHECKPOINT
 * (an empty tree with a wrong root), NO_ROOM, DISK_FAILED (an earlier flush failed: start again).
 */
CY_MUST_USE cy_err cy_head_memory_take(struct cy_head_memory *memory, const struct cy_head *head,
                                       const struct cy_id *proof, size_t n_proof);

/* cy_head_memory_commit makes all that was taken durable. Until it succeeds no signature over a
 * head taken since may leave the process. After NO_SPACE it may be called again. */
CY_MUST_USE cy_err cy_head_memory_commit(struct cy_head_memory *memory);

/* cy_head_memory_peek finds the head remembered for (purpose, key, origin) in the bytes of such a
 * file, as a copy of one; size 0: none. Fails with KEYSTORE_BAD when no batch of it is whole. */
CY_MUST_USE cy_err cy_head_memory_peek(struct cy_span bytes, uint8_t purpose,
                                       const struct cy_id *key, struct cy_span origin,
                                       struct cy_head *out);

/* cy_head_memory_raise remembers a head that was signed elsewhere with this key, as a witness or a
 * mirror showed it: what is smaller can never be signed from here on. No proof is asked, because
 * nothing is signed. A head that is not larger than the one remembered changes nothing, unless it
 * contradicts it (HEAD_CONFLICT). The root may be none where only the size is known; then no head
 * follows, ever. Fails with NO_ROOM, DISK_FAILED; cy_head_memory_commit makes it durable. */
CY_MUST_USE cy_err cy_head_memory_raise(struct cy_head_memory *memory, const struct cy_head *head);

/* cy_head_memory_at gives the heads remembered, in no order: i < count. */
const struct cy_head *cy_head_memory_at(const struct cy_head_memory *memory, uint32_t i);

/* cy_head_memory_count is the number of heads remembered. */
uint32_t cy_head_memory_count(const struct cy_head_memory *memory);

#endif

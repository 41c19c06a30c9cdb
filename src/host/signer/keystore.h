/* keystore: a directory of secret keys, sealed at rest, one purpose each.
 *
 *     keystore        the store key (random), sealed under the passphrase by Argon2id (secret.h)
 *     keys/HEX.key    one key: a text head, an empty line, its seed wrapped under the store key
 *     heads           the heads that were signed (head_memory.h)
 *     votes           the votes that were signed (vote_memory.h), once there is a key for votes
 *     .lock           one signer at a time
 *
 * Argon2id runs once, however many keys there are. The head of a key file - label, purpose, state,
 * date, public key - can be read by people and is authenticated with the seed: a purpose that was
 * changed in the file is found when the store opens.
 *
 * A standby key is a "next key" (pre-rotation): it exists so that its digest can be published. It
 * signs nothing but the act that brings it in, and is current from then on.
 *
 * A box key is an X25519 key of the same kind of seed. It signs nothing, and no signing key opens
 * anything.
 *
 * Owns: the seeds, in locked memory (secret.h). Never: gives a secret of a key out, changes a
 * purpose. */
#ifndef CY_HOST_SIGNER_KEYSTORE_H
#define CY_HOST_SIGNER_KEYSTORE_H

#include "crypto/seal.h"
#include "ledger/disk.h"
#include "wire/signer_message.h"

#define CY_KEYSTORE_HEADS "heads"
#define CY_KEYSTORE_VOTES "votes"
#define CY_KEYSTORE_KEYS_MAX 16384u

struct cy_keystore;

/* What is known about a key without its secret. */
struct cy_kept_key {
    struct cy_id key; /* public */
    uint64_t created_ms;
    uint8_t purpose; /* enum cy_purpose */
    bool standby;
    uint8_t n_label;
    char label[CY_SIGNER_LABEL_MAX];
};

/* cy_keystore_make begins an empty store in a directory that has none. cost: see secret.h. Fails
 * with KEYSTORE_BAD (there is one already, or remains of one), RANGE (empty passphrase, cost),
 * NO_ROOM or trouble of the disk. */
CY_MUST_USE cy_err cy_keystore_make(const struct cy_disk *disk, struct cy_span passphrase,
                                    const struct cy_secret_cost *cost);

/* cy_keystore_open locks the directory, opens the store and reads every key; limit: keys at most.
 * Fails with NO_FILE (no store here), SIGNER_BUSY, LEDGER_NEWER (of a newer program), BAD_SECRET
 * (the passphrase), KEYSTORE_BAD (detail: position of the file in the order of names), NO_ROOM,
 * NO_MEMORY or trouble. */
CY_MUST_USE cy_err cy_keystore_open(const struct cy_disk *disk, struct cy_span passphrase,
                                    uint32_t limit, struct cy_keystore **out);

/* cy_keystore_close wipes the secrets and gives the lock back. NULL does nothing. */
void cy_keystore_close(struct cy_keystore *store);

/* cy_keystore_reseal changes the passphrase. The keys stay as they are. Fails as open and make. */
CY_MUST_USE cy_err cy_keystore_reseal(const struct cy_disk *disk, struct cy_span passphrase,
                                      struct cy_span fresh, const struct cy_secret_cost *cost);

/* cy_keystore_count and cy_keystore_at go through the keys, oldest first; cy_keystore_find finds
 * one by its public key (NULL: none). Pointers are valid until the next change. */
uint32_t cy_keystore_count(const struct cy_keystore *store);
const struct cy_kept_key *cy_keystore_at(const struct cy_keystore *store, uint32_t i);
const struct cy_kept_key *cy_keystore_find(const struct cy_keystore *store,
                                           const struct cy_id *key);

/* cy_keystore_add makes a key and writes its file before it says so. Fails with SIGNER_PURPOSE (no
 * such purpose, or standby for another one than act), SIGNER_REQUEST (label), NO_ROOM or trouble.
 */
CY_MUST_USE cy_err cy_keystore_add(struct cy_keystore *store, struct cy_span label,
                                   uint64_t purpose, bool standby, uint64_t created_ms,
                                   struct cy_id *key);

/* cy_keystore_wake makes a standby key current, in its file first. Fails with SIGNER_KEY or
 * trouble. A current key stays as it is. */
CY_MUST_USE cy_err cy_keystore_wake(struct cy_keystore *store, const struct cy_id *key);

/* cy_keystore_sign signs bytes that the caller has judged. Fails with SIGNER_KEY, SIGNER_PURPOSE
 * (the key serves another one, or `purpose` is box; detail: which) and SIGNER_STANDBY. */
CY_MUST_USE cy_err cy_keystore_sign(const struct cy_keystore *store, const struct cy_id *key,
                                    enum cy_purpose purpose, struct cy_span message,
                                    struct cy_signature *out);

/* cy_keystore_unseal opens the head of a blob (seal.h) with a box key. What it gives is the key of
 * that one body under that one head, never the box key: wipe it. Fails with SIGNER_KEY,
 * SIGNER_PURPOSE (detail: which), BAD_SEALED, NOT_READER. */
CY_MUST_USE cy_err cy_keystore_unseal(const struct cy_keystore *store, const struct cy_id *key,
                                      struct cy_span head, struct cy_seal *out);

#endif

/* trie: the state commitment: one root over all records of the world, provable key by key.
 *
 *            node, bit 0                 A path-compressed binary trie over 32-byte keys: a node
 *            /         \                 names the first bit in which its two sides differ; a leaf
 *        node, bit 3   leaf 1...         is a key and the SHA-256 of its value. Leaves stand in the
 *        /        \                      order of their keys, so the neighbours of an absent key
 *     leaf 000.. leaf 0001..             prove that it is absent.
 *
 * Hashing is that of ICS-23's Tendermint shape (crypto/ics23.h); the root of nothing is
 * SHA-256(""). The shape is a function of the set of keys alone, never of the order of calls.
 *
 * Copy on write: a kept version stays provable while the present one changes. Nodes are counted by
 * the nodes and versions that point to them; those nobody points to are used again.
 *
 *     put, remove ... commit (hashes each changed node once) ... keep -> version ... release
 *
 * Owns: its pools, reserved at start. Never: holds values, allocates afterwards. */
#ifndef CY_LEDGER_TRIE_H
#define CY_LEDGER_TRIE_H

#include "base/arena.h"
#include "base/helper.h"
#include "crypto/ics23.h"

/* The version that changes. Kept versions are other numbers. */
#define CY_TRIE_PRESENT 0u

struct cy_trie_options {
    uint32_t leaves_max; /* of all versions together; below 2^31 */
    uint32_t nodes_max;  /* inner nodes of all versions together; below 2^31 */
    uint32_t kept_max;   /* versions kept at once */
};

/* A leaf as it is seen from outside. */
struct cy_trie_leaf {
    struct cy_id key;
    struct cy_id value_hash;
};

/* Where a key is, or would be. */
struct cy_trie_place {
    bool found; /* leaf `at` is the key's */
    bool has_left;
    bool has_right;
    struct cy_trie_leaf at;
    struct cy_trie_leaf left;  /* when !found: the greatest smaller key */
    struct cy_trie_leaf right; /* when !found: the smallest greater key */
};

/* Private to trie.c. */
struct cy_trie_node;
struct cy_trie_record;
struct cy_trie {
    struct cy_trie_node *nodes;
    struct cy_trie_record *leaves;
    uint32_t *kept; /* roots of the kept versions; UINT32_MAX: free */
    struct cy_trie_options options;
    uint32_t root;
    uint32_t count;      /* keys in the present version */
    uint32_t nodes_used; /* slots ever taken */
    uint32_t leaves_used;
    uint32_t nodes_free; /* slots to take again */
    uint32_t leaves_free;
    uint32_t nodes_first; /* of the chain of free slots */
    uint32_t leaves_first;
};

/* Room for the steps of one proof; about 33 KB. */
struct cy_trie_scratch {
    struct cy_ics23_step steps[2][CY_ICS23_PATH_MAX];
    uint8_t prefix[2][CY_ICS23_PATH_MAX][33];
    struct cy_ics23_exist exist[2];
};

/* cy_trie_bytes is the arena that init takes. */
size_t cy_trie_bytes(const struct cy_trie_options *options);

/* cy_trie_init makes an empty trie. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_trie_init(struct cy_trie *trie, const struct cy_trie_options *options,
                                struct cy_arena *arena);

/* cy_trie_put sets the value hash of a key in the present version. Fails with NO_ROOM, and then
 * nothing has changed. */
CY_MUST_USE cy_err cy_trie_put(struct cy_trie *trie, const struct cy_id *key,
                               const struct cy_id *value_hash);

/* Where the last key of a sequence was put. Of keys in ascending order each shares most of its way
 * with the one before, which is then not walked again; in any other order nothing goes wrong. */
struct cy_trie_finger {
    bool on; /* false: begin at the root. Set it so before the first key and after a removal. */
    unsigned n;
    struct cy_id key;
    uint16_t bits[256];       /* of the nodes on the way */
    uint32_t *slots[256 + 1]; /* where the trie refers to them, and to what follows */
};

/* cy_trie_put_next is cy_trie_put from a finger, for who knows the leaf's hash already
 * (cy_ics23_leaf_hash). Nothing but cy_trie_put_next and cy_trie_warm may come between. */
CY_MUST_USE cy_err cy_trie_put_next(struct cy_trie *trie, struct cy_trie_finger *finger,
                                    const struct cy_id *key, const struct cy_id *value_hash,
                                    const struct cy_id *leaf_hash);

/* cy_trie_remove takes a key out; *removed says whether it was there. Fails with NO_ROOM (a removal
 * copies the nodes above it when an older version is kept), and then nothing has changed. */
CY_MUST_USE cy_err cy_trie_remove(struct cy_trie *trie, const struct cy_id *key, bool *removed);

/* cy_trie_warm has what put and remove of these keys will read fetched from memory, all of them at
 * the same time: a large trie lies outside the caches, and one key after the other would wait at
 * every level. It changes nothing. */
#define CY_TRIE_WARM_MAX 64u
void cy_trie_warm(const struct cy_trie *trie, const struct cy_id *const *keys, size_t n);

/* cy_trie_commit hashes what changed and returns the root of the present version. */
struct cy_id cy_trie_commit(struct cy_trie *trie);

/* cy_trie_commit_by: the same with a helper (may be NULL): the tree is hashed in two halves. */
struct cy_id cy_trie_commit_by(struct cy_trie *trie, const struct cy_helper *helper);

/* cy_trie_keep commits and keeps the present version. Fails with NO_ROOM at kept_max. */
CY_MUST_USE cy_err cy_trie_keep(struct cy_trie *trie, uint32_t *version);

/* cy_trie_release forgets a kept version (asserts that it is one). */
void cy_trie_release(struct cy_trie *trie, uint32_t version);

/* The following take CY_TRIE_PRESENT (committed first) or a kept version; a version that is not
 * kept fails with ROOT_GONE. */
CY_MUST_USE cy_err cy_trie_root(struct cy_trie *trie, uint32_t version, struct cy_id *root);

/* cy_trie_seek finds a key or its neighbours. */
CY_MUST_USE cy_err cy_trie_seek(struct cy_trie *trie, uint32_t version, const struct cy_id *key,
                                struct cy_trie_place *place);

/* cy_trie_prove_existence appends an ICS-23 CommitmentProof that key has value. Fails with
 * BAD_STATE_PROOF (detail CY_ICS23_KEY: not there; CY_ICS23_VALUE: the hash of value is not the one
 * stored), or NO_ROOM (out). */
CY_MUST_USE cy_err cy_trie_prove_existence(struct cy_trie *trie, uint32_t version,
                                           const struct cy_id *key, struct cy_span value,
                                           struct cy_trie_scratch *scratch, struct cy_text *out);

/* cy_trie_prove_absence appends an ICS-23 CommitmentProof that key is not there, by its neighbours
 * (cy_trie_seek), whose values the caller gives. Fails with BAD_STATE_PROOF (detail CY_ICS23_KEY:
 * it is there, or the trie is empty, which its root shows by itself; CY_ICS23_VALUE) or NO_ROOM. */
CY_MUST_USE cy_err cy_trie_prove_absence(struct cy_trie *trie, uint32_t version,
                                         const struct cy_id *key, struct cy_span left_value,
                                         struct cy_span right_value,
                                         struct cy_trie_scratch *scratch, struct cy_text *out);

/* cy_trie_verify checks every count, chain, bit and hash (tests, checked builds). Needs a commit
 * first. False when something is wrong. Takes memory for one counter of each slot. */
bool cy_trie_verify(const struct cy_trie *trie, struct cy_arena *scratch);

#endif

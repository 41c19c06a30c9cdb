/* trie_batch: many changes of a state tree at a time, in the order of their keys.
 *
 *      add add add ...  --full, or at the end-->  sort, hash the leaves together, put each from
 * where the one before was put
 *
 * The root does not depend on the order. But neighbours share their way through a tree that lies
 * outside the caches, and what is written together lies together when it is read again. Where the
 * host lends a second processor, it puts one batch while the next is gathered.
 *
 * Owns: its memory, reserved at start. */
#ifndef CY_LEDGER_TRIE_BATCH_H
#define CY_LEDGER_TRIE_BATCH_H

#include "base/helper.h"
#include "ledger/trie.h"

#define CY_TRIE_BATCH 32768u /* changes at a time */

struct cy_trie_change {
    struct cy_id key;
    struct cy_id value; /* hash; unset when removed */
    bool removed;
};

struct cy_trie_order {
    uint64_t prefix; /* of the key */
    uint32_t at;
};

struct cy_trie_batch {
    struct cy_trie *trie;
    const struct cy_helper *helper; /* may be NULL */
    struct cy_trie_change *changes; /* being gathered */
    uint32_t n;
    struct cy_trie_change *full; /* being put */
    uint32_t n_full;
    struct cy_trie_order *order; /* two arrays, for sorting from one into the other */
    bool out;                    /* the helper is at it */
    uint64_t added;              /* since the last end */
    cy_err first;                /* failure since the last end */
};

/* cy_trie_batch_init takes cy_trie_batch_bytes() of the arena. Fails with NO_ROOM. */
size_t cy_trie_batch_bytes(void);
CY_MUST_USE cy_err cy_trie_batch_init(struct cy_trie_batch *batch, struct cy_trie *trie,
                                      const struct cy_helper *helper, struct cy_arena *arena);

/* cy_trie_batch_add takes a change; of changes to one key the last holds. From the first on the
 * tree is the batch's alone, until cy_trie_batch_end, after which all of them stand in it. */
void cy_trie_batch_add(struct cy_trie_batch *batch, const struct cy_trie_change *change);

/* cy_trie_batch_end ends the batch and hashes the tree. Fails with NO_ROOM when a change was left
 * out. */
CY_MUST_USE cy_err cy_trie_batch_end(struct cy_trie_batch *batch, struct cy_id *root);

#endif

/* merkle: proofs over the append-only tree of a ledger (RFC 6962, RFC 9162 section 2.1).
 *
 *            root                 The hash of a tree of n leaves is a pure function of its leaf
 *           /    \                hashes. An inclusion proof is the list of the sibling hashes from
 *         .        .              a leaf up; a consistency proof shows that the first m leaves of
 *        / \      / \             one root are the first m leaves of another.
 *       0   1    2   3
 *
 * A frontier (compact range) is what an appender keeps: the roots of the full subtrees that n
 * leaves split into, largest first, one for each bit set in n.
 *
 * Owns: nothing; the caller holds every hash. Never: reads tiles or files (ledger). */
#ifndef CY_CRYPTO_MERKLE_H
#define CY_CRYPTO_MERKLE_H

#include "crypto/hash.h"

/* No proof and no frontier of 2^64 leaves is longer than this (a consistency proof needs one more).
 */
#define CY_MERKLE_PATH_MAX 64u

/* cy_merkle_inclusion checks that leaf (a leaf hash) stands at index in the tree of that size and
 * root, RFC 9162 section 2.1.3.2; path is ordered from the leaf up. Fails with BAD_MERKLE (detail
 * 1: index >= size, 2: wrong length, 3: another root). */
CY_MUST_USE cy_err cy_merkle_inclusion(const struct cy_id *leaf, uint64_t index, uint64_t size,
                                       const struct cy_id *path, size_t n,
                                       const struct cy_id *root);

/* cy_merkle_inclusion_root: the same without a root to compare: the one the path leads to. Fails
 * with BAD_MERKLE (detail 1 or 2). */
CY_MUST_USE cy_err cy_merkle_inclusion_root(const struct cy_id *leaf, uint64_t index, uint64_t size,
                                            const struct cy_id *path, size_t n, struct cy_id *root);

/* cy_merkle_consistency checks that the tree (size_old, root_old) is a prefix of (size_new,
 * root_new), RFC 9162 section 2.1.4.2. Equal sizes need equal roots and no path. size_old = 0 is
 * refused: from nothing there is nothing to prove, and a caller that knows no tree yet says so
 * itself. Fails with BAD_MERKLE (detail 1: sizes, 2: wrong length, 3: another root). */
CY_MUST_USE cy_err cy_merkle_consistency(uint64_t size_old, const struct cy_id *root_old,
                                         uint64_t size_new, const struct cy_id *root_new,
                                         const struct cy_id *path, size_t n);

/* The appender's state: plain bytes that may be copied and stored. */
struct cy_frontier {
    uint64_t size;         /* leaves */
    struct cy_id hash[64]; /* popcount(size) roots of full subtrees, largest first */
};

/* cy_frontier_count is the number of hashes in use. */
static inline unsigned cy_frontier_count(const struct cy_frontier *frontier)
{
    return (unsigned)__builtin_popcountll(frontier->size);
}

/* cy_frontier_append adds one leaf hash. Fails with NO_ROOM at 2^63 leaves. */
CY_MUST_USE cy_err cy_frontier_append(struct cy_frontier *frontier, const struct cy_id *leaf);

/* cy_frontier_root is the root of the tree; the hash of the empty tree when size = 0. */
struct cy_id cy_frontier_root(const struct cy_frontier *frontier);

/* cy_merkle_root is the root of n leaf hashes (RFC 6962 section 2.1), by a frontier. */
struct cy_id cy_merkle_root(const struct cy_id *leaves, size_t n);

#endif

/* tree: a small Merkle tree for tests, straight from RFC 6962 section 2.1 and with no cleverness,
 * so that it does not share a mistake with crypto/merkle. Leaf i of tree `seed` is a digest of
 * both. */
#ifndef CY_TESTS_TREE_H
#define CY_TESTS_TREE_H

#include "crypto/hash.h"

static inline struct cy_id tree_leaf(uint64_t seed, uint64_t i)
{
    uint8_t entry[16];

    cy_put_u64be(entry, seed);
    cy_put_u64be(entry + 8, i);
    return cy_hash_leaf(cy_span_of(entry, sizeof entry));
}

/* The largest power of two below n. */
static inline uint64_t tree_split(uint64_t n)
{
    uint64_t k = 1;

    while (k * 2 < n)
        k *= 2;
    return k;
}

/* The root of leaves from .. from + n of the tree. */
static inline struct cy_id tree_root(uint64_t seed, uint64_t from, uint64_t n)
{
    struct cy_id left;
    struct cy_id right;
    uint64_t k = 0;

    if (n == 0)
        return cy_hash_empty();
    if (n == 1)
        return tree_leaf(seed, from);
    k = tree_split(n);
    left = tree_root(seed, from, k);
    right = tree_root(seed, from + k, n - k);
    return cy_hash_node(&left, &right);
}

/* SUBPROOF(m, D[n], whole) of RFC 6962; returns the number of hashes. */
static inline size_t tree_subproof(uint64_t seed, uint64_t from, uint64_t m, uint64_t n, int whole,
                                   struct cy_id *out)
{
    uint64_t k = 0;
    size_t count = 0;

    if (m == n) {
        if (whole)
            return 0;
        out[0] = tree_root(seed, from, n);
        return 1;
    }
    k = tree_split(n);
    if (m <= k) {
        count = tree_subproof(seed, from, m, k, whole, out);
        out[count] = tree_root(seed, from + k, n - k);
    } else {
        count = tree_subproof(seed, from + k, m - k, n - k, 0, out);
        out[count] = tree_root(seed, from, k);
    }
    return count + 1;
}

/* The consistency proof from size m to n; at most 65 hashes. */
static inline size_t tree_consistency(uint64_t seed, uint64_t m, uint64_t n, struct cy_id *out)
{
    return m == 0 || m == n ? 0 : tree_subproof(seed, 0, m, n, 1, out);
}

#endif

#include "crypto/merkle.h"

cy_err cy_merkle_inclusion_root(const struct cy_id *leaf, uint64_t index, uint64_t size,
                                const struct cy_id *path, size_t n, struct cy_id *root)
{
    struct cy_id r = *leaf;
    uint64_t fn = index; /* the names of RFC 9162 */
    uint64_t sn = size - 1;

    if (index >= size)
        return cy_fail(CY_E_BAD_MERKLE, 1);
    for (size_t i = 0; i < n; i++) {
        if (sn == 0)
            return cy_fail(CY_E_BAD_MERKLE, 2);
        if ((fn & 1) || fn == sn) {
            r = cy_hash_node(&path[i], &r);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = cy_hash_node(&r, &path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    *root = r;
    return sn == 0 ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 2);
}

cy_err cy_merkle_inclusion(const struct cy_id *leaf, uint64_t index, uint64_t size,
                           const struct cy_id *path, size_t n, const struct cy_id *root)
{
    struct cy_id got;

    CY_TRY(cy_merkle_inclusion_root(leaf, index, size, path, n, &got));
    return cy_id_eq(&got, root) ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 3);
}

/* The proof of 0 < size_old < size_new. When size_old is a power of two its root is the first
 * subtree and is not sent. */
static cy_err consistency(uint64_t size_old, const struct cy_id *root_old, uint64_t size_new,
                          const struct cy_id *root_new, const struct cy_id *path, size_t n)
{
    const bool whole = (size_old & (size_old - 1)) == 0;
    uint64_t fn = size_old - 1;
    uint64_t sn = size_new - 1;
    size_t i = whole ? 0 : 1;
    struct cy_id fr;
    struct cy_id sr;

    if (n < i + (whole ? 1 : 0))
        return cy_fail(CY_E_BAD_MERKLE, 2);
    fr = whole ? *root_old : path[0];
    sr = fr;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    for (; i < n; i++) {
        if (sn == 0)
            return cy_fail(CY_E_BAD_MERKLE, 2);
        if ((fn & 1) || fn == sn) {
            fr = cy_hash_node(&path[i], &fr);
            sr = cy_hash_node(&path[i], &sr);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = cy_hash_node(&sr, &path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0)
        return cy_fail(CY_E_BAD_MERKLE, 2);
    return cy_id_eq(&fr, root_old) && cy_id_eq(&sr, root_new) ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 3);
}

cy_err cy_merkle_consistency(uint64_t size_old, const struct cy_id *root_old, uint64_t size_new,
                             const struct cy_id *root_new, const struct cy_id *path, size_t n)
{
    if (size_old == 0 || size_old > size_new)
        return cy_fail(CY_E_BAD_MERKLE, 1);
    if (size_old == size_new) {
        if (n != 0)
            return cy_fail(CY_E_BAD_MERKLE, 2);
        return cy_id_eq(root_old, root_new) ? CY_OK : cy_fail(CY_E_BAD_MERKLE, 3);
    }
    return consistency(size_old, root_old, size_new, root_new, path, n);
}

cy_err cy_frontier_append(struct cy_frontier *frontier, const struct cy_id *leaf)
{
    unsigned n = cy_frontier_count(frontier);
    struct cy_id h = *leaf;

    if (frontier->size >> 63)
        return cy_fail(CY_E_NO_ROOM, 63);
    /* Each trailing 1 of size is a full subtree that the new one completes. */
    for (uint64_t rest = frontier->size; rest & 1; rest >>= 1)
        h = cy_hash_node(&frontier->hash[--n], &h);
    frontier->hash[n] = h;
    frontier->size++;
    return CY_OK;
}

struct cy_id cy_frontier_root(const struct cy_frontier *frontier)
{
    unsigned n = cy_frontier_count(frontier);
    struct cy_id h;

    if (n == 0)
        return cy_hash_empty();
    h = frontier->hash[--n];
    while (n > 0)
        h = cy_hash_node(&frontier->hash[--n], &h);
    return h;
}

struct cy_id cy_merkle_root(const struct cy_id *leaves, size_t n)
{
    struct cy_frontier frontier;

    frontier.size = 0;
    for (size_t i = 0; i < n; i++)
        CY_ASSERT(cy_ok(cy_frontier_append(&frontier, &leaves[i])));
    return cy_frontier_root(&frontier);
}

/* merkle: the published cases of transparency-dev/merkle, and every proof of every small tree. */
#include "crypto/merkle.h"

#include "vectors.h"

#include <ftw.h>

#define FOLDER CY_SHARED "/vectors/merkle"

static struct {
    unsigned cases, wanted_error, wrong;
} tally_;
static bool consistency_;

static size_t hash_of(const json_t *value, struct cy_id *out)
{
    size_t n = 0;

    memset(out, 0, sizeof *out);
    if (json_is_string(value) && json_string_length(value) > 0) {
        uint8_t bytes[256];

        if (!cy_ok(cy_base64_read(cy_span_text(json_string_value(value)), bytes, sizeof bytes, &n)))
            return SIZE_MAX;
        if (n <= 32)
            memcpy(out->b, bytes, n);
    }
    return n;
}

/* A hash that is not 32 bytes cannot enter the typed interface: that is a refusal by itself. Roots
 * of consistency may be shorter (one accepted case compares "don't care" with itself). */
static bool verdict(const json_t *v)
{
    struct cy_id path[128];
    struct cy_id a;
    struct cy_id b;
    const json_t *proof = json_object_get(v, "proof");
    const size_t n = json_array_size(proof);
    const size_t least = consistency_ ? 1 : 32;
    bool fits = n <= CY_COUNT(path);
    uint64_t x;
    uint64_t y;

    for (size_t i = 0; i < n && fits; i++)
        fits = hash_of(json_array_get(proof, i), &path[i]) == 32;
    fits &= hash_of(json_object_get(v, consistency_ ? "root1" : "leafHash"), &a) >= least;
    fits &= hash_of(json_object_get(v, consistency_ ? "root2" : "root"), &b) >= least;
    if (!fits)
        return false;
    x = vector_u64(v, consistency_ ? "size1" : "leafIdx");
    y = vector_u64(v, consistency_ ? "size2" : "treeSize");
    if (consistency_)
        return cy_ok(cy_merkle_consistency(x, &a, y, &b, path, n));
    return cy_ok(cy_merkle_inclusion(&a, x, y, path, n, &b));
}

static int one_file(const char *path, const struct stat *st, int type)
{
    (void)st;
    if (type == FTW_F && strstr(path, ".json")) {
        json_t *v = vector_load(path);
        const bool want = !json_is_true(json_object_get(v, "wantErr"));

        tally_.cases++;
        tally_.wanted_error += !want;
        if (verdict(v) != want) {
            print_error("%s: wanted %s\n", path, want ? "accepted" : "refused");
            tally_.wrong++;
        }
        json_decref(v);
    }
    return 0;
}

static void published(void **s)
{
    (void)s;
    vector_needed(FOLDER);
    for (int kind = 0; kind < 2; kind++) {
        memset(&tally_, 0, sizeof tally_);
        consistency_ = kind == 1;
        assert_int_equal(ftw(kind == 1 ? FOLDER "/consistency" : FOLDER "/inclusion", one_file, 8),
                         0);
        assert_int_equal(tally_.cases, 98);
        assert_int_equal(tally_.wanted_error, 92);
        assert_int_equal(tally_.wrong, 0);
    }
}

/* The definitions of RFC 6962 section 2.1, as an oracle for the iterative code. */
static struct cy_id oracle_root(const struct cy_id *leaves, size_t n)
{
    size_t k = 1;
    struct cy_id l;
    struct cy_id r;

    if (n == 0)
        return cy_hash_empty();
    if (n == 1)
        return leaves[0];
    while (k * 2 < n)
        k *= 2;
    l = oracle_root(leaves, k);
    r = oracle_root(leaves + k, n - k);
    return cy_hash_node(&l, &r);
}

static size_t oracle_path(const struct cy_id *leaves, size_t n, size_t m, struct cy_id *out)
{
    size_t k = 1;
    size_t at;

    if (n <= 1)
        return 0;
    while (k * 2 < n)
        k *= 2;
    if (m < k) {
        at = oracle_path(leaves, k, m, out);
        out[at] = oracle_root(leaves + k, n - k);
    } else {
        at = oracle_path(leaves + k, n - k, m - k, out);
        out[at] = oracle_root(leaves, k);
    }
    return at + 1;
}

static size_t oracle_consistency(const struct cy_id *leaves, size_t n, size_t m, bool whole,
                                 struct cy_id *out)
{
    size_t k = 1;
    size_t at;

    if (m == n) {
        if (whole)
            return 0;
        out[0] = oracle_root(leaves, n);
        return 1;
    }
    while (k * 2 < n)
        k *= 2;
    if (m <= k) {
        at = oracle_consistency(leaves, k, m, whole, out);
        out[at] = oracle_root(leaves + k, n - k);
    } else {
        at = oracle_consistency(leaves + k, n - k, m - k, false, out);
        out[at] = oracle_root(leaves, k);
    }
    return at + 1;
}

enum { LEAVES = 40 };

static void every_small_tree(void **s)
{
    struct cy_id leaves[LEAVES];
    struct cy_id roots[LEAVES + 1];
    struct cy_id path[64];
    struct cy_frontier frontier = {.size = 0};

    (void)s;
    roots[0] = cy_frontier_root(&frontier);
    for (uint8_t i = 0; i < LEAVES; i++) {
        leaves[i] = cy_hash_leaf(cy_span_of(&i, 1));
        assert_ok(cy_frontier_append(&frontier, &leaves[i]));
        roots[i + 1] = cy_frontier_root(&frontier);
    }
    for (size_t n = 0; n <= LEAVES; n++) {
        const struct cy_id want = oracle_root(leaves, n);

        assert_true(cy_id_eq(&roots[n], &want));
        for (size_t m = 0; m < n; m++) {
            size_t count = oracle_path(leaves, n, m, path);

            assert_ok(cy_merkle_inclusion(&leaves[m], m, n, path, count, &want));
            assert_code(cy_merkle_inclusion(&leaves[m], m, n, path, count + 1, &want), BAD_MERKLE);
            assert_code(cy_merkle_inclusion(&leaves[(m + 1) % LEAVES], m, n, path, count, &want),
                        BAD_MERKLE);
            for (size_t i = 0; i < count; i++) {
                path[i].b[i % 32] ^= 1;
                assert_code(cy_merkle_inclusion(&leaves[m], m, n, path, count, &want), BAD_MERKLE);
                path[i].b[i % 32] ^= 1;
            }
            if (m == 0) {
                assert_code(cy_merkle_consistency(0, &roots[0], n, &want, path, 0), BAD_MERKLE);
                continue;
            }
            count = oracle_consistency(leaves, n, m, true, path);
            assert_ok(cy_merkle_consistency(m, &roots[m], n, &want, path, count));
            assert_code(cy_merkle_consistency(m, &roots[n], n, &want, path, count), BAD_MERKLE);
            assert_code(cy_merkle_consistency(n, &want, m, &roots[m], path, count), BAD_MERKLE);
            if (count > 0)
                assert_code(cy_merkle_consistency(m, &roots[m], n, &want, path, count - 1),
                            BAD_MERKLE);
        }
    }
}

static void edges(void **s)
{
    struct cy_frontier full = {.size = (uint64_t)1 << 63};
    const struct cy_id id = {{1}};

    (void)s;
    assert_code(cy_frontier_append(&full, &id), NO_ROOM);
    assert_code(cy_merkle_inclusion(&id, 0, 0, NULL, 0, &id), BAD_MERKLE);
    assert_ok(cy_merkle_inclusion(&id, 0, 1, NULL, 0, &id));
    assert_code(cy_merkle_consistency(0, &id, 0, &id, NULL, 0), BAD_MERKLE);
    assert_ok(cy_merkle_consistency(5, &id, 5, &id, NULL, 0));
    assert_code(cy_merkle_consistency(5, &id, 5, &id, &id, 1), BAD_MERKLE);
    assert_code(cy_merkle_consistency(4, &id, 5, &id, NULL, 0), BAD_MERKLE);
    assert_code(cy_merkle_consistency(3, &id, 5, &id, NULL, 0), BAD_MERKLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(every_small_tree),
        cmocka_unit_test(edges),
    };

    return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}

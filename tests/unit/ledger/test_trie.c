/* trie: against a root computed from sorted keys, in any order, over kept versions; every proof
 * verifies, every changed proof is refused. */
#include "ledger/trie.h"

#include "cm.h"

#include <stdlib.h>

#define KEYS 400u

struct pair {
    struct cy_id key;
    struct cy_id value; /* the value itself; 32 bytes here */
    bool there;
};

static uint8_t *memory_;
static uint8_t *verify_memory_;
static struct cy_trie trie_;
static struct cy_trie_scratch scratch_;
static struct cy_ics23_proof decoded_;
static uint64_t seed_ = 1;

static uint64_t draw(void)
{
    uint64_t x = seed_ += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static struct cy_id draw_id(void)
{
    struct cy_id id;

    for (unsigned i = 0; i < 32; i += 8)
        cy_put_u64be(id.b + i, draw());
    return id;
}

static void fresh(uint32_t leaves, uint32_t nodes, uint32_t kept)
{
    const struct cy_trie_options options = {leaves, nodes, kept};
    struct cy_arena arena;

    free(memory_);
    memory_ = aligned_alloc(16, (cy_trie_bytes(&options) + 15) / 16 * 16);
    assert_non_null(memory_);
    arena = cy_arena_on(memory_, cy_trie_bytes(&options));
    assert_ok(cy_trie_init(&trie_, &options, &arena));
}

static void verify(void)
{
    struct cy_arena arena;

    if (verify_memory_ == NULL)
        verify_memory_ = aligned_alloc(16, 1 << 20);
    arena = cy_arena_on(verify_memory_, 1 << 20);
    (void)cy_trie_commit(&trie_);
    assert_true(cy_trie_verify(&trie_, &arena));
}

static int by_key(const void *a, const void *b)
{
    return memcmp(((const struct pair *)a)->key.b, ((const struct pair *)b)->key.b, 32);
}

static struct cy_id plain_leaf(const struct pair *pair)
{
    const struct cy_id hash = cy_sha256(cy_span_of(pair->value.b, 32));
    uint8_t bytes[67] = {0, 32};

    memcpy(bytes + 2, pair->key.b, 32);
    bytes[34] = 32;
    memcpy(bytes + 35, hash.b, 32);
    return cy_sha256(cy_span_of(bytes, 67));
}

/* The root of sorted pairs, straight from FORMATS: split at the first bit that differs. */
static struct cy_id plain_root(const struct pair *pairs, size_t n)
{
    uint8_t bytes[65] = {1};
    struct cy_id left;
    struct cy_id right;
    unsigned bit = 0;
    size_t middle = 0;

    if (n == 0)
        return cy_sha256(cy_span_of("", 0));
    if (n == 1)
        return plain_leaf(pairs);
    while (((pairs[0].key.b[bit / 8] ^ pairs[n - 1].key.b[bit / 8]) >> (7 - bit % 8) & 1) == 0)
        bit++;
    while ((pairs[middle].key.b[bit / 8] >> (7 - bit % 8) & 1) == 0)
        middle++;
    left = plain_root(pairs, middle);
    right = plain_root(pairs + middle, n - middle);
    memcpy(bytes + 1, left.b, 32);
    memcpy(bytes + 33, right.b, 32);
    return cy_sha256(cy_span_of(bytes, 65));
}

static size_t sorted(const struct pair *pairs, size_t n, struct pair *out)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (pairs[i].there)
            out[count++] = pairs[i];
    }
    qsort(out, count, sizeof *out, by_key);
    return count;
}

static void put(struct pair *pair)
{
    const struct cy_id hash = cy_sha256(cy_span_of(pair->value.b, 32));
    const struct cy_id *keys[CY_TRIE_WARM_MAX];

    for (unsigned i = 0; i < CY_TRIE_WARM_MAX; i++)
        keys[i] = i % 2 == 0 ? &pair->key : &hash;
    cy_trie_warm(&trie_, keys, CY_TRIE_WARM_MAX); /* keys that are there, and others */
    cy_trie_warm(&trie_, NULL, 0);
    assert_ok(cy_trie_put(&trie_, &pair->key, &hash));
    pair->there = true;
}

static void take_out(struct pair *pair)
{
    bool removed = false;

    assert_ok(cy_trie_remove(&trie_, &pair->key, &removed));
    assert_int_equal(removed, pair->there);
    pair->there = false;
}

/* Keys of every closeness: random, and random with long common beginnings. */
static void draw_pairs(struct pair *pairs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        pairs[i] = (struct pair){draw_id(), draw_id(), false};
        if (i > 0 && draw() % 3 == 0) {
            const unsigned bit = (unsigned)(draw() % 256);

            pairs[i].key = pairs[draw() % i].key;
            pairs[i].key.b[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
            for (size_t k = 0; k < i; k++) {
                if (cy_id_eq(&pairs[k].key, &pairs[i].key))
                    pairs[i].key = draw_id();
            }
        }
    }
}

static void empty_and_one(void **s)
{
    struct pair pair = {draw_id(), draw_id(), false};
    struct cy_trie_place place;
    struct cy_id root;
    struct cy_id want = cy_hash_empty();

    (void)s;
    fresh(4, 4, 1);
    root = cy_trie_commit(&trie_);
    assert_memory_equal(root.b, want.b, 32);
    assert_ok(cy_trie_seek(&trie_, CY_TRIE_PRESENT, &pair.key, &place));
    assert_false(place.found || place.has_left || place.has_right);
    take_out(&pair);
    put(&pair);
    root = cy_trie_commit(&trie_);
    want = plain_leaf(&pair);
    assert_memory_equal(root.b, want.b, 32);
    take_out(&pair);
    root = cy_trie_commit(&trie_);
    want = cy_hash_empty();
    assert_memory_equal(root.b, want.b, 32);
    assert_code(cy_trie_root(&trie_, 1, &root), ROOT_GONE);
    assert_code(cy_trie_root(&trie_, 2, &root), ROOT_GONE);
    verify();
}

/* Any order of insertion, with detours, gives the root of the sorted set. */
static void order_does_not_matter(void **s)
{
    static struct pair pairs[KEYS];
    static struct pair line[KEYS];

    (void)s;
    for (unsigned round = 0; round < 20; round++) {
        const size_t n = 1 + draw() % KEYS;
        struct cy_id want;
        struct cy_id root;

        draw_pairs(pairs, n);
        fresh(KEYS, KEYS, 1);
        for (size_t i = 0; i < n; i++)
            put(&pairs[i]);
        want = cy_trie_commit(&trie_);
        assert_int_equal(trie_.count, n);
        assert_int_equal(sorted(pairs, n, line), n);
        root = plain_root(line, n);
        assert_memory_equal(root.b, want.b, 32);
        fresh(KEYS, KEYS, 1);
        for (size_t i = n; i-- > 0;) { /* the other way round, some with another value first */
            if (draw() % 2 == 0) {
                const struct cy_id other = draw_id();

                assert_ok(cy_trie_put(&trie_, &pairs[i].key, &other));
            }
            if (draw() % 4 == 0)
                (void)cy_trie_commit(&trie_);
            put(&pairs[i]);
        }
        root = cy_trie_commit(&trie_);
        assert_memory_equal(root.b, want.b, 32);
        verify();
    }
}

static const struct pair *pair_of(const struct pair *line, size_t n, const struct cy_id *key)
{
    for (size_t i = 0; i < n; i++) {
        if (cy_id_eq(&line[i].key, key))
            return &line[i];
    }
    fail();
    return NULL;
}

/* One bit changed anywhere must not verify. */
static void refused_when_changed(struct cy_span proof, const struct cy_id *root,
                                 const struct cy_id *key, struct cy_span value)
{
    static uint8_t copy[40000];
    const size_t at = draw() % proof.n;

    memcpy(copy, proof.at, proof.n);
    copy[at] ^= (uint8_t)(1u << draw() % 8);
    if (value.at != NULL)
        assert_code(cy_ics23_verify_membership(&cy_ics23_tendermint, root,
                                               cy_span_of(copy, proof.n), cy_span_of(key->b, 32),
                                               value),
                    BAD_STATE_PROOF);
    else
        assert_code(cy_ics23_verify_non_membership(&cy_ics23_tendermint, root,
                                                   cy_span_of(copy, proof.n),
                                                   cy_span_of(key->b, 32)),
                    BAD_STATE_PROOF);
}

static void check_proof(uint32_t version, const struct pair *line, size_t n,
                        const struct cy_id *key)
{
    static char bytes[40000];
    struct cy_text out = cy_text_on(bytes, sizeof bytes);
    struct cy_span values[2] = {{0}};
    struct cy_trie_place place;
    struct cy_id root;

    assert_ok(cy_trie_root(&trie_, version, &root));
    assert_ok(cy_trie_seek(&trie_, version, key, &place));
    if (place.found) {
        const struct pair *pair = pair_of(line, n, key);
        const struct cy_span value = cy_span_of(pair->value.b, 32);

        assert_ok(cy_trie_prove_existence(&trie_, version, key, value, &scratch_, &out));
        assert_ok(cy_ics23_verify_membership(&cy_ics23_tendermint, &root, cy_text_bytes(&out),
                                             cy_span_of(key->b, 32), value));
        refused_when_changed(cy_text_bytes(&out), &root, key, value);
        assert_code(cy_ics23_verify_non_membership(&cy_ics23_tendermint, &root, cy_text_bytes(&out),
                                                   cy_span_of(key->b, 32)),
                    BAD_STATE_PROOF);
        assert_code(
            cy_trie_prove_existence(&trie_, version, key, cy_span_text("x"), &scratch_, &out),
            BAD_STATE_PROOF);
        assert_code(cy_trie_prove_absence(&trie_, version, key, value, value, &scratch_, &out),
                    BAD_STATE_PROOF);
        return;
    }
    if (place.has_left) {
        assert_true(memcmp(place.left.key.b, key->b, 32) < 0);
        values[0] = cy_span_of(pair_of(line, n, &place.left.key)->value.b, 32);
    }
    if (place.has_right) {
        assert_true(memcmp(place.right.key.b, key->b, 32) > 0);
        values[1] = cy_span_of(pair_of(line, n, &place.right.key)->value.b, 32);
    }
    for (size_t i = 0; i < n; i++) { /* nobody stands between */
        const int order = memcmp(line[i].key.b, key->b, 32);

        assert_int_not_equal(order, 0);
        if (order < 0) {
            assert_true(place.has_left);
            assert_true(memcmp(line[i].key.b, place.left.key.b, 32) <= 0);
        } else {
            assert_true(place.has_right);
            assert_true(memcmp(line[i].key.b, place.right.key.b, 32) >= 0);
        }
    }
    if (n == 0) {
        assert_code(
            cy_trie_prove_absence(&trie_, version, key, values[0], values[1], &scratch_, &out),
            BAD_STATE_PROOF);
        return;
    }
    assert_ok(cy_trie_prove_absence(&trie_, version, key, values[0], values[1], &scratch_, &out));
    assert_ok(cy_ics23_verify_non_membership(&cy_ics23_tendermint, &root, cy_text_bytes(&out),
                                             cy_span_of(key->b, 32)));
    refused_when_changed(cy_text_bytes(&out), &root, key, (struct cy_span){0});
    assert_ok(cy_ics23_decode(cy_text_bytes(&out), &decoded_));
    assert_int_equal(decoded_.nonexist.left != NULL, place.has_left);
    assert_int_equal(decoded_.nonexist.right != NULL, place.has_right);
}

/* Every key of some tries, and absent keys: near ones, the lowest, the highest. */
static void proofs(void **s)
{
    static struct pair pairs[KEYS];
    static struct pair line[KEYS];
    struct cy_id low = {{0}};
    struct cy_id high;

    (void)s;
    memset(high.b, 0xff, 32);
    for (unsigned round = 0; round < 12; round++) {
        const size_t n = round < 4 ? 1 + round : 1 + draw() % KEYS;

        draw_pairs(pairs, n);
        fresh(KEYS, KEYS, 1);
        for (size_t i = 0; i < n; i++)
            put(&pairs[i]);
        (void)sorted(pairs, n, line);
        for (size_t i = 0; i < n; i++)
            check_proof(CY_TRIE_PRESENT, line, n, &line[i].key);
        check_proof(CY_TRIE_PRESENT, line, n, &low);
        check_proof(CY_TRIE_PRESENT, line, n, &high);
        for (unsigned i = 0; i < 200; i++) {
            struct cy_id near = draw() % 2 ? draw_id() : line[draw() % n].key;
            const unsigned bit = (unsigned)(draw() % 256);

            near.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
            check_proof(CY_TRIE_PRESENT, line, n, &near);
        }
    }
}

/* The longest path: 256 nodes. */
static void deepest(void **s)
{
    static struct pair pairs[257];
    static struct pair line[257];

    (void)s;
    pairs[0] = (struct pair){draw_id(), draw_id(), false};
    for (unsigned bit = 0; bit < 256; bit++) {
        pairs[bit + 1] = (struct pair){pairs[0].key, draw_id(), false};
        pairs[bit + 1].key.b[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
    }
    fresh(257, 256, 1);
    for (unsigned i = 0; i < 257; i++)
        put(&pairs[i]);
    (void)sorted(pairs, 257, line);
    verify();
    for (unsigned i = 0; i < 257; i += 16)
        check_proof(CY_TRIE_PRESENT, line, 257, &pairs[i].key);
    check_proof(CY_TRIE_PRESENT, line, 257, &pairs[256].key);
}

/* Thousands of random steps over a trie and some kept versions, against plain arrays. */
static void versions(void **s)
{
    enum { KEPT = 4, N = 120 };
    static struct pair pairs[N];
    static struct pair old[KEPT][N];
    static struct pair line[N];
    size_t old_n[KEPT] = {0};
    uint32_t version[KEPT] = {0};
    struct cy_id root[KEPT];

    (void)s;
    fresh(N * (KEPT + 1), N * (KEPT + 1), KEPT);
    draw_pairs(pairs, N);
    for (unsigned step = 0; step < 6000; step++) {
        const uint64_t dice = draw() % 100;
        struct pair *pair = &pairs[draw() % N];
        const size_t k = draw() % KEPT;

        if (dice < 45) {
            if (draw() % 2)
                pair->value = draw_id();
            else if (pair->there)
                continue;
            put(pair);
        } else if (dice < 85) {
            take_out(pair);
        } else if (dice < 90) {
            if (version[k] != 0)
                cy_trie_release(&trie_, version[k]);
            assert_ok(cy_trie_keep(&trie_, &version[k]));
            root[k] = cy_trie_commit(&trie_);
            old_n[k] = sorted(pairs, N, old[k]);
        } else if (dice < 97 && version[k] != 0) {
            struct cy_id at;

            assert_ok(cy_trie_root(&trie_, version[k], &at));
            assert_memory_equal(at.b, root[k].b, 32);
            check_proof(version[k], old[k], old_n[k], &pair->key);
        } else {
            const size_t n = sorted(pairs, N, line);
            const struct cy_id want = plain_root(line, n);
            const struct cy_id have = cy_trie_commit(&trie_);

            assert_memory_equal(have.b, want.b, 32);
            assert_int_equal(trie_.count, n);
        }
        if (step % 100 == 0)
            verify();
    }
    for (size_t k = 0; k < KEPT; k++) {
        if (version[k] != 0)
            cy_trie_release(&trie_, version[k]);
    }
    for (size_t i = 0; i < N; i++)
        take_out(&pairs[i]);
    verify();
    assert_int_equal(trie_.nodes_free, trie_.nodes_used); /* nothing leaked */
    assert_int_equal(trie_.leaves_free, trie_.leaves_used);
}

/* Full is NO_ROOM, with nothing changed; what needs no room still works. */
static void full(void **s)
{
    static struct pair pairs[12];
    struct cy_id hash = draw_id();
    struct cy_id before;
    struct cy_id after;
    uint32_t version = 0;
    uint32_t other = 0;
    bool removed = false;

    (void)s;
    draw_pairs(pairs, 12);
    fresh(10, 20, 1);
    for (unsigned i = 0; i < 10; i++)
        put(&pairs[i]);
    before = cy_trie_commit(&trie_);
    assert_code(cy_trie_put(&trie_, &pairs[10].key, &hash), NO_ROOM);
    after = cy_trie_commit(&trie_);
    assert_memory_equal(before.b, after.b, 32);
    assert_ok(cy_trie_put(&trie_, &pairs[3].key, &hash)); /* in place */
    put(&pairs[3]);
    assert_ok(cy_trie_keep(&trie_, &version));
    assert_code(cy_trie_keep(&trie_, &other), NO_ROOM);
    assert_code(cy_trie_put(&trie_, &pairs[3].key, &hash), NO_ROOM); /* would need a copy */
    take_out(&pairs[3]);
    after = cy_trie_commit(&trie_);
    assert_memory_not_equal(before.b, after.b, 32);
    assert_ok(cy_trie_root(&trie_, version, &after));
    assert_memory_equal(before.b, after.b, 32);
    verify();
    fresh(64, 9, 1); /* nodes run out first */
    for (unsigned i = 0; i < 10; i++) {
        pairs[i].there = false;
        put(&pairs[i]);
    }
    assert_code(cy_trie_put(&trie_, &pairs[10].key, &hash), NO_ROOM);
    assert_ok(cy_trie_keep(&trie_, &version));
    assert_code(cy_trie_remove(&trie_, &pairs[1].key, &removed), NO_ROOM);
    assert_false(removed);
    verify();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_one), cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(proofs),        cmocka_unit_test(deepest),
        cmocka_unit_test(versions),      cmocka_unit_test(full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

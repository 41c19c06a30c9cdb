/* hash: FIPS 180-4 examples, tree hashes, threads. */
#include "crypto/hash.h"
#include "crypto/hash_many.h"

#include "cm.h"

#include <pthread.h>
#include <sodium.h>

static void check(struct cy_id got, const char *want)
{
    char hex[65];

    cy_hex(got.b, 32, hex);
    assert_string_equal(hex, want);
}

static void published(void **s)
{
    uint8_t long_hash[64];
    char hex[129];
    const struct cy_span abc = cy_span_text("abc");

    (void)s;
    check(cy_sha256(abc), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(cy_hash_empty(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cy_sha512_parts(&abc, 1, long_hash);
    cy_hex(long_hash, 64, hex);
    assert_string_equal(hex, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                             "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void tree_hashes(void **s)
{
    struct cy_id a;
    struct cy_id b;

    (void)s;
    /* The one-leaf and two-leaf trees of Certificate Transparency's reference test. */
    a = cy_hash_leaf(cy_span_of("", 0));
    check(a, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    b = cy_hash_leaf(cy_span_of("\0", 1));
    check(cy_hash_node(&a, &b), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

static void parts_and_streams_agree(void **s)
{
    uint8_t bytes[1000];

    (void)s;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 1);
    for (size_t cut = 0; cut <= sizeof bytes; cut += 37) {
        const struct cy_span parts[] = {cy_span_of(bytes, cut),
                                        cy_span_of(bytes + cut, sizeof bytes - cut)};
        const struct cy_id whole = cy_sha256(cy_span_of(bytes, sizeof bytes));
        const struct cy_id split = cy_sha256_parts(parts, 2);
        struct cy_sha256_stream stream;
        struct cy_id streamed;

        cy_sha256_begin(&stream);
        cy_sha256_more(&stream, parts[0]);
        cy_sha256_more(&stream, parts[1]);
        streamed = cy_sha256_end(&stream);
        assert_true(cy_id_eq(&whole, &split));
        assert_true(cy_id_eq(&whole, &streamed));
    }
}

static void *worker(void *at)
{
    uint64_t *wrong = at;

    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t bytes[4];
        struct cy_id got;
        struct cy_id want;

        cy_put_u32be(bytes, i);
        got = cy_sha256(cy_span_of(bytes, 4));
        crypto_hash_sha256(want.b, bytes, 4);
        *wrong += !cy_id_eq(&got, &want);
    }
    return NULL;
}

static void threads(void **s)
{
    pthread_t thread[4];
    uint64_t wrong[4] = {0};

    (void)s;
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, worker, &wrong[i]), 0);
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

static uint64_t seed = 11;

static size_t draw(size_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % n;
}

enum { MANY = 40, PARTS = 5 };

/* Messages of every length around the blocks, in up to five pieces. */
static size_t draw_messages(struct cy_span parts[MANY][PARTS],
                            struct cy_hash_message messages[MANY], uint8_t out[MANY][64])
{
    static uint8_t bytes[4096];
    const size_t n = draw(MANY + 1);

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)draw(256);
    for (size_t i = 0; i < n; i++) {
        messages[i] = (struct cy_hash_message){parts[i], draw(PARTS + 1), out[i]};
        for (size_t p = 0; p < messages[i].n; p++)
            parts[i][p] = cy_span_of(bytes + draw(2048), draw(4) == 0 ? draw(2048) : draw(140));
    }
    return n;
}

static void many_are_the_same_as_each(void **s)
{
    static struct cy_span parts[MANY][PARTS];
    static struct cy_hash_message messages[MANY];
    static uint8_t out[MANY][64];

    (void)s;
    for (unsigned round = 0; round < 1500; round++) {
        const size_t n = draw_messages(parts, messages, out);
        uint8_t want[64];

        cy_sha512_many(messages, n);
        for (size_t i = 0; i < n; i++) {
            cy_sha512_parts(parts[i], messages[i].n, want);
            assert_memory_equal(out[i], want, 64);
        }
        cy_sha256_many(messages, n);
        for (size_t i = 0; i < n; i++) {
            const struct cy_id digest = cy_sha256_parts(parts[i], messages[i].n);

            assert_memory_equal(out[i], digest.b, 32);
        }
    }
}

/* Longest acts and what fits no lane, among short and empty ones. */
static void long_messages(void **s)
{
    static uint8_t bytes[1100000];
    static const size_t sizes[] = {65536, 65536, 1,     700000, 65535, 0,     65536, 65536,
                                   65536, 64,    65536, 65536,  65536, 65536, 65536, 1052672};
    struct cy_span parts[CY_COUNT(sizes)];
    struct cy_hash_message messages[CY_COUNT(sizes)];
    struct cy_id out[CY_COUNT(sizes)];

    (void)s;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);
    for (size_t i = 0; i < CY_COUNT(sizes); i++) {
        parts[i] = cy_span_of(bytes + (sizeof bytes - sizes[i]) / 2, sizes[i]);
        messages[i] = (struct cy_hash_message){&parts[i], 1, out[i].b};
    }
    cy_sha256_many(messages, CY_COUNT(sizes));
    for (size_t i = 0; i < CY_COUNT(sizes); i++) {
        const struct cy_id want = cy_sha256(parts[i]);

        assert_memory_equal(out[i].b, want.b, 32);
    }
}

/* As many at a time as there are, also more than a group. */
static void leaves_of_a_ledger(void **s)
{
    static uint8_t bytes[400];
    struct cy_span entries[150];
    struct cy_id leaves[150];

    (void)s;
    for (size_t i = 0; i < CY_COUNT(entries); i++)
        entries[i] = cy_span_of(bytes, 2 * i);
    for (size_t n = 0; n <= CY_COUNT(entries); n += 29) {
        cy_hash_leaves(entries, n, leaves);
        for (size_t i = 0; i < n; i++) {
            const struct cy_id want = cy_hash_leaf(entries[i]);

            assert_memory_equal(leaves[i].b, want.b, 32);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(tree_hashes),
        cmocka_unit_test(parts_and_streams_agree),
        cmocka_unit_test(threads),
        cmocka_unit_test(many_are_the_same_as_each),
        cmocka_unit_test(long_messages),
        cmocka_unit_test(leaves_of_a_ledger),
    };

    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}

/* seal: named readers open, nobody else does; no chunk can be cut, moved or mixed. */
#include "crypto/seal.h"

#include "cm.h"

#include <stdlib.h>

enum { READERS = 5, BIG = 3 * 65536 + 1000 };

static struct cy_box_secret secret_[READERS + 1];
static struct cy_id key_[READERS + 1];
static uint8_t plain_[BIG], blob_[BIG + 4096], back_[BIG];

static int start(void **s)
{
    (void)s;
    assert_ok(cy_crypto_start());
    for (unsigned i = 0; i <= READERS; i++) {
        const uint8_t seed[32] = {(uint8_t)i, 3};

        cy_box_of(seed, &secret_[i], &key_[i]);
    }
    for (size_t i = 0; i < BIG; i++)
        plain_[i] = (uint8_t)(i * 31 + i / 256);
    return 0;
}

static void round_trip(void **s)
{
    static const size_t sizes[] = {0, 1, 100, 65535, 65536, 65537, 131072, BIG};

    (void)s;
    for (size_t k = 0; k < CY_COUNT(sizes); k++) {
        size_t n = 0;
        size_t m = 0;

        assert_ok(
            cy_seal_all(key_, READERS, cy_span_of(plain_, sizes[k]), blob_, sizeof blob_, &n));
        assert_int_equal(n, cy_seal_head_size(READERS) + cy_seal_body_size(sizes[k]));
        for (unsigned i = 0; i < READERS; i++) {
            assert_ok(cy_seal_read(cy_span_of(blob_, n), &secret_[i], &key_[i], back_, BIG, &m));
            assert_int_equal(m, sizes[k]);
            assert_memory_equal(back_, plain_, m);
        }
        assert_code(
            cy_seal_read(cy_span_of(blob_, n), &secret_[READERS], &key_[READERS], back_, BIG, &m),
            NOT_READER);
        assert_code(cy_seal_read(cy_span_of(blob_, n), &secret_[READERS], &key_[0], back_, BIG, &m),
                    BAD_SEALED);
    }
}

static void changes(void **s)
{
    const size_t head = cy_seal_head_size(2);
    const size_t one = CY_SEAL_CHUNK + CY_SEAL_TAG;
    static uint8_t copy[sizeof blob_];
    size_t n = 0;
    size_t m = 0;

    (void)s;
    assert_ok(cy_seal_all(key_, 2, cy_span_of(plain_, BIG), blob_, sizeof blob_, &n));
    for (size_t at = 0; at < n; at += at < head ? 1 : 4099) {
        blob_[at] ^= 0x10;
        assert_int_not_equal(
            cy_seal_read(cy_span_of(blob_, n), &secret_[0], &key_[0], back_, BIG, &m).code, 0);
        blob_[at] ^= 0x10;
    }
    memcpy(copy, blob_, n); /* exchange two chunks */
    memcpy(copy + head, blob_ + head + one, one);
    memcpy(copy + head + one, blob_ + head, one);
    assert_code(cy_seal_read(cy_span_of(copy, n), &secret_[0], &key_[0], back_, BIG, &m),
                BAD_SEALED);
    /* cut after two chunks, with a size in the head that fits the cut */
    memcpy(copy, blob_, n);
    cy_put_u64be(copy + 12, 2 * CY_SEAL_CHUNK);
    assert_code(
        cy_seal_read(cy_span_of(copy, head + 2 * one), &secret_[0], &key_[0], back_, BIG, &m),
        BAD_SEALED);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(back_[i], 0);
    assert_code(cy_seal_read(cy_span_of(blob_, n - 1), &secret_[0], &key_[0], back_, BIG, &m),
                BAD_SEALED);
    /* a chunk of another blob with the same readers and size */
    assert_ok(cy_seal_all(key_, 2, cy_span_of(plain_, BIG), copy, sizeof copy, &n));
    memcpy(copy + head, blob_ + head, one);
    assert_code(cy_seal_read(cy_span_of(copy, n), &secret_[0], &key_[0], back_, BIG, &m),
                BAD_SEALED);
}

/* Chunks may be read in any order; the last flag stands in the nonce of the last one alone. */
static void chunks(void **s)
{
    const size_t head_n = cy_seal_head_size(1);
    const size_t one = CY_SEAL_CHUNK + CY_SEAL_TAG;
    struct cy_seal seal;
    struct cy_seal shorter;
    struct cy_seal_head head;
    struct cy_id reader;
    size_t n = 0;

    (void)s;
    assert_ok(cy_seal_all(key_, 1, cy_span_of(plain_, 2 * CY_SEAL_CHUNK), blob_, sizeof blob_, &n));
    assert_ok(cy_seal_head(cy_span_of(blob_, head_n), &head));
    assert_int_equal(head.readers, 1);
    reader = cy_seal_reader(&head, 0);
    assert_true(cy_id_eq(&reader, &key_[0]));
    assert_ok(cy_seal_open(cy_span_of(blob_, head_n), &secret_[0], &key_[0], &seal));
    assert_ok(cy_seal_get(&seal, 1, cy_span_of(blob_ + head_n + one, one), back_, &n));
    assert_memory_equal(back_, plain_ + CY_SEAL_CHUNK, n);
    assert_ok(cy_seal_get(&seal, 0, cy_span_of(blob_ + head_n, one), back_, &n));
    assert_code(cy_seal_get(&seal, 1, cy_span_of(blob_ + head_n, one), back_, &n), BAD_SEALED);
    assert_code(cy_seal_get(&seal, 2, cy_span_of(blob_ + head_n, one), back_, &n), BAD_SEALED);
    shorter = seal; /* as if the head could be changed: chunk 0 was not written as the last */
    shorter.size = CY_SEAL_CHUNK;
    assert_code(cy_seal_get(&shorter, 0, cy_span_of(blob_ + head_n, one), back_, &n), BAD_SEALED);
}

/* A dishonest author seals another content key to the second reader: he is told, before any chunk.
 */
static void two_keys(void **s)
{
    const size_t entry = 52 + 112;
    static uint8_t other[4096];
    struct cy_seal seal;
    size_t n = 0;
    size_t m = 0;

    (void)s;
    assert_ok(cy_seal_all(key_, 2, cy_span_of(plain_, 100), blob_, sizeof blob_, &n));
    assert_ok(cy_seal_all(key_, 2, cy_span_of(plain_, 100), other, sizeof other, &m));
    memcpy(blob_ + entry, other + entry, 112);
    assert_ok(cy_seal_open(cy_span_of(blob_, n), &secret_[0], &key_[0], &seal));
    assert_code(cy_seal_open(cy_span_of(blob_, n), &secret_[1], &key_[1], &seal), BAD_SEALED);
}

static void bounds(void **s)
{
    static struct cy_id many[CY_SEAL_READERS_MAX + 1];
    static uint8_t head[40000];
    struct cy_seal seal;
    struct cy_seal_head out;
    size_t n;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(many); i++)
        many[i] = key_[0];
    assert_code(cy_seal_start(many, 0, 1, head, sizeof head, &seal), RANGE);
    assert_code(cy_seal_start(many, CY_COUNT(many), 1, head, sizeof head, &seal), RANGE);
    assert_code(cy_seal_start(many, 1, CY_SEAL_SIZE_MAX + 1, head, sizeof head, &seal), RANGE);
    assert_code(cy_seal_start(many, 2, 1, head, cy_seal_head_size(2) - 1, &seal), NO_ROOM);
    assert_code(cy_seal_all(many, 1, cy_span_of(plain_, 10), head, 20, &n), NO_ROOM);
    memset(&many[1], 0, 32); /* a key of low order gives everybody the same secret */
    assert_code(cy_seal_start(many, 2, 1, head, sizeof head, &seal), BAD_KEY);
    assert_ok(cy_seal_start(key_, 2, 1, head, sizeof head, &seal));
    for (size_t cut = 0; cut < cy_seal_head_size(2); cut++)
        assert_code(cy_seal_head(cy_span_of(head, cut), &out), BAD_SEALED);
    cy_put_u16be(head + 8, 0);
    assert_code(cy_seal_head(cy_span_of(head, sizeof head), &out), BAD_SEALED);
    cy_put_u16be(head + 8, CY_SEAL_READERS_MAX + 1);
    assert_code(cy_seal_head(cy_span_of(head, sizeof head), &out), BAD_SEALED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip), cmocka_unit_test(changes), cmocka_unit_test(chunks),
        cmocka_unit_test(two_keys),   cmocka_unit_test(bounds),
    };

    return cmocka_run_group_tests_name("seal", tests, start, NULL);
}

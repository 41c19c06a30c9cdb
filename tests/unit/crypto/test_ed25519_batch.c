/* ed25519_batch: the verdicts of a batch are those of single checks, whatever stands beside. */
#include "crypto/ed25519_batch.h"

#include "signatures.h"

#include <sodium.h>
#include <stdlib.h>

enum { ITEMS = 2048 };

static struct cy_ed25519_item item_[ITEMS];
static struct cy_span message_[ITEMS];
static uint8_t text_[ITEMS][8];
static bool ok_[ITEMS];
static struct cy_arena scratch_;

static int make_room(void **s)
{
    const size_t cap = cy_ed25519_batch_bytes(ITEMS) + 4 * cy_key_cache_bytes(1024);

    (void)s;
    assert_ok(cy_crypto_start());
    scratch_ = cy_arena_on(aligned_alloc(64, (cap + 63) & ~(size_t)63), cap);
    return 0;
}

static int free_room(void **s)
{
    (void)s;
    free(scratch_.at);
    return 0;
}

/* n good signatures by so many signers. */
static void sign(size_t n, unsigned signers)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t seed[32] = {(uint8_t)(i % signers), (uint8_t)(i % signers >> 8), 1};
        uint8_t secret[64];

        crypto_sign_seed_keypair(item_[i].key.b, secret, seed);
        cy_put_u64be(text_[i], i);
        message_[i] = cy_span_of(text_[i], 8);
        item_[i].message = &message_[i];
        item_[i].n = 1;
        crypto_sign_detached(item_[i].signature.b, NULL, text_[i], 8, secret);
    }
}

static void all_good(void **s)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 16, 39, 40, 41, 64, 100, 333, 1024, 2048};

    (void)s;
    for (unsigned signers = 1; signers <= ITEMS; signers *= 16) {
        sign(ITEMS, signers);
        for (size_t k = 0; k < CY_COUNT(sizes); k++) {
            memset(ok_, 0, sizeof ok_);
            assert_ok(cy_ed25519_verify_batch(item_, sizes[k], NULL, &scratch_, ok_));
            for (size_t i = 0; i < ITEMS; i++)
                assert_int_equal(ok_[i], i < sizes[k]);
        }
    }
    assert_int_equal(scratch_.used, 0);
}

/* One bad signature at any place, of any kind, is named alone. */
static void one_bad(void **s)
{
    const size_t n = 100;

    (void)s;
    sign(n, 7);
    for (size_t bad = 0; bad < n; bad++) {
        const struct cy_ed25519_item keep = item_[bad];
        const cy_err want = cy_fail(CY_E_BAD_SIGNATURE, bad);
        cy_err got;

        switch (bad % 5) {
        case 0: item_[bad].signature.b[40] ^= 1; break;                /* s */
        case 1: item_[bad].signature.b[63] |= 0xe0; break;             /* s >= L */
        case 2: memset(item_[bad].signature.b, 0xff, 32); break;       /* R */
        case 3: memset(item_[bad].key.b, 0xff, 32); break;             /* A */
        default: item_[bad].message = &message_[(bad + 1) % n]; break; /* M */
        }
        got = cy_ed25519_verify_batch(item_, n, NULL, &scratch_, ok_);
        assert_int_equal(got.code, want.code);
        assert_int_equal(got.detail, want.detail);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(ok_[i], i != bad);
        item_[bad] = keep;
    }
}

/* Errors that would cancel in a plain sum: s1 + 1 and s2 - 1, and exchanged signatures. */
static void cancelling(void **s)
{
    uint8_t one[32] = {1};

    (void)s;
    sign(64, 1);
    crypto_core_ed25519_scalar_add(item_[3].signature.b + 32, item_[3].signature.b + 32, one);
    crypto_core_ed25519_scalar_sub(item_[9].signature.b + 32, item_[9].signature.b + 32, one);
    assert_code(cy_ed25519_verify_batch(item_, 64, NULL, &scratch_, ok_), BAD_SIGNATURE);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(ok_[i], i != 3 && i != 9);
    sign(64, 1);
    {
        const struct cy_signature swap = item_[20].signature;

        item_[20].signature = item_[21].signature;
        item_[21].signature = swap;
    }
    assert_code(cy_ed25519_verify_batch(item_, 64, NULL, &scratch_, ok_), BAD_SIGNATURE);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(ok_[i], i != 20 && i != 21);
}

static void many_bad(void **s)
{
    (void)s;
    for (unsigned step = 1; step < 40; step = step * 2 + 1) {
        sign(500, 50);
        for (size_t i = 0; i < 500; i += step)
            item_[i].signature.b[33] ^= 4;
        assert_code(cy_ed25519_verify_batch(item_, 500, NULL, &scratch_, ok_), BAD_SIGNATURE);
        for (size_t i = 0; i < 500; i++)
            assert_int_equal(ok_[i], i % step != 0);
    }
}

/* All published edge cases: in one batch, each alone, and each amid good ones. */
static void published_cases(void **s)
{
    const size_t all = CCTV_N + WYCHEPROOF_N;
    size_t accepted = 0;

    (void)s;
    vector_needed(CCTV);
    signatures_load();
    for (size_t i = 0; i < all; i++) {
        item_[i] = (struct cy_ed25519_item){.key = published_[i].key,
                                            .message = &published_[i].message,
                                            .n = 1,
                                            .signature = published_[i].signature};
        if (!published_[i].fits)
            memset(item_[i].signature.b, 0xff, 64); /* no such thing in the typed interface */
    }
    assert_code(cy_ed25519_verify_batch(item_, all, NULL, &scratch_, ok_), BAD_SIGNATURE);
    for (size_t i = 0; i < all; i++) {
        assert_int_equal(ok_[i], published_[i].want);
        accepted += ok_[i] && i < CCTV_N;
    }
    assert_int_equal(accepted, 334);
    for (size_t i = 0; i < all; i++) {
        bool ok;

        (void)cy_ok(cy_ed25519_verify_batch(&item_[i], 1, NULL, &scratch_, &ok));
        assert_int_equal(ok, published_[i].want);
    }
    /* The good ones pass by the equation itself, without falling back to single checks. */
    for (size_t i = 0, n = 0; i < all; i++)
        if (published_[i].want) {
            item_[n++] = item_[i];
            accepted = n;
        }
    assert_ok(cy_ed25519_verify_batch(item_, accepted, NULL, &scratch_, ok_));
}

static void cache(void **s)
{
    struct cy_key_cache keys;
    const size_t used = scratch_.used;
    static const uint8_t salt[16] = {5};

    (void)s;
    assert_ok(cy_key_cache_on(&keys, &scratch_, 16, salt));
    for (unsigned signers = 1; signers <= 1024; signers *= 4) {
        for (unsigned again = 0; again < 2; again++) {
            sign(1024, signers);
            item_[77].signature.b[35] ^= 1;
            assert_code(cy_ed25519_verify_batch(item_, 1024, &keys, &scratch_, ok_), BAD_SIGNATURE);
            for (size_t i = 0; i < 1024; i++)
                assert_int_equal(ok_[i], i != 77);
        }
    }
    keys.hits = keys.misses = 0;
    sign(8, 1);
    assert_ok(cy_ed25519_verify_batch(item_, 8, &keys, &scratch_, ok_));
    assert_ok(cy_ed25519_verify_batch(item_, 8, &keys, &scratch_, ok_));
    assert_int_equal(keys.hits + keys.misses, 2); /* a signer is looked up once per batch */
    assert_true(keys.hits >= 1);
    cy_arena_rewind(&scratch_, used);
}

static void no_room(void **s)
{
    static uint8_t little[4096] __attribute__((aligned(16)));
    struct cy_arena arena = cy_arena_on(little, sizeof little);
    struct cy_key_cache keys;
    static const uint8_t salt[16];

    (void)s;
    sign(8, 8);
    assert_code(cy_ed25519_verify_batch(item_, 8, NULL, &arena, ok_), NO_ROOM);
    assert_code(cy_key_cache_on(&keys, &arena, 1000, salt), NO_ROOM);
    assert_int_equal(arena.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_good), cmocka_unit_test(one_bad), cmocka_unit_test(cancelling),
        cmocka_unit_test(many_bad), cmocka_unit_test(cache),   cmocka_unit_test(published_cases),
        cmocka_unit_test(no_room),
    };

    return cmocka_run_group_tests_name("ed25519_batch", tests, make_room, free_room);
}

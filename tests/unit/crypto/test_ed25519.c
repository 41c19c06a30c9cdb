/* ed25519: the rule on all published edge cases, the strict rule, admission of keys. */
#include "signatures.h"

#include <sodium.h>

static bool rule(const struct published *p)
{
    return p->fits && cy_ok(cy_ed25519_verify(&p->key, &p->message, 1, &p->signature));
}

/* The verdicts as bits, first case first, most significant bit first. */
static void pin(const bool *verdict, size_t n, const char *want)
{
    uint8_t bits[256] = {0};
    struct cy_id hash;
    char hex[65];

    for (size_t i = 0; i < n; i++)
        if (verdict[i])
            bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
    hash = cy_sha256(cy_span_of(bits, (n + 7) / 8));
    cy_hex(hash.b, 32, hex);
    assert_string_equal(hex, want);
}

static void start(void **s)
{
    (void)s;
    assert_ok(cy_crypto_start());
    assert_ok(cy_crypto_start());
}

static void one_rule(void **s)
{
    bool verdict[CCTV_N + WYCHEPROOF_N];
    unsigned accepted[2] = {0};

    (void)s;
    vector_needed(CCTV);
    signatures_load();
    for (size_t i = 0; i < CY_COUNT(verdict); i++) {
        verdict[i] = rule(&published_[i]);
        accepted[i >= CCTV_N] += verdict[i];
        if (verdict[i] != published_[i].want)
            fail_msg("case %zu: %s", i, verdict[i] ? "accepted" : "refused");
    }
    print_message("accepted %u of %d CCTV and %u of %d Wycheproof\n", accepted[0], CCTV_N,
                  accepted[1], WYCHEPROOF_N);
    assert_int_equal(accepted[0], 334);
    assert_int_equal(accepted[1], 88);
    pin(verdict, CCTV_N, "0bcf00cd8d29f2e0c690d60ea6b38abd45286bb9bf27b43410371dd0e5325ede");
    pin(verdict, CY_COUNT(verdict),
        "7c62242c9f76364c8562dec4f28d1afa351faeb6e6ace46473876a7af1fcde9a");
}

static void strict_rule(void **s)
{
    unsigned strict = 0;
    unsigned both_keys = 0;

    (void)s;
    vector_needed(CCTV);
    signatures_load();
    for (size_t i = 0; i < CCTV_N; i++) {
        const struct published *p = &published_[i];
        const bool got = cy_ok(cy_ed25519_verify_strict(&p->key, p->message, &p->signature));
        const bool stock =
            crypto_sign_verify_detached(p->signature.b, p->message.at, p->message.n, p->key.b) == 0;

        assert_int_equal(got, stock && p->want);
        strict += got;
        /* An admitted key leaves one doubt only: low order in R. */
        both_keys += cy_ok(cy_ed25519_admit(&p->key)) && rule(p) && !stock;
    }
    assert_int_equal(strict, 43); /* all that libsodium accepts is within the rule */
    assert_int_equal(both_keys, 13);
}

static void admission(void **s)
{
    struct cy_id id = {{1}};
    uint8_t secret[64];

    (void)s;
    assert_code(cy_ed25519_admit(&id), BAD_KEY); /* identity */
    memset(id.b, 0xff, 32);
    assert_code(cy_ed25519_admit(&id), BAD_KEY); /* not canonical */
    memset(id.b, 0, 32);
    assert_code(cy_ed25519_admit(&id), BAD_KEY); /* order 4 */
    for (unsigned i = 0; i < 20; i++) {
        uint8_t seed[32] = {(uint8_t)i};

        crypto_sign_seed_keypair(id.b, secret, seed);
        assert_ok(cy_ed25519_admit(&id));
    }
}

/* Every bit of key, signature and message matters; parts are one string. */
static void own_signatures(void **s)
{
    struct cy_id key;
    uint8_t seed[32] = {9};
    uint8_t secret[64];
    uint8_t message[40] = "the text of a message";
    struct cy_signature signature;
    struct cy_span parts[3];

    (void)s;
    crypto_sign_seed_keypair(key.b, secret, seed);
    crypto_sign_detached(signature.b, NULL, message, sizeof message, secret);
    for (size_t a = 0; a <= sizeof message; a += 8)
        for (size_t b = a; b <= sizeof message; b += 8) {
            parts[0] = cy_span_of(message, a);
            parts[1] = cy_span_of(message + a, b - a);
            parts[2] = cy_span_of(message + b, sizeof message - b);
            assert_ok(cy_ed25519_verify(&key, parts, 3, &signature));
        }
    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_code(cy_ed25519_verify(&key, parts, 3, &signature), BAD_SIGNATURE);
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 512; bit++) {
        signature.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_code(cy_ed25519_verify(&key, parts, 3, &signature), BAD_SIGNATURE);
        signature.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 256; bit++) {
        key.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_code(cy_ed25519_verify(&key, parts, 3, &signature), BAD_SIGNATURE);
        key.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start),          cmocka_unit_test(one_rule),
        cmocka_unit_test(strict_rule),    cmocka_unit_test(admission),
        cmocka_unit_test(own_signatures),
    };

    return cmocka_run_group_tests_name("ed25519", tests, NULL, NULL);
}

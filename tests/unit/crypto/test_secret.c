/* secret: keys, signatures, locked memory, the sealed form. */
#include "crypto/secret.h"

#include "cm.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct cy_secret_cost least_ = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};

static int start(void **s)
{
    (void)s;
    assert_ok(cy_crypto_start());
    return 0;
}

/* RFC 8032 section 7.1, test 2. */
static void published(void **s)
{
    uint8_t seed[32];
    struct cy_secret secret;
    struct cy_id key;
    struct cy_id again;
    struct cy_signature signature;
    char hex[129];

    (void)s;
    assert_ok(cy_hex_read(
        cy_span_text("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), seed,
        32));
    cy_secret_of(seed, &secret, &key);
    cy_hex(key.b, 32, hex);
    assert_string_equal(hex, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    again = cy_secret_key(&secret);
    assert_true(cy_id_eq(&again, &key));
    cy_secret_sign(&secret, cy_span_text("r"), &signature);
    cy_hex(signature.b, 64, hex);
    assert_string_equal(hex, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

static void new_keys(void **s)
{
    struct cy_secret a;
    struct cy_secret b;
    struct cy_id key;
    struct cy_id other;
    struct cy_signature signature;
    const struct cy_span message = cy_span_text("message");

    (void)s;
    cy_secret_new(&a, &key);
    cy_secret_new(&b, &other);
    assert_false(cy_id_eq(&key, &other));
    assert_ok(cy_ed25519_admit(&key));
    cy_secret_sign(&a, message, &signature);
    assert_ok(cy_ed25519_verify(&key, &message, 1, &signature));
    assert_ok(cy_ed25519_verify_strict(&key, message, &signature));
    assert_code(cy_ed25519_verify(&other, &message, 1, &signature), BAD_SIGNATURE);
    assert_true(cy_same(a.b, a.b, 64));
    assert_false(cy_same(a.b, b.b, 64));
    cy_wipe(&a, sizeof a);
    for (size_t i = 0; i < sizeof a; i++)
        assert_int_equal(a.b[i], 0);
}

/* Writing one byte past locked memory ends the process. */
static void locked_memory(void **s)
{
    uint8_t *at = cy_secret_memory(100);
    pid_t child;
    int status = 0;

    (void)s;
    assert_non_null(at);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(at[i], 0);
    child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        ((volatile uint8_t *)at)[100] = 1;
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cy_secret_free(at);
    cy_secret_free(NULL);
}

static void seal_and_open(void **s)
{
    const struct cy_span pass = cy_span_text("correct horse");
    const struct cy_span plain = cy_span_text("thirty-two bytes of a secret key");
    uint8_t sealed[256];
    uint8_t again[256];
    uint8_t back[256];
    size_t n = 0;
    size_t m = 0;

    (void)s;
    assert_ok(cy_secret_seal(pass, plain, &least_, sealed, sizeof sealed, &n));
    assert_int_equal(n, plain.n + CY_SECRET_OVERHEAD);
    assert_ok(cy_secret_open(pass, cy_span_of(sealed, n), back, sizeof back, &m));
    assert_true(cy_span_eq(cy_span_of(back, m), plain));
    assert_ok(cy_secret_seal(pass, plain, &least_, again, sizeof again, &n));
    assert_memory_not_equal(sealed + CY_SECRET_HEAD, again + CY_SECRET_HEAD, n - CY_SECRET_HEAD);
    assert_code(
        cy_secret_open(cy_span_text("correct house"), cy_span_of(sealed, n), back, sizeof back, &m),
        BAD_SECRET);
    assert_int_equal(m, 0);
    for (size_t i = 0; i < plain.n; i++)
        assert_int_equal(back[i], 0);
    /* One change in each part: magic, operations, salt, nonce, body, tag. */
    for (size_t k = 0; k < 6; k++) {
        const size_t at[] = {0, 11, 20, 40, 60, n - 1};

        sealed[at[k]] ^= 1;
        assert_code(cy_secret_open(pass, cy_span_of(sealed, n), back, sizeof back, &m), BAD_SECRET);
        sealed[at[k]] ^= 1;
    }
    for (size_t cut = 0; cut < CY_SECRET_OVERHEAD; cut += 7)
        assert_code(cy_secret_open(pass, cy_span_of(sealed, cut), back, sizeof back, &m),
                    BAD_SECRET);
    assert_code(cy_secret_open(pass, cy_span_of(sealed, n - 1), back, sizeof back, &m), BAD_SECRET);
}

/* Costs outside the bounds are refused before they are spent, in both directions. */
static void bounds(void **s)
{
    const struct cy_secret_cost wrong[] = {
        {1,          CY_SECRET_MEMORY_KIB_MIN    },
        {17,         CY_SECRET_MEMORY_KIB_MIN    },
        {2,          CY_SECRET_MEMORY_KIB_MIN - 1},
        {2,          CY_SECRET_MEMORY_KIB_MAX + 1},
        {UINT32_MAX, UINT32_MAX                  }
    };
    const struct cy_span pass = cy_span_text("p");
    uint8_t sealed[100];
    uint8_t out[100];
    size_t n = 0;

    (void)s;
    assert_ok(cy_secret_seal(pass, cy_span_text("x"), &least_, sealed, sizeof sealed, &n));
    for (size_t i = 0; i < CY_COUNT(wrong); i++) {
        size_t m;

        assert_code(cy_secret_seal(pass, cy_span_text("x"), &wrong[i], out, sizeof out, &m), RANGE);
        cy_put_u32be(sealed + 8, wrong[i].operations);
        cy_put_u32be(sealed + 12, wrong[i].memory_kib);
        assert_code(cy_secret_open(pass, cy_span_of(sealed, n), out, sizeof out, &m), BAD_SECRET);
    }
    assert_code(cy_secret_seal(cy_span_text(""), cy_span_text("x"), &least_, out, 100, &n), RANGE);
    assert_code(cy_secret_seal(pass, cy_span_text("x"), &least_, out, CY_SECRET_OVERHEAD, &n),
                NO_ROOM);
}

/* A wrapped secret opens with its key and its open part, and with nothing else. */
static void wrapped(void **s)
{
    uint8_t key[32] = {1};
    uint8_t out[CY_SECRET_WRAP_OVERHEAD + 9];
    uint8_t again[CY_SECRET_WRAP_OVERHEAD + 9];
    uint8_t plain[9];
    const struct cy_span open = cy_span_text("purpose act");

    (void)s;
    cy_secret_wrap(key, open, cy_span_text("plaintext"), out);
    cy_secret_wrap(key, open, cy_span_text("plaintext"), again);
    assert_memory_not_equal(out, again, sizeof out); /* a fresh nonce */
    assert_ok(cy_secret_unwrap(key, open, cy_span_of(out, sizeof out), plain));
    assert_memory_equal(plain, "plaintext", 9);
    assert_code(
        cy_secret_unwrap(key, cy_span_text("purpose vote"), cy_span_of(out, sizeof out), plain),
        BAD_SECRET);
    assert_int_equal(plain[0], 0);
    assert_code(cy_secret_unwrap(key, open, cy_span_of(out, CY_SECRET_WRAP_OVERHEAD - 1), plain),
                BAD_SECRET);
    for (size_t i = 0; i < sizeof out; i++) {
        out[i] ^= 1;
        assert_code(cy_secret_unwrap(key, open, cy_span_of(out, sizeof out), plain), BAD_SECRET);
        out[i] ^= 1;
    }
    key[0] = 2;
    assert_code(cy_secret_unwrap(key, open, cy_span_of(out, sizeof out), plain), BAD_SECRET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrapped),       cmocka_unit_test(published),
        cmocka_unit_test(new_keys),      cmocka_unit_test(locked_memory),
        cmocka_unit_test(seal_and_open), cmocka_unit_test(bounds),
    };

    return cmocka_run_group_tests_name("secret", tests, start, NULL);
}

#include "emit_sign.h"

#include "crypto/secret.h"

static struct cy_id public_keys[EMIT_KEYS];
static struct cy_secret secret_keys[EMIT_KEYS];

static void make_keys(void)
{
    static bool made;

    if (made)
        return;
    made = true;
    CY_ASSERT(cy_ok(cy_crypto_start()));
    for (uint8_t i = 0; i < EMIT_KEYS; i++) {
        const uint8_t seed[32] = {'i', 'o', i};
        cy_secret_of(seed, &secret_keys[i], &public_keys[i]);
    }
}

const struct cy_id *emit_key(uint32_t i)
{
    make_keys();
    CY_ASSERT(i < EMIT_KEYS);
    return &public_keys[i];
}

void emit_sign(uint32_t i, struct cy_span message, uint8_t signature[static 64])
{
    make_keys();
    CY_ASSERT(i < EMIT_KEYS);
    struct cy_signature made;
    cy_secret_sign(&secret_keys[i], message, &made);
    memcpy(signature, made.b, sizeof made.b);
}

cy_err emit_verify(const struct cy_id *key, const struct cy_span *parts, size_t n,
                   const uint8_t signature[static 64])
{
    struct cy_signature copy;

    memcpy(copy.b, signature, sizeof copy.b);
    return cy_ed25519_verify(key, parts, n, &copy);
}

cy_err emit_verify_strict(const struct cy_id *key, struct cy_span message,
                          const uint8_t signature[static 64])
{
    struct cy_signature copy;

    memcpy(copy.b, signature, sizeof copy.b);
    return cy_ed25519_verify_strict(key, message, &copy);
}

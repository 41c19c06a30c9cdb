#include "emit_sign.h"

#include "crypto/ed25519.h"

#include <sodium.h>

static struct cy_id public_keys[EMIT_KEYS];
static uint8_t secret_keys[EMIT_KEYS][crypto_sign_SECRETKEYBYTES];

static void make_keys(void)
{
    static bool made;

    if (made)
        return;
    made = true;
    CY_ASSERT(cy_ok(cy_crypto_start()));
    for (uint8_t i = 0; i < EMIT_KEYS; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES] = {[0] = 'i', [1] = 'o', [2] = i};
        CY_ASSERT(crypto_sign_seed_keypair(public_keys[i].b, secret_keys[i], seed) == 0);
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
    CY_ASSERT(crypto_sign_detached(signature, NULL, message.at, message.n, secret_keys[i]) == 0);
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

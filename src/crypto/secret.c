#include "crypto/secret.h"

#include <sodium.h>

static const char magic_[8] = {'C', 'Y', 'S', 'E', 'A', 'L', '1', '\n'};

enum { AT_OPERATIONS = 8, AT_MEMORY = 12, AT_SALT = 16, AT_NONCE = 32 };

_Static_assert(sizeof(struct cy_secret) == crypto_sign_SECRETKEYBYTES, "signing key");
_Static_assert(AT_NONCE - AT_SALT == crypto_pwhash_SALTBYTES, "salt");
_Static_assert(AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == CY_SECRET_HEAD, "head");
_Static_assert(CY_SECRET_HEAD + crypto_aead_xchacha20poly1305_ietf_ABYTES == CY_SECRET_OVERHEAD,
               "overhead");

void *cy_secret_memory(size_t n)
{
    void *at = sodium_malloc(n);

    if (at)
        memset(at, 0, n); /* sodium_malloc fills with 0xdb */
    return at;
}

void cy_secret_free(void *at)
{
    sodium_free(at);
}

void cy_wipe(void *at, size_t n)
{
    sodium_memzero(at, n);
}

void cy_random(uint8_t *out, size_t n)
{
    randombytes_buf(out, n);
}

bool cy_same(const uint8_t *a, const uint8_t *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void cy_secret_new(struct cy_secret *secret, struct cy_id *key)
{
    CY_ASSERT(crypto_sign_keypair(key->b, secret->b) == 0);
}

void cy_secret_of(const uint8_t seed[static 32], struct cy_secret *secret, struct cy_id *key)
{
    CY_ASSERT(crypto_sign_seed_keypair(key->b, secret->b, seed) == 0);
}

struct cy_id cy_secret_key(const struct cy_secret *secret)
{
    struct cy_id key;

    CY_ASSERT(crypto_sign_ed25519_sk_to_pk(key.b, secret->b) == 0);
    return key;
}

void cy_secret_sign(const struct cy_secret *secret, struct cy_span message,
                    struct cy_signature *signature)
{
    CY_ASSERT(crypto_sign_detached(signature->b, NULL, message.at, message.n, secret->b) == 0);
}

void cy_box_new(struct cy_box_secret *secret, struct cy_id *key)
{
    CY_ASSERT(crypto_box_keypair(key->b, secret->b) == 0);
}

void cy_box_of(const uint8_t seed[static 32], struct cy_box_secret *secret, struct cy_id *key)
{
    CY_ASSERT(crypto_box_seed_keypair(key->b, secret->b, seed) == 0);
}

static bool cost_fits(const struct cy_secret_cost *cost)
{
    return cost->operations >= CY_SECRET_OPERATIONS_MIN &&
           cost->operations <= CY_SECRET_OPERATIONS_MAX &&
           cost->memory_kib >= CY_SECRET_MEMORY_KIB_MIN &&
           cost->memory_kib <= CY_SECRET_MEMORY_KIB_MAX;
}

/* The key of a passphrase; false when there is no memory for Argon2id. */
static bool derive(struct cy_span passphrase, const uint8_t *head,
                   const struct cy_secret_cost *cost, uint8_t key[static 32])
{
    return crypto_pwhash(key, 32, (const char *)passphrase.at, passphrase.n, head + AT_SALT,
                         cost->operations, (size_t)cost->memory_kib * 1024,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

cy_err cy_secret_seal(struct cy_span passphrase, struct cy_span plaintext,
                      const struct cy_secret_cost *cost, uint8_t *out, size_t cap, size_t *n)
{
    uint8_t key[32];
    bool derived;

    if (passphrase.n == 0 || !cost_fits(cost))
        return cy_fail(CY_E_RANGE, passphrase.n == 0 ? 0 : cost->memory_kib);
    if (cap < CY_SECRET_OVERHEAD || cap - CY_SECRET_OVERHEAD < plaintext.n)
        return cy_fail(CY_E_NO_ROOM, plaintext.n + CY_SECRET_OVERHEAD);
    memcpy(out, magic_, sizeof magic_);
    cy_put_u32be(out + AT_OPERATIONS, cost->operations);
    cy_put_u32be(out + AT_MEMORY, cost->memory_kib);
    randombytes_buf(out + AT_SALT, CY_SECRET_HEAD - AT_SALT);
    derived = derive(passphrase, out, cost, key);
    if (derived)
        crypto_aead_xchacha20poly1305_ietf_encrypt(out + CY_SECRET_HEAD, NULL, plaintext.at,
                                                   plaintext.n, out, CY_SECRET_HEAD, NULL,
                                                   out + AT_NONCE, key);
    sodium_memzero(key, sizeof key);
    *n = plaintext.n + CY_SECRET_OVERHEAD;
    return derived ? CY_OK : cy_fail(CY_E_NO_ROOM, cost->memory_kib);
}

cy_err cy_secret_open(struct cy_span passphrase, struct cy_span sealed, uint8_t *out, size_t cap,
                      size_t *n)
{
    struct cy_secret_cost cost;
    uint8_t key[32];
    int opened = -1;

    if (sealed.n < CY_SECRET_OVERHEAD || memcmp(sealed.at, magic_, sizeof magic_) != 0)
        return cy_fail(CY_E_BAD_SECRET, 0);
    cost.operations = cy_get_u32be(sealed.at + AT_OPERATIONS);
    cost.memory_kib = cy_get_u32be(sealed.at + AT_MEMORY);
    if (passphrase.n == 0 || !cost_fits(&cost))
        return cy_fail(CY_E_BAD_SECRET, cost.memory_kib);
    if (cap < sealed.n - CY_SECRET_OVERHEAD)
        return cy_fail(CY_E_NO_ROOM, sealed.n - CY_SECRET_OVERHEAD);
    if (!derive(passphrase, sealed.at, &cost, key))
        return cy_fail(CY_E_NO_ROOM, cost.memory_kib);
    *n = sealed.n - CY_SECRET_OVERHEAD;
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.at + CY_SECRET_HEAD,
                                                        sealed.n - CY_SECRET_HEAD, sealed.at,
                                                        CY_SECRET_HEAD, sealed.at + AT_NONCE, key);
    sodium_memzero(key, sizeof key);
    if (opened == 0)
        return CY_OK;
    sodium_memzero(out, *n);
    *n = 0;
    return cy_fail(CY_E_BAD_SECRET, 0);
}

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES == CY_SECRET_WRAP_OVERHEAD,
               "wrap overhead");

void cy_secret_wrap(const uint8_t key[static 32], struct cy_span open, struct cy_span plaintext,
                    uint8_t *out)
{
    randombytes_buf(out, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, plaintext.at, plaintext.n,
                                               open.at, open.n, NULL, out, key);
}

cy_err cy_secret_unwrap(const uint8_t key[static 32], struct cy_span open, struct cy_span wrapped,
                        uint8_t *out)
{
    if (wrapped.n < CY_SECRET_WRAP_OVERHEAD)
        return cy_fail(CY_E_BAD_SECRET, 0);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, wrapped.at + NONCE,
                                                   wrapped.n - NONCE, open.at, open.n, wrapped.at,
                                                   key) == 0)
        return CY_OK;
    sodium_memzero(out, wrapped.n - CY_SECRET_WRAP_OVERHEAD);
    return cy_fail(CY_E_BAD_SECRET, 0);
}

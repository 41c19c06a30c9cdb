/* secret: everything that touches a secret key or a passphrase. libsodium only.
 *
 *      seed -> Ed25519 key  signs         seed -> X25519 key  opens what is sealed to it (seal.h)
 *      passphrase -> Argon2id -> XChaCha20-Poly1305 key -> a sealed file of any secret
 *
 * Secret keys live in struct cy_secret, which the caller places in locked memory (cy_secret_memory:
 * guarded by inaccessible pages, never swapped, not in core files, wiped when freed). In comity
 * only the signer process holds them.
 *
 * Sealed form:  "CYSEAL1\n" | u32 operations | u32 memory KiB | salt[16] | nonce[24]   (56 bytes)
 *               | XChaCha20-Poly1305(plaintext) with tag[16]; integers big-endian. The head is
 *               authenticated as additional data, so nobody can lower the cost unseen.
 *
 * Owns: locked memory it handed out until cy_secret_free. Never: decides what may be signed. */
#ifndef CY_CRYPTO_SECRET_H
#define CY_CRYPTO_SECRET_H

#include "crypto/ed25519.h"

/* An Ed25519 signing key: 32 bytes of seed, 32 of public key (libsodium's form). */
struct cy_secret {
    uint8_t b[64];
};

/* An X25519 secret key; its public key is a struct cy_id. */
struct cy_box_secret {
    uint8_t b[32];
};

/* cy_secret_memory gives n bytes of locked, guarded, zeroed memory, or NULL (soft: the limit on
 * locked memory, ulimit -l). cy_secret_free wipes and returns it; NULL is allowed. */
void *cy_secret_memory(size_t n);
void cy_secret_free(void *at);

/* cy_wipe overwrites n bytes in a way the compiler keeps. */
void cy_wipe(void *at, size_t n);

/* cy_random fills n bytes from the operating system's generator. The only randomness of crypto/. */
void cy_random(uint8_t *out, size_t n);

/* cy_same compares secrets in constant time. */
bool cy_same(const uint8_t *a, const uint8_t *b, size_t n);

/* cy_secret_new makes a signing key; cy_secret_of makes the one of a 32-byte seed (RFC 8032 5.1.5).
 */
void cy_secret_new(struct cy_secret *secret, struct cy_id *key);
void cy_secret_of(const uint8_t seed[static 32], struct cy_secret *secret, struct cy_id *key);

/* cy_secret_key is the public key of a signing key. */
struct cy_id cy_secret_key(const struct cy_secret *secret);

/* cy_secret_sign signs with Ed25519 (RFC 8032 5.1.6; deterministic). The signature satisfies both
 * the rule and the strict rule of ed25519.h. */
void cy_secret_sign(const struct cy_secret *secret, struct cy_span message,
                    struct cy_signature *signature);

/* cy_box_new and cy_box_of: the same for X25519 keys, to which content keys are sealed. */
void cy_box_new(struct cy_box_secret *secret, struct cy_id *key);
void cy_box_of(const uint8_t seed[static 32], struct cy_box_secret *secret, struct cy_id *key);

/* Argon2id costs. The floor is RFC 9106's "memory constrained" memory (64 MiB) with 2 passes; the
 * ceiling bounds what a hostile file can make us spend (1 GiB, 16 passes). */
#define CY_SECRET_OPERATIONS_MIN 2u
#define CY_SECRET_OPERATIONS_MAX 16u
#define CY_SECRET_MEMORY_KIB_MIN 65536u
#define CY_SECRET_MEMORY_KIB_MAX 1048576u

struct cy_secret_cost {
    uint32_t operations;
    uint32_t memory_kib;
};

#define CY_SECRET_HEAD 56u     /* bytes of head */
#define CY_SECRET_OVERHEAD 72u /* head and tag: sealed size - plaintext size */

/* cy_secret_seal encrypts plaintext under a passphrase into out (cap bytes; *n is the size).
 * Salt and nonce are fresh. Fails with RANGE (a cost outside the bounds above, or an empty
 * passphrase) or NO_ROOM (out, or no memory for Argon2id). */
CY_MUST_USE cy_err cy_secret_seal(struct cy_span passphrase, struct cy_span plaintext,
                                  const struct cy_secret_cost *cost, uint8_t *out, size_t cap,
                                  size_t *n);

/* cy_secret_open is the inverse. out should be locked memory; it is wiped on failure. Fails with
 * BAD_SECRET (wrong passphrase, or changed, cut or foreign bytes, or a cost outside the bounds,
 * refused before it is spent) or NO_ROOM. */
CY_MUST_USE cy_err cy_secret_open(struct cy_span passphrase, struct cy_span sealed, uint8_t *out,
                                  size_t cap, size_t *n);

/* cy_secret_wrap encrypts a short secret under a key that is in memory already, with XChaCha20-
 * Poly1305: out = nonce[24] | ciphertext | tag[16], plaintext.n + CY_SECRET_WRAP_OVERHEAD bytes.
 * `open` stays readable beside it and is authenticated with it. */
#define CY_SECRET_WRAP_OVERHEAD 40u
void cy_secret_wrap(const uint8_t key[static 32], struct cy_span open, struct cy_span plaintext,
                    uint8_t *out);

/* cy_secret_unwrap is the inverse: wrapped.n - CY_SECRET_WRAP_OVERHEAD bytes to out, which should
 * be locked memory. Fails with BAD_SECRET, and then out is zero. */
CY_MUST_USE cy_err cy_secret_unwrap(const uint8_t key[static 32], struct cy_span open,
                                    struct cy_span wrapped, uint8_t *out);

#endif

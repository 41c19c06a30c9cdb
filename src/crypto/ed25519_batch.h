/* ed25519_batch: many signatures at once, by the rule of ed25519.h, several times faster.
 *
 * One equation for all:  2 (sum z s) B = sum z R' + sum over keys (sum z k) A'
 * with 128-bit coefficients z, evaluated by buckets (Pippenger 1976) or, for a handful of points,
 * by tables of multiples (Straus 1964), on libdecaf's public point additions. The coefficients of
 * one signer are summed, so a signer costs one point however often it signs. When the equation
 * fails the batch is halved until each bad signature is named.
 *
 * The coefficients are not random but derived: SHA-256 over every k = SHA-512(R || A || M) and
 * every s keys a ChaCha20 stream. They are fixed only after every input is, so a forger has to
 * find inputs whose own hash makes the errors cancel: 2^128 tries, as with random ones, and the
 * verdict is the same on every machine and every run. All points lie in a group of prime order,
 * so parts of low order cannot cancel either.
 *
 * Owns: nothing. Memory is the caller's. Never: sees a secret; not constant time. */
#ifndef CY_CRYPTO_ED25519_BATCH_H
#define CY_CRYPTO_ED25519_BATCH_H

#include "base/arena.h"
#include "crypto/ed25519.h"

struct cy_ed25519_item {
    struct cy_id key;
    const struct cy_span *message; /* n <= CY_ED25519_PARTS_MAX spans, read as one string */
    size_t n;
    struct cy_signature signature;
};

/* A cache of decoded signer keys (decoding costs as much as 30 additions): 4-way sets, the least
 * recently used of a set makes room. Content never changes a verdict, only speed. Not shared
 * between threads. */
struct cy_key_cache {
    void *lines;
    uint32_t sets; /* a power of two */
    uint64_t clock;
    uint64_t hits;
    uint64_t misses;
    uint8_t salt[16];
};

/* cy_key_cache_bytes says how much arena a cache for at least that many keys takes. */
size_t cy_key_cache_bytes(uint32_t keys);

/* cy_key_cache_on makes an empty cache. salt decides placement: unpredictable bytes keep strangers
 * from choosing keys that evict each other. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_key_cache_on(struct cy_key_cache *cache, struct cy_arena *arena,
                                   uint32_t keys, const uint8_t salt[static 16]);

/* The largest batch that is checked by one equation; a longer array is cut into such pieces. */
#define CY_ED25519_BATCH_MAX 16384u

/* cy_ed25519_batch_bytes says how much scratch arena a batch of n items takes. */
size_t cy_ed25519_batch_bytes(size_t n);

/* cy_ed25519_verify_batch judges n items. ok[i] says whether item i verifies, exactly as
 * cy_ed25519_verify would. cache may be NULL. scratch is given back as it was. Fails with NO_ROOM
 * (ok untouched) or BAD_SIGNATURE (detail: the first bad item; every ok[i] is set). Deterministic.
 * A batch full of bad signatures costs about three times as much as single checks. */
CY_MUST_USE cy_err cy_ed25519_verify_batch(const struct cy_ed25519_item *items, size_t n,
                                           struct cy_key_cache *cache, struct cy_arena *scratch,
                                           bool *ok);

#endif

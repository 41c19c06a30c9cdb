/* hash_many: several messages hashed side by side, faster than one after the other.
 *
 *      SHA-512   eight messages in the eight lanes of a vector (AVX-512): four to five times faster
 *      SHA-256   two messages through the processor's SHA instructions: one has to wait for itself
 *                at each round, two fill each other's waits; and short messages are spared the cost
 *                of a library's call
 *
 * Written here because no library that Debian carries does it. The digests are those of hash.h,
 * which the tests hold them to; on a processor without these instructions they come from there.
 *
 * Owns: nothing. */
#ifndef CY_CRYPTO_HASH_MANY_H
#define CY_CRYPTO_HASH_MANY_H

#include "base/bytes.h"

/* A message as n spans that are read as one string, and where its digest goes: 32 bytes (SHA-256)
 * or 64 (SHA-512). */
struct cy_hash_message {
    const struct cy_span *parts;
    size_t n;
    uint8_t *out;
};

/* As many as callers put together at a time; more are fine. */
#define CY_HASH_GROUP 64u

void cy_sha256_many(const struct cy_hash_message *messages, size_t n);
void cy_sha512_many(const struct cy_hash_message *messages, size_t n);

/* cy_hash_leaves is cy_hash_leaf of each of n entries. */
void cy_hash_leaves(const struct cy_span *entries, size_t n, struct cy_id *leaves);

/* cy_sha256_blocks hashes n messages that were padded already (FIPS 180-4, 5.1.1) and are all
 * `blocks` blocks of 64 bytes long: digest i goes to out + 32 i. Of two such messages side by side
 * short things, like the nodes of a tree, are made. */
void cy_sha256_blocks(const uint8_t *padded, size_t blocks, size_t n, uint8_t *out);

/* cy_sha256_pad writes the padding of a message of n bytes at the end of its last block; there must
 * be room for it: blocks * 64 >= n + 9 (asserts). */
void cy_sha256_pad(uint8_t *message, size_t n, size_t blocks);

#endif

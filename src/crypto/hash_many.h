/* hash_many: several messages hashed side by side, faster than one after the other.
 *
 *      messages ---> copied into one piece each ---> lanes of Intel's multi-buffer library --->
 * digests (SHA-256 in pairs or more, SHA-512 in eights)
 *
 * A lane of a vector unit hashes one message, so that many cost little more than one; two streams
 * of SHA instructions fill each other's waits. libipsec-mb does that for this processor, whatever
 * it has. SHA-256 of short messages goes one after the other, which is faster; a build without it
 * hashes one after the other (hash.h). The digests are the same: the tests hold them to hash.h.
 *
 * Public data only. Every thread that calls has working memory of its own (about 1.4 MB, static),
 * prepared at its first call.
 *
 * Owns: the working memory. */
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

#endif

/* hash: SHA-256 and SHA-512 of public bytes, and the two hashes of an RFC 6962 tree.
 *
 * One-shot hashes run on OpenSSL, which uses the processor's SHA instructions, by its plain
 * functions: their state stands on the caller's stack, so no call allocates, and no thread or
 * process has a state to prepare. Most of our messages are of one or two blocks, where the EVP
 * layer costs as much as the hash (a node of a tree: 92 ns against 130). The streaming form is
 * libsodium's, in the caller's memory, for inputs that are not in memory at once.
 *
 * Owns: nothing. Never: hashes passphrases or derives keys (secret.h). */
#ifndef CY_CRYPTO_HASH_H
#define CY_CRYPTO_HASH_H

#include "base/bytes.h"

/* cy_sha256 is FIPS 180-4 SHA-256 of the bytes. */
struct cy_id cy_sha256(struct cy_span bytes);

/* cy_sha256_parts hashes n spans as one string. */
struct cy_id cy_sha256_parts(const struct cy_span *parts, size_t n);

/* cy_sha512_parts: the same with SHA-512, 64 bytes to out. */
void cy_sha512_parts(const struct cy_span *parts, size_t n, uint8_t out[static 64]);

/* RFC 6962 section 2.1: leaf SHA-256(00 || entry), node SHA-256(01 || left || right), and the root
 * of a tree without leaves, SHA-256(""). */
struct cy_id cy_hash_leaf(struct cy_span entry);
struct cy_id cy_hash_node(const struct cy_id *left, const struct cy_id *right);
struct cy_id cy_hash_empty(void);

/* A SHA-256 in progress. Its content belongs to hash.c. */
struct cy_sha256_stream {
    uint64_t state[16];
};

void cy_sha256_begin(struct cy_sha256_stream *stream);
void cy_sha256_more(struct cy_sha256_stream *stream, struct cy_span bytes);
struct cy_id cy_sha256_end(struct cy_sha256_stream *stream);

#endif

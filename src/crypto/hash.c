/* SHA256_Init, SHA512_Init and their friends: see the header */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include <openssl/sha.h>
#include <sodium.h>

_Static_assert(sizeof(struct cy_sha256_stream) >= sizeof(crypto_hash_sha256_state), "stream");

struct cy_id cy_sha256_parts(const struct cy_span *parts, size_t n)
{
    SHA256_CTX ctx;
    struct cy_id out;

    CY_ASSERT(SHA256_Init(&ctx) == 1);
    for (size_t i = 0; i < n; i++)
        CY_ASSERT(SHA256_Update(&ctx, parts[i].at, parts[i].n) == 1);
    CY_ASSERT(SHA256_Final(out.b, &ctx) == 1);
    return out;
}

struct cy_id cy_sha256(struct cy_span bytes)
{
    return cy_sha256_parts(&bytes, 1);
}

void cy_sha512_parts(const struct cy_span *parts, size_t n, uint8_t out[static 64])
{
    SHA512_CTX ctx;

    CY_ASSERT(SHA512_Init(&ctx) == 1);
    for (size_t i = 0; i < n; i++)
        CY_ASSERT(SHA512_Update(&ctx, parts[i].at, parts[i].n) == 1);
    CY_ASSERT(SHA512_Final(out, &ctx) == 1);
}

struct cy_id cy_hash_leaf(struct cy_span entry)
{
    const struct cy_span parts[] = {cy_span_of("\0", 1), entry};

    return cy_sha256_parts(parts, CY_COUNT(parts));
}

struct cy_id cy_hash_node(const struct cy_id *left, const struct cy_id *right)
{
    uint8_t bytes[65] = {1};

    memcpy(bytes + 1, left->b, 32);
    memcpy(bytes + 33, right->b, 32);
    return cy_sha256(cy_span_of(bytes, sizeof bytes));
}

struct cy_id cy_hash_empty(void)
{
    return cy_sha256(cy_span_of("", 0));
}

void cy_sha256_begin(struct cy_sha256_stream *stream)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)stream);
}

void cy_sha256_more(struct cy_sha256_stream *stream, struct cy_span bytes)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)stream, bytes.at, bytes.n);
}

struct cy_id cy_sha256_end(struct cy_sha256_stream *stream)
{
    struct cy_id out;

    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)stream, out.b);
    return out;
}

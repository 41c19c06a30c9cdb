#include "crypto/seal.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>

static const char magic_[8] = {'C', 'Y', 'B', 'L', 'O', 'B', '1', '\n'};

enum {
    AT_READERS = 8,
    AT_ZERO = 10,
    AT_SIZE = 12,
    AT_COMMITMENT = 20,
    FIXED = 52,
    ENTRY = 112,
    SEALED_KEY = 80
};

_Static_assert(crypto_box_SEALBYTES + 32 == SEALED_KEY, "sealed key");

static cy_err bad(uint64_t at)
{
    return cy_fail(CY_E_BAD_SEALED, at);
}

/* HMAC-SHA-256 of a label and more bytes under the content key. */
static void derive(const uint8_t content[static 32], const char *label, struct cy_span more,
                   uint8_t out[static 32])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, content, 32);
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)label, strlen(label));
    crypto_auth_hmacsha256_update(&state, more.at, more.n);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

static void commitment(const uint8_t content[static 32], uint8_t out[static 32])
{
    derive(content, "comity blob key 1", cy_span_of("", 0), out);
}

static void body_key(const uint8_t content[static 32], struct cy_span head, uint8_t *out)
{
    derive(content, "comity blob body 1", head, out);
}

cy_err cy_seal_start(const struct cy_id *readers, size_t n, uint64_t size, uint8_t *out, size_t cap,
                     struct cy_seal *seal)
{
    uint8_t content[32];

    if (n == 0 || n > CY_SEAL_READERS_MAX || size > CY_SEAL_SIZE_MAX)
        return cy_fail(CY_E_RANGE, n);
    if (cap < cy_seal_head_size(n))
        return cy_fail(CY_E_NO_ROOM, cy_seal_head_size(n));
    memcpy(out, magic_, sizeof magic_);
    cy_put_u16be(out + AT_READERS, (uint16_t)n);
    cy_put_u16be(out + AT_ZERO, 0);
    cy_put_u64be(out + AT_SIZE, size);
    randombytes_buf(content, sizeof content);
    commitment(content, out + AT_COMMITMENT);
    for (size_t i = 0; i < n; i++) {
        uint8_t *entry = out + FIXED + ENTRY * i;

        memcpy(entry, readers[i].b, 32);
        if (crypto_box_seal(entry + 32, content, sizeof content, readers[i].b) != 0) {
            sodium_memzero(content, sizeof content);
            return cy_fail(CY_E_BAD_KEY, i);
        }
    }
    body_key(content, cy_span_of(out, cy_seal_head_size(n)), seal->body_key);
    seal->size = size;
    sodium_memzero(content, sizeof content);
    return CY_OK;
}

cy_err cy_seal_head(struct cy_span bytes, struct cy_seal_head *out)
{
    if (bytes.n < FIXED || memcmp(bytes.at, magic_, sizeof magic_) != 0)
        return bad(0);
    out->readers = cy_get_u16be(bytes.at + AT_READERS);
    out->size = cy_get_u64be(bytes.at + AT_SIZE);
    out->n = cy_seal_head_size(out->readers);
    if (out->readers == 0 || out->readers > CY_SEAL_READERS_MAX || out->size > CY_SEAL_SIZE_MAX ||
        cy_get_u16be(bytes.at + AT_ZERO) != 0 || bytes.n < out->n)
        return bad(AT_READERS);
    out->entries = cy_span_of(bytes.at + FIXED, ENTRY * out->readers);
    return CY_OK;
}

struct cy_id cy_seal_reader(const struct cy_seal_head *head, size_t i)
{
    struct cy_id key;

    CY_ASSERT(i < head->readers);
    memcpy(key.b, head->entries.at + ENTRY * i, 32);
    return key;
}

cy_err cy_seal_open(struct cy_span bytes, const struct cy_box_secret *secret,
                    const struct cy_id *key, struct cy_seal *seal)
{
    struct cy_seal_head head;
    uint8_t content[32];

    CY_TRY(cy_seal_head(bytes, &head));
    for (size_t i = 0; i < head.readers; i++) {
        const uint8_t *entry = head.entries.at + ENTRY * i;
        uint8_t promised[32];

        if (memcmp(entry, key->b, 32) != 0)
            continue;
        if (crypto_box_seal_open(content, entry + 32, SEALED_KEY, key->b, secret->b) != 0)
            return bad(FIXED + ENTRY * i);
        commitment(content, promised);
        if (!cy_same(promised, bytes.at + AT_COMMITMENT, sizeof promised)) {
            sodium_memzero(content, sizeof content);
            return bad(FIXED + ENTRY * i);
        }
        body_key(content, cy_span_of(bytes.at, head.n), seal->body_key);
        seal->size = head.size;
        sodium_memzero(content, sizeof content);
        return CY_OK;
    }
    return cy_fail(CY_E_NOT_READER, 0);
}

/* The cipher is fetched once; each thread has one context (see hash.c). */
static EVP_CIPHER *gcm_;
static pthread_key_t at_thread_end_;
static pthread_once_t once_ = PTHREAD_ONCE_INIT;
static _Thread_local EVP_CIPHER_CTX *ctx_;

static void ctx_free(void *at)
{
    EVP_CIPHER_CTX_free(at);
}

static void fetch(void)
{
    gcm_ = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    CY_ASSERT(gcm_);
    CY_ASSERT(pthread_key_create(&at_thread_end_, ctx_free) == 0);
}

static EVP_CIPHER_CTX *context(void)
{
    if (!ctx_) {
        pthread_once(&once_, fetch);
        ctx_ = EVP_CIPHER_CTX_new();
        CY_ASSERT(ctx_);
        CY_ASSERT(pthread_setspecific(at_thread_end_, ctx_) == 0);
    }
    return ctx_;
}

static size_t chunk_size(const struct cy_seal *seal, uint64_t at)
{
    const uint64_t left = seal->size - at * CY_SEAL_CHUNK;

    return left < CY_SEAL_CHUNK ? (size_t)left : CY_SEAL_CHUNK;
}

static void nonce_of(const struct cy_seal *seal, uint64_t at, uint8_t out[static 12])
{
    memset(out, 0, 3);
    out[3] = at + 1 == cy_seal_chunks(seal->size);
    cy_put_u64be(out + 4, at);
}

void cy_seal_put(const struct cy_seal *seal, uint64_t at, struct cy_span plain, uint8_t *out)
{
    EVP_CIPHER_CTX *c = context();
    uint8_t nonce[12];
    int n = 0;

    CY_ASSERT(at < cy_seal_chunks(seal->size));
    CY_ASSERT(plain.n == chunk_size(seal, at));
    nonce_of(seal, at, nonce);
    CY_ASSERT(EVP_EncryptInit_ex2(c, gcm_, seal->body_key, nonce, NULL) == 1);
    CY_ASSERT(plain.n == 0 || EVP_EncryptUpdate(c, out, &n, plain.at, (int)plain.n) == 1);
    CY_ASSERT(EVP_EncryptFinal_ex(c, out + plain.n, &n) == 1);
    CY_ASSERT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, CY_SEAL_TAG, out + plain.n) == 1);
    EVP_CIPHER_CTX_reset(c); /* the key does not stay behind */
}

cy_err cy_seal_get(const struct cy_seal *seal, uint64_t at, struct cy_span chunk, uint8_t *out,
                   size_t *n)
{
    EVP_CIPHER_CTX *c = context();
    uint8_t nonce[12];
    uint8_t tag[CY_SEAL_TAG];
    size_t plain;
    int got = 0;
    bool good;

    if (at >= cy_seal_chunks(seal->size) || chunk.n != chunk_size(seal, at) + CY_SEAL_TAG)
        return bad(at);
    plain = chunk.n - CY_SEAL_TAG;
    memcpy(tag, chunk.at + plain, sizeof tag);
    nonce_of(seal, at, nonce);
    CY_ASSERT(EVP_DecryptInit_ex2(c, gcm_, seal->body_key, nonce, NULL) == 1);
    CY_ASSERT(plain == 0 || EVP_DecryptUpdate(c, out, &got, chunk.at, (int)plain) == 1);
    CY_ASSERT(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, CY_SEAL_TAG, tag) == 1);
    good = EVP_DecryptFinal_ex(c, out + plain, &got) == 1;
    EVP_CIPHER_CTX_reset(c);
    if (good) {
        *n = plain;
        return CY_OK;
    }
    sodium_memzero(out, plain);
    return bad(at);
}

cy_err cy_seal_all(const struct cy_id *readers, size_t readers_n, struct cy_span plain,
                   uint8_t *out, size_t cap, size_t *n)
{
    const size_t head = cy_seal_head_size(readers_n);
    struct cy_seal seal;

    if (readers_n > CY_SEAL_READERS_MAX || plain.n > CY_SEAL_SIZE_MAX)
        return cy_fail(CY_E_RANGE, readers_n);
    if (cap < head + cy_seal_body_size(plain.n))
        return cy_fail(CY_E_NO_ROOM, head + cy_seal_body_size(plain.n));
    CY_TRY(cy_seal_start(readers, readers_n, plain.n, out, cap, &seal));
    for (uint64_t i = 0; i < cy_seal_chunks(plain.n); i++)
        cy_seal_put(&seal, i, cy_span_of(plain.at + i * CY_SEAL_CHUNK, chunk_size(&seal, i)),
                    out + head + i * (CY_SEAL_CHUNK + CY_SEAL_TAG));
    *n = head + (size_t)cy_seal_body_size(plain.n);
    sodium_memzero(&seal, sizeof seal);
    return CY_OK;
}

cy_err cy_seal_read(struct cy_span blob, const struct cy_box_secret *secret,
                    const struct cy_id *key, uint8_t *out, size_t cap, size_t *n)
{
    struct cy_seal_head head;
    struct cy_seal seal;
    cy_err e = CY_OK;

    CY_TRY(cy_seal_head(blob, &head));
    if (blob.n - head.n != cy_seal_body_size(head.size))
        return bad(head.n);
    if (cap < head.size)
        return cy_fail(CY_E_NO_ROOM, head.size);
    CY_TRY(cy_seal_open(blob, secret, key, &seal));
    for (uint64_t i = 0; cy_ok(e) && i < cy_seal_chunks(head.size); i++) {
        const uint8_t *chunk = blob.at + head.n + i * (CY_SEAL_CHUNK + CY_SEAL_TAG);
        size_t got = 0;

        e = cy_seal_get(&seal, i, cy_span_of(chunk, chunk_size(&seal, i) + CY_SEAL_TAG),
                        out + i * CY_SEAL_CHUNK, &got);
    }
    sodium_memzero(&seal, sizeof seal);
    *n = (size_t)head.size;
    if (!cy_ok(e))
        sodium_memzero(out, *n);
    return e;
}

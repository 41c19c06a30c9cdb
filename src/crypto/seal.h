/* seal: blobs that only named readers can open.
 *
 *      blob = head | body            head:  "CYBLOB1\n" | u16 readers | u16 reserved 0 | u64 size
 *                                           | commitment[32]
 *                                           | per reader: key[32] | sealed content key[80]
 *      content key (random, 32 bytes), sealed to each reader's X25519 key (crypto_box_seal)
 *      commitment = HMAC-SHA-256(content key, "comity blob key 1")
 *      body key   = HMAC-SHA-256(content key, "comity blob body 1" || head)
 *      body  = chunks of 65,536 bytes (the last shorter), each AES-256-GCM with a tag of 16 bytes;
 *              nonce = 0 (3 bytes) | last flag (1 byte) | chunk number (8 bytes, big-endian)
 *
 * The chunk's number and whether it is the last stand in its nonce, and the whole head in the key:
 * cutting, extending, reordering or mixing chunks, or changing the list of readers, is refused. A
 * content key is used for one blob only, so nonces never meet. The nonce form is that of STREAM
 * (Hoang, Reyhanitabar, Rogaway, Vizar, 2015). AES-GCM alone would let a dishonest author seal two
 * keys to two readers, under which one body opens to two texts; the commitment makes every reader
 * who opens a blob read the same.
 *
 * Erasure: a blob cannot be read once the sealed content keys of its head (and the content key,
 * where someone kept it) are destroyed. Whoever stores the head apart from the body can erase the
 * content of every copy of the body by deleting the head, 52 + 112 bytes per reader.
 * A reader cannot be made to forget what was read.
 *
 * Owns: nothing. Never: files, or who should be a reader. */
#ifndef CY_CRYPTO_SEAL_H
#define CY_CRYPTO_SEAL_H

#include "crypto/secret.h"

#define CY_SEAL_READERS_MAX 256u
#define CY_SEAL_SIZE_MAX ((uint64_t)1 << 40) /* plaintext bytes */
#define CY_SEAL_CHUNK 65536u
#define CY_SEAL_TAG 16u

/* cy_seal_head_size and cy_seal_body_size: bytes of head for so many readers, bytes of body for so
 * much plaintext (an empty blob has one empty chunk). */
static inline size_t cy_seal_head_size(size_t readers)
{
    return 52 + 112 * readers;
}

static inline uint64_t cy_seal_chunks(uint64_t size)
{
    return size == 0 ? 1 : (size - 1) / CY_SEAL_CHUNK + 1;
}

static inline uint64_t cy_seal_body_size(uint64_t size)
{
    return size + CY_SEAL_TAG * cy_seal_chunks(size);
}

/* An open blob: what is needed to write or read its chunks, in any order. Secret: wipe it. */
struct cy_seal {
    uint8_t body_key[32];
    uint64_t size; /* plaintext */
};

/* A decoded head; spans point into the bytes. */
struct cy_seal_head {
    uint64_t size;
    size_t readers;
    size_t n;               /* bytes of head */
    struct cy_span entries; /* readers times key[32] | sealed key[80] */
};

/* cy_seal_start makes a new content key and writes the head for n readers (1 to
 * CY_SEAL_READERS_MAX, in this order) to out, cy_seal_head_size(n) bytes. Fails with RANGE (n or
 * size), BAD_KEY (detail: the reader whose key is of low order), NO_ROOM. */
CY_MUST_USE cy_err cy_seal_start(const struct cy_id *readers, size_t n, uint64_t size, uint8_t *out,
                                 size_t cap, struct cy_seal *seal);

/* cy_seal_head reads a head from the front of bytes. Fails with BAD_SEALED. */
CY_MUST_USE cy_err cy_seal_head(struct cy_span bytes, struct cy_seal_head *out);

/* cy_seal_reader is reader i's key. */
struct cy_id cy_seal_reader(const struct cy_seal_head *head, size_t i);

/* cy_seal_open finds the reader's entry in the head at the front of bytes and recovers the keys.
 * Fails with BAD_SEALED (detail: the reader's entry does not open, or holds another key than the
 * one committed to) or NOT_READER. */
CY_MUST_USE cy_err cy_seal_open(struct cy_span bytes, const struct cy_box_secret *secret,
                                const struct cy_id *key, struct cy_seal *seal);

/* cy_seal_put encrypts chunk number at (exactly CY_SEAL_CHUNK bytes, the last one what is left)
 * into out, plain.n + CY_SEAL_TAG bytes. Asserts on a wrong size. */
void cy_seal_put(const struct cy_seal *seal, uint64_t at, struct cy_span plain, uint8_t *out);

/* cy_seal_get decrypts chunk number at into out (at most CY_SEAL_CHUNK bytes) and stores the count
 * in *n. Fails with BAD_SEALED: a chunk of another place, another blob or another length. */
CY_MUST_USE cy_err cy_seal_get(const struct cy_seal *seal, uint64_t at, struct cy_span chunk,
                               uint8_t *out, size_t *n);

/* cy_seal_all and cy_seal_read: a whole blob in memory at once. out has cap bytes, *n the size.
 * Fail as the functions above; cy_seal_read wipes out on failure. */
CY_MUST_USE cy_err cy_seal_all(const struct cy_id *readers, size_t readers_n, struct cy_span plain,
                               uint8_t *out, size_t cap, size_t *n);
CY_MUST_USE cy_err cy_seal_read(struct cy_span blob, const struct cy_box_secret *secret,
                                const struct cy_id *key, uint8_t *out, size_t cap, size_t *n);

#endif

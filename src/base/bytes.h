/* bytes: spans of memory, byte order, hexadecimal and base64.
 *
 * A span borrows: it never owns what it points at and never outlives it.
 * Owns: the only hex and base64 code (on libsodium's public helpers would be a secret path; these
 * are for public bytes). Never: allocates. */
#ifndef CY_BASE_BYTES_H
#define CY_BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct cy_span {
    const uint8_t *at;
    size_t n;
};

/* A 32-byte value: a digest, a passport or realm id, a public key. All zero means "none". */
struct cy_id {
    uint8_t b[32];
};

static inline struct cy_span cy_span_of(const void *at, size_t n)
{
    return (struct cy_span){at, n};
}

static inline struct cy_span cy_span_text(const char *text)
{
    return (struct cy_span){(const uint8_t *)text, strlen(text)};
}

static inline bool cy_span_eq(struct cy_span a, struct cy_span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

static inline bool cy_id_eq(const struct cy_id *a, const struct cy_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static inline bool cy_id_none(const struct cy_id *a)
{
    static const struct cy_id none;
    return cy_id_eq(a, &none);
}

static inline void cy_put_u16be(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static inline void cy_put_u32be(uint8_t *at, uint32_t v)
{
    cy_put_u16be(at, (uint16_t)(v >> 16));
    cy_put_u16be(at + 2, (uint16_t)v);
}

static inline void cy_put_u64be(uint8_t *at, uint64_t v)
{
    cy_put_u32be(at, (uint32_t)(v >> 32));
    cy_put_u32be(at + 4, (uint32_t)v);
}

static inline uint16_t cy_get_u16be(const uint8_t *at)
{
    return (uint16_t)((uint16_t)(at[0] << 8) | at[1]);
}

static inline uint32_t cy_get_u32be(const uint8_t *at)
{
    return ((uint32_t)cy_get_u16be(at) << 16) | cy_get_u16be(at + 2);
}

static inline uint64_t cy_get_u64be(const uint8_t *at)
{
    return ((uint64_t)cy_get_u32be(at) << 32) | cy_get_u32be(at + 4);
}

/* cy_hex writes 2 n lower-case digits and a terminating 0 to out (2 n + 1 bytes). */
void cy_hex(const uint8_t *at, size_t n, char *out);

/* cy_hex_digit is the value of a digit of either case, -1 of anything else. */
int cy_hex_digit(uint8_t c);

/* cy_hex_read reads exactly 2 n lower-case or upper-case digits. Fails with BAD_HEX at the
 * position of the first wrong character. */
CY_MUST_USE cy_err cy_hex_read(struct cy_span text, uint8_t *out, size_t n);

/* cy_base64_size is the number of characters cy_base64 writes for n bytes, without the 0. */
static inline size_t cy_base64_size(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* cy_base64 writes RFC 4648 base64 with padding and a terminating 0. */
void cy_base64(const uint8_t *at, size_t n, char *out);

/* cy_base64_read decodes canonical padded base64 (no white space, zero trailing bits) into at most
 * cap bytes and stores the count in *n. Fails with BAD_BASE64 or NO_ROOM. */
CY_MUST_USE cy_err cy_base64_read(struct cy_span text, uint8_t *out, size_t cap, size_t *n);

#endif

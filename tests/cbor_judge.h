/* cbor_judge: what is right about a CBOR item, judged twice.
 *
 * cbor_walk reads and rewrites one whole item with wire/cbor. cbor_judge looks at the same bytes
 * with nothing but the head layout of RFC 8949 section 3, shares no code with wire/cbor, and names
 * the first thing that lies outside our profile. Tests and the fuzz target compare the two. */
#ifndef CY_TESTS_CBOR_JUDGE_H
#define CY_TESTS_CBOR_JUDGE_H

#include "wire/cbor.h"

enum { CBOR_DEPTH_MAX = 64 };

enum cbor_class {
    CBOR_INSIDE,     /* in our profile */
    CBOR_SHORT,      /* ends too early */
    CBOR_RESERVED,   /* additional information 28 to 30, or 31 where it has no meaning */
    CBOR_INDEFINITE, /* indefinite length, or its break */
    CBOR_FRACTION,   /* floating point */
    CBOR_SIMPLE,     /* undefined, and simple values without a name */
    CBOR_LONG,       /* a head that is not the shortest */
    CBOR_TEXT,       /* text that is not UTF-8, or holds a control character */
    CBOR_TRAILING,   /* bytes after the item */
    CBOR_DEEP        /* deeper than CBOR_DEPTH_MAX */
};

struct cbor_cursor {
    const uint8_t *at;
    size_t n;
};

static inline enum cbor_class cbor_judge_item(struct cbor_cursor *in, unsigned depth);

static inline enum cbor_class cbor_judge_seven(struct cbor_cursor *in, unsigned low)
{
    if (low == 31)
        return CBOR_INDEFINITE;
    if (low >= 28)
        return CBOR_RESERVED;
    if (low >= 25)
        return in->n < (2u << (low - 25)) ? CBOR_SHORT : CBOR_FRACTION;
    return low >= 20 && low <= 22 ? CBOR_INSIDE : CBOR_SIMPLE;
}

/* Reads the value of a head; *shortest says whether fewer bytes would have done. */
static inline enum cbor_class cbor_judge_head(struct cbor_cursor *in, unsigned low, uint64_t *value,
                                              bool *shortest)
{
    *value = low;
    *shortest = true;
    if (low < 24)
        return CBOR_INSIDE;
    const size_t more = (size_t)1 << (low - 24);
    if (in->n < more)
        return CBOR_SHORT;
    *value = 0;
    for (size_t i = 0; i < more; i++)
        *value = *value << 8 | in->at[i];
    *shortest = more == 1 ? *value >= 24 : *value >> (more * 4) != 0;
    in->at += more;
    in->n -= more;
    return CBOR_INSIDE;
}

static inline enum cbor_class cbor_judge_rest(struct cbor_cursor *in, unsigned major,
                                              uint64_t value, unsigned depth)
{
    const unsigned each = major == 5 ? 2 : 1;

    for (uint64_t i = 0; i < (major == 6 ? 1 : value); i++) {
        for (unsigned j = 0; j < each; j++) {
            const enum cbor_class inner = cbor_judge_item(in, depth + 1);
            if (inner != CBOR_INSIDE)
                return inner;
        }
    }
    return CBOR_INSIDE;
}

static inline enum cbor_class cbor_judge_item(struct cbor_cursor *in, unsigned depth)
{
    enum cbor_class found = CBOR_INSIDE;
    uint64_t value = 0;
    bool shortest = true;
    unsigned major = 0;
    unsigned low = 0;

    if (depth > CBOR_DEPTH_MAX)
        return CBOR_DEEP;
    if (in->n == 0)
        return CBOR_SHORT;
    major = in->at[0] >> 5;
    low = in->at[0] & 31;
    in->at++;
    in->n--;
    if (major == 7)
        return cbor_judge_seven(in, low);
    if (low >= 28)
        return low == 31 && major >= 2 && major <= 5 ? CBOR_INDEFINITE : CBOR_RESERVED;
    found = cbor_judge_head(in, low, &value, &shortest);
    if (found != CBOR_INSIDE)
        return found;
    if ((major == 2 || major == 3) && value > in->n)
        return CBOR_SHORT;
    if (!shortest)
        return CBOR_LONG;
    if (major == 2 || major == 3) {
        if (major == 3 && !cy_ok(cy_utf8_check(cy_span_of(in->at, value))))
            return CBOR_TEXT;
        in->at += value;
        in->n -= value;
        return CBOR_INSIDE;
    }
    return major < 2 ? CBOR_INSIDE : cbor_judge_rest(in, major, value, depth);
}

/* cbor_judge judges one item that should fill the bytes. */
static inline enum cbor_class cbor_judge(struct cy_span bytes)
{
    struct cbor_cursor in = {bytes.at, bytes.n};
    const enum cbor_class found = cbor_judge_item(&in, 0);

    return found == CBOR_INSIDE && in.n > 0 ? CBOR_TRAILING : found;
}

/* The error that our reader gives for a class. */
static inline enum cy_code cbor_code(enum cbor_class found)
{
    switch (found) {
    case CBOR_INSIDE: return CY_E_NONE;
    case CBOR_SHORT: return CY_E_SHORT;
    case CBOR_LONG: return CY_E_NOT_CANONICAL;
    case CBOR_TEXT: return CY_E_BAD_UTF8;
    case CBOR_TRAILING: return CY_E_TRAILING;
    case CBOR_DEEP: return CY_E_TOO_LARGE;
    case CBOR_RESERVED:
    case CBOR_INDEFINITE:
    case CBOR_FRACTION:
    case CBOR_SIMPLE: return CY_E_WRONG_TYPE;
    }
    CY_NEVER("class");
}

static inline cy_err cbor_walk_item(struct cy_cbor_reader *in, struct cy_cbor_writer *out,
                                    unsigned depth)
{
    static const uint8_t null[] = {0xf6};
    struct cy_cbor_token token;
    uint64_t inner = 0;
    unsigned each = 1;

    if (depth > CBOR_DEPTH_MAX)
        return cy_fail(CY_E_TOO_LARGE, in->pos);
    CY_TRY(cy_cbor_next(in, &token));
    switch (token.kind) {
    case CY_CBOR_UINT: cy_cbor_uint(out, token.n); break;
    case CY_CBOR_NEGINT: cy_cbor_negint(out, token.n); break;
    case CY_CBOR_BYTES: cy_cbor_bytes(out, token.bytes); break;
    case CY_CBOR_TEXT: cy_cbor_text(out, token.bytes); break;
    case CY_CBOR_BOOL: cy_cbor_bool(out, token.n == 1); break;
    case CY_CBOR_NULL: cy_cbor_raw(out, cy_span_of(null, 1)); break;
    case CY_CBOR_ARRAY:
        cy_cbor_array(out, token.n);
        inner = token.n;
        break;
    case CY_CBOR_MAP:
        cy_cbor_map(out, token.n);
        inner = token.n;
        each = 2;
        break;
    case CY_CBOR_TAG:
        cy_cbor_tag(out, token.n);
        inner = 1;
        break;
    case CY_CBOR_OTHER: CY_NEVER("the reader gives no other kind");
    }
    for (uint64_t i = 0; i < inner; i++) {
        for (unsigned j = 0; j < each; j++)
            CY_TRY(cbor_walk_item(in, out, depth + 1));
    }
    return CY_OK;
}

/* cbor_walk reads one item that fills the bytes and writes it again. */
static inline cy_err cbor_walk(struct cy_span bytes, struct cy_cbor_writer *out)
{
    struct cy_cbor_reader in = cy_cbor_read(bytes);

    CY_TRY(cbor_walk_item(&in, out, 0));
    return cy_cbor_end(&in);
}

#endif

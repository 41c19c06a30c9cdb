#include "wire/cbor.h"

#include <cbor.h>

static void on_uint8(void *token, uint8_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_UINT, .n = v};
}

static void on_uint16(void *token, uint16_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_UINT, .n = v};
}

static void on_uint32(void *token, uint32_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_UINT, .n = v};
}

static void on_uint64(void *token, uint64_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_UINT, .n = v};
}

static void on_negint8(void *token, uint8_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_NEGINT, .n = v};
}

static void on_negint16(void *token, uint16_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_NEGINT, .n = v};
}

static void on_negint32(void *token, uint32_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_NEGINT, .n = v};
}

static void on_negint64(void *token, uint64_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_NEGINT, .n = v};
}

static void on_bytes(void *token, cbor_data at, size_t n)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){
        .kind = CY_CBOR_BYTES, .n = n, .bytes = {at, n}
    };
}

static void on_text(void *token, cbor_data at, size_t n)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){
        .kind = CY_CBOR_TEXT, .n = n, .bytes = {at, n}
    };
}

static void on_array(void *token, size_t n)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_ARRAY, .n = n};
}

static void on_map(void *token, size_t n)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_MAP, .n = n};
}

static void on_tag(void *token, uint64_t v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_TAG, .n = v};
}

static void on_bool(void *token, bool v)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_BOOL, .n = v};
}

static void on_null(void *token)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_NULL};
}

static void on_other(void *token)
{
    *(struct cy_cbor_token *)token = (struct cy_cbor_token){.kind = CY_CBOR_OTHER};
}

/* libcbor calls nothing for a null callback slot only at its peril, so the ones we refuse are set
 * too. The three for fractions stay empty: such a head never reaches the library. */
static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string = on_bytes,
    .byte_string_start = on_other,
    .string = on_text,
    .string_start = on_other,
    .array_start = on_array,
    .indef_array_start = on_other,
    .map_start = on_map,
    .indef_map_start = on_other,
    .tag = on_tag,
    .boolean = on_bool,
    .null = on_null,
    .undefined = on_other,
    .indef_break = on_other,
};

/* Fractions of 2, 4 and 8 bytes. */
static bool fraction(uint8_t head)
{
    return head >= 0xf9 && head <= 0xfb;
}

/* The length of the shortest head for a count or value n. */
static size_t head_size(uint64_t n)
{
    if (n < 24)
        return 1;
    if (n <= UINT8_MAX)
        return 2;
    if (n <= UINT16_MAX)
        return 3;
    return n <= UINT32_MAX ? 5 : 9;
}

/* libcbor 0.8 refuses the one-byte tags 6 to 20 as unassigned; COSE_Sign1 is 18. */
static bool short_tag(uint8_t head, struct cy_cbor_token *token)
{
    if (head < 0xc0 || head > 0xd7)
        return false;
    *token = (struct cy_cbor_token){.kind = CY_CBOR_TAG, .n = head & 0x1f};
    return true;
}

/* Most of an act is small numbers, ids, arrays and maps: heads of one to three bytes in their
 * shortest form, whole in the buffer. Those are read here; whatever is anything else, and every
 * refusal, is libcbor's. */
static bool plain(struct cy_cbor_reader *reader, struct cy_cbor_token *token)
{
    static const enum cy_cbor_kind kinds[8] = {CY_CBOR_UINT,  CY_CBOR_OTHER, CY_CBOR_BYTES,
                                               CY_CBOR_OTHER, CY_CBOR_ARRAY, CY_CBOR_MAP,
                                               CY_CBOR_OTHER, CY_CBOR_OTHER};
    const uint8_t *at = reader->in.at + reader->pos;
    const size_t left = reader->in.n - reader->pos;
    const enum cy_cbor_kind kind = kinds[at[0] >> 5];
    const unsigned small = at[0] & 31;
    size_t head = 1;
    uint64_t n = small;

    if (kind == CY_CBOR_OTHER || small > 25)
        return false;
    if (small == 24) {
        head = 2;
        if (left < head || at[1] < 24)
            return false;
        n = at[1];
    } else if (small == 25) {
        head = 3;
        if (left < head || at[1] == 0)
            return false;
        n = cy_get_u16be(at + 1);
    }
    *token = (struct cy_cbor_token){.kind = kind, .n = n};
    if (kind == CY_CBOR_BYTES) {
        if (left - head < n)
            return false;
        token->bytes = cy_span_of(at + head, n);
        head += n;
    }
    reader->pos += head;
    return true;
}

cy_err cy_cbor_next(struct cy_cbor_reader *reader, struct cy_cbor_token *token)
{
    struct cbor_decoder_result got;
    size_t want = 0;

    if (reader->pos == reader->in.n) {
        *token = (struct cy_cbor_token){.kind = CY_CBOR_OTHER};
        return cy_fail(CY_E_SHORT, reader->pos);
    }
    if (plain(reader, token))
        return CY_OK;
    *token = (struct cy_cbor_token){.kind = CY_CBOR_OTHER};
    if (fraction(reader->in.at[reader->pos])) {
        const size_t whole = 1 + ((size_t)2 << (reader->in.at[reader->pos] - 0xf9));

        return cy_fail(reader->in.n - reader->pos < whole ? CY_E_SHORT : CY_E_WRONG_TYPE,
                       reader->pos);
    }
    if (short_tag(reader->in.at[reader->pos], token)) {
        reader->pos++;
        return CY_OK;
    }
    got = cbor_stream_decode(reader->in.at + reader->pos, reader->in.n - reader->pos, &callbacks,
                             token);
    if (got.status == CBOR_DECODER_NEDATA)
        return cy_fail(CY_E_SHORT, reader->pos);
    if (got.status != CBOR_DECODER_FINISHED || token->kind == CY_CBOR_OTHER)
        return cy_fail(CY_E_WRONG_TYPE, reader->pos);
    want = token->kind == CY_CBOR_BOOL || token->kind == CY_CBOR_NULL ? 1 : head_size(token->n);
    if (got.read != want + token->bytes.n)
        return cy_fail(CY_E_NOT_CANONICAL, reader->pos);
    if (token->kind == CY_CBOR_TEXT)
        CY_TRY(cy_utf8_check(token->bytes));
    reader->pos += got.read;
    return CY_OK;
}

cy_err cy_cbor_want(struct cy_cbor_reader *reader, enum cy_cbor_kind kind,
                    struct cy_cbor_token *token)
{
    const size_t at = reader->pos;

    CY_TRY(cy_cbor_next(reader, token));
    return token->kind == kind ? CY_OK : cy_fail(CY_E_WRONG_TYPE, at);
}

cy_err cy_cbor_end(const struct cy_cbor_reader *reader)
{
    return reader->pos == reader->in.n ? CY_OK : cy_fail(CY_E_TRAILING, reader->pos);
}

/* The shortest head: major type and count or value. */
static void put_head(struct cy_cbor_writer *writer, unsigned major, uint64_t n)
{
    const size_t size = head_size(n);
    uint8_t head[9] = {(uint8_t)(major << 5)};

    switch (size) {
    case 1: head[0] |= (uint8_t)n; break;
    case 2:
        head[0] |= 24;
        head[1] = (uint8_t)n;
        break;
    case 3:
        head[0] |= 25;
        cy_put_u16be(head + 1, (uint16_t)n);
        break;
    case 5:
        head[0] |= 26;
        cy_put_u32be(head + 1, (uint32_t)n);
        break;
    default:
        head[0] |= 27;
        cy_put_u64be(head + 1, n);
        break;
    }
    cy_cbor_raw(writer, cy_span_of(head, size));
}

void cy_cbor_raw(struct cy_cbor_writer *writer, struct cy_span encoded)
{
    if (writer->full || encoded.n > writer->cap - writer->n) {
        writer->full = true;
        return;
    }
    if (encoded.n > 0)
        memcpy(writer->at + writer->n, encoded.at, encoded.n);
    writer->n += encoded.n;
}

/* The major types of RFC 8949, section 3.1. */
enum { UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7 };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21 };

void cy_cbor_uint(struct cy_cbor_writer *writer, uint64_t v)
{
    put_head(writer, UNSIGNED, v);
}

void cy_cbor_negint(struct cy_cbor_writer *writer, uint64_t n)
{
    put_head(writer, NEGATIVE, n);
}

void cy_cbor_bytes(struct cy_cbor_writer *writer, struct cy_span bytes)
{
    put_head(writer, BYTES, bytes.n);
    cy_cbor_raw(writer, bytes);
}

void cy_cbor_text(struct cy_cbor_writer *writer, struct cy_span text)
{
    put_head(writer, TEXT, text.n);
    cy_cbor_raw(writer, text);
}

void cy_cbor_array(struct cy_cbor_writer *writer, uint64_t n)
{
    put_head(writer, ARRAY, n);
}

void cy_cbor_map(struct cy_cbor_writer *writer, uint64_t pairs)
{
    put_head(writer, MAP, pairs);
}

void cy_cbor_tag(struct cy_cbor_writer *writer, uint64_t tag)
{
    put_head(writer, TAG, tag);
}

void cy_cbor_bool(struct cy_cbor_writer *writer, bool v)
{
    put_head(writer, SIMPLE, v ? SIMPLE_TRUE : SIMPLE_FALSE);
}

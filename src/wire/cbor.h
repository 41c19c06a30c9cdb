/* cbor: the profile of deterministic CBOR that the project speaks (RFC 8949, section 4.2.1).
 *
 * Only unsigned and negative integers, byte strings, text, arrays, maps, booleans, null and tags
 * chosen by the caller; definite lengths; shortest heads. The reader is a cursor over libcbor's
 * streaming decoder: one call, one head. It refuses every encoding that is not the shortest, so
 * what it reads re-encodes to the same bytes.
 *
 * Never: allocates, recurses, accepts fractions or indefinite lengths. */
#ifndef CY_WIRE_CBOR_H
#define CY_WIRE_CBOR_H

#include "base/text.h"

enum cy_cbor_kind {
    CY_CBOR_UINT,
    CY_CBOR_NEGINT, /* value is -1 - n; n is kept */
    CY_CBOR_BYTES,
    CY_CBOR_TEXT,
    CY_CBOR_ARRAY, /* n = elements */
    CY_CBOR_MAP,   /* n = pairs */
    CY_CBOR_TAG,
    CY_CBOR_BOOL, /* n = 0 or 1 */
    CY_CBOR_NULL,
    CY_CBOR_OTHER /* fractions, other simple values, indefinite lengths */
};

struct cy_cbor_token {
    enum cy_cbor_kind kind;
    uint64_t n;
    struct cy_span bytes; /* of BYTES and TEXT; borrowed */
};

struct cy_cbor_reader {
    struct cy_span in;
    size_t pos;
};

static inline struct cy_cbor_reader cy_cbor_read(struct cy_span in)
{
    return (struct cy_cbor_reader){.in = in};
}

/* cy_cbor_next reads one head, with the contents of a string. Text is checked to be UTF-8. Fails
 * with SHORT, NOT_CANONICAL or WRONG_TYPE (detail: position). */
CY_MUST_USE cy_err cy_cbor_next(struct cy_cbor_reader *reader, struct cy_cbor_token *token);

/* cy_cbor_want: the same, and fails with WRONG_TYPE when the kind is another. */
CY_MUST_USE cy_err cy_cbor_want(struct cy_cbor_reader *reader, enum cy_cbor_kind kind,
                                struct cy_cbor_token *token);

/* cy_cbor_end fails with TRAILING unless everything was read. */
CY_MUST_USE cy_err cy_cbor_end(const struct cy_cbor_reader *reader);

/* A writer into the caller's memory. What does not fit sets `full`; check it once at the end. */
struct cy_cbor_writer {
    uint8_t *at;
    size_t cap;
    size_t n;
    bool full;
};

static inline struct cy_cbor_writer cy_cbor_write(void *at, size_t cap)
{
    return (struct cy_cbor_writer){.at = at, .cap = cap};
}

void cy_cbor_uint(struct cy_cbor_writer *writer, uint64_t v);
void cy_cbor_negint(struct cy_cbor_writer *writer, uint64_t n); /* writes -1 - n */
void cy_cbor_bytes(struct cy_cbor_writer *writer, struct cy_span bytes);
void cy_cbor_text(struct cy_cbor_writer *writer, struct cy_span text);
void cy_cbor_array(struct cy_cbor_writer *writer, uint64_t n);
void cy_cbor_map(struct cy_cbor_writer *writer, uint64_t pairs);
void cy_cbor_tag(struct cy_cbor_writer *writer, uint64_t tag);
void cy_cbor_bool(struct cy_cbor_writer *writer, bool v);
void cy_cbor_raw(struct cy_cbor_writer *writer, struct cy_span encoded);

static inline struct cy_span cy_cbor_written(const struct cy_cbor_writer *writer)
{
    return cy_span_of(writer->at, writer->n);
}

#endif

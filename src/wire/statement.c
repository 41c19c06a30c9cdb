#include "wire/statement.h"

enum {
    HEADER_ALG = 1,
    HEADER_TYPE = 3,
    HEADER_KID = 4,
    ALG_EDDSA = 8,
    COSE_SIGN1 = 18,
    PROTECTED_ROOM = 96
};

enum { PASSPORT = 1, ORIGIN, METHOD, TARGET, BODY, TIME, NONCE, FIELDS = NONCE };

static cy_err bad(unsigned field)
{
    return cy_fail(CY_E_BAD_STATEMENT, field);
}

static cy_err done(const struct cy_cbor_writer *out)
{
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

/* --- the payload --- */

cy_err cy_statement_payload_write(const struct cy_statement *s, struct cy_cbor_writer *out)
{
    cy_cbor_map(out, FIELDS);
    cy_cbor_uint(out, PASSPORT);
    cy_cbor_bytes(out, cy_span_of(s->passport.b, sizeof s->passport.b));
    cy_cbor_uint(out, ORIGIN);
    cy_cbor_text(out, s->origin);
    cy_cbor_uint(out, METHOD);
    cy_cbor_text(out, s->method);
    cy_cbor_uint(out, TARGET);
    cy_cbor_text(out, s->target);
    cy_cbor_uint(out, BODY);
    cy_cbor_bytes(out, cy_span_of(s->body.b, sizeof s->body.b));
    cy_cbor_uint(out, TIME);
    cy_cbor_uint(out, s->time_ms);
    cy_cbor_uint(out, NONCE);
    cy_cbor_bytes(out, cy_span_of(s->nonce, sizeof s->nonce));
    return done(out);
}

/* The key of the next field, and its value. */
static cy_err next(struct cy_cbor_reader *in, unsigned field, enum cy_cbor_kind kind,
                   struct cy_cbor_token *token)
{
    CY_TRY(cy_cbor_want(in, CY_CBOR_UINT, token));
    if (token->n != field)
        return bad(field);
    return cy_cbor_want(in, kind, token);
}

static cy_err next_bytes(struct cy_cbor_reader *in, unsigned field, size_t n, uint8_t *out)
{
    struct cy_cbor_token token;

    CY_TRY(next(in, field, CY_CBOR_BYTES, &token));
    if (token.bytes.n != n)
        return bad(field);
    memcpy(out, token.bytes.at, n);
    return CY_OK;
}

/* Text of one line, as it stands in a request line. */
static cy_err next_line(struct cy_cbor_reader *in, unsigned field, size_t most, struct cy_span *out)
{
    struct cy_cbor_token token;

    CY_TRY(next(in, field, CY_CBOR_TEXT, &token));
    if (token.bytes.n == 0 || token.bytes.n > most)
        return bad(field);
    for (size_t i = 0; i < token.bytes.n; i++) {
        if (token.bytes.at[i] <= ' ' || token.bytes.at[i] == 0x7f)
            return bad(field);
    }
    *out = token.bytes;
    return CY_OK;
}

static bool known_method(struct cy_span method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};

    for (size_t i = 0; i < CY_COUNT(methods); i++) {
        if (cy_span_eq(method, cy_span_text(methods[i])))
            return true;
    }
    return false;
}

cy_err cy_statement_payload_read(struct cy_span bytes, struct cy_statement *out)
{
    struct cy_cbor_reader in = cy_cbor_read(bytes);
    struct cy_cbor_token token;

    *out = (struct cy_statement){0};
    if (bytes.n > CY_STATEMENT_PAYLOAD_MAX)
        return bad(0);
    CY_TRY(cy_cbor_want(&in, CY_CBOR_MAP, &token));
    if (token.n != FIELDS)
        return bad(0);
    CY_TRY(next_bytes(&in, PASSPORT, sizeof out->passport.b, out->passport.b));
    CY_TRY(next_line(&in, ORIGIN, CY_STATEMENT_ORIGIN_MAX, &out->origin));
    CY_TRY(next_line(&in, METHOD, 8, &out->method));
    if (!known_method(out->method))
        return bad(METHOD);
    CY_TRY(next_line(&in, TARGET, CY_STATEMENT_TARGET_MAX, &out->target));
    if (out->target.at[0] != '/')
        return bad(TARGET);
    CY_TRY(next_bytes(&in, BODY, sizeof out->body.b, out->body.b));
    CY_TRY(next(&in, TIME, CY_CBOR_UINT, &token));
    out->time_ms = token.n;
    CY_TRY(next_bytes(&in, NONCE, sizeof out->nonce, out->nonce));
    return cy_cbor_end(&in);
}

/* --- the envelope --- */

static struct cy_span protected_of(const struct cy_id *key, uint8_t room[static PROTECTED_ROOM])
{
    struct cy_cbor_writer w = cy_cbor_write(room, PROTECTED_ROOM);

    cy_cbor_map(&w, 3);
    cy_cbor_uint(&w, HEADER_ALG);
    cy_cbor_negint(&w, ALG_EDDSA - 1);
    cy_cbor_uint(&w, HEADER_TYPE);
    cy_cbor_text(&w, cy_span_text(CY_STATEMENT_TYPE));
    cy_cbor_uint(&w, HEADER_KID);
    cy_cbor_bytes(&w, cy_span_of(key->b, sizeof key->b));
    CY_ASSERT(!w.full);
    return cy_cbor_written(&w);
}

cy_err cy_statement_to_sign(const struct cy_id *key, struct cy_span payload,
                            struct cy_cbor_writer *out)
{
    uint8_t room[PROTECTED_ROOM];

    cy_cbor_array(out, 4);
    cy_cbor_text(out, cy_span_text("Signature1"));
    cy_cbor_bytes(out, protected_of(key, room));
    cy_cbor_bytes(out, cy_span_of("", 0));
    cy_cbor_bytes(out, payload);
    return done(out);
}

cy_err cy_statement_write(const struct cy_id *key, struct cy_span payload,
                          const uint8_t signature[static 64], struct cy_cbor_writer *out)
{
    uint8_t room[PROTECTED_ROOM];

    cy_cbor_tag(out, COSE_SIGN1);
    cy_cbor_array(out, 4);
    cy_cbor_bytes(out, protected_of(key, room));
    cy_cbor_map(out, 0);
    cy_cbor_bytes(out, payload);
    cy_cbor_bytes(out, cy_span_of(signature, 64));
    return done(out);
}

static cy_err expect(struct cy_cbor_reader *in, enum cy_cbor_kind kind, uint64_t n)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(in, kind, &token));
    return token.n == n ? CY_OK : bad(0);
}

/* The protected bucket has one form for each key: it is read by writing it again. */
static cy_err read_protected(struct cy_span bytes, struct cy_id *key)
{
    uint8_t room[PROTECTED_ROOM];

    if (bytes.n < sizeof key->b)
        return bad(0);
    memcpy(key->b, bytes.at + bytes.n - sizeof key->b, sizeof key->b);
    return cy_span_eq(protected_of(key, room), bytes) ? CY_OK : bad(0);
}

cy_err cy_statement_read(struct cy_span bytes, struct cy_signed_statement *out)
{
    struct cy_cbor_reader in = cy_cbor_read(bytes);
    struct cy_cbor_token token;

    *out = (struct cy_signed_statement){0};
    CY_TRY(expect(&in, CY_CBOR_TAG, COSE_SIGN1));
    CY_TRY(expect(&in, CY_CBOR_ARRAY, 4));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_BYTES, &token));
    CY_TRY(read_protected(token.bytes, &out->key));
    CY_TRY(expect(&in, CY_CBOR_MAP, 0));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_BYTES, &token));
    out->payload = token.bytes;
    CY_TRY(cy_statement_payload_read(out->payload, &out->statement));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_BYTES, &token));
    if (token.bytes.n != sizeof out->signature)
        return bad(0);
    memcpy(out->signature, token.bytes.at, sizeof out->signature);
    return cy_cbor_end(&in);
}

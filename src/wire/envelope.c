#include "wire/envelope.h"

#define TAG_SIGN1 18
#define TAG_SIGN 98
#define ALG_EDDSA 7    /* -8 as -1 - n */
#define ALG_ED25519 18 /* -19 */

enum { HEADER_ALG = 1, HEADER_CONTENT_TYPE = 3, HEADER_KID = 4, HEADER_CLAIMS = 15 };
enum { CLAIM_ISS = 1, CLAIM_SUB = 2, CLAIM_AUD = 3, CLAIM_EXP = 4, CLAIM_CTI = 7 };

/* --- read --- */

static cy_err bad(const struct cy_cbor_reader *reader)
{
    return cy_fail(CY_E_BAD_ENVELOPE, reader->pos);
}

static cy_err read_id_text(struct cy_cbor_reader *reader, struct cy_id *out)
{
    char again[65];
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_TEXT, &token));
    CY_TRY(cy_hex_read(token.bytes, out->b, sizeof out->b));
    cy_hex(out->b, sizeof out->b, again);
    if (memcmp(again, token.bytes.at, 64) != 0 || cy_id_none(out))
        return bad(reader); /* lower case only, so that there is one form */
    return CY_OK;
}

static cy_err read_claims(struct cy_cbor_reader *reader, struct cy_claims *out)
{
    struct cy_cbor_token map;
    uint64_t last = 0;
    unsigned must = 0;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_MAP, &map));
    for (uint64_t i = 0; i < map.n; i++) {
        struct cy_cbor_token key;
        struct cy_cbor_token value;

        CY_TRY(cy_cbor_want(reader, CY_CBOR_UINT, &key));
        if (key.n <= last)
            return bad(reader);
        last = key.n;
        switch (key.n) {
        case CLAIM_ISS: CY_TRY(read_id_text(reader, &out->author)); break;
        case CLAIM_SUB: CY_TRY(read_id_text(reader, &out->subject)); break;
        case CLAIM_AUD: CY_TRY(read_id_text(reader, &out->realm)); break;
        case CLAIM_EXP:
            CY_TRY(cy_cbor_want(reader, CY_CBOR_UINT, &value));
            out->expires = value.n;
            must++;
            break;
        case CLAIM_CTI:
            CY_TRY(cy_cbor_want(reader, CY_CBOR_BYTES, &value));
            if (value.n != sizeof out->nonce)
                return bad(reader);
            memcpy(out->nonce, value.bytes.at, sizeof out->nonce);
            must++;
            break;
        default: return bad(reader);
        }
    }
    return must == 2 ? CY_OK : bad(reader);
}

static cy_err read_alg(struct cy_cbor_reader *reader)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_next(reader, &token));
    if (token.kind != CY_CBOR_NEGINT || (token.n != ALG_EDDSA && token.n != ALG_ED25519))
        return cy_fail(CY_E_BAD_ALG, reader->pos);
    return CY_OK;
}

static cy_err read_kid(struct cy_cbor_reader *reader, struct cy_id *key)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_BYTES, &token));
    if (token.n != sizeof key->b)
        return bad(reader);
    memcpy(key->b, token.bytes.at, sizeof key->b);
    return CY_OK;
}

static cy_err read_bucket(struct cy_span bucket, const uint64_t *want, size_t n_want,
                          struct cy_claims *claims, struct cy_id *key)
{
    struct cy_cbor_reader reader = cy_cbor_read(bucket);
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(&reader, CY_CBOR_MAP, &token));
    if (token.n != n_want)
        return bad(&reader);
    for (size_t i = 0; i < n_want; i++) {
        CY_TRY(cy_cbor_want(&reader, CY_CBOR_UINT, &token));
        if (token.n != want[i])
            return bad(&reader);
        switch (want[i]) {
        case HEADER_ALG: CY_TRY(read_alg(&reader)); break;
        case HEADER_CONTENT_TYPE:
            CY_TRY(cy_cbor_want(&reader, CY_CBOR_TEXT, &token));
            if (!cy_span_eq(token.bytes, cy_span_text(CY_CONTENT_TYPE)))
                return bad(&reader);
            break;
        case HEADER_KID: CY_TRY(read_kid(&reader, key)); break;
        default: CY_TRY(read_claims(&reader, claims)); break;
        }
    }
    return cy_cbor_end(&reader);
}

/* A protected bucket must hold exactly the labels in `want`, ascending. That it ends too early or
 * too late is a fault of the envelope: its byte string is complete. */
static cy_err read_headers(struct cy_span bucket, const uint64_t *want, size_t n_want,
                           struct cy_claims *claims, struct cy_id *key)
{
    const cy_err e = read_bucket(bucket, want, n_want, claims, key);

    if (e.code == CY_E_SHORT || e.code == CY_E_TRAILING)
        return cy_fail(CY_E_BAD_ENVELOPE, e.detail);
    return e;
}

/* Reads a byte string and also gives its encoding with the head. */
static cy_err read_bstr(struct cy_cbor_reader *reader, struct cy_span *contents,
                        struct cy_span *encoded)
{
    const size_t from = reader->pos;
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_BYTES, &token));
    *contents = token.bytes;
    *encoded = cy_span_of(reader->in.at + from, reader->pos - from);
    return CY_OK;
}

static cy_err read_empty_map(struct cy_cbor_reader *reader)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_MAP, &token));
    return token.n == 0 ? CY_OK : bad(reader);
}

static cy_err read_signature(struct cy_cbor_reader *reader, const uint8_t **out)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_BYTES, &token));
    if (token.n != 64)
        return bad(reader);
    *out = token.bytes.at;
    return CY_OK;
}

static cy_err read_signers(struct cy_cbor_reader *reader, struct cy_envelope *out)
{
    static const uint64_t labels[] = {HEADER_ALG, HEADER_KID};
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(reader, CY_CBOR_ARRAY, &token));
    if (token.n < 2 || token.n > CY_SIGNERS_MAX)
        return bad(reader); /* one signature has the shorter form */
    for (uint64_t i = 0; i < token.n; i++) {
        struct cy_signer *signer = &out->signers[i];
        struct cy_cbor_token part;
        struct cy_span bucket;

        CY_TRY(cy_cbor_want(reader, CY_CBOR_ARRAY, &part));
        if (part.n != 3)
            return bad(reader);
        CY_TRY(read_bstr(reader, &bucket, &signer->header));
        CY_TRY(read_headers(bucket, labels, CY_COUNT(labels), NULL, &signer->key));
        CY_TRY(read_empty_map(reader));
        CY_TRY(read_signature(reader, &signer->signature));
        for (uint64_t j = 0; j < i; j++) {
            if (cy_id_eq(&out->signers[j].key, &signer->key))
                return cy_fail(CY_E_SURPLUS_SIGNATURE, i);
        }
    }
    out->n_signers = (uint32_t)token.n;
    return CY_OK;
}

cy_err cy_envelope_protected_read(struct cy_span protected, struct cy_claims *claims,
                                  struct cy_id *key)
{
    static const uint64_t one[] = {HEADER_ALG, HEADER_CONTENT_TYPE, HEADER_KID, HEADER_CLAIMS};
    static const uint64_t body[] = {HEADER_CONTENT_TYPE, HEADER_CLAIMS};

    *claims = (struct cy_claims){0};
    return key != NULL ? read_headers(protected, one, CY_COUNT(one), claims, key)
                       : read_headers(protected, body, CY_COUNT(body), claims, NULL);
}

cy_err cy_envelope_read(struct cy_span bytes, struct cy_envelope *out)
{
    struct cy_cbor_reader reader = cy_cbor_read(bytes);
    struct cy_cbor_token token;

    *out = (struct cy_envelope){0};
    if (bytes.n > CY_ENTRY_MAX)
        return cy_fail(CY_E_TOO_LARGE, CY_ENTRY_MAX);
    CY_TRY(cy_cbor_want(&reader, CY_CBOR_TAG, &token));
    if (token.n != TAG_SIGN1 && token.n != TAG_SIGN)
        return bad(&reader);
    out->several = token.n == TAG_SIGN;
    CY_TRY(cy_cbor_want(&reader, CY_CBOR_ARRAY, &token));
    if (token.n != 4)
        return bad(&reader);
    CY_TRY(read_bstr(&reader, &out->protected, &out->protected_bstr));
    CY_TRY(read_empty_map(&reader));
    CY_TRY(read_bstr(&reader, &out->payload, &out->payload_bstr));
    if (out->several) {
        CY_TRY(cy_envelope_protected_read(out->protected, &out->claims, NULL));
        CY_TRY(read_signers(&reader, out));
    } else {
        CY_TRY(cy_envelope_protected_read(out->protected, &out->claims, &out->signers[0].key));
        CY_TRY(read_signature(&reader, &out->signers[0].signature));
        out->n_signers = 1;
    }
    return cy_cbor_end(&reader);
}

/* "Signature1" and "Signature" with the array head before them; an empty byte string. */
static const uint8_t context_one[] = "\x84\x6aSignature1";
static const uint8_t context_several[] = "\x85\x69Signature";
static const uint8_t no_bytes[] = {0x40};

size_t cy_envelope_signed(const struct cy_envelope *envelope, uint32_t signer,
                          struct cy_span parts[static CY_SIGNED_PARTS])
{
    size_t n = 0;

    CY_ASSERT(signer < envelope->n_signers);
    parts[n++] = envelope->several ? cy_span_of(context_several, sizeof context_several - 1)
                                   : cy_span_of(context_one, sizeof context_one - 1);
    parts[n++] = envelope->protected_bstr;
    if (envelope->several)
        parts[n++] = envelope->signers[signer].header;
    parts[n++] = cy_span_of(no_bytes, sizeof no_bytes);
    parts[n++] = envelope->payload_bstr;
    return n;
}

/* --- write --- */

static cy_err written(const struct cy_cbor_writer *out)
{
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

static void write_id_text(struct cy_cbor_writer *out, uint64_t label, const struct cy_id *id)
{
    char hex[65];

    if (cy_id_none(id))
        return;
    cy_hex(id->b, sizeof id->b, hex);
    cy_cbor_uint(out, label);
    cy_cbor_text(out, cy_span_of(hex, 64));
}

static void write_key_headers(struct cy_cbor_writer *out, const struct cy_id *key, bool type)
{
    cy_cbor_uint(out, HEADER_ALG);
    cy_cbor_negint(out, ALG_EDDSA);
    if (type) {
        cy_cbor_uint(out, HEADER_CONTENT_TYPE);
        cy_cbor_text(out, cy_span_text(CY_CONTENT_TYPE));
    }
    cy_cbor_uint(out, HEADER_KID);
    cy_cbor_bytes(out, cy_span_of(key->b, sizeof key->b));
}

cy_err cy_envelope_protected(const struct cy_claims *claims, const struct cy_id *key,
                             struct cy_cbor_writer *out)
{
    const unsigned pairs = 2u + !cy_id_none(&claims->author) + !cy_id_none(&claims->subject) +
                           !cy_id_none(&claims->realm);

    cy_cbor_map(out, key != NULL ? 4 : 2);
    if (key != NULL) {
        write_key_headers(out, key, true);
    } else {
        cy_cbor_uint(out, HEADER_CONTENT_TYPE);
        cy_cbor_text(out, cy_span_text(CY_CONTENT_TYPE));
    }
    cy_cbor_uint(out, HEADER_CLAIMS);
    cy_cbor_map(out, pairs);
    write_id_text(out, CLAIM_ISS, &claims->author);
    write_id_text(out, CLAIM_SUB, &claims->subject);
    write_id_text(out, CLAIM_AUD, &claims->realm);
    cy_cbor_uint(out, CLAIM_EXP);
    cy_cbor_uint(out, claims->expires);
    cy_cbor_uint(out, CLAIM_CTI);
    cy_cbor_bytes(out, cy_span_of(claims->nonce, sizeof claims->nonce));
    return written(out);
}

static struct cy_span signer_headers(const struct cy_id *key, uint8_t at[static 64])
{
    struct cy_cbor_writer bucket = cy_cbor_write(at, 64);

    cy_cbor_map(&bucket, 2);
    write_key_headers(&bucket, key, false);
    CY_ASSERT(!bucket.full);
    return cy_cbor_written(&bucket);
}

cy_err cy_envelope_to_sign(struct cy_span protected, struct cy_span payload, bool several,
                           const struct cy_id *key, struct cy_cbor_writer *out)
{
    uint8_t headers[64];

    cy_cbor_raw(out, several ? cy_span_of(context_several, sizeof context_several - 1)
                             : cy_span_of(context_one, sizeof context_one - 1));
    cy_cbor_bytes(out, protected);
    if (several)
        cy_cbor_bytes(out, signer_headers(key, headers));
    cy_cbor_bytes(out, cy_span_of(NULL, 0));
    cy_cbor_bytes(out, payload);
    return written(out);
}

static cy_err whole_act(const struct cy_cbor_writer *out, size_t from)
{
    CY_TRY(written(out));
    return out->n - from > CY_ENTRY_MAX ? cy_fail(CY_E_TOO_LARGE, CY_ENTRY_MAX) : CY_OK;
}

cy_err cy_envelope_write(struct cy_span protected, struct cy_span payload, bool several,
                         const struct cy_act_signature *signatures, uint32_t n,
                         struct cy_cbor_writer *out)
{
    const size_t from = out->n;

    CY_ASSERT(n >= 1);
    CY_ASSERT(several == (n > 1));
    CY_ASSERT(n <= CY_SIGNERS_MAX);
    cy_cbor_tag(out, several ? TAG_SIGN : TAG_SIGN1);
    cy_cbor_array(out, 4);
    cy_cbor_bytes(out, protected);
    cy_cbor_map(out, 0);
    cy_cbor_bytes(out, payload);
    if (!several) {
        cy_cbor_bytes(out, cy_span_of(signatures[0].bytes, sizeof signatures[0].bytes));
        return whole_act(out, from);
    }
    cy_cbor_array(out, n);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t headers[64];

        cy_cbor_array(out, 3);
        cy_cbor_bytes(out, signer_headers(&signatures[i].key, headers));
        cy_cbor_map(out, 0);
        cy_cbor_bytes(out, cy_span_of(signatures[i].bytes, sizeof signatures[i].bytes));
    }
    return whole_act(out, from);
}

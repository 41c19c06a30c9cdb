#include "wire/receipt.h"

enum {
    HEADER_ALG = 1,
    HEADER_KID = 4,
    HEADER_VDS = 395,
    HEADER_VDP = 396,
    RFC9162_SHA256 = 1,
    ALG_EDDSA = 8,
    ALG_ED25519 = 19,
    COSE_SIGN1 = 18
};

static cy_err bad(const struct cy_cbor_reader *in)
{
    return cy_fail(CY_E_BAD_PROOF_TEXT, in->pos);
}

/* The next head must be of this kind with this number. */
static cy_err expect(struct cy_cbor_reader *in, enum cy_cbor_kind kind, uint64_t n)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(in, kind, &token));
    return token.n == n ? CY_OK : bad(in);
}

/* A byte string of exactly n bytes. */
static cy_err expect_bytes(struct cy_cbor_reader *in, size_t n, uint8_t *out)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(in, CY_CBOR_BYTES, &token));
    if (token.bytes.n != n)
        return bad(in);
    memcpy(out, token.bytes.at, n);
    return CY_OK;
}

/* Opens a byte string that holds CBOR. */
static cy_err inner(struct cy_cbor_reader *in, struct cy_cbor_reader *out)
{
    struct cy_cbor_token token;

    CY_TRY(cy_cbor_want(in, CY_CBOR_BYTES, &token));
    *out = cy_cbor_read(token.bytes);
    return CY_OK;
}

static cy_err read_protected(struct cy_cbor_reader *outer, struct cy_receipt *out)
{
    struct cy_cbor_reader in;
    struct cy_cbor_token token;

    CY_TRY(inner(outer, &in));
    CY_TRY(expect(&in, CY_CBOR_MAP, 3));
    CY_TRY(expect(&in, CY_CBOR_UINT, HEADER_ALG));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_NEGINT, &token));
    if (token.n + 1 != ALG_EDDSA && token.n + 1 != ALG_ED25519)
        return cy_fail(CY_E_BAD_ALG, token.n);
    out->alg_19 = token.n + 1 == ALG_ED25519;
    CY_TRY(expect(&in, CY_CBOR_UINT, HEADER_KID));
    CY_TRY(expect_bytes(&in, 32, out->key.b));
    CY_TRY(expect(&in, CY_CBOR_UINT, HEADER_VDS));
    CY_TRY(expect(&in, CY_CBOR_UINT, RFC9162_SHA256));
    return cy_cbor_end(&in);
}

/* No other path than the empty one is possible for these sizes. */
static bool trivial(const struct cy_receipt *r)
{
    return r->kind == CY_RECEIPT_INCLUSION ? r->size == 1 : r->size == r->index;
}

static bool sizes_fit(const struct cy_receipt *r)
{
    if (r->kind == CY_RECEIPT_INCLUSION)
        return r->index < r->size;
    return r->size > 0 && r->size <= r->index;
}

static cy_err read_proof(struct cy_cbor_reader *outer, struct cy_receipt *out)
{
    struct cy_cbor_reader in;
    struct cy_cbor_token token;

    CY_TRY(inner(outer, &in));
    CY_TRY(expect(&in, CY_CBOR_ARRAY, 3));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_UINT, &token));
    out->size = token.n;
    CY_TRY(cy_cbor_want(&in, CY_CBOR_UINT, &token));
    out->index = token.n;
    CY_TRY(cy_cbor_want(&in, CY_CBOR_ARRAY, &token));
    if (token.n > CY_RECEIPT_PATH_MAX || !sizes_fit(out) || trivial(out) != (token.n == 0))
        return bad(&in);
    out->n = (uint32_t)token.n;
    for (uint32_t i = 0; i < out->n; i++)
        CY_TRY(expect_bytes(&in, 32, out->path[i].b));
    return cy_cbor_end(&in);
}

cy_err cy_receipt_read(struct cy_span bytes, struct cy_receipt *out)
{
    struct cy_cbor_reader in = cy_cbor_read(bytes);
    struct cy_cbor_token token;

    CY_TRY(expect(&in, CY_CBOR_TAG, COSE_SIGN1));
    CY_TRY(expect(&in, CY_CBOR_ARRAY, 4));
    CY_TRY(read_protected(&in, out));
    CY_TRY(expect(&in, CY_CBOR_MAP, 1));
    CY_TRY(expect(&in, CY_CBOR_UINT, HEADER_VDP));
    CY_TRY(expect(&in, CY_CBOR_MAP, 1));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_NEGINT, &token));
    if (token.n > 1)
        return bad(&in);
    out->kind = token.n == 0 ? CY_RECEIPT_INCLUSION : CY_RECEIPT_CONSISTENCY;
    CY_TRY(expect(&in, CY_CBOR_ARRAY, 1));
    CY_TRY(read_proof(&in, out));
    CY_TRY(cy_cbor_want(&in, CY_CBOR_NULL, &token));
    CY_TRY(expect_bytes(&in, 64, out->signature));
    return cy_cbor_end(&in);
}

/* The contents of the protected bucket: 42 bytes. */
static struct cy_span protected_of(const struct cy_receipt *receipt, uint8_t room[static 64])
{
    struct cy_cbor_writer w = cy_cbor_write(room, 64);

    cy_cbor_map(&w, 3);
    cy_cbor_uint(&w, HEADER_ALG);
    cy_cbor_negint(&w, (receipt->alg_19 ? ALG_ED25519 : ALG_EDDSA) - 1);
    cy_cbor_uint(&w, HEADER_KID);
    cy_cbor_bytes(&w, cy_span_of(receipt->key.b, 32));
    cy_cbor_uint(&w, HEADER_VDS);
    cy_cbor_uint(&w, RFC9162_SHA256);
    CY_ASSERT(!w.full);
    return cy_cbor_written(&w);
}

cy_err cy_receipt_write(const struct cy_receipt *receipt, struct cy_cbor_writer *out)
{
    uint8_t head[64];
    uint8_t proof[CY_RECEIPT_MAX];
    struct cy_cbor_writer w = cy_cbor_write(proof, sizeof proof);

    CY_ASSERT(receipt->n <= CY_RECEIPT_PATH_MAX);
    CY_ASSERT(sizes_fit(receipt));
    CY_ASSERT(trivial(receipt) == (receipt->n == 0));
    cy_cbor_array(&w, 3);
    cy_cbor_uint(&w, receipt->size);
    cy_cbor_uint(&w, receipt->index);
    cy_cbor_array(&w, receipt->n);
    for (uint32_t i = 0; i < receipt->n; i++)
        cy_cbor_bytes(&w, cy_span_of(receipt->path[i].b, 32));
    CY_ASSERT(!w.full);
    cy_cbor_tag(out, COSE_SIGN1);
    cy_cbor_array(out, 4);
    cy_cbor_bytes(out, protected_of(receipt, head));
    cy_cbor_map(out, 1);
    cy_cbor_uint(out, HEADER_VDP);
    cy_cbor_map(out, 1);
    cy_cbor_negint(out, receipt->kind == CY_RECEIPT_INCLUSION ? 0 : 1);
    cy_cbor_array(out, 1);
    cy_cbor_bytes(out, cy_cbor_written(&w));
    cy_cbor_raw(out, cy_span_of("\xf6", 1));
    cy_cbor_bytes(out, cy_span_of(receipt->signature, sizeof receipt->signature));
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

cy_err cy_receipt_to_sign(const struct cy_receipt *receipt, const struct cy_id *root,
                          struct cy_cbor_writer *out)
{
    uint8_t head[64];

    cy_cbor_array(out, 4);
    cy_cbor_text(out, cy_span_text("Signature1"));
    cy_cbor_bytes(out, protected_of(receipt, head));
    cy_cbor_bytes(out, cy_span_of("", 0));
    cy_cbor_bytes(out, cy_span_of(root->b, 32));
    return out->full ? cy_fail(CY_E_NO_ROOM, out->cap) : CY_OK;
}

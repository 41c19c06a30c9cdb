/* Envelopes: what is accepted can be put together again from its parts, byte for byte, and its
 * protected bucket is the one that its claims make. */
#include "fuzz.h"

#include "wire/envelope.h"

enum { ALG_AT = 2, ALG_EDDSA = 0x27, ALG_ED25519 = 0x32 };

static uint8_t again[1 << 17];

static void whole(const struct cy_envelope *e, struct cy_span bytes)
{
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);

    cy_cbor_tag(&out, e->several ? 98 : 18);
    cy_cbor_array(&out, 4);
    cy_cbor_raw(&out, e->protected_bstr);
    cy_cbor_map(&out, 0);
    cy_cbor_raw(&out, e->payload_bstr);
    if (e->several)
        cy_cbor_array(&out, e->n_signers);
    for (uint32_t i = 0; i < e->n_signers; i++) {
        if (e->several) {
            cy_cbor_array(&out, 3);
            cy_cbor_raw(&out, e->signers[i].header);
            cy_cbor_map(&out, 0);
        }
        cy_cbor_bytes(&out, cy_span_of(e->signers[i].signature, 64));
    }
    CY_ASSERT(!out.full);
    CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
}

static void bucket(const struct cy_envelope *e)
{
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);

    CY_ASSERT(
        cy_ok(cy_envelope_protected(&e->claims, e->several ? NULL : &e->signers[0].key, &out)));
    if (!e->several) {
        CY_ASSERT(again[ALG_AT] == ALG_EDDSA);
        CY_ASSERT(e->protected.n > ALG_AT);
        if (e->protected.at[ALG_AT] == ALG_ED25519)
            again[ALG_AT] = ALG_ED25519;
    }
    CY_ASSERT(cy_span_eq(cy_cbor_written(&out), e->protected));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_span parts[CY_SIGNED_PARTS];
    struct cy_envelope envelope;

    if (!cy_ok(cy_envelope_read(bytes, &envelope)))
        return 0;
    CY_ASSERT(size <= CY_ENTRY_MAX);
    whole(&envelope, bytes);
    bucket(&envelope);
    for (uint32_t i = 0; i < envelope.n_signers; i++)
        CY_ASSERT(cy_envelope_signed(&envelope, i, parts) == (envelope.several ? 5 : 4));
    return 0;
}

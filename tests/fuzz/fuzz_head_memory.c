/* The memory of signed heads, from any bytes: a copy of the file gives a head of the key asked for,
 * or none, or is damaged; what is given never shrinks when more whole batches are read. */
#include "fuzz.h"

#include "host/signer/head_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span origin = cy_span_text("a.example/ledger");
    struct cy_id key;
    struct cy_head whole;
    struct cy_head half;
    cy_err err = CY_OK;

    memset(key.b, 0x11, sizeof key.b);
    err = cy_head_memory_peek(cy_span_of(data, size), 2, &key, origin, &whole);
    CY_ASSERT(cy_ok(err) || err.code == CY_E_KEYSTORE_BAD);
    if (!cy_ok(err))
        return 0;
    CY_ASSERT(whole.size == 0 || (whole.purpose == 2 && cy_id_eq(&whole.key, &key) &&
                                  cy_span_eq(cy_span_of(whole.origin, whole.n_origin), origin)));
    if (cy_ok(cy_head_memory_peek(cy_span_of(data, size / 2), 2, &key, origin, &half)))
        CY_ASSERT(half.size <= whole.size);
    return 0;
}

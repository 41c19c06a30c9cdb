/* The memory of votes, from any bytes: a copy of the file gives a height of the key asked for, or
 * none, or is damaged; what is given never shrinks when more whole batches are read. */
#include "fuzz.h"

#include "host/signer/vote_memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span origin = cy_span_text("a.example/federation");
    struct cy_id key;
    uint64_t whole = 0;
    uint64_t half = 0;
    cy_err err = CY_OK;

    memset(key.b, 0x11, sizeof key.b);
    err = cy_vote_memory_peek(cy_span_of(data, size), &key, origin, &whole);
    CY_ASSERT(cy_ok(err) || err.code == CY_E_KEYSTORE_BAD);
    if (!cy_ok(err))
        return 0;
    if (cy_ok(cy_vote_memory_peek(cy_span_of(data, size / 2), &key, origin, &half)))
        CY_ASSERT(half <= whole);
    return 0;
}

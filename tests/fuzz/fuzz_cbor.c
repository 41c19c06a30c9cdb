/* CBOR: our reader and a judge that shares no code with it (tests/cbor_judge.h) agree about every
 * input, and what is accepted is written back the same. */
#include "fuzz.h"

#include "cbor_judge.h"

static uint8_t again[1 << 18];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
    const cy_err e = cbor_walk(bytes, &out);

    CY_ASSERT(e.code == cbor_code(cbor_judge(bytes)));
    if (cy_ok(e)) {
        CY_ASSERT(!out.full);
        CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    }
    return 0;
}

/* Signed statements of administration: what is read is written back the same. */
#include "fuzz.h"

#include "wire/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    uint8_t payload[CY_STATEMENT_PAYLOAD_MAX];
    uint8_t again[CY_STATEMENT_MAX];
    struct cy_cbor_writer inner = cy_cbor_write(payload, sizeof payload);
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
    struct cy_signed_statement got;

    if (cy_ok(cy_statement_read(bytes, &got))) {
        CY_ASSERT(cy_ok(cy_statement_payload_write(&got.statement, &inner)));
        CY_ASSERT(
            cy_ok(cy_statement_write(&got.key, cy_cbor_written(&inner), got.signature, &out)));
        CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    }
    return 0;
}

/* COSE receipts: what is read is written back the same. */
#include "fuzz.h"

#include "wire/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    uint8_t again[CY_RECEIPT_MAX];
    struct cy_cbor_writer out = cy_cbor_write(again, sizeof again);
    struct cy_receipt receipt;

    if (cy_ok(cy_receipt_read(bytes, &receipt))) {
        CY_ASSERT(cy_ok(cy_receipt_write(&receipt, &out)));
        CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    }
    return 0;
}

/* The signer's messages: whatever is accepted is written back the same. */
#include "fuzz.h"

#include "wire/signer_message.h"

static uint8_t room[CY_SIGNER_REQUEST_MAX + 64];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_cbor_writer out = cy_cbor_write(room, sizeof room);
    struct cy_signer_request request;
    struct cy_signer_response response;

    if (cy_ok(cy_signer_request_read(bytes, &request))) {
        cy_signer_request_write(&request, &out);
        CY_ASSERT(!out.full);
        CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    }
    out = cy_cbor_write(room, sizeof room);
    if (cy_ok(cy_signer_response_read(bytes, &response))) {
        cy_signer_response_write(&response, &out);
        CY_ASSERT(!out.full);
        CY_ASSERT(cy_span_eq(cy_cbor_written(&out), bytes));
    }
    return 0;
}

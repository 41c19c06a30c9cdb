/* packets of bridges: what is read is written back to the same bytes, and every byte of it belongs
 * to one field. */
#include "fuzz.h"

#include "wire/bridge_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_bridge_packet packet;
    struct cy_bridge_bytes bytes;
    size_t sum = 0;

    if (!cy_ok(cy_bridge_packet_read(cy_span_of(data, size), &packet)))
        return 0;
    cy_bridge_packet_write(&packet, &bytes);
    CY_ASSERT(cy_span_eq(cy_span_of(bytes.at, bytes.n), cy_span_of(data, size)));
    for (size_t i = 0; i < bytes.n_fields; i++)
        sum += bytes.fields[i].n;
    CY_ASSERT(sum == size);
    return 0;
}

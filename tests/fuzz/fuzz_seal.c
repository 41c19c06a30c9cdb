/* Sealed blobs: any bytes are refused or open to what was sealed. The key is fixed, so that seeds
 * can be opened. */
#include "fuzz.h"

#include "crypto/seal.h"

static uint8_t out_[1 << 18];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[32] = {1};
    const struct cy_span blob = cy_span_of(data, size);
    struct cy_box_secret secret;
    struct cy_id key;
    struct cy_seal_head head;
    size_t n = 0;

    cy_box_of(seed, &secret, &key);
    if (cy_ok(cy_seal_head(blob, &head))) {
        CY_ASSERT(head.n <= size);
        CY_ASSERT(head.readers <= CY_SEAL_READERS_MAX);
        (void)cy_seal_reader(&head, head.readers - 1);
    }
    if (cy_ok(cy_seal_read(blob, &secret, &key, out_, sizeof out_, &n))) {
        /* Only who knows the content key can make an authentic body: the seeds hold 'a' alone. */
        for (size_t i = 0; i < n; i++)
            CY_ASSERT(out_[i] == 'a');
    }
    return 0;
}

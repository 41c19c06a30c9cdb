/* Passphrase-sealed files: foreign bytes are refused, costs outside the bounds without being spent.
 * Inputs whose head is sound are left out: each would take Argon2id's 64 MiB. */
#include "fuzz.h"

#include "crypto/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[1 << 17];
    size_t n = 0;

    if (size >= CY_SECRET_OVERHEAD && memcmp(data, "CYSEAL1\n", 8) == 0) {
        const uint32_t operations = cy_get_u32be(data + 8);
        const uint32_t memory = cy_get_u32be(data + 12);

        if (operations >= CY_SECRET_OPERATIONS_MIN && operations <= CY_SECRET_OPERATIONS_MAX &&
            memory >= CY_SECRET_MEMORY_KIB_MIN && memory <= CY_SECRET_MEMORY_KIB_MAX)
            return 0;
    }
    CY_ASSERT(cy_secret_open(cy_span_text("p"), cy_span_of(data, size), out, sizeof out, &n).code ==
              CY_E_BAD_SECRET);
    return 0;
}

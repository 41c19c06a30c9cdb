/* tlog proofs: what is read is written back to the same bytes. */
#include "fuzz.h"

#include "wire/tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[1 << 18];
    static uint8_t extra[CY_TLOG_PROOF_EXTRA_MAX];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    static struct cy_tlog_proof proof;
    size_t n = 0;

    if (size > 1 << 17 || !cy_ok(cy_tlog_proof_read(cy_span_of(data, size), &proof)))
        return 0;
    CY_ASSERT(proof.n <= CY_TLOG_PROOF_PATH_MAX);
    CY_ASSERT(cy_ok(cy_tlog_proof_extra(&proof, extra, sizeof extra, &n)));
    cy_tlog_proof_write(&again, cy_span_of(extra, n), proof.index, proof.path, proof.n,
                        proof.checkpoint);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), cy_span_of(data, size)));
    return 0;
}

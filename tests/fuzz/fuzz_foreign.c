/* foreign heads and the entries under them: hostile bytes under a pinned trust, of a log key and of
 * a policy, are refused or are what they say. */
#include "fuzz.h"

#include "kernel/foreign.h"

#define POLICY "witness w1 w1+59ab2a2c+BMtnYQ9X7YXoFVgV6eGd7rRF7FxPqEkYQvYFF8rjs7Pk\nquorum w1\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cy_id key = {
        {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
         0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
         0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}
    };
    const struct cy_foreign_trust keyed = {.origin = cy_span_text("oak.example/ledger"),
                                           .log_key = key};
    const struct cy_foreign_trust federated = {.origin = cy_span_text("oak.example/ledger"),
                                               .policy = cy_span_text(POLICY)};
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_checkpoint head;
    struct cy_foreign_mark mark;
    struct cy_id path[CY_NOTE_SIGNATURES_MAX];
    uint32_t n = 0;

    if (cy_ok(cy_foreign_head(bytes, &keyed, &head)))
        CY_ASSERT(cy_span_eq(head.origin, keyed.origin));
    if (cy_ok(cy_foreign_head(bytes, &federated, &head)))
        CY_ASSERT(cy_span_eq(head.origin, keyed.origin));
    if (cy_ok(cy_foreign_mark_read(bytes, &mark)))
        CY_ASSERT(!cy_id_none(&mark.state_root));
    if (cy_ok(cy_foreign_path(bytes, path, CY_COUNT(path), &n)))
        CY_ASSERT(n * sizeof *path == size);
    return 0;
}

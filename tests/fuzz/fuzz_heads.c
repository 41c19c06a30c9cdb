/* Two heads: what is read is written back to the same bytes. */
#include "fuzz.h"

#include "wire/heads.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[1 << 18];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    struct cy_heads heads;

    if (size > 1 << 17 || !cy_ok(cy_heads_read(cy_span_of(data, size), &heads)))
        return 0;
    CY_ASSERT(heads.n <= CY_HEADS_PATH_MAX);
    cy_heads_write(&again, heads.path, heads.n, heads.notes[0], heads.notes[1]);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), cy_span_of(data, size)));
    return 0;
}

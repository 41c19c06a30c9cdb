/* Two statements of one key in a file: what is read is written back to the same bytes. */
#include "fuzz.h"

#include "wire/equivocation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char room[CY_EQUIVOCATION_FILE_MAX];
    struct cy_text again = cy_text_on(room, sizeof room);
    struct cy_equivocation what;

    if (!cy_ok(cy_equivocation_read(cy_span_of(data, size), &what)))
        return 0;
    CY_ASSERT(what.kind != CY_statement_VOTE || !what.has_prefix);
    CY_ASSERT(what.has_prefix || what.n == 0);
    cy_equivocation_write(&again, &what);
    CY_ASSERT(!again.full);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), cy_span_of(data, size)));
    return 0;
}

/* An alert of CAP 1.2: refused, or whole, and the same when written and read again. */
#include "fuzz.h"

#include "models/relief/cap.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk desk = {0};
    struct cy_desk_fault fault = {0};
    struct cy_cap cap;
    struct cy_cap again;
    char *first = NULL;
    char *second = NULL;
    size_t n_first = 0;
    size_t n_second = 0;
    FILE *out = NULL;

    if (cy_ok(cy_cap_read(&desk, cy_span_of(data, size), &cap, &fault))) {
        CY_ASSERT(cy_cap_wrong(&cap) == NULL);
        out = open_memstream(&first, &n_first);
        CY_ASSERT(cy_cap_write(&cap, out));
        (void)fclose(out);
        CY_ASSERT(cy_ok(cy_cap_read(&desk, cy_span_of(first, n_first), &again, &fault)));
        out = open_memstream(&second, &n_second);
        CY_ASSERT(cy_cap_write(&again, out));
        (void)fclose(out);
        CY_ASSERT(n_first == n_second && memcmp(first, second, n_first) == 0);
        free(first);
        free(second);
    }
    cy_desk_end(&desk);
    return 0;
}

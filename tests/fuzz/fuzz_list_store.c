/* A store of lists: refused, or every version can be made again, and what is added follows. */
#include "fuzz.h"

#include "models/screen/list_store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span parts[CY_LIST_PARTS] = {cy_span_text("1 new\n")};
    struct cy_list_store store;
    uint8_t *more = NULL;
    size_t n = 0;

    if (!cy_ok(cy_list_store_read(cy_span_of(data, size), &store)))
        return 0;
    CY_ASSERT(store.good <= size);
    for (size_t i = 0; i < store.n; i++) {
        struct cy_list_version version;

        if (cy_ok(cy_list_store_version(&store, i, &version)))
            cy_list_version_free(&version);
    }
    if (cy_ok(cy_list_store_add(&store, "new", 1, parts, false, &more, &n)) && n > 0) {
        uint8_t *both = malloc(store.good + n);
        struct cy_list_store longer;

        CY_ASSERT(both != NULL);
        if (store.good > 0)
            memcpy(both, data, store.good);
        memcpy(both + store.good, more, n);
        CY_ASSERT(cy_ok(cy_list_store_read(cy_span_of(both, store.good + n), &longer)));
        CY_ASSERT(longer.n == store.n + 1);
        cy_list_store_free(&longer);
        free(both);
    }
    free(more);
    cy_list_store_free(&store);
    return 0;
}

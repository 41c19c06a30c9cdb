/* A list of this form: refused whole, or entries with names, that are the same when read again. */
#include "fuzz.h"

#include "models/screen/list_eu.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_desk_fault fault = {0};
    struct cy_list list;
    struct cy_list again;
    const struct cy_span text = cy_span_of(data, size);

    if (!cy_ok(cy_list_eu(text, &list, &fault))) {
        CY_ASSERT(list.n == 0);
        return 0;
    }
    CY_ASSERT(list.n > 0);
    CY_ASSERT(cy_ok(cy_list_eu(text, &again, &fault)));
    CY_ASSERT(list.n == again.n && cy_list_names(&list) == cy_list_names(&again));
    for (size_t i = 0; i < list.n; i++) {
        const struct cy_listed *entry = &list.entries[i];

        CY_ASSERT(entry->n_names > 0 && *entry->id != 0);
        for (size_t k = 0; k < entry->n_names; k++)
            CY_ASSERT(strcmp(entry->names[k].text, again.entries[i].names[k].text) == 0);
        for (size_t k = 0; k < entry->n_births; k++)
            CY_ASSERT(entry->births[k].from <= entry->births[k].to);
    }
    cy_list_free(&list);
    cy_list_free(&again);
    return 0;
}

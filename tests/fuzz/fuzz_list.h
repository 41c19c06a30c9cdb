/* fuzz_list: what holds of every importer of lists: it refuses a text whole, or gives entries with
 * names that are the same when it is read again. */
#ifndef CY_FUZZ_LIST_H
#define CY_FUZZ_LIST_H

#include "fuzz.h"

#include "models/desk/desk.h"
#include "models/screen/listed.h"

#include <stdlib.h>

typedef cy_err fuzz_reader(struct cy_span text, struct cy_list *out, struct cy_desk_fault *fault);

static inline void fuzz_list_entry(const struct cy_listed *entry, const struct cy_listed *again)
{
    CY_ASSERT(entry->n_names > 0 && *entry->id != 0);
    CY_ASSERT(entry->n_names == again->n_names);
    for (size_t k = 0; k < entry->n_names; k++)
        CY_ASSERT(strcmp(entry->names[k].text, again->names[k].text) == 0);
    for (size_t k = 0; k < entry->n_births; k++)
        CY_ASSERT(entry->births[k].from <= entry->births[k].to);
}

static inline int fuzz_list(fuzz_reader *read, const uint8_t *data, size_t size)
{
    const struct cy_span text = cy_span_of(data, size);
    struct cy_desk_fault fault = {0};
    struct cy_list list;
    struct cy_list again;

    if (!cy_ok(read(text, &list, &fault))) {
        CY_ASSERT(list.n == 0);
        return 0;
    }
    CY_ASSERT(list.n > 0);
    CY_ASSERT(cy_ok(read(text, &again, &fault)));
    CY_ASSERT(list.n == again.n && cy_list_names(&list) == cy_list_names(&again));
    for (size_t i = 0; i < list.n; i++)
        fuzz_list_entry(&list.entries[i], &again.entries[i]);
    cy_list_free(&list);
    cy_list_free(&again);
    return 0;
}

#endif

/* json_twin: verify/json_doc held to jansson on the same bytes.
 *
 * Ours must refuse what jansson refuses. What jansson accepts ours must accept, unless it breaks
 * one of the bounds that are ours alone: a key too long, too many keys open, a number with a
 * fraction, too deep. jansson 2.14 also reads over a NUL byte behind a number, which is no JSON. Of
 * what both accept every value must be equal. */
#ifndef CY_TESTS_JSON_TWIN_H
#define CY_TESTS_JSON_TWIN_H

#include "verify/json_doc.h"

#include <jansson.h>
#include <stdlib.h>

/* Whether a value keeps the bounds that are ours alone. */
static inline bool twin_bounded(const json_t *value, unsigned depth, unsigned keys)
{
    const json_t *member = NULL;
    const char *key = NULL;
    size_t i = 0;

    if (json_is_real(value) || depth > CY_DOC_DEPTH_MAX)
        return false;
    json_array_foreach(value, i, member)
    {
        if (!twin_bounded(member, depth + (json_is_array(member) || json_is_object(member)), keys))
            return false;
    }
    keys += (unsigned)json_object_size(value);
    if (keys > CY_DOC_KEYS_MAX)
        return false;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        if (strlen(key) * 6 > CY_DOC_KEY_MAX || /* however it is written */
            !twin_bounded(member, depth + (json_is_array(member) || json_is_object(member)), keys))
            return false;
    }
    return true;
}

static inline void twin_same(const struct cy_doc *ours, const json_t *theirs,
                             struct cy_arena *arena)
{
    struct cy_doc_walk walk = cy_doc_inside(ours);
    struct cy_doc key;
    struct cy_doc value;
    struct cy_span text;
    size_t n = 0;

    arena->used = 0;
    switch (json_typeof(theirs)) {
    case JSON_OBJECT:
        CY_ASSERT(ours->kind == CY_DOC_OBJECT);
        for (; cy_doc_next(&walk, &key, &value); n++) {
            char name[CY_DOC_KEY_MAX + 1];

            arena->used = 0;
            CY_ASSERT(cy_ok(cy_doc_string(&key, arena, &text)));
            CY_ASSERT(text.n < sizeof name);
            if (text.n > 0)
                memcpy(name, text.at, text.n);
            name[text.n] = 0;
            CY_ASSERT(cy_doc_is(&key, name));
            CY_ASSERT(json_object_get(theirs, name) != NULL);
            twin_same(&value, json_object_get(theirs, name), arena);
            CY_ASSERT(cy_span_eq(cy_doc_member(ours, name).text, value.text));
        }
        CY_ASSERT(n == json_object_size(theirs));
        return;
    case JSON_ARRAY:
        CY_ASSERT(ours->kind == CY_DOC_ARRAY);
        for (; cy_doc_next(&walk, &key, &value); n++) {
            CY_ASSERT(key.kind == CY_DOC_NONE);
            CY_ASSERT(n < json_array_size(theirs));
            twin_same(&value, json_array_get(theirs, n), arena);
        }
        CY_ASSERT(n == json_array_size(theirs));
        return;
    case JSON_STRING:
        CY_ASSERT(cy_ok(cy_doc_string(ours, arena, &text)));
        CY_ASSERT(
            cy_span_eq(text, cy_span_of(json_string_value(theirs), json_string_length(theirs))));
        return;
    case JSON_INTEGER: {
        uint64_t v = 0;
        const json_int_t want = json_integer_value(theirs);

        CY_ASSERT(ours->kind == CY_DOC_INTEGER);
        CY_ASSERT(cy_ok(cy_doc_u64(ours, &v)) == (ours->text.at[0] != '-'));
        CY_ASSERT(v == (ours->text.at[0] == '-' ? 0 : (uint64_t)want));
        return;
    }
    case JSON_TRUE: CY_ASSERT(ours->kind == CY_DOC_TRUE); return;
    case JSON_FALSE: CY_ASSERT(ours->kind == CY_DOC_FALSE); return;
    case JSON_NULL: CY_ASSERT(ours->kind == CY_DOC_NULL); return;
    case JSON_REAL: break;
    }
    CY_NEVER("a fraction was accepted");
}

/* json_twin asserts all of it; returns whether both accept. */
static inline bool json_twin(struct cy_span text)
{
    void *memory = malloc(text.n + 16);
    struct cy_arena arena = cy_arena_on(memory, text.n + 16);
    struct cy_doc ours;
    json_t *theirs =
        json_loadb(text.n == 0 ? "" : (const char *)text.at, text.n, JSON_REJECT_DUPLICATES, NULL);
    const bool accepted = cy_ok(cy_doc_read(text, CY_DOC_DEPTH_MAX, &ours));

    if (accepted) {
        CY_ASSERT(theirs != NULL);
        twin_same(&ours, theirs, &arena);
    } else if (theirs != NULL) {
        CY_ASSERT(!twin_bounded(theirs, 1, 0) || memchr(text.at, 0, text.n) != NULL);
    }
    json_decref(theirs);
    free(memory);
    return accepted;
}

#endif

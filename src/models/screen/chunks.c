#include "models/screen/chunks.h"

#include <stdlib.h>

#define BLOCK (1u << 18) /* bytes; a larger piece has a block of its own */

struct cy_chunk {
    struct cy_chunk *before;
    size_t used;
    size_t cap;
    _Alignas(16) uint8_t at[];
};

static struct cy_chunk *add(struct cy_chunks *chunks, size_t n)
{
    const size_t cap = n > BLOCK ? n : BLOCK;
    struct cy_chunk *chunk = n > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *chunk + cap);

    if (chunk == NULL)
        return NULL;
    chunk->before = chunks->last;
    chunk->cap = cap;
    chunks->last = chunk;
    chunks->total += sizeof *chunk + cap;
    return chunk;
}

void *cy_chunks_take(struct cy_chunks *chunks, size_t n)
{
    const size_t room = (n + 15) & ~(size_t)15;
    struct cy_chunk *chunk = chunks->last;
    void *at = NULL;

    if (chunk == NULL || chunk->cap - chunk->used < room)
        chunk = add(chunks, room);
    if (chunk == NULL)
        return NULL;
    at = chunk->at + chunk->used;
    chunk->used += room;
    return at;
}

const char *cy_chunks_text(struct cy_chunks *chunks, const char *at, size_t n)
{
    char *text = cy_chunks_take(chunks, n + 1);

    if (text != NULL && n > 0)
        memcpy(text, at, n);
    return text;
}

void cy_chunks_free(struct cy_chunks *chunks)
{
    while (chunks->last != NULL) {
        struct cy_chunk *chunk = chunks->last;

        chunks->last = chunk->before;
        free(chunk);
    }
    chunks->total = 0;
}

cy_err cy_grow(void **at, size_t *cap, size_t need, size_t size)
{
    size_t room = *cap < 16 ? 16 : *cap;
    void *more = NULL;

    if (need <= *cap)
        return CY_OK;
    while (room < need)
        room *= 2;
    more = reallocarray(*at, room, size);
    if (more == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    *at = more;
    *cap = room;
    return CY_OK;
}

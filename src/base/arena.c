#include "base/arena.h"

struct cy_arena cy_arena_on(void *at, size_t cap)
{
    CY_ASSERT((uintptr_t)at % 16 == 0);
    return (struct cy_arena){.at = at, .cap = cap};
}

void *cy_arena_take(struct cy_arena *arena, size_t n)
{
    const size_t size = (n + 15) & ~(size_t)15;
    void *at = NULL;

    if (size < n || size > arena->cap - arena->used)
        return NULL;
    at = arena->at + arena->used;
    arena->used += size;
    return at;
}

void *cy_arena_zero(struct cy_arena *arena, size_t n)
{
    void *at = cy_arena_take(arena, n);

    if (at != NULL)
        memset(at, 0, n);
    return at;
}

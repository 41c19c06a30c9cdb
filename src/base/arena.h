/* arena: memory that is handed out in order and taken back all at once.
 *
 * Below host/ nothing calls malloc: objects are carved from an arena sized at start, and a scratch
 * arena is rewound after each step. A full arena gives NULL; the caller answers NO_ROOM. */
#ifndef CY_BASE_ARENA_H
#define CY_BASE_ARENA_H

#include "base/bytes.h"

struct cy_arena {
    uint8_t *at; /* aligned to 16 */
    size_t cap;
    size_t used;
};

/* cy_arena_on starts an empty arena on cap bytes of the caller's memory, aligned to 16. */
struct cy_arena cy_arena_on(void *at, size_t cap);

/* cy_arena_take returns n bytes aligned to 16, not cleared, or NULL when there is no room. */
void *cy_arena_take(struct cy_arena *arena, size_t n);

/* cy_arena_zero: the same, cleared. */
void *cy_arena_zero(struct cy_arena *arena, size_t n);

static inline void cy_arena_rewind(struct cy_arena *arena, size_t used)
{
    CY_ASSERT(used <= arena->used);
    arena->used = used;
}

#endif

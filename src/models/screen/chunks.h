/* chunks: memory that grows by blocks and is given back all at once.
 *
 * Lists and graphs are read once and then only looked at, so what they are made of is taken in
 * order and never freed by itself. Texts are kept as copies that end in 0.
 *
 * Owns: its blocks. Never: moves what it gave. */
#ifndef CY_MODELS_SCREEN_CHUNKS_H
#define CY_MODELS_SCREEN_CHUNKS_H

#include "base/bytes.h"

struct cy_chunk;

struct cy_chunks {
    struct cy_chunk *last;
    size_t total; /* bytes of all blocks */
};

/* cy_chunks_take returns n bytes aligned to 16 and cleared, or NULL without memory. */
void *cy_chunks_take(struct cy_chunks *chunks, size_t n);

/* cy_chunks_text keeps a copy of n bytes with a 0 after it; NULL without memory. */
const char *cy_chunks_text(struct cy_chunks *chunks, const char *at, size_t n);

void cy_chunks_free(struct cy_chunks *chunks);

/* cy_grow makes room for need elements of size bytes in *at, which malloc gave (or NULL), at least
 * doubling it. *at is left alone when it fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_grow(void **at, size_t *cap, size_t need, size_t size);

#endif

#include "host/sql/sql_chunk.h"

#include <stdlib.h>

#define ROOM_LEAST ((size_t)1 << 20)

/* A row: u32 statement, u32 n, then of each value: u8 kind, and a number's 8 bytes or a text's
 * u32 length, bytes, and a 0. */

void cy_sql_chunk_clear(struct cy_sql_chunk *chunk, uint64_t first)
{
    chunk->n = 0;
    chunk->rows = 0;
    chunk->starved = false;
    chunk->first = first;
    chunk->next = first;
}

void cy_sql_chunk_free(struct cy_sql_chunk *chunk)
{
    free(chunk->bytes);
    *chunk = (struct cy_sql_chunk){.bytes = NULL};
}

static bool make_room(struct cy_sql_chunk *chunk, size_t more)
{
    size_t cap = chunk->cap < ROOM_LEAST ? ROOM_LEAST : chunk->cap;
    uint8_t *bytes = NULL;

    if (chunk->cap - chunk->n >= more)
        return true;
    while (cap - chunk->n < more)
        cap *= 2;
    bytes = realloc(chunk->bytes, cap);
    if (bytes == NULL)
        return false;
    chunk->bytes = bytes;
    chunk->cap = cap;
    return true;
}

static void put(struct cy_sql_chunk *chunk, const void *at, size_t n)
{
    if (n > 0)
        memcpy(chunk->bytes + chunk->n, at, n);
    chunk->n += n;
}

void cy_sql_chunk_row(struct cy_sql_chunk *chunk, unsigned statement,
                      const struct cy_sql_value *values, size_t n)
{
    const uint32_t head[2] = {statement, (uint32_t)n};
    size_t more = sizeof head;

    CY_ASSERT(n <= CY_SQL_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++)
        more += 16u + values[i].n;
    if (chunk->starved || !make_room(chunk, more)) {
        chunk->starved = true;
        return;
    }
    put(chunk, head, sizeof head);
    for (size_t i = 0; i < n; i++) {
        const uint8_t kind = (uint8_t)values[i].kind;

        put(chunk, &kind, 1);
        if (values[i].kind == CY_SQL_NUMBER) {
            put(chunk, &values[i].number, sizeof values[i].number);
        } else if (values[i].kind != CY_SQL_NULL) {
            put(chunk, &values[i].n, sizeof values[i].n);
            put(chunk, values[i].text, values[i].n);
            put(chunk, "", 1);
        }
    }
    chunk->rows++;
}

static void take(const struct cy_sql_chunk *chunk, size_t *at, void *out, size_t n)
{
    CY_ASSERT(chunk->n - *at >= n);
    memcpy(out, chunk->bytes + *at, n);
    *at += n;
}

bool cy_sql_chunk_next(const struct cy_sql_chunk *chunk, size_t *at, unsigned *statement,
                       struct cy_sql_value *values, size_t *n)
{
    uint32_t head[2] = {0, 0};

    if (*at >= chunk->n)
        return false;
    take(chunk, at, head, sizeof head);
    *statement = head[0];
    *n = head[1];
    for (uint32_t i = 0; i < head[1]; i++) {
        uint8_t kind = 0;

        take(chunk, at, &kind, 1);
        values[i] = (struct cy_sql_value){.kind = (enum cy_sql_kind)kind};
        if (values[i].kind == CY_SQL_NUMBER) {
            take(chunk, at, &values[i].number, sizeof values[i].number);
        } else if (values[i].kind != CY_SQL_NULL) {
            take(chunk, at, &values[i].n, sizeof values[i].n);
            values[i].text = (const char *)chunk->bytes + *at;
            *at += values[i].n + 1u;
        }
    }
    return true;
}

/* sql_chunk: rows that wait to be written in one transaction.
 *
 *     the reader of the ledger --row, row, ...--> chunk --> one transaction of the database
 *
 * The rows are here as values, so a transaction that fails (a full disk, a server that restarts) is
 * simply tried again: nothing is judged twice and nothing is lost.
 *
 * Owns: its bytes (malloc). */
#ifndef CY_HOST_SQL_SQL_CHUNK_H
#define CY_HOST_SQL_SQL_CHUNK_H

#include "host/sql/sql_shape.h"
#include "host/sql/sql_value.h"

struct cy_sql_chunk {
    uint8_t *bytes;
    size_t n;
    size_t cap;
    bool starved; /* a row found no memory: the chunk is worth nothing */
    /* what it holds: entries first .. next - 1 of the ledger */
    uint64_t first;
    uint64_t next;
    uint64_t rows;
    struct cy_id root;  /* over entries 0 .. next - 1 */
    struct cy_id realm; /* id of genesis */
    uint64_t head;      /* size of the signed head that it was read under */
    cy_time now;        /* the ledger's clock after it */
    uint32_t rules;
};

/* cy_sql_chunk_clear forgets rows and keeps the memory; cy_sql_chunk_free gives it back. */
void cy_sql_chunk_clear(struct cy_sql_chunk *chunk, uint64_t first);
void cy_sql_chunk_free(struct cy_sql_chunk *chunk);

/* cy_sql_chunk_row adds a row: a statement and its parameters, which are copied. */
void cy_sql_chunk_row(struct cy_sql_chunk *chunk, unsigned statement,
                      const struct cy_sql_value *values, size_t n);

/* cy_sql_chunk_next gives the row at *at (begin with 0) and moves on; false at the end. values
 * has CY_SQL_COLUMNS_MAX places; texts borrow from the chunk. */
bool cy_sql_chunk_next(const struct cy_sql_chunk *chunk, size_t *at, unsigned *statement,
                       struct cy_sql_value *values, size_t *n);

#endif

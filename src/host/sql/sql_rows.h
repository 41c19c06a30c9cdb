/* sql_rows: what an entry of the ledger becomes in the projection.
 *
 *     entry --> a row of `act`, of a batch also rows of `act_item`
 *           --> a row of `posting` for each account whose balance or hold it changed
 *           --> the keys of records it changed; at the end of a chunk each of them once, as the
 *               world then has it: a record that 10,000 entries changed is written once
 *
 * Owns: the list of changed keys, and room to print into. Never: talks to a database. */
#ifndef CY_HOST_SQL_SQL_ROWS_H
#define CY_HOST_SQL_SQL_ROWS_H

#include "host/sql/sql_chunk.h"
#include "host/sql/sql_replay.h"

/* The statements of a table: three in a row, from 3 * (its place in the shape). */
enum cy_sql_does { CY_SQL_DOES_PUT, CY_SQL_DOES_REMOVE, CY_SQL_DOES_INSERT, CY_SQL_DOES };

static inline unsigned cy_sql_statement(uint32_t table, enum cy_sql_does does)
{
    return CY_SQL_DOES * table + (unsigned)does;
}

/* The key of the n-th row that an entry has in a table of parts: rows stand in the order of the
 * ledger and are added at the end. */
#define CY_SQL_PARTS 65536u

struct cy_sql_rows;

/* cy_sql_rows_new: chunk_bytes is when a chunk is full, 0 for 16 MB. NULL without memory. */
struct cy_sql_rows *cy_sql_rows_new(const struct cy_sql_shape *shape, size_t chunk_bytes);
void cy_sql_rows_free(struct cy_sql_rows *rows);

/* cy_sql_rows_begin says which chunk the rows go to, and returns who adds entries to it; it is full
 * when it is time to write. cy_sql_rows_end adds the records that changed, as they are in the world
 * now. */
struct cy_sql_visitor cy_sql_rows_begin(struct cy_sql_rows *rows, struct cy_sql_chunk *chunk);
void cy_sql_rows_end(struct cy_sql_rows *rows, const struct cy_world *world);

/* cy_sql_rows_record adds one record of the world. */
void cy_sql_rows_record(struct cy_sql_rows *rows, uint32_t table, const void *record);

#endif

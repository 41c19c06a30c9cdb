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

struct cy_sql_rows;

/* cy_sql_rows_new: NULL without memory. */
struct cy_sql_rows *cy_sql_rows_new(const struct cy_sql_shape *shape);
void cy_sql_rows_free(struct cy_sql_rows *rows);

/* cy_sql_rows_begin says which chunk the rows go to. cy_sql_rows_take (a cy_sql_visit; user: the
 * rows) adds an entry. cy_sql_rows_full: it is time to write. cy_sql_rows_end adds the records that
 * changed, as they are in the world now. */
void cy_sql_rows_begin(struct cy_sql_rows *rows, struct cy_sql_chunk *chunk);
cy_err cy_sql_rows_take(void *user, const struct cy_sql_entry *entry);
bool cy_sql_rows_full(const struct cy_sql_rows *rows);
void cy_sql_rows_end(struct cy_sql_rows *rows, const struct cy_world *world);

/* cy_sql_rows_record adds one record of the world. */
void cy_sql_rows_record(struct cy_sql_rows *rows, uint32_t table, const void *record);

#endif

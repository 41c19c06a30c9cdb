/* sql_verify: what stands in a projection held to the ledger it was made from.
 *
 * Whoever can write to the database can change rows between two runs of ours. So the records are
 * compared, all of them, with a world at the same size when a projection is taken up again, and
 * `comity sql check` compares the rows of the ledger too.
 *
 * Owns: nothing. Never: writes. */
#ifndef CY_HOST_SQL_SQL_VERIFY_H
#define CY_HOST_SQL_SQL_VERIFY_H

#include "host/sql/sql_face.h"
#include "host/sql/sql_rows.h"

/* cy_sql_verify_world compares every table of records with the world, which must be at the size
 * that the projection says. Fails with SQL_EDITED (db->why: which table, how), or as `ask`. */
CY_MUST_USE cy_err cy_sql_verify_world(struct cy_sql_db *db, const struct cy_sql_shape *shape,
                                       const struct cy_world *world);

/* cy_sql_verify_chunk compares the rows of entries first .. next - 1 with those of a chunk. Fails
 * alike. */
CY_MUST_USE cy_err cy_sql_verify_chunk(struct cy_sql_db *db, const struct cy_sql_shape *shape,
                                       const struct cy_sql_chunk *chunk);

/* cy_sql_verify_count: the tables of the ledger have no row at or past entry `next`, and that of
 * entries ends just before it. */
CY_MUST_USE cy_err cy_sql_verify_count(struct cy_sql_db *db, uint64_t next);

#endif

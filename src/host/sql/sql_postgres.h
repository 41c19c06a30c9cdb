/* sql_postgres: a projection in a PostgreSQL database, in the schema `comity`.
 *
 * Rows are sent in pipelines (libpq 14), so that a row does not wait for the answer to the one
 * before. The writer holds an advisory lock of the database, so that there is one. The schema's
 * comment says that it is ours; a schema without it is left alone unless it is empty.
 *
 * Owns: one connection; in the database the schemas `comity` and `comity_replaced`. */
#ifndef CY_HOST_SQL_SQL_POSTGRES_H
#define CY_HOST_SQL_SQL_POSTGRES_H

#include "host/sql/sql_face.h"

/* cy_postgres_open fails as cy_sql_open. */
CY_MUST_USE cy_err cy_postgres_open(const char *url, enum cy_sql_mode mode, struct cy_sql_db **out,
                                    char why[static CY_SQL_WHY]);

#endif

/* sql_db: opens the database that a URL names (sql_face.h). */
#ifndef CY_HOST_SQL_SQL_DB_H
#define CY_HOST_SQL_SQL_DB_H

#include "host/sql/sql_postgres.h"
#include "host/sql/sql_sqlite.h"

/* cy_sql_open opens a database. why (CY_SQL_WHY bytes) says what is wrong. Fails with SQL_URL,
 * SQL_BUSY (another process writes it), SQL_FOREIGN, SQL_READ_ONLY, SQL_UNREACHABLE, SQL_GONE
 * (reading: no file), SQL_DAMAGED, NO_SPACE, NO_MEMORY. */
CY_MUST_USE cy_err cy_sql_open(const char *url, enum cy_sql_mode mode, struct cy_sql_db **out,
                               char why[static CY_SQL_WHY]);

/* cy_sql_close: NULL does nothing. */
void cy_sql_close(struct cy_sql_db *db);

#endif

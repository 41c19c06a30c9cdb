/* sql_sqlite: a projection in an SQLite file.
 *
 * Write-ahead logging, so that readers never wait and never make the writer wait; synchronous is
 * normal: power loss may take the last transactions, which are then read from the ledger again, and
 * never leaves half of one. The writer holds PATH.lock, so that there is one. Before every
 * transaction it looks whether the file still has its name (SQLITE_FCNTL_HAS_MOVED) and whether
 * somebody else wrote to it (PRAGMA data_version).
 *
 * Owns: the file PATH, PATH-wal, PATH-shm, PATH.lock and PATH.replaced. Never: touches a file that
 * is not marked as a projection. */
#ifndef CY_HOST_SQL_SQL_SQLITE_H
#define CY_HOST_SQL_SQL_SQLITE_H

#include "host/sql/sql_face.h"

/* cy_sqlite_open fails as cy_sql_open. */
CY_MUST_USE cy_err cy_sqlite_open(const char *path, enum cy_sql_mode mode, struct cy_sql_db **out,
                                  char why[static CY_SQL_WHY]);

#endif

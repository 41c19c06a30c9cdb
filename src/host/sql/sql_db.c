#include "host/sql/sql_db.h"

cy_err cy_sql_open(const char *url, enum cy_sql_mode mode, struct cy_sql_db **out,
                   char why[static CY_SQL_WHY])
{
    const char *path = cy_sql_url_path(url);

    *out = NULL;
    CY_TRY(cy_sql_url_check(url, why));
    return path != NULL ? cy_sqlite_open(path, mode, out, why)
                        : cy_postgres_open(url, mode, out, why);
}

void cy_sql_close(struct cy_sql_db *db)
{
    if (db != NULL)
        db->ops->close(db);
}

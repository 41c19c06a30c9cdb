#include "host/sql/sql_face.h"

#include <stdio.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

const char *cy_sql_url_path(const char *url)
{
    return begins(url, "sqlite:") ? url + strlen("sqlite:") : NULL;
}

/* A password stands between the first ':' and the last '@' of the authority, or is a parameter. */
static bool has_password(const char *url)
{
    const char *start = strstr(url, "://");
    const char *at = NULL;
    const char *colon = NULL;
    size_t n = 0;

    if (start == NULL || strstr(url, "password=") != NULL)
        return start != NULL;
    start += 3;
    n = strcspn(start, "/?");
    for (size_t i = 0; i < n; i++) {
        if (start[i] == '@')
            at = start + i;
    }
    colon = at == NULL ? NULL : memchr(start, ':', (size_t)(at - start));
    return colon != NULL;
}

cy_err cy_sql_url_check(const char *url, char why[static CY_SQL_WHY])
{
    const char *path = cy_sql_url_path(url);
    const bool server = begins(url, "postgresql://") || begins(url, "postgres://");

    why[0] = 0;
    if ((path != NULL && path[0] != 0) || (server && !has_password(url)))
        return CY_OK;
    (void)snprintf(why, CY_SQL_WHY, "%s",
                   server ? "a URL with a password in it is not taken: URLs are seen by others; "
                            "put the password into ~/.pgpass or the file named by PGPASSFILE"
                          : "write sqlite:PATH or postgresql://USER@HOST/DATABASE");
    return cy_fail(CY_E_SQL_URL, 0);
}

cy_err cy_sql_say(struct cy_sql_db *db, cy_err err, const char *what, const char *words)
{
    (void)snprintf(db->why, sizeof db->why, "%.100s: %.290s", what, words);
    for (char *c = db->why; *c != 0; c++) {
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    }
    return err;
}

cy_err cy_sql_opened(struct cy_sql_db *db, cy_err err, struct cy_sql_db **out,
                     char why[static CY_SQL_WHY])
{
    if (cy_ok(err)) {
        *out = db;
        return CY_OK;
    }
    (void)snprintf(why, CY_SQL_WHY, "%s", db->why);
    db->ops->close(db);
    return err;
}

/* sql_face: a database that holds a projection, whichever program it is.
 *
 *      url -> open (write: exclusively) -> begin -> run ... run -> commit | rollback
 *
 * "sqlite:PATH" is a file, "postgresql://USER@HOST/NAME" a database of a server, where everything
 * stands in the schema `comity`. A URL with a password in it is refused: URLs stand in settings, in
 * logs and in lists of processes; libpq reads passwords from ~/.pgpass or PGPASSFILE.
 *
 * Only fixed statements of sql_shape are prepared and run when writing; what members wrote reaches
 * them as parameters. An analyst's own statement is run by `ask` on a connection that cannot write,
 * with a limit of time.
 *
 * Errors say whose move it is:
 *   SQL_BUSY, SQL_UNREACHABLE, SQL_READ_ONLY, NO_SPACE, NO_MEMORY   wait and try again
 *   SQL_GONE, SQL_EDITED, SQL_DAMAGED                               make it anew
 *   SQL_FOREIGN, SQL_URL, SQL_STATEMENT, SQL_TIMEOUT                the operator's or analyst's
 *
 * Owns: one connection. One thread at a time. Never: decides what to write. */
#ifndef CY_HOST_SQL_SQL_FACE_H
#define CY_HOST_SQL_SQL_FACE_H

#include "host/sql/sql_shape.h"
#include "host/sql/sql_value.h"

#define CY_SQL_WHY 400u

enum cy_sql_mode { CY_SQL_WRITE, CY_SQL_READ };

/* What is in a database: nothing, a projection, or something that is not ours. */
enum cy_sql_mark { CY_SQL_MARK_EMPTY, CY_SQL_MARK_OURS, CY_SQL_MARK_FOREIGN };

/* One row of an answer: names of the columns and their texts (NULL: an SQL NULL). is_number says
 * which texts are plain numbers. An error ends the answer and is returned. */
typedef cy_err cy_sql_row(void *user, const char *const *names, const char *const *texts,
                          const bool *is_number, size_t n);

struct cy_sql_db;

struct cy_sql_ops {
    /* script runs fixed statements that give no rows. */
    cy_err (*script)(struct cy_sql_db *db, const char *sql);
    /* prepare keeps a fixed statement under a small number. */
    cy_err (*prepare)(struct cy_sql_db *db, unsigned statement, const char *sql);
    /* run executes it. PostgreSQL reports a failure at the latest in commit. */
    cy_err (*run)(struct cy_sql_db *db, unsigned statement, const struct cy_sql_value *values,
                  size_t n);
    cy_err (*begin)(struct cy_sql_db *db);
    cy_err (*commit)(struct cy_sql_db *db);
    void (*rollback)(struct cy_sql_db *db);
    /* look says whether the database is still there and nobody else wrote to it, as far as that can
     * be seen without reading the rows. Cheap. */
    cy_err (*look)(struct cy_sql_db *db);
    /* ask runs one statement and gives its rows; milliseconds 0: no limit. */
    cy_err (*ask)(struct cy_sql_db *db, const char *sql, unsigned ms, cy_sql_row *row, void *user);
    cy_err (*marked)(struct cy_sql_db *db, enum cy_sql_mark *mark);
    /* sign marks an empty database as ours; inside a transaction. */
    cy_err (*sign)(struct cy_sql_db *db);
    /* aside moves what is there out of the way, keeping it once, and leaves an empty database. */
    cy_err (*aside)(struct cy_sql_db *db);
    /* check looks at the file's own structure, as far as the program offers that. */
    cy_err (*check)(struct cy_sql_db *db);
    void (*close)(struct cy_sql_db *db);
};

struct cy_sql_db {
    const struct cy_sql_ops *ops;
    enum cy_sql_dialect dialect;
    char where[CY_SQL_WHY]; /* the URL without secrets, for people */
    char kept[CY_SQL_WHY];  /* where aside puts things */
    char why[CY_SQL_WHY];   /* about the last failure, in the database's words */
};

/* cy_sql_url_check judges a URL without opening it: SQL_URL. */
CY_MUST_USE cy_err cy_sql_url_check(const char *url, char why[static CY_SQL_WHY]);

/* cy_sql_url_path is the file of an sqlite URL, NULL for others. */
const char *cy_sql_url_path(const char *url);

/* cy_sql_opened ends an opening: hands the database over, or closes it and says why. Returns err.
 */
CY_MUST_USE cy_err cy_sql_opened(struct cy_sql_db *db, cy_err err, struct cy_sql_db **out,
                                 char why[static CY_SQL_WHY]);

/* cy_sql_say puts the database's own words into db->why, without line breaks, and returns err. */
cy_err cy_sql_say(struct cy_sql_db *db, cy_err err, const char *what, const char *words);

#endif

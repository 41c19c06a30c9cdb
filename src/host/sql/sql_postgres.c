#include "host/sql/sql_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define SENT_MAX 512u /* rows on their way before their answers are read */
#define PARAMETERS_MAX CY_SQL_COLUMNS_MAX
#define MARK "Comity projection"

struct postgres {
    struct cy_sql_db db;
    PGconn *conn;
    unsigned sent; /* answers that are not read yet */
    bool pipeline;
    enum cy_sql_mode mode;
};

static struct postgres *self_of(struct cy_sql_db *db)
{
    return (struct postgres *)(void *)db;
}

/* --- what went wrong (SQLSTATE, PostgreSQL manual, appendix A) --- */

static enum cy_code code_of(const char *state)
{
    static const struct {
        const char *state;
        enum cy_code code;
    } known[] = {
        {"53100", CY_E_NO_SPACE       }, /* disk full */
        {"53200", CY_E_NO_MEMORY      },
        {"53",    CY_E_SQL_BUSY       }, /* too few resources */
        {"25006", CY_E_SQL_READ_ONLY  },
        {"42501", CY_E_SQL_READ_ONLY  }, /* no privilege */
        {"55",    CY_E_SQL_BUSY       }, /* lock not available, object in use */
        {"40",    CY_E_SQL_BUSY       }, /* deadlock, serialisation */
        {"57014", CY_E_SQL_TIMEOUT    }, /* cancelled: a time limit */
        {"57",    CY_E_SQL_UNREACHABLE}, /* shutting down */
        {"58",    CY_E_SQL_UNREACHABLE}, /* error of the system */
        {"08",    CY_E_SQL_UNREACHABLE},
        {"28",    CY_E_SQL_UNREACHABLE}, /* not let in */
        {"3D",    CY_E_SQL_UNREACHABLE}, /* no such database */
        {"XX",    CY_E_SQL_DAMAGED    },
    };

    for (size_t i = 0; state != NULL && i < CY_COUNT(known); i++) {
        if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
            return known[i].code;
    }
    return state == NULL ? CY_E_SQL_UNREACHABLE : CY_E_SQL_EDITED;
}

static cy_err failed(struct postgres *p, const PGresult *result, const char *what)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    enum cy_code code = code_of(state);

    if (PQstatus(p->conn) != CONNECTION_OK)
        code = CY_E_SQL_UNREACHABLE;
    return cy_sql_say(&p->db, cy_fail(code, 0), what,
                      words != NULL ? words : PQerrorMessage(p->conn));
}

static bool good(const PGresult *result)
{
    const ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
}

static cy_err script(struct cy_sql_db *db, const char *sql)
{
    struct postgres *p = self_of(db);
    PGresult *result = PQexec(p->conn, sql);
    const cy_err err = good(result) ? CY_OK : failed(p, result, "script");

    PQclear(result);
    return err;
}

/* --- writing --- */

static void name_of(unsigned statement, char name[static 16])
{
    (void)snprintf(name, 16, "s%u", statement);
}

static cy_err prepare(struct cy_sql_db *db, unsigned statement, const char *sql)
{
    struct postgres *p = self_of(db);
    char name[16];
    PGresult *result = NULL;
    cy_err err = CY_OK;

    name_of(statement, name);
    result = PQprepare(p->conn, name, sql, 0, NULL);
    err = good(result) ? CY_OK : failed(p, result, "prepare");
    PQclear(result);
    return err;
}

/* Reads the answers to everything that was sent; the first failure is returned. */
static cy_err drain(struct postgres *p)
{
    cy_err err = CY_OK;
    bool synced = false;

    if (p->sent == 0)
        return CY_OK;
    p->sent = 0;
    if (PQpipelineSync(p->conn) != 1)
        return failed(p, NULL, "write");
    while (!synced && PQstatus(p->conn) == CONNECTION_OK) {
        PGresult *result = PQgetResult(p->conn);

        if (result == NULL)
            continue; /* between the answers of two statements */
        synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (cy_ok(err) && !good(result))
            err = failed(p, result, "write");
        PQclear(result);
    }
    if (!synced && cy_ok(err))
        err = failed(p, NULL, "write");
    return err;
}

static cy_err run(struct cy_sql_db *db, unsigned statement, const struct cy_sql_value *values,
                  size_t n)
{
    struct postgres *p = self_of(db);
    const char *texts[PARAMETERS_MAX];
    char numbers[PARAMETERS_MAX][24];
    char name[16];

    CY_ASSERT(n <= PARAMETERS_MAX);
    for (size_t i = 0; i < n; i++) {
        texts[i] = values[i].kind == CY_SQL_NULL ? NULL : values[i].text;
        if (values[i].kind == CY_SQL_NUMBER) {
            (void)snprintf(numbers[i], sizeof numbers[i], "%lld", (long long)values[i].number);
            texts[i] = numbers[i];
        }
    }
    name_of(statement, name);
    if (!p->pipeline && PQenterPipelineMode(p->conn) != 1)
        return failed(p, NULL, "write");
    p->pipeline = true;
    if (PQsendQueryPrepared(p->conn, name, (int)n, texts, NULL, NULL, 0) != 1)
        return failed(p, NULL, "write");
    p->sent++;
    return p->sent < SENT_MAX ? CY_OK : drain(p);
}

static cy_err begin(struct cy_sql_db *db)
{
    return script(db, self_of(db)->mode == CY_SQL_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ"
                                                       : "BEGIN");
}

/* Rows go through the pipeline; questions and scripts do not. */
static cy_err leave_pipeline(struct postgres *p)
{
    const cy_err err = drain(p);

    if (p->pipeline && PQexitPipelineMode(p->conn) != 1 && cy_ok(err))
        return failed(p, NULL, "write");
    p->pipeline = false;
    return err;
}

static cy_err commit(struct cy_sql_db *db)
{
    CY_TRY(leave_pipeline(self_of(db)));
    return script(db, "COMMIT");
}

static void rollback(struct cy_sql_db *db)
{
    cy_err err = leave_pipeline(self_of(db));

    if (PQtransactionStatus(self_of(db)->conn) != PQTRANS_IDLE)
        err = script(db, "ROLLBACK");
    (void)err.code; /* a connection that is gone rolls back by itself */
}

/* The server says when it goes away; who wrote to the tables it does not say. */
static cy_err look(struct cy_sql_db *db)
{
    struct postgres *p = self_of(db);

    if (PQconsumeInput(p->conn) == 1 && PQstatus(p->conn) == CONNECTION_OK)
        return CY_OK;
    return failed(p, NULL, p->db.where);
}

/* --- asking --- */

static bool is_number(Oid type)
{
    static const Oid numbers[] = {20, 21, 23, 26, 700, 701, 1700}; /* pg_type.dat */

    for (size_t i = 0; i < CY_COUNT(numbers); i++) {
        if (type == numbers[i])
            return true;
    }
    return false;
}

static cy_err one_row(const PGresult *result, cy_sql_row *row, void *user)
{
    const char *names[256];
    const char *texts[256];
    bool numbers[256];
    const int n = PQnfields(result);

    if (n > (int)CY_COUNT(names))
        return cy_fail(CY_E_NO_ROOM, CY_COUNT(names));
    for (int i = 0; i < n; i++) {
        names[i] = PQfname(result, i);
        texts[i] = PQgetisnull(result, 0, i) != 0 ? NULL : PQgetvalue(result, 0, i);
        numbers[i] = is_number(PQftype(result, i));
        if (texts[i] != NULL && PQftype(result, i) == 16)
            texts[i] = texts[i][0] == 't' ? "true" : "false";
    }
    return row(user, names, texts, numbers, (size_t)n);
}

static cy_err ask_failed(struct postgres *p, const PGresult *result)
{
    const cy_err err = failed(p, result, "SQL");

    const bool theirs =
        err.code == CY_E_SQL_EDITED || (err.code == CY_E_SQL_READ_ONLY && p->mode == CY_SQL_READ);

    return theirs ? cy_fail(CY_E_SQL_STATEMENT, 0) : err;
}

static cy_err ask(struct cy_sql_db *db, const char *sql, unsigned ms, cy_sql_row *row, void *user)
{
    struct postgres *p = self_of(db);
    PGresult *result = NULL;
    char limit[64];
    cy_err err = CY_OK;

    CY_TRY(leave_pipeline(p));
    if (p->mode == CY_SQL_READ) {
        (void)snprintf(limit, sizeof limit, "SET statement_timeout = %u", ms);
        CY_TRY(script(db, limit));
    }
    /* with parameters, if only none, the server takes exactly one statement */
    if (PQsendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 0) != 1 ||
        PQsetSingleRowMode(p->conn) != 1)
        return failed(p, NULL, "SQL");
    while ((result = PQgetResult(p->conn)) != NULL) {
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE && cy_ok(err))
            err = one_row(result, row, user);
        else if (PQresultStatus(result) != PGRES_SINGLE_TUPLE && !good(result) && cy_ok(err))
            err = ask_failed(p, result);
        PQclear(result);
    }
    return err;
}

/* --- whose it is --- */

static cy_err take_number(void *user, const char *const *names, const char *const *texts,
                          const bool *numbers, size_t n)
{
    (void)names;
    (void)numbers;
    if (n > 0 && texts[0] != NULL)
        *(long *)user = strtol(texts[0], NULL, 10);
    return CY_OK;
}

static cy_err marked(struct cy_sql_db *db, enum cy_sql_mark *mark)
{
    long tables = 0;
    long ours = 0;

    CY_TRY(ask(db,
               "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
               " WHERE n.nspname = 'comity'",
               0, take_number, &tables));
    CY_TRY(ask(db,
               "SELECT count(*) FROM pg_namespace WHERE nspname = 'comity' AND"
               " obj_description(oid, 'pg_namespace') LIKE '" MARK "%'",
               0, take_number, &ours));
    *mark = ours != 0 ? CY_SQL_MARK_OURS : tables == 0 ? CY_SQL_MARK_EMPTY : CY_SQL_MARK_FOREIGN;
    return CY_OK;
}

static cy_err sign(struct cy_sql_db *db)
{
    char sql[160];

    CY_TRY(leave_pipeline(self_of(db)));
    (void)snprintf(sql, sizeof sql,
                   "CREATE SCHEMA IF NOT EXISTS comity;"
                   "COMMENT ON SCHEMA comity IS '" MARK " %u'",
                   CY_SQL_VERSION);
    return script(db, sql);
}

static cy_err aside(struct cy_sql_db *db)
{
    CY_TRY(leave_pipeline(self_of(db)));
    CY_TRY(script(db, "DEALLOCATE ALL"));
    return script(db, "BEGIN; DROP SCHEMA IF EXISTS comity_replaced CASCADE;"
                      "CREATE SCHEMA IF NOT EXISTS comity; ALTER SCHEMA comity RENAME TO "
                      "comity_replaced; COMMIT");
}

static cy_err check(struct cy_sql_db *db)
{
    (void)db; /* the server looks after its own files */
    return CY_OK;
}

/* --- opening --- */

static void close_connection(struct cy_sql_db *db)
{
    PQfinish(self_of(db)->conn);
    free(self_of(db));
}

static void ignore_notice(void *user, const char *message)
{
    (void)user;
    (void)message;
}

/* Times of the analyst's session are UTC, like the ledger's. */
static cy_err settle(struct postgres *p)
{
    long got = 0;

    CY_TRY(script(&p->db, "SET search_path = comity; SET timezone = 'UTC'; SET datestyle = 'ISO';"
                          "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on"));
    if (p->mode == CY_SQL_READ)
        return script(&p->db, "SET default_transaction_read_only = on");
    CY_TRY(script(&p->db, "SET statement_timeout = '30s'; SET lock_timeout = '5s';"
                          "SET idle_in_transaction_session_timeout = '60s';"
                          "SET synchronous_commit = off"));
    CY_TRY(ask(&p->db, "SELECT pg_try_advisory_lock(1131369297)::int", 0, take_number, &got));
    return got == 1 ? CY_OK
                    : cy_sql_say(&p->db, cy_fail(CY_E_SQL_BUSY, 0), p->db.where,
                                 "another process writes this projection");
}

static PGconn *connect_to(const char *url)
{
    /* what the URL says wins over these */
    static const char *const names[] = {"connect_timeout", "tcp_user_timeout", "application_name",
                                        "dbname", NULL};
    const char *const values[] = {"5", "10000", "comity", url, NULL};

    return PQconnectdbParams(names, values, 1);
}

static const struct cy_sql_ops ops = {
    .script = script,
    .prepare = prepare,
    .run = run,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .look = look,
    .ask = ask,
    .marked = marked,
    .sign = sign,
    .aside = aside,
    .check = check,
    .close = close_connection,
};

cy_err cy_postgres_open(const char *url, enum cy_sql_mode mode, struct cy_sql_db **out,
                        char why[static CY_SQL_WHY])
{
    struct postgres *p = calloc(1, sizeof *p);
    cy_err err = CY_OK;

    *out = NULL;
    why[0] = 0;
    if (p == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    p->db.ops = &ops;
    p->db.dialect = CY_SQL_POSTGRESQL;
    p->mode = mode;
    (void)snprintf(p->db.where, sizeof p->db.where, "%.390s", url);
    p->db.where[strcspn(p->db.where, "?")] = 0; /* parameters may be private */
    (void)snprintf(p->db.kept, sizeof p->db.kept, "the schema comity_replaced");
    p->conn = connect_to(url);
    if (p->conn == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    else if (PQstatus(p->conn) != CONNECTION_OK)
        err = failed(p, NULL, p->db.where);
    if (cy_ok(err)) {
        (void)PQsetNoticeProcessor(p->conn, ignore_notice, NULL);
        err = settle(p);
    }
    return cy_sql_opened(&p->db, err, out, why);
}

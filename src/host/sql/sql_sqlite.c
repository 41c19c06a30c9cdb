#include "host/sql/sql_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STATEMENTS_MAX (3u * CY_SQL_TABLES_MAX)
#define PATH_MAX_BYTES 400u /* longer ones are refused */
#define BUSY_MS 2000
#define STEPS_BETWEEN_LOOKS 1000

struct sqlite {
    struct cy_sql_db db;
    sqlite3 *file;
    sqlite3_stmt *statements[STATEMENTS_MAX];
    sqlite3_stmt *version; /* PRAGMA data_version */
    int64_t seen;          /* its value after our last look */
    int lock;
    enum cy_sql_mode mode;
    bool damaged; /* found so when it was opened for writing: only aside helps */
    bool moved;   /* the name is another file's by now */
    uint64_t deadline_ms;
    char path[PATH_MAX_BYTES];
};

static struct sqlite *self_of(struct cy_sql_db *db)
{
    return (struct sqlite *)(void *)db;
}

/* --- what went wrong --- */

/* SQLite reports a limit of file size as an error of writing; the operator's remedy is the same. */
static enum cy_code code_of(int result, int system)
{
    switch (result & 0xff) {
    case SQLITE_FULL: return CY_E_NO_SPACE;
    case SQLITE_IOERR:
        return system == ENOSPC || system == EDQUOT || system == EFBIG ? CY_E_NO_SPACE
                                                                       : CY_E_SQL_UNREACHABLE;
    case SQLITE_READONLY:
        return result == SQLITE_READONLY_DBMOVED ? CY_E_SQL_GONE : CY_E_SQL_READ_ONLY;
    case SQLITE_PERM:
    case SQLITE_AUTH: return CY_E_SQL_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return CY_E_SQL_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return CY_E_SQL_DAMAGED;
    case SQLITE_NOMEM: return CY_E_NO_MEMORY;
    case SQLITE_INTERRUPT: return CY_E_SQL_TIMEOUT;
    case SQLITE_CANTOPEN: return CY_E_SQL_UNREACHABLE;
    default: return CY_E_SQL_EDITED; /* our own statements fit our own tables */
    }
}

/* errno of the last failed call about a file; sqlite3_system_errno would be that of whatever
 * SQLite did since. */
static int errno_of(sqlite3_file *file)
{
    int code = 0;

    if (file != NULL && file->pMethods != NULL)
        (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code);
    return code;
}

/* Of the file and of its log. */
static int last_errno(struct sqlite *s)
{
    sqlite3_file *file = NULL;
    int code = 0;

    (void)sqlite3_file_control(s->file, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&file);
    code = errno_of(file);
    if (code == 0) {
        (void)sqlite3_file_control(s->file, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file);
        code = errno_of(file);
    }
    return code;
}

static cy_err failed(struct sqlite *s, const char *what)
{
    const int result = sqlite3_extended_errcode(s->file);
    const int system = (result & 0xff) == SQLITE_IOERR ? last_errno(s) : 0;

    return cy_sql_say(&s->db, cy_fail(code_of(result, system), 0), what, sqlite3_errmsg(s->file));
}

/* --- statements --- */

static cy_err script(struct cy_sql_db *db, const char *sql)
{
    struct sqlite *s = self_of(db);

    return sqlite3_exec(s->file, sql, NULL, NULL, NULL) == SQLITE_OK ? CY_OK : failed(s, "script");
}

static cy_err prepare(struct cy_sql_db *db, unsigned statement, const char *sql)
{
    struct sqlite *s = self_of(db);

    CY_ASSERT(statement < STATEMENTS_MAX);
    CY_ASSERT(s->statements[statement] == NULL);
    return sqlite3_prepare_v3(s->file, sql, -1, SQLITE_PREPARE_PERSISTENT,
                              &s->statements[statement], NULL) == SQLITE_OK
               ? CY_OK
               : failed(s, "prepare");
}

static cy_err run(struct cy_sql_db *db, unsigned statement, const struct cy_sql_value *values,
                  size_t n)
{
    struct sqlite *s = self_of(db);
    sqlite3_stmt *stmt = s->statements[statement];
    int result = SQLITE_OK;

    for (size_t i = 0; i < n && result == SQLITE_OK; i++) {
        const struct cy_sql_value *v = &values[i];

        if (v->kind == CY_SQL_NULL)
            result = sqlite3_bind_null(stmt, (int)i + 1);
        else if (v->kind == CY_SQL_NUMBER)
            result = sqlite3_bind_int64(stmt, (int)i + 1, v->number);
        else
            result = sqlite3_bind_text(stmt, (int)i + 1, v->text, (int)v->n, SQLITE_STATIC);
    }
    if (result == SQLITE_OK)
        result = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
    if (result != SQLITE_OK) {
        const cy_err err = failed(s, "write");

        (void)sqlite3_reset(stmt);
        return err;
    }
    (void)sqlite3_reset(stmt);
    return CY_OK;
}

/* --- who else was here --- */

static cy_err data_version(struct sqlite *s, int64_t *version)
{
    cy_err err = CY_OK;

    if (s->version == NULL &&
        sqlite3_prepare_v2(s->file, "PRAGMA data_version", -1, &s->version, NULL) != SQLITE_OK)
        return failed(s, "look");
    if (sqlite3_step(s->version) == SQLITE_ROW)
        *version = sqlite3_column_int64(s->version, 0);
    else
        err = failed(s, "look");
    (void)sqlite3_reset(s->version);
    return err;
}

/* The file still has its name, and only we wrote to it. */
static cy_err look(struct cy_sql_db *db)
{
    struct sqlite *s = self_of(db);
    int64_t version = 0;
    int moved = 0;

    if (sqlite3_file_control(s->file, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved != 0) {
        s->moved = true;
        return cy_sql_say(&s->db, cy_fail(CY_E_SQL_GONE, 0), s->path,
                          "was deleted, renamed or replaced while it was written");
    }
    CY_TRY(data_version(s, &version));
    if (s->seen != 0 && version != s->seen)
        return cy_sql_say(&s->db, cy_fail(CY_E_SQL_EDITED, 0), s->path,
                          "another program wrote to it");
    s->seen = version;
    return CY_OK;
}

static void rollback(struct cy_sql_db *db)
{
    struct sqlite *s = self_of(db);

    if (sqlite3_get_autocommit(s->file) == 0)
        (void)sqlite3_exec(s->file, "ROLLBACK", NULL, NULL, NULL);
}

static cy_err begin(struct cy_sql_db *db)
{
    cy_err err = script(db, self_of(db)->mode == CY_SQL_READ ? "BEGIN" : "BEGIN IMMEDIATE");

    if (cy_ok(err) && self_of(db)->mode == CY_SQL_WRITE)
        err = look(db);
    if (!cy_ok(err))
        rollback(db);
    return err;
}

static cy_err commit(struct cy_sql_db *db)
{
    return script(db, "COMMIT");
}

/* --- asking --- */

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static int too_late(void *user)
{
    const struct sqlite *s = user;

    return now_ms() >= s->deadline_ms ? 1 : 0;
}

static cy_err one_row(sqlite3_stmt *stmt, cy_sql_row *row, void *user)
{
    const char *names[256];
    const char *texts[256];
    bool numbers[256];
    const int n = sqlite3_column_count(stmt);

    if (n > (int)CY_COUNT(names))
        return cy_fail(CY_E_NO_ROOM, CY_COUNT(names));
    for (int i = 0; i < n; i++) {
        const int type = sqlite3_column_type(stmt, i);

        names[i] = sqlite3_column_name(stmt, i);
        texts[i] = (const char *)sqlite3_column_text(stmt, i);
        numbers[i] = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    }
    return row(user, names, texts, numbers, (size_t)n);
}

static cy_err ask_failed(struct sqlite *s)
{
    const cy_err err = failed(s, "SQL");

    return err.code == CY_E_SQL_EDITED ? cy_fail(CY_E_SQL_STATEMENT, 0) : err;
}

static bool only_space(const char *text)
{
    return text[strspn(text, " \t\r\n;")] == 0;
}

static cy_err ask(struct cy_sql_db *db, const char *sql, unsigned ms, cy_sql_row *row, void *user)
{
    struct sqlite *s = self_of(db);
    sqlite3_stmt *stmt = NULL;
    const char *rest = NULL;
    cy_err err = CY_OK;
    int result = sqlite3_prepare_v2(s->file, sql, -1, &stmt, &rest);

    if (result != SQLITE_OK)
        return ask_failed(s);
    if (stmt == NULL || !only_space(rest) || sqlite3_stmt_readonly(stmt) == 0) {
        (void)sqlite3_finalize(stmt);
        return cy_sql_say(db, cy_fail(CY_E_SQL_STATEMENT, 0), "SQL",
                          "write one statement that reads");
    }
    s->deadline_ms = now_ms() + ms;
    sqlite3_progress_handler(s->file, ms == 0 ? 0 : STEPS_BETWEEN_LOOKS, too_late, s);
    while (cy_ok(err) && (result = sqlite3_step(stmt)) == SQLITE_ROW)
        err = one_row(stmt, row, user);
    if (cy_ok(err) && result != SQLITE_DONE)
        err = ask_failed(s);
    sqlite3_progress_handler(s->file, 0, NULL, NULL);
    (void)sqlite3_finalize(stmt);
    return err;
}

static cy_err take_number(void *user, const char *const *names, const char *const *texts,
                          const bool *is_number, size_t n)
{
    (void)names;
    (void)is_number;
    if (n > 0 && texts[0] != NULL)
        *(int64_t *)user = strtoll(texts[0], NULL, 10);
    return CY_OK;
}

static cy_err marked(struct cy_sql_db *db, enum cy_sql_mark *mark)
{
    int64_t tables = 0;
    int64_t id = 0;

    if (self_of(db)->damaged)
        return cy_fail(CY_E_SQL_DAMAGED, 0);
    CY_TRY(ask(db, "SELECT count(*) FROM sqlite_master", 0, take_number, &tables));
    CY_TRY(ask(db, "PRAGMA application_id", 0, take_number, &id));
    *mark = id == CY_SQL_APPLICATION ? CY_SQL_MARK_OURS
            : id == 0 && tables == 0 ? CY_SQL_MARK_EMPTY
                                     : CY_SQL_MARK_FOREIGN;
    return CY_OK;
}

static cy_err sign(struct cy_sql_db *db)
{
    char sql[120];

    (void)snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %u",
                   CY_SQL_APPLICATION, CY_SQL_VERSION);
    return script(db, sql);
}

static cy_err expect_ok(void *user, const char *const *names, const char *const *texts,
                        const bool *is_number, size_t n)
{
    struct sqlite *s = user;

    (void)names;
    (void)is_number;
    if (n > 0 && texts[0] != NULL && strcmp(texts[0], "ok") == 0)
        return CY_OK;
    return cy_sql_say(&s->db, cy_fail(CY_E_SQL_DAMAGED, 0), s->path,
                      n > 0 && texts[0] != NULL ? texts[0] : "?");
}

static cy_err check(struct cy_sql_db *db)
{
    return ask(db, "PRAGMA integrity_check(1)", 0, expect_ok, self_of(db));
}

/* --- opening --- */

/* The log of a file that is gone would be taken for that of whatever has its name now. */
static void remove_log(const struct sqlite *s)
{
    char path[PATH_MAX_BYTES + 8];

    (void)snprintf(path, sizeof path, "%s-wal", s->path);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s-shm", s->path);
    (void)unlink(path);
}

static void forget(struct sqlite *s)
{
    for (size_t i = 0; i < STATEMENTS_MAX; i++) {
        (void)sqlite3_finalize(s->statements[i]);
        s->statements[i] = NULL;
    }
    (void)sqlite3_finalize(s->version);
    s->version = NULL;
    s->seen = 0;
    (void)sqlite3_close(s->file);
    s->file = NULL;
    if (s->moved)
        remove_log(s);
    s->moved = false;
}

static void close_file(struct cy_sql_db *db)
{
    struct sqlite *s = self_of(db);

    forget(s);
    if (s->lock >= 0)
        (void)close(s->lock);
    free(s);
}

/* For the writer: larger cache and log than usual, since transactions are large. */
static cy_err settle(struct sqlite *s)
{
    (void)sqlite3_extended_result_codes(s->file, 1);
    (void)sqlite3_busy_timeout(s->file, BUSY_MS);
    (void)sqlite3_db_config(s->file, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(s->file, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (s->mode == CY_SQL_READ) {
        (void)sqlite3_limit(s->file, SQLITE_LIMIT_ATTACHED, 0);
        return script(&s->db, "PRAGMA query_only = 1; PRAGMA cache_size = -65536");
    }
    return script(&s->db,
                  "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                  "PRAGMA cache_size = -131072; PRAGMA wal_autocheckpoint = 8192;"
                  "PRAGMA journal_size_limit = 134217728; PRAGMA temp_store = MEMORY;"
                  "BEGIN IMMEDIATE; ROLLBACK"); /* may it be written at all? */
}

static bool ours_by_header(const char *path)
{
    uint8_t head[100] = {0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    const ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);

    if (fd >= 0)
        (void)close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, "SQLite format 3", 16) == 0 &&
           cy_get_u32be(head + 68) == CY_SQL_APPLICATION;
}

static cy_err open_file(struct sqlite *s)
{
    const int flags =
        s->mode == CY_SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    struct stat found;
    cy_err err = CY_OK;

    if (stat(s->path, &found) == 0) {
        if (!S_ISREG(found.st_mode))
            return cy_sql_say(&s->db, cy_fail(CY_E_SQL_FOREIGN, 0), s->path, "is no file");
        if (found.st_size > 0 && found.st_size < 100)
            return cy_sql_say(&s->db, cy_fail(CY_E_SQL_FOREIGN, 0), s->path, "is no database");
    } else if (s->mode == CY_SQL_READ) {
        return cy_sql_say(&s->db, cy_fail(CY_E_SQL_GONE, 0), s->path, strerror(errno));
    }
    if (sqlite3_open_v2(s->path, &s->file, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        NULL) != SQLITE_OK)
        err = failed(s, s->path);
    if (cy_ok(err))
        err = settle(s);
    /* a file that is no database and does not say that it is ours belongs to somebody else */
    if (err.code == CY_E_SQL_DAMAGED && !ours_by_header(s->path))
        err.code = CY_E_SQL_FOREIGN;
    s->damaged = err.code == CY_E_SQL_DAMAGED && s->mode == CY_SQL_WRITE;
    return s->damaged ? CY_OK : err;
}

static cy_err take_lock(struct sqlite *s)
{
    char path[PATH_MAX_BYTES + 8];

    (void)snprintf(path, sizeof path, "%s.lock", s->path);
    s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
    if (s->lock < 0)
        return cy_sql_say(&s->db,
                          cy_fail(errno == EROFS || errno == EACCES || errno == EPERM
                                      ? CY_E_SQL_READ_ONLY
                                  : errno == ENOSPC || errno == EDQUOT ? CY_E_NO_SPACE
                                                                       : CY_E_SQL_UNREACHABLE,
                                  0),
                          path, strerror(errno));
    if (flock(s->lock, LOCK_EX | LOCK_NB) == 0)
        return CY_OK;
    return cy_sql_say(&s->db, cy_fail(CY_E_SQL_BUSY, 0), s->path,
                      "another process writes this projection");
}

static cy_err aside(struct cy_sql_db *db)
{
    struct sqlite *s = self_of(db);
    bool gone = false;

    forget(s);
    if (access(s->path, F_OK) == 0 && !ours_by_header(s->path))
        return cy_sql_say(db, cy_fail(CY_E_SQL_FOREIGN, 0), s->path,
                          "does not say that it is a projection; it is left alone");
    gone = rename(s->path, db->kept) != 0 && errno == ENOENT;
    if (!gone && access(s->path, F_OK) == 0)
        return cy_sql_say(db, cy_fail(CY_E_SQL_READ_ONLY, 0), s->path, strerror(errno));
    s->damaged = false;
    remove_log(s);
    return open_file(s);
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
    .close = close_file,
};

cy_err cy_sqlite_open(const char *path, enum cy_sql_mode mode, struct cy_sql_db **out,
                      char why[static CY_SQL_WHY])
{
    struct sqlite *s = calloc(1, sizeof *s);
    cy_err err = CY_OK;

    *out = NULL;
    why[0] = 0;
    if (s == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    s->db.ops = &ops;
    s->db.dialect = CY_SQL_SQLITE;
    s->mode = mode;
    s->lock = -1;
    (void)snprintf(s->path, sizeof s->path, "%s", path);
    (void)snprintf(s->db.where, sizeof s->db.where, "sqlite:%.380s", path);
    (void)snprintf(s->db.kept, sizeof s->db.kept, "%.380s.replaced", path);
    if (strlen(path) > 380)
        err = cy_sql_say(&s->db, cy_fail(CY_E_SQL_URL, 0), "sqlite", "the path is too long");
    if (cy_ok(err) && mode == CY_SQL_WRITE)
        err = take_lock(s);
    if (cy_ok(err))
        err = open_file(s);
    return cy_sql_opened(&s->db, err, out, why);
}

/* The SQL projection: entries of a ledger a second into SQLite and PostgreSQL, beside SQLite
 * copying the same rows from one file to another with nothing else to do. */
#include "host/sql/sql_project.h"
#include "host/system/log.h"
#include "town.h"

#include <sqlite3.h>
#include <stdlib.h>

#define URL_MAX 400u

static void must_sqlite(sqlite3 *db, int result)
{
    if (result != SQLITE_OK)
        bench_die("sqlite: %s", sqlite3_errmsg(db));
}

/* Seconds that SQLite needs for the rows of a file in a new one of the same shape. */
static double copy_rows(const char *from, const char *to)
{
    struct cy_sql_shape *shape = cy_sql_shape_new();
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);
    char sql[700];
    sqlite3 *db = NULL;
    double began = 0;

    must_sqlite(db, sqlite3_open(to, &db));
    cy_sql_create(shape, CY_SQL_SQLITE, &script);
    must_sqlite(db, sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", NULL,
                                 NULL, NULL));
    must_sqlite(db, sqlite3_exec(db, room, NULL, NULL, NULL));
    (void)snprintf(sql, sizeof sql, "ATTACH '%s' AS old", from);
    must_sqlite(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
    began = bench_now();
    must_sqlite(db, sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));
    for (uint32_t i = 0; i < shape->n; i++) {
        char select[4096];
        struct cy_text list = cy_text_on(select, sizeof select);
        struct cy_text insert = cy_text_on(sql, sizeof sql);
        char statement[6000];

        cy_sql_insert(&shape->tables[i], &insert);
        *strstr(sql, ") VALUES") = 0;
        cy_sql_select(&shape->tables[i], CY_SQL_SQLITE, &list);
        (void)snprintf(statement, sizeof statement, "%s) %.*s FROM old.%s", sql,
                       (int)(strstr(select, " FROM ") - select), select,
                       strstr(select, " FROM ") + 6);
        must_sqlite(db, sqlite3_exec(db, statement, NULL, NULL, NULL));
    }
    must_sqlite(db, sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
    began = bench_now() - began;
    (void)sqlite3_close(db);
    free(room);
    free(shape);
    return began;
}

static cy_time no_clock(void)
{
    return 1;
}

/* Projects the whole ledger; *rows as written. Returns seconds; indexes are another figure. */
static double run(const struct town *town, const char *url, struct cy_sql_progress *progress)
{
    const struct cy_sql_project_options options = {
        .url = url, .ledger = {.place = town->dir}, .anew = true, .now = no_clock};
    struct cy_sql_project *project = cy_sql_project_new(&options);
    const double began = bench_now();
    bool more = true;

    while (more) {
        const cy_err err = cy_sql_project_step(project, NULL, &more);

        cy_sql_project_progress(project, progress);
        if (!cy_ok(err))
            bench_die("projection: %s: %s", cy_err_info(err.code)->text, progress->why);
    }
    cy_sql_project_free(project);
    return bench_now() - began;
}

static void project(struct bench *bench, const char *what, uint32_t accounts, bool batches)
{
    struct town *town = town_new(bench, 16, accounts, 32u << 20);
    struct row row = {.group = "projection", .unit = "acts/s", .target = 1e5};
    struct cy_sql_progress progress;
    char path[300];
    char url[URL_MAX];
    char copy[320];
    uint64_t items = 0;
    size_t n = bench_scaled(bench, 200000, 2000);
    struct built *built = batches ? town_stream(town, bench_scaled(bench, 400000, 4000), &n)
                                  : calloc(n, sizeof *built);
    double seconds = 0;

    for (size_t i = 0; i < n; i++) {
        if (!batches)
            built[i] = town_transfer(town, (uint32_t)(i % 16));
        town_put(town, &built[i]);
        items += batches ? built[i].items : 1;
    }
    town_commit(town);
    (void)snprintf(path, sizeof path, "%s/p.sqlite", town->dir);
    (void)snprintf(url, sizeof url, "sqlite:%s", path);
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    seconds = run(town, url, &progress);
    row.value = (double)items / seconds;
    row.peer = bench->bare ? 0 : (double)items / copy_rows(path, copy);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "SQLite copying the same rows");
    (void)snprintf(row.what, sizeof row.what, "%s, %u accounts, into SQLite", what, accounts);
    (void)snprintf(row.note, sizeof row.note, "%.1f rows an act, %.0f s in all",
                   (double)progress.rows / (double)items, seconds);
    bench_row(bench, &row);
    if (!bench->bare && bench_postgres_begin(bench, url, sizeof url)) {
        seconds = run(town, url, &progress);
        row.value = (double)items / seconds;
        row.peer = 0;
        (void)snprintf(row.what, sizeof row.what, "%s, %u accounts, into PostgreSQL", what,
                       accounts);
        bench_row(bench, &row);
        bench_postgres_end();
    }
    town_built_free(built, n);
    town_free(town);
}

void bench_sql(struct bench *bench)
{
    const struct cy_log_options quiet = {.level = CY_LOG_ERROR};

    bench_must(cy_log_open(&quiet), "log");
    project(bench, "single transfers", bench_scaled(bench, 10000, 100), false);
    project(bench, "single transfers", bench_scaled(bench, 1000000, 1000), false);
    project(bench, "transfers in batches", bench_scaled(bench, 10000, 100), true);
}

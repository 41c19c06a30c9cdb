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

/* Seconds that SQLite needs to copy the rows of entries from `first` on into a new file. */
static double copy_rows(const char *from, const char *to, uint64_t first)
{
    static const uint32_t tables[] = {CY_SQL_act, CY_SQL_act_item, CY_SQL_posting};
    struct cy_sql_shape *shape = cy_sql_shape_new();
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);
    char sql[6000];
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
    for (size_t i = 0; i < CY_COUNT(tables); i++) {
        const struct cy_sql_table *t = &shape->tables[tables[i]];
        char insert_room[2000];
        char select_room[2000];
        struct cy_text insert = cy_text_on(insert_room, sizeof insert_room);
        struct cy_text select = cy_text_on(select_room, sizeof select_room);

        cy_sql_insert(t, &insert);
        cy_sql_select(t, CY_SQL_SQLITE, &select);
        *strstr(insert_room, " VALUES") = 0;
        *strstr(select_room, " FROM ") = 0;
        (void)snprintf(sql, sizeof sql, "%s %s FROM old.%s WHERE entry >= %llu", insert_room,
                       select_room, t->name, (unsigned long long)first);
        must_sqlite(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
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

/* Follows to the end of the ledger. */
static struct cy_sql_progress follow(struct cy_sql_project *project)
{
    struct cy_sql_progress progress;
    bool more = true;

    while (more) {
        const cy_err err = cy_sql_project_step(project, NULL, &more);

        cy_sql_project_progress(project, &progress);
        if (!cy_ok(err))
            bench_die("projection: %s: %s", cy_err_info(err.code)->text, progress.why);
    }
    return progress;
}

static struct cy_sql_project *begin(const struct town *town, const char *url, bool few)
{
    const struct cy_sql_project_options options = {
        .url = url, .ledger = {.place = town->dir}, .few_indexes = few, .now = no_clock};
    struct cy_sql_project *project = cy_sql_project_new(&options);

    (void)follow(project);
    return project;
}

/* Acts that came while it followed: seconds until they are in. */
static void measure(struct bench *bench, struct cy_sql_project *project, uint64_t items,
                    struct row *row)
{
    struct cy_sql_progress before;
    struct cy_sql_progress after;
    const double began = bench_now();
    const double cpu = bench_cpu_thread();
    double spent = 0;

    cy_sql_project_progress(project, &before);
    after = follow(project);
    spent = bench_cpu_thread() - cpu;
    row->value = (double)items / (bench_now() - began);
    (void)snprintf(row->note, sizeof row->note,
                   "%.1f rows an act; the thread that writes alone: %.0f k acts/s",
                   (double)(after.rows - before.rows) / (double)items,
                   (double)items / spent / 1000);
    cy_sql_project_free(project);
    (void)bench;
}

static void project(struct bench *bench, const char *what, uint32_t accounts, bool batches,
                    bool few)
{
    struct town *town = town_new(bench, 16, accounts, 32u << 20);
    struct row row = {.group = "projection", .unit = "acts/s", .target = 1e5};
    struct cy_sql_project *projects[2] = {NULL, NULL};
    char path[300];
    char urls[2][URL_MAX];
    char copy[320];
    uint64_t items = 0;
    uint64_t first = 0;
    size_t n = bench_scaled(bench, 200000, 2000);
    struct built *built = batches ? town_stream(town, bench_scaled(bench, 400000, 4000), &n)
                                  : calloc(n, sizeof *built);

    (void)snprintf(path, sizeof path, "%s/p.sqlite", town->dir);
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    (void)snprintf(urls[0], sizeof urls[0], "sqlite:%s", path);
    projects[0] = begin(town, urls[0], few);
    if (!bench->bare && bench_postgres_begin(bench, urls[1], sizeof urls[1]))
        projects[1] = begin(town, urls[1], few);
    first = cy_tree_size(&town->cell->tree);
    for (size_t i = 0; i < n; i++) {
        if (!batches)
            built[i] = town_transfer(town, (uint32_t)(i % 16));
        town_put(town, &built[i]);
        items += batches ? built[i].items : 1;
    }
    town_commit(town);
    measure(bench, projects[0], items, &row);
    row.peer = bench->bare ? 0 : (double)items / copy_rows(path, copy, first);
    (void)snprintf(row.peer_name, sizeof row.peer_name, "SQLite copying these rows");
    (void)snprintf(row.what, sizeof row.what, "%s, %u accounts, into SQLite%s", what, accounts,
                   few ? "" : ", all indexes");
    bench_row(bench, &row);
    if (projects[1] != NULL) {
        measure(bench, projects[1], items, &row);
        row.peer = 0;
        row.peer_name[0] = 0;
        (void)snprintf(row.what, sizeof row.what, "%s, %u accounts, into PostgreSQL%s", what,
                       accounts, few ? "" : ", all indexes");
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
    project(bench, "single transfers", bench_scaled(bench, 10000, 100), false, true);
    project(bench, "single transfers", bench_scaled(bench, 10000, 100), false, false);
    project(bench, "transfers in batches", bench_scaled(bench, 10000, 100), true, true);
}

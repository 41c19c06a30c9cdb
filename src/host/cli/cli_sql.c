#include "host/cli/cli_sql.h"

#include "host/cli/cli_rows.h"
#include "host/sql/sql_project.h"
#include "host/system/daemon_config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define TIMEOUT_S 60u
#define ANEW_MAX 3u

const struct cy_cli_option cy_cli_sql_options[] = {
    {"db", "URL", "sqlite:PATH or postgresql://USER@HOST/DATABASE (sql.url of the directory)"},
    {NULL, NULL,  NULL                                                                       },
};

const struct cy_cli_option cy_cli_sql_ask_options[] = {
    {"db",      "URL",     "sqlite:PATH or postgresql://USER@HOST/DATABASE (sql.url of the directory)"},
    {"csv",     NULL,      "print CSV"                                                                },
    {"timeout", "SECONDS", "how long a statement may take (60; 0: as long as it likes)"               },
    {NULL,      NULL,      NULL                                                                       },
};

const struct cy_cli_option cy_cli_sql_schema_options[] = {
    {"ddl", "DIALECT", "print the statements instead: sqlite or postgresql"},
    {NULL,  NULL,      NULL                                                },
};

/* The settings of the directory's daemon; *config is NULL when there are none. */
static void settings_of(struct cy_cli *run, struct cy_daemon_config *values,
                        struct cy_config **config)
{
    char path[CY_HOME_DIR_MAX];
    char why_bytes[500];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);

    *config = NULL;
    if (run->home.dir[0] == 0 || !cy_home_path(&run->home, "comityd.conf", path) ||
        access(path, R_OK) != 0)
        return;
    if (!cy_ok(cy_daemon_config_load(path, values, config, &why)))
        *config = NULL;
}

static const char *kept(struct cy_cli *run, const char *text)
{
    const size_t n = strlen(text) + 1;
    char *copy = cy_arena_take(&run->arena, n);

    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}

/* Which projection, and where the ledger is that it is made from; either may be NULL. */
static void find_both(struct cy_cli *run, const char **db, const char **data)
{
    struct cy_daemon_config values;
    struct cy_config *config = NULL;

    *db = cy_cli_arg(&run->args, "db");
    *data = NULL;
    settings_of(run, &values, &config);
    if (config == NULL)
        return;
    if (*db == NULL && values.sql_url[0] != 0)
        *db = kept(run, values.sql_url);
    *data = kept(run, values.data);
    cy_config_free(config);
}

static int fail_because(struct cy_cli *run, cy_err err, const char *why)
{
    return cy_cli_fail(run, err, why[0] == 0 ? NULL : why);
}

/* --- asking --- */

static int open_shell(struct cy_cli *run, const char *url)
{
    const char *path = cy_sql_url_path(url);
    char file[CY_HOME_DIR_MAX];

    (void)fflush(run->out);
    if (path != NULL && access(path, R_OK) != 0) {
        cy_cli_note(run, "%s: %s", path, strerror(errno));
        return cy_cli_fail(run, cy_fail(CY_E_SQL_GONE, 0), NULL);
    }
    if (path != NULL) {
        (void)snprintf(file, sizeof file, "%s%.900s", path[0] == '-' ? "./" : "", path);
        (void)execlp("sqlite3", "sqlite3", "-readonly", "-header", "-column", file, (char *)NULL);
    } else {
        (void)setenv("PGOPTIONS",
                     "-c default_transaction_read_only=on -c search_path=comity -c timezone=UTC",
                     1);
        (void)execlp("psql", "psql", url, (char *)NULL);
    }
    cy_cli_note(run, "%s: %s; install it, or write the statement behind `comity sql`",
                path != NULL ? "sqlite3" : "psql", strerror(errno));
    return cy_cli_fail(run, cy_fail(CY_E_NO_FILE, (uint64_t)errno), NULL);
}

static int ask(struct cy_cli *run, const char *url, const char *statement, unsigned ms)
{
    const bool csv = cy_cli_arg_on(&run->args, "csv");
    char why[CY_SQL_WHY];
    struct cy_sql_db *db = NULL;
    struct cy_rows *rows = cy_rows_new(run->out, csv         ? CY_ROWS_CSV
                                                 : run->json ? CY_ROWS_JSON
                                                             : CY_ROWS_TABLE);
    cy_err err =
        rows == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : cy_sql_open(url, CY_SQL_READ, &db, why);
    const bool opened = cy_ok(err);

    if (opened)
        err = db->ops->ask(db, statement, ms, cy_rows_row, rows);
    if (opened)
        (void)snprintf(why, sizeof why, "%s", db->why);
    if (rows != NULL)
        (void)cy_rows_end(rows, cy_ok(err));
    cy_sql_close(db);
    return cy_ok(err) ? CY_EXIT_OK : fail_because(run, err, why);
}

int cy_cli_sql(struct cy_cli *run)
{
    const char *limit = cy_cli_arg(&run->args, "timeout");
    const char *url = NULL;
    const char *data = NULL;
    uint64_t seconds = TIMEOUT_S;

    if (run->args.n_words > 2)
        return cy_cli_wrong(
            run, "write the statement as one word, in quotes: comity sql \"SELECT ...\"");
    if (limit != NULL && (!cy_ok(cy_u64_read(cy_span_text(limit), &seconds)) || seconds > 86400))
        return cy_cli_wrong(run, "--timeout is a number of seconds, at most 86400");
    find_both(run, &url, &data);
    if (url == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_SQL_NONE, 0), NULL);
    if (run->args.n_words < 2)
        return open_shell(run, url);
    return ask(run, url, run->args.words[1], (unsigned)seconds * 1000u);
}

/* --- what it all means --- */

struct listing {
    struct cy_rows *rows;
    const char *only; /* one table or view; NULL: all */
    bool found;
};

static cy_err list_one(void *user, const char *relation, const char *item, const char *says)
{
    static const char *const names[] = {"table", "column", "meaning"};
    static const bool numbers[] = {false, false, false};
    struct listing *listing = user;
    const char *const texts[] = {relation, item, says};

    if (listing->only != NULL && strcmp(listing->only, relation) != 0)
        return CY_OK;
    listing->found = true;
    return cy_rows_row(listing->rows, names, texts, numbers, 3);
}

static int print_ddl(struct cy_cli *run, const struct cy_sql_shape *shape, const char *dialect)
{
    char *room = malloc(CY_SQL_SCRIPT_MAX);
    struct cy_text script = cy_text_on(room, CY_SQL_SCRIPT_MAX);

    if (room == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    cy_sql_create(shape, strcmp(dialect, "sqlite") == 0 ? CY_SQL_SQLITE : CY_SQL_POSTGRESQL,
                  &script);
    cy_sql_create_indexes(true, &script);
    (void)fwrite(script.at, 1, script.n, run->out);
    free(room);
    return CY_EXIT_OK;
}

int cy_cli_sql_schema(struct cy_cli *run)
{
    const char *dialect = cy_cli_arg(&run->args, "ddl");
    struct cy_sql_shape *shape = cy_sql_shape_new();
    struct listing listing = {.rows =
                                  cy_rows_new(run->out, run->json ? CY_ROWS_JSON : CY_ROWS_TABLE),
                              .only = run->args.n_words > 2 ? run->args.words[2] : NULL};
    int code = CY_EXIT_OK;
    cy_err err = shape == NULL || listing.rows == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    if (cy_ok(err) && dialect == NULL)
        err = cy_sql_describe(shape, list_one, &listing);
    if (listing.rows != NULL)
        (void)cy_rows_end(listing.rows, dialect == NULL && listing.found);
    if (!cy_ok(err))
        code = cy_cli_fail(run, err, NULL);
    else if (dialect != NULL && strcmp(dialect, "sqlite") != 0 &&
             strcmp(dialect, "postgresql") != 0)
        code = cy_cli_wrong(run, "--ddl is sqlite or postgresql");
    else if (dialect != NULL)
        code = print_ddl(run, shape, dialect);
    else if (!listing.found)
        code =
            cy_cli_wrong(run, "there is no table or view %s; see: comity sql schema", listing.only);
    free(shape);
    return code;
}

/* --- from the ledger --- */

/* A directory made by `comity init` has its ledger in data/. */
static const char *ledger_in(const char *place, char room[static CY_HOME_DIR_MAX])
{
    (void)snprintf(room, CY_HOME_DIR_MAX, "%.900s/data/checkpoint", place);
    if (strstr(place, "://") != NULL || access(room, R_OK) != 0)
        return place;
    (void)snprintf(room, CY_HOME_DIR_MAX, "%.900s/data", place);
    return room;
}

/* What both commands need: the projection, the ledger. */
static int options_for(struct cy_cli *run, struct cy_sql_project_options *options,
                       char room[static CY_HOME_DIR_MAX])
{
    const char *data = NULL;
    const char *place = NULL;

    find_both(run, &options->url, &data);
    place = run->args.n_words > 2 ? run->args.words[2] : data != NULL ? data : run->url;
    if (place == NULL || place[0] == 0)
        return cy_cli_wrong(run, "write: comity sql %s DIR or URL", run->args.words[1]);
    if (options->url == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_SQL_NONE, 0), NULL);
    options->ledger = (struct cy_sql_replay_options){.place = ledger_in(place, room),
                                                     .pin = run->pin,
                                                     .roster = run->roster,
                                                     .n_roster = run->n_roster};
    options->now = cy_cli_now;
    return CY_EXIT_OK;
}

struct line {
    struct cy_cli *run;
    cy_time began;
    cy_time said;
};

static void show(struct line *line, const struct cy_sql_progress *progress, bool done)
{
    const cy_time now = cy_cli_now();

    if (line->run->json || !isatty(fileno(line->run->err)) || (now - line->said < 200 && !done))
        return;
    line->said = now;
    (void)fprintf(line->run->err, "\r%" PRIu64 " of %" PRIu64 " entries%s", progress->projected,
                  progress->head, done ? "\n" : "");
}

static cy_err project(struct cy_sql_project *project, struct line *line,
                      struct cy_sql_progress *progress)
{
    unsigned spoilt = 0;
    bool more = true;
    cy_err err = CY_OK;

    while (more) {
        err = cy_sql_project_step(project, NULL, &more);
        cy_sql_project_progress(project, progress);
        if (!cy_ok(err)) {
            more = progress->anew[0] != 0 && spoilt++ < ANEW_MAX && err.code != CY_E_SQL_BUSY &&
                   err.code != CY_E_NO_SPACE;
            continue;
        }
        show(line, progress, !more);
    }
    return err;
}

int cy_cli_sql_rebuild(struct cy_cli *run)
{
    struct cy_sql_project_options options = {.anew = true};
    struct line line = {.run = run, .began = cy_cli_now()};
    struct cy_sql_progress progress = {.rows = 0};
    struct cy_sql_project *work = NULL;
    char room[CY_HOME_DIR_MAX];
    uint64_t took = 0;
    cy_err err = CY_OK;
    int code = options_for(run, &options, room);

    if (code != CY_EXIT_OK)
        return code;
    work = cy_sql_project_new(&options);
    err = work == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : project(work, &line, &progress);
    cy_sql_project_free(work);
    took = cy_cli_now() - line.began;
    if (!cy_ok(err))
        return fail_because(run, err, progress.why);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:I,s:I,s:I}", "projection", progress.where,
                                           "entries", (json_int_t)progress.projected, "rows",
                                           (json_int_t)progress.rows, "took_ms", (json_int_t)took));
    (void)fprintf(run->out,
                  "%s holds %" PRIu64 " entries of the ledger in %" PRIu64 " rows written\n"
                  "  took %" PRIu64 " ms, %" PRIu64 " entries a second\n",
                  progress.where, progress.projected, progress.rows, took,
                  progress.projected * 1000 / (took + 1));
    return CY_EXIT_OK;
}

int cy_cli_sql_check(struct cy_cli *run)
{
    struct cy_sql_project_options options = {.anew = false};
    char room[CY_HOME_DIR_MAX];
    char why[CY_SQL_WHY];
    uint64_t checked = 0;
    cy_err err = CY_OK;
    int code = options_for(run, &options, room);

    if (code != CY_EXIT_OK)
        return code;
    err = cy_sql_check(&options, &checked, why);
    if (!cy_ok(err))
        return fail_because(run, err, why);
    if (run->json)
        return cy_cli_print(run,
                            json_pack("{s:b,s:I}", "sound", true, "entries", (json_int_t)checked));
    (void)fprintf(run->out, "every row is what the ledger says: %" PRIu64 " entries\n", checked);
    return CY_EXIT_OK;
}

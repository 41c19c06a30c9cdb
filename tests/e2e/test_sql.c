/* The SQL projection beside a running daemon: the same answers as the daemon's own over the
 * histories of scenarios/, and what happens when the daemon is killed or the file goes away under
 * load. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cells.h"
#include "host/sql/sql_db.h"
#include "postgres_rig.h"

#define DATES 9

static struct cells *cells;
static char url[80];
static char path[60];

static void comity(const char *words)
{
    char command[700];

    snprintf(command, sizeof command, "%s --dir %s %s >>%s/comity.out 2>&1", COMITY, cells->a.dir,
             words, cells->dir);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static int start(void **s)
{
    char settings[200];

    (void)s;
    snprintf(path, sizeof path, "/tmp/cy_e2e_sql_%d.sqlite", getpid());
    snprintf(url, sizeof url, "sqlite:%s", path);
    snprintf(settings, sizeof settings, "tick_ms = 500;\nsql: { url = \"%s\"; };\n", url);
    cells = cells_new(1, settings);
    cell_start(&cells->a);
    return 0;
}

static int finish(void **s)
{
    char command[200];

    (void)s;
    cells_free(cells);
    snprintf(command, sizeof command, "rm -f %s*", path);
    return system(command);
}

/* --- asking --- */

struct rows {
    json_t *list;
};

static cy_err add_row(void *user, const char *const *names, const char *const *texts,
                      const bool *is_number, size_t n)
{
    struct rows *rows = user;
    json_t *row = json_object();

    (void)is_number;
    for (size_t i = 0; i < n; i++)
        json_object_set_new(row, names[i], texts[i] == NULL ? json_null() : json_string(texts[i]));
    json_array_append_new(rows->list, row);
    return CY_OK;
}

static json_t *sql(const char *statement)
{
    struct rows rows = {json_array()};
    char why[CY_SQL_WHY];
    struct cy_sql_db *db = NULL;

    assert_ok(cy_sql_open(url, CY_SQL_READ, &db, why));
    assert_ok(db->ops->ask(db, statement, 0, add_row, &rows));
    cy_sql_close(db);
    return rows.list;
}

static const char *cell_of(const json_t *rows, size_t i, const char *name)
{
    const char *text = json_string_value(json_object_get(json_array_get(rows, i), name));

    return text == NULL ? "" : text;
}

/* The projection's figures, as the daemon tells them. */
static json_int_t figure(const char *name)
{
    struct got got = ask(&cells->a, NULL, "/v1/sql");
    const json_int_t n = json_integer_value(json_object_get(got.json, name));

    assert_int_equal(got.status, 200);
    got_free(&got);
    return n;
}

static bool has_state(const char *state)
{
    struct got got = ask(&cells->a, NULL, "/v1/sql");
    const bool is = strcmp(got_text(&got, "state"), state) == 0;

    got_free(&got);
    return is;
}

static bool follows(void)
{
    return has_state("following") && figure("lag") == 0;
}

/* --- the same answers --- */

static int by_party(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One text for a list of members, in the order of their ids; alliance NULL: all that are there. */
static char *lines_of(const json_t *members, const char *alliance)
{
    const size_t most = json_array_size(members);
    char **lines = calloc(most + 1, sizeof *lines);
    char *all = calloc(most + 1, 200);
    size_t n = 0;

    for (size_t i = 0; i < most; i++) {
        const json_t *m = json_array_get(members, i);
        const json_t *suspended = json_object_get(m, "suspended");
        const char *flag = json_string_value(suspended);
        const char *precision = json_string_value(json_object_get(m, "precision"));

        if (alliance != NULL &&
            strcmp(alliance, json_string_value(json_object_get(m, "alliance"))) != 0)
            continue;
        assert_true(asprintf(&lines[n++], "%s %s %s %s %d\n",
                             json_string_value(json_object_get(m, "party")),
                             json_string_value(json_object_get(m, "level")),
                             json_string_value(json_object_get(m, "since")),
                             precision == NULL ? "day" : precision,
                             json_is_true(suspended) || (flag != NULL && strcmp(flag, "1") == 0)) >
                    0);
    }
    qsort(lines, n, sizeof *lines, by_party);
    for (size_t i = 0; i < n; i++) {
        strcat(all, lines[i]);
        free(lines[i]);
    }
    free(lines);
    return all;
}

/* All members of all alliances on a day. */
static json_t *members_on(const char *date)
{
    char room[400];

    snprintf(room, sizeof room,
             "SELECT alliance, party, level, since, since_precision AS precision, suspended"
             " FROM membership WHERE from_day <= '%s' AND (until_day IS NULL OR until_day > '%s')",
             date, date);
    return sql(room);
}

static size_t compare(const json_t *rows, const char *alliance, const char *date)
{
    char room[200];
    struct got got;
    char *daemon = NULL;
    char *ours = NULL;
    size_t n = 0;

    snprintf(room, sizeof room, "/v1/alliances/%s/members?as_of=%s", alliance, date);
    got = ask(&cells->a, NULL, room);
    assert_int_equal(got.status, 200);
    n = json_array_size(json_object_get(got.json, "members"));
    daemon = lines_of(json_object_get(got.json, "members"), NULL);
    ours = lines_of(rows, alliance);
    if (strcmp(daemon, ours) != 0)
        fail_msg("%s on %s: the daemon says\n%sthe projection\n%s", alliance, date, daemon, ours);
    free(daemon);
    free(ours);
    got_free(&got);
    return n;
}

/* Every alliance, on days before, between and after its events, and on the days themselves. */
static void same_answers(void **s)
{
    static const char *const dates[DATES] = {"1850-01-01", "1949-04-04", "1960-01-01",
                                             "1989-11-09", "1991-12-26", "1995-01-01",
                                             "2004-05-01", "2020-01-31", "2026-11-20"};
    json_t *alliances = NULL;
    size_t members = 0;
    char command[500];

    (void)s;
    comity("import passports");
    snprintf(command, sizeof command, "import csv --table alliances %s/scenarios/alliances.csv",
             CY_SOURCE);
    comity(command);
    EVENTUALLY(30, follows());
    alliances = sql("SELECT id, code FROM alliance ORDER BY code");
    assert_int_equal(json_array_size(alliances), 58);
    for (size_t d = 0; d < DATES; d++) {
        json_t *rows = members_on(dates[d]);

        for (size_t i = 0; i < json_array_size(alliances); i++)
            members += compare(rows, cell_of(alliances, i, "id"), dates[d]);
        json_decref(rows);
    }
    json_decref(alliances);
    assert_true(members > 4000); /* of 58 organisations on nine days */
    alliances = sql("SELECT m.alliance AS id, m.effective AS day FROM member_event m"
                    " JOIN alliance a ON a.id = m.alliance WHERE m.seq % 61 = 3 GROUP BY 1, 2");
    assert_true(json_array_size(alliances) > 30);
    for (size_t i = 0; i < json_array_size(alliances); i++) {
        json_t *rows = members_on(cell_of(alliances, i, "day"));

        (void)compare(rows, cell_of(alliances, i, "id"), cell_of(alliances, i, "day"));
        json_decref(rows);
    }
    json_decref(alliances);
    comity("sql check");
}

/* Other answers of the daemon: counts of every table, what parties are called. */
static void same_tables(void **s)
{
    struct got got = ask(&cells->a, NULL, "/v1/records");
    const json_t *tables = json_object_get(got.json, "tables");
    size_t compared = 0;

    (void)s;
    for (size_t i = 0; i < json_array_size(tables); i++) {
        const json_t *t = json_array_get(tables, i);
        const char *name = json_string_value(json_object_get(t, "record"));
        char room[200];
        json_t *rows = NULL;

        if (strcmp(name, "seen") == 0)
            continue; /* swept now and then: the view is of the clock */
        snprintf(room, sizeof room, "SELECT count(*) AS n FROM \"%s\"", name);
        rows = sql(room);
        assert_int_equal(atoll(cell_of(rows, 0, "n")),
                         json_integer_value(json_object_get(t, "count")));
        json_decref(rows);
        compared++;
    }
    assert_true(compared > 30);
    got_free(&got);
    got = ask(&cells->a, NULL, "/metrics");
    assert_non_null(strstr(got.body, "\ncomity_sql_lag_acts 0\n"));
    got_free(&got);
    comity("doctor | grep -E 'ok +sql +the projection lags by 0 entries'");
    comity("sql \"SELECT called FROM membership WHERE code = 'NATO' AND from_day <= '1949-12-31'\""
           " | grep -q NOR");
    comity("sql schema membership | grep -q until_day");
}

/* --- under load --- */

static void load(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        static unsigned number = 500;
        struct party *party = calloc(1, sizeof *party);
        char name[40];

        snprintf(name, sizeof name, "Party %u", number);
        party_enter(&cells->a, party, number++, name);
        free(party);
    }
}

static void killed(void **s)
{
    (void)s;
    for (unsigned round = 0; round < 4; round++) {
        load(10);
        assert_int_equal(cell_end(&cells->a.daemon, SIGKILL), -SIGKILL);
        cell_start_daemon(&cells->a);
    }
    load(3);
    EVENTUALLY(30, follows());
    assert_int_equal(figure("made"), 0); /* taken up, not made anew */
    comity("sql check");
}

/* The file is deleted, replaced, locked by somebody while acts come: none of them waits. */
static void taken_away(void **s)
{
    char command[500];
    const double began = seconds();

    (void)s;
    load(5);
    snprintf(command, sizeof command, "rm -f %s*", path);
    assert_int_equal(system(command), 0);
    load(5);
    EVENTUALLY(30, figure("made") == 1 && follows());
    snprintf(command, sizeof command, "head -c 50000 /dev/zero > %s.x && mv %s.x %s", path, path,
             path);
    assert_int_equal(system(command), 0);
    load(5); /* something that is not ours: left alone, and said */
    EVENTUALLY(30, has_state("refused"));
    comity("doctor | grep -q 'operator.sql.foreign'");
    load(5);
    assert_true(figure("lag") > 0);
    snprintf(command, sizeof command, "rm -f %s", path);
    assert_int_equal(system(command), 0);
    cell_end(&cells->a.daemon, SIGTERM);
    cell_start_daemon(&cells->a);
    EVENTUALLY(30, follows());
    comity("sql check");
    assert_true(seconds() - began < 120);
}

/* The daemon, with all that it gave up, writes to a real server; which goes away, and comes back.
 */
static void in_postgres(void **s)
{
    static struct postgres_rig server;
    struct cells *before = cells;
    char settings[300];

    (void)s;
    if (!postgres_make(&server)) {
        print_message("no PostgreSQL server is installed: skipped\n");
        skip();
    }
    snprintf(settings, sizeof settings, "tick_ms = 500;\nsql: { url = \"%s\"; };\n", server.url);
    cells = cells_new(1, settings);
    cell_start(&cells->a);
    load(5);
    EVENTUALLY(30, follows());
    postgres_stop(&server, SIGINT);
    load(5); /* acts go on */
    EVENTUALLY(30, has_state("waiting"));
    assert_true(figure("lag") > 0);
    comity("doctor | grep -q 'operator.sql.unreachable'");
    postgres_start(&server);
    EVENTUALLY(60, follows());
    assert_int_equal(figure("made"), 1);
    comity("sql check");
    comity("sql \"SELECT count(*) FROM passport\" | grep -q 11");
    cells_free(cells);
    cells = before;
    postgres_free(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_answers), cmocka_unit_test(same_tables), cmocka_unit_test(killed),
        cmocka_unit_test(taken_away),   cmocka_unit_test(in_postgres),
    };

    return cmocka_run_group_tests(tests, start, finish);
}

/* What an operator is told: every line of `comity doctor` and of `comity peer test`, when the thing
 * it looks at is well and when it is broken. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cells.h"

/* Runs the command with --json; its exit code. */
static int run(const struct cells *cells, json_t **out, const char *const *argv)
{
    char path[80];
    int status = 0;
    pid_t pid = 0;

    snprintf(path, sizeof path, "%s/said", cells->dir);
    pid = fork();
    if (pid == 0) {
        const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        dup2(fd, 1);
        dup2(fd, 2);
        unsetenv("COMITY_DIR");
        unsetenv("COMITY_URL");
        execv(COMITY, (char *const *)argv);
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    *out = json_load_file(path, 0, NULL);
    return WEXITSTATUS(status);
}

#define RUN(cells, out, ...)                                                                       \
    run((cells), (out), (const char *const[]){"comity", __VA_ARGS__, "--json", NULL})

static const char *member(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));

    return text == NULL ? "" : text;
}

/* The line of a check that has this state; every line that is not ok must explain itself. */
static const json_t *finding(const json_t *all, const char *check, const char *state)
{
    const json_t *lines = json_object_get(all, "checks");
    const json_t *found = NULL;

    assert_true(json_array_size(lines) > 0);
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);

        if (strcmp(member(line, "state"), "ok") != 0 &&
            (member(line, "side")[0] == 0 || member(line, "why")[0] == 0 ||
             member(line, "remedy")[0] == 0 || member(line, "what")[0] == 0)) {
            print_error("%s explains nothing\n", member(line, "check"));
            fail();
        }
        if (strcmp(member(line, "check"), check) == 0 && strcmp(member(line, "state"), state) == 0)
            found = line;
    }
    if (found == NULL) {
        print_error("no line %s %s in:\n", check, state);
        json_dumpf(all, stderr, JSON_INDENT(1));
        fail();
    }
    return found;
}

static void doctor(struct cell *cell, const char *check, const char *state)
{
    json_t *all = NULL;
    const int code = RUN(cell->home, &all, "doctor", "--dir", cell->dir);

    (void)finding(all, check, state);
    assert_int_equal(code, json_integer_value(json_object_get(all, "bad")) > 0 ? 3 : 0);
    json_decref(all);
}

static bool is_red(struct cell *cell)
{
    json_t *all = NULL;
    const int code = RUN(cell->home, &all, "doctor", "--dir", cell->dir);

    json_decref(all);
    return code == 3;
}

static int start(void **s)
{
    struct cells *cells = cells_new(2, NULL);

    cell_start(&cells->a);
    cell_start(&cells->b);
    *s = cells;
    return 0;
}

static int finish(void **s)
{
    cells_free(*s);
    return 0;
}

static void mode(const struct cell *cell, const char *name, unsigned bits)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", cell->dir, name);
    assert_int_equal(chmod(path, bits), 0);
}

static void append(const struct cell *cell, const char *name, const char *text, const char *how)
{
    char path[128];
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/%s", cell->dir, name);
    file = fopen(path, how);
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void all_is_well(void **s)
{
    static const char *const checks[] = {
        "directory", "keys",  "passphrase", "tls key", "settings", "names",    "ledger", "config",
        "peers",     "disk",  "backup",     "signer",  "key age",  "daemon",   "format", "version",
        "clock",     "ticks", "head",       "witness", "lag",      "snapshot", "limits", "journal"};
    struct cells *cells = *s;
    json_t *all = NULL;

    EVENTUALLY(20, cell_witnessed(&cells->a) == cell_head(&cells->a));
    assert_int_equal(RUN(cells, &all, "doctor", "--dir", cells->a.dir), 0);
    for (size_t i = 0; i < CY_COUNT(checks); i++)
        (void)finding(all, checks[i], "ok");
    assert_true(json_is_true(json_object_get(all, "well")));
    json_decref(all);
}

static void broken(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    struct party norway;

    mode(a, "passphrase", 0644);
    doctor(a, "passphrase", "bad");
    mode(a, "passphrase", 0600);
    mode(a, "keys/keystore", 0600);
    mode(a, "comityd.conf", 0666);
    doctor(a, "settings", "bad");
    mode(a, "comityd.conf", 0644);
    mode(a, "aliases", 0664);
    doctor(a, "names", "bad");
    mode(a, "aliases", 0644);
    append(a, "last-backup", "2026-01-02T03:04:05.000Z 7 /far/away.cyb\n", "w");
    doctor(a, "backup", "warn");
    append(a, "last-backup", "not a date\n", "w");
    doctor(a, "backup", "ok"); /* made today */
    assert_int_equal(cell_end(&cells->b.daemon, SIGTERM), 0);
    party_enter(a, &norway, 1, "Norway"); /* a head that nobody cosigns */
    EVENTUALLY(30, is_red(a));
    doctor(a, "witness", "bad");
    cell_start_daemon(&cells->b);
    cell_end(&a->signer, SIGTERM);
    doctor(a, "signer", "bad");
    cell_end(&a->daemon, SIGKILL);
    doctor(a, "daemon", "bad");
    append(a, "comityd.conf", "tick_mss = 3;\n", "a");
    doctor(a, "config", "bad");
}

/* --- peer test --- */

static void peer_is_well(void **s)
{
    static const char *const checks[] = {
        "name",        "connect", "tls",      "pin",     "http", "origin",  "ledger key",
        "witness key", "clock",   "head age", "key age", "head", "history", "cosigning"};
    struct cells *cells = *s;
    json_t *all = NULL;
    const json_t *clock = NULL;

    EVENTUALLY(20, cell_witnessed(&cells->b) == cell_head(&cells->b));
    assert_int_equal(RUN(cells, &all, "peer", "test", "b.example", "--dir", cells->a.dir), 0);
    for (size_t i = 0; i < CY_COUNT(checks); i++)
        (void)finding(all, checks[i], "ok");
    clock = json_object_get(finding(all, "clock", "ok"), "figures");
    assert_true(llabs(json_integer_value(json_object_get(clock, "skew_ms"))) <=
                json_integer_value(json_object_get(clock, "uncertainty_ms")) + 1000);
    assert_true(json_integer_value(json_object_get(finding(all, "tls", "ok"), "took_us")) > 0);
    json_decref(all);
}

static void test_of(struct cells *cells, const char *check, const char *state, const char *pin)
{
    json_t *all = NULL;
    const int code =
        pin == NULL ? RUN(cells, &all, "peer", "test", "b.example/ledger", "--dir", cells->a.dir)
                    : RUN(cells, &all, "peer", "test", "b.example/ledger", "--dir", cells->a.dir,
                          "--pin", pin);

    (void)finding(all, check, state);
    assert_int_equal(code, strcmp(state, "bad") == 0 ? 3 : 0);
    json_decref(all);
}

static void peer_is_broken(void **s)
{
    struct cells *cells = *s;
    json_t *all = NULL;

    test_of(cells, "pin", "bad", "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    /* another cell answers at that address */
    assert_int_equal(RUN(cells, &all, "peer", "test", cells->a.url, "--vkey", cells->b.vkey), 3);
    (void)finding(all, "head", "bad");
    json_decref(all);
    assert_int_equal(RUN(cells, &all, "peer", "test", "nobody", "--dir", cells->a.dir), 1);
    json_decref(all);
    assert_int_equal(RUN(cells, &all, "peer", "test", "https://no-such-host.invalid"), 3);
    (void)finding(all, "name", "bad");
    json_decref(all);
    /* it takes our head no longer */
    assert_int_equal(cell_end(&cells->b.daemon, SIGTERM), 0);
    append(&cells->b, "comityd.conf.new", "", "w");
    {
        char command[256];

        snprintf(command, sizeof command,
                 "sed -i '/^witness_for/,$d' '%s' && echo 'witness_for = ();' >> '%s'",
                 cells->b.conf, cells->b.conf);
        assert_int_equal(system(command), 0);
    }
    cell_start_daemon(&cells->b);
    test_of(cells, "cosigning", "bad", NULL);
    assert_int_equal(cell_end(&cells->b.daemon, SIGTERM), 0);
    test_of(cells, "connect", "bad", NULL);
    cell_start_daemon(&cells->b);
}

/* --- upgrade, and two versions on one ledger --- */

static void stamp(const struct cell *cell, const char *text)
{
    append(cell, "data/format", text, "w");
}

static void versions(void **s)
{
    struct cells *cells = *s;
    struct cell *a = &cells->a;
    char file[96];
    char pass[96];
    json_t *all = NULL;
    long mark = 0;

    snprintf(file, sizeof file, "%s/before.cyb", cells->dir);
    snprintf(pass, sizeof pass, "%s/passphrase", a->dir);
    assert_int_equal(RUN(cells, &all, "upgrade", "--check", "--dir", a->dir), 0);
    (void)finding(all, "format", "ok");
    (void)finding(all, "replay", "ok");
    (void)finding(all, "keys", "ok");
    (void)finding(all, "daemon", "ok");
    json_decref(all);
    assert_int_equal(RUN(cells, &all, "upgrade", "--dir", a->dir), 2); /* no backup, no upgrade */
    json_decref(all);
    assert_int_equal(
        RUN(cells, &all, "upgrade", "--dir", a->dir, "--to", file, "--passphrase-file", pass), 0);
    (void)finding(all, "backup", "ok");
    json_decref(all);
    assert_int_equal(access(file, F_OK), 0);

    /* a newer program has written here: this one stops, and says so */
    cell_stop(a);
    stamp(a, "comity-ledger 2\n");
    mark = cell_mark(a);
    cell_start_signer(a);
    assert_int_equal(cell_run_daemon(a), 1);
    assert_true(cell_said(a, mark, "operator.ledger.newer"));
    assert_int_equal(RUN(cells, &all, "upgrade", "--check", "--dir", a->dir), 3);
    (void)finding(all, "format", "bad");
    json_decref(all);
    doctor(a, "format", "bad");

    /* both at one time: the lock */
    stamp(a, "comity-ledger 1\n");
    cell_start_daemon(a);
    mark = cell_mark(a);
    {
        struct cell second = *a;

        second.daemon = 0;
        assert_int_equal(cell_run_daemon(&second), 1);
    }
    assert_true(cell_said(a, mark, "operator.ledger.busy"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(peer_is_well),
        cmocka_unit_test(peer_is_broken),
        cmocka_unit_test(versions),
        cmocka_unit_test_setup_teardown(broken, start, finish),
    };

    return cmocka_run_group_tests(tests, start, finish);
}

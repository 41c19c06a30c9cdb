#include "host/cli/cli_sandbox.h"

#include "host/cli/sandbox_found.h"
#include "host/cli/sandbox_story.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

const struct cy_cli_option cy_cli_sandbox_up_options[] = {
    {"base-port", "PORT", "the ports begin here (free ports are found; they stay the same)"},
    {NULL,        NULL,   NULL                                                             },
};

const struct cy_cli_option cy_cli_sandbox_down_options[] = {
    {"remove", NULL, "also remove the directory"},
    {NULL,     NULL, NULL                       },
};

const struct cy_cli_option cy_cli_sandbox_logs_options[] = {
    {"lines", "N",  "how many of the last lines (40)"},
    {NULL,    NULL, NULL                             },
};

/* --- showing --- */

static json_t *place_json(struct cy_sandbox *s, const struct cy_sandbox_place *p)
{
    const struct cy_sandbox_place *cell =
        p->row->cell == NULL ? p : cy_sandbox_find(s, p->row->cell);
    const pid_t signer = cell == NULL ? 0 : cy_sandbox_pid(s, cell, CY_SANDBOX_SIGNER);
    const pid_t daemon = cy_sandbox_pid(s, p, CY_SANDBOX_DAEMON);
    char url[64];
    uint64_t size = 0;
    json_t *value = NULL;
    const bool ready = daemon > 0 && cy_sandbox_ready(s, p);

    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)p->plain);
    value = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:b,s:i,s:i}", "name", p->row->name, "kind",
                      p->row->kind, "title", p->row->title, "origin", p->row->origin, "url", url,
                      "tls_port", (int)p->port, "ready", ready, "signer_pid", (int)signer,
                      "daemon_pid", (int)daemon);
    if (p->row->federation != NULL)
        (void)json_object_set_new(value, "federation", json_string(p->row->federation));
    if (ready && cy_sandbox_head(s, p, &size))
        (void)json_object_set_new(value, "size", json_integer((json_int_t)size));
    return value;
}

static int integer(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void show_place(FILE *out, const json_t *p)
{
    const bool ready = json_is_true(json_object_get(p, "ready"));
    char acts[32] = "no head yet";
    char pids[48];

    if (json_object_get(p, "size") != NULL)
        (void)snprintf(acts, sizeof acts, "%d acts", integer(p, "size"));
    (void)snprintf(pids, sizeof pids, "daemon %d, signer %d", integer(p, "daemon_pid"),
                   integer(p, "signer_pid"));
    (void)fprintf(out, "  %-13s %-9s %-8s %-12s %-24s %-24s %s\n", text(p, "name"), text(p, "kind"),
                  ready                          ? "ready"
                  : integer(p, "daemon_pid") > 0 ? "starting"
                                                 : "stopped",
                  ready ? acts : "", text(p, "url"), pids, text(p, "title"));
}

static int show(struct cy_cli *run, struct cy_sandbox *s)
{
    json_t *places = json_array();
    unsigned ready = 0;

    for (size_t i = 0; i < s->n; i++) {
        json_t *place = place_json(s, &s->places[i]);

        ready += json_is_true(json_object_get(place, "ready"));
        (void)json_array_append_new(places, place);
    }
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:i,s:i,s:o}", "dir", s->dir, "ready", (int)ready,
                                           "of", (int)s->n, "places", places));
    (void)fprintf(run->out, "%s: %u of %zu daemons ready\n", s->dir, ready, s->n);
    for (size_t i = 0; i < s->n; i++)
        show_place(run->out, json_array_get(places, i));
    json_decref(places);
    return CY_EXIT_OK;
}

/* --- up --- */

static cy_err base_port(struct cy_cli *run, uint16_t *base)
{
    const char *given = cy_cli_arg(&run->args, "base-port");
    uint64_t n = 0;

    *base = 0;
    if (given == NULL)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(given), &n)) || n < 1024 || n > 65400) {
        cy_cli_note(run, "--base-port is a number from 1024 to 65400");
        return cy_fail(CY_E_USAGE, 0);
    }
    *base = (uint16_t)n;
    return CY_OK;
}

static cy_err make_new(struct cy_sandbox *s)
{
    char path[CY_SANDBOX_PATH];
    uint16_t base = 0;
    cy_err err = CY_OK;

    cy_sandbox_path(s, NULL, "making.log", path);
    if (access(path, F_OK) == 0) {
        cy_cli_note(s->run, "%s was begun and not finished", s->dir);
        return cy_fail(CY_E_SANDBOX_HALF, 0);
    }
    CY_TRY(base_port(s->run, &base));
    CY_TRY(cy_sandbox_ports(s, base));
    err = cy_sandbox_found(s);
    if (cy_ok(err))
        err = cy_sandbox_write(s);
    if (!cy_ok(err))
        (void)cy_sandbox_stop(s);
    return err;
}

static cy_err bring_up(struct cy_cli *run, struct cy_sandbox *s)
{
    CY_TRY(cy_sandbox_dir(run, true, s));
    CY_TRY(cy_sandbox_read(s));
    if (s->n == 0)
        CY_TRY(make_new(s));
    CY_TRY(cy_sandbox_start(s, CY_SANDBOX_SIGNER));
    return cy_sandbox_start(s, CY_SANDBOX_DAEMON);
}

int cy_cli_sandbox_up(struct cy_cli *run)
{
    struct cy_sandbox s;
    const cy_time begin = cy_cli_now();
    const cy_err err = bring_up(run, &s);
    int code = 0;

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    code = show(run, &s);
    if (!run->json)
        (void)fprintf(run->out,
                      "up after %.1f s\n\n"
                      "  comity --dir %s/north realm          any command, in any place\n"
                      "  comity sandbox story --dir %s        the ocean federation, step by step\n"
                      "  comity --dir %s/ocean/reef federation status\n"
                      "  comity --dir %s/north bridge status\n"
                      "  comity sandbox down --dir %s         ends every process\n\n"
                      "To found one of your own: docs/federation.md; to join two: docs/bridge.md\n",
                      (double)(cy_cli_now() - begin) / 1000.0, s.dir, s.dir, s.dir, s.dir, s.dir);
    return code;
}

/* --- the others --- */

static cy_err open_made(struct cy_cli *run, struct cy_sandbox *s)
{
    CY_TRY(cy_sandbox_dir(run, false, s));
    CY_TRY(cy_sandbox_read(s));
    if (s->n > 0)
        return CY_OK;
    cy_cli_note(run, "%s holds none", s->dir);
    return cy_fail(CY_E_SANDBOX_NONE, 0);
}

int cy_cli_sandbox_status(struct cy_cli *run)
{
    struct cy_sandbox s;
    const cy_err err = open_made(run, &s);

    return cy_ok(err) ? show(run, &s) : cy_cli_fail(run, err, NULL);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* Only a directory that holds what a sandbox leaves is ever removed. */
static cy_err remove_all(const struct cy_sandbox *s)
{
    char path[CY_SANDBOX_PATH];

    cy_sandbox_path(s, NULL, "making.log", path);
    if (access(path, F_OK) != 0) {
        cy_cli_note(s->run, "%s holds none; nothing was removed", s->dir);
        return cy_fail(CY_E_SANDBOX_NONE, 0);
    }
    if (nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0)
        return CY_OK;
    cy_cli_note(s->run, "%s: %s", s->dir, strerror(errno));
    return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

int cy_cli_sandbox_down(struct cy_cli *run)
{
    const bool all = cy_cli_arg_on(&run->args, "remove");
    struct cy_sandbox s;
    unsigned ended = 0;
    cy_err err = cy_sandbox_dir(run, false, &s);

    if (cy_ok(err))
        err = cy_sandbox_read(&s);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (s.n == 0) { /* begun and not finished: whatever of it runs */
        const struct cy_sandbox_row *rows = cy_sandbox_rows(&s.n);

        for (size_t i = 0; i < s.n; i++)
            s.places[i] = (struct cy_sandbox_place){.row = &rows[i]};
    }
    ended = cy_sandbox_stop(&s);
    if (all)
        err = remove_all(&s);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return cy_cli_print(
            run, json_pack("{s:s,s:i,s:b}", "dir", s.dir, "ended", (int)ended, "removed", all));
    (void)fprintf(run->out, "%u processes ended; %s %s\n", ended, s.dir,
                  all ? "is removed" : "stays: comity sandbox up goes on with it");
    return CY_EXIT_OK;
}

/* Prints the last lines of a file. */
static void tail(FILE *out, const char *path, uint64_t lines)
{
    FILE *file = fopen(path, "re");
    uint64_t n = 0;
    uint64_t at = 0;
    int c = 0;

    if (file == NULL)
        return;
    while ((c = getc(file)) != EOF)
        n += c == '\n';
    rewind(file);
    (void)fprintf(out, "== %s\n", path);
    while ((c = getc(file)) != EOF) {
        if (at + lines >= n)
            (void)putc(c, out);
        at += c == '\n';
    }
    (void)fclose(file);
}

int cy_cli_sandbox_logs(struct cy_cli *run)
{
    static const char *const files[] = {"signer.log", "comityd.log"};
    const char *name = run->args.n_words > 2 ? run->args.words[2] : NULL;
    const char *given = cy_cli_arg(&run->args, "lines");
    const struct cy_sandbox_place *place = NULL;
    char path[CY_SANDBOX_PATH];
    struct cy_sandbox s;
    uint64_t lines = 40;
    const cy_err err = open_made(run, &s);

    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (given != NULL && !cy_ok(cy_u64_read(cy_span_text(given), &lines)))
        return cy_cli_wrong(run, "--lines is a number");
    place = name == NULL ? NULL : cy_sandbox_find(&s, name);
    if (place == NULL)
        return cy_cli_wrong(run,
                            "comity sandbox logs NAME: a place of `comity sandbox status`, such as "
                            "north or ocean/fisher");
    for (size_t i = 0; i < CY_COUNT(files); i++) {
        cy_sandbox_path(&s, place, files[i], path);
        tail(run->out, path, lines);
    }
    return CY_EXIT_OK;
}

int cy_cli_sandbox_story(struct cy_cli *run)
{
    struct cy_sandbox s;
    cy_err err = open_made(run, &s);

    if (cy_ok(err))
        err = cy_sandbox_story(&s);
    return cy_ok(err) ? CY_EXIT_OK : cy_cli_fail(run, err, NULL);
}

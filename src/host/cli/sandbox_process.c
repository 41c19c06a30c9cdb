#include "host/cli/sandbox_process.h"

#include "host/cli/cli_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 20u
#define START_MS 60000u
#define STOP_MS 10000u

static const char *const programs[] = {"comity-signer", "comityd"};
static const char *const pid_files[] = {"signer.pid", "comityd.pid"};
static const char *const logs[] = {"signer.log", "comityd.log"};

static void pause_ms(unsigned ms)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000}, NULL);
}

/* --- finding --- */

/* Reads a small file; its length, 0 when there is none. */
static size_t small_file(const char *path, char *out, size_t cap)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;

    if (fd < 0)
        return 0;
    n = read(fd, out, cap - 1);
    (void)close(fd);
    out[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

/* The process runs and was started for that directory. A zombie's command line is empty. */
static bool is_ours(pid_t pid, const char *dir)
{
    char path[64];
    char line[4096];
    size_t n = 0;
    size_t have = strlen(dir);

    (void)snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
    n = small_file(path, line, sizeof line);
    for (size_t at = 0; at < n; at += strlen(line + at) + 1) {
        if (strncmp(line + at, dir, have) == 0 && line[at + have] == '/')
            return true;
    }
    return false;
}

/* A member's node uses the signer of the member's own cell. */
static bool has_part(const struct cy_sandbox_place *place, enum cy_sandbox_part part)
{
    return part == CY_SANDBOX_DAEMON || place->row->federation == NULL;
}

pid_t cy_sandbox_pid(const struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     enum cy_sandbox_part part)
{
    char path[CY_SANDBOX_PATH];
    char text[32];
    char *end = NULL;
    long pid = 0;

    cy_sandbox_path(sandbox, place, pid_files[part], path);
    if (small_file(path, text, sizeof text) == 0)
        return 0;
    pid = strtol(text, &end, 10);
    cy_sandbox_path(sandbox, place, "", path);
    return pid > 1 && is_ours((pid_t)pid, path) ? (pid_t)pid : 0;
}

/* --- asking --- */

static bool ask(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place, const char *what,
                char *out, size_t cap)
{
    char url[128];
    struct cy_client_answer answer;
    const struct cy_client_request request = {.url = url, .connect_ms = 1000, .total_ms = 3000};
    cy_err err = CY_OK;

    if (sandbox->run->http == NULL)
        sandbox->run->http = cy_client_new();
    if (sandbox->run->http == NULL)
        return false;
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/%.60s", (unsigned)place->plain, what);
    err = cy_client_do(sandbox->run->http, &request, &answer);
    if (cy_ok(err) && out != NULL)
        (void)snprintf(out, cap, "%.*s", (int)(answer.n < cap ? answer.n : cap - 1),
                       answer.body == NULL ? "" : (const char *)answer.body);
    cy_client_answer_free(&answer);
    return cy_ok(err);
}

bool cy_sandbox_ready(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place)
{
    return ask(sandbox, place, "readyz", NULL, 0);
}

bool cy_sandbox_head(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     uint64_t *size)
{
    char text[1024];
    const char *line = NULL;

    if (!ask(sandbox, place, "checkpoint", text, sizeof text))
        return false;
    line = strchr(text, '\n');
    if (line == NULL)
        return false;
    line++;
    return cy_ok(cy_u64_read(cy_span_of(line, strcspn(line, "\n")), size));
}

/* --- starting --- */

static cy_err start_one(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                        enum cy_sandbox_part part, pid_t *child)
{
    char program[CY_SPAWN_PATH_MAX];
    char a[CY_SANDBOX_PATH];
    char b[CY_SANDBOX_PATH];
    char c[CY_SANDBOX_PATH];
    char log[CY_SANDBOX_PATH];
    char text[32];
    const char *const signer[] = {program, "--keys", a, "--socket", b, "--passphrase-file",
                                  c,       NULL};
    const char *const daemon[] = {program, "--config", a, NULL};

    if (!cy_spawn_beside(programs[part], program))
        return cy_fail(CY_E_SIGNER_START, 0);
    cy_sandbox_path(sandbox, place, part == CY_SANDBOX_SIGNER ? "keys" : "comityd.conf", a);
    cy_sandbox_path(sandbox, place, "signer.sock", b);
    cy_sandbox_path(sandbox, place, "passphrase", c);
    cy_sandbox_path(sandbox, place, logs[part], log);
    CY_TRY(cy_spawn_apart(part == CY_SANDBOX_SIGNER ? signer : daemon, log, child));
    (void)snprintf(text, sizeof text, "%ld\n", (long)*child);
    cy_sandbox_path(sandbox, place, pid_files[part], a);
    return cy_cli_write_file(sandbox->run, a, cy_span_text(text));
}

static bool answers(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                    enum cy_sandbox_part part)
{
    char path[CY_SANDBOX_PATH];
    struct cy_signer_client *signer = NULL;
    bool good = false;

    if (part == CY_SANDBOX_DAEMON)
        return cy_sandbox_ready(sandbox, place);
    cy_sandbox_path(sandbox, place, "signer.sock", path);
    good = access(path, F_OK) == 0 && cy_ok(cy_signer_open(path, 1000, &signer));
    cy_signer_close(signer);
    return good;
}

static cy_err await(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                    enum cy_sandbox_part part, pid_t child)
{
    for (unsigned waited = 0; waited < START_MS; waited += PAUSE_MS) {
        if (answers(sandbox, place, part))
            return CY_OK;
        if (child > 0 && cy_spawn_ended(child)) {
            cy_cli_note(sandbox->run, "%s of %s ended; see `comity sandbox logs %s`",
                        programs[part], place->row->name, place->row->name);
            return cy_fail(CY_E_SANDBOX_PART, 1);
        }
        pause_ms(PAUSE_MS);
    }
    cy_cli_note(sandbox->run, "%s of %s does not answer; see `comity sandbox logs %s`",
                programs[part], place->row->name, place->row->name);
    return cy_fail(CY_E_SANDBOX_PART, 2);
}

cy_err cy_sandbox_start(struct cy_sandbox *sandbox, enum cy_sandbox_part part)
{
    pid_t children[CY_SANDBOX_MOST] = {0};

    for (size_t i = 0; i < sandbox->n; i++) {
        if (has_part(&sandbox->places[i], part) &&
            cy_sandbox_pid(sandbox, &sandbox->places[i], part) == 0)
            CY_TRY(start_one(sandbox, &sandbox->places[i], part, &children[i]));
    }
    for (size_t i = 0; i < sandbox->n; i++) {
        if (has_part(&sandbox->places[i], part))
            CY_TRY(await(sandbox, &sandbox->places[i], part, children[i]));
    }
    return CY_OK;
}

/* --- ending --- */

static void end_part(struct cy_sandbox *sandbox, const struct cy_sandbox_place *place,
                     enum cy_sandbox_part part, int signal)
{
    const pid_t pid = cy_sandbox_pid(sandbox, place, part);

    if (pid > 0)
        (void)kill(pid, signal);
}

static unsigned running(const struct cy_sandbox *sandbox, enum cy_sandbox_part part)
{
    unsigned n = 0;

    for (size_t i = 0; i < sandbox->n; i++)
        n += cy_sandbox_pid(sandbox, &sandbox->places[i], part) > 0;
    return n;
}

unsigned cy_sandbox_stop(struct cy_sandbox *sandbox)
{
    static const enum cy_sandbox_part order[] = {CY_SANDBOX_DAEMON, CY_SANDBOX_SIGNER};
    unsigned n = 0;

    for (size_t k = 0; k < CY_COUNT(order); k++) {
        char path[CY_SANDBOX_PATH];

        n += running(sandbox, order[k]);
        for (size_t i = 0; i < sandbox->n; i++)
            end_part(sandbox, &sandbox->places[i], order[k], SIGTERM);
        for (unsigned ms = 0; ms < STOP_MS && running(sandbox, order[k]) > 0; ms += PAUSE_MS)
            pause_ms(PAUSE_MS);
        for (size_t i = 0; i < sandbox->n; i++) {
            end_part(sandbox, &sandbox->places[i], order[k], SIGKILL);
            cy_sandbox_path(sandbox, &sandbox->places[i], pid_files[order[k]], path);
            (void)unlink(path);
        }
    }
    return n;
}

/* --- commands --- */

cy_err cy_sandbox_begin(struct cy_sandbox *sandbox, struct cy_sandbox_task *task)
{
    char program[CY_SPAWN_PATH_MAX];
    char dir[CY_SANDBOX_PATH];
    char log[CY_SANDBOX_PATH];
    const char *argv[CY_COUNT(task->words) + 4];
    size_t n = 0;

    if (!cy_spawn_beside("comity", program))
        return cy_fail(CY_E_SIGNER_START, 0);
    argv[n++] = program;
    for (size_t i = 0; i < CY_COUNT(task->words) && task->words[i] != NULL; i++)
        argv[n++] = task->words[i];
    if (task->place != NULL) {
        cy_sandbox_path(sandbox, task->place, "", dir);
        argv[n++] = "--dir";
        argv[n++] = dir;
    }
    argv[n] = NULL;
    cy_sandbox_path(sandbox, NULL, task->log, log);
    return cy_spawn(argv, log, &task->child);
}

cy_err cy_sandbox_finish(struct cy_sandbox *sandbox, struct cy_sandbox_task *task)
{
    int code = 0;

    CY_TRY(cy_spawn_wait(task->child, &code));
    task->child = 0;
    if (code == 0)
        return CY_OK;
    cy_cli_note(sandbox->run, "comity %s %s%s%s ended with code %d; see %s/%s", task->words[0],
                task->words[1] == NULL ? "" : task->words[1], task->place == NULL ? "" : " of ",
                task->place == NULL ? "" : task->place->row->name, code, sandbox->dir, task->log);
    return cy_fail(CY_E_SANDBOX_STEP, (uint64_t)code);
}

cy_err cy_sandbox_all(struct cy_sandbox *sandbox, struct cy_sandbox_task *tasks, size_t n)
{
    cy_err err = CY_OK;
    size_t begun = 0;

    while (begun < n && cy_ok(err)) {
        err = cy_sandbox_begin(sandbox, &tasks[begun]);
        begun += cy_ok(err) ? 1 : 0;
    }
    for (size_t i = 0; i < begun; i++) {
        const cy_err ended = cy_sandbox_finish(sandbox, &tasks[i]);

        err = cy_ok(err) ? ended : err;
    }
    return err;
}

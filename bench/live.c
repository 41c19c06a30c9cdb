#include "live.h"

#include "host/cli/sandbox_found.h"
#include "institutions/roster.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static char *dir_;
static struct cy_cli run_;
static struct cy_sandbox box_;

/* Nothing here takes a lock or memory: pid files are read, signals sent. */
static void on_signal(int number)
{
    for (size_t i = 0; i < box_.n; i++) {
        for (unsigned part = CY_SANDBOX_SIGNER; part <= CY_SANDBOX_DAEMON; part++) {
            const pid_t pid = cy_sandbox_pid(&box_, &box_.places[i], part);

            if (pid > 0)
                (void)kill(pid, SIGKILL);
        }
    }
    _exit(128 + number);
}

static void init(const char *dir, const char *as, struct cy_cli *out)
{
    *out = (struct cy_cli){.roster = cy_roster,
                           .n_roster = cy_roster_count,
                           .version = "bench",
                           .out = stderr,
                           .err = stderr};
    out->args.names[out->args.n] = "dir";
    out->args.values[out->args.n++] = dir;
    if (as != NULL) {
        out->args.names[out->args.n] = "as";
        out->args.values[out->args.n++] = as;
    }
}

static void must(const struct cy_cli *run, cy_err err, const char *what)
{
    if (!cy_ok(err))
        bench_say("%s", run->why);
    bench_must(err, what);
}

/* Also when the run gives up: no process stays behind. */
static void stop_all(void)
{
    if (box_.n > 0)
        (void)cy_sandbox_stop(&box_);
    box_.n = 0;
}

void live_begin(const struct bench *bench)
{
    static bool once;

    dir_ = bench_dir(bench, "live");
    init(dir_, NULL, &run_);
    must(&run_, cy_cli_begin(&run_, true), "sandbox");
    must(&run_, cy_sandbox_dir(&run_, false, &box_), dir_);
    must(&run_, cy_sandbox_ports(&box_, 0), "ports");
    if (!once && atexit(stop_all) != 0)
        bench_die("no memory");
    once = true;
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    must(&run_, cy_sandbox_found(&box_), "founding");
}

void live_end(void)
{
    stop_all();
    cy_cli_end(&run_);
    bench_dir_remove(dir_);
    dir_ = NULL;
}

const struct cy_sandbox_place *live_place(const char *name)
{
    const struct cy_sandbox_place *place = cy_sandbox_find(&box_, name);

    if (place == NULL)
        bench_die("no place %s in a sandbox", name);
    return place;
}

/* --- some of them --- */

struct cy_sandbox live_pick(const char *federation)
{
    struct cy_sandbox some = box_;

    some.n = 0;
    for (size_t i = 0; i < box_.n; i++) {
        const char *of = box_.places[i].row->federation;

        if (federation == NULL ? of == NULL : of != NULL && strcmp(of, federation) == 0)
            some.places[some.n++] = box_.places[i];
    }
    return some;
}

void live_start(struct cy_sandbox *some)
{
    must(&run_, cy_sandbox_start(some, CY_SANDBOX_DAEMON), "daemons");
}

void live_stop(struct cy_sandbox *some)
{
    (void)cy_sandbox_stop(some);
}

/* --- one of them --- */

void live_path(const char *file, char out[static CY_SANDBOX_PATH])
{
    cy_sandbox_path(&box_, NULL, file, out);
}

void live_open(const struct cy_sandbox_place *place, const char *as, struct cy_cli *out)
{
    char path[CY_SANDBOX_PATH];

    cy_sandbox_path(&box_, place, "", path);
    init(path, as, out);
    must(out, cy_cli_begin(out, false), place->row->name);
}

void live_do(const struct cy_sandbox_place *place, const char *const *words)
{
    struct cy_sandbox_task task = {.place = place, .log = "bench.log"};

    for (size_t i = 0; words[i] != NULL && i + 1 < CY_COUNT(task.words); i++)
        task.words[i] = words[i];
    must(&run_, cy_sandbox_begin(&box_, &task), words[0]);
    must(&run_, cy_sandbox_finish(&box_, &task), words[0]);
}

void live_url(const struct cy_sandbox_place *place, char out[static 64])
{
    (void)snprintf(out, 64, "http://127.0.0.1:%u", (unsigned)place->plain);
}

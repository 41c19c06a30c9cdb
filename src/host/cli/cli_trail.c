#include "host/cli/cli_trail.h"

#include "host/system/daemon_config.h"

#include <unistd.h>

void cy_cli_trail_path(struct cy_cli *run, char out[static CY_TRAIL_PATH_MAX])
{
    char path[CY_HOME_DIR_MAX];
    char why_bytes[200];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct cy_daemon_config values;
    struct cy_config *config = NULL;

    (void)snprintf(out, CY_TRAIL_PATH_MAX, "%.1000s/data.admin.log", run->home.dir);
    if (!cy_home_path(&run->home, "comityd.conf", path) ||
        !cy_ok(cy_daemon_config_load(path, &values, &config, &why)))
        return;
    cy_daemon_trail_path(&values, out, CY_TRAIL_PATH_MAX);
    cy_config_free(config);
}

static cy_err write_line(struct cy_cli *run, const struct cy_trail_line *line, uint64_t *seq)
{
    char path[CY_TRAIL_PATH_MAX];
    struct cy_trail *trail = NULL;
    cy_err err = CY_OK;

    cy_cli_trail_path(run, path);
    trail = cy_trail_new(path, UINT64_MAX); /* the daemon turns it over */
    if (trail == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = cy_trail_write(trail, line, cy_cli_now(), seq);
    cy_trail_free(trail);
    if (!cy_ok(err))
        cy_cli_note(run, "%s: %s", path, strerror((int)err.detail));
    return err;
}

static const char *from(char room[static 40])
{
    (void)snprintf(room, 40, "comity uid %ld", (long)getuid());
    return room;
}

cy_err cy_cli_trail_begin(struct cy_cli *run, const char *action, const char *what, uint64_t *seq)
{
    char room[40];
    const struct cy_trail_line line = {
        .action = action, .outcome = "begun", .from = from(room), .what = what};

    *seq = 0;
    return run->home.dir[0] == 0 ? CY_OK : write_line(run, &line, seq);
}

void cy_cli_trail_end(struct cy_cli *run, const char *action, const char *what, uint64_t seq,
                      cy_err err)
{
    char room[40];
    const struct cy_trail_line line = {.action = action,
                                       .outcome = cy_ok(err) ? "done"
                                                  : cy_err_info(err.code)->kind == CY_ERR_refusal
                                                      ? "refused"
                                                      : "failed",
                                       .from = from(room),
                                       .what = what,
                                       .err = err,
                                       .of = seq};

    if (run->home.dir[0] != 0 && !cy_ok(write_line(run, &line, NULL)))
        (void)fprintf(run->err, "comity: how this ended could not be written into the audit log\n");
}

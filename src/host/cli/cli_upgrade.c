#include "host/cli/cli_upgrade.h"

#include "host/audit/audit.h"
#include "host/backup/backup.h"
#include "host/cli/cli_backup.h"
#include "host/system/daemon_config.h"
#include "host/system/disk_posix.h"
#include "kernel/constitution.h"
#include "ledger/format.h"
#include "ledger/snapshot.h"

#include <stdlib.h>
#include <unistd.h>

const struct cy_cli_option cy_cli_upgrade_options[] = {
    {"check",           NULL,   "only look; nothing is written"                                  },
    {"quick",           NULL,   "do not replay the ledger"                                       },
    {"to",              "FILE", "the backup to be made first"                                    },
    {"passphrase-file", "FILE", "of that backup: the first line (else $COMITY_BACKUP_PASSPHRASE)"},
    {"reader",          "KEY",  "also to be opened by this box key; repeat"                      },
    {"keys",            "DIR",  "the signer's directory (DIR/keys)"                              },
    {"with-passphrase", NULL,   "put the passphrase of the keys into the backup too"             },
    {"without-blobs",   NULL,   "leave encrypted blobs out of the backup"                        },
    {NULL,              NULL,   NULL                                                             },
};

/* What each format of a ledger directory brought: an older program cannot read what came after it.
 */
static const struct {
    uint32_t format;
    const char *change;
} changes_[] = {
    {1, "journal, tiles, snapshots, blobs and witness heads as SPEC/ledger.md says"},
};

struct upgrade {
    struct cy_cli *run;
    struct cy_findings found;
    struct cy_config *config;
    struct cy_daemon_config values;
    uint32_t format; /* of the directory */
};

/* ours: of this program. */
static void format_line(struct cy_findings *found, uint32_t format, uint32_t ours, cy_err err)
{
    json_t *figures =
        json_pack("{s:I,s:I}", "directory", (json_int_t)format, "program", (json_int_t)ours);

    if (err.code == CY_E_LEDGER_NEWER || format > ours) {
        json_decref(figures);
        cy_finding_err(found, CY_FOUND_BAD, "format", cy_fail(CY_E_LEDGER_NEWER, format), NULL,
                       "the ledger is of a newer format than this program's, %u", CY_LEDGER_FORMAT);
    } else if (!cy_ok(err)) {
        json_decref(figures);
        cy_finding_err(found, CY_FOUND_UNKNOWN, "format", err, NULL, "its stamp cannot be read");
    } else if (format != 0 && format < ours) {
        cy_finding_say(found, CY_FOUND_WARN, "format", NULL, cy_err_info(CY_E_LEDGER_OLDER)->text,
                       "comity upgrade --to FILE", figures,
                       "the ledger is of format %u, this program writes %u", format, ours);
    } else {
        cy_finding_good(found, "format", figures, "the ledger is of format %u, as this program's",
                        ours);
    }
}

/* The stamp of a directory; 1 when it has none. */
static cy_err read_format(const char *data, uint32_t *format)
{
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    cy_err err = cy_disk_posix_open(data, false, &posix);

    *format = 0;
    if (cy_ok(err)) {
        disk = cy_disk_posix_disk(posix);
        err = cy_format_read(&disk, format);
        if (cy_ok(err) && *format == 0)
            *format = 1;
        cy_disk_posix_close(posix);
    }
    return err;
}

void cy_cli_format_line(struct cy_findings *found, const char *data)
{
    uint32_t format = 0;
    const cy_err err = read_format(data, &format);

    format_line(found, format, CY_LEDGER_FORMAT, err);
}

/* --- what is there --- */

static cy_err open_settings(struct upgrade *u)
{
    char path[CY_HOME_DIR_MAX];
    struct cy_text why = cy_text_on(u->run->why, sizeof u->run->why);
    cy_err err = CY_OK;

    if (!cy_home_path(&u->run->home, "comityd.conf", path))
        return cy_fail(CY_E_TOO_LARGE, sizeof path);
    err = cy_daemon_config_load(path, &u->values, &u->config, &why);
    if (cy_ok(err)) {
        cy_finding_good(&u->found, "settings", NULL, "%s is understood", path);
        return CY_OK;
    }
    u->config = NULL;
    cy_finding_err(&u->found, CY_FOUND_BAD, "settings", err,
                   "correct the line; comityd example prints every setting of this version", "%s",
                   u->run->why);
    u->run->why[0] = 0;
    return err;
}

static void look_at_snapshots(struct upgrade *u)
{
    uint8_t *room = malloc(CY_SNAPSHOT_CHUNK);
    struct cy_disk_posix *posix = NULL;
    struct cy_snapshot_head head = {.size = 0};
    struct cy_disk_fault fault;
    struct cy_disk disk;
    bool usable = false;
    cy_err err = room == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                              : cy_disk_posix_open(u->values.data, false, &posix);

    if (cy_ok(err)) {
        disk = cy_disk_posix_disk(posix);
        err = cy_snapshot_choose(&disk, room, &head, &usable, &fault);
    }
    if (cy_ok(err) && head.rules > cy_rules_known.newest)
        cy_finding_err(&u->found, CY_FOUND_BAD, "rules", cy_fail(CY_E_RULES_UNKNOWN, head.rules),
                       NULL, "the realm runs rules %u, this program knows up to %u", head.rules,
                       cy_rules_known.newest);
    else if (cy_ok(err))
        cy_finding_good(&u->found, "snapshots", NULL, "the newest one, of entry %llu, is whole",
                        (unsigned long long)head.size);
    else if (err.code == CY_E_NO_SNAPSHOT)
        cy_finding_good(&u->found, "snapshots", NULL, "none yet; a start replays everything");
    else
        cy_finding_err(&u->found, CY_FOUND_WARN, "snapshots", err,
                       "a start replays more, nothing is lost", "the newest one does not serve");
    cy_disk_posix_close(posix);
    free(room);
}

static void look_at_keys(struct upgrade *u)
{
    static const char want[] = "comity-keystore 1\n";
    const char *given = cy_cli_arg(&u->run->args, "keys");
    char dir[CY_HOME_DIR_MAX];
    char path[CY_HOME_DIR_MAX + 16];
    char line[32] = "";
    FILE *file = NULL;

    if (!cy_home_path(&u->run->home, "keys", dir))
        return;
    (void)snprintf(path, sizeof path, "%.1000s/keystore", given == NULL ? dir : given);
    file = fopen(path, "re");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        cy_finding_say(&u->found, CY_FOUND_UNKNOWN, "keys", NULL,
                       "the signer's directory is not readable from here",
                       "name it (--keys DIR), and run this as its user", NULL, "%s", path);
    else if (strcmp(line, want) == 0)
        cy_finding_good(&u->found, "keys", NULL,
                        "the key directory is of a form this signer knows");
    else
        cy_finding_err(&u->found, CY_FOUND_BAD, "keys", cy_fail(CY_E_LEDGER_NEWER, 0), NULL,
                       "the key directory is of another form");
    if (file != NULL)
        (void)fclose(file);
}

/* The very test: every act judged again by the rules of this program, every state root compared. */
static void replay(struct upgrade *u)
{
    struct cy_cli_meter meter = {.run = u->run, .what = "replay", .began = cy_cli_now()};
    const struct cy_audit_options options = {.roster = u->run->roster,
                                             .n_roster = u->run->n_roster,
                                             .progress = cy_cli_ledger_progress,
                                             .user = &meter};
    struct cy_audit_report *report = cy_arena_zero(&u->run->arena, sizeof *report);
    struct cy_audit_source *source = NULL;
    cy_err err = report == NULL ? cy_fail(CY_E_NO_ROOM, 0)
                                : cy_audit_source_open(u->values.data, NULL, &source);

    if (cy_ok(err))
        err = cy_audit_run(source, &options, report);
    if (cy_ok(err))
        cy_finding_good(
            &u->found, "replay",
            json_pack("{s:I,s:I,s:I}", "entries", (json_int_t)report->entries, "state_roots",
                      (json_int_t)report->state_roots, "took_ms",
                      (json_int_t)(cy_cli_now() - meter.began)),
            "%llu entries give the same state by this program's rules, %llu state roots "
            "compared",
            (unsigned long long)report->entries, (unsigned long long)report->state_roots);
    else
        cy_finding_err(&u->found, CY_FOUND_BAD, "replay", err,
                       "keep the old program; report this, with what comity audit says", "%s",
                       report == NULL ? "" : report->why);
    cy_audit_source_close(source);
}

static void look_at_daemon(struct upgrade *u)
{
    json_t *view = NULL;
    const cy_err err = cy_cli_fetch_json(u->run, "/v1/operator", &view);
    const char *there =
        json_string_value(json_object_get(json_object_get(view, "versions"), "program"));

    if (!cy_ok(err))
        cy_finding_good(&u->found, "daemon", NULL, "none answers: it is stopped, or an old one");
    else if (there != NULL && strcmp(there, u->run->version) == 0)
        cy_finding_good(&u->found, "daemon", NULL, "it is %s already", there);
    else
        cy_finding_say(&u->found, CY_FOUND_WARN, "daemon", NULL,
                       "a running program stays what it was when it was started",
                       "start comity-signer and comityd again when this is done", NULL,
                       "it is still %s, this program is %s", there == NULL ? "?" : there,
                       u->run->version);
    json_decref(view);
    u->run->why[0] = 0;
}

static void tell_changes(struct upgrade *u)
{
    for (size_t i = 0; i < CY_COUNT(changes_); i++) {
        if (changes_[i].format > u->format)
            cy_finding_say(&u->found, CY_FOUND_WARN, "change", NULL,
                           "an older program cannot read it",
                           "the backup made first is the way back", NULL, "format %u: %s",
                           changes_[i].format, changes_[i].change);
    }
}

/* --- doing it --- */

/* The stamp, under the lock: no daemon may be writing. */
static cy_err set_stamp(struct upgrade *u)
{
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    cy_err err = cy_disk_posix_open(u->values.data, false, &posix);

    if (!cy_ok(err))
        return err;
    disk = cy_disk_posix_disk(posix);
    err = disk.ops->lock(disk.self);
    if (cy_ok(err)) {
        err = cy_format_set(&disk, CY_LEDGER_FORMAT);
        disk.ops->unlock(disk.self);
    }
    cy_disk_posix_close(posix);
    return err;
}

static void carry_out(struct upgrade *u)
{
    const char *to = cy_cli_arg(&u->run->args, "to");
    struct cy_backup_report *report = cy_arena_zero(&u->run->arena, sizeof *report);
    cy_err err = report == NULL ? cy_fail(CY_E_NO_ROOM, 0) : cy_cli_backup_to(u->run, to, report);

    if (!cy_ok(err)) {
        cy_finding_err(&u->found, CY_FOUND_BAD, "backup", err, NULL, "%s: %s", to, u->run->why);
        u->run->why[0] = 0;
        return;
    }
    cy_finding_good(&u->found, "backup", json_pack("{s:I}", "size", (json_int_t)report->size),
                    "%s, up to entry %llu", to, (unsigned long long)report->size);
    if (u->format == CY_LEDGER_FORMAT) {
        cy_finding_good(&u->found, "upgrade", NULL,
                        "nothing need be changed: start comity-signer and comityd again");
        return;
    }
    err = set_stamp(u);
    if (cy_ok(err))
        cy_finding_good(&u->found, "upgrade", NULL,
                        "the ledger is of format %u now: start comity-signer and comityd again",
                        CY_LEDGER_FORMAT);
    else
        cy_finding_err(&u->found, CY_FOUND_BAD, "upgrade", err,
                       err.code == CY_E_LEDGER_BUSY ? "stop comityd first" : NULL,
                       "the stamp was not set; nothing was changed");
}

static void look(struct upgrade *u)
{
    const cy_err err = open_settings(u);
    cy_err format = CY_OK;

    if (!cy_ok(err))
        return;
    format = read_format(u->values.data, &u->format);
    format_line(&u->found, u->format, CY_LEDGER_FORMAT, format);
    look_at_keys(u);
    look_at_daemon(u);
    if (!cy_ok(format) || u->format > CY_LEDGER_FORMAT)
        return;
    look_at_snapshots(u);
    if (!cy_cli_arg_on(&u->run->args, "quick"))
        replay(u);
    tell_changes(u);
}

int cy_cli_upgrade(struct cy_cli *run)
{
    const bool check = cy_cli_arg_on(&run->args, "check");
    struct upgrade *u = cy_arena_zero(&run->arena, sizeof *u);
    int code = 0;

    if (u == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    if (run->home.dir[0] == 0)
        return cy_cli_wrong(run, "comity upgrade needs the directory of a cell: --dir DIR");
    if (!check && cy_cli_arg(&run->args, "to") == NULL)
        return cy_cli_wrong(run, "comity upgrade makes a backup first: --to FILE with "
                                 "--passphrase-file FILE; --check only looks");
    u->run = run;
    cy_findings_begin(&u->found, run);
    look(u);
    if (!check && u->found.n[CY_FOUND_BAD] == 0)
        carry_out(u);
    code = cy_findings_end(&u->found);
    if (u->config != NULL)
        cy_config_free(u->config);
    return code;
}

#include "host/cli/cli_doctor.h"

#include "host/cli/cli_backup.h"
#include "host/cli/cli_upgrade.h"
#include "host/json/json.h"
#include "host/system/daemon_config.h"
#include "host/system/disk_posix.h"
#include "ledger/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#define SKEW_MS_MAX 60000u  /* witnesses refuse heads that are further off */
#define HEAD_MS_MAX 180000u /* three idle ticks */
#define FREE_LEAST ((uint64_t)1 << 30)
#define FREE_WARN ((uint64_t)5 << 30)
#define DAY_MS 86400000u
#define KEY_WARN_DAYS 730
#define BACKUP_WARN_DAYS 7
#define LAG_WARN_MS 120000u /* a head that is not witnessed for so long */
#define SQL_LAG_WARN 100000 /* entries that an idle machine projects in seconds */
#define TABLE_LEAST 16      /* smaller tables are full by their nature: one realm */
#define VIEW_MAX ((size_t)4 << 20)
#define BEHIND_WARN 5 /* heights that a seat may lack, for a moment */

struct visit {
    struct cy_cli *run;
    struct cy_findings found;
    struct cy_config *config; /* NULL: a directory of a client only, or bad settings */
    struct cy_daemon_config values;
    json_t *view; /* GET /v1/operator; NULL: the daemon does not answer */
};

static bool is_cell(const struct visit *v)
{
    return v->config != NULL;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static const char *words(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* --- files --- */

static void look_at_directory(struct visit *v)
{
    const struct cy_home *home = &v->run->home;

    if (home->dir[0] == 0)
        cy_finding_say(&v->found, CY_FOUND_BAD, "directory", "caller",
                       "without it neither settings nor names are known",
                       "give --dir DIR, or set COMITY_DIR", NULL, "no directory is in use");
    else
        cy_finding_good(&v->found, "directory", json_pack("{s:I}", "aliases", (json_int_t)home->n),
                        "%s, %zu aliases", home->dir, home->n);
}

/* A file that holds secrets must be nobody else's business. */
static void look_at_mode(struct visit *v, const char *check, const char *path, unsigned forbidden,
                         const char *remedy)
{
    struct stat found;
    unsigned mode = 0;

    if (stat(path, &found) != 0)
        return; /* a client has no keys; what a daemon needs, it says itself */
    mode = (unsigned)(found.st_mode & 0777);
    if ((mode & forbidden) == 0)
        cy_finding_good(&v->found, check, NULL, "%s has mode %03o", path, mode);
    else
        cy_finding_say(&v->found, CY_FOUND_BAD, check, NULL,
                       (forbidden & 044) != 0 ? "others on this machine can read it"
                                              : "others on this machine can change it",
                       remedy, json_pack("{s:i}", "mode", (int)mode), "%s has mode %03o", path,
                       mode);
}

/* Key files have the directory's protection and their own. */
static void look_at_key_files(struct visit *v, const char *keys)
{
    char dir[CY_HOME_DIR_MAX + 8];
    DIR *list = NULL;
    struct dirent *entry = NULL;
    unsigned open_files = 0;

    (void)snprintf(dir, sizeof dir, "%.1000s/keys", keys);
    list = opendir(dir);
    while (list != NULL && (entry = readdir(list)) != NULL) {
        struct stat found;

        open_files += entry->d_name[0] != '.' &&
                              fstatat(dirfd(list), entry->d_name, &found, 0) == 0 &&
                              (found.st_mode & 077) != 0
                          ? 1u
                          : 0u;
    }
    if (list != NULL)
        (void)closedir(list);
    if (open_files > 0)
        cy_finding_say(&v->found, CY_FOUND_BAD, "key files", NULL, "others can read or change them",
                       "chmod -R go-rwx on the key directory", NULL, "%u files in %s are open",
                       open_files, dir);
}

static void look_at_modes(struct visit *v)
{
    static const struct {
        const char *check;
        const char *name;
        unsigned forbidden;
        const char *remedy;
    } rows[] = {
        {"keys",       "keys",         077, "take it away from others: chmod go-rwx on it"            },
        {"passphrase", "passphrase",   077,
         "chmod 600 on it; better, move it to where your secrets live"                                },
        {"tls key",    "tls.key.pem",  077, "chmod 600 on it, and if others were here, make a new one"},
        {"settings",   "comityd.conf", 022,
         "chmod go-w on it: who writes it decides what the daemon does"                               },
        {"names",      "aliases",      022, "chmod go-w on it: who writes it decides whom you pay"    },
        {"ledger",     "data",         022, "chmod go-w on it"                                        },
    };
    char path[CY_HOME_DIR_MAX];

    for (size_t i = 0; v->run->home.dir[0] != 0 && i < CY_COUNT(rows); i++) {
        if (!cy_home_path(&v->run->home, rows[i].name, path))
            continue;
        look_at_mode(v, rows[i].check, path, rows[i].forbidden, rows[i].remedy);
        if (i == 0)
            look_at_key_files(v, path);
    }
}

static void look_at_config(struct visit *v)
{
    char path[CY_HOME_DIR_MAX];
    char why_bytes[500];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct stat found;

    if (v->run->home.dir[0] == 0 || !cy_home_path(&v->run->home, "comityd.conf", path) ||
        stat(path, &found) != 0)
        return; /* a directory of a client only */
    if (!cy_ok(cy_daemon_config_load(path, &v->values, &v->config, &why))) {
        why_bytes[strcspn(why_bytes, "\n")] = 0;
        v->config = NULL;
        cy_finding_say(&v->found, CY_FOUND_BAD, "config", NULL,
                       "the daemon does not start with it: unknown settings are refused",
                       "comity config explain prints every setting and its bounds", NULL, "%s",
                       why_bytes);
        return;
    }
    cy_finding_good(&v->found, "config", NULL, "%s is well", path);
    if (v->values.witnesses.n == 0 && v->values.witness_for.n > 0)
        cy_finding_say(&v->found, CY_FOUND_WARN, "peers", NULL,
                       "nobody would notice if this ledger showed two histories",
                       "comity peer add --peer CARD --witness",
                       json_pack("{s:I,s:I}", "witnesses", (json_int_t)v->values.witnesses.n,
                                 "cosigned", (json_int_t)v->values.witness_for.n),
                       "no witness cosigns this ledger");
    else
        cy_finding_good(&v->found, "peers",
                        json_pack("{s:I,s:I}", "witnesses", (json_int_t)v->values.witnesses.n,
                                  "cosigned", (json_int_t)v->values.witness_for.n),
                        "%zu witnesses cosign this ledger, %zu ledgers are cosigned here",
                        v->values.witnesses.n, v->values.witness_for.n);
}

static void look_at_disk(struct visit *v)
{
    struct statvfs found;
    uint64_t left = 0;
    uint64_t all = 0;
    json_t *figures = NULL;

    if (!is_cell(v))
        return;
    if (statvfs(v->values.data, &found) != 0) {
        cy_finding_say(&v->found, CY_FOUND_BAD, "disk", NULL, strerror(errno),
                       "restore the directory from its backup, or correct `data` in comityd.conf",
                       NULL, "%s cannot be looked at", v->values.data);
        return;
    }
    left = (uint64_t)found.f_bavail * found.f_frsize;
    all = (uint64_t)found.f_blocks * found.f_frsize;
    figures = json_pack("{s:I,s:I}", "free", (json_int_t)left, "total", (json_int_t)all);
    if (left > FREE_WARN && left > all / 10)
        cy_finding_good(&v->found, "disk", figures, "%llu MiB free of %llu MiB under %s",
                        (unsigned long long)(left >> 20), (unsigned long long)(all >> 20),
                        v->values.data);
    else
        cy_finding_say(&v->found,
                       left > FREE_LEAST && left > all / 20 ? CY_FOUND_WARN : CY_FOUND_BAD, "disk",
                       NULL, "the daemon stops writing when the disk is full",
                       "make room, or move the directory to a larger disk", figures,
                       "%llu MiB free of %llu MiB under %s", (unsigned long long)(left >> 20),
                       (unsigned long long)(all >> 20), v->values.data);
}

static void look_at_format(struct visit *v)
{
    if (is_cell(v))
        cy_cli_format_line(&v->found, v->values.data);
}

/* --- the newest backup --- */

static void look_at_backup(struct visit *v)
{
    char path[CY_HOME_DIR_MAX];
    char line[600] = "";
    char *end = NULL;
    struct stat born;
    FILE *file = NULL;
    cy_time made = 0;
    cy_time now = cy_cli_now();
    uint64_t days = 0;

    if (!is_cell(v) || !cy_home_path(&v->run->home, CY_HOME_LAST_BACKUP, path))
        return;
    file = fopen(path, "re");
    if (file != NULL) {
        end = fgets(line, sizeof line, file);
        (void)fclose(file);
    }
    if (end != NULL)
        line[strcspn(line, " \n")] = 0;
    if (end != NULL && cy_ok(cy_time_read(cy_span_text(line), &made))) {
        days = now > made ? (now - made) / DAY_MS : 0;
        if (days <= BACKUP_WARN_DAYS)
            cy_finding_good(&v->found, "backup", json_pack("{s:I}", "days", (json_int_t)days),
                            "the newest one was made on %.10s", line);
        else
            cy_finding_say(&v->found, CY_FOUND_WARN, "backup", NULL,
                           "what was signed since would have to come from a mirror",
                           "comity backup --to FILE, every day, by a timer",
                           json_pack("{s:I}", "days", (json_int_t)days),
                           "the newest one is %llu days old", (unsigned long long)days);
        return;
    }
    if (cy_home_path(&v->run->home, "client.conf", path) && stat(path, &born) == 0 &&
        now < (cy_time)born.st_mtim.tv_sec * 1000 + DAY_MS)
        cy_finding_good(&v->found, "backup", NULL,
                        "none yet; the cell was made today: comity backup --to FILE");
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "backup", NULL,
                       "if this disk dies, the keys are gone, and nobody can go on with the ledger",
                       "comity backup --to FILE, and keep it apart from this machine", NULL,
                       "none was made here");
}

/* --- this machine's clock --- */

static void look_at_ntp(struct visit *v)
{
    struct timex timex = {.modes = 0};
    const int state = adjtimex(&timex);
    const bool kept = state >= 0 && state != TIME_ERROR && (timex.status & STA_UNSYNC) == 0;
    json_t *figures = NULL;

    if (!is_cell(v) || state < 0)
        return;
    figures = json_pack("{s:b,s:I}", "synchronised", kept, "error_ms",
                        (json_int_t)(timex.maxerror / 1000));
    if (kept || v->values.witnesses.n == 0)
        cy_finding_good(&v->found, "system clock", figures, "%s",
                        kept ? "the kernel says it is kept right"
                             : "nobody keeps it right; nobody compares it either");
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "system clock", NULL,
                       "the kernel has heard of no time service; witnesses refuse what is a "
                       "minute off",
                       "run a time service (chrony, systemd-timesyncd)", figures,
                       "nobody keeps this machine's clock right");
}

/* --- the signer --- */

struct held {
    unsigned n;
    unsigned roles;  /* 1 operator, 2 log, 4 witness */
    uint64_t made_s; /* the present key of the operator */
};

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct held *held = user;

    held->n++;
    if (key->purpose == CY_PURPOSE_ACT && cy_span_eq(key->label, cy_span_text("operator"))) {
        held->roles |= 1;
        if (!key->standby)
            held->made_s = key->created_s;
    }
    if (key->purpose == CY_PURPOSE_CHECKPOINT)
        held->roles |= 2;
    if (key->purpose == CY_PURPOSE_COSIGNATURE)
        held->roles |= 4;
    return CY_OK;
}

static void look_at_key_age(struct visit *v, const struct held *held)
{
    const uint64_t days = (cy_cli_now() / 1000 - held->made_s) / 86400;
    json_t *figures = json_pack("{s:I}", "days", (json_int_t)days);

    if (days <= KEY_WARN_DAYS)
        cy_finding_good(&v->found, "key age", figures, "the operator's key is %llu days old",
                        (unsigned long long)days);
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "key age", NULL,
                       "a key that was never replaced is a key that nobody has tried to replace",
                       "comity passport rotate operator", figures,
                       "the operator's key is %llu days old", (unsigned long long)days);
}

static void look_at_signer(struct visit *v)
{
    struct held held = {0, 0, 0};
    cy_err err = CY_OK;

    if (v->run->signer_path == NULL)
        return;
    err = cy_cli_signer(v->run);
    if (cy_ok(err))
        err = cy_signer_keys(v->run->signer, seen_key, &held);
    if (!cy_ok(err)) {
        cy_finding_err(&v->found, CY_FOUND_BAD, "signer", err,
                       "start it: comity-signer --keys DIR/keys --socket DIR/signer.sock", "%s: %s",
                       v->run->signer_path, cy_err_info(err.code)->text);
        v->run->why[0] = 0;
        return;
    }
    if (is_cell(v) && !cy_daemon_federation(&v->values) && held.roles != 7) {
        cy_finding_say(&v->found, CY_FOUND_BAD, "signer", NULL, "a cell needs all three",
                       "this is another realm's key directory, or a part of it is lost: restore it",
                       NULL, "answers, holds %u keys%s%s%s", held.n,
                       (held.roles & 1) != 0 ? "" : ", none of the operator",
                       (held.roles & 2) != 0 ? "" : ", none for heads",
                       (held.roles & 4) != 0 ? "" : ", none to witness with");
        return;
    }
    cy_finding_good(&v->found, "signer", json_pack("{s:i}", "keys", (int)held.n),
                    "answers, holds %u keys", held.n);
    if (is_cell(v) && held.made_s > 0)
        look_at_key_age(v, &held);
}

/* --- the daemon --- */

static void look_at_daemon(struct visit *v)
{
    struct cy_client_answer answer = {0};
    cy_err err = cy_cli_fetch(v->run, "/readyz", 4096, &answer);

    if (cy_ok(err)) {
        cy_finding_good(&v->found, "daemon", NULL, "%s takes acts", v->run->url);
        err = cy_cli_fetch_json(v->run, "/v1/operator", &v->view);
        if (!cy_ok(err))
            cy_finding_err(&v->found, CY_FOUND_UNKNOWN, "daemon", err,
                           "it is another version than this program: use the same",
                           "it does not tell how it is: /v1/operator");
    } else {
        cy_finding_err(&v->found, CY_FOUND_BAD, "daemon", err,
                       err.code == CY_E_PEER_CONNECT ? "start it: comityd --config DIR/comityd.conf"
                                                     : NULL,
                       "%s: %s%s%s", v->run->url == NULL ? "no URL" : v->run->url,
                       cy_err_info(err.code)->text, answer.problem.status != 0 ? ": " : "",
                       answer.problem.status != 0 ? answer.problem.detail : "");
    }
    cy_client_answer_free(&answer);
    v->run->why[0] = 0;
}

static void look_at_version(struct visit *v)
{
    const json_t *versions = json_object_get(v->view, "versions");
    const char *there = words(versions, "program");
    json_t *figures = json_pack("{s:s,s:s,s:I}", "daemon", there, "command", v->run->version,
                                "rules", number(versions, "rules"));

    if (strcmp(there, v->run->version) == 0)
        cy_finding_good(&v->found, "version", figures, "daemon and command are %s", there);
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "version", NULL,
                       "one of them was not installed, or not started again, after an upgrade",
                       "comity upgrade --check; start comityd and comity-signer again", figures,
                       "the daemon is %s, this command %s", there, v->run->version);
}

static void look_at_trouble(struct visit *v)
{
    const json_t *trouble = json_object_get(v->view, "trouble");

    if (json_is_object(trouble))
        cy_finding_say(&v->found, CY_FOUND_BAD, "writing", NULL, words(trouble, "title"),
                       words(trouble, "remedy"), NULL, "acts wait: %s", words(trouble, "code"));
}

static void look_at_clock(struct visit *v)
{
    const cy_time here = cy_cli_now();
    cy_time there = 0;
    int64_t ahead = 0;

    if (!cy_ok(cy_time_read(cy_span_text(words(v->view, "ledger_time")), &there)))
        return;
    ahead = (int64_t)there - (int64_t)here;
    if (there <= here + SKEW_MS_MAX)
        cy_finding_good(&v->found, "clock", json_pack("{s:I}", "ahead_ms", (json_int_t)ahead),
                        "the ledger's clock is %lld ms %s this machine's",
                        (long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "behind" : "ahead of");
    else
        cy_finding_say(
            &v->found, CY_FOUND_BAD, "clock", NULL,
            "ledger time does not go back; witnesses refuse heads more than a minute off",
            "set one of the two clocks right (NTP)",
            json_pack("{s:I}", "ahead_ms", (json_int_t)ahead),
            "the ledger's clock is %lld ms ahead of this machine's", (long long)ahead);
    if (here <= there + HEAD_MS_MAX)
        cy_finding_good(&v->found, "ticks", json_pack("{s:I}", "age_ms", (json_int_t)-ahead),
                        "the last tick is %lld s old", ahead < 0 ? (long long)-ahead / 1000 : 0);
    else
        cy_finding_say(&v->found, CY_FOUND_BAD, "ticks", NULL, "ledger time stands still",
                       "the daemon's log says why no tick is signed: signer, operator's key, disk",
                       json_pack("{s:I}", "age_ms", (json_int_t)-ahead),
                       "the last tick is %lld s old", (long long)-ahead / 1000);
}

static void look_at_head(struct visit *v)
{
    struct cy_cli_trust *trust = cy_arena_zero(&v->run->arena, sizeof *trust);
    struct cy_client_answer answer = {0};
    struct cy_checkpoint head;
    uint32_t cosigned = 0;
    cy_err err = trust == NULL ? cy_fail(CY_E_NO_ROOM, 0) : cy_cli_trust_read(v->run, trust);

    if (!cy_ok(err) || !trust->has_log)
        return;
    err = cy_cli_fetch(v->run, "/checkpoint", CY_NOTE_MAX, &answer);
    if (cy_ok(err))
        err = cy_checkpoint_verify(cy_span_of(answer.body, answer.n), &trust->log, NULL, 0, 0,
                                   &head, &cosigned);
    if (cy_ok(err))
        cy_finding_good(&v->found, "head", json_pack("{s:I}", "size", (json_int_t)head.size),
                        "%llu entries, signed by the key in client.conf",
                        (unsigned long long)head.size);
    else
        cy_finding_err(&v->found, CY_FOUND_BAD, "head", err, NULL, "/checkpoint: %s",
                       cy_err_info(err.code)->text);
    cy_client_answer_free(&answer);
}

static void look_at_witnesses(struct visit *v)
{
    const json_t *peers = json_object_get(v->view, "peers");

    for (size_t i = 0; i < json_array_size(peers); i++) {
        const json_t *w = json_array_get(peers, i);
        const json_t *last = json_object_get(w, "last_error");
        json_t *figures =
            json_pack("{s:s,s:I,s:I,s:I}", "name", words(w, "name"), "size", number(w, "size"),
                      "lag", number(w, "lag"), "age_ms", number(w, "checkpoint_age_ms"));

        if (!json_is_object(last))
            cy_finding_good(&v->found, "witness", figures,
                            "%s cosigned up to entry %lld, %lld behind", words(w, "name"),
                            (long long)number(w, "size"), (long long)number(w, "lag"));
        else
            cy_finding_say(&v->found, CY_FOUND_BAD, "witness", "peer", words(last, "title"),
                           "comity peer test NAME says which step fails: is it running, does it "
                           "know our key (comity peer add --cosign there), are its clock and "
                           "address right",
                           figures, "%s does not cosign: %s", words(w, "name"),
                           words(last, "code"));
    }
}

/* A member of a federation: does it agree with the others, are they there, is there finality? */
static void look_at_federation(struct visit *v)
{
    json_t *all = NULL;
    const json_t *seats = NULL;
    const char *state = NULL;
    json_int_t behind = 0;

    if (!is_cell(v) || !cy_daemon_federation(&v->values) ||
        !cy_ok(cy_cli_fetch_json(v->run, "/v1/federation", &all)))
        return;
    state = words(all, "state");
    if (strcmp(state, "agrees") == 0)
        cy_finding_good(&v->found, "agreement", json_pack("{s:I}", "height", number(all, "height")),
                        "agrees with the other members, height %lld",
                        (long long)number(all, "height"));
    else
        cy_finding_say(
            &v->found, strcmp(state, "stopped") == 0 ? CY_FOUND_BAD : CY_FOUND_WARN, "agreement",
            NULL, words(all, "says")[0] != 0 ? words(all, "says") : words(all, "pause"),
            words(all, "remedy")[0] != 0 ? words(all, "remedy")
                                         : "comity federation status; the daemon's log says more",
            NULL, "this member is %s at height %lld", state, (long long)number(all, "height"));
    if (number(all, "flush_ms") >= CY_FLUSH_SLOW_MS)
        cy_finding_say(&v->found, CY_FOUND_WARN, "flush", NULL,
                       "a member whose disk is slow says its word late; the others go on",
                       "see what else uses this disk, or use a faster one",
                       json_pack("{s:I}", "flush_ms", number(all, "flush_ms")),
                       "a flush of the ledger's disk takes %lld ms",
                       (long long)number(all, "flush_ms"));
    if (words(all, "finality_lost")[0] != 0)
        cy_finding_say(&v->found, CY_FOUND_BAD, "finality", "peer",
                       "too few seats or trustees cosign, so the realm moves no value",
                       "see which seats are behind (comity federation seats), and call them", NULL,
                       "no head has become final since %s", words(all, "finality_lost"));
    else
        cy_finding_good(&v->found, "finality",
                        json_pack("{s:I}", "size", number(all, "final_size")),
                        "%lld of %lld entries are final", (long long)number(all, "final_size"),
                        (long long)number(all, "size"));
    if (number(all, "rules_next") > number(all, "rules_known"))
        cy_finding_say(&v->found, CY_FOUND_BAD, "rules", NULL,
                       "this member's program does not know that version, and will stop there",
                       "install the newer program before, and start comityd again: nothing is lost",
                       json_pack("{s:I,s:I}", "next", number(all, "rules_next"), "known",
                                 number(all, "rules_known")),
                       "version %lld of the rules begins %s", (long long)number(all, "rules_next"),
                       words(all, "rules_from"));
    seats = json_object_get(all, "seats");
    for (size_t i = 0; i < json_array_size(seats); i++) {
        const json_t *seat = json_array_get(seats, i);

        if (strcmp(words(seat, "state"), "active") != 0 ||
            (number(seat, "behind") <= BEHIND_WARN &&
             (words(seat, "reached")[0] == 0 || strcmp(words(seat, "reached"), "none") == 0)))
            continue;
        behind++;
        cy_finding_say(&v->found, CY_FOUND_WARN, "seats", "peer", words(seat, "reached"),
                       "call its operator; while more than two thirds agree, nothing stops",
                       json_pack("{s:I}", "behind", number(seat, "behind")),
                       "%s is %lld heights behind", words(seat, "name"),
                       (long long)number(seat, "behind"));
    }
    if (behind == 0)
        cy_finding_good(&v->found, "seats", NULL, "every active seat is reached and keeps up");
    json_decref(all);
}

static void look_at_lag(struct visit *v)
{
    const json_t *witnessed = json_object_get(v->view, "witnessed");
    const json_int_t lag = number(witnessed, "lag");
    const json_int_t age = number(witnessed, "age_ms");
    json_t *figures = json_pack("{s:I,s:I}", "entries", lag, "age_ms", age);

    if (number(witnessed, "of") == 0)
        json_decref(figures);
    else if (lag == 0 || age < (json_int_t)LAG_WARN_MS)
        cy_finding_good(&v->found, "lag", figures, "%lld entries are not witnessed yet",
                        (long long)lag);
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "lag", "peer",
                       "too few witnesses cosign: receipts stay at level recorded",
                       "see the witnesses above; wait.witnesses says how many are needed", figures,
                       "%lld entries are not witnessed, the oldest for %lld s", (long long)lag,
                       (long long)age / 1000);
}

static void look_at_snapshot(struct visit *v)
{
    const json_t *snapshot = json_object_get(v->view, "snapshot");
    const json_int_t lag = number(snapshot, "lag");
    const json_int_t every = number(snapshot, "every");
    json_t *figures = json_pack("{s:I,s:I}", "entries", lag, "every", every);

    if (lag <= 3 * every)
        cy_finding_good(&v->found, "snapshot", figures, "a start replays %lld entries",
                        (long long)lag);
    else
        cy_finding_say(&v->found, CY_FOUND_WARN, "snapshot", NULL,
                       "none was written for long: a start replays everything since",
                       "the daemon's log says why (a full disk, mostly); snapshot.acts sets how "
                       "often",
                       figures, "a start would replay %lld entries", (long long)lag);
}

static void look_at_limits(struct visit *v)
{
    const json_t *tables = json_object_get(v->view, "fullest_tables");
    unsigned near = 0;

    for (size_t i = 0; i < json_array_size(tables); i++) {
        const json_t *t = json_array_get(tables, i);
        const json_int_t n = number(t, "count");
        const json_int_t most = number(t, "limit");

        if (most < TABLE_LEAST || n * 10 < most * 8)
            continue;
        near++;
        cy_finding_say(
            &v->found, n * 20 < most * 19 ? CY_FOUND_WARN : CY_FOUND_BAD, "limits", NULL,
            "when it is full, acts that need room in it are refused",
            "raise limits.* in comityd.conf and start comityd again",
            json_pack("{s:s,s:I,s:I}", "table", words(t, "record"), "count", n, "limit", most),
            "table %s holds %lld of %lld", words(t, "record"), (long long)n, (long long)most);
    }
    if (near == 0)
        cy_finding_good(&v->found, "limits", NULL, "no table is four fifths full");
}

/* Acts go on whatever the projection does: its trouble is a warning. */
static void look_at_sql(struct visit *v)
{
    json_t *sql = NULL;
    const cy_err err = cy_cli_fetch_json(v->run, "/v1/sql", &sql);
    const char *state = cy_ok(err) ? words(sql, "state") : "off"; /* an older daemon */
    const json_int_t lag = number(sql, "lag");
    json_t *figures = json_pack("{s:s,s:I,s:I}", "state", state, "entries", lag, "projected",
                                number(sql, "projected"));

    v->run->why[0] = 0;
    if (strcmp(state, "off") == 0)
        json_decref(figures);
    else if (strcmp(state, "waiting") == 0 || strcmp(state, "refused") == 0)
        cy_finding_say(&v->found, CY_FOUND_WARN, "sql", NULL, words(sql, "why"),
                       words(sql, "remedy"), figures, "the projection lags by %lld entries: %s",
                       (long long)lag, words(sql, "code"));
    else if (lag > SQL_LAG_WARN)
        cy_finding_say(&v->found, CY_FOUND_WARN, "sql", NULL,
                       "answers in SQL are those of an older ledger",
                       "wait; if it goes on growing set sql.indexes = false, or use a faster disk",
                       figures, "the projection lags by %lld entries (%s)", (long long)lag, state);
    else
        cy_finding_good(&v->found, "sql", figures, "the projection lags by %lld entries",
                        (long long)lag);
    json_decref(sql);
}

/* The last start, as its figures tell it: what was cut off, what was damaged. */
static void look_at_start(struct visit *v)
{
    struct cy_client_answer answer = {0};
    const char *at = NULL;
    long long torn = 0;
    bool damaged = false;

    if (!cy_ok(cy_cli_fetch(v->run, "/metrics", VIEW_MAX, &answer)) || answer.body == NULL) {
        cy_client_answer_free(&answer);
        v->run->why[0] = 0;
        return;
    }
    at = strstr((const char *)answer.body, "\ncomity_start_torn_bytes ");
    if (at != NULL)
        torn = strtoll(at + 25, NULL, 10);
    at = strstr((const char *)answer.body, "\ncomity_start_snapshot_damaged ");
    damaged = at != NULL && strtoll(at + 31, NULL, 10) != 0;
    cy_client_answer_free(&answer);
    if (torn > 0)
        cy_finding_good(
            &v->found, "journal", json_pack("{s:I}", "torn_bytes", (json_int_t)torn),
            "the last start cut %lld bytes of an unfinished write: nothing acknowledged", torn);
    else
        cy_finding_good(&v->found, "journal", json_pack("{s:I}", "torn_bytes", (json_int_t)0),
                        "the last start found every record whole");
    if (damaged)
        cy_finding_say(&v->found, CY_FOUND_WARN, "snapshots", NULL,
                       "the disk changed a byte of it; an older one served, or the whole journal",
                       "look at the system log for the disk; the file is named in the daemon's log",
                       NULL, "the last start found a damaged snapshot");
}

/* --- the table --- */

/* A check, and what it needs: nothing, or the daemon's answer. Rows are looked at in this order. */
static const struct {
    const char *name;
    bool daemon;
    void (*look)(struct visit *v);
} checks_[] = {
    {"directory",    false, look_at_directory },
    {"modes",        false, look_at_modes     },
    {"config",       false, look_at_config    },
    {"disk",         false, look_at_disk      },
    {"format",       false, look_at_format    },
    {"backup",       false, look_at_backup    },
    {"system clock", false, look_at_ntp       },
    {"signer",       false, look_at_signer    },
    {"daemon",       false, look_at_daemon    },
    {"version",      true,  look_at_version   },
    {"writing",      true,  look_at_trouble   },
    {"clock",        true,  look_at_clock     },
    {"head",         true,  look_at_head      },
    {"witnesses",    true,  look_at_witnesses },
    {"federation",   true,  look_at_federation},
    {"lag",          true,  look_at_lag       },
    {"snapshot",     true,  look_at_snapshot  },
    {"limits",       true,  look_at_limits    },
    {"sql",          true,  look_at_sql       },
    {"start",        true,  look_at_start     },
};

int cy_cli_doctor(struct cy_cli *run)
{
    struct visit *v = cy_arena_zero(&run->arena, sizeof *v);
    int code = 0;

    if (v == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    v->run = run;
    cy_findings_begin(&v->found, run);
    for (size_t i = 0; i < CY_COUNT(checks_); i++) {
        if (!checks_[i].daemon || v->view != NULL)
            checks_[i].look(v);
    }
    code = cy_findings_end(&v->found);
    json_decref(v->view);
    if (v->config != NULL)
        cy_config_free(v->config);
    return code;
}

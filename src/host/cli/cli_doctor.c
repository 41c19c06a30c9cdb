#include "host/cli/cli_doctor.h"

#include "host/system/daemon_config.h"
#include "ledger/checkpoint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define SKEW_MS_MAX 60000u  /* witnesses refuse heads that are further off */
#define HEAD_MS_MAX 180000u /* three idle ticks */
#define FREE_LEAST ((uint64_t)1 << 30)

struct visit {
    struct cy_cli *run;
    json_t *lines;
    unsigned red;
    struct cy_config *config;
    struct cy_daemon_config values;
};

/* One line; remedy is printed when it is red. */
__attribute__((format(printf, 5, 6))) static void line(struct visit *v, bool good, const char *name,
                                                       const char *remedy, const char *format, ...)
{
    char detail[600];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(detail, sizeof detail, format, list);
    va_end(list);
    v->red += good ? 0u : 1u;
    if (v->run->json)
        (void)json_array_append_new(v->lines,
                                    json_pack("{s:s,s:b,s:s,s:s*}", "check", name, "good", good,
                                              "detail", detail, "remedy", good ? NULL : remedy));
    else
        (void)fprintf(v->run->out, "%s  %-12s %s%s%s\n", good ? "ok " : "RED", name, detail,
                      good ? "" : "\n                  what to do: ", good ? "" : remedy);
}

static void line_err(struct visit *v, cy_err err, const char *name, const char *detail)
{
    const struct cy_err_info *info = cy_err_info(err.code);

    line(v, cy_ok(err), name, info->remedy, "%s: %s (%s)", detail, info->text, info->path);
}

/* --- this machine --- */

static void look_at_mode(struct visit *v, const char *name, const char *path, bool needed)
{
    struct stat found;

    if (stat(path, &found) != 0) {
        if (needed)
            line(v, false, name, "restore it from its backup, or give the right --dir", "%s: %s",
                 path, strerror(errno));
        return;
    }
    line(v, (found.st_mode & 077) == 0, name, "take it away from others: chmod go-rwx on it",
         "%s has mode %03o", path, (unsigned)(found.st_mode & 0777));
}

static void look_at_files(struct visit *v)
{
    const struct cy_home *home = &v->run->home;
    char path[CY_HOME_DIR_MAX];

    if (home->dir[0] == 0) {
        line(v, false, "directory", "give --dir DIR, or set COMITY_DIR", "no directory is in use");
        return;
    }
    line(v, true, "directory", "", "%s, %zu aliases", home->dir, home->n);
    if (cy_home_path(home, "keys", path))
        look_at_mode(v, "keys", path, false);
    if (cy_home_path(home, "passphrase", path))
        look_at_mode(v, "passphrase", path, false);
    if (cy_home_path(home, "tls.key.pem", path))
        look_at_mode(v, "tls key", path, false);
}

static void look_at_config(struct visit *v)
{
    char path[CY_HOME_DIR_MAX];
    char why_bytes[500];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    struct stat found;
    cy_err err = CY_OK;

    if (v->run->home.dir[0] == 0 || !cy_home_path(&v->run->home, "comityd.conf", path) ||
        stat(path, &found) != 0)
        return; /* a directory of a client only */
    err = cy_daemon_config_load(path, &v->values, &v->config, &why);
    if (!cy_ok(err)) {
        why_bytes[strcspn(why_bytes, "\n")] = 0;
        v->config = NULL;
        line(v, false, "config", "comity config explain prints every setting and its bounds", "%s",
             why_bytes);
        return;
    }
    line(v, true, "config", "", "%s is well", path);
    line(v, v->values.witnesses.n > 0 || v->values.witness_for.n == 0, "config",
         "comity peer add --peer CARD --witness",
         "%zu witnesses cosign this ledger, %zu ledgers are "
         "cosigned here",
         v->values.witnesses.n, v->values.witness_for.n);
}

static void look_at_disk(struct visit *v)
{
    struct statvfs found;
    uint64_t left = 0;
    uint64_t all = 0;

    if (v->config == NULL || statvfs(v->values.data, &found) != 0)
        return;
    left = (uint64_t)found.f_bavail * found.f_frsize;
    all = (uint64_t)found.f_blocks * found.f_frsize;
    line(v, left > FREE_LEAST && left > all / 20, "disk",
         "make room: the daemon stops writing when the disk is full",
         "%llu MiB free of %llu MiB under %s", (unsigned long long)(left >> 20),
         (unsigned long long)(all >> 20), v->values.data);
}

/* --- the signer --- */

struct held {
    unsigned n;
    unsigned roles; /* 1 operator, 2 log, 4 witness */
};

static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct held *held = user;

    held->n++;
    if (key->purpose == CY_PURPOSE_ACT && cy_span_eq(key->label, cy_span_text("operator")))
        held->roles |= 1;
    if (key->purpose == CY_PURPOSE_CHECKPOINT)
        held->roles |= 2;
    if (key->purpose == CY_PURPOSE_COSIGNATURE)
        held->roles |= 4;
    return CY_OK;
}

static void look_at_signer(struct visit *v)
{
    struct held held = {0, 0};
    cy_err err = CY_OK;

    if (v->run->signer_path == NULL)
        return;
    err = cy_cli_signer(v->run);
    if (cy_ok(err))
        err = cy_signer_keys(v->run->signer, seen_key, &held);
    if (!cy_ok(err)) {
        line(v, false, "signer", v->run->why[0] != 0 ? v->run->why : cy_err_info(err.code)->remedy,
             "%s: %s", v->run->signer_path, cy_err_info(err.code)->text);
        v->run->why[0] = 0;
        return;
    }
    line(v, v->config == NULL || held.roles == 7, "signer",
         "this is another realm's key directory, or a part of it is lost: restore it",
         "answers, holds %u keys%s%s%s", held.n,
         (held.roles & 1) != 0 ? "" : ", none of the operator",
         (held.roles & 2) != 0 ? "" : ", none for heads",
         (held.roles & 4) != 0 ? "" : ", none to witness with");
}

/* --- the daemon --- */

static void look_at_witnesses(struct visit *v, const json_t *list, long long size)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *w = json_array_get(list, i);
        const char *state = json_string_value(json_object_get(w, "state"));
        const long long known = (long long)json_integer_value(json_object_get(w, "size"));

        line(v, state != NULL && strcmp(state, "none") == 0, "witness",
             "look at that cell: is it running, does it know our key (comity peer add --cosign "
             "there), are its clock and address right",
             "%s cosigned %lld of %lld entries, last answer: %s",
             json_string_value(json_object_get(w, "name")), known, size,
             state == NULL                ? "?"
             : strcmp(state, "none") == 0 ? "well"
                                          : state);
    }
}

static void look_at_clock(struct visit *v, const json_t *realm)
{
    const char *text = json_string_value(json_object_get(realm, "now"));
    const cy_time here = cy_cli_now();
    cy_time there = 0;

    if (text == NULL || !cy_ok(cy_time_read(cy_span_text(text), &there)))
        return;
    line(v, there <= here + SKEW_MS_MAX, "clock",
         "set one of the two clocks right (NTP); witnesses refuse heads more than a minute off",
         "the ledger's clock is %lld ms %s this machine's",
         there > here ? (long long)(there - here) : (long long)(here - there),
         there > here ? "ahead of" : "behind");
    line(v, here <= there + HEAD_MS_MAX, "ticks",
         "the daemon's log says why no tick is signed: signer, operator's key, disk",
         "the last tick is %lld s old", here > there ? (long long)(here - there) / 1000 : 0);
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
        line(v, true, "head", "", "%llu entries, signed by the key in client.conf",
             (unsigned long long)head.size);
    else
        line_err(v, err, "head", "/checkpoint");
    cy_client_answer_free(&answer);
}

static void look_at_daemon(struct visit *v)
{
    struct cy_client_answer answer = {0};
    json_t *realm = NULL;
    cy_err err = cy_cli_fetch(v->run, "/readyz", 4096, &answer);

    cy_client_answer_free(&answer);
    if (!cy_ok(err)) {
        line(v, false, "daemon",
             err.code == CY_E_PEER_CONNECT ? "start it: comityd --config DIR/comityd.conf"
                                           : cy_err_info(err.code)->remedy,
             "%s: %s (%s)", v->run->url == NULL ? "no URL" : v->run->url,
             cy_err_info(err.code)->text, cy_err_info(err.code)->path);
        return;
    }
    line(v, true, "daemon", "", "%s takes acts", v->run->url);
    err = cy_cli_fetch_json(v->run, "/v1/realm", &realm);
    if (!cy_ok(err)) {
        line_err(v, err, "realm", "/v1/realm");
        return;
    }
    look_at_clock(v, json_object_get(realm, "realm"));
    look_at_head(v);
    look_at_witnesses(
        v, json_object_get(realm, "witnesses"),
        (long long)json_integer_value(json_object_get(json_object_get(realm, "head"), "size")));
    json_decref(realm);
}

int cy_cli_doctor(struct cy_cli *run)
{
    struct visit *v = cy_arena_zero(&run->arena, sizeof *v);

    if (v == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    v->run = run;
    v->lines = json_array();
    look_at_files(v);
    look_at_config(v);
    look_at_disk(v);
    look_at_signer(v);
    look_at_daemon(v);
    if (v->config != NULL)
        cy_config_free(v->config);
    if (run->json)
        (void)cy_cli_print(run, json_pack("{s:b,s:i,s:O}", "well", v->red == 0, "red", (int)v->red,
                                          "checks", v->lines));
    else
        (void)fprintf(run->out, v->red == 0 ? "all is well\n" : "%u red\n", v->red);
    json_decref(v->lines);
    return v->red == 0 ? CY_EXIT_OK : CY_EXIT_TROUBLE;
}

#include "host/cli/cli_backup.h"

#include "host/backup/backup.h"
#include "host/cli/cli_blob.h"
#include "host/system/daemon_config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define READERS_MAX 32u

/* Argon2id as for the keys: RFC 9106 section 4, second choice. */
static const struct cy_secret_cost cost_ = {3, CY_SECRET_MEMORY_KIB_MIN};

const struct cy_cli_option cy_cli_backup_options[] = {
    {"to",              "FILE", "the backup to be written; it must not exist"                    },
    {"passphrase-file", "FILE", "its passphrase: the first line (else $COMITY_BACKUP_PASSPHRASE)"},
    {"reader",          "KEY",
     "also to be opened by this box key (64 digits, or the name of a passport); repeat"          },
    {"keys",            "DIR",  "the signer's directory (DIR/keys)"                              },
    {"with-passphrase", NULL,   "put the passphrase of the keys into it too (DIR/passphrase)"    },
    {"without-blobs",   NULL,   "leave encrypted blobs out"                                      },
    {NULL,              NULL,   NULL                                                             },
};

const struct cy_cli_option cy_cli_backup_check_options[] = {
    {"passphrase-file", "FILE", "its passphrase: the first line (else $COMITY_BACKUP_PASSPHRASE)"},
    {NULL,              NULL,   NULL                                                             },
};

/* --- passphrase --- */

static cy_err first_line(struct cy_cli *run, const char *path, char *out, size_t *n)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = 0;

    if (fd < 0) {
        cy_cli_note(run, "%s: %s", path, strerror(errno));
        return cy_fail(CY_E_NO_FILE, (uint64_t)errno);
    }
    got = read(fd, out, CY_CLI_PASSPHRASE_MAX);
    (void)close(fd);
    *n = got > 0 ? (size_t)got : 0;
    for (size_t i = 0; i < *n; i++) {
        if (out[i] == '\n')
            *n = i;
    }
    if (*n > 0 && out[*n - 1] == '\r')
        (*n)--;
    if (*n > 0 && *n < CY_CLI_PASSPHRASE_MAX)
        return CY_OK;
    cy_cli_note(run, "%s: its first line must hold 1 to %u bytes", path,
                CY_CLI_PASSPHRASE_MAX - 1u);
    return cy_fail(CY_E_USAGE, 0);
}

/* Into locked memory; *n is 0 when none was given. */
static cy_err passphrase(struct cy_cli *run, char *out, size_t *n)
{
    const char *file = cy_cli_arg(&run->args, "passphrase-file");
    const char *given = getenv("COMITY_BACKUP_PASSPHRASE");

    *n = 0;
    if (file != NULL)
        return first_line(run, file, out, n);
    if (given == NULL || given[0] == 0 || strlen(given) >= CY_CLI_PASSPHRASE_MAX)
        return CY_OK;
    *n = strlen(given);
    memcpy(out, given, *n);
    return CY_OK;
}

/* --- making --- */

void cy_cli_ledger_progress(void *user, uint64_t done, uint64_t size)
{
    struct cy_cli_meter *meter = user;
    const cy_time now = cy_cli_now();

    if (meter->run->json || !isatty(fileno(meter->run->err)) ||
        (now - meter->said < 200 && done != size))
        return;
    meter->said = now;
    (void)fprintf(meter->run->err, "\r%s: %llu of %llu entries, %llu a second%s", meter->what,
                  (unsigned long long)done, (unsigned long long)size,
                  (unsigned long long)(done * 1000 / (now - meter->began + 1)),
                  done == size ? "\n" : "");
}

/* A box key as it is written, or that of a passport. */
static cy_err read_reader(struct cy_cli *run, const char *word, struct cy_id *out)
{
    if (strlen(word) == 64 && cy_ok(cy_hex_read(cy_span_text(word), out->b, sizeof out->b)))
        return CY_OK;
    return cy_cli_box_key(run, word, out);
}

static cy_err read_readers(struct cy_cli *run, struct cy_archive_readers *out, struct cy_id *keys)
{
    const char *word = NULL;
    size_t at = 0;

    out->keys = keys;
    while ((word = cy_cli_arg_next(&run->args, "reader", &at)) != NULL) {
        if (out->n_keys == READERS_MAX)
            return cy_fail(CY_E_RANGE, READERS_MAX);
        CY_TRY(read_reader(run, word, &keys[out->n_keys]));
        out->n_keys++;
    }
    if (out->passphrase.n > 0 || out->n_keys > 0)
        return CY_OK;
    cy_cli_note(run, "a backup is encrypted: give --passphrase-file FILE, --reader KEY, or both");
    return cy_fail(CY_E_USAGE, 0);
}

/* One line about the newest backup, for the doctor. That it cannot be written harms no backup. */
static void leave_line(struct cy_cli *run, const char *to, const struct cy_backup_report *report)
{
    char path[CY_HOME_DIR_MAX];
    char time_bytes[40];
    struct cy_text time = cy_text_on(time_bytes, sizeof time_bytes);
    FILE *file = NULL;

    if (!cy_home_path(&run->home, CY_HOME_LAST_BACKUP, path))
        return;
    file = fopen(path, "we");
    if (file == NULL)
        return;
    cy_time_text(&time, cy_cli_now());
    (void)fprintf(file, "%s %llu %s\n", time_bytes, (unsigned long long)report->size, to);
    (void)fclose(file);
}

static cy_err make(struct cy_cli *run, const char *to, const char *words, size_t n_words,
                   struct cy_backup_report *report)
{
    struct cy_cli_meter meter = {.run = run, .what = "backup", .began = cy_cli_now()};
    struct cy_backup_options options = {.home = run->home.dir,
                                        .to = to,
                                        .program = run->version,
                                        .now = cy_cli_now(),
                                        .progress = cy_cli_ledger_progress,
                                        .user = &meter};
    char real[PATH_MAX];
    char keys[CY_HOME_DIR_MAX];
    char conf[CY_HOME_DIR_MAX];
    struct cy_text why = cy_text_on(run->why, sizeof run->why);
    struct cy_daemon_config values;
    struct cy_config *config = NULL;
    struct cy_id readers[READERS_MAX];
    cy_err err = CY_OK;

    options.readers =
        (struct cy_archive_readers){.passphrase = cy_span_of(words, n_words), .cost = cost_};
    CY_TRY(read_readers(run, &options.readers, readers));
    options.with_passphrase = cy_cli_arg_on(&run->args, "with-passphrase");
    options.without_blobs = cy_cli_arg_on(&run->args, "without-blobs");
    if (realpath(run->home.dir, real) != NULL)
        options.home = real;
    if (!cy_home_path(&run->home, "keys", keys) || !cy_home_path(&run->home, "comityd.conf", conf))
        return cy_fail(CY_E_TOO_LARGE, sizeof keys);
    options.keys = cy_cli_arg(&run->args, "keys");
    if (options.keys == NULL)
        options.keys = keys;
    CY_TRY(cy_daemon_config_load(conf, &values, &config, &why));
    if (values.federation_genesis[0] != 0) {
        cy_config_free(config);
        cy_cli_note(run, "a member's ledger is with the other members: keep a copy of its keys and "
                         "settings elsewhere (docs/federation.md, After a loss)");
        return cy_fail(CY_E_USAGE, 0);
    }
    options.data = values.data;
    err = cy_backup_make(&options, report);
    cy_config_free(config);
    if (cy_ok(err))
        leave_line(run, to, report);
    else
        cy_cli_note(run, "%s", report->why);
    return err;
}

cy_err cy_cli_backup_to(struct cy_cli *run, const char *to, struct cy_backup_report *report)
{
    char *words = cy_secret_memory(CY_CLI_PASSPHRASE_MAX);
    size_t n = 0;
    cy_err err = words == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : passphrase(run, words, &n);

    *report = (struct cy_backup_report){.size = 0};
    if (cy_ok(err))
        err = make(run, to, words, n, report);
    cy_secret_free(words);
    return err;
}

static int report_json(struct cy_cli *run, const char *to, const struct cy_backup_report *r,
                       cy_time took)
{
    char realm[65];
    char root[65];

    cy_hex(r->realm.b, 32, realm);
    cy_hex(r->root.b, 32, root);
    return cy_cli_print(
        run, json_pack("{s:s,s:s,s:s,s:I,s:s,s:I,s:I,s:I,s:I,s:I,s:I}", "file", to, "origin",
                       r->origin, "realm", realm, "size", (json_int_t)r->size, "root", root,
                       "signed_size", (json_int_t)r->signed_size, "files", (json_int_t)r->files,
                       "blobs", (json_int_t)r->blobs, "blobs_bad", (json_int_t)r->blobs_bad,
                       "bytes", (json_int_t)r->bytes, "took_ms", (json_int_t)took));
}

int cy_cli_backup(struct cy_cli *run)
{
    const char *to = cy_cli_arg(&run->args, "to");
    const cy_time began = cy_cli_now();
    struct cy_backup_report *report = cy_arena_zero(&run->arena, sizeof *report);
    cy_err err = CY_OK;

    if (to == NULL || run->args.n_words > 1)
        return cy_cli_wrong(run, "write: comity backup --to FILE, or comity backup check FILE");
    if (run->home.dir[0] == 0)
        return cy_cli_wrong(run, "comity backup needs the directory of a cell: --dir DIR");
    if (report == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    err = cy_cli_backup_to(run, to, report);
    if (!cy_ok(err))
        return cy_cli_fail(run, err, NULL);
    if (run->json)
        return report_json(run, to, report, cy_cli_now() - began);
    (void)fprintf(run->out,
                  "%s: %s up to entry %llu, %llu files, %llu blobs, %llu KiB, %llu ms\n"
                  "every entry was read and leads to the signed head; keep it apart from this "
                  "machine, and its passphrase apart from it\n",
                  to, report->origin, (unsigned long long)report->size,
                  (unsigned long long)report->files, (unsigned long long)report->blobs,
                  (unsigned long long)(report->bytes >> 10),
                  (unsigned long long)(cy_cli_now() - began));
    if (report->blobs_bad > 0)
        (void)fprintf(run->out,
                      "%llu blobs do not hash to their names: erased meanwhile, or damaged "
                      "(comity blob list); they are not restored\n",
                      (unsigned long long)report->blobs_bad);
    if (report->signed_size > report->size)
        (void)fprintf(run->out,
                      "the signer has signed a head over %llu entries that was never published: "
                      "start comityd once, and make the backup again\n",
                      (unsigned long long)report->signed_size);
    return CY_EXIT_OK;
}

/* --- opening --- */

struct finding {
    struct cy_seal_head head;
    struct cy_id key;
    bool found;
};

/* Any of the signer's box keys that the backup was made to opens it. */
static cy_err seen_key(void *user, const struct cy_signer_key *key)
{
    struct finding *f = user;

    for (size_t i = 0; i < f->head.readers && key->purpose == CY_PURPOSE_BOX; i++) {
        const struct cy_id reader = cy_seal_reader(&f->head, i);

        if (!cy_id_eq(&reader, &key->key))
            continue;
        f->key = key->key;
        f->found = true;
    }
    return CY_OK;
}

static cy_err unlock_by_signer(struct cy_cli *run, struct cy_archive_in *in)
{
    const struct cy_span sealed = cy_archive_head(in)->sealed;
    struct finding f = {.found = false};
    struct cy_seal seal;
    cy_err err = CY_OK;

    CY_TRY(cy_seal_head(sealed, &f.head));
    CY_TRY(cy_cli_signer(run));
    CY_TRY(cy_signer_keys(run->signer, seen_key, &f));
    if (!f.found)
        return cy_fail(CY_E_BACKUP_READER, 2);
    err = cy_signer_unseal(run->signer, &f.key, sealed, &seal);
    if (cy_ok(err))
        err = cy_archive_unlock_sealed(in, &seal);
    cy_wipe(&seal, sizeof seal);
    return err;
}

static cy_err unlock(struct cy_cli *run, struct cy_archive_in *in)
{
    char *words = cy_secret_memory(CY_CLI_PASSPHRASE_MAX);
    size_t n = 0;
    cy_err err = words == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : passphrase(run, words, &n);

    if (cy_ok(err) && n > 0)
        err = cy_archive_unlock_passphrase(in, cy_span_of(words, n));
    else if (cy_ok(err) && run->signer_path != NULL && cy_archive_head(in)->sealed.n > 0)
        err = unlock_by_signer(run, in);
    else if (cy_ok(err)) {
        cy_cli_note(run, "give --passphrase-file FILE%s",
                    cy_archive_head(in)->sealed.n > 0
                        ? ", or --signer SOCKET of a signer that holds a reader's key"
                        : "");
        err = cy_fail(CY_E_USAGE, 0);
    }
    cy_secret_free(words);
    return err;
}

cy_err cy_cli_backup_open(struct cy_cli *run, const char *path, struct cy_archive_in **out)
{
    cy_err err = cy_archive_open(path, out);

    if (!cy_ok(err))
        cy_cli_note(run, "%s", path);
    if (cy_ok(err))
        err = unlock(run, *out);
    return err;
}

/* --- checking --- */

static void show_progress(void *self, uint64_t done, uint64_t size)
{
    cy_cli_ledger_progress(self, done, size);
}

static int report_check(struct cy_cli *run, const char *path, const struct cy_unpack_report *r,
                        uint64_t bytes, cy_time took)
{
    const struct cy_manifest *m = &r->manifest;
    char made[40];
    struct cy_text time = cy_text_on(made, sizeof made);

    cy_time_text(&time, m->made);
    if (run->json)
        return cy_cli_print(run, json_pack("{s:s,s:b,s:O,s:I,s:I,s:I,s:I}", "file", path, "whole",
                                           true, "manifest", m->json, "blobs", (json_int_t)r->blobs,
                                           "blobs_bad", (json_int_t)r->blobs_bad, "bytes",
                                           (json_int_t)bytes, "took_ms", (json_int_t)took));
    (void)fprintf(run->out,
                  "%s is whole: %s up to entry %llu, made %s by comity %s\n"
                  "  %llu files, %llu blobs (%llu of them not what their names say), %llu KiB\n"
                  "  every byte was read: the entries lead to the signed head; %llu ms\n",
                  path, m->origin, (unsigned long long)m->size, made, m->program,
                  (unsigned long long)r->files, (unsigned long long)r->blobs,
                  (unsigned long long)r->blobs_bad, (unsigned long long)(bytes >> 10),
                  (unsigned long long)took);
    return CY_EXIT_OK;
}

int cy_cli_backup_check(struct cy_cli *run)
{
    struct cy_cli_meter meter = {.run = run, .what = "check", .began = cy_cli_now()};
    const struct cy_unpack_sink sink = {.self = &meter, .progress = show_progress};
    struct cy_unpack_report *report = cy_arena_zero(&run->arena, sizeof *report);
    struct cy_archive_in *in = NULL;
    int code = 0;
    cy_err err = CY_OK;

    if (run->args.n_words != 3)
        return cy_cli_wrong(run, "write: comity backup check FILE --passphrase-file FILE");
    if (report == NULL)
        return cy_cli_fail(run, cy_fail(CY_E_NO_ROOM, 0), NULL);
    err = cy_cli_backup_open(run, run->args.words[2], &in);
    if (cy_ok(err)) {
        err = cy_unpack(in, &sink, report);
        if (!cy_ok(err))
            cy_cli_note(run, "%s: %s", run->args.words[2], report->why);
    }
    code = cy_ok(err) ? report_check(run, run->args.words[2], report, cy_archive_bytes(in),
                                     cy_cli_now() - meter.began)
                      : cy_cli_fail(run, err, NULL);
    cy_unpack_free(report);
    cy_archive_in_close(in);
    return code;
}

#include "host/backup/backup.h"

#include "crypto/ed25519.h"
#include "host/audit/audit_source.h"
#include "host/backup/pack.h"
#include "host/signer/head_memory.h"
#include "host/signer/keystore.h"
#include "kernel/act.h"
#include "ledger/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_BYTES_MAX ((size_t)256 << 20) /* small files together: they are held in memory */
#define HEAD_WAIT_MS 5000u
#define GENESIS_ROOM ((size_t)4 << 20)

struct kept {
    char path[CY_PACK_NAME_MAX + 1];
    uint8_t *bytes;
    size_t n;
    uint32_t mode;
};

struct making {
    const struct cy_backup_options *options;
    struct cy_backup_report *report;
    struct kept *files;
    size_t n_files;
    size_t cap;
    size_t bytes; /* of all files */
    struct cy_audit_source *source;
    uint8_t note[CY_NOTE_MAX + 1];
    size_t n_note;
    struct cy_checkpoint head;
    struct cy_id log_key;
    struct cy_frontier frontier;
    uint8_t *bundle;
    struct cy_archive_out *out;
};

__attribute__((format(printf, 3, 4))) static cy_err say(struct making *m, cy_err err,
                                                        const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(m->report->why, sizeof m->report->why, format, list);
    va_end(list);
    return err;
}

/* --- small files --- */

static struct kept *room(struct making *m)
{
    if (m->n_files == m->cap) {
        const size_t cap = m->cap == 0 ? 64 : 2 * m->cap;
        struct kept *grown = realloc(m->files, cap * sizeof *grown);

        if (grown == NULL)
            return NULL;
        m->files = grown;
        m->cap = cap;
    }
    m->files[m->n_files] = (struct kept){.n = 0};
    return &m->files[m->n_files];
}

static cy_err read_whole(struct making *m, int fd, size_t n, uint8_t *out, size_t *got)
{
    *got = 0;
    while (*got < n) {
        const ssize_t more = read(fd, out + *got, n - *got);

        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return say(m, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s", strerror(errno));
        if (more == 0)
            break;
        *got += (size_t)more;
    }
    return CY_OK;
}

/* Keeps one file; an absent one is no failure unless it is needed. */
static cy_err keep_file(struct making *m, const char *from, const char *as, bool need)
{
    const int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
    struct kept *kept = NULL;
    struct stat found;
    cy_err err = CY_OK;

    if (fd < 0 && errno == ENOENT && !need)
        return CY_OK;
    if (fd < 0)
        return say(m, cy_fail(errno == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)errno),
                   "%s: %s", from, strerror(errno));
    kept = room(m);
    if (kept == NULL || fstat(fd, &found) != 0)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    else if (!S_ISREG(found.st_mode) || strlen(as) > CY_PACK_NAME_MAX ||
             m->n_files == CY_MANIFEST_FILES_MAX || (uint64_t)found.st_size > CY_PACK_FILE_MAX ||
             m->bytes + (size_t)found.st_size > FILES_BYTES_MAX)
        err = say(m, cy_fail(CY_E_TOO_LARGE, 0), "%s: not a small file", from);
    if (cy_ok(err)) {
        (void)snprintf(kept->path, sizeof kept->path, "%s", as);
        kept->mode = (uint32_t)found.st_mode & 0777u;
        kept->bytes = malloc((size_t)found.st_size + 1);
        err = kept->bytes == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                                  : read_whole(m, fd, (size_t)found.st_size, kept->bytes, &kept->n);
        m->n_files += kept->bytes != NULL;
        m->bytes += kept->n;
    }
    (void)close(fd);
    return err;
}

/* Keeps the files of a directory whose names end so ("": all); no directory is no failure. */
static cy_err keep_dir(struct making *m, const char *from, const char *as, const char *end)
{
    DIR *list = opendir(from);
    struct dirent *entry = NULL;
    cy_err err = CY_OK;

    if (list == NULL)
        return errno == ENOENT ? CY_OK
                               : say(m, cy_fail(CY_E_DISK_FAILED, (uint64_t)errno), "%s: %s", from,
                                     strerror(errno));
    while (cy_ok(err) && (entry = readdir(list)) != NULL) {
        char path[PATH_MAX];
        char name[CY_PACK_NAME_MAX + 1];
        const size_t n = strlen(entry->d_name);

        if (entry->d_name[0] == '.' || n < strlen(end) ||
            strcmp(entry->d_name + n - strlen(end), end) != 0)
            continue;
        if ((size_t)snprintf(path, sizeof path, "%s/%s", from, entry->d_name) >= sizeof path ||
            (size_t)snprintf(name, sizeof name, "%s/%s", as, entry->d_name) >= sizeof name)
            err = say(m, cy_fail(CY_E_TOO_LARGE, sizeof name), "%s/%s: the name is too long", from,
                      entry->d_name);
        else
            err = keep_file(m, path, name, false);
    }
    (void)closedir(list);
    return err;
}

static cy_err keep_named(struct making *m, const char *dir, const char *name, const char *as,
                         bool need)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return keep_file(m, path, as, need);
}

static cy_err keep_listed(struct making *m, const char *dir, const char *name, const char *as,
                          const char *end)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return keep_dir(m, path, as, end);
}

static cy_err keep_small(struct making *m)
{
    static const char *const names[] = {"client.conf", "aliases", "peer.conf", "tls.cert.pem",
                                        "tls.key.pem"};
    const struct cy_backup_options *o = m->options;

    CY_TRY(keep_named(m, o->keys, "keystore", "keys/keystore", true));
    CY_TRY(keep_listed(m, o->keys, "keys", "keys/keys", ".key"));
    CY_TRY(keep_named(m, o->home, "comityd.conf", "comityd.conf", true));
    for (size_t i = 0; i < CY_COUNT(names); i++)
        CY_TRY(keep_named(m, o->home, names[i], names[i], false));
    CY_TRY(keep_listed(m, o->home, "peers", "peers", ".conf"));
    if (o->with_passphrase)
        CY_TRY(keep_named(m, o->home, "passphrase", "passphrase", true));
    return keep_listed(m, o->data, "witness", "data/witness", "");
}

/* --- the head --- */

static cy_err read_head(struct making *m)
{
    struct cy_note note;
    cy_err err =
        cy_audit_source_read(m->source, CY_CHECKPOINT_FILE, m->note, CY_NOTE_MAX, &m->n_note);

    if (!cy_ok(err))
        return say(m, err, "%s/checkpoint: %s", m->options->data, cy_audit_source_why(m->source));
    m->note[m->n_note] = 0;
    if (!cy_ok(cy_note_read(cy_span_of(m->note, m->n_note), &note)) ||
        !cy_ok(cy_checkpoint_read(note.text, &m->head)))
        return say(m, cy_fail(CY_E_CHECKPOINT_DAMAGED, 0), "%s/checkpoint", m->options->data);
    return m->head.size > 0 ? CY_OK : cy_fail(CY_E_NO_GENESIS, 0);
}

/* The head must be signed by the key that genesis names. */
static cy_err check_head(struct making *m)
{
    struct cy_note_key key;
    struct cy_checkpoint again;
    uint32_t cosigned = 0;
    cy_err err = cy_note_key_of(m->head.origin, CY_NOTE_ED25519, &m->log_key, &key);

    if (cy_ok(err))
        err = cy_checkpoint_verify(cy_span_of(m->note, m->n_note), &key, NULL, 0, 0, &again,
                                   &cosigned);
    return cy_ok(err) ? CY_OK : say(m, err, "%s/checkpoint", m->options->data);
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Waits until the published head covers what the signer had signed when its memory was read: a
 * running daemon publishes it within a commit. One that was killed in between does so when it
 * starts again; the backup then says that more was signed. */
static cy_err settle_head(struct making *m)
{
    const struct timespec pause = {0, 20000000};
    const uint64_t end = now_ms() + HEAD_WAIT_MS;
    struct cy_head signed_head;

    CY_TRY(cy_head_memory_peek(cy_span_of(m->files[0].bytes, m->files[0].n), CY_PURPOSE_CHECKPOINT,
                               &m->log_key, m->head.origin, &signed_head));
    while (m->head.size < signed_head.size && now_ms() < end) {
        (void)nanosleep(&pause, NULL);
        CY_TRY(read_head(m));
    }
    m->report->signed_size = signed_head.size > m->head.size ? signed_head.size : m->head.size;
    return check_head(m);
}

/* --- the ledger --- */

/* Reads a bundle and hashes its entries into the frontier; *n: bytes of its first `width`. */
static cy_err take_bundle(struct making *m, uint64_t index, uint32_t width, size_t *n)
{
    const struct cy_tile tile = {.index = index, .level = CY_TILE_ENTRIES, .width = width};
    char path[CY_TILE_PATH_MAX];
    size_t got = 0;
    struct cy_span rest;
    cy_err err = cy_audit_source_tile(m->source, &tile, path, m->bundle, CY_PACK_BUNDLE_MAX, &got);

    if (!cy_ok(err))
        return say(m, err, "%s", cy_audit_source_why(m->source));
    rest = cy_span_of(m->bundle, got);
    for (uint32_t i = 0; i < width; i++) {
        struct cy_span entry;
        struct cy_id leaf;

        if (!cy_ok(cy_bundle_next(&rest, &entry)))
            return say(m, cy_fail(CY_E_TILE_DAMAGED, i), "%s/%s: ends inside entry %llu",
                       m->options->data, path, (unsigned long long)index * CY_TILE_WIDTH + i);
        leaf = cy_hash_leaf(entry);
        CY_TRY(cy_frontier_append(&m->frontier, &leaf));
    }
    *n = got - rest.n;
    return CY_OK;
}

static cy_err learn_genesis(struct making *m)
{
    const struct cy_tile tile = {.level = CY_TILE_ENTRIES,
                                 .width = m->head.size < CY_TILE_WIDTH ? (uint32_t)m->head.size
                                                                       : CY_TILE_WIDTH};
    char path[CY_TILE_PATH_MAX];
    void *memory = malloc(GENESIS_ROOM);
    struct cy_arena arena = cy_arena_on(memory, memory == NULL ? 0 : GENESIS_ROOM);
    struct cy_span rest;
    struct cy_span entry = {0};
    struct cy_act act;
    size_t n = 0;
    cy_err err = memory == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                                : cy_audit_source_tile(m->source, &tile, path, m->bundle,
                                                       CY_PACK_BUNDLE_MAX, &n);

    rest = cy_span_of(m->bundle, n);
    if (cy_ok(err))
        err = cy_bundle_next(&rest, &entry);
    if (cy_ok(err))
        err = cy_act_open(entry, &arena, &act);
    if (cy_ok(err) && act.any.schema != &cy_schema_genesis)
        err = cy_fail(CY_E_NO_GENESIS, 0);
    if (cy_ok(err)) {
        m->log_key = ((const struct cy_genesis *)act.any.message)->log_key;
        m->report->realm = act.id;
    } else {
        err = say(m, err, "%s: the first entry: %s", m->options->data, cy_err_info(err.code)->text);
    }
    free(memory);
    return err;
}

/* --- writing --- */

static cy_err put_record(struct making *m, enum cy_pack_kind kind, const char *name,
                         struct cy_span bytes)
{
    uint8_t head[CY_PACK_HEAD + CY_PACK_NAME_MAX];
    size_t n = 0;

    cy_pack_head(kind, name, bytes.n, head, &n);
    CY_TRY(cy_archive_put(m->out, cy_span_of(head, n)));
    return cy_archive_put(m->out, bytes);
}

static cy_err put_manifest(struct making *m)
{
    struct cy_manifest manifest = {.program = m->options->program,
                                   .home = m->options->home,
                                   .origin = m->report->origin,
                                   .checkpoint = (const char *)m->note,
                                   .realm = m->report->realm,
                                   .log_key = m->log_key,
                                   .root = m->head.root,
                                   .size = m->head.size,
                                   .signed_size = m->report->signed_size,
                                   .made = m->options->now,
                                   .n_files = m->n_files};
    char *text = NULL;
    size_t n = 0;
    cy_err err = CY_OK;

    manifest.files = calloc(m->n_files + 1, sizeof *manifest.files);
    for (size_t i = 0; i < m->n_files && manifest.files != NULL; i++)
        manifest.files[i] =
            (struct cy_manifest_file){m->files[i].path, m->files[i].n, m->files[i].mode,
                                      cy_sha256(cy_span_of(m->files[i].bytes, m->files[i].n))};
    if (manifest.files != NULL)
        text = cy_manifest_write(&manifest, &n);
    err = text == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                       : put_record(m, CY_PACK_MANIFEST, "", cy_span_of(text, n));
    free(manifest.files);
    free(text);
    for (size_t i = 0; i < m->n_files && cy_ok(err); i++)
        err = put_record(m, CY_PACK_FILE, m->files[i].path,
                         cy_span_of(m->files[i].bytes, m->files[i].n));
    return err;
}

static cy_err put_ledger(struct making *m)
{
    struct cy_id root;

    for (uint64_t at = 0; at < m->head.size; at += CY_TILE_WIDTH) {
        const uint64_t left = m->head.size - at;
        const struct cy_tile tile = {.index = at / CY_TILE_WIDTH,
                                     .level = CY_TILE_ENTRIES,
                                     .width =
                                         left < CY_TILE_WIDTH ? (uint32_t)left : CY_TILE_WIDTH};
        char path[CY_TILE_PATH_MAX];
        size_t n = 0;

        cy_tile_path(&tile, path);
        CY_TRY(take_bundle(m, tile.index, tile.width, &n));
        CY_TRY(put_record(m, CY_PACK_BUNDLE, path, cy_span_of(m->bundle, n)));
        if (m->options->progress != NULL)
            m->options->progress(m->options->user, at + tile.width, m->head.size);
    }
    root = cy_frontier_root(&m->frontier);
    if (!cy_id_eq(&root, &m->head.root))
        return say(m, cy_fail(CY_E_TREE_MISMATCH, 0),
                   "%s: the entries do not lead to the signed root; `comity audit` names the first "
                   "bad one",
                   m->options->data);
    return CY_OK;
}

/* A blob: its size stands before it, so one that is erased meanwhile, or shorter than it was, is
 * filled up; its digest does not hold then, and nobody takes it for whole. */
static cy_err put_blob(struct making *m, int fd, const char *name, uint64_t size)
{
    uint8_t head[CY_PACK_HEAD + CY_PACK_NAME_MAX];
    struct cy_sha256_stream sum;
    struct cy_id want;
    struct cy_id got;
    size_t n = 0;

    cy_pack_head(CY_PACK_BLOB, name, size, head, &n);
    CY_TRY(cy_archive_put(m->out, cy_span_of(head, n)));
    cy_sha256_begin(&sum);
    while (size > 0) {
        const size_t most = size < CY_PACK_BUNDLE_MAX ? (size_t)size : CY_PACK_BUNDLE_MAX;

        CY_TRY(read_whole(m, fd, most, m->bundle, &n));
        if (n == 0) {
            memset(m->bundle, 0, most);
            n = most;
        }
        cy_sha256_more(&sum, cy_span_of(m->bundle, n));
        CY_TRY(cy_archive_put(m->out, cy_span_of(m->bundle, n)));
        size -= n;
    }
    got = cy_sha256_end(&sum);
    CY_TRY(cy_hex_read(cy_span_text(name), want.b, 32));
    m->report->blobs++;
    m->report->blobs_bad += !cy_id_eq(&got, &want);
    return CY_OK;
}

static cy_err put_blobs(struct making *m)
{
    char dir[PATH_MAX];
    DIR *list = NULL;
    struct dirent *entry = NULL;
    cy_err err = CY_OK;

    if (m->options->without_blobs)
        return CY_OK;
    (void)snprintf(dir, sizeof dir, "%s/blobs", m->options->data);
    list = opendir(dir);
    if (list == NULL)
        return errno == ENOENT ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
    while (cy_ok(err) && (entry = readdir(list)) != NULL) {
        struct stat found;
        struct cy_id digest;
        int fd = -1;

        if (strlen(entry->d_name) != 64 ||
            !cy_ok(cy_hex_read(cy_span_text(entry->d_name), digest.b, 32)))
            continue;
        fd = openat(dirfd(list), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
            continue; /* erased meanwhile */
        if (fstat(fd, &found) == 0)
            err = put_blob(m, fd, entry->d_name, (uint64_t)found.st_size);
        (void)close(fd);
    }
    (void)closedir(list);
    return err;
}

static cy_err put_end(struct making *m)
{
    uint8_t counts[CY_PACK_END_BYTES];

    cy_put_u64be(counts, m->n_files);
    cy_put_u64be(counts + 8, m->head.size);
    cy_put_u64be(counts + 16, m->report->blobs);
    return put_record(m, CY_PACK_END, "", cy_span_of(counts, sizeof counts));
}

static cy_err write_archive(struct making *m)
{
    struct cy_text why = cy_text_on(m->report->why, sizeof m->report->why);

    CY_TRY(cy_archive_create(m->options->to, &m->options->readers, &m->out, &why));
    CY_TRY(put_manifest(m));
    CY_TRY(put_ledger(m));
    CY_TRY(put_blobs(m));
    CY_TRY(put_end(m));
    return cy_archive_finish(m->out, &m->report->bytes);
}

static cy_err make(struct making *m)
{
    m->bundle = malloc(CY_PACK_BUNDLE_MAX);
    if (m->bundle == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    CY_TRY(cy_crypto_start());
    CY_TRY(cy_audit_source_open(m->options->data, NULL, &m->source));
    CY_TRY(keep_named(m, m->options->keys, CY_KEYSTORE_HEADS, "keys/heads", true)); /* first */
    CY_TRY(read_head(m));
    CY_TRY(learn_genesis(m));
    CY_TRY(settle_head(m));
    (void)snprintf(m->report->origin, sizeof m->report->origin, "%.*s", (int)m->head.origin.n,
                   (const char *)m->head.origin.at);
    m->report->size = m->head.size;
    m->report->root = m->head.root;
    CY_TRY(keep_small(m));
    m->report->files = m->n_files;
    return write_archive(m);
}

cy_err cy_backup_make(const struct cy_backup_options *options, struct cy_backup_report *report)
{
    struct making *m = calloc(1, sizeof *m);
    cy_err err = CY_OK;

    *report = (struct cy_backup_report){.size = 0};
    if (m == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    m->options = options;
    m->report = report;
    err = make(m);
    cy_archive_out_close(m->out);
    cy_audit_source_close(m->source);
    for (size_t i = 0; i < m->n_files; i++) {
        if (m->files[i].bytes != NULL)
            cy_wipe(m->files[i].bytes, m->files[i].n);
        free(m->files[i].bytes);
    }
    free(m->files);
    free(m->bundle);
    free(m);
    return err;
}

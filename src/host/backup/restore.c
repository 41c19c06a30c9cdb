#include "host/backup/restore.h"

#include "host/audit/source_disk.h"
#include "host/backup/pack.h"
#include "host/backup/settings_move.h"
#include "host/backup/staging.h"
#include "host/signer/head_memory.h"
#include "host/signer/keystore.h"
#include "host/system/disk_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE_BYTES ((size_t)CY_TREE_STAGE_MIN * 2)
#define SOCKET_MAX 107u
#define HEADS_MAX 8192u
#define NEVER_S ((uint64_t)INT64_MAX) /* a time no cosignature reaches */

struct cy_restore {
    struct cy_staging *staging;
    struct cy_unpack_report unpacked;
    struct cy_note_key log;
    /* ledger */
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_tree tree;
    struct cy_arena arena;
    void *memory;
    size_t memory_n;
    uint64_t size; /* published */
    struct cy_id root;
    char note[CY_NOTE_MAX + 1]; /* of that head */
    uint8_t *bundle;
    /* signer */
    struct cy_disk_posix *keys;
    struct cy_head_memory *heads;
    /* the largest head that anybody has shown */
    struct cy_restore_behind seen;
    struct cy_id seen_root;
    char seen_note[CY_NOTE_MAX + 1];
    /* while unpacking */
    const struct cy_unpack_sink *progress;
    struct cy_text *why;
    int blob;
};

__attribute__((format(printf, 3, 4))) static cy_err say(struct cy_restore_seen *seen, cy_err err,
                                                        const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(seen->why, sizeof seen->why, format, list);
    va_end(list);
    return err;
}

/* --- unpacking --- */

static cy_err on_begin(void *self, const struct cy_manifest *manifest)
{
    struct cy_restore *r = self;
    struct cy_disk_fault fault;
    const struct cy_id empty = cy_hash_empty();
    char path[PATH_MAX];

    (void)manifest;
    CY_TRY(cy_staging_path(r->staging, "data", path));
    CY_TRY(cy_disk_posix_open(path, true, &r->posix));
    r->disk = cy_disk_posix_disk(r->posix);
    CY_TRY(cy_disk_make_dirs(&r->disk, CY_DISK_FRESH));
    r->memory_n = cy_tree_bytes(STAGE_BYTES);
    r->memory = mmap(NULL, r->memory_n, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (r->memory == MAP_FAILED)
        return cy_fail(CY_E_NO_MEMORY, 0);
    r->arena = cy_arena_on(r->memory, r->memory_n);
    return cy_tree_open(&r->tree, &r->disk, STAGE_BYTES, &r->arena, 0, &empty, &fault);
}

static cy_err on_file(void *self, const struct cy_manifest_file *file, struct cy_span bytes)
{
    struct cy_restore *r = self;
    const bool settings = strcmp(file->path, "comityd.conf") == 0;
    char *moved = NULL;
    cy_err err = CY_OK;

    if (!settings && strcmp(file->path, "client.conf") != 0)
        return cy_staging_file(r->staging, file->path, file->mode, bytes);
    /* settings name the directory that the cell was in */
    err = cy_settings_move(bytes, r->unpacked.manifest.home, cy_staging_dir(r->staging), settings,
                           NULL, &moved);
    if (cy_ok(err))
        err = cy_staging_file(r->staging, file->path, file->mode, cy_span_text(moved));
    free(moved);
    return err;
}

static cy_err append(struct cy_restore *r, struct cy_span entry)
{
    const cy_err err = cy_tree_append(&r->tree, entry);

    if (err.code != CY_E_NO_ROOM)
        return err;
    CY_TRY(cy_tree_flush(&r->tree));
    return cy_tree_append(&r->tree, entry);
}

static cy_err on_entry(void *self, struct cy_span entry)
{
    return append(self, entry);
}

static cy_err on_blob(void *self, const struct cy_id *digest, struct cy_span piece)
{
    struct cy_restore *r = self;

    if (r->blob < 0)
        CY_TRY(cy_staging_blob(r->staging, digest, &r->blob));
    return cy_staging_write(r->blob, piece);
}

static cy_err on_blob_end(void *self, const struct cy_id *digest, bool good)
{
    struct cy_restore *r = self;
    const int fd = r->blob;

    r->blob = -1;
    return fd < 0 ? CY_OK : cy_staging_blob_end(r->staging, digest, fd, good);
}

static void on_progress(void *self, uint64_t done, uint64_t size)
{
    const struct cy_restore *r = self;

    if (r->progress != NULL && r->progress->progress != NULL)
        r->progress->progress(r->progress->self, done, size);
}

/* The tree's head becomes the ledger's: refused when the entries do not lead to it. */
static cy_err publish(struct cy_restore *r, const char *note, size_t n)
{
    struct cy_disk_fault fault;

    CY_TRY(cy_tree_flush(&r->tree));
    CY_TRY(cy_checkpoint_publish(&r->tree, cy_span_of(note, n), &fault));
    memmove(r->note, note, n);
    r->note[n] = 0;
    r->size = cy_tree_size(&r->tree);
    r->root = cy_tree_root(&r->tree);
    return CY_OK;
}

static cy_err open_keys(struct cy_restore *r)
{
    char path[PATH_MAX];
    struct cy_disk disk;

    CY_TRY(cy_staging_path(r->staging, "keys", path));
    CY_TRY(cy_disk_posix_open(path, false, &r->keys));
    disk = cy_disk_posix_disk(r->keys);
    return cy_head_memory_open(&disk, CY_KEYSTORE_HEADS, HEADS_MAX, &r->heads);
}

static cy_err unpack(struct cy_restore *r, struct cy_archive_in *archive)
{
    const struct cy_unpack_sink sink = {.self = r,
                                        .begin = on_begin,
                                        .file = on_file,
                                        .entry = on_entry,
                                        .blob = on_blob,
                                        .blob_end = on_blob_end,
                                        .progress = on_progress};
    struct cy_unpack_report *report = &r->unpacked;
    const struct cy_manifest *m = &report->manifest;
    cy_err err = cy_unpack(archive, &sink, report);

    if (!cy_ok(err)) {
        if (r->posix != NULL)
            cy_disk_posix_message(r->posix, r->why);
        if (r->why->n == 0)
            cy_text_add(r->why, cy_staging_why(r->staging)[0] != 0 ? cy_staging_why(r->staging)
                                                                   : report->why);
        return err.code == CY_E_NO_SPACE ? cy_fail(CY_E_BACKUP_FULL, 0) : err;
    }
    CY_TRY(cy_note_key_of(cy_span_text(m->origin), CY_NOTE_ED25519, &m->log_key, &r->log));
    CY_TRY(publish(r, m->checkpoint, strlen(m->checkpoint)));
    if (m->signed_size > r->seen.size) { /* after a crash: signed, never published */
        r->seen.size = m->signed_size;
        (void)snprintf(r->seen.who, sizeof r->seen.who, "the signer itself, at the time");
    }
    return open_keys(r);
}

cy_err cy_restore_begin(struct cy_archive_in *archive, const char *dir,
                        const struct cy_unpack_sink *progress, struct cy_restore **out,
                        struct cy_text *why)
{
    struct cy_restore *r = calloc(1, sizeof *r);
    cy_err err = CY_OK;

    *out = NULL;
    if (r == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    r->blob = -1;
    r->why = why;
    r->bundle = malloc(CY_PACK_BUNDLE_MAX);
    err =
        r->bundle == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : cy_unpack(archive, progress, &r->unpacked);
    if (!cy_ok(err))
        cy_text_add(why, r->unpacked.why);
    if (cy_ok(err))
        err = cy_staging_open(dir, &r->unpacked.manifest.realm, &r->staging, why);
    if (cy_ok(err) && strlen(cy_staging_dir(r->staging)) + sizeof "/signer.sock" > SOCKET_MAX) {
        cy_text_add(why, "the path is too long for the signer's socket; choose a shorter one");
        err = cy_fail(CY_E_TOO_LARGE, SOCKET_MAX);
    }
    if (cy_ok(err)) {
        cy_unpack_free(&r->unpacked);
        err = unpack(r, archive);
    }
    if (!cy_ok(err)) {
        cy_restore_close(r);
        return err;
    }
    *out = r;
    return CY_OK;
}

void cy_restore_close(struct cy_restore *r)
{
    if (r == NULL)
        return;
    if (r->blob >= 0)
        (void)close(r->blob);
    cy_head_memory_close(r->heads);
    cy_disk_posix_close(r->keys);
    cy_disk_posix_close(r->posix);
    cy_staging_close(r->staging);
    cy_unpack_free(&r->unpacked);
    if (r->memory != NULL && r->memory != MAP_FAILED)
        (void)munmap(r->memory, r->memory_n);
    free(r->bundle);
    free(r);
}

const struct cy_manifest *cy_restore_manifest(const struct cy_restore *r)
{
    return &r->unpacked.manifest;
}

const struct cy_unpack_report *cy_restore_unpacked(const struct cy_restore *r)
{
    return &r->unpacked;
}

const char *cy_restore_staging(const struct cy_restore *r)
{
    return cy_staging_part(r->staging);
}

const char *cy_restore_dir(const struct cy_restore *r)
{
    return cy_staging_dir(r->staging);
}

uint64_t cy_restore_size(const struct cy_restore *r)
{
    return r->size;
}

const char *cy_restore_note(const struct cy_restore *r)
{
    return r->note;
}

/* --- what was seen --- */

static void remember_seen(struct cy_restore *r, const char *who, uint64_t size,
                          const struct cy_id *root, const char *note, size_t n)
{
    const bool better = size > r->seen.size || (size == r->seen.size && !r->seen.proven);

    if (size <= r->size || !better)
        return;
    r->seen.size = size;
    r->seen.proven = note != NULL;
    (void)snprintf(r->seen.who, sizeof r->seen.who, "%s", who);
    if (note == NULL)
        return;
    r->seen_root = *root;
    memcpy(r->seen_note, note, n);
    r->seen_note[n] = 0;
}

/* A head that was shown, of a size that is here, must be one of this history. */
static cy_err check_past(struct cy_restore *r, uint64_t size, const struct cy_id *root,
                         struct cy_restore_seen *seen)
{
    struct cy_disk_fault fault;
    struct cy_id here;

    if (size == 0 || size > cy_tree_flushed(&r->tree))
        return CY_OK;
    CY_TRY(cy_tree_root_at(&r->tree, size, &here, &fault));
    if (cy_id_eq(&here, root))
        return CY_OK;
    return say(seen, cy_fail(CY_E_HEAD_FORK, size),
               "its head over %llu entries, signed with the same key, is of another history",
               (unsigned long long)size);
}

cy_err cy_restore_witness(struct cy_restore *r, struct cy_client *client, const char *name,
                          const struct cy_witness_place *place, struct cy_restore_seen *seen)
{
    struct cy_witness_known *known = malloc(sizeof *known);
    cy_err err = CY_OK;

    *seen = (struct cy_restore_seen){.size = 0};
    if (known == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = cy_witness_ask(client, place, &r->log, cy_span_text(r->note), r->size, known);
    if (cy_ok(err)) {
        seen->size = known->size;
        seen->proven = known->proven;
        remember_seen(r, name, known->size, &known->root, known->proven ? known->note : NULL,
                      known->n);
    }
    free(known);
    return err;
}

/* --- mirrors --- */

/* The head of a place, which must be signed by this ledger's key. */
static cy_err read_note(struct cy_audit_source *source, const struct cy_note_key *log,
                        uint8_t *note, size_t *n, struct cy_checkpoint *head,
                        struct cy_restore_seen *seen)
{
    uint32_t cosigned = 0;
    cy_err err = cy_audit_source_read(source, CY_CHECKPOINT_FILE, note, CY_NOTE_MAX, n);

    if (!cy_ok(err))
        return say(seen, err, "%s", cy_audit_source_why(source));
    err = cy_checkpoint_verify(cy_span_of(note, *n), log, NULL, 0, 0, head, &cosigned);
    if (!cy_ok(err))
        return say(seen, err, "its checkpoint: %s", cy_err_info(err.code)->text);
    seen->size = head->size;
    seen->proven = true;
    return CY_OK;
}

/* The tree as it is published, without what was appended since. */
static cy_err tree_again(struct cy_restore *r)
{
    struct cy_disk_fault fault;

    cy_arena_rewind(&r->arena, 0);
    return cy_tree_open(&r->tree, &r->disk, STAGE_BYTES, &r->arena, r->size, &r->root, &fault);
}

static cy_err take_tail(struct cy_restore *r, struct cy_audit_source *source, uint64_t size,
                        struct cy_restore_seen *seen)
{
    for (uint64_t index = r->size / CY_TILE_WIDTH; index * CY_TILE_WIDTH < size; index++) {
        const uint64_t left = size - index * CY_TILE_WIDTH;
        const struct cy_tile tile = {.index = index,
                                     .level = CY_TILE_ENTRIES,
                                     .width =
                                         left < CY_TILE_WIDTH ? (uint32_t)left : CY_TILE_WIDTH};
        char path[CY_TILE_PATH_MAX];
        struct cy_span rest;
        struct cy_span entry;
        size_t n = 0;
        const cy_err err =
            cy_audit_source_tile(source, &tile, path, r->bundle, CY_PACK_BUNDLE_MAX, &n);

        if (!cy_ok(err))
            return say(seen, err, "%s", cy_audit_source_why(source));
        rest = cy_span_of(r->bundle, n);
        for (uint32_t i = 0; i < tile.width; i++) {
            if (!cy_ok(cy_bundle_next(&rest, &entry)))
                return say(seen, cy_fail(CY_E_TILE_DAMAGED, i), "%s ends inside an entry", path);
            if (index * CY_TILE_WIDTH + i >= cy_tree_size(&r->tree))
                CY_TRY(append(r, entry));
        }
        on_progress(r, index * CY_TILE_WIDTH + tile.width, size);
    }
    return CY_OK;
}

/* The root over the first `size` leaf hashes of a place, and that over the first `early`. */
static cy_err root_of(struct cy_audit_source *source, uint64_t size, uint64_t early,
                      struct cy_id *root, struct cy_id *early_root, struct cy_restore_seen *seen)
{
    struct cy_frontier frontier = {.size = 0};
    uint8_t hashes[CY_TILE_BYTES];
    struct cy_id leaf;

    while (frontier.size < size) {
        const uint64_t left = size - frontier.size;
        const struct cy_tile tile = {.index = frontier.size / CY_TILE_WIDTH,
                                     .width =
                                         left < CY_TILE_WIDTH ? (uint32_t)left : CY_TILE_WIDTH};
        char path[CY_TILE_PATH_MAX];
        size_t n = 0;
        const cy_err err = cy_audit_source_tile(source, &tile, path, hashes, sizeof hashes, &n);

        if (!cy_ok(err))
            return say(seen, err, "%s", cy_audit_source_why(source));
        if (n < tile.width * sizeof leaf)
            return say(seen, cy_fail(CY_E_TILE_DAMAGED, 0), "%s is too short", path);
        for (uint32_t i = 0; i < tile.width; i++) {
            memcpy(leaf.b, hashes + i * sizeof leaf, sizeof leaf.b);
            CY_TRY(cy_frontier_append(&frontier, &leaf));
            if (frontier.size == early)
                *early_root = cy_frontier_root(&frontier);
        }
    }
    *root = cy_frontier_root(&frontier);
    return CY_OK;
}

/* Entries that do not lead to the head were changed on the way, unless the place's own hashes do
 * lead there, past another root than ours: then two histories are signed. */
static cy_err blame(struct cy_restore *r, struct cy_audit_source *source,
                    const struct cy_checkpoint *head, struct cy_restore_seen *seen)
{
    struct cy_id root = {{0}};
    struct cy_id early = {{0}};
    const cy_err err = root_of(source, head->size, r->size, &root, &early, seen);

    if (cy_ok(err) && cy_id_eq(&root, &head->root) && !cy_id_eq(&early, &r->root))
        return say(seen, cy_fail(CY_E_HEAD_FORK, head->size),
                   "its head over %llu entries, signed with the same key, does not go on from ours "
                   "over %llu",
                   (unsigned long long)head->size, (unsigned long long)r->size);
    return say(seen, cy_fail(CY_E_TILE_DAMAGED, 0),
               "its entries do not lead to the head that it shows; nothing was taken from it");
}

static cy_err join(struct cy_restore *r, struct cy_audit_source *source, const uint8_t *note,
                   size_t n, const struct cy_checkpoint *head, struct cy_restore_seen *seen)
{
    struct cy_id root;
    cy_err err = CY_OK;

    if (head->size <= r->size)
        return check_past(r, head->size, &head->root, seen);
    err = take_tail(r, source, head->size, seen);
    root = cy_tree_root(&r->tree);
    if (cy_ok(err) && !cy_id_eq(&root, &head->root))
        err = blame(r, source, head, seen);
    if (cy_ok(err))
        return publish(r, (const char *)note, n);
    CY_TRY(tree_again(r));
    return err;
}

cy_err cy_restore_mirror(struct cy_restore *r, const char *place, const char *pin,
                         struct cy_restore_seen *seen)
{
    uint8_t *note = malloc(CY_NOTE_MAX);
    struct cy_audit_source *source = NULL;
    struct cy_checkpoint head;
    size_t n = 0;
    cy_err err = CY_OK;

    *seen = (struct cy_restore_seen){.size = 0};
    if (note == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = cy_audit_source_open(place, pin, &source);
    if (!cy_ok(err) && source != NULL)
        (void)say(seen, err, "%s", cy_audit_source_why(source));
    if (cy_ok(err))
        err = read_note(source, &r->log, note, &n, &head, seen);
    if (cy_ok(err)) {
        remember_seen(r, place, head.size, &head.root, (const char *)note, n);
        err = join(r, source, note, n, &head, seen);
    }
    cy_audit_source_close(source);
    free(note);
    return err.code == CY_E_NO_SPACE ? cy_fail(CY_E_BACKUP_FULL, 0) : err;
}

/* --- as a witness of others --- */

static void name_head(struct cy_head *head, struct cy_span origin)
{
    head->n_origin = (uint8_t)(origin.n < CY_HEAD_ORIGIN_MAX ? origin.n : CY_HEAD_ORIGIN_MAX);
    memcpy(head->origin, origin.at, head->n_origin);
}

/* The ledger's head goes on from the one that was cosigned here. */
static cy_err follow(struct cy_audit_source *source, const struct cy_checkpoint *now,
                     const struct cy_head *old, struct cy_restore_seen *seen)
{
    struct cy_source_tree *tree = NULL;
    cy_err err = CY_OK;

    if (now->size < old->size) /* an old copy of it answers, or it went back: ask again */
        return say(seen, cy_fail(CY_E_HEAD_ROLLBACK, old->size),
                   "its head over %llu entries is older than the one over %llu that was cosigned "
                   "here",
                   (unsigned long long)now->size, (unsigned long long)old->size);
    tree = malloc(sizeof *tree);
    err = tree == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                       : cy_source_tree_open(tree, source, now->size, &now->root);

    if (cy_ok(err))
        err = cy_source_tree_follows(tree, old->size, &old->root);
    if (tree != NULL)
        cy_source_tree_close(tree);
    free(tree);
    if (err.code == CY_E_HEAD_FORK)
        return say(seen, err,
                   "its head over %llu entries does not go on from the one over %llu that was "
                   "cosigned here",
                   (unsigned long long)now->size, (unsigned long long)old->size);
    return cy_ok(err) ? err : say(seen, err, "%s", cy_audit_source_why(source));
}

cy_err cy_restore_log(struct cy_restore *r, const struct cy_note_key *log, const struct cy_id *own,
                      const char *url, const char *pin, uint64_t now_s,
                      struct cy_restore_seen *seen)
{
    uint8_t *note = malloc(CY_NOTE_MAX);
    struct cy_head head = {.key = *own, .purpose = CY_PURPOSE_COSIGNATURE, .time_s = now_s};
    struct cy_head old = {.size = 0};
    struct cy_audit_source *source = NULL;
    struct cy_checkpoint now;
    size_t n = 0;
    cy_err err = CY_OK;

    *seen = (struct cy_restore_seen){.size = 0};
    if (note == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    (void)cy_head_memory_find(r->heads, CY_PURPOSE_COSIGNATURE, own, log->name, &old);
    err = cy_audit_source_open(url, pin, &source);
    if (cy_ok(err))
        err = read_note(source, log, note, &n, &now, seen);
    if (cy_ok(err))
        err = follow(source, &now, &old, seen);
    if (cy_ok(err)) {
        name_head(&head, log->name);
        head.size = now.size;
        head.root = now.root;
        err = cy_head_memory_raise(r->heads, &head);
    }
    cy_audit_source_close(source);
    free(note);
    return err;
}

cy_err cy_restore_fence(struct cy_restore *r, struct cy_span origin, const struct cy_id *own)
{
    struct cy_head head = {
        .key = *own, .purpose = CY_PURPOSE_COSIGNATURE, .root = cy_hash_empty(), .time_s = NEVER_S};

    name_head(&head, origin);
    return cy_head_memory_raise(r->heads, &head);
}

/* --- the end --- */

struct cy_restore_behind cy_restore_behind(const struct cy_restore *r)
{
    struct cy_restore_behind out = r->seen;

    out.behind = r->seen.size > r->size;
    out.note = out.behind && r->seen.proven ? r->seen_note : "";
    return out;
}

cy_err cy_restore_remember(struct cy_restore *r)
{
    const struct cy_manifest *m = &r->unpacked.manifest;
    const bool behind = r->seen.size > r->size;
    struct cy_head head = {.key = m->log_key,
                           .purpose = CY_PURPOSE_CHECKPOINT,
                           .size = behind ? r->seen.size : r->size,
                           .root = behind ? r->seen_root : r->root};
    struct cy_head old = {.size = 0};
    struct cy_restore_seen seen;

    if (!behind && r->seen.proven) /* what was shown before the tail came */
        CY_TRY(check_past(r, r->seen.size, &r->seen_root, &seen));
    name_head(&head, cy_span_text(m->origin));
    if (!cy_head_memory_find(r->heads, CY_PURPOSE_CHECKPOINT, &m->log_key, cy_span_text(m->origin),
                             &old) ||
        old.size < head.size)
        CY_TRY(cy_head_memory_raise(r->heads, &head));
    else if (old.size == head.size && (!behind || r->seen.proven) &&
             !cy_id_eq(&old.root, &head.root))
        return cy_fail(CY_E_HEAD_FORK, old.size);
    return cy_head_memory_commit(r->heads);
}

/* Nothing further is asked or taken. */
static void let_go(struct cy_restore *r)
{
    cy_head_memory_close(r->heads);
    r->heads = NULL;
    cy_disk_posix_close(r->keys);
    r->keys = NULL;
    cy_disk_posix_close(r->posix);
    r->posix = NULL;
}

cy_err cy_restore_as_past(struct cy_restore *r, const char *name)
{
    char from[PATH_MAX];
    char to[PATH_MAX];

    CY_TRY(cy_restore_remember(r));
    let_go(r);
    CY_TRY(cy_staging_path(r->staging, "data", from));
    CY_TRY(cy_staging_path(r->staging, name, to));
    return rename(from, to) == 0 ? CY_OK : cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
}

cy_err cy_restore_finish(struct cy_restore *r)
{
    if (r->heads != NULL) {
        CY_TRY(cy_restore_remember(r));
        if (r->seen.size > r->size)
            return cy_fail(CY_E_BACKUP_BEHIND, r->seen.size);
    }
    let_go(r);
    return cy_staging_finish(r->staging);
}

#include "host/backup/unpack.h"

#include "crypto/ed25519.h"
#include "host/backup/pack.h"
#include "kernel/act.h"
#include "ledger/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define GENESIS_ROOM ((size_t)4 << 20)

struct reading {
    struct cy_archive_in *archive;
    const struct cy_unpack_sink *sink;
    struct cy_unpack_report *report;
    struct cy_pack_reader pack;
    struct cy_frontier frontier;
    uint8_t *room; /* one record, CY_PACK_FILE_MAX bytes of address space at most */
    size_t cap;
};

__attribute__((format(printf, 3, 4))) static cy_err say(struct reading *r, cy_err err,
                                                        const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(r->report->why, sizeof r->report->why, format, list);
    va_end(list);
    return err;
}

static cy_err wrong(struct reading *r, const char *what)
{
    return say(r, cy_fail(CY_E_BACKUP_CONTENT, 0), "%s", what);
}

static cy_err pull(void *self, uint8_t *out, size_t n)
{
    struct reading *r = self;

    return cy_archive_take(r->archive, out, n);
}

/* The whole record at hand, in memory. */
static cy_err take_all(struct reading *r, struct cy_span *out)
{
    size_t n = 0;

    if (r->pack.left + 1 > r->cap) {
        const size_t cap = (size_t)r->pack.left + 1;
        uint8_t *grown = realloc(r->room, cap);

        if (grown == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        r->room = grown;
        r->cap = cap;
    }
    CY_TRY(cy_pack_all(&r->pack, r->room, r->cap, &n));
    r->room[n] = 0;
    *out = cy_span_of(r->room, n);
    return CY_OK;
}

/* --- manifest --- */

static cy_err check_checkpoint(struct reading *r)
{
    const struct cy_manifest *m = &r->report->manifest;
    struct cy_note_key key;
    struct cy_checkpoint head;
    uint32_t cosigned = 0;

    if (!cy_ok(cy_note_key_of(cy_span_text(m->origin), CY_NOTE_ED25519, &m->log_key, &key)) ||
        !cy_ok(cy_checkpoint_verify(cy_span_text(m->checkpoint), &key, NULL, 0, 0, &head,
                                    &cosigned)) ||
        head.size != m->size || !cy_id_eq(&head.root, &m->root))
        return wrong(r, "its checkpoint is not signed as the manifest says");
    return CY_OK;
}

static cy_err take_manifest(struct reading *r)
{
    char why[192] = "";
    struct cy_span text;
    cy_err err = CY_OK;

    CY_TRY(cy_pack_next(&r->pack));
    CY_TRY(take_all(r, &text));
    err = cy_manifest_read(text, &r->report->manifest, why);
    if (!cy_ok(err))
        return say(r, err, "the manifest: %s", why);
    CY_TRY(check_checkpoint(r));
    return r->sink->begin == NULL ? CY_OK : r->sink->begin(r->sink->self, &r->report->manifest);
}

/* --- records --- */

static cy_err take_file(struct reading *r)
{
    const struct cy_manifest *m = &r->report->manifest;
    const struct cy_manifest_file *want =
        r->report->files < m->n_files ? &m->files[r->report->files] : NULL;
    struct cy_span bytes;
    struct cy_id digest;

    if (want == NULL || strcmp(want->path, r->pack.now.name) != 0 || want->size != r->pack.now.size)
        return wrong(r, "a file is not the one that its manifest lists");
    CY_TRY(take_all(r, &bytes));
    digest = cy_sha256(bytes);
    if (!cy_id_eq(&digest, &want->digest))
        return say(r, cy_fail(CY_E_BACKUP_CONTENT, 0), "%s is not what the manifest lists",
                   want->path);
    r->report->files++;
    return r->sink->file == NULL ? CY_OK : r->sink->file(r->sink->self, want, bytes);
}

static cy_err check_genesis(struct reading *r, struct cy_span entry)
{
    const struct cy_manifest *m = &r->report->manifest;
    void *memory = malloc(GENESIS_ROOM);
    struct cy_arena arena = cy_arena_on(memory, memory == NULL ? 0 : GENESIS_ROOM);
    struct cy_act act;
    bool good = memory != NULL && cy_ok(cy_act_open(entry, &arena, &act)) &&
                act.any.schema == &cy_schema_genesis && cy_id_eq(&act.id, &m->realm);

    if (good) {
        const struct cy_genesis *genesis = act.any.message;

        good = cy_id_eq(&genesis->log_key, &m->log_key) &&
               cy_span_eq(cy_name_text(&genesis->name), cy_span_text(m->origin));
    }
    free(memory);
    if (memory == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    return good ? CY_OK : wrong(r, "its first entry is not the genesis of the realm it names");
}

static cy_err take_entry(struct reading *r, struct cy_span entry)
{
    const struct cy_id leaf = cy_hash_leaf(entry);

    if (r->report->entries == 0)
        CY_TRY(check_genesis(r, entry));
    CY_TRY(cy_frontier_append(&r->frontier, &leaf));
    r->report->entries++;
    return r->sink->entry == NULL ? CY_OK : r->sink->entry(r->sink->self, entry);
}

static cy_err take_bundle(struct reading *r)
{
    const uint64_t size = r->report->manifest.size;
    const uint32_t width = r->pack.now.tile.width;
    struct cy_span rest;
    struct cy_span entry;

    if (r->report->files != r->report->manifest.n_files)
        return wrong(r, "files of its manifest are missing");
    if (r->pack.entries > size)
        return wrong(r, "it holds more entries than its head covers");
    CY_TRY(take_all(r, &rest));
    if (!cy_ok(cy_bundle_check(rest, width)))
        return wrong(r, "a bundle of entries ends inside an entry");
    for (uint32_t i = 0; i < width; i++) {
        CY_TRY(cy_bundle_next(&rest, &entry));
        CY_TRY(take_entry(r, entry));
    }
    if (r->sink->progress != NULL)
        r->sink->progress(r->sink->self, r->report->entries, size);
    return CY_OK;
}

static cy_err take_blob(struct reading *r)
{
    uint8_t piece[CY_ARCHIVE_PIECE];
    const struct cy_id want = r->pack.now.digest;
    struct cy_sha256_stream sum;
    struct cy_id got;
    size_t n = 0;

    cy_sha256_begin(&sum);
    do {
        CY_TRY(cy_pack_take(&r->pack, piece, sizeof piece, &n));
        cy_sha256_more(&sum, cy_span_of(piece, n));
        if (n > 0 && r->sink->blob != NULL)
            CY_TRY(r->sink->blob(r->sink->self, &want, cy_span_of(piece, n)));
    } while (n > 0);
    got = cy_sha256_end(&sum);
    r->report->blobs++;
    r->report->blobs_bad += !cy_id_eq(&got, &want);
    return r->sink->blob_end == NULL
               ? CY_OK
               : r->sink->blob_end(r->sink->self, &want, cy_id_eq(&got, &want));
}

static cy_err check_whole(struct reading *r)
{
    const struct cy_id root = cy_frontier_root(&r->frontier);

    if (r->report->files != r->report->manifest.n_files)
        return wrong(r, "files of its manifest are missing");
    if (r->report->entries != r->report->manifest.size ||
        !cy_id_eq(&root, &r->report->manifest.root))
        return wrong(r, "its entries do not lead to its signed root");
    CY_TRY(cy_pack_close(&r->pack));
    return cy_archive_end(r->archive);
}

static cy_err read_records(struct reading *r)
{
    CY_TRY(take_manifest(r));
    for (;;) {
        CY_TRY(cy_pack_next(&r->pack));
        switch (r->pack.now.kind) {
        case CY_PACK_FILE: CY_TRY(take_file(r)); break;
        case CY_PACK_BUNDLE: CY_TRY(take_bundle(r)); break;
        case CY_PACK_BLOB: CY_TRY(take_blob(r)); break;
        case CY_PACK_END: return check_whole(r);
        case CY_PACK_MANIFEST: return wrong(r, "it has two manifests");
        }
    }
}

cy_err cy_unpack(struct cy_archive_in *archive, const struct cy_unpack_sink *sink,
                 struct cy_unpack_report *report)
{
    static const struct cy_unpack_sink nobody;
    struct reading *r = calloc(1, sizeof *r);
    cy_err err = CY_OK;

    *report = (struct cy_unpack_report){.files = 0};
    if (r == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    r->archive = archive;
    r->sink = sink == NULL ? &nobody : sink;
    r->report = report;
    r->pack = (struct cy_pack_reader){.pull = pull, .self = r};
    err = cy_crypto_start();
    if (cy_ok(err))
        err = cy_archive_rewind(archive);
    if (cy_ok(err))
        err = read_records(r);
    if (!cy_ok(err) && report->why[0] == 0)
        (void)snprintf(report->why, sizeof report->why, "near byte %llu of %llu",
                       (unsigned long long)cy_archive_at(archive),
                       (unsigned long long)cy_archive_bytes(archive));
    if (r->room != NULL)
        cy_wipe(r->room, r->cap);
    free(r->room);
    free(r);
    return err;
}

void cy_unpack_free(struct cy_unpack_report *report)
{
    cy_manifest_free(&report->manifest);
}

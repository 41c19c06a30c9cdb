#include "host/node/blob_store.h"

#include "base/table.h"
#include "crypto/hash.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PART_END ".part"
#define HEAD_MOST 28724u /* the head of 256 readers */

struct held {
    struct cy_id digest;
    uint64_t bytes;
};

struct cy_blob_store {
    struct cy_disk disk;
    struct cy_blob_limits limits;
    pthread_mutex_t lock; /* of what follows */
    struct cy_table table;
    void *room;
    uint64_t bytes;    /* held */
    uint64_t promised; /* to uploads under way */
    uint32_t puts;
    uint64_t part; /* number of the next temporary file */
};

struct cy_blob_put {
    struct cy_blob_store *store;
    struct cy_id digest;
    uint64_t bytes;
    uint64_t have;
    struct cy_sha256_stream hash;
    int file;   /* -1: closed */
    bool here;  /* the blob is here already: nothing is written */
    bool named; /* it has its name now, durable or not */
    char path[CY_PATH_MAX];
};

void cy_blob_path(const struct cy_id *digest, char out[static CY_PATH_MAX])
{
    struct cy_text text = cy_text_on(out, CY_PATH_MAX);

    cy_text_add(&text, CY_BLOB_DIR "/");
    cy_text_hex(&text, cy_span_of(digest->b, sizeof digest->b));
}

static void lock(struct cy_blob_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
}

static void unlock(struct cy_blob_store *store)
{
    (void)pthread_mutex_unlock(&store->lock);
}

/* --- opening --- */

/* Removing while listing is not in the disk's contract: the parts are collected first. */
struct listing {
    struct cy_blob_store *store;
    char (*parts)[CY_PATH_MAX];
    size_t n;
    size_t cap;
};

static cy_err keep_part(struct listing *listing, const char *name)
{
    if (listing->n == listing->cap) {
        const size_t cap = listing->cap * 2 + 16;
        char(*grown)[CY_PATH_MAX] = realloc(listing->parts, cap * sizeof *grown);

        if (grown == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        listing->parts = grown;
        listing->cap = cap;
    }
    (void)snprintf(listing->parts[listing->n++], CY_PATH_MAX, CY_BLOB_DIR "/%s", name);
    return CY_OK;
}

static cy_err seen(void *user, const char *name)
{
    struct listing *listing = user;
    struct cy_table *table = &listing->store->table;
    struct held held = {.bytes = 0};
    const size_t n = strlen(name);
    const size_t end = sizeof PART_END - 1;

    if (n > end && n < 32 && strcmp(name + n - end, PART_END) == 0)
        return keep_part(listing, name);
    if (n != 64 || !cy_ok(cy_hex_read(cy_span_text(name), held.digest.b, sizeof held.digest.b)))
        return CY_OK; /* not ours: left alone */
    if (table->n >= table->limit)
        return cy_fail(CY_E_NO_ROOM, table->limit);
    (void)cy_table_put(table, &held);
    return CY_OK;
}

static cy_err file_size(const struct cy_disk *disk, const char *path, uint64_t *size)
{
    int file = -1;
    cy_err done = CY_OK;
    cy_err closed = CY_OK;

    CY_TRY(disk->ops->open(disk->self, path, 0, &file));
    done = disk->ops->size(disk->self, file, size);
    closed = disk->ops->close(disk->self, file);
    return cy_ok(done) ? closed : done;
}

static cy_err read_directory(struct cy_blob_store *store, struct listing *listing)
{
    const struct cy_disk *disk = &store->disk;

    CY_TRY(cy_disk_make_dirs(disk, CY_BLOB_DIR));
    CY_TRY(disk->ops->list(disk->self, CY_BLOB_DIR, seen, listing));
    for (size_t i = 0; i < listing->n; i++)
        CY_TRY(disk->ops->remove(disk->self, listing->parts[i]));
    for (uint32_t i = 0; i < store->table.n; i++) {
        struct held *held = cy_table_at(&store->table, i);
        char path[CY_PATH_MAX];

        cy_blob_path(&held->digest, path);
        CY_TRY(file_size(disk, path, &held->bytes));
        store->bytes += held->bytes;
    }
    return CY_OK;
}

static cy_err start(struct cy_blob_store *store)
{
    const size_t cap = cy_table_bytes(sizeof(struct held), store->limits.count_max);
    struct listing listing = {.store = store};
    struct cy_arena arena;
    cy_err done = CY_OK;

    store->room = calloc(1, cap + 16);
    if (store->room == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(store->room, cap);
    CY_TRY(cy_table_init(&store->table, &arena, sizeof(struct held), sizeof(struct cy_id),
                         store->limits.count_max));
    done = read_directory(store, &listing);
    free(listing.parts);
    return done;
}

cy_err cy_blob_store_open(const struct cy_disk *disk, const struct cy_blob_limits *limits,
                          struct cy_blob_store **out)
{
    struct cy_blob_store *store = calloc(1, sizeof *store);
    cy_err done = CY_OK;

    *out = NULL;
    if (store == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    store->disk = *disk;
    store->limits = *limits;
    (void)pthread_mutex_init(&store->lock, NULL);
    done = start(store);
    if (!cy_ok(done)) {
        cy_blob_store_close(store);
        return done;
    }
    *out = store;
    return CY_OK;
}

void cy_blob_store_close(struct cy_blob_store *store)
{
    if (store == NULL)
        return;
    CY_ASSERT(store->puts == 0);
    (void)pthread_mutex_destroy(&store->lock);
    free(store->room);
    free(store);
}

/* --- what is here --- */

bool cy_blob_store_has(struct cy_blob_store *store, const struct cy_id *digest)
{
    bool here = false;

    lock(store);
    here = cy_table_find(&store->table, digest) != CY_TABLE_NONE;
    unlock(store);
    return here;
}

void cy_blob_store_usage(struct cy_blob_store *store, uint32_t *count, uint64_t *bytes)
{
    lock(store);
    *count = store->table.n;
    *bytes = store->bytes;
    unlock(store);
}

uint32_t cy_blob_store_list(struct cy_blob_store *store, uint32_t from, struct cy_id *out,
                            uint32_t cap)
{
    uint32_t n = 0;

    lock(store);
    for (; n < cap && from + n < store->table.n; n++)
        out[n] = ((const struct held *)cy_table_at(&store->table, from + n))->digest;
    unlock(store);
    return n;
}

/* --- uploads --- */

/* Takes the place of one upload: among the uploads, and of its bytes among the total. */
static cy_err promise(struct cy_blob_put *put)
{
    struct cy_blob_store *store = put->store;
    const struct cy_blob_limits *limits = &store->limits;
    cy_err done = CY_OK;

    lock(store);
    put->here = cy_table_find(&store->table, &put->digest) != CY_TABLE_NONE;
    if (store->puts == CY_BLOB_PUTS_MAX)
        done = cy_fail(CY_E_BUSY, CY_BLOB_PUTS_MAX);
    else if (!put->here && (store->table.n + store->puts >= limits->count_max ||
                            store->bytes + store->promised > limits->total ||
                            put->bytes > limits->total - store->bytes - store->promised))
        done = cy_fail(CY_E_BLOB_FULL, 0);
    if (cy_ok(done)) {
        store->puts++;
        store->promised += put->here ? 0 : put->bytes;
        (void)snprintf(put->path, sizeof put->path, CY_BLOB_DIR "/%llu" PART_END,
                       (unsigned long long)store->part++);
    }
    unlock(store);
    return done;
}

/* Gives the place back; with `held` the bytes go over to the blobs that are here. */
static void settle(struct cy_blob_put *put, bool held)
{
    const struct held record = {put->digest, put->bytes};
    struct cy_blob_store *store = put->store;

    lock(store);
    store->puts--;
    store->promised -= put->here ? 0 : put->bytes;
    /* another upload of the same blob may have been quicker: then the file was replaced by itself
     */
    if (held && cy_table_find(&store->table, &put->digest) == CY_TABLE_NONE) {
        (void)cy_table_put(&store->table, &record);
        store->bytes += put->bytes;
    }
    unlock(store);
    free(put);
}

cy_err cy_blob_put_begin(struct cy_blob_store *store, const struct cy_blob *declared,
                         struct cy_blob_put **out)
{
    const struct cy_disk *disk = &store->disk;
    struct cy_blob_put *put = NULL;
    cy_err done = CY_OK;

    *out = NULL;
    if (declared == NULL)
        return cy_fail(CY_E_BLOB_UNDECLARED, 0);
    if (declared->state != CY_blob_state_HELD)
        return cy_fail(CY_E_BLOB_ERASED, 0);
    if (declared->bytes > store->limits.bytes_max)
        return cy_fail(CY_E_BODY_TOO_LARGE, store->limits.bytes_max);
    put = calloc(1, sizeof *put);
    if (put == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    put->store = store;
    put->digest = declared->digest;
    put->bytes = declared->bytes;
    put->file = -1;
    cy_sha256_begin(&put->hash);
    done = promise(put);
    if (!cy_ok(done)) {
        free(put);
        return done;
    }
    if (!put->here)
        done = disk->ops->open(disk->self, put->path,
                               CY_DISK_WRITE | CY_DISK_CREATE | CY_DISK_EMPTY, &put->file);
    if (!cy_ok(done)) {
        cy_blob_put_drop(put);
        return done;
    }
    *out = put;
    return CY_OK;
}

cy_err cy_blob_put_more(struct cy_blob_put *put, struct cy_span bytes)
{
    const struct cy_disk *disk = &put->store->disk;

    if (bytes.n > put->bytes - put->have)
        return cy_fail(CY_E_BLOB_LENGTH, put->bytes);
    if (!put->here && bytes.n > 0)
        CY_TRY(disk->ops->write(disk->self, put->file, put->have, bytes));
    cy_sha256_more(&put->hash, bytes);
    put->have += bytes.n;
    return CY_OK;
}

/* Whether the file that is here is still the blob: sectors rot, and people edit. */
static cy_err check_file(const struct cy_disk *disk, const struct cy_blob_put *put)
{
    struct cy_sha256_stream hash;
    char path[CY_PATH_MAX];
    uint8_t bytes[16384];
    struct cy_id digest;
    uint64_t at = 0;
    size_t n = 0;
    int file = -1;
    cy_err done = CY_OK;

    cy_blob_path(&put->digest, path);
    cy_sha256_begin(&hash);
    CY_TRY(disk->ops->open(disk->self, path, 0, &file));
    do {
        done = disk->ops->read(disk->self, file, at, bytes, sizeof bytes, &n);
        n = cy_ok(done) ? n : 0;
        cy_sha256_more(&hash, cy_span_of(bytes, n));
        at += n;
    } while (n == sizeof bytes);
    (void)disk->ops->close(disk->self, file);
    digest = cy_sha256_end(&hash);
    if (cy_ok(done) && !cy_id_eq(&digest, &put->digest))
        done = cy_fail(CY_E_BLOB_ABSENT, 0);
    return done;
}

/* What is damaged, or gone behind our back, is taken out of the list, so that it can be sent anew.
 */
static cy_err finish_here(struct cy_blob_put *put)
{
    const cy_err checked = check_file(&put->store->disk, put);

    if (checked.code != CY_E_BLOB_ABSENT && checked.code != CY_E_NO_FILE)
        return checked;
    CY_TRY(cy_blob_store_erase(put->store, &put->digest));
    return cy_fail(CY_E_BLOB_ABSENT, 0);
}

/* From whole bytes to a durable name. */
static cy_err finish(struct cy_blob_put *put)
{
    const struct cy_disk *disk = &put->store->disk;
    const int file = put->file;
    struct cy_id digest;
    char path[CY_PATH_MAX];

    if (put->have != put->bytes)
        return cy_fail(CY_E_BLOB_LENGTH, put->have);
    digest = cy_sha256_end(&put->hash);
    if (!cy_id_eq(&digest, &put->digest))
        return cy_fail(CY_E_BLOB_DIGEST, 0);
    if (put->here)
        return finish_here(put);
    CY_TRY(disk->ops->sync(disk->self, file));
    put->file = -1;
    CY_TRY(disk->ops->close(disk->self, file));
    cy_blob_path(&put->digest, path);
    CY_TRY(disk->ops->rename(disk->self, put->path, path));
    put->named = true;
    return disk->ops->sync_dir(disk->self, CY_BLOB_DIR);
}

/* Removes what an upload left. What cannot be removed the next start removes. */
static void clear(struct cy_blob_put *put)
{
    const struct cy_disk *disk = &put->store->disk;

    if (put->file >= 0)
        (void)disk->ops->close(disk->self, put->file);
    put->file = -1;
    if (!put->here && !put->named)
        (void)disk->ops->remove(disk->self, put->path);
}

cy_err cy_blob_put_end(struct cy_blob_put *put)
{
    const cy_err done = finish(put);

    if (!cy_ok(done))
        clear(put);
    settle(put, put->named); /* a file that has its name counts, so that it can be erased */
    return done;
}

void cy_blob_put_drop(struct cy_blob_put *put)
{
    if (put == NULL)
        return;
    clear(put);
    settle(put, false);
}

/* --- erasing --- */

/* Writes zeros over the head in place. Failing here must not keep the file: it goes either way. */
static void blank(const struct cy_disk *disk, const char *path, uint64_t size)
{
    static const uint8_t zeros[HEAD_MOST];
    const size_t n = size < sizeof zeros ? (size_t)size : sizeof zeros;
    int file = -1;

    if (!cy_ok(disk->ops->open(disk->self, path, CY_DISK_WRITE, &file)))
        return;
    if (cy_ok(disk->ops->write(disk->self, file, 0, cy_span_of(zeros, n))))
        (void)disk->ops->sync(disk->self, file);
    (void)disk->ops->close(disk->self, file);
}

cy_err cy_blob_store_erase(struct cy_blob_store *store, const struct cy_id *digest)
{
    const struct cy_disk *disk = &store->disk;
    const struct held *held = NULL;
    char path[CY_PATH_MAX];
    uint64_t bytes = 0;
    bool here = false;
    uint32_t slot = 0;
    cy_err removed = CY_OK;

    cy_blob_path(digest, path);
    lock(store);
    held = cy_table_get(&store->table, digest);
    here = held != NULL;
    bytes = here ? held->bytes : 0;
    unlock(store);
    if (!here)
        return CY_OK;
    blank(disk, path, bytes);
    removed = disk->ops->remove(disk->self, path);
    if (!cy_ok(removed) && removed.code != CY_E_NO_FILE)
        return removed;
    CY_TRY(disk->ops->sync_dir(disk->self, CY_BLOB_DIR));
    lock(store);
    slot = cy_table_find(&store->table, digest);
    if (slot != CY_TABLE_NONE) {
        cy_table_remove(&store->table, slot);
        store->bytes -= bytes;
    }
    unlock(store);
    return CY_OK;
}

#include "host/audit/source_disk.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FILE_MAX ((size_t)CY_TILE_WIDTH * (CY_ENTRY_MAX + 2u))

/* The first `width` entries, or hashes, of a tile that may hold more. */
static size_t cut_to(const struct cy_tile *tile, const uint8_t *bytes, size_t n)
{
    struct cy_span rest = cy_span_of(bytes, n);
    struct cy_span entry;

    if (tile->level != CY_TILE_ENTRIES)
        return n < tile->width * sizeof(struct cy_id) ? n : tile->width * sizeof(struct cy_id);
    for (uint32_t i = 0; i < tile->width; i++) {
        if (!cy_ok(cy_bundle_next(&rest, &entry)))
            return n;
    }
    return n - rest.n;
}

static cy_err fetch(struct cy_source_disk *disk, const char *path, uint8_t *out, size_t *n)
{
    char got[CY_TILE_PATH_MAX];
    struct cy_tile tile;

    if (!cy_ok(cy_tile_read(cy_span_text(path), &tile)))
        return cy_audit_source_read(disk->source, path, out, FILE_MAX, n);
    CY_TRY(cy_audit_source_tile(disk->source, &tile, got, out, FILE_MAX, n));
    *n = cut_to(&tile, out, *n);
    return CY_OK;
}

static cy_err open_file(void *self, const char *path, unsigned flags, int *file)
{
    struct cy_source_disk *disk = self;
    uint8_t *bytes = NULL;
    size_t n = 0;
    int slot = 0;
    cy_err err = CY_OK;

    if (flags != 0)
        return cy_fail(CY_E_DISK_FAILED, 0);
    while (slot < (int)CY_SOURCE_FILES && disk->files[slot].bytes != NULL)
        slot++;
    bytes = slot == (int)CY_SOURCE_FILES ? NULL : malloc(FILE_MAX);
    if (bytes == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    err = fetch(disk, path, bytes, &n);
    if (!cy_ok(err)) {
        if (err.code != CY_E_NO_FILE)
            disk->err = err;
        free(bytes);
        return err;
    }
    disk->files[slot].bytes = bytes;
    disk->files[slot].n = n;
    *file = slot;
    return CY_OK;
}

static cy_err close_file(void *self, int file)
{
    struct cy_source_disk *disk = self;

    free(disk->files[file].bytes);
    disk->files[file].bytes = NULL;
    return CY_OK;
}

static cy_err read_file(void *self, int file, uint64_t offset, uint8_t *out, size_t cap, size_t *n)
{
    const struct cy_source_disk *disk = self;
    const size_t have = disk->files[file].n;

    *n = offset >= have ? 0 : have - (size_t)offset;
    *n = *n < cap ? *n : cap;
    if (*n > 0)
        memcpy(out, disk->files[file].bytes + offset, *n);
    return CY_OK;
}

static cy_err size_of(void *self, int file, uint64_t *size)
{
    *size = ((const struct cy_source_disk *)self)->files[file].n;
    return CY_OK;
}

static cy_err refuse(void)
{
    return cy_fail(CY_E_DISK_FAILED, 0);
}

static cy_err no_write(void *self, int file, uint64_t offset, struct cy_span bytes)
{
    (void)self;
    (void)file;
    (void)offset;
    (void)bytes;
    return refuse();
}

static cy_err no_truncate(void *self, int file, uint64_t size)
{
    (void)self;
    (void)file;
    (void)size;
    return refuse();
}

static cy_err no_sync(void *self, int file)
{
    (void)self;
    (void)file;
    return CY_OK;
}

static cy_err no_rename(void *self, const char *from, const char *to)
{
    (void)self;
    (void)from;
    (void)to;
    return refuse();
}

static cy_err no_remove(void *self, const char *path)
{
    (void)self;
    (void)path;
    return refuse();
}

static cy_err nothing(void *self, const char *path)
{
    (void)self;
    (void)path;
    return CY_OK;
}

static cy_err no_list(void *self, const char *path, cy_disk_seen *seen, void *user)
{
    (void)self;
    (void)path;
    (void)seen;
    (void)user;
    return refuse();
}

static cy_err no_lock(void *self)
{
    (void)self;
    return refuse();
}

static void no_unlock(void *self)
{
    (void)self;
}

struct cy_disk cy_source_disk(struct cy_source_disk *disk)
{
    static const struct cy_disk_ops ops = {.open = open_file,
                                           .close = close_file,
                                           .read = read_file,
                                           .write = no_write,
                                           .truncate = no_truncate,
                                           .sync = no_sync,
                                           .size = size_of,
                                           .rename = no_rename,
                                           .remove = no_remove,
                                           .make_dir = nothing,
                                           .sync_dir = nothing,
                                           .list = no_list,
                                           .lock = no_lock,
                                           .unlock = no_unlock};

    return (struct cy_disk){&ops, disk};
}

cy_err cy_source_tree_open(struct cy_source_tree *tree, struct cy_audit_source *source,
                           uint64_t size, const struct cy_id *root)
{
    struct cy_disk_fault fault;
    struct cy_disk disk;
    struct cy_arena arena;
    cy_err err = CY_OK;

    *tree = (struct cy_source_tree){.disk = {.source = source}};
    disk = cy_source_disk(&tree->disk);
    tree->memory_n = cy_tree_bytes(CY_TREE_STAGE_MIN);
    tree->memory = mmap(NULL, tree->memory_n, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (tree->memory == MAP_FAILED)
        return cy_fail(CY_E_NO_MEMORY, 0);
    arena = cy_arena_on(tree->memory, tree->memory_n);
    err = cy_tree_open(&tree->tree, &disk, CY_TREE_STAGE_MIN, &arena, size, root, &fault);
    return cy_ok(err) || cy_ok(tree->disk.err) ? err : tree->disk.err;
}

void cy_source_tree_close(struct cy_source_tree *tree)
{
    for (size_t i = 0; i < CY_SOURCE_FILES; i++)
        free(tree->disk.files[i].bytes);
    if (tree->memory != NULL && tree->memory != MAP_FAILED)
        (void)munmap(tree->memory, tree->memory_n);
    *tree = (struct cy_source_tree){.memory = NULL};
}

cy_err cy_source_tree_follows(struct cy_source_tree *tree, uint64_t size, const struct cy_id *root)
{
    struct cy_disk_fault fault;
    struct cy_id there;
    cy_err err = CY_OK;

    if (size == 0)
        return CY_OK;
    if (size > cy_tree_flushed(&tree->tree))
        return cy_fail(CY_E_HEAD_FORK, size);
    err = cy_tree_root_at(&tree->tree, size, &there, &fault);
    if (!cy_ok(err))
        return cy_ok(tree->disk.err) ? err : tree->disk.err;
    return cy_id_eq(&there, root) ? CY_OK : cy_fail(CY_E_HEAD_FORK, size);
}

#include "ledger/disk.h"

cy_err cy_disk_fault_at(struct cy_disk_fault *fault, const char *path, uint64_t offset,
                        enum cy_code code)
{
    if (fault != NULL) {
        struct cy_text text = cy_text_on(fault->path, sizeof fault->path);

        cy_text_add(&text, path);
        fault->offset = offset;
    }
    return cy_fail(code, offset);
}

void cy_disk_parent(const char *path, char out[static CY_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    struct cy_text text = cy_text_on(out, CY_PATH_MAX);

    if (slash != NULL)
        cy_text_span(&text, cy_span_of(path, (size_t)(slash - path)));
}

cy_err cy_disk_make_dirs(const struct cy_disk *disk, const char *path)
{
    char part[CY_PATH_MAX];
    char parent[CY_PATH_MAX];

    for (size_t i = 1; path[0] != 0; i++) {
        struct cy_text text = cy_text_on(part, sizeof part);

        CY_ASSERT(i < sizeof part);
        if (path[i] != '/' && path[i] != 0)
            continue;
        cy_text_span(&text, cy_span_of(path, i));
        CY_TRY(disk->ops->make_dir(disk->self, part));
        cy_disk_parent(part, parent);
        CY_TRY(disk->ops->sync_dir(disk->self, parent));
        if (path[i] == 0)
            break;
    }
    return CY_OK;
}

static cy_err read_open(const struct cy_disk *disk, int file, uint8_t *out, size_t cap, size_t *n)
{
    uint64_t size = 0;

    CY_TRY(disk->ops->size(disk->self, file, &size));
    if (size > cap)
        return cy_fail(CY_E_TOO_LARGE, size);
    return disk->ops->read(disk->self, file, 0, out, (size_t)size, n);
}

cy_err cy_disk_read_all(const struct cy_disk *disk, const char *path, uint8_t *out, size_t cap,
                        size_t *n)
{
    int file = -1;
    cy_err done = CY_OK;
    cy_err closed = CY_OK;

    *n = 0;
    CY_TRY(disk->ops->open(disk->self, path, 0, &file));
    done = read_open(disk, file, out, cap, n);
    closed = disk->ops->close(disk->self, file);
    return cy_ok(done) ? closed : done;
}

cy_err cy_disk_put(const struct cy_disk *disk, const char *path, const char *fresh,
                   struct cy_span bytes)
{
    int file = -1;
    cy_err done = CY_OK;
    cy_err closed = CY_OK;

    CY_TRY(
        disk->ops->open(disk->self, fresh, CY_DISK_WRITE | CY_DISK_CREATE | CY_DISK_EMPTY, &file));
    done = disk->ops->write(disk->self, file, 0, bytes);
    if (cy_ok(done))
        done = disk->ops->sync(disk->self, file);
    closed = disk->ops->close(disk->self, file);
    CY_TRY(done);
    CY_TRY(closed);
    return disk->ops->rename(disk->self, fresh, path);
}

cy_err cy_disk_replace(const struct cy_disk *disk, const char *path, const char *fresh,
                       struct cy_span bytes)
{
    char parent[CY_PATH_MAX];

    CY_TRY(cy_disk_put(disk, path, fresh, bytes));
    cy_disk_parent(path, parent);
    return disk->ops->sync_dir(disk->self, parent);
}

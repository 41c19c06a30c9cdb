#include "host/backup/staging.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER ".restore"
#define CLIENT_MAX 8192u

struct cy_staging {
    int lock;
    bool made; /* DIR.part is ours */
    char dir[PATH_MAX];
    char part[PATH_MAX];
    char why[512];
};

static cy_err trouble(int why)
{
    return cy_fail(why == ENOSPC || why == EDQUOT || why == EFBIG ? CY_E_BACKUP_FULL
                                                                  : CY_E_DISK_FAILED,
                   (uint64_t)why);
}

static cy_err about(struct cy_staging *staging, const char *path)
{
    const int why = errno;

    (void)snprintf(staging->why, sizeof staging->why, "%.400s: %s", path, strerror(why));
    return trouble(why);
}

/* --- is the place free? --- */

/* 0 absent, 1 empty, 2 holds something, -1 no directory. */
static int look(const char *dir)
{
    DIR *list = opendir(dir);
    struct dirent *entry = NULL;
    int found = 1;

    if (list == NULL)
        return errno == ENOENT ? 0 : -1;
    while (found == 1 && (entry = readdir(list)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            found = 2;
    }
    (void)closedir(list);
    return found;
}

/* The realm named in a directory's client.conf; false: none. */
static bool realm_of(const char *dir, struct cy_id *out)
{
    char path[PATH_MAX];
    char text[CLIENT_MAX + 1];
    const char *at = NULL;
    FILE *file = NULL;
    size_t n = 0;

    if ((size_t)snprintf(path, sizeof path, "%s/client.conf", dir) >= sizeof path)
        return false;
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    n = fread(text, 1, CLIENT_MAX, file);
    (void)fclose(file);
    text[n] = 0;
    at = strstr(text, "realm = \"");
    return at != NULL && strlen(at) > 9 + 64 &&
           cy_ok(cy_hex_read(cy_span_of(at + 9, 64), out->b, sizeof out->b));
}

static cy_err check_dir(const char *dir, const struct cy_id *realm, struct cy_text *why)
{
    const int found = look(dir);
    struct cy_id other;

    if (found == 0 || found == 1)
        return CY_OK;
    cy_text_add(why, dir);
    if (found > 0 && realm_of(dir, &other)) {
        if (!cy_id_eq(&other, realm)) {
            cy_text_add(why, " is the directory of another realm than the backup's");
            return cy_fail(CY_E_BACKUP_FOREIGN, 0);
        }
        cy_text_add(why, " holds this realm already; move it aside first, and keep it: it may be "
                         "newer than the backup");
        return cy_fail(CY_E_DIR_TAKEN, 0);
    }
    cy_text_add(why, found > 0 ? " is not empty" : " is no directory");
    return cy_fail(CY_E_DIR_TAKEN, 0);
}

/* --- making and removing --- */

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where)
{
    (void)found;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_tree(const char *dir)
{
    (void)nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static int open_marker(const struct cy_staging *staging, int flags)
{
    char path[PATH_MAX];

    if (!cy_ok(cy_staging_path(staging, MARKER, path)))
        return -1;
    return open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Removes what a restore that was cut off left; anything else of that name is not ours. */
static cy_err clear_part(struct cy_staging *staging, struct cy_text *why)
{
    const int found = look(staging->part);
    int fd = -1;

    if (found == 0)
        return CY_OK;
    fd = open_marker(staging, 0);
    if (found != 1 && fd < 0) {
        cy_text_add(why, staging->part);
        cy_text_add(why, " is in the way, and no restore has left it");
        return cy_fail(CY_E_DIR_TAKEN, 0);
    }
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        cy_text_add(why, staging->part);
        return cy_fail(CY_E_RESTORE_LEFT, 0);
    }
    remove_tree(staging->part);
    if (fd >= 0)
        (void)close(fd);
    return CY_OK;
}

static cy_err make_part(struct cy_staging *staging, struct cy_text *why)
{
    CY_TRY(clear_part(staging, why));
    if (mkdir(staging->part, 0700) == 0) {
        staging->made = true;
        staging->lock = open_marker(staging, O_CREAT | O_EXCL);
        if (staging->lock >= 0 && flock(staging->lock, LOCK_EX | LOCK_NB) == 0)
            return CY_OK;
    }
    {
        const cy_err err = about(staging, staging->part);

        cy_text_add(why, staging->why);
        return err;
    }
}

/* The absolute path; its last part may be absent, the rest must exist. */
static cy_err resolve(const char *dir, char out[static PATH_MAX], struct cy_text *why)
{
    char parent[PATH_MAX];
    char real[PATH_MAX];
    const char *name = NULL;
    size_t n = strlen(dir);

    while (n > 1 && dir[n - 1] == '/')
        n--;
    if (n == 0 || n >= sizeof parent - 8)
        return cy_fail(CY_E_TOO_LARGE, sizeof parent);
    (void)snprintf(parent, sizeof parent, "%.*s", (int)n, dir);
    name = strrchr(parent, '/');
    if (name == NULL) {
        if (realpath(".", real) == NULL)
            return trouble(errno);
        name = parent;
    } else {
        const size_t n_parent = (size_t)(name - parent);
        char above[PATH_MAX];

        (void)snprintf(above, sizeof above, "%.*s", n_parent == 0 ? 1 : (int)n_parent, parent);
        if (realpath(above, real) == NULL) {
            cy_text_add(why, above);
            cy_text_add(why, ": ");
            cy_text_add(why, strerror(errno));
            return errno == ENOENT ? cy_fail(CY_E_NO_FILE, 0) : trouble(errno);
        }
        name++;
    }
    if (name[0] == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        (size_t)snprintf(out, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) >=
            PATH_MAX - 8) {
        cy_text_add(why, "name the directory that shall be made");
        return cy_fail(CY_E_DIR_TAKEN, 0);
    }
    return CY_OK;
}

cy_err cy_staging_open(const char *dir, const struct cy_id *realm, struct cy_staging **out,
                       struct cy_text *why)
{
    struct cy_staging *staging = calloc(1, sizeof *staging);
    cy_err err = CY_OK;

    *out = NULL;
    if (staging == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    staging->lock = -1;
    err = resolve(dir, staging->dir, why);
    if (cy_ok(err))
        err = check_dir(staging->dir, realm, why);
    if (cy_ok(err)) {
        (void)snprintf(staging->part, sizeof staging->part, "%.4088s.part", staging->dir);
        err = make_part(staging, why);
    }
    if (!cy_ok(err)) {
        cy_staging_close(staging);
        return err;
    }
    *out = staging;
    return CY_OK;
}

void cy_staging_close(struct cy_staging *staging)
{
    if (staging == NULL)
        return;
    if (staging->made)
        remove_tree(staging->part);
    if (staging->lock >= 0)
        (void)close(staging->lock);
    free(staging);
}

const char *cy_staging_dir(const struct cy_staging *staging)
{
    return staging->dir;
}

const char *cy_staging_part(const struct cy_staging *staging)
{
    return staging->part;
}

const char *cy_staging_why(const struct cy_staging *staging)
{
    return staging->why;
}

/* --- files --- */

cy_err cy_staging_path(const struct cy_staging *staging, const char *name,
                       char out[static PATH_MAX])
{
    const int n = snprintf(out, PATH_MAX, "%s/%s", staging->part, name);

    return n > 0 && n < PATH_MAX ? CY_OK : cy_fail(CY_E_TOO_LARGE, PATH_MAX);
}

static cy_err make_dirs(struct cy_staging *staging, char *path)
{
    for (char *c = path + strlen(staging->part) + 1; *c != 0; c++) {
        if (*c != '/')
            continue;
        *c = 0;
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return about(staging, path);
        *c = '/';
    }
    return CY_OK;
}

static cy_err create(struct cy_staging *staging, const char *name, uint32_t mode, int *fd)
{
    char path[PATH_MAX];

    CY_TRY(cy_staging_path(staging, name, path));
    CY_TRY(make_dirs(staging, path));
    *fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode & 0777u);
    if (*fd < 0)
        return errno == EEXIST ? cy_fail(CY_E_BACKUP_CONTENT, 0) : about(staging, path);
    return fchmod(*fd, (mode_t)mode & 0777u) == 0 ? CY_OK : about(staging, path);
}

cy_err cy_staging_write(int fd, struct cy_span bytes)
{
    while (bytes.n > 0) {
        const ssize_t n = write(fd, bytes.at, bytes.n);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return trouble(n == 0 ? ENOSPC : errno);
        bytes = cy_span_of(bytes.at + n, bytes.n - (size_t)n);
    }
    return CY_OK;
}

cy_err cy_staging_file(struct cy_staging *staging, const char *name, uint32_t mode,
                       struct cy_span bytes)
{
    int fd = -1;
    cy_err err = create(staging, name, mode, &fd);

    if (cy_ok(err))
        err = cy_staging_write(fd, bytes);
    if (fd >= 0 && close(fd) != 0 && cy_ok(err))
        err = about(staging, name);
    return err;
}

static void blob_name(const struct cy_id *digest, char out[static 80])
{
    memcpy(out, "data/blobs/", 11);
    cy_hex(digest->b, sizeof digest->b, out + 11);
}

cy_err cy_staging_blob(struct cy_staging *staging, const struct cy_id *digest, int *fd)
{
    char name[80];

    blob_name(digest, name);
    return create(staging, name, 0640, fd);
}

cy_err cy_staging_blob_end(struct cy_staging *staging, const struct cy_id *digest, int fd,
                           bool good)
{
    char name[80];
    char path[PATH_MAX];

    blob_name(digest, name);
    CY_TRY(cy_staging_path(staging, name, path));
    if (close(fd) != 0 || (!good && unlink(path) != 0))
        return about(staging, path);
    return CY_OK;
}

static cy_err sync_parent(struct cy_staging *staging)
{
    char above[PATH_MAX];
    const char *slash = strrchr(staging->dir, '/');
    int fd = -1;
    int done = -1;

    (void)snprintf(above, sizeof above, "%.*s",
                   slash == staging->dir ? 1 : (int)(slash - staging->dir), staging->dir);
    fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        done = fsync(fd);
        (void)close(fd);
    }
    return done == 0 ? CY_OK : about(staging, above);
}

cy_err cy_staging_finish(struct cy_staging *staging)
{
    char marker[PATH_MAX];

    CY_TRY(cy_staging_path(staging, MARKER, marker));
    if (syncfs(staging->lock) != 0) /* every file of it, and their names */
        return about(staging, staging->part);
    if (rename(staging->part, staging->dir) != 0)
        return about(staging, staging->dir);
    staging->made = false;
    (void)snprintf(marker, sizeof marker, "%.4080s/%s", staging->dir, MARKER);
    (void)unlink(marker);
    return sync_parent(staging);
}

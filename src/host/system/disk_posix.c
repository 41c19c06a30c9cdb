#include "host/system/disk_posix.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_NAME ".lock"
#define FLUSHES 8u /* of which the mean is taken */

/* A long write goes to the disk past the system's cache of pages: what is flushed at once and
 * seldom read soon needs no copy there, and fresh pages for it cost more than the copy. What is not
 * whole blocks, at both ends, goes through the cache, and so does everything where the file system
 * refuses. */
#define DIRECT_LEAST ((size_t)1 << 20)
#define DIRECT_BLOCK ((size_t)4096)
#define DIRECT_ROOM ((size_t)4 << 20)

struct cy_disk_posix {
    int root;
    int lock;
    pthread_mutex_t guard; /* of message: files are used from several threads */
    char message[256];
    uint64_t sync_us; /* mean of the last flushes; atomic */
    pthread_mutex_t direct;
    uint8_t *room; /* DIRECT_ROOM bytes, aligned: what goes past the cache; under `direct` */
};

static enum cy_code code_of(int reason)
{
    switch (reason) {
    case ENOENT:
    case ENOTDIR: return CY_E_NO_FILE;
    case ENOSPC:
    case EDQUOT: return CY_E_NO_SPACE;
    case EMFILE:
    case ENFILE: return CY_E_NO_ROOM;
    case ENOMEM: return CY_E_NO_MEMORY;
    default: return CY_E_DISK_FAILED;
    }
}

/* Keeps the words for the log and returns the code. */
static cy_err failed_as(struct cy_disk_posix *posix, const char *call, const char *path, int reason,
                        enum cy_code code)
{
    char words[96];

    (void)pthread_mutex_lock(&posix->guard);
    (void)snprintf(posix->message, sizeof posix->message, "%s %s: %s", call, path,
                   strerror_r(reason, words, sizeof words));
    (void)pthread_mutex_unlock(&posix->guard);
    return cy_fail(code, (uint64_t)reason);
}

static cy_err failed(struct cy_disk_posix *posix, const char *call, const char *path, int reason)
{
    return failed_as(posix, call, path, reason, code_of(reason));
}

static cy_err file_failed(struct cy_disk_posix *posix, const char *call, int file, int reason,
                          enum cy_code code)
{
    char link[48];
    char path[128];
    ssize_t n = 0;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return failed_as(posix, call, path, reason, code);
}

/* A path of the ledger: relative, no empty, "." or ".." parts. */
static bool path_ok(const char *path)
{
    for (const char *part = path;;) {
        const char *end = strchrnul(part, '/');
        const size_t n = (size_t)(end - part);

        if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        if (*end == 0)
            return end - path < CY_PATH_MAX;
        part = end + 1;
    }
}

static cy_err disk_open(void *self, const char *path, unsigned flags, int *file)
{
    struct cy_disk_posix *posix = self;
    int how = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;

    how |= (flags & CY_DISK_WRITE) != 0 ? O_RDWR : O_RDONLY;
    how |= (flags & CY_DISK_CREATE) != 0 ? O_CREAT : 0;
    how |= (flags & CY_DISK_EMPTY) != 0 ? O_TRUNC : 0;
    if (!path_ok(path))
        return failed(posix, "open", path, ENOENT);
    do {
        *file = openat(posix->root, path, how, 0640);
    } while (*file < 0 && errno == EINTR);
    return *file < 0 ? failed(posix, "open", path, errno) : CY_OK;
}

static cy_err disk_close(void *self, int file)
{
    /* After EINTR the descriptor is gone on Linux: never closed twice. */
    if (close(file) != 0 && errno != EINTR)
        return failed_as(self, "close", "", errno, CY_E_DISK_FAILED);
    return CY_OK;
}

static cy_err disk_read(void *self, int file, uint64_t offset, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    while (*n < cap) {
        const ssize_t got = pread(file, out + *n, cap - *n, (off_t)(offset + *n));

        if (got == 0)
            break;
        if (got > 0)
            *n += (size_t)got;
        else if (errno != EINTR)
            return file_failed(self, "read", file, errno, CY_E_DISK_FAILED);
    }
    return CY_OK;
}

/* Writes whole blocks past the cache, as far as that goes; returns how many bytes. offset is one of
 * a block. */
static size_t write_blocks(struct cy_disk_posix *posix, int file, uint64_t offset,
                           struct cy_span bytes)
{
    size_t done = 0;

    while (bytes.n - done >= DIRECT_BLOCK) {
        const size_t left = (bytes.n - done) / DIRECT_BLOCK * DIRECT_BLOCK;
        const size_t n = left < DIRECT_ROOM ? left : DIRECT_ROOM;
        ssize_t put = 0;

        memcpy(posix->room, bytes.at + done, n);
        put = pwrite(file, posix->room, n, (off_t)(offset + done));
        if (put <= 0 || (size_t)put % DIRECT_BLOCK != 0)
            break; /* the rest is written, or refused, in the other way */
        done += (size_t)put;
    }
    return done;
}

static size_t write_direct(struct cy_disk_posix *posix, int file, uint64_t offset,
                           struct cy_span bytes)
{
    const int how = fcntl(file, F_GETFL);
    size_t done = 0;

    if (how < 0 || pthread_mutex_trylock(&posix->direct) != 0)
        return 0; /* another thread writes something long */
    if (fcntl(file, F_SETFL, how | O_DIRECT) == 0) {
        done = write_blocks(posix, file, offset, bytes);
        CY_ASSERT(fcntl(file, F_SETFL, how) == 0);
    }
    (void)pthread_mutex_unlock(&posix->direct);
    return done;
}

static cy_err write_cached(struct cy_disk_posix *posix, int file, uint64_t offset,
                           struct cy_span bytes)
{
    size_t done = 0;

    while (done < bytes.n) {
        const ssize_t put = pwrite(file, bytes.at + done, bytes.n - done, (off_t)(offset + done));

        if (put > 0)
            done += (size_t)put;
        else if (put == 0)
            return file_failed(posix, "write", file, EIO, CY_E_DISK_FAILED);
        else if (errno != EINTR)
            return file_failed(posix, "write", file, errno, code_of(errno));
    }
    return CY_OK;
}

static cy_err disk_write(void *self, int file, uint64_t offset, struct cy_span bytes)
{
    const size_t head = (size_t)((DIRECT_BLOCK - offset % DIRECT_BLOCK) % DIRECT_BLOCK);
    size_t done = 0;

    if (bytes.n >= DIRECT_LEAST) {
        CY_TRY(write_cached(self, file, offset, cy_span_of(bytes.at, head)));
        done = head +
               write_direct(self, file, offset + head, cy_span_of(bytes.at + head, bytes.n - head));
    }
    return write_cached(self, file, offset + done, cy_span_of(bytes.at + done, bytes.n - done));
}

static cy_err disk_truncate(void *self, int file, uint64_t size)
{
    while (ftruncate(file, (off_t)size) != 0) {
        if (errno != EINTR)
            return file_failed(self, "truncate", file, errno, code_of(errno));
    }
    return CY_OK;
}

static uint64_t now_us(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000u + (uint64_t)at.tv_nsec / 1000u;
}

/* An old flush counts less with each that follows; one that another thread overwrites is no loss.
 */
static void flushed(struct cy_disk_posix *posix, uint64_t us)
{
    const uint64_t mean = __atomic_load_n(&posix->sync_us, __ATOMIC_RELAXED);

    __atomic_store_n(&posix->sync_us, mean - mean / FLUSHES + us / FLUSHES, __ATOMIC_RELAXED);
}

uint64_t cy_disk_posix_sync_us(const struct cy_disk_posix *posix)
{
    return __atomic_load_n(&posix->sync_us, __ATOMIC_RELAXED);
}

static cy_err disk_sync(void *self, int file)
{
    const uint64_t began_us = now_us();

    /* One try. The kernel may have dropped the dirty pages: a second call would report success. */
    if (fdatasync(file) != 0)
        return file_failed(self, "fdatasync", file, errno, CY_E_DISK_FAILED);
    flushed(self, now_us() - began_us);
    return CY_OK;
}

static cy_err disk_size(void *self, int file, uint64_t *size)
{
    struct stat stat;

    if (fstat(file, &stat) != 0)
        return file_failed(self, "stat", file, errno, CY_E_DISK_FAILED);
    *size = (uint64_t)stat.st_size;
    return CY_OK;
}

static cy_err disk_rename(void *self, const char *from, const char *to)
{
    struct cy_disk_posix *posix = self;

    if (!path_ok(from) || !path_ok(to))
        return failed(posix, "rename", from, ENOENT);
    if (renameat(posix->root, from, posix->root, to) != 0)
        return failed(posix, "rename", from, errno);
    return CY_OK;
}

static cy_err disk_remove(void *self, const char *path)
{
    struct cy_disk_posix *posix = self;

    if (!path_ok(path))
        return failed(posix, "remove", path, ENOENT);
    if (unlinkat(posix->root, path, 0) == 0)
        return CY_OK;
    if ((errno == EISDIR || errno == EPERM) && unlinkat(posix->root, path, AT_REMOVEDIR) == 0)
        return CY_OK;
    return failed(posix, "remove", path, errno);
}

static cy_err disk_make_dir(void *self, const char *path)
{
    struct cy_disk_posix *posix = self;
    struct stat stat;

    if (!path_ok(path))
        return failed(posix, "mkdir", path, ENOENT);
    if (mkdirat(posix->root, path, 0750) == 0)
        return CY_OK;
    if (errno != EEXIST)
        return failed(posix, "mkdir", path, errno);
    if (fstatat(posix->root, path, &stat, 0) != 0 || !S_ISDIR(stat.st_mode))
        return failed_as(posix, "mkdir", path, ENOTDIR, CY_E_DISK_FAILED);
    return CY_OK;
}

static cy_err open_dir(struct cy_disk_posix *posix, const char *path, int *file)
{
    if (path[0] != 0 && !path_ok(path))
        return failed(posix, "open", path, ENOENT);
    *file = openat(posix->root, path[0] == 0 ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *file < 0 ? failed(posix, "open", path, errno) : CY_OK;
}

static cy_err disk_sync_dir(void *self, const char *path)
{
    struct cy_disk_posix *posix = self;
    cy_err done = CY_OK;
    int file = -1;

    CY_TRY(open_dir(posix, path, &file));
    if (fsync(file) != 0)
        done = failed_as(posix, "fsync of directory", path, errno, CY_E_DISK_FAILED);
    (void)close(file);
    return done;
}

static cy_err disk_list(void *self, const char *path, cy_disk_seen *seen, void *user)
{
    struct cy_disk_posix *posix = self;
    const struct dirent *entry = NULL;
    cy_err done = CY_OK;
    DIR *dir = NULL;
    int file = -1;

    CY_TRY(open_dir(posix, path, &file));
    dir = fdopendir(file);
    if (dir == NULL) {
        done = failed(posix, "list", path, errno);
        (void)close(file);
        return done;
    }
    while (cy_ok(done)) {
        errno = 0;
        entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0)
                done = failed_as(posix, "list", path, errno, CY_E_DISK_FAILED);
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            (path[0] == 0 && strcmp(entry->d_name, LOCK_NAME) == 0))
            continue;
        done = seen(user, entry->d_name);
    }
    (void)closedir(dir);
    return done;
}

static cy_err lock_held(struct cy_disk_posix *posix, int file)
{
    char pid[16] = "";
    ssize_t n = pread(file, pid, sizeof pid - 1, 0);

    n = n > 0 ? n : 0;
    pid[n] = 0;
    pid[strspn(pid, "0123456789")] = 0;
    (void)pthread_mutex_lock(&posix->guard);
    (void)snprintf(posix->message, sizeof posix->message,
                   "the ledger directory is locked by process %s", pid[0] != 0 ? pid : "(unknown)");
    (void)pthread_mutex_unlock(&posix->guard);
    return cy_fail(CY_E_LEDGER_BUSY, strtoul(pid, NULL, 10));
}

static cy_err disk_lock(void *self)
{
    struct cy_disk_posix *posix = self;
    cy_err done = CY_OK;
    char pid[16];
    int n = 0;
    int file = -1;

    if (posix->lock >= 0)
        return CY_OK;
    file = openat(posix->root, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0)
        return failed(posix, "open", LOCK_NAME, errno);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        done = errno == EWOULDBLOCK ? lock_held(posix, file)
                                    : failed_as(posix, "flock", LOCK_NAME, errno, CY_E_DISK_FAILED);
        (void)close(file);
        return done;
    }
    /* The number is for people; on a full disk the lock holds without it. */
    n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, pid, (size_t)n, 0) != n)
        (void)failed(posix, "write", LOCK_NAME, errno);
    posix->lock = file;
    return CY_OK;
}

static void disk_unlock(void *self)
{
    struct cy_disk_posix *posix = self;

    if (posix->lock < 0)
        return;
    if (ftruncate(posix->lock, 0) != 0)
        (void)failed(posix, "truncate", LOCK_NAME,
                     errno); /* the number is stale, the lock is not */
    (void)close(posix->lock);
    posix->lock = -1;
}

static const struct cy_disk_ops ops = {
    .open = disk_open,
    .close = disk_close,
    .read = disk_read,
    .write = disk_write,
    .truncate = disk_truncate,
    .sync = disk_sync,
    .size = disk_size,
    .rename = disk_rename,
    .remove = disk_remove,
    .make_dir = disk_make_dir,
    .sync_dir = disk_sync_dir,
    .list = disk_list,
    .lock = disk_lock,
    .unlock = disk_unlock,
};

static cy_err open_root(const char *directory, bool make, int *root)
{
    if (make && mkdir(directory, 0750) != 0 && errno != EEXIST)
        return cy_fail(code_of(errno), (uint64_t)errno);
    *root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *root < 0 ? cy_fail(code_of(errno), (uint64_t)errno) : CY_OK;
}

cy_err cy_disk_posix_open(const char *directory, bool make, struct cy_disk_posix **out)
{
    struct cy_disk_posix *posix = NULL;
    int root = -1;

    *out = NULL;
    CY_TRY(open_root(directory, make, &root));
    posix = calloc(1, sizeof *posix);
    if (posix != NULL)
        posix->room = aligned_alloc(DIRECT_BLOCK, DIRECT_ROOM);
    if (posix == NULL || posix->room == NULL) {
        free(posix);
        (void)close(root);
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    (void)pthread_mutex_init(&posix->direct, NULL);
    posix->root = root;
    posix->lock = -1;
    (void)pthread_mutex_init(&posix->guard, NULL);
    *out = posix;
    return CY_OK;
}

void cy_disk_posix_close(struct cy_disk_posix *posix)
{
    if (posix == NULL)
        return;
    disk_unlock(posix);
    (void)close(posix->root);
    (void)pthread_mutex_destroy(&posix->direct);
    (void)pthread_mutex_destroy(&posix->guard);
    free(posix->room);
    free(posix);
}

struct cy_disk cy_disk_posix_disk(struct cy_disk_posix *posix)
{
    return (struct cy_disk){&ops, posix};
}

int cy_disk_posix_root(const struct cy_disk_posix *posix)
{
    return posix->root;
}

void cy_disk_posix_message(struct cy_disk_posix *posix, struct cy_text *out)
{
    (void)pthread_mutex_lock(&posix->guard);
    cy_text_add(out, posix->message);
    (void)pthread_mutex_unlock(&posix->guard);
}

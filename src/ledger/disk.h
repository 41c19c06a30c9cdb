/* disk: the disk as the ledger sees it, handed in from outside.
 *
 * The ledger never calls the operating system. host/ gives it a real directory, sim/ gives it one
 * in memory that loses power, runs full and flips bits. All paths are relative to the ledger
 * directory, use '/', never begin with it, and hold no "." or ".." parts; the directory itself is
 * "".
 *
 * What survives a power cut, and nothing else:
 *     bytes of a file      after sync (fdatasync) of that file
 *     a name in a directory (created, renamed, removed)      after sync_dir of that directory
 * A rename is atomic: after a cut the new name means the whole old file or the whole new one.
 *
 * Errors: NO_FILE (no such file), NO_SPACE (soft: nothing is lost, retry after making room),
 * DISK_FAILED (hard: stop writing, reopen), LEDGER_BUSY (another process holds the lock). A failed
 * sync is always hard: what the kernel dropped cannot be asked for a second time.
 *
 * Owns: the table of disk calls, and what is built from them alone. Never: allocates, keeps state.
 */
#ifndef CY_LEDGER_DISK_H
#define CY_LEDGER_DISK_H

#include "base/text.h"

/* Longest path with its 0. */
#define CY_PATH_MAX 112

/* Flags of open. */
#define CY_DISK_WRITE 1u  /* for reading and writing; without it reading only */
#define CY_DISK_CREATE 2u /* make the file when it is absent (needs WRITE) */
#define CY_DISK_EMPTY 4u  /* cut it to 0 bytes (needs WRITE) */

/* Directory for files that are being written and will be renamed to their place. */
#define CY_DISK_FRESH "fresh"

/* Where something is wrong: which file, at which byte. */
struct cy_disk_fault {
    char path[CY_PATH_MAX];
    uint64_t offset;
};

/* Called for each name of a listed directory, without the directory's own path. Order is not
 * defined. An error ends the listing and is returned by it. */
typedef cy_err cy_disk_seen(void *user, const char *name);

/* Files are small non-negative numbers that the disk hands out. Calls about different files may
 * come from different threads at once; calls about one file may not. */
struct cy_disk_ops {
    /* open: NO_FILE when absent without CREATE, or when the directory is absent. */
    cy_err (*open)(void *self, const char *path, unsigned flags, int *file);
    cy_err (*close)(void *self, int file);
    /* read up to cap bytes at offset; *n < cap only at the end of the file (0 past it). */
    cy_err (*read)(void *self, int file, uint64_t offset, uint8_t *out, size_t cap, size_t *n);
    /* write all bytes at offset or fail; after a failure any part of them may be there. A gap past
     * the end reads as zeros. */
    cy_err (*write)(void *self, int file, uint64_t offset, struct cy_span bytes);
    cy_err (*truncate)(void *self, int file, uint64_t size);
    /* sync: contents and size are durable when it returns (fdatasync). Never NO_SPACE. */
    cy_err (*sync)(void *self, int file);
    cy_err (*size)(void *self, int file, uint64_t *size);
    /* rename replaces `to` when it exists. NO_FILE when `from` is absent. */
    cy_err (*rename)(void *self, const char *from, const char *to);
    /* remove a file, or a directory that is empty (DISK_FAILED when it is not). */
    cy_err (*remove)(void *self, const char *path);
    /* make_dir makes one directory; an existing one is fine. NO_FILE when its parent is absent. */
    cy_err (*make_dir)(void *self, const char *path);
    cy_err (*sync_dir)(void *self, const char *path);
    cy_err (*list)(void *self, const char *path, cy_disk_seen *seen, void *user);
    /* lock: this process alone may write below the directory, until unlock or its end. */
    cy_err (*lock)(void *self);
    void (*unlock)(void *self);
};

struct cy_disk {
    const struct cy_disk_ops *ops;
    void *self;
};

/* cy_disk_fault_at remembers a place in fault (NULL: does nothing) and returns the error itself. */
cy_err cy_disk_fault_at(struct cy_disk_fault *fault, const char *path, uint64_t offset,
                        enum cy_code code);

/* cy_disk_parent writes the directory part of path ("" at the top). */
void cy_disk_parent(const char *path, char out[static CY_PATH_MAX]);

/* cy_disk_make_dirs makes the directory and all above it, and makes their names durable. */
CY_MUST_USE cy_err cy_disk_make_dirs(const struct cy_disk *disk, const char *path);

/* cy_disk_read_all reads a whole file of at most cap bytes. Fails with NO_FILE, TOO_LARGE (detail:
 * the file's size) or trouble. */
CY_MUST_USE cy_err cy_disk_read_all(const struct cy_disk *disk, const char *path, uint8_t *out,
                                    size_t cap, size_t *n);

/* cy_disk_put writes a new file beside (path `fresh`, on the same disk), syncs it and renames it to
 * path. The name is durable only after a sync_dir of path's directory: see cy_disk_replace. The
 * directory of path must exist (NO_FILE). */
CY_MUST_USE cy_err cy_disk_put(const struct cy_disk *disk, const char *path, const char *fresh,
                               struct cy_span bytes);

/* cy_disk_replace: cy_disk_put followed by sync_dir. After it, or after a power cut at any point
 * during it, path is the old file or the new one, whole. */
CY_MUST_USE cy_err cy_disk_replace(const struct cy_disk *disk, const char *path, const char *fresh,
                                   struct cy_span bytes);

#endif

/* disk_posix: the ledger's disk on a real directory.
 *
 * The calls of ledger/disk.h by openat and its friends below one open directory, so that a
 * directory that is moved or replaced under a running daemon does not split the ledger. The last
 * part of a path is never followed when it is a symbolic link.
 *
 * The table of calls returns codes only; which call failed on which path with which errno is kept
 * here for the log (cy_disk_posix_message).
 *
 * Owns: the open directory and the lock file ".lock" in it, which holds the writer's process
 * number. Never: retries a failed flush. */
#ifndef CY_HOST_SYSTEM_DISK_POSIX_H
#define CY_HOST_SYSTEM_DISK_POSIX_H

#include "ledger/disk.h"

#define CY_FLUSH_SLOW_MS 100 /* a flush that takes so long holds a member of a federation back */

struct cy_disk_posix;

/* cy_disk_posix_open opens the directory; with `make` it is made (mode 0750) when absent, its
 * parent must exist. Fails with NO_FILE, NO_SPACE, NO_MEMORY or DISK_FAILED; errno is that of the
 * call. */
CY_MUST_USE cy_err cy_disk_posix_open(const char *directory, bool make, struct cy_disk_posix **out);

/* cy_disk_posix_close releases the lock and the directory. NULL does nothing. */
void cy_disk_posix_close(struct cy_disk_posix *posix);

/* cy_disk_posix_disk is what the ledger takes. Valid until close. */
struct cy_disk cy_disk_posix_disk(struct cy_disk_posix *posix);

/* cy_disk_posix_root is the directory's descriptor, for serving files from it. */
int cy_disk_posix_root(const struct cy_disk_posix *posix);

/* cy_disk_posix_sync_us is how long a flush of a file took lately: a mean, in microseconds; 0
 * before the first. Any thread. */
uint64_t cy_disk_posix_sync_us(const struct cy_disk_posix *posix);

/* cy_disk_posix_message writes the last failure in words: call, path, reason of the system; for a
 * held lock the process number of the holder. Empty when nothing failed. */
void cy_disk_posix_message(struct cy_disk_posix *posix, struct cy_text *out);

#endif

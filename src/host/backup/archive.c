#include "host/backup/archive.h"

#include "crypto/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "CYBACK1\n"
#define SEALED_PIECE (CY_ARCHIVE_PIECE + CY_STREAM_OVERHEAD)

/* What stands in locked memory. */
struct vault {
    uint8_t key[32]; /* of the file */
    struct cy_stream stream;
};

struct cy_archive_out {
    int fd;
    bool finished;
    bool begun; /* the first piece is written */
    char path[PATH_MAX];
    char part[PATH_MAX];
    struct cy_id digest; /* of the head */
    uint64_t bytes;
    size_t n;
    struct vault *vault;
    uint8_t plain[CY_ARCHIVE_PIECE];
    uint8_t piece[SEALED_PIECE];
};

struct cy_archive_in {
    int fd;
    bool unlocked;
    bool begun;
    bool last;
    uint64_t size;
    uint64_t at;   /* of the piece in plain */
    uint64_t next; /* of the piece to come */
    size_t n;
    size_t used;
    struct cy_archive_head head;
    struct vault *vault;
    uint8_t plain[CY_ARCHIVE_PIECE];
    uint8_t piece[SEALED_PIECE];
    uint8_t bytes[CY_ARCHIVE_HEAD_MAX];
};

static cy_err no_disk(int why)
{
    return cy_fail(why == ENOSPC || why == EDQUOT || why == EFBIG ? CY_E_BACKUP_FULL
                                                                  : CY_E_DISK_FAILED,
                   (uint64_t)why);
}

/* --- head --- */

static cy_err sizes_read(struct cy_span bytes, uint32_t *n_passphrase, uint32_t *n_sealed)
{
    if (bytes.n < 8 || memcmp(bytes.at, MAGIC, 8) != 0)
        return cy_fail(CY_E_BACKUP_FORMAT, 0);
    if (bytes.n < CY_ARCHIVE_FIXED)
        return cy_fail(CY_E_BACKUP_CUT, bytes.n);
    if (cy_get_u32be(bytes.at + 8) > CY_ARCHIVE_VERSION)
        return cy_fail(CY_E_BACKUP_NEWER, cy_get_u32be(bytes.at + 8));
    *n_passphrase = cy_get_u32be(bytes.at + 12);
    *n_sealed = cy_get_u32be(bytes.at + 16);
    if (cy_get_u32be(bytes.at + 8) == 0 ||
        (*n_passphrase != 0 && *n_passphrase != CY_ARCHIVE_PASSPHRASE) ||
        *n_sealed > CY_ARCHIVE_SEALED_MAX || (*n_passphrase == 0 && *n_sealed == 0))
        return cy_fail(CY_E_BACKUP_DAMAGED, 8);
    return CY_OK;
}

cy_err cy_archive_head_read(struct cy_span bytes, struct cy_archive_head *out)
{
    struct cy_seal_head seal;
    uint32_t n_passphrase = 0;
    uint32_t n_sealed = 0;
    size_t at = CY_ARCHIVE_FIXED;

    *out = (struct cy_archive_head){.n = 0};
    CY_TRY(sizes_read(bytes, &n_passphrase, &n_sealed));
    out->n = at + n_passphrase + n_sealed + (n_sealed > 0 ? CY_ARCHIVE_WRAPPED : 0) +
             CY_STREAM_HEAD + 32;
    if (bytes.n < out->n)
        return cy_fail(CY_E_BACKUP_CUT, bytes.n);
    out->digest = cy_sha256(cy_span_of(bytes.at, out->n - 32));
    if (memcmp(out->digest.b, bytes.at + out->n - 32, 32) != 0)
        return cy_fail(CY_E_BACKUP_DAMAGED, 0);
    out->passphrase = cy_span_of(bytes.at + at, n_passphrase);
    at += n_passphrase;
    out->sealed = cy_span_of(bytes.at + at, n_sealed);
    at += n_sealed;
    if (n_sealed > 0) {
        if (!cy_ok(cy_seal_head(out->sealed, &seal)) || seal.n != n_sealed)
            return cy_fail(CY_E_BACKUP_DAMAGED, CY_ARCHIVE_FIXED + n_passphrase);
        out->wrapped = cy_span_of(bytes.at + at, CY_ARCHIVE_WRAPPED);
        at += CY_ARCHIVE_WRAPPED;
    }
    out->stream = bytes.at + at;
    return CY_OK;
}

/* Seals the file's key to everybody who shall open it; the head without its digest. */
static cy_err head_write(const struct cy_archive_readers *readers, struct vault *vault,
                         uint8_t *out, size_t *n)
{
    size_t at = CY_ARCHIVE_FIXED;
    size_t got = 0;

    memcpy(out, MAGIC, 8);
    cy_put_u32be(out + 8, CY_ARCHIVE_VERSION);
    cy_put_u32be(out + 12, readers->passphrase.n > 0 ? CY_ARCHIVE_PASSPHRASE : 0);
    cy_put_u32be(out + 16, readers->n_keys > 0 ? (uint32_t)cy_seal_head_size(readers->n_keys) : 0);
    if (readers->passphrase.n > 0) {
        CY_TRY(cy_secret_seal(readers->passphrase, cy_span_of(vault->key, 32), &readers->cost,
                              out + at, CY_ARCHIVE_PASSPHRASE, &got));
        at += got;
    }
    if (readers->n_keys > 0) {
        const size_t n_sealed = cy_seal_head_size(readers->n_keys);
        struct cy_seal seal;

        CY_TRY(cy_seal_start(readers->keys, readers->n_keys, 0, out + at, CY_ARCHIVE_SEALED_MAX,
                             &seal));
        cy_secret_wrap(seal.body_key, cy_span_of(out + at, n_sealed), cy_span_of(vault->key, 32),
                       out + at + n_sealed);
        cy_wipe(&seal, sizeof seal);
        at += n_sealed + CY_ARCHIVE_WRAPPED;
    }
    cy_stream_start(&vault->stream, vault->key, out + at);
    *n = at + CY_STREAM_HEAD;
    return CY_OK;
}

/* --- writing --- */

static cy_err write_all(struct cy_archive_out *out, const uint8_t *at, size_t n)
{
    while (n > 0) {
        const ssize_t wrote = write(out->fd, at, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return no_disk(wrote == 0 ? ENOSPC : errno);
        at += wrote;
        n -= (size_t)wrote;
        out->bytes += (uint64_t)wrote;
    }
    return CY_OK;
}

static cy_err write_head(struct cy_archive_out *out, const struct cy_archive_readers *readers)
{
    uint8_t *head = malloc(CY_ARCHIVE_HEAD_MAX);
    size_t n = 0;
    cy_err err = head == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    if (cy_ok(err))
        err = head_write(readers, out->vault, head, &n);
    if (cy_ok(err)) {
        out->digest = cy_sha256(cy_span_of(head, n));
        memcpy(head + n, out->digest.b, 32);
        err = write_all(out, head, n + 32);
    }
    free(head);
    return err;
}

static cy_err open_part(struct cy_archive_out *out, const char *path, struct cy_text *why)
{
    struct stat found;
    const int n = snprintf(out->path, sizeof out->path, "%s", path);
    const int n_part = snprintf(out->part, sizeof out->part, "%s.part", path);

    if (n < 0 || n_part < 0 || (size_t)n_part >= sizeof out->part)
        return cy_fail(CY_E_TOO_LARGE, sizeof out->part);
    cy_text_add(why, path);
    if (lstat(path, &found) == 0)
        return cy_fail(CY_E_FILE_TAKEN, 0);
    cy_text_add(why, ".part");
    out->fd = open(out->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out->fd < 0)
        goto trouble;
    if (flock(out->fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(out->fd);
        out->fd = -1; /* it is the other's */
        return cy_fail(CY_E_RESTORE_LEFT, 0);
    }
    if (ftruncate(out->fd, 0) != 0) /* what a killed backup left */
        goto trouble;
    why->n = 0;
    why->at[0] = 0;
    return CY_OK;
trouble:
    cy_text_add(why, ": ");
    cy_text_add(why, strerror(errno));
    return no_disk(errno);
}

cy_err cy_archive_create(const char *path, const struct cy_archive_readers *readers,
                         struct cy_archive_out **out, struct cy_text *why)
{
    struct cy_archive_out *made = calloc(1, sizeof *made);
    cy_err err = CY_OK;

    *out = NULL;
    if (made == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    made->fd = -1;
    made->vault = cy_secret_memory(sizeof *made->vault);
    err = made->vault == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : open_part(made, path, why);
    if (cy_ok(err)) {
        cy_random(made->vault->key, sizeof made->vault->key);
        err = write_head(made, readers);
    }
    if (!cy_ok(err)) {
        cy_archive_out_close(made);
        return err;
    }
    *out = made;
    return CY_OK;
}

static cy_err flush_piece(struct cy_archive_out *out, bool last)
{
    const struct cy_span beside =
        out->begun ? cy_span_of("", 0) : cy_span_of(out->digest.b, sizeof out->digest.b);
    const size_t n = out->n;

    cy_stream_put(&out->vault->stream, cy_span_of(out->plain, n), beside, last, out->piece);
    out->begun = true;
    out->n = 0;
    return write_all(out, out->piece, n + CY_STREAM_OVERHEAD);
}

cy_err cy_archive_put(struct cy_archive_out *out, struct cy_span bytes)
{
    while (bytes.n > 0) {
        size_t n = sizeof out->plain - out->n;

        if (n == 0) { /* a full piece leaves when more follows, so that the last one is known */
            CY_TRY(flush_piece(out, false));
            continue;
        }
        n = bytes.n < n ? bytes.n : n;
        memcpy(out->plain + out->n, bytes.at, n);
        out->n += n;
        bytes = cy_span_of(bytes.at + n, bytes.n - n);
    }
    return CY_OK;
}

static cy_err sync_parent(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int fd = -1;
    int done = -1;

    (void)snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                   slash == NULL ? "." : path);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return no_disk(errno);
    done = fsync(fd);
    (void)close(fd);
    return done == 0 ? CY_OK : no_disk(errno);
}

/* A file of that name that appeared meanwhile is not overwritten, where the file system can tell.
 */
static bool give_name(const struct cy_archive_out *out)
{
    if (renameat2(AT_FDCWD, out->part, AT_FDCWD, out->path, RENAME_NOREPLACE) == 0)
        return true;
    return errno == EINVAL && rename(out->part, out->path) == 0;
}

cy_err cy_archive_finish(struct cy_archive_out *out, uint64_t *bytes)
{
    CY_TRY(flush_piece(out, true));
    if (fsync(out->fd) != 0)
        return no_disk(errno);
    if (!give_name(out))
        return errno == EEXIST ? cy_fail(CY_E_FILE_TAKEN, 0) : no_disk(errno);
    out->finished = true;
    *bytes = out->bytes;
    return sync_parent(out->path);
}

void cy_archive_out_close(struct cy_archive_out *out)
{
    if (out == NULL)
        return;
    if (out->fd >= 0) {
        if (!out->finished)
            (void)unlink(out->part);
        (void)close(out->fd);
    }
    cy_secret_free(out->vault);
    cy_wipe(out->plain, sizeof out->plain);
    free(out);
}

/* --- reading --- */

static cy_err read_at(struct cy_archive_in *in, uint64_t at, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    while (*n < cap) {
        const ssize_t got = pread(in->fd, out + *n, cap - *n, (off_t)(at + *n));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cy_fail(CY_E_DISK_FAILED, (uint64_t)errno);
        if (got == 0)
            break;
        *n += (size_t)got;
    }
    return CY_OK;
}

cy_err cy_archive_open(const char *path, struct cy_archive_in **out)
{
    struct cy_archive_in *in = calloc(1, sizeof *in);
    struct stat found;
    size_t n = 0;
    cy_err err = CY_OK;

    *out = NULL;
    if (in == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    in->vault = cy_secret_memory(sizeof *in->vault);
    if (in->vault == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    else if (in->fd < 0)
        err = cy_fail(errno == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)errno);
    else if (fstat(in->fd, &found) != 0 || !S_ISREG(found.st_mode))
        err = cy_fail(CY_E_BACKUP_FORMAT, 0);
    else
        err = read_at(in, 0, in->bytes, sizeof in->bytes, &n);
    if (cy_ok(err)) {
        in->size = (uint64_t)found.st_size;
        err = cy_archive_head_read(cy_span_of(in->bytes, n), &in->head);
    }
    if (!cy_ok(err)) {
        cy_archive_in_close(in);
        return err;
    }
    *out = in;
    return CY_OK;
}

void cy_archive_in_close(struct cy_archive_in *in)
{
    if (in == NULL)
        return;
    if (in->fd >= 0)
        (void)close(in->fd);
    cy_secret_free(in->vault);
    cy_wipe(in->plain, sizeof in->plain);
    free(in);
}

const struct cy_archive_head *cy_archive_head(const struct cy_archive_in *in)
{
    return &in->head;
}

uint64_t cy_archive_bytes(const struct cy_archive_in *in)
{
    return in->size;
}

uint64_t cy_archive_at(const struct cy_archive_in *in)
{
    return in->at;
}

cy_err cy_archive_unlock_passphrase(struct cy_archive_in *in, struct cy_span passphrase)
{
    size_t n = 0;
    cy_err err = CY_OK;

    if (in->head.passphrase.n == 0)
        return cy_fail(CY_E_BACKUP_READER, 0);
    err = cy_secret_open(passphrase, in->head.passphrase, in->vault->key, 32, &n);
    if (err.code == CY_E_BAD_SECRET)
        return cy_fail(CY_E_BACKUP_PASSPHRASE, 0);
    CY_TRY(err);
    in->unlocked = true;
    return cy_archive_rewind(in);
}

cy_err cy_archive_unlock_sealed(struct cy_archive_in *in, const struct cy_seal *seal)
{
    if (in->head.sealed.n == 0)
        return cy_fail(CY_E_BACKUP_READER, 1);
    if (!cy_ok(cy_secret_unwrap(seal->body_key, in->head.sealed, in->head.wrapped, in->vault->key)))
        return cy_fail(CY_E_BACKUP_DAMAGED, 0);
    in->unlocked = true;
    return cy_archive_rewind(in);
}

cy_err cy_archive_rewind(struct cy_archive_in *in)
{
    CY_ASSERT(in->unlocked);
    in->begun = false;
    in->last = false;
    in->n = 0;
    in->used = 0;
    in->at = in->head.n;
    in->next = in->head.n;
    return cy_ok(cy_stream_open(&in->vault->stream, in->vault->key, in->head.stream))
               ? CY_OK
               : cy_fail(CY_E_BACKUP_DAMAGED, 0);
}

/* Reads the next piece. A file that was cut between two pieces ends; one cut within a piece, or
 * whose short last piece was changed, has a piece that does not open at its end. */
static cy_err next_piece(struct cy_archive_in *in)
{
    const struct cy_span beside =
        in->begun ? cy_span_of("", 0) : cy_span_of(in->head.digest.b, sizeof in->head.digest.b);
    size_t n = 0;

    in->at = in->next;
    in->n = 0;
    in->used = 0;
    CY_TRY(read_at(in, in->at, in->piece, sizeof in->piece, &n));
    if (n < CY_STREAM_OVERHEAD)
        return cy_fail(CY_E_BACKUP_CUT, 0);
    if (!cy_ok(cy_stream_get(&in->vault->stream, cy_span_of(in->piece, n), beside, in->plain,
                             &in->last)))
        return cy_fail(n < sizeof in->piece ? CY_E_BACKUP_CUT : CY_E_BACKUP_DAMAGED, in->at);
    in->begun = true;
    in->n = n - CY_STREAM_OVERHEAD;
    in->next = in->at + n;
    if (in->last ? in->next != in->size : n < sizeof in->piece)
        return cy_fail(CY_E_BACKUP_DAMAGED, in->next); /* something stands behind the end */
    return CY_OK;
}

cy_err cy_archive_take(struct cy_archive_in *in, uint8_t *out, size_t n)
{
    CY_ASSERT(in->unlocked);
    while (n > 0) {
        size_t now = in->n - in->used;

        if (now == 0) {
            if (in->last)
                return cy_fail(CY_E_BACKUP_CONTENT, 0);
            CY_TRY(next_piece(in));
            continue;
        }
        now = now < n ? now : n;
        memcpy(out, in->plain + in->used, now);
        in->used += now;
        out += now;
        n -= now;
    }
    return CY_OK;
}

cy_err cy_archive_end(struct cy_archive_in *in)
{
    while (!in->last && in->used == in->n)
        CY_TRY(next_piece(in));
    return in->last && in->used == in->n ? CY_OK : cy_fail(CY_E_BACKUP_CONTENT, 0);
}

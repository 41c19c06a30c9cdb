#include "host/system/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 600 /* bytes of one text in a line */

struct cy_trail {
    pthread_mutex_t lock;
    char path[CY_TRAIL_PATH_MAX];
    uint64_t bytes_max;
    /* what the file was after our last line: another process may have gone on */
    ino_t inode;
    off_t size;
    uint64_t seq;
    uint64_t first; /* number of the file's first line */
    struct cy_id hash;
};

struct cy_trail *cy_trail_new(const char *path, uint64_t bytes_max)
{
    struct cy_trail *trail = calloc(1, sizeof *trail);

    if (trail == NULL || strlen(path) + 32 >= sizeof trail->path) {
        free(trail);
        return NULL;
    }
    (void)snprintf(trail->path, sizeof trail->path, "%s", path);
    trail->bytes_max = bytes_max < 65536 ? 65536 : bytes_max;
    pthread_mutex_init(&trail->lock, NULL);
    return trail;
}

void cy_trail_free(struct cy_trail *trail)
{
    if (trail == NULL)
        return;
    pthread_mutex_destroy(&trail->lock);
    free(trail);
}

/* --- one line --- */

static cy_err unwritten(void)
{
    return cy_fail(CY_E_TRAIL_UNWRITTEN, (uint64_t)errno);
}

static void put(json_t *object, const char *name, const char *text)
{
    char cut[TEXT_MAX + 1];

    if (text == NULL || text[0] == 0)
        return;
    (void)snprintf(cut, sizeof cut, "%s", text);
    cy_utf8_mend(cut);
    (void)json_object_set_new(object, name, json_string(cut));
}

static void put_id(json_t *object, const char *name, const struct cy_id *id)
{
    char hex[65];

    if (cy_id_none(id))
        return;
    cy_hex(id->b, sizeof id->b, hex);
    put(object, name, hex);
}

/* NULL without memory. */
static char *print_line(const struct cy_trail_line *line, cy_time now, uint64_t seq,
                        const struct cy_id *prev)
{
    json_t *object = json_object();
    char time_bytes[40];
    struct cy_text time = cy_text_on(time_bytes, sizeof time_bytes);
    char hex[65];
    char *text = NULL;

    cy_time_text(&time, now);
    (void)json_object_set_new(object, "seq", json_integer((json_int_t)seq));
    put(object, "time", time_bytes);
    put(object, "action", line->action);
    put(object, "outcome", line->outcome);
    put(object, "role", line->role);
    put(object, "name", line->name);
    put_id(object, "who", &line->who);
    put_id(object, "key", &line->key);
    put(object, "from", line->from);
    put(object, "what", line->what);
    if (!cy_ok(line->err))
        put(object, "code", cy_err_info(line->err.code)->path);
    if (line->of != 0)
        (void)json_object_set_new(object, "of", json_integer((json_int_t)line->of));
    cy_hex(prev->b, sizeof prev->b, hex);
    put(object, "prev", hex);
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* The number in a line of ours; 0: it is none. */
static uint64_t number_in(struct cy_span line)
{
    json_t *object = json_loadb((const char *)line.at, line.n, JSON_REJECT_DUPLICATES, NULL);
    const json_int_t seq = json_integer_value(json_object_get(object, "seq"));

    json_decref(object);
    return seq > 0 ? (uint64_t)seq : 0;
}

/* --- the file --- */

/* The last whole line before byte `end`, into room; bytes after it are *torn. */
static cy_err last_line(int fd, off_t end, char room[static CY_TRAIL_LINE_MAX], size_t *n,
                        off_t *torn)
{
    const off_t from = end > (off_t)CY_TRAIL_LINE_MAX * 2 ? end - (off_t)CY_TRAIL_LINE_MAX * 2 : 0;
    char tail[CY_TRAIL_LINE_MAX * 2];
    const ssize_t got = pread(fd, tail, (size_t)(end - from), from);
    ssize_t stop = got;
    ssize_t start = 0;

    *n = 0;
    *torn = 0;
    if (got != end - from)
        return unwritten();
    while (stop > 0 && tail[stop - 1] != '\n')
        stop--;
    *torn = got - stop;
    if (stop == 0)
        return from == 0 ? CY_OK : cy_fail(CY_E_TRAIL_BROKEN, 0);
    start = stop - 1;
    while (start > 0 && tail[start - 1] != '\n')
        start--;
    *n = (size_t)(stop - 1 - start);
    if (*n >= CY_TRAIL_LINE_MAX)
        return cy_fail(CY_E_TRAIL_BROKEN, 0);
    memcpy(room, tail + start, *n);
    return CY_OK;
}

static uint64_t first_number(int fd)
{
    char head[CY_TRAIL_LINE_MAX];
    const ssize_t got = pread(fd, head, sizeof head, 0);
    const char *end = got <= 0 ? NULL : memchr(head, '\n', (size_t)got);

    return end == NULL ? 0 : number_in(cy_span_of(head, (size_t)(end - head)));
}

/* Learns where the chain stands. The file is locked. */
static cy_err catch_up(struct cy_trail *trail, int fd, const struct stat *found, off_t *torn)
{
    char line[CY_TRAIL_LINE_MAX];
    size_t n = 0;

    *torn = 0;
    if (trail->inode == found->st_ino && trail->size == found->st_size)
        return CY_OK;
    if (found->st_size == 0) {
        trail->first = 0;
        return CY_OK; /* the chain goes on from what we know: nothing, or the file before */
    }
    CY_TRY(last_line(fd, found->st_size, line, &n, torn));
    trail->first = first_number(fd);
    trail->seq = n == 0 ? 0 : number_in(cy_span_of(line, n));
    trail->hash = n == 0 ? (struct cy_id){{0}} : cy_sha256(cy_span_of(line, n));
    return n > 0 && trail->seq == 0 ? cy_fail(CY_E_TRAIL_BROKEN, 0) : CY_OK;
}

static cy_err append(struct cy_trail *trail, int fd, off_t at, const struct cy_trail_line *line,
                     cy_time now)
{
    char *text = print_line(line, now, trail->seq + 1, &trail->hash);
    const size_t n = text == NULL ? 0 : strlen(text);
    cy_err err = CY_OK;

    if (text == NULL || n + 1 > CY_TRAIL_LINE_MAX) {
        free(text);
        errno = ENOMEM;
        return unwritten();
    }
    text[n] = '\n'; /* the 0 is not written */
    if (pwrite(fd, text, n + 1, at) != (ssize_t)(n + 1) || fdatasync(fd) != 0) {
        err = unwritten();
        (void)!ftruncate(fd, at); /* no half line stays; if this fails too, the next one cuts it */
    }
    if (cy_ok(err)) {
        trail->seq++;
        trail->first = at == 0 ? trail->seq : trail->first;
        trail->hash = cy_sha256(cy_span_of(text, n));
        trail->size = at + (off_t)n + 1;
    }
    free(text);
    return err;
}

/* The newest file before this one, whose chain goes on here. */
static void earlier(struct cy_trail *trail)
{
    char pattern[CY_TRAIL_PATH_MAX + 80];
    char line[CY_TRAIL_LINE_MAX];
    glob_t all = {0};
    struct stat found;
    size_t n = 0;
    off_t torn = 0;
    int fd = -1;

    (void)snprintf(pattern, sizeof pattern,
                   "%s.[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]"
                   "[0-9][0-9][0-9][0-9]",
                   trail->path);
    if (glob(pattern, 0, NULL, &all) == 0 && all.gl_pathc > 0)
        fd = open(all.gl_pathv[all.gl_pathc - 1], O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &found) == 0 && cy_ok(last_line(fd, found.st_size, line, &n, &torn)) &&
        n > 0) {
        trail->seq = number_in(cy_span_of(line, n));
        trail->hash = cy_sha256(cy_span_of(line, n));
    }
    if (fd >= 0)
        (void)close(fd);
    globfree(&all);
}

static void sync_directory(const char *path)
{
    char copy[CY_TRAIL_PATH_MAX];
    int fd = -1;

    (void)snprintf(copy, sizeof copy, "%s", path);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/* Opens and locks the file that has the path now: another process may just have renamed it. */
static int open_locked(struct cy_trail *trail, struct stat *found)
{
    for (unsigned i = 0; i < 16; i++) {
        const int fd = open(trail->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
        struct stat named;

        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX) == 0 && fstat(fd, found) == 0 && stat(trail->path, &named) == 0 &&
            named.st_ino == found->st_ino && named.st_dev == found->st_dev)
            return fd;
        (void)close(fd);
    }
    errno = EAGAIN;
    return -1;
}

static bool rotate(struct cy_trail *trail, const struct stat *found)
{
    char aside[CY_TRAIL_PATH_MAX + 16];

    if ((uint64_t)found->st_size + CY_TRAIL_LINE_MAX <= trail->bytes_max)
        return false;
    (void)snprintf(aside, sizeof aside, "%s.%012llu", trail->path,
                   (unsigned long long)trail->first);
    if (access(aside, F_OK) == 0 || rename(trail->path, aside) != 0)
        return false; /* then the file grows: nothing may be lost */
    sync_directory(trail->path);
    return true;
}

static cy_err write_locked(struct cy_trail *trail, const struct cy_trail_line *line, cy_time now)
{
    struct stat found;
    off_t torn = 0;
    int fd = open_locked(trail, &found);
    cy_err err = fd < 0 ? unwritten() : catch_up(trail, fd, &found, &torn);

    if (cy_ok(err) && torn == 0 && rotate(trail, &found)) {
        (void)close(fd);
        fd = open_locked(trail, &found);
        trail->inode = 0;
        err = fd < 0 ? unwritten() : catch_up(trail, fd, &found, &torn); /* others may be first */
    }
    if (cy_ok(err) && found.st_size == 0) {
        earlier(trail);
        sync_directory(trail->path);
    }
    if (cy_ok(err) && torn > 0) { /* a crash left a piece of a line: it goes, and that is said */
        const struct cy_trail_line cut = {.action = "trail.cut",
                                          .outcome = "done",
                                          .from = "trail",
                                          .what = "an unfinished line at the end was removed"};

        found.st_size -= torn;
        err = ftruncate(fd, found.st_size) == 0 ? append(trail, fd, found.st_size, &cut, now)
                                                : unwritten();
        found.st_size = trail->size;
    }
    if (cy_ok(err))
        err = append(trail, fd, found.st_size, line, now);
    trail->inode = cy_ok(err) ? found.st_ino : 0;
    if (fd >= 0)
        (void)close(fd);
    return err.code == CY_E_TRAIL_BROKEN ? cy_fail(CY_E_TRAIL_UNWRITTEN, 0) : err;
}

cy_err cy_trail_write(struct cy_trail *trail, const struct cy_trail_line *line, cy_time now,
                      uint64_t *seq)
{
    cy_err err = CY_OK;

    pthread_mutex_lock(&trail->lock);
    err = write_locked(trail, line, now);
    if (seq != NULL)
        *seq = trail->seq;
    pthread_mutex_unlock(&trail->lock);
    return err;
}

void cy_trail_end(struct cy_trail *trail, uint64_t *seq, struct cy_id *hash)
{
    pthread_mutex_lock(&trail->lock);
    *seq = trail->seq;
    *hash = trail->hash;
    pthread_mutex_unlock(&trail->lock);
}

/* --- reading --- */

struct walk {
    uint64_t since;
    cy_trail_seen *seen;
    void *user;
    uint64_t seq; /* of the last line passed */
    struct cy_id hash;
    bool any;
    bool ended;
};

static bool follows(const struct walk *walk, struct cy_span line, uint64_t seq)
{
    json_t *object = json_loadb((const char *)line.at, line.n, JSON_REJECT_DUPLICATES, NULL);
    const char *prev = json_string_value(json_object_get(object, "prev"));
    struct cy_id hash = {{0}};
    bool good = prev != NULL && cy_ok(cy_hex_read(cy_span_text(prev), hash.b, sizeof hash.b));

    if (walk->any)
        good = good && seq == walk->seq + 1 && cy_id_eq(&hash, &walk->hash);
    else if (seq == 1) /* older files may have been put elsewhere; the very first has no past */
        good = good && cy_id_none(&hash);
    json_decref(object);
    return good;
}

static cy_err walk_file(struct walk *walk, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[CY_TRAIL_LINE_MAX + 2];
    cy_err err = CY_OK;

    if (file == NULL)
        return cy_fail(errno == ENOENT ? CY_E_NO_FILE : CY_E_DISK_FAILED, (uint64_t)errno);
    while (cy_ok(err) && !walk->ended && fgets(line, sizeof line, file) != NULL) {
        const size_t n = strcspn(line, "\n");
        const struct cy_span text = cy_span_of(line, n);
        const uint64_t seq = number_in(text);

        if (line[n] != '\n' && feof(file))
            break; /* being written now */
        if (line[n] != '\n' || seq == 0 || !follows(walk, text, seq)) {
            err = cy_fail(CY_E_TRAIL_BROKEN, walk->seq + 1);
            break;
        }
        walk->any = true;
        walk->seq = seq;
        walk->hash = cy_sha256(text);
        if (seq >= walk->since)
            walk->ended = !walk->seen(walk->user, seq, text);
    }
    (void)fclose(file);
    return err;
}

cy_err cy_trail_walk(const char *path, uint64_t since, cy_trail_seen *seen, void *user)
{
    struct walk walk = {.since = since, .seen = seen, .user = user};
    char pattern[CY_TRAIL_PATH_MAX + 80];
    glob_t all = {0};
    cy_err err = CY_OK;

    (void)snprintf(pattern, sizeof pattern,
                   "%.1100s.[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]"
                   "[0-9][0-9][0-9][0-9]",
                   path);
    (void)glob(pattern, 0, NULL, &all); /* sorted by number */
    for (size_t i = 0; cy_ok(err) && !walk.ended && i < all.gl_pathc; i++)
        err = walk_file(&walk, all.gl_pathv[i]);
    globfree(&all);
    if (cy_ok(err) && !walk.ended)
        err = walk_file(&walk, path);
    return err;
}

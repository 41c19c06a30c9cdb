#include "host/http/reply.h"

#include "host/http/problem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

struct cy_reply *cy_reply_new(void)
{
    struct cy_reply *reply = calloc(1, sizeof *reply);

    if (reply != NULL) {
        reply->status = 204;
        reply->file = -1;
    }
    return reply;
}

/* Drops the content, keeps the headers. */
static void empty(struct cy_reply *reply)
{
    free(reply->bytes);
    reply->bytes = NULL;
    reply->n = 0;
    if (reply->file >= 0)
        (void)close(reply->file);
    reply->file = -1;
    if (reply->source.release != NULL)
        reply->source.release(reply->source.self);
    reply->source = (struct cy_stream_source){0};
    reply->kind = CY_REPLY_BYTES;
}

void cy_reply_free(struct cy_reply *reply)
{
    if (reply == NULL)
        return;
    empty(reply);
    for (size_t i = 0; i < reply->headers_n; i++) {
        free(reply->headers[i].name);
        free(reply->headers[i].value);
    }
    free(reply);
}

static struct cy_reply_header *find(const struct cy_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->headers_n; i++) {
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return (struct cy_reply_header *)(uintptr_t)&reply->headers[i];
    }
    return NULL;
}

const char *cy_reply_header_get(const struct cy_reply *reply, const char *name)
{
    const struct cy_reply_header *header = find(reply, name);

    return header == NULL ? NULL : header->value;
}

void cy_reply_header(struct cy_reply *reply, const char *name, const char *value)
{
    struct cy_reply_header *header = find(reply, name);
    char *copy = strdup(value);

    for (const char *c = value; *c != 0; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            reply->broken = true;
    }
    if (copy == NULL || reply->broken || (header == NULL && reply->headers_n == CY_REPLY_HEADERS)) {
        free(copy);
        reply->broken = true;
        return;
    }
    if (header == NULL) {
        header = &reply->headers[reply->headers_n];
        header->name = strdup(name);
        if (header->name == NULL) {
            free(copy);
            reply->broken = true;
            return;
        }
        reply->headers_n++;
    }
    free(header->value);
    header->value = copy;
}

void cy_reply_take(struct cy_reply *reply, unsigned status, const char *type, void *bytes, size_t n)
{
    empty(reply);
    reply->status = status;
    reply->bytes = bytes;
    reply->n = bytes == NULL ? 0 : n;
    if (bytes == NULL)
        reply->broken = true;
    cy_reply_header(reply, "Content-Type", type);
}

void cy_reply_bytes(struct cy_reply *reply, unsigned status, const char *type, struct cy_span bytes)
{
    uint8_t *copy = malloc(bytes.n + 1);

    if (copy != NULL && bytes.n > 0)
        memcpy(copy, bytes.at, bytes.n);
    cy_reply_take(reply, status, type, copy, bytes.n);
}

void cy_reply_text(struct cy_reply *reply, unsigned status, const char *text)
{
    cy_reply_bytes(reply, status, "text/plain; charset=utf-8", cy_span_text(text));
}

void cy_reply_json(struct cy_reply *reply, unsigned status, json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    json_decref(value);
    cy_reply_take(reply, status, "application/json", text, text == NULL ? 0 : strlen(text));
}

void cy_reply_fail(struct cy_reply *reply, cy_err err, const char *detail, const char *instance)
{
    struct cy_problem problem;
    size_t n = 0;
    char *text = NULL;

    cy_problem_of(err, detail, instance, &problem);
    text = cy_problem_print(&problem, &n);
    cy_reply_take(reply, problem.status, CY_PROBLEM_TYPE, text, n);
    if (cy_err_info(err.code)->kind == CY_ERR_soft)
        cy_reply_header(reply, "Retry-After", "1");
}

void cy_reply_cache(struct cy_reply *reply, enum cy_reply_cache cache)
{
    static const char *const values[] = {
        [CY_CACHE_NEVER] = "no-store",
        [CY_CACHE_ASK] = "no-cache",
        [CY_CACHE_FOREVER] = "public, max-age=31536000, immutable",
    };

    cy_reply_header(reply, "Cache-Control", values[cache]);
}

void cy_reply_etag(struct cy_reply *reply, const char *tag)
{
    char quoted[128];

    (void)snprintf(quoted, sizeof quoted, "\"%.120s\"", tag);
    cy_reply_header(reply, "ETag", quoted);
}

/* Opens a regular file part by part, so that no link is followed anywhere on the way. */
static int open_below(int directory, const char *path)
{
    int at = dup(directory);

    while (at >= 0) {
        char part[256];
        const size_t n = strcspn(path, "/");
        const bool last = path[n] == 0;
        int next = -1;

        if (n == 0 || n >= sizeof part || path[0] == '.') {
            (void)close(at);
            errno = ENOENT;
            return -1;
        }
        memcpy(part, path, n);
        part[n] = 0;
        next = openat(at, part,
                      O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
                          (last ? O_NONBLOCK | O_NOCTTY : O_DIRECTORY));
        (void)close(at);
        if (last)
            return next;
        at = next;
        path += n + 1;
    }
    return -1;
}

cy_err cy_reply_file(struct cy_reply *reply, int directory, const char *path, const char *type,
                     enum cy_reply_cache cache)
{
    const int file = open_below(directory, path);
    struct stat stat;
    char tag[64];

    if (file < 0)
        return cy_fail(errno == EMFILE || errno == ENFILE ? CY_E_NO_ROOM : CY_E_NOT_FOUND, 0);
    if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        (void)close(file);
        return cy_fail(CY_E_NOT_FOUND, 0);
    }
    empty(reply);
    reply->kind = CY_REPLY_FILE;
    reply->status = 200;
    reply->file = file;
    reply->file_n = (uint64_t)stat.st_size;
    cy_reply_header(reply, "Content-Type", type);
    cy_reply_cache(reply, cache);
    (void)snprintf(tag, sizeof tag, "%" PRIx64 "-%" PRIx64 ".%" PRIx64, reply->file_n,
                   (uint64_t)stat.st_mtim.tv_sec, (uint64_t)stat.st_mtim.tv_nsec);
    cy_reply_etag(reply, tag);
    return CY_OK;
}

void cy_reply_stream(struct cy_reply *reply, const char *type,
                     const struct cy_stream_source *source)
{
    empty(reply);
    reply->kind = CY_REPLY_STREAM;
    reply->status = 200;
    reply->source = *source;
    cy_reply_header(reply, "Content-Type", type);
}

/* reply: the answer to one HTTP request, before it meets the library that sends it.
 *
 * A reply is exactly one of: bytes, an open file, or a stream that is read as long as the client
 * listens. Whoever fills it may forget about failing allocations: a reply that could not be built
 * is marked broken and answered with 500.
 *
 * Owns: its bytes, file and headers. Never: touches a socket. */
#ifndef CY_HOST_HTTP_REPLY_H
#define CY_HOST_HTTP_REPLY_H

#include "base/text.h"

#include <jansson.h>

#define CY_REPLY_HEADERS 16

/* What a stream's read may return besides a count of bytes. */
#define CY_STREAM_WAIT 0   /* nothing now: cy_stream_wake will be called */
#define CY_STREAM_END (-1) /* the stream is over */

struct cy_stream; /* the sending side; host/http/http.h */

/* Where a stream's bytes come from. All calls are made by one thread at a time, `release` last. */
struct cy_stream_source {
    void (*start)(void *self, struct cy_stream *stream);
    long (*read)(void *self, char *out, size_t cap);
    void (*release)(void *self);
    void *self;
};

enum cy_reply_kind { CY_REPLY_BYTES, CY_REPLY_FILE, CY_REPLY_STREAM };

enum cy_reply_cache {
    CY_CACHE_NEVER,   /* no-store (the default) */
    CY_CACHE_ASK,     /* no-cache: keep it, ask each time */
    CY_CACHE_FOREVER, /* immutable: it never changes under this name */
};

struct cy_reply_header {
    char *name;
    char *value;
};

struct cy_reply {
    enum cy_reply_kind kind;
    unsigned status;
    uint8_t *bytes; /* malloc */
    size_t n;
    int file;
    uint64_t file_n;
    struct cy_stream_source source;
    struct cy_reply_header headers[CY_REPLY_HEADERS];
    size_t headers_n;
    bool broken;
};

/* cy_reply_new makes an empty reply of status 204; NULL without memory. */
struct cy_reply *cy_reply_new(void);
void cy_reply_free(struct cy_reply *reply);

/* cy_reply_bytes copies n bytes; cy_reply_take takes malloc'ed ones over (NULL: broken). Each
 * replaces what the reply held before, headers stay. */
void cy_reply_bytes(struct cy_reply *reply, unsigned status, const char *type,
                    struct cy_span bytes);
void cy_reply_take(struct cy_reply *reply, unsigned status, const char *type, void *bytes,
                   size_t n);
void cy_reply_text(struct cy_reply *reply, unsigned status, const char *text);

/* cy_reply_json prints value and releases it. */
void cy_reply_json(struct cy_reply *reply, unsigned status, json_t *value);

/* cy_reply_fail answers with the problem document of an error (problem.h); detail and instance may
 * be NULL. Soft trouble adds Retry-After. */
void cy_reply_fail(struct cy_reply *reply, cy_err err, const char *detail, const char *instance);

/* cy_reply_header adds or replaces a header. A value with control characters breaks the reply. */
void cy_reply_header(struct cy_reply *reply, const char *name, const char *value);
const char *cy_reply_header_get(const struct cy_reply *reply, const char *name);

/* cy_reply_cache sets Cache-Control; cy_reply_etag sets a strong ETag from text without quotes. */
void cy_reply_cache(struct cy_reply *reply, enum cy_reply_cache cache);
void cy_reply_etag(struct cy_reply *reply, const char *tag);

/* cy_reply_file answers with a regular file below the open directory, with an ETag. Parts of path
 * that are links, begin with a dot, or leave the directory are refused like absent files. Fails
 * with NOT_FOUND or NO_ROOM (no descriptors left), and then the reply is unchanged. */
CY_MUST_USE cy_err cy_reply_file(struct cy_reply *reply, int directory, const char *path,
                                 const char *type, enum cy_reply_cache cache);

/* cy_reply_stream answers with a stream; source is released in every case. */
void cy_reply_stream(struct cy_reply *reply, const char *type,
                     const struct cy_stream_source *source);

#endif

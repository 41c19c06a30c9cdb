#include "host/routes/routes_blob.h"

#include <stdio.h>
#include <stdlib.h>

#define TYPE "application/octet-stream"

/* One PUT from its headers to its answer. */
struct upload {
    struct cy_blob_end end; /* first: what the keeper gives back */
    struct cy_blob_keeper *keeper;
    struct cy_later *later;
    bool here; /* it was here before */
    char path[96];
};

static cy_err read_digest(const struct cy_http_request *request, struct cy_id *digest)
{
    const char *text = cy_http_param(request, "digest");

    return cy_hex_read(cy_span_text(text), digest->b, sizeof digest->b);
}

/* --- PUT --- */

static cy_err put_begin(void *context, const struct cy_http_request *request, uint64_t length,
                        void **state)
{
    struct cy_node *node = context;
    struct upload *upload = NULL;
    struct cy_id digest;
    cy_err done = CY_OK;

    if (node->blobs == NULL)
        return cy_fail(CY_E_NOT_FOUND, 0);
    CY_TRY(read_digest(request, &digest));
    upload = calloc(1, sizeof *upload);
    if (upload == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    upload->keeper = node->blobs;
    upload->end.digest = digest;
    upload->here = cy_ok(cy_blob_keeper_find(node->blobs, &digest));
    (void)snprintf(upload->path, sizeof upload->path, "%s", cy_http_path(request));
    done = cy_blob_keeper_begin(node->blobs, &digest, length, &upload->end.put);
    if (!cy_ok(done)) {
        free(upload);
        return done;
    }
    *state = upload;
    return CY_OK;
}

static cy_err put_piece(void *state, struct cy_span bytes)
{
    return cy_blob_put_more(((struct upload *)state)->end.put, bytes);
}

static void put_drop(void *state)
{
    struct upload *upload = state;

    cy_blob_put_drop(upload->end.put);
    free(upload);
}

static void put_done(struct cy_blob_end *end, cy_err verdict)
{
    struct upload *upload = (struct upload *)(void *)end;
    struct cy_reply *reply = cy_reply_new();

    if (reply != NULL && !cy_ok(verdict))
        cy_reply_fail(reply, verdict, NULL, upload->path);
    else if (reply != NULL)
        reply->status = upload->here ? 204 : 201;
    cy_http_answer(upload->later, reply);
    free(upload);
}

/* Flushing to disk is not for a server's thread: the keeper's ends it. */
static void put_blob(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct upload *upload = cy_http_take_state(request);

    (void)context;
    upload->later = cy_http_later(request);
    if (upload->later == NULL) {
        put_drop(upload);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    upload->end.done = put_done;
    cy_blob_keeper_end(upload->keeper, &upload->end);
}

/* --- GET --- */

static void get_blob(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    char path[CY_PATH_MAX];
    struct cy_id digest;
    cy_err done = node->blobs == NULL ? cy_fail(CY_E_NOT_FOUND, 0) : read_digest(request, &digest);

    if (cy_ok(done))
        done = cy_blob_keeper_find(node->blobs, &digest);
    if (cy_ok(done)) {
        cy_blob_path(&digest, path);
        done = cy_reply_file(reply, cy_disk_posix_root(node->posix), path, TYPE, CY_CACHE_NEVER);
        if (done.code == CY_E_NOT_FOUND)
            done = cy_fail(CY_E_BLOB_ABSENT, 0);
    }
    if (cy_ok(done))
        cy_reply_etag(reply, path + sizeof CY_BLOB_DIR);
    else
        cy_fail_reply(request, reply, done, NULL);
}

const struct cy_http_sink cy_blob_sink = {put_begin, put_piece, put_drop};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"PUT", "/v1/blobs/{digest}", put_blob, CY_HTTP_SINK, 0, "the encrypted bytes of a declared blob, streamed",
     NULL, TYPE, "201; 204", "BAD_HEX BLOB_UNDECLARED BLOB_LENGTH BLOB_DIGEST BLOB_ERASED BLOB_FULL BODY_TOO_LARGE BUSY NO_SPACE"},
    {"GET", "/v1/blobs/{digest}", get_blob, 0,            0, "the encrypted bytes of a blob",
     NULL, NULL, "200 " TYPE, "BAD_HEX BLOB_UNDECLARED BLOB_ABSENT BLOB_ERASED"},
};
/* clang-format on */

const struct cy_http_route *cy_blob_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

/* routes_blob: encrypted blobs over HTTP.
 *
 *   PUT /v1/blobs/{digest}    the encrypted bytes -> 201, or 204 when they were here already.
 *                             Streamed to disk; Content-Length is needed; at most blobs.bytes_max
 *   GET /v1/blobs/{digest}    the encrypted bytes
 *
 *   404 no act declares it, or its bytes are not here     409 another length or digest
 *   410 erased     413 over blobs.bytes_max     503 too many uploads at once     507 no room
 *
 * Anyone may ask: the bytes are of use to their readers only. They never change under their name
 * (the ETag is the digest), yet they are served with `no-store`: a cache that kept them would keep
 * the sealed keys of a blob that is erased later. Whoever declared the blob, or anyone who has its
 * bytes, may send them: nothing but those bytes is taken.
 *
 * Owns: these answers. Never: sees plaintext. */
#ifndef CY_HOST_ROUTES_ROUTES_BLOB_H
#define CY_HOST_ROUTES_ROUTES_BLOB_H

#include "host/node/blob_keeper.h"
#include "host/routes/routes.h"

/* cy_blob_sink is where the server must put the bodies of these routes. */
extern const struct cy_http_sink cy_blob_sink;

const struct cy_http_route *cy_blob_routes(size_t *n);

#endif

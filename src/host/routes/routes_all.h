/* routes_all: every module's routes as one table; a new module is one line in routes_all.c. */
#ifndef CY_HOST_ROUTES_ROUTES_ALL_H
#define CY_HOST_ROUTES_ROUTES_ALL_H

#include "host/http/http.h"

#define CY_ROUTES_MAX 128u

/* cy_routes_all fills the table and returns its length. The context of every route is the node, the
 * sink of the server must be cy_blob_sink (routes_blob.h). */
size_t cy_routes_all(struct cy_http_route out[static CY_ROUTES_MAX]);

#endif

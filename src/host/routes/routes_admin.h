/* routes_admin: looking after a cell over HTTP.
 *
 *   GET /v1/operator     health, head, peers, lag, keys, storage: for whoever watches
 *   /v1/admin/...        the actions of admin_action.def, by a signed statement (gate.h)
 *
 * Owns: these answers. Never: secrets. */
#ifndef CY_HOST_ROUTES_ROUTES_ADMIN_H
#define CY_HOST_ROUTES_ROUTES_ADMIN_H

#include "host/admin/operator_view.h"
#include "host/routes/routes.h"

const struct cy_http_route *cy_admin_routes(size_t *n);

#endif

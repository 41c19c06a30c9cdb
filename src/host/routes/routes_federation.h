/* routes_federation: a member's node over HTTP: packets of the other members, and how the
 * federation stands, as this node sees it.
 *
 *   POST /v1/federation/packets   one packet (wire/peer.h), answered before it is taken apart
 *   GET  /v1/federation           heights, seats, who is behind, the final head
 *   GET  /v1/federation/final     the newest final head, a note with its cosignatures
 *
 * On a cell these are 404.
 *
 * Owns: the table of routes, and the figures of the federation for /metrics. */
#ifndef CY_HOST_ROUTES_ROUTES_FEDERATION_H
#define CY_HOST_ROUTES_ROUTES_FEDERATION_H

#include "host/routes/routes.h"

const struct cy_http_route *cy_federation_routes(size_t *n);

#endif

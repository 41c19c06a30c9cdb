/* routes_alliance: alliances over HTTP: lists, members on a day, histories, charters.
 *
 *   GET /v1/alliances                      all, or ?topic= ?code=
 *   GET /v1/alliances/{name}               one: record, counts, charter in force
 *   GET /v1/alliances/{name}/members       ?as_of= ?known_at= ?level= ; ?proof=1 gives a bundle
 * that anyone can check offline (bundle.h) GET /v1/alliances/{name}/history       its events,
 * ?after= ?limit= GET /v1/alliances/{name}/charter/diff  ?from= ?to= GET /v1/passports/{name} by
 * id, attested code, or name; with its memberships
 *
 * {name} is an id, a code or a name.
 * Owns: these answers. Never: judges. */
#ifndef CY_HOST_ROUTES_ROUTES_ALLIANCE_H
#define CY_HOST_ROUTES_ROUTES_ALLIANCE_H

#include "host/routes/bundle.h"
#include "host/routes/routes.h"

const struct cy_http_route *cy_alliance_routes(size_t *n);

#endif

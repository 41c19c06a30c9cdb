/* routes_figures: how alliances compare, what their officers did, and who consents to whom.
 *
 *   GET /v1/alliances/{name}/figures    ?from= ?to=   members, joins, exits, turnout, speed (M008)
 *   GET /v1/alliances/{name}/officers   ?about=       acts of officers, each with its place in the
 *                                                     ledger: the proof is /v1/proofs/{index}
 * (M009) GET /v1/passports/{name}/partners   ?topic=       mutual consent now (M004)
 *
 * Owns: these answers. Never: judges. */
#ifndef CY_HOST_ROUTES_ROUTES_FIGURES_H
#define CY_HOST_ROUTES_ROUTES_FIGURES_H

#include "host/routes/routes_alliance.h"

const struct cy_http_route *cy_figures_routes(size_t *n);

#endif

/* routes_bridge: bridges over HTTP: how they stand, and what relayers carry.
 *
 *   GET  /v1/bridges                      every bridge, its state now, what was heard
 *   GET  /v1/bridges/{realm}/standing     how this realm stands towards that one (CBOR
 * relay_standing) POST /v1/bridges/{realm}/offer        proofs for that realm (CBOR relay_query ->
 * relay_bundle)
 *
 * An offer waits for a state root and a head over it, as a bundle of proofs does. Everything in it
 * is public and proves itself: anyone may ask.
 *
 * Owns: these forms. Never: relays (comity bridge relay does). */
#ifndef CY_HOST_ROUTES_ROUTES_BRIDGE_H
#define CY_HOST_ROUTES_ROUTES_BRIDGE_H

#include "host/routes/routes.h"

const struct cy_http_route *cy_bridge_routes(size_t *n);

#endif

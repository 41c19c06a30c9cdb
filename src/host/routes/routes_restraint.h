/* routes_restraint: what is in force against a party, over HTTP (M017, M019).
 *
 *   GET /v1/passports/{name}/restraints?with=NAME
 *
 * The answer is what the next settlement would go by: it asks the function that settlement asks
 * (cy_restraint_binds), of the world as it stands. With `with`, of dealings with that party.
 *
 * Owns: this form. Never: decides. */
#ifndef CY_HOST_ROUTES_ROUTES_RESTRAINT_H
#define CY_HOST_ROUTES_ROUTES_RESTRAINT_H

#include "host/routes/routes.h"

const struct cy_http_route *cy_restraint_routes(size_t *n);

#endif

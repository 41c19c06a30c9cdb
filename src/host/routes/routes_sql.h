/* routes_sql: how the SQL projection stands.
 *
 *   GET /v1/sql    {"state", "projected", "head", "lag", "rows", "made", "code", "why", "remedy"}
 *
 *   state: off, starting, filling, following, waiting (tried again), refused (the operator's move)
 *
 * Owns: this answer. Never: says where the database is. */
#ifndef CY_HOST_ROUTES_ROUTES_SQL_H
#define CY_HOST_ROUTES_ROUTES_SQL_H

#include "host/routes/routes.h"
#include "host/sql/sql_keeper.h"

const struct cy_http_route *cy_sql_routes(size_t *n);

#endif

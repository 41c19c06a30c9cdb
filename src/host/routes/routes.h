/* routes: the realm over HTTP: its records, parameters, witnessing, health; and what handlers of
 * all modules share.
 *
 *   GET  /v1/realm                   name, keys, time, head, limits
 *   GET  /v1/records                 the tables ; /v1/records/{table}  ?after= ?limit= ?FIELD=VALUE
 *   GET  /v1/params                  the parameters in force
 *   POST /add-checkpoint             this cell as a witness ; GET /{origin hash}/checkpoint
 *   GET  /healthz /readyz /metrics /problems/{name}
 *
 * Owns: the table of routes. Never: judges (the kernel does). */
#ifndef CY_HOST_ROUTES_ROUTES_H
#define CY_HOST_ROUTES_ROUTES_H

#include "host/http/http.h"
#include "host/node/node.h"

/* One answer's JSON text at most. */
#define CY_PAGE_MAX ((size_t)4 << 20)

/* cy_routes is the table of this module's routes; their context is the node. */
const struct cy_http_route *cy_routes(size_t *n);

/* What handlers of further modules share. */

/* cy_page starts a text of CY_PAGE_MAX bytes in new memory; at NULL when there is none. */
struct cy_text cy_page(void);

/* cy_page_reply answers with the text as JSON and takes its memory over. */
void cy_page_reply(struct cy_reply *reply, unsigned status, struct cy_text *page);

/* cy_page_end answers with the text when err is OK, else with the problem document of err and lets
 * the text go. */
void cy_page_end(const struct cy_http_request *request, struct cy_reply *reply,
                 struct cy_text *page, cy_err err, const char *detail);

/* A request that a thread of its own answers, because it may wait for the signer or a peer. */
struct cy_helped {
    uint64_t number; /* what the handler noted */
    char path[128];  /* of the request, for the problem document */
};
typedef void cy_helper(struct cy_node *node, const struct cy_helped *asked, struct cy_reply *reply);

/* cy_help_reply has `work` fill the answer in a thread of its own; when CY_NODE_LOOKS_MAX are at
 * work the answer is QUEUE_FULL. */
void cy_help_reply(struct cy_node *node, const struct cy_http_request *request,
                   struct cy_reply *reply, uint64_t number, cy_helper *work);

/* cy_fail_reply answers with the problem document of an error. */
void cy_fail_reply(const struct cy_http_request *request, struct cy_reply *reply, cy_err err,
                   const char *detail);

#endif

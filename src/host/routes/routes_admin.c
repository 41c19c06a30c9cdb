#include "host/routes/routes_admin.h"

#include <stdlib.h>

/* A request that is answered by a helper thread. */
struct asked {
    struct cy_node *node;
    struct cy_later *later;
};

static void tell_operator(void *arg)
{
    struct asked *asked = arg;
    struct cy_reply *reply = cy_reply_new();
    struct cy_text page = cy_page();
    cy_err err = CY_OK;

    if (reply == NULL || page.at == NULL) {
        free(page.at);
        cy_reply_free(reply);
        reply = NULL;
    } else {
        err = cy_operator_view_json(asked->node->view, asked->node, &page);
        if (cy_ok(err)) {
            cy_page_reply(reply, 200, &page);
        } else {
            free(page.at);
            cy_reply_fail(reply, err, NULL, "/v1/operator");
        }
    }
    cy_http_answer(asked->later, reply);
    free(asked);
}

static void get_operator(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct asked *asked = malloc(sizeof *asked);
    struct cy_reply *busy = NULL;
    cy_err err = CY_OK;

    if (asked != NULL)
        *asked = (struct asked){node, cy_http_later(request)};
    if (asked == NULL || asked->later == NULL) {
        free(asked);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    err = cy_node_help(node, CY_NODE_LOOKS, tell_operator, asked);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, "/v1/operator");
    cy_http_answer(asked->later, busy);
    free(asked);
}

static const struct cy_http_route routes[] = {
    {"GET", "/v1/operator", get_operator, 0, 0, "health, head, peers, lag, keys, storage"},
};

const struct cy_http_route *cy_admin_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

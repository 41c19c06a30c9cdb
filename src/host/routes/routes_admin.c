#include "host/routes/routes_admin.h"

#include <stdlib.h>

static void tell_operator(struct cy_node *node, const struct cy_helped *asked,
                          struct cy_reply *reply)
{
    struct cy_text page = cy_page();
    cy_err err = page.at == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;

    if (cy_ok(err))
        err = cy_operator_view_json(node->view, node, &page);
    if (cy_ok(err)) {
        cy_page_reply(reply, 200, &page);
        return;
    }
    free(page.at);
    cy_reply_fail(reply, err, NULL, asked->path);
}

static void get_operator(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    cy_help_reply(context, request, reply, 0, tell_operator);
}

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/operator", get_operator, 0, 0, "health, head, peers, lag, keys, storage",
     NULL, NULL, "200 operator", "QUEUE_FULL"},
};
/* clang-format on */

const struct cy_http_route *cy_admin_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

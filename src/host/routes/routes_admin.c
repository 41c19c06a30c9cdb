#include "host/routes/routes_admin.h"

#include "host/admin/admin.h"

#include <stdio.h>
#include <stdlib.h>

/* --- looking --- */

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

/* --- acting --- */

/* A request that was let in, with copies of what its action reads. */
struct work {
    struct cy_admin *admin;
    struct cy_later *later;
    struct cy_admin_call call;
    char path[256];
    char from[64];
    char subject[128];
    uint8_t body[CY_ADMIN_BODY_MAX];
};

static unsigned action_of(const struct cy_http_request *request)
{
    const struct cy_http_route *route = cy_http_route(request);
    unsigned i = 0;

    while (cy_action_at(i) != NULL && (strcmp(cy_action_at(i)->pattern, route->pattern) != 0 ||
                                       strcmp(cy_action_at(i)->method, route->method) != 0))
        i++;
    CY_ASSERT(cy_action_at(i) != NULL);
    return i;
}

static struct cy_reply *answer_of(struct work *w, bool *good)
{
    struct cy_reply *reply = cy_reply_new();
    struct cy_text page = cy_page();
    char why_bytes[600];
    struct cy_text why = cy_text_on(why_bytes, sizeof why_bytes);
    cy_err err = CY_OK;

    if (reply == NULL || page.at == NULL) {
        free(page.at);
        cy_reply_free(reply);
        return NULL;
    }
    err = cy_admin_do(w->admin, &w->call, &page, &why);
    *good = cy_ok(err);
    if (cy_ok(err)) {
        cy_page_reply(reply, 200, &page);
        return reply;
    }
    free(page.at);
    cy_utf8_mend(why_bytes);
    cy_reply_fail(reply, err, why_bytes, w->path);
    return reply;
}

static void work(void *arg)
{
    struct work *w = arg;

    bool good = false;

    cy_http_answer(w->later, answer_of(w, &good));
    if (good)
        cy_admin_after(w->admin, &w->call);
    free(w);
}

/* What the helper's thread reads, when the request is gone. */
static void keep(struct work *w, const struct cy_http_request *request)
{
    const struct cy_span body = cy_http_body(request);

    (void)snprintf(w->path, sizeof w->path, "%s", cy_http_path(request));
    (void)snprintf(w->from, sizeof w->from, "%s", cy_http_peer(request));
    if (w->call.subject != NULL) {
        (void)snprintf(w->subject, sizeof w->subject, "%s", w->call.subject);
        w->call.subject = w->subject;
    }
    CY_ASSERT(body.n <= sizeof w->body);
    if (body.n > 0)
        memcpy(w->body, body.at, body.n);
    w->call.from = w->from;
    w->call.type = NULL;
    w->call.asks = (struct cy_gate_request){.body = cy_span_of(w->body, body.n)};
}

static void hand_over(struct cy_node *node, const struct cy_http_request *request,
                      const struct cy_admin_call *call, struct cy_reply *reply)
{
    struct work *w = malloc(sizeof *w);
    struct cy_reply *busy = NULL;
    cy_err err = CY_OK;

    if (w != NULL) {
        w->admin = node->admin;
        w->call = *call;
        w->later = cy_http_later(request);
        keep(w, request);
    }
    if (w == NULL || w->later == NULL) {
        free(w);
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    err = cy_node_help(node, CY_NODE_LOOKS, work, w);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, w->path);
    cy_http_answer(w->later, busy);
    free(w);
}

static void administer(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_admin_call call = {
        .action = action_of(request),
        .asks = {.header = cy_http_header(request, "Authorization"),
                 .method = cy_http_method(request),
                 .target = cy_http_target(request),
                 .body = cy_http_body(request)},
        .type = cy_http_header(request, "Content-Type"),
        .from = cy_http_peer(request),
        .subject = cy_http_param(request, "origin")
    };
    cy_err err = cy_admin_enter(node->admin, &call);

    if (cy_ok(err))
        err = cy_http_query_u64(request, "since", 1, INT64_MAX, &call.since);
    if (cy_ok(err))
        err = cy_http_query_u64(request, "limit", 100, 1000, &call.limit);
    if (!cy_ok(err)) {
        cy_fail_reply(request, reply, err, NULL);
        if (err.code == CY_E_NO_STATEMENT)
            cy_reply_header(reply, "WWW-Authenticate", "Comity");
        return;
    }
    hand_over(node, request, &call, reply);
}

/* --- the table --- */

#define GATE                                                                                       \
    " NO_STATEMENT BAD_STATEMENT STATEMENT_TIME STATEMENT_REPLAY STATEMENT_OTHER BAD_SIGNATURE "   \
    "UNKNOWN_PASSPORT WRONG_KEY THRESHOLD NO_ROLE QUEUE_FULL"

static const struct cy_http_query log_queries[] = {
    {"since", "number", UINT64_MAX, "1",   "from the line with this number on"},
    {"limit", "number", 1000,       "100", "at most so many"                  },
    {NULL,    NULL,     0,          NULL,  NULL                               },
};

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/operator", get_operator, 0, 0, "health, head, peers, lag, keys, storage",
     NULL, NULL, "200 operator", "QUEUE_FULL"},
#define CY_ACTION(NAME, name, method, pattern, role, changes, body, queries, answers, refusals, doc) \
    {method, pattern, administer, 0, (body) == NULL ? 0 : CY_ADMIN_BODY_MAX, doc, queries, body,     \
     answers, refusals GATE},
#include "host/admin/admin_action.def"
#undef CY_ACTION
};
/* clang-format on */

const struct cy_http_route *cy_admin_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

#include "host/routes/routes_sql.h"

#include "host/json/entry_json.h"
#include "host/node/node_federation.h"
#include "host/node/node_heads.h"
#include "wire/print.h"

#include <stdlib.h>

/* Against the head that the daemon knows now: the projection's own may be old. */
/* The head that the projection follows: the one in the file `checkpoint`. */
static uint64_t head_of(struct cy_node *node)
{
    struct cy_node_head *head = malloc(sizeof *head);
    uint64_t size = 0;

    if (head == NULL)
        return 0;
    if (node->federator != NULL)
        cy_node_final(node, head);
    else
        cy_node_head(node, head);
    size = head->size;
    free(head);
    return size;
}

static void number(struct cy_text *out, const char *name, uint64_t value)
{
    cy_json_field(out, name);
    cy_text_u64(out, value);
}

static void text(struct cy_text *out, const char *name, const char *value)
{
    if (value[0] == 0)
        return;
    cy_json_field(out, name);
    cy_print_string(out, cy_span_text(value));
}

static void write_progress(struct cy_text *out, const struct cy_sql_progress *progress,
                           uint64_t head)
{
    cy_text_add(out, "{");
    text(out, "state", cy_sql_state_word(progress->state));
    number(out, "projected", progress->projected);
    number(out, "head", head);
    number(out, "lag", cy_sql_lag(progress, head));
    number(out, "rows", progress->rows);
    if (!cy_ok(progress->err)) {
        text(out, "code", cy_err_info(progress->err.code)->path);
        text(out, "why", cy_err_info(progress->err.code)->text);
        text(out, "remedy", cy_err_info(progress->err.code)->remedy);
    }
    number(out, "made", progress->made);
    cy_text_add(out, "}");
}

static void get_sql(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_sql_progress progress;
    struct cy_text page = cy_page();

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    if (node->sql == NULL) {
        cy_text_add(&page, "{\"state\":\"off\"}");
    } else {
        cy_sql_keeper_progress(node->sql, &progress);
        write_progress(&page, &progress, head_of(node));
    }
    cy_page_reply(reply, 200, &page);
}

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET", "/v1/sql", get_sql, 0, 0, "how far the SQL projection goes",
     NULL, NULL, "200 sql", "NO_MEMORY"},
};
/* clang-format on */

const struct cy_http_route *cy_sql_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

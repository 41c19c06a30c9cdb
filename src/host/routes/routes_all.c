#include "host/routes/routes_all.h"

#include "host/console/console.h"
#include "host/routes/openapi.h"
#include "host/routes/routes_admin.h"
#include "host/routes/routes_blob.h"
#include "host/routes/routes_bridge.h"
#include "host/routes/routes_federation.h"
#include "host/routes/routes_figures.h"
#include "host/routes/routes_ledger.h"
#include "host/routes/routes_restraint.h"
#include "host/routes/routes_sql.h"

#include <pthread.h>

/* Made at the first request; all routes are known then. */
static struct {
    pthread_mutex_t lock;
    char *text;
    size_t n;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void get_openapi(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_http_route all[CY_ROUTES_MAX];
    const size_t n = cy_routes_all(all);

    (void)context;
    pthread_mutex_lock(&told.lock);
    if (told.text == NULL)
        told.text = cy_openapi(all, n, false, &told.n);
    if (told.text == NULL)
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
    else
        cy_reply_bytes(reply, 200, "application/json", cy_span_of(told.text, told.n));
    pthread_mutex_unlock(&told.lock);
}

/* clang-format off */
static const struct cy_http_route own[] = {
    {"GET", "/openapi.json", get_openapi, 0, 0, "this interface as an OpenAPI 3.1 document",
     NULL, NULL, "200 any", "NO_MEMORY"},
};
/* clang-format on */

static const struct cy_http_route *own_routes(size_t *n)
{
    *n = CY_COUNT(own);
    return own;
}

size_t cy_routes_all(struct cy_http_route out[static CY_ROUTES_MAX])
{
    const struct cy_http_route *(*const tables[])(size_t *) = {
        cy_ledger_routes,     cy_routes,        cy_alliance_routes,
        cy_figures_routes,    cy_blob_routes,   cy_admin_routes,
        cy_console_routes,    own_routes,       cy_sql_routes,
        cy_federation_routes, cy_bridge_routes, cy_restraint_routes,
    };
    size_t n = 0;

    for (size_t t = 0; t < CY_COUNT(tables); t++) {
        size_t more = 0;
        const struct cy_http_route *table = tables[t](&more);

        CY_ASSERT(n + more <= CY_ROUTES_MAX);
        memcpy(out + n, table, more * sizeof *table);
        n += more;
    }
    return n;
}

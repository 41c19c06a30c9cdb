#include "host/routes/routes_all.h"

#include "host/console/console.h"
#include "host/routes/routes_admin.h"
#include "host/routes/routes_blob.h"
#include "host/routes/routes_figures.h"
#include "host/routes/routes_ledger.h"

size_t cy_routes_all(struct cy_http_route out[static CY_ROUTES_MAX])
{
    const struct cy_http_route *(*const tables[])(size_t *) = {
        cy_ledger_routes, cy_routes,       cy_alliance_routes, cy_figures_routes,
        cy_blob_routes,   cy_admin_routes, cy_console_routes,
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

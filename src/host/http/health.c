#include "host/http/health.h"

void cy_health_alive(struct cy_reply *reply)
{
    cy_reply_text(reply, 200, "ok\n");
}

void cy_health_ready(struct cy_reply *reply, const char *not_yet)
{
    if (not_yet == NULL)
        cy_reply_text(reply, 200, "ready\n");
    else
        cy_reply_fail(reply, cy_fail(CY_E_BUSY, 0), not_yet, "/readyz");
}

void cy_health_metrics(struct cy_reply *reply, struct cy_metrics *metrics)
{
    size_t n = 0;
    char *text = cy_metrics_print(metrics, &n);

    cy_reply_take(reply, 200, CY_METRICS_TYPE, text, n);
}

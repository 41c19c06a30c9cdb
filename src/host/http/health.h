/* health: the answers that machines around a server ask for: alive, ready, metrics.
 *
 *      /healthz   200 as long as the process serves requests
 *      /readyz    200 when it may be given work, else 503 and why
 *      /metrics   Prometheus text
 *
 * Owns: nothing. */
#ifndef CY_HOST_HTTP_HEALTH_H
#define CY_HOST_HTTP_HEALTH_H

#include "host/http/reply.h"
#include "host/system/metrics.h"

#define CY_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* cy_health_alive fills the answer of /healthz. */
void cy_health_alive(struct cy_reply *reply);

/* cy_health_ready fills that of /readyz; `not_yet` says why it is not ready, NULL when it is. */
void cy_health_ready(struct cy_reply *reply, const char *not_yet);

/* cy_health_metrics fills that of /metrics. */
void cy_health_metrics(struct cy_reply *reply, struct cy_metrics *metrics);

#endif

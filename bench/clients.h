/* clients: acts over HTTP by several clients at once, each one act at a time over a connection that
 * is kept, until its answer. The acts are new passports, each by a key of its own, built before the
 * clock starts: acts that anybody may send once.
 *
 * Owns: nothing after it returns but the times. Never: starts a daemon. */
#ifndef CY_BENCH_CLIENTS_H
#define CY_BENCH_CLIENTS_H

#include "host/http/client.h"
#include "town.h"

struct clients {
    const char *const *urls; /* of the daemons; clients take them in turn */
    unsigned n_urls;
    const char *path;  /* /v1/acts, with what it shall wait for */
    const char *level; /* that every receipt must have; NULL: any */
    struct cy_id realm;
    unsigned n;
    uint32_t each; /* acts of a client */
};

struct clients_took {
    double *ms; /* of each act, sorted; free it */
    size_t n;
    double seconds; /* of all together */
};

struct clients_took clients_run(const struct clients *clients);

/* clients_passport builds such an act. */
struct built clients_passport(const struct cy_id *realm);

/* clients_post sends an act and waits. answer: its text, ended by a 0, to be freed; may be NULL. */
CY_MUST_USE cy_err clients_post(struct cy_client *client, const char *url, const char *path,
                                struct cy_span act, char **answer);

/* clients_bare is what HTTP alone costs: the median of GET /healthz in ms. */
double clients_bare(struct cy_client *client, const char *url);

#endif

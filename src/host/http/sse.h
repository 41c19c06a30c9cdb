/* sse: server-sent events (WHATWG HTML, 9.2) to many subscribers from one bounded ring.
 *
 *      publish -> [ event 41 | event 42 | event 43 ]      one copy for all
 *                      ^ reader A      ^ reader B         a reader is a place in the ring
 *
 * A reader that falls behind the ring is closed: it comes back with Last-Event-ID. When what it
 * missed is no longer in the ring it is told so before anything else:
 *      event: gap
 *      data: {"after":7,"next":40}
 * and reads the missing part from the ledger. Comments keep idle connections alive.
 *
 * Owns: the ring and the readers. Never: waits for a client. */
#ifndef CY_HOST_HTTP_SSE_H
#define CY_HOST_HTTP_SSE_H

#include "host/http/http.h"

struct cy_sse;

struct cy_sse_options {
    unsigned clients_max;
    size_t events_max; /* events kept */
    size_t bytes_max;  /* bytes of events kept */
    unsigned beat_ms;  /* between two comments */
};

/* cy_sse_new makes a feed of a server. Fails with NO_MEMORY or NO_ROOM. */
CY_MUST_USE cy_err cy_sse_new(struct cy_http *server, const struct cy_sse_options *options,
                              struct cy_sse **out);

/* cy_sse_free must come after cy_http_stop. */
void cy_sse_free(struct cy_sse *sse);

/* cy_sse_serve makes reply a stream of the events of any of these topics (bits), beginning after
 * the request's Last-Event-ID header or last_event_id argument, else with what comes. Answers BUSY
 * when there is no room for one more reader. Call it in a handler. */
void cy_sse_serve(struct cy_sse *sse, const struct cy_http_request *request, uint64_t topics,
                  struct cy_reply *reply);

/* cy_sse_publish sends an event. Ids must rise; name is a word; data is text and may have several
 * lines. Any thread. Fails with NO_MEMORY or TOO_LARGE (detail: bytes_max). */
CY_MUST_USE cy_err cy_sse_publish(struct cy_sse *sse, uint64_t id, uint64_t topics,
                                  const char *name, struct cy_span data);

/* cy_sse_clients is the number of readers now. */
unsigned cy_sse_clients(struct cy_sse *sse);

#endif

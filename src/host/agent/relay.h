/* relay: what the daemon answers, handed on by the agent.
 *
 *      browser -> agent --GET--> daemon          one answer, whole
 *      browser <- [ 64 KB ] <- events <- daemon  a stream, piece by piece; who reads slowly waits
 *
 * Only reading passes: GET, and of its headers none but Last-Event-ID. Whether the daemon is near
 * or far, and which TLS key it must have, is settled when the agent starts.
 *
 * Owns: the threads of streams, and one client of each caller. Never: an act. */
#ifndef CY_HOST_AGENT_RELAY_H
#define CY_HOST_AGENT_RELAY_H

#include "host/http/client.h"
#include "host/http/http.h"

#define CY_RELAY_STREAMS_MAX 16u

struct cy_relay;

/* cy_relay_new: url and pin (NULL: none) of the daemon are copied. NULL without memory. */
struct cy_relay *cy_relay_new(const char *url, const char *pin);

/* cy_relay_free ends the streams; it comes after cy_http_stop. */
void cy_relay_free(struct cy_relay *relay);

/* cy_relay_get fetches a target ("/v1/realm?x=y") and makes the reply: the daemon's own status,
 * type and bytes, or the trouble of reaching it. client: of the calling thread. */
void cy_relay_get(const struct cy_relay *relay, struct cy_client *client, const char *target,
                  struct cy_reply *reply);

/* cy_relay_stream makes reply a stream of what the daemon streams under the request's target.
 * Answers BUSY when there are too many. Call it in a handler. */
void cy_relay_stream(struct cy_relay *relay, const struct cy_http_request *request,
                     struct cy_reply *reply);

#endif

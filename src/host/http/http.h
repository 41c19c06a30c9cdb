/* http: an HTTP/1.1 server on libmicrohttpd, driven by the caller's table of routes.
 *
 *      bytes -> checks (target, headers, Host, route, size) -> handler -> reply
 *                                                         \-> later ... answer (another thread)
 *
 * Two listeners: the main one (TLS 1.3 only, or plain on a loopback address), and if wanted a plain
 * one on 127.0.0.1. A few threads serve all connections by epoll; a handler runs on one of them
 * with the whole body in memory and must be quick. What takes longer calls cy_http_later and
 * answers from another thread.
 *
 * The server itself refuses: malformed targets (400), unknown paths (404), methods (405 with
 * Allow), slow requests (408, or the connection is closed), bodies over the route's limit (413),
 * long targets (414), host names that are not ours (421, DNS rebinding), large headers (431), and
 * anything while it stops (503). HEAD is answered from GET, OPTIONS from the table, If-None-Match
 * from the reply's ETag.
 *
 * Owns: sockets, threads, deadlines. Never: knows what a route means. */
#ifndef CY_HOST_HTTP_HTTP_H
#define CY_HOST_HTTP_HTTP_H

#include "host/http/conns.h"
#include "host/system/tls.h"

struct cy_http;         /* a server */
struct cy_http_request; /* valid until its handler returns */
struct cy_later;        /* a request that is answered later */

/* A handler fills reply. It must not keep request. */
typedef void cy_http_handler(void *context, const struct cy_http_request *request,
                             struct cy_reply *reply);

/* Where the large bodies of routes flagged CY_HTTP_SINK go, piece by piece, instead of into memory;
 * their body_max is not looked at. The length must be announced
 * (Content-Length) and is given more time than a small request, by send_rate. */
struct cy_http_sink {
    /* begin is called when the headers are here. A failure is the answer; else *state belongs to
     * the request. */
    cy_err (*begin)(void *context, const struct cy_http_request *request, uint64_t length,
                    void **state);
    /* piece: after a failure it is not called again, the rest is read and forgotten, and the
     * failure is the answer. */
    cy_err (*piece)(void *state, struct cy_span bytes);
    /* drop: the request is over and the handler was not called, or did not take the state. */
    void (*drop)(void *state);
};

/* Flags of a route. */
#define CY_HTTP_LOOPBACK 1u /* only for clients on a loopback address; others get 404 */
#define CY_HTTP_ANY_HOST 2u /* answer whatever the Host header says (health checks) */
#define CY_HTTP_SINK 4u     /* the body goes to the options' sink */

/* What may stand behind the ? of a target, for OpenAPI and people; the handler reads it. */
struct cy_http_query {
    const char *name;   /* NULL ends a table; "*" any further name */
    const char *type;   /* number, text, flag, date, time, or "a|b": one of these words */
    uint64_t most;      /* of a number */
    const char *sample; /* an example */
    const char *doc;
};

struct cy_http_route {
    const char *method;  /* GET, POST, PUT, DELETE */
    const char *pattern; /* uri.h */
    cy_http_handler *handle;
    unsigned flags;
    size_t body_max;                     /* bytes; 0: no body */
    const char *doc;                     /* one sentence, for OpenAPI and people */
    const struct cy_http_query *queries; /* NULL: none */
    const char *body;                    /* what is sent: a media type, or the name of a form */
    /* "200 feed; 202 text/plain; 204": statuses, each with a form of JSON (routes/answers.def) or a
     * media type; "members|bundle" is one of them */
    const char *answers;
    const char *refusals; /* names of the errors that are this route's own, "NO_NOUN BAD_TEXT" */
};

/* The last four of a route that stands in no document. */
#define CY_HTTP_UNTOLD NULL, NULL, NULL, NULL

struct cy_http_options {
    const char *address; /* of the main listener */
    unsigned port;       /* 0: any */
    const struct cy_tls_pair *tls;
    bool plain; /* also listen on 127.0.0.1 without TLS */
    unsigned plain_port;
    const char *const *hosts; /* names others call this server by, besides loopback ones */
    size_t hosts_n;
    unsigned threads;
    unsigned connections;
    unsigned connections_per_address;
    unsigned request_ms; /* from the connection, or the previous answer, to the whole request */
    unsigned send_ms;    /* to send an answer, besides its bytes / send_rate */
    unsigned send_rate;  /* bytes per millisecond that a reader must keep up with */
    size_t headers_max;  /* bytes of all names and values */
    const struct cy_http_route *routes;
    size_t routes_n;
    const struct cy_http_sink *sink; /* NULL: no route is flagged CY_HTTP_SINK */
    void *context;                   /* given to handlers */
    struct cy_metrics *metrics;      /* may be NULL */
};

/* cy_http_defaults fills everything but the routes: 127.0.0.1, any port, no TLS. */
struct cy_http_options cy_http_defaults(void);

/* cy_http_start starts a server. Routes and context must outlive it; the rest is copied. Fails with
 * HTTP_BIND (detail: errno), HTTP_PLAIN, HTTP_START or NO_MEMORY. */
CY_MUST_USE cy_err cy_http_start(const struct cy_http_options *options, struct cy_http **out);

/* cy_http_stop refuses new requests, answers waiting ones with STOPPING, ends streams, gives
 * answers under way half a second and stops. Handles of cy_http_later stay valid until answered. */
void cy_http_stop(struct cy_http *server);

/* Ports that are bound; plain_port 0 when there is no plain listener. */
unsigned cy_http_port(const struct cy_http *server);
unsigned cy_http_plain_port(const struct cy_http *server);

/* What a request holds. Texts are decoded and end in 0; NULL when absent. */
const char *cy_http_method(const struct cy_http_request *request); /* GET for HEAD */
const char *cy_http_path(const struct cy_http_request *request);   /* as sent, without query */
const char *cy_http_target(const struct cy_http_request *request); /* as sent, with it */
const char *cy_http_param(const struct cy_http_request *request, const char *name);
const char *cy_http_query(const struct cy_http_request *request, const char *name);
const char *cy_http_header(const struct cy_http_request *request, const char *name);
struct cy_span cy_http_body(const struct cy_http_request *request);
const char *cy_http_peer(const struct cy_http_request *request); /* the client's address */
const struct cy_http_route *cy_http_route(const struct cy_http_request *request);

/* cy_http_take_state gives the sink's state to the handler, once. */
void *cy_http_take_state(const struct cy_http_request *asked);

/* cy_http_query_u64 reads a whole number; absent gives the fallback. Fails with BAD_REQUEST. */
CY_MUST_USE cy_err cy_http_query_u64(const struct cy_http_request *request, const char *name,
                                     uint64_t fallback, uint64_t max, uint64_t *out);

/* cy_http_later, called in a handler, puts the request aside; whatever the handler then does with
 * its reply is ignored. cy_http_answer must be called exactly once with the handle, from any
 * thread, at any time, also after the server stopped; it takes reply over (NULL: INTERNAL). NULL
 * without memory: then the handler's own reply counts. */
struct cy_later *cy_http_later(const struct cy_http_request *asked);
void cy_http_answer(struct cy_later *later, struct cy_reply *reply);

/* cy_http_every has a function called by the server's own thread every ms (at least 20), until the
 * server stops. At most 8. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_http_every(struct cy_http *server, unsigned ms, void (*call)(void *user),
                                 void *user);

#endif

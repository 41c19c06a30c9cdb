#include "host/http/http.h"

#include "host/http/uri.h"
#include "host/system/form.h"
#include "host/system/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS_N_MAX 64
#define DRAIN_MAX 262144 /* bytes past the limit that are read before the connection breaks */
#define CONNECTION_MEMORY 49152 /* headers and buffers of one connection */
#define TLS_13_ONLY "SECURE128:-VERS-ALL:+VERS-TLS1.3"

struct listener {
    struct cy_http *server;
    struct MHD_Daemon *daemon;
    bool tls;
    unsigned port;
};

struct cy_http {
    struct cy_http_options options;
    char **hosts;
    char *address;
    struct listener listeners[2];
    size_t listeners_n;
    struct cy_conns conns;
    struct cy_metric *answers[6]; /* by first digit of the status */
    struct cy_metric *seconds;
};

struct cy_http_request {
    struct cy_http *server;
    struct MHD_Connection *connection;
    struct cy_conn *conn;
    const struct cy_http_route *route;
    struct cy_uri_params params;
    struct cy_uri uri;
    char target[CY_URI_MAX + 2];
    char path[CY_URI_MAX + 2];
    char method[16];
    uint8_t *body;
    size_t body_n;
    size_t body_cap;
    size_t drained; /* bytes past the route's limit */
    void *state;    /* of the route's sink */
    cy_err sunk;    /* what the sink said */
    uint64_t start_us;
    struct cy_later *later;
    bool asleep; /* of later: the connection was suspended */
    bool sent;
    bool close;
};

static void on_connection(void *cls, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct listener *listener = cls;

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *slot = cy_conn_open(&listener->server->conns, connection, listener->tls);
    else if (*slot != NULL)
        cy_conn_close(*slot);
}

cy_err cy_http_every(struct cy_http *server, unsigned ms, void (*call)(void *user), void *user)
{
    return cy_conns_every(&server->conns, ms, call, user);
}

/* ---- sending ---- */

static const char *header_of(const struct cy_http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static struct MHD_Response *make_response(struct cy_http_request *request, struct cy_reply *reply)
{
    struct MHD_Response *response = NULL;

    switch (reply->kind) {
    case CY_REPLY_BYTES:
        response = MHD_create_response_from_buffer(
            reply->n, reply->bytes, reply->n == 0 ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
        if (response != NULL && reply->n > 0)
            reply->bytes = NULL;
        return response;
    case CY_REPLY_FILE:
        response = MHD_create_response_from_fd64(reply->file_n, reply->file);
        if (response != NULL)
            reply->file = -1;
        return response;
    case CY_REPLY_STREAM: break;
    }
    response = cy_stream_response(&request->server->conns, request->conn, request->connection,
                                  &reply->source);
    reply->source = (struct cy_stream_source){0};
    return response;
}

static void add_header(struct MHD_Response *response, const struct cy_reply *reply,
                       const char *name, const char *value)
{
    if (reply == NULL || cy_reply_header_get(reply, name) == NULL)
        (void)MHD_add_response_header(response, name, value);
}

static void add_headers(struct MHD_Response *response, const struct cy_reply *reply, bool close)
{
    for (size_t i = 0; i < reply->headers_n; i++)
        (void)MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    add_header(response, reply, "Cache-Control", "no-store");
    add_header(response, reply, "X-Content-Type-Options", "nosniff");
    add_header(response, reply, "X-Frame-Options", "DENY");
    add_header(response, reply, "Referrer-Policy", "no-referrer");
    add_header(response, reply, "Cross-Origin-Resource-Policy", "same-origin");
    add_header(response, reply, "Content-Security-Policy",
               "default-src 'none'; frame-ancestors 'none'");
    if (close)
        add_header(response, reply, "Connection", "close");
}

static bool unchanged(const struct cy_http_request *request, const struct cy_reply *reply)
{
    const char *tag = cy_reply_header_get(reply, "ETag");
    const char *asked = header_of(request, "If-None-Match");

    if (reply->status != 200 || tag == NULL || asked == NULL ||
        strcmp(cy_http_method(request), "GET") != 0)
        return false;
    return strcmp(asked, "*") == 0 || strstr(asked, tag) != NULL;
}

static void count_answer(const struct cy_http_request *request, unsigned status)
{
    const uint64_t us = cy_now_us() - request->start_us;

    cy_metric_add(request->server->answers[status / 100 < 6 ? status / 100 : 5], 1);
    cy_metric_time(request->server->seconds, us);
    CY_LOG(CY_LOG_DEBUG, "http", cy_log_say("answered"), cy_log_text("method", request->method),
           cy_log_text("path", request->path), cy_log_number("status", status),
           cy_log_number("us", (int64_t)us),
           cy_log_text("peer", request->conn == NULL ? "" : request->conn->peer));
}

/* Takes reply over. */
static enum MHD_Result send_reply(struct cy_http_request *request, struct cy_reply *reply)
{
    const struct cy_http_options *options = &request->server->options;
    struct MHD_Response *response = NULL;
    enum MHD_Result done = MHD_NO;
    uint64_t bytes = 0;
    unsigned status = reply->status;

    request->sent = true;
    if (reply->broken) {
        CY_LOG(CY_LOG_ERROR, "http", cy_log_say("an answer could not be built"),
               cy_log_text("path", request->path));
        status = 500;
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else if (unchanged(request, reply)) {
        status = 304;
        response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    } else {
        bytes = reply->kind == CY_REPLY_FILE ? reply->file_n : reply->n;
        response = make_response(request, reply);
    }
    if (response != NULL) {
        if (status == 200 && reply->kind == CY_REPLY_STREAM)
            cy_conn_phase(request->conn, CY_CONN_STREAMING, 0);
        else
            cy_conn_phase(request->conn, CY_CONN_SENDING,
                          options->send_ms + bytes / options->send_rate);
        add_headers(response, reply, request->close);
        done = MHD_queue_response(request->connection, status, response);
        MHD_destroy_response(response);
        count_answer(request, status);
    }
    cy_reply_free(reply);
    return done;
}

static enum MHD_Result send_error(struct cy_http_request *request, cy_err err, const char *detail,
                                  bool close)
{
    struct cy_reply *reply = cy_reply_new();

    if (reply == NULL)
        return MHD_NO;
    request->close = request->close || close;
    cy_reply_fail(reply, err, detail, request->path);
    return send_reply(request, reply);
}

/* ---- what a request holds ---- */

const char *cy_http_method(const struct cy_http_request *request)
{
    return strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
}

const char *cy_http_path(const struct cy_http_request *request)
{
    return request->path;
}

const char *cy_http_target(const struct cy_http_request *request)
{
    return request->target;
}

const char *cy_http_param(const struct cy_http_request *request, const char *name)
{
    return cy_uri_param(&request->params, name);
}

const char *cy_http_query(const struct cy_http_request *request, const char *name)
{
    return cy_uri_query(&request->uri, name);
}

const char *cy_http_header(const struct cy_http_request *request, const char *name)
{
    return header_of(request, name);
}

struct cy_span cy_http_body(const struct cy_http_request *request)
{
    return cy_span_of(request->body, request->body_n);
}

const char *cy_http_peer(const struct cy_http_request *request)
{
    return request->conn == NULL ? "" : request->conn->peer;
}

const struct cy_http_route *cy_http_route(const struct cy_http_request *request)
{
    return request->route;
}

void *cy_http_take_state(const struct cy_http_request *asked)
{
    /* The request is the server's own; handlers see it as const. */
    struct cy_http_request *request = (struct cy_http_request *)(uintptr_t)asked;
    void *state = request->state;

    request->state = NULL;
    return state;
}

cy_err cy_http_query_u64(const struct cy_http_request *request, const char *name, uint64_t fallback,
                         uint64_t max, uint64_t *out)
{
    const char *text = cy_http_query(request, name);

    *out = fallback;
    if (text == NULL)
        return CY_OK;
    if (!cy_ok(cy_u64_read(cy_span_text(text), out)) || *out > max)
        return cy_fail(CY_E_BAD_REQUEST, 0);
    return CY_OK;
}

/* ---- checks before the handler ---- */

struct headers {
    size_t n;
    size_t bytes;
    unsigned hosts;
    unsigned lengths;
    unsigned codings;
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    struct headers *headers = cls;

    (void)kind;
    headers->n++;
    headers->bytes += strlen(name) + (value == NULL ? 0 : strlen(value)) + 4;
    headers->hosts += strcasecmp(name, "Host") == 0 ? 1 : 0;
    headers->lengths += strcasecmp(name, "Content-Length") == 0 ? 1 : 0;
    headers->codings += strcasecmp(name, "Transfer-Encoding") == 0 ? 1 : 0;
    return MHD_YES;
}

/* RFC 9112, 6.3: whoever disagrees about where a body ends can smuggle a second request. */
static cy_err check_headers(const struct cy_http_request *request)
{
    const char *coding = header_of(request, "Transfer-Encoding");
    struct headers headers = {0};

    (void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, on_header, &headers);
    if (headers.n > HEADERS_N_MAX || headers.bytes > request->server->options.headers_max)
        return cy_fail(CY_E_HEADERS_TOO_LARGE, request->server->options.headers_max);
    if (headers.hosts != 1 || headers.lengths + headers.codings > 1)
        return cy_fail(CY_E_BAD_REQUEST, 0);
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return cy_fail(CY_E_BAD_REQUEST, 0);
    return CY_OK;
}

static bool host_known(const struct cy_http *server, struct cy_span text)
{
    char host[256];
    unsigned port = 0;

    if (!cy_form_host_port(text, host, sizeof host, &port))
        return false;
    if (cy_form_loopback(host))
        return true;
    /* 0.0.0.0 and :: are addresses of any machine: a page that names them is not from here */
    if (strcasecmp(host, server->address) == 0 && strcmp(host, "0.0.0.0") != 0 &&
        strcmp(host, "::") != 0)
        return true;
    for (size_t i = 0; i < server->options.hosts_n; i++) {
        if (strcasecmp(server->hosts[i], host) == 0)
            return true;
    }
    return false;
}

/* A page of another site may make a browser send requests here: its Origin gives it away. */
static bool origin_known(const struct cy_http_request *request)
{
    const char *origin = header_of(request, "Origin");
    const char *slashes = origin == NULL ? NULL : strstr(origin, "://");

    if (origin == NULL || strcmp(cy_http_method(request), "GET") == 0)
        return true;
    return slashes != NULL && host_known(request->server, cy_span_text(slashes + 3));
}

/* Finds the best route of the method. *known tells whether any method serves the path. */
static const struct cy_http_route *find_route(const struct cy_http_request *request, bool *known)
{
    const struct cy_http_options *options = &request->server->options;
    const struct cy_http_route *best = NULL;
    uint64_t best_score = 0;

    *known = false;
    for (size_t i = 0; i < options->routes_n; i++) {
        const struct cy_http_route *route = &options->routes[i];
        const uint64_t score = cy_uri_match(route->pattern, &request->uri, NULL);

        if (score == 0 ||
            ((route->flags & CY_HTTP_LOOPBACK) != 0 && !cy_form_loopback(cy_http_peer(request))))
            continue;
        *known = true;
        if (score > best_score && strcmp(route->method, cy_http_method(request)) == 0) {
            best = route;
            best_score = score;
        }
    }
    return best;
}

static void allowed_methods(const struct cy_http_request *request, struct cy_text *out)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
    const struct cy_http_options *options = &request->server->options;

    for (size_t k = 0; k < CY_COUNT(methods); k++) {
        for (size_t i = 0; i < options->routes_n; i++) {
            if (strcmp(options->routes[i].method, methods[k]) != 0 ||
                cy_uri_match(options->routes[i].pattern, &request->uri, NULL) == 0)
                continue;
            cy_text_add(out, methods[k]);
            cy_text_add(out, k == 0 ? ", HEAD, " : ", ");
            break;
        }
    }
    cy_text_add(out, "OPTIONS");
}

static enum MHD_Result send_methods(struct cy_http_request *request)
{
    struct cy_reply *reply = cy_reply_new();
    char allow[64];
    struct cy_text text = cy_text_on(allow, sizeof allow);

    if (reply == NULL)
        return MHD_NO;
    allowed_methods(request, &text);
    if (strcmp(request->method, "OPTIONS") != 0)
        cy_reply_fail(reply, cy_fail(CY_E_BAD_METHOD, 0), NULL, request->path);
    cy_reply_header(reply, "Allow", allow);
    return send_reply(request, reply);
}

static bool has_sink(const struct cy_http_request *request)
{
    return (request->route->flags & CY_HTTP_SINK) != 0;
}

static enum MHD_Result begin_sink(struct cy_http_request *request, uint64_t length)
{
    const struct cy_http_options *options = &request->server->options;
    const cy_err begun =
        request->server->options.sink->begin(options->context, request, length, &request->state);

    if (!cy_ok(begun)) {
        request->state = NULL; /* whatever it was set to */
        return send_error(request, begun, NULL, true);
    }
    cy_conn_phase(request->conn, CY_CONN_RECEIVING,
                  options->request_ms + length / options->send_rate);
    cy_conn_begun(request->conn);
    return MHD_YES;
}

static enum MHD_Result check_length(struct cy_http_request *request)
{
    const char *length = header_of(request, "Content-Length");
    const size_t max = request->route->body_max;
    uint64_t n = 0;

    if (length == NULL && !has_sink(request))
        return MHD_YES;
    if (length == NULL || !cy_ok(cy_u64_read(cy_span_text(length), &n)))
        return send_error(request, cy_fail(CY_E_BAD_REQUEST, 0), "Content-Length", true);
    if (has_sink(request))
        return begin_sink(request, n);
    if (n > max)
        return send_error(request, cy_fail(CY_E_BODY_TOO_LARGE, max), NULL, true);
    if (n > 0) {
        request->body = malloc(n);
        request->body_cap = n;
        if (request->body == NULL)
            return send_error(request, cy_fail(CY_E_NO_MEMORY, 0), NULL, true);
    }
    return MHD_YES;
}

/* Runs once the headers are here: refuses, or finds the route. */
static enum MHD_Result begin(struct cy_http_request *request)
{
    const cy_err target = cy_uri_parse(&request->uri, request->target);
    const char *host = header_of(request, "Host");
    cy_err headers = CY_OK;
    bool known = false;

    request->path[strcspn(request->path, "?")] = 0;
    if (cy_conns_stopping(&request->server->conns))
        return send_error(request, cy_fail(CY_E_STOPPING, 0), NULL, true);
    if (!cy_ok(target)) {
        request->path[0] = 0; /* it may hold anything */
        return send_error(request, target, NULL, true);
    }
    headers = check_headers(request);
    if (!cy_ok(headers))
        return send_error(request, headers, NULL, true);
    request->route = find_route(request, &known);
    if ((request->route == NULL || (request->route->flags & CY_HTTP_ANY_HOST) == 0) &&
        (host == NULL || !host_known(request->server, cy_span_text(host)) ||
         !origin_known(request)))
        return send_error(request, cy_fail(CY_E_BAD_HOST, 0), NULL, true);
    if (!known)
        return send_error(request, cy_fail(CY_E_NOT_FOUND, 0), NULL, false);
    if (request->route == NULL)
        return send_methods(request);
    (void)cy_uri_match(request->route->pattern, &request->uri, &request->params);
    return check_length(request);
}

/* ---- the body, the handler, answering later ---- */

static enum MHD_Result take_body(struct cy_http_request *request, const char *data, size_t *n)
{
    const size_t max = request->route->body_max;

    if (has_sink(request)) {
        if (cy_ok(request->sunk))
            request->sunk =
                request->server->options.sink->piece(request->state, cy_span_of(data, *n));
        *n = 0;
        return MHD_YES;
    }
    if (request->body_n + *n > max || request->drained > 0) {
        /* The library cannot answer before the body ends: read a little more, then give up. */
        request->drained += *n;
        *n = 0;
        return request->drained > DRAIN_MAX ? MHD_NO : MHD_YES;
    }
    if (request->body_n + *n > request->body_cap) {
        const size_t want = request->body_n + *n;
        const size_t cap = want * 2 < max ? want * 2 : max;
        uint8_t *grown = realloc(request->body, cap);

        if (grown == NULL)
            return MHD_NO;
        request->body = grown;
        request->body_cap = cap;
    }
    memcpy(request->body + request->body_n, data, *n);
    request->body_n += *n;
    *n = 0;
    return MHD_YES;
}

struct cy_later *cy_http_later(const struct cy_http_request *asked)
{
    struct cy_http_request *request = (struct cy_http_request *)(uintptr_t)asked;

    CY_ASSERT(request->later == NULL);
    request->later = cy_later_new(&request->server->conns, request->connection, &request->asleep);
    return request->later;
}

void cy_http_answer(struct cy_later *later, struct cy_reply *reply)
{
    if (reply == NULL) {
        reply = cy_reply_new();
        if (reply != NULL)
            cy_reply_fail(reply, cy_fail(CY_E_INTERNAL, 0), NULL, NULL);
    }
    cy_later_answer(later, reply);
}

static enum MHD_Result finish_later(struct cy_http_request *request)
{
    struct cy_reply *reply = cy_later_take(request->later);

    if (reply == NULL)
        return send_error(request, cy_fail(CY_E_STOPPING, 0), NULL, true);
    return send_reply(request, reply);
}

static enum MHD_Result handle(struct cy_http_request *request)
{
    struct cy_reply *reply = NULL;

    if (request->drained > 0)
        return send_error(request, cy_fail(CY_E_BODY_TOO_LARGE, request->route->body_max), NULL,
                          true);
    if (!cy_ok(request->sunk))
        return send_error(request, request->sunk, NULL, false);
    cy_conn_phase(request->conn, CY_CONN_HANDLING, 0);
    reply = cy_reply_new();
    if (reply == NULL)
        return MHD_NO;
    request->route->handle(request->server->options.context, request, reply);
    if (request->later == NULL)
        return send_reply(request, reply);
    cy_reply_free(reply);
    return request->asleep ? MHD_YES : finish_later(request);
}

static void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *slot =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct listener *listener = cls;
    struct cy_http_request *request = calloc(1, sizeof *request);

    if (request == NULL)
        return NULL;
    request->server = listener->server;
    request->conn = slot == NULL ? NULL : slot->socket_context;
    request->start_us = cy_now_us();
    /* one byte more than allowed, so that the parser sees that it is too long */
    (void)snprintf(request->target, sizeof request->target, "%s", target);
    (void)snprintf(request->path, sizeof request->path, "%s", target);
    cy_conn_begun(request->conn);
    return request;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *n, void **slot)
{
    struct cy_http_request *request = *slot;

    (void)cls;
    (void)url;
    (void)version;
    if (request == NULL)
        return MHD_NO;
    if (request->connection == NULL) {
        request->connection = connection;
        (void)snprintf(request->method, sizeof request->method, "%s", method);
        return begin(request);
    }
    if (request->sent) {
        *n = 0;
        return MHD_YES;
    }
    if (*n > 0)
        return take_body(request, data, n);
    return request->later != NULL ? finish_later(request) : handle(request);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    struct cy_http_request *request = *slot;

    (void)cls;
    (void)connection;
    (void)why;
    if (request == NULL)
        return;
    *slot = NULL;
    cy_conn_phase(request->conn, CY_CONN_RECEIVING, request->server->options.request_ms);
    if (request->later != NULL)
        cy_later_drop(request->later);
    if (request->state != NULL)
        request->server->options.sink->drop(request->state);
    free(request->body);
    free(request);
}

/* Targets are decoded by uri.c; the library must leave them alone. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void on_library_log(void *cls, const char *format,
                                                                 va_list list)
{
    char line[256];

    (void)cls;
    (void)vsnprintf(line, sizeof line, format, list);
    line[strcspn(line, "\n")] = 0;
    CY_LOG(CY_LOG_DEBUG, "http", cy_log_say("library"), cy_log_text("line", line));
}

/* ---- starting and stopping ---- */

struct cy_http_options cy_http_defaults(void)
{
    return (struct cy_http_options){
        .address = "127.0.0.1",
        .threads = 2,
        .connections = 1024,
        .connections_per_address = 64,
        .request_ms = 10000,
        .send_ms = 30000,
        .send_rate = 16,
        .headers_max = 16384,
    };
}

static cy_err bind_socket(const char *address, unsigned port, int *out, unsigned *bound)
{
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } at = {.any = {0}};
    const int yes = 1;
    socklen_t n = sizeof at.four;
    int reason = 0;
    int file = -1;

    if (inet_pton(AF_INET, address, &at.four.sin_addr) == 1) {
        at.four.sin_family = AF_INET;
        at.four.sin_port = htons((uint16_t)port);
    } else if (inet_pton(AF_INET6, address, &at.six.sin6_addr) == 1) {
        at.six.sin6_family = AF_INET6;
        at.six.sin6_port = htons((uint16_t)port);
        n = sizeof at.six;
    } else {
        return cy_fail(CY_E_HTTP_BIND, EADDRNOTAVAIL);
    }
    file = socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0)
        return cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
    (void)setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(file, &at.any, n) != 0 || listen(file, 511) != 0 ||
        getsockname(file, &at.any, &n) != 0) {
        reason = errno;
        (void)close(file);
        return cy_fail(CY_E_HTTP_BIND, (uint64_t)reason);
    }
    *bound = ntohs(at.any.sa_family == AF_INET ? at.four.sin_port : at.six.sin6_port);
    *out = file;
    return CY_OK;
}

static cy_err add_listener(struct cy_http *server, const char *address, unsigned port,
                           const struct cy_tls_pair *tls)
{
    const struct cy_http_options *options = &server->options;
    struct listener *listener = &server->listeners[server->listeners_n];
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_HTTPS_MEM_KEY,    0, tls == NULL ? NULL : tls->key },
        {MHD_OPTION_HTTPS_MEM_CERT,   0, tls == NULL ? NULL : tls->cert},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_13_ONLY},
        {MHD_OPTION_END,              0, NULL                          },
    };
    int file = -1;

    CY_TRY(bind_socket(address, port, &file, &listener->port));
    listener->server = server;
    listener->tls = tls != NULL;
    if (tls == NULL)
        items[0] = items[3];
    else
        flags |= MHD_USE_TLS;
    listener->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, listener,                           /* */
                         MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,                     /* */
                         MHD_OPTION_LISTEN_SOCKET, file, MHD_OPTION_ARRAY, items,              /* */
                         MHD_OPTION_THREAD_POOL_SIZE, options->threads,                        /* */
                         MHD_OPTION_CONNECTION_LIMIT, options->connections,                    /* */
                         MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, /* */
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,        /* */
                         MHD_OPTION_STRICT_FOR_CLIENT, 1,                                      /* */
                         MHD_OPTION_URI_LOG_CALLBACK, on_target, listener,                     /* */
                         MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,                      /* */
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,                /* */
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    if (listener->daemon == NULL) {
        (void)close(file);
        return cy_fail(CY_E_HTTP_START, 0);
    }
    server->listeners_n++;
    return CY_OK;
}

static cy_err copy_options(struct cy_http *server, const struct cy_http_options *options)
{
    server->options = *options;
    server->address = strdup(options->address);
    server->hosts = calloc(options->hosts_n + 1, sizeof *server->hosts);
    if (server->address == NULL || server->hosts == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < options->hosts_n; i++) {
        server->hosts[i] = strdup(options->hosts[i]);
        if (server->hosts[i] == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
    }
    server->options.hosts = NULL;
    server->options.tls = NULL;
    server->options.address = server->address;
    return CY_OK;
}

static void make_metrics(struct cy_http *server, struct cy_metrics *metrics)
{
    static const uint64_t bounds[] = {100,    250,    1000,    2500,    10000,    25000,
                                      100000, 250000, 1000000, 2500000, 10000000, 60000000};
    char labels[32];

    for (unsigned i = 2; i < 6; i++) {
        (void)snprintf(labels, sizeof labels, "status=\"%uxx\"", i);
        server->answers[i] = cy_metrics_counter(metrics, "comity_http_answers_total", labels,
                                                "HTTP requests answered, by class of status.");
    }
    server->conns.open =
        cy_metrics_gauge(metrics, "comity_http_connections", "", "Open connections.");
    server->conns.slow = cy_metrics_counter(metrics, "comity_http_slow_total", "",
                                            "Connections closed because the client was too slow.");
    server->seconds =
        cy_metrics_histogram(metrics, "comity_http_seconds", "",
                             "From the request line to the answer.", bounds, CY_COUNT(bounds));
}

/* A route that can never be reached, or a pattern out of form, is a bug of the program. */
static void check_routes(const struct cy_http_options *options)
{
    for (size_t i = 0; i < options->routes_n; i++) {
        const struct cy_http_route *route = &options->routes[i];

        CY_ASSERT(route->pattern[0] == '/');
        CY_ASSERT(route->handle != NULL);
        CY_ASSERT((route->flags & CY_HTTP_SINK) == 0 || options->sink != NULL);
        for (size_t k = 0; k < i; k++)
            CY_ASSERT(strcmp(options->routes[k].pattern, route->pattern) != 0 ||
                      strcmp(options->routes[k].method, route->method) != 0);
    }
}

static cy_err start(struct cy_http *server, const struct cy_http_options *options)
{
    CY_TRY(copy_options(server, options));
    CY_TRY(add_listener(server, options->address, options->port, options->tls));
    return options->plain ? add_listener(server, "127.0.0.1", options->plain_port, NULL) : CY_OK;
}

cy_err cy_http_start(const struct cy_http_options *options, struct cy_http **out)
{
    struct cy_http *server = NULL;
    cy_err done = CY_OK;

    *out = NULL;
    check_routes(options);
    CY_ASSERT(options->send_rate > 0);
    if (options->tls == NULL && !cy_form_loopback(options->address))
        return cy_fail(CY_E_HTTP_PLAIN, 0);
    server = calloc(1, sizeof *server);
    if (server == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    make_metrics(server, options->metrics);
    done = cy_conns_start(&server->conns, options->request_ms);
    if (cy_ok(done))
        done = start(server, options);
    if (!cy_ok(done)) {
        cy_http_stop(server);
        return done;
    }
    *out = server;
    return CY_OK;
}

unsigned cy_http_port(const struct cy_http *server)
{
    return server->listeners[0].port;
}

unsigned cy_http_plain_port(const struct cy_http *server)
{
    return server->listeners_n > 1 ? server->listeners[1].port : 0;
}

void cy_http_stop(struct cy_http *server)
{
    if (server == NULL)
        return;
    cy_conns_end(&server->conns);
    for (size_t i = 0; i < server->listeners_n; i++)
        MHD_stop_daemon(server->listeners[i].daemon);
    for (size_t i = 0; server->hosts != NULL && i < server->options.hosts_n; i++)
        free(server->hosts[i]);
    free(server->hosts);
    free(server->address);
    cy_conns_free(&server->conns);
    free(server);
}

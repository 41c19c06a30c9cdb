#include "http_rig.h"

#include "host/http/health.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct place here;

/* ---- handlers ---- */

static void hello(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    char text[256];
    const char *name = cy_http_query(q, "name");

    assert_ptr_equal(context, &here);
    snprintf(text, sizeof text, "hello %s from %s", name == NULL ? "you" : name, cy_http_peer(q));
    cy_reply_text(r, 200, text);
    cy_reply_etag(r, "v1");
}

static void echo(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    cy_reply_bytes(r, 200, "application/octet-stream", cy_http_body(q));
}

static void item(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    cy_reply_text(r, 200, cy_http_param(q, "id"));
}

static void item_me(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_reply_text(r, 200, "literal");
}

static void tile(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    const cy_err e = cy_reply_file(r, ((struct place *)context)->dir_file, cy_http_param(q, "path"),
                                   "application/octet-stream", CY_CACHE_FOREVER);

    if (!cy_ok(e))
        cy_reply_fail(r, e, NULL, cy_http_path(q));
}

static void fails(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    cy_reply_fail(r, cy_fail(CY_E_NO_ROOM, 7), "the shelf is full", cy_http_path(q));
}

static void broken(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_reply_text(r, 200, "x");
    cy_reply_header(r, "X-Bad", "a\r\nSet-Cookie: b");
}

static void wait_for(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    struct place *p = context;

    (void)r;
    pthread_mutex_lock(&p->guard);
    p->laters[p->laters_n++] = cy_http_later(q);
    pthread_mutex_unlock(&p->guard);
}

static void big(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    uint64_t n = 0;

    (void)context;
    if (!cy_ok(cy_http_query_u64(q, "n", 5, 1 << 24, &n))) {
        cy_reply_fail(r, cy_fail(CY_E_BAD_REQUEST, 0), "n", NULL);
        return;
    }
    cy_reply_take(r, 200, "text/plain", calloc(1, n + 1), n);
}

static void healthz(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_health_alive(r);
}

static void metrics(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)q;
    cy_health_metrics(r, ((struct place *)context)->metrics);
}

/* A sink that counts: it refuses lengths above 100,000 at once, and an 'x' when it comes. */
static cy_err sink_begin(void *context, const struct cy_http_request *q, uint64_t n, void **state)
{
    (void)q;
    *state = context;
    return n > 100000 ? cy_fail(CY_E_BODY_TOO_LARGE, 100000) : CY_OK;
}

static cy_err sink_piece(void *state, struct cy_span bytes)
{
    struct place *p = state;

    pthread_mutex_lock(&p->guard);
    p->sunk += (unsigned)bytes.n;
    pthread_mutex_unlock(&p->guard);
    return memchr(bytes.at, 'x', bytes.n) == NULL ? CY_OK : cy_fail(CY_E_NO_SPACE, 0);
}

static void sink_drop(void *state)
{
    struct place *p = state;

    pthread_mutex_lock(&p->guard);
    p->dropped++;
    pthread_mutex_unlock(&p->guard);
}

static const struct cy_http_sink counting = {sink_begin, sink_piece, sink_drop};

static void sunk(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    assert_ptr_equal(cy_http_take_state(q), context);
    assert_null(cy_http_take_state(q));
    assert_int_equal(cy_http_body(q).n, 0);
    cy_reply_text(r, 201, "sunk");
}

static const struct cy_http_route routes[] = {
    {"GET",  "/hello",          hello,    0,                0,        "Greets.",          CY_HTTP_UNTOLD},
    {"POST", "/echo",           echo,     0,                BODY_MAX, "Gives back.",      CY_HTTP_UNTOLD},
    {"PUT",  "/echo",           echo,     0,                BODY_MAX, "Gives back.",      CY_HTTP_UNTOLD},
    {"PUT",  "/sink",           sunk,     CY_HTTP_SINK,     0,        "Counts bytes.",    CY_HTTP_UNTOLD},
    {"GET",  "/items/{id}",     item,     0,                0,        "One item.",        CY_HTTP_UNTOLD},
    {"GET",  "/items/me",       item_me,  0,                0,        "A literal.",       CY_HTTP_UNTOLD},
    {"GET",  "/tile/{path...}", tile,     0,                0,        "A file.",          CY_HTTP_UNTOLD},
    {"GET",  "/fail",           fails,    0,                0,        "Fails.",           CY_HTTP_UNTOLD},
    {"GET",  "/broken",         broken,   0,                0,        "Cannot be built.", CY_HTTP_UNTOLD},
    {"GET",  "/wait",           wait_for, 0,                0,        "Answers later.",   CY_HTTP_UNTOLD},
    {"POST", "/wait",           wait_for, 0,                BODY_MAX, "Answers later.",   CY_HTTP_UNTOLD},
    {"GET",  "/big",            big,      0,                0,        "Many bytes.",      CY_HTTP_UNTOLD},
    {"GET",  "/healthz",        healthz,  CY_HTTP_ANY_HOST, 0,        "Alive.",           CY_HTTP_UNTOLD},
    {"GET",  "/metrics",        metrics,  CY_HTTP_LOOPBACK, 0,        "Metrics.",         CY_HTTP_UNTOLD},
};

/* ---- a raw client ---- */

int dial(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)cy_http_port(here.server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {10, 0};
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(file, (struct sockaddr *)&at, sizeof at), 0);
    return file;
}

void say(int file, const char *text)
{
    (void)!send(file, text, strlen(text), MSG_NOSIGNAL);
}

size_t hear(int file, char *out, size_t cap, bool whole)
{
    size_t n = 0;

    out[0] = 0;
    while (n + 1 < cap) {
        const ssize_t got = recv(file, out + n, cap - 1 - n, 0);
        const char *length = NULL;
        const char *end = NULL;

        if (got <= 0)
            break;
        n += (size_t)got;
        out[n] = 0;
        end = strstr(out, "\r\n\r\n");
        length = strcasestr(out, "Content-Length: ");
        if (whole && end != NULL &&
            (length == NULL || n >= (size_t)(end + 4 - out) + strtoul(length + 16, NULL, 10)))
            break;
    }
    return n;
}

char answer[200000];

int ask(const char *head, const char *rest)
{
    const int file = dial();
    char text[9000];
    int status = 0;

    snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s", head,
             rest, strstr(rest, "\r\n\r\n") != NULL ? "" : "\r\n");
    say(file, text);
    hear(file, answer, sizeof answer, false);
    close(file);
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

int raw(const char *text)
{
    const int file = dial();
    int status = 0;

    say(file, text);
    hear(file, answer, sizeof answer, true);
    close(file);
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

void has(const char *words)
{
    if (strcasestr(answer, words) == NULL)
        fail_msg("wanted: %s\nin: %s", words, answer);
}

void with_routes(struct cy_http_options *options)
{
    options->routes = routes;
    options->routes_n = CY_COUNT(routes);
    options->sink = &counting;
    options->context = &here;
}

int start_with(struct cy_http_options options)
{
    memset(&here, 0, sizeof here);
    pthread_mutex_init(&here.guard, NULL);
    here.metrics = cy_metrics_new();
    strcpy(here.dir, "/tmp/cy_http_XXXXXX");
    assert_non_null(mkdtemp(here.dir));
    here.dir_file = open(here.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    with_routes(&options);
    options.metrics = here.metrics;
    assert_ok(cy_http_start(&options, &here.server));
    return 0;
}

int start(void **s)
{
    static const char *const hosts[] = {"a.example"};
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    options.hosts = hosts;
    options.hosts_n = 1;
    options.headers_max = 4096;
    return start_with(options);
}

int finish(void **s)
{
    char command[96];

    (void)s;
    cy_http_stop(here.server);
    cy_metrics_free(here.metrics);
    close(here.dir_file);
    snprintf(command, sizeof command, "rm -rf '%s'", here.dir);
    assert_int_equal(system(command), 0);
    return 0;
}

/* http, conns, reply, health: a real server on loopback, spoken to over raw sockets. */
#include "host/http/client.h"
#include "host/http/health.h"
#include "host/http/http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

#define BODY_MAX 1000

struct place {
    struct cy_http *server;
    struct cy_metrics *metrics;
    char dir[64];
    int dir_file;
    pthread_mutex_t guard;
    struct cy_later *laters[80];
    size_t laters_n;
    unsigned sunk;    /* bytes given to the sink */
    unsigned dropped; /* states that no handler took */
};

static struct place here;

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
    {"GET",  "/hello",          hello,    0,                0,        "Greets."         },
    {"POST", "/echo",           echo,     0,                BODY_MAX, "Gives back."     },
    {"PUT",  "/echo",           echo,     0,                BODY_MAX, "Gives back."     },
    {"PUT",  "/sink",           sunk,     CY_HTTP_SINK,     0,        "Counts bytes."   },
    {"GET",  "/items/{id}",     item,     0,                0,        "One item."       },
    {"GET",  "/items/me",       item_me,  0,                0,        "A literal."      },
    {"GET",  "/tile/{path...}", tile,     0,                0,        "A file."         },
    {"GET",  "/fail",           fails,    0,                0,        "Fails."          },
    {"GET",  "/broken",         broken,   0,                0,        "Cannot be built."},
    {"GET",  "/wait",           wait_for, 0,                0,        "Answers later."  },
    {"POST", "/wait",           wait_for, 0,                BODY_MAX, "Answers later."  },
    {"GET",  "/big",            big,      0,                0,        "Many bytes."     },
    {"GET",  "/healthz",        healthz,  CY_HTTP_ANY_HOST, 0,        "Alive."          },
    {"GET",  "/metrics",        metrics,  CY_HTTP_LOOPBACK, 0,        "Metrics."        },
};

/* ---- a raw client ---- */

static int dial(void)
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

static void say(int file, const char *text)
{
    (void)!send(file, text, strlen(text), MSG_NOSIGNAL);
}

/* Reads until the other side closes, or (whole) until one answer with Content-Length is complete.
 */
static size_t hear(int file, char *out, size_t cap, bool whole)
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

static char answer[200000];

/* One request, one answer; returns the status. "\r\n" and Host are added when head is a line. */
static int ask(const char *head, const char *rest)
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

static int raw(const char *text)
{
    const int file = dial();
    int status = 0;

    say(file, text);
    hear(file, answer, sizeof answer, true);
    close(file);
    sscanf(answer, "HTTP/1.1 %d", &status);
    return status;
}

static void has(const char *words)
{
    if (strcasestr(answer, words) == NULL)
        fail_msg("wanted: %s\nin: %s", words, answer);
}

static int start_with(struct cy_http_options options)
{
    memset(&here, 0, sizeof here);
    pthread_mutex_init(&here.guard, NULL);
    here.metrics = cy_metrics_new();
    strcpy(here.dir, "/tmp/cy_http_XXXXXX");
    assert_non_null(mkdtemp(here.dir));
    here.dir_file = open(here.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    options.routes = routes;
    options.routes_n = CY_COUNT(routes);
    options.sink = &counting;
    options.context = &here;
    options.metrics = here.metrics;
    assert_ok(cy_http_start(&options, &here.server));
    return 0;
}

static int start(void **s)
{
    static const char *const hosts[] = {"a.example"};
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    options.hosts = hosts;
    options.hosts_n = 1;
    options.headers_max = 4096;
    return start_with(options);
}

static int start_impatient(void **s)
{
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    options.request_ms = 200;
    options.send_ms = 200;
    options.send_rate = 16000;
    options.connections_per_address = 8;
    return start_with(options);
}

static int start_hasty(void **s)
{
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    options.request_ms = 40;
    return start_with(options);
}

static int start_narrow(void **s)
{
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    options.connections = 16;
    return start_with(options);
}

static int start_tls(void **s)
{
    static const char *const names[] = {"127.0.0.1"};
    struct cy_http_options options = cy_http_defaults();
    struct cy_tls_pair pair;

    (void)s;
    assert_ok(cy_tls_make(CY_TLS_P256, names, 1, (uint64_t)time(NULL), 1, &pair));
    options.request_ms = 200;
    options.tls = &pair;
    start_with(options);
    cy_tls_free(&pair);
    return 0;
}

static int finish(void **s)
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

/* ---- tests ---- */

static unsigned sunk_now(void)
{
    unsigned n = 0;

    pthread_mutex_lock(&here.guard);
    n = here.sunk;
    pthread_mutex_unlock(&here.guard);
    return n;
}

static unsigned dropped_now(void)
{
    unsigned n = 0;

    pthread_mutex_lock(&here.guard);
    n = here.dropped;
    pthread_mutex_unlock(&here.guard);
    return n;
}

/* Large bodies go to the sink, never into memory; each state is taken or dropped, once. */
static void sinks(void **s)
{
    static char body[90000 + 64];
    const int head = snprintf(body, sizeof body, "Content-Length: 90000\r\n\r\n");
    unsigned before = 0;
    int file = 0;

    (void)s;
    assert_int_equal(ask("PUT /sink", "Content-Length: 3\r\n\r\nabc"), 201);
    assert_int_equal(ask("PUT /sink", "Content-Length: 0\r\n\r\n"), 201);
    assert_int_equal(here.sunk, 3);
    assert_int_equal(here.dropped, 0);
    /* no length, two lengths, not a length, too much: refused before anything is sunk */
    assert_int_equal(ask("PUT /sink", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
                     400);
    assert_int_equal(ask("PUT /sink", "Content-Length: -1\r\n\r\n"), 400);
    assert_int_equal(ask("PUT /sink", "Content-Length: 100001\r\n\r\n"), 413);
    has("/problems/BODY_TOO_LARGE");
    assert_int_equal(here.sunk, 3);
    assert_int_equal(here.dropped, 0);
    /* a whole body in many pieces; then one that fails in the middle and is answered all the same
     */
    memset(body + head, 'a', 90000);
    for (unsigned bad = 0; bad < 2; bad++) {
        int status = 0;

        if (bad == 1)
            body[head + 50] = 'x';
        file = dial();
        say(file, "PUT /sink HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (size_t at = 0; at < (size_t)head + 90000;) {
            const ssize_t n = send(file, body + at, (size_t)head + 90000 - at, MSG_NOSIGNAL);

            assert_true(n > 0);
            at += (size_t)n;
        }
        hear(file, answer, sizeof answer, false);
        close(file);
        sscanf(answer, "HTTP/1.1 %d", &status);
        assert_int_equal(status, bad == 0 ? 201 : 507);
        assert_int_equal(here.sunk >= 90003, 1);
    }
    assert_true(sunk_now() < 180003); /* after the failure nothing more */
    for (unsigned i = 0; i < 500 && dropped_now() < 1; i++)
        usleep(10000); /* it is dropped after its answer */
    assert_int_equal(dropped_now(), 1);
    /* the client goes in the middle */
    file = dial();
    before = sunk_now();
    say(file, "PUT /sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    for (unsigned i = 0; i < 500 && sunk_now() == before; i++)
        usleep(10000);
    close(file);
    for (unsigned i = 0; i < 500 && dropped_now() < 2; i++)
        usleep(10000);
    assert_int_equal(dropped_now(), 2);
}

static void answers(void **s)
{
    (void)s;
    assert_int_equal(ask("GET /hello?name=J%C3%BCrgen+K", ""), 200);
    has("hello J\xc3\xbcrgen K from 127.0.0.1");
    has("X-Content-Type-Options: nosniff");
    has("Content-Security-Policy: default-src 'none'");
    has("X-Frame-Options: DENY");
    has("Cache-Control: no-store");
    has("ETag: \"v1\"");
    assert_int_equal(ask("GET /hello", "If-None-Match: W/\"v0\", \"v1\"\r\n"), 304);
    assert_null(strstr(answer, "hello"));
    assert_int_equal(ask("GET /hello", "If-None-Match: \"v2\"\r\n"), 200);
    assert_int_equal(ask("HEAD /hello", ""), 200);
    has("Content-Length: 24");
    assert_null(strstr(answer, "hello"));
    assert_int_equal(ask("POST /echo", "Content-Length: 3\r\n\r\na\nb"), 200);
    has("\r\n\r\na\nb");
    assert_int_equal(
        ask("POST /echo", "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), 200);
    has("\r\n\r\nabc");
    assert_int_equal(ask("GET /items/a%20b", ""), 200);
    has("\r\n\r\na b");
    assert_int_equal(ask("GET /items/me", ""), 200);
    has("literal");
    assert_int_equal(ask("OPTIONS /echo", ""), 204);
    has("Allow: POST, PUT, OPTIONS");
    assert_int_equal(ask("GET /big?n=1000000", ""), 200);
    assert_int_equal(ask("GET /big?n=x", ""), 400);
}

static void refusals(void **s)
{
    (void)s;
    assert_int_equal(ask("GET /nothing", ""), 404);
    has("application/problem+json");
    has("\"code\":\"caller.path.unknown\"");
    has("\"instance\":\"/nothing\"");
    assert_int_equal(ask("GET /echo", ""), 405);
    has("Allow: POST, PUT, OPTIONS");
    has("BAD_METHOD");
    assert_int_equal(ask("DELETE /hello", ""), 405);
    has("Allow: GET, HEAD, OPTIONS");
    assert_int_equal(ask("BREW /hello", ""), 405);
    assert_int_equal(ask("GET /fail", ""), 503);
    has("Retry-After: 1");
    has("\"detail\":\"the shelf is full\"");
    has("\"limit\":7");
    assert_int_equal(ask("GET /broken", ""), 500);
    assert_null(strstr(answer, "Set-Cookie"));
    assert_int_equal(ask("GET /hello?name=%00", ""), 400);
    assert_int_equal(ask("GET /hello?name=1&name=2", ""), 400);
    assert_int_equal(ask("GET /healthz", ""), 200);
    assert_int_equal(ask("GET /metrics", ""), 200);
    has("comity_http_answers_total{status=\"4xx\"} ");
    has("comity_http_seconds_bucket");
}

static void malformed(void **s)
{
    char text[9000];
    int n = 0;

    (void)s;
    assert_int_equal(raw("GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400);
    assert_int_equal(raw("GET http://localhost/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\n\r\n"), 400); /* no Host */
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"), 400);
    /* two opinions about where the body ends */
    assert_int_equal(raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                     400);
    assert_int_equal(raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
                         "Content-Length: 6\r\n\r\nabcdef"),
                     400);
    assert_int_equal(raw("POST /echo HTTP/1.1\r\nHost: localhost\r\n"
                         "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                     400);
    assert_int_equal(raw("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n"),
                     400);
    n = raw("\x16\x03\x01\x02garbage\r\n\r\n"); /* TLS to the plain port */
    assert_true(n == 0 || n >= 400);
    n = raw("GET /hello HTTP/9.9\r\nHost: localhost\r\n\r\n");
    assert_true(n == 0 || n >= 400);
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    strcpy(text + 5000, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_int_equal(raw(text), 414);
    n = snprintf(text, sizeof text, "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    memset(text + n, 'b', 5000);
    strcpy(text + n + 5000, "\r\n\r\n");
    assert_int_equal(raw(text), 431);
    assert_int_equal(ask("GET /hello", ""), 200); /* and it still serves */
}

static void oversized(void **s)
{
    const int file = dial();
    char text[2048];
    int n = 0;

    (void)s;
    assert_int_equal(ask("POST /echo", "Content-Length: 1001\r\n\r\n"), 413);
    has("\"limit\":1000");
    has("Connection: close");
    assert_int_equal(ask("POST /echo", "Content-Length: 99999999999999999999\r\n\r\n"), 413);
    n = snprintf(text, sizeof text,
                 "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n3e9\r\n");
    memset(text + n, 'x', 1001);
    strcpy(text + n + 1001, "\r\n0\r\n\r\n");
    say(file, text);
    hear(file, answer, sizeof answer, false);
    close(file);
    has("HTTP/1.1 413");
    assert_int_equal(ask("GET /hello", "Content-Length: 1\r\n\r\nx"), 413);
}

static void endless_body_is_dropped(void **s)
{
    const int file = dial();
    char chunk[4100];
    int sent = 0;

    (void)s;
    say(file, "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    memset(chunk, 'y', sizeof chunk);
    memcpy(chunk, "ff8\r\n", 5);
    memcpy(chunk + 5 + 0xff8, "\r\n", 2);
    while (sent < 4000 && send(file, chunk, 5 + 0xff8 + 2, MSG_NOSIGNAL) > 0)
        sent++;
    assert_true(sent < 4000); /* 16 MB would have fitted */
    close(file);
}

static void hosts(void **s)
{
    (void)s;
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    has("BAD_HOST");
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: a.example.evil.example\r\n\r\n"), 421);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"), 421);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: a.example@evil\r\n\r\n"), 421);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: A.Example:7301\r\n\r\n"), 200);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 200);
    assert_int_equal(raw("GET /hello HTTP/1.1\r\nHost: localhost:17101\r\n\r\n"), 200);
    assert_int_equal(raw("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 200);
    /* a page of another site that posts here through a person's browser */
    assert_int_equal(
        ask("POST /echo", "Origin: https://evil.example\r\nContent-Length: 1\r\n\r\nx"), 421);
    assert_int_equal(ask("POST /echo", "Origin: null\r\nContent-Length: 1\r\n\r\nx"), 421);
    assert_int_equal(ask("POST /echo", "Origin: https://a.example\r\nContent-Length: 1\r\n\r\nx"),
                     200);
    assert_int_equal(ask("GET /hello", "Origin: https://evil.example\r\n"), 200);
}

static void write_file(const char *name, const char *text)
{
    char path[160];
    FILE *file = NULL;

    snprintf(path, sizeof path, "%s/%s", here.dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void static_files(void **s)
{
    static const char *const bad[] = {"/tile/../../etc/passwd",
                                      "/tile/..%2f..%2fetc/passwd",
                                      "/tile/%2e%2e/x",
                                      "/tile/0/link",
                                      "/tile/linkdir/passwd",
                                      "/tile/.lock",
                                      "/tile/0",
                                      "/tile/0/absent",
                                      "/tile/0/000/x",
                                      "/tile//etc/passwd",
                                      "/tile/0/000%00.txt",
                                      "/tile/0/fifo",
                                      "/tile/%5c..%5c..%5cetc/passwd"};
    char path[160];
    char tag[64];
    char *etag = NULL;

    (void)s;
    snprintf(path, sizeof path, "%s/0", here.dir);
    mkdir(path, 0755);
    write_file("0/000", "tile bytes");
    write_file("0/empty", "");
    write_file(".lock", "1\n");
    snprintf(path, sizeof path, "%s/0/link", here.dir);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    snprintf(path, sizeof path, "%s/linkdir", here.dir);
    assert_int_equal(symlink("/etc", path), 0);
    snprintf(path, sizeof path, "%s/0/fifo", here.dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(ask("GET /tile/0/000", ""), 200);
    has("\r\n\r\ntile bytes");
    has("Cache-Control: public, max-age=31536000, immutable");
    etag = strstr(answer, "ETag: ");
    assert_non_null(etag);
    snprintf(tag, sizeof tag, "If-None-Match: %.*s\r\n", (int)strcspn(etag + 6, "\r"), etag + 6);
    assert_int_equal(ask("GET /tile/0/000", tag), 304);
    assert_int_equal(ask("HEAD /tile/0/000", ""), 200);
    has("Content-Length: 10");
    assert_int_equal(ask("GET /tile/0/empty", ""), 200);
    has("Content-Length: 0");
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        char line[128];
        int status = 0;

        snprintf(line, sizeof line, "GET %s", bad[i]);
        status = ask(line, "");
        if (status != 404 && status != 400)
            fail_msg("%s gave %d", bad[i], status);
        assert_null(strstr(answer, "root:"));
    }
}

static void keep_alive_and_pipelines(void **s)
{
    const int file = dial();
    size_t n = 0;
    const char *second = NULL;

    (void)s;
    say(file, "GET /items/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
              "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
              "GET /items/2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    n = hear(file, answer, sizeof answer, false);
    close(file);
    assert_true(n > 0);
    has("\r\n\r\n1HTTP/1.1 200");
    second = strstr(answer, "\r\n\r\nabcHTTP/1.1 200");
    assert_non_null(second);
    assert_int_equal(answer[n - 1], '2');
}

/* ---- slow ones ---- */

static uint64_t ms_now(void)
{
    return cy_now_us() / 1000;
}

static void slow_requests_end(void **s)
{
    const uint64_t began = ms_now();
    const int silent = dial();
    const int head = dial();
    const int body = dial();
    char text[512];
    size_t n = 0;

    (void)s;
    say(head, "GET /hello HTTP/1.1\r\n");
    say(body, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 60 && ms_now() - began < 8000; i++) { /* a byte now and then */
        say(head, "X: y\r\n");
        say(body, "z");
        usleep(10000);
    }
    n = hear(head, text, sizeof text, false);
    assert_true(n > 0);
    assert_non_null(strstr(text, "HTTP/1.1 408"));
    n = hear(body, text, sizeof text, false);
    assert_non_null(strstr(text, "HTTP/1.1 408"));
    assert_int_equal(hear(silent, text, sizeof text, false), 0); /* closed without a word */
    assert_true(ms_now() - began < 9000);
    close(silent);
    close(head);
    close(body);
    assert_int_equal(ask("GET /hello", ""), 200);
}

static void slow_readers_end(void **s)
{
    const int file = dial();
    const int small = 4096;
    const struct cy_metric *slow =
        cy_metrics_counter(here.metrics, "comity_http_slow_total", "", "");
    const uint64_t began = ms_now();

    (void)s;
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    /* 8 MB do not fit in the socket's buffers; here send_ms + n / rate is 200 ms + 0.5 s */
    say(file, "GET /big?n=8000000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    while (cy_metric_value(slow) == 0 && ms_now() - began < 9000)
        usleep(5000);
    assert_int_equal(cy_metric_value(slow), 1);
    assert_true(ms_now() - began >= 200);
    close(file);
    assert_int_equal(ask("GET /hello", ""), 200);
}

static void slow_handshakes_end(void **s)
{
    const uint64_t began = ms_now();
    const int silent = dial();
    const int drip = dial();
    char text[64];
    int sent = 0;

    (void)s;
    while (sent < 100 && ms_now() - began < 8000) { /* a record of 512 bytes, one at a time */
        if (send(drip, &"\x16\x03\x01\x02"[sent < 4 ? sent : 3], 1, MSG_NOSIGNAL) != 1)
            break;
        sent++;
        usleep(10000);
    }
    assert_true(sent < 100);
    assert_true(hear(silent, text, sizeof text, false) == 0);
    assert_true(ms_now() - began < 9000);
    close(silent);
    close(drip);
}

static void too_many_of_one_address(void **s)
{
    int files[12];
    unsigned served = 0;

    (void)s;
    for (int i = 0; i < 12; i++) {
        files[i] = dial();
        say(files[i], "GET /items/1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    for (int i = 0; i < 12; i++) {
        if (hear(files[i], answer, sizeof answer, true) > 0)
            served++;
    }
    assert_int_equal(served, 8);
    for (int i = 0; i < 12; i++)
        close(files[i]);
}

/* ---- later ---- */

static void *answer_all(void *at)
{
    const size_t want = *(size_t *)at;
    size_t done = 0;

    while (done < want) {
        struct cy_later *later = NULL;

        pthread_mutex_lock(&here.guard);
        if (done < here.laters_n)
            later = here.laters[done];
        pthread_mutex_unlock(&here.guard);
        if (later == NULL) {
            usleep(1000);
            continue;
        }
        {
            struct cy_reply *reply = done % 5 == 4 ? NULL : cy_reply_new();

            if (reply != NULL)
                cy_reply_text(reply, 201, "at last");
            cy_http_answer(later, reply);
        }
        done++;
    }
    return NULL;
}

static void answered_later(void **s)
{
    size_t want = 20;
    int files[20];
    unsigned created = 0;
    unsigned internal = 0;
    pthread_t thread;

    (void)s;
    for (int i = 0; i < 20; i++) {
        files[i] = dial();
        say(files[i], i % 2 == 0 ? "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                 : "POST /wait HTTP/1.1\r\nHost: localhost\r\n"
                                   "Content-Length: 2\r\n\r\nab");
    }
    close(files[0]); /* one client leaves before its answer */
    pthread_create(&thread, NULL, answer_all, &want);
    for (int i = 1; i < 20; i++) {
        int status = 0;

        hear(files[i], answer, sizeof answer, true);
        sscanf(answer, "HTTP/1.1 %d", &status);
        created += status == 201;
        internal += status == 500;
        close(files[i]);
    }
    pthread_join(thread, NULL);
    assert_true(created >= 15);
    assert_true(internal >= 3);
    assert_int_equal(created + internal, 19);
    assert_int_equal(ask("GET /hello", ""), 200);
}

static void stopping_answers_those_who_wait(void **s)
{
    const int a = dial();
    const int b = dial();

    (void)s;
    say(a, "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    say(b, "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (int i = 0; i < 4000; i++) {
        bool both = false;

        pthread_mutex_lock(&here.guard);
        both = here.laters_n == 2;
        pthread_mutex_unlock(&here.guard);
        if (both)
            break;
        usleep(2000);
    }
    assert_int_equal(here.laters_n, 2);
    cy_http_stop(here.server);
    here.server = NULL;
    hear(a, answer, sizeof answer, true);
    has("HTTP/1.1 503");
    has("STOPPING");
    hear(b, answer, sizeof answer, true);
    has("HTTP/1.1 503");
    /* the answers come when nobody is there any more */
    cy_http_answer(here.laters[0], NULL);
    cy_http_answer(here.laters[1], cy_reply_new());
    close(a);
    close(b);
}

/* ---- many at once ---- */

static void *one_client(void *at)
{
    const int file = dial();
    char text[1024];
    intptr_t good = 0;

    (void)at;
    for (int i = 0; i < 20; i++) {
        say(file, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nmoney");
        if (hear(file, text, sizeof text, true) > 0 && strstr(text, "\r\n\r\nmoney") != NULL)
            good++;
    }
    close(file);
    return (void *)good;
}

static void many_clients(void **s)
{
    pthread_t threads[64];
    intptr_t all = 0;

    (void)s;
    for (int i = 0; i < 64; i++)
        pthread_create(&threads[i], NULL, one_client, NULL);
    for (int i = 0; i < 64; i++) {
        void *good = NULL;

        pthread_join(threads[i], &good);
        all += (intptr_t)good;
    }
    assert_int_equal(all, 64 * 20);
    assert_int_equal(cy_metric_value(cy_metrics_counter(here.metrics, "comity_http_answers_total",
                                                        "status=\"2xx\"", "")),
                     64 * 20);
}

/* Bound to all addresses: clients over IPv4 are seen as such, and 0.0.0.0 is nobody's name. */
static void all_addresses(void **s)
{
    static const char *const names[] = {"127.0.0.1"};
    struct cy_http_options options = cy_http_defaults();
    struct cy_tls_pair pair;
    char pin[CY_TLS_PIN_SIZE];
    char url[64];
    static const char *const wild[] = {"Host: [::]"};
    struct cy_client *client = cy_client_new();
    struct cy_client_answer got;
    struct cy_client_request q = {.url = url, .pin = pin};

    (void)s;
    assert_ok(cy_tls_make(CY_TLS_P256, names, 1, (uint64_t)time(NULL), 1, &pair));
    assert_ok(cy_tls_pin(pair.cert, pin));
    options.tls = &pair;
    options.address = "::";
    options.routes = routes;
    options.routes_n = CY_COUNT(routes);
    options.sink = &counting;
    options.context = &here;
    if (!cy_ok(cy_http_start(&options, &here.server))) { /* a machine without IPv6 */
        cy_tls_free(&pair);
        cy_client_free(client);
        skip();
    }
    snprintf(url, sizeof url, "https://127.0.0.1:%u/hello", cy_http_port(here.server));
    assert_ok(cy_client_do(client, &q, &got));
    assert_string_equal((const char *)got.body, "hello you from 127.0.0.1");
    cy_client_answer_free(&got);
    q.headers = wild;
    q.headers_n = 1;
    assert_code(cy_client_do(client, &q, &got), BAD_HOST);
    cy_client_answer_free(&got);
    cy_client_free(client);
    cy_http_stop(here.server);
    cy_tls_free(&pair);
}

/* Requests with bytes changed, cut and repeated: whatever is answered, the server goes on. */
static void noise(void **s)
{
    static const char *const seeds[] = {
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\n3\r\nyou\r\n0\r\nTrailer: z\r\n\r\n",
        "GET /items/%41?a=b&c=%20 HTTP/1.1\r\nHost: [::1]:80\r\nIf-None-Match: \"v\"\r\n"
        "Cookie: a=b; c\r\nExpect: 100-continue\r\n\r\n",
        "PUT /echo HTTP/1.0\r\nHost: a.example\r\nContent-Length: 4\r\nConnection: keep-alive\r\n"
        "\r\nabcdGET /tile/0/000 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    };
    uint64_t state = 11;

    (void)s;
    for (unsigned i = 0; i < 200; i++) {
        const int file = dial();
        char text[600];
        size_t n = strlen(strcpy(text, seeds[i % CY_COUNT(seeds)]));

        for (unsigned k = 0; k <= i % 6; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            if (state >> 62 == 0 && n > 40)
                memmove(text + n - 40, text + (state >> 33) % (n - 40), 20);
            else
                text[(state >> 33) % n] = (char)(state >> 20);
        }
        (void)!send(file, text, n, MSG_NOSIGNAL);
        shutdown(file, SHUT_WR);
        hear(file, answer, sizeof answer, false);
        close(file);
    }
    assert_int_equal(ask("GET /hello", ""), 200);
}

static void total_of_connections(void **s)
{
    int files[40];
    unsigned served = 0;

    (void)s;
    for (int i = 0; i < 40; i++) {
        files[i] = dial();
        say(files[i], "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    for (int i = 0; i < 1000; i++) {
        usleep(served < 16 ? 5000 : 300); /* then a while longer: no more may come */
        pthread_mutex_lock(&here.guard);
        served = (unsigned)here.laters_n;
        pthread_mutex_unlock(&here.guard);
    }
    assert_int_equal(served, 16);
    for (unsigned i = 0; i < served; i++)
        cy_http_answer(here.laters[i], NULL);
    for (int i = 0; i < 40; i++)
        close(files[i]);
    cy_http_stop(here.server);
    here.server = NULL;
    for (size_t i = served; i < here.laters_n; i++) /* those that came in when there was room */
        cy_http_answer(here.laters[i], NULL);
}

static void starting(void **s)
{
    struct cy_http_options options = cy_http_defaults();
    struct cy_http *server = NULL;
    struct cy_http *second = NULL;
    char empty[1] = "";

    (void)s;
    options.routes = routes;
    options.routes_n = CY_COUNT(routes);
    options.sink = &counting;
    options.address = "0.0.0.0";
    assert_code(cy_http_start(&options, &server), HTTP_PLAIN);
    options.address = "192.0.2.1";
    options.tls = &(struct cy_tls_pair){empty, empty};
    assert_code(cy_http_start(&options, &server), HTTP_BIND);
    options.address = "127.0.0.1";
    assert_code(cy_http_start(&options, &server), HTTP_START); /* no certificate in it */
    options.tls = NULL;
    options.plain = true;
    assert_ok(cy_http_start(&options, &server));
    assert_int_not_equal(cy_http_plain_port(server), 0);
    options.port = cy_http_port(server);
    assert_code(cy_http_start(&options, &second), HTTP_BIND);
    cy_http_stop(server);
    assert_ok(cy_http_start(&options, &second)); /* the port is free at once */
    cy_http_stop(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers, start, finish),
        cmocka_unit_test_setup_teardown(sinks, start, finish),
        cmocka_unit_test_setup_teardown(refusals, start, finish),
        cmocka_unit_test_setup_teardown(malformed, start, finish),
        cmocka_unit_test_setup_teardown(oversized, start, finish),
        cmocka_unit_test_setup_teardown(endless_body_is_dropped, start, finish),
        cmocka_unit_test_setup_teardown(hosts, start, finish),
        cmocka_unit_test_setup_teardown(static_files, start, finish),
        cmocka_unit_test_setup_teardown(keep_alive_and_pipelines, start, finish),
        cmocka_unit_test_setup_teardown(slow_requests_end, start_impatient, finish),
        cmocka_unit_test_setup_teardown(slow_readers_end, start_impatient, finish),
        cmocka_unit_test_setup_teardown(slow_handshakes_end, start_tls, finish),
        cmocka_unit_test_setup_teardown(too_many_of_one_address, start_impatient, finish),
        cmocka_unit_test_setup_teardown(answered_later, start, finish),
        cmocka_unit_test_setup_teardown(stopping_answers_those_who_wait, start, finish),
        cmocka_unit_test_setup_teardown(many_clients, start, finish),
        cmocka_unit_test_setup_teardown(noise, start_hasty, finish),
        cmocka_unit_test_setup_teardown(total_of_connections, start_narrow, finish),
        cmocka_unit_test(all_addresses),
        cmocka_unit_test(starting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

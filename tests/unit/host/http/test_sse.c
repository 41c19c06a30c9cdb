/* sse: delivery, resuming, gaps, topics, beats, slow and lost readers. */
#include "host/http/client.h"
#include "host/http/sse.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

static struct cy_http *server;
static struct cy_sse *sse;
static char heard[1 << 20];

static void events(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    uint64_t topics = 0;

    (void)context;
    assert_ok(cy_http_query_u64(q, "topics", 3, 255, &topics));
    cy_sse_serve(sse, q, topics, r);
}

static const struct cy_http_route routes[] = {
    {"GET", "/events", events, 0, 0, "Events.", CY_HTTP_UNTOLD}
};

static int start_with(unsigned clients, size_t kept, unsigned beat_ms)
{
    struct cy_http_options options = cy_http_defaults();
    const struct cy_sse_options feed = {clients, kept, 600000, beat_ms};

    options.routes = routes;
    options.routes_n = 1;
    options.request_ms = 500;
    assert_ok(cy_http_start(&options, &server));
    assert_ok(cy_sse_new(server, &feed, &sse));
    return 0;
}

static int start(void **s)
{
    (void)s;
    return start_with(2, 8, 60000);
}

static int start_beating(void **s)
{
    (void)s;
    return start_with(2, 8, 30);
}

static int finish(void **s)
{
    (void)s;
    cy_http_stop(server);
    cy_sse_free(sse);
    return 0;
}

static int subscribe(const char *query, const char *headers)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)cy_http_port(server)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {2, 0};
    const int small = 4096;
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[256];

    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(file, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_int_equal(connect(file, (struct sockaddr *)&at, sizeof at), 0);
    snprintf(text, sizeof text, "GET /events%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", query,
             headers);
    assert_true(send(file, text, strlen(text), MSG_NOSIGNAL) > 0);
    return file;
}

/* Reads until the words came, or the other side closed; true when they came. */
static bool hear(int file, const char *words)
{
    size_t n = 0;

    heard[0] = 0;
    while (n + 1 < sizeof heard) {
        const ssize_t got = recv(file, heard + n, sizeof heard - 1 - n, 0);

        if (got <= 0)
            return false;
        n += (size_t)got;
        heard[n] = 0;
        if (strstr(heard, words) != NULL)
            return true;
    }
    return false;
}

static void publish(uint64_t id, uint64_t topics, const char *data)
{
    assert_ok(cy_sse_publish(sse, id, topics, "head", cy_span_text(data)));
}

static bool clients_are(unsigned n)
{
    for (int i = 0; i < 4000 && cy_sse_clients(sse) != n; i++)
        usleep(5000);
    return cy_sse_clients(sse) == n;
}

static void live(void **s)
{
    const int a = subscribe("", "");
    const int b = subscribe("?topics=2", "");
    int c = -1;

    (void)s;
    assert_true(hear(a, "retry: 2000\n\n"));
    assert_non_null(strstr(heard, "Content-Type: text/event-stream"));
    assert_true(hear(b, "retry: 2000\n\n"));
    c = subscribe("", ""); /* two are allowed */
    assert_true(hear(c, "BUSY"));
    assert_non_null(strstr(heard, "HTTP/1.1 503"));
    close(c);
    publish(1, 1, "{\"size\":1}");
    assert_true(hear(a, "id: 1\nevent: head\ndata: {\"size\":1}\n\n"));
    publish(2, 2, "two\nlines");
    assert_true(hear(b, "id: 2\nevent: head\ndata: two\ndata: lines\n\n"));
    assert_null(strstr(heard, "id: 1"));
    assert_true(hear(a, "id: 2"));
    publish(3, 3, "");
    assert_true(hear(a, "id: 3\nevent: head\ndata: \n\n"));
    close(a);
    close(b);
}

static void resume(void **s)
{
    int a = -1;

    (void)s;
    for (uint64_t i = 1; i <= 5; i++)
        publish(i * 10, 1, "x");
    a = subscribe("", "Last-Event-ID: 30\r\n");
    assert_true(hear(a, "id: 50"));
    assert_non_null(strstr(heard, "id: 40"));
    assert_null(strstr(heard, "id: 30"));
    assert_null(strstr(heard, "event: gap"));
    close(a);
    assert_true(clients_are(0));
    a = subscribe("?last_event_id=0", "");
    assert_true(hear(a, "id: 50"));
    assert_non_null(strstr(heard, "id: 10"));
    assert_null(strstr(heard, "event: gap"));
    close(a);
}

static void gap(void **s)
{
    int a = -1;

    (void)s;
    for (uint64_t i = 1; i <= 12; i++) /* eight are kept: 5..12 */
        publish(i, 1, "x");
    a = subscribe("", "Last-Event-ID: 2\r\n");
    assert_true(hear(a, "id: 12"));
    assert_non_null(strstr(heard, "event: gap\ndata: {\"after\":2,\"next\":5}\n\n"));
    assert_non_null(strstr(heard, "id: 5\n"));
    close(a);
    a = subscribe("", "Last-Event-ID: 4\r\n");
    assert_true(hear(a, "id: 12"));
    assert_null(strstr(heard, "event: gap"));
    close(a);
    a = subscribe("", "Last-Event-ID: x\r\n");
    assert_true(hear(a, "BAD_REQUEST"));
    close(a);
}

static void beats_and_leaving(void **s)
{
    const int a = subscribe("", "");

    (void)s;
    assert_true(hear(a, "\n:\n\n"));
    usleep(700000); /* longer than a request may take: a stream has no deadline */
    publish(1, 1, "still here");
    assert_true(hear(a, "still here"));
    close(a);
    assert_true(clients_are(0)); /* the next beats find out */
}

static void slow_reader_is_dropped(void **s)
{
    static char data[60000];
    const int a = subscribe("", "");

    (void)s;
    assert_true(hear(a, "retry:"));
    memset(data, 'x', sizeof data);
    for (uint64_t i = 1; i <= 400; i++)
        assert_ok(cy_sse_publish(sse, i, 1, "big", cy_span_of(data, sizeof data)));
    assert_true(clients_are(0));
    close(a);
    assert_code(cy_sse_publish(sse, 401, 1, "big", cy_span_of(heard, 600000)), TOO_LARGE);
}

static void stopping_ends_streams(void **s)
{
    const int a = subscribe("", "");

    (void)s;
    assert_true(hear(a, "retry:"));
    cy_http_stop(server);
    server = NULL;
    assert_false(hear(a, "never"));
    assert_non_null(strstr(heard, "0\r\n\r\n")); /* a proper end of the chunks */
    assert_int_equal(cy_sse_clients(sse), 0);
    close(a);
}

/* ---- many readers, over TLS ---- */

static char pin[CY_TLS_PIN_SIZE];

static bool take(void *user, struct cy_span bytes)
{
    struct cy_text *text = user;

    cy_text_span(text, bytes);
    return strstr(text->at, "id: 50\n") == NULL;
}

static void *one_reader(void *at)
{
    struct cy_client *client = cy_client_new();
    char url[64];
    char text[8192];
    struct cy_text out = cy_text_on(text, sizeof text);
    struct cy_client_request q = {
        .url = url, .pin = pin, .total_ms = 30000, .piece = take, .user = &out};
    struct cy_client_answer answer;
    intptr_t seen = 0;
    const char *from = text;

    (void)at;
    snprintf(url, sizeof url, "https://127.0.0.1:%u/events", cy_http_port(server));
    if (!cy_ok(cy_client_do(client, &q, &answer)))
        seen = -1000; /* no assertions outside the main thread */
    cy_client_answer_free(&answer);
    cy_client_free(client);
    while ((from = strstr(from, "\nid: ")) != NULL) {
        seen++;
        from++;
    }
    return (void *)seen;
}

static int start_tls(void **s)
{
    static const char *const names[] = {"127.0.0.1"};
    const struct cy_sse_options feed = {40, 64, 600000, 20};
    struct cy_http_options options = cy_http_defaults();
    struct cy_tls_pair pair;
    struct cy_client *first = cy_client_new();

    (void)s;
    cy_client_free(first);
    assert_ok(cy_tls_make(CY_TLS_P256, names, 1, (uint64_t)time(NULL), 1, &pair));
    assert_ok(cy_tls_pin(pair.cert, pin));
    options.tls = &pair;
    options.routes = routes;
    options.routes_n = 1;
    assert_ok(cy_http_start(&options, &server));
    assert_ok(cy_sse_new(server, &feed, &sse));
    cy_tls_free(&pair);
    return 0;
}

static void many_readers_over_tls(void **s)
{
    pthread_t threads[32];

    (void)s;
    for (int i = 0; i < 32; i++)
        pthread_create(&threads[i], NULL, one_reader, NULL);
    assert_true(clients_are(32));
    for (uint64_t i = 1; i <= 50; i++) {
        publish(i, 1, "x");
        if (i % 10 == 0)
            usleep(10000);
    }
    for (int i = 0; i < 32; i++) {
        void *seen = NULL;

        pthread_join(threads[i], &seen);
        assert_int_equal((intptr_t)seen, 50); /* every one, once */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(live, start, finish),
        cmocka_unit_test_setup_teardown(resume, start_beating, finish),
        cmocka_unit_test_setup_teardown(gap, start_beating, finish),
        cmocka_unit_test_setup_teardown(beats_and_leaving, start_beating, finish),
        cmocka_unit_test_setup_teardown(slow_reader_is_dropped, start, finish),
        cmocka_unit_test_setup_teardown(stopping_ends_streams, start, finish),
        cmocka_unit_test_setup_teardown(many_readers_over_tls, start_tls, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

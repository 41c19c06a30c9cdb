/* http, conns: slow clients, many clients, answers that come later, ports. */
#include "host/http/client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http_rig.h"

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
    with_routes(&options);
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
    with_routes(&options);
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

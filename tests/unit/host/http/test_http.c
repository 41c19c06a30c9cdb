/* http, reply: what a real server on loopback answers and refuses, over raw sockets. */
#include "host/http/client.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "http_rig.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* console: codings, headers and paths; with or without the console compiled in. */
#include "host/console/console.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cm.h"

static void codings(void **s)
{
    static const struct {
        const char *accept;
        enum cy_console_coding best;
    } cases[] = {
        {NULL,                      CY_CONSOLE_PLAIN },
        {"",                        CY_CONSOLE_PLAIN },
        {"gzip, deflate, br, zstd", CY_CONSOLE_BROTLI},
        {"gzip",                    CY_CONSOLE_GZIP  },
        {"GZIP",                    CY_CONSOLE_GZIP  },
        {"br;q=0, gzip;q=0.5",      CY_CONSOLE_GZIP  },
        {"br;q=0.000,gzip ; q=0",   CY_CONSOLE_PLAIN },
        {"br;q=0.001",              CY_CONSOLE_BROTLI},
        {"*",                       CY_CONSOLE_BROTLI},
        {"*;q=0",                   CY_CONSOLE_PLAIN },
        {"br;q=0, *",               CY_CONSOLE_GZIP  },
        {"identity",                CY_CONSOLE_PLAIN },
        {"brx, xbr, gzipp",         CY_CONSOLE_PLAIN },
        {",,, ,br",                 CY_CONSOLE_BROTLI},
        {";;;q=0,=,br;",            CY_CONSOLE_BROTLI},
    };

    (void)s;
    for (size_t i = 0; i < CY_COUNT(cases); i++) {
        if (cy_console_coding(cases[i].accept) != cases[i].best)
            fail_msg("%s gives %d", cases[i].accept, cy_console_coding(cases[i].accept));
    }
}

static struct cy_reply *answer(const char *path, const char *accept)
{
    struct cy_reply *reply = cy_reply_new();

    assert_non_null(reply);
    cy_console_answer(path, accept, reply);
    assert_false(reply->broken);
    return reply;
}

/* What every file of the console says, whatever its path and coding. */
static void assert_safe(const struct cy_reply *reply)
{
    const char *policy = cy_reply_header_get(reply, "Content-Security-Policy");

    assert_non_null(policy);
    assert_non_null(strstr(policy, "default-src 'none'"));
    assert_non_null(strstr(policy, "script-src 'self';"));
    assert_non_null(strstr(policy, "worker-src 'self';"));
    assert_non_null(strstr(policy, "trusted-types comity-worker"));
    assert_non_null(strstr(policy, "connect-src 'self';"));
    assert_non_null(strstr(policy, "frame-ancestors 'none'"));
    assert_non_null(strstr(policy, "require-trusted-types-for 'script'"));
    assert_null(strstr(policy, "unsafe"));
    assert_null(strstr(policy, "http"));
    assert_string_equal(cy_reply_header_get(reply, "Cross-Origin-Opener-Policy"), "same-origin");
    assert_string_equal(cy_reply_header_get(reply, "Vary"), "Accept-Encoding");
}

static void files(void **s)
{
    (void)s;
    if (cy_console_files_n == 0)
        skip();
    for (size_t i = 0; i < cy_console_files_n; i++) {
        const struct cy_console_file *file = &cy_console_files[i];
        struct cy_reply *plain = answer(file->path, NULL);
        struct cy_reply *gzip = answer(file->path, "gzip");
        struct cy_reply *brotli = answer(file->path, "gzip, br");

        assert_int_equal(plain->status, 200);
        assert_safe(plain);
        assert_safe(gzip);
        assert_null(cy_reply_header_get(plain, "Content-Encoding"));
        assert_string_equal(cy_reply_header_get(gzip, "Content-Encoding"), "gzip");
        assert_string_equal(cy_reply_header_get(brotli, "Content-Encoding"), "br");
        assert_string_equal(cy_reply_header_get(plain, "Content-Type"), file->type);
        assert_string_not_equal(cy_reply_header_get(plain, "ETag"),
                                cy_reply_header_get(gzip, "ETag"));
        assert_memory_equal(gzip->bytes, "\x1f\x8b", 2);
        assert_true((strstr(cy_reply_header_get(plain, "Cache-Control"), "immutable") != NULL) ==
                    file->forever);
        assert_true(file->forever == (strncmp(file->path, "/console/assets/", 16) == 0));
        cy_reply_free(plain);
        cy_reply_free(gzip);
        cy_reply_free(brotli);
    }
}

static void rooms_are_the_page(void **s)
{
    static const char *const paths[] = {"/console", "/console/world", "/console/alliances/%22"};
    struct cy_reply *page = answer("/", NULL);

    (void)s;
    for (size_t i = 0; i < CY_COUNT(paths); i++) {
        struct cy_reply *room = answer(paths[i], NULL);

        assert_int_equal(room->status, cy_console_files_n == 0 ? 404 : 200);
        if (cy_console_files_n > 0)
            assert_string_equal(cy_reply_header_get(room, "ETag"),
                                cy_reply_header_get(page, "ETag"));
        cy_reply_free(room);
    }
    cy_reply_free(page);
}

static void absent_parts_are_not_the_page(void **s)
{
    struct cy_reply *reply = answer("/console/assets/none.js", "br");

    (void)s;
    assert_int_equal(reply->status, 404);
    assert_null(strstr((const char *)reply->bytes, "<html"));
    cy_reply_free(reply);
}

static void without_the_console(void **s)
{
    struct cy_reply *reply = NULL;

    (void)s;
    if (cy_console_files_n > 0)
        skip();
    reply = answer("/", "br");
    assert_int_equal(reply->status, 200);
    assert_string_equal(cy_reply_header_get(reply, "Content-Type"), "text/plain; charset=utf-8");
    assert_non_null(strstr((const char *)reply->bytes, "without the console"));
    cy_reply_free(reply);
}

/* ---- over a real server ---- */

static size_t exchange(unsigned port, const char *request, char *out, size_t cap)
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t n = 0;
    ssize_t got = 0;

    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
    while (n + 1 < cap && (got = recv(fd, out + n, cap - 1 - n, 0)) > 0)
        n += (size_t)got;
    out[n] = 0;
    close(fd);
    return n;
}

/* The page of a name that is not ours would make its script speak to us as if it were (DNS
 * rebinding): no name but ours gets it. */
static void on_the_wire(void **s)
{
    struct cy_http_options options = cy_http_defaults();
    struct cy_http *server = NULL;
    char *got = malloc(1 << 20);
    unsigned port = 0;

    (void)s;
    options.routes = cy_console_routes(&options.routes_n);
    assert_ok(cy_http_start(&options, &server));
    port = cy_http_port(server);

    exchange(port, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", got,
             1 << 20);
    assert_memory_equal(got, "HTTP/1.1 421", 12);
    assert_null(strstr(got, "<html"));

    exchange(port, "GET /console/world HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
             got, 1 << 20);
    assert_memory_equal(got, cy_console_files_n == 0 ? "HTTP/1.1 404" : "HTTP/1.1 200", 12);
    assert_non_null(strstr(got, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(got, "X-Frame-Options: DENY\r\n"));
    assert_non_null(strstr(got, "Referrer-Policy: no-referrer\r\n"));
    assert_non_null(strstr(got, "Cross-Origin-Resource-Policy: same-origin\r\n"));
    assert_non_null(strstr(got, "Content-Security-Policy: default-src 'none'"));

    exchange(port,
             "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
             got, 1 << 20);
    assert_memory_equal(got, "HTTP/1.1 405", 12);
    cy_http_stop(server);
    free(got);
}

static void asked_again(void **s)
{
    struct cy_http_options options = cy_http_defaults();
    struct cy_http *server = NULL;
    char request[512];
    char *got = malloc(1 << 20);

    (void)s;
    if (cy_console_files_n == 0) {
        free(got);
        skip();
    }
    options.routes = cy_console_routes(&options.routes_n);
    assert_ok(cy_http_start(&options, &server));
    snprintf(request, sizeof request,
             "GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
             "If-None-Match: \"%s-gzip\"\r\nConnection: close\r\n\r\n",
             cy_console_files[0].hash);
    assert_string_equal(cy_console_files[0].path, "/");
    exchange(cy_http_port(server), request, got, 1 << 20);
    assert_memory_equal(got, "HTTP/1.1 304", 12);
    cy_http_stop(server);
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codings),
        cmocka_unit_test(files),
        cmocka_unit_test(rooms_are_the_page),
        cmocka_unit_test(absent_parts_are_not_the_page),
        cmocka_unit_test(without_the_console),
        cmocka_unit_test(on_the_wire),
        cmocka_unit_test(asked_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

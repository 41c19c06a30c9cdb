/* client, tls, http together: pins, TLS versions, and errors that say which side failed. */
#include "host/http/client.h"
#include "host/http/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

static struct cy_http *server;
static struct cy_client *client;
static struct cy_tls_pair pair;
static char pin[CY_TLS_PIN_SIZE];
static struct cy_client_answer answer;

static void hello(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_reply_text(r, 200, "hello");
    cy_reply_etag(r, "v1");
}

static void echo(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    const char *type = cy_http_header(q, "Content-Type");

    (void)context;
    cy_reply_bytes(r, 201, type, cy_http_body(q));
}

static void full(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    cy_reply_fail(r, cy_fail(CY_E_NO_ROOM, 42), "shelf", cy_http_path(q));
}

static void moved(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_reply_text(r, 302, "");
    cy_reply_header(r, "Location", "https://evil.example/");
}

static void big(void *context, const struct cy_http_request *q, struct cy_reply *r)
{
    (void)context;
    (void)q;
    cy_reply_take(r, 200, "text/plain", calloc(1, 100000), 100000);
}

static const struct cy_http_route routes[] = {
    {"GET",  "/hello", hello, 0, 0,      "", CY_HTTP_UNTOLD},
    {"POST", "/echo",  echo,  0, 100000, "", CY_HTTP_UNTOLD},
    {"GET",  "/full",  full,  0, 0,      "", CY_HTTP_UNTOLD},
    {"GET",  "/moved", moved, 0, 0,      "", CY_HTTP_UNTOLD},
    {"GET",  "/big",   big,   0, 0,      "", CY_HTTP_UNTOLD},
};

static int start(void **s)
{
    static const char *const names[] = {"localhost", "127.0.0.1"};
    struct cy_http_options options = cy_http_defaults();

    (void)s;
    assert_ok(cy_tls_make(CY_TLS_P256, names, 2, (uint64_t)time(NULL), 3650, &pair));
    assert_ok(cy_tls_pin(pair.cert, pin));
    options.tls = &pair;
    options.plain = true;
    options.routes = routes;
    options.routes_n = CY_COUNT(routes);
    assert_ok(cy_http_start(&options, &server));
    client = cy_client_new();
    assert_non_null(client);
    return 0;
}

static int finish(void **s)
{
    (void)s;
    cy_client_free(client);
    cy_http_stop(server);
    cy_tls_free(&pair);
    return 0;
}

static const char *url(const char *path)
{
    static char text[256];

    snprintf(text, sizeof text, "https://127.0.0.1:%u%s", cy_http_port(server), path);
    return text;
}

static const char *plain_url(const char *path)
{
    static char text[256];

    snprintf(text, sizeof text, "http://127.0.0.1:%u%s", cy_http_plain_port(server), path);
    return text;
}

static cy_err get(const char *at, const char *pin_)
{
    cy_client_answer_free(&answer);
    return cy_client_get(client, at, pin_, &answer);
}

static void pinned(void **s)
{
    char other_pin[CY_TLS_PIN_SIZE];
    struct cy_tls_pair other;
    static const char *const names[] = {"localhost"};

    (void)s;
    assert_ok(get(url("/hello"), pin));
    assert_int_equal(answer.status, 200);
    assert_string_equal((const char *)answer.body, "hello");
    assert_string_equal(answer.etag, "\"v1\"");
    assert_ok(get(url("/hello"), pin));
    /* another pin, while the good connection and its session are still cached */
    assert_ok(cy_tls_make(CY_TLS_ED25519, names, 1, (uint64_t)time(NULL), 1, &other));
    assert_ok(cy_tls_pin(other.cert, other_pin));
    assert_code(get(url("/hello"), other_pin), PEER_PIN);
    assert_null(answer.body);
    assert_non_null(strstr(answer.why, "https://127.0.0.1"));
    assert_code(get(url("/hello"), NULL), PEER_TLS); /* no authority knows it */
    assert_ok(get(url("/hello"), pin));
    assert_code(get(url("/hello"), "sha256//short"), BAD_URL);
    cy_tls_free(&other);
}

static void ed25519_certificate(void **s)
{
    static const char *const names[] = {"localhost"};
    struct cy_http_options options = cy_http_defaults();
    struct cy_http *second = NULL;
    struct cy_tls_pair other;
    char other_pin[CY_TLS_PIN_SIZE];
    char at[64];

    (void)s;
    assert_ok(cy_tls_make(CY_TLS_ED25519, names, 1, (uint64_t)time(NULL), 1, &other));
    assert_ok(cy_tls_pin(other.cert, other_pin));
    options.tls = &other;
    options.routes = routes;
    options.routes_n = CY_COUNT(routes);
    assert_ok(cy_http_start(&options, &second));
    snprintf(at, sizeof at, "https://localhost:%u/hello", cy_http_port(second));
    assert_ok(get(at, other_pin));
    assert_code(get(at, pin), PEER_PIN);
    cy_http_stop(second);
    cy_tls_free(&other);
}

static CURLcode with_versions(long versions)
{
    CURL *curl = curl_easy_init();
    CURLcode done = CURLE_OK;

    curl_easy_setopt(curl, CURLOPT_URL, url("/hello"));
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, versions);
    done = curl_easy_perform(curl);
    curl_easy_cleanup(curl);
    return done;
}

static void only_tls_13(void **s)
{
    (void)s;
    assert_int_equal(with_versions(CURL_SSLVERSION_TLSv1_3), CURLE_OK);
    assert_int_equal(with_versions(CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2),
                     CURLE_SSL_CONNECT_ERROR);
    assert_int_equal(with_versions(CURL_SSLVERSION_TLSv1_1 | CURL_SSLVERSION_MAX_TLSv1_1),
                     CURLE_SSL_CONNECT_ERROR);
}

static void answers(void **s)
{
    static uint8_t body[100000];
    static const char *const ask[] = {"If-None-Match: \"v1\""};
    struct cy_client_request q = {.url = plain_url("/hello"), .headers = ask, .headers_n = 1};

    (void)s;
    assert_ok(cy_client_do(client, &q, &answer));
    assert_int_equal(answer.status, 304);
    cy_client_answer_free(&answer);
    q = (struct cy_client_request){.url = plain_url("/hello"), .method = "HEAD"};
    assert_ok(cy_client_do(client, &q, &answer));
    assert_int_equal(answer.n, 0);
    cy_client_answer_free(&answer);
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)i;
    assert_ok(cy_client_post(client, url("/echo"), pin, "application/cose",
                             cy_span_of(body, sizeof body), &answer));
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.type, "application/cose");
    assert_int_equal(answer.n, sizeof body);
    assert_memory_equal(answer.body, body, sizeof body);
    assert_code(get(plain_url("/full"), NULL), NO_ROOM); /* the other side's own code */
    assert_int_equal(answer.status, 503);
    assert_string_equal(answer.problem.detail, "shelf");
    assert_int_equal(answer.problem.err.detail, 42);
    assert_true(strlen(answer.problem.remedy) > 10);
    assert_code(get(plain_url("/nothing"), NULL), NOT_FOUND);
    assert_code(get(plain_url("/moved"), NULL), PEER_ANSWER);
    assert_int_equal(answer.status, 302);
    cy_client_answer_free(&answer);
    q = (struct cy_client_request){.url = plain_url("/big"), .answer_max = 99999};
    assert_code(cy_client_do(client, &q, &answer), PEER_LARGE);
    cy_client_answer_free(&answer);
    q.answer_max = 100000;
    assert_ok(cy_client_do(client, &q, &answer));
    cy_client_answer_free(&answer);
}

static bool take_some(void *user, struct cy_span bytes)
{
    size_t *n = user;

    *n += bytes.n;
    return *n < 20000;
}

static void piece_by_piece(void **s)
{
    size_t n = 0;
    struct cy_client_request q = {.url = plain_url("/big"), .piece = take_some, .user = &n};

    (void)s;
    assert_ok(cy_client_do(client, &q, &answer));
    assert_in_range(n, 20000, 99999);
    assert_int_equal(answer.n, 0);
    cy_client_answer_free(&answer);
}

static void urls(void **s)
{
    (void)s;
    assert_code(get("http://a.example/", NULL), BAD_URL);
    assert_code(get("file:///etc/passwd", NULL), BAD_URL);
    assert_code(get("https://user:word@127.0.0.1/", NULL), BAD_URL);
    assert_code(get("https://127.0.0.1:99999/", NULL), BAD_URL);
}

/* ---- a server that misbehaves ---- */

struct odd {
    int file;
    const char *says; /* NULL: nothing, and waits */
    char url[64];
    pthread_t thread;
};

static void *odd_main(void *at)
{
    struct odd *odd = at;
    char text[1024];
    const int file = accept(odd->file, NULL, NULL);

    (void)!recv(file, text, sizeof text, 0);
    if (odd->says != NULL)
        (void)!send(file, odd->says, strlen(odd->says), MSG_NOSIGNAL);
    else
        (void)!recv(file, text, sizeof text, 0);
    close(file);
    return NULL;
}

static void odd_start(struct odd *odd, const char *scheme)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    odd->file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(odd->file, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(odd->file, 1), 0);
    assert_int_equal(getsockname(odd->file, (struct sockaddr *)&at, &n), 0);
    snprintf(odd->url, sizeof odd->url, "%s://127.0.0.1:%u/", scheme, ntohs(at.sin_port));
    pthread_create(&odd->thread, NULL, odd_main, odd);
}

static cy_err odd_ask(const char *says, const char *scheme)
{
    struct odd odd = {.says = says};
    struct cy_client_request q = {.url = odd.url, .total_ms = 150, .pin = pin};
    cy_err e = CY_OK;

    odd_start(&odd, scheme);
    cy_client_answer_free(&answer);
    e = cy_client_do(client, &q, &answer);
    pthread_join(odd.thread, NULL);
    close(odd.file);
    return e;
}

static void others_failures(void **s)
{
    struct odd odd = {0};
    struct cy_client_request q = {.url = "https://nothing.invalid/", .connect_ms = 1500};

    (void)s;
    assert_code(odd_ask(NULL, "http"), PEER_TIMEOUT);
    assert_non_null(strstr(answer.why, "127.0.0.1"));
    assert_code(odd_ask("SSH-2.0-x\r\n", "http"), PEER_ANSWER);
    assert_code(odd_ask("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "http"), PEER_LOST);
    assert_code(odd_ask("", "http"), PEER_LOST);
    assert_code(odd_ask("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", "http"), PEER_REFUSED);
    assert_int_equal(answer.status, 500);
    assert_code(odd_ask("HTTP/1.1 200 OK\r\n\r\n", "https"), PEER_TLS);
    odd_start(&odd, "http");
    close(dup(odd.file));
    shutdown(odd.file, SHUT_RDWR);
    pthread_join(odd.thread, NULL);
    close(odd.file);
    assert_code(get(odd.url, NULL), PEER_CONNECT);
    cy_client_answer_free(&answer);
    assert_code(cy_client_do(client, &q, &answer), PEER_NAME);
    cy_client_answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pinned),          cmocka_unit_test(ed25519_certificate),
        cmocka_unit_test(only_tls_13),     cmocka_unit_test(answers),
        cmocka_unit_test(piece_by_piece),  cmocka_unit_test(urls),
        cmocka_unit_test(others_failures),
    };

    return cmocka_run_group_tests(tests, start, finish);
}

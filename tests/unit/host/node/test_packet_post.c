/* packet_post: order is kept, the newest packets win, a peer that is away holds nobody up. */
#include "host/node/packet_post.h"

#include "host/http/conns.h"
#include "host/http/http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cm.h"

#define HEARD_MAX 4096

/* Two members that note the first byte pair of what they get. */
struct member {
    struct cy_http *server;
    struct cy_tls_pair pair;
    char pin[CY_TLS_PIN_SIZE];
    char url[64];
    pthread_mutex_t lock;
    unsigned got[HEARD_MAX];
    unsigned n;
    bool full; /* refuses as one whose queue is full */
    bool odd;  /* refuses what it gets */
};

static struct member members[2];

static void take(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct member *m = context;
    const struct cy_span body = cy_http_body(request);

    pthread_mutex_lock(&m->lock);
    if (m->full)
        cy_reply_fail(reply, cy_fail(CY_E_QUEUE_FULL, 1), NULL, NULL);
    else if (m->n < HEARD_MAX)
        m->got[m->n++] = (unsigned)body.at[0] << 8 | body.at[1];
    if (m->odd)
        cy_reply_fail(reply, cy_fail(CY_E_BAD_SIGNATURE, 0), NULL, NULL);
    pthread_mutex_unlock(&m->lock);
}

static const struct cy_http_route routes[] = {
    {"POST", CY_POST_PATH, take, 0, 1u << 20, "", CY_HTTP_UNTOLD},
};

static void member_start(struct member *m, unsigned port)
{
    struct cy_http_options options = cy_http_defaults();

    options.tls = &m->pair;
    options.routes = routes;
    options.routes_n = 1;
    options.context = m;
    options.port = port;
    assert_ok(cy_http_start(&options, &m->server));
    snprintf(m->url, sizeof m->url, "https://127.0.0.1:%u", cy_http_port(m->server));
}

static int start(void **s)
{
    static const char *const names[] = {"localhost", "127.0.0.1"};

    (void)s;
    for (unsigned i = 0; i < 2; i++) {
        memset(&members[i], 0, sizeof members[i]);
        pthread_mutex_init(&members[i].lock, NULL);
        assert_ok(cy_tls_make(CY_TLS_P256, names, 2, (uint64_t)time(NULL), 3650, &members[i].pair));
        assert_ok(cy_tls_pin(members[i].pair.cert, members[i].pin));
        member_start(&members[i], 0);
    }
    return 0;
}

static int finish(void **s)
{
    (void)s;
    for (unsigned i = 0; i < 2; i++) {
        if (members[i].server != NULL)
            cy_http_stop(members[i].server);
        cy_tls_free(&members[i].pair);
    }
    return 0;
}

static struct cy_packet_post *post_to(unsigned n, uint32_t packets_max, unsigned age_ms)
{
    const struct cy_post_peer peers[2] = {
        {"a", members[0].url, members[0].pin},
        {"b", members[1].url, members[1].pin},
    };
    const struct cy_post_options options = {
        .peers = peers, .n_peers = n, .packets_max = packets_max, .age_ms_max = age_ms};
    struct cy_packet_post *post = NULL;

    assert_ok(cy_packet_post_start(&options, &post));
    return post;
}

static void send_number(struct cy_packet_post *post, uint32_t peer, unsigned number)
{
    const uint8_t bytes[600] = {(uint8_t)(number >> 8), (uint8_t)number};

    cy_packet_post_send(post, peer, cy_span_of(bytes, sizeof bytes));
}

static unsigned count(struct member *m)
{
    unsigned n = 0;

    pthread_mutex_lock(&m->lock);
    n = m->n;
    pthread_mutex_unlock(&m->lock);
    return n;
}

static void await_count(struct member *m, unsigned n)
{
    for (unsigned i = 0; i < 1000 && count(m) < n; i++)
        poll(NULL, 0, 5);
    assert_true(count(m) >= n);
}

static void in_order(void **s)
{
    struct cy_packet_post *post = post_to(2, 0, 0);
    struct cy_post_figures figures;

    (void)s;
    for (unsigned i = 0; i < 200; i++) {
        send_number(post, 0, i);
        send_number(post, 1, 1000 + i);
    }
    await_count(&members[0], 200);
    await_count(&members[1], 200);
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(members[0].got[i], i);
        assert_int_equal(members[1].got[i], 1000 + i);
    }
    for (unsigned i = 0; i < 200; i++) { /* the answer of the last may be under way */
        cy_packet_post_figures(post, 0, &figures);
        if (figures.sent == 200)
            break;
        poll(NULL, 0, 5);
    }
    assert_int_equal(figures.sent, 200);
    assert_int_equal(figures.dropped, 0);
    assert_int_equal(figures.waiting, 0);
    assert_ok(figures.err);
    assert_true(figures.round_us > 0);
    cy_packet_post_stop(post);
}

/* A member that is away: the others go on, its queue holds the newest, and it gets them once it is
 * back. */
static void away(void **s)
{
    const unsigned port = cy_http_port(members[0].server);
    struct cy_packet_post *post = post_to(2, 5, 0);
    struct cy_post_figures figures;
    uint64_t began = 0;

    (void)s;
    cy_http_stop(members[0].server);
    members[0].server = NULL;
    for (unsigned i = 0; i < 100; i++) {
        send_number(post, 0, i);
        send_number(post, 1, i);
        await_count(&members[1], i + 1);
    }
    cy_packet_post_figures(post, 0, &figures);
    assert_true(figures.failed > 0);
    assert_true(figures.waiting <= 5);
    assert_true(figures.dropped >= 94);
    assert_int_equal(figures.sent, 0);
    assert_int_equal(cy_err_info(figures.err.code)->kind, CY_ERR_soft);
    poll(NULL, 0, 1500); /* it waits for two seconds between two tries by now */
    member_start(&members[0], port);
    began = cy_now_us();
    cy_packet_post_heard(post, 0);
    await_count(&members[0], 5);
    assert_true(cy_now_us() - began < 1000000);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(members[0].got[i], 95 + i);
    cy_packet_post_stop(post);
}

/* What waited too long is not sent; a peer that is full is asked again, one that refuses is not. */
static void old_and_refused(void **s)
{
    struct cy_packet_post *post = post_to(2, 0, 150);
    struct cy_post_figures figures;

    (void)s;
    members[0].full = true;
    members[1].odd = true;
    send_number(post, 0, 1);
    send_number(post, 1, 1);
    send_number(post, 1, 2);
    await_count(&members[1], 2);
    poll(NULL, 0, 500);
    send_number(post, 0, 2);
    pthread_mutex_lock(&members[0].lock);
    members[0].full = false;
    pthread_mutex_unlock(&members[0].lock);
    cy_packet_post_heard(post, 0);
    await_count(&members[0], 1);
    poll(NULL, 0, 50);
    assert_int_equal(count(&members[0]), 1);
    assert_int_equal(members[0].got[0], 2);
    assert_int_equal(count(&members[1]), 2);
    cy_packet_post_figures(post, 1, &figures);
    assert_int_equal(figures.failed, 2);
    assert_int_equal(figures.waiting, 0);
    cy_packet_post_stop(post);
}

/* Another key than the pinned one gets nothing. */
static void wrong_pin(void **s)
{
    const struct cy_post_peer peer = {"a", members[0].url, members[1].pin};
    const struct cy_post_options options = {.peers = &peer, .n_peers = 1};
    struct cy_packet_post *post = NULL;
    struct cy_post_figures figures = {0};

    (void)s;
    assert_ok(cy_packet_post_start(&options, &post));
    send_number(post, 0, 7);
    for (unsigned i = 0; i < 400 && figures.failed == 0; i++) {
        poll(NULL, 0, 5);
        cy_packet_post_figures(post, 0, &figures);
    }
    assert_int_equal(figures.err.code, CY_E_PEER_PIN);
    assert_int_equal(count(&members[0]), 0);
    cy_packet_post_stop(post);
}

/* A peer that takes the connection and never answers does not hold the end up. */
static void stops_soon(void **s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct cy_post_peer peer = {.name = "silent", .pin = ""};
    const struct cy_post_options options = {.peers = &peer, .n_peers = 1, .total_ms = 60000};
    struct cy_packet_post *post = NULL;
    char url[64];
    uint64_t began = 0;

    (void)s;
    assert_int_equal(bind(silent, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(silent, 4), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&address, &n), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(address.sin_port));
    peer.url = url;
    assert_ok(cy_packet_post_start(&options, &post));
    for (unsigned i = 0; i < 50; i++)
        send_number(post, 0, i);
    poll(NULL, 0, 100);
    began = cy_now_us();
    cy_packet_post_stop(post);
    assert_true(cy_now_us() - began < 3000000);
    close(silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_order, start, finish),
        cmocka_unit_test_setup_teardown(away, start, finish),
        cmocka_unit_test_setup_teardown(old_and_refused, start, finish),
        cmocka_unit_test_setup_teardown(wrong_pin, start, finish),
        cmocka_unit_test_setup_teardown(stops_soon, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

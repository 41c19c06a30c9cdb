#include "host/http/conns.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 20

struct cy_later {
    struct cy_later *next;
    struct cy_later **back;
    struct cy_conns *conns; /* NULL: not waiting any more */
    struct MHD_Connection *connection;
    struct cy_reply *reply;
    unsigned owners;
};

struct cy_stream {
    struct cy_stream *next;
    struct cy_stream **back;
    struct cy_conns *conns;
    struct cy_conn *conn;
    struct MHD_Connection *connection;
    struct cy_stream_source source;
    bool asleep; /* the connection is suspended */
    bool woken;  /* wake came while it was not */
    atomic_bool over;
};

/* One lock for all handles, taken before a server's: an answer may come when its server is gone. */
static pthread_mutex_t handles = PTHREAD_MUTEX_INITIALIZER;

uint64_t cy_now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void lock(struct cy_conns *conns)
{
    (void)pthread_mutex_lock(&conns->guard);
}

static void unlock(struct cy_conns *conns)
{
    (void)pthread_mutex_unlock(&conns->guard);
}

/* ---- connections ---- */

static void peer_text(const struct sockaddr *address, char out[static INET6_ADDRSTRLEN])
{
    union {
        const struct sockaddr *any;
        const struct sockaddr_in *four;
        const struct sockaddr_in6 *six;
    } at = {address};

    out[0] = 0;
    if (address != NULL && address->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &at.four->sin_addr, out, INET6_ADDRSTRLEN);
    if (address == NULL || address->sa_family != AF_INET6)
        return;
    if (IN6_IS_ADDR_V4MAPPED(&at.six->sin6_addr)) /* IPv4 on a socket bound to :: */
        (void)inet_ntop(AF_INET, at.six->sin6_addr.s6_addr + 12, out, INET6_ADDRSTRLEN);
    else
        (void)inet_ntop(AF_INET6, &at.six->sin6_addr, out, INET6_ADDRSTRLEN);
}

struct cy_conn *cy_conn_open(struct cy_conns *conns, struct MHD_Connection *connection, bool tls)
{
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct cy_conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        return NULL;
    conn->conns = conns;
    conn->socket = socket == NULL ? -1 : socket->connect_fd;
    conn->tls = tls;
    peer_text(client == NULL ? NULL : client->client_addr, conn->peer);
    lock(conns);
    conn->deadline_ms = cy_now_us() / 1000 + conns->request_ms;
    conn->next = conns->first;
    conn->back = &conns->first;
    if (conn->next != NULL)
        conn->next->back = &conn->next;
    conns->first = conn;
    unlock(conns);
    cy_metric_move(conns->open, 1);
    return conn;
}

void cy_conn_close(struct cy_conn *conn)
{
    struct cy_conns *conns = conn->conns;

    lock(conns);
    *conn->back = conn->next;
    if (conn->next != NULL)
        conn->next->back = conn->back;
    unlock(conns);
    cy_metric_move(conns->open, -1);
    free(conn);
}

void cy_conn_phase(struct cy_conn *conn, enum cy_conn_phase phase, uint64_t ms)
{
    if (conn == NULL)
        return;
    lock(conn->conns);
    conn->phase = phase;
    conn->deadline_ms = ms == 0 ? 0 : cy_now_us() / 1000 + ms;
    conn->begun = false;
    unlock(conn->conns);
}

void cy_conn_begun(struct cy_conn *conn)
{
    if (conn == NULL)
        return;
    lock(conn->conns);
    conn->begun = true;
    unlock(conn->conns);
}

/* Called with the lock held: the library keeps the socket open until cy_conn_close. */
static void cut(const struct cy_conn *conn)
{
    if (conn->socket >= 0)
        (void)shutdown(conn->socket, SHUT_RDWR);
}

/* Ends connections that are past their deadline. A request of which at least the first line came
 * over plain TCP is told so; TLS and silent ones are just closed. */
static void cut_slow(struct cy_conns *conns, uint64_t ms)
{
    static const char told[] = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
                               "Content-Length: 0\r\n\r\n";

    lock(conns);
    for (struct cy_conn *conn = conns->first; conn != NULL; conn = conn->next) {
        if (conn->deadline_ms == 0 || conn->deadline_ms > ms)
            continue;
        if (conn->phase == CY_CONN_RECEIVING && conn->begun && !conn->tls && conn->socket >= 0)
            (void)send(conn->socket, told, sizeof told - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        cut(conn);
        conn->deadline_ms = 0;
        cy_metric_add(conns->slow, 1);
    }
    unlock(conns);
}

/* ---- the clock ---- */

static void *clock_main(void *at)
{
    struct cy_conns *conns = at;

    lock(conns);
    while (conns->clock_runs) {
        const uint64_t ms = cy_now_us() / 1000;
        struct timespec until;

        unlock(conns);
        cut_slow(conns, ms);
        lock(conns);
        for (size_t i = 0; i < conns->every_n && conns->clock_runs; i++) {
            struct cy_conns_call *every = &conns->every[i];

            if (every->next_ms > ms)
                continue;
            every->next_ms = ms + every->ms;
            unlock(conns);
            every->call(every->user);
            lock(conns);
        }
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (conns->clock_runs)
            (void)pthread_cond_timedwait(&conns->bell, &conns->guard, &until);
    }
    unlock(conns);
    return NULL;
}

cy_err cy_conns_every(struct cy_conns *conns, unsigned ms, void (*call)(void *user), void *user)
{
    cy_err done = CY_OK;

    lock(conns);
    if (conns->every_n == CY_CONNS_EVERY)
        done = cy_fail(CY_E_NO_ROOM, CY_CONNS_EVERY);
    else
        conns->every[conns->every_n++] = (struct cy_conns_call){
            ms < TICK_MS ? TICK_MS : ms, cy_now_us() / 1000 + ms, call, user};
    unlock(conns);
    return done;
}

cy_err cy_conns_start(struct cy_conns *conns, unsigned request_ms)
{
    pthread_condattr_t clock;

    conns->request_ms = request_ms;
    (void)pthread_mutex_init(&conns->guard, NULL);
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&conns->bell, &clock);
    (void)pthread_condattr_destroy(&clock);
    conns->clock_runs = true;
    if (pthread_create(&conns->clock, NULL, clock_main, conns) != 0) {
        conns->clock_runs = false;
        return cy_fail(CY_E_HTTP_START, 0);
    }
    return CY_OK;
}

bool cy_conns_stopping(struct cy_conns *conns)
{
    bool stopping = false;

    lock(conns);
    stopping = conns->stopping;
    unlock(conns);
    return stopping;
}

/* ---- answering later ---- */

static void later_unlink(struct cy_later *later)
{
    *later->back = later->next;
    if (later->next != NULL)
        later->next->back = later->back;
    later->conns = NULL;
}

struct cy_later *cy_later_new(struct cy_conns *conns, struct MHD_Connection *connection,
                              bool *asleep)
{
    struct cy_later *later = calloc(1, sizeof *later);

    *asleep = false;
    if (later == NULL)
        return NULL;
    later->connection = connection;
    later->owners = 2;
    lock(conns);
    if (!conns->stopping) {
        later->conns = conns;
        later->next = conns->laters;
        later->back = &conns->laters;
        if (later->next != NULL)
            later->next->back = &later->next;
        conns->laters = later;
        MHD_suspend_connection(connection);
        *asleep = true;
    }
    unlock(conns);
    return later;
}

void cy_later_drop(struct cy_later *later)
{
    bool last = false;

    (void)pthread_mutex_lock(&handles);
    last = --later->owners == 0;
    (void)pthread_mutex_unlock(&handles);
    if (last) {
        cy_reply_free(later->reply);
        free(later);
    }
}

void cy_later_answer(struct cy_later *later, struct cy_reply *reply)
{
    struct cy_conns *conns = NULL;

    (void)pthread_mutex_lock(&handles);
    conns = later->conns;
    if (conns != NULL) {
        lock(conns);
        later->reply = reply;
        later_unlink(later);
        MHD_resume_connection(later->connection);
        unlock(conns);
        reply = NULL;
    }
    (void)pthread_mutex_unlock(&handles);
    cy_reply_free(reply);
    cy_later_drop(later);
}

struct cy_reply *cy_later_take(struct cy_later *later)
{
    struct cy_reply *reply = NULL;

    (void)pthread_mutex_lock(&handles);
    reply = later->reply;
    later->reply = NULL;
    (void)pthread_mutex_unlock(&handles);
    return reply;
}

/* ---- streams ---- */

/* With the lock held. */
static void wake(struct cy_stream *stream)
{
    if (stream->asleep)
        MHD_resume_connection(stream->connection);
    else
        stream->woken = true;
    stream->asleep = false;
}

void cy_stream_wake(struct cy_stream *stream)
{
    lock(stream->conns);
    wake(stream);
    unlock(stream->conns);
}

void cy_stream_cut(struct cy_stream *stream)
{
    lock(stream->conns);
    stream->over = true;
    for (const struct cy_conn *conn = stream->conns->first; conn != NULL; conn = conn->next) {
        if (conn == stream->conn)
            cut(conn);
    }
    wake(stream);
    unlock(stream->conns);
}

/* Puts the connection to sleep unless something happened since the source was read. */
static bool stream_sleeps(struct cy_stream *stream)
{
    bool sleeps = false;

    lock(stream->conns);
    if (stream->conns->stopping)
        stream->over = true;
    if (!stream->woken && !stream->over) {
        stream->asleep = true;
        MHD_suspend_connection(stream->connection);
        sleeps = true;
    }
    stream->woken = false;
    unlock(stream->conns);
    return sleeps;
}

static ssize_t on_stream(void *cls, uint64_t position, char *out, size_t cap)
{
    struct cy_stream *stream = cls;

    (void)position;
    for (;;) {
        const long n =
            stream->over ? CY_STREAM_END : stream->source.read(stream->source.self, out, cap);

        if (n > 0)
            return n;
        if (n < 0)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (stream_sleeps(stream))
            return 0;
    }
}

static void on_stream_free(void *cls)
{
    struct cy_stream *stream = cls;

    lock(stream->conns);
    *stream->back = stream->next;
    if (stream->next != NULL)
        stream->next->back = stream->back;
    unlock(stream->conns);
    if (stream->source.release != NULL)
        stream->source.release(stream->source.self);
    free(stream);
}

struct MHD_Response *cy_stream_response(struct cy_conns *conns, struct cy_conn *conn,
                                        struct MHD_Connection *connection,
                                        const struct cy_stream_source *source)
{
    struct cy_stream *stream = calloc(1, sizeof *stream);
    struct MHD_Response *response = NULL;

    if (stream != NULL)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_stream, stream,
                                                     on_stream_free);
    if (response == NULL) {
        if (source->release != NULL)
            source->release(source->self);
        free(stream);
        return NULL;
    }
    stream->conns = conns;
    stream->conn = conn;
    stream->connection = connection;
    stream->source = *source;
    lock(conns);
    stream->next = conns->streams;
    stream->back = &conns->streams;
    if (stream->next != NULL)
        stream->next->back = &stream->next;
    conns->streams = stream;
    unlock(conns);
    if (source->start != NULL)
        source->start(source->self, stream);
    return response;
}

/* ---- the end ---- */

static void end_waiting(struct cy_conns *conns)
{
    (void)pthread_mutex_lock(&handles);
    lock(conns);
    conns->stopping = true;
    while (conns->laters != NULL) {
        struct cy_later *later = conns->laters;

        later_unlink(later);
        MHD_resume_connection(later->connection);
    }
    for (struct cy_stream *stream = conns->streams; stream != NULL; stream = stream->next) {
        stream->over = true;
        wake(stream);
    }
    unlock(conns);
    (void)pthread_mutex_unlock(&handles);
}

static bool busy(struct cy_conns *conns)
{
    bool some = false;

    lock(conns);
    for (const struct cy_conn *conn = conns->first; conn != NULL; conn = conn->next)
        some = some || conn->phase != CY_CONN_RECEIVING;
    unlock(conns);
    return some;
}

void cy_conns_end(struct cy_conns *conns)
{
    bool runs = false;

    lock(conns);
    runs = conns->clock_runs;
    conns->clock_runs = false;
    (void)pthread_cond_signal(&conns->bell);
    unlock(conns);
    if (runs)
        (void)pthread_join(conns->clock, NULL);
    end_waiting(conns);
    for (int i = 0; i < 50 && busy(conns); i++)
        (void)usleep(10000);
}

void cy_conns_free(struct cy_conns *conns)
{
    (void)pthread_cond_destroy(&conns->bell);
    (void)pthread_mutex_destroy(&conns->guard);
}

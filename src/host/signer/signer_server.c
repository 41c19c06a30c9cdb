#include "host/signer/signer_server.h"

#include "host/system/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IN_ROOM (CY_SIGNER_FRAME_HEAD + CY_SIGNER_REQUEST_MAX)
#define FRAME (CY_SIGNER_FRAME_HEAD + CY_SIGNER_RESPONSE_MAX)
#define OUT_ROOM (2 * (size_t)FRAME)
#define HELD_MAX 512u

struct client {
    int fd; /* -1: free */
    size_t n_in;
    size_t n_out;
    size_t sent;
    bool gone;
    uint8_t in[IN_ROOM];
    uint8_t out[OUT_ROOM];
};

/* An answer of this round that waits for the commit. */
struct held {
    struct client *client;
    size_t at; /* of its frame in client->out */
    uint64_t id;
};

struct cy_signer_server {
    struct cy_signer_desk *desk;
    struct sockaddr_un address;
    int64_t peer_uid;
    int fd;
    bool bound;
    bool again; /* whole frames are left over */
    uint32_t n_held;
    struct held held[HELD_MAX];
    struct client *clients[CY_SIGNER_CLIENTS_MAX];
};

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- clients --- */

static void drop(struct cy_signer_server *server, unsigned i)
{
    if (server->clients[i] == NULL)
        return;
    (void)close(server->clients[i]->fd);
    cy_wipe(server->clients[i]->out, server->clients[i]->n_out);
    free(server->clients[i]);
    server->clients[i] = NULL;
}

static bool admitted(const struct cy_signer_server *server, int fd)
{
    struct ucred peer = {0};
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    return peer.uid == geteuid() || (int64_t)peer.uid == server->peer_uid;
}

static void admit(struct cy_signer_server *server)
{
    const int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct client *client = NULL;

    if (fd < 0)
        return;
    if (!admitted(server, fd)) {
        CY_LOG(CY_LOG_WARN, "signer", cy_log_say("another user tried to connect"));
        (void)close(fd);
        return;
    }
    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++) {
        if (server->clients[i] != NULL)
            continue;
        client = malloc(sizeof *client);
        if (client == NULL)
            break;
        client->fd = fd;
        client->n_in = client->n_out = client->sent = 0;
        client->gone = false;
        server->clients[i] = client;
        return;
    }
    CY_LOG(CY_LOG_WARN, "signer", cy_log_say("too many clients; one was turned away"));
    (void)close(fd);
}

/* --- one round --- */

static void receive(struct client *client)
{
    while (client->n_in < sizeof client->in) {
        const ssize_t n =
            recv(client->fd, client->in + client->n_in, sizeof client->in - client->n_in, 0);

        if (n > 0) {
            client->n_in += (size_t)n;
        } else if (n == 0) {
            client->gone = true;
            return;
        } else if (errno != EINTR) {
            client->gone = client->gone || errno != EAGAIN;
            return;
        }
    }
}

static void put_response(struct client *client, size_t at,
                         const struct cy_signer_response *response, size_t *n)
{
    struct cy_cbor_writer out =
        cy_cbor_write(client->out + at + CY_SIGNER_FRAME_HEAD, CY_SIGNER_RESPONSE_MAX);

    cy_signer_response_write(response, &out);
    CY_ASSERT(!out.full);
    cy_put_u32be(client->out + at, (uint32_t)out.n);
    *n = CY_SIGNER_FRAME_HEAD + out.n;
}

/* Answers one frame at the front of `in`. False: there is no whole one, or no room to answer. */
static bool answer_one(struct cy_signer_server *server, struct client *client, size_t *pos)
{
    const size_t have = client->n_in - *pos;
    struct cy_signer_response response;
    bool held = false;
    size_t length = 0;
    size_t n = 0;

    if (have < CY_SIGNER_FRAME_HEAD)
        return false;
    length = cy_get_u32be(client->in + *pos);
    if (length > CY_SIGNER_REQUEST_MAX) {
        client->gone = true; /* the rest cannot be told apart any more */
        return false;
    }
    if (have - CY_SIGNER_FRAME_HEAD < length)
        return false;
    if (sizeof client->out - client->n_out < FRAME || server->n_held == HELD_MAX) {
        server->again = server->again || server->n_held == HELD_MAX;
        return false;
    }
    cy_signer_desk_answer(server->desk,
                          cy_span_of(client->in + *pos + CY_SIGNER_FRAME_HEAD, length), now_ms(),
                          &response, &held);
    if (held)
        server->held[server->n_held++] = (struct held){client, client->n_out, response.id};
    put_response(client, client->n_out, &response, &n);
    client->n_out += n;
    *pos += CY_SIGNER_FRAME_HEAD + length;
    return true;
}

static void answer_all(struct cy_signer_server *server, struct client *client)
{
    size_t pos = 0;

    while (answer_one(server, client, &pos))
        ;
    memmove(client->in, client->in + pos, client->n_in - pos);
    client->n_in -= pos;
}

/* Puts the error in the place of each held answer, last one first so that places stay true. */
static void replace_held(struct cy_signer_server *server, cy_err why)
{
    while (server->n_held > 0) {
        const struct held *held = &server->held[--server->n_held];
        struct client *client = held->client;
        const struct cy_signer_response response = {
            .id = held->id, .code = (uint64_t)why.code, .detail = why.detail};
        const size_t old = CY_SIGNER_FRAME_HEAD + cy_get_u32be(client->out + held->at);
        const size_t rest = client->n_out - held->at - old;
        uint8_t small[64];
        struct cy_cbor_writer out =
            cy_cbor_write(small + CY_SIGNER_FRAME_HEAD, sizeof small - CY_SIGNER_FRAME_HEAD);

        cy_signer_response_write(&response, &out);
        CY_ASSERT(!out.full);
        cy_put_u32be(small, (uint32_t)out.n);
        out.n += CY_SIGNER_FRAME_HEAD;
        CY_ASSERT(out.n <= old); /* a signature is longer than an error */
        memcpy(client->out + held->at, small, out.n);
        memmove(client->out + held->at + out.n, client->out + held->at + old, rest);
        client->n_out -= old - out.n;
    }
}

static void send_some(struct client *client)
{
    while (client->sent < client->n_out) {
        const ssize_t n = send(client->fd, client->out + client->sent, client->n_out - client->sent,
                               MSG_NOSIGNAL);

        if (n > 0) {
            client->sent += (size_t)n;
        } else if (n < 0 && errno != EINTR) {
            client->gone = client->gone || errno != EAGAIN;
            break;
        }
    }
    memmove(client->out, client->out + client->sent, client->n_out - client->sent);
    client->n_out -= client->sent;
    cy_wipe(client->out + client->n_out, client->sent); /* an answer may hold an opened key */
    client->sent = 0;
}

static void round_of(struct cy_signer_server *server)
{
    cy_err committed = CY_OK;

    server->again = false;
    server->n_held = 0;
    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++) {
        if (server->clients[i] != NULL)
            answer_all(server, server->clients[i]);
    }
    if (server->n_held > 0)
        committed = cy_signer_desk_commit(server->desk);
    if (!cy_ok(committed))
        replace_held(server, committed);
    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++) {
        struct client *client = server->clients[i];
        bool full = false;

        if (client == NULL)
            continue;
        full = sizeof client->out - client->n_out < FRAME;
        send_some(client);
        if (client->gone)
            drop(server, i);
        else if (full && sizeof client->out - client->n_out >= FRAME)
            server->again = true;
    }
}

cy_err cy_signer_server_run(struct cy_signer_server *server, int stop)
{
    struct pollfd polls[2 + CY_SIGNER_CLIENTS_MAX];
    struct client *polled[CY_SIGNER_CLIENTS_MAX];

    for (;;) {
        nfds_t n = 2;

        polls[0] = (struct pollfd){.fd = stop, .events = POLLIN};
        polls[1] = (struct pollfd){.fd = server->fd, .events = POLLIN};
        for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++) {
            struct client *client = server->clients[i];

            if (client == NULL)
                continue;
            polled[n - 2] = client;
            polls[n++] =
                (struct pollfd){.fd = client->fd,
                                .events = (short)((client->n_in < sizeof client->in ? POLLIN : 0) |
                                                  (client->n_out > 0 ? POLLOUT : 0))};
        }
        if (poll(polls, n, server->again ? 0 : -1) < 0) {
            if (errno == EINTR)
                continue;
            return cy_fail(CY_E_INTERNAL, (uint64_t)errno);
        }
        if (polls[0].revents != 0)
            return CY_OK;
        for (nfds_t i = 2; i < n; i++) {
            if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                receive(polled[i - 2]);
        }
        round_of(server);
        if (polls[1].revents != 0)
            admit(server);
    }
}

/* --- life --- */

/* A socket file on which nobody answers is what a killed signer left behind. */
static cy_err clear_path(const struct cy_signer_server *server)
{
    const char *path = server->address.sun_path;
    struct stat found;
    int fd = -1;
    int reason = 0;

    if (lstat(path, &found) != 0)
        return errno == ENOENT ? CY_OK : cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
    if (!S_ISSOCK(found.st_mode))
        return cy_fail(CY_E_HTTP_BIND, EEXIST);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
    reason = connect(fd, (const struct sockaddr *)&server->address, sizeof server->address) == 0
                 ? 0
                 : errno;
    (void)close(fd);
    if (reason != ECONNREFUSED)
        return cy_fail(CY_E_SIGNER_BUSY, (uint64_t)reason);
    return unlink(path) == 0 ? CY_OK : cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
}

static cy_err listen_at(struct cy_signer_server *server)
{
    const mode_t mode = server->peer_uid >= 0 ? 0666 : 0600;
    mode_t before = 0;
    int failed = 0;

    CY_TRY(clear_path(server));
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0)
        return cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
    before = umask(0777 & ~mode);
    failed = bind(server->fd, (const struct sockaddr *)&server->address, sizeof server->address);
    (void)umask(before);
    if (failed != 0)
        return cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
    server->bound = true;
    return listen(server->fd, 32) == 0 ? CY_OK : cy_fail(CY_E_HTTP_BIND, (uint64_t)errno);
}

cy_err cy_signer_server_open(struct cy_signer_desk *desk, const char *path, int64_t peer_uid,
                             struct cy_signer_server **out)
{
    struct cy_signer_server *server = calloc(1, sizeof *server);
    cy_err done = CY_OK;

    *out = NULL;
    if (server == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    server->desk = desk;
    server->peer_uid = peer_uid;
    server->fd = -1;
    server->address.sun_family = AF_UNIX;
    if (strlen(path) >= sizeof server->address.sun_path) {
        free(server);
        return cy_fail(CY_E_RANGE, sizeof server->address.sun_path - 1);
    }
    memcpy(server->address.sun_path, path, strlen(path));
    done = listen_at(server);
    if (!cy_ok(done)) {
        cy_signer_server_close(server);
        return done;
    }
    *out = server;
    return CY_OK;
}

void cy_signer_server_close(struct cy_signer_server *server)
{
    if (server == NULL)
        return;
    for (unsigned i = 0; i < CY_SIGNER_CLIENTS_MAX; i++)
        drop(server, i);
    if (server->fd >= 0)
        (void)close(server->fd);
    if (server->bound)
        (void)unlink(server->address.sun_path);
    free(server);
}

/* conns: the connections of a server, their deadlines, and what sleeps on them.
 *
 *      RECEIVING --whole request--> HANDLING --reply--> SENDING --sent--> RECEIVING ...
 *                                                  \--> STREAMING --end--> closed
 *
 * A deadline belongs to RECEIVING (slow requests) and SENDING (slow readers); one thread, the
 * clock, closes what is past it, because the library only knows about silence, not about one byte
 * per second. The same thread makes the calls of cy_conns_every.
 *
 * Sleeping: a request that is answered later, and a stream that has nothing to send, suspend their
 * connection. Whoever resumes one holds the lock, so that stopping can wake all and be sure.
 *
 * Owns: struct cy_conn, cy_later, cy_stream and their lists. Never: reads or writes HTTP, besides
 * one 408. */
#ifndef CY_HOST_HTTP_CONNS_H
#define CY_HOST_HTTP_CONNS_H

#include "host/http/reply.h"
#include "host/system/metrics.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>

#define CY_CONNS_EVERY 8

enum cy_conn_phase { CY_CONN_RECEIVING, CY_CONN_HANDLING, CY_CONN_SENDING, CY_CONN_STREAMING };

struct cy_conns;

struct cy_conn {
    struct cy_conn *next;
    struct cy_conn **back;
    struct cy_conns *conns;
    int socket;
    bool tls;
    bool begun; /* a request line has arrived */
    enum cy_conn_phase phase;
    uint64_t deadline_ms; /* 0: none */
    char peer[INET6_ADDRSTRLEN];
};

/* A request that is answered later; owned by the request and by the one who answers. */
struct cy_later;

struct cy_conns_call {
    unsigned ms;
    uint64_t next_ms;
    void (*call)(void *user);
    void *user;
};

struct cy_conns {
    pthread_mutex_t guard; /* of what follows; taken before any lock of the library */
    pthread_cond_t bell;
    struct cy_conn *first;
    struct cy_later *laters;
    struct cy_stream *streams;
    struct cy_conns_call every[CY_CONNS_EVERY];
    size_t every_n;
    bool stopping;
    bool clock_runs;
    pthread_t clock;
    unsigned request_ms;
    struct cy_metric *open;
    struct cy_metric *slow;
};

/* cy_now_us is a clock that only goes forward, in microseconds. */
uint64_t cy_now_us(void);

/* cy_conns_start prepares the lists and starts the clock. Fails with HTTP_START. */
CY_MUST_USE cy_err cy_conns_start(struct cy_conns *conns, unsigned request_ms);

/* cy_conns_end stops the clock and wakes all that sleeps; after it nothing can fall asleep. Waits
 * up to half a second for answers under way. */
void cy_conns_end(struct cy_conns *conns);

/* cy_conns_free must follow cy_conns_end, when all connections are closed. */
void cy_conns_free(struct cy_conns *conns);

bool cy_conns_stopping(struct cy_conns *conns);
CY_MUST_USE cy_err cy_conns_every(struct cy_conns *conns, unsigned ms, void (*call)(void *user),
                                  void *user);

/* cy_conn_open makes the record of a connection that was accepted; NULL without memory. */
struct cy_conn *cy_conn_open(struct cy_conns *conns, struct MHD_Connection *connection, bool tls);
void cy_conn_close(struct cy_conn *conn);

/* cy_conn_phase moves a connection (NULL: does nothing); ms until its deadline, 0 for none. */
void cy_conn_phase(struct cy_conn *conn, enum cy_conn_phase phase, uint64_t ms);

/* cy_conn_begun notes that a request line has arrived. */
void cy_conn_begun(struct cy_conn *conn);

/* cy_later_new suspends the connection. When the server is stopping the handle is made but nothing
 * is suspended, *asleep is false. NULL without memory. */
struct cy_later *cy_later_new(struct cy_conns *conns, struct MHD_Connection *connection,
                              bool *asleep);
/* cy_later_answer gives the reply and the answerer's share of the handle. */
void cy_later_answer(struct cy_later *later, struct cy_reply *reply);
/* cy_later_take: the reply, NULL when the server stopped first. */
struct cy_reply *cy_later_take(struct cy_later *later);
/* cy_later_drop gives the request's share back. */
void cy_later_drop(struct cy_later *later);

/* cy_stream_response makes the library's response that reads source; source is taken over, also on
 * failure (NULL). */
struct MHD_Response *cy_stream_response(struct cy_conns *conns, struct cy_conn *conn,
                                        struct MHD_Connection *connection,
                                        const struct cy_stream_source *source);

/* cy_stream_wake makes the stream's source be read again. cy_stream_cut closes the connection of a
 * client that does not keep up. Any thread, until the source is released. */
void cy_stream_wake(struct cy_stream *stream);
void cy_stream_cut(struct cy_stream *stream);

#endif

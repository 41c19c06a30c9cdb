#include "host/agent/relay.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define ANSWER_MAX ((size_t)64 << 20)
#define ROOM ((size_t)64 << 10)
#define STREAM_MS (24u * 3600u * 1000u)
#define URL_MAX 8192u

/* One stream: filled by its own thread, read by the server's. */
struct channel {
    struct cy_relay *relay;
    struct channel *next;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t room;
    struct cy_stream *stream;
    char *target;
    char *after; /* header line, NULL: none */
    size_t first;
    size_t n;
    bool ended; /* by the daemon */
    bool left;  /* by the browser */
    char bytes[ROOM];
};

struct cy_relay {
    char *url;
    char *pin;
    pthread_mutex_t lock;
    struct channel *channels; /* also those whose thread has ended */
    unsigned n;
    atomic_bool stopping;
};

struct cy_relay *cy_relay_new(const char *url, const char *pin)
{
    struct cy_relay *relay = calloc(1, sizeof *relay);

    if (relay == NULL)
        return NULL;
    relay->url = strdup(url);
    relay->pin = pin == NULL ? NULL : strdup(pin);
    if (relay->url == NULL || (pin != NULL && relay->pin == NULL)) {
        free(relay->url);
        free(relay->pin);
        free(relay);
        return NULL;
    }
    while (relay->url[0] != 0 && relay->url[strlen(relay->url) - 1] == '/')
        relay->url[strlen(relay->url) - 1] = 0;
    (void)pthread_mutex_init(&relay->lock, NULL);
    return relay;
}

/* ---- one answer ---- */

static bool url_of(const struct cy_relay *relay, const char *target, char out[static URL_MAX])
{
    const int n = snprintf(out, URL_MAX, "%s%s", relay->url, target);

    return n > 0 && (size_t)n < URL_MAX;
}

void cy_relay_get(const struct cy_relay *relay, struct cy_client *client, const char *target,
                  struct cy_reply *reply)
{
    char url[URL_MAX];
    struct cy_client_answer answer = {0};
    const struct cy_client_request request = {
        .url = url, .pin = relay->pin, .answer_max = ANSWER_MAX, .total_ms = 60000};
    cy_err err = CY_OK;

    if (!url_of(relay, target, url)) {
        cy_reply_fail(reply, cy_fail(CY_E_URI_TOO_LONG, URL_MAX), NULL, NULL);
        return;
    }
    err = cy_client_do(client, &request, &answer);
    if (answer.status >= 200 && (cy_ok(err) || answer.problem.status != 0)) {
        cy_reply_bytes(reply, answer.status, answer.type, cy_span_of(answer.body, answer.n));
        if (answer.etag[0] != 0)
            cy_reply_header(reply, "ETag", answer.etag);
    } else {
        cy_reply_fail(reply, err, answer.why, NULL);
    }
    cy_client_answer_free(&answer);
}

/* ---- streams ---- */

static void channel_free(struct channel *channel)
{
    (void)pthread_cond_destroy(&channel->room);
    (void)pthread_mutex_destroy(&channel->lock);
    free(channel->target);
    free(channel->after);
    free(channel);
}

static bool wanted(void *user)
{
    struct channel *channel = user;
    bool on = false;

    (void)pthread_mutex_lock(&channel->lock);
    on = !channel->left;
    (void)pthread_mutex_unlock(&channel->lock);
    return on && !atomic_load(&channel->relay->stopping);
}

/* Waits for room: the daemon closes a reader that stays away too long, and the browser comes back.
 */
static bool on_piece(void *user, struct cy_span bytes)
{
    struct channel *channel = user;
    const char *from = bytes.at == NULL ? NULL : (const char *)bytes.at;
    size_t done = 0;

    (void)pthread_mutex_lock(&channel->lock);
    while (done < bytes.n && !channel->left) {
        const size_t end = (channel->first + channel->n) % ROOM;
        size_t part =
            end >= channel->first && channel->n < ROOM ? ROOM - end : channel->first - end;

        if (channel->n == ROOM) {
            (void)pthread_cond_wait(&channel->room, &channel->lock);
            continue;
        }
        part = part < bytes.n - done ? part : bytes.n - done;
        memcpy(channel->bytes + end, from + done, part);
        channel->n += part;
        done += part;
        if (channel->stream != NULL)
            cy_stream_wake(channel->stream);
    }
    (void)pthread_mutex_unlock(&channel->lock);
    return done == bytes.n;
}

static void *channel_main(void *user)
{
    struct channel *channel = user;
    const char *const headers[] = {channel->after};
    char url[URL_MAX];
    struct cy_client *client = cy_client_new();
    struct cy_client_answer answer = {0};
    const struct cy_client_request request = {.url = url,
                                              .pin = channel->relay->pin,
                                              .headers = headers,
                                              .headers_n = channel->after == NULL ? 0 : 1,
                                              .total_ms = STREAM_MS,
                                              .piece = on_piece,
                                              .wanted = wanted,
                                              .user = channel};

    if (client != NULL && url_of(channel->relay, channel->target, url))
        (void)!cy_ok(cy_client_do(client, &request, &answer));
    cy_client_answer_free(&answer);
    cy_client_free(client);
    (void)pthread_mutex_lock(&channel->lock);
    channel->ended = true;
    if (channel->stream != NULL && !channel->left)
        cy_stream_wake(channel->stream);
    (void)pthread_mutex_unlock(&channel->lock);
    return NULL;
}

static void channel_start(void *self, struct cy_stream *stream)
{
    struct channel *channel = self;

    (void)pthread_mutex_lock(&channel->lock);
    channel->stream = stream;
    (void)pthread_mutex_unlock(&channel->lock);
}

static long channel_read(void *self, char *out, size_t cap)
{
    struct channel *channel = self;
    size_t part = 0;
    long n = CY_STREAM_WAIT;

    (void)pthread_mutex_lock(&channel->lock);
    if (channel->n > 0) {
        part = channel->n < ROOM - channel->first ? channel->n : ROOM - channel->first;
        part = part < cap ? part : cap;
        memcpy(out, channel->bytes + channel->first, part);
        channel->first = (channel->first + part) % ROOM;
        channel->n -= part;
        n = (long)part;
        (void)pthread_cond_signal(&channel->room);
    } else if (channel->ended) {
        n = CY_STREAM_END;
    }
    (void)pthread_mutex_unlock(&channel->lock);
    return n;
}

static void channel_release(void *self)
{
    struct channel *channel = self;

    (void)pthread_mutex_lock(&channel->lock);
    channel->left = true;
    channel->stream = NULL;
    (void)pthread_cond_signal(&channel->room);
    (void)pthread_mutex_unlock(&channel->lock);
}

/* Takes the channels out that both sides have left. Locked. */
static struct channel *take_over(struct cy_relay *relay, bool all)
{
    struct channel **at = &relay->channels;
    struct channel *over = NULL;

    while (*at != NULL) {
        struct channel *channel = *at;
        bool done = all;

        (void)pthread_mutex_lock(&channel->lock);
        done = done || (channel->left && channel->ended);
        (void)pthread_mutex_unlock(&channel->lock);
        if (!done) {
            at = &channel->next;
            continue;
        }
        *at = channel->next;
        channel->next = over;
        over = channel;
        relay->n--;
    }
    return over;
}

static void join(struct channel *over)
{
    while (over != NULL) {
        struct channel *next = over->next;

        (void)pthread_join(over->thread, NULL);
        channel_free(over);
        over = next;
    }
}

static struct channel *channel_new(struct cy_relay *relay, const char *target, const char *after)
{
    struct channel *channel = calloc(1, sizeof *channel);
    char line[96];

    if (channel == NULL)
        return NULL;
    (void)pthread_mutex_init(&channel->lock, NULL);
    (void)pthread_cond_init(&channel->room, NULL);
    channel->relay = relay;
    channel->target = strdup(target);
    if (after != NULL) {
        (void)snprintf(line, sizeof line, "Last-Event-ID: %.32s", after);
        channel->after = strdup(line);
    }
    if (channel->target != NULL && (after == NULL || channel->after != NULL))
        return channel;
    channel_free(channel);
    return NULL;
}

void cy_relay_stream(struct cy_relay *relay, const struct cy_http_request *request,
                     struct cy_reply *reply)
{
    const char *after = cy_http_header(request, "Last-Event-ID");
    struct channel *over = NULL;
    struct channel *channel = NULL;
    cy_err err = CY_OK;

    (void)pthread_mutex_lock(&relay->lock);
    over = take_over(relay, false);
    if (relay->n >= CY_RELAY_STREAMS_MAX) {
        err = cy_fail(CY_E_BUSY, CY_RELAY_STREAMS_MAX);
    } else if ((channel = channel_new(relay, cy_http_target(request), after)) == NULL) {
        err = cy_fail(CY_E_NO_MEMORY, 0);
    } else if (pthread_create(&channel->thread, NULL, channel_main, channel) != 0) {
        channel_free(channel);
        channel = NULL;
        err = cy_fail(CY_E_NO_MEMORY, 0);
    }
    if (channel != NULL) {
        channel->next = relay->channels;
        relay->channels = channel;
        relay->n++;
    }
    (void)pthread_mutex_unlock(&relay->lock);
    join(over);
    if (channel != NULL)
        cy_reply_stream(
            reply, "text/event-stream",
            &(struct cy_stream_source){channel_start, channel_read, channel_release, channel});
    else
        cy_reply_fail(reply, err, "too many streams are open", cy_http_path(request));
}

void cy_relay_free(struct cy_relay *relay)
{
    struct channel *over = NULL;

    if (relay == NULL)
        return;
    atomic_store(&relay->stopping, true);
    (void)pthread_mutex_lock(&relay->lock);
    over = take_over(relay, true);
    (void)pthread_mutex_unlock(&relay->lock);
    join(over);
    (void)pthread_mutex_destroy(&relay->lock);
    free(relay->url);
    free(relay->pin);
    free(relay);
}

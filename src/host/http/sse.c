#include "host/http/sse.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define RETRY_MS 2000

struct event {
    uint64_t id;
    uint64_t topics;
    char *text;
    size_t n;
};

struct reader {
    struct reader *next;
    struct reader **back;
    struct cy_sse *sse;
    struct cy_stream *stream; /* NULL until the answer has begun */
    uint64_t topics;
    uint64_t place; /* number of the next event, counted from the feed's start */
    size_t offset;  /* bytes of it already sent */
    char hello[128];
    size_t hello_n;
    size_t hello_at;
    bool beat;
    bool lost;
};

struct cy_sse {
    pthread_mutex_t guard; /* taken before the server's */
    struct cy_sse_options options;
    struct event *ring;
    uint64_t first; /* number of the oldest event kept */
    uint64_t next;  /* number of the next one */
    size_t bytes;
    uint64_t gone_id; /* id of the last event dropped from the ring */
    bool any_gone;
    struct reader *readers;
    unsigned readers_n;
};

static struct event *event_at(const struct cy_sse *sse, uint64_t number)
{
    return &sse->ring[number % sse->options.events_max];
}

static void drop_oldest(struct cy_sse *sse)
{
    struct event *event = event_at(sse, sse->first);

    sse->gone_id = event->id;
    sse->any_gone = true;
    sse->bytes -= event->n;
    free(event->text);
    event->text = NULL;
    sse->first++;
}

static void beat_all(void *user)
{
    struct cy_sse *sse = user;

    (void)pthread_mutex_lock(&sse->guard);
    for (struct reader *reader = sse->readers; reader != NULL; reader = reader->next) {
        reader->beat = true;
        if (reader->stream != NULL)
            cy_stream_wake(reader->stream);
    }
    (void)pthread_mutex_unlock(&sse->guard);
}

cy_err cy_sse_new(struct cy_http *server, const struct cy_sse_options *options, struct cy_sse **out)
{
    struct cy_sse *sse = calloc(1, sizeof *sse);
    cy_err done = CY_OK;

    *out = NULL;
    CY_ASSERT(options->events_max > 0);
    if (sse == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    sse->options = *options;
    sse->ring = calloc(options->events_max, sizeof *sse->ring);
    (void)pthread_mutex_init(&sse->guard, NULL);
    done = sse->ring == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                             : cy_http_every(server, options->beat_ms, beat_all, sse);
    if (!cy_ok(done)) {
        cy_sse_free(sse);
        return done;
    }
    *out = sse;
    return CY_OK;
}

void cy_sse_free(struct cy_sse *sse)
{
    if (sse == NULL)
        return;
    CY_ASSERT(sse->readers == NULL);
    while (sse->first < sse->next)
        drop_oldest(sse);
    (void)pthread_mutex_destroy(&sse->guard);
    free(sse->ring);
    free(sse);
}

/* ---- publishing ---- */

static char *event_text(uint64_t id, const char *name, struct cy_span data, size_t *n)
{
    const char *at = (const char *)data.at;
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    size_t from = 0;

    if (out == NULL)
        return NULL;
    (void)fprintf(out, "id: %" PRIu64 "\nevent: %s\n", id, name);
    do {
        const char *end = from < data.n ? memchr(at + from, '\n', data.n - from) : NULL;
        const size_t line = (end == NULL ? data.n : (size_t)(end - at)) - from;

        (void)fputs("data: ", out);
        if (line > 0)
            (void)fwrite(at + from, 1, line, out);
        (void)fputc('\n', out);
        from += line + 1;
    } while (from < data.n);
    (void)fputc('\n', out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

cy_err cy_sse_publish(struct cy_sse *sse, uint64_t id, uint64_t topics, const char *name,
                      struct cy_span data)
{
    size_t n = 0;
    char *text = event_text(id, name, data, &n);

    if (text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (n > sse->options.bytes_max) {
        free(text);
        return cy_fail(CY_E_TOO_LARGE, sse->options.bytes_max);
    }
    (void)pthread_mutex_lock(&sse->guard);
    while (sse->next - sse->first == sse->options.events_max ||
           (sse->next > sse->first && sse->bytes + n > sse->options.bytes_max))
        drop_oldest(sse);
    *event_at(sse, sse->next) = (struct event){id, topics, text, n};
    sse->next++;
    sse->bytes += n;
    for (struct reader *reader = sse->readers; reader != NULL; reader = reader->next) {
        if (reader->stream == NULL || reader->lost)
            continue;
        if (reader->place < sse->first) {
            reader->lost = true;
            cy_stream_cut(reader->stream);
        } else if ((reader->topics & topics) != 0) {
            cy_stream_wake(reader->stream);
        }
    }
    (void)pthread_mutex_unlock(&sse->guard);
    return CY_OK;
}

/* ---- reading ---- */

static void reader_start(void *self, struct cy_stream *stream)
{
    struct reader *reader = self;

    (void)pthread_mutex_lock(&reader->sse->guard);
    reader->stream = stream;
    (void)pthread_mutex_unlock(&reader->sse->guard);
}

static size_t copy_from(const char *text, size_t n, size_t *at, char *out, size_t cap)
{
    const size_t part = n - *at < cap ? n - *at : cap;

    memcpy(out, text + *at, part);
    *at += part;
    return part;
}

static long reader_next(struct reader *reader, char *out, size_t cap)
{
    struct cy_sse *sse = reader->sse;
    size_t done = 0;

    if (reader->lost || reader->place < sse->first)
        return CY_STREAM_END;
    if (reader->hello_at < reader->hello_n)
        return (long)copy_from(reader->hello, reader->hello_n, &reader->hello_at, out, cap);
    while (reader->place < sse->next && done < cap) {
        const struct event *event = event_at(sse, reader->place);

        if ((event->topics & reader->topics) != 0)
            done += copy_from(event->text, event->n, &reader->offset, out + done, cap - done);
        else
            reader->offset = event->n;
        if (reader->offset == event->n) {
            reader->place++;
            reader->offset = 0;
        }
    }
    if (done == 0 && reader->beat && cap >= 3) {
        memcpy(out, ":\n\n", 3); /* only between events */
        done = 3;
    }
    reader->beat = false;
    return done == 0 ? CY_STREAM_WAIT : (long)done;
}

static long reader_read(void *self, char *out, size_t cap)
{
    struct reader *reader = self;
    long n = 0;

    (void)pthread_mutex_lock(&reader->sse->guard);
    n = reader_next(reader, out, cap);
    (void)pthread_mutex_unlock(&reader->sse->guard);
    return n;
}

static void reader_release(void *self)
{
    struct reader *reader = self;
    struct cy_sse *sse = reader->sse;

    (void)pthread_mutex_lock(&sse->guard);
    *reader->back = reader->next;
    if (reader->next != NULL)
        reader->next->back = reader->back;
    sse->readers_n--;
    (void)pthread_mutex_unlock(&sse->guard);
    free(reader);
}

/* With the lock held: where to begin, and what to say first. */
static void set_place(struct reader *reader, bool resume, uint64_t after)
{
    const struct cy_sse *sse = reader->sse;
    int n = snprintf(reader->hello, sizeof reader->hello, "retry: %d\n\n", RETRY_MS);

    reader->place = sse->next;
    if (resume) {
        reader->place = sse->first;
        while (reader->place < sse->next && event_at(sse, reader->place)->id <= after)
            reader->place++;
        if (sse->any_gone && sse->gone_id > after)
            n += snprintf(
                reader->hello + n, sizeof reader->hello - (size_t)n,
                "event: gap\ndata: {\"after\":%" PRIu64 ",\"next\":%" PRIu64 "}\n\n", after,
                reader->place < sse->next ? event_at(sse, reader->place)->id : sse->gone_id + 1);
    }
    reader->hello_n = (size_t)n;
}

void cy_sse_serve(struct cy_sse *sse, const struct cy_http_request *request, uint64_t topics,
                  struct cy_reply *reply)
{
    struct reader *reader = NULL;
    const char *asked = cy_http_header(request, "Last-Event-ID");
    uint64_t after = 0;
    bool full = false;

    if (asked == NULL)
        asked = cy_http_query(request, "last_event_id");
    if (asked != NULL && !cy_ok(cy_u64_read(cy_span_text(asked), &after))) {
        cy_reply_fail(reply, cy_fail(CY_E_BAD_REQUEST, 0), "Last-Event-ID is not a number",
                      cy_http_path(request));
        return;
    }
    reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        cy_reply_fail(reply, cy_fail(CY_E_NO_MEMORY, 0), NULL, cy_http_path(request));
        return;
    }
    reader->sse = sse;
    reader->topics = topics;
    (void)pthread_mutex_lock(&sse->guard);
    full = sse->readers_n >= sse->options.clients_max;
    if (!full) {
        set_place(reader, asked != NULL, after);
        reader->next = sse->readers;
        reader->back = &sse->readers;
        if (reader->next != NULL)
            reader->next->back = &reader->next;
        sse->readers = reader;
        sse->readers_n++;
    }
    (void)pthread_mutex_unlock(&sse->guard);
    if (full) {
        free(reader);
        cy_reply_fail(reply, cy_fail(CY_E_BUSY, sse->options.clients_max),
                      "no room for one more subscriber", cy_http_path(request));
        return;
    }
    cy_reply_stream(reply, "text/event-stream",
                    &(struct cy_stream_source){reader_start, reader_read, reader_release, reader});
}

unsigned cy_sse_clients(struct cy_sse *sse)
{
    unsigned n = 0;

    (void)pthread_mutex_lock(&sse->guard);
    n = sse->readers_n;
    (void)pthread_mutex_unlock(&sse->guard);
    return n;
}

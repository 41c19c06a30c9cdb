#include "host/node/feed.h"

#include "host/json/entry_json.h"
#include "host/system/log.h"

#include <stdlib.h>

#define AT_ONCE 256u /* entries told one by one for one head */
#define ARENA_BYTES ((size_t)8 << 20)
#define TEXT_BYTES ((size_t)1 << 18)
#define RING_BYTES ((size_t)4 << 20)

struct cy_feed {
    struct cy_sse *heads;
    struct cy_sse *acts;
    uint8_t *entry;
    void *memory;
    char *text;
};

void cy_feed_free(struct cy_feed *feed)
{
    if (feed == NULL)
        return;
    cy_sse_free(feed->heads);
    cy_sse_free(feed->acts);
    free(feed->entry);
    free(feed->memory);
    free(feed->text);
    free(feed);
}

cy_err cy_feed_new(struct cy_http *server, unsigned clients_max, struct cy_feed **out)
{
    const struct cy_sse_options options = {
        .clients_max = clients_max, .events_max = 4096, .bytes_max = RING_BYTES, .beat_ms = 15000};
    struct cy_feed *feed = calloc(1, sizeof *feed);
    cy_err err = CY_OK;

    *out = feed;
    if (feed == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    feed->entry = malloc(CY_ENTRY_MAX);
    feed->memory = aligned_alloc(16, ARENA_BYTES);
    feed->text = malloc(TEXT_BYTES);
    if (feed->entry == NULL || feed->memory == NULL || feed->text == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (cy_ok(err))
        err = cy_sse_new(server, &options, &feed->heads);
    if (cy_ok(err))
        err = cy_sse_new(server, &options, &feed->acts);
    return err; /* the server's clock may know the first stream already: it is freed after it stops
                 */
}

static void publish(struct cy_sse *sse, uint64_t id, const char *name, const struct cy_text *text)
{
    const cy_err err = cy_sse_publish(sse, id, 1, name, cy_text_bytes(text));

    if (!cy_ok(err))
        CY_LOG(CY_LOG_WARN, "feed", cy_log_say("event lost"), cy_log_code(err));
}

/* One entry; false when it could not be read or printed, and the rest is told as `more`. */
static bool tell_entry(struct cy_feed *feed, struct cy_cell *cell, uint64_t at)
{
    struct cy_arena arena = cy_arena_on(feed->memory, ARENA_BYTES);
    struct cy_text text = cy_text_on(feed->text, TEXT_BYTES);
    struct cy_disk_fault fault;
    size_t n = 0;

    if (!cy_ok(cy_tree_entry(&cell->tree, at, feed->entry, CY_ENTRY_MAX, &n, &fault)) ||
        !cy_ok(cy_entry_json(NULL, at, cy_span_of(feed->entry, n), &arena, &text)))
        return false;
    publish(feed->acts, at + 1, "act", &text);
    return true;
}

void cy_feed_tell(struct cy_feed *feed, struct cy_cell *cell, uint64_t from,
                  const struct cy_head *head)
{
    struct cy_text text = cy_text_on(feed->text, TEXT_BYTES);
    uint64_t at = from;

    while (at < head->size && at - from < AT_ONCE && tell_entry(feed, cell, at))
        at++;
    if (at < head->size) {
        cy_text_add(&text, "{\"next\":");
        cy_text_u64(&text, at);
        cy_text_add(&text, "}");
        publish(feed->acts, head->size, "more", &text);
        text = cy_text_on(feed->text, TEXT_BYTES);
    }
    cy_text_add(&text, "{\"size\":");
    cy_text_u64(&text, head->size);
    cy_text_add(&text, ",\"root\":\"");
    cy_text_hex(&text, cy_span_of(head->root.b, sizeof head->root.b));
    cy_text_add(&text, "\"}");
    publish(feed->heads, head->size, "head", &text);
}

struct cy_sse *cy_feed_heads(struct cy_feed *feed)
{
    return feed->heads;
}

struct cy_sse *cy_feed_acts(struct cy_feed *feed)
{
    return feed->acts;
}

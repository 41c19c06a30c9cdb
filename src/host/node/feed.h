/* feed: what happens in the ledger, told to listeners as it becomes durable (server-sent events).
 *
 *   heads   event `head`, id = size         {"size", "root"}
 *   acts    event `act`,  id = index + 1    the entry as /v1/acts/{index} shows it, with ids for
 * names event `more`, id = size         {"next"}: so many at once that the rest is read from
 *                                           /v1/feed
 *
 * A listener that was away comes back with Last-Event-ID; what the ring no longer holds it reads
 * from /v1/feed?since=ID.
 *
 * Owns: the two rings and the memory to print into. Never: waits for a listener. */
#ifndef CY_HOST_NODE_FEED_H
#define CY_HOST_NODE_FEED_H

#include "host/http/sse.h"
#include "realm/cell.h"

struct cy_feed;

/* cy_feed_new joins a server. Fails with NO_MEMORY, NO_ROOM; then too *out (NULL: none) is freed
 * after cy_http_stop, because the server may know a part of it. */
CY_MUST_USE cy_err cy_feed_new(struct cy_http *server, unsigned clients_max, struct cy_feed **out);

/* cy_feed_free must come after cy_http_stop, when nothing is published any more. */
void cy_feed_free(struct cy_feed *feed);

/* cy_feed_tell publishes a new head and the entries from `from` on. The caller holds the tree
 * still; one thread at a time. */
void cy_feed_tell(struct cy_feed *feed, struct cy_cell *cell, uint64_t from,
                  const struct cy_head *head);

/* The two streams, for handlers. */
struct cy_sse *cy_feed_heads(struct cy_feed *feed);
struct cy_sse *cy_feed_acts(struct cy_feed *feed);

#endif

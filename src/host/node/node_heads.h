/* node_heads: the heads of a node and the cosignatures that they gather.
 *
 *      flusher --published--> newest head --cosigner thread--> witnesses
 *                                  \<-------- a line of each -----/
 *
 * A signed head is told at once; witnesses are asked one after the other for the newest one, and
 * whoever waits for so many cosignatures is woken when they are there. A witness that failed is not
 * asked for a while, and holds nobody up whom the others suffice.
 *
 * Owns: the fields of struct cy_node that speak of heads and witnesses, under its lock. Never:
 * signs. */
#ifndef CY_HOST_NODE_NODE_HEADS_H
#define CY_HOST_NODE_NODE_HEADS_H

#include "host/node/node_parts.h"

/* cy_node_published is told of each head by the flusher (sequencer.h); self is the node. */
void cy_node_published(void *self, const struct cy_head *head);

/* cy_node_cosigner is the thread that asks witnesses until the node stops; arg is the node. */
void *cy_node_cosigner(void *arg);

/* cy_node_feed sets who is told of new heads (NULL: nobody). */
void cy_node_feed(struct cy_node *node, struct cy_feed *feed);

/* cy_node_head copies the newest head; cy_node_witnessed the newest with at least `need`
 * cosignatures (size 0 when there is none). need: 1 to n_witnesses; 0 = what is configured. */
void cy_node_head(struct cy_node *node, struct cy_node_head *out);
void cy_node_witnessed(struct cy_node *node, uint32_t need, struct cy_node_head *out);

/* cy_node_wait_witnessed waits until a head with `need` cosignatures (as above) covers index `at`.
 * Fails with TIMED_OUT, STOPPING, or NO_WITNESSES when none is configured. */
CY_MUST_USE cy_err cy_node_wait_witnessed(struct cy_node *node, uint64_t at, uint32_t need,
                                          unsigned timeout_ms);

#endif

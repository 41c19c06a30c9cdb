/* packet_post: a member's packets on their way to the others, over HTTP.
 *
 *      send(peer, packet) --> its queue, the oldest gives way --> its thread --> POST --> the peer
 *                                                                   \-- away? waits longer each
 * time
 *
 * One thread and one kept connection for each peer (TLS 1.3, the peer's pinned key), so that one
 * that is slow or away holds nobody else up, and packets of one peer arrive in the order they were
 * sent in. A queue is bounded in packets and bytes; when it is full the oldest packet is dropped,
 * because the newest votes are the ones that count, and what was lost is asked for again. For the
 * same reason a packet that waited too long is not sent any more.
 *
 * Owns: threads, connections, queues (malloc, bounded). Never: reads a packet. */
#ifndef CY_HOST_NODE_PACKET_POST_H
#define CY_HOST_NODE_PACKET_POST_H

#include "host/http/client.h"
#include "host/system/metrics.h"

#define CY_POST_PEERS_MAX 64u
#define CY_POST_PATH "/v1/federation/packets"

struct cy_packet_post;

struct cy_post_peer {
    const char *name; /* of the member, for figures and the log */
    const char *url;
    const char *pin; /* empty: the system's authorities judge */
};

struct cy_post_options {
    const struct cy_post_peer *peers; /* their texts are borrowed */
    uint32_t n_peers;
    uint32_t packets_max;       /* that wait for one peer; 0: 512 */
    size_t bytes_max;           /* of them; 0: 8 MiB */
    unsigned age_ms_max;        /* how long a packet may wait; 0: 10,000 */
    unsigned total_ms;          /* longest wait for one answer; 0: 5,000 */
    struct cy_metrics *metrics; /* may be NULL */
};

/* What became of the packets to one peer. */
struct cy_post_figures {
    uint64_t sent;     /* taken by the peer */
    uint64_t dropped;  /* gave way, or waited too long */
    uint64_t failed;   /* tries without success */
    uint64_t waiting;  /* in the queue */
    cy_err err;        /* of the last try */
    uint64_t good_us;  /* cy_now_us of the last success; 0: not yet */
    uint64_t round_us; /* how long the last success took */
};

/* cy_packet_post_start begins the threads. Fails with NO_MEMORY; *out is then NULL. */
CY_MUST_USE cy_err cy_packet_post_start(const struct cy_post_options *options,
                                        struct cy_packet_post **out);

/* cy_packet_post_stop ends them; what waits is dropped. NULL is fine. */
void cy_packet_post_stop(struct cy_packet_post *post);

/* cy_packet_post_send copies a packet into the queue of a peer, by its place in the options. It
 * never waits; without memory the packet is dropped. Any thread. */
void cy_packet_post_send(struct cy_packet_post *post, uint32_t index, struct cy_span bytes);

/* cy_packet_post_heard says that the peer spoke: if it was away it is tried again at once. */
void cy_packet_post_heard(struct cy_packet_post *post, uint32_t index);

void cy_packet_post_figures(struct cy_packet_post *post, uint32_t index,
                            struct cy_post_figures *out);

#endif

/* packet_inbox: what other members sent, waiting for the thread that agrees.
 *
 *      HTTP threads --put--> a queue for each seat --take, seat after seat--> federator
 *
 * Only the head of a packet is looked at here: that it is of this federation, and which seat it
 * says to be from. Each seat has a queue and a budget of its own, and the seats are served in turn:
 * one that floods fills its own queue and hears QUEUE_FULL, and takes no more than its share of
 * time. Signatures are verified behind this (realm/federation.h): who pretends to be a seat takes
 * from that seat's share, and from nobody else's.
 *
 * Owns: the queues (malloc, bounded). Never: verifies, decodes frames. */
#ifndef CY_HOST_NODE_PACKET_INBOX_H
#define CY_HOST_NODE_PACKET_INBOX_H

#include "base/bytes.h"
#include "base/err.h"

#define CY_INBOX_SEATS_MAX 16u

struct cy_packet_inbox;

struct cy_inbox_options {
    uint32_t packets_max;  /* that wait from one seat; 0: 512 */
    size_t bytes_max;      /* of them; 0: 4 MiB */
    uint64_t packets_rate; /* of one seat in a second; twice as many at once; 0: 10,000 */
    uint64_t bytes_rate;   /* the same; 0: 32 MiB */
};

/* A packet that was taken out; free() it. */
struct cy_inbox_packet {
    struct cy_inbox_packet *next; /* private */
    uint32_t seat;
    size_t n;
    uint8_t bytes[];
};

/* What one seat sent. */
struct cy_inbox_figures {
    uint64_t packets; /* taken in */
    uint64_t bytes;
    uint64_t throttled; /* refused with QUEUE_FULL */
    uint64_t waiting;
    uint64_t heard_us; /* when the last one came, on the caller's clock; 0: none */
};

/* cy_packet_inbox_new: NULL without memory. */
struct cy_packet_inbox *cy_packet_inbox_new(const struct cy_inbox_options *options);
void cy_packet_inbox_free(struct cy_packet_inbox *inbox);

/* cy_packet_inbox_seats says of which federation packets are and from which keys: keys[i] is the
 * peer key of seat i, none where nobody sits. What waits stays. */
void cy_packet_inbox_seats(struct cy_packet_inbox *inbox, const struct cy_id *federation,
                           const struct cy_id keys[static CY_INBOX_SEATS_MAX]);

/* cy_packet_inbox_put takes a copy of a packet in; now_us is a clock that never goes back. *number
 * is that of the seat it says to be from. Fails with BAD_PACKET, OTHER_FEDERATION, NOT_SEATED,
 * QUEUE_FULL (this seat sends too much), NO_MEMORY. Any thread. */
CY_MUST_USE cy_err cy_packet_inbox_put(struct cy_packet_inbox *inbox, struct cy_span bytes,
                                       uint64_t now_us, uint32_t *number);

/* cy_packet_inbox_take gives the next packet, of the seats in turn; NULL when none waits. */
struct cy_inbox_packet *cy_packet_inbox_take(struct cy_packet_inbox *inbox);

void cy_packet_inbox_figures(struct cy_packet_inbox *inbox, uint32_t number,
                             struct cy_inbox_figures *out);

#endif

/* federator: the thread in which a member of a federation agrees with the others.
 *
 *      HTTP --packets--> inbox --\                              /--> post --> other members
 *      HTTP --acts-----> queue --+--> cy_federation (its thread) --> signer
 *      clock --timers, beats-----/                              \--> jobs answered, heads published
 *
 * It implements what a member's node needs of its surroundings (struct cy_federation_world) with a
 * real clock, the signer, and packets over HTTP, and it is the one who orders this realm
 * (order.h): an act is answered when it stands in an agreed head. A head is published when it is
 * final.
 *
 * While the node is in a call the world and the tree are locked; between two calls whoever reads
 * goes on. What the node says during a call (an act is answered, a head is final) is passed on when
 * the locks are free again.
 *
 * An act that is not agreed on in time (too few members answer) is answered with TIMED_OUT; it
 * stays with the members and may still be agreed on.
 *
 * Owns: the thread, the queues, the timers. Never: knows HTTP paths, holds a key. */
#ifndef CY_HOST_NODE_FEDERATOR_H
#define CY_HOST_NODE_FEDERATOR_H

#include "host/node/order.h"
#include "host/node/packet_inbox.h"
#include "host/node/packet_post.h"
#include "host/node/seat_signer.h"
#include "host/system/metrics.h"

struct cy_federator;

/* A seat as this node sees it. */
struct cy_federator_seat {
    bool here; /* somebody sits there */
    bool self;
    struct cy_name name;
    bool peer; /* the settings say where it is reached */
    struct cy_post_figures post;
    struct cy_inbox_figures inbox;
};

struct cy_federator_status {
    struct cy_federation_figures figures;
    struct cy_federator_seat seats[CY_SEATS_MAX];
    cy_err trouble;
    cy_err pause;
    uint64_t convicted; /* members, since this start */
    uint64_t malformed; /* packets whose head was refused */
    uint64_t unknown;   /* packets of nobody who has a seat */
    uint64_t foreign;   /* packets of another federation */
};

struct cy_federator_options {
    struct cy_seat_signer *signer;    /* taken over */
    const struct cy_post_peer *peers; /* by names of seats; borrowed */
    uint32_t n_peers;
    size_t queue_max;   /* acts that may wait to be taken in */
    unsigned answer_ms; /* how long an act waits for agreement */
    unsigned beat_ms;
    struct cy_metrics *metrics; /* may be NULL */
    cy_time (*now)(void);       /* wall clock, Unix ms */
    /* told of each agreed head, and again when it is final, in the federator's thread, while world
     * and tree are locked by it */
    void (*published)(void *self, const struct cy_head *head, bool final);
    void *published_self;
};

/* cy_federator_new makes it, without a thread. Fails with NO_MEMORY; then the signer is still the
 * caller's. */
CY_MUST_USE cy_err cy_federator_new(const struct cy_federator_options *options,
                                    struct cy_federator **out);

/* cy_federator_world is what cy_federation_open takes. */
const struct cy_federation_world *cy_federator_world(struct cy_federator *federator);

/* cy_federator_start begins to agree. The federation is borrowed: it is closed by its owner after
 * cy_federator_free. Fails with NO_MEMORY, BAD_URL. */
CY_MUST_USE cy_err cy_federator_start(struct cy_federator *federator,
                                      struct cy_federation *federation);

/* cy_federator_free ends the threads, answers every job, closes the signer; NULL is fine. */
void cy_federator_free(struct cy_federator *federator);

/* cy_federator_order gives the federator as the one who orders the realm. Its stop ends the
 * threads. */
struct cy_order cy_federator_order(struct cy_federator *federator);

/* cy_federator_packet takes in what somebody sent. Fails as cy_packet_inbox_put, or with STOPPING.
 * Any thread. */
CY_MUST_USE cy_err cy_federator_packet(struct cy_federator *federator, struct cy_span packet);

/* cy_federator_settle_final waits until a final head covers index `at`. Fails with STOPPING,
 * TIMED_OUT or trouble. */
CY_MUST_USE cy_err cy_federator_settle_final(struct cy_federator *federator, uint64_t at,
                                             unsigned timeout_ms);

/* cy_federator_status copies how it stands. Any thread. */
void cy_federator_status(struct cy_federator *federator, struct cy_federator_status *out);

#endif

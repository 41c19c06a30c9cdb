/* session: what a member's node knows of the others, and what they may send it.
 *
 *      packet --> whose is it? --> budget --> new? --> signature --> frames
 *                 UNSEATED        THROTTLED  PACKET_OLD  BAD_SIGNATURE
 *
 * A budget is a bucket of bytes, of frames and of work (blocks judged, questions answered) for each
 * seat, filled as time passes, looked at before anything costs. Within a session the numbers of a
 * peer ascend; of the last 64 those that came late are let in once, since networks reorder.
 *
 * Owns: sessions, budgets, counts. Never: believes what a peer says of itself but to ask it. */
#ifndef CY_REALM_SESSION_H
#define CY_REALM_SESSION_H

#include "realm/voters.h"

/* A second's share, of which a bucket holds two. */
#define CY_PEER_BYTES_S ((uint64_t)8 << 20)
#define CY_PEER_FRAMES_S 8192u
#define CY_PEER_WORK_S 64u

struct cy_peer {
    uint64_t session;
    uint64_t number;
    uint64_t window; /* bit i: number - i has come */
    uint64_t bytes;  /* what is left */
    uint64_t frames;
    uint64_t work;
    cy_time filled_at;
    uint64_t refused;
    uint64_t throttled;
    struct cy_peer_status said; /* last */
    cy_time heard_at;
};

/* cy_peer_fill adds what the time that passed brings; a clock that goes back brings nothing. */
void cy_peer_fill(struct cy_peer *peer, cy_time now);

/* cy_peer_admit asks the budget and the window, before the signature is looked at; cy_peer_seen
 * enters the packet once it was verified. Fails with THROTTLED or PACKET_OLD. */
CY_MUST_USE cy_err cy_peer_admit(struct cy_peer *peer, const struct cy_packet *packet,
                                 size_t packet_bytes);
void cy_peer_seen(struct cy_peer *peer, const struct cy_packet *packet);

/* cy_peer_works takes one piece of work off the budget. Fails with THROTTLED. */
CY_MUST_USE cy_err cy_peer_works(struct cy_peer *peer);

#endif

/* sim_net: virtual time, and a network that delays, loses, doubles, reorders, cuts and heals.
 *
 *     send ---> fate: lost | cut | full | on its way, once or twice
 *                                             \
 *     timer --------------------------------> queue by (time, number) ---> next: time moves to it
 *
 * Nothing happens between two events, so that hours pass in a moment. The fate of the n-th packet
 * of a link depends on the seed, the link and n alone: what happens elsewhere does not change it,
 * which keeps a shrunk scenario close to the one it came from.
 *
 * Packets under way are bounded in number and in bytes, as in the buffers of real machines: what
 * does not fit is lost. Timers are bounded by who asks for them.
 *
 * Owns: copies of the packets under way (malloc). Never: reads a real clock. */
#ifndef CY_SIM_SIM_NET_H
#define CY_SIM_SIM_NET_H

#include "sim/sim_dice.h"

#define CY_SIM_NODES_MAX 64u

/* How a link from one node to another is; both directions stand apart. */
struct cy_sim_link {
    uint32_t delay_ms;     /* at least */
    uint32_t jitter_ms;    /* up to so much more for each packet: it is what reorders them */
    uint32_t loss;         /* of 1000 packets are lost */
    uint32_t twice;        /* of 1000 packets arrive twice */
    uint32_t bytes_per_ms; /* packets wait for those before them; 0: a wide link */
    bool cut;              /* nothing arrives, nor what is under way */
};

/* What a timer says when it rings; `life` is for the owner to know its own. */
struct cy_sim_timer {
    uint64_t life;
    uint64_t what;
    uint64_t height;
    uint32_t step;
    uint32_t round;
};

struct cy_sim_event {
    uint64_t at;    /* ms */
    uint32_t node;  /* whom it is for */
    bool is_packet; /* otherwise a timer */
    uint32_t from;
    struct cy_span packet; /* until the next cy_sim_net_next */
    struct cy_sim_timer timer;
};

struct cy_sim_net_figures {
    uint64_t sent;
    uint64_t arrived;
    uint64_t lost;
    uint64_t cut;
    uint64_t twice;
    uint64_t full;
    uint64_t overtaken; /* arrived before one that was sent earlier on the same link */
    uint64_t bytes;     /* that arrived */
    uint64_t timers;
};

struct cy_sim_net_options {
    uint64_t seed;
    uint32_t nodes;
    uint32_t packets_max; /* under way at once */
    size_t bytes_max;
};

struct cy_sim_net;

/* cy_sim_net_new makes a network at time 0; every link takes 1 to 10 ms and loses nothing. NULL
 * without memory. */
struct cy_sim_net *cy_sim_net_new(const struct cy_sim_net_options *options);
void cy_sim_net_free(struct cy_sim_net *net);

/* cy_sim_net_now is the time of the last event, in ms. */
uint64_t cy_sim_net_now(const struct cy_sim_net *net);

/* cy_sim_net_link is a link, to be changed at will. Asserts that both nodes exist. */
struct cy_sim_link *cy_sim_net_link(struct cy_sim_net *net, uint32_t from, uint32_t to);

/* cy_sim_net_part cuts every link between nodes of different sides (bit n of side: node n's), and
 * mends all others. cy_sim_net_heal mends all. */
void cy_sim_net_part(struct cy_sim_net *net, uint64_t side);
void cy_sim_net_heal(struct cy_sim_net *net);

/* cy_sim_net_send copies a packet and puts it on its way, or not. */
void cy_sim_net_send(struct cy_sim_net *net, uint32_t from, uint32_t to, struct cy_span packet);

/* cy_sim_net_send_late is the same, so much later: a sender that holds back. */
void cy_sim_net_send_late(struct cy_sim_net *net, uint32_t from, uint32_t to, struct cy_span packet,
                          uint64_t ms);

/* cy_sim_net_timer rings after so many ms, whatever happens to the node meanwhile. */
void cy_sim_net_timer(struct cy_sim_net *net, uint32_t node, uint64_t ms,
                      const struct cy_sim_timer *timer);

/* cy_sim_net_next gives the next event up to a time and moves time there; false, with time moved to
 * `until`, when there is none. */
bool cy_sim_net_next(struct cy_sim_net *net, uint64_t until, struct cy_sim_event *out);

/* cy_sim_net_put_back gives the event that was given last once more, at a later time: whom it is
 * for is busy. Events put back keep their order. */
void cy_sim_net_put_back(struct cy_sim_net *net, const struct cy_sim_event *event, uint64_t at);

/* cy_sim_net_idle says that no packet is under way. */
bool cy_sim_net_idle(const struct cy_sim_net *net);

const struct cy_sim_net_figures *cy_sim_net_figures(const struct cy_sim_net *net);

#endif

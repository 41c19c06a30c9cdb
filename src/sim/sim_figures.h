/* sim_figures: what happened in simulated federations, as numbers; those of many runs can be added.
 *
 * Owns: nothing. */
#ifndef CY_SIM_SIM_FIGURES_H
#define CY_SIM_SIM_FIGURES_H

#include "sim/sim_plan.h"
#include "sim/sim_traitor.h"

#define CY_SIM_FEDERATION_CODES 2048u
#define CY_SIM_RELAY_HABIT_COUNT 4u

/* CY_SIM_PASSAGE(NAME, word, what it is): what becomes of packets, bridges and seats, as it is seen
 * from one agreed world to the next. All of them are named in the report, those that never happened
 * too. */
#define CY_SIM_PASSAGES(X)                                                                         \
    X(BRIDGE_OPENED, "bridge: closed -> active")                                                   \
    X(BRIDGE_FROZEN, "bridge: active -> frozen")                                                   \
    X(BRIDGE_THAWED, "bridge: frozen -> active")                                                   \
    X(BRIDGE_SEVERED, "bridge: active -> severed")                                                 \
    X(BRIDGE_CUT, "bridge: frozen -> severed")                                                     \
    X(BRIDGE_REOPENED, "bridge: severed -> active")                                                \
    X(BRIDGE_FORKED, "bridge: forked")                                                             \
    X(BRIDGE_STALE, "bridge: active -> stale")                                                     \
    X(BRIDGE_FRESH, "bridge: stale -> active")                                                     \
    X(BRIDGE_FOLLOWED, "bridge: followed to another policy")                                       \
    X(PACKET_SENT, "packet: sent")                                                                 \
    X(PACKET_HOME, "packet: vouchers sent home")                                                   \
    X(PACKET_ONWARD, "packet: sent on over a further realm")                                       \
    X(PACKET_BACK, "packet: sent back over a realm that it passed")                                \
    X(PACKET_DATA, "packet: data or compute shared")                                               \
    X(PACKET_DONE, "packet: received, done")                                                       \
    X(PACKET_REFUSED, "packet: received, refused")                                                 \
    X(PACKET_ACKED, "packet: closed by its receipt, done")                                         \
    X(PACKET_RETURNED, "packet: closed by its receipt, refused")                                   \
    X(PACKET_TIMED_OUT, "packet: closed by absence")                                               \
    X(PACKET_FORGOTTEN, "packet: receipt forgotten")                                               \
    X(SEAT_ADMITTED, "seat: free -> probation")                                                    \
    X(SEAT_CONFIRMED, "seat: probation -> active")                                                 \
    X(SEAT_DROPPED, "seat: probation -> left or excluded")                                         \
    X(SEAT_LEFT, "seat: active -> left")                                                           \
    X(SEAT_EXCLUDED, "seat: active -> excluded")                                                   \
    X(SEAT_REKEYED, "seat: other keys")                                                            \
    X(SEAT_REJOINED, "seat: votes again from a height on")                                         \
    X(POLICY_DUE, "policy: a new one is due")                                                      \
    X(POLICY_SET, "policy: another one holds")                                                     \
    X(TRUSTEES_SET, "trustees: others")                                                            \
    X(RULES_ANNOUNCED, "rules: a new version announced")                                           \
    X(RULES_CALLED_OFF, "rules: the announcement called off")                                      \
    X(RULES_BEGAN, "rules: a version began")                                                       \
    X(RULES_TOO_OLD, "rules: a member stopped, whose program did not know the version")            \
    X(SAFE, "breaker: normal -> safe")                                                             \
    X(SAFE_AGAIN, "breaker: safe -> normal")                                                       \
    X(ROUND_LATER, "agreement: decided in a later round")                                          \
    X(ROUND_NONE, "agreement: decided in round 0")

enum cy_sim_passage {
#define X(NAME, text) CY_SIM_PASSAGE_##NAME,
    CY_SIM_PASSAGES(X)
#undef X
        CY_SIM_PASSAGE_COUNT
};

/* cy_sim_passage_text is how a report names it. */
const char *cy_sim_passage_text(enum cy_sim_passage passage);

/* All are numbers of 64 bits. */
struct cy_sim_federation_figures {
    uint64_t moves[CY_SIM_MOVE_KINDS];
    uint64_t accepted[CY_MESSAGES_MAX];          /* in ledgers, by number of the act */
    uint64_t submitted[CY_SIM_FEDERATION_CODES]; /* acts handed in, by code; 0: taken */
    uint64_t answered[CY_SIM_FEDERATION_CODES];  /* acts taken, by the code of their end */
    uint64_t packets[CY_SIM_FEDERATION_CODES];   /* packets between members, by code; 0: fine */
    uint64_t carried[CY_SIM_FEDERATION_CODES];   /* what relayers brought, by code; 0: accepted */
    uint64_t deeds[CY_SIM_HABIT_COUNT];          /* of traitors */
    uint64_t ferried[CY_SIM_RELAY_HABIT_COUNT];  /* what relayers did, by bit of the habit */
    uint64_t passages[CY_SIM_PASSAGE_COUNT];
    uint64_t votes[CY_SIM_VOTES]; /* of honest members, by what they say */
    uint64_t heights;
    uint64_t finals;
    uint64_t acks;
    uint64_t rounds;      /* beyond the first */
    uint64_t timeouts[3]; /* by step: prevote, precommit, propose */
    uint64_t catch_ups;   /* times that a member took several heights at once */
    uint64_t convicted;   /* times that a member was seen to contradict itself */
    uint64_t slashes;     /* convictions in ledgers */
    uint64_t starts;
    uint64_t torn;       /* starts that cut a tail */
    uint64_t restored;   /* starts from a backup */
    uint64_t said_again; /* votes that a signer gave again instead of another */
    uint64_t vote_refused;
    uint64_t sent;
    uint64_t arrived;
    uint64_t lost;
    uint64_t overtaken;
    uint64_t crossings; /* packets over bridges, sent */
    uint64_t weighed;   /* times that the books of two realms were held against each other */
    uint64_t live_ms;   /* longest time after the calm until all got on */
    uint64_t node_ms;   /* simulated time, summed over nodes */
};

/* cy_sim_federation_add adds figures to a sum. */
void cy_sim_federation_add(struct cy_sim_federation_figures *sum,
                           const struct cy_sim_federation_figures *one);

#endif

/* sim_traitor: a member that lies: an honest node whose packets pass through the hands of somebody
 * who has its keys.
 *
 *     honest node --- packet ---> traitor ---> to each peer something else, later, twice, or
 * nothing
 *                                   ^
 *             all that was sent to the member: votes, blocks, whole packets
 *
 * There is no script. What it says is drawn from what it has seen: it flatters each side of a split
 * with the value that this side votes for, so that both may believe in a quorum of their own; it
 * sends on old packets of others; it signs second votes and cosignatures with the member's keys.
 * The habits say what it is ready to do; every peer gets its own treatment, which changes now and
 * then.
 *
 * Owns: what it remembers (malloc). Never: knows keys of others, or what it was not sent. */
#ifndef CY_SIM_SIM_TRAITOR_H
#define CY_SIM_SIM_TRAITOR_H

#include "sim/sim_node.h"
#include "wire/peer.h"

/* CY_SIM_HABIT(NAME, bit, word, what it does) */
#define CY_SIM_HABITS(X)                                                                           \
    X(TWO_FACED, 0, "two-faced", "votes for other values towards some")                            \
    X(WITHHOLD, 1, "withhold", "leaves out frames, or all of a packet")                            \
    X(REPLAY, 2, "replay", "sends old packets again, its own and those of others")                 \
    X(SPOIL, 3, "spoil", "changes blocks, certificates and evidence")                              \
    X(GARBAGE, 4, "garbage", "sends bytes that mean nothing, or packets with flipped bits")        \
    X(FLOOD, 5, "flood", "sends many packets that ask, vote far ahead, or say nothing")            \
    X(HOLD, 6, "hold", "sends late")                                                               \
    X(LIE, 7, "lie", "says that it stands elsewhere")                                              \
    X(COSIGN, 8, "cosign", "cosigns other heads of the same size")                                 \
    X(FORGE, 9, "forge", "signs in the name of others, of other federations, of other sessions")   \
    X(FLATTER, 10, "flatter", "agrees with whomever it speaks to, in every step at once")          \
    X(TWINS, 11, "twins", "runs twice, and shows each half of the others another one")

enum cy_sim_habit {
#define X(NAME, bit, word, doc) CY_SIM_HABIT_##NAME = 1 << (bit),
    CY_SIM_HABITS(X)
#undef X
};

#define CY_SIM_HABIT_COUNT 12u

struct cy_sim_traitor;

/* cy_sim_traitor_new prepares one; cy_sim_traitor_turn sets its habits (0: it is honest still). */
struct cy_sim_traitor *cy_sim_traitor_new(struct cy_sim_node *node, const char *origin,
                                          uint64_t seed);
void cy_sim_traitor_free(struct cy_sim_traitor *traitor);
void cy_sim_traitor_turn(struct cy_sim_traitor *traitor, uint32_t habits);

/* cy_sim_traitor_hear looks at a packet on its way to the member. */
void cy_sim_traitor_hear(struct cy_sim_traitor *traitor, struct cy_span packet);

/* cy_sim_traitor_send takes a packet of the node that is meant for a seat; second: of its twin. */
void cy_sim_traitor_send(struct cy_sim_traitor *traitor, uint32_t seat, struct cy_span packet,
                         bool second);

/* cy_sim_traitor_twins says that it has a mind to run twice. */
bool cy_sim_traitor_twins(const struct cy_sim_traitor *traitor);

/* cy_sim_traitor_deeds counts what it did, by bit of the habit. */
const uint64_t *cy_sim_traitor_deeds(const struct cy_sim_traitor *traitor);

#endif

/* sim_node: one member of a simulated federation: a machine, a signer, and the node of the realm
 * layer between them, the very code that runs in the daemon.
 *
 *              packets, timers                      sim_disk   dies, fills up, is slow, is restored
 *     sim_net <--------------> cy_federation <----> sim_watch  wrong, drifts, jumps
 *                                                   sim_signer remembers, whatever happens
 *
 * A machine that is busy with its disk takes events later, and sends later.
 *
 * Owns: disk, backup, memory of the node (mmap). Never: decides what goes wrong (sim_federation
 * does). */
#ifndef CY_SIM_SIM_NODE_H
#define CY_SIM_SIM_NODE_H

#include "realm/federation.h"
#include "sim/sim_clock.h"
#include "sim/sim_disk.h"
#include "sim/sim_founding.h"
#include "sim/sim_net.h"
#include "sim/sim_signer.h"

struct cy_sim_node;
struct cy_sim_traitor;

/* What all nodes of one realm share. */
struct cy_sim_ledger {
    const struct cy_institution *const *roster;
    size_t n_roster;
    struct cy_span genesis;         /* the act's bytes */
    struct cy_id id;                /* of the realm */
    uint32_t first;                 /* number in the network of its first node */
    uint32_t seats;                 /* nodes: founders and those who may come */
    uint32_t node_of[CY_SEATS_MAX]; /* who sits at each place of the roll; UINT32_MAX: nobody */
};

/* What a node tells whoever runs the simulation. The node's world may not be looked at meanwhile.
 */
struct cy_sim_node_told {
    void *self;
    void (*answered)(void *self, struct cy_sim_node *node, const struct cy_id *act, cy_err err,
                     uint64_t at);
    void (*headed)(void *self, struct cy_sim_node *node, const struct cy_head *head,
                   uint64_t height, bool final);
    void (*convicted)(void *self, struct cy_sim_node *node, uint32_t seat,
                      const struct cy_agree_evidence *evidence);
    void (*cosigned)(void *self, struct cy_sim_node *node, uint64_t size, const struct cy_id *root);
    /* a packet leaves a traitor; what becomes of it is his */
    void (*betrayed)(void *self, struct cy_sim_node *node, uint32_t seat, struct cy_span packet);
};

/* Timers in the network; others are those of agreement. */
enum { CY_SIM_TIMER_BEAT = 1, CY_SIM_TIMER_VOTE, CY_SIM_TIMER_OTHER };

/* CY_SIM_VOTE_KIND(NAME, what it says) */
#define CY_SIM_VOTE_KINDS(X)                                                                       \
    X(PROPOSE, "proposed a new block")                                                             \
    X(PROPOSE_AGAIN, "proposed a block that had a quorum of prevotes")                             \
    X(PREVOTE, "prevoted a block")                                                                 \
    X(PREVOTE_NIL, "prevoted nil")                                                                 \
    X(PRECOMMIT, "precommitted a block: locked")                                                   \
    X(PRECOMMIT_AGAIN, "precommitted the locked block in a later round")                           \
    X(PRECOMMIT_OTHER, "precommitted another block than the locked one")                           \
    X(PRECOMMIT_NIL, "precommitted nil")                                                           \
    X(PRECOMMIT_NIL_LOCKED, "precommitted nil while locked")                                       \
    X(PREVOTE_LOCKED, "prevoted the locked block in a later round")                                \
    X(PREVOTE_FREED, "prevoted another block than the locked one")

enum cy_sim_vote_kind {
#define X(NAME, text) CY_SIM_VOTE_##NAME,
    CY_SIM_VOTE_KINDS(X)
#undef X
        CY_SIM_VOTES
};

struct cy_sim_node {
    struct cy_sim_net *net;
    const struct cy_sim_ledger *ledger;
    const struct cy_sim_node_told *told;
    uint32_t number; /* in the network */
    uint32_t seat;   /* number among the nodes of its realm, from 0: it stands in its name */
    bool traitor;
    struct cy_sim_signer signer;
    struct cy_sim_watch watch;
    struct cy_sim_disk *disk;
    struct cy_sim_disk *backup;       /* NULL: none was made */
    struct cy_federation *federation; /* NULL: not running */
    struct cy_federation_world world;
    void *memory;
    size_t memory_n;
    uint64_t life;         /* counts starts: timers of an earlier life are dropped */
    uint64_t session;      /* of the packets of this life */
    uint64_t busy_until;   /* ms of the network */
    uint32_t slow_ms;      /* for each disk call */
    struct cy_rules rules; /* that its program knows: cy_sim_rules up to a version */
    uint64_t nonce;
    uint64_t torn; /* starts that cut a tail */
    struct cy_sim_node_figures {
        uint64_t timeouts[3];               /* by step */
        uint64_t refused[CY_SIM_NODES_MAX]; /* packets, by sender */
        uint64_t starts;
        uint64_t vote_refused;
        uint64_t votes[CY_SIM_VOTES]; /* that were signed, by what they say */
    } figures;
    struct cy_vote_lock lock; /* as told with the last vote */
    uint64_t lock_height;
};

/* cy_sim_node_new prepares a member: keys from the dice, an empty disk, a clock wrong by up to
 * skew_ms. It does not run yet. */
void cy_sim_node_new(struct cy_sim_node *node, struct cy_sim_dice *dice, uint64_t skew_ms);
void cy_sim_node_free(struct cy_sim_node *node);

/* cy_sim_node_now is what its clock shows. */
cy_time cy_sim_node_now(const struct cy_sim_node *node);

/* cy_sim_node_start opens the ledger on its disk and begins. Fails as cy_federation_open. */
CY_MUST_USE cy_err cy_sim_node_start(struct cy_sim_node *node);

/* cy_sim_node_stop: the process is gone, as by kill -9; power: the machine too, see
 * cy_sim_disk_power_cut for the seed. */
void cy_sim_node_stop(struct cy_sim_node *node, bool power, uint64_t seed);

/* cy_sim_node_copy makes a backup of its disk, as it is read by a program that copies files.
 * cy_sim_node_restore puts the backup in the disk's place; the node must not run. False: there is
 * none. */
void cy_sim_node_copy(struct cy_sim_node *node);
bool cy_sim_node_restore(struct cy_sim_node *node);

/* cy_sim_node_twin makes a second node of the same seat: the same keys, copies of the disk and of
 * what the signer remembers; from here on they go their own ways (Bano et al., "Twins: BFT Systems
 * Made Robust", arXiv 2004.10617). It runs. NULL: it did not start. Free it by cy_sim_node_free and
 * free. */
struct cy_sim_node *cy_sim_node_twin(const struct cy_sim_node *node);

/* cy_sim_node_take gives it an event of the network. *code is what a packet was refused with.
 * False: it is busy or not running, and the event was put back or dropped. */
bool cy_sim_node_take(struct cy_sim_node *node, const struct cy_sim_event *event, cy_err *code);

/* cy_sim_node_submit hands an act in. */
CY_MUST_USE cy_err cy_sim_node_submit(struct cy_sim_node *node, struct cy_span act,
                                      struct cy_id *id);

/* cy_sim_ledger_node is the number in the network of who sits at a place; UINT32_MAX: nobody. */
uint32_t cy_sim_ledger_node(const struct cy_sim_ledger *ledger, uint32_t seat);

/* cy_sim_node_cell is its copy of the ledger, NULL when it does not run. */
struct cy_cell *cy_sim_node_cell(struct cy_sim_node *node);

#endif

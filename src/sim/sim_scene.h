/* sim_scene: the state of simulated federations that the files which move it share.
 *
 *      sim_fault (machines)   sim_operate (operators)   sim_ferry (relayers)   sim_writer (authors)
 *                     \             |             /             /
 *                         scene: realms, seats, authors, book
 *                                   |
 *                        sim_federation: time, promises, the end
 *
 * Nodes are numbered realm by realm: first the founders, then the spares, who have a machine and
 * keys and no seat until they are admitted. Which place of the roll a node has is what the newest
 * agreed world says.
 *
 * Owns: the structs. Never: decides what happens, or what must hold. */
#ifndef CY_SIM_SIM_SCENE_H
#define CY_SIM_SIM_SCENE_H

#include "sim/sim_book.h"
#include "sim/sim_figures.h"
#include "sim/sim_founding.h"
#include "sim/sim_node.h"
#include "sim/sim_party.h"

#define CY_SIM_MADE 4u
#define CY_SIM_RELAYS 2u
#define CY_SIM_POLICIES_MAX 256u
#define CY_SIM_TRUSTEES_MAX 3u

/* Whoever else keeps a head and cosigns it. */
struct cy_sim_trustee {
    struct cy_secret secret;
    struct cy_id key;
    bool silent;
    bool lies;
    uint64_t size; /* of the head cosigned last */
};

struct cy_sim_policy {
    struct cy_id digest;
    char text[4096];
};

struct cy_sim_realm {
    struct cy_sim_ledger ledger;
    struct cy_sim_founded founded;
    char origin[32];
    uint32_t number;
    struct cy_sim_book *book;
    const struct cy_sim_signer *signers[CY_SIM_NODES_MAX]; /* of founders */
    struct cy_sim_trustee trustees[CY_SIM_TRUSTEES_MAX];
    uint32_t n_policies; /* texts that were offered */
    struct cy_sim_policy policies[CY_SIM_POLICIES_MAX];
    struct cy_id policy; /* digest of the one in force, as seen last */
    uint64_t seen;       /* height of the newest agreed world that was looked at */
};

/* A node as the simulation sees it. */
struct cy_sim_seat {
    struct cy_sim_node node;
    struct cy_sim_traitor *traitor;
    struct cy_sim_node *twin; /* of a traitor; NULL: there is none */
    struct cy_sim_realm *realm;
    bool joined;  /* a founder, or admitted since */
    bool on_roll; /* by the newest agreed world that was looked at */
    bool cutting; /* its disk was told to fail: what follows is no promise broken */
    bool full;
    bool news;                        /* a head was agreed in this event */
    uint64_t height;                  /* agreed last, as told */
    uint64_t size;                    /* of that head */
    uint64_t size_kept;               /* what no crash may undo; 0 after a restored backup */
    struct cy_id policy;              /* of its own copy, when it stood whole last */
    uint64_t goal;                    /* a height above this one shows that it got on */
    uint64_t got_on_at;               /* ms; 0: not yet */
    uint64_t ends[CY_SIM_MOVE_KINDS]; /* counts orders: the end of an older one does nothing */
    struct cy_sim_signer fresh;       /* keys that it asked for */
    bool has_fresh;
    bool too_old;   /* it stopped for rules that its program does not know */
    uint64_t votes; /* that it had signed then */
};

/* One who acts: an author, or a relayer. */
struct cy_sim_writer {
    struct cy_sim_party party;
    struct cy_id made[CY_SIM_REALMS_MAX][CY_SIM_MADE]; /* passports that it asked for */
    uint32_t n_made[CY_SIM_REALMS_MAX];
};

struct cy_sim_scene {
    const struct cy_sim_plan *plan;
    const struct cy_institution *const *roster;
    size_t n_roster;
    struct cy_sim_net *net;
    struct cy_sim_realm realms[CY_SIM_REALMS_MAX];
    struct cy_sim_seat *seats;
    uint32_t n;      /* nodes; the network has one more, for timers that are no node's */
    uint32_t each;   /* nodes of one realm */
    uint64_t faulty; /* bits of nodes that may lie or forget at some time of the plan */
    struct cy_sim_writer authors[CY_SIM_AUTHORS_MAX];
    struct cy_sim_writer relays[CY_SIM_RELAYS];
    struct cy_sim_federation_figures figures;
    struct cy_sha256_stream trace;
    struct cy_sim_dice dice; /* of people: operators, relayers, trustees */
    const char *objection;
    uint64_t objected_at;
    bool calm;
    uint64_t nonce;
    struct cy_arena acts;
    uint8_t bytes[CY_ENTRY_MAX];
};

/* cy_scene_object notes the first sentence of a promise that was broken; NULL does nothing. */
void cy_scene_object(struct cy_sim_scene *scene, const char *sentence);

/* cy_scene_note puts what happened into the trace. */
void cy_scene_note(struct cy_sim_scene *scene, uint32_t what, uint64_t a, uint64_t b);

/* cy_scene_seat is the node of that number in the network. */
struct cy_sim_seat *cy_scene_seat(struct cy_sim_scene *scene, const struct cy_sim_node *node);

static inline bool cy_scene_honest(const struct cy_sim_seat *seat)
{
    return !seat->node.traitor;
}

static inline bool cy_scene_runs(const struct cy_sim_seat *seat)
{
    return seat->node.federation != NULL;
}

/* cy_scene_later orders the end of something at a node; later orders undo it. */
void cy_scene_later(struct cy_sim_seat *seat, enum cy_sim_move_kind what, uint64_t ms);

/* cy_scene_whole says that the node stands exactly at the head that it told last, and not in the
 * middle of the next height: its world may be looked at. */
bool cy_scene_whole(struct cy_sim_seat *seat);

/* cy_scene_newest is an honest node of the realm that stands whole at the highest height ever
 * agreed, NULL when none does now. cy_scene_any is some honest node that runs, drawn; NULL. */
struct cy_sim_seat *cy_scene_newest(struct cy_sim_scene *scene, uint32_t realm);
struct cy_sim_seat *cy_scene_any(struct cy_sim_scene *scene, uint32_t realm,
                                 struct cy_sim_dice *dice);

/* cy_scene_world is the world of a node that runs. */
const struct cy_world *cy_scene_world(struct cy_sim_seat *seat);

/* cy_scene_passport is the passport that somebody has in this world, if any. */
struct cy_id cy_scene_passport(const struct cy_sim_writer *writer, uint32_t realm,
                               const struct cy_world *world);

/* cy_scene_owner is the node of the realm that has, or had, the key; NULL: nobody's. */
struct cy_sim_seat *cy_scene_owner(struct cy_sim_scene *scene, uint32_t realm,
                                   const struct cy_id *key);

/* cy_scene_submit hands bytes in at a node, and counts. */
CY_MUST_USE cy_err cy_scene_submit(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                                   struct cy_span bytes, struct cy_id *id);

/* cy_scene_write signs an act as that party, with the time of the node's ledger, and hands it in
 * there. Fails with NO_ROOM where it does not fit. */
CY_MUST_USE cy_err cy_scene_write(struct cy_sim_scene *scene, struct cy_sim_seat *seat,
                                  const struct cy_sim_writer *writer, const struct cy_any *act,
                                  struct cy_id *id);

#endif

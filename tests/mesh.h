/* mesh: a small federation in memory for tests: member nodes on simulated disks, with signers that
 * remember, in a network of virtual time. Nothing goes wrong but what a test orders. */
#ifndef CY_TESTS_MESH_H
#define CY_TESTS_MESH_H

#include "rig.h"

#include "realm/federation.h"
#include "sim/sim_disk.h"
#include "sim/sim_founding.h"
#include "sim/sim_net.h"

#define MESH_NODES 8u
#define MESH_HEIGHTS 4096u
#define MESH_BEAT_MS 250u

struct mesh_node {
    struct mesh *mesh;
    uint32_t number; /* the seat, too */
    struct cy_sim_disk *disk;
    struct cy_federation *federation; /* NULL: it is down */
    struct cy_sim_signer signer;
    void *memory;
    size_t memory_n;
    uint64_t life;
    uint64_t session;
    int64_t skew_ms;
    bool mirror;
    const struct cy_rules *rules; /* that its program knows; NULL: this program's */
    cy_err signer_answers;        /* OK: signs */
    uint64_t answered;            /* acts that were told to stand */
    uint64_t answered_err;
    cy_err last_answer;
    uint64_t last_at;
    uint64_t heads;
    uint64_t finals;
    uint64_t convicted[CY_SEATS_MAX];
    uint64_t cosigned_twice[CY_SEATS_MAX];
    cy_err last_refusal; /* of a packet */
    uint64_t refused[1100];
    struct cy_cell_report report;
    struct cy_disk_fault fault;
};

struct mesh {
    uint32_t n;
    uint32_t seats; /* of the genesis */
    struct cy_sim_net *net;
    struct cy_sim_dice dice;
    struct mesh_node node[MESH_NODES];
    struct cy_sim_founded founded;
    struct cy_federation_world world[MESH_NODES];
    struct rig *rig; /* makes acts: passport n of the rig is that of key n */
    /* what was agreed: the same everywhere */
    uint64_t agreed_size[MESH_HEIGHTS];
    struct cy_id agreed_root[MESH_HEIGHTS];
    uint64_t agreed; /* the highest */
    /* called for each packet before it is sent; false: it is dropped. May be NULL */
    bool (*tap)(struct mesh *mesh, uint32_t from, uint32_t to, struct cy_span packet);
    uint64_t seed;
};

/* mesh_new founds a federation of so many seats; nodes are down. */
struct mesh *mesh_new(uint32_t seats, uint64_t seed);
void mesh_free(struct mesh *mesh);

/* mesh_open starts a node (again). mesh_kill stops its process, mesh_cut its machine: of what was
 * not synced the seed keeps a part. mesh_close ends it in order. */
cy_err mesh_open(struct mesh *mesh, uint32_t node);
void mesh_open_all(struct mesh *mesh);
void mesh_kill(struct mesh *mesh, uint32_t node);
void mesh_cut(struct mesh *mesh, uint32_t node, uint64_t seed);
void mesh_close(struct mesh *mesh, uint32_t node);
void mesh_lose_disk(struct mesh *mesh, uint32_t node);

/* mesh_backup copies the disk of a node as it stands; mesh_restore puts such a copy in its place
 * (the node is killed). */
struct cy_sim_disk *mesh_backup(struct mesh *mesh, uint32_t node);
void mesh_restore(struct mesh *mesh, uint32_t node, struct cy_sim_disk *disk);

/* mesh_run lets so many ms pass. mesh_until lets time pass until every node that is up has agreed
 * on that height, and fails the test after a minute. */
void mesh_run(struct mesh *mesh, uint64_t ms);
void mesh_until(struct mesh *mesh, uint64_t height);
uint64_t mesh_height(struct mesh *mesh, uint32_t node);
struct cy_federation_figures mesh_figures(struct mesh *mesh, uint32_t node);

/* mesh_passport hands the inception of passport n in at a node. */
cy_err mesh_passport(struct mesh *mesh, uint32_t node, unsigned n);

/* mesh_send hands an act in. */
cy_err mesh_send(struct mesh *mesh, uint32_t node, struct cy_span act);

/* mesh_seat_act: a message signed by the act keys of the first `n` seats, or, with n 0, by that of
 * seat `one` alone. */
cy_err mesh_seat_act(struct mesh *mesh, uint32_t node, uint32_t n, uint32_t one,
                     const struct cy_schema *schema, const void *message);

/* mesh_policy writes the policy by which more than two thirds of the first n seats make heads
 * final.
 */
void mesh_policy(struct mesh *mesh, uint32_t n, struct cy_text *policy);

/* mesh_do: a message by passport n, handed in at a node. */
cy_err mesh_do(struct mesh *mesh, uint32_t node, unsigned n, const struct cy_schema *schema,
               const void *message);

/* mesh_same asserts that all nodes which are up and stand at one height have the same world and the
 * same tree. */
void mesh_same(struct mesh *mesh);

/* mesh_packet signs a packet of one frame as a node would; mesh_give hands bytes to a node. */
struct cy_span mesh_packet(struct mesh *mesh, uint32_t from, uint64_t session, uint64_t number,
                           enum cy_peer_kind kind, struct cy_span body);
cy_err mesh_vote(struct mesh *mesh, uint32_t node, uint32_t from, const struct cy_vote *vote,
                 uint64_t number);
cy_err mesh_give(struct mesh *mesh, uint32_t node, struct cy_span packet);

#endif

/* federation: one member's node of a realm that its members order together, without IO of its own.
 *
 *      acts --> pool --> block --> agree (who proposes, prevotes, precommits) --> decided
 *                          |                                                        |
 *                 judged: executed, rolled back              executed: journal, tiles, head
 *                                                                                   |
 *      final <-- policy met <-- cosignatures of cells and trustees <-- cosigned here
 *
 * What members vote on is the head that a block leads to: the value is the digest of its checkpoint
 * text. A certificate of precommits therefore covers every entry. The next block's `height` act
 * carries it into the ledger, where replay checks it again.
 *
 * Everything outside comes in as packets, timeouts and acts, and goes out through `struct
 * cy_federation_world`, which a daemon and the simulator implement. Nothing here blocks but the
 * disk and the signer behind that table. Calls come from one thread at a time.
 *
 * Owns: the cell of this ledger's copy, the pool, the state of agreement, what peers said. Memory
 * is taken once, from an arena; what peers send can only fill what is bounded. Never: reads a
 * clock, opens a socket, holds a secret key. */
#ifndef CY_REALM_FEDERATION_H
#define CY_REALM_FEDERATION_H

#include "realm/agree.h"
#include "realm/cell.h"
#include "realm/voters.h"
#include "wire/peer.h"

struct cy_height;     /* kernel act 0x0048 */
struct cy_equivocate; /* kernel act 0x004f */

/* What the node needs of its surroundings. cosign writes a cosignature/v1's blob (wire/note.h).
 * Only `sign_*` may fail; then nothing leaves, and it is tried again at the next
 * cy_federation_beat. */
struct cy_federation_world {
    void *self;
    cy_time (*now)(void *self); /* wall clock, Unix ms */
    /* sends a packet to a seat; it may be lost, late, doubled */
    void (*send)(void *self, uint32_t seat, struct cy_span packet);
    /* asks for cy_federation_timeout(height, step, round) after so many ms */
    void (*timer)(void *self, uint64_t height, const struct cy_agree_timer *timer, uint32_t ms);
    /* signs a vote with the vote key. The signer remembers: where another vote of the same height,
     * round and step left it before, *said is that vote and the signature is that one's. lock is
     * what the node is locked on, for the signer to remember. */
    cy_err (*sign_vote)(void *self, const struct cy_vote *vote, const struct cy_vote_lock *lock,
                        struct cy_vote *said, uint8_t signature[64]);
    /* what the vote key signed last: asked at each start, for a disk may be lost, or older than the
     * key's memory */
    cy_err (*vote_last)(void *self, struct cy_vote_last *out);
    /* signs a `height` act with the act key; writes the whole act */
    cy_err (*sign_height)(void *self, const struct cy_height *height, uint8_t *out, size_t cap,
                          size_t *n);
    /* cosigns a head: text is a checkpoint's; proof leads from the head cosigned last (old_size) */
    cy_err (*cosign)(void *self, struct cy_span text, uint64_t old_size, const struct cy_id *proof,
                     uint32_t n, uint8_t out[CY_COSIGNATURE_BYTES]);
    /* signs a packet with the peer key */
    cy_err (*sign_packet)(void *self, struct cy_span bytes, uint8_t signature[64]);
    /* told: an act handed in here stands at `at` (durable, in an agreed head), or why it never will
     */
    void (*answered)(void *self, const struct cy_id *act, cy_err err, uint64_t at);
    /* told: what became of each act of a batch `each` that goes into the ledger now, before
     * `answered` says where it stands; may be NULL */
    void (*batch)(void *self, const struct cy_id *act, const struct cy_verdict *verdict);
    /* told: a larger head is agreed (final false), or final; note: text and cosignatures */
    void (*headed)(void *self, const struct cy_head *head, uint64_t height, bool final);
    /* told: a member is convicted, by two votes, or (evidence NULL) by two cosignatures of one
     * size; the node also puts the evidence into its pool by itself */
    void (*convicted)(void *self, uint32_t seat, const struct cy_agree_evidence *evidence);
    /* the size of the head that the cosign key signed last, 0: none. May be NULL: then only what
     * this node's disk remembers is known */
    cy_err (*cosigned_last)(void *self, uint64_t *size);
    /* signs an `equivocate` act with the act key; writes the whole act. May be NULL: then a member
     * that is convicted here is told, and somebody else hands the act in */
    cy_err (*sign_equivocate)(void *self, const struct cy_equivocate *message, uint8_t *out,
                              size_t cap, size_t *n);
};

struct cy_federation_options {
    struct cy_cell_options cell;
    const struct cy_federation_world *world; /* borrowed */
    struct cy_id peer_key;                   /* which seat this is; none of them: a mirror */
    uint64_t session;                        /* larger at each start: ms of the clock will do */
    uint32_t pool_acts;                      /* acts that may wait */
    size_t pool_bytes;
    uint32_t propose_ms; /* timeouts of round 0; each further round adds half */
    uint32_t vote_ms;
    uint32_t beat_ms; /* how often cy_federation_beat is called */
};

struct cy_federation;

/* Counts since the start; refusals by code are cy_code numbers. */
struct cy_federation_figures {
    uint64_t height;       /* agreed last */
    uint64_t size;         /* of the ledger */
    uint64_t final_height; /* newest that is final */
    uint64_t final_size;
    uint32_t round;
    uint32_t seats;
    uint32_t self; /* CY_SEATS_MAX: a mirror */
    uint32_t pool;
    bool catching_up; /* behind what a peer showed */
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t refused; /* of what peers sent */
    uint64_t refused_by[CY_SEATS_MAX];
    uint64_t throttled[CY_SEATS_MAX];
    uint64_t heard_height[CY_SEATS_MAX]; /* what each seat showed last */
    cy_time heard_at[CY_SEATS_MAX];
    uint64_t rounds; /* rounds after the first, all heights together */
};

/* cy_federation_bytes says how large an arena of fresh pages cy_federation_open needs. */
size_t cy_federation_bytes(const struct cy_federation_options *options);

/* cy_federation_open opens this member's copy of the ledger, as cy_cell_open does; the directory
 * may be empty. genesis: bytes of the federation's first act, whose signatures are checked; may be
 * empty when the ledger has it. Fails as cy_cell_open, or with what is wrong with the genesis. */
CY_MUST_USE cy_err cy_federation_open(const struct cy_disk *disk,
                                      const struct cy_federation_options *options,
                                      struct cy_span genesis, struct cy_arena *fresh,
                                      struct cy_federation **out, struct cy_cell_report *report,
                                      struct cy_disk_fault *fault);
CY_MUST_USE cy_err cy_federation_close(struct cy_federation *federation);

/* cy_federation_start begins, or begins again, the height that follows the ledger. */
void cy_federation_start(struct cy_federation *federation);

/* cy_federation_submit takes an act in, signatures unchecked: it is opened, verified, judged
 * against the world as it stands, kept, and told to the others. A refusal is the judge's. Fails
 * also with QUEUE_FULL when the pool is, REPLAY when it waits already. *id is the act's when it was
 * taken. */
CY_MUST_USE cy_err cy_federation_submit(struct cy_federation *federation, struct cy_span act,
                                        struct cy_id *id);

/* cy_federation_packet takes in what a peer sent. The error is for the figures and the log:
 * whatever came, the node goes on. */
CY_MUST_USE cy_err cy_federation_packet(struct cy_federation *federation, struct cy_span packet);

/* cy_federation_timeout: a timer that `world->timer` asked for ran out. Old ones do nothing. */
void cy_federation_timeout(struct cy_federation *federation, uint64_t height,
                           enum cy_vote_step step, uint32_t round);

/* cy_federation_beat is called every beat_ms: says where this node stands, asks for what is
 * missing, tries again what failed, makes an empty block due. */
void cy_federation_beat(struct cy_federation *federation);

/* cy_federation_serve writes a packet with the blocks from a height on, which begins at entry
 * `size` of the ledger, each after its certificate, as many as fit into cap bytes
 * (CY_PEER_PACKET_MAX will do): for a mirror, which has no seat and fetches them by a way of its
 * own. Fails with UNASKED (that is not where the height begins, or it is not here), NO_ROOM, or the
 * signer's error. */
CY_MUST_USE cy_err cy_federation_serve(struct cy_federation *federation, uint64_t height,
                                       uint64_t size, uint8_t *out, size_t cap,
                                       struct cy_span *packet);

/* cy_federation_cosigned takes in a cosignature of an agreed head that did not come in a packet: a
 * trustee's. It is told to the others. Fails with UNSEATED (the policy does not name the key),
 * BAD_SIGNATURE, UNASKED (it is here, or the head is not among the last), OTHER_HEAD. */
CY_MUST_USE cy_err cy_federation_cosigned(struct cy_federation *federation,
                                          const struct cy_peer_cosignature *cosignature);

/* cy_federation_cell: to read the world, the tree, to prove; between calls. */
struct cy_cell *cy_federation_cell(struct cy_federation *federation);
void cy_federation_figures(const struct cy_federation *federation,
                           struct cy_federation_figures *out);

/* cy_federation_final is the newest final head, its note with all cosignatures; size 0: none yet.
 */
const struct cy_head *cy_federation_final(const struct cy_federation *federation);

/* cy_federation_trouble is what stopped the node (its disk, its ledger); OK while it runs.
 * cy_federation_pause is what its disk holds it up with (it is full) and is tried again at each
 * beat; OK when there is nothing. */
cy_err cy_federation_trouble(const struct cy_federation *federation);
cy_err cy_federation_pause(const struct cy_federation *federation);

#endif

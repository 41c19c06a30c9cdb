/* member: the state of one member's node, shared by the files that make its steps.
 *
 *      intake (frames of peers) --> rounds (agree on the next block) --> member (make it durable)
 *
 * Blocks of the height under way are kept by their value; what is locked, valid, proposed or
 * certified is never given up for another one.
 *
 * Owns: nothing by itself; federation.h is the interface. */
#ifndef CY_REALM_MEMBER_H
#define CY_REALM_MEMBER_H

#include "realm/federation.h"
#include "realm/finality.h"
#include "realm/promise.h"
#include "realm/session.h"
#include "realm/trial.h"

#define CY_BLOCKS_KEPT 8u
#define CY_UNSAID_MAX 16u
#define CY_EARLY_BYTES ((size_t)4 << 20)
#define CY_EARLY_SHARE (CY_BLOCK_BYTES_MAX + (64u << 10)) /* of one seat */
#define CY_HEIGHT_ACT_MAX CY_ENTRY_MAX

struct cy_kept_block {
    bool here;
    bool valid;
    struct cy_id value;
    struct cy_trial_head head;
    uint64_t used; /* the larger the later */
    uint32_t n;
    uint8_t *bytes;
};

struct cy_judged {
    struct cy_id value;
    struct cy_trial_head head;
};

/* How far the decided block is on its way to the disk. */
enum cy_stage {
    CY_STAGE_AGREE,   /* nothing is decided */
    CY_STAGE_PROMISE, /* the certificate goes to disk */
    CY_STAGE_KEEP,    /* acts go into journal and world */
    CY_STAGE_WRITE,   /* the journal goes to disk */
    CY_STAGE_TILES,
};

/* Frames that came too early, one after another: u8 seat || u8 kind || u32be length || body. */
struct cy_early {
    uint8_t *at;
    size_t n;
    size_t of[CY_SEATS_MAX];
};

struct cy_federation {
    struct cy_federation_options options;
    const struct cy_federation_world *world;
    struct cy_cell cell;
    struct cy_trial trial;
    struct cy_pool pool;
    struct cy_finality finality;
    struct cy_seats seats;
    struct cy_agree agree;
    struct cy_peer peers[CY_SEATS_MAX];
    struct cy_head final;
    uint64_t final_height;
    cy_err trouble;
    cy_err pause; /* soft trouble of the disk, until a try succeeds */

    /* the height under way */
    bool recalled;  /* the vote key said what it remembers of this height */
    bool held;      /* disk or signer failed: the next try is at the next beat */
    bool confirmed; /* there is proof that the height before is whole: promise.decided */
    bool begun;     /* agree was given START */
    bool offer_due;
    struct cy_vote unsaid[CY_UNSAID_MAX];
    uint32_t n_unsaid;
    struct cy_promise promise;
    struct cy_kept_block blocks[CY_BLOCKS_KEPT];
    uint64_t used;
    struct cy_judged judged[CY_AGREE_VALUES]; /* what agree knows to be valid leads here */
    uint32_t n_judged;
    struct cy_id want; /* content that is missing */
    uint32_t want_round;
    uint32_t asked;                     /* seat that was asked last */
    cy_time since;                      /* when the height before was decided, by our clock */
    uint8_t beat[CY_PEER_STATUS_BYTES]; /* our status at the last beat */
    uint32_t still;                     /* beats in which nothing moved */
    bool stalled;                       /* what is missing is to be asked for and told again */

    /* what was told */
    uint8_t told[CY_PEER_STATUS_BYTES]; /* status */
    uint32_t told_beats;                /* since then */
    uint32_t relayed;                   /* seat that was told what others said */
    uint8_t *outline;                   /* whose acts are not all here: CY_PEER_OUTLINE_MAX */
    uint32_t n_outline;
    uint32_t n_missing;
    struct cy_id missing[CY_PEER_IDS_MAX];

    /* what was decided */
    enum cy_stage stage;
    struct cy_certificate certified; /* verified, height 0: none */
    uint32_t block;                  /* its place among blocks */
    uint32_t from;                   /* acts of it that stand in the ledger already */
    struct cy_commit commit;
    bool cosign_due;
    uint32_t look_again; /* the waiting act that is judged again next */

    /* packets */
    uint64_t number;
    uint8_t *packet;
    struct cy_packet_writer out; /* to all; frames 0: nothing waits */
    uint8_t *reply;
    struct cy_early early[2];
    uint32_t convicted; /* seats, bits */

    uint8_t *scratch; /* CY_PROMISE_BYTES */
    uint8_t *act;     /* CY_HEIGHT_ACT_MAX */
    struct cy_federation_figures figures;
};

size_t cy_member_bytes(const struct cy_federation_options *options);
CY_MUST_USE cy_err cy_member_init(struct cy_federation *f,
                                  const struct cy_federation_options *options,
                                  struct cy_arena *fresh);

static inline cy_time cy_member_now(const struct cy_federation *f)
{
    return f->world->now(f->world->self);
}

static inline bool cy_member_votes(const struct cy_federation *f)
{
    return f->agree.self < f->agree.n;
}

/* cy_member_stop remembers the first hard trouble; soft trouble is tried again at the next beat,
 * and remembered until then. */
void cy_member_stop(struct cy_federation *f, cy_err err);

/* --- packets out --- */

/* cy_member_tell puts a frame into the packet that goes to all others; cy_member_flush sends it. */
void cy_member_tell(struct cy_federation *f, enum cy_peer_kind kind, struct cy_span body);
void cy_member_flush(struct cy_federation *f);

/* cy_member_reply begins a packet to one seat; cy_member_send signs and sends it. */
void cy_member_reply(struct cy_federation *f, struct cy_packet_writer *packet);
void cy_member_send(struct cy_federation *f, struct cy_packet_writer *packet, uint32_t seat);

/* cy_member_seal begins a packet in memory of the caller's; cy_member_sealed signs it. */
void cy_member_seal(struct cy_federation *f, uint8_t *at, size_t cap,
                    struct cy_packet_writer *packet);
CY_MUST_USE cy_err cy_member_sealed(struct cy_federation *f, struct cy_packet_writer *packet,
                                    struct cy_span *bytes);

/* cy_member_vote_note writes a signed vote of a seat as a note; empty when the seat is gone. */
struct cy_span cy_member_vote_note(const struct cy_federation *f, const struct cy_vote *vote,
                                   uint32_t seat, const uint8_t signature[static 64],
                                   char room[static CY_PEER_VOTE_MAX]);

/* --- blocks of this height --- */

struct cy_kept_block *cy_member_block(struct cy_federation *f, const struct cy_id *value);

/* cy_member_ahead says that members of whom one must be honest stand at least at this height. */
bool cy_member_ahead(const struct cy_federation *f, uint64_t height);

/* cy_member_place is where a new block may go; NULL when all places are needed. */
struct cy_kept_block *cy_member_place(struct cy_federation *f);

static inline struct cy_span cy_kept_span(const struct cy_kept_block *block)
{
    return cy_span_of(block->bytes, block->n);
}

/* --- what was decided --- */

/* cy_member_commit begins to make a block durable; cy_member_go_on continues, after trouble too,
 * and says whether it is done: everything is on disk, and the next height may begin. */
void cy_member_commit(struct cy_federation *f, const struct cy_certificate *certificate,
                      uint32_t block, uint32_t from);
bool cy_member_go_on(struct cy_federation *f);

/* cy_member_abandon lets go of what is on its way to the disk, before the ledger is closed. */
void cy_member_abandon(struct cy_federation *f);

/* cy_member_cosign cosigns the newest head when that is due, and tells the others. */
void cy_member_cosign(struct cy_federation *f);

/* cy_member_finalize publishes the newest head that meets the policy. */
void cy_member_finalize(struct cy_federation *f);

/* cy_member_save writes the promise with that block (NULL: none). */
CY_MUST_USE cy_err cy_member_save(struct cy_federation *f, const struct cy_kept_block *block);

#endif

/* peer: what members of a federation send each other: signed packets of frames.
 *
 *     packet   "CYPEER1\n" || federation[32] || from[32] || u64be session || u64be number
 *              || frames || signature[64] over everything before it
 *     frame    u8 kind || u32be length || body
 *
 * `federation` is the id of the federation's realm, `from` the sender's peer key, of the purpose
 * PEER. A session is one life of a node, and later ones are larger; numbers ascend within it: what
 * comes a second time is dropped. Nothing in a frame is believed for the packet's signature: votes,
 * cosignatures, acts and certificates carry their own.
 *
 * Owns: the bytes, both ways. Never: verifies a signature, copies (what is read points into the
 * packet). */
#ifndef CY_WIRE_PEER_H
#define CY_WIRE_PEER_H

#include "wire/block.h"
#include "wire/note.h"
#include "wire/vote.h"

#define CY_PEER_PACKET_MAX (1u << 20)
#define CY_PEER_HEAD 88u      /* bytes before the frames */
#define CY_PEER_FRAME_HEAD 5u /* kind and length */
#define CY_PEER_FRAMES_MAX 4096u
#define CY_PEER_BALLOTS_MAX 16u
#define CY_PEER_TAIL 64u

enum cy_peer_kind {
    CY_PEER_VOTE = 1,        /* a vote as a signed note: text, empty line, one signature line */
    CY_PEER_BLOCK = 2,       /* block.h */
    CY_PEER_ACT = 3,         /* an act, 1 to 65,535 bytes */
    CY_PEER_CERTIFICATE = 4, /* what a height decided, with its precommits */
    CY_PEER_WANT = 5,        /* asks */
    CY_PEER_STATUS = 6,      /* where the sender stands */
    CY_PEER_COSIGNATURE = 7, /* of a head */
    CY_PEER_EVIDENCE = 8,    /* two votes as notes that convict their signer */
    CY_PEER_HEAD_NOTE = 9,   /* a final head as a note with its cosignatures */
    CY_PEER_OFFER = 10,      /* ids of acts that wait at the sender */
    CY_PEER_WANT_ACTS = 11,  /* ids of acts that the sender asks for */
    CY_PEER_OUTLINE = 12,    /* a block, its acts but the first by their ids */
};

struct cy_packet {
    struct cy_id federation;
    struct cy_id from; /* peer key */
    uint64_t session;
    uint64_t number;
    struct cy_span frames;    /* one after another, at most CY_PEER_FRAMES_MAX */
    struct cy_span to_sign;   /* everything but the signature */
    const uint8_t *signature; /* 64 bytes; NULL while it is being written */
};

struct cy_frame {
    enum cy_peer_kind kind;
    struct cy_span body;
};

/* cy_packet_read takes exactly one packet whose frames are all there and of a known kind; their
 * bodies are read by the readers below. Fails with BAD_PACKET (detail: the position) or TOO_LARGE.
 */
CY_MUST_USE cy_err cy_packet_read(struct cy_span bytes, struct cy_packet *out);

/* cy_frame_next takes the next frame off the front of packet.frames; false at the end. */
bool cy_frame_next(struct cy_span *rest, struct cy_frame *out);

/* A packet that is being written into the caller's memory. */
struct cy_packet_writer {
    uint8_t *at;
    size_t cap; /* what is above CY_PEER_PACKET_MAX is not used */
    size_t n;
    uint32_t frames;
    size_t frame; /* where the frame under way begins */
};

/* cy_packet_begin writes the head; cap is at least CY_PEER_HEAD + CY_PEER_TAIL (asserts).
 * cy_packet_frame appends a whole frame. Fails with NO_ROOM: nothing is written then. */
void cy_packet_begin(struct cy_packet_writer *writer, uint8_t *at, size_t cap,
                     const struct cy_packet *head);
CY_MUST_USE cy_err cy_packet_frame(struct cy_packet_writer *writer, enum cy_peer_kind kind,
                                   struct cy_span body);

/* cy_packet_to_sign is what the sender's key signs; cy_packet_end appends that signature and gives
 * the packet. */
struct cy_span cy_packet_to_sign(const struct cy_packet_writer *writer);
struct cy_span cy_packet_end(struct cy_packet_writer *writer, const uint8_t signature[static 64]);

/* --- bodies; every reader takes exactly what its writer writes, else BAD_PACKET --- */

/* A signed note with one signature line of 64 bytes: NAME is the seat's, the key id that of its
 * vote key under that name (crypto/note_key.h). */
struct cy_peer_vote {
    struct cy_vote vote;
    struct cy_span text; /* what is signed */
    struct cy_span name;
    uint32_t key_id;
    uint8_t signature[64];
};

#define CY_PEER_VOTE_MAX 1024u

CY_MUST_USE cy_err cy_peer_vote_read(struct cy_span body, struct cy_peer_vote *out);
void cy_peer_vote_write(struct cy_text *out, const struct cy_vote *vote, struct cy_span name,
                        uint32_t key_id, const uint8_t signature[static 64]);

/* u64be height || u32be round || u64be size || root[32] || u8 n || n times: u8 seat || u64be time
 * || signature[64]. Seats ascend; n is at least one. The value is the digest of the head's
 * checkpoint text. */
struct cy_peer_ballot {
    uint8_t seat;
    cy_time time;
    const uint8_t *signature;
};

struct cy_peer_certificate {
    uint64_t height;
    uint32_t round;
    uint64_t size;
    struct cy_id root;
    uint32_t n;
    struct cy_peer_ballot ballots[CY_PEER_BALLOTS_MAX];
};

#define CY_PEER_CERTIFICATE_MAX (53u + CY_PEER_BALLOTS_MAX * 73u)

CY_MUST_USE cy_err cy_peer_certificate_read(struct cy_span body, struct cy_peer_certificate *out);
struct cy_span cy_peer_certificate_write(const struct cy_peer_certificate *certificate,
                                         uint8_t out[static CY_PEER_CERTIFICATE_MAX]);

/* What a member has of one round: u8 proposal (0 or 1) || u16be prevotes || u16be precommits, bit
 * i: that of seat i. */
struct cy_peer_have {
    bool proposal;
    uint16_t votes[2];
};

#define CY_PEER_HAVE_BYTES 5u

/* u8 what || u64be height || its argument. */
enum cy_peer_want {
    CY_WANT_VALUE = 1,  /* id[32]: the block that leads to this value */
    CY_WANT_VOTES = 2,  /* u32be round || have: its proposal, prevotes and precommits, but those */
    CY_WANT_BLOCKS = 3, /* u64be size: blocks from this height on, which begins at this entry */
    CY_WANT_CERTIFICATE = 4, /* of this height, decided last */
};

struct cy_peer_wanted {
    enum cy_peer_want what;
    uint64_t height;
    struct cy_id value;
    uint32_t round;
    struct cy_peer_have have; /* VOTES: not these */
    uint64_t size;
};

#define CY_PEER_WANT_MAX 41u

CY_MUST_USE cy_err cy_peer_want_read(struct cy_span body, struct cy_peer_wanted *out);
struct cy_span cy_peer_want_write(const struct cy_peer_wanted *wanted,
                                  uint8_t out[static CY_PEER_WANT_MAX]);

/* u64be height || u64be size || u32be round || u64be final size || have || u64be cosigned: the
 * height agreed last and the ledger's size then, the round of the next height, and the newest final
 * head's size; what the sender has of that round; and who cosigned the head of that size, bit i:
 * the key that stands as number i in the policy. */
struct cy_peer_status {
    uint64_t height;
    uint64_t size;
    uint32_t round;
    uint64_t final_size;
    struct cy_peer_have have;
    uint64_t cosigned;
};

#define CY_PEER_STATUS_BYTES 41u

CY_MUST_USE cy_err cy_peer_status_read(struct cy_span body, struct cy_peer_status *out);
struct cy_span cy_peer_status_write(const struct cy_peer_status *status,
                                    uint8_t out[static CY_PEER_STATUS_BYTES]);

/* u64be size || root[32] || key[32] || u64be seconds || signature[64]: a cosignature/v1 by that key
 * of the head of that size. */
struct cy_peer_cosignature {
    uint64_t size;
    struct cy_id root;
    struct cy_id key;
    uint8_t blob[CY_COSIGNATURE_BYTES];
};

#define CY_PEER_COSIGNATURE_BYTES (72u + CY_COSIGNATURE_BYTES)

CY_MUST_USE cy_err cy_peer_cosignature_read(struct cy_span body, struct cy_peer_cosignature *out);
struct cy_span cy_peer_cosignature_write(const struct cy_peer_cosignature *cosignature,
                                         uint8_t out[static CY_PEER_COSIGNATURE_BYTES]);

/* One to CY_PEER_IDS_MAX ids of acts, 32 bytes each, one after another. */
#define CY_PEER_IDS_MAX 1024u

struct cy_peer_ids {
    uint32_t n;
    const uint8_t *at;
};

CY_MUST_USE cy_err cy_peer_ids_read(struct cy_span body, struct cy_peer_ids *out);
struct cy_id cy_peer_ids_at(const struct cy_peer_ids *ids, uint32_t i);

/* u64be height || u16be length || first act || ids of the others: a block whose acts the others
 * were told before. Whether it is that block, the head that it leads to says. */
struct cy_peer_outline {
    uint64_t height;
    struct cy_span first;
    struct cy_peer_ids rest; /* n may be 0 */
};

#define CY_PEER_OUTLINE_MAX (10u + 65535u + 32u * CY_PEER_IDS_MAX)

CY_MUST_USE cy_err cy_peer_outline_read(struct cy_span body, struct cy_peer_outline *out);

/* cy_peer_outline_begin writes all but the ids, cy_peer_outline_id adds one. out has
 * CY_PEER_OUTLINE_MAX bytes, n is what is written. */
void cy_peer_outline_begin(uint64_t height, struct cy_span first, uint8_t *out, size_t *n);
void cy_peer_outline_id(const struct cy_id *id, uint8_t *out, size_t *n);

/* u16be length || note || u16be length || note, neither empty. */
struct cy_peer_evidence {
    struct cy_span notes[2];
};

#define CY_PEER_EVIDENCE_MAX (4u + 2u * CY_PEER_VOTE_MAX)

CY_MUST_USE cy_err cy_peer_evidence_read(struct cy_span body, struct cy_peer_evidence *out);
struct cy_span cy_peer_evidence_write(const struct cy_peer_evidence *evidence,
                                      uint8_t out[static CY_PEER_EVIDENCE_MAX]);

#endif

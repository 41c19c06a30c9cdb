/* signer_message: what the daemon and the signer say to each other over their socket.
 *
 *     frame    = u32be length || one CBOR map: of a request at most CY_SIGNER_REQUEST_MAX bytes, of
 *                a response CY_SIGNER_RESPONSE_MAX
 *     request  = { 0: id, 1: op, field: value, ... }       response = { 0: id, 1: code, ... }
 *
 * Answers come in the order of the requests, and carry their id: a client may send many before it
 * reads. Keys ascend and a field that holds its default (zero, false, empty) is left out, so each
 * message has one encoding. Each op says which fields it must and may have; others are refused.
 *
 * Owns: the bytes, and the registry of purposes (purpose.def). Never: copies; texts and bytes
 * point into the message. */
#ifndef CY_WIRE_SIGNER_MESSAGE_H
#define CY_WIRE_SIGNER_MESSAGE_H

#include "wire/cbor.h"

#define CY_SIGNER_REQUEST_MAX 1049600u /* a packet and its map */
#define CY_SIGNER_RESPONSE_MAX 131072u
#define CY_SIGNER_FRAME_HEAD 4u
#define CY_SIGNER_LABEL_MAX 63u
#define CY_SIGNER_PROOF_MAX 65u /* hashes of a consistency proof */
#define CY_SIGNER_TEXT_MAX 4096u
#define CY_SIGNER_PACKET_MAX ((1u << 20) - 64u) /* a packet to a peer, without its signature */
#define CY_SIGNER_LOCKED_BYTES 36u              /* u32be round || value */
#define CY_SIGNER_SEALED_MAX 28724u /* the head of a blob with 256 readers (crypto/seal.h) */

enum cy_purpose {
#define CY_PURPOSE(name, number, text, doc) CY_PURPOSE_##name = (number),
#include "wire/purpose.def"
#undef CY_PURPOSE
};

/* cy_purpose_text is the word of a purpose, NULL when no purpose has that number. */
const char *cy_purpose_text(uint64_t number);

/* cy_purpose_read is the inverse; 0 when the word is unknown. */
uint8_t cy_purpose_read(struct cy_span word);

enum cy_signer_op {
    CY_SIGNER_LIST = 1,       /* from -> keys, more */
    CY_SIGNER_MAKE = 2,       /* label, purpose, with_next -> key, next_key */
    CY_SIGNER_ACT = 3,        /* key, protected, payload, several -> signature */
    CY_SIGNER_CHECKPOINT = 4, /* key, text, proof -> signature */
    CY_SIGNER_COSIGN = 5,     /* key, text, time_s, proof -> signature */
    CY_SIGNER_DESCRIBE = 6,   /* payload -> sentence */
    CY_SIGNER_HEAD = 7,       /* key, origin -> size, root, time_s: the head remembered */
    CY_SIGNER_OPEN = 8,       /* key, sealed -> opened: the key of that one blob's body */
    CY_SIGNER_RECEIPT = 9,    /* key, origin -> signature, size, root: a COSE receipt's signature
                                 over the head remembered (wire/receipt.h) */
    CY_SIGNER_STATEMENT = 10, /* key, payload -> signature (wire/statement.h) */
    CY_SIGNER_VOTE = 11, /* key, text, locked -> signature, said: the vote that is signed, where
                            another one was given before */
    CY_SIGNER_VOTE_LAST = 12, /* key, origin -> size: the height, said, locked: of the last vote */
    CY_SIGNER_PEER = 13       /* key, packet -> signature */
};

struct cy_signer_request {
    uint64_t id;
    uint64_t op;
    uint64_t from;    /* LIST: position of the first key */
    uint64_t purpose; /* MAKE */
    uint64_t time_s;  /* COSIGN: Unix seconds */
    struct cy_id key;
    bool with_next;            /* MAKE: also a standby key, for pre-rotation */
    bool several;              /* ACT: one of several keys (COSE_Sign) */
    struct cy_span label;      /* MAKE */
    struct cy_span protected;  /* ACT */
    struct cy_span payload;    /* ACT, DESCRIBE */
    struct cy_span text;       /* CHECKPOINT, COSIGN: the text of a checkpoint; VOTE: of a vote */
    struct cy_span origin;     /* HEAD, RECEIPT, VOTE_LAST */
    const struct cy_id *proof; /* CHECKPOINT, COSIGN: consistency with the head remembered */
    uint64_t n_proof;
    struct cy_span sealed; /* OPEN: the head of a blob, nothing after it */
    struct cy_span packet; /* PEER: all that the signature is over */
    struct cy_span locked; /* VOTE: what the member is locked on, or none */
};

struct cy_signer_response {
    uint64_t id;
    uint64_t code; /* a cy_code; 0 = done */
    uint64_t detail;
    struct cy_id key;
    struct cy_id next_key;
    struct cy_span signature; /* 64 bytes, or none */
    struct cy_span keys;      /* LIST: entries for cy_signer_key_next */
    uint64_t more;            /* LIST: where the next page begins; 0 = this was the last */
    /* HEAD, and when a head is refused: the head that was signed before; VOTE_LAST: the height */
    uint64_t size;
    struct cy_id root;
    uint64_t time_s;
    struct cy_span sentence;
    struct cy_span opened; /* OPEN: 32 secret bytes, or none; wipe them */
    struct cy_span said;   /* VOTE, VOTE_LAST: the text of a vote */
    struct cy_span locked; /* VOTE_LAST: as in a request */
};

/* One key as LIST shows it. */
struct cy_signer_key {
    struct cy_id key;
    uint64_t purpose;
    uint64_t created_s; /* Unix seconds */
    bool standby;       /* a next key: it signs nothing but the act that brings it in */
    struct cy_span label;
};

/* cy_signer_label_check: 1 to 63 bytes of UTF-8 without control characters, not begun or ended by
 * a space. Fails with SIGNER_REQUEST. */
CY_MUST_USE cy_err cy_signer_label_check(struct cy_span label);

/* The writers write one map, without the frame's head; what does not fit is seen in out->full. The
 * readers accept nothing but what the writers write; they fail with SIGNER_REQUEST (detail: the
 * field's number, 255: the map itself), UNKNOWN_FIELD, and the errors of cy_cbor_next. */
void cy_signer_request_write(const struct cy_signer_request *request, struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_signer_request_read(struct cy_span bytes, struct cy_signer_request *out);
void cy_signer_response_write(const struct cy_signer_response *response,
                              struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_signer_response_read(struct cy_span bytes, struct cy_signer_response *out);

/* cy_signer_key_write appends one entry to a list of keys; cy_signer_key_next reads the next one,
 * until cy_cbor_end says that the list ends. The reader fails with SIGNER_REQUEST. */
void cy_signer_key_write(const struct cy_signer_key *key, struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_signer_key_next(struct cy_cbor_reader *keys, struct cy_signer_key *out);

#endif

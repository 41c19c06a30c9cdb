/* Blocks and packets between members: SPEC/block.md, SPEC/peer.md. */
#include "vectors.h"

#include "crypto/hash.h"
#include "crypto/note_key.h"
#include "wire/peer.h"

#define ORIGIN "ocean.example/federation"
#define SEAT "harbour.example/ledger"

static uint8_t packet_[CY_PEER_PACKET_MAX];
static uint8_t outline_[CY_PEER_OUTLINE_MAX];

static void frame(struct cy_packet_writer *packet, enum cy_peer_kind kind, struct cy_span body)
{
    vector_must("frame", cy_packet_frame(packet, kind, body));
}

static struct cy_span vote(const struct vector_key *key, enum cy_vote_step step, const char *value,
                           char room[static CY_PEER_VOTE_MAX])
{
    char memory[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_text note = cy_text_on(room, CY_PEER_VOTE_MAX);
    struct cy_note_key named;
    struct cy_signature signature;
    struct cy_span signed_text;
    const struct cy_vote vote = {.origin = cy_span_text(ORIGIN),
                                 .height = 7,
                                 .round = 1,
                                 .step = step,
                                 .after = CY_NO_ROUND,
                                 .value = vector_id(value),
                                 .time = 1767225600000};

    cy_vote_write(&text, &vote);
    signed_text = cy_text_bytes(&text);
    cy_secret_sign(&key->secret, signed_text, &signature);
    vector_must("name", cy_note_key_of(cy_span_text(SEAT), CY_NOTE_ED25519, &key->key, &named));
    cy_peer_vote_write(&note, &vote, named.name, named.id, signature.b);
    return cy_text_bytes(&note);
}

static struct cy_span block(uint8_t *at, size_t cap)
{
    struct cy_block_writer writer;

    cy_block_begin(&writer, at, cap, 7);
    vector_must("act", cy_block_add(&writer, cy_span_text("an act")));
    vector_must("act", cy_block_add(&writer, cy_span_text("another act")));
    return cy_block_written(&writer);
}

static struct cy_span certificate(uint8_t out[static CY_PEER_CERTIFICATE_MAX])
{
    static const uint8_t signatures[3][64] = {{1}, {2}, {3}};
    struct cy_peer_certificate c = {
        .height = 6, .round = 0, .size = 42, .root = vector_id("root"), .n = 3};

    for (uint32_t i = 0; i < 3; i++)
        c.ballots[i] =
            (struct cy_peer_ballot){(uint8_t)(i == 2 ? 3 : i), 1767225599000 + i, signatures[i]};
    return cy_peer_certificate_write(&c, out);
}

/* Every kind of frame in one packet. */
void vectors_peer(FILE *out)
{
    const struct vector_key peer = vector_key(1);
    const struct vector_key voter = vector_key(2);
    const struct cy_packet head = {.federation = vector_id("federation"),
                                   .from = peer.key,
                                   .session = 1767225600123,
                                   .number = 5};
    const struct cy_peer_status status = {
        .height = 6,
        .size = 42,
        .round = 1,
        .final_size = 40,
        .have = {true, {0x0b, 0x03}},
        .cosigned = 5
    };
    const struct cy_id ids[2] = {vector_id("one act"), vector_id("another act")};
    struct cy_peer_cosignature cosignature = {
        .size = 42, .root = vector_id("root"), .key = vector_id("cosigner"), .blob = {9}};
    char votes[2][CY_PEER_VOTE_MAX];
    uint8_t room[4096];
    struct cy_peer_evidence evidence;
    struct cy_packet_writer packet;
    struct cy_signature signature;
    struct cy_span bytes;
    size_t n = 0;

    evidence.notes[0] = vote(&voter, CY_VOTE_PREVOTE, "one value", votes[0]);
    evidence.notes[1] = vote(&voter, CY_VOTE_PREVOTE, "another value", votes[1]);
    cy_packet_begin(&packet, packet_, sizeof packet_, &head);
    frame(&packet, CY_PEER_VOTE, evidence.notes[0]);
    frame(&packet, CY_PEER_BLOCK, block(room, sizeof room));
    frame(&packet, CY_PEER_ACT, cy_span_text("an act"));
    frame(&packet, CY_PEER_CERTIFICATE, certificate(room));
    for (unsigned what = CY_WANT_VALUE; what <= CY_WANT_CERTIFICATE; what++)
        frame(&packet, CY_PEER_WANT,
              cy_peer_want_write(&(struct cy_peer_wanted){.what = (enum cy_peer_want)what,
                                                          .height = 7,
                                                          .value = vector_id("one value"),
                                                          .round = 1,
                                                          .have = status.have,
                                                          .size = 42},
                                 room));
    frame(&packet, CY_PEER_STATUS, cy_peer_status_write(&status, room));
    frame(&packet, CY_PEER_COSIGNATURE, cy_peer_cosignature_write(&cosignature, room));
    frame(&packet, CY_PEER_EVIDENCE, cy_peer_evidence_write(&evidence, room));
    frame(&packet, CY_PEER_HEAD_NOTE, cy_span_text("a note"));
    frame(&packet, CY_PEER_OFFER, cy_span_of(ids[0].b, sizeof ids));
    frame(&packet, CY_PEER_WANT_ACTS, cy_span_of(ids[1].b, sizeof ids[1]));
    cy_peer_outline_begin(7, cy_span_text("a height act"), outline_, &n);
    cy_peer_outline_id(&ids[0], outline_, &n);
    cy_peer_outline_id(&ids[1], outline_, &n);
    frame(&packet, CY_PEER_OUTLINE, cy_span_of(outline_, n));
    cy_secret_sign(&peer.secret, cy_packet_to_sign(&packet), &signature);
    bytes = cy_packet_end(&packet, signature.b);
    vector_begin(out, true);
    vector_text(out, "name", "a packet with a frame of every kind");
    vector_id_hex(out, "seed", &peer.seed);
    vector_id_hex(out, "vote_seed", &voter.seed);
    vector_text(out, "vote_name", SEAT);
    vector_number(out, "session", head.session);
    vector_number(out, "number", head.number);
    vector_text(out, "vote", votes[0]);
    vector_hex(out, "packet", bytes);
    vector_end(out);
}

/* packets between members and all that is in them: what is read is written back the same. */
#include "fuzz.h"

#include "wire/peer.h"

static uint8_t room[CY_PEER_PACKET_MAX];

static void same(struct cy_span written, struct cy_span body)
{
    CY_ASSERT(cy_span_eq(written, body));
}

static void read_block(struct cy_span body)
{
    struct cy_block_writer again;
    struct cy_block block;
    struct cy_span rest;
    struct cy_span act;

    if (!cy_ok(cy_block_read(body, &block)))
        return;
    cy_block_begin(&again, room, sizeof room, block.height);
    rest = block.entries;
    while (rest.n > 0) {
        CY_ASSERT(cy_ok(cy_bundle_next(&rest, &act)));
        CY_ASSERT(cy_ok(cy_block_add(&again, act)));
    }
    same(cy_block_written(&again), body);
}

static void read_vote(struct cy_span body)
{
    struct cy_text text = cy_text_on((char *)room, sizeof room);
    struct cy_peer_vote vote;

    if (!cy_ok(cy_peer_vote_read(body, &vote)))
        return;
    cy_peer_vote_write(&text, &vote.vote, vote.name, vote.key_id, vote.signature);
    same(cy_text_bytes(&text), body);
}

static void read_outline(struct cy_span body)
{
    struct cy_peer_outline outline;
    size_t n = 0;

    if (!cy_ok(cy_peer_outline_read(body, &outline)))
        return;
    cy_peer_outline_begin(outline.height, outline.first, room, &n);
    for (uint32_t i = 0; i < outline.rest.n; i++) {
        const struct cy_id id = cy_peer_ids_at(&outline.rest, i);

        cy_peer_outline_id(&id, room, &n);
    }
    same(cy_span_of(room, n), body);
}

static void read_body(const struct cy_frame *frame)
{
    struct cy_peer_certificate certificate;
    struct cy_peer_wanted wanted;
    struct cy_peer_status status;
    struct cy_peer_cosignature cosignature;
    struct cy_peer_evidence evidence;
    struct cy_peer_ids ids;

    switch (frame->kind) {
    case CY_PEER_VOTE: read_vote(frame->body); break;
    case CY_PEER_BLOCK: read_block(frame->body); break;
    case CY_PEER_ACT: break;
    case CY_PEER_CERTIFICATE:
        if (cy_ok(cy_peer_certificate_read(frame->body, &certificate)))
            same(cy_peer_certificate_write(&certificate, room), frame->body);
        break;
    case CY_PEER_WANT:
        if (cy_ok(cy_peer_want_read(frame->body, &wanted)))
            same(cy_peer_want_write(&wanted, room), frame->body);
        break;
    case CY_PEER_STATUS:
        if (cy_ok(cy_peer_status_read(frame->body, &status)))
            same(cy_peer_status_write(&status, room), frame->body);
        break;
    case CY_PEER_COSIGNATURE:
        if (cy_ok(cy_peer_cosignature_read(frame->body, &cosignature)))
            same(cy_peer_cosignature_write(&cosignature, room), frame->body);
        break;
    case CY_PEER_EVIDENCE:
        if (cy_ok(cy_peer_evidence_read(frame->body, &evidence)))
            same(cy_peer_evidence_write(&evidence, room), frame->body);
        break;
    case CY_PEER_HEAD_NOTE: break;
    case CY_PEER_OFFER:
    case CY_PEER_WANT_ACTS:
        if (cy_ok(cy_peer_ids_read(frame->body, &ids)))
            CY_ASSERT(ids.n * 32 == frame->body.n);
        break;
    case CY_PEER_OUTLINE: read_outline(frame->body); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span bytes = cy_span_of(data, size);
    struct cy_packet_writer again;
    struct cy_packet packet;
    struct cy_frame frame;
    struct cy_span rest;

    read_block(bytes);
    if (!cy_ok(cy_packet_read(bytes, &packet)))
        return 0;
    rest = packet.frames;
    while (cy_frame_next(&rest, &frame))
        read_body(&frame);
    cy_packet_begin(&again, room, sizeof room, &packet);
    rest = packet.frames;
    while (cy_frame_next(&rest, &frame))
        CY_ASSERT(cy_ok(cy_packet_frame(&again, frame.kind, frame.body)));
    same(cy_packet_to_sign(&again), packet.to_sign);
    same(cy_packet_end(&again, packet.signature), bytes);
    return 0;
}

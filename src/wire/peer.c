#include "wire/peer.h"

static const uint8_t magic_[8] = "CYPEER1\n";

/* The body of a frame is wrong at this position. */
static cy_err bad(size_t at)
{
    return cy_fail(CY_E_BAD_PACKET, at);
}

static struct cy_id id_at(const uint8_t *at)
{
    struct cy_id id;

    memcpy(id.b, at, sizeof id.b);
    return id;
}

/* --- packets --- */

bool cy_frame_next(struct cy_span *rest, struct cy_frame *out)
{
    size_t n = 0;

    if (rest->n < CY_PEER_FRAME_HEAD)
        return false;
    n = cy_get_u32be(rest->at + 1);
    if (n > rest->n - CY_PEER_FRAME_HEAD)
        return false;
    out->kind = (enum cy_peer_kind)rest->at[0];
    out->body = cy_span_of(rest->at + CY_PEER_FRAME_HEAD, n);
    *rest = cy_span_of(out->body.at + n, rest->n - CY_PEER_FRAME_HEAD - n);
    return true;
}

cy_err cy_packet_read(struct cy_span bytes, struct cy_packet *out)
{
    struct cy_span rest;
    struct cy_frame frame;
    uint32_t n = 0;

    if (bytes.n > CY_PEER_PACKET_MAX)
        return cy_fail(CY_E_TOO_LARGE, bytes.n);
    if (bytes.n < CY_PEER_HEAD + CY_PEER_TAIL || memcmp(bytes.at, magic_, sizeof magic_) != 0)
        return bad(0);
    *out = (struct cy_packet){
        .federation = id_at(bytes.at + 8),
        .from = id_at(bytes.at + 40),
        .session = cy_get_u64be(bytes.at + 72),
        .number = cy_get_u64be(bytes.at + 80),
        .frames = cy_span_of(bytes.at + CY_PEER_HEAD, bytes.n - CY_PEER_HEAD - CY_PEER_TAIL),
        .to_sign = cy_span_of(bytes.at, bytes.n - CY_PEER_TAIL),
        .signature = bytes.at + bytes.n - CY_PEER_TAIL,
    };
    rest = out->frames;
    while (n < CY_PEER_FRAMES_MAX && cy_frame_next(&rest, &frame)) {
        if (frame.kind < CY_PEER_VOTE || frame.kind > CY_PEER_OUTLINE)
            return bad((size_t)(frame.body.at - bytes.at) - CY_PEER_FRAME_HEAD);
        n++;
    }
    return rest.n == 0 ? CY_OK : bad(bytes.n - CY_PEER_TAIL - rest.n);
}

void cy_packet_begin(struct cy_packet_writer *writer, uint8_t *at, size_t cap,
                     const struct cy_packet *head)
{
    CY_ASSERT(cap >= CY_PEER_HEAD + CY_PEER_TAIL);
    *writer = (struct cy_packet_writer){
        .at = at, .cap = cap < CY_PEER_PACKET_MAX ? cap : CY_PEER_PACKET_MAX, .n = CY_PEER_HEAD};
    memcpy(at, magic_, sizeof magic_);
    memcpy(at + 8, head->federation.b, 32);
    memcpy(at + 40, head->from.b, 32);
    cy_put_u64be(at + 72, head->session);
    cy_put_u64be(at + 80, head->number);
}

cy_err cy_packet_frame(struct cy_packet_writer *writer, enum cy_peer_kind kind, struct cy_span body)
{
    uint8_t *at = writer->at + writer->n;

    if (writer->frames == CY_PEER_FRAMES_MAX || body.n > writer->cap - writer->n - CY_PEER_TAIL ||
        CY_PEER_FRAME_HEAD > writer->cap - writer->n - CY_PEER_TAIL - body.n)
        return cy_fail(CY_E_NO_ROOM, writer->n);
    at[0] = (uint8_t)kind;
    cy_put_u32be(at + 1, (uint32_t)body.n);
    if (body.n > 0)
        memcpy(at + CY_PEER_FRAME_HEAD, body.at, body.n);
    writer->n += CY_PEER_FRAME_HEAD + body.n;
    writer->frames++;
    return CY_OK;
}

struct cy_span cy_packet_to_sign(const struct cy_packet_writer *writer)
{
    return cy_span_of(writer->at, writer->n);
}

struct cy_span cy_packet_end(struct cy_packet_writer *writer, const uint8_t signature[static 64])
{
    memcpy(writer->at + writer->n, signature, CY_PEER_TAIL);
    return cy_span_of(writer->at, writer->n + CY_PEER_TAIL);
}

/* --- votes --- */

cy_err cy_peer_vote_read(struct cy_span body, struct cy_peer_vote *out)
{
    char memory[CY_PEER_VOTE_MAX];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    struct cy_note note;
    size_t n = 0;

    if (body.n > CY_PEER_VOTE_MAX || !cy_ok(cy_note_read(body, &note)) || note.n != 1)
        return bad(0);
    CY_TRY(cy_vote_read(note.text, &out->vote));
    out->text = note.text;
    out->name = note.signatures[0].name;
    out->key_id = note.signatures[0].key_id;
    if (out->name.n > CY_NOTE_NAME_MAX ||
        !cy_ok(cy_note_blob(&note.signatures[0], out->signature, sizeof out->signature, &n)) ||
        n != sizeof out->signature)
        return bad(note.text.n);
    cy_peer_vote_write(&again, &out->vote, out->name, out->key_id, out->signature);
    return cy_span_eq(cy_text_bytes(&again), body) ? CY_OK : bad(note.text.n);
}

void cy_peer_vote_write(struct cy_text *out, const struct cy_vote *vote, struct cy_span name,
                        uint32_t key_id, const uint8_t signature[static 64])
{
    char memory[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);

    cy_vote_write(&text, vote);
    CY_ASSERT(!text.full);
    cy_note_begin(out, cy_text_bytes(&text));
    cy_note_line(out, name, key_id, cy_span_of(signature, 64));
}

/* --- certificates --- */

#define CERTIFICATE_HEAD 53u
#define BALLOT_BYTES 73u

cy_err cy_peer_certificate_read(struct cy_span body, struct cy_peer_certificate *out)
{
    if (body.n < CERTIFICATE_HEAD)
        return bad(body.n);
    *out = (struct cy_peer_certificate){.height = cy_get_u64be(body.at),
                                        .round = cy_get_u32be(body.at + 8),
                                        .size = cy_get_u64be(body.at + 12),
                                        .root = id_at(body.at + 20),
                                        .n = body.at[52]};
    if (out->round == CY_NO_ROUND)
        return bad(8);
    if (out->n == 0 || out->n > CY_PEER_BALLOTS_MAX ||
        body.n != CERTIFICATE_HEAD + out->n * BALLOT_BYTES)
        return bad(52);
    for (uint32_t i = 0; i < out->n; i++) {
        const uint8_t *at = body.at + CERTIFICATE_HEAD + (size_t)i * BALLOT_BYTES;

        out->ballots[i] = (struct cy_peer_ballot){at[0], cy_get_u64be(at + 1), at + 9};
        if (at[0] >= CY_PEER_BALLOTS_MAX || (i > 0 && at[0] <= out->ballots[i - 1].seat))
            return bad((size_t)(at - body.at));
    }
    return CY_OK;
}

struct cy_span cy_peer_certificate_write(const struct cy_peer_certificate *certificate,
                                         uint8_t out[static CY_PEER_CERTIFICATE_MAX])
{
    CY_ASSERT(certificate->n > 0 && certificate->n <= CY_PEER_BALLOTS_MAX);
    cy_put_u64be(out, certificate->height);
    cy_put_u32be(out + 8, certificate->round);
    cy_put_u64be(out + 12, certificate->size);
    memcpy(out + 20, certificate->root.b, 32);
    out[52] = (uint8_t)certificate->n;
    for (uint32_t i = 0; i < certificate->n; i++) {
        uint8_t *at = out + CERTIFICATE_HEAD + (size_t)i * BALLOT_BYTES;

        at[0] = certificate->ballots[i].seat;
        cy_put_u64be(at + 1, certificate->ballots[i].time);
        memcpy(at + 9, certificate->ballots[i].signature, 64);
    }
    return cy_span_of(out, CERTIFICATE_HEAD + (size_t)certificate->n * BALLOT_BYTES);
}

/* --- what is wanted, and where one stands --- */

static bool read_have(const uint8_t *at, struct cy_peer_have *out)
{
    *out = (struct cy_peer_have){
        at[0] == 1, {cy_get_u16be(at + 1), cy_get_u16be(at + 3)}
    };
    return at[0] <= 1;
}

static void write_have(const struct cy_peer_have *have, uint8_t *at)
{
    at[0] = have->proposal;
    cy_put_u16be(at + 1, have->votes[0]);
    cy_put_u16be(at + 3, have->votes[1]);
}

/* Bytes of the argument. */
static size_t argument(enum cy_peer_want what)
{
    switch (what) {
    case CY_WANT_VALUE: return 32;
    case CY_WANT_VOTES: return 4 + CY_PEER_HAVE_BYTES;
    case CY_WANT_BLOCKS: return 8;
    case CY_WANT_CERTIFICATE: return 0;
    }
    return 0;
}

cy_err cy_peer_want_read(struct cy_span body, struct cy_peer_wanted *out)
{
    if (body.n < 9 || body.at[0] < CY_WANT_VALUE || body.at[0] > CY_WANT_CERTIFICATE)
        return bad(0);
    *out = (struct cy_peer_wanted){.what = (enum cy_peer_want)body.at[0],
                                   .height = cy_get_u64be(body.at + 1)};
    if (body.n != 9 + argument(out->what))
        return bad(9);
    if (out->what == CY_WANT_VALUE)
        out->value = id_at(body.at + 9);
    else if (out->what == CY_WANT_VOTES) {
        out->round = cy_get_u32be(body.at + 9);
        if (!read_have(body.at + 13, &out->have))
            return bad(13);
    } else if (out->what == CY_WANT_BLOCKS)
        out->size = cy_get_u64be(body.at + 9);
    return CY_OK;
}

struct cy_span cy_peer_want_write(const struct cy_peer_wanted *wanted,
                                  uint8_t out[static CY_PEER_WANT_MAX])
{
    out[0] = (uint8_t)wanted->what;
    cy_put_u64be(out + 1, wanted->height);
    if (wanted->what == CY_WANT_VALUE)
        memcpy(out + 9, wanted->value.b, 32);
    else if (wanted->what == CY_WANT_VOTES) {
        cy_put_u32be(out + 9, wanted->round);
        write_have(&wanted->have, out + 13);
    } else if (wanted->what == CY_WANT_BLOCKS)
        cy_put_u64be(out + 9, wanted->size);
    return cy_span_of(out, 9 + argument(wanted->what));
}

cy_err cy_peer_status_read(struct cy_span body, struct cy_peer_status *out)
{
    if (body.n != CY_PEER_STATUS_BYTES)
        return bad(body.n);
    *out = (struct cy_peer_status){.height = cy_get_u64be(body.at),
                                   .size = cy_get_u64be(body.at + 8),
                                   .round = cy_get_u32be(body.at + 16),
                                   .final_size = cy_get_u64be(body.at + 20),
                                   .cosigned = cy_get_u64be(body.at + 33)};
    return read_have(body.at + 28, &out->have) ? CY_OK : bad(28);
}

struct cy_span cy_peer_status_write(const struct cy_peer_status *status,
                                    uint8_t out[static CY_PEER_STATUS_BYTES])
{
    cy_put_u64be(out, status->height);
    cy_put_u64be(out + 8, status->size);
    cy_put_u32be(out + 16, status->round);
    cy_put_u64be(out + 20, status->final_size);
    write_have(&status->have, out + 28);
    cy_put_u64be(out + 33, status->cosigned);
    return cy_span_of(out, CY_PEER_STATUS_BYTES);
}

/* --- acts by their ids --- */

cy_err cy_peer_ids_read(struct cy_span body, struct cy_peer_ids *out)
{
    *out = (struct cy_peer_ids){(uint32_t)(body.n / 32), body.at};
    return body.n > 0 && body.n % 32 == 0 && body.n / 32 <= CY_PEER_IDS_MAX ? CY_OK : bad(body.n);
}

struct cy_id cy_peer_ids_at(const struct cy_peer_ids *ids, uint32_t i)
{
    CY_ASSERT(i < ids->n);
    return id_at(ids->at + (size_t)i * 32);
}

cy_err cy_peer_outline_read(struct cy_span body, struct cy_peer_outline *out)
{
    struct cy_span rest;

    if (body.n < 8)
        return bad(body.n);
    out->height = cy_get_u64be(body.at);
    rest = cy_span_of(body.at + 8, body.n - 8);
    if (!cy_ok(cy_bundle_next(&rest, &out->first)) || out->first.n == 0)
        return bad(8);
    out->rest = (struct cy_peer_ids){0};
    return rest.n == 0 ? CY_OK : cy_peer_ids_read(rest, &out->rest);
}

void cy_peer_outline_begin(uint64_t height, struct cy_span first, uint8_t *out, size_t *n)
{
    cy_err err = CY_OK;

    cy_put_u64be(out, height);
    *n = 8;
    err = cy_bundle_put(first, out, CY_PEER_OUTLINE_MAX, n);
    CY_ASSERT(cy_ok(err)); /* an act has at most 65,535 bytes */
}

void cy_peer_outline_id(const struct cy_id *id, uint8_t *out, size_t *n)
{
    CY_ASSERT(*n + 32 <= CY_PEER_OUTLINE_MAX);
    memcpy(out + *n, id->b, 32);
    *n += 32;
}

/* --- cosignatures and evidence --- */

cy_err cy_peer_cosignature_read(struct cy_span body, struct cy_peer_cosignature *out)
{
    if (body.n != CY_PEER_COSIGNATURE_BYTES)
        return bad(body.n);
    out->size = cy_get_u64be(body.at);
    out->root = id_at(body.at + 8);
    out->key = id_at(body.at + 40);
    memcpy(out->blob, body.at + 72, sizeof out->blob);
    return CY_OK;
}

struct cy_span cy_peer_cosignature_write(const struct cy_peer_cosignature *cosignature,
                                         uint8_t out[static CY_PEER_COSIGNATURE_BYTES])
{
    cy_put_u64be(out, cosignature->size);
    memcpy(out + 8, cosignature->root.b, 32);
    memcpy(out + 40, cosignature->key.b, 32);
    memcpy(out + 72, cosignature->blob, sizeof cosignature->blob);
    return cy_span_of(out, CY_PEER_COSIGNATURE_BYTES);
}

cy_err cy_peer_evidence_read(struct cy_span body, struct cy_peer_evidence *out)
{
    struct cy_span rest = body;

    for (unsigned i = 0; i < 2; i++) {
        if (!cy_ok(cy_bundle_next(&rest, &out->notes[i])) || out->notes[i].n == 0 ||
            out->notes[i].n > CY_PEER_VOTE_MAX)
            return bad(body.n - rest.n);
    }
    return rest.n == 0 ? CY_OK : bad(body.n - rest.n);
}

struct cy_span cy_peer_evidence_write(const struct cy_peer_evidence *evidence,
                                      uint8_t out[static CY_PEER_EVIDENCE_MAX])
{
    size_t n = 0;

    for (unsigned i = 0; i < 2; i++) {
        const cy_err err = cy_bundle_put(evidence->notes[i], out, CY_PEER_EVIDENCE_MAX, &n);

        CY_ASSERT(cy_ok(err)); /* each is at most CY_PEER_VOTE_MAX bytes */
    }
    return cy_span_of(out, n);
}

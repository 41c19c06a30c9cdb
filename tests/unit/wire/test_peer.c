/* peer and block: what members send each other comes back as it was, and nothing else is read. */
#include "cm.h"

#include "wire/peer.h"

#include <string.h>

static uint8_t room_[CY_PEER_PACKET_MAX + 16];
static uint8_t other_[CY_PEER_PACKET_MAX + 16];

static struct cy_packet head(void)
{
    struct cy_packet out = {.session = 9, .number = UINT64_MAX};

    memset(out.federation.b, 0xfe, 32);
    memset(out.from.b, 0xaa, 32);
    return out;
}

static struct cy_span packet_of(size_t cap, unsigned frames, struct cy_span body)
{
    static const uint8_t signature[64] = {7};
    const struct cy_packet h = head();
    struct cy_packet_writer writer;

    cy_packet_begin(&writer, room_, cap, &h);
    for (unsigned i = 0; i < frames; i++)
        assert_ok(cy_packet_frame(&writer, CY_PEER_ACT, body));
    return cy_packet_end(&writer, signature);
}

static void a_packet_comes_back(void **s)
{
    const struct cy_span bytes = packet_of(sizeof room_, 3, cy_span_text("act"));
    const struct cy_packet want = head();
    struct cy_packet got;
    struct cy_frame frame;
    struct cy_span rest;
    unsigned n = 0;

    (void)s;
    assert_int_equal(bytes.n, 88 + 3 * 8 + 64);
    assert_memory_equal(bytes.at, "CYPEER1\n", 8);
    assert_ok(cy_packet_read(bytes, &got));
    assert_memory_equal(&got.federation, &want.federation, 32);
    assert_memory_equal(&got.from, &want.from, 32);
    assert_int_equal(got.session, 9);
    assert_true(got.number == UINT64_MAX);
    assert_int_equal(got.to_sign.n, bytes.n - 64);
    assert_int_equal(got.signature[0], 7);
    for (rest = got.frames; cy_frame_next(&rest, &frame); n++) {
        assert_int_equal(frame.kind, CY_PEER_ACT);
        assert_true(cy_span_eq(frame.body, cy_span_text("act")));
    }
    assert_int_equal(n, 3);
    assert_ok(cy_packet_read(packet_of(sizeof room_, 0, (struct cy_span){0}), &got));
}

static void a_packet_is_bounded(void **s)
{
    const struct cy_packet h = head();
    struct cy_packet_writer writer;
    struct cy_packet got;
    const size_t most = CY_PEER_PACKET_MAX - CY_PEER_HEAD - CY_PEER_TAIL - CY_PEER_FRAME_HEAD;

    (void)s;
    cy_packet_begin(&writer, room_, sizeof room_, &h);
    assert_code(cy_packet_frame(&writer, CY_PEER_BLOCK, cy_span_of(other_, most + 1)), NO_ROOM);
    assert_code(cy_packet_frame(&writer, CY_PEER_BLOCK, cy_span_of(other_, SIZE_MAX)), NO_ROOM);
    assert_int_equal(writer.n, CY_PEER_HEAD);
    assert_ok(cy_packet_frame(&writer, CY_PEER_BLOCK, cy_span_of(other_, most)));
    assert_code(cy_packet_frame(&writer, CY_PEER_ACT, (struct cy_span){0}), NO_ROOM);
    assert_ok(cy_packet_read(cy_packet_end(&writer, other_), &got));
    assert_code(cy_packet_read(cy_span_of(room_, CY_PEER_PACKET_MAX + 1), &got), TOO_LARGE);
    cy_packet_begin(&writer, room_, sizeof room_, &h);
    for (unsigned i = 0; i < CY_PEER_FRAMES_MAX; i++)
        assert_ok(cy_packet_frame(&writer, CY_PEER_ACT, cy_span_text("a")));
    assert_code(cy_packet_frame(&writer, CY_PEER_ACT, cy_span_text("a")), NO_ROOM);
    /* one more by hand is refused, too */
    assert_ok(cy_packet_read(cy_packet_end(&writer, other_), &got));
    memcpy(room_ + writer.n, "\x03\0\0\0\1a", 6);
    assert_code(cy_packet_read(cy_span_of(room_, writer.n + 6 + 64), &got), BAD_PACKET);
}

/* Every cut, and every changed byte of what has a form, is refused or read as what it says. */
static void a_malformed_packet_is_refused(void **s)
{
    const struct cy_span bytes = packet_of(sizeof room_, 2, cy_span_text("act"));
    struct cy_packet got;

    (void)s;
    for (size_t n = 0; n < bytes.n; n++) {
        /* between two frames it is a packet still: its signature is another matter */
        if (n < 152 || (n - 152) % 8 != 0)
            assert_code(cy_packet_read(cy_span_of(bytes.at, n), &got), BAD_PACKET);
    }
    for (size_t i = 0; i < 8; i++) {
        room_[i] ^= 1;
        assert_code(cy_packet_read(bytes, &got), BAD_PACKET);
        room_[i] ^= 1;
    }
    room_[88] = 0;
    assert_code(cy_packet_read(bytes, &got), BAD_PACKET);
    room_[88] = 13;
    assert_code(cy_packet_read(bytes, &got), BAD_PACKET);
    room_[88] = 3;
    room_[89] = 0xff; /* a length beyond the packet */
    assert_code(cy_packet_read(bytes, &got), BAD_PACKET);
    room_[89] = 0;
    room_[92] = 4; /* the next frame's head is cut */
    assert_code(cy_packet_read(bytes, &got), BAD_PACKET);
    room_[92] = 3;
    assert_ok(cy_packet_read(bytes, &got));
}

/* --- votes --- */

static struct cy_span vote_note(void)
{
    static char memory[CY_PEER_VOTE_MAX];
    static const uint8_t signature[64] = {1, 2, 3};
    struct cy_text text = cy_text_on(memory, sizeof memory);
    const struct cy_vote vote = {.origin = cy_span_text("ocean.example/federation"),
                                 .height = 7,
                                 .round = 3,
                                 .step = CY_VOTE_PROPOSE,
                                 .after = 1,
                                 .value = {{5}},
                                 .time = 1767225600000};

    cy_peer_vote_write(&text, &vote, cy_span_text("harbour.example/ledger"), 0x01020304, signature);
    assert_false(text.full);
    return cy_text_bytes(&text);
}

static void a_vote_comes_back(void **s)
{
    const struct cy_span note = vote_note();
    struct cy_peer_vote got;

    (void)s;
    assert_ok(cy_peer_vote_read(note, &got));
    assert_int_equal(got.vote.height, 7);
    assert_int_equal(got.vote.after, 1);
    assert_true(cy_span_eq(got.name, cy_span_text("harbour.example/ledger")));
    assert_int_equal(got.key_id, 0x01020304);
    assert_int_equal(got.signature[2], 3);
    assert_true(cy_line_after(got.text, "comity-vote/v1", &got.name));
    for (size_t n = 0; n < note.n; n++)
        assert_false(cy_ok(cy_peer_vote_read(cy_span_of(note.at, n), &got)));
}

static void other_notes_are_no_votes(void **s)
{
    const struct cy_span note = vote_note();
    struct cy_peer_vote got;
    struct cy_text text = cy_text_on((char *)room_, sizeof room_);

    (void)s;
    cy_text_span(&text, note); /* a second signature */
    cy_note_line(&text, cy_span_text("else"), 1, cy_span_of(other_, 64));
    assert_code(cy_peer_vote_read(cy_text_bytes(&text), &got), BAD_PACKET);
    text = cy_text_on((char *)room_, sizeof room_); /* a signature of another length */
    assert_ok(cy_peer_vote_read(note, &got));
    cy_note_begin(&text, got.text);
    cy_note_line(&text, cy_span_text("else"), 1, cy_span_of(other_, 63));
    assert_code(cy_peer_vote_read(cy_text_bytes(&text), &got), BAD_PACKET);
    text = cy_text_on((char *)room_, sizeof room_);
    cy_note_begin(&text, cy_span_text("something else\n"));
    cy_note_line(&text, cy_span_text("else"), 1, cy_span_of(other_, 64));
    assert_code(cy_peer_vote_read(cy_text_bytes(&text), &got), BAD_VOTE);
}

/* --- the other bodies --- */

static void a_certificate_comes_back(void **s)
{
    uint8_t bytes[CY_PEER_CERTIFICATE_MAX + 1];
    static const uint8_t signatures[3][64] = {{1}, {2}, {3}};
    struct cy_peer_certificate c = {.height = 5, .round = 2, .size = 77, .root = {{8}}, .n = 3};
    struct cy_peer_certificate got;
    struct cy_span body;

    (void)s;
    for (uint32_t i = 0; i < 3; i++)
        c.ballots[i] = (struct cy_peer_ballot){(uint8_t)(5 * i), 100 + i, signatures[i]};
    body = cy_peer_certificate_write(&c, bytes);
    assert_int_equal(body.n, 53 + 3 * 73);
    assert_ok(cy_peer_certificate_read(body, &got));
    assert_int_equal(got.height, 5);
    assert_int_equal(got.round, 2);
    assert_int_equal(got.size, 77);
    assert_int_equal(got.root.b[0], 8);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.ballots[2].seat, 10);
    assert_int_equal(got.ballots[2].time, 102);
    assert_int_equal(got.ballots[2].signature[0], 3);
    for (size_t n = 0; n < body.n; n++)
        assert_code(cy_peer_certificate_read(cy_span_of(bytes, n), &got), BAD_PACKET);
    assert_code(cy_peer_certificate_read(cy_span_of(bytes, body.n + 1), &got), BAD_PACKET);
    bytes[53 + 73] = 0; /* a seat twice */
    assert_code(cy_peer_certificate_read(body, &got), BAD_PACKET);
    bytes[53 + 73] = 11; /* not ascending */
    assert_code(cy_peer_certificate_read(body, &got), BAD_PACKET);
    bytes[53 + 73] = 5;
    bytes[53 + 146] = 16; /* no such seat */
    assert_code(cy_peer_certificate_read(body, &got), BAD_PACKET);
    bytes[53 + 146] = 10;
    memset(bytes + 8, 0xff, 4); /* no round */
    assert_code(cy_peer_certificate_read(body, &got), BAD_PACKET);
    bytes[8] = 0;
    bytes[52] = 0; /* nobody */
    assert_code(cy_peer_certificate_read(cy_span_of(bytes, 53), &got), BAD_PACKET);
}

static void what_is_wanted_comes_back(void **s)
{
    uint8_t bytes[CY_PEER_WANT_MAX + 1];

    (void)s;
    for (unsigned what = CY_WANT_VALUE; what <= CY_WANT_CERTIFICATE; what++) {
        const struct cy_peer_wanted wanted = {
            .what = (enum cy_peer_want)what,
            .height = 300,
            .value = {{1, 2}      },
            .round = 4,
            .have = { true, {5, 0x8001}},
            .size = 5
        };
        const struct cy_span body = cy_peer_want_write(&wanted, bytes);
        struct cy_peer_wanted got;

        assert_ok(cy_peer_want_read(body, &got));
        assert_int_equal(got.what, what);
        assert_int_equal(got.height, 300);
        assert_int_equal(got.value.b[1], what == CY_WANT_VALUE ? 2 : 0);
        assert_int_equal(got.round, what == CY_WANT_VOTES ? 4 : 0);
        assert_int_equal(got.size, what == CY_WANT_BLOCKS ? 5 : 0);
        assert_int_equal(got.have.proposal, what == CY_WANT_VOTES);
        assert_int_equal(got.have.votes[0], what == CY_WANT_VOTES ? 5 : 0);
        assert_int_equal(got.have.votes[1], what == CY_WANT_VOTES ? 0x8001 : 0);
        for (size_t n = 0; n < body.n; n++)
            assert_code(cy_peer_want_read(cy_span_of(bytes, n), &got), BAD_PACKET);
        assert_code(cy_peer_want_read(cy_span_of(bytes, body.n + 1), &got), BAD_PACKET);
        bytes[0] = 5;
        assert_code(cy_peer_want_read(body, &got), BAD_PACKET);
    }
}

static void the_rest_comes_back(void **s)
{
    uint8_t bytes[CY_PEER_EVIDENCE_MAX + 1];
    const struct cy_peer_status status = {
        1, 2, 3, 4, {true, {0xff00, 7}},
            UINT64_MAX - 1
    };
    struct cy_peer_cosignature cosignature = {.size = 9, .root = {{1}}, .key = {{2}}, .blob = {3}};
    const struct cy_peer_evidence evidence = {
        {cy_span_text("one"), cy_span_text("two!")}
    };
    struct cy_peer_status status_got;
    struct cy_peer_cosignature cosignature_got;
    struct cy_peer_evidence evidence_got;
    struct cy_span body = cy_peer_status_write(&status, bytes);

    (void)s;
    assert_ok(cy_peer_status_read(body, &status_got));
    assert_int_equal(status_got.height, 1);
    assert_int_equal(status_got.size, 2);
    assert_int_equal(status_got.round, 3);
    assert_int_equal(status_got.final_size, 4);
    assert_true(status_got.have.proposal);
    assert_int_equal(status_got.have.votes[0], 0xff00);
    assert_int_equal(status_got.have.votes[1], 7);
    assert_true(status_got.cosigned == UINT64_MAX - 1);
    bytes[28] = 2; /* neither yes nor no */
    assert_code(cy_peer_status_read(body, &status_got), BAD_PACKET);
    bytes[28] = 1;
    assert_code(cy_peer_status_read(cy_span_of(bytes, body.n - 1), &status_got), BAD_PACKET);
    assert_code(cy_peer_status_read(cy_span_of(bytes, body.n + 1), &status_got), BAD_PACKET);
    body = cy_peer_cosignature_write(&cosignature, bytes);
    assert_ok(cy_peer_cosignature_read(body, &cosignature_got));
    assert_memory_equal(&cosignature, &cosignature_got, sizeof cosignature);
    assert_code(cy_peer_cosignature_read(cy_span_of(bytes, body.n - 1), &cosignature_got),
                BAD_PACKET);
    body = cy_peer_evidence_write(&evidence, bytes);
    assert_ok(cy_peer_evidence_read(body, &evidence_got));
    assert_true(cy_span_eq(evidence_got.notes[0], evidence.notes[0]));
    assert_true(cy_span_eq(evidence_got.notes[1], evidence.notes[1]));
    for (size_t n = 0; n < body.n; n++)
        assert_code(cy_peer_evidence_read(cy_span_of(bytes, n), &evidence_got), BAD_PACKET);
    assert_code(cy_peer_evidence_read(cy_span_of(bytes, body.n + 1), &evidence_got), BAD_PACKET);
    bytes[1] = 0;
    assert_code(cy_peer_evidence_read(cy_span_of(bytes, 2 + 2 + 4), &evidence_got), BAD_PACKET);
}

/* --- acts by their ids --- */

static void ids_come_back(void **s)
{
    struct cy_peer_ids ids;

    (void)s;
    memset(other_, 0, (CY_PEER_IDS_MAX + 1) * 32);
    other_[32] = 9;
    assert_ok(cy_peer_ids_read(cy_span_of(other_, 64), &ids));
    assert_int_equal(ids.n, 2);
    assert_int_equal(cy_peer_ids_at(&ids, 1).b[0], 9);
    assert_ok(cy_peer_ids_read(cy_span_of(other_, CY_PEER_IDS_MAX * 32), &ids));
    assert_code(cy_peer_ids_read(cy_span_of(other_, (CY_PEER_IDS_MAX + 1) * 32), &ids), BAD_PACKET);
    assert_code(cy_peer_ids_read(cy_span_of(other_, 0), &ids), BAD_PACKET);
    assert_code(cy_peer_ids_read(cy_span_of(other_, 33), &ids), BAD_PACKET);
}

static void an_outline_comes_back(void **s)
{
    struct cy_peer_outline got;
    size_t n = 0;

    (void)s;
    cy_peer_outline_begin(12, cy_span_text("height"), room_, &n);
    assert_int_equal(n, 8 + 2 + 6);
    assert_ok(cy_peer_outline_read(cy_span_of(room_, n), &got));
    assert_int_equal(got.height, 12);
    assert_true(cy_span_eq(got.first, cy_span_text("height")));
    assert_int_equal(got.rest.n, 0);
    for (size_t cut = 0; cut < n; cut++)
        assert_code(cy_peer_outline_read(cy_span_of(room_, cut), &got), BAD_PACKET);
    cy_peer_outline_id(&(struct cy_id){{1}}, room_, &n);
    cy_peer_outline_id(&(struct cy_id){{2}}, room_, &n);
    assert_ok(cy_peer_outline_read(cy_span_of(room_, n), &got));
    assert_int_equal(got.rest.n, 2);
    assert_int_equal(cy_peer_ids_at(&got.rest, 1).b[0], 2);
    assert_code(cy_peer_outline_read(cy_span_of(room_, n - 1), &got), BAD_PACKET);
    room_[9] = 0; /* an empty first act */
    assert_code(cy_peer_outline_read(cy_span_of(room_, 10), &got), BAD_PACKET);
}

/* --- blocks --- */

static void a_block_comes_back(void **s)
{
    struct cy_block_writer writer;
    struct cy_block got;
    struct cy_span rest;
    struct cy_span act;
    struct cy_span bytes;

    (void)s;
    cy_block_begin(&writer, room_, sizeof room_, 12);
    assert_code(cy_block_read(cy_block_written(&writer), &got), BAD_BLOCK); /* no act */
    assert_ok(cy_block_add(&writer, cy_span_text("height")));
    assert_ok(cy_block_add(&writer, cy_span_text("pay")));
    assert_code(cy_block_add(&writer, (struct cy_span){0}), BAD_BLOCK);
    bytes = cy_block_written(&writer);
    assert_int_equal(bytes.n, 12 + 8 + 5);
    assert_ok(cy_block_read(bytes, &got));
    assert_int_equal(got.height, 12);
    assert_int_equal(got.n, 2);
    rest = got.entries;
    assert_ok(cy_bundle_next(&rest, &act));
    assert_true(cy_span_eq(act, cy_span_text("height")));
    assert_ok(cy_bundle_next(&rest, &act));
    assert_true(cy_span_eq(act, cy_span_text("pay")));
    assert_int_equal(rest.n, 0);
    for (size_t n = 0; n < bytes.n; n++)
        assert_code(cy_block_read(cy_span_of(room_, n), &got), BAD_BLOCK);
    assert_code(cy_block_read(cy_span_of(room_, bytes.n + 1), &got), BAD_BLOCK);
    room_[11] = 3;
    assert_code(cy_block_read(bytes, &got), BAD_BLOCK);
    room_[11] = 1;
    assert_code(cy_block_read(bytes, &got), BAD_BLOCK);
    room_[11] = 2;
    room_[12 + 1] = 0; /* an empty act */
    assert_code(cy_block_read(bytes, &got), BAD_BLOCK);
}

static void a_block_is_bounded(void **s)
{
    struct cy_block_writer writer;
    struct cy_block got;

    (void)s;
    cy_block_begin(&writer, room_, sizeof room_, 1);
    for (unsigned i = 0; i < CY_BLOCK_ACTS_MAX; i++)
        assert_ok(cy_block_add(&writer, cy_span_text("a")));
    assert_code(cy_block_add(&writer, cy_span_text("a")), NO_ROOM);
    assert_ok(cy_block_read(cy_block_written(&writer), &got));
    memcpy(room_ + writer.n, "\0\1a", 3);
    cy_put_u32be(room_ + 8, CY_BLOCK_ACTS_MAX + 1);
    assert_code(cy_block_read(cy_span_of(room_, writer.n + 3), &got), BAD_BLOCK);
    cy_block_begin(&writer, room_, sizeof room_, 1);
    for (unsigned i = 0; i < 7; i++)
        assert_ok(cy_block_add(&writer, cy_span_of(other_, CY_ENTRY_MAX)));
    assert_code(cy_block_add(&writer, cy_span_of(other_, CY_ENTRY_MAX + 1)), TOO_LARGE);
    assert_code(cy_block_add(&writer, cy_span_of(other_, CY_ENTRY_MAX)), NO_ROOM);
    assert_ok(cy_block_add(&writer, cy_span_of(other_, CY_BLOCK_BYTES_MAX - writer.n - 2)));
    assert_int_equal(writer.n, CY_BLOCK_BYTES_MAX);
    assert_ok(cy_block_read(cy_block_written(&writer), &got));
    assert_code(cy_block_read(cy_span_of(room_, CY_BLOCK_BYTES_MAX + 1), &got), TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_comes_back),
        cmocka_unit_test(a_packet_is_bounded),
        cmocka_unit_test(a_malformed_packet_is_refused),
        cmocka_unit_test(a_vote_comes_back),
        cmocka_unit_test(other_notes_are_no_votes),
        cmocka_unit_test(a_certificate_comes_back),
        cmocka_unit_test(what_is_wanted_comes_back),
        cmocka_unit_test(the_rest_comes_back),
        cmocka_unit_test(ids_come_back),
        cmocka_unit_test(an_outline_comes_back),
        cmocka_unit_test(a_block_comes_back),
        cmocka_unit_test(a_block_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* seat_signer: the keys of a seat by their labels, and what they sign, over a real socket. */
#include "host/node/seat_signer.h"

#include "cm.h"
#include "crypto/ed25519.h"
#include "seat_rig.h"
#include "tree.h"
#include "wire/codec.h"
#include "wire/envelope.h"

#include <time.h>

#define ORIGIN "sea.example/federation"

static const struct cy_seat_labels labels = {"seat", "vote-sea", "cosign", "peer"};

static struct cy_seat_signer *signer_of(void *rig, struct cy_seat_keys *keys)
{
    struct cy_seat_signer *signer = NULL;

    keys->act = seat_rig_make(rig, "seat", CY_PURPOSE_ACT);
    keys->vote = seat_rig_make(rig, "vote-sea", CY_PURPOSE_VOTE);
    keys->cosign = seat_rig_make(rig, "cosign", CY_PURPOSE_COSIGNATURE);
    keys->peer = seat_rig_make(rig, "peer", CY_PURPOSE_PEER);
    assert_ok(cy_seat_signer_open(seat_rig_path(rig), &labels, ORIGIN, &signer));
    return signer;
}

/* A label counts only with the purpose that belongs to it, and of several keys the newest. */
static void by_label(void **s)
{
    void *rig = *s;
    struct cy_seat_signer *signer = NULL;
    struct cy_seat_keys keys;
    struct cy_id newer;

    seat_rig_make(rig, "seat", CY_PURPOSE_ACT);
    seat_rig_make(rig, "vote", CY_PURPOSE_VOTE);
    seat_rig_make(rig, "cosign", CY_PURPOSE_COSIGNATURE);
    seat_rig_make(rig, "peer", CY_PURPOSE_PEER);
    seat_rig_make(rig, "vote-sea", CY_PURPOSE_ACT);
    assert_code(cy_seat_signer_open(seat_rig_path(rig), &labels, ORIGIN, &signer), SIGNER_KEY);
    assert_null(signer);
    signer = signer_of(rig, &keys);
    assert_memory_equal(cy_seat_signer_keys(signer), &keys, sizeof keys);
    cy_seat_signer_close(signer);
    for (unsigned i = 0; i < 12; i++)
        newer = seat_rig_make(rig, "peer", CY_PURPOSE_PEER);
    assert_ok(cy_seat_signer_open(seat_rig_path(rig), &labels, ORIGIN, &signer));
    assert_true(cy_id_eq(&cy_seat_signer_keys(signer)->peer, &newer));
    cy_seat_signer_close(signer);
}

static void votes(void **s)
{
    void *rig = *s;
    struct cy_vote vote = {.origin = cy_span_text(ORIGIN),
                           .height = 7,
                           .step = CY_VOTE_PREVOTE,
                           .after = CY_NO_ROUND,
                           .time = 1767225600000};
    const struct cy_vote_lock lock = {.round = CY_NO_ROUND};
    struct cy_vote_last last;
    struct cy_seat_keys keys;
    struct cy_seat_signer *signer = signer_of(rig, &keys);
    struct cy_signature signature;
    struct cy_vote said;
    char text_bytes[CY_VOTE_TEXT_MAX];
    struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);

    assert_ok(cy_seat_vote_last(signer, &last));
    assert_false(last.any);
    memset(&vote.value, 1, sizeof vote.value);
    assert_ok(cy_seat_sign_vote(signer, &vote, &lock, &said, signature.b));
    assert_true(cy_id_eq(&said.value, &vote.value));
    cy_vote_write(&text, &said);
    assert_ok(cy_ed25519_verify_strict(&keys.vote, cy_text_bytes(&text), &signature));
    /* another one of the same step: the first is given again, with its signature */
    memset(&vote.value, 2, sizeof vote.value);
    assert_ok(cy_seat_sign_vote(signer, &vote, &lock, &said, signature.b));
    assert_int_equal(said.value.b[0], 1);
    assert_ok(cy_ed25519_verify_strict(&keys.vote, cy_text_bytes(&text), &signature));
    vote.height = 6;
    assert_code(cy_seat_sign_vote(signer, &vote, &lock, &said, signature.b), VOTE_BACK);
    assert_ok(cy_seat_vote_last(signer, &last));
    assert_true(last.any);
    assert_int_equal(last.height, 7);
    cy_seat_signer_close(signer);
}

static struct cy_span checkpoint(char *room, uint64_t size)
{
    struct cy_text text = cy_text_on(room, CY_CHECKPOINT_MAX);
    const struct cy_id root = tree_root(1, 0, size);

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), size, &root);
    return cy_text_bytes(&text);
}

static void check_cosignature(const struct cy_id *key, struct cy_span text,
                              const uint8_t blob[CY_COSIGNATURE_BYTES], uint64_t time_s)
{
    char line_bytes[CY_CHECKPOINT_MAX + 64];
    struct cy_text line = cy_text_on(line_bytes, sizeof line_bytes);
    struct cy_signature signature;

    assert_int_equal(cy_get_u64be(blob), time_s);
    cy_text_add(&line, "cosignature/v1\ntime ");
    cy_text_u64(&line, time_s);
    cy_text_add(&line, "\n");
    cy_text_span(&line, text);
    memcpy(signature.b, blob + 8, sizeof signature.b);
    assert_ok(cy_ed25519_verify_strict(key, cy_text_bytes(&line), &signature));
}

static void cosigns(void **s)
{
    void *rig = *s;
    struct cy_seat_keys keys;
    struct cy_seat_signer *signer = signer_of(rig, &keys);
    const cy_time now = (cy_time)time(NULL) * 1000;
    uint8_t blob[CY_COSIGNATURE_BYTES];
    char room[CY_CHECKPOINT_MAX];
    struct cy_id proof[65];
    uint32_t n = 0;

    assert_ok(cy_seat_cosign(signer, now, checkpoint(room, 4), NULL, 0, blob));
    check_cosignature(&keys.cosign, checkpoint(room, 4), blob, now / 1000);
    n = (uint32_t)tree_consistency(1, 4, 9, proof);
    /* without a proof, and without a ledger to take one from */
    assert_code(cy_seat_cosign(signer, now, checkpoint(room, 9), NULL, 0, blob), HEAD_ROLLBACK);
    assert_ok(cy_seat_cosign(signer, now, checkpoint(room, 9), proof, n, blob));
    assert_code(cy_seat_cosign(signer, now, checkpoint(room, 4), NULL, 0, blob), HEAD_ROLLBACK);
    cy_seat_signer_close(signer);
}

static void packets(void **s)
{
    void *rig = *s;
    struct cy_seat_keys keys;
    struct cy_seat_signer *signer = signer_of(rig, &keys);
    const struct cy_packet head = {.from = keys.peer, .session = 1, .number = 1};
    uint8_t bytes[1000];
    struct cy_packet_writer writer;
    struct cy_signature signature;

    cy_packet_begin(&writer, bytes, sizeof bytes, &head);
    assert_ok(cy_seat_sign_packet(signer, cy_packet_to_sign(&writer), signature.b));
    assert_ok(cy_ed25519_verify_strict(&keys.peer, cy_packet_to_sign(&writer), &signature));
    assert_code(cy_seat_sign_packet(signer, cy_span_text("comity-vote/v1"), signature.b),
                SIGNER_REQUEST);
    cy_seat_signer_close(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_label, seat_rig_start, seat_rig_finish),
        cmocka_unit_test_setup_teardown(votes, seat_rig_start, seat_rig_finish),
        cmocka_unit_test_setup_teardown(cosigns, seat_rig_start, seat_rig_finish),
        cmocka_unit_test_setup_teardown(packets, seat_rig_start, seat_rig_finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

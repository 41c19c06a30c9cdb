/* signer_client: calls over the socket, trouble of the connection. */
#include "host/signer/signer_client.h"

#include "signer_rig.h"
#include "tree.h"
#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/note.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static cy_err count(void *user, const struct cy_signer_key *key)
{
    assert_true(cy_span_eq(key->label, cy_span_text("a label of some length, to fill pages")));
    (*(unsigned *)user)++;
    return CY_OK;
}

static cy_err refuse(void *user, const struct cy_signer_key *key)
{
    (void)user;
    (void)key;
    return cy_fail(CY_E_RANGE, 7);
}

static void keys(void **s)
{
    struct signer_rig *rig = *s;
    struct cy_id key;
    struct cy_id next;
    unsigned n = 0;

    assert_ok(cy_signer_keys(rig->client, count, &n));
    assert_int_equal(n, 0);
    for (unsigned i = 0; i < 850; i++)
        assert_ok(cy_signer_make(rig->client, cy_span_text("a label of some length, to fill pages"),
                                 CY_PURPOSE_ACT, &key, &next));
    assert_false(cy_id_eq(&key, &next));
    assert_ok(cy_signer_keys(rig->client, count, &n)); /* more than one page */
    assert_int_equal(n, 1700);
    assert_code(cy_signer_keys(rig->client, refuse, NULL), RANGE);
    assert_code(cy_signer_make(rig->client, cy_span_text(" x"), CY_PURPOSE_ACT, &key, NULL),
                SIGNER_REQUEST);
}

static struct cy_span checkpoint(char *room, uint64_t seed, uint64_t size)
{
    struct cy_text text = cy_text_on(room, CY_CHECKPOINT_MAX);
    const struct cy_id root = tree_root(seed, 0, size);

    cy_checkpoint_write(&text, cy_span_text("example.com/log"), size, &root);
    return cy_text_bytes(&text);
}

static void heads(void **s)
{
    struct signer_rig *rig = *s;
    char room[CY_CHECKPOINT_MAX];
    struct cy_signer_head head = {.size = 99};
    struct cy_signature signature;
    struct cy_id proof[65];
    struct cy_id log;
    struct cy_id witness;
    const uint64_t now = (uint64_t)time(NULL);
    const struct cy_id root = tree_root(1, 0, 4);
    size_t n = 0;

    assert_ok(cy_signer_make(rig->client, cy_span_text("l"), CY_PURPOSE_CHECKPOINT, &log, NULL));
    assert_ok(
        cy_signer_make(rig->client, cy_span_text("w"), CY_PURPOSE_COSIGNATURE, &witness, NULL));
    assert_ok(cy_signer_head(rig->client, &log, cy_span_text("example.com/log"), &head));
    assert_int_equal(head.size, 0);
    assert_ok(cy_signer_sign_checkpoint(rig->client, &log, checkpoint(room, 1, 4), NULL, 0,
                                        &signature, NULL));
    assert_ok(cy_ed25519_verify_strict(&log, checkpoint(room, 1, 4), &signature));
    assert_code(cy_signer_sign_checkpoint(rig->client, &log, checkpoint(room, 2, 4), NULL, 0,
                                          &signature, &head),
                HEAD_CONFLICT);
    assert_int_equal(head.size, 4);
    assert_true(cy_id_eq(&head.root, &root));
    n = tree_consistency(1, 4, 100, proof);
    assert_code(cy_signer_sign_checkpoint(rig->client, &log, checkpoint(room, 1, 100), NULL, 0,
                                          &signature, &head),
                HEAD_UNPROVEN);
    assert_ok(cy_signer_sign_checkpoint(rig->client, &log, checkpoint(room, 1, 100), proof, n,
                                        &signature, &head));
    assert_ok(cy_signer_cosign(rig->client, &witness, checkpoint(room, 1, 4), now, NULL, 0,
                               &signature, NULL));
    assert_code(cy_signer_cosign(rig->client, &witness, checkpoint(room, 1, 4), now + 3600, NULL, 0,
                                 &signature, NULL),
                COSIGN_TIME);
    assert_ok(cy_signer_head(rig->client, &witness, cy_span_text("example.com/log"), &head));
    assert_int_equal(head.time_s, now);
}

static void votes(void **s)
{
    struct signer_rig *rig = *s;
    struct cy_vote vote = {.origin = cy_span_text("example.com/federation"),
                           .height = 12,
                           .round = 2,
                           .step = CY_VOTE_PREVOTE,
                           .after = CY_NO_ROUND,
                           .time = 5};
    const struct cy_vote_lock lock = {.round = 1, .value = {{9}}};
    struct cy_vote_last last;
    struct cy_signer_said said;
    struct cy_signature signature;
    struct cy_id key;

    assert_ok(cy_signer_make(rig->client, cy_span_text("v"), CY_PURPOSE_VOTE, &key, NULL));
    assert_ok(cy_signer_vote_last(rig->client, &key, vote.origin, &last));
    assert_false(last.any);
    assert_int_equal(last.lock.round, CY_NO_ROUND);
    vote.value.b[0] = 1;
    assert_ok(cy_signer_vote(rig->client, &key, &vote, &lock, &said, &signature));
    assert_ok(cy_ed25519_verify_strict(&key, cy_span_of(said.text, said.n), &signature));
    assert_false(cy_vote_conflict(&said.vote, &vote));
    vote.value.b[0] = 2; /* the earlier one is given again */
    vote.time = 6;
    assert_ok(cy_signer_vote(rig->client, &key, &vote, NULL, &said, &signature));
    assert_ok(cy_ed25519_verify_strict(&key, cy_span_of(said.text, said.n), &signature));
    assert_true(cy_vote_conflict(&said.vote, &vote));
    assert_int_equal(said.vote.value.b[0], 1);
    assert_int_equal(said.vote.time, 5);
    assert_ok(cy_signer_vote_last(rig->client, &key, vote.origin, &last));
    assert_true(last.any);
    assert_int_equal(last.height, 12);
    assert_int_equal(last.round, 2);
    assert_int_equal(last.step, CY_VOTE_PREVOTE);
    assert_int_equal(last.lock.round, 1);
    assert_true(cy_id_eq(&last.lock.value, &lock.value));
    vote.round = 0;
    assert_code(cy_signer_vote(rig->client, &key, &vote, NULL, &said, &signature), VOTE_BACK);
}

static void packets(void **s)
{
    struct signer_rig *rig = *s;
    static uint8_t packet[CY_SIGNER_PACKET_MAX];
    struct cy_signature signature;
    struct cy_id key;

    assert_ok(cy_signer_make(rig->client, cy_span_text("p"), CY_PURPOSE_PEER, &key, NULL));
    memcpy(packet, "CYPEER1\n", 8);
    memcpy(packet + 40, key.b, sizeof key.b);
    for (size_t n = 88; n <= sizeof packet; n = n == sizeof packet ? n + 1 : sizeof packet) {
        assert_ok(cy_signer_packet(rig->client, &key, cy_span_of(packet, n), &signature));
        assert_ok(cy_ed25519_verify_strict(&key, cy_span_of(packet, n), &signature));
    }
    packet[40] ^= 1;
    assert_code(cy_signer_packet(rig->client, &key, cy_span_of(packet, 88), &signature),
                SIGNER_REQUEST);
}

static void acts(void **s)
{
    struct signer_rig *rig = *s;
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    const struct cy_claims claims = {.realm = {{7}}, .expires = 9, .nonce = {1}};
    uint8_t room[2][512];
    char words[64];
    struct cy_cbor_writer payload = cy_cbor_write(room[0], sizeof room[0]);
    struct cy_cbor_writer protected = cy_cbor_write(room[1], sizeof room[1]);
    struct cy_text text = cy_text_on(words, sizeof words);
    struct cy_signature signature;
    struct cy_id key;

    assert_ok(cy_signer_make(rig->client, cy_span_text("k"), CY_PURPOSE_ACT, &key, NULL));
    assert_ok(cy_encode_act(&cy_schema_passport_retire, &message, &payload));
    assert_ok(cy_envelope_protected(&claims, &key, &protected));
    assert_ok(cy_signer_sign_act(rig->client, &key, cy_cbor_written(&protected),
                                 cy_cbor_written(&payload), false, &signature));
    assert_code(cy_signer_sign_act(rig->client, &key, cy_cbor_written(&protected),
                                   cy_cbor_written(&payload), true, &signature),
                BAD_ENVELOPE);
    assert_code(cy_signer_sign_act(rig->client, &key, cy_cbor_written(&protected),
                                   cy_span_text("x"), false, &signature),
                SHORT);
    assert_ok(cy_signer_describe(rig->client, cy_cbor_written(&payload), &text));
    assert_string_equal(words, "retires its passport: done");
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    return fd;
}

/* Nobody there, nobody answering, somebody answering nonsense, somebody hanging up. */
/* The key of a blob travels over the socket and opens its body; the wrong key's refusal arrives. */
static void boxes(void **s)
{
    struct signer_rig *rig = *s;
    uint8_t blob[512];
    uint8_t text[64];
    struct cy_id box;
    struct cy_id act;
    struct cy_seal seal;
    size_t n = 0;
    size_t head = cy_seal_head_size(1);

    assert_ok(cy_signer_make(rig->client, cy_span_text("NOR/box"), CY_PURPOSE_BOX, &box, NULL));
    assert_ok(cy_signer_make(rig->client, cy_span_text("NOR"), CY_PURPOSE_ACT, &act, NULL));
    assert_ok(cy_seal_all(&box, 1, cy_span_text("minutes"), blob, sizeof blob, &n));
    assert_ok(cy_signer_unseal(rig->client, &box, cy_span_of(blob, n), &seal));
    assert_ok(cy_seal_get(&seal, 0, cy_span_of(blob + head, n - head), text, &n));
    assert_true(cy_span_eq(cy_span_of(text, n), cy_span_text("minutes")));
    assert_code(cy_signer_unseal(rig->client, &act, cy_span_of(blob, head), &seal), SIGNER_PURPOSE);
    assert_code(cy_signer_unseal(rig->client, &box, cy_span_of(blob, head - 1), &seal), BAD_SEALED);
    blob[head - 1] ^= 1;
    assert_code(cy_signer_unseal(rig->client, &box, cy_span_of(blob, head), &seal), BAD_SEALED);
}

static void trouble(void **s)
{
    struct signer_rig *rig = *s;
    struct cy_signer_client *client = NULL;
    char path[80];
    char longer[200];
    unsigned n = 0;
    int fd = -1;
    int peer = -1;

    snprintf(path, sizeof path, "%s/other", rig->dir);
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_code(cy_signer_open(path, 100, &client), PEER_CONNECT);
    assert_code(cy_signer_open(longer, 100, &client), RANGE);
    assert_null(client);
    fd = listen_at(path);
    assert_ok(cy_signer_open(path, 100, &client));
    assert_code(cy_signer_keys(client, count, &n), PEER_TIMEOUT);
    peer = accept(fd, NULL, NULL); /* the call that timed out */
    close(peer);
    cy_signer_close(client);

    assert_ok(cy_signer_open(path, 2000, &client));
    peer = accept(fd, NULL, NULL);
    assert_int_equal(write(peer, "\x00\x00\x00\x01\xff", 5), 5);
    assert_code(cy_signer_keys(client, count, &n), PEER_ANSWER);
    close(peer);
    cy_signer_close(client);

    assert_ok(cy_signer_open(path, 2000, &client));
    peer = accept(fd, NULL, NULL);
    assert_int_equal(write(peer, "\xff\xff\xff\xff", 4), 4);
    assert_code(cy_signer_keys(client, count, &n), PEER_ANSWER);
    close(peer);
    cy_signer_close(client);

    assert_ok(cy_signer_open(path, 2000, &client));
    peer = accept(fd, NULL, NULL);
    assert_int_equal(write(peer, "\x00\x00\x00\x03\xa1\x00\x09", 7), 7); /* another id */
    assert_code(cy_signer_keys(client, count, &n), PEER_ANSWER);
    close(peer);
    cy_signer_close(client);

    assert_ok(cy_signer_open(path, 2000, &client));
    peer = accept(fd, NULL, NULL);
    close(peer);
    assert_code(cy_signer_keys(client, count, &n), PEER_LOST);
    close(fd);
    assert_int_equal(unlink(path), 0);
    assert_code(cy_signer_keys(client, count, &n), PEER_CONNECT);
    /* and when a signer is there again, the same client goes on */
    assert_int_equal(rename(rig->path, path), 0);
    assert_ok(cy_signer_keys(client, count, &n));
    assert_int_equal(rename(path, rig->path), 0);
    assert_int_equal(n, 0);
    cy_signer_close(client);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, signer_rig_start, signer_rig_finish)
    const struct CMUnitTest tests[] = {T(keys), T(heads), T(votes),  T(packets),
                                       T(acts), T(boxes), T(trouble)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

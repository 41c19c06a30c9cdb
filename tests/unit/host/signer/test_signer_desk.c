/* signer_desk: what is signed, and what is refused even when the daemon is the enemy. */
#include "host/signer/signer_desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"
#include "host/system/log.h"
#include "sim/sim_disk.h"
#include "tree.h"
#include "wire/codec.h"
#include "wire/envelope.h"
#include "wire/note.h"
#include "wire/receipt.h"
#include "wire/statement.h"

#define NOW_MS 1800000000000u
#define NOW_S (NOW_MS / 1000)
#define ORIGIN "example.com/log"

static const struct cy_secret_cost cost_ = {CY_SECRET_OPERATIONS_MIN, CY_SECRET_MEMORY_KIB_MIN};

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_signer_desk *desk;
    struct cy_id act;
    struct cy_id next;
    struct cy_id log;
    struct cy_id witness;
    bool held;
    struct cy_signer_response response;
    uint8_t frame[CY_SIGNER_REQUEST_MAX];
    uint8_t payload[1024];
    uint8_t protected[512];
    char text[CY_CHECKPOINT_MAX];
};

/* Asks and gives the verdict; the answer is in p->response. */
static cy_err ask(struct place *p, const struct cy_signer_request *request)
{
    struct cy_cbor_writer out = cy_cbor_write(p->frame, sizeof p->frame);

    cy_signer_request_write(request, &out);
    assert_false(out.full);
    cy_signer_desk_answer(p->desk, cy_cbor_written(&out), NOW_MS, &p->response, &p->held);
    assert_int_equal(p->response.id, request->id);
    return cy_fail((enum cy_code)p->response.code, p->response.detail);
}

static struct cy_id make(struct place *p, enum cy_purpose purpose, struct cy_id *next)
{
    struct cy_signer_request request = {.op = CY_SIGNER_MAKE, .purpose = purpose};

    request.label = cy_span_text("Norway");
    request.with_next = next != NULL;
    assert_ok(ask(p, &request));
    if (next != NULL)
        *next = p->response.next_key;
    return p->response.key;
}

static cy_err open_desk(struct place *p)
{
    const struct cy_signer_desk_options options = {16, 16, 60};

    cy_signer_desk_close(p->desk);
    p->desk = NULL;
    return cy_signer_desk_open(&p->disk, cy_span_text("demo"), &options, &p->desk);
}

static int start(void **s)
{
    const struct cy_log_options quiet = {.level = CY_LOG_ERROR};
    struct place *p = calloc(1, sizeof *p);

    assert_ok(cy_log_open(&quiet));
    assert_ok(cy_crypto_start());
    p->sim = cy_sim_disk_new();
    p->disk = cy_sim_disk_face(p->sim);
    assert_ok(cy_keystore_make(&p->disk, cy_span_text("demo"), &cost_));
    assert_ok(open_desk(p));
    p->act = make(p, CY_PURPOSE_ACT, &p->next);
    p->log = make(p, CY_PURPOSE_CHECKPOINT, NULL);
    p->witness = make(p, CY_PURPOSE_COSIGNATURE, NULL);
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;

    cy_signer_desk_close(p->desk);
    cy_sim_disk_free(p->sim);
    free(p);
    return 0;
}

/* --- acts --- */

static struct cy_signer_request act_of(struct place *p, const struct cy_id *key, bool several,
                                       const struct cy_schema *schema, const void *message)
{
    const struct cy_claims claims = {.realm = {{7}}, .expires = NOW_S + 60, .nonce = {1}};
    struct cy_cbor_writer payload = cy_cbor_write(p->payload, sizeof p->payload);
    struct cy_cbor_writer protected = cy_cbor_write(p->protected, sizeof p->protected);
    struct cy_signer_request request = {.id = 4, .op = CY_SIGNER_ACT, .key = *key};

    assert_ok(cy_encode_act(schema, message, &payload));
    assert_ok(cy_envelope_protected(&claims, several ? NULL : key, &protected));
    request.several = several;
    request.payload = cy_cbor_written(&payload);
    request.protected = cy_cbor_written(&protected);
    return request;
}

static void acts(void **s)
{
    struct place *p = *s;
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_signature signature;
    uint8_t to_sign[2048];

    for (unsigned several = 0; several < 2; several++) {
        const struct cy_signer_request request =
            act_of(p, &p->act, several, &cy_schema_passport_retire, &message);
        struct cy_cbor_writer out = cy_cbor_write(to_sign, sizeof to_sign);
        struct cy_span signed_bytes;

        assert_ok(ask(p, &request));
        assert_false(p->held);
        assert_int_equal(p->response.signature.n, 64);
        memcpy(signature.b, p->response.signature.at, 64);
        assert_ok(cy_envelope_to_sign(request.protected, request.payload, several, &p->act, &out));
        signed_bytes = cy_cbor_written(&out);
        assert_ok(cy_ed25519_verify(&p->act, &signed_bytes, 1, &signature));
    }
}

static void refused_acts(void **s)
{
    struct place *p = *s;
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_signer_request good = act_of(p, &p->act, false, &cy_schema_passport_retire, &message);
    struct cy_signer_request request = good;
    struct cy_id other = {{3}};

    /* a key of another purpose, and no key of ours */
    request.key = p->log;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    assert_int_equal(p->response.signature.n, 0);
    request.key = other;
    assert_code(ask(p, &request), SIGNER_KEY);
    /* headers that name another key, that are of the other form, that are none */
    request = act_of(p, &other, false, &cy_schema_passport_retire, &message);
    request.key = p->act;
    assert_code(ask(p, &request), BAD_ENVELOPE);
    good = act_of(p, &p->act, false, &cy_schema_passport_retire, &message);
    request = good;
    request.several = true;
    assert_code(ask(p, &request), BAD_ENVELOPE);
    request = good;
    request.protected = cy_span_text("\xa0");
    assert_code(ask(p, &request), BAD_ENVELOPE);
    /* payloads: unknown act, a byte more, a checkpoint, text */
    request = good;
    request.payload = cy_span_of("\xa1\x00\x19\x1f\xff", 5);
    assert_code(ask(p, &request), UNKNOWN_MESSAGE);
    request.payload = cy_span_of(good.payload.at, good.payload.n + 1);
    assert_code(ask(p, &request), TRAILING);
    request.payload = cy_span_of(good.payload.at, good.payload.n - 1);
    assert_code(ask(p, &request), SHORT);
    request.payload = cy_span_text(ORIGIN "\n1\nAAAA\n");
    assert_false(cy_ok(ask(p, &request)));
    assert_int_equal(p->response.signature.n, 0);
    assert_ok(ask(p, &good));
}

/* A next key signs the act that brings it in, and from then on any. */
static void next_keys(void **s)
{
    struct place *p = *s;
    const struct cy_passport_retire retire = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_key_share shares[2] = {
        {.clause = 0, .weight = 1},
        {.clause = 0, .weight = 1}
    };
    struct cy_passport_rotate rotate = {.keys = shares, .n_keys = 2, .need_0 = 1};
    struct cy_signer_request request;

    request = act_of(p, &p->next, false, &cy_schema_passport_retire, &retire);
    assert_code(ask(p, &request), SIGNER_STANDBY);
    shares[0].key = p->act;
    shares[1].key = p->log;
    request = act_of(p, &p->next, false, &cy_schema_passport_rotate, &rotate);
    assert_code(ask(p, &request), SIGNER_STANDBY);
    shares[1].key = p->next;
    request = act_of(p, &p->next, false, &cy_schema_passport_rotate, &rotate);
    assert_ok(ask(p, &request));
    assert_ok(open_desk(p));
    request = act_of(p, &p->next, false, &cy_schema_passport_retire, &retire);
    assert_ok(ask(p, &request));
}

static void sentences(void **s)
{
    struct place *p = *s;
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_signer_request request =
        act_of(p, &p->act, false, &cy_schema_passport_retire, &message);
    const struct cy_signer_request describe = {.op = CY_SIGNER_DESCRIBE,
                                               .payload = request.payload};

    assert_ok(ask(p, &describe));
    assert_true(cy_span_eq(p->response.sentence, cy_span_text("retires its passport: done")));
}

/* --- heads --- */

static cy_err head(struct place *p, enum cy_signer_op op, uint64_t seed, uint64_t from,
                   uint64_t size, uint64_t time_s)
{
    const struct cy_id root = tree_root(seed, 0, size);
    struct cy_text text = cy_text_on(p->text, sizeof p->text);
    struct cy_id proof[65];
    struct cy_signer_request request = {.id = 5, .op = op, .proof = proof};

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), size, &root);
    request.key = op == CY_SIGNER_COSIGN ? p->witness : p->log;
    request.text = cy_text_bytes(&text);
    request.n_proof = tree_consistency(seed, from, size, proof);
    request.time_s = time_s;
    return ask(p, &request);
}

static void assert_signed(struct place *p, const struct cy_id *key, struct cy_span message)
{
    struct cy_signature signature;

    assert_int_equal(p->response.signature.n, 64);
    memcpy(signature.b, p->response.signature.at, 64);
    assert_ok(cy_ed25519_verify_strict(key, message, &signature));
}

static void checkpoints(void **s)
{
    struct place *p = *s;
    const struct cy_id signed_root = tree_root(1, 0, 5);

    assert_ok(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 5, 0));
    assert_true(p->held);
    assert_signed(p, &p->log, cy_span_text(p->text));
    assert_ok(cy_signer_desk_commit(p->desk));
    assert_code(head(p, CY_SIGNER_CHECKPOINT, 2, 0, 5, 0), HEAD_CONFLICT);
    assert_false(p->held);
    assert_int_equal(p->response.size, 5); /* the answer names the head that stands */
    assert_true(cy_id_eq(&p->response.root, &signed_root));
    assert_code(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 4, 0), HEAD_ROLLBACK);
    assert_code(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 9, 0), HEAD_UNPROVEN);
    assert_int_equal(p->response.size, 5);
    assert_ok(head(p, CY_SIGNER_CHECKPOINT, 1, 5, 9, 0));
    assert_ok(cy_signer_desk_commit(p->desk));
    assert_ok(open_desk(p));
    assert_code(head(p, CY_SIGNER_CHECKPOINT, 2, 5, 9, 0), HEAD_CONFLICT);
}

static void cosignatures(void **s)
{
    struct place *p = *s;
    char room[CY_CHECKPOINT_MAX + 64];
    struct cy_text text = cy_text_on(room, sizeof room);

    assert_ok(head(p, CY_SIGNER_COSIGN, 1, 0, 5, NOW_S));
    assert_true(p->held);
    cy_cosignature_text(&text, NOW_S, cy_span_text(p->text));
    assert_signed(p, &p->witness, cy_text_bytes(&text));
    assert_code(head(p, CY_SIGNER_COSIGN, 1, 5, 5, NOW_S - 1), COSIGN_TIME);
    assert_code(head(p, CY_SIGNER_COSIGN, 1, 5, 5, NOW_S + 61), COSIGN_TIME);
    assert_code(head(p, CY_SIGNER_COSIGN, 1, 5, 5, NOW_S - 61), COSIGN_TIME);
    assert_ok(head(p, CY_SIGNER_COSIGN, 1, 5, 6, NOW_S + 60));
    assert_code(head(p, CY_SIGNER_COSIGN, 2, 6, 6, NOW_S + 60), HEAD_CONFLICT);
    assert_code(head(p, CY_SIGNER_COSIGN, 1, 0, 5, NOW_S + 60), HEAD_ROLLBACK);
}

/* A receipt's signature is over the root of the head signed last, and only the ledger's key gives
 * it; it leaves after that head is on disk. */
static void receipts(void **s)
{
    struct place *p = *s;
    const struct cy_id root = tree_root(1, 0, 5);
    struct cy_receipt receipt = {.kind = CY_RECEIPT_INCLUSION, .key = p->log};
    struct cy_signer_request request = {
        .id = 6, .op = CY_SIGNER_RECEIPT, .key = p->log, .origin = cy_span_text(ORIGIN)};
    uint8_t bytes[CY_RECEIPT_TO_SIGN_MAX];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);

    assert_code(ask(p, &request), NO_NOUN); /* no head was signed yet */
    assert_ok(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 5, 0));
    assert_ok(ask(p, &request));
    assert_true(p->held);
    assert_int_equal(p->response.size, 5);
    assert_true(cy_id_eq(&p->response.root, &root));
    assert_ok(cy_receipt_to_sign(&receipt, &root, &out));
    assert_signed(p, &p->log, cy_cbor_written(&out));
    request.origin = cy_span_text("other.example/log");
    assert_code(ask(p, &request), NO_NOUN);
    request.origin = cy_span_text(ORIGIN);
    request.key = p->witness;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.key = p->act;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
}

/* Requests of administration: decoded, signed under headers that are not an act's. */
static void statements(void **s)
{
    struct place *p = *s;
    const struct cy_statement statement = {.passport = {{3}},
                                           .origin = cy_span_text(ORIGIN),
                                           .method = cy_span_text("POST"),
                                           .target = cy_span_text("/v1/admin/snapshot"),
                                           .time_ms = NOW_MS};
    const struct cy_passport_retire retire = {
        .reason = {.n = 4, .s = "done"}
    };
    struct cy_cbor_writer payload = cy_cbor_write(p->payload, sizeof p->payload);
    uint8_t bytes[2048];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    struct cy_signer_request request = {.id = 7, .op = CY_SIGNER_STATEMENT, .key = p->act};

    assert_ok(cy_statement_payload_write(&statement, &payload));
    request.payload = cy_cbor_written(&payload);
    assert_ok(ask(p, &request));
    assert_false(p->held);
    assert_ok(cy_statement_to_sign(&p->act, request.payload, &out));
    assert_signed(p, &p->act, cy_cbor_written(&out));
    request.key = p->log;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.key = p->next;
    assert_code(ask(p, &request), SIGNER_STANDBY);
    /* an act's payload is no statement, and a statement is no act's payload */
    request = act_of(p, &p->act, false, &cy_schema_passport_retire, &retire);
    request.op = CY_SIGNER_STATEMENT;
    request.protected = cy_span_of(NULL, 0);
    assert_false(cy_ok(ask(p, &request)));
    request = act_of(p, &p->act, false, &cy_schema_passport_retire, &retire);
    payload = cy_cbor_write(p->payload, sizeof p->payload);
    assert_ok(cy_statement_payload_write(&statement, &payload));
    request.payload = cy_cbor_written(&payload);
    assert_false(cy_ok(ask(p, &request)));
}

static void refused_heads(void **s)
{
    struct place *p = *s;
    const struct cy_id root = tree_root(1, 0, 5);
    struct cy_text text = cy_text_on(p->text, sizeof p->text);
    struct cy_signer_request request = {.op = CY_SIGNER_CHECKPOINT, .key = p->log};

    cy_checkpoint_write(&text, cy_span_text(ORIGIN), 5, &root);
    request.text = cy_text_bytes(&text);
    request.key = p->witness; /* a witness key signs no checkpoint of its own, and so on */
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.key = p->act;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.op = CY_SIGNER_COSIGN;
    request.time_s = NOW_S;
    request.key = p->log;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.op = CY_SIGNER_CHECKPOINT;
    request.time_s = 0;
    /* our own heads have three lines, so that one size has one text; a witness takes what it gets
     */
    cy_text_add(&text, "extension\n");
    request.text = cy_text_bytes(&text);
    assert_code(ask(p, &request), BAD_CHECKPOINT);
    request.op = CY_SIGNER_COSIGN;
    request.time_s = NOW_S;
    request.key = p->witness;
    assert_ok(ask(p, &request));
    request.text = cy_span_text("no checkpoint");
    assert_code(ask(p, &request), BAD_CHECKPOINT);
}

/* The disk fails under a head: it is not signed, not then and not later. */
static void failing_commit(void **s)
{
    struct place *p = *s;

    cy_sim_disk_fail_at(p->sim, 2, CY_E_DISK_FAILED);
    assert_ok(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 5, 0));
    assert_true(p->held);
    assert_code(cy_signer_desk_commit(p->desk), DISK_FAILED);
    assert_code(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 5, 0), DISK_FAILED);
}

static void remembered(void **s)
{
    struct place *p = *s;
    struct cy_signer_request request = {
        .op = CY_SIGNER_HEAD, .key = p->log, .origin = cy_span_text(ORIGIN)};
    const struct cy_id root = tree_root(1, 0, 5);

    assert_ok(ask(p, &request));
    assert_int_equal(p->response.size, 0);
    assert_ok(head(p, CY_SIGNER_CHECKPOINT, 1, 0, 5, 0));
    assert_ok(ask(p, &request));
    assert_int_equal(p->response.size, 5);
    assert_true(cy_id_eq(&p->response.root, &root));
    request.key.b[0] ^= 1;
    assert_code(ask(p, &request), SIGNER_KEY);
}

/* --- votes --- */

static cy_err vote(struct place *p, const struct cy_id *key, uint64_t height, uint32_t round,
                   enum cy_vote_step step, uint8_t value)
{
    struct cy_vote what = {.origin = cy_span_text(ORIGIN),
                           .height = height,
                           .round = round,
                           .step = step,
                           .after = CY_NO_ROUND,
                           .time = NOW_MS};
    struct cy_text text = cy_text_on(p->text, sizeof p->text);
    struct cy_signer_request request = {.id = 8, .op = CY_SIGNER_VOTE, .key = *key};

    memset(what.value.b, value, sizeof what.value.b);
    cy_vote_write(&text, &what);
    request.text = cy_text_bytes(&text);
    return ask(p, &request);
}

/* The vote asked for is signed once; asked again it is the first one, before and after a restart;
 * what is behind it is refused. */
static void votes(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_VOTE, NULL);
    struct cy_signer_request request = {
        .id = 9, .op = CY_SIGNER_VOTE_LAST, .key = key, .origin = cy_span_text(ORIGIN)};
    char first[CY_VOTE_TEXT_MAX];
    struct cy_vote said;

    assert_ok(ask(p, &request));
    assert_int_equal(p->response.size, 0);
    assert_ok(vote(p, &key, 7, 1, CY_VOTE_PRECOMMIT, 1));
    assert_true(p->held);
    assert_int_equal(p->response.said.n, 0);
    assert_signed(p, &key, cy_span_text(p->text));
    memcpy(first, p->text, sizeof first);
    assert_ok(cy_signer_desk_commit(p->desk));
    for (unsigned life = 0; life < 2; life++) {
        assert_ok(vote(p, &key, 7, 1, CY_VOTE_PRECOMMIT, 2));
        assert_true(cy_span_eq(p->response.said, cy_span_text(first)));
        assert_signed(p, &key, p->response.said);
        assert_code(vote(p, &key, 7, 1, CY_VOTE_PREVOTE, 1), VOTE_BACK);
        assert_false(p->held);
        assert_int_equal(p->response.signature.n, 0);
        assert_code(vote(p, &key, 6, 9, CY_VOTE_PRECOMMIT, 1), VOTE_BACK);
        assert_ok(ask(p, &request));
        assert_int_equal(p->response.size, 7);
        assert_ok(cy_vote_read(p->response.said, &said));
        assert_int_equal(said.round, 1);
        assert_int_equal(p->response.locked.n, 36);
        assert_int_equal(cy_get_u32be(p->response.locked.at), 1);
        assert_int_equal(p->response.locked.at[4], 1);
        assert_ok(open_desk(p));
    }
}

static void refused_votes(void **s)
{
    struct place *p = *s;
    const struct cy_id *const strangers[] = {&p->act, &p->next, &p->log, &p->witness};
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    const struct cy_id key = make(p, CY_PURPOSE_VOTE, NULL);
    const struct cy_id root = tree_root(1, 0, 5);
    struct cy_text text = cy_text_on(p->text, sizeof p->text);
    struct cy_signer_request request;

    for (size_t i = 0; i < CY_COUNT(strangers); i++)
        assert_code(vote(p, strangers[i], 1, 0, CY_VOTE_PREVOTE, 1), SIGNER_PURPOSE);
    /* a vote's key signs no act, no head, no packet; a head is no vote */
    request = act_of(p, &key, false, &cy_schema_passport_retire, &message);
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    cy_checkpoint_write(&text, cy_span_text(ORIGIN), 5, &root);
    request = (struct cy_signer_request){.op = CY_SIGNER_CHECKPOINT, .key = key};
    request.text = cy_text_bytes(&text);
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.op = CY_SIGNER_VOTE;
    assert_code(ask(p, &request), BAD_VOTE);
    assert_int_equal(p->response.signature.n, 0);
    /* a lock of no round, and one that contradicts what was precommitted */
    assert_ok(vote(p, &key, 3, 0, CY_VOTE_PRECOMMIT, 1));
    request.text =
        cy_span_text("comity-vote/v1\n" ORIGIN "\nheight 3\nround 1\nprevote\nvalue nil\ntime 1\n");
    request.locked = cy_span_of("\xff\xff\xff\xff"
                                "12345678901234567890123456789012",
                                36);
    assert_code(ask(p, &request), SIGNER_REQUEST);
    request.locked = cy_span_of("\0\0\0\0"
                                "12345678901234567890123456789012",
                                36);
    assert_code(ask(p, &request), VOTE_CONFLICT);
    request.locked = cy_span_of(NULL, 0);
    assert_ok(ask(p, &request));
}

/* The disk fails under a vote: it is not signed, not then and not later. */
static void failing_vote(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_VOTE, NULL);

    cy_sim_disk_fail_at(p->sim, 2, CY_E_DISK_FAILED);
    assert_ok(vote(p, &key, 1, 0, CY_VOTE_PREVOTE, 1));
    assert_true(p->held);
    assert_code(cy_signer_desk_commit(p->desk), DISK_FAILED);
    assert_code(vote(p, &key, 1, 0, CY_VOTE_PREVOTE, 1), DISK_FAILED);
}

/* A store has a memory of votes from its first key for votes on, and does not open without it. */
static void lost_votes(void **s)
{
    struct place *p = *s;
    struct cy_span bytes;

    assert_false(cy_sim_disk_bytes(p->sim, CY_KEYSTORE_VOTES, &bytes));
    (void)make(p, CY_PURPOSE_VOTE, NULL);
    assert_true(cy_sim_disk_bytes(p->sim, CY_KEYSTORE_VOTES, &bytes));
    (void)make(p, CY_PURPOSE_VOTE, NULL);
    assert_ok(open_desk(p));
    cy_signer_desk_close(p->desk);
    p->desk = NULL;
    assert_ok(p->disk.ops->remove(p->disk.self, CY_KEYSTORE_VOTES));
    assert_code(open_desk(p), KEYSTORE_BAD);
}

/* The power goes in the middle of the first key for votes and its first vote: the store opens, and
 * what was durable is given again. */
static void cut_votes(void **s)
{
    struct place *p = *s;
    const struct cy_signer_request make_key = {
        .op = CY_SIGNER_MAKE, .purpose = CY_PURPOSE_VOTE, .label = cy_span_text("v")};

    for (uint64_t cut = 1; cut < 1400; cut += 277) {
        struct cy_id key = {{0}};
        bool durable = false;

        cy_sim_disk_cut_at_byte(p->sim, cut);
        if (cy_ok(ask(p, &make_key))) {
            key = p->response.key;
            durable = cy_ok(vote(p, &key, 1, 0, CY_VOTE_PREVOTE, 1)) &&
                      cy_ok(cy_signer_desk_commit(p->desk));
        }
        cy_signer_desk_close(p->desk);
        p->desk = NULL;
        cy_sim_disk_power_cut(p->sim, cut);
        assert_ok(open_desk(p));
        if (durable) {
            assert_ok(vote(p, &key, 1, 0, CY_VOTE_PREVOTE, 2));
            assert_true(p->response.said.n > 0);
        }
        finish(s);
        assert_int_equal(start(s), 0);
        p = *s;
    }
}

/* Packets: they begin as one, name the key, and are signed by a peer's key alone. */
static void packets(void **s)
{
    struct place *p = *s;
    const struct cy_id key = make(p, CY_PURPOSE_PEER, NULL);
    const struct cy_id voter = make(p, CY_PURPOSE_VOTE, NULL);
    static uint8_t bytes[CY_SIGNER_PACKET_MAX];
    struct cy_signer_request request = {.id = 2, .op = CY_SIGNER_PEER, .key = key};

    memcpy(bytes, "CYPEER1\n", 8);
    memcpy(bytes + 40, key.b, 32);
    request.packet = cy_span_of(bytes, 88);
    assert_ok(ask(p, &request));
    assert_false(p->held);
    assert_signed(p, &key, request.packet);
    request.packet.n = sizeof bytes;
    assert_ok(ask(p, &request));
    assert_signed(p, &key, request.packet);
    request.packet.n = 87;
    assert_code(ask(p, &request), SIGNER_REQUEST);
    request.packet.n = 88;
    request.key = voter;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.key = key;
    bytes[71] ^= 1;
    assert_code(ask(p, &request), SIGNER_REQUEST);
    bytes[71] ^= 1;
    bytes[6] = '2';
    assert_code(ask(p, &request), SIGNER_REQUEST);
    assert_int_equal(p->response.signature.n, 0);
}

/* --- boxes --- */

/* M117: who may read is who the blob was sealed to, and each key serves one purpose: a box key
 * signs nothing, a signing key opens nothing, whatever the daemon asks. */
static void boxes(void **s)
{
    struct place *p = *s;
    const struct cy_id box = make(p, CY_PURPOSE_BOX, NULL);
    const struct cy_id other = make(p, CY_PURPOSE_BOX, NULL);
    const struct cy_passport_retire message = {
        .reason = {.n = 4, .s = "done"}
    };
    const struct cy_id root = tree_root(1, 0, 5);
    struct cy_text text = cy_text_on(p->text, sizeof p->text);
    struct cy_signer_request request = {.id = 4, .op = CY_SIGNER_OPEN, .key = box};
    const struct cy_id *const strangers[] = {&p->act, &p->next, &p->log, &p->witness};
    struct cy_seal seal;
    uint8_t head[52 + 112 + 1] = {0};

    assert_ok(cy_seal_start(&box, 1, 100, head, sizeof head, &seal));
    request.sealed = cy_span_of(head, 52 + 112);
    assert_ok(ask(p, &request));
    assert_false(p->held);
    assert_int_equal(p->response.signature.n, 0);
    assert_int_equal(p->response.opened.n, 32);
    assert_memory_equal(p->response.opened.at, seal.body_key, 32);
    /* the reverse: none of these is a box key */
    for (size_t i = 0; i < CY_COUNT(strangers); i++) {
        request.key = *strangers[i];
        assert_code(ask(p, &request), SIGNER_PURPOSE);
        assert_int_equal(p->response.opened.n, 0);
    }
    request.key = other;
    assert_code(ask(p, &request), NOT_READER);
    assert_int_equal(p->response.opened.n, 0);
    /* exactly a head: a byte more, a byte less, a changed size, a changed key */
    request.key = box;
    request.sealed.n++;
    assert_code(ask(p, &request), BAD_SEALED);
    request.sealed.n -= 2;
    assert_code(ask(p, &request), BAD_SEALED);
    request.sealed.n++;
    head[100] ^= 1;
    assert_code(ask(p, &request), BAD_SEALED);
    head[100] ^= 1;
    assert_ok(ask(p, &request));
    /* a box key signs no act, no checkpoint, no cosignature */
    request = act_of(p, &box, false, &cy_schema_passport_retire, &message);
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    cy_checkpoint_write(&text, cy_span_text(ORIGIN), 5, &root);
    request = (struct cy_signer_request){.op = CY_SIGNER_CHECKPOINT, .key = box};
    request.text = cy_text_bytes(&text);
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    request.op = CY_SIGNER_COSIGN;
    request.time_s = NOW_S;
    assert_code(ask(p, &request), SIGNER_PURPOSE);
    assert_int_equal(p->response.signature.n, 0);
}

/* --- the rest --- */

static void keys(void **s)
{
    struct place *p = *s;
    const struct cy_signer_request request = {.op = CY_SIGNER_LIST, .from = 1};
    struct cy_signer_request make_request = {.op = CY_SIGNER_MAKE, .purpose = 77};
    struct cy_cbor_reader reader;
    struct cy_signer_key key;
    unsigned n = 0;

    assert_ok(ask(p, &request));
    assert_int_equal(p->response.more, 0);
    reader = cy_cbor_read(p->response.keys);
    while (!cy_ok(cy_cbor_end(&reader))) {
        assert_ok(cy_signer_key_next(&reader, &key));
        assert_int_equal(key.created_s, NOW_S);
        n++;
    }
    assert_int_equal(n, 3);
    make_request.label = cy_span_text("x");
    assert_code(ask(p, &make_request), SIGNER_PURPOSE);
    make_request.purpose = CY_PURPOSE_CHECKPOINT;
    make_request.with_next = true;
    assert_code(ask(p, &make_request), SIGNER_PURPOSE);
}

static void garbage(void **s)
{
    struct place *p = *s;

    cy_signer_desk_answer(p->desk, cy_span_text("garbage"), NOW_MS, &p->response, &p->held);
    assert_int_not_equal(p->response.code, 0);
    cy_signer_desk_answer(p->desk, cy_span_of(NULL, 0), NOW_MS, &p->response, &p->held);
    assert_int_equal(p->response.code, CY_E_SHORT);
}

/* Without its memory of heads a store is not opened: that would be forgetting. */
static void lost_memory(void **s)
{
    struct place *p = *s;

    cy_signer_desk_close(p->desk);
    p->desk = NULL;
    assert_ok(p->disk.ops->remove(p->disk.self, CY_KEYSTORE_HEADS));
    assert_code(open_desk(p), KEYSTORE_BAD);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(acts),         T(refused_acts),  T(next_keys),      T(sentences),  T(checkpoints),
        T(cosignatures), T(refused_heads), T(failing_commit), T(remembered), T(keys),
        T(garbage),      T(lost_memory),   T(boxes),          T(receipts),   T(statements),
        T(votes),        T(refused_votes), T(failing_vote),   T(lost_votes), T(cut_votes),
        T(packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

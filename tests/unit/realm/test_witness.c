/* witness: every status of the protocol, and, with the signer's memory of heads as its store, that
 * nothing makes it forget. */
#include "realm/witness.h"

#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "host/signer/head_memory.h"
#include "sim/sim_disk.h"

#include "cm.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>

#define ORIGIN "log.example/cell"
#define NOW 1767225600u

struct party {
    struct cy_secret secret;
    struct cy_note_key key;
};

struct stage {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_head_memory *memory;
    struct cy_witness witness;
    struct cy_note_key logs[2];
    cy_err signer_answers;
    bool stale; /* head tells what stood before the last cosign: another was faster */
    struct cy_witnessed before;
    unsigned cosigned;    /* signatures given */
    uint64_t signed_size; /* of logs[0] */
    struct cy_witness_answer answer;
};

static struct party log_;
static struct party other_;
static struct party stranger_;
static struct party witness_;

static void party_make(struct party *party, const char *name, enum cy_note_key_type type,
                       uint8_t seed)
{
    uint8_t bytes[32];
    struct cy_id key;

    memset(bytes, seed, sizeof bytes);
    cy_secret_of(bytes, &party->secret, &key);
    assert_ok(cy_note_key_of(cy_span_text(name), type, &key, &party->key));
}

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    cy_secret_sign(&((struct party *)user)->secret, message, out);
    return CY_OK;
}

#define MEMORY "heads"
#define PURPOSE 3

static bool remembered(struct stage *stage, struct cy_span origin, struct cy_witnessed *out)
{
    struct cy_head head;

    *out = (struct cy_witnessed){0};
    if (!cy_head_memory_find(stage->memory, PURPOSE, &stage->witness.key.key, origin, &head))
        return false;
    *out = (struct cy_witnessed){head.size, head.root};
    return true;
}

static cy_err stands(void *self, struct cy_span origin, struct cy_witnessed *out)
{
    struct stage *stage = self;

    (void)remembered(stage, origin, out);
    if (stage->stale)
        *out = stage->before;
    return CY_OK;
}

static cy_err cosign(void *self, struct cy_span text, uint64_t time_s, const struct cy_id *proof,
                     uint32_t n, struct cy_signature *out, struct cy_witnessed *seen)
{
    struct stage *stage = self;
    char bytes[8192];
    struct cy_text message = cy_text_on(bytes, sizeof bytes);
    struct cy_checkpoint checkpoint;
    struct cy_head head = {.key = stage->witness.key.key, .purpose = PURPOSE, .time_s = time_s};

    CY_TRY(stage->signer_answers);
    assert_ok(cy_checkpoint_read(text, &checkpoint));
    head.n_origin = (uint8_t)checkpoint.origin.n;
    memcpy(head.origin, checkpoint.origin.at, checkpoint.origin.n);
    head.size = checkpoint.size;
    head.root = checkpoint.root;
    (void)remembered(stage, checkpoint.origin, seen);
    CY_TRY(cy_head_memory_take(stage->memory, &head, proof, n));
    CY_TRY(cy_head_memory_commit(stage->memory));
    if (cy_span_eq(checkpoint.origin, cy_span_text(ORIGIN))) {
        assert_true(checkpoint.size >= stage->signed_size); /* never a rollback */
        stage->signed_size = checkpoint.size;
    }
    cy_cosignature_text(&message, time_s, text);
    cy_secret_sign(&witness_.secret, cy_text_bytes(&message), out);
    stage->cosigned++;
    return CY_OK;
}

static cy_err reopen(struct stage *stage)
{
    cy_head_memory_close(stage->memory);
    stage->memory = NULL;
    return cy_head_memory_open(&stage->disk, MEMORY, 64, &stage->memory);
}

static int start(void **s)
{
    struct stage *stage = calloc(1, sizeof *stage);

    assert_ok(cy_crypto_start());
    party_make(&log_, ORIGIN, CY_NOTE_ED25519, 1);
    party_make(&other_, "other.example/log", CY_NOTE_ED25519, 2);
    party_make(&stranger_, ORIGIN, CY_NOTE_ED25519, 3);
    party_make(&witness_, "witness.example/w1", CY_NOTE_COSIGNATURE, 4);
    stage->logs[0] = log_.key;
    stage->logs[1] = other_.key;
    stage->witness = (struct cy_witness){
        .key = witness_.key, .logs = stage->logs, .n_logs = 2, .store = {stage, stands, cosign}
    };
    stage->sim = cy_sim_disk_new();
    stage->disk = cy_sim_disk_face(stage->sim);
    assert_ok(cy_head_memory_make(&stage->disk, MEMORY));
    assert_ok(reopen(stage));
    *s = stage;
    return 0;
}

static int finish(void **s)
{
    struct stage *stage = *s;

    cy_head_memory_close(stage->memory);
    cy_sim_disk_free(stage->sim);
    free(stage);
    return 0;
}

/* The signed head of tree `seed` at that size. */
static struct cy_span head(struct party *party, uint64_t seed, uint64_t size, char *at, size_t cap)
{
    struct cy_text note = cy_text_on(at, cap);
    const struct cy_id root = tree_root(seed, 0, size);

    assert_ok(cy_checkpoint_make(&party->key, size, &root, sign, party, &note));
    return cy_text_bytes(&note);
}

static unsigned post(struct stage *stage, struct cy_span body)
{
    cy_witness_add(&stage->witness, body, NOW, &stage->answer);
    if (stage->answer.status == 200 || stage->answer.status == 409)
        assert_ok(stage->answer.err);
    else
        assert_false(cy_ok(stage->answer.err));
    return stage->answer.status;
}

static struct cy_span body_of(struct stage *stage)
{
    return cy_span_of(stage->answer.body, stage->answer.n);
}

/* A request with the right proof of tree `seed` from one size to another. */
static unsigned ask_as(struct stage *stage, struct party *party, uint64_t seed, uint64_t from,
                       uint64_t to)
{
    char note[2048];
    char body[8192];
    struct cy_text text = cy_text_on(body, sizeof body);
    struct cy_id proof[65];
    const size_t n = from < to ? tree_consistency(seed, from, to, proof) : 0;

    cy_add_checkpoint_write(&text, from, proof, (uint32_t)n,
                            head(party, seed, to, note, sizeof note));
    return post(stage, cy_text_bytes(&text));
}

static unsigned ask(struct stage *stage, uint64_t seed, uint64_t from, uint64_t to)
{
    return ask_as(stage, &log_, seed, from, to);
}

static bool says(struct stage *stage, const char *words)
{
    return cy_span_eq(body_of(stage), cy_span_text(words));
}

static void heads_that_continue_are_cosigned(void **s)
{
    struct stage *stage = *s;
    static const uint64_t sizes[] = {1, 2, 3, 7, 8, 8, 100, 256, 1000};
    uint64_t from = 0;

    for (size_t i = 0; i < CY_COUNT(sizes); i++) {
        char note_bytes[4096];
        struct cy_text note;
        struct cy_checkpoint checkpoint;
        uint32_t cosigned = 0;

        assert_int_equal(ask(stage, 1, from, sizes[i]), 200);
        from = sizes[i];
        /* the log's side: the answer becomes a witnessed checkpoint */
        note = cy_text_on(note_bytes, sizeof note_bytes);
        note.n = head(&log_, 1, from, note_bytes, sizeof note_bytes).n;
        assert_ok(cy_checkpoint_attach(&note, body_of(stage), &witness_.key));
        assert_ok(cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, &witness_.key, 1, 1,
                                       &checkpoint, &cosigned));
        assert_int_equal(checkpoint.size, from);
    }
}

static void an_unknown_log_is_404(void **s)
{
    struct stage *stage = *s;
    struct party party;

    party_make(&party, "unknown.example/log", CY_NOTE_ED25519, 1);
    assert_int_equal(ask_as(stage, &party, 1, 0, 5), 404);
    assert_code(stage->answer.err, OTHER_LOG);
}

static void an_untrusted_signature_is_403(void **s)
{
    struct stage *stage = *s;
    char note[2048];
    char body[8192];
    struct cy_text text = cy_text_on(body, sizeof body);
    struct cy_span bytes;

    assert_int_equal(ask_as(stage, &stranger_, 1, 0, 5), 403); /* same name, another key */
    assert_code(stage->answer.err, NOT_SIGNED);
    /* the trusted key's line, one bit off */
    bytes = head(&log_, 1, 5, note, sizeof note);
    note[bytes.n - 10] = note[bytes.n - 10] == 'A' ? 'B' : 'A';
    cy_add_checkpoint_write(&text, 0, NULL, 0, bytes);
    assert_int_equal(post(stage, cy_text_bytes(&text)), 403);
    assert_code(stage->answer.err, BAD_SIGNATURE);
    assert_int_equal(stage->cosigned, 0);
    /* 403 stands before 400 (old > size), 409 and 422 */
    assert_int_equal(ask_as(stage, &stranger_, 1, 9, 5), 403);
    assert_int_equal(ask(stage, 1, 0, 5), 200);
}

static void an_old_size_above_the_checkpoint_is_400(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 8), 200);
    assert_int_equal(ask(stage, 1, 8, 5), 400);
    assert_code(stage->answer.err, RANGE);
    assert_int_equal(ask(stage, 1, 9, 5), 400);
}

static void another_old_size_is_409_with_the_right_one(void **s)
{
    struct stage *stage = *s;
    uint64_t size = 0;

    assert_int_equal(ask(stage, 1, 3, 8), 409);
    assert_true(says(stage, "0\n"));
    assert_int_equal(ask(stage, 1, 0, 8), 200);
    assert_int_equal(ask(stage, 1, 5, 10), 409);
    assert_string_equal(stage->answer.type, "text/x.tlog.size");
    assert_true(says(stage, "8\n"));
    assert_int_equal(ask(stage, 1, 0, 10), 409);
    assert_int_equal(ask(stage, 1, 5, 6), 409); /* a rollback */
    assert_ok(cy_add_checkpoint_size(body_of(stage), &size));
    assert_int_equal(size, 8);
    assert_int_equal(ask(stage, 1, size, 10), 200);
}

static void a_proof_that_does_not_hold_is_422(void **s)
{
    struct stage *stage = *s;
    char note[2048];
    char body[8192];
    struct cy_text text = cy_text_on(body, sizeof body);
    struct cy_id proof[65];
    size_t n = 0;

    /* a proof where nothing is to be proven */
    cy_add_checkpoint_write(&text, 0, proof, 1, head(&log_, 1, 8, note, sizeof note));
    assert_int_equal(post(stage, cy_text_bytes(&text)), 422);
    assert_int_equal(ask(stage, 1, 0, 8), 200);
    assert_int_equal(ask(stage, 2, 8, 12), 422); /* another history */
    assert_int_equal(ask(stage, 2, 8, 8), 422);  /* of the same size */
    n = tree_consistency(1, 8, 13, proof);
    for (size_t i = 0; i < n; i++) {
        text = cy_text_on(body, sizeof body);
        proof[i].b[5] ^= 1;
        cy_add_checkpoint_write(&text, 8, proof, (uint32_t)n,
                                head(&log_, 1, 13, note, sizeof note));
        assert_int_equal(post(stage, cy_text_bytes(&text)), 422);
        proof[i].b[5] ^= 1;
    }
    text = cy_text_on(body, sizeof body); /* one hash too many, one too few */
    cy_add_checkpoint_write(&text, 8, proof, (uint32_t)n + 1,
                            head(&log_, 1, 13, note, sizeof note));
    assert_int_equal(post(stage, cy_text_bytes(&text)), 422);
    text = cy_text_on(body, sizeof body);
    cy_add_checkpoint_write(&text, 8, proof, (uint32_t)n - 1,
                            head(&log_, 1, 13, note, sizeof note));
    assert_int_equal(post(stage, cy_text_bytes(&text)), 422);
    assert_int_equal(stage->cosigned, 1);
    assert_int_equal(ask(stage, 1, 8, 13), 200);
}

static void an_empty_log_has_the_empty_root(void **s)
{
    struct stage *stage = *s;
    char note_bytes[2048];
    char body[8192];
    struct cy_text note = cy_text_on(note_bytes, sizeof note_bytes);
    struct cy_text text = cy_text_on(body, sizeof body);
    const struct cy_id wrong = {{1}};

    assert_ok(cy_checkpoint_make(&log_.key, 0, &wrong, sign, &log_, &note));
    cy_add_checkpoint_write(&text, 0, NULL, 0, cy_text_bytes(&note));
    assert_int_equal(post(stage, cy_text_bytes(&text)), 422);
    assert_int_equal(ask(stage, 1, 0, 0), 200);
    assert_int_equal(ask(stage, 1, 0, 0), 200);
    assert_ok(reopen(stage));
    assert_int_equal(ask(stage, 1, 0, 6), 200);
}

static void malformed_requests_are_400(void **s)
{
    struct stage *stage = *s;
    static const char *const bad[] = {
        "",
        "old",
        "old 0",
        "old 0\n",
        "old 0\n\n",
        "old 00\n\n",
        "old -1\n\n",
        "old +0\n\n",
        " old 0\n\n",
        "old 0 \n\n",
        "old 0\r\n\r\n",
        "old 18446744073709551616\n\n",
        "old 0\nAAAA\n\n",
        "old 0\n\nlog.example/cell\n5\n",
        "old 0\n\nlog.example/cell\n5\nAAAA\n\n\xe2\x80\x94 log.example/cell AAAAAAAA\n",
        "OLD 0\n\n",
    };
    char note[2048];
    char body[8192];
    struct cy_text text = cy_text_on(body, sizeof body);
    struct cy_id proof[64] = {0};
    struct cy_span bytes = head(&log_, 1, 5, note, sizeof note);

    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        if (post(stage, cy_span_text(bad[i])) != 400)
            print_error("%s", bad[i]);
        assert_int_equal(stage->answer.status, 400);
    }
    /* 64 lines of proof are one too many, whatever they say */
    cy_text_add(&text, "old 1\n");
    for (unsigned i = 0; i < 64; i++) {
        cy_text_base64(&text, cy_span_of(proof[i].b, 32));
        cy_text_add(&text, "\n");
    }
    cy_text_add(&text, "\n");
    cy_text_span(&text, bytes);
    assert_int_equal(post(stage, cy_text_bytes(&text)), 400);
    assert_code(stage->answer.err, BAD_PROOF_TEXT);
    /* the same body cut anywhere is never accepted */
    text = cy_text_on(body, sizeof body);
    cy_add_checkpoint_write(&text, 0, NULL, 0, bytes);
    for (size_t n = 0; n < text.n; n++)
        assert_true(post(stage, cy_span_of(body, n)) >= 400);
    assert_int_equal(stage->cosigned, 0);
    assert_int_equal(post(stage, cy_text_bytes(&text)), 200);
}

static void a_long_checkpoint_is_400(void **s)
{
    struct stage *stage = *s;
    static char body[2 * CY_COSIGNED_MAX + 4096];
    static char plain[2 * CY_COSIGNED_MAX];
    struct cy_text text = cy_text_on(body, sizeof body);
    struct cy_text note = cy_text_on(plain, sizeof plain);
    static char note_bytes[2 * CY_COSIGNED_MAX + 2048];
    struct cy_text whole = cy_text_on(note_bytes, sizeof note_bytes);
    const struct cy_id root = tree_root(1, 0, 5);
    struct cy_signature signature;

    cy_checkpoint_write(&note, cy_span_text(ORIGIN), 5, &root);
    for (unsigned i = 0; i < CY_COSIGNED_MAX / 8; i++)
        cy_text_add(&note, "extends\n");
    cy_secret_sign(&log_.secret, cy_text_bytes(&note), &signature);
    cy_note_begin(&whole, cy_text_bytes(&note));
    cy_note_line(&whole, log_.key.name, log_.key.id, cy_span_of(signature.b, 64));
    cy_add_checkpoint_write(&text, 0, NULL, 0, cy_text_bytes(&whole));
    assert_int_equal(post(stage, cy_text_bytes(&text)), 400);
    assert_code(stage->answer.err, TOO_LARGE);
}

/* tlog-witness: two requests from the same size. One call checks and stores, so the host's lock
 * around the call is all it takes: whichever comes second is told where the witness stands. */
static void of_two_requests_from_one_size_the_second_is_told(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 8), 200);
    assert_int_equal(ask(stage, 1, 8, 20), 200); /* B */
    assert_int_equal(ask(stage, 1, 8, 12), 409); /* A would roll 8 leaves back */
    assert_true(says(stage, "20\n"));
    assert_ok(reopen(stage));
    assert_int_equal(ask(stage, 1, 8, 12), 409);
    assert_int_equal(ask(stage, 1, 20, 21), 200);
}

/* The same without a lock: both were checked against size 8 before either was stored. */
static void of_two_requests_at_once_the_store_takes_one(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 8), 200);
    (void)remembered(stage, cy_span_text(ORIGIN), &stage->before);
    assert_int_equal(ask(stage, 1, 8, 20), 200);
    stage->stale = true;
    assert_int_equal(ask(stage, 1, 8, 12), 409); /* a rollback */
    assert_true(says(stage, "20\n"));
    assert_int_equal(ask(stage, 2, 8, 8), 422);
    assert_int_equal(ask(stage, 1, 8, 30), 409); /* its proof does not begin at 20 */
    assert_true(says(stage, "20\n"));
    stage->stale = false;
    assert_int_equal(stage->signed_size, 20);
    assert_int_equal(ask(stage, 1, 20, 30), 200);
}

static void logs_do_not_meet(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 8), 200);
    assert_int_equal(ask_as(stage, &other_, 2, 0, 3), 200);
    assert_int_equal(ask_as(stage, &other_, 2, 3, 8), 200);
    assert_int_equal(ask(stage, 1, 8, 9), 200);
    assert_ok(reopen(stage));
    assert_int_equal(ask(stage, 1, 0, 1), 409);
    assert_true(says(stage, "9\n"));
    assert_int_equal(ask_as(stage, &other_, 2, 0, 1), 409);
    assert_true(says(stage, "8\n"));
}

static void a_signer_that_fails_is_503(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 4), 200);
    stage->signer_answers = cy_fail(CY_E_PEER_LOST, 0);
    assert_int_equal(ask(stage, 1, 4, 8), 503);
    assert_code(stage->answer.err, PEER_LOST);
    stage->signer_answers = CY_OK;
    assert_int_equal(ask(stage, 1, 4, 8), 200);
}

static void a_signer_with_another_key_is_not_believed(void **s)
{
    struct stage *stage = *s;
    struct party wrong;

    party_make(&wrong, "witness.example/w1", CY_NOTE_COSIGNATURE, 9);
    witness_.secret = wrong.secret;
    assert_int_equal(ask(stage, 1, 0, 4), 503);
    assert_code(stage->answer.err, BAD_SIGNATURE);
}

static void a_full_disk_is_503_and_no_signature(void **s)
{
    struct stage *stage = *s;

    assert_int_equal(ask(stage, 1, 0, 4), 200);
    cy_sim_disk_space(stage->sim, 10);
    assert_int_equal(ask(stage, 1, 4, 8), 503);
    assert_code(stage->answer.err, NO_SPACE);
    assert_int_equal(stage->cosigned, 1);
    cy_sim_disk_space(stage->sim, UINT64_MAX);
    /* the store took it, though it could not write it: it goes on from there */
    assert_int_equal(ask(stage, 1, 4, 8), 409);
    assert_int_equal(ask(stage, 1, 8, 8), 200);
    assert_int_equal(ask(stage, 1, 8, 9), 200);
}

/* --- power cuts --- */

/* What was answered with 200, of one log. */
struct promise {
    uint64_t size;
    struct cy_id root;
};

/* After any cut: the witness stands at what it promised or signed, or at the head it was storing;
 * it takes a head that continues, and never one that does not. */
static void keeps_promise(struct stage *stage, const struct promise *promise)
{
    struct cy_witnessed at;

    (void)remembered(stage, cy_span_text(ORIGIN), &at);
    assert_true(at.size >= promise->size);
    assert_true(at.size >= stage->signed_size);
    if (promise->size > 0) {
        assert_true(ask(stage, 2, promise->size, promise->size) != 200); /* a conflicting head */
        assert_true(ask(stage, 2, promise->size, promise->size + 3) != 200);
        if (promise->size > 1)
            assert_true(ask(stage, 1, promise->size - 1, promise->size - 1) != 200);
    }
}

static void power_cuts_never_make_it_forget(void **s)
{
    struct stage *stage = *s;
    unsigned cuts = 0;

    for (uint64_t cut = 1; cut < 1500; cut += cut < 10 ? 1 : 31) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            static const uint64_t sizes[] = {3, 4, 9};
            struct promise promise = {0};
            uint64_t from = 0;
            struct stage *fresh = NULL;
            struct cy_witnessed at;

            assert_int_equal(start((void **)&fresh), 0);
            if (cut < 10)
                cy_sim_disk_cut_at_call(fresh->sim, cut);
            else
                cy_sim_disk_cut_at_byte(fresh->sim, cut - 9);
            for (size_t i = 0; i < CY_COUNT(sizes); i++) {
                if (ask(fresh, 1, from, sizes[i]) == 200)
                    promise = (struct promise){sizes[i], tree_root(1, 0, sizes[i])};
                from = sizes[i];
            }
            if (cy_sim_disk_dead(fresh->sim)) {
                assert_true(promise.size < 9);
                cuts++;
            }
            cy_head_memory_close(fresh->memory);
            fresh->memory = NULL;
            cy_sim_disk_power_cut(fresh->sim, seed);
            assert_ok(reopen(fresh));
            keeps_promise(fresh, &promise);
            /* and life goes on from where it says it is */
            (void)remembered(fresh, cy_span_text(ORIGIN), &at);
            assert_int_equal(ask(fresh, 1, at.size, 20), 200);
            assert_int_equal(fresh->signed_size, 20);
            finish((void **)&fresh);
        }
    }
    assert_in_range(cuts, 50, 160); /* the rest fell behind the last write */
    (void)stage;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(heads_that_continue_are_cosigned),
        T(an_unknown_log_is_404),
        T(an_untrusted_signature_is_403),
        T(an_old_size_above_the_checkpoint_is_400),
        T(another_old_size_is_409_with_the_right_one),
        T(a_proof_that_does_not_hold_is_422),
        T(an_empty_log_has_the_empty_root),
        T(malformed_requests_are_400),
        T(a_long_checkpoint_is_400),
        T(of_two_requests_from_one_size_the_second_is_told),
        T(of_two_requests_at_once_the_store_takes_one),
        T(logs_do_not_meet),
        T(a_signer_that_fails_is_503),
        T(a_signer_with_another_key_is_not_believed),
        T(a_full_disk_is_503_and_no_signature),
        T(power_cuts_never_make_it_forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

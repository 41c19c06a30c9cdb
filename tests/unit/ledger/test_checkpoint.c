/* checkpoint: the published log's signatures, signed-note rules, witnesses, publishing. */
#include "ledger/checkpoint.h"

#include "crypto/secret.h"
#include "sim/sim_disk.h"

#include "cm.h"

#include <stdio.h>
#include <stdlib.h>

#define LOG_VKEY "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

struct party {
    struct cy_secret secret;
    struct cy_note_key key;
};

static struct party log_;
static struct party witness_[4];
static struct cy_disk_fault fault_;

static void party_make(struct party *party, const char *name, enum cy_note_key_type type,
                       uint8_t seed)
{
    uint8_t bytes[32];
    struct cy_id key;

    memset(bytes, seed, sizeof bytes);
    cy_secret_of(bytes, &party->secret, &key);
    assert_ok(cy_note_key_of(cy_span_text(name), type, &key, &party->key));
}

static int start(void **s)
{
    (void)s;
    party_make(&log_, "log.example/cell", CY_NOTE_ED25519, 1);
    party_make(&witness_[0], "w0.example", CY_NOTE_COSIGNATURE, 2);
    party_make(&witness_[1], "w1.example", CY_NOTE_COSIGNATURE, 3);
    party_make(&witness_[2], "w2.example", CY_NOTE_COSIGNATURE, 4);
    party_make(&witness_[3], "w0-again.example", CY_NOTE_COSIGNATURE, 2); /* the key of w0 */
    return 0;
}

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    cy_secret_sign(&((struct party *)user)->secret, message, out);
    return CY_OK;
}

static cy_err sign_down(void *user, struct cy_span message, struct cy_signature *out)
{
    (void)user;
    (void)message;
    (void)out;
    return cy_fail(CY_E_DISK_FAILED, 0);
}

static size_t load(const char *name, uint8_t *out, size_t cap)
{
    char path[600];
    FILE *f = NULL;
    size_t n = 0;

    snprintf(path, sizeof path, CY_SHARED "/vectors/tlog/log/%s", name);
    f = fopen(path, "rb");
    if (f == NULL)
        return 0;
    n = fread(out, 1, cap, f);
    fclose(f);
    return n;
}

static void published_signatures(void **s)
{
    struct cy_note_key key;
    struct cy_checkpoint checkpoint;
    uint8_t bytes[2048];
    uint32_t cosigned = 9;

    (void)s;
    assert_ok(cy_note_vkey_read(cy_span_text(LOG_VKEY), &key));
    for (unsigned size = 0; size <= 15; size++) {
        char name[32];
        size_t n = 0;

        snprintf(name, sizeof name, "checkpoint.%u", size);
        n = load(name, bytes, sizeof bytes);
        if (n == 0) {
            print_message("skipped: the published log is not here\n");
            skip();
        }
        assert_ok(
            cy_checkpoint_verify(cy_span_of(bytes, n), &key, NULL, 0, 0, &checkpoint, &cosigned));
        assert_true(checkpoint.size == size);
        assert_int_equal(cosigned, 0);
        assert_code(cy_checkpoint_verify(cy_span_of(bytes, n), &log_.key, NULL, 0, 0, &checkpoint,
                                         &cosigned),
                    OTHER_LOG);
        for (size_t i = 0; i < n; i++) { /* no byte of the text or signature may change */
            cy_err err;

            bytes[i] ^= 1;
            err = cy_checkpoint_verify(cy_span_of(bytes, n), &key, NULL, 0, 0, &checkpoint,
                                       &cosigned);
            assert_false(cy_ok(err));
            bytes[i] ^= 1;
        }
    }
}

static void make_note(struct cy_text *note, uint64_t size)
{
    const struct cy_id root = cy_sha256(cy_span_of(&size, sizeof size));

    assert_ok(cy_checkpoint_make(&log_.key, size, &root, sign, &log_, note));
}

static void attach(struct cy_text *note, struct party *party, uint64_t time_s)
{
    char memory[512];
    struct cy_text line = cy_text_on(memory, sizeof memory);
    struct cy_note read;

    assert_ok(cy_note_read(cy_text_bytes(note), &read));
    assert_ok(cy_checkpoint_cosignature(&party->key, read.text, time_s, sign, party, &line));
    assert_ok(cy_checkpoint_attach(note, cy_text_bytes(&line), &party->key));
}

static void witnesses(void **s)
{
    char memory[4096];
    struct cy_text note = cy_text_on(memory, sizeof memory);
    struct cy_note_key known[4];
    struct cy_note_verdict verdicts[4];
    struct cy_checkpoint checkpoint;
    struct cy_note read;
    uint32_t cosigned = 0;
    size_t before = 0;

    (void)s;
    for (unsigned i = 0; i < 4; i++)
        known[i] = witness_[i].key;
    make_note(&note, 42);
    assert_code(
        cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, known, 3, 1, &checkpoint, &cosigned),
        FEW_WITNESSES);
    attach(&note, &witness_[0], 1700000000);
    attach(&note, &witness_[1], 1700000001);
    assert_ok(
        cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, known, 3, 2, &checkpoint, &cosigned));
    assert_int_equal(cosigned, 2);
    assert_true(checkpoint.size == 42);
    assert_code(
        cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, known, 3, 3, &checkpoint, &cosigned),
        FEW_WITNESSES);
    before = note.n;
    attach(&note, &witness_[0], 1700000000); /* the same line again */
    assert_int_equal(note.n, before);
    attach(&note, &witness_[3], 1700000002); /* another name, no other witness */
    assert_ok(
        cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, known, 4, 2, &checkpoint, &cosigned));
    assert_int_equal(cosigned, 2);
    attach(&note, &witness_[0], 1700000009);
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    assert_ok(cy_note_verify(&read, known, 4, verdicts));
    assert_true(verdicts[0].good && verdicts[1].good && !verdicts[2].good && verdicts[3].good);
    assert_true(verdicts[0].time_s == 1700000009);
    assert_true(verdicts[1].time_s == 1700000001);
    attach(&note, &witness_[2], 5);
    assert_ok(
        cy_checkpoint_verify(cy_text_bytes(&note), &log_.key, known, 4, 3, &checkpoint, &cosigned));
}

/* Unknown keys are ignored, even when their lines are nonsense; known ones must all verify. */
static void signed_note_rules(void **s)
{
    char memory[4096];
    struct cy_text note = cy_text_on(memory, sizeof memory);
    struct cy_note_key keys[2] = {log_.key, witness_[0].key};
    struct cy_note_verdict verdicts[2];
    struct cy_note read;
    uint8_t junk[64] = {1};

    (void)s;
    make_note(&note, 7);
    cy_note_line(&note, cy_span_text("stranger"), 1, cy_span_of(junk, 64));
    cy_note_line(&note, log_.key.name, log_.key.id ^ 1, cy_span_of(junk, 64)); /* his other key */
    cy_note_line(&note, cy_span_text("stranger"), log_.key.id, cy_span_of(junk, 64));
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    assert_ok(cy_note_verify(&read, keys, 2, verdicts));
    assert_true(verdicts[0].good);
    assert_false(verdicts[1].good);
    assert_code(cy_note_verify(&read, &keys[1], 1, verdicts), NOT_SIGNED);
    cy_note_line(&note, log_.key.name, log_.key.id, cy_span_of(junk, 64)); /* one good, one bad */
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    assert_code(cy_note_verify(&read, keys, 2, verdicts), BAD_SIGNATURE);
    assert_int_equal(cy_note_verify(&read, keys, 2, verdicts).detail, 4);
    note = cy_text_on(memory, sizeof memory);
    make_note(&note, 7);
    cy_note_line(&note, keys[1].name, keys[1].id, cy_span_of(junk, 63)); /* of a wrong length */
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    assert_code(cy_note_verify(&read, keys, 2, verdicts), BAD_SIGNATURE);
}

static void attach_refuses(void **s)
{
    char memory[4096];
    char other_memory[4096];
    char lines[2048];
    struct cy_text note = cy_text_on(memory, sizeof memory);
    struct cy_text other = cy_text_on(other_memory, sizeof other_memory);
    struct cy_text line = cy_text_on(lines, sizeof lines);
    struct cy_note read;
    size_t before = 0;

    (void)s;
    make_note(&note, 1);
    make_note(&other, 2);
    before = note.n;
    assert_ok(cy_note_read(cy_text_bytes(&other), &read));
    assert_ok(cy_checkpoint_cosignature(&witness_[0].key, read.text, 9, sign, &witness_[0], &line));
    assert_code(cy_checkpoint_attach(&note, cy_text_bytes(&line), &witness_[0].key), BAD_SIGNATURE);
    assert_code(cy_checkpoint_attach(&note, cy_text_bytes(&line), &witness_[1].key), NOT_SIGNED);
    assert_code(cy_checkpoint_attach(&note, cy_span_text("\n"), &witness_[0].key), BAD_NOTE);
    assert_code(cy_checkpoint_attach(&note, cy_text_bytes(&other), &witness_[0].key), BAD_NOTE);
    assert_int_equal(note.n, before);
    assert_int_equal(strlen(memory), before);
    /* strangers' lines around the right one are left out */
    line = cy_text_on(lines, sizeof lines);
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    cy_note_line(&line, cy_span_text("stranger"), 1, cy_span_text("x"));
    assert_ok(cy_checkpoint_cosignature(&witness_[0].key, read.text, 9, sign, &witness_[0], &line));
    cy_note_line(&line, cy_span_text("stranger"), 2, cy_span_text("y"));
    assert_ok(cy_checkpoint_cosignature(&witness_[0].key, read.text, 9, sign, &witness_[0], &line));
    assert_ok(cy_checkpoint_attach(&note, cy_text_bytes(&line), &witness_[0].key));
    assert_ok(cy_note_read(cy_text_bytes(&note), &read));
    assert_int_equal(read.n, 2);
    assert_true(cy_span_eq(read.signatures[1].name, witness_[0].key.name));
    note.cap = note.n + 4;
    assert_code(cy_checkpoint_attach(&note, cy_text_bytes(&line), &witness_[0].key), NO_ROOM);
    assert_false(note.full);
}

static void signer_trouble(void **s)
{
    char memory[1024];
    struct cy_text note = cy_text_on(memory, sizeof memory);
    const struct cy_id root = cy_hash_empty();

    (void)s;
    assert_code(cy_checkpoint_make(&log_.key, 0, &root, sign_down, NULL, &note), DISK_FAILED);
    assert_code(cy_checkpoint_make(&log_.key, 0, &root, sign, &witness_[0], &note), BAD_SIGNATURE);
    assert_int_equal(note.n, 0);
}

static void publish_and_load(void **s)
{
    struct cy_sim_disk *sim = cy_sim_disk_new();
    const struct cy_disk disk = cy_sim_disk_face(sim);
    const size_t bytes = (cy_tree_bytes(CY_TREE_STAGE_MIN) + 15) / 16 * 16;
    uint8_t *arena_memory = aligned_alloc(16, bytes);
    struct cy_arena arena = cy_arena_on(arena_memory, bytes);
    static struct cy_tree tree;
    static uint8_t file[CY_NOTE_MAX];
    char memory[1024];
    struct cy_text note = cy_text_on(memory, sizeof memory);
    struct cy_id root = cy_hash_empty();
    struct cy_checkpoint checkpoint;
    size_t n = 0;

    (void)s;
    assert_ok(cy_tree_open(&tree, &disk, CY_TREE_STAGE_MIN, &arena, 0, &root, &fault_));
    assert_code(cy_checkpoint_load(&disk, &log_.key, file, sizeof file, &n, &checkpoint, &fault_),
                NO_FILE);
    assert_ok(cy_tree_append(&tree, cy_span_text("one")));
    root = cy_tree_root(&tree);
    assert_ok(cy_checkpoint_make(&log_.key, 1, &root, sign, &log_, &note));
    assert_code(cy_checkpoint_publish(&tree, cy_text_bytes(&note), &fault_), RANGE);
    assert_ok(cy_tree_flush(&tree));
    assert_ok(cy_checkpoint_publish(&tree, cy_text_bytes(&note), &fault_));
    cy_sim_disk_power_cut(sim, 0);
    assert_ok(cy_checkpoint_load(&disk, &log_.key, file, sizeof file, &n, &checkpoint, &fault_));
    assert_true(checkpoint.size == 1);
    assert_true(cy_span_eq(cy_span_of(file, n), cy_text_bytes(&note)));
    root.b[3] ^= 1;
    note = cy_text_on(memory, sizeof memory);
    assert_ok(cy_checkpoint_make(&log_.key, 1, &root, sign, &log_, &note));
    assert_code(cy_checkpoint_publish(&tree, cy_text_bytes(&note), &fault_), TREE_MISMATCH);
    for (uint64_t at = 0; at < n; at++) {
        assert_true(cy_sim_disk_flip(sim, CY_CHECKPOINT_FILE, at, 1));
        assert_code(
            cy_checkpoint_load(&disk, &log_.key, file, sizeof file, &n, &checkpoint, &fault_),
            CHECKPOINT_DAMAGED);
        assert_string_equal(fault_.path, "checkpoint");
        assert_true(cy_sim_disk_flip(sim, CY_CHECKPOINT_FILE, at, 1));
    }
    cy_sim_disk_free(sim);
    free(arena_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_signatures), cmocka_unit_test(witnesses),
        cmocka_unit_test(signed_note_rules),    cmocka_unit_test(attach_refuses),
        cmocka_unit_test(signer_trouble),       cmocka_unit_test(publish_and_load),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}

/* torture_ledger: a whole ledger (journal, tiles, checkpoint, snapshots) whose power is cut at
 * every byte and every disk call, whose n-th call fails, whose files rot. After each: everything
 * that was acknowledged is there, nothing is half there, trouble has a name, and work goes on. */
#include "crypto/secret.h"
#include "ledger/checkpoint.h"
#include "ledger/journal.h"
#include "ledger/snapshot.h"
#include "sim/sim_disk.h"

#include "cm.h"

#include <stdio.h>
#include <stdlib.h>

#define ENTRIES 330u /* more than one full tile */

/* --- a small node --- */

struct node {
    struct cy_disk disk;
    struct cy_journal journal;
    struct cy_tree tree;
    struct cy_journal_report report;
    struct cy_disk_fault fault;
    bool journal_open;
};

/* What the outside world was promised; it survives the node. */
static struct {
    uint64_t acknowledged; /* entries whose flush was reported */
    uint64_t published;    /* size of the last head that was published */
    uint64_t snapshot;     /* size of the last finished snapshot */
    uint64_t submitted;    /* entries ever handed in */
} promised_;

static struct cy_sim_disk *sim_;
static struct node node_;
static struct cy_secret secret_;
static struct cy_note_key key_;
static uint8_t *memory_;
static size_t memory_size_;
static uint8_t buffer_[CY_SNAPSHOT_CHUNK];
static struct cy_id leaves_[ENTRIES + 64];

static struct cy_journal_options options(void)
{
    return (struct cy_journal_options){.dir = "journal",
                                       .segment_bytes = 6000,
                                       .batch_bytes =
                                           CY_JOURNAL_RECORD_HEAD + CY_JOURNAL_PAYLOAD_MAX,
                                       .segments_max = 30,
                                       .salt = "torture"};
}

static struct cy_span entry_of(uint64_t i)
{
    static uint8_t bytes[64];

    memset(bytes, (int)(i * 5 & 255), sizeof bytes);
    cy_put_u64be(bytes, i);
    return cy_span_of(bytes, 8 + (size_t)(i % 23));
}

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    (void)user;
    cy_secret_sign(&secret_, message, out);
    return CY_OK;
}

static cy_err replay(void *user, uint64_t number, uint32_t kind, struct cy_span payload)
{
    struct node *node = user;

    assert_int_equal(kind, 1);
    assert_true(number == cy_tree_size(&node->tree));
    assert_true(cy_span_eq(payload, entry_of(number)));
    return cy_tree_append(&node->tree, payload);
}

static cy_err node_open(void)
{
    const struct cy_journal_options journal_options = options();
    struct cy_arena arena = cy_arena_on(memory_, memory_size_);
    static uint8_t file[CY_NOTE_MAX];
    struct cy_checkpoint head = {.root = cy_hash_empty()};
    cy_err err = CY_OK;
    size_t n = 0;

    memset(&node_.fault, 0, sizeof node_.fault);
    node_.disk = cy_sim_disk_face(sim_);
    err = cy_checkpoint_load(&node_.disk, &key_, file, sizeof file, &n, &head, &node_.fault);
    if (!cy_ok(err) && err.code != CY_E_NO_FILE)
        return err;
    CY_TRY(cy_tree_open(&node_.tree, &node_.disk, CY_TREE_STAGE_MIN, &arena, head.size, &head.root,
                        &node_.fault));
    CY_TRY(cy_journal_open(&node_.journal, &node_.disk, &journal_options, &arena, head.size, replay,
                           &node_, &node_.report, &node_.fault));
    node_.journal_open = true;
    return CY_OK;
}

static void node_close(void)
{
    cy_err err = CY_OK; /* on a dead disk closing fails, and nothing hangs on it */

    for (unsigned i = 0; i < CY_JOURNAL_BUFFERS && node_.journal_open; i++)
        node_.journal.batches[i].sealed = false; /* the flusher died with the node */
    if (node_.journal_open)
        err = cy_journal_close(&node_.journal);
    node_.journal_open = false;
    (void)err;
}

/* Soft trouble is tried again, once. */
static cy_err write_batch(struct cy_journal_batch *batch)
{
    const cy_err err = cy_journal_write(batch);

    return err.code == CY_E_NO_SPACE ? cy_journal_write(batch) : err;
}

static cy_err node_commit(uint32_t count)
{
    const uint64_t first = cy_tree_size(&node_.tree);
    struct cy_journal_batch *batch = NULL;
    uint64_t number = 0;
    cy_err err = CY_OK;

    for (uint64_t i = first; i < first + count; i++) {
        CY_TRY(cy_journal_append(&node_.journal, 1, entry_of(i), &number));
        assert_true(number == i);
        if (i >= promised_.submitted)
            promised_.submitted = i + 1;
    }
    batch = cy_journal_cut(&node_.journal);
    assert_non_null(batch);
    err = write_batch(batch);
    cy_journal_done(&node_.journal, batch, err);
    CY_TRY(err);
    assert_true(cy_journal_durable(&node_.journal) == first + count);
    promised_.acknowledged = first + count;
    for (uint64_t i = first; i < first + count; i++)
        CY_TRY(cy_tree_append(&node_.tree, entry_of(i)));
    return CY_OK;
}

static cy_err node_publish(void)
{
    const uint64_t size = cy_tree_size(&node_.tree);
    const struct cy_id root = cy_tree_root(&node_.tree);
    char bytes[1024];
    struct cy_text note = cy_text_on(bytes, sizeof bytes);
    cy_err err = cy_tree_flush(&node_.tree);

    if (err.code == CY_E_NO_SPACE)
        err = cy_tree_flush(&node_.tree);
    CY_TRY(err);
    CY_TRY(cy_checkpoint_make(&key_, size, &root, sign, NULL, &note));
    err = cy_checkpoint_publish(&node_.tree, cy_text_bytes(&note), &node_.fault);
    if (err.code == CY_E_NO_SPACE)
        err = cy_checkpoint_publish(&node_.tree, cy_text_bytes(&note), &node_.fault);
    CY_TRY(err);
    promised_.published = size;
    return CY_OK;
}

static cy_err node_snapshot(void)
{
    const struct cy_snapshot_head head = {
        .size = promised_.published, .number = promised_.published, .rules = 1};
    struct cy_snapshot_writer writer;
    cy_err err = cy_snapshot_begin(&writer, &node_.disk, &head);

    if (cy_ok(err))
        err = cy_snapshot_section(&writer, 1, sizeof leaves_[0], head.size);
    if (cy_ok(err))
        err =
            cy_snapshot_chunk(&writer, cy_span_of(leaves_, (size_t)head.size * sizeof leaves_[0]));
    if (cy_ok(err))
        err = cy_snapshot_end(&writer);
    cy_snapshot_abandon(&writer);
    CY_TRY(err);
    promised_.snapshot = head.size;
    CY_TRY(cy_tree_prune(&node_.tree, promised_.published));
    return cy_journal_drop(&node_.journal, head.number);
}

/* One life of the node, from where it stands to ENTRIES. */
static cy_err node_work(void)
{
    for (unsigned step = 0; cy_tree_size(&node_.tree) < ENTRIES; step++) {
        const uint64_t size = cy_tree_size(&node_.tree);
        const uint64_t stop_at = size < CY_TILE_WIDTH ? CY_TILE_WIDTH : ENTRIES;
        const uint32_t count = 31 + step % 5;

        CY_TRY(node_commit(stop_at - size < count ? (uint32_t)(stop_at - size) : count));
        /* 256 too: a head without any partial tile */
        if (step % 2 == 1 || cy_tree_size(&node_.tree) == CY_TILE_WIDTH)
            CY_TRY(node_publish());
        if (step % 4 == 3)
            CY_TRY(node_snapshot());
    }
    CY_TRY(node_publish());
    return node_snapshot();
}

static cy_err life(void)
{
    cy_err err = node_open();

    if (cy_ok(err))
        err = node_work();
    node_close();
    return err;
}

/* --- what must hold after anything --- */

static void check_promises(void)
{
    struct cy_snapshot_head head;
    bool usable = false;
    cy_err err = node_open();
    struct cy_id want;
    struct cy_id have;

    assert_ok(err);
    assert_true(cy_tree_size(&node_.tree) >= promised_.acknowledged);
    assert_true(cy_tree_size(&node_.tree) <= promised_.submitted);
    assert_true(cy_tree_flushed(&node_.tree) >= promised_.published);
    want = cy_merkle_root(leaves_, cy_tree_size(&node_.tree));
    have = cy_tree_root(&node_.tree);
    assert_memory_equal(have.b, want.b, 32);
    assert_ok(cy_tree_verify(&node_.tree, &node_.fault));
    err = cy_snapshot_choose(&node_.disk, buffer_, &head, &usable, &node_.fault);
    if (promised_.snapshot > 0 || err.code != CY_E_NO_SNAPSHOT) {
        assert_ok(err);
        assert_true(head.size >= promised_.snapshot);
    }
    /* what was found is now the promise: it was replayed as durable */
    promised_.acknowledged = cy_tree_size(&node_.tree);
    promised_.published = cy_tree_flushed(&node_.tree);
    node_close();
}

static void finish(void)
{
    check_promises();
    cy_sim_disk_power_cut(sim_, 0); /* what was replayed must be durable from then on */
    check_promises();
    assert_ok(life());
    check_promises();
    assert_true(promised_.published == ENTRIES);
}

static void begin(void)
{
    cy_sim_disk_free(sim_);
    sim_ = cy_sim_disk_new();
    assert_non_null(sim_);
    memset(&promised_, 0, sizeof promised_);
}

static int start(void **s)
{
    const struct cy_journal_options journal_options = options();
    struct cy_id key;
    uint8_t seed[32] = {9};

    (void)s;
    memory_size_ =
        (cy_tree_bytes(CY_TREE_STAGE_MIN) + cy_journal_bytes(&journal_options) + 15) / 16 * 16;
    memory_ = aligned_alloc(16, memory_size_);
    cy_secret_of(seed, &secret_, &key);
    for (uint64_t i = 0; i < CY_COUNT(leaves_); i++)
        leaves_[i] = cy_hash_leaf(entry_of(i));
    return memory_ == NULL ||
           !cy_ok(cy_note_key_of(cy_span_text("torture.example"), CY_NOTE_ED25519, &key, &key_));
}

static int stop(void **s)
{
    (void)s;
    cy_sim_disk_free(sim_);
    free(memory_);
    return 0;
}

/* --- the tortures --- */

static void nothing_wrong(void **s)
{
    (void)s;
    begin();
    assert_ok(life());
    finish();
    print_message("one life: %u disk calls, %u bytes\n", (unsigned)cy_sim_disk_calls(sim_),
                  (unsigned)cy_sim_disk_written(sim_));
}

static uint64_t calls_of_a_life(uint64_t *bytes)
{
    begin();
    assert_ok(life());
    *bytes = cy_sim_disk_written(sim_);
    return cy_sim_disk_calls(sim_);
}

/* Power cut at every disk call of everything, with several fates of what was not synced. */
static void cut_at_every_call(void **s)
{
    uint64_t bytes = 0;
    const uint64_t calls = calls_of_a_life(&bytes);

    (void)s;
    for (uint64_t call = 1; call <= calls; call++) {
        for (uint64_t seed = 0; seed < 2; seed++) {
            cy_err err = CY_OK;

            begin();
            cy_sim_disk_cut_at_call(sim_, call);
            err = life();
            if (call < calls) /* the last call closes the journal: nothing hangs on it */
                assert_code(err, DISK_FAILED);
            cy_sim_disk_power_cut(sim_, seed == 0 ? 0 : seed + call * 8);
            finish();
        }
    }
}

/* Power cut inside writes, all over a life. */
static void cut_at_bytes(void **s)
{
    uint64_t bytes = 0;
    (void)calls_of_a_life(&bytes);

    (void)s;
    for (uint64_t at = 1; at <= bytes; at += 1 + bytes / 800) {
        begin();
        cy_sim_disk_cut_at_byte(sim_, at);
        assert_code(life(), DISK_FAILED);
        cy_sim_disk_power_cut(sim_, at);
        finish();
    }
}

/* Power cut at every byte of one append, and what is found is the prefix of whole records. */
static void cut_at_every_byte_of_an_append(void **s)
{
    uint64_t before = 0;
    uint64_t bytes = 0;

    (void)s;
    begin();
    assert_ok(node_open());
    assert_ok(node_commit(3));
    before = cy_sim_disk_written(sim_);
    assert_ok(node_commit(4));
    bytes = cy_sim_disk_written(sim_) - before;
    node_close();
    for (uint64_t at = 1; at <= bytes; at++) {
        for (uint64_t seed = 0; seed < 4; seed++) {
            begin();
            assert_ok(node_open());
            assert_ok(node_commit(3));
            cy_sim_disk_cut_at_byte(sim_, at);
            assert_code(node_commit(4), DISK_FAILED);
            node_close();
            assert_true(promised_.acknowledged == 3);
            cy_sim_disk_power_cut(sim_, seed == 0 ? 0 : seed + at * 4);
            assert_ok(node_open());
            assert_true(cy_tree_size(&node_.tree) >= 3);
            assert_true(cy_tree_size(&node_.tree) <= 7);
            assert_ok(node_commit(4));
            node_close();
            check_promises();
        }
    }
}

/* The n-th call fails once: softly (tried again in place) or hard (the node starts again). */
static void fail_every_call(void **s)
{
    static const enum cy_code codes[] = {CY_E_NO_SPACE, CY_E_DISK_FAILED};
    uint64_t bytes = 0;
    const uint64_t calls = calls_of_a_life(&bytes);

    (void)s;
    for (uint64_t call = 1; call <= calls; call++) {
        for (unsigned k = 0; k < 2 * CY_COUNT(codes); k++) {
            cy_err err = CY_OK;

            begin();
            cy_sim_disk_fail_at(sim_, call, codes[k / 2]);
            err = life();
            if (!cy_ok(err)) {
                assert_true(err.code == CY_E_NO_SPACE || err.code == CY_E_DISK_FAILED ||
                            err.code == CY_E_JOURNAL_STOPPED);
                if (k % 2 == 0)
                    cy_sim_disk_power_cut(sim_, call);
                else
                    cy_sim_disk_kill(sim_);
            }
            finish();
        }
    }
}

/* A disk that is full for a while: soft trouble until there is room again. */
static void full_disk(void **s)
{
    uint64_t bytes = 0;
    (void)calls_of_a_life(&bytes);

    (void)s;
    for (uint64_t space = 0; space < 40000; space += 997) {
        cy_err err = CY_OK;

        begin();
        cy_sim_disk_space(sim_, space);
        err = life();
        if (!cy_ok(err))
            assert_code(err, NO_SPACE);
        cy_sim_disk_kill(sim_);
        cy_sim_disk_space(sim_, UINT64_MAX);
        finish();
    }
}

/* --- rot --- */

static char files_[256][CY_PATH_MAX];
static unsigned n_files_;

static void remember(void *user, const char *path)
{
    (void)user;
    assert_true(n_files_ < CY_COUNT(files_));
    snprintf(files_[n_files_++], CY_PATH_MAX, "%s", path);
}

static cy_err open_and_check(void)
{
    struct cy_snapshot_head head;
    bool usable = false;
    cy_err err = node_open();

    if (cy_ok(err))
        err = cy_tree_verify(&node_.tree, &node_.fault);
    if (cy_ok(err))
        err = cy_snapshot_choose(&node_.disk, buffer_, &head, &usable, &node_.fault);
    node_close();
    return err;
}

/* A bit flips in any file of a finished ledger: the file is named, with an offset not behind it. */
static void every_file_rots(void **s)
{
    unsigned named = 0;

    (void)s;
    begin();
    assert_ok(life());
    n_files_ = 0;
    cy_sim_disk_each(sim_, remember, NULL);
    for (unsigned i = 0; i < n_files_; i++) {
        struct cy_span bytes;
        bool in_use = true;

        assert_true(cy_sim_disk_bytes(sim_, files_[i], &bytes));
        /* an older snapshot, and partial tiles of older sizes, are not looked at */
        if (strncmp(files_[i], "snapshots/", 10) == 0)
            in_use = strstr(files_[i], "330") != NULL;
        if (strstr(files_[i], ".p/") != NULL)
            in_use = strstr(files_[i], ".p/74") != NULL || strstr(files_[i], "tile/1/") != NULL;
        for (uint64_t at = 0; at < bytes.n; at += 1 + bytes.n / 61) {
            cy_err err = CY_OK;

            assert_true(cy_sim_disk_flip(sim_, files_[i], at, 4));
            err = open_and_check();
            if (in_use) {
                named++;
                assert_false(cy_ok(err));
                if (err.code == CY_E_TREE_MISMATCH) {
                    assert_true(strncmp(files_[i], "tile/", 5) == 0);
                } else {
                    assert_true(cy_err_info(err.code)->kind == CY_ERR_hard);
                    assert_string_equal(node_.fault.path, files_[i]);
                    assert_true(node_.fault.offset <= at);
                }
            } else {
                assert_ok(err);
            }
            assert_true(cy_sim_disk_flip(sim_, files_[i], at, 4));
        }
    }
    assert_true(named > 400);
    assert_ok(open_and_check());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_wrong),   cmocka_unit_test(cut_at_every_call),
        cmocka_unit_test(cut_at_bytes),    cmocka_unit_test(cut_at_every_byte_of_an_append),
        cmocka_unit_test(fail_every_call), cmocka_unit_test(full_disk),
        cmocka_unit_test(every_file_rots),
    };

    return cmocka_run_group_tests(tests, start, stop);
}

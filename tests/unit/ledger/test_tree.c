/* tree: the published log byte for byte, every proof of many sizes, reopening, damage. */
#include "ledger/tree_walk.h"

#include "sim/sim_disk.h"
#include "wire/note.h"

#include "cm.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAVES 66200u /* more than 256 * 256: three levels of tiles */

static struct cy_sim_disk *sim_;
static struct cy_disk disk_;
static struct cy_tree tree_;
static struct cy_disk_fault fault_;
static uint8_t *memory_;
static struct cy_id leaves_[LEAVES];

static int start(void **s)
{
    (void)s;
    sim_ = cy_sim_disk_new();
    disk_ = cy_sim_disk_face(sim_);
    if (memory_ == NULL)
        memory_ = aligned_alloc(16, (cy_tree_bytes(CY_TREE_STAGE_MIN) + 15) / 16 * 16);
    return sim_ == NULL || memory_ == NULL;
}

static int stop(void **s)
{
    (void)s;
    cy_sim_disk_free(sim_);
    return 0;
}

static cy_err reopen(uint64_t size, const struct cy_id *root)
{
    struct cy_arena arena = cy_arena_on(memory_, cy_tree_bytes(CY_TREE_STAGE_MIN));

    return cy_tree_open(&tree_, &disk_, CY_TREE_STAGE_MIN, &arena, size, root, &fault_);
}

static void reopen_empty(void)
{
    const struct cy_id empty = cy_hash_empty();

    assert_ok(reopen(0, &empty));
}

/* Entry i: its number, and a length that depends on it. */
static struct cy_span entry_of(uint64_t i)
{
    static uint8_t bytes[64];

    memset(bytes, 0x55, sizeof bytes);
    cy_put_u64be(bytes, i * 0x9e3779b97f4a7c15u);
    return cy_span_of(bytes, i * 7 % 41);
}

static void grow(uint64_t size)
{
    while (cy_tree_size(&tree_) < size) {
        const uint64_t i = cy_tree_size(&tree_);

        leaves_[i] = cy_hash_leaf(entry_of(i));
        assert_ok(cy_tree_append(&tree_, entry_of(i)));
    }
}

static size_t load(const char *name, uint8_t *out, size_t cap)
{
    char path[600];
    FILE *f = NULL;
    size_t n = 0;

    snprintf(path, sizeof path, CY_SHARED "/vectors/tlog/log/%s", name);
    f = fopen(path, "rb");
    if (f == NULL)
        return SIZE_MAX;
    n = fread(out, 1, cap, f);
    fclose(f);
    return n;
}

static void same_file(const char *name)
{
    uint8_t want[4096];
    struct cy_span have;
    const size_t n = load(name, want, sizeof want);

    assert_true(n != SIZE_MAX);
    assert_true(cy_sim_disk_bytes(sim_, name, &have));
    assert_int_equal(have.n, n);
    assert_memory_equal(have.at, want, n);
}

/* Sizes 1..15 of the published log: tiles, bundles and roots come out the same. */
static void published_log(void **s)
{
    uint8_t bundle[4096];
    const size_t n = load("tile/entries/000.p/15", bundle, sizeof bundle);
    struct cy_span rest = cy_span_of(bundle, n);

    (void)s;
    if (n == SIZE_MAX) {
        print_message("skipped: the published log is not here\n");
        skip();
    }
    reopen_empty();
    for (unsigned size = 1; size <= 15; size++) {
        struct cy_span entry;
        struct cy_note note;
        struct cy_checkpoint checkpoint;
        struct cy_id root;
        uint8_t text[2048];
        char name[64];

        assert_ok(cy_bundle_next(&rest, &entry));
        assert_ok(cy_tree_append(&tree_, entry));
        assert_ok(cy_tree_flush(&tree_));
        snprintf(name, sizeof name, "tile/entries/000.p/%u", size);
        same_file(name);
        snprintf(name, sizeof name, "tile/0/000.p/%u", size);
        same_file(name);
        snprintf(name, sizeof name, "checkpoint.%u", size);
        assert_ok(cy_note_read(cy_span_of(text, load(name, text, sizeof text)), &note));
        assert_ok(cy_checkpoint_read(note.text, &checkpoint));
        root = cy_tree_root(&tree_);
        assert_memory_equal(root.b, checkpoint.root.b, 32);
        assert_ok(reopen(size, &root));
        assert_ok(cy_tree_verify(&tree_, &fault_));
    }
}

static void check_inclusion(uint64_t index, uint64_t size, const struct cy_id *root)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint32_t n = 0;

    assert_ok(cy_tree_inclusion(&tree_, index, size, path, &n, &fault_));
    assert_ok(cy_merkle_inclusion(&leaves_[index], index, size, path, n, root));
}

static void check_consistency(uint64_t old, uint64_t size)
{
    const struct cy_id root_old = cy_merkle_root(leaves_, old);
    const struct cy_id root = cy_merkle_root(leaves_, size);
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    uint32_t n = 0;

    assert_ok(cy_tree_consistency(&tree_, old, size, path, &n, &fault_));
    assert_ok(cy_merkle_consistency(old, &root_old, size, &root, path, n));
}

/* An appender that goes on from the first `size` leaves comes to the roots of the whole. */
static void check_frontier(uint64_t size, uint64_t further)
{
    struct cy_frontier frontier;
    const struct cy_id want = cy_merkle_root(leaves_, size + further);
    struct cy_id root;

    memset(&frontier, 0xee, sizeof frontier);
    assert_ok(cy_tree_frontier_at(&tree_, size, &frontier, &fault_));
    for (uint64_t i = size; i < size + further; i++)
        assert_ok(cy_frontier_append(&frontier, &leaves_[i]));
    root = cy_frontier_root(&frontier);
    assert_memory_equal(root.b, want.b, 32);
}

/* All indexes in all sizes, all pairs of sizes, around the first tile's end. */
static void every_proof_when_small(void **s)
{
    (void)s;
    reopen_empty();
    grow(40);
    assert_ok(cy_tree_flush(&tree_));
    grow(270);
    assert_ok(cy_tree_flush(&tree_));
    for (uint64_t size = 1; size <= 270; size += size < 50 || size > 250 ? 1 : 13) {
        const struct cy_id root = cy_merkle_root(leaves_, size);
        struct cy_id at;

        assert_ok(cy_tree_root_at(&tree_, size, &at, &fault_));
        assert_memory_equal(at.b, root.b, 32);
        check_frontier(size, size < 270 ? 1 : 0);
        for (uint64_t i = 0; i < size; i++)
            check_inclusion(i, size, &root);
        for (uint64_t old = 1; old <= size; old += size < 50 ? 1 : 7)
            check_consistency(old, size);
    }
}

static void three_levels(void **s)
{
    const uint64_t sizes[] = {65535, 65536, 65537, LEAVES};
    uint64_t seed = 3;
    struct cy_id root;
    uint8_t out[64];
    size_t n = 0;

    (void)s;
    reopen_empty();
    for (uint64_t size = 1; size < LEAVES; size += size / 3 + 1) {
        grow(size);
        assert_ok(cy_tree_flush(&tree_));
    }
    grow(65535);
    assert_ok(cy_tree_flush(&tree_));
    grow(LEAVES);
    assert_ok(cy_tree_flush(&tree_));
    root = cy_tree_root(&tree_);
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(LEAVES, &root));
    for (unsigned i = 0; i < CY_COUNT(sizes); i++) {
        root = cy_merkle_root(leaves_, sizes[i]);
        check_frontier(sizes[i], 0);
        for (unsigned k = 0; k < 100; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            check_inclusion((seed >> 20) % sizes[i], sizes[i], &root);
        }
        check_consistency(1 + (seed >> 20) % sizes[i], sizes[i]);
        check_consistency(65536 < sizes[i] ? 65536 : 256, sizes[i]);
    }
    check_frontier(65530, 10);
    assert_code(cy_tree_frontier_at(&tree_, LEAVES + 1, &(struct cy_frontier){0}, &fault_), RANGE);
    for (unsigned k = 0; k < 50; k++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const uint64_t i = k == 0 ? LEAVES - 1 : (seed >> 20) % LEAVES;

        assert_ok(cy_tree_entry(&tree_, i, out, sizeof out, &n, &fault_));
        assert_true(cy_span_eq(cy_span_of(out, n), entry_of(i)));
    }
    assert_ok(cy_tree_verify(&tree_, &fault_));
}

struct walked {
    uint64_t next;
    uint64_t stop; /* at this entry visit fails */
};

static cy_err visit(void *user, struct cy_span entry)
{
    struct walked *walked = user;

    assert_true(cy_span_eq(entry, entry_of(walked->next)));
    if (walked->next == walked->stop)
        return cy_fail(CY_E_REPLAY_REFUSED, walked->stop);
    walked->next++;
    return CY_OK;
}

/* Walks and gives every third read back in part: what was given back comes again. */
static cy_err walk(uint64_t from, uint64_t size, uint8_t *room, size_t cap,
                   cy_err (*see)(void *, struct cy_span), void *user)
{
    struct cy_span entries[CY_TILE_WIDTH];
    struct cy_tree_walk walk;
    cy_err err = CY_OK;
    uint32_t n = 1;

    cy_tree_walk_begin(&walk, &tree_, from, size);
    for (unsigned round = 0; cy_ok(err) && n > 0; round++) {
        const cy_err read = cy_tree_walk_read(&walk, room, cap, entries, &n, &fault_);
        const uint32_t keep = cy_ok(read) && round % 3 == 0 && n > 1 ? n / 2 : n;

        for (uint32_t i = 0; i < keep && cy_ok(err); i++)
            err = see(user, entries[i]);
        if (keep < n)
            cy_tree_walk_back(&walk, &entries[keep], n - keep);
        err = cy_ok(err) ? read : err;
    }
    cy_tree_walk_end(&walk);
    return err;
}

/* Every entry once and in order, from anywhere, through a room that cuts bundles in pieces. */
static void walks(void **s)
{
    const uint64_t sizes[] = {1, 255, 256, 257, 700, 1024};
    const uint64_t froms[] = {0, 1, 100, 255, 256, 300, 699, 1023, 1024};
    static uint8_t room[CY_ENTRY_MAX + 2];
    struct walked walked = {.stop = UINT64_MAX};
    struct cy_id root;

    (void)s;
    reopen_empty();
    assert_ok(walk(0, 0, room, sizeof room, visit, &walked));
    assert_int_equal(walked.next, 0);
    for (unsigned i = 0; i < CY_COUNT(sizes); i++) {
        grow(sizes[i]);
        assert_ok(cy_tree_flush(&tree_));
        for (unsigned f = 0; f < CY_COUNT(froms) && froms[f] <= sizes[i]; f++) {
            walked = (struct walked){.next = froms[f], .stop = UINT64_MAX};
            assert_ok(walk(froms[f], sizes[i], room, sizeof room, visit, &walked));
            assert_int_equal(walked.next, sizes[i]);
        }
    }
    walked = (struct walked){.next = 3, .stop = 600};
    assert_code(walk(3, 1024, room, sizeof room, visit, &walked), REPLAY_REFUSED);
    assert_int_equal(walked.next, 600);
    root = cy_tree_root(&tree_);
    assert_true(cy_sim_disk_flip(sim_, "tile/entries/002", 2000, 1));
    assert_ok(reopen(1024, &root));
    walked = (struct walked){.stop = UINT64_MAX};
    assert_code(walk(0, 1024, room, sizeof room, visit, &walked), TILE_DAMAGED);
    assert_string_equal(fault_.path, "tile/entries/002");
    assert_true(fault_.offset <= 2000);
    assert_true(fault_.offset + 64 > 2000);
    assert_in_range(walked.next, 512, 767);
}

static cy_err visit_big(void *user, struct cy_span entry)
{
    unsigned *n = user;

    assert_int_equal(entry.n, CY_ENTRY_MAX);
    assert_int_equal(entry.at[0], (uint8_t)(*n)++);
    return CY_OK;
}

/* A bundle larger than the room: entries of the largest size. */
static void walks_large(void **s)
{
    static uint8_t big[CY_ENTRY_MAX], room[CY_ENTRY_MAX + 2];
    unsigned n = 0;

    (void)s;
    reopen_empty();
    for (; n < 256; n++) {
        big[0] = (uint8_t)n;
        assert_ok(cy_tree_append(&tree_, cy_span_of(big, CY_ENTRY_MAX)));
    }
    assert_ok(cy_tree_flush(&tree_));
    n = 0;
    assert_ok(walk(0, 256, room, sizeof room, visit_big, &n));
    assert_int_equal(n, 256);
}

/* Sizes that were published stay readable after partial files are pruned. */
static void pruned(void **s)
{
    struct cy_span bytes;
    struct cy_id root;

    (void)s;
    reopen_empty();
    for (uint64_t size = 100; size <= 700; size += 100) {
        grow(size);
        assert_ok(cy_tree_flush(&tree_));
    }
    assert_true(cy_sim_disk_bytes(sim_, "tile/0/000.p/100", &bytes));
    assert_true(cy_sim_disk_bytes(sim_, "tile/entries/001.p/44", &bytes));
    assert_ok(cy_tree_prune(&tree_, 700));
    assert_false(cy_sim_disk_bytes(sim_, "tile/0/000.p/100", &bytes));
    assert_false(cy_sim_disk_bytes(sim_, "tile/entries/001.p/44", &bytes));
    assert_true(cy_sim_disk_bytes(sim_, "tile/entries/002.p/188", &bytes));
    root = cy_merkle_root(leaves_, 500);
    check_inclusion(499, 500, &root);
    assert_ok(
        reopen(500, &root)); /* an older checkpoint: full tiles serve where partial are gone */
    assert_int_equal(cy_tree_size(&tree_), 500);
    grow(600);
    assert_ok(cy_tree_flush(&tree_));
    assert_ok(cy_tree_verify(&tree_, &fault_));
}

/* Each damaged byte of each file is found, in the file where it is. */
static void damage_is_named(void **s)
{
    const char *files[] = {"tile/0/000",      "tile/0/001",       "tile/1/000.p/2",
                           "tile/0/002.p/20", "tile/entries/000", "tile/entries/002.p/20"};
    struct cy_id root;

    (void)s;
    reopen_empty();
    grow(532);
    assert_ok(cy_tree_flush(&tree_));
    root = cy_tree_root(&tree_);
    for (size_t f = 0; f < CY_COUNT(files); f++) {
        struct cy_span bytes;

        assert_true(cy_sim_disk_bytes(sim_, files[f], &bytes));
        for (uint64_t at = 0; at < bytes.n; at += 1 + bytes.n / 97) {
            cy_err err = CY_OK;

            assert_true(cy_sim_disk_flip(sim_, files[f], at, 0x10));
            err = reopen(532, &root);
            if (cy_ok(err))
                err = cy_tree_verify(&tree_, &fault_);
            if (err.code == CY_E_TREE_MISMATCH) {
                assert_true(strstr(files[f], ".p/") !=
                            NULL); /* of the edge, no one hash is to blame */
            } else {
                assert_code(err, TILE_DAMAGED);
                assert_string_equal(fault_.path, files[f]);
                assert_true(fault_.offset <= at);
                if (strncmp(files[f], "tile/0/00", 9) == 0)
                    assert_int_equal(fault_.offset, at / 32 * 32);
            }
            assert_true(cy_sim_disk_flip(sim_, files[f], at, 0x10));
        }
    }
    /* a path that would need the damaged tile is refused, not wrong */
    assert_true(cy_sim_disk_flip(sim_, "tile/0/000", 40, 1));
    assert_ok(reopen(532, &root));
    {
        struct cy_id path[CY_MERKLE_PATH_MAX + 1];
        uint32_t n = 0;

        assert_code(cy_tree_inclusion(&tree_, 7, 532, path, &n, &fault_), TILE_DAMAGED);
        assert_string_equal(fault_.path, "tile/0/000");
        assert_ok(cy_tree_inclusion(&tree_, 300, 532, path, &n, &fault_));
    }
    assert_ok(disk_.ops->remove(disk_.self, "tile/entries/001"));
    assert_true(cy_sim_disk_flip(sim_, "tile/0/000", 40, 1));
    assert_code(cy_tree_verify(&tree_, &fault_), NO_FILE);
    assert_string_equal(fault_.path, "tile/entries/001");
}

static void bounds(void **s)
{
    static uint8_t big[CY_ENTRY_MAX + 1];
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_id wrong;
    uint32_t n = 0;
    unsigned staged = 0;

    (void)s;
    reopen_empty();
    assert_code(cy_tree_append(&tree_, cy_span_of(big, CY_ENTRY_MAX + 1)), TOO_LARGE);
    while (cy_ok(cy_tree_append(&tree_, cy_span_of(big, CY_ENTRY_MAX))))
        staged++;
    assert_true(staged >= 256);
    assert_code(cy_tree_inclusion(&tree_, 0, 1, path, &n, &fault_), RANGE); /* not flushed */
    assert_ok(cy_tree_flush(&tree_));
    assert_ok(cy_tree_append(&tree_, cy_span_of(big, CY_ENTRY_MAX)));
    assert_code(cy_tree_inclusion(&tree_, staged, staged, path, &n, &fault_), RANGE);
    assert_code(cy_tree_consistency(&tree_, 2, 1, path, &n, &fault_), RANGE);
    assert_ok(cy_tree_flush(&tree_));
    wrong = cy_tree_root(&tree_);
    wrong.b[0] ^= 1;
    assert_code(reopen(staged + 1, &wrong), TREE_MISMATCH);
}

/* A flush that ran out of space is repeated and gives the same files. */
static void flush_again(void **s)
{
    struct cy_id root;
    cy_err err = CY_OK;
    unsigned failures = 0;

    (void)s;
    reopen_empty();
    grow(300);
    assert_ok(cy_tree_flush(&tree_));
    grow(900);
    for (uint64_t call = 1;; call++) {
        cy_sim_disk_fail_at(sim_, call, CY_E_NO_SPACE);
        err = cy_tree_flush(&tree_);
        if (cy_ok(err))
            break;
        assert_int_equal(cy_tree_flushed(&tree_), 300);
        failures++;
    }
    assert_true(failures > 20);
    root = cy_merkle_root(leaves_, 900);
    cy_sim_disk_power_cut(sim_, 0);
    assert_ok(reopen(900, &root));
    assert_ok(cy_tree_verify(&tree_, &fault_));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        T(published_log),   T(every_proof_when_small),
        T(three_levels),    T(pruned),
        T(damage_is_named), T(bounds),
        T(flush_again),     T(walks),
        T(walks_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

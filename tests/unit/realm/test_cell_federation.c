/* cell: the copy of a federation's ledger that a member keeps: heights are checked against its own
 * tree when they are tried, judged and replayed. */
#include "federation.h"
#include "place.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FOUR 0xfu
#define ARENA ((size_t)1 << 30)

struct copy {
    struct fed *fed;
    struct cy_sim_disk *sim;
    struct cy_disk disk;
    struct cy_cell_options options;
    struct cy_cell cell;
    void *memory;
    struct cy_arena acts;
    void *act_memory;
    struct cy_cell_report report;
    struct cy_disk_fault fault;
};

static cy_err open_copy(struct copy *c)
{
    struct cy_arena fresh;
    const size_t n = cy_cell_bytes(&c->options);

    assert_true(n <= ARENA);
    c->memory = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    fresh = cy_arena_on(c->memory, n);
    return cy_cell_open(&c->cell, &c->disk, &c->options, &fresh, &c->report, &c->fault);
}

static void close_copy(struct copy *c)
{
    assert_ok(cy_cell_close(&c->cell));
    munmap(c->memory, ARENA);
}

static struct cy_act open_act(struct copy *c, struct cy_span bytes)
{
    struct cy_act act;

    c->acts = cy_arena_on(c->act_memory, 1 << 20);
    assert_ok(cy_act_open(bytes, &c->acts, &act));
    return act;
}

static cy_err take(struct copy *c, struct cy_span bytes)
{
    const struct cy_act act = open_act(c, bytes);
    struct cy_verdict verdict;
    uint64_t at = 0;

    cy_cell_judge(&c->cell, &act, &verdict);
    return cy_ok(verdict.err) ? cy_cell_accept(&c->cell, &act, &at) : verdict.err;
}

/* Every act that the members of the rig agree on goes into the copy. */
static void follow(void *user, struct cy_span act)
{
    assert_ok(take(user, act));
}

static void write_down(struct copy *c)
{
    struct cy_commit commit;

    if (!cy_cell_cut(&c->cell, &commit))
        return;
    assert_ok(cy_cell_write(&commit));
    assert_ok(cy_cell_tiles(&c->cell, &commit));
    cy_cell_done(&c->cell, &commit, CY_OK);
}

static int start(void **state)
{
    struct copy *c = calloc(1, sizeof *c);

    c->act_memory = aligned_alloc(16, 1 << 20);
    c->sim = cy_sim_disk_new();
    c->disk = cy_sim_disk_face(c->sim);
    c->options = (struct cy_cell_options){.records_max = 4096,
                                          .batch_bytes = 1 << 20,
                                          .segment_bytes = 1 << 22,
                                          .try_bytes = 1 << 20};
    c->fed = fed_bare(4, 0);
    c->fed->sent = follow;
    c->fed->user = c;
    assert_ok(open_copy(c));
    assert_ok(fed_begin(c->fed, FED_ALL));
    *state = c;
    return 0;
}

static int finish(void **state)
{
    struct copy *c = *state;

    fed_free(c->fed);
    cy_sim_disk_free(c->sim);
    free(c->act_memory);
    free(c);
    return 0;
}

static void heights(struct copy *c, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        assert_ok(cy_cell_state_root(&c->cell, &c->fed->state_root));
        fed_open(c->fed, FOUR);
    }
    c->fed->state_root = (struct cy_id){{0}};
}

/* Head of the tree at the size of a final head; what a member publishes in its place. */
static void publish(struct copy *c)
{
    struct cy_id root;

    write_down(c);
    root = cy_tree_root(&c->cell.tree);
    assert_ok(cy_tree_flush(&c->cell.tree));
    assert_ok(cy_checkpoint_publish(
        &c->cell.tree, fed_note(c->fed, cy_tree_size(&c->cell.tree), &root, FOUR, false),
        &c->fault));
    c->cell.head.size = cy_tree_size(&c->cell.tree);
    c->cell.head.root = cy_tree_root(&c->cell.tree);
}

static void opens_as_it_was(struct copy *c)
{
    const struct cy_id world = place_world(&c->cell.engine.world);
    const struct cy_id tree = cy_frontier_root(&c->cell.frontier);
    const uint64_t size = c->cell.size;
    struct cy_id again;

    close_copy(c);
    assert_ok(open_copy(c));
    assert_true(c->cell.federation);
    assert_int_equal(c->cell.size, size);
    again = place_world(&c->cell.engine.world);
    assert_memory_equal(&again, &world, 32);
    again = cy_frontier_root(&c->cell.frontier);
    assert_memory_equal(&again, &tree, 32);
    assert_memory_equal(&c->cell.frontier, &c->fed->tree,
                        8 + 32 * cy_frontier_count(&c->fed->tree));
}

static void a_copy_replays_from_journal_tiles_and_snapshot(void **state)
{
    struct copy *c = *state;

    heights(c, 5);
    write_down(c);
    opens_as_it_was(c); /* all in the journal */
    fed_party(c->fed, FED_PARTY, "Ada");
    heights(c, 300);
    publish(c);
    opens_as_it_was(c); /* all in tiles */
    heights(c, 3);
    write_down(c);
    opens_as_it_was(c); /* both */
    assert_ok(cy_cell_snapshot(&c->cell));
    heights(c, 2);
    write_down(c);
    opens_as_it_was(c); /* a snapshot beyond the tiles, and two heights more */
    assert_int_equal(c->report.replayed, 2);
    publish(c);
    heights(c, 2);
    write_down(c);
    opens_as_it_was(c); /* a snapshot below them */
    assert_int_equal(c->report.replayed, 4);
    heights(c, 1);
    write_down(c);
    close_copy(c);
}

/* All agreed on it, and yet it is not this tree: refused when tried and when judged. */
static void another_tree_is_refused(void **state)
{
    struct copy *c = *state;
    struct fed_height height;
    struct cy_span bytes;
    struct cy_verdict verdict;
    struct cy_act act;
    const struct cy_claims claims = rig_claims(c->fed->rig, FED_ACT);
    const unsigned key = FED_ACT;

    heights(c, 2);
    c->fed->lie = (struct cy_id){{7}};
    fed_height_of(c->fed, FOUR, &height);
    height.m.ballots = height.ballots;
    bytes = rig_build(c->fed->rig, &claims, &cy_schema_height, &height.m, &key, 1);
    cy_cell_try_begin(&c->cell);
    act = open_act(c, bytes);
    cy_cell_try(&c->cell, &act, &verdict);
    assert_code(verdict.err, AGREED_HEAD);
    cy_cell_try_end(&c->cell, NULL);
    assert_code(take(c, bytes), AGREED_HEAD);
    c->fed->lie = (struct cy_id){{0}};
    heights(c, 1);
    write_down(c);
    close_copy(c);
}

/* A block is tried: its height, acts that build on each other; the frontier it leads to is that of
 * the ledger once it is accepted, and nothing is left of the try. */
static void a_block_is_tried_and_then_kept(void **state)
{
    struct copy *c = *state;
    const struct cy_claims claims = rig_claims(c->fed->rig, FED_ACT);
    const unsigned key = FED_ACT;
    uint8_t bytes[4096];
    struct cy_frontier to;
    struct cy_frontier again;
    struct fed_height height;
    struct cy_verdict verdict;
    struct cy_act act;
    struct cy_id world;
    struct cy_id now;
    struct cy_span built;

    heights(c, 2);
    assert_ok(cy_cell_state_root(&c->cell, &c->fed->state_root));
    fed_height_of(c->fed, FOUR, &height);
    height.m.ballots = height.ballots;
    built = rig_build(c->fed->rig, &claims, &cy_schema_height, &height.m, &key, 1);
    memcpy(bytes, built.at, built.n);
    built.at = bytes;
    world = place_world(&c->cell.engine.world);
    for (unsigned i = 0; i < 3; i++) {
        cy_cell_try_begin(&c->cell);
        act = open_act(c, built);
        cy_cell_try(&c->cell, &act, &verdict);
        assert_ok(verdict.err);
        cy_cell_try(&c->cell, &act, &verdict);
        assert_code(verdict.err, REPLAY);
        cy_cell_try_end(&c->cell, i == 0 ? &to : &again);
        now = place_world(&c->cell.engine.world);
        assert_memory_equal(&now, &world, 32);
    }
    assert_memory_equal(&to, &again, sizeof to.size + 32 * cy_frontier_count(&to));
    assert_ok(fed_send(c->fed, built));
    assert_memory_equal(&to, &c->fed->tree, 8 + 32 * cy_frontier_count(&to));
    assert_memory_equal(&to, &c->cell.frontier, 8 + 32 * cy_frontier_count(&to));
    c->fed->height++;
    c->fed->rig->now = fed_realm(c->fed)->now;
    heights(c, 1);
    write_down(c);
    close_copy(c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(a_copy_replays_from_journal_tiles_and_snapshot),
        T(another_tree_is_refused),
        T(a_block_is_tried_and_then_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

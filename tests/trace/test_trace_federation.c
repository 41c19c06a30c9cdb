/* A golden trace of a small federation's ledger: genesis, heights, a newcomer, one who leaves, one
 * who is caught, one who is excluded. Each line is an act, its verdict and the state root after it,
 * the same for every compiler and machine. CY_WRITE_GOLDEN=1 writes the file anew. */
#include "federation.h"

#include "ledger/trie.h"
#include "wire/print.h"

#include <stdio.h>
#include <stdlib.h>

#define GOLDEN CY_SOURCE "/tests/trace/federation.txt"
#define TRACE_MAX (1 << 17)
#define FOUR 0xfu
#define THREE 0x7u

static struct fed *fed;
static struct cy_trie trie;
static char trace_bytes[TRACE_MAX];
static struct cy_text trace;

static void take(void *self, const struct cy_state_change *change)
{
    bool removed = false;

    (void)self;
    if (change->removed)
        assert_ok(cy_trie_remove(&trie, &change->key, &removed));
    else
        assert_ok(cy_trie_put(&trie, &change->key, &change->value));
}

static void tell(struct cy_span bytes, cy_err err)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_act act;

    assert_ok(cy_act_open(bytes, &arena, &act));
    cy_text_u64(&trace, fed->rig->at);
    cy_text_add(&trace, " ");
    cy_text_add(&trace, act.any.schema->name);
    cy_text_add(&trace, ": ");
    cy_print_say(&trace, act.any.schema, act.any.message);
    cy_text_add(&trace, " -> ");
    cy_text_add(&trace, cy_err_info(err.code)->name);
    if (cy_ok(err)) {
        struct cy_id root;

        cy_world_drain(&fed->rig->engine.world, take, NULL);
        root = cy_trie_commit(&trie);
        cy_text_add(&trace, " ");
        cy_text_hex(&trace, cy_span_of(root.b, sizeof root.b));
    }
    cy_text_add(&trace, "\n");
}

static struct cy_span final_now(unsigned seats)
{
    const struct cy_agreement *agreement = fed_agreement(fed);

    return fed_note(fed, agreement->size, &agreement->root, seats, true);
}

static void a_newcomer(void)
{
    struct rig *rig = fed->rig;

    (void)FED_ALL_DO(fed, THREE, param_set, .name = rig_label("probation"), .value = 2);
    (void)FED_ALL_DO(fed, THREE, seat_admit, .name = rig_name("isle.example/cell"),
                     .act_key = rig->key[FED_ACT + 4], .vote_key = rig->key[FED_VOTE + 4],
                     .cosign_key = rig->key[FED_COSIGN + 4], .peer_key = rig->key[FED_PEER + 4],
                     .operator= rig_label("op-4"), .weight = 1);
    fed->n = 5;
    fed->vote_key[4] = FED_VOTE + 4;
    fed->act_key[4] = FED_ACT + 4;
    fed_open(fed, FOUR);
    (void)FED_ALL_DO(fed, THREE, seat_confirm, .seat = 4, .policy = fed_policy(fed, 0x1f, 4),
                     .faults = 1);
    fed_open(fed, THREE);
    (void)FED_SEAT(fed, 4, seat_rejoin, .from = fed->height + 1);
    (void)FED_ALL_DO(fed, THREE, seat_confirm, .seat = 4, .policy = fed_policy(fed, 0x1f, 4),
                     .faults = 1);
    fed_open(fed, FOUR);
    fed_open_final(fed, 0x1f, final_now(0x1f));
}

static void one_leaves(void)
{
    (void)FED_SEAT(fed, 0, seat_leave, .reason = rig_line("a government changed"));
    (void)FED_SEAT(fed, 0, seat_leave, .reason = rig_line("again"));
    fed_open(fed, 0x1e);
    (void)FED_ALL_DO(fed, 0xe, policy_set, .policy = fed_policy(fed, 0x1e, 3), .faults = 1);
    fed_open(fed, 0x1e);
}

static void one_is_caught(void)
{
    char a[1024];
    char b[1024];
    struct cy_vote vote = {.origin = cy_span_text("ocean.example/ledger"),
                           .height = fed->height,
                           .step = CY_VOTE_PREVOTE,
                           .after = CY_NO_ROUND,
                           .value = {{1}}};
    struct cy_equivocate m = {
        .kind = CY_statement_VOTE,
        .of_key = fed->rig->key[FED_VOTE + 1],
        .one = fed_vote(fed, FED_VOTE + 1, "south.example/cell", &vote, a, sizeof a)};

    vote.value.b[0] = 2;
    m.another = fed_vote(fed, FED_VOTE + 1, "south.example/cell", &vote, b, sizeof b);
    (void)fed_seat(fed, 2, &cy_schema_equivocate, &m);
    (void)fed_seat(fed, 3, &cy_schema_equivocate, &m);
    fed_open(fed, 0x1c);
}

static void one_is_excluded(void)
{
    const struct cy_id digest = {{5}};

    fed_party(fed, FED_PARTY, "Ada");
    (void)FED_DO(fed, FED_PARTY, evidence_record, .digest = digest, .kind = CY_evidence_kind_AUDIT,
                 .about = fed->rig->key[FED_VOTE + 4], .summary = rig_line("two audits failed"));
    (void)FED_ALL_DO(fed, 0x1c, seat_exclude, .seat = 4, .evidence = digest,
                     .reason = rig_line("audits"), .policy = fed_policy(fed, 0xc, 2));
    fed_open(fed, 0x1c);
    fed_open(fed, 0xc);
}

static void compare_with_file(void)
{
    static char want[TRACE_MAX];
    FILE *file = NULL;
    size_t n = 0;

    if (getenv("CY_WRITE_GOLDEN") != NULL) {
        file = fopen(GOLDEN, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(trace.at, 1, trace.n, file), trace.n);
        assert_int_equal(fclose(file), 0);
        return;
    }
    file = fopen(GOLDEN, "r");
    assert_non_null(file);
    n = fread(want, 1, sizeof want - 1, file);
    assert_int_equal(fclose(file), 0);
    want[n] = 0;
    assert_string_equal(trace.at, want);
}

static void a_small_federation(void **state)
{
    const struct cy_trie_options options = {.leaves_max = 4096, .nodes_max = 4096, .kept_max = 1};
    static _Alignas(16) uint8_t memory[4 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);

    (void)state;
    trace = cy_text_on(trace_bytes, sizeof trace_bytes);
    assert_ok(cy_trie_init(&trie, &options, &arena));
    fed = fed_bare(4, 3);
    fed->told = tell;
    assert_ok(fed_begin(fed, FED_ALL));
    fed_open(fed, FOUR);
    fed_open(fed, THREE);
    a_newcomer();
    one_leaves();
    one_is_caught();
    one_is_excluded();
    assert_false(trace.full);
    compare_with_file();
    fed_free(fed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_small_federation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

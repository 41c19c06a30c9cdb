/* A golden trace: one story of acts with fixed keys and times. Each line says what was asked, the
 * verdict and, after an accepted act, the root of the state tree. The file is the same for every
 * compiler, sanitizer and machine; a change of a rule or of a format shows here as a difference
 * that must be meant. CY_WRITE_GOLDEN=1 writes the file anew. */
#include "rig.h"

#include "institutions/roster.h"
#include "ledger/trie.h"
#include "wire/print.h"

#include <stdio.h>
#include <stdlib.h>

#define GOLDEN CY_SOURCE "/tests/trace/spine.txt"
#define TRACE_MAX (1 << 18)

static struct rig *rig;
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

/* Sends and writes one line. */
static cy_err tell(unsigned n, const struct cy_schema *schema, const void *message)
{
    const cy_err err = rig_do(rig, n, schema, message);

    cy_text_u64(&trace, n);
    cy_text_add(&trace, " ");
    cy_text_add(&trace, schema->name);
    cy_text_add(&trace, ": ");
    cy_print_say(&trace, schema, message);
    cy_text_add(&trace, " -> ");
    cy_text_add(&trace, cy_err_info(err.code)->name);
    if (cy_ok(err)) {
        struct cy_id root;

        cy_world_drain(&rig->engine.world, take, NULL);
        root = cy_trie_commit(&trie);
        cy_text_add(&trace, " ");
        cy_text_hex(&trace, cy_span_of(root.b, sizeof root.b));
    }
    cy_text_add(&trace, "\n");
    return err;
}

#define TELL(n, message_name, ...)                                                                 \
    tell((n), &cy_schema_##message_name, &(struct cy_##message_name){__VA_ARGS__})

static void money(void)
{
    struct cy_id asset, ada, bo, pending;

    (void)TELL(1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"), .scale = 3);
    asset = rig->last;
    (void)TELL(1, account_open, .asset = asset);
    (void)TELL(2, account_open, .asset = asset);
    ada = cy_account_id(&rig->id[1], &asset, 0);
    bo = cy_account_id(&rig->id[2], &asset, 0);
    (void)TELL(1, asset_issue, .asset = asset, .account = ada, .amount = 1000);
    (void)TELL(1, transfer, .from = ada, .to = bo, .amount = 250);
    (void)TELL(1, transfer, .from = ada, .to = bo, .amount = 751);
    (void)TELL(1, transfer, .phase = CY_phase_PENDING, .from = ada, .to = bo, .amount = 300,
               .expires = rig->now + 60000);
    pending = rig->last;
    (void)TELL(2, transfer, .phase = CY_phase_POST, .pending = pending);
    (void)TELL(1, transfer, .phase = CY_phase_POST, .pending = pending, .amount = 100);
    (void)TELL(1, bond_post, .account = ada, .beneficiary = rig->id[2], .amount = 50,
               .cool_ms = 1000);
    (void)TELL(1, constrain, .kind = CY_constraint_kind_SPEND_SINGLE, .asset = asset, .most = 10,
               .lift_ms = 5000);
    (void)TELL(1, transfer, .from = ada, .to = bo, .amount = 11);
    (void)TELL(1, transfer, .from = ada, .to = bo, .amount = 10);
}

static void alliances(void)
{
    const struct cy_charter_clause open[] = {
        {.name = rig_label("admission"), .value = 0}
    };
    struct cy_id watch;

    (void)TELL(1, alliance_found, .code = rig_label("WATCH"), .name = rig_name("Arctic Watch"),
               .topic = CY_topic_ENVIRONMENT, .clauses = open, .n_clauses = 1);
    watch = rig->last;
    (void)TELL(2, alliance_join, .alliance = watch, .level = CY_level_FULL);
    (void)TELL(2, alliance_join, .alliance = watch, .level = CY_level_FULL);
    (void)TELL(3, alliance_join, .alliance = watch, .level = CY_level_OBSERVER);
    (void)TELL(3, alliance_invite, .alliance = watch, .party = rig->id[1], .level = CY_level_FULL);
    (void)TELL(2, alliance_found, .code = rig_label("ICE"), .name = rig_name("Sea ice"),
               .topic = CY_topic_ENVIRONMENT, .parent = watch);
    (void)TELL(3, alliance_leave, .alliance = watch, .reason = rig_line("moving on"));
    (void)TELL(2, alliance_leave, .alliance = watch);
}

static void rest(void)
{
    (void)TELL(0, param_set, .name = rig_label("sweep_n"), .value = 64);
    (void)TELL(0, param_set, .name = rig_label("sweep_n"), .value = 1);
    (void)TELL(1, grant, .to = rig->id[3], .covers = CY_M_transfer, .until = rig->now + 90000);
    (void)TELL(0, tick, .now = rig->now + 120000);
    rig->now += 120000;
    (void)TELL(3, passport_retire, .reason = rig_line("done"));
    (void)TELL(3, account_open, .asset = rig->id[1]);
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

static void spine(void **state)
{
    const struct cy_trie_options options = {.leaves_max = 4096, .nodes_max = 4096, .kept_max = 1};
    static _Alignas(16) uint8_t memory[4 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);

    (void)state;
    trace = cy_text_on(trace_bytes, sizeof trace_bytes);
    assert_ok(cy_trie_init(&trie, &options, &arena));
    rig = rig_new(cy_roster, cy_roster_count);
    rig_passport(rig, 1, CY_kind_NATION, "Norway");
    rig_passport(rig, 2, CY_kind_COMMUNITY, "Fishers of Lofoten");
    rig_passport(rig, 3, CY_kind_COMPANY, "Ice Lines");
    money();
    alliances();
    rest();
    assert_false(trace.full);
    compare_with_file();
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spine)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The auditor over a federation's ledger: every certificate again, and the head by the policy. */
#include "federation.h"

#include "crypto/ed25519.h"
#include "crypto/merkle.h"
#include "host/audit/state_pick.h"
#include "host/sql/sql_project.h"
#include "host/system/disk_posix.h"
#include "verify/exit_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STAGE ((size_t)CY_TREE_STAGE_MIN * 2)
#define FOUR 0xfu

struct book {
    char dir[40];
    struct fed *fed;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_tree tree;
    struct cy_arena arena;
    void *memory;
    struct cy_trie trie;
    void *trie_memory;
    struct cy_audit_report report;
};

static void put(void *user, struct cy_span act)
{
    struct book *book = user;

    assert_ok(cy_tree_append(&book->tree, act));
}

static void take_change(void *self, const struct cy_state_change *change)
{
    struct book *book = self;
    bool removed = false;

    assert_ok(change->removed ? cy_trie_remove(&book->trie, &change->key, &removed)
                              : cy_trie_put(&book->trie, &change->key, &change->value));
}

static struct cy_id state_root(struct book *book)
{
    cy_world_drain(&book->fed->rig->engine.world, take_change, book);
    return cy_trie_commit(&book->trie);
}

static struct book *book_new(void)
{
    const struct cy_trie_options options = {4096, 4096, 1};
    const struct cy_id empty = cy_hash_empty();
    struct book *book = calloc(1, sizeof *book);
    const size_t n = cy_tree_bytes(STAGE) + 4096;
    struct cy_disk_fault fault;
    struct cy_arena arena;

    assert_ok(cy_crypto_start());
    strcpy(book->dir, "/tmp/comity-audit-XXXXXX");
    assert_non_null(mkdtemp(book->dir));
    assert_ok(cy_disk_posix_open(book->dir, false, &book->posix));
    book->disk = cy_disk_posix_disk(book->posix);
    book->memory = aligned_alloc(16, (n + 15) & ~(size_t)15);
    book->arena = cy_arena_on(book->memory, n);
    assert_ok(cy_tree_open(&book->tree, &book->disk, STAGE, &book->arena, 0, &empty, &fault));
    book->trie_memory = calloc(1, cy_trie_bytes(&options) + 64);
    arena = cy_arena_on(book->trie_memory, cy_trie_bytes(&options) + 64);
    assert_ok(cy_trie_init(&book->trie, &options, &arena));
    book->fed = fed_bare(4, 3);
    book->fed->sent = put;
    book->fed->user = book;
    assert_ok(fed_begin(book->fed, FED_ALL));
    return book;
}

static void book_free(struct book *book)
{
    char command[80];

    cy_disk_posix_close(book->posix);
    (void)snprintf(command, sizeof command, "rm -rf %s", book->dir);
    assert_int_equal(system(command), 0);
    fed_free(book->fed);
    free(book->memory);
    free(book->trie_memory);
    free(book);
}

/* Publishes the tree as it is, cosigned by these. */
static void publish(struct book *book, unsigned seats, bool trustees)
{
    const struct cy_id root = cy_tree_root(&book->tree);
    struct cy_disk_fault fault;

    assert_ok(cy_tree_flush(&book->tree));
    assert_ok(cy_checkpoint_publish(
        &book->tree, fed_note(book->fed, cy_tree_size(&book->tree), &root, seats, trustees),
        &fault));
}

static cy_err audit_by(struct book *book, const struct cy_policy_trust *policy)
{
    const struct cy_audit_options options = {.policy = policy};
    struct cy_audit_source *source = NULL;
    cy_err err = CY_OK;

    assert_ok(cy_audit_source_open(book->dir, NULL, &source));
    err = cy_audit_run(source, &options, &book->report);
    cy_audit_source_close(source);
    return err;
}

static cy_err audit(struct book *book)
{
    return audit_by(book, NULL);
}

static void some_heights(struct book *book, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        book->fed->state_root = state_root(book);
        fed_open(book->fed, FOUR);
    }
    book->fed->state_root = (struct cy_id){{0}};
}

static void a_sound_federation(void **state)
{
    struct book *book = book_new();

    (void)state;
    some_heights(book, 3);
    fed_party(book->fed, FED_PARTY, "Ada");
    some_heights(book, 300); /* more than one bundle */
    publish(book, FOUR, true);
    assert_ok(audit(book));
    assert_int_equal(book->report.heights, 303);
    assert_int_equal(book->report.state_roots, 303);
    assert_int_equal(book->report.entries, 305);
    book_free(book);
}

/* All members together agreed on a tree that is not the one they published. */
static void a_certificate_of_another_tree(void **state)
{
    struct book *book = book_new();

    (void)state;
    some_heights(book, 4);
    book->fed->lie = (struct cy_id){{7}};
    fed_open(book->fed, FOUR);
    book->fed->lie = (struct cy_id){{0}};
    publish(book, FOUR, true);
    assert_code(audit(book), AGREED_HEAD);
    assert_int_equal(book->report.bad, 5);
    book_free(book);
}

static void a_wrong_state_root(void **state)
{
    struct book *book = book_new();

    (void)state;
    some_heights(book, 2);
    book->fed->state_root = (struct cy_id){{9}};
    fed_open(book->fed, FOUR);
    publish(book, FOUR, true);
    assert_code(audit(book), STATE_ROOT);
    assert_int_equal(book->report.bad, 3);
    book_free(book);
}

static void a_head_that_the_policy_does_not_make_final(void **state)
{
    struct book *book = book_new();

    (void)state;
    some_heights(book, 2);
    publish(book, FOUR, false);
    assert_code(audit(book), BAD_FINAL);
    book_free(book);
}

static cy_time now(void)
{
    return 1795000000000u;
}

/* One projection of all there is. */
static cy_err project(const struct book *book, const char *url, struct cy_sql_progress *progress)
{
    const struct cy_sql_project_options options = {
        .url = url, .ledger = {.place = book->dir}, .now = now};
    struct cy_sql_project *project = cy_sql_project_new(&options);
    bool more = true;
    cy_err err = CY_OK;

    while (more && cy_ok(err))
        err = cy_sql_project_step(project, NULL, &more);
    cy_sql_project_progress(project, progress);
    cy_sql_project_free(project);
    return err;
}

/* What is not final does not reach the database. */
static void a_projection_takes_final_heads_only(void **state)
{
    struct book *book = book_new();
    struct cy_sql_progress progress;
    char url[96];

    (void)state;
    snprintf(url, sizeof url, "sqlite:%s/p.sqlite", book->dir);
    some_heights(book, 2);
    publish(book, FOUR, false); /* no trustee */
    assert_code(project(book, url, &progress), BAD_FINAL);
    assert_int_equal(progress.projected, 0);
    publish(book, 3, true); /* two seats of four */
    assert_code(project(book, url, &progress), BAD_FINAL);
    assert_int_equal(progress.projected, 0);
    publish(book, FOUR, true);
    assert_ok(project(book, url, &progress));
    assert_int_equal(progress.projected, 3);
    some_heights(book, 2);
    publish(book, FOUR, false); /* it stays at what was final */
    assert_code(project(book, url, &progress), BAD_FINAL);
    assert_int_equal(progress.projected, 3);
    book_free(book);
}

/* The auditor's own policy: of these very cosigners; of seats that no one here is; of another
 * ledger. The second and the third are refused before an entry is read. */
static void a_policy_that_is_trusted(void **state)
{
    struct book *book = book_new();
    static struct cy_policy_trust policy;
    const struct cy_span origin = cy_name_text(&book->fed->genesis.name);
    struct cy_span text = fed_policy(book->fed, FOUR, 4);

    (void)state;
    some_heights(book, 2);
    publish(book, FOUR, true);
    assert_ok(cy_policy_trust_read(origin, text, &policy));
    assert_ok(audit_by(book, &policy));
    assert_int_equal(book->report.cosigned, 7);
    assert_int_equal(book->report.heights, 2);
    publish(book, 7, true); /* three of four: enough for the ledger, not for this reader */
    assert_ok(audit(book));
    assert_ok(cy_policy_trust_read(origin, text, &policy));
    assert_code(audit_by(book, &policy), FEW_WITNESSES);
    assert_int_equal(book->report.entries, 0);
    assert_ok(cy_policy_trust_read(cy_span_text("other.example"), text, &policy));
    assert_code(audit_by(book, &policy), OTHER_LOG);
    book_free(book);
}

/* --- bundles --- */

static bool identity(void *user, unsigned round, const struct cy_schema *schema, const void *record)
{
    (void)round;
    return schema == &cy_schema_realm ||
           ((schema == &cy_schema_passport || schema == &cy_schema_control ||
             schema == &cy_schema_rotation) &&
            memcmp(record, user, sizeof(struct cy_id)) == 0);
}

static struct cy_span written(const struct cy_state_pick *pick, const struct cy_id *passport,
                              char *room, size_t n)
{
    static char proof_room[CY_NOTE_MAX + 8192];
    struct cy_text proof = cy_text_on(proof_room, sizeof proof_room);
    struct cy_text text = cy_text_on(room, n);
    struct cy_exit_sheet sheet = {.passport = passport, .entry = pick->entry};

    cy_tlog_proof_write(&proof, (struct cy_span){0}, pick->at, pick->path, pick->n_path,
                        pick->note);
    sheet.proof = cy_text_bytes(&proof);
    cy_exit_file_begin(&text, &sheet);
    for (size_t i = 0; i < pick->n; i++)
        cy_exit_file_row(&text, i == 0, pick->rows[i].schema, pick->rows[i].value,
                         pick->rows[i].proof);
    cy_exit_file_end(&text);
    assert_false(text.full || proof.full);
    return cy_text_bytes(&text);
}

static int32_t judged(struct cy_span file, const struct cy_policy_trust *policy)
{
    static uint8_t memory[1 << 20] __attribute__((aligned(16)));
    const struct cy_trust trust = {.policy = policy};
    struct comity_report report;
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_doc root;

    cy_report_begin(&report);
    assert_ok(cy_doc_read(file, CY_DOC_DEPTH_MAX, &root));
    (void)cy_check_exit_file(&root, &trust, &arena, &report);
    return report.error;
}

/* The root stands in a height, the head is made final by the policy alone: a federation's passport
 * leaves as a cell's does, out of nothing but files (M081). */
static void a_bundle_out_of_a_federation(void **state)
{
    static struct cy_policy_trust policy;
    static char room[1 << 18];
    struct book *book = book_new();
    struct cy_audit_options options = {.policy = NULL};
    struct cy_id passport;
    const struct cy_state_wish wish = {identity, &passport};
    struct cy_state_pick pick;
    struct cy_span file;
    struct cy_id old_root;
    uint64_t old = 0;

    (void)state;
    some_heights(book, 2);
    fed_party(book->fed, FED_PARTY, "Ada");
    passport = book->fed->rig->id[FED_PARTY];
    some_heights(book, 2);
    old = cy_tree_size(&book->tree);
    old_root = cy_tree_root(&book->tree);
    some_heights(book, 2);
    publish(book, FOUR, true);
    assert_ok(cy_state_pick_run(book->dir, NULL, &options, &wish, old, &pick));
    assert_int_equal(pick.n, 4);
    assert_int_equal(pick.at + 1, pick.size); /* the newest height */
    assert_true(cy_id_eq(&pick.realm, &book->fed->rig->realm));
    {
        const struct cy_id root = cy_tree_root(&book->tree);

        assert_ok(cy_merkle_consistency(old, &old_root, pick.size, &root, pick.consistency,
                                        pick.n_consistency));
    }
    assert_ok(cy_policy_trust_read(cy_name_text(&book->fed->genesis.name),
                                   fed_policy(book->fed, FOUR, 3), &policy));
    file = written(&pick, &passport, room, sizeof room);
    assert_int_equal(judged(file, &policy), 0);
    assert_ok(cy_policy_trust_read(cy_span_text("other.example"), fed_policy(book->fed, FOUR, 3),
                                   &policy));
    assert_int_equal(judged(file, &policy), CY_E_OTHER_LOG);
    cy_state_pick_free(&pick);
    assert_code(cy_state_pick_run(book->dir, NULL, &options, &wish, 1000, &pick), HEAD_OLD);
    cy_state_pick_free(&pick);
    assert_code(cy_state_pick_run("/nowhere", NULL, &options, &wish, 0, &pick), NO_FILE);
    cy_state_pick_free(&pick);
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_federation),
        cmocka_unit_test(a_certificate_of_another_tree),
        cmocka_unit_test(a_wrong_state_root),
        cmocka_unit_test(a_head_that_the_policy_does_not_make_final),
        cmocka_unit_test(a_projection_takes_final_heads_only),
        cmocka_unit_test(a_policy_that_is_trusted),
        cmocka_unit_test(a_bundle_out_of_a_federation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

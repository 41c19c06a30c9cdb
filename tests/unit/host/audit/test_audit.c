/* The auditor: what it accepts, and that it names what a dishonest operator signed. */
#include "rig.h"

#include "host/audit/audit.h"
#include "host/system/disk_posix.h"
#include "ledger/trie.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE ((size_t)CY_TREE_STAGE_MIN * 2)
#define LOG_KEY (RIG_KEYS - 1)

/* A ledger written by hand: the operator may sign whatever it likes. */
struct book {
    char dir[40];
    struct rig *rig;
    struct cy_disk_posix *posix;
    struct cy_disk disk;
    struct cy_tree tree;
    struct cy_arena arena;
    void *memory;
    struct cy_trie trie;
    struct cy_arena trie_arena;
    void *trie_memory;
    struct cy_audit_report report;
};

static cy_err sign(void *user, struct cy_span message, struct cy_signature *out)
{
    const struct book *book = user;

    crypto_sign_detached(out->b, NULL, message.at, message.n, book->rig->secret[LOG_KEY]);
    return CY_OK;
}

static void put(struct book *book, struct cy_span entry)
{
    cy_err err = cy_tree_append(&book->tree, entry);

    if (err.code == CY_E_NO_ROOM) {
        assert_ok(cy_tree_flush(&book->tree));
        err = cy_tree_append(&book->tree, entry);
    }
    assert_ok(err);
}

static void take_change(void *self, const struct cy_state_change *change)
{
    struct book *book = self;
    bool removed = false;

    assert_ok(change->removed ? cy_trie_remove(&book->trie, &change->key, &removed)
                              : cy_trie_put(&book->trie, &change->key, &change->value));
}

static struct cy_id root_of(struct book *book)
{
    cy_world_drain(&book->rig->engine.world, take_change, book);
    return cy_trie_commit(&book->trie);
}

static struct book *book_new(void)
{
    const struct cy_trie_options options = {4096, 4096, 1};
    const struct cy_id empty = cy_hash_empty();
    struct book *book = calloc(1, sizeof *book);
    const size_t n = cy_tree_bytes(STAGE) + 4096;
    struct cy_disk_fault fault;

    assert_ok(cy_crypto_start());
    strcpy(book->dir, "/tmp/comity-audit-XXXXXX");
    assert_non_null(mkdtemp(book->dir));
    book->rig = rig_new(NULL, 0);
    assert_ok(cy_disk_posix_open(book->dir, false, &book->posix));
    book->disk = cy_disk_posix_disk(book->posix);
    book->memory = aligned_alloc(16, (n + 15) & ~(size_t)15);
    book->arena = cy_arena_on(book->memory, n);
    assert_ok(cy_tree_open(&book->tree, &book->disk, STAGE, &book->arena, 0, &empty, &fault));
    book->trie_memory = calloc(1, cy_trie_bytes(&options) + 64);
    book->trie_arena = cy_arena_on(book->trie_memory, cy_trie_bytes(&options) + 64);
    assert_ok(cy_trie_init(&book->trie, &options, &book->trie_arena));
    put(book, book->rig->act); /* genesis */
    return book;
}

static void book_free(struct book *book)
{
    char command[80];

    cy_disk_posix_close(book->posix);
    snprintf(command, sizeof command, "rm -rf %s", book->dir);
    assert_int_equal(system(command), 0);
    rig_free(book->rig);
    free(book->memory);
    free(book->trie_memory);
    free(book);
}

/* An honest act: judged, and written. */
#define DO(book, n, name, ...)                                                                     \
    do {                                                                                           \
        assert_ok(RIG_DO((book)->rig, (n), name, __VA_ARGS__));                                    \
        put((book), (book)->rig->act);                                                             \
    } while (0)

static void passport(struct book *book, unsigned n, const char *name)
{
    rig_passport(book->rig, n, CY_kind_NATION, name);
    put(book, book->rig->act);
}

static void tick(struct book *book, const struct cy_id *root)
{
    struct rig *rig = book->rig;

    rig->now += 1000;
    DO(book, 0, tick, .now = rig->now, .state_root = *root);
}

/* Signs a head over everything, or over another root. */
static void publish(struct book *book, const struct cy_id *other)
{
    struct cy_id root = cy_tree_root(&book->tree);
    struct cy_note_key key;
    char bytes[1024];
    struct cy_text note = cy_text_on(bytes, sizeof bytes);

    assert_ok(cy_note_key_of(cy_span_text("test.example/ledger"), CY_NOTE_ED25519,
                             &book->rig->key[LOG_KEY], &key));
    assert_ok(cy_tree_flush(&book->tree));
    assert_ok(cy_checkpoint_make(&key, cy_tree_size(&book->tree), other == NULL ? &root : other,
                                 sign, book, &note));
    assert_ok(cy_disk_replace(&book->disk, "checkpoint", "fresh/checkpoint", cy_text_bytes(&note)));
}

static cy_err audit_with(struct book *book, struct cy_audit_options options)
{
    struct cy_audit_source *source = NULL;
    cy_err err = CY_OK;

    assert_ok(cy_audit_source_open(book->dir, NULL, &source));
    err = cy_audit_run(source, &options, &book->report);
    cy_audit_source_close(source);
    return err;
}

static cy_err audit(struct book *book)
{
    return audit_with(book, (struct cy_audit_options){.records_max = 4096});
}

/* Four bundles of acts and ticks with roots. */
static void fill(struct book *book)
{
    struct cy_id root;

    passport(book, 1, "Norway");
    DO(book, 1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"));
    for (unsigned i = 0; i < 780; i++) {
        if (i % 100 == 99) {
            root = root_of(book);
            tick(book, &root);
        } else {
            DO(book, 1, asset_create, .code = rig_label("A"), .name = rig_name("A"), .scale = 1);
        }
    }
}

static void sound(void **state)
{
    struct book *book = book_new();
    struct cy_id root;

    (void)state;
    fill(book);
    publish(book, NULL);
    assert_ok(audit(book));
    assert_int_equal(book->report.size, 783);
    assert_int_equal(book->report.entries, 783);
    assert_int_equal(book->report.signatures, 783);
    assert_int_equal(book->report.state_roots, 7);
    assert_int_equal(book->report.tiles, 5); /* four of level 0, one above */
    assert_string_equal(book->report.origin, "test.example/ledger");
    root = root_of(book);
    assert_memory_equal(book->report.state_root.b, root.b, 32);
    book_free(book);
}

static void batches(void **state) /* the refused act of a batch is not counted */
{
    const struct cy_asset_create a = {.code = rig_label("A"), .name = rig_name("A")};
    const struct cy_account_open no = {.asset = {{9}}}; /* no such asset */
    const struct cy_any acts[] = {
        {&cy_schema_asset_create, &a },
        {&cy_schema_account_open, &no}
    };
    struct book *book = book_new();

    (void)state;
    passport(book, 1, "Norway");
    DO(book, 1, batch, .mode = CY_batch_mode_EACH, .acts = acts, .n_acts = 2);
    publish(book, NULL);
    assert_ok(audit(book));
    assert_int_equal(book->report.entries, 3);
    assert_int_equal(book->report.acts, 3);
    book_free(book);
}

/* The operator lets something stand that the rules refuse. */
static void an_act_refused(void **state)
{
    struct book *book = book_new();
    struct cy_claims claims;
    struct cy_asset_issue theft = {.amount = 1000};
    unsigned key = 2;

    (void)state;
    passport(book, 1, "Norway");
    passport(book, 2, "Thief");
    DO(book, 1, asset_create, .code = rig_label("GRAIN"), .name = rig_name("Grain"));
    theft.asset = book->rig->last;
    theft.account = book->rig->id[2];
    claims = rig_claims(book->rig, 2);
    put(book, rig_build(book->rig, &claims, &cy_schema_asset_issue, &theft, &key, 1));
    publish(book, NULL);
    assert_code(audit(book), AUDIT_ACT);
    assert_int_equal(book->report.bad, 4);
    assert_int_equal(book->report.entries, 4);
    assert_non_null(strstr(book->report.why, "asset_issue"));
    book_free(book);
}

static void a_signature_forged(void **state)
{
    struct book *book = book_new();
    uint8_t bytes[1024];
    struct cy_span act;

    (void)state;
    fill(book);
    assert_ok(RIG_DO(book->rig, 1, asset_create, .code = rig_label("B"), .name = rig_name("B")));
    act = book->rig->act;
    memcpy(bytes, act.at, act.n);
    bytes[act.n - 40] ^= 1;
    put(book, cy_span_of(bytes, act.n));
    publish(book, NULL);
    assert_code(audit(book), BAD_SIGNATURE);
    assert_int_equal(book->report.bad, 783);
    book_free(book);
}

static void no_act_at_all(void **state)
{
    struct book *book = book_new();

    (void)state;
    put(book, cy_span_text("nothing"));
    publish(book, NULL);
    assert_code(audit(book), AUDIT_ACT);
    assert_int_equal(book->report.bad, 1);
    book_free(book);
}

static void a_replay(void **state)
{
    struct book *book = book_new();

    (void)state;
    passport(book, 1, "Norway");
    put(book, book->rig->act);
    publish(book, NULL);
    assert_code(audit(book), AUDIT_ACT);
    assert_int_equal(book->report.bad, 2);
    book_free(book);
}

static void a_state_root_invented(void **state)
{
    struct book *book = book_new();
    struct cy_id root;

    (void)state;
    passport(book, 1, "Norway");
    root = root_of(book);
    tick(book, &root);
    root.b[5] ^= 1;
    tick(book, &root);
    publish(book, NULL);
    assert_code(audit(book), STATE_ROOT);
    assert_int_equal(book->report.bad, 3);
    assert_int_equal(book->report.state_roots, 1);
    book_free(book);
}

static void another_root_signed(void **state)
{
    struct book *book = book_new();
    struct cy_id root = {{1}};

    (void)state;
    passport(book, 1, "Norway");
    publish(book, &root);
    assert_code(audit(book), AUDIT_TREE);
    assert_int_equal(book->report.bad, UINT64_MAX);
    book_free(book);
}

static void whom_it_is_held_to(void **state)
{
    struct book *book = book_new();
    struct cy_note_key key;
    struct cy_note_key witness;
    struct cy_audit_options options = {.records_max = 4096, .log = &key};

    (void)state;
    passport(book, 1, "Norway");
    publish(book, NULL);
    assert_ok(cy_note_key_of(cy_span_text("test.example/ledger"), CY_NOTE_ED25519,
                             &book->rig->key[LOG_KEY], &key));
    assert_ok(audit_with(book, options));
    assert_ok(cy_note_key_of(cy_span_text("w.example"), CY_NOTE_COSIGNATURE, &book->rig->key[3],
                             &witness));
    options.witnesses = &witness;
    options.n_witnesses = 1;
    assert_ok(audit_with(book, options));
    options.need = 1;
    assert_code(audit_with(book, options), FEW_WITNESSES);
    assert_ok(cy_note_key_of(cy_span_text("test.example/ledger"), CY_NOTE_ED25519,
                             &book->rig->key[4], &key));
    assert_code(audit_with(book, options), OTHER_LOG);
    book_free(book);
}

/* --- damage --- */

static void flip(struct book *book, const char *name, long at)
{
    char path[120];
    FILE *file = NULL;
    int c = 0;

    snprintf(path, sizeof path, "%s/%s", book->dir, name);
    file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    c = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(c ^ 1, file);
    fclose(file);
}

static void damaged_files(void **state)
{
    struct book *book = book_new();
    char path[120];

    (void)state;
    fill(book);
    publish(book, NULL);
    flip(book, "tile/entries/001", 9000);
    assert_code(audit(book), AUDIT_LEAF);
    assert_in_range(book->report.bad, 256, 511);
    assert_string_equal(book->report.file, "tile/0/001");
    flip(book, "tile/entries/001", 9000);
    flip(book, "tile/0/002", 32 * 7);
    assert_code(audit(book), AUDIT_LEAF);
    assert_int_equal(book->report.bad, 512 + 7);
    flip(book, "tile/0/002", 32 * 7);
    flip(book, "tile/1/000.p/3", 40);
    assert_code(audit(book), TILE_DAMAGED);
    assert_string_equal(book->report.file, "tile/1/000.p/3");
    flip(book, "tile/1/000.p/3", 40);
    flip(book, "tile/entries/000", 0); /* a length: nothing after it can be read */
    assert_false(cy_ok(audit(book)));
    assert_int_equal(book->report.bad, 0);
    flip(book, "tile/entries/000", 0);
    assert_ok(audit(book));
    snprintf(path, sizeof path, "%s/tile/entries/002", book->dir);
    assert_int_equal(truncate(path, 1000), 0);
    assert_code(audit(book), BAD_BUNDLE);
    assert_string_equal(book->report.file, "tile/entries/002");
    assert_int_equal(unlink(path), 0);
    assert_code(audit(book), NO_FILE);
    assert_string_equal(book->report.file, "tile/entries/002");
    book_free(book);
}

/* A copy of a daemon's directory whose head was taken last can count on tiles that it has not. With
 * the head taken first the same copy is sound. */
static void a_head_ahead_of_its_tiles(void **state)
{
    struct book *book = book_new();
    char command[600];

    (void)state;
    fill(book);
    publish(book, NULL);
    snprintf(command, sizeof command, "cp -r %s %s.copy && cp %s/checkpoint %s.head", book->dir,
             book->dir, book->dir, book->dir);
    assert_int_equal(system(command), 0);
    for (unsigned i = 0; i < 260; i++)
        DO(book, 1, asset_create, .code = rig_label("A"), .name = rig_name("A"));
    publish(book, NULL);
    snprintf(command, sizeof command, "cp %s/checkpoint %s.copy/checkpoint", book->dir, book->dir);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "mv %s %s.live && mv %s.copy %s", book->dir, book->dir,
             book->dir, book->dir);
    assert_int_equal(system(command), 0);
    assert_code(audit(book), NO_FILE);
    assert_non_null(strstr(book->report.why, "tile/entries/003"));
    assert_non_null(strstr(book->report.why, "copy the head first"));
    assert_non_null(strstr(book->report.why, "cp -rn D/. M/"));
    snprintf(command, sizeof command,
             "mv %s.head %s/checkpoint && cp -rn %s.live/. %s/ && rm -rf %s.live", book->dir,
             book->dir, book->dir, book->dir, book->dir);
    assert_int_equal(system(command), 0);
    assert_ok(audit(book));
    book_free(book);
}

/* A partial tile that is gone because the ledger grew: its full one serves. */
static void grown_meanwhile(void **state)
{
    struct book *book = book_new();
    char from[120];
    char to[120];

    (void)state;
    fill(book);
    publish(book, NULL);
    snprintf(from, sizeof from, "%s/checkpoint", book->dir);
    snprintf(to, sizeof to, "%s/old", book->dir);
    assert_int_equal(rename(from, to), 0);
    for (unsigned i = 0; i < 260; i++)
        DO(book, 1, asset_create, .code = rig_label("A"), .name = rig_name("A"));
    publish(book, NULL);
    assert_ok(cy_tree_prune(&book->tree, cy_tree_size(&book->tree)));
    assert_int_equal(rename(to, from), 0); /* the auditor has the older head */
    assert_ok(audit(book));
    assert_int_equal(book->report.size, 783);
    book_free(book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound),
        cmocka_unit_test(batches),
        cmocka_unit_test(an_act_refused),
        cmocka_unit_test(a_signature_forged),
        cmocka_unit_test(no_act_at_all),
        cmocka_unit_test(a_replay),
        cmocka_unit_test(a_state_root_invented),
        cmocka_unit_test(another_root_signed),
        cmocka_unit_test(whom_it_is_held_to),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(a_head_ahead_of_its_tiles),
        cmocka_unit_test(grown_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

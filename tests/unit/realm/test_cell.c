/* cell: acts become durable, provable history, and opening finds exactly that again. */
#include "crypto/ed25519.h"
#include "crypto/ics23.h"
#include "crypto/merkle.h"
#include "crypto/note_key.h"
#include "ledger/checkpoint.h"
#include "odd_helper.h"
#include "place.h"

static int start(void **s)
{
    *s = place_new();
    return 0;
}

static int finish(void **s)
{
    place_free(*s);
    return 0;
}

struct money {
    struct cy_id asset;
    struct cy_id account[3];
};

/* An asset of passport 1 and accounts of passports 1 and 2. */
static struct money money_in(struct place *p)
{
    struct money m;

    place_passport(p, 1, "Ada");
    place_passport(p, 2, "Bo");
    assert_ok(PLACE_DO(p, 1, asset_create, .code = rig_label("OAT"), .name = rig_name("Oats")));
    m.asset = p->rig->last;
    for (unsigned i = 1; i <= 2; i++) {
        assert_ok(PLACE_DO(p, i, account_open, .asset = m.asset));
        m.account[i] = cy_account_id(&p->rig->id[i], &m.asset, 0);
    }
    assert_ok(
        PLACE_DO(p, 1, asset_issue, .asset = m.asset, .account = m.account[1], .amount = 1000000));
    return m;
}

static cy_err pay(struct place *p, const struct money *m, uint64_t amount)
{
    return PLACE_DO(p, 1, transfer, .from = m->account[1], .to = m->account[2], .amount = amount);
}

static void reopens_the_same(struct place *p)
{
    const struct cy_id world = place_world(&p->cell.engine.world);
    const uint64_t size = p->cell.size;
    const uint64_t root_at = p->cell.root_at;
    const struct cy_id kept = p->cell.root;
    struct cy_id root;
    struct cy_id again;
    struct cy_id tree = cy_tree_root(&p->cell.tree);

    assert_ok(cy_cell_state_root(&p->cell, &root));
    place_close(p);
    assert_ok(place_open(p));
    assert_int_equal(p->cell.size, size);
    again = place_world(&p->cell.engine.world);
    assert_memory_equal(world.b, again.b, 32);
    assert_ok(cy_cell_state_root(&p->cell, &again));
    assert_memory_equal(root.b, again.b, 32);
    assert_true(p->cell.root_at == root_at);
    assert_memory_equal(kept.b, p->cell.root.b, 32);
    again = cy_tree_root(&p->cell.tree);
    assert_memory_equal(tree.b, again.b, 32);
    assert_int_equal(p->report.torn, 0);
    place_same(p);
}

static void an_empty_directory_opens_and_stays_empty(void **s)
{
    struct place *p = *s;

    assert_ok(place_open(p));
    assert_int_equal(p->cell.size, 0);
    assert_int_equal(p->cell.head.size, 0);
    assert_null(cy_engine_realm(&p->cell.engine));
    assert_ok(place_publish(p)); /* nothing to publish */
    assert_int_equal(p->heads, 0);
    place_close(p);
    assert_ok(place_open(p));
    assert_int_equal(p->cell.size, 0);
    assert_int_equal(p->report.replayed, 0);
}

static void acts_survive_closing(void **s)
{
    struct place *p = *s;
    struct money m;

    place_begin(p);
    m = money_in(p);
    place_tick(p, 1000);
    for (unsigned i = 0; i < 300; i++) { /* more than one tile */
        assert_ok(pay(p, &m, 1 + i));
        if (i % 7 == 0)
            assert_ok(place_publish(p));
        if (i % 50 == 0)
            place_tick(p, 10);
    }
    assert_ok(place_publish(p));
    assert_int_equal(p->cell.head.size, p->cell.size);
    reopens_the_same(p);
    /* and life goes on */
    assert_ok(pay(p, &m, 5));
    place_tick(p, 10);
    assert_ok(place_publish(p));
    reopens_the_same(p);
}

static void what_was_written_but_not_published_is_there(void **s)
{
    struct place *p = *s;
    struct money m;

    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    assert_ok(pay(p, &m, 5));
    assert_ok(place_write(p));
    reopens_the_same(p);
    assert_true(p->cell.head.size < p->cell.size);
    assert_ok(cy_cell_publish(&p->cell, &p->signer));
    assert_int_equal(p->cell.head.size, p->cell.size);
}

static void what_was_not_written_is_gone(void **s)
{
    struct place *p = *s;
    struct money m;
    uint64_t size = 0;

    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    size = p->cell.size;
    assert_ok(pay(p, &m, 5));
    place_drop(p);
    cy_sim_disk_power_cut(p->sim, 0);
    assert_ok(place_open(p));
    assert_int_equal(p->cell.size, size);
}

/* --- heads and receipts --- */

static void heads_are_signed_notes_over_the_acts(void **s)
{
    struct place *p = *s;
    struct money m;
    struct cy_span file;
    struct cy_note note;
    struct cy_checkpoint checkpoint;
    struct cy_note_key log;
    struct cy_note_verdict verdict;
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_disk_fault fault;

    place_begin(p);
    m = money_in(p);
    for (unsigned i = 0; i < 20; i++)
        assert_ok(pay(p, &m, 1));
    assert_ok(place_publish(p));
    assert_true(cy_sim_disk_bytes(p->sim, "checkpoint", &file));
    assert_ok(cy_note_read(file, &note));
    assert_ok(cy_checkpoint_read(note.text, &checkpoint));
    assert_ok(cy_note_key_of(cy_span_text("test.example/ledger"), CY_NOTE_ED25519,
                             &p->rig->key[RIG_KEYS - 1], &log));
    assert_ok(cy_note_verify(&note, &log, 1, &verdict));
    assert_true(verdict.good);
    assert_int_equal(checkpoint.size, p->cell.size);
    for (uint64_t i = 0; i < checkpoint.size; i++) {
        struct cy_id leaf;
        uint32_t n = 0;
        size_t n_entry = 0;

        assert_ok(cy_tree_entry(&p->cell.tree, i, p->cell.entry, CY_ENTRY_MAX, &n_entry, &fault));
        leaf = cy_hash_leaf(cy_span_of(p->cell.entry, n_entry));
        assert_ok(cy_tree_inclusion(&p->cell.tree, i, checkpoint.size, path, &n, &fault));
        assert_ok(cy_merkle_inclusion(&leaf, i, checkpoint.size, path, n, &checkpoint.root));
    }
}

static void a_signer_that_fails_delays_the_head_only(void **s)
{
    struct place *p = *s;
    struct money m;

    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    p->signer_answers = cy_fail(CY_E_PEER_LOST, 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_ok(pay(p, &m, 1));
        assert_code(place_publish(p), PEER_LOST);
        assert_true(p->cell.head.size < p->cell.size);
    }
    p->signer_answers = CY_OK;
    assert_ok(place_publish(p));
    assert_int_equal(p->cell.head.size, p->cell.size);
    reopens_the_same(p);
}

static void a_signature_by_another_key_is_not_published(void **s)
{
    struct place *p = *s;
    struct cy_span file;

    place_begin(p);
    (void)money_in(p);
    memcpy(p->rig->secret[RIG_KEYS - 1], p->rig->secret[5], 64);
    assert_code(place_publish(p), BAD_SIGNATURE);
    assert_false(cy_sim_disk_bytes(p->sim, "checkpoint", &file));
}

/* --- state roots --- */

/* Proves record under the last root and verifies it with what an outsider has. */
static cy_err prove(struct place *p, const struct cy_schema *schema, uint32_t record,
                    const void *key)
{
    char bytes[32768];
    struct cy_text proof = cy_text_on(bytes, sizeof bytes);
    uint8_t value[CY_STATE_VALUE_MAX];
    struct cy_span plain;
    struct cy_id state_key;

    CY_TRY(cy_cell_prove(&p->cell, record, key, &proof));
    state_key = cy_state_key(schema, key);
    plain = cy_state_value(schema, cy_world_get(&p->cell.engine.world, record, key), value);
    assert_ok(cy_ics23_verify_membership(&cy_ics23_tendermint, &p->cell.root, cy_text_bytes(&proof),
                                         cy_span_of(state_key.b, 32), plain));
    return CY_OK;
}

static void records_are_provable_under_a_recorded_root(void **s)
{
    struct place *p = *s;
    struct money m;

    place_begin(p);
    m = money_in(p);
    assert_code(prove(p, &cy_schema_account, CY_R_account, &m.account[1]), ROOT_STALE);
    place_tick(p, 1000);
    assert_int_equal(p->cell.root_at, p->cell.size - 1);
    for (unsigned i = 1; i <= 2; i++) {
        assert_ok(prove(p, &cy_schema_account, CY_R_account, &m.account[i]));
        assert_ok(prove(p, &cy_schema_passport, CY_R_passport, &p->rig->id[i]));
    }
    assert_code(prove(p, &cy_schema_account, CY_R_account, &p->rig->id[1]), NO_NOUN);
    /* a change makes the proof stale, for the changed records only; the next root cures it */
    assert_ok(pay(p, &m, 7));
    assert_code(prove(p, &cy_schema_account, CY_R_account, &m.account[1]), ROOT_STALE);
    assert_ok(prove(p, &cy_schema_asset, CY_R_asset, &m.asset));
    place_tick(p, 10);
    assert_ok(prove(p, &cy_schema_account, CY_R_account, &m.account[1]));
    /* closing and opening forgets nothing */
    assert_ok(place_publish(p));
    reopens_the_same(p);
    assert_ok(prove(p, &cy_schema_account, CY_R_account, &m.account[1]));
}

/* The act that carries the root changes the realm's record itself: what stood before is provable,
 * and so is the absence of whatever lies beside it in the state tree. */
static void what_is_not_there_is_provable_too(void **s)
{
    struct place *p = *s;
    const uint64_t one = 1;
    char bytes[65536];
    struct cy_text proof = cy_text_on(bytes, sizeof bytes);
    struct cy_id state_key;
    struct cy_span value;

    place_begin(p);
    assert_code(cy_cell_prove_absent(&p->cell, CY_R_account, &p->rig->id[1], &proof), ROOT_STALE);
    (void)money_in(p);
    place_tick(p, 1000);
    assert_code(cy_cell_prove(&p->cell, CY_R_realm, &one, &proof), ROOT_STALE);
    assert_ok(cy_cell_prove_then(&p->cell, CY_R_realm, &one, &value, &proof));
    state_key = cy_state_key(&cy_schema_realm, &one);
    assert_ok(cy_ics23_verify_membership(&cy_ics23_tendermint, &p->cell.root, cy_text_bytes(&proof),
                                         cy_span_of(state_key.b, 32), value));
    assert_code(cy_cell_prove_then(&p->cell, CY_R_passport, &p->rig->id[1], &value, &proof),
                NO_NOUN);
    assert_code(cy_cell_prove_absent(&p->cell, CY_R_realm, &one, &proof), EXISTS);
    for (unsigned i = 0; i < 64; i++) {
        const struct cy_id nobody = cy_sha256(cy_span_of(&i, sizeof i));

        proof = cy_text_on(bytes, sizeof bytes);
        assert_ok(cy_cell_prove_absent(&p->cell, CY_R_account, &nobody, &proof));
        state_key = cy_state_key(&cy_schema_account, &nobody);
        assert_ok(cy_ics23_verify_non_membership(&cy_ics23_tendermint, &p->cell.root,
                                                 cy_text_bytes(&proof),
                                                 cy_span_of(state_key.b, 32)));
    }
}

static void a_wrong_root_is_refused(void **s)
{
    struct place *p = *s;
    struct cy_id root;
    const unsigned operator= 0;
    struct cy_tick tick;
    struct cy_claims claims;

    place_begin(p);
    (void)money_in(p);
    assert_ok(place_publish(p));
    assert_ok(cy_cell_state_root(&p->cell, &root));
    root.b[31] ^= 1;
    tick = (struct cy_tick){.now = p->rig->now + 5, .state_root = root};
    claims = rig_claims(p->rig, 0);
    (void)rig_build(p->rig, &claims, &cy_schema_tick, &tick, &operator, 1);
    assert_code(place_take(p, p->rig->act), STATE_ROOT);
    /* nothing happened */
    place_same(p);
    place_tick(p, 5);
    assert_ok(place_publish(p));
}

/* Puts an act into the journal without judging it. */
static void smuggle(struct place *p, struct cy_span act)
{
    struct cy_commit commit;
    uint64_t at = 0;

    assert_ok(cy_journal_append(&p->cell.journal, 1, act, &at));
    assert_true(cy_cell_cut(&p->cell, &commit));
    assert_ok(cy_cell_write(&commit));
    cy_cell_done(&p->cell, &commit, CY_OK);
    place_drop(p);
    cy_sim_disk_kill(p->sim);
}

static void a_wrong_root_in_the_ledger_is_refused_at_opening(void **s)
{
    struct place *p = *s;
    const unsigned operator= 0;
    struct cy_tick tick;
    struct cy_claims claims;

    place_begin(p);
    (void)money_in(p);
    assert_ok(place_publish(p));
    tick = (struct cy_tick){.now = p->rig->now + 5, .state_root = {{9}}};
    claims = rig_claims(p->rig, 0);
    smuggle(p, rig_build(p->rig, &claims, &cy_schema_tick, &tick, &operator, 1));
    assert_code(place_open(p), STATE_ROOT);
    assert_code(place_open(p), STATE_ROOT); /* not LEDGER_BUSY: a failed opening lets go */
}

static void a_refused_act_in_the_ledger_is_refused_at_opening(void **s)
{
    struct place *p = *s;
    struct money m;
    const unsigned one = 1;
    struct cy_transfer transfer;
    struct cy_claims claims;

    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    transfer = (struct cy_transfer){.from = m.account[1], .to = m.account[2], .amount = 1000001};
    claims = rig_claims(p->rig, 1);
    smuggle(p, rig_build(p->rig, &claims, &cy_schema_transfer, &transfer, &one, 1));
    assert_code(place_open(p), REPLAY_REFUSED);
}

/* --- refusals and limits --- */

static void refused_acts_leave_nothing(void **s)
{
    struct place *p = *s;
    struct money m;
    uint64_t size = 0;
    struct cy_id world;
    struct cy_id after;

    place_begin(p);
    m = money_in(p);
    size = p->cell.size;
    world = place_world(&p->cell.engine.world);
    assert_code(pay(p, &m, 2000000), INSUFFICIENT);
    (void)rig_send(p->rig, cy_span_of("x", 1));
    assert_code(place_take(p, cy_span_of("x", 1)), SHORT);
    after = place_world(&p->cell.engine.world);
    assert_memory_equal(world.b, after.b, 32);
    assert_int_equal(p->cell.size, size);
}

static void a_dry_run_leaves_nothing(void **s)
{
    struct place *p = *s;
    struct money m;
    struct cy_act act;
    const unsigned one = 1;
    struct cy_transfer transfer;
    struct cy_claims claims;
    struct cy_id world;
    struct cy_id after;

    place_begin(p);
    m = money_in(p);
    world = place_world(&p->cell.engine.world);
    transfer = (struct cy_transfer){.from = m.account[1], .to = m.account[2], .amount = 1};
    claims = rig_claims(p->rig, 1);
    (void)rig_build(p->rig, &claims, &cy_schema_transfer, &transfer, &one, 1);
    p->acts = cy_arena_on(p->act_memory, sizeof p->act_memory);
    assert_ok(cy_act_open(p->rig->act, &p->acts, &act));
    for (unsigned i = 0; i < 3; i++) {
        cy_cell_judge(&p->cell, &act, &p->verdict);
        assert_ok(p->verdict.err);
        cy_cell_refuse(&p->cell);
    }
    after = place_world(&p->cell.engine.world);
    assert_memory_equal(world.b, after.b, 32);
    assert_ok(place_both(p, p->rig->act));
    assert_code(place_both(p, p->rig->act), REPLAY);
}

static void a_full_journal_buffer_asks_for_a_cut(void **s)
{
    struct place *p = *s;
    struct money m;
    struct cy_commit commit;
    struct cy_commit second;
    struct cy_act act;
    const unsigned one = 1;
    struct cy_transfer transfer;
    uint64_t at = 0;
    unsigned n = 0;

    p->options.batch_bytes = 70000;
    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    transfer = (struct cy_transfer){.from = m.account[1], .to = m.account[2], .amount = 1};
    for (;; n++) {
        const struct cy_claims claims = rig_claims(p->rig, 1);
        cy_err err = CY_OK;

        (void)rig_build(p->rig, &claims, &cy_schema_transfer, &transfer, &one, 1);
        p->acts = cy_arena_on(p->act_memory, sizeof p->act_memory);
        assert_ok(cy_act_open(p->rig->act, &p->acts, &act));
        cy_cell_judge(&p->cell, &act, &p->verdict);
        assert_ok(p->verdict.err);
        err = cy_cell_accept(&p->cell, &act, &at);
        if (err.code == CY_E_NO_ROOM)
            break;
        assert_ok(err);
        assert_ok(rig_send(p->rig, p->rig->act));
    }
    assert_in_range(n, 100, 1000);
    place_same(p); /* the plan still holds, nothing is changed */
    assert_true(cy_cell_cut(&p->cell, &commit));
    assert_int_equal(commit.count, n);
    assert_ok(cy_cell_accept(&p->cell, &act, &at));
    assert_int_equal(at, commit.first + commit.count);
    assert_ok(rig_send(p->rig, p->rig->act));
    assert_false(cy_cell_cut(&p->cell, &second)); /* the first is out */
    assert_ok(cy_cell_write(&commit));
    assert_ok(cy_cell_tiles(&p->cell, &commit));
    cy_cell_done(&p->cell, &commit, CY_OK);
    assert_ok(place_publish(p));
    assert_int_equal(p->cell.head.size, p->cell.size);
    reopens_the_same(p);
}

static void a_full_state_tree_stops_the_cell(void **s)
{
    struct place *p = *s;
    struct cy_id root;
    cy_err err = CY_OK;

    p->options.records_max = 8; /* less than the tables admit */
    place_begin(p);
    for (unsigned i = 1; i < 20 && cy_ok(err); i++) {
        rig_passport(p->rig, i, CY_kind_PERSON, "Ada");
        err = place_take(p, p->rig->act);
        if (cy_ok(err))
            err = cy_cell_state_root(&p->cell, &root);
    }
    assert_code(err, STATE_FULL);
    /* and stays stopped: no root that leaves something out, no act that a reader cannot prove */
    assert_code(cy_cell_state_root(&p->cell, &root), STATE_FULL);
    rig_passport(p->rig, 30, CY_kind_PERSON, "Bo");
    assert_code(place_take(p, p->rig->act), STATE_FULL);
}

static void the_directory_has_one_writer(void **s)
{
    struct place *p = *s;
    struct place *other = place_new();

    place_begin(p);
    other->disk = p->disk;
    assert_code(place_open(other), LEDGER_BUSY);
    assert_ok(place_publish(p)); /* the first is not disturbed */
    place_close(p);
    assert_ok(place_open(other));
    assert_int_equal(other->cell.size, 1);
    place_close(other);
    place_free(other);
}

/* --- damage --- */

struct all {
    struct place *p;
    struct cy_sha256_stream stream;
};

static void add_file(void *user, const char *path)
{
    struct all *all = user;
    struct cy_span bytes;

    assert_true(cy_sim_disk_bytes(all->p->sim, path, &bytes));
    cy_sha256_more(&all->stream, cy_span_of(path, strlen(path) + 1));
    cy_sha256_more(&all->stream, bytes);
}

static struct cy_id disk_digest(struct place *p)
{
    struct all all = {.p = p};

    cy_sha256_begin(&all.stream);
    cy_sim_disk_each(p->sim, add_file, &all);
    return cy_sha256_end(&all.stream);
}

/* 40 published acts, closed. */
static void forty(struct place *p)
{
    struct money m;

    place_begin(p);
    m = money_in(p);
    for (unsigned i = 0; i < 32; i++) {
        assert_ok(pay(p, &m, 1));
        if (i % 8 == 0)
            assert_ok(place_publish(p));
    }
    place_tick(p, 5);
    assert_ok(place_publish(p));
    place_close(p);
}

/* Opening must name the file, change nothing, and let go of the directory. */
static void refuses(struct place *p, enum cy_code code, const char *file)
{
    const struct cy_id before = disk_digest(p);
    struct cy_id after;
    const cy_err err = place_open(p);

    if (err.code != code)
        print_error("%s: %s\n", file, cy_err_info(err.code)->name);
    assert_int_equal(err.code, code);
    assert_string_equal(p->fault.path, file);
    after = disk_digest(p);
    assert_memory_equal(before.b, after.b, 32);
    assert_int_equal(place_open(p).code, code);
}

static void every_damaged_byte_of_the_checkpoint_is_named(void **s)
{
    struct place *p = *s;
    struct cy_span file;
    size_t n = 0;

    forty(p);
    assert_true(cy_sim_disk_bytes(p->sim, "checkpoint", &file));
    n = file.n;
    for (size_t i = 0; i < n; i++) {
        cy_err err = CY_OK;

        assert_true(cy_sim_disk_flip(p->sim, "checkpoint", i, 1));
        err = place_open(p);
        assert_true(err.code == CY_E_CHECKPOINT_DAMAGED || err.code == CY_E_TREE_MISMATCH ||
                    err.code == CY_E_NO_FILE || err.code == CY_E_TILE_DAMAGED);
        if (err.code == CY_E_CHECKPOINT_DAMAGED)
            assert_string_equal(p->fault.path, "checkpoint");
        assert_true(cy_sim_disk_flip(p->sim, "checkpoint", i, 1));
    }
    assert_ok(place_open(p));
    place_same(p);
}

static void a_checkpoint_that_is_too_long_is_damaged(void **s)
{
    struct place *p = *s;
    struct cy_span file;
    char filler[2048];
    int at = 0;

    forty(p);
    memset(filler, 'x', sizeof filler);
    assert_true(cy_sim_disk_bytes(p->sim, "checkpoint", &file));
    assert_ok(p->disk.ops->open(p->disk.self, "checkpoint", CY_DISK_WRITE, &at));
    assert_ok(p->disk.ops->write(p->disk.self, at, file.n, cy_span_of(filler, sizeof filler)));
    assert_ok(p->disk.ops->close(p->disk.self, at));
    refuses(p, CY_E_CHECKPOINT_DAMAGED, "checkpoint");
}

static void a_damaged_tile_is_named(void **s)
{
    struct place *p = *s;

    forty(p);
    assert_true(cy_sim_disk_flip(p->sim, "tile/entries/000.p/40", 100, 4));
    refuses(p, CY_E_TILE_DAMAGED, "tile/entries/000.p/40");
    assert_true(cy_sim_disk_flip(p->sim, "tile/entries/000.p/40", 100, 4));
    assert_true(cy_sim_disk_flip(p->sim, "tile/0/000.p/40", 7, 4));
    refuses(p, CY_E_TREE_MISMATCH, "tile");
    assert_true(cy_sim_disk_flip(p->sim, "tile/0/000.p/40", 7, 4));
    assert_ok(place_open(p));
    place_same(p);
}

/* The head says what was acknowledged: a journal that ends before it is damaged, not torn, also in
 * its very last batch. */
static void a_damaged_journal_is_named_up_to_its_last_byte(void **s)
{
    struct place *p = *s;
    static const char segment[] = "journal/00000000000000000000";
    struct cy_span file;
    size_t n = 0;

    forty(p);
    assert_true(cy_sim_disk_bytes(p->sim, segment, &file));
    n = file.n;
    for (size_t i = 0; i < n; i += i + 400 < n ? 97 : 1) {
        assert_true(cy_sim_disk_flip(p->sim, segment, i, 0x40));
        refuses(p, CY_E_JOURNAL_DAMAGED, segment);
        assert_true(p->fault.offset <= i);
        assert_true(cy_sim_disk_flip(p->sim, segment, i, 0x40));
    }
    assert_ok(place_open(p));
    place_same(p);
}

static void a_torn_tail_is_cut_and_reported(void **s)
{
    struct place *p = *s;
    static const char segment[] = "journal/00000000000000000000";
    struct cy_span file;
    size_t n = 0;
    int at = 0;

    forty(p);
    assert_true(cy_sim_disk_bytes(p->sim, segment, &file));
    n = file.n;
    assert_ok(p->disk.ops->open(p->disk.self, segment, CY_DISK_WRITE, &at));
    assert_ok(p->disk.ops->write(p->disk.self, at, n, cy_span_text("CyRc half a record")));
    assert_ok(p->disk.ops->close(p->disk.self, at));
    assert_ok(place_open(p));
    assert_int_equal(p->report.torn, 18);
    assert_string_equal(p->fault.path, segment);
    assert_int_equal(p->fault.offset, n);
    place_same(p);
    place_tick(p, 1);
    assert_ok(place_publish(p));
    reopens_the_same(p);
}

static void many_segments_replay(void **s)
{
    struct place *p = *s;
    struct money m;

    p->options.segment_bytes = 4096;
    place_begin(p);
    m = money_in(p);
    for (unsigned i = 0; i < 100; i++) {
        assert_ok(pay(p, &m, 1));
        if (i % 5 == 0)
            assert_ok(place_publish(p));
    }
    assert_ok(place_publish(p));
    reopens_the_same(p);
}

/* Two pieces of work that may be done at once give the same in either order; acts of all sizes,
 * over several bundles. */
static void a_helper_changes_nothing(void **s)
{
    struct place *p = *s;
    struct odd_helper odd = {.late = true};
    const struct cy_helper helper = {&odd, odd_begin, odd_join};
    struct cy_transfer moves[400];
    struct cy_any acts[400];
    struct money m;

    place_begin(p);
    m = money_in(p);
    for (unsigned i = 0; i < CY_COUNT(acts); i++) {
        moves[i] =
            (struct cy_transfer){.from = m.account[1], .to = m.account[2], .amount = 1 + i % 7};
        acts[i] = (struct cy_any){&cy_schema_transfer, &moves[i]};
    }
    for (unsigned i = 0; i < 300; i++) {
        assert_ok(PLACE_DO(p, 1, batch, .acts = acts, .n_acts = 1 + i * 97 % 400));
        if (i % 50 == 0)
            place_tick(p, 1);
        if (i % 7 == 0)
            assert_ok(place_publish(p));
    }
    place_tick(p, 1);
    assert_ok(place_publish(p));
    reopens_the_same(p);
    p->options.helper = &helper;
    reopens_the_same(p);
    odd.late = false;
    reopens_the_same(p);
    assert_true(odd.n > 10);
}

/* --- snapshots --- */

static void a_snapshot_bounds_replay(void **s)
{
    struct place *p = *s;
    struct money m;
    uint64_t size = 0;

    place_begin(p);
    m = money_in(p);
    place_tick(p, 5);
    assert_ok(place_publish(p));
    assert_ok(cy_cell_snapshot(&p->cell));
    size = p->cell.size;
    assert_ok(pay(p, &m, 3));
    assert_ok(place_publish(p));
    place_close(p);
    assert_ok(place_open(p));
    assert_int_equal(p->report.snapshot, size);
    assert_int_equal(p->report.replayed, 1);
    place_same(p);
    /* roots are recorded in acts, and the one before the snapshot was not replayed */
    assert_code(prove(p, &cy_schema_asset, CY_R_asset, &m.asset), ROOT_STALE);
    place_tick(p, 5);
    assert_ok(prove(p, &cy_schema_asset, CY_R_asset, &m.asset));
    assert_ok(place_publish(p));
    assert_code(pay(p, &m, 2000000), INSUFFICIENT);
}

static void keep_name(void *user, const char *path)
{
    if (strncmp(path, "snapshot", 8) == 0)
        strcpy(user, path);
}

static void a_damaged_snapshot_is_reported_and_replayed(void **s)
{
    struct place *p = *s;
    struct money m;
    char path[CY_PATH_MAX] = "";

    place_begin(p);
    m = money_in(p);
    assert_ok(place_publish(p));
    assert_ok(cy_cell_snapshot(&p->cell));
    assert_ok(pay(p, &m, 3));
    assert_ok(place_publish(p));
    place_close(p);
    cy_sim_disk_each(p->sim, keep_name, path);
    assert_string_not_equal(path, "");
    for (uint64_t at = 0; cy_sim_disk_flip(p->sim, path, at, 8); at += 61) {
        assert_ok(place_open(p));
        assert_true(p->report.snapshot_bad);
        assert_string_equal(p->report.snapshot_fault.path, path);
        assert_int_equal(p->report.snapshot, 0);
        assert_int_equal(p->report.replayed, p->cell.size);
        place_same(p);
        place_close(p);
        assert_true(cy_sim_disk_flip(p->sim, path, at, 8));
    }
    assert_ok(place_open(p));
    assert_false(p->report.snapshot_bad);
    assert_true(p->report.snapshot > 0);
    place_same(p);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, finish)
    const struct CMUnitTest tests[] = {
        T(an_empty_directory_opens_and_stays_empty),
        T(acts_survive_closing),
        T(what_was_written_but_not_published_is_there),
        T(what_was_not_written_is_gone),
        T(heads_are_signed_notes_over_the_acts),
        T(a_signer_that_fails_delays_the_head_only),
        T(a_signature_by_another_key_is_not_published),
        T(records_are_provable_under_a_recorded_root),
        T(what_is_not_there_is_provable_too),
        T(a_wrong_root_is_refused),
        T(a_wrong_root_in_the_ledger_is_refused_at_opening),
        T(a_refused_act_in_the_ledger_is_refused_at_opening),
        T(refused_acts_leave_nothing),
        T(a_dry_run_leaves_nothing),
        T(a_full_journal_buffer_asks_for_a_cut),
        T(a_full_state_tree_stops_the_cell),
        T(the_directory_has_one_writer),
        T(every_damaged_byte_of_the_checkpoint_is_named),
        T(a_checkpoint_that_is_too_long_is_damaged),
        T(a_damaged_tile_is_named),
        T(a_damaged_journal_is_named_up_to_its_last_byte),
        T(a_torn_tail_is_cut_and_reported),
        T(many_segments_replay),
        T(a_helper_changes_nothing),
        T(a_snapshot_bounds_replay),
        T(a_damaged_snapshot_is_reported_and_replayed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

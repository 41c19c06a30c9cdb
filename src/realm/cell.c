#include "realm/cell.h"

#include "ledger/checkpoint.h"

#define RECORD_ACT 1u /* kind of a journal record that is an act */
#define FRESH_HEAD "fresh/checkpoint"

/* --- the state tree ----------------------------------------------------------------------------
 */

static void take_change(void *self, const struct cy_state_change *change)
{
    struct cy_cell *cell = self;
    bool removed = false;
    const cy_err err = change->removed ? cy_trie_remove(&cell->trie, &change->key, &removed)
                                       : cy_trie_put(&cell->trie, &change->key, &change->value);

    if (!cy_ok(err) && cy_ok(cell->trouble)) /* the change is forgotten: no root is right now */
        cell->trouble = cy_fail(CY_E_STATE_FULL, cell->options.records_max);
}

cy_err cy_cell_state_root(struct cy_cell *cell, struct cy_id *root)
{
    cy_world_drain(&cell->engine.world, take_change, cell);
    CY_TRY(cell->trouble);
    *root = cy_trie_commit(&cell->trie);
    cell->root_next = *root;
    cell->root_next_size = cell->size;
    return CY_OK;
}

static const struct cy_tick *as_tick(const struct cy_act *act)
{
    return act->any.schema == &cy_schema_tick ? act->any.message : NULL;
}

/* The root that a tick claims is the root of the world before it. */
static cy_err check_root(struct cy_cell *cell, const struct cy_tick *tick)
{
    struct cy_id root;

    if (cy_id_none(&tick->state_root))
        return CY_OK;
    CY_TRY(cy_cell_state_root(cell, &root));
    return cy_id_eq(&root, &tick->state_root) ? CY_OK : cy_fail(CY_E_STATE_ROOT, cell->size);
}

/* The tick at index `at` was accepted: its root is the one that proofs are given under. */
static void remember_root(struct cy_cell *cell, const struct cy_tick *tick, uint64_t at)
{
    cy_err err = CY_OK;

    if (cell->has_version)
        cy_trie_release(&cell->trie, cell->root_version);
    err = cy_trie_keep(&cell->trie, &cell->root_version);
    CY_ASSERT(cy_ok(err)); /* one was released */
    cell->has_version = true;
    cell->root = tick->state_root;
    cell->root_at = at;
}

/* --- acts ----------------------------------------------------------------------------------------
 */

void cy_cell_judge(struct cy_cell *cell, const struct cy_act *act, struct cy_verdict *verdict)
{
    const struct cy_tick *tick = as_tick(act);

    cy_engine_judge(&cell->engine, act, cell->size, verdict);
    if (cy_ok(verdict->err) && tick != NULL)
        verdict->err = check_root(cell, tick);
    if (!cy_ok(verdict->err))
        cy_engine_discard(&cell->engine);
}

/* What heads are signed as is fixed by genesis. */
static void learn_name(struct cy_cell *cell)
{
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);

    cell->origin = realm->name;
    cell->log_key = realm->log_key;
}

/* The effects of a judged act become the world. It stands in the journal: nothing may fail here, so
 * a state tree that turns out full stops the acts after this one. */
static void take_effect(struct cy_cell *cell, const struct cy_act *act)
{
    const struct cy_tick *tick = as_tick(act);
    const uint64_t at = cell->size;
    struct cy_id root;

    if (tick != NULL && !cy_id_none(&tick->state_root))
        remember_root(cell, tick, at);
    cy_engine_apply(&cell->engine);
    cell->size++;
    if (act->any.schema == &cy_schema_genesis)
        learn_name(cell);
    if (cy_world_crowded(&cell->engine.world))
        (void)!cy_ok(cy_cell_state_root(cell, &root)); /* remembered in trouble */
}

cy_err cy_cell_accept(struct cy_cell *cell, const struct cy_act *act, uint64_t *at)
{
    const cy_err err = cy_ok(cell->trouble)
                           ? cy_journal_append(&cell->journal, RECORD_ACT, act->bytes, at)
                           : cell->trouble;

    if (!cy_ok(err) && err.code != CY_E_NO_ROOM)
        cy_engine_discard(&cell->engine);
    CY_TRY(err);
    CY_ASSERT(*at == cell->size);
    take_effect(cell, act);
    return CY_OK;
}

void cy_cell_refuse(struct cy_cell *cell)
{
    cy_engine_discard(&cell->engine);
}

bool cy_cell_cut(struct cy_cell *cell, struct cy_commit *commit)
{
    commit->batch = cy_journal_cut(&cell->journal);
    if (commit->batch == NULL)
        return false;
    commit->first = commit->batch->first;
    commit->count = commit->batch->count;
    return true;
}

void cy_cell_done(struct cy_cell *cell, const struct cy_commit *commit, cy_err result)
{
    cy_journal_done(&cell->journal, commit->batch, result);
    if (!cy_ok(result))
        cell->trouble = result;
}

cy_err cy_cell_prove(struct cy_cell *cell, uint32_t record, const void *key, struct cy_text *proof)
{
    const struct cy_schema *schema = cy_schema_record(record);
    const void *value = cy_world_get(&cell->engine.world, record, key);
    uint8_t bytes[CY_STATE_VALUE_MAX];
    struct cy_id state_key;
    cy_err err = CY_OK;

    if (value == NULL)
        return cy_fail(CY_E_NO_NOUN, record);
    if (!cell->has_version)
        return cy_fail(CY_E_ROOT_STALE, 0);
    state_key = cy_state_key(schema, key);
    err = cy_trie_prove_existence(&cell->trie, cell->root_version, &state_key,
                                  cy_state_value(schema, value, bytes), cell->proof, proof);
    return err.code == CY_E_BAD_STATE_PROOF ? cy_fail(CY_E_ROOT_STALE, 0) : err;
}

/* --- flush thread --------------------------------------------------------------------------------
 */

cy_err cy_cell_write(struct cy_commit *commit)
{
    return cy_journal_write(commit->batch);
}

static cy_err append_leaf(struct cy_cell *cell, struct cy_span entry)
{
    const cy_err err = cy_tree_append(&cell->tree, entry);

    if (err.code != CY_E_NO_ROOM)
        return err;
    CY_TRY(cy_tree_flush(&cell->tree)); /* the stage is full: full tiles leave it */
    return cy_tree_append(&cell->tree, entry);
}

cy_err cy_cell_tiles(struct cy_cell *cell, const struct cy_commit *commit)
{
    uint64_t number = commit->first;
    struct cy_span entry;
    size_t at = 0;

    CY_ASSERT(commit->first <= cy_tree_size(&cell->tree));
    while (cy_journal_batch_next(commit->batch, &at, &entry)) {
        if (number++ >= cy_tree_size(&cell->tree)) /* below: taken before soft trouble */
            CY_TRY(append_leaf(cell, entry));
    }
    return CY_OK;
}

cy_err cy_cell_publish(struct cy_cell *cell, const struct cy_head_signer *signer)
{
    const uint64_t size = cy_tree_size(&cell->tree);
    const struct cy_id root = cy_tree_root(&cell->tree);
    const struct cy_span name = cy_name_text(&cell->origin);
    struct cy_head head = {.size = size, .root = root};
    struct cy_text note = cy_text_on(head.note, sizeof head.note);
    struct cy_id proof[CY_MERKLE_PATH_MAX + 1];
    char text_bytes[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(text_bytes, sizeof text_bytes);
    struct cy_disk_fault fault;
    struct cy_signature signature;
    uint32_t n = 0;

    if (size == cell->head.size)
        return CY_OK;
    CY_TRY(cy_tree_flush(&cell->tree));
    CY_TRY(cy_tree_consistency(&cell->tree, cell->head.size, size, proof, &n, &fault));
    cy_checkpoint_write(&text, name, size, &root);
    CY_TRY(signer->sign(signer->self, cy_text_bytes(&text), proof, n, signature.b));
    CY_TRY(cy_ed25519_verify_strict(&cell->log_key, cy_text_bytes(&text), &signature));
    cy_note_begin(&note, cy_text_bytes(&text));
    cy_note_line(&note, name, cy_note_key_id(name, CY_NOTE_ED25519, &cell->log_key),
                 cy_span_of(signature.b, sizeof signature.b));
    CY_ASSERT(!note.full);
    head.n = (uint32_t)note.n;
    CY_TRY(cy_disk_replace(&cell->disk, "checkpoint", FRESH_HEAD, cy_text_bytes(&note)));
    cell->head = head;
    return CY_OK;
}

/* --- open
 * ------------------------------------------------------------------------------------------ */

#define STAGE_BYTES ((size_t)CY_TREE_STAGE_MIN * 2)
#define SCRATCH_BYTES ((size_t)8 << 20)

static struct cy_journal_options journal_options(const struct cy_cell_options *options)
{
    struct cy_journal_options out = {
        .dir = "journal",
        .segment_bytes = options->segment_bytes,
        .batch_bytes = options->batch_bytes,
        .segments_max = 4096,
    };

    memcpy(out.salt, options->salt, sizeof out.salt);
    return out;
}

static struct cy_trie_options trie_options(const struct cy_cell_options *options)
{
    /* the kept version shares what did not change since; at worst everything did */
    return (struct cy_trie_options){.leaves_max = 2 * options->records_max,
                                    .nodes_max = 2 * options->records_max,
                                    .kept_max = 4};
}

size_t cy_cell_bytes(const struct cy_cell_options *options)
{
    const struct cy_journal_options journal = journal_options(options);
    const struct cy_trie_options trie = trie_options(options);

    return cy_engine_bytes(options->roster, options->n_roster, options->limits, options->n_limits) +
           cy_journal_bytes(&journal) + cy_trie_bytes(&trie) + cy_tree_bytes(STAGE_BYTES) +
           SCRATCH_BYTES + sizeof(struct cy_trie_scratch) + CY_ENTRY_MAX + 4096;
}

/* One act of the ledger, judged again. Its signatures were verified before it was journaled. */
static cy_err replay_act(struct cy_cell *cell, struct cy_span bytes)
{
    struct cy_verdict verdict;
    struct cy_act act;

    cy_arena_rewind(&cell->scratch, 0);
    CY_TRY(cy_act_open(bytes, &cell->scratch, &act));
    cy_cell_judge(cell, &act, &verdict);
    if (verdict.err.code == CY_E_STATE_ROOT || verdict.err.code == CY_E_RULES_UNKNOWN ||
        verdict.err.code == CY_E_STATE_FULL || verdict.err.code == CY_E_NO_ROOM)
        return verdict.err;
    if (!cy_ok(verdict.err))
        return cy_fail(CY_E_REPLAY_REFUSED, cell->size);
    take_effect(cell, &act);
    return cell->trouble;
}

static cy_err replay_record(void *self, uint64_t number, uint32_t kind, struct cy_span payload)
{
    struct cy_cell *cell = self;

    if (kind != RECORD_ACT)
        return cy_fail(CY_E_JOURNAL_DAMAGED, number);
    if (number >= cy_tree_size(&cell->tree))
        CY_TRY(append_leaf(cell, payload));
    return number >= cell->size ? replay_act(cell, payload) : CY_OK;
}

/* What the tiles hold and the snapshot does not. */
static cy_err replay_tiles(struct cy_cell *cell, struct cy_disk_fault *fault)
{
    while (cell->size < cy_tree_flushed(&cell->tree)) {
        size_t n = 0;

        CY_TRY(cy_tree_entry(&cell->tree, cell->size, cell->entry, CY_ENTRY_MAX, &n, fault));
        CY_TRY(replay_act(cell, cy_span_of(cell->entry, n)));
    }
    return CY_OK;
}

/* The head in the file `checkpoint`; size 0 when there is none. Its own signature is checked once
 * genesis is known, in check_head. */
static cy_err read_head(struct cy_cell *cell, struct cy_disk_fault *fault)
{
    struct cy_checkpoint checkpoint;
    struct cy_note note;
    size_t n = 0;
    cy_err err = CY_OK;

    cell->head = (struct cy_head){0};
    cell->head.root = cy_hash_empty();
    err = cy_disk_read_all(&cell->disk, "checkpoint", (uint8_t *)cell->head.note,
                           sizeof cell->head.note - 1, &n);
    if (err.code == CY_E_NO_FILE)
        return CY_OK;
    if (err.code == CY_E_TOO_LARGE)
        return cy_disk_fault_at(fault, "checkpoint", sizeof cell->head.note,
                                CY_E_CHECKPOINT_DAMAGED);
    CY_TRY(err);
    if (!cy_ok(cy_note_read(cy_span_of(cell->head.note, n), &note)) ||
        !cy_ok(cy_checkpoint_read(note.text, &checkpoint)))
        return cy_disk_fault_at(fault, "checkpoint", 0, CY_E_CHECKPOINT_DAMAGED);
    cell->head.n = (uint32_t)n;
    cell->head.size = checkpoint.size;
    cell->head.root = checkpoint.root;
    return CY_OK;
}

/* The head on disk is this realm's: its origin, signed by its log key. */
static cy_err check_head(const struct cy_cell *cell, struct cy_disk_fault *fault)
{
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);
    struct cy_checkpoint checkpoint;
    struct cy_note_verdict verdict;
    struct cy_note_key log;
    struct cy_note note;

    if (cell->head.size == 0)
        return CY_OK;
    CY_ASSERT(realm != NULL); /* entry 0 of a ledger that replayed is a genesis */
    CY_TRY(cy_note_key_of(cy_name_text(&realm->name), CY_NOTE_ED25519, &realm->log_key, &log));
    CY_TRY(cy_note_read(cy_span_of(cell->head.note, cell->head.n), &note));
    CY_TRY(cy_checkpoint_read(note.text, &checkpoint));
    if (cy_span_eq(checkpoint.origin, log.name) && cy_ok(cy_note_verify(&note, &log, 1, &verdict)))
        return CY_OK;
    return cy_disk_fault_at(fault, "checkpoint", 0, CY_E_CHECKPOINT_DAMAGED);
}

static cy_err reserve(struct cy_cell *cell, struct cy_arena *fresh)
{
    const struct cy_trie_options trie = trie_options(&cell->options);
    void *scratch = cy_arena_take(fresh, SCRATCH_BYTES);

    cell->proof = cy_arena_take(fresh, sizeof *cell->proof);
    cell->entry = cy_arena_take(fresh, CY_ENTRY_MAX);
    if (scratch == NULL || cell->proof == NULL || cell->entry == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    cell->scratch = cy_arena_on(scratch, SCRATCH_BYTES);
    CY_TRY(cy_trie_init(&cell->trie, &trie, fresh));
    return cy_engine_init(&cell->engine, cell->options.roster, cell->options.n_roster,
                          cell->options.limits, cell->options.n_limits, fresh);
}

static cy_err open_locked(struct cy_cell *cell, struct cy_arena *fresh,
                          struct cy_cell_report *report, struct cy_disk_fault *fault)
{
    const struct cy_journal_options journal = journal_options(&cell->options);
    struct cy_journal_report found;

    CY_TRY(cy_disk_make_dirs(&cell->disk, "fresh"));
    CY_TRY(reserve(cell, fresh));
    CY_TRY(read_head(cell, fault));
    CY_TRY(cy_tree_open(&cell->tree, &cell->disk, STAGE_BYTES, fresh, cell->head.size,
                        &cell->head.root, fault));
    CY_TRY(replay_tiles(cell, fault));
    CY_TRY(check_head(cell, fault)); /* before the journal, which may cut a torn tail */
    CY_TRY(cy_journal_open(&cell->journal, &cell->disk, &journal, fresh, cell->head.size,
                           replay_record, cell, &found, fault));
    report->replayed = cell->size - report->snapshot;
    report->torn = found.torn;
    return CY_OK;
}

cy_err cy_cell_open(struct cy_cell *cell, const struct cy_disk *disk,
                    const struct cy_cell_options *options, struct cy_arena *fresh,
                    struct cy_cell_report *report, struct cy_disk_fault *fault)
{
    cy_err err = CY_OK;

    memset(cell, 0, sizeof *cell);
    *report = (struct cy_cell_report){0};
    cell->disk = *disk;
    cell->options = *options;
    cell->root_at = UINT64_MAX;
    CY_TRY(cy_hash_start());
    CY_TRY(disk->ops->lock(disk->self));
    err = open_locked(cell, fresh, report, fault);
    if (!cy_ok(err))
        disk->ops->unlock(disk->self);
    return err;
}

cy_err cy_cell_close(struct cy_cell *cell)
{
    const cy_err err = cy_journal_close(&cell->journal);

    cell->disk.ops->unlock(cell->disk.self);
    return err;
}

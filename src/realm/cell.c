#include "realm/cell.h"

#include "crypto/hash_many.h"
#include "ledger/format.h"

#define RECORD_ACT 1u /* kind of a journal record that is an act */

/* --- the state tree --- */

static void take_change(void *self, const struct cy_state_change *change)
{
    struct cy_cell *cell = self;

    cy_trie_batch_add(&cell->changes,
                      &(struct cy_trie_change){change->key, change->value, change->removed});
}

cy_err cy_cell_state_root(struct cy_cell *cell, struct cy_id *root)
{
    cy_world_drain(&cell->engine.world, take_change, cell);
    if (!cy_ok(cy_trie_batch_end(&cell->changes, root)) && cy_ok(cell->trouble))
        cell->trouble = cy_fail(CY_E_STATE_FULL, cell->options.records_max);
    CY_TRY(cell->trouble); /* a change was forgotten: no root is right now */
    cell->root_next = *root;
    cell->root_next_size = cell->size;
    return CY_OK;
}

/* The state root that an act of time claims, of a tick or of a height; NULL for other acts. */
static const struct cy_id *root_claimed(const struct cy_act *act)
{
    if (act->any.schema == &cy_schema_tick)
        return &((const struct cy_tick *)act->any.message)->state_root;
    if (act->any.schema == &cy_schema_height)
        return &((const struct cy_height *)act->any.message)->state_root;
    return NULL;
}

/* The root that is claimed is the root of the world before the act. What was only tried never
 * enters the state tree. */
static cy_err check_root(struct cy_cell *cell, const struct cy_id *claimed)
{
    struct cy_id root;

    if (cy_id_none(claimed))
        return CY_OK;
    if (cy_world_marked(&cell->engine.world) && !cy_world_untouched(&cell->engine.world))
        return cy_fail(CY_E_STATE_ROOT, cell->size);
    CY_TRY(cy_cell_state_root(cell, &root));
    return cy_id_eq(&root, claimed) ? CY_OK : cy_fail(CY_E_STATE_ROOT, cell->size);
}

/* What members agreed on is the tree of this very ledger; the size was judged. */
static cy_err check_agreed(const struct cy_cell *cell, const struct cy_height *height)
{
    struct cy_id root;

    CY_ASSERT(cell->frontier.size == height->size);
    root = cy_frontier_root(&cell->frontier);
    return cy_id_eq(&root, &height->root) ? CY_OK : cy_fail(CY_E_AGREED_HEAD, cell->size);
}

/* The act at index `at` was accepted: its root is the one that proofs are given under. */
static void remember_root(struct cy_cell *cell, const struct cy_id *root, uint64_t at)
{
    cy_err err = CY_OK;

    if (cell->has_version)
        cy_trie_release(&cell->trie, cell->root_version);
    err = cy_trie_keep(&cell->trie, &cell->root_version);
    CY_ASSERT(cy_ok(err)); /* one was released */
    cy_kept_values_take(cell->kept, &cell->engine.plan);
    cell->has_version = true;
    cell->root = *root;
    cell->root_at = at;
}

/* --- acts --- */

void cy_cell_judge(struct cy_cell *cell, const struct cy_act *act, struct cy_verdict *verdict)
{
    const struct cy_id *claimed = root_claimed(act);

    cy_engine_judge(&cell->engine, act, cell->size, verdict);
    if (cy_ok(verdict->err) && claimed != NULL)
        verdict->err = check_root(cell, claimed);
    if (cy_ok(verdict->err) && act->any.schema == &cy_schema_height)
        verdict->err = check_agreed(cell, act->any.message);
    if (!cy_ok(verdict->err))
        cy_engine_discard(&cell->engine);
}

/* What heads are signed as is fixed by genesis. */
static void learn_name(struct cy_cell *cell)
{
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);

    cell->origin = realm->name;
    cell->log_key = realm->log_key;
    cell->federation = cy_id_none(&realm->log_key);
}

/* The frontier of a federation follows each act; a cell needs none. */
static void follow(struct cy_cell *cell, struct cy_span entry)
{
    const struct cy_id leaf = cy_hash_leaf(entry);
    const cy_err err = cy_frontier_append(&cell->frontier, &leaf);

    CY_ASSERT(cy_ok(err)); /* 2^63 acts */
}

/* The effects of a judged act become the world. It stands in the journal: nothing may fail here, so
 * a state tree that turns out full stops the acts after this one. */
static void take_effect(struct cy_cell *cell, const struct cy_act *act)
{
    const struct cy_id *claimed = root_claimed(act);
    struct cy_id root;

    if (claimed != NULL && !cy_id_none(claimed))
        remember_root(cell, claimed, cell->size);
    cy_engine_apply(&cell->engine);
    cell->size++;
    if (act->any.schema == &cy_schema_genesis)
        learn_name(cell);
    if (cell->federation)
        follow(cell, act->bytes);
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

/* --- trying --- */

void cy_cell_try_begin(struct cy_cell *cell)
{
    cy_world_mark(&cell->engine.world);
    cell->frontier_before = cell->frontier;
    cell->size_before = cell->size;
}

void cy_cell_try(struct cy_cell *cell, const struct cy_act *act, struct cy_verdict *verdict)
{
    cy_cell_judge(cell, act, verdict);
    if (!cy_ok(verdict->err))
        return;
    cy_engine_apply(&cell->engine);
    cell->size++;
    if (cell->federation)
        follow(cell, act->bytes);
}

bool cy_cell_try_crowded(const struct cy_cell *cell)
{
    const struct cy_undo *undo = &cell->engine.world.undo;

    return undo->used > undo->cap / 4 * 3;
}

void cy_cell_try_end(struct cy_cell *cell, struct cy_frontier *to)
{
    cy_engine_discard(&cell->engine);
    cy_world_rollback(&cell->engine.world);
    if (to != NULL)
        *to = cell->frontier;
    cell->frontier = cell->frontier_before;
    cell->size = cell->size_before;
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

static cy_err prove_value(struct cy_cell *cell, const struct cy_id *key, struct cy_span value,
                          struct cy_text *proof)
{
    cy_err err = CY_OK;

    if (!cell->has_version)
        return cy_fail(CY_E_ROOT_STALE, 0);
    err = cy_trie_prove_existence(&cell->trie, cell->root_version, key, value, cell->proof, proof);
    return err.code == CY_E_BAD_STATE_PROOF ? cy_fail(CY_E_ROOT_STALE, 0) : err;
}

cy_err cy_cell_prove(struct cy_cell *cell, uint32_t record, const void *key, struct cy_text *proof)
{
    const struct cy_schema *schema = cy_schema_record(record);
    const struct cy_id id = cy_state_key(schema, key);
    const void *value = cy_world_get(&cell->engine.world, record, key);
    uint8_t bytes[CY_STATE_VALUE_MAX];

    if (value == NULL)
        return cy_fail(CY_E_NO_NOUN, record);
    return prove_value(cell, &id, cy_state_value(schema, value, bytes), proof);
}

cy_err cy_cell_prove_then(struct cy_cell *cell, uint32_t record, const void *key,
                          struct cy_span *value, struct cy_text *proof)
{
    const struct cy_id id = cy_state_key(cy_schema_record(record), key);

    if (!cy_kept_values_find(cell->kept, &id, value))
        return cy_fail(CY_E_NO_NOUN, record);
    return prove_value(cell, &id, *value, proof);
}

/* The canonical bytes of the record that a leaf of the last root stands for, as far as it can be
 * told: of before the act that carried the root, or as it is now; empty when it is there no more.
 */
static struct cy_span value_at(const struct cy_cell *cell, const struct cy_id *leaf,
                               uint8_t bytes[static CY_STATE_VALUE_MAX])
{
    const struct cy_world *world = &cell->engine.world;
    struct cy_span kept;

    if (cy_kept_values_find(cell->kept, leaf, &kept))
        return kept;
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_world_table *table = &world->tables[t];

        if (table->spec->unproven)
            continue;
        for (uint32_t slot = 0; slot < table->table.n; slot++) {
            const void *record = cy_table_at(&table->table, slot);
            const struct cy_id key = cy_state_key(table->spec->schema, record);

            if (cy_id_eq(&key, leaf))
                return cy_state_value(table->spec->schema, record, bytes);
        }
    }
    return (struct cy_span){0};
}

cy_err cy_cell_prove_absent(struct cy_cell *cell, uint32_t record, const void *key,
                            struct cy_text *proof)
{
    const struct cy_id id = cy_state_key(cy_schema_record(record), key);
    uint8_t bytes[2][CY_STATE_VALUE_MAX];
    struct cy_trie_place place;
    struct cy_span left = {0};
    struct cy_span right = {0};
    cy_err err = CY_OK;

    if (!cell->has_version)
        return cy_fail(CY_E_ROOT_STALE, 0);
    CY_TRY(cy_trie_seek(&cell->trie, cell->root_version, &id, &place));
    if (place.found)
        return cy_fail(CY_E_EXISTS, record);
    if (place.has_left)
        left = value_at(cell, &place.left.key, bytes[0]);
    if (place.has_right)
        right = value_at(cell, &place.right.key, bytes[1]);
    err = cy_trie_prove_absence(&cell->trie, cell->root_version, &id, left, right, cell->proof,
                                proof);
    return err.code == CY_E_BAD_STATE_PROOF ? cy_fail(CY_E_ROOT_STALE, 0) : err;
}

/* --- flush thread --- */

cy_err cy_cell_write(struct cy_commit *commit)
{
    return cy_journal_write(commit->batch);
}

static cy_err append_leaf(struct cy_cell *cell, struct cy_span entry, const struct cy_id *leaf)
{
    const cy_err err = cy_tree_append_leaf(&cell->tree, entry, leaf);

    if (err.code != CY_E_NO_ROOM)
        return err;
    CY_TRY(cy_tree_flush(&cell->tree)); /* the stage is full: full tiles leave it */
    return cy_tree_append_leaf(&cell->tree, entry, leaf);
}

cy_err cy_cell_tiles(struct cy_cell *cell, const struct cy_commit *commit)
{
    struct cy_span entries[CY_HASH_GROUP];
    struct cy_id leaves[CY_HASH_GROUP];
    uint64_t number = commit->first;
    size_t at = 0;

    CY_ASSERT(commit->first <= cy_tree_size(&cell->tree));
    for (uint32_t n = 1; n > 0;) {
        n = 0;
        while (n < CY_HASH_GROUP && cy_journal_batch_next(commit->batch, &at, &entries[n])) {
            if (number++ >= cy_tree_size(&cell->tree)) /* below: taken before soft trouble */
                n++;
        }
        cy_hash_leaves(entries, n, leaves);
        for (uint32_t i = 0; i < n; i++)
            CY_TRY(append_leaf(cell, entries[i], &leaves[i]));
    }
    return CY_OK;
}

/* What the signer is asked with: the head's text, and how it follows from the last head. */
struct head_request {
    const struct cy_head_signer *signer;
    struct cy_id proof[CY_MERKLE_PATH_MAX + 1];
    uint32_t n;
};

static cy_err sign_head(void *user, struct cy_span message, struct cy_signature *out)
{
    const struct head_request *request = user;

    return request->signer->sign(request->signer->self, message, request->proof, request->n,
                                 out->b);
}

cy_err cy_cell_publish(struct cy_cell *cell, const struct cy_head_signer *signer)
{
    struct cy_head head = {.size = cy_tree_size(&cell->tree), .root = cy_tree_root(&cell->tree)};
    struct cy_text note = cy_text_on(head.note, sizeof head.note);
    struct head_request request = {.signer = signer};
    struct cy_disk_fault fault;
    struct cy_note_key key;

    if (head.size == cell->head.size)
        return CY_OK;
    CY_TRY(cy_note_key_of(cy_name_text(&cell->origin), CY_NOTE_ED25519, &cell->log_key, &key));
    CY_TRY(cy_tree_flush(&cell->tree));
    CY_TRY(cy_tree_consistency(&cell->tree, cell->head.size, head.size, request.proof, &request.n,
                               &fault));
    CY_TRY(cy_checkpoint_make(&key, head.size, &head.root, sign_head, &request, &note));
    CY_TRY(cy_checkpoint_publish(&cell->tree, cy_text_bytes(&note), &fault));
    head.n = (uint32_t)note.n;
    if (head.size / CY_TILE_WIDTH != cell->head.size / CY_TILE_WIDTH)
        CY_TRY(cy_tree_prune(&cell->tree, head.size)); /* tiles became full */
    cell->head = head;
    return CY_OK;
}

/* --- snapshots --- */

/* Snapshots hold records as they lie in memory: this section tells whether the records of this
 * program lie the same way. */
#define LAYOUT_SECTION UINT32_MAX

static struct cy_id layout_digest(const struct cy_world *world)
{
    struct cy_sha256_stream stream;

    cy_sha256_begin(&stream);
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_schema *schema = world->tables[t].spec->schema;

        for (size_t f = 0; f < schema->n_fields; f++) {
            uint8_t bytes[20];

            cy_put_u32be(bytes, schema->number);
            cy_put_u32be(bytes + 4, schema->fields[f].key);
            cy_put_u32be(bytes + 8, (uint32_t)schema->fields[f].type);
            cy_put_u32be(bytes + 12, (uint32_t)schema->fields[f].at);
            cy_put_u32be(bytes + 16, (uint32_t)schema->size);
            cy_sha256_more(&stream, cy_span_of(bytes, sizeof bytes));
        }
    }
    return cy_sha256_end(&stream);
}

bool cy_cell_snapshot_due(const struct cy_cell *cell)
{
    return cell->snapshot_asked || (cell->options.snapshot_every != 0 &&
                                    cell->size - cell->snapshot_at >= cell->options.snapshot_every);
}

bool cy_cell_settled(const struct cy_cell *cell)
{
    return cy_journal_durable(&cell->journal) == cell->size;
}

static cy_err write_world(struct cy_snapshot_writer *writer, const struct cy_world *world)
{
    const struct cy_id layout = layout_digest(world);

    CY_TRY(cy_snapshot_section(writer, LAYOUT_SECTION, sizeof layout, 1));
    CY_TRY(cy_snapshot_chunk(writer, cy_span_of(&layout, sizeof layout)));
    for (uint32_t t = 0; t < world->n_tables; t++) {
        const struct cy_table *table = &world->tables[t].table;

        CY_TRY(cy_snapshot_section(writer, world->tables[t].spec->schema->number, table->size,
                                   table->n));
        CY_TRY(
            cy_snapshot_chunk(writer, cy_span_of(table->records, (size_t)table->n * table->size)));
    }
    return cy_snapshot_end(writer);
}

static cy_err write_snapshot(struct cy_cell *cell)
{
    struct cy_snapshot_head head = {.size = cell->size, .number = cell->size};
    struct cy_snapshot_writer writer;
    cy_err err = CY_OK;

    CY_ASSERT(cy_cell_settled(cell));
    CY_ASSERT(cy_tree_size(&cell->tree) == cell->size);
    CY_TRY(cy_cell_state_root(cell, &head.state_root));
    head.tree_root = cy_tree_root(&cell->tree);
    head.rules = cy_engine_realm(&cell->engine)->rules;
    err = cy_snapshot_begin(&writer, &cell->disk, &head);
    if (cy_ok(err))
        err = write_world(&writer, &cell->engine.world);
    if (!cy_ok(err)) {
        cy_snapshot_abandon(&writer);
        return err;
    }
    cell->snapshot_at = cell->size;
    /* the tiles hold everything below the head, so older journal files have served */
    return cy_journal_drop(&cell->journal, cell->head.size);
}

cy_err cy_cell_snapshot(struct cy_cell *cell)
{
    cell->snapshot_asked = false;
    cell->snapshot_err = write_snapshot(cell);
    return cell->snapshot_err;
}

static struct cy_world_table *table_numbered(struct cy_world *world, uint32_t number)
{
    return number < CY_RECORDS_MAX && world->by_record[number] != 0 ? cy_world_table(world, number)
                                                                    : NULL;
}

static cy_err load_section(void *user, uint32_t number, uint32_t record_size, uint64_t count)
{
    struct cy_world *world = user;
    const struct cy_world_table *t = table_numbered(world, number);

    if (number == LAYOUT_SECTION)
        return record_size == sizeof(struct cy_id) && count == 1
                   ? CY_OK
                   : cy_fail(CY_E_SNAPSHOT_VERSION, number);
    if (t == NULL || record_size != t->table.size)
        return cy_fail(CY_E_SNAPSHOT_VERSION, number);
    return count <= t->table.limit ? CY_OK : cy_fail(CY_E_NO_ROOM, number);
}

static cy_err load_chunk(void *user, uint32_t number, struct cy_span records)
{
    struct cy_world *world = user;
    struct cy_world_table *t = table_numbered(world, number);

    if (number == LAYOUT_SECTION) {
        const struct cy_id layout = layout_digest(world);

        return cy_span_eq(records, cy_span_of(&layout, sizeof layout))
                   ? CY_OK
                   : cy_fail(CY_E_SNAPSHOT_VERSION, number);
    }
    for (size_t at = 0; at < records.n; at += t->table.size)
        cy_world_put(world, t, CY_TABLE_NONE, records.at + at);
    return CY_OK;
}

cy_err cy_cell_load_world(const struct cy_disk *disk, uint64_t size, struct cy_world *world,
                          uint8_t *buffer, struct cy_snapshot_head *head,
                          struct cy_disk_fault *fault)
{
    const struct cy_snapshot_reader reader = {
        .section = load_section, .chunk = load_chunk, .user = world};

    return cy_snapshot_read(disk, size, &reader, buffer, head, fault);
}

/* --- open --- */

#define STAGE_BYTES ((size_t)CY_TREE_STAGE_MIN * 2)
#define ENTRY_BYTES ((size_t)1 << 20) /* entries and snapshots are read in pieces of this size */

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
           cy_journal_bytes(&journal) + cy_trie_bytes(&trie) + cy_trie_batch_bytes() +
           cy_tree_bytes(STAGE_BYTES) + options->try_bytes +
           2 * (sizeof(struct cy_stretch) + cy_stretch_bytes()) + sizeof(struct cy_trie_scratch) +
           sizeof(struct cy_kept_values) + ENTRY_BYTES + 4096;
}

/* One act of the ledger, judged again. Its signatures were verified before it was journaled. */
static cy_err judge_again(struct cy_cell *cell, const struct cy_act *act)
{
    struct cy_verdict verdict;

    cy_cell_judge(cell, act, &verdict);
    if (verdict.err.code == CY_E_STATE_ROOT || verdict.err.code == CY_E_AGREED_HEAD ||
        verdict.err.code == CY_E_RULES_UNKNOWN || verdict.err.code == CY_E_STATE_FULL ||
        verdict.err.code == CY_E_NO_ROOM)
        return verdict.err;
    if (!cy_ok(verdict.err))
        return cy_fail(CY_E_REPLAY_REFUSED, cell->size);
    take_effect(cell, act);
    return cell->trouble;
}

static cy_err replay_record(void *self, uint64_t number, uint32_t kind, struct cy_span payload)
{
    struct cy_cell *cell = self;
    struct cy_arena *scratch = &cell->stretches[0].arena;
    struct cy_act act;

    if (kind != RECORD_ACT)
        return cy_fail(CY_E_JOURNAL_DAMAGED, number);
    if (number >= cy_tree_size(&cell->tree)) {
        const struct cy_id leaf = cy_hash_leaf(payload);

        CY_TRY(append_leaf(cell, payload, &leaf));
    }
    if (number < cell->size) {
        if (cell->federation &&
            number + 1 == cell->size) /* a snapshot beyond the tiles ends here */
            cell->frontier = cell->tree.frontier;
        return CY_OK;
    }
    cy_arena_rewind(scratch, 0);
    CY_TRY(cy_act_open(payload, scratch, &act));
    return judge_again(cell, &act);
}

/* A stretch on its way into the world: a piece of work for cy_both. */
struct judging {
    struct cy_cell *cell;
    const struct cy_stretch *stretch;
    cy_err err;
};

static void judge_stretch(void *with)
{
    struct judging *judging = with;

    judging->err = CY_OK;
    for (uint32_t i = 0; i < judging->stretch->n && cy_ok(judging->err); i++)
        judging->err = judge_again(judging->cell, &judging->stretch->acts[i]);
}

static cy_err replay_stretches(struct cy_cell *cell, struct cy_disk_fault *fault)
{
    struct cy_stretch *now = &cell->stretches[0];
    struct cy_stretch *next = &cell->stretches[1];

    cy_stretch_fill(now);
    while (now->n > 0 || !cy_ok(now->err)) {
        struct judging judging = {.cell = cell, .stretch = now};
        struct cy_stretch *swap = now;

        if (!cy_ok(now->err)) { /* nothing comes after it */
            judge_stretch(&judging);
            CY_TRY(judging.err);
            *fault = now->fault;
            return now->err;
        }
        cy_both(cell->options.helper, judge_stretch, &judging, cy_stretch_fill, next);
        CY_TRY(judging.err);
        now = next;
        next = swap;
    }
    return CY_OK;
}

/* What the tiles hold and the snapshot does not. */
static cy_err replay_tiles(struct cy_cell *cell, struct cy_disk_fault *fault)
{
    struct cy_tree_walk walk;
    cy_err err = CY_OK;

    if (cell->size >= cy_tree_flushed(&cell->tree))
        return CY_OK;
    cy_tree_walk_begin(&walk, &cell->tree, cell->size, cy_tree_flushed(&cell->tree));
    cell->stretches[0].walk = &walk;
    cell->stretches[1].walk = &walk;
    err = replay_stretches(cell, fault);
    cy_tree_walk_end(&walk);
    return err;
}

/* The head in the file `checkpoint`; size 0 when there is none. Only the operator's own lines are
 * kept in memory. Whether they are by this realm's key is checked once genesis is known
 * (check_head). */
static cy_err read_head(struct cy_cell *cell, struct cy_disk_fault *fault)
{
    struct cy_text own = cy_text_on(cell->head.note, sizeof cell->head.note);
    struct cy_checkpoint checkpoint;
    struct cy_note note;
    size_t n = 0;
    cy_err err = CY_OK;

    cell->head.root = cy_hash_empty();
    err = cy_disk_read_all(&cell->disk, CY_CHECKPOINT_FILE, cell->entry, CY_SNAPSHOT_CHUNK, &n);
    if (err.code == CY_E_NO_FILE)
        return CY_OK;
    if (err.code == CY_E_TOO_LARGE)
        return cy_disk_fault_at(fault, "checkpoint", sizeof cell->head.note,
                                CY_E_CHECKPOINT_DAMAGED);
    CY_TRY(err);
    if (!cy_ok(cy_note_read(cy_span_of(cell->entry, n), &note)) ||
        !cy_ok(cy_checkpoint_read(note.text, &checkpoint)))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_CHECKPOINT_DAMAGED);
    cy_note_begin(&own, note.text);
    for (uint32_t i = 0; i < note.n; i++) {
        uint8_t blob[CY_NOTE_BLOB_MAX];

        if (!cy_span_eq(note.signatures[i].name, checkpoint.origin) ||
            !cy_ok(cy_note_blob(&note.signatures[i], blob, sizeof blob, &n)) || n != 64)
            continue;
        cy_note_line(&own, checkpoint.origin, note.signatures[i].key_id, cy_span_of(blob, n));
    }
    if (own.full)
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_CHECKPOINT_DAMAGED);
    cell->head.n = (uint32_t)own.n;
    cell->head.size = checkpoint.size;
    cell->head.root = checkpoint.root;
    return CY_OK;
}

/* The head on disk is this realm's: its origin, signed by its log key. */
static cy_err check_head(const struct cy_cell *cell, struct cy_disk_fault *fault)
{
    struct cy_checkpoint checkpoint;
    struct cy_note_key key;
    uint32_t cosigned = 0;

    if (cell->head.size == 0 || cell->federation) /* of a federation the tree itself was checked */
        return CY_OK;
    CY_TRY(cy_note_key_of(cy_name_text(&cell->origin), CY_NOTE_ED25519, &cell->log_key, &key));
    if (!cy_ok(cy_checkpoint_verify(cy_span_of(cell->head.note, cell->head.n), &key, NULL, 0, 0,
                                    &checkpoint, &cosigned)))
        return cy_disk_fault_at(fault, CY_CHECKPOINT_FILE, 0, CY_E_CHECKPOINT_DAMAGED);
    return CY_OK;
}

static cy_err reserve(struct cy_cell *cell, struct cy_arena *fresh)
{
    const struct cy_trie_options trie = trie_options(&cell->options);

    cell->proof = cy_arena_take(fresh, sizeof *cell->proof);
    cell->kept = cy_arena_zero(fresh, sizeof *cell->kept);
    cell->entry = cy_arena_take(fresh, ENTRY_BYTES);
    cell->stretches = cy_arena_take(fresh, 2 * sizeof *cell->stretches);
    if (cell->stretches == NULL || cell->proof == NULL || cell->kept == NULL || cell->entry == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (unsigned i = 0; i < 2; i++)
        CY_TRY(cy_stretch_init(&cell->stretches[i], fresh));
    CY_TRY(cy_trie_init(&cell->trie, &trie, fresh));
    CY_TRY(cy_trie_batch_init(&cell->changes, &cell->trie, cell->options.helper, fresh));
    CY_TRY(cy_engine_init(&cell->engine, cell->options.roster, cell->options.n_roster,
                          cell->options.limits, cell->options.n_limits, fresh));
    if (cell->options.rules != NULL)
        cell->engine.rules = cell->options.rules;
    return cell->options.try_bytes == 0
               ? CY_OK
               : cy_world_undo_on(&cell->engine.world, cell->options.try_bytes, fresh);
}

/* Loads the newest snapshot that is whole and of this program's making. Without one the world stays
 * empty and everything is replayed. */
static cy_err load_snapshot(struct cy_cell *cell, struct cy_cell_report *report)
{
    struct cy_snapshot_head head;
    struct cy_id root;
    bool usable = false;
    cy_err err =
        cy_snapshot_choose(&cell->disk, cell->entry, &head, &usable, &report->snapshot_fault);

    if (err.code == CY_E_NO_SNAPSHOT || err.code == CY_E_SNAPSHOT_VERSION)
        return CY_OK;
    if (err.code == CY_E_SNAPSHOT_DAMAGED) {
        report->snapshot_bad = true;
        if (!usable)
            return CY_OK;
        err = CY_OK;
    }
    CY_TRY(err);
    err = cy_cell_load_world(&cell->disk, head.size, &cell->engine.world, cell->entry, &head,
                             &report->snapshot_fault);
    if (err.code == CY_E_SNAPSHOT_VERSION)
        return CY_OK; /* said in its first section: nothing was put yet */
    CY_TRY(err);
    CY_TRY(cy_cell_state_root(cell, &root));
    if (!cy_id_eq(&root, &head.state_root))
        return cy_fail(CY_E_STATE_ROOT, head.size);
    if (head.rules > cell->engine.rules->newest)
        return cy_fail(CY_E_RULES_UNKNOWN, head.rules);
    cell->size = head.size;
    cell->snapshot_at = head.size;
    report->snapshot = head.size;
    learn_name(cell);
    return CY_OK;
}

static cy_err open_locked(struct cy_cell *cell, struct cy_arena *fresh,
                          struct cy_cell_report *report, struct cy_disk_fault *fault)
{
    const struct cy_journal_options journal = journal_options(&cell->options);
    struct cy_journal_report found;
    cy_err err = CY_OK;

    CY_TRY(cy_disk_make_dirs(&cell->disk, "fresh"));
    err = cy_format_claim(&cell->disk, CY_LEDGER_FORMAT);
    if (!cy_ok(err))
        return cy_disk_fault_at(fault, CY_FORMAT_FILE, 0, err.code);
    CY_TRY(reserve(cell, fresh));
    CY_TRY(load_snapshot(cell, report));
    CY_TRY(read_head(cell, fault));
    CY_TRY(cy_tree_open(&cell->tree, &cell->disk, STAGE_BYTES, fresh, cell->head.size,
                        &cell->head.root, fault));
    if (cell->federation && cell->size <= cy_tree_flushed(&cell->tree))
        CY_TRY(cy_tree_frontier_at(&cell->tree, cell->size, &cell->frontier, fault));
    CY_TRY(replay_tiles(cell, fault));
    CY_TRY(check_head(cell, fault)); /* before the journal, which may cut a torn tail */
    CY_TRY(cy_journal_open(&cell->journal, &cell->disk, &journal, fresh, cell->head.size,
                           replay_record, cell, &found, fault));
    if (cy_tree_size(&cell->tree) < cell->size)
        return cy_fail(CY_E_JOURNAL_GAP, cell->size); /* the snapshot knows acts that are gone */
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

#include "host/audit/state_pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define MEMORY ((size_t)1 << 30) /* address space; pages are taken as rows come */
#define PROOF_MAX 32768u
#define ROOTS_BACK 65536u /* entries that are looked at for the newest root */

struct picker {
    const struct cy_state_wish *wish;
    struct cy_state_pick *out;
    struct cy_arena arena;
    size_t rows_max;
    struct cy_trie_scratch *scratch;
};

/* --- the newest root --- */

static cy_err tree_err(const struct cy_source_tree *tree, cy_err err)
{
    return cy_ok(err) || cy_ok(tree->disk.err) ? err : tree->disk.err;
}

static cy_err newest_root(struct cy_source_tree *tree, uint64_t size, uint8_t *entry, uint64_t *at)
{
    struct cy_disk_fault fault;

    for (uint64_t i = 0; i < size && i < ROOTS_BACK; i++) {
        struct cy_foreign_mark mark;
        size_t n = 0;

        *at = size - 1 - i;
        CY_TRY(tree_err(tree, cy_tree_entry(&tree->tree, *at, entry, CY_ENTRY_MAX, &n, &fault)));
        if (cy_ok(cy_foreign_mark_read(cy_span_of(entry, n), &mark)))
            return CY_OK;
    }
    return cy_fail(CY_E_ROOT_STALE, 0);
}

/* Signatures are not looked at here: the audit does, before anything is given out. */
static cy_err read_head(struct cy_audit_source *source, uint8_t *room, struct cy_checkpoint *head)
{
    struct cy_note note;
    size_t n = 0;

    CY_TRY(cy_audit_source_read(source, CY_CHECKPOINT_FILE, room, CY_NOTE_MAX, &n));
    CY_TRY(cy_note_read(cy_span_of(room, n), &note));
    CY_TRY(cy_checkpoint_read(note.text, head));
    return head->size == 0 ? cy_fail(CY_E_ROOT_STALE, 0) : CY_OK;
}

static cy_err find_root(struct cy_audit_source *source, uint64_t *at)
{
    uint8_t *room = malloc(CY_NOTE_MAX + CY_ENTRY_MAX);
    struct cy_source_tree tree = {.memory = NULL};
    struct cy_checkpoint head;
    cy_err err = room == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : read_head(source, room, &head);

    if (cy_ok(err))
        err = cy_source_tree_open(&tree, source, head.size, &head.root);
    if (cy_ok(err))
        err = newest_root(&tree, head.size, room + CY_NOTE_MAX, at);
    cy_source_tree_close(&tree);
    free(room);
    return err;
}

/* --- the records --- */

static cy_err keep(struct picker *p, struct cy_span bytes, struct cy_span *out)
{
    uint8_t *at = cy_arena_take(&p->arena, bytes.n + 1);

    if (at == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    memcpy(at, bytes.at, bytes.n);
    *out = cy_span_of(at, bytes.n);
    return CY_OK;
}

static cy_err take_record(struct picker *p, const struct cy_audit_state *state,
                          const struct cy_schema *schema, const void *record)
{
    static _Thread_local uint8_t value[CY_STATE_VALUE_MAX];
    static _Thread_local char proof[PROOF_MAX];
    struct cy_text text = cy_text_on(proof, sizeof proof);
    const struct cy_id key = cy_state_key(schema, record);
    const struct cy_span bytes = cy_state_value(schema, record, value);
    struct cy_state_row *row = NULL;

    if (p->out->n == p->rows_max)
        return cy_fail(CY_E_NO_ROOM, p->rows_max);
    CY_TRY(cy_trie_prove_existence(state->trie, CY_TRIE_PRESENT, &key, bytes, p->scratch, &text));
    row = &p->out->rows[p->out->n++];
    row->schema = schema;
    row->key = key;
    CY_TRY(keep(p, bytes, &row->value));
    return keep(p, cy_text_bytes(&text), &row->proof);
}

static cy_err ask_table(struct picker *p, const struct cy_audit_state *state, unsigned round,
                        const struct cy_world_table *table)
{
    const struct cy_schema *schema = table->spec->schema;
    const uint32_t n = cy_world_count(state->world, schema->number);

    for (uint32_t i = 0; i < n; i++) {
        const void *record = cy_world_at(state->world, schema->number, i);

        if (p->wish->wants(p->wish->user, round, schema, record) && round == 1)
            CY_TRY(take_record(p, state, schema, record));
    }
    return CY_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct cy_state_row *one = a;
    const struct cy_state_row *other = b;

    if (one->schema->number != other->schema->number)
        return one->schema->number < other->schema->number ? -1 : 1;
    return memcmp(one->key.b, other->key.b, sizeof one->key.b);
}

static cy_err take(void *user, const struct cy_audit_state *state)
{
    struct picker *p = user;

    CY_TRY(keep(p, state->entry, &p->out->entry));
    for (unsigned round = 0; round < 2; round++) {
        for (uint32_t t = 0; t < state->world->n_tables; t++) {
            if (!state->world->tables[t].spec->unproven)
                CY_TRY(ask_table(p, state, round, &state->world->tables[t]));
        }
    }
    qsort(p->out->rows, p->out->n, sizeof *p->out->rows, by_key);
    return cy_foreign_mark_read(p->out->entry, &p->out->mark);
}

/* --- the whole --- */

/* Paths in the tree that the audit has just rebuilt. */
static cy_err paths(struct cy_audit_source *source, const struct cy_audit_report *report,
                    uint64_t since, struct cy_state_pick *out)
{
    struct cy_source_tree tree = {.memory = NULL};
    struct cy_disk_fault fault;
    cy_err err = cy_source_tree_open(&tree, source, report->size, &report->root);

    if (cy_ok(err))
        err = tree_err(&tree, cy_tree_inclusion(&tree.tree, out->at, report->size, out->path,
                                                &out->n_path, &fault));
    if (cy_ok(err) && since > report->size)
        err = cy_fail(CY_E_HEAD_OLD, 0);
    if (cy_ok(err) && since > 0)
        err = tree_err(&tree, cy_tree_consistency(&tree.tree, since, report->size, out->consistency,
                                                  &out->n_consistency, &fault));
    cy_source_tree_close(&tree);
    return err;
}

static cy_err make_room(struct picker *p, struct cy_state_pick *out)
{
    out->memory_n = MEMORY;
    out->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (out->memory == MAP_FAILED) {
        out->memory = NULL;
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    p->arena = cy_arena_on(out->memory, MEMORY);
    p->rows_max = MEMORY / 8 / sizeof *out->rows;
    out->rows = cy_arena_take(&p->arena, p->rows_max * sizeof *out->rows);
    p->scratch = cy_arena_take(&p->arena, sizeof *p->scratch);
    return out->rows != NULL && p->scratch != NULL ? CY_OK : cy_fail(CY_E_NO_ROOM, 0);
}

static cy_err run(struct cy_audit_source *source, const struct cy_audit_options *given,
                  struct picker *p, uint64_t since)
{
    struct cy_state_pick *out = p->out;
    struct cy_audit_options options = *given;
    struct cy_audit_report *report = cy_arena_take(&p->arena, sizeof *report);
    char *note = cy_arena_take(&p->arena, CY_NOTE_MAX + 1);
    struct cy_text text;
    const struct cy_audit_pick pick = {.take = take, .user = p, .note = &text};
    struct cy_audit_pick wanted = pick;
    cy_err err = CY_OK;

    if (report == NULL || note == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    text = cy_text_on(note, CY_NOTE_MAX + 1);
    CY_TRY(find_root(source, &out->at));
    wanted.at = out->at;
    options.pick = &wanted;
    err = cy_audit_run(source, &options, report);
    if (!cy_ok(err)) {
        (void)snprintf(out->why, sizeof out->why, "%s", report->why);
        return err;
    }
    out->note = cy_text_bytes(&text);
    out->size = report->size;
    out->realm = report->realm;
    return paths(source, report, since, out);
}

cy_err cy_state_pick_run(const char *place, const char *pin, const struct cy_audit_options *options,
                         const struct cy_state_wish *wish, uint64_t since,
                         struct cy_state_pick *out)
{
    struct picker p = {.wish = wish, .out = out};
    struct cy_audit_source *source = NULL;
    cy_err err = CY_OK;

    *out = (struct cy_state_pick){.n = 0};
    err = make_room(&p, out);
    if (cy_ok(err))
        err = cy_audit_source_open(place, pin, &source);
    if (cy_ok(err))
        err = run(source, options, &p, since);
    if (!cy_ok(err) && out->why[0] == 0)
        (void)snprintf(out->why, sizeof out->why, "%.300s",
                       source == NULL ? place : cy_audit_source_why(source));
    cy_audit_source_close(source);
    return err;
}

void cy_state_pick_free(struct cy_state_pick *pick)
{
    if (pick->memory != NULL)
        (void)munmap(pick->memory, pick->memory_n);
    *pick = (struct cy_state_pick){.n = 0};
}

#include "host/sql/sql_rows.h"

#include "wire/print.h"

#include <stdlib.h>

#define CHUNK_BYTES ((size_t)16 << 20)
#define PRINT_BYTES ((size_t)8 << 20) /* an act of 65,000 bytes is below 1 MB in JSON */
#define KEY_BYTES 104u
#define KEYS_MAX (1u << 17)
#define KEYS_FULL (KEYS_MAX - 2u * CY_PLAN_ENTRIES) /* the next entry always finds room */
#define FEW 4096u
#define DAYS_END_MS 253402300800000u /* 10000-01-01: there are no civil dates from there on */

/* A record that changed: which table of the shape, and its key, padded with zeros. */
struct changed {
    uint32_t table;
    uint32_t n;
    uint8_t key[KEY_BYTES];
};

struct cy_sql_rows {
    const struct cy_sql_shape *shape;
    struct cy_sql_chunk *chunk;
    struct cy_table keys;
    size_t chunk_bytes;
    void *memory;
    char *print;
    char room[CY_SQL_COLUMNS_MAX][CY_SQL_ROOM];
};

struct cy_sql_rows *cy_sql_rows_new(const struct cy_sql_shape *shape, size_t chunk_bytes)
{
    struct cy_sql_rows *rows = calloc(1, sizeof *rows);
    const size_t bytes = cy_table_bytes(sizeof(struct changed), KEYS_MAX) + 64;
    struct cy_arena fresh;
    cy_err err = CY_OK;

    if (rows == NULL)
        return NULL;
    rows->shape = shape;
    rows->chunk_bytes = chunk_bytes == 0 ? CHUNK_BYTES : chunk_bytes;
    rows->memory = calloc(1, bytes);
    rows->print = malloc(PRINT_BYTES);
    if (rows->memory == NULL || rows->print == NULL) {
        cy_sql_rows_free(rows);
        return NULL;
    }
    fresh = cy_arena_on(rows->memory, bytes);
    err = cy_table_init(&rows->keys, &fresh, sizeof(struct changed), sizeof(struct changed),
                        KEYS_MAX);
    CY_ASSERT(cy_ok(err)); /* it is as large as it says */
    return rows;
}

void cy_sql_rows_free(struct cy_sql_rows *rows)
{
    if (rows == NULL)
        return;
    free(rows->memory);
    free(rows->print);
    free(rows);
}

static void forget_keys(struct cy_sql_rows *rows)
{
    struct cy_table *keys = &rows->keys;

    if (keys->n > FEW) {
        memset(keys->index, 0, ((size_t)keys->mask + 1) * sizeof *keys->index);
        keys->n = 0;
    }
    while (keys->n > 0)
        cy_table_remove(keys, keys->n - 1);
}

static bool is_full(const void *self)
{
    const struct cy_sql_rows *rows = self;

    return rows->chunk->n > rows->chunk_bytes || rows->keys.n > KEYS_FULL;
}

/* --- the ledger's rows --- */

static struct cy_sql_value json_of(struct cy_sql_rows *rows, const struct cy_any *any)
{
    struct cy_text text = cy_text_on(rows->print, PRINT_BYTES);

    cy_print_json(&text, any->schema, any->message);
    CY_ASSERT(!text.full);
    return cy_sql_text(text.at, text.n);
}

static struct cy_sql_value fixed(const char *text)
{
    return cy_sql_text(text, strlen(text));
}

/* The ledger's clock when the act was judged; a tick and a genesis bring their own. */
static cy_time time_of(const struct cy_sql_entry *entry)
{
    const struct cy_any *any = &entry->act->any;
    const struct cy_realm *realm = cy_engine_realm(entry->engine);

    if (any->schema == &cy_schema_tick)
        return ((const struct cy_tick *)any->message)->now;
    if (any->schema == &cy_schema_genesis)
        return ((const struct cy_genesis *)any->message)->now;
    return realm == NULL ? 0 : realm->now;
}

static void act_row(struct cy_sql_rows *rows, const struct cy_sql_entry *entry)
{
    const struct cy_act *act = entry->act;
    const struct cy_claims *claims = &act->envelope.claims;
    const struct cy_id *author = cy_id_none(&claims->author) ? &act->id : &claims->author;
    const struct cy_batch *batch = act->any.schema == &cy_schema_batch ? act->any.message : NULL;
    const cy_time time = time_of(entry);
    const cy_date day = time < DAYS_END_MS ? cy_time_date(time) : CY_DATE_MAX;
    char(*room)[CY_SQL_ROOM] = rows->room;
    const struct cy_sql_value values[] = {
        cy_sql_number(entry->at, room[0]),
        cy_sql_time(time, room[1]),
        cy_sql_day(day, room[2]),
        fixed(act->any.schema->name),
        cy_sql_number(act->any.schema->number, room[3]),
        cy_sql_id(&act->id, room[4]),
        cy_sql_id(author, room[5]),
        cy_sql_id(&claims->subject, room[6]),
        cy_sql_number(claims->expires, room[7]),
        cy_sql_number(act->bytes.n, room[8]),
        cy_sql_number(act->envelope.n_signers, room[9]),
        cy_sql_number(batch == NULL ? 0 : batch->n_acts, room[10]),
        cy_sql_number(entry->verdict->n_refused, room[11]),
        json_of(rows, &act->any),
    };

    cy_sql_chunk_row(rows->chunk, cy_sql_statement(CY_SQL_act, CY_SQL_DOES_INSERT), values,
                     CY_COUNT(values));
}

static void item_rows(struct cy_sql_rows *rows, const struct cy_sql_entry *entry,
                      const struct cy_batch *batch)
{
    const struct cy_verdict *verdict = entry->verdict;

    for (uint32_t i = 0; i < batch->n_acts; i++) {
        const enum cy_code code =
            i < verdict->n_items ? (enum cy_code)verdict->items[i] : CY_E_NONE;
        const struct cy_sql_value values[] = {
            cy_sql_number(CY_SQL_PARTS * entry->at + i, rows->room[3]),
            cy_sql_number(entry->at, rows->room[0]),
            cy_sql_number(i, rows->room[1]),
            fixed(batch->acts[i].schema->name),
            cy_sql_number(batch->acts[i].schema->number, rows->room[2]),
            code == CY_E_NONE ? cy_sql_null() : fixed(cy_err_info(code)->name),
            json_of(rows, &batch->acts[i]),
        };

        cy_sql_chunk_row(rows->chunk, cy_sql_statement(CY_SQL_act_item, CY_SQL_DOES_INSERT), values,
                         CY_COUNT(values));
    }
}

/* --- what changed --- */

/* Nothing for an account that the entry only opened. */
static bool posting_row(struct cy_sql_rows *rows, uint64_t entry, uint32_t position,
                        const struct cy_account *before, const struct cy_account *after)
{
    static const struct cy_account none;
    const struct cy_account *a = before == NULL ? &none : before;
    const struct cy_account *b = after == NULL ? &none : after;
    char(*room)[CY_SQL_ROOM] = rows->room;

    if (a->balance == b->balance && a->held == b->held)
        return false;
    cy_sql_chunk_row(
        rows->chunk, cy_sql_statement(CY_SQL_posting, CY_SQL_DOES_INSERT),
        (const struct cy_sql_value[]){
            cy_sql_number(CY_SQL_PARTS * entry + position, room[7]),
            cy_sql_number(entry, room[0]),
            cy_sql_number(position, room[1]),
            cy_sql_id(after == NULL ? &before->id : &after->id, room[2]),
            cy_sql_amount(b->balance > a->balance ? b->balance - a->balance : 0, room[3]),
            cy_sql_amount(a->balance > b->balance ? a->balance - b->balance : 0, room[4]),
            cy_sql_amount(b->balance, room[5]),
            cy_sql_amount(b->held, room[6]),
        },
        8);
    return true;
}

static void remember(struct cy_sql_rows *rows, uint32_t table, const void *record)
{
    const size_t n = cy_schema_key_size(rows->shape->tables[table].record);
    struct changed changed = {.table = table, .n = (uint32_t)n};

    CY_ASSERT(n <= sizeof changed.key);
    memcpy(changed.key, record, n);
    (void)cy_table_put(&rows->keys, &changed);
}

static cy_err take(void *self, const struct cy_sql_entry *entry)
{
    struct cy_sql_rows *rows = self;
    struct cy_effect effect;
    uint32_t position = 0;
    uint32_t i = 0;

    act_row(rows, entry);
    if (entry->act->any.schema == &cy_schema_batch)
        item_rows(rows, entry, entry->act->any.message);
    while (cy_plan_effect(&entry->engine->plan, &i, &effect)) {
        const uint8_t table = rows->shape->by_record[effect.schema->number];

        if (effect.schema == &cy_schema_account &&
            posting_row(rows, entry->at, position, effect.before, effect.after))
            position++;
        if (table != 0)
            remember(rows, table - 1u, effect.after != NULL ? effect.after : effect.before);
    }
    rows->chunk->next = entry->at + 1;
    return rows->chunk->starved ? cy_fail(CY_E_NO_MEMORY, 0) : CY_OK;
}

struct cy_sql_visitor cy_sql_rows_begin(struct cy_sql_rows *rows, struct cy_sql_chunk *chunk)
{
    rows->chunk = chunk;
    forget_keys(rows);
    return (struct cy_sql_visitor){rows, take, is_full};
}

void cy_sql_rows_record(struct cy_sql_rows *rows, uint32_t table, const void *record)
{
    const struct cy_sql_table *t = &rows->shape->tables[table];
    struct cy_sql_value values[CY_SQL_COLUMNS_MAX];

    for (uint32_t i = 0; i < t->n; i++)
        values[i] = cy_sql_field(&t->record->fields[i], record, i < t->n_keys, rows->room[i]);
    cy_sql_chunk_row(rows->chunk, cy_sql_statement(table, CY_SQL_DOES_PUT), values, t->n);
}

static void removed_row(struct cy_sql_rows *rows, const struct changed *changed)
{
    const struct cy_sql_table *t = &rows->shape->tables[changed->table];
    struct cy_sql_value values[CY_SQL_COLUMNS_MAX];

    for (uint32_t i = 0; i < t->n_keys; i++)
        values[i] = cy_sql_field(&t->record->fields[i], changed->key, true, rows->room[i]);
    cy_sql_chunk_row(rows->chunk, cy_sql_statement(changed->table, CY_SQL_DOES_REMOVE), values,
                     t->n_keys);
}

void cy_sql_rows_end(struct cy_sql_rows *rows, const struct cy_world *world)
{
    for (uint32_t i = 0; i < rows->keys.n; i++) {
        const struct changed *changed = cy_table_at(&rows->keys, i);
        const struct cy_schema *record = rows->shape->tables[changed->table].record;
        const void *now = cy_world_get(world, record->number, changed->key);

        if (now != NULL)
            cy_sql_rows_record(rows, changed->table, now);
        else
            removed_row(rows, changed);
    }
    forget_keys(rows);
}

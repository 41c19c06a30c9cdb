#include "kernel/world.h"

#include "crypto/hash.h"
#include "crypto/hash_many.h"

static uint32_t limit_of(const struct cy_table_spec *spec, const struct cy_limit *limits,
                         size_t n_limits)
{
    for (size_t i = 0; i < n_limits; i++) {
        if (limits[i].record == spec->schema->number)
            return limits[i].limit;
    }
    return spec->limit;
}

static size_t dirty_words(uint32_t limit)
{
    return ((size_t)limit + 63) / 64;
}

/* Bits of a sieve: sixteen for each record, and never more than the caches hold. */
#define SIEVE_MOST (1u << 20)

static uint32_t sieve_bits(const struct cy_table_spec *spec, uint32_t limit)
{
    uint32_t bits = 64;

    if (spec->schema->n_keys == 0 || spec->schema->fields[0].type != CY_T_id)
        return 0;
    while (bits < SIEVE_MOST && bits / 16 < limit)
        bits *= 2;
    return bits;
}

size_t cy_world_bytes(const struct cy_table_list *lists, size_t n_lists,
                      const struct cy_limit *limits, size_t n_limits)
{
    size_t bytes = CY_REMOVED_MAX * sizeof(struct cy_id) + 64;

    for (size_t l = 0; l < n_lists; l++) {
        for (size_t i = 0; i < lists[l].n; i++) {
            const uint32_t limit = limit_of(&lists[l].specs[i], limits, n_limits);

            bytes += cy_table_bytes((uint32_t)lists[l].specs[i].schema->size, limit);
            bytes += 2 * dirty_words(limit) * sizeof(uint64_t) + 64;
            bytes += sieve_bits(&lists[l].specs[i], limit) / 8 + 16;
        }
    }
    return bytes;
}

uint64_t cy_world_records(const struct cy_table_list *lists, size_t n_lists,
                          const struct cy_limit *limits, size_t n_limits)
{
    uint64_t records = 0;

    for (size_t l = 0; l < n_lists; l++) {
        for (size_t i = 0; i < lists[l].n; i++)
            records +=
                lists[l].specs[i].unproven ? 0 : limit_of(&lists[l].specs[i], limits, n_limits);
    }
    return records;
}

static cy_err declare(struct cy_world *world, const struct cy_table_spec *spec, uint32_t limit,
                      struct cy_arena *fresh)
{
    struct cy_world_table *t = &world->tables[world->n_tables];
    const uint32_t bits = sieve_bits(spec, limit);

    CY_ASSERT(world->n_tables < CY_TABLES_MAX);
    CY_ASSERT(spec->schema->kind == CY_SCHEMA_RECORD);
    CY_ASSERT(world->by_record[spec->schema->number] == 0);
    *t = (struct cy_world_table){.spec = spec, .key_size = cy_schema_key_size(spec->schema)};
    CY_TRY(cy_table_init(&t->table, fresh, (uint32_t)spec->schema->size, (uint32_t)t->key_size,
                         limit));
    t->dirty = cy_arena_take(fresh, dirty_words(limit) * sizeof(uint64_t));
    t->known = cy_arena_take(fresh, dirty_words(limit) * sizeof(uint64_t));
    if (t->dirty == NULL || t->known == NULL)
        return cy_fail(CY_E_NO_ROOM, limit);
    if (bits > 0) {
        t->sieve_mask = bits - 1;
        t->sieve = cy_arena_take(fresh, bits / 8);
        if (t->sieve == NULL)
            return cy_fail(CY_E_NO_ROOM, bits);
    }
    world->by_record[spec->schema->number] = (uint8_t)++world->n_tables;
    return CY_OK;
}

cy_err cy_world_init(struct cy_world *world, const struct cy_table_list *lists, size_t n_lists,
                     const struct cy_limit *limits, size_t n_limits, struct cy_arena *fresh)
{
    *world = (struct cy_world){0};
    world->removed = cy_arena_take(fresh, CY_REMOVED_MAX * sizeof(struct cy_id));
    if (world->removed == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    for (size_t l = 0; l < n_lists; l++) {
        for (size_t i = 0; i < lists[l].n; i++) {
            const struct cy_table_spec *spec = &lists[l].specs[i];

            CY_TRY(declare(world, spec, limit_of(spec, limits, n_limits), fresh));
        }
    }
    return CY_OK;
}

struct cy_world_table *cy_world_table(struct cy_world *world, uint32_t record)
{
    CY_ASSERT(record < CY_RECORDS_MAX);
    CY_ASSERT(world->by_record[record] != 0);
    return &world->tables[world->by_record[record] - 1];
}

bool cy_world_has(const struct cy_world *world, uint32_t record)
{
    return record < CY_RECORDS_MAX && world->by_record[record] != 0;
}

const void *cy_world_get(const struct cy_world *world, uint32_t record, const void *key)
{
    return cy_table_get(&cy_world_table_of(world, record)->table, key);
}

static bool get_bit(const uint64_t *bits, uint32_t slot)
{
    return (bits[slot / 64] >> (slot % 64) & 1) != 0;
}

static void set_bit(uint64_t *bits, uint32_t slot, bool value)
{
    const uint64_t bit = (uint64_t)1 << (slot % 64);

    bits[slot / 64] = value ? bits[slot / 64] | bit : bits[slot / 64] & ~bit;
}

/* --- the sieve --- */

static void sieve_in(struct cy_world_table *t, const void *key)
{
    uint32_t at = 0;

    memcpy(&at, key, sizeof at);
    set_bit(t->sieve, at & t->sieve_mask, true);
    t->sieved++;
}

/* A new key. Bits of records that are gone stay, until so many came and went that it is made anew
 * of those that are there. */
static void sieve_put(struct cy_world_table *t, const void *key)
{
    if (t->sieve == NULL)
        return;
    if (t->sieved / 2 >= t->table.limit) {
        memset(t->sieve, 0, ((size_t)t->sieve_mask + 1) / 8);
        t->sieved = 0;
        for (uint32_t i = 0; i < t->table.n; i++)
            sieve_in(t, cy_table_at(&t->table, i));
    }
    sieve_in(t, key);
}

/* --- taking back --- */

cy_err cy_world_undo_on(struct cy_world *world, size_t bytes, struct cy_arena *fresh)
{
    return cy_undo_init(&world->undo, bytes, fresh);
}

void cy_world_mark(struct cy_world *world)
{
    CY_ASSERT(world->undo.log != NULL);
    CY_ASSERT(!world->undo.marked);
    world->undo.marked = true;
    world->undo.used = 0;
    world->undo.changed = world->changed;
    world->undo.n_removed = world->n_removed;
}

void cy_world_keep(struct cy_world *world)
{
    world->undo.marked = false;
    world->undo.used = 0;
}

/* Notes what a change of this slot will undo: the record as it is, with its marks. */
static void note_change(struct cy_world *world, const struct cy_world_table *t,
                        enum cy_undo_kind kind, uint32_t slot)
{
    const bool there = kind != CY_UNDO_CREATED;
    const struct cy_undo_note note = {
        .slot = slot,
        .bytes = there ? t->table.size : 0,
        .kind = (uint8_t)kind,
        .table = (uint8_t)(t - world->tables),
        .dirty = there && get_bit(t->dirty, slot),
        .known = there && get_bit(t->known, slot),
    };

    cy_undo_note(&world->undo, &note, there ? cy_table_at(&t->table, slot) : NULL);
}

/* The record that was removed comes back to its slot, and the one that took its place, with its
 * marks, to the end. */
static void take_back_removal(struct cy_world_table *t, const struct cy_undo_note *note,
                              const void *record)
{
    const uint32_t last = t->table.n;

    cy_table_put_back(&t->table, note->slot, record);
    sieve_put(t, record);
    if (note->slot != last) {
        set_bit(t->dirty, last, get_bit(t->dirty, note->slot));
        set_bit(t->known, last, get_bit(t->known, note->slot));
    }
    set_bit(t->known, note->slot, note->known);
}

void cy_world_rollback(struct cy_world *world)
{
    struct cy_undo_note note;
    const void *image = NULL;

    CY_ASSERT(world->undo.marked);
    while (cy_undo_last(&world->undo, &note, &image)) {
        struct cy_world_table *t = &world->tables[note.table];

        if (note.kind == CY_UNDO_REMOVED)
            take_back_removal(t, &note, image);
        else if (note.kind == CY_UNDO_CHANGED)
            memcpy(cy_table_at(&t->table, note.slot), image, note.bytes);
        else
            cy_table_remove(&t->table, note.slot); /* the last one: whatever came later is gone */
        set_bit(t->dirty, note.slot, note.dirty);
    }
    world->n_removed = world->undo.n_removed;
    world->changed = world->undo.changed;
    cy_world_keep(world);
}

/* --- changing --- */

void cy_world_put(struct cy_world *world, struct cy_world_table *t, uint32_t slot,
                  const void *record)
{
    if (world->undo.marked)
        note_change(world, t, slot == CY_TABLE_NONE ? CY_UNDO_CREATED : CY_UNDO_CHANGED,
                    slot == CY_TABLE_NONE ? t->table.n : slot);
    if (slot == CY_TABLE_NONE) {
        slot = cy_table_put(&t->table, record);
        sieve_put(t, record);
    } else {
        memcpy(cy_table_at(&t->table, slot), record, t->table.size);
    }
    if (t->spec->unproven)
        return;
    set_bit(t->dirty, slot, true);
    world->changed = true;
}

void cy_world_remove(struct cy_world *world, struct cy_world_table *t, const void *key)
{
    const uint32_t slot = cy_table_find(&t->table, key);
    const uint32_t last = t->table.n - 1;

    if (slot == CY_TABLE_NONE)
        return;
    if (world->undo.marked)
        note_change(world, t, CY_UNDO_REMOVED, slot);
    if (!t->spec->unproven) {
        if (get_bit(t->known, slot)) {
            CY_ASSERT(world->n_removed < CY_REMOVED_MAX);
            world->removed[world->n_removed++] = cy_state_key(t->spec->schema, key);
        }
        world->changed = true;
        /* the last record moves into the hole and takes its marks along */
        set_bit(t->dirty, slot, get_bit(t->dirty, last));
        set_bit(t->known, slot, get_bit(t->known, last));
        set_bit(t->dirty, last, false);
        set_bit(t->known, last, false);
    }
    cy_table_remove(&t->table, slot);
}

uint32_t cy_world_count(const struct cy_world *world, uint32_t record)
{
    return cy_world_table_of(world, record)->table.n;
}

const void *cy_world_at(const struct cy_world *world, uint32_t record, uint32_t i)
{
    const struct cy_table *table = &cy_world_table_of(world, record)->table;

    CY_ASSERT(i < table->n);
    return cy_table_at(table, i);
}

#define STATE_KEY_MAX 512

/* What a record's key hashes: its number and its key fields. */
static size_t key_bytes(const struct cy_schema *schema, const void *key,
                        uint8_t bytes[static STATE_KEY_MAX])
{
    size_t n = 2;

    cy_put_u16be(bytes, (uint16_t)schema->number);
    for (size_t i = 0; i < schema->n_keys; i++) {
        const struct cy_field *f = &schema->fields[i];
        const uint8_t *at = (const uint8_t *)key + f->at;
        const size_t size = cy_type_size(f->type);

        CY_ASSERT(n + size <= STATE_KEY_MAX);
        if (f->type == CY_T_u64 || f->type == CY_T_time) {
            uint64_t v = 0;

            memcpy(&v, at, sizeof v);
            cy_put_u64be(bytes + n, v);
        } else if (f->type == CY_T_u32 || f->type == CY_T_date) {
            uint32_t v = 0;

            memcpy(&v, at, sizeof v);
            cy_put_u32be(bytes + n, v);
        } else {
            CY_ASSERT(f->type == CY_T_id || f->type == CY_T_code || f->type == CY_T_name);
            memcpy(bytes + n, at, size);
        }
        n += size;
    }
    return n;
}

struct cy_id cy_state_key(const struct cy_schema *schema, const void *key)
{
    uint8_t bytes[STATE_KEY_MAX];

    return cy_sha256(cy_span_of(bytes, key_bytes(schema, key, bytes)));
}

struct cy_span cy_state_value(const struct cy_schema *schema, const void *record,
                              uint8_t at[static CY_STATE_VALUE_MAX])
{
    struct cy_cbor_writer out = cy_cbor_write(at, CY_STATE_VALUE_MAX);
    const cy_err err = cy_encode(schema, record, &out);

    CY_ASSERT(cy_ok(err)); /* a record that does not encode was written wrongly */
    return cy_cbor_written(&out);
}

/* Changes whose keys and values are hashed together: as many as fit, and one record always does. */
enum { GROUP = (int)CY_HASH_GROUP / 2, GROUP_BYTES = 16384 };

struct group {
    struct cy_state_change changes[GROUP];
    struct cy_span parts[GROUP][2]; /* the bytes of key and value */
    struct cy_hash_message messages[GROUP][2];
    size_t n;
    uint8_t bytes[GROUP_BYTES];
    size_t used;
    void (*take)(void *self, const struct cy_state_change *change);
    void *self;
};

static void group_end(struct group *group)
{
    cy_sha256_many(group->messages[0], 2 * group->n);
    for (size_t i = 0; i < group->n; i++)
        group->take(group->self, &group->changes[i]);
    group->n = 0;
    group->used = 0;
}

static void group_add(struct group *group, const struct cy_schema *schema, const void *record)
{
    struct cy_state_change *change = &group->changes[group->n];
    struct cy_span *parts = group->parts[group->n];
    struct cy_hash_message *messages = group->messages[group->n];
    uint8_t *key = group->bytes + group->used;

    parts[0] = cy_span_of(key, key_bytes(schema, record, key));
    parts[1] = cy_state_value(schema, record, key + parts[0].n);
    messages[0] = (struct cy_hash_message){&parts[0], 1, change->key.b};
    messages[1] = (struct cy_hash_message){&parts[1], 1, change->value.b};
    change->removed = false;
    group->used += parts[0].n + parts[1].n;
    group->n++;
    if (group->n == GROUP || GROUP_BYTES - group->used < STATE_KEY_MAX + CY_STATE_VALUE_MAX)
        group_end(group);
}

static void drain_table(struct cy_world_table *t, struct group *group)
{
    for (size_t w = 0; w < dirty_words(t->table.n); w++) {
        while (t->dirty[w] != 0) {
            const uint32_t slot = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(t->dirty[w]);

            group_add(group, t->spec->schema, cy_table_at(&t->table, slot));
            set_bit(t->known, slot, true);
            t->dirty[w] &= t->dirty[w] - 1;
        }
    }
}

void cy_world_drain(struct cy_world *world,
                    void (*take)(void *self, const struct cy_state_change *change), void *self)
{
    struct group group;

    CY_ASSERT(!world->undo.marked || world->undo.used == 0);
    group.n = 0;
    group.used = 0;
    group.take = take;
    group.self = self;
    /* removals first: a key that was removed and put again is then put last */
    for (uint32_t i = 0; i < world->n_removed; i++)
        take(self, &(struct cy_state_change){.key = world->removed[i], .removed = true});
    world->n_removed = 0;
    for (uint32_t i = 0; i < world->n_tables; i++) {
        if (!world->tables[i].spec->unproven)
            drain_table(&world->tables[i], &group);
    }
    group_end(&group);
    world->changed = false;
    if (world->undo.marked) { /* the mark stands where nothing waits to be drained */
        world->undo.changed = false;
        world->undo.n_removed = 0;
    }
}

#include "base/table.h"

static uint64_t index_length(uint32_t limit)
{
    uint64_t length = 16;

    while (length < (uint64_t)limit * 2)
        length *= 2;
    return length;
}

size_t cy_table_bytes(uint32_t size, uint32_t limit)
{
    return (size_t)limit * size + index_length(limit) * sizeof(uint64_t) + 64;
}

cy_err cy_table_init(struct cy_table *table, struct cy_arena *fresh, uint32_t size,
                     uint32_t key_size, uint32_t limit)
{
    CY_ASSERT(size % 8 == 0);
    CY_ASSERT(key_size <= size);
    CY_ASSERT(limit < UINT32_MAX / 2);
    *table = (struct cy_table){.size = size, .key_size = key_size, .limit = limit};
    table->mask = (uint32_t)(index_length(limit) - 1);
    table->records = cy_arena_take(fresh, (size_t)limit * size);
    table->index = cy_arena_take(fresh, index_length(limit) * sizeof(uint64_t));
    if (table->records == NULL || table->index == NULL)
        return cy_fail(CY_E_NO_ROOM, limit);
    return CY_OK;
}

/* An entry of the index. */
static uint64_t entry_of(uint32_t hash, uint32_t slot)
{
    return (uint64_t)hash << 32 | (slot + 1);
}

static uint32_t slot_of(uint64_t entry)
{
    return (uint32_t)entry - 1;
}

static uint32_t hash_of(uint64_t entry)
{
    return (uint32_t)(entry >> 32);
}

/* The index position that holds the key, or the empty one where it would go. The hash beside each
 * slot spares the look at records of other keys, each of which would be a miss of the cache. */
static uint32_t probe(const struct cy_table *table, const void *key, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & table->mask;

    while (table->index[i] != 0 &&
           (hash_of(table->index[i]) != (uint32_t)hash ||
            !cy_table_same(cy_table_at(table, slot_of(table->index[i])), key, table->key_size)))
        i = (i + 1) & table->mask;
    return i;
}

static uint32_t probe_key(const struct cy_table *table, const void *key)
{
    return probe(table, key, cy_table_hash(key, table->key_size));
}

uint32_t cy_table_seek(const struct cy_table *table, const void *key, uint64_t hash)
{
    uint32_t i = 0;

    if (table->n == 0)
        return CY_TABLE_NONE; /* many are: their index is not worth a miss of the cache */
    i = probe(table, key, hash);
    return table->index[i] == 0 ? CY_TABLE_NONE : slot_of(table->index[i]);
}

uint32_t cy_table_find(const struct cy_table *table, const void *key)
{
    return cy_table_seek(table, key, cy_table_hash(key, table->key_size));
}

uint32_t cy_table_warm_record(const struct cy_table *table, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & table->mask;
    uint32_t slot = 0;

    while (table->index[i] != 0 && hash_of(table->index[i]) != (uint32_t)hash)
        i = (i + 1) & table->mask;
    if (table->index[i] == 0)
        return CY_TABLE_NONE;
    slot = slot_of(table->index[i]);
    for (uint32_t at = 0; at < table->size; at += 64)
        __builtin_prefetch((const uint8_t *)cy_table_at(table, slot) + at);
    return slot;
}

uint32_t cy_table_put(struct cy_table *table, const void *record)
{
    const uint64_t hash = cy_table_hash(record, table->key_size);
    const uint32_t i = probe(table, record, hash);

    if (table->index[i] == 0) {
        CY_ASSERT(table->n < table->limit);
        table->index[i] = entry_of((uint32_t)hash, table->n++);
    }
    memcpy(cy_table_at(table, slot_of(table->index[i])), record, table->size);
    return slot_of(table->index[i]);
}

void cy_table_remove(struct cy_table *table, uint32_t slot)
{
    const uint32_t last = table->n - 1;
    uint32_t hole = 0;
    uint32_t i = 0;

    CY_ASSERT(slot < table->n);
    hole = probe_key(table, cy_table_at(table, slot));
    if (slot != last) {
        const uint32_t moved = probe_key(table, cy_table_at(table, last));

        table->index[moved] = entry_of(hash_of(table->index[moved]), slot);
        memcpy(cy_table_at(table, slot), cy_table_at(table, last), table->size);
    }
    table->n = last;

    /* Close the gap: move back every entry that the hole would make unreachable. */
    table->index[hole] = 0;
    for (i = (hole + 1) & table->mask; table->index[i] != 0; i = (i + 1) & table->mask) {
        const uint32_t home = hash_of(table->index[i]) & table->mask;

        if (((i - home) & table->mask) >= ((i - hole) & table->mask)) {
            table->index[hole] = table->index[i];
            table->index[i] = 0;
            hole = i;
        }
    }
}

void cy_table_put_back(struct cy_table *table, uint32_t slot, const void *record)
{
    const uint64_t hash = cy_table_hash(record, table->key_size);
    const uint32_t last = table->n;
    uint32_t i = 0;

    CY_ASSERT(table->n < table->limit);
    CY_ASSERT(slot <= last);
    if (slot != last) {
        i = probe_key(table, cy_table_at(table, slot));
        table->index[i] = entry_of(hash_of(table->index[i]), last);
        memcpy(cy_table_at(table, last), cy_table_at(table, slot), table->size);
    }
    table->n++;
    i = probe(table, record, hash);
    CY_ASSERT(table->index[i] == 0);
    table->index[i] = entry_of((uint32_t)hash, slot);
    memcpy(cy_table_at(table, slot), record, table->size);
}

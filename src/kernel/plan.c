#include "kernel/plan.h"

#define INDEX_LENGTH 65536u
#define SINK_BYTES 2048u

size_t cy_plan_bytes(void)
{
    return CY_PLAN_IMAGES + CY_PLAN_ENTRIES * sizeof(struct cy_plan_entry) +
           2 * CY_PLAN_ENTRIES * sizeof(struct cy_plan_undo) + INDEX_LENGTH * sizeof(uint64_t) +
           SINK_BYTES + 256;
}

cy_err cy_plan_init(struct cy_plan *plan, struct cy_world *world, struct cy_arena *arena)
{
    uint8_t *images = cy_arena_take(arena, CY_PLAN_IMAGES);

    *plan = (struct cy_plan){.world = world, .entries_max = CY_PLAN_ENTRIES, .stamp = 1};
    plan->entries = cy_arena_take(arena, CY_PLAN_ENTRIES * sizeof *plan->entries);
    plan->undos = cy_arena_take(arena, 2 * CY_PLAN_ENTRIES * sizeof *plan->undos);
    plan->index = cy_arena_zero(arena, INDEX_LENGTH * sizeof *plan->index);
    plan->sink = cy_arena_take(arena, SINK_BYTES);
    plan->mask = INDEX_LENGTH - 1;
    if (images == NULL || plan->entries == NULL || plan->undos == NULL || plan->index == NULL ||
        plan->sink == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    plan->images = cy_arena_on(images, CY_PLAN_IMAGES);
    return CY_OK;
}

/* The index cell that holds the entry of this key, or the free one where it would go. */
static uint32_t cell_of(const struct cy_plan *plan, uint32_t table, const void *key,
                        struct cy_plan_entry **found)
{
    const size_t key_size = plan->world->tables[table].key_size;
    uint32_t i = (uint32_t)(cy_table_hash(key, key_size) + table * 0x9e3779b9u) & plan->mask;

    *found = NULL;
    for (;; i = (i + 1) & plan->mask) {
        struct cy_plan_entry *entry = NULL;

        if (plan->index[i] >> 32 != plan->stamp)
            return i;
        entry = &plan->entries[(uint32_t)plan->index[i] - 1];
        if (entry->table == table && memcmp(entry->image, key, key_size) == 0) {
            *found = entry;
            return i;
        }
    }
}

static uint32_t table_of(const struct cy_plan *plan, uint32_t record)
{
    CY_ASSERT(plan->world->by_record[record] != 0);
    return plan->world->by_record[record] - 1u;
}

const void *cy_plan_read(struct cy_plan *plan, uint32_t record, const void *key)
{
    const uint32_t table = table_of(plan, record);
    struct cy_plan_entry *entry = NULL;

    (void)cell_of(plan, table, key, &entry);
    if (entry == NULL || entry->state == CY_PLAN_DROPPED)
        return cy_table_get(&plan->world->tables[table].table, key);
    return entry->state == CY_PLAN_CHANGED || entry->state == CY_PLAN_CREATED ? entry->image : NULL;
}

static void *overfull(struct cy_plan *plan, const struct cy_world_table *t, const void *key)
{
    plan->full = true;
    CY_ASSERT(t->table.size <= SINK_BYTES);
    memmove(plan->sink, key, t->key_size); /* the key may lie in an earlier sink */
    memset(plan->sink + t->key_size, 0, t->table.size - t->key_size);
    return plan->sink;
}

/* Remembers how the entry stood before this item, once an item. */
static bool remember(struct cy_plan *plan, struct cy_plan_entry *entry, bool fresh)
{
    const uint32_t size = plan->world->tables[entry->table].table.size;
    struct cy_plan_undo *undo = &plan->undos[plan->n_undos];

    if (!fresh && entry->item == plan->item)
        return true;
    if (plan->n_undos == 2 * CY_PLAN_ENTRIES)
        return false;
    *undo = (struct cy_plan_undo){
        .entry = (uint32_t)(entry - plan->entries), .item = entry->item, .state = entry->state};
    if (!fresh) {
        undo->copy = cy_arena_take(&plan->images, size);
        if (undo->copy == NULL)
            return false;
        memcpy(undo->copy, entry->image, size);
    }
    plan->n_undos++;
    entry->item = plan->item;
    return true;
}

/* Makes an entry of what the world holds under this key, in state CHANGED, or REMOVED when the
 * world holds nothing. NULL when there is no room. */
static struct cy_plan_entry *enter(struct cy_plan *plan, uint32_t table, uint32_t cell,
                                   const void *key)
{
    const struct cy_world_table *t = &plan->world->tables[table];
    struct cy_plan_entry *entry = &plan->entries[plan->n_entries];

    /* half the index stays free, so that probing ends */
    if (plan->n_entries == plan->entries_max || plan->n_entries == INDEX_LENGTH / 2)
        return NULL;
    *entry = (struct cy_plan_entry){.table = (uint8_t)table,
                                    .slot = cy_table_find(&t->table, key),
                                    .image = cy_arena_take(&plan->images, t->table.size)};
    if (entry->image == NULL)
        return NULL;
    if (entry->slot == CY_TABLE_NONE) {
        memset(entry->image, 0, t->table.size);
        memcpy(entry->image, key, t->key_size);
        entry->state = CY_PLAN_DROPPED;
    } else {
        memcpy(entry->image, cy_table_at(&t->table, entry->slot), t->table.size);
        entry->state = CY_PLAN_CHANGED;
    }
    if (!remember(plan, entry, true))
        return NULL;
    plan->index[cell] = (uint64_t)plan->stamp << 32 | ++plan->n_entries;
    return entry;
}

/* An entry that was undone starts again from what the world holds. */
static bool revive(struct cy_plan *plan, struct cy_plan_entry *entry)
{
    const struct cy_world_table *t = &plan->world->tables[entry->table];
    struct cy_plan_undo *undo = &plan->undos[plan->n_undos];

    if (plan->n_undos == 2 * CY_PLAN_ENTRIES)
        return false;
    *undo = (struct cy_plan_undo){
        .entry = (uint32_t)(entry - plan->entries), .item = entry->item, .state = CY_PLAN_DROPPED};
    plan->n_undos++;
    entry->item = plan->item;
    if (entry->slot != CY_TABLE_NONE) {
        memcpy(entry->image, cy_table_at(&t->table, entry->slot), t->table.size);
        entry->state = CY_PLAN_CHANGED;
    } else {
        memset(entry->image + t->key_size, 0, t->table.size - t->key_size);
    }
    return true;
}

/* The entry of a key, made or revived as needed and remembered for undo; NULL when full. */
static struct cy_plan_entry *touch(struct cy_plan *plan, uint32_t table, const void *key)
{
    struct cy_plan_entry *entry = NULL;
    const uint32_t cell = cell_of(plan, table, key, &entry);

    if (entry == NULL)
        return enter(plan, table, cell, key);
    if (entry->state == CY_PLAN_DROPPED)
        return revive(plan, entry) ? entry : NULL;
    return remember(plan, entry, false) ? entry : NULL;
}

void *cy_plan_edit(struct cy_plan *plan, uint32_t record, const void *key)
{
    const uint32_t table = table_of(plan, record);
    const struct cy_world_table *t = &plan->world->tables[table];
    struct cy_plan_entry *entry = touch(plan, table, key);

    if (entry == NULL)
        return overfull(plan, t, key);
    if (entry->state == CY_PLAN_CHANGED || entry->state == CY_PLAN_CREATED)
        return entry->image;
    /* it is not there: create it */
    if (entry->slot == CY_TABLE_NONE) {
        if (t->table.n + plan->created[table] >= t->table.limit)
            return overfull(plan, t, key);
        plan->created[table]++;
    }
    memset(entry->image + t->key_size, 0, t->table.size - t->key_size);
    entry->state = entry->slot == CY_TABLE_NONE ? CY_PLAN_CREATED : CY_PLAN_CHANGED;
    return entry->image;
}

void cy_plan_remove(struct cy_plan *plan, uint32_t record, const void *key)
{
    const uint32_t table = table_of(plan, record);
    struct cy_plan_entry *entry = NULL;

    if (cy_plan_read(plan, record, key) == NULL)
        return;
    entry = touch(plan, table, key);
    if (entry == NULL) {
        plan->full = true;
        return;
    }
    if (entry->slot == CY_TABLE_NONE) {
        plan->created[table]--;
        entry->state = CY_PLAN_FLEETING;
    } else {
        entry->state = CY_PLAN_REMOVED;
    }
}

void cy_plan_begin(struct cy_plan *plan, uint32_t item)
{
    plan->item = item;
    plan->n_undos = 0;
}

void cy_plan_undo(struct cy_plan *plan)
{
    while (plan->n_undos > 0) {
        const struct cy_plan_undo *undo = &plan->undos[--plan->n_undos];
        struct cy_plan_entry *entry = &plan->entries[undo->entry];
        const bool was_new = entry->state == CY_PLAN_CREATED;
        const bool is_new = undo->copy != NULL && undo->state == CY_PLAN_CREATED;

        plan->created[entry->table] += (uint32_t)is_new - (uint32_t)was_new;
        entry->item = undo->item;
        entry->state = undo->copy == NULL ? CY_PLAN_DROPPED : undo->state;
        if (undo->copy != NULL)
            memcpy(entry->image, undo->copy, plan->world->tables[entry->table].table.size);
    }
    plan->full = false;
}

uint32_t cy_plan_touched(const struct cy_plan *plan)
{
    return plan->n_undos;
}

void cy_plan_clear(struct cy_plan *plan)
{
    plan->n_entries = 0;
    plan->n_undos = 0;
    plan->full = false;
    memset(plan->created, 0, sizeof plan->created);
    cy_arena_rewind(&plan->images, 0);
    if (++plan->stamp == 0) { /* stamps ran out: clear the index once in 2^32 plans */
        memset(plan->index, 0, INDEX_LENGTH * sizeof *plan->index);
        plan->stamp = 1;
    }
}

void cy_plan_apply(struct cy_plan *plan)
{
    CY_ASSERT(!plan->full);
    for (uint32_t i = 0; i < plan->n_entries; i++) {
        const struct cy_plan_entry *entry = &plan->entries[i];

        if (entry->state == CY_PLAN_CHANGED || entry->state == CY_PLAN_CREATED)
            cy_world_put(plan->world, &plan->world->tables[entry->table], entry->slot,
                         entry->image);
    }
    /* removals move records, so they come after everything that was found by slot */
    for (uint32_t i = 0; i < plan->n_entries; i++) {
        const struct cy_plan_entry *entry = &plan->entries[i];

        if (entry->state == CY_PLAN_REMOVED)
            cy_world_remove(plan->world, &plan->world->tables[entry->table], entry->image);
    }
    cy_plan_clear(plan);
}

bool cy_plan_effect(const struct cy_plan *plan, uint32_t *i, struct cy_effect *effect)
{
    for (; *i < plan->n_entries; (*i)++) {
        const struct cy_plan_entry *entry = &plan->entries[*i];
        const struct cy_world_table *t = &plan->world->tables[entry->table];

        if (entry->state == CY_PLAN_DROPPED || entry->state == CY_PLAN_FLEETING)
            continue;
        *effect = (struct cy_effect){
            .schema = t->spec->schema,
            .state = entry->state,
            .before = entry->slot == CY_TABLE_NONE ? NULL : cy_table_at(&t->table, entry->slot),
            .after = entry->state == CY_PLAN_REMOVED ? NULL : entry->image,
        };
        (*i)++;
        return true;
    }
    return false;
}

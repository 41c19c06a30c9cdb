#include "kernel/plan.h"

#define INDEX_LENGTH 131072u
#define INDEX_LEAST 2048u /* what most plans need stays in the nearest caches */
#define ENTRIES_MAX (CY_PLAN_ENTRIES + CY_PLAN_RESERVE)
#define IMAGES_MAX ((size_t)CY_PLAN_IMAGES + CY_PLAN_RESERVE_IMAGES)

/* half the index stays free, so that probing ends */
_Static_assert(ENTRIES_MAX <= INDEX_LENGTH / 2, "index");
_Static_assert(ENTRIES_MAX <= 1u << 16, "an entry's number has 16 bits in the index");

#define STAMP_MAX ((1u << 24) - 1)

size_t cy_plan_bytes(void)
{
    return IMAGES_MAX + ENTRIES_MAX * sizeof(struct cy_plan_entry) +
           ENTRIES_MAX * sizeof(struct cy_plan_undo) + INDEX_LENGTH * sizeof(uint64_t) + 256;
}

cy_err cy_plan_init(struct cy_plan *plan, struct cy_world *world, struct cy_arena *arena)
{
    uint8_t *images = cy_arena_take(arena, IMAGES_MAX);

    *plan = (struct cy_plan){.world = world, .stamp = 1};
    plan->entries = cy_arena_take(arena, ENTRIES_MAX * sizeof *plan->entries);
    plan->undos = cy_arena_take(arena, ENTRIES_MAX * sizeof *plan->undos);
    plan->index = cy_arena_zero(arena, INDEX_LENGTH * sizeof *plan->index);
    plan->mask = INDEX_LEAST - 1;
    if (images == NULL || plan->entries == NULL || plan->undos == NULL || plan->index == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    plan->images = cy_arena_on(images, IMAGES_MAX);
    return CY_OK;
}

struct cy_plan *cy_plan_look_at(struct cy_plan_look *look, const struct cy_world *world)
{
    memset(look, 0, sizeof *look);
    memcpy(&look->plan.world, &world, sizeof world); /* nothing is written to it */
    look->plan.index = &look->nothing;
    look->plan.stamp = 1;
    return &look->plan;
}

static uint64_t hash_of(const struct cy_plan *plan, uint32_t table, const void *key)
{
    const size_t n = plan->world->tables[table].key_size;

    return n == sizeof(struct cy_id) ? cy_table_hash_id(key) : cy_table_hash(key, n);
}

/* What stands in the index for an entry: a stamp of the plan and a part of the hash, so that other
 * keys and other plans are told apart without a look at the entry. */
static uint64_t tag_of(const struct cy_plan *plan, uint64_t hash)
{
    return (uint64_t)plan->stamp << 40 | (hash >> 40) << 16;
}

/* A key on its way: its hash, the cell of the index that is its own, and the entry there. */
struct place {
    uint32_t table;
    uint32_t cell;
    uint64_t hash;
    const struct cy_plan_known *known;
    struct cy_plan_entry *entry; /* NULL: the plan has none, and would put it into the cell */
};

/* Fills in cell and entry of a key whose table and hash are known. */
static inline void find_cell(const struct cy_plan *plan, const void *key, struct place *place)
{
    const uint64_t tag = tag_of(plan, place->hash);
    const size_t n = plan->world->tables[place->table].key_size;
    uint32_t i = (uint32_t)(place->hash + place->table * 0x9e3779b9u) & plan->mask;

    place->entry = NULL;
    for (;; i = (i + 1) & plan->mask) {
        const uint64_t cell = plan->index[i];
        struct cy_plan_entry *entry = NULL;

        if (cell >> 40 != plan->stamp)
            break;
        entry = &plan->entries[cell & 0xffff];
        if ((cell ^ tag) >> 16 == 0 && entry->table == place->table &&
            cy_table_same(entry->image, key, n)) {
            place->entry = entry;
            break;
        }
    }
    place->cell = i;
}

/* What is known of a key before it is looked for; NULL mostly. */
static const struct cy_plan_known *known_of(const struct cy_plan *plan, uint32_t table,
                                            const void *key)
{
    for (uint32_t i = 0; i < plan->n_known; i++) {
        if (plan->known[i].key == key && plan->known[i].table == table)
            return &plan->known[i];
    }
    return NULL;
}

static inline struct place place_of(const struct cy_plan *plan, uint32_t table, const void *key)
{
    struct place place = {.table = table, .known = known_of(plan, table, key)};

    place.hash = place.known != NULL ? place.known->hash : hash_of(plan, table, key);
    find_cell(plan, key, &place);
    return place;
}

/* Where an entry stands in the index, or would. */
static struct place place_of_entry(const struct cy_plan *plan, const struct cy_plan_entry *entry)
{
    struct place place = {.table = entry->table, .hash = hash_of(plan, entry->table, entry->image)};

    find_cell(plan, entry->image, &place);
    return place;
}

/* The slot of a key in the world. The world stands still while a plan is made. */
static uint32_t seek(struct cy_plan *plan, uint32_t table, const void *key, uint64_t hash)
{
    const struct cy_table *t = &plan->world->tables[table].table;
    struct cy_plan_memo *memo = &plan->memos[hash % CY_PLAN_MEMOS];

    if (memo->hash == hash && memo->table == table && memo->stamp == plan->stamp &&
        cy_table_same(cy_table_at(t, memo->slot), key, t->key_size))
        return memo->slot;
    *memo = (struct cy_plan_memo){
        .hash = hash, .table = table, .slot = cy_table_seek(t, key, hash), .stamp = plan->stamp};
    if (memo->slot != CY_TABLE_NONE)
        return memo->slot;
    memo->stamp = 0; /* of no plan */
    return CY_TABLE_NONE;
}

static uint32_t table_of(const struct cy_plan *plan, uint32_t record)
{
    CY_ASSERT(plan->world->by_record[record] != 0);
    return plan->world->by_record[record] - 1u;
}

static uint32_t slot_at(struct cy_plan *plan, const struct place *place, const void *key)
{
    return place->known != NULL ? place->known->slot : seek(plan, place->table, key, place->hash);
}

static bool stands(const struct cy_plan_entry *entry)
{
    return entry->state == CY_PLAN_CHANGED || entry->state == CY_PLAN_CREATED;
}

const void *cy_plan_read(struct cy_plan *plan, uint32_t record, const void *key)
{
    const struct place place = place_of(plan, table_of(plan, record), key);
    uint32_t slot = 0;

    if (place.entry != NULL)
        return stands(place.entry) ? place.entry->image : NULL;
    slot = slot_at(plan, &place, key);
    return slot == CY_TABLE_NONE ? NULL
                                 : cy_table_at(&plan->world->tables[place.table].table, slot);
}

void cy_plan_know(struct cy_plan *plan, uint32_t record, const void *key, uint64_t hash,
                  uint32_t slot)
{
    const uint32_t table = table_of(plan, record);
    const struct cy_table *t = &plan->world->tables[table].table;

    if (plan->n_known == CY_PLAN_KNOWN)
        return;
    if (slot != CY_TABLE_NONE && !cy_table_same(cy_table_at(t, slot), key, t->key_size))
        return; /* another's, of like hash */
    plan->known[plan->n_known++] = (struct cy_plan_known){key, hash, table, slot};
}

uint32_t cy_plan_writes(const struct cy_plan *plan, uint32_t record)
{
    return plan->writes[table_of(plan, record)];
}

void cy_plan_warm(const struct cy_plan *plan, uint32_t record, const void *key)
{
    const uint32_t table = table_of(plan, record);

    cy_table_warm(&plan->world->tables[table].table, hash_of(plan, table, key));
}

/* Memory for one image. What is taken of the reserve turns the plan full. */
static uint8_t *image_of(struct cy_plan *plan, uint32_t table)
{
    uint8_t *image = cy_arena_take(&plan->images, plan->world->tables[table].table.size);

    CY_ASSERT(image != NULL); /* the engine ends an item that writes more than its row says */
    plan->full = plan->full || plan->images.used > CY_PLAN_IMAGES;
    return image;
}

/* Forgets the index. */
static void index_clear(struct cy_plan *plan)
{
    if (plan->stamp++ == STAMP_MAX) { /* stamps ran out: clear the index once in 2^24 plans */
        memset(plan->index, 0, INDEX_LENGTH * sizeof *plan->index);
        plan->stamp = 1;
    }
}

/* Makes the index four times as long. Entries go in again in the order of their coming: undo relies
 * on it. */
static void index_grow(struct cy_plan *plan)
{
    plan->mask = plan->mask * 4 + 3;
    CY_ASSERT(plan->mask < INDEX_LENGTH);
    index_clear(plan);
    for (uint32_t i = 0; i < plan->n_entries; i++) {
        const struct place place = place_of_entry(plan, &plan->entries[i]);

        plan->index[place.cell] = tag_of(plan, place.hash) | i;
    }
}

/* Makes an entry of what the world holds under this key, in state CHANGED, or REMOVED when the
 * world holds nothing. */
static struct cy_plan_entry *enter(struct cy_plan *plan, const struct place *place, const void *key,
                                   uint32_t slot)
{
    const uint32_t table = place->table;
    const struct cy_world_table *t = &plan->world->tables[table];
    struct cy_plan_entry *entry = &plan->entries[plan->n_entries];

    CY_ASSERT(plan->n_entries < ENTRIES_MAX);
    *entry = (struct cy_plan_entry){
        .table = (uint8_t)table, .slot = slot, .item = plan->item, .image = image_of(plan, table)};
    if (entry->slot == CY_TABLE_NONE) {
        memset(entry->image, 0, t->table.size);
        memcpy(entry->image, key, t->key_size);
        entry->state = CY_PLAN_FLEETING;
    } else {
        memcpy(entry->image, cy_table_at(&t->table, entry->slot), t->table.size);
        entry->state = CY_PLAN_CHANGED;
    }
    plan->index[place->cell] = tag_of(plan, place->hash) | plan->n_entries++;
    if (plan->n_entries > plan->mask / 2 && plan->mask < INDEX_LENGTH - 1)
        index_grow(plan);
    plan->full = plan->full || plan->n_entries > CY_PLAN_ENTRIES;
    return entry;
}

/* Remembers how an entry of an earlier item stood before this one, once an item. */
static void remember(struct cy_plan *plan, struct cy_plan_entry *entry)
{
    struct cy_plan_undo *undo = &plan->undos[plan->n_undos];

    if (entry->item == plan->item)
        return;
    CY_ASSERT(plan->n_undos < ENTRIES_MAX); /* at most one for each entry */
    *undo = (struct cy_plan_undo){
        .entry = (uint32_t)(entry - plan->entries), .item = entry->item, .state = entry->state};
    if (!plan->whole) {
        undo->copy = image_of(plan, entry->table);
        memcpy(undo->copy, entry->image, plan->world->tables[entry->table].table.size);
    }
    plan->n_undos++;
    entry->item = plan->item;
}

/* The entry of a key, made where needed and remembered for undo. */
static struct cy_plan_entry *touch(struct cy_plan *plan, uint32_t table, const void *key)
{
    const struct place place = place_of(plan, table, key);

    plan->writes[table]++;
    if (place.entry == NULL)
        return enter(plan, &place, key, slot_at(plan, &place, key));
    remember(plan, place.entry);
    return place.entry;
}

void *cy_plan_edit(struct cy_plan *plan, uint32_t record, const void *key)
{
    const uint32_t table = table_of(plan, record);
    const struct cy_world_table *t = &plan->world->tables[table];
    struct cy_plan_entry *entry = touch(plan, table, key);

    if (stands(entry))
        return entry->image;
    /* it is not there: create it */
    if (entry->slot == CY_TABLE_NONE) {
        plan->created[table]++;
        plan->full = plan->full || t->table.n + plan->created[table] > t->table.limit;
    }
    memset(entry->image + t->key_size, 0, t->table.size - t->key_size);
    entry->state = entry->slot == CY_TABLE_NONE ? CY_PLAN_CREATED : CY_PLAN_CHANGED;
    return entry->image;
}

void cy_plan_remove(struct cy_plan *plan, uint32_t record, const void *key)
{
    const struct place place = place_of(plan, table_of(plan, record), key);
    struct cy_plan_entry *entry = place.entry;

    if (entry == NULL) {
        const uint32_t slot = slot_at(plan, &place, key);

        if (slot == CY_TABLE_NONE)
            return;
        entry = enter(plan, &place, key, slot);
    } else {
        if (!stands(entry))
            return;
        remember(plan, entry);
    }
    plan->writes[place.table]++;
    if (entry->slot == CY_TABLE_NONE) {
        plan->created[place.table]--;
        entry->state = CY_PLAN_FLEETING;
    } else {
        entry->state = CY_PLAN_REMOVED;
    }
}

void cy_plan_begin(struct cy_plan *plan, uint32_t item)
{
    plan->item = item;
    plan->n_known = 0;
    plan->n_undos = 0;
    plan->item_entries = plan->n_entries;
    plan->item_images = plan->images.used;
}

void cy_plan_whole(struct cy_plan *plan)
{
    plan->whole = true;
}

void cy_plan_undo(struct cy_plan *plan)
{
    CY_ASSERT(!plan->whole);
    /* own entries go in the reverse order of their coming: so no probe is cut short */
    while (plan->n_entries > plan->item_entries) {
        struct cy_plan_entry *entry = &plan->entries[plan->n_entries - 1];
        const struct place place = place_of_entry(plan, entry);

        CY_ASSERT(place.entry == entry);
        plan->writes[entry->table]++;
        plan->created[entry->table] -= entry->state == CY_PLAN_CREATED;
        plan->index[place.cell] = 0;
        plan->n_entries--;
    }
    while (plan->n_undos > 0) {
        const struct cy_plan_undo *undo = &plan->undos[--plan->n_undos];
        struct cy_plan_entry *entry = &plan->entries[undo->entry];

        plan->writes[entry->table]++;
        plan->created[entry->table] -= entry->state == CY_PLAN_CREATED;
        plan->created[entry->table] += undo->state == CY_PLAN_CREATED;
        entry->item = undo->item;
        entry->state = undo->state;
        memcpy(entry->image, undo->copy, plan->world->tables[entry->table].table.size);
    }
    cy_arena_rewind(&plan->images, plan->item_images);
    plan->full = false;
}

uint32_t cy_plan_touched(const struct cy_plan *plan)
{
    return plan->n_undos + (plan->n_entries - plan->item_entries);
}

void cy_plan_clear(struct cy_plan *plan)
{
    /* the next plan is likely as large as this one: it starts with the index this one needed */
    if (plan->n_entries > 0)
        plan->mask = INDEX_LEAST - 1;
    while (plan->mask < INDEX_LENGTH - 1 && plan->n_entries > plan->mask / 2)
        plan->mask = plan->mask * 4 + 3;
    plan->n_entries = 0;
    plan->n_known = 0;
    plan->n_undos = 0;
    plan->item_entries = 0;
    plan->item_images = 0;
    plan->full = false;
    plan->whole = false;
    plan->clear.item = 0;
    memset(plan->created, 0, sizeof plan->created);
    cy_arena_rewind(&plan->images, 0);
    index_clear(plan);
}

bool cy_plan_fits(const struct cy_plan *plan)
{
    const struct cy_world *world = plan->world;
    size_t bytes = 0;
    uint32_t removed = 0;

    if (!cy_world_marked(world))
        return true;
    for (uint32_t i = 0; i < plan->n_entries; i++) {
        bytes += cy_undo_bytes(world->tables[plan->entries[i].table].table.size);
        removed += plan->entries[i].state == CY_PLAN_REMOVED;
    }
    return cy_undo_fits(&world->undo, bytes) && removed <= CY_REMOVED_MAX - world->n_removed;
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

void *cy_plan_lend(struct cy_plan *plan, size_t n)
{
    const size_t used = plan->images.used;
    void *room = used + n <= CY_PLAN_IMAGES ? cy_arena_take(&plan->images, n) : NULL;

    cy_arena_rewind(&plan->images, used);
    return room;
}

bool cy_plan_effect(const struct cy_plan *plan, uint32_t *i, struct cy_effect *effect)
{
    for (; *i < plan->n_entries; (*i)++) {
        const struct cy_plan_entry *entry = &plan->entries[*i];
        const struct cy_world_table *t = &plan->world->tables[entry->table];

        if (entry->state == CY_PLAN_FLEETING)
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

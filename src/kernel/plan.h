/* plan: what an act would change, as after-images laid over the world.
 *
 *      validate ----reads----> [ plan: after-images ] ----falls through to----> world
 *          \____writes_________/        |
 *                                       +-- apply: copy, cannot fail --> world
 *
 * A validate function reads and writes through the plan only, so item 2 of a batch sees item 1, and
 * dropping the plan leaves the world byte-identical. A plan is bounded: when an act needs more than
 * there is room for, in the plan or in a table, the plan turns full and the engine refuses with
 * NO_ROOM; rule code need not check. A full plan still reads back what was written to it: one item
 * more fits in a reserve, so no rule ever sees a record that it wrote missing.
 *
 * Items: cy_plan_begin starts an item, cy_plan_undo takes back everything it wrote. */
#ifndef CY_KERNEL_PLAN_H
#define CY_KERNEL_PLAN_H

#include "kernel/world.h"

enum cy_plan_state {
    CY_PLAN_CHANGED = 1,
    CY_PLAN_CREATED,
    CY_PLAN_REMOVED,
    CY_PLAN_FLEETING /* created and removed by the same plan */
};

struct cy_plan_entry {
    uint8_t *image; /* the record as it would be; its key stands first, whatever the state */
    uint32_t slot;  /* in the world, CY_TABLE_NONE when it is not there */
    uint32_t item;  /* the item that touched it last */
    uint8_t table;
    uint8_t state;
};

struct cy_plan_undo {
    uint32_t entry;
    uint32_t item;
    uint8_t state;
    uint8_t *copy; /* of the image */
};

/* Where a record of the world was found: rules read it before they write it. */
struct cy_plan_memo {
    uint64_t hash; /* of its key */
    uint32_t stamp;
    uint32_t slot;
    uint32_t table;
};

/* A key of the item that is judged, found in the world before any rule asked for it (kernel/ahead).
 * It is known again by where it stands: in the act, or in a record of the world, of which neither
 * changes while a plan is made. */
struct cy_plan_known {
    const void *key;
    uint64_t hash;
    uint32_t table;
    uint32_t slot; /* CY_TABLE_NONE: the world has no such record */
};

#define CY_PLAN_KNOWN 8u

/* A party that nothing on record reaches, in this plan and as long as the writes stay
 * (kernel/restraint). */
struct cy_plan_clear {
    struct cy_id party;
    uint32_t writes;
    uint32_t item; /* 0: none */
};

#define CY_PLAN_MEMOS 16u

struct cy_plan {
    struct cy_world *world;
    struct cy_arena images;
    struct cy_plan_entry *entries;
    uint32_t n_entries;
    struct cy_plan_undo *undos; /* of entries that items before the present one made */
    uint32_t n_undos;
    uint32_t item_entries; /* where the present item's own entries begin, */
    size_t item_images;    /* and its images */
    uint64_t *index;       /* stamp << 40 | 24 bits of the key's hash << 16 | entry */
    uint32_t mask;
    uint32_t stamp;
    struct cy_plan_memo memos[CY_PLAN_MEMOS];
    struct cy_plan_known known[CY_PLAN_KNOWN]; /* of the present item */
    uint32_t n_known;
    struct cy_plan_clear clear;
    uint32_t item;
    uint32_t created[CY_TABLES_MAX]; /* records that the plan adds, by table */
    uint32_t writes[CY_TABLES_MAX];  /* grows with every write to the table, undone ones too */
    bool whole; /* nobody will undo an item: it stands or falls with the plan */
    bool full;
};

/* Room for the largest batch: each of 4096 items touching four records, and housekeeping. The
 * reserve is for the one item that turns the plan full: no row but the tick writes more (asserts),
 * and a tick stands in a plan of its own. */
#define CY_PLAN_ENTRIES 32768u
#define CY_PLAN_IMAGES (24u << 20)
#define CY_PLAN_RESERVE 256u
#define CY_PLAN_RESERVE_IMAGES (1u << 20)

/* cy_plan_init takes its memory from the arena. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_plan_init(struct cy_plan *plan, struct cy_world *world,
                                struct cy_arena *arena);

/* cy_plan_bytes says how much arena that is. */
size_t cy_plan_bytes(void);

/* cy_plan_read returns the record as the plan has it, NULL when there is none. Valid until the next
 * cy_plan_undo or cy_plan_clear. */
const void *cy_plan_read(struct cy_plan *plan, uint32_t record, const void *key);

/* cy_plan_writes is a number that changes whenever a record of that table may read otherwise than
 * before: while it stays, what cy_plan_read returned is still right. */
uint32_t cy_plan_writes(const struct cy_plan *plan, uint32_t record);

/* cy_plan_empty says that the table holds nothing, and that the plan adds nothing to it. */
static inline bool cy_plan_empty(const struct cy_plan *plan, uint32_t record)
{
    const uint32_t table = plan->world->by_record[record] - 1u;

    return plan->world->tables[table].table.n == 0 && plan->created[table] == 0;
}

/* cy_plan_absent says that no record of the table has a key that begins with this id, in the world
 * or in the plan; false: perhaps there is one (cy_world_absent). */
static inline bool cy_plan_absent(const struct cy_plan *plan, uint32_t record,
                                  const struct cy_id *id)
{
    const uint32_t table = plan->world->by_record[record] - 1u;

    return plan->created[table] == 0 && cy_world_absent(plan->world, table, id);
}

/* cy_plan_warm has what a search for that key will read fetched from memory. It changes nothing. */
void cy_plan_warm(const struct cy_plan *plan, uint32_t record, const void *key);

/* cy_plan_know says where a key of the present item is found, for its next readers: its hash, and
 * what cy_table_warm_record returned in this plan. The bytes at `key` stay until the item ends. */
void cy_plan_know(struct cy_plan *plan, uint32_t record, const void *key, uint64_t hash,
                  uint32_t slot);

/* cy_plan_edit returns the after-image of that record to write to; where there is none it is
 * created, zero but for its key. Never NULL. */
void *cy_plan_edit(struct cy_plan *plan, uint32_t record, const void *key);

/* cy_plan_remove removes the record; nothing happens where there is none. */
void cy_plan_remove(struct cy_plan *plan, uint32_t record, const void *key);

void cy_plan_begin(struct cy_plan *plan, uint32_t item);
void cy_plan_undo(struct cy_plan *plan);

/* cy_plan_whole promises that no item will be undone until the plan is cleared, which spares the
 * copies that undoing needs. */
void cy_plan_whole(struct cy_plan *plan);

/* cy_plan_touched counts the records that the present item wrote. */
uint32_t cy_plan_touched(const struct cy_plan *plan);

/* cy_plan_fits says that applying the plan could be taken back: always, where the world has no
 * mark.
 */
bool cy_plan_fits(const struct cy_plan *plan);

/* cy_plan_apply copies everything into the world and clears the plan. */
void cy_plan_apply(struct cy_plan *plan);
void cy_plan_clear(struct cy_plan *plan);

/* cy_plan_lend lends n bytes of the plan's memory for working something out, until the plan is
 * written to next; NULL when the plan is in use so far that it has not so many. Not cleared. */
void *cy_plan_lend(struct cy_plan *plan, size_t n);

/* One effect of the plan, for receipts and --dry-run. */
struct cy_effect {
    const struct cy_schema *schema;
    enum cy_plan_state state;
    const void *before; /* NULL when created */
    const void *after;  /* NULL when removed */
};

/* cy_plan_effect gives effect i in order of first touch; false past the end. */
bool cy_plan_effect(const struct cy_plan *plan, uint32_t *i, struct cy_effect *effect);

/* A plan that changes nothing, so that whoever reads a world asks the very functions that rules
 * ask. It is of use as long as the world stands still. */
struct cy_plan_look {
    struct cy_plan plan;
    uint64_t nothing; /* an index without entries */
};

/* cy_plan_look_at makes it. Nothing may be written to it. */
struct cy_plan *cy_plan_look_at(struct cy_plan_look *look, const struct cy_world *world);

/* The typed forms: CY_READ(plan, account, &id), CY_EDIT(plan, account, &id). */
#define CY_READ(plan, record, key)                                                                 \
    ((const struct cy_##record *)cy_plan_read((plan), CY_R_##record, (key)))
#define CY_EDIT(plan, record, key)                                                                 \
    ((struct cy_##record *)cy_plan_edit((plan), CY_R_##record, (key)))
#define CY_REMOVE(plan, record, key) cy_plan_remove((plan), CY_R_##record, (key))

#endif

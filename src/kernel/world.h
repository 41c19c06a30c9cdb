/* world: every record of a realm, in tables that the kernel and the institutions declare.
 *
 * The world is a pure function of the acts. Its records are fixed-size structs of schema.def in
 * base tables; memory is reserved up front by limits and never grows. What changed since the last
 * state root is remembered here and drained into the state trie by whoever keeps one:
 *
 *      trie key   = SHA-256(u16be record number || key fields, big-endian)
 *      trie value = SHA-256(canonical CBOR of the record)
 *
 * Owns: the tables. Never: decides (institutions do), writes except through a plan. */
#ifndef CY_KERNEL_WORLD_H
#define CY_KERNEL_WORLD_H

#include "base/table.h"
#include "kernel/undo.h"
#include "wire/codec.h"

#define CY_TABLES_MAX 192

/* A table as its owner declares it. */
struct cy_table_spec {
    const struct cy_schema *schema;
    uint32_t limit; /* default number of records; the operator may set another */
    bool unproven;  /* not committed in the state tree: bookkeeping that nobody asks proofs of */
};

struct cy_world_table {
    const struct cy_table_spec *spec;
    struct cy_table table;
    uint64_t *dirty; /* one bit a slot: changed since the last drain */
    uint64_t *known; /* one bit a slot: the last drain handed this record out, or one before */
    uint64_t *sieve; /* one bit for many keys, where they begin with an id; NULL: none */
    uint32_t sieve_mask;
    uint32_t sieved; /* keys put in since it was made */
    size_t key_size;
};

struct cy_institution;

/* A limit that differs from the table's default. */
struct cy_limit {
    uint32_t record;
    uint32_t limit;
};

struct cy_world {
    struct cy_world_table tables[CY_TABLES_MAX];
    uint32_t n_tables;
    uint8_t by_record[CY_RECORDS_MAX]; /* table index + 1 */
    struct cy_id *removed;             /* trie keys of records removed since the last drain */
    uint32_t n_removed;
    bool changed; /* anything since the last drain */
    struct cy_undo undo;
};

#define CY_REMOVED_MAX 65536u

/* cy_world_init declares the tables of the specs given (n_lists arrays of them) and reserves their
 * memory from an arena of fresh (zero) pages. Fails with NO_ROOM. */
struct cy_table_list {
    const struct cy_table_spec *specs;
    size_t n;
};
CY_MUST_USE cy_err cy_world_init(struct cy_world *world, const struct cy_table_list *lists,
                                 size_t n_lists, const struct cy_limit *limits, size_t n_limits,
                                 struct cy_arena *fresh);

/* cy_world_bytes says how large an arena cy_world_init needs. */
size_t cy_world_bytes(const struct cy_table_list *lists, size_t n_lists,
                      const struct cy_limit *limits, size_t n_limits);

/* cy_world_records is the most records that the proven tables of the lists may hold together. */
uint64_t cy_world_records(const struct cy_table_list *lists, size_t n_lists,
                          const struct cy_limit *limits, size_t n_limits);

/* cy_world_table returns the table of a record type; asserts that it was declared. */
struct cy_world_table *cy_world_table(struct cy_world *world, uint32_t record);
static inline const struct cy_world_table *cy_world_table_of(const struct cy_world *world,
                                                             uint32_t record)
{
    CY_ASSERT(record < CY_RECORDS_MAX);
    CY_ASSERT(world->by_record[record] != 0);
    return &world->tables[world->by_record[record] - 1];
}

/* cy_world_get finds a record by its key (the leading key fields), NULL when there is none. */
const void *cy_world_get(const struct cy_world *world, uint32_t record, const void *key);

/* cy_world_absent says that no record has a key that begins with this id, without looking for it:
 * one bit that is read tells. False: perhaps there is one. Ids are hashes, so that bits of theirs
 * place them; whoever grinds ids makes searches slow and nothing else. */
static inline bool cy_world_absent(const struct cy_world *world, uint32_t table,
                                   const struct cy_id *id)
{
    const struct cy_world_table *t = &world->tables[table];
    uint32_t at = 0;

    if (t->table.n == 0)
        return true;
    if (t->sieve == NULL)
        return false;
    memcpy(&at, id->b, sizeof at);
    at &= t->sieve_mask;
    return (t->sieve[at / 64] >> (at % 64) & 1) == 0;
}

/* cy_world_put and cy_world_remove change the world and remember what changed. There must be room
 * (the plan has checked). Only kernel/plan and the reader of snapshots call them. */
void cy_world_put(struct cy_world *world, struct cy_world_table *table, uint32_t slot,
                  const void *record);
void cy_world_remove(struct cy_world *world, struct cy_world_table *table, const void *key);

/* cy_world_undo_on reserves `bytes` to take changes back with: without it no mark can be set. Fails
 * with NO_ROOM. */
CY_MUST_USE cy_err cy_world_undo_on(struct cy_world *world, size_t bytes, struct cy_arena *fresh);

/* cy_world_mark sets the mark; there is one at most. cy_world_rollback takes back every change
 * since then: records and their order, counts, marks of the state tree and what was removed are as
 * they were, to the byte. cy_world_keep drops the mark and keeps the changes. cy_world_untouched
 * says that a mark stands and nothing was changed since. */
void cy_world_mark(struct cy_world *world);
void cy_world_rollback(struct cy_world *world);
void cy_world_keep(struct cy_world *world);

static inline bool cy_world_marked(const struct cy_world *world)
{
    return world->undo.marked;
}

static inline bool cy_world_untouched(const struct cy_world *world)
{
    return world->undo.marked && world->undo.used == 0;
}

/* cy_world_has says whether the world keeps a table of that number: whoever takes numbers from
 * outside asks first. */
bool cy_world_has(const struct cy_world *world, uint32_t record);

/* cy_world_count and cy_world_at walk a table in its deterministic order. */
uint32_t cy_world_count(const struct cy_world *world, uint32_t record);
const void *cy_world_at(const struct cy_world *world, uint32_t record, uint32_t i);

/* cy_state_key is the trie key of a record given by its key fields. */
struct cy_id cy_state_key(const struct cy_schema *schema, const void *key);

/* cy_state_value writes the canonical bytes of a record whose hash is the trie's value. Asserts
 * that they fit: 4096 bytes always do. */
#define CY_STATE_VALUE_MAX 4096
struct cy_span cy_state_value(const struct cy_schema *schema, const void *record,
                              uint8_t at[static CY_STATE_VALUE_MAX]);

/* One change of the state tree. */
struct cy_state_change {
    struct cy_id key;
    struct cy_id value; /* hash; unset when removed */
    bool removed;
};

/* cy_world_drain hands every change since the last drain to `take` and forgets them. A record that
 * came and went between two drains is not mentioned. What may be taken back is never handed out: no
 * mark may stand but one since which nothing changed (asserts). */
void cy_world_drain(struct cy_world *world,
                    void (*take)(void *self, const struct cy_state_change *change), void *self);

/* cy_world_crowded says that so much was removed that a drain is due before the next act. */
static inline bool cy_world_crowded(const struct cy_world *world)
{
    return world->n_removed > CY_REMOVED_MAX / 2;
}

/* CY_GET(world, account, &id): the typed form. */
#define CY_GET(world, record, key)                                                                 \
    ((const struct cy_##record *)cy_world_get((world), CY_R_##record, (key)))

#endif

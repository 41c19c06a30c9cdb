/* table: fixed-size records found by the key they begin with.
 *
 *      index (open addressing, linear probing)      records (dense, in order of arrival)
 *      [ . 2 . 0 1 . . ]                     ->     [ rec 0 ][ rec 1 ][ rec 2 ] ...
 *
 * The key is the first key_size bytes of a record. Records stay dense: removing one moves the last
 * into its place. Order is therefore a pure function of the sequence of calls, never of addresses
 * or of the hash, and may be iterated by deterministic code.
 *
 * Owns: nothing; memory comes from the arena at start and never grows. */
#ifndef CY_BASE_TABLE_H
#define CY_BASE_TABLE_H

#include "base/arena.h"
#include "base/num.h"

#define CY_TABLE_NONE UINT32_MAX

struct cy_table {
    uint8_t *records;
    uint64_t *index; /* lower half of the key's hash << 32 | slot + 1; 0 = empty */
    uint32_t size;   /* bytes of a record, a multiple of 8 */
    uint32_t key_size;
    uint32_t n;
    uint32_t limit;
    uint32_t mask; /* index length - 1 */
};

/* cy_table_bytes says how much arena a table of these sizes takes. */
size_t cy_table_bytes(uint32_t size, uint32_t limit);

/* cy_table_init reserves a table. Fails with NO_ROOM. The index must be cleared memory: pages that
 * the operating system gave fresh are not touched until they are used. */
CY_MUST_USE cy_err cy_table_init(struct cy_table *table, struct cy_arena *fresh, uint32_t size,
                                 uint32_t key_size, uint32_t limit);

/* cy_table_find returns the slot of the key, or CY_TABLE_NONE. cy_table_seek: the same for who
 * knows cy_table_hash(key, key_size) already. */
uint32_t cy_table_find(const struct cy_table *table, const void *key);
uint32_t cy_table_seek(const struct cy_table *table, const void *key, uint64_t hash);

/* cy_table_warm asks the processor to fetch what a search for a key of that hash reads first, the
 * index, without waiting; cy_table_warm_record, some time later, does so with the record and
 * returns its slot, which is the key's unless two keys share 32 bits of their hash (CY_TABLE_NONE:
 * it is not there). They change nothing. */
static inline void cy_table_warm(const struct cy_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->index[(uint32_t)hash & table->mask]);
}
uint32_t cy_table_warm_record(const struct cy_table *table, uint64_t hash);

static inline void *cy_table_at(const struct cy_table *table, uint32_t slot)
{
    return table->records + (size_t)slot * table->size;
}

/* cy_table_get returns the record with that key, or NULL. Valid until the next removal. */
static inline void *cy_table_get(const struct cy_table *table, const void *key)
{
    const uint32_t slot = cy_table_find(table, key);

    return slot == CY_TABLE_NONE ? NULL : cy_table_at(table, slot);
}

/* cy_table_put adds the record or replaces the one with its key, and returns the slot. There must
 * be room (asserts): the caller has checked table->n < table->limit. */
uint32_t cy_table_put(struct cy_table *table, const void *record);

/* cy_table_remove removes the record at slot; the last record moves there. */
void cy_table_remove(struct cy_table *table, uint32_t slot);

/* cy_table_put_back undoes cy_table_remove: the record stands at slot again, and the one that moved
 * there is the last one again. Only the order of keys of like hashes in the index may differ, which
 * nothing shows. There must be room (asserts). */
void cy_table_put_back(struct cy_table *table, uint32_t slot, const void *record);

/* cy_table_same compares two keys of n bytes; most are one id. */
static inline bool cy_table_same(const void *a, const void *b, size_t n)
{
    return n == sizeof(struct cy_id) ? memcmp(a, b, sizeof(struct cy_id)) == 0
                                     : memcmp(a, b, n) == 0;
}

/* cy_table_hash mixes n bytes; for index placement only, its values never leave the process.
 *
 * Keys are mostly digests, but a party may choose the rest of a composite key: rounds of
 * multiply-and-fold (as in wyhash) keep such keys from lining up. Two words go into one round; the
 * second is multiplied where the first is, so the constants have bits that no text has: a word
 * equal to one of them would hide the other. Here, so that the hash of one id, which is most of
 * them, becomes a dozen instructions. */
static inline uint64_t cy_table_fold(uint64_t a, uint64_t b)
{
    const cy_u128 wide = (cy_u128)a * b;

    return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

static inline uint64_t cy_table_word(const uint8_t *at, size_t n)
{
    uint64_t word = 0;

    memcpy(&word, at, n);
    return word;
}

static inline uint64_t cy_table_hash(const void *key, size_t n)
{
    const uint64_t pair = 0xe7037ed1a0b428dbu;
    const uint64_t odd = 0xa0761d6478bd642fu;
    const uint8_t *at = key;
    uint64_t h = 0x9e3779b97f4a7c15u ^ n;

    for (; n >= 16; at += 16, n -= 16)
        h = cy_table_fold(h ^ cy_table_word(at, 8), pair ^ cy_table_word(at + 8, 8));
    for (; n >= 8; at += 8, n -= 8)
        h = cy_table_fold(h ^ cy_table_word(at, 8), odd);
    if (n > 0)
        h = cy_table_fold(h ^ cy_table_word(at, n), odd);
    return h ^ h >> 32;
}

/* cy_table_hash_id: the same of an id. */
static inline uint64_t cy_table_hash_id(const struct cy_id *id)
{
    return cy_table_hash(id, sizeof *id);
}

#endif

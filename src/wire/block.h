/* block: the acts that members of a federation agree on together, as they travel.
 *
 *     u64be height || u32be n || n times: u16be length || bytes of an act
 *
 * From the count on it is an entry bundle (tile.h): what stands in the ledger, in the order in
 * which it will stand there. A block is not hashed: members vote on the head of the ledger that it
 * leads to. Bounded in bytes and acts, so that its effects can be judged and taken back.
 *
 * Owns: the bytes. Never: opens an act, copies (what is read points into the bytes). */
#ifndef CY_WIRE_BLOCK_H
#define CY_WIRE_BLOCK_H

#include "wire/tile.h"

#define CY_BLOCK_BYTES_MAX (512u << 10)
#define CY_BLOCK_ACTS_MAX 1024u
#define CY_BLOCK_HEAD 12u

struct cy_block {
    uint64_t height;
    uint32_t n;             /* acts: at least one */
    struct cy_span entries; /* a bundle of n entries, none empty: walk it by cy_bundle_next */
    struct cy_span bytes;   /* the whole */
};

/* cy_block_read takes exactly one block. Fails with BAD_BLOCK at the position of what is wrong, or
 * TOO_LARGE. */
CY_MUST_USE cy_err cy_block_read(struct cy_span bytes, struct cy_block *out);

/* A block that is being written into the caller's memory. */
struct cy_block_writer {
    uint8_t *at;
    size_t cap; /* what is above CY_BLOCK_BYTES_MAX is not used */
    size_t n;
    uint32_t acts;
};

/* cy_block_begin writes the head; cap is at least CY_BLOCK_HEAD (asserts). cy_block_add appends an
 * act; fails with NO_ROOM when it does not fit any more, in bytes or in number, and with BAD_BLOCK
 * for an empty one, or TOO_LARGE; nothing is written then. */
void cy_block_begin(struct cy_block_writer *writer, uint8_t *at, size_t cap, uint64_t height);
CY_MUST_USE cy_err cy_block_add(struct cy_block_writer *writer, struct cy_span act);

/* cy_block_written is the block so far. */
static inline struct cy_span cy_block_written(const struct cy_block_writer *writer)
{
    return cy_span_of(writer->at, writer->n);
}

#endif

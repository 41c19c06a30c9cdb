/* tree_walk: the entries of a ledger in order, read from its bundles a stretch at a time.
 *
 *      bundle  [ entry entry entry | entry entry ... ]     256 entries, up to 17 MB
 *                read: one read -> room: entries, each checked against its leaf hash
 *
 * Each bundle is read once, whatever the size of the room. Entries borrow from the room; those of
 * the last bundle, which is not full, from the tree.
 *
 * Owns: one open file at a time. One thread at a time, and the tree stays as it is meanwhile. */
#ifndef CY_LEDGER_TREE_WALK_H
#define CY_LEDGER_TREE_WALK_H

#include "ledger/tree.h"

#define CY_TREE_WALK_ROOM (CY_ENTRY_MAX + 2u) /* the least room: one largest entry */

struct cy_tree_walk {
    struct cy_tree *tree;
    uint64_t next; /* number of the entry that is given next */
    uint64_t size; /* the walk ends there */
    uint64_t at;   /* the entry at this number begins at byte `offset` of its bundle */
    uint64_t offset;
    int file;            /* that bundle; -1 = none is open */
    struct cy_span read; /* what the last read brought */
    uint64_t read_at;    /* and where it stands in the bundle */
};

/* cy_tree_walk_begin: entries from .. size-1. Needs size <= flushed (asserts). */
void cy_tree_walk_begin(struct cy_tree_walk *walk, struct cy_tree *tree, uint64_t from,
                        uint64_t size);

/* cy_tree_walk_read gives the next entries, at least one and at most CY_TILE_WIDTH, as many as one
 * read of cap bytes brings; none at the end. Fails with TILE_DAMAGED (fault: bundle and offset),
 * and has then given the good entries before it; NO_FILE; trouble. */
CY_MUST_USE cy_err cy_tree_walk_read(struct cy_tree_walk *walk, uint8_t *room, size_t cap,
                                     struct cy_span entries[static CY_TILE_WIDTH], uint32_t *n,
                                     struct cy_disk_fault *fault);

/* cy_tree_walk_back gives back the last n entries of the last read, of which `entry` is the first:
 * they come again. */
void cy_tree_walk_back(struct cy_tree_walk *walk, const struct cy_span *entry, uint32_t n);

/* cy_tree_walk_end closes what is open; call it however the walk went. */
void cy_tree_walk_end(struct cy_tree_walk *walk);

#endif

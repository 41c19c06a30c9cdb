/* tree: the ledger's entries and their hashes as tiles on disk (C2SP tlog-tiles, RFC 6962).
 *
 *     append ... append          only memory: the entry is staged, the root is new
 *     flush                      full tiles, and the partial ones of the new right edge, are
 * durable (checkpoint.h) publish     names that size: so a checkpoint never names what is not there
 *
 * The directory of the ledger has the layout of the URLs, so that a copy of it is a mirror. A file
 * below a published size is never written again. Partial tiles are never hashed up: level L + 1
 * holds only roots of full tiles of level L.
 *
 * In memory: the right edge (at most 255 hashes of each level), the entries of the last bundle, and
 * a small cache of full tiles; each tile read from disk is checked against its parent, up to the
 * edge, which open has checked against the checkpoint. So a path is never wrong; damage is named.
 *
 * Owns: the files tile/... and fresh/tile. One thread at a time. Never: allocates after open. */
#ifndef CY_LEDGER_TREE_H
#define CY_LEDGER_TREE_H

#include "base/arena.h"
#include "crypto/merkle.h"
#include "ledger/disk.h"
#include "wire/tile.h"

#define CY_TREE_LEVELS 8u

/* The stage must hold the largest bundle, and one more entry so that it always moves on. */
#define CY_TREE_STAGE_MIN (257u * (CY_ENTRY_MAX + 2u))

#define CY_TREE_LEAVES 4096u

struct cy_tree_edge {
    struct cy_id hash[CY_TREE_LEVELS][CY_TILE_WIDTH];
};

/* Private to tree.c. */
struct cy_tree {
    struct cy_disk disk;
    struct cy_frontier frontier; /* of all that was appended */
    uint64_t flushed;            /* leaves whose tiles are durable */
    struct cy_tree_edge *edge;   /* of the flushed leaves */
    struct cy_tree_edge *spare;
    struct cy_id *leaves; /* hashes of the first CY_TREE_LEAVES entries not flushed */
    uint8_t *stage;       /* bundle bytes, from the start of the last bundle that is not full */
    size_t stage_n;
    size_t stage_cap;
    struct cy_id (*cache)[2][CY_TILE_WIDTH]; /* per level two full, checked tiles */
    uint64_t cached[CY_TREE_LEVELS][2];      /* their index, UINT64_MAX: none */
    uint32_t victim[CY_TREE_LEVELS];
    uint8_t *scratch;                                 /* one entry or one tile */
    char made[2 * (CY_TREE_LEVELS + 1)][CY_PATH_MAX]; /* directories known to be durable */
    char dirty[CY_TREE_LEVELS + 1][CY_PATH_MAX]; /* directories to sync before a flush is done */
    uint64_t pruned[CY_TREE_LEVELS + 1];         /* tiles below have no partial files */
};

/* cy_tree_bytes is the arena that open takes; stage_bytes is at least CY_TREE_STAGE_MIN. */
size_t cy_tree_bytes(size_t stage_bytes);

/* cy_tree_open reads the right edge of a tree of that size and checks it, and the entries of the
 * last bundle, against root (of the checkpoint; size 0 has the empty root). Tiles beyond size are
 * of an unpublished flush and are written again. Fails with TREE_MISMATCH, TILE_DAMAGED (fault says
 * where), NO_FILE (fault too), NO_ROOM, or trouble. */
CY_MUST_USE cy_err cy_tree_open(struct cy_tree *tree, const struct cy_disk *disk,
                                size_t stage_bytes, struct cy_arena *arena, uint64_t size,
                                const struct cy_id *root, struct cy_disk_fault *fault);

/* cy_tree_append stages an entry of at most 65,535 bytes; it becomes leaf number cy_tree_size().
 * Fails with TOO_LARGE or NO_ROOM (the stage is full: flush first). */
CY_MUST_USE cy_err cy_tree_append(struct cy_tree *tree, struct cy_span entry);

/* cy_tree_append_leaf: the same for who knows cy_hash_leaf(entry) already (cy_hash_leaves). */
CY_MUST_USE cy_err cy_tree_append_leaf(struct cy_tree *tree, struct cy_span entry,
                                       const struct cy_id *leaf);

/* cy_tree_size counts all leaves; cy_tree_flushed those on disk. */
static inline uint64_t cy_tree_size(const struct cy_tree *tree)
{
    return tree->frontier.size;
}

static inline uint64_t cy_tree_flushed(const struct cy_tree *tree)
{
    return tree->flushed;
}

/* cy_tree_root is the root over all cy_tree_size() leaves. */
struct cy_id cy_tree_root(const struct cy_tree *tree);

/* cy_tree_flush writes and syncs every tile and bundle that a checkpoint of cy_tree_size() needs.
 * After soft trouble call it again; nothing is lost. After hard trouble reopen. */
CY_MUST_USE cy_err cy_tree_flush(struct cy_tree *tree);

/* cy_tree_inclusion writes the path of leaf index in the tree of that size, leaf side first, and
 * its length (RFC 6962 section 2.1.1). cy_tree_consistency: the proof from size_old to size
 * (2.1.2); empty when size_old is 0 or equal. Needs index < size <= flushed, else RANGE. Fails also
 * with TILE_DAMAGED, NO_FILE (fault says where) or trouble. path has room for CY_MERKLE_PATH_MAX
 * + 1. */
CY_MUST_USE cy_err cy_tree_inclusion(struct cy_tree *tree, uint64_t index, uint64_t size,
                                     struct cy_id *path, uint32_t *n, struct cy_disk_fault *fault);
CY_MUST_USE cy_err cy_tree_consistency(struct cy_tree *tree, uint64_t size_old, uint64_t size,
                                       struct cy_id *path, uint32_t *n,
                                       struct cy_disk_fault *fault);

/* cy_tree_root_at is the root of the first size <= flushed leaves. */
CY_MUST_USE cy_err cy_tree_root_at(struct cy_tree *tree, uint64_t size, struct cy_id *root,
                                   struct cy_disk_fault *fault);

/* cy_tree_frontier_at is what an appender of the first size <= flushed leaves would hold. */
CY_MUST_USE cy_err cy_tree_frontier_at(struct cy_tree *tree, uint64_t size,
                                       struct cy_frontier *frontier, struct cy_disk_fault *fault);

/* cy_tree_entry reads entry index < flushed (else RANGE) and checks it against its leaf hash.
 * Fails with TILE_DAMAGED (fault: bundle and offset), NO_ROOM (cap) or trouble. */
CY_MUST_USE cy_err cy_tree_entry(struct cy_tree *tree, uint64_t index, uint8_t *out, size_t cap,
                                 size_t *n, struct cy_disk_fault *fault);

/* cy_tree_leaf_hashes gives the leaf hashes of bundle `index`, checked: all 256, or as many as the
 * tree has. They are valid until the next call about the tree. Fails as cy_tree_entry. */
CY_MUST_USE cy_err cy_tree_leaf_hashes(struct cy_tree *tree, uint64_t index,
                                       const struct cy_id **hashes, struct cy_disk_fault *fault);

/* cy_tree_verify reads everything below flushed and checks each entry against its leaf hash and
 * each tile against its parent. Fails with TILE_DAMAGED, at the file and offset of the first
 * damage, or NO_FILE. */
CY_MUST_USE cy_err cy_tree_verify(struct cy_tree *tree, struct cy_disk_fault *fault);

/* cy_tree_prune removes the partial files of tiles that are full in a tree of the published size:
 * their full file holds everything they held. Call it after publishing, now and then. */
CY_MUST_USE cy_err cy_tree_prune(struct cy_tree *tree, uint64_t published);

#endif

#include "ledger/tree.h"

#define FRESH CY_DISK_FRESH "/tile"
#define BUNDLES CY_TREE_LEVELS /* slot of the bundles beside those of the levels */

/* How many nodes of tile level L a tree of that size has. */
static uint64_t level_count(uint64_t size, uint32_t level)
{
    return size >> 8 * level;
}

static struct cy_tile tile_of(uint32_t level, uint64_t index, uint32_t width)
{
    return (struct cy_tile){
        .level = level == BUNDLES ? CY_TILE_ENTRIES : level, .index = index, .width = width};
}

static cy_err fault_tile(struct cy_disk_fault *fault, const struct cy_tile *tile, uint64_t offset,
                         enum cy_code code)
{
    char path[CY_TILE_PATH_MAX];

    cy_tile_path(tile, path);
    return cy_disk_fault_at(fault, path, offset, code);
}

/* --- writing --- */

/* Makes a directory durable once per process; slot remembers the last one. */
static cy_err directory(struct cy_tree *tree, uint32_t slot, const char *dir)
{
    struct cy_text text;

    if (strcmp(tree->made[slot], dir) == 0)
        return CY_OK;
    tree->made[slot][0] = 0;
    CY_TRY(cy_disk_make_dirs(&tree->disk, dir));
    text = cy_text_on(tree->made[slot], CY_PATH_MAX);
    cy_text_add(&text, dir);
    return CY_OK;
}

static cy_err sync_dirty(struct cy_tree *tree, uint32_t slot)
{
    if (tree->dirty[slot][0] == 0)
        return CY_OK;
    CY_TRY(tree->disk.ops->sync_dir(tree->disk.self, tree->dirty[slot]));
    tree->dirty[slot][0] = 0;
    return CY_OK;
}

/* Writes one tile or bundle; its name is durable after sync_dirty of the level (full) or at once
 * (partial: each has a directory of its own). */
static cy_err put_tile(struct cy_tree *tree, uint32_t level, uint64_t index, uint32_t width,
                       struct cy_span bytes)
{
    const struct cy_tile tile = tile_of(level, index, width);
    const bool partial = width < CY_TILE_WIDTH;
    char path[CY_TILE_PATH_MAX];
    char dir[CY_PATH_MAX];

    cy_tile_path(&tile, path);
    cy_disk_parent(path, dir);
    CY_TRY(directory(tree, 2 * level + (partial ? 1 : 0), dir));
    if (partial)
        return cy_disk_replace(&tree->disk, path, FRESH, bytes);
    if (strcmp(tree->dirty[level], dir) != 0) {
        struct cy_text text;

        CY_TRY(sync_dirty(tree, level));
        text = cy_text_on(tree->dirty[level], CY_PATH_MAX);
        cy_text_add(&text, dir);
    }
    return cy_disk_put(&tree->disk, path, FRESH, bytes);
}

/* Adds a leaf hash at number to the edge; a tile that becomes full is written and hashed up. */
static cy_err edge_add(struct cy_tree *tree, struct cy_tree_edge *edge, uint64_t number,
                       const struct cy_id *leaf)
{
    struct cy_id hash = *leaf;

    for (uint32_t level = 0; level < CY_TREE_LEVELS; level++) {
        const uint64_t at = level_count(number, level);

        edge->hash[level][at % CY_TILE_WIDTH] = hash;
        if (at % CY_TILE_WIDTH != CY_TILE_WIDTH - 1)
            break;
        CY_TRY(put_tile(tree, level, at / CY_TILE_WIDTH, CY_TILE_WIDTH,
                        cy_span_of(edge->hash[level], CY_TILE_BYTES)));
        hash = cy_merkle_root(edge->hash[level], CY_TILE_WIDTH);
    }
    return CY_OK;
}

/* The partial tiles that this size has and the flushed size did not. */
static cy_err put_partials(struct cy_tree *tree, const struct cy_tree_edge *edge, uint64_t size)
{
    for (uint32_t level = 0; level < CY_TREE_LEVELS; level++) {
        const uint64_t count = level_count(size, level);
        const uint32_t width = (uint32_t)(count % CY_TILE_WIDTH);

        if (width == 0 || count == level_count(tree->flushed, level))
            continue;
        CY_TRY(put_tile(tree, level, count / CY_TILE_WIDTH, width,
                        cy_span_of(edge->hash[level], (size_t)width * sizeof(struct cy_id))));
    }
    return CY_OK;
}

/* Writes all that is staged. *kept is where the bytes of the last, partial bundle begin. */
static cy_err flush_stage(struct cy_tree *tree, struct cy_tree_edge *edge, size_t *kept)
{
    const uint64_t size = tree->frontier.size;
    struct cy_span rest = cy_span_of(tree->stage, tree->stage_n);
    uint64_t number = tree->flushed - tree->flushed % CY_TILE_WIDTH;
    size_t start = 0;

    for (; number < size; number++) {
        struct cy_span entry;

        CY_ASSERT(cy_ok(cy_bundle_next(&rest, &entry)));
        if (number % CY_TILE_WIDTH == CY_TILE_WIDTH - 1) {
            const size_t end = tree->stage_n - rest.n;

            CY_TRY(put_tile(tree, BUNDLES, number / CY_TILE_WIDTH, CY_TILE_WIDTH,
                            cy_span_of(tree->stage + start, end - start)));
            start = end;
        }
        if (number >= tree->flushed) {
            const uint64_t i = number - tree->flushed;
            const struct cy_id leaf = i < CY_TREE_LEAVES ? tree->leaves[i] : cy_hash_leaf(entry);

            CY_TRY(edge_add(tree, edge, number, &leaf));
        }
    }
    if (size % CY_TILE_WIDTH != 0)
        CY_TRY(put_tile(tree, BUNDLES, size / CY_TILE_WIDTH, (uint32_t)(size % CY_TILE_WIDTH),
                        cy_span_of(tree->stage + start, tree->stage_n - start)));
    *kept = start;
    return put_partials(tree, edge, size);
}

cy_err cy_tree_flush(struct cy_tree *tree)
{
    struct cy_tree_edge *edge = tree->spare;
    size_t kept = 0;

    if (tree->flushed == tree->frontier.size)
        return CY_OK;
    *edge = *tree->edge;
    CY_TRY(flush_stage(tree, edge, &kept));
    for (uint32_t slot = 0; slot <= BUNDLES; slot++)
        CY_TRY(sync_dirty(tree, slot));
    tree->spare = tree->edge;
    tree->edge = edge;
    tree->flushed = tree->frontier.size;
    memmove(tree->stage, tree->stage + kept, tree->stage_n - kept);
    tree->stage_n -= kept;
    return CY_OK;
}

cy_err cy_tree_append_leaf(struct cy_tree *tree, struct cy_span entry, const struct cy_id *leaf)
{
    const size_t before = tree->stage_n;
    cy_err err = CY_OK;

    CY_TRY(cy_bundle_put(entry, tree->stage, tree->stage_cap, &tree->stage_n));
    if (tree->frontier.size - tree->flushed < CY_TREE_LEAVES)
        tree->leaves[tree->frontier.size - tree->flushed] = *leaf;
    err = cy_frontier_append(&tree->frontier, leaf);
    if (!cy_ok(err))
        tree->stage_n = before;
    return err;
}

cy_err cy_tree_append(struct cy_tree *tree, struct cy_span entry)
{
    const struct cy_id leaf = cy_hash_leaf(entry);

    return cy_tree_append_leaf(tree, entry, &leaf);
}

struct cy_id cy_tree_root(const struct cy_tree *tree)
{
    return cy_frontier_root(&tree->frontier);
}

/* --- opening --- */

/* Reads a file that must have exactly n bytes when want is not 0. */
static cy_err read_tile(struct cy_tree *tree, const struct cy_tile *tile, uint8_t *out, size_t cap,
                        size_t want, size_t *n, struct cy_disk_fault *fault)
{
    char path[CY_TILE_PATH_MAX];
    cy_err err = CY_OK;

    cy_tile_path(tile, path);
    err = cy_disk_read_all(&tree->disk, path, out, cap, n);
    if (err.code == CY_E_TOO_LARGE || (cy_ok(err) && want != 0 && *n != want))
        return cy_disk_fault_at(fault, path, cy_ok(err) && *n < want ? *n : want,
                                CY_E_TILE_DAMAGED);
    if (!cy_ok(err))
        (void)cy_disk_fault_at(fault, path, 0, err.code);
    return err;
}

/* Reads a partial tile, or the beginning of the full one that took its place. */
static cy_err read_edge(struct cy_tree *tree, uint32_t level, uint64_t index, uint32_t width,
                        struct cy_disk_fault *fault)
{
    struct cy_tile tile = tile_of(level, index, width);
    const size_t want = (size_t)width * sizeof(struct cy_id);
    size_t n = 0;
    cy_err err = read_tile(tree, &tile, tree->scratch, CY_TILE_BYTES, want, &n, fault);

    if (err.code == CY_E_NO_FILE) {
        struct cy_disk_fault other;

        tile.width = CY_TILE_WIDTH;
        if (cy_ok(read_tile(tree, &tile, tree->scratch, CY_TILE_BYTES, CY_TILE_BYTES, &n, &other)))
            err = CY_OK;
    }
    CY_TRY(err);
    memcpy(tree->edge->hash[level], tree->scratch, want);
    return CY_OK;
}

/* The frontier of a tree is in its right edge: subtrees of falling size, level by level. */
static void edge_frontier(struct cy_tree *tree, uint64_t size)
{
    unsigned n = 0;

    tree->frontier.size = size;
    for (uint32_t level = CY_TREE_LEVELS; level-- > 0;) {
        const uint32_t width = (uint32_t)(level_count(size, level) % CY_TILE_WIDTH);
        uint32_t at = 0;

        for (uint32_t step = CY_TILE_WIDTH / 2; step > 0; step /= 2) {
            if ((width & step) == 0)
                continue;
            tree->frontier.hash[n++] = cy_merkle_root(&tree->edge->hash[level][at], step);
            at += step;
        }
    }
    CY_ASSERT(n == cy_frontier_count(&tree->frontier));
}

/* Reads the entries of the last bundle into the stage and checks them against the edge. */
static cy_err read_stage(struct cy_tree *tree, uint64_t size, struct cy_disk_fault *fault)
{
    const uint32_t width = (uint32_t)(size % CY_TILE_WIDTH);
    struct cy_tile tile = tile_of(BUNDLES, size / CY_TILE_WIDTH, width);
    struct cy_span rest;
    struct cy_span entry;
    size_t n = 0;
    cy_err err = CY_OK;

    if (width == 0)
        return CY_OK;
    err = read_tile(tree, &tile, tree->stage, tree->stage_cap, 0, &n, fault);
    if (err.code == CY_E_NO_FILE) {
        struct cy_disk_fault other;

        tile.width = CY_TILE_WIDTH;
        if (cy_ok(read_tile(tree, &tile, tree->stage, tree->stage_cap, 0, &n, &other)))
            err = CY_OK;
    }
    CY_TRY(err);
    rest = cy_span_of(tree->stage, n);
    for (uint32_t i = 0; i < width; i++) {
        const size_t at = n - rest.n;
        struct cy_id leaf;

        if (!cy_ok(cy_bundle_next(&rest, &entry)))
            return fault_tile(fault, &tile, at, CY_E_TILE_DAMAGED);
        leaf = cy_hash_leaf(entry);
        if (!cy_id_eq(&leaf, &tree->edge->hash[0][i]))
            return fault_tile(fault, &tile, at, CY_E_TILE_DAMAGED);
    }
    if (rest.n > 0 && tile.width == width)
        return fault_tile(fault, &tile, n - rest.n, CY_E_TILE_DAMAGED);
    tree->stage_n = n - rest.n;
    return CY_OK;
}

size_t cy_tree_bytes(size_t stage_bytes)
{
    return 2 * sizeof(struct cy_tree_edge) +
           CY_TREE_LEVELS * sizeof(struct cy_id[2][CY_TILE_WIDTH]) + (CY_ENTRY_MAX + 1) +
           CY_TREE_LEAVES * sizeof(struct cy_id) + stage_bytes + 6 * 16;
}

static cy_err reserve(struct cy_tree *tree, size_t stage_bytes, struct cy_arena *arena)
{
    tree->edge = cy_arena_take(arena, sizeof *tree->edge);
    tree->spare = cy_arena_take(arena, sizeof *tree->spare);
    tree->cache = cy_arena_take(arena, CY_TREE_LEVELS * sizeof *tree->cache);
    tree->scratch = cy_arena_take(arena, CY_ENTRY_MAX + 1);
    tree->leaves = cy_arena_take(arena, CY_TREE_LEAVES * sizeof *tree->leaves);
    tree->stage = cy_arena_take(arena, stage_bytes);
    tree->stage_cap = stage_bytes;
    return tree->stage == NULL ? cy_fail(CY_E_NO_ROOM, cy_tree_bytes(stage_bytes)) : CY_OK;
}

cy_err cy_tree_open(struct cy_tree *tree, const struct cy_disk *disk, size_t stage_bytes,
                    struct cy_arena *arena, uint64_t size, const struct cy_id *root,
                    struct cy_disk_fault *fault)
{
    struct cy_id have;

    CY_ASSERT(stage_bytes >= CY_TREE_STAGE_MIN);
    memset(tree, 0, sizeof *tree);
    memset(tree->cached, 0xff, sizeof tree->cached);
    tree->disk = *disk;
    CY_TRY(reserve(tree, stage_bytes, arena));
    CY_TRY(cy_disk_make_dirs(disk, CY_DISK_FRESH));
    for (uint32_t level = 0; level < CY_TREE_LEVELS; level++) {
        const uint64_t count = level_count(size, level);

        if (count % CY_TILE_WIDTH != 0)
            CY_TRY(read_edge(tree, level, count / CY_TILE_WIDTH, (uint32_t)(count % CY_TILE_WIDTH),
                             fault));
    }
    edge_frontier(tree, size);
    have = cy_frontier_root(&tree->frontier);
    if (!cy_id_eq(&have, root))
        return cy_disk_fault_at(fault, "tile", 0, CY_E_TREE_MISMATCH);
    CY_TRY(read_stage(tree, size, fault));
    tree->flushed = size;
    /* what an earlier process left unpruned in the directories that are still growing */
    for (uint32_t slot = 0; slot <= BUNDLES; slot++) {
        const uint64_t full = level_count(size, slot == BUNDLES ? 0 : slot) / CY_TILE_WIDTH;

        tree->pruned[slot] = full - full % 1000;
    }
    return CY_OK;
}

/* --- reading tiles, each checked against its parent --- */

static cy_err tile_at(struct cy_tree *tree, uint32_t level, uint64_t index,
                      const struct cy_id **hashes, struct cy_disk_fault *fault)
{
    const struct cy_tile tile = tile_of(level, index, CY_TILE_WIDTH);
    const struct cy_id *parent = NULL;
    struct cy_id root;
    uint32_t slot = 0;
    size_t n = 0;

    if (index == level_count(tree->flushed, level) / CY_TILE_WIDTH) {
        *hashes = tree->edge->hash[level];
        return CY_OK;
    }
    CY_ASSERT(index < level_count(tree->flushed, level) / CY_TILE_WIDTH);
    for (uint32_t i = 0; i < 2; i++) {
        if (tree->cached[level][i] == index) {
            tree->victim[level] = 1 - i;
            *hashes = tree->cache[level][i];
            return CY_OK;
        }
    }
    CY_ASSERT(level + 1 < CY_TREE_LEVELS); /* a tree of fewer than 2^64 leaves ends in an edge */
    CY_TRY(tile_at(tree, level + 1, index / CY_TILE_WIDTH, &parent, fault));
    slot = tree->victim[level];
    tree->cached[level][slot] = UINT64_MAX;
    CY_TRY(read_tile(tree, &tile, (uint8_t *)tree->cache[level][slot], CY_TILE_BYTES, CY_TILE_BYTES,
                     &n, fault));
    root = cy_merkle_root(tree->cache[level][slot], CY_TILE_WIDTH);
    if (!cy_id_eq(&root, &parent[index % CY_TILE_WIDTH]))
        return fault_tile(fault, &tile, 0, CY_E_TILE_DAMAGED);
    tree->cached[level][slot] = index;
    tree->victim[level] = 1 - slot;
    *hashes = tree->cache[level][slot];
    return CY_OK;
}

cy_err cy_tree_leaf_hashes(struct cy_tree *tree, uint64_t index, const struct cy_id **hashes,
                           struct cy_disk_fault *fault)
{
    return tile_at(tree, 0, index, hashes, fault);
}

/* The root of 2^height leaves from number lo, a multiple of 2^height. */
static cy_err node_at(struct cy_tree *tree, uint64_t lo, uint32_t height, struct cy_id *out,
                      struct cy_disk_fault *fault)
{
    const uint32_t level = height / 8;
    const uint64_t first = lo >> 8 * level;
    const struct cy_id *hashes = NULL;

    CY_TRY(tile_at(tree, level, first / CY_TILE_WIDTH, &hashes, fault));
    *out = cy_merkle_root(hashes + first % CY_TILE_WIDTH, (size_t)1 << height % 8);
    return CY_OK;
}

/* The root of leaves lo..hi-1 where lo is a multiple of a power of two >= hi - lo. */
static cy_err range_root(struct cy_tree *tree, uint64_t lo, uint64_t hi, struct cy_id *out,
                         struct cy_disk_fault *fault)
{
    struct cy_id parts[64];
    uint32_t n = 0;

    for (uint32_t height = 64; height-- > 0;) {
        if (((hi - lo) >> height & 1) == 0)
            continue;
        CY_TRY(node_at(tree, lo, height, &parts[n++], fault));
        lo += (uint64_t)1 << height;
    }
    CY_ASSERT(n > 0);
    *out = parts[--n];
    while (n > 0)
        *out = cy_hash_node(&parts[--n], out);
    return CY_OK;
}

/* The largest power of two below n >= 2. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static void reverse(struct cy_id *path, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        const struct cy_id swap = path[i];

        path[i] = path[n - 1 - i];
        path[n - 1 - i] = swap;
    }
}

cy_err cy_tree_frontier_at(struct cy_tree *tree, uint64_t size, struct cy_frontier *frontier,
                           struct cy_disk_fault *fault)
{
    uint64_t lo = 0;
    uint32_t n = 0;

    if (size > tree->flushed)
        return cy_fail(CY_E_RANGE, 0);
    frontier->size = size;
    for (uint32_t height = 64; height-- > 0;) {
        if ((size >> height & 1) == 0)
            continue;
        CY_TRY(node_at(tree, lo, height, &frontier->hash[n++], fault));
        lo += (uint64_t)1 << height;
    }
    return CY_OK;
}

cy_err cy_tree_root_at(struct cy_tree *tree, uint64_t size, struct cy_id *root,
                       struct cy_disk_fault *fault)
{
    if (size > tree->flushed)
        return cy_fail(CY_E_RANGE, size);
    if (size == 0) {
        *root = cy_hash_empty();
        return CY_OK;
    }
    return range_root(tree, 0, size, root, fault);
}

cy_err cy_tree_inclusion(struct cy_tree *tree, uint64_t index, uint64_t size, struct cy_id *path,
                         uint32_t *n, struct cy_disk_fault *fault)
{
    uint64_t lo = 0;
    uint64_t hi = size;

    *n = 0;
    if (size > tree->flushed || index >= size)
        return cy_fail(CY_E_RANGE, index);
    while (hi - lo > 1) {
        const uint64_t middle = lo + split(hi - lo);

        if (index < middle) {
            CY_TRY(range_root(tree, middle, hi, &path[(*n)++], fault));
            hi = middle;
        } else {
            CY_TRY(range_root(tree, lo, middle, &path[(*n)++], fault));
            lo = middle;
        }
    }
    reverse(path, *n);
    return CY_OK;
}

cy_err cy_tree_consistency(struct cy_tree *tree, uint64_t size_old, uint64_t size,
                           struct cy_id *path, uint32_t *n, struct cy_disk_fault *fault)
{
    uint64_t lo = 0;
    uint64_t hi = size;

    *n = 0;
    if (size > tree->flushed || size_old > size)
        return cy_fail(CY_E_RANGE, size_old);
    if (size_old == 0 || size_old == size)
        return CY_OK;
    while (hi != size_old) {
        const uint64_t middle = lo + split(hi - lo);

        if (size_old <= middle) {
            CY_TRY(range_root(tree, middle, hi, &path[(*n)++], fault));
            hi = middle;
        } else {
            CY_TRY(range_root(tree, lo, middle, &path[(*n)++], fault));
            lo = middle;
        }
    }
    if (lo > 0) /* otherwise the verifier knows this root: it is the old one */
        CY_TRY(range_root(tree, lo, hi, &path[(*n)++], fault));
    reverse(path, *n);
    return CY_OK;
}

/* --- entries --- */

/* Reads entry i of a bundle file into scratch; *offset is where its length stands, and moves on. */
static cy_err next_entry(struct cy_tree *tree, int file, const struct cy_tile *tile,
                         uint64_t *offset, struct cy_span *entry, struct cy_disk_fault *fault)
{
    const struct cy_disk *disk = &tree->disk;
    uint8_t length[2];
    size_t n = 0;

    CY_TRY(disk->ops->read(disk->self, file, *offset, length, 2, &n));
    if (n < 2)
        return fault_tile(fault, tile, *offset, CY_E_TILE_DAMAGED);
    entry->n = cy_get_u16be(length);
    entry->at = tree->scratch;
    CY_TRY(disk->ops->read(disk->self, file, *offset + 2, tree->scratch, entry->n, &n));
    if (n < entry->n)
        return fault_tile(fault, tile, *offset, CY_E_TILE_DAMAGED);
    *offset += 2 + entry->n;
    return CY_OK;
}

static cy_err find_entry(struct cy_tree *tree, int file, const struct cy_tile *tile, uint64_t index,
                         struct cy_span *entry, struct cy_disk_fault *fault)
{
    const struct cy_id *hashes = NULL;
    struct cy_id leaf;
    uint64_t offset = 0;
    uint64_t at = 0;

    for (uint64_t i = 0; i <= index % CY_TILE_WIDTH; i++) {
        at = offset;
        CY_TRY(next_entry(tree, file, tile, &offset, entry, fault));
    }
    CY_TRY(tile_at(tree, 0, index / CY_TILE_WIDTH, &hashes, fault));
    leaf = cy_hash_leaf(*entry);
    if (!cy_id_eq(&leaf, &hashes[index % CY_TILE_WIDTH]))
        return fault_tile(fault, tile, at, CY_E_TILE_DAMAGED);
    return CY_OK;
}

static cy_err open_tile(struct cy_tree *tree, const struct cy_tile *tile, int *file,
                        struct cy_disk_fault *fault)
{
    char path[CY_TILE_PATH_MAX];
    cy_err err = CY_OK;

    cy_tile_path(tile, path);
    err = tree->disk.ops->open(tree->disk.self, path, 0, file);
    if (!cy_ok(err))
        (void)cy_disk_fault_at(fault, path, 0, err.code);
    return err;
}

cy_err cy_tree_entry(struct cy_tree *tree, uint64_t index, uint8_t *out, size_t cap, size_t *n,
                     struct cy_disk_fault *fault)
{
    const struct cy_tile tile = tile_of(BUNDLES, index / CY_TILE_WIDTH, CY_TILE_WIDTH);
    struct cy_span rest = cy_span_of(tree->stage, tree->stage_n);
    struct cy_span entry = {0};
    cy_err err = CY_OK;
    int file = -1;

    *n = 0;
    if (index >= tree->flushed)
        return cy_fail(CY_E_RANGE, index);
    if (tile.index == tree->flushed / CY_TILE_WIDTH) {
        for (uint64_t i = 0; i <= index % CY_TILE_WIDTH; i++)
            CY_ASSERT(cy_ok(cy_bundle_next(&rest, &entry)));
    } else {
        CY_TRY(open_tile(tree, &tile, &file, fault));
        err = find_entry(tree, file, &tile, index, &entry, fault);
        if (cy_ok(err))
            err = tree->disk.ops->close(tree->disk.self, file);
        else
            (void)tree->disk.ops->close(tree->disk.self, file);
        CY_TRY(err);
    }
    if (entry.n > cap)
        return cy_fail(CY_E_NO_ROOM, entry.n);
    if (entry.n > 0)
        memcpy(out, entry.at, entry.n);
    *n = entry.n;
    return CY_OK;
}

/* --- checking everything --- */

static cy_err verify_entries(struct cy_tree *tree, int file, const struct cy_tile *tile,
                             struct cy_disk_fault *fault)
{
    const struct cy_id *hashes = NULL;
    uint64_t offset = 0;
    uint64_t size = 0;

    CY_TRY(tile_at(tree, 0, tile->index, &hashes, fault));
    for (uint32_t i = 0; i < tile->width; i++) {
        const uint64_t at = offset;
        struct cy_span entry;
        struct cy_id leaf;

        CY_TRY(next_entry(tree, file, tile, &offset, &entry, fault));
        leaf = cy_hash_leaf(entry);
        if (!cy_id_eq(&leaf, &hashes[i]))
            return fault_tile(fault, tile, at, CY_E_TILE_DAMAGED);
    }
    CY_TRY(tree->disk.ops->size(tree->disk.self, file, &size));
    return size == offset ? CY_OK : fault_tile(fault, tile, offset, CY_E_TILE_DAMAGED);
}

static cy_err verify_bundle(struct cy_tree *tree, uint64_t index, uint32_t width,
                            struct cy_disk_fault *fault)
{
    const struct cy_tile tile = tile_of(BUNDLES, index, width);
    cy_err err = CY_OK;
    int file = -1;

    CY_TRY(open_tile(tree, &tile, &file, fault));
    err = verify_entries(tree, file, &tile, fault);
    if (!cy_ok(err)) {
        (void)tree->disk.ops->close(tree->disk.self, file);
        return err;
    }
    return tree->disk.ops->close(tree->disk.self, file);
}

/* A damaged tile of level 0 is named only by its root; its entries say which hash it is. */
static void locate(struct cy_tree *tree, uint64_t index, struct cy_disk_fault *fault)
{
    const struct cy_tile bundle = tile_of(BUNDLES, index, CY_TILE_WIDTH);
    const struct cy_tile tile = tile_of(0, index, CY_TILE_WIDTH);
    const struct cy_id *hashes = tree->cache[0][tree->victim[0]];
    char path[CY_TILE_PATH_MAX];
    uint64_t offset = 0;
    int file = -1;

    cy_tile_path(&tile, path);
    if (strcmp(fault->path, path) != 0 || fault->offset != 0)
        return;
    if (!cy_ok(open_tile(tree, &bundle, &file, NULL)))
        return;
    for (uint32_t i = 0; i < CY_TILE_WIDTH; i++) {
        struct cy_span entry;
        struct cy_id leaf;

        if (!cy_ok(next_entry(tree, file, &bundle, &offset, &entry, NULL)))
            break;
        leaf = cy_hash_leaf(entry);
        if (!cy_id_eq(&leaf, &hashes[i])) {
            fault->offset = i * sizeof(struct cy_id);
            break;
        }
    }
    (void)tree->disk.ops->close(tree->disk.self, file);
}

cy_err cy_tree_verify(struct cy_tree *tree, struct cy_disk_fault *fault)
{
    const uint64_t size = tree->flushed;

    memset(tree->cached, 0xff, sizeof tree->cached);
    for (uint32_t level = CY_TREE_LEVELS; level-- > 0;) {
        for (uint64_t i = 0; i < level_count(size, level) / CY_TILE_WIDTH; i++) {
            const struct cy_id *hashes = NULL;
            const cy_err err = tile_at(tree, level, i, &hashes, fault);

            if (err.code == CY_E_TILE_DAMAGED && level == 0 && fault != NULL)
                locate(tree, i, fault);
            CY_TRY(err);
        }
    }
    for (uint64_t i = 0; i < size / CY_TILE_WIDTH; i++)
        CY_TRY(verify_bundle(tree, i, CY_TILE_WIDTH, fault));
    if (size % CY_TILE_WIDTH != 0)
        CY_TRY(verify_bundle(tree, size / CY_TILE_WIDTH, (uint32_t)(size % CY_TILE_WIDTH), fault));
    return CY_OK;
}

/* --- pruning --- */

struct prune {
    struct cy_tree *tree;
    const char *dir;
};

static cy_err prune_file(void *user, const char *name)
{
    const struct prune *prune = user;
    struct cy_tree *tree = prune->tree;
    char path[CY_PATH_MAX];
    struct cy_text text = cy_text_on(path, sizeof path);

    cy_text_add(&text, prune->dir);
    cy_text_add(&text, "/");
    cy_text_add(&text, name);
    return text.full ? CY_OK : tree->disk.ops->remove(tree->disk.self, path);
}

static cy_err prune_tile(struct cy_tree *tree, uint32_t level, uint64_t index)
{
    const struct cy_tile tile = tile_of(level, index, 1);
    struct prune prune = {.tree = tree};
    char path[CY_TILE_PATH_MAX];
    char dir[CY_PATH_MAX];
    cy_err err = CY_OK;

    cy_tile_path(&tile, path);
    cy_disk_parent(path, dir);
    prune.dir = dir;
    err = tree->disk.ops->list(tree->disk.self, dir, prune_file, &prune);
    if (cy_ok(err))
        err = tree->disk.ops->remove(tree->disk.self, dir);
    return err.code == CY_E_NO_FILE ? CY_OK : err;
}

cy_err cy_tree_prune(struct cy_tree *tree, uint64_t published)
{
    CY_ASSERT(published <= tree->flushed);
    for (uint32_t slot = 0; slot <= BUNDLES; slot++) {
        const uint64_t full = level_count(published, slot == BUNDLES ? 0 : slot) / CY_TILE_WIDTH;

        for (; tree->pruned[slot] < full; tree->pruned[slot]++)
            CY_TRY(prune_tile(tree, slot, tree->pruned[slot]));
    }
    return CY_OK;
}

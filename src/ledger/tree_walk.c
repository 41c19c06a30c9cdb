#include "ledger/tree_walk.h"

#include "crypto/hash_many.h"

void cy_tree_walk_begin(struct cy_tree_walk *walk, struct cy_tree *tree, uint64_t from,
                        uint64_t size)
{
    CY_ASSERT(size <= cy_tree_flushed(tree));
    *walk = (struct cy_tree_walk){
        .tree = tree, .next = from, .size = size, .at = from - from % CY_TILE_WIDTH, .file = -1};
}

void cy_tree_walk_end(struct cy_tree_walk *walk)
{
    const struct cy_disk *disk = &walk->tree->disk;

    if (walk->file >= 0)
        (void)disk->ops->close(disk->self, walk->file); /* it was only read */
    walk->file = -1;
}

void cy_tree_walk_back(struct cy_tree_walk *walk, const struct cy_span *entry, uint32_t n)
{
    const uint8_t *head = entry->at - 2; /* its length stands there */

    CY_ASSERT(head >= walk->read.at);
    CY_ASSERT(entry->at <= walk->read.at + walk->read.n);
    walk->next -= n;
    walk->at = walk->next;
    walk->offset = walk->read_at + (uint64_t)(head - walk->read.at);
}

static struct cy_tile bundle_of(const struct cy_tree_walk *walk)
{
    return (struct cy_tile){
        .level = CY_TILE_ENTRIES, .index = walk->at / CY_TILE_WIDTH, .width = CY_TILE_WIDTH};
}

static cy_err damaged(const struct cy_tree_walk *walk, struct cy_disk_fault *fault)
{
    const struct cy_tile tile = bundle_of(walk);
    char path[CY_TILE_PATH_MAX];

    cy_tile_path(&tile, path);
    return cy_disk_fault_at(fault, path, walk->offset, CY_E_TILE_DAMAGED);
}

/* Bytes of the bundle from the walk's place on. */
static cy_err bytes_here(struct cy_tree_walk *walk, uint8_t *room, size_t cap, struct cy_span *out,
                         struct cy_disk_fault *fault)
{
    const struct cy_tree *tree = walk->tree;
    const struct cy_tile tile = bundle_of(walk);
    size_t n = 0;

    if (tile.index == cy_tree_flushed(tree) / CY_TILE_WIDTH) {
        *out = cy_span_of(tree->stage + walk->offset, tree->stage_n - walk->offset);
        return CY_OK;
    }
    if (walk->file < 0) {
        char path[CY_TILE_PATH_MAX];
        cy_err err = CY_OK;

        cy_tile_path(&tile, path);
        err = tree->disk.ops->open(tree->disk.self, path, 0, &walk->file);
        if (!cy_ok(err)) {
            walk->file = -1;
            (void)cy_disk_fault_at(fault, path, 0, err.code);
            return err;
        }
    }
    CY_TRY(tree->disk.ops->read(tree->disk.self, walk->file, walk->offset, room, cap, &n));
    *out = cy_span_of(room, n);
    return CY_OK;
}

/* Moves over the whole entries of these bytes, up to the end of their bundle, and gives those that
 * are asked for. */
static void take(struct cy_tree_walk *walk, struct cy_span rest, struct cy_span *entries,
                 uint32_t *n)
{
    const uint64_t bundle = walk->at / CY_TILE_WIDTH;
    struct cy_span entry;

    while (walk->at < walk->size && walk->at / CY_TILE_WIDTH == bundle &&
           cy_ok(cy_bundle_next(&rest, &entry))) {
        if (walk->at == walk->next) {
            entries[(*n)++] = entry;
            walk->next++;
        }
        walk->at++;
        walk->offset += 2 + entry.n;
    }
}

/* The last n entries, whose numbers end at walk->next, are those of the tile: up to *n. */
static cy_err check(struct cy_tree_walk *walk, const struct cy_id *hashes,
                    const struct cy_span *entries, uint32_t *n, struct cy_disk_fault *fault)
{
    const uint64_t first = walk->next - *n;
    struct cy_id leaves[CY_TILE_WIDTH];

    cy_hash_leaves(entries, *n, leaves);
    for (uint32_t i = 0; i < *n; i++) {
        if (cy_id_eq(&leaves[i], &hashes[(first + i) % CY_TILE_WIDTH]))
            continue;
        cy_tree_walk_back(walk, &entries[i], *n - i);
        *n = i;
        return damaged(walk, fault);
    }
    return CY_OK;
}

cy_err cy_tree_walk_read(struct cy_tree_walk *walk, uint8_t *room, size_t cap,
                         struct cy_span entries[static CY_TILE_WIDTH], uint32_t *n,
                         struct cy_disk_fault *fault)
{
    const struct cy_id *hashes = NULL;

    CY_ASSERT(cap >= CY_TREE_WALK_ROOM);
    *n = 0;
    while (*n == 0 && walk->next < walk->size) {
        const uint64_t bundle = walk->at / CY_TILE_WIDTH;
        const uint64_t before = walk->at;
        struct cy_span rest;

        CY_TRY(cy_tree_leaf_hashes(walk->tree, bundle, &hashes, fault));
        CY_TRY(bytes_here(walk, room, cap, &rest, fault));
        walk->read = rest;
        walk->read_at = walk->offset;
        take(walk, rest, entries, n);
        CY_TRY(check(walk, hashes, entries, n, fault));
        if (walk->at == before) /* not even one is whole, and the room holds the largest */
            return damaged(walk, fault);
        if (walk->at / CY_TILE_WIDTH != bundle) {
            cy_tree_walk_end(walk);
            walk->offset = 0;
        }
    }
    return CY_OK;
}

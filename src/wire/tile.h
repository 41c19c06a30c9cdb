/* tile: names and contents of the files of a tiled log (C2SP tlog-tiles v0.1.0).
 *
 *     tile/<L>/<N>[.p/<W>]          256 (or W) hashes of 32 bytes: nodes of tree level 8 L
 *     tile/entries/<N>[.p/<W>]      256 (or W) entries, each u16be length || bytes
 *
 * N is written in groups of three digits, all but the last with an x: 1234067 -> x001/x234/067.
 *
 * Owns: the path grammar and the bundle grammar, both ways. Never: touches a disk or a hash. */
#ifndef CY_WIRE_TILE_H
#define CY_WIRE_TILE_H

#include "base/text.h"

#define CY_TILE_WIDTH 256u         /* hashes or entries in a full tile */
#define CY_TILE_ENTRIES 64u        /* the level number that stands for "entries" */
#define CY_TILE_LEVEL_MAX 63u      /* largest level a path may name */
#define CY_ENTRY_MAX 65535u        /* bytes of one entry */
#define CY_TILE_PATH_MAX 64u       /* longest path with its 0 */
#define CY_TILE_BYTES (256u * 32u) /* a full tile of hashes */

struct cy_tile {
    uint64_t index; /* N */
    uint32_t level; /* 0..63, or CY_TILE_ENTRIES */
    uint32_t width; /* 1..255 partial, 256 full */
};

/* cy_tile_path writes the path and its 0. The tile must be in range (asserts). */
void cy_tile_path(const struct cy_tile *tile, char out[static CY_TILE_PATH_MAX]);

/* cy_tile_read reads exactly one path, in its one canonical spelling. Fails with BAD_TILE_PATH at
 * the position of what is wrong. */
CY_MUST_USE cy_err cy_tile_read(struct cy_span path, struct cy_tile *out);

/* cy_bundle_put appends one entry to the *n bytes at out. Fails with TOO_LARGE (over 65,535 bytes)
 * or NO_ROOM (cap). */
CY_MUST_USE cy_err cy_bundle_put(struct cy_span entry, uint8_t *out, size_t cap, size_t *n);

/* cy_bundle_next takes the next entry off the front of rest. Fails with BAD_BUNDLE when rest is
 * empty or ends inside an entry; rest then stays as it was. */
CY_MUST_USE cy_err cy_bundle_next(struct cy_span *rest, struct cy_span *entry);

/* cy_bundle_check: the bytes are exactly `width` entries. Fails with BAD_BUNDLE at the position of
 * the first byte that does not fit. */
CY_MUST_USE cy_err cy_bundle_check(struct cy_span bundle, uint32_t width);

#endif

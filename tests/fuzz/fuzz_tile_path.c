/* Tile paths and entry bundles: what is read is written back to the same bytes. */
#include "fuzz.h"

#include "wire/tile.h"

static void one_path(struct cy_span bytes)
{
    char path[CY_TILE_PATH_MAX];
    struct cy_tile tile;

    if (!cy_ok(cy_tile_read(bytes, &tile)))
        return;
    cy_tile_path(&tile, path);
    CY_ASSERT(cy_span_eq(cy_span_text(path), bytes));
}

static void one_bundle(struct cy_span bytes)
{
    static uint8_t again[1 << 17];
    struct cy_span rest = bytes;
    struct cy_span entry;
    size_t n = 0;
    uint32_t width = 0;

    while (rest.n > 0 && cy_ok(cy_bundle_next(&rest, &entry))) {
        CY_ASSERT(cy_ok(cy_bundle_put(entry, again, sizeof again, &n)));
        width++;
    }
    CY_ASSERT(cy_span_eq(cy_span_of(again, n), cy_span_of(bytes.at, bytes.n - rest.n)));
    CY_ASSERT(cy_ok(cy_bundle_check(bytes, width)) == (rest.n == 0));
    CY_ASSERT(!cy_ok(cy_bundle_check(bytes, width + 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    one_path(cy_span_of(data, size));
    if (size <= 1 << 16)
        one_bundle(cy_span_of(data, size));
    return 0;
}

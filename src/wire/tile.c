#include "wire/tile.h"

static void put_group(struct cy_text *text, uint64_t three, bool last)
{
    const char digits[5] = {'x', (char)('0' + three / 100), (char)('0' + three / 10 % 10),
                            (char)('0' + three % 10), 0};

    cy_text_add(text, last ? digits + 1 : digits);
}

void cy_tile_path(const struct cy_tile *tile, char out[static CY_TILE_PATH_MAX])
{
    struct cy_text text = cy_text_on(out, CY_TILE_PATH_MAX);
    uint64_t unit = 1;

    CY_ASSERT(tile->level <= CY_TILE_ENTRIES);
    CY_ASSERT(tile->width >= 1);
    CY_ASSERT(tile->width <= CY_TILE_WIDTH);
    cy_text_add(&text, "tile/");
    if (tile->level == CY_TILE_ENTRIES)
        cy_text_add(&text, "entries");
    else
        cy_text_u64(&text, tile->level);
    while (tile->index / unit >= 1000)
        unit *= 1000;
    for (; unit > 0; unit /= 1000) {
        cy_text_add(&text, "/");
        put_group(&text, tile->index / unit % 1000, unit == 1);
    }
    if (tile->width < CY_TILE_WIDTH) {
        cy_text_add(&text, ".p/");
        cy_text_u64(&text, tile->width);
    }
    CY_ASSERT(!text.full);
}

/* A reader that only moves forward. */
struct cursor {
    struct cy_span text;
    size_t pos;
};

static bool take(struct cursor *c, const char *words)
{
    const size_t n = strlen(words);

    if (c->text.n - c->pos < n || memcmp(c->text.at + c->pos, words, n) != 0)
        return false;
    c->pos += n;
    return true;
}

/* A decimal number without leading zero, at most max. */
static bool take_number(struct cursor *c, uint32_t max, uint32_t *out)
{
    const size_t start = c->pos;
    uint32_t v = 0;

    while (c->pos < c->text.n && c->text.at[c->pos] >= '0' && c->text.at[c->pos] <= '9') {
        v = v * 10 + (uint32_t)(c->text.at[c->pos++] - '0');
        if (v > max)
            return false;
    }
    *out = v;
    return c->pos > start && (c->text.at[start] != '0' || c->pos == start + 1);
}

static bool take_three(struct cursor *c, uint64_t *index)
{
    uint64_t v = *index;

    for (unsigned i = 0; i < 3; i++, c->pos++) {
        if (c->pos >= c->text.n || c->text.at[c->pos] < '0' || c->text.at[c->pos] > '9')
            return false;
        if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(c->text.at[c->pos] - '0'), &v))
            return false;
    }
    *index = v;
    return true;
}

cy_err cy_tile_read(struct cy_span path, struct cy_tile *out)
{
    struct cursor c = {path, 0};
    struct cy_tile tile = {.width = CY_TILE_WIDTH};

    if (!take(&c, "tile/"))
        return cy_fail(CY_E_BAD_TILE_PATH, 0);
    if (take(&c, "entries"))
        tile.level = CY_TILE_ENTRIES;
    else if (!take_number(&c, CY_TILE_LEVEL_MAX, &tile.level))
        return cy_fail(CY_E_BAD_TILE_PATH, c.pos);
    while (take(&c, "/x")) {
        if (!take_three(&c, &tile.index) || tile.index == 0)
            return cy_fail(CY_E_BAD_TILE_PATH, c.pos);
    }
    if (!take(&c, "/") || !take_three(&c, &tile.index))
        return cy_fail(CY_E_BAD_TILE_PATH, c.pos);
    if (take(&c, ".p/")) {
        if (!take_number(&c, CY_TILE_WIDTH - 1, &tile.width) || tile.width == 0)
            return cy_fail(CY_E_BAD_TILE_PATH, c.pos);
    }
    if (c.pos != path.n)
        return cy_fail(CY_E_BAD_TILE_PATH, c.pos);
    *out = tile;
    return CY_OK;
}

cy_err cy_bundle_put(struct cy_span entry, uint8_t *out, size_t cap, size_t *n)
{
    if (entry.n > CY_ENTRY_MAX)
        return cy_fail(CY_E_TOO_LARGE, entry.n);
    if (cap - *n < entry.n + 2)
        return cy_fail(CY_E_NO_ROOM, cap);
    cy_put_u16be(out + *n, (uint16_t)entry.n);
    if (entry.n > 0)
        memcpy(out + *n + 2, entry.at, entry.n);
    *n += entry.n + 2;
    return CY_OK;
}

cy_err cy_bundle_next(struct cy_span *rest, struct cy_span *entry)
{
    size_t n = 0;

    if (rest->n < 2)
        return cy_fail(CY_E_BAD_BUNDLE, rest->n);
    n = cy_get_u16be(rest->at);
    if (rest->n - 2 < n)
        return cy_fail(CY_E_BAD_BUNDLE, rest->n);
    *entry = cy_span_of(rest->at + 2, n);
    *rest = cy_span_of(rest->at + 2 + n, rest->n - 2 - n);
    return CY_OK;
}

cy_err cy_bundle_check(struct cy_span bundle, uint32_t width)
{
    struct cy_span rest = bundle;
    struct cy_span entry;

    for (uint32_t i = 0; i < width; i++) {
        if (!cy_ok(cy_bundle_next(&rest, &entry)))
            return cy_fail(CY_E_BAD_BUNDLE, bundle.n - rest.n);
    }
    return rest.n == 0 ? CY_OK : cy_fail(CY_E_BAD_BUNDLE, bundle.n - rest.n);
}

#include "host/backup/pack.h"

enum { WRONG_HEAD = 1, WRONG_ORDER, WRONG_NAME, WRONG_SIZE, WRONG_COUNT };

static cy_err wrong(uint64_t rule)
{
    return cy_fail(CY_E_BACKUP_CONTENT, rule);
}

cy_err cy_pack_path_check(const char *path)
{
    bool begins = true; /* a part begins here */

    if (path[0] == 0)
        return wrong(WRONG_NAME);
    for (const char *c = path; *c != 0; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '\\' ||
            (begins && (*c == '/' || *c == '.')))
            return wrong(WRONG_NAME);
        begins = *c == '/';
    }
    return begins ? wrong(WRONG_NAME) : cy_utf8_check(cy_span_text(path));
}

void cy_pack_head(enum cy_pack_kind kind, const char *name, uint64_t size,
                  uint8_t out[static CY_PACK_HEAD + CY_PACK_NAME_MAX], size_t *n)
{
    const size_t n_name = strlen(name);

    CY_ASSERT(n_name <= CY_PACK_NAME_MAX);
    memset(out, 0, CY_PACK_HEAD);
    out[0] = (uint8_t)kind;
    cy_put_u16be(out + 2, (uint16_t)n_name);
    cy_put_u64be(out + 8, size);
    memcpy(out + CY_PACK_HEAD, name, n_name);
    *n = CY_PACK_HEAD + n_name;
}

/* --- reading --- */

static uint64_t size_max(enum cy_pack_kind kind)
{
    static const uint64_t most[] = {0,
                                    CY_PACK_MANIFEST_MAX,
                                    CY_PACK_FILE_MAX,
                                    CY_PACK_BUNDLE_MAX,
                                    CY_PACK_BLOB_MAX,
                                    CY_PACK_END_BYTES};

    return most[kind];
}

static cy_err bundle_name(struct cy_pack_reader *reader)
{
    struct cy_tile *tile = &reader->now.tile;

    if (!cy_ok(cy_tile_read(cy_span_text(reader->now.name), tile)) ||
        tile->level != CY_TILE_ENTRIES)
        return wrong(WRONG_NAME);
    if (reader->partial || tile->index != reader->entries / CY_TILE_WIDTH)
        return wrong(WRONG_ORDER);
    reader->entries += tile->width;
    reader->partial = tile->width < CY_TILE_WIDTH;
    return CY_OK;
}

static cy_err name_check(struct cy_pack_reader *reader)
{
    struct cy_pack_record *now = &reader->now;

    switch (now->kind) {
    case CY_PACK_FILE:
        reader->files++;
        return cy_ok(cy_pack_path_check(now->name)) ? CY_OK : wrong(WRONG_NAME);
    case CY_PACK_BUNDLE: return bundle_name(reader);
    case CY_PACK_BLOB:
        reader->blobs++;
        return strlen(now->name) == 64 &&
                       cy_ok(cy_hex_read(cy_span_text(now->name), now->digest.b, 32))
                   ? CY_OK
                   : wrong(WRONG_NAME);
    case CY_PACK_MANIFEST:
    case CY_PACK_END: break;
    }
    return now->name[0] == 0 ? CY_OK : wrong(WRONG_NAME);
}

cy_err cy_pack_next(struct cy_pack_reader *reader)
{
    uint8_t head[CY_PACK_HEAD];
    const enum cy_pack_kind before = reader->now.kind;
    size_t n = 0;

    CY_ASSERT(reader->left == 0);
    if (reader->ended)
        return wrong(WRONG_ORDER);
    CY_TRY(reader->pull(reader->self, head, sizeof head));
    n = cy_get_u16be(head + 2);
    if (head[0] < CY_PACK_MANIFEST || head[0] > CY_PACK_END || head[1] != 0 ||
        cy_get_u32be(head + 4) != 0 || n > CY_PACK_NAME_MAX)
        return wrong(WRONG_HEAD);
    if (reader->begun ? head[0] < before || head[0] == CY_PACK_MANIFEST
                      : head[0] != CY_PACK_MANIFEST)
        return wrong(WRONG_ORDER);
    reader->begun = true;
    reader->now =
        (struct cy_pack_record){.kind = (enum cy_pack_kind)head[0], .size = cy_get_u64be(head + 8)};
    if (reader->now.size > size_max(reader->now.kind))
        return wrong(WRONG_SIZE);
    CY_TRY(reader->pull(reader->self, (uint8_t *)reader->now.name, n));
    if (memchr(reader->now.name, 0, n) != NULL)
        return wrong(WRONG_NAME);
    reader->left = reader->now.size;
    reader->ended = reader->now.kind == CY_PACK_END;
    return name_check(reader);
}

cy_err cy_pack_take(struct cy_pack_reader *reader, uint8_t *out, size_t cap, size_t *n)
{
    *n = reader->left < cap ? (size_t)reader->left : cap;
    if (*n > 0)
        CY_TRY(reader->pull(reader->self, out, *n));
    reader->left -= *n;
    return CY_OK;
}

cy_err cy_pack_all(struct cy_pack_reader *reader, uint8_t *out, size_t cap, size_t *n)
{
    if (reader->left > cap)
        return wrong(WRONG_SIZE);
    return cy_pack_take(reader, out, cap, n);
}

cy_err cy_pack_close(struct cy_pack_reader *reader)
{
    uint8_t counts[CY_PACK_END_BYTES];
    size_t n = 0;

    CY_ASSERT(reader->now.kind == CY_PACK_END);
    CY_TRY(cy_pack_all(reader, counts, sizeof counts, &n));
    return n == sizeof counts && cy_get_u64be(counts) == reader->files &&
                   cy_get_u64be(counts + 8) == reader->entries &&
                   cy_get_u64be(counts + 16) == reader->blobs
               ? CY_OK
               : wrong(WRONG_COUNT);
}

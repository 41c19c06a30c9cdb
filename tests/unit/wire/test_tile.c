/* tile: paths both ways, entry bundles. */
#include "wire/tile.h"

#include "cm.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void known_paths(void **s)
{
    const struct {
        struct cy_tile tile;
        const char *path;
    } rows[] = {
        {{.level = 0, .index = 0, .width = 256},                   "tile/0/000"          },
        {{.level = 0, .index = 1234067, .width = 256},             "tile/0/x001/x234/067"},
        {{.level = CY_TILE_ENTRIES, .index = 1234067, .width = 8},
         "tile/entries/x001/x234/067.p/8"                                                },
        {{.level = 1, .index = 999, .width = 255},                 "tile/1/999.p/255"    },
        {{.level = 2, .index = 1000, .width = 256},                "tile/2/x001/000"     },
        {{.level = 63, .index = UINT64_MAX, .width = 200},
         "tile/63/x018/x446/x744/x073/x709/x551/615.p/200"                               },
    };

    (void)s;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        char path[CY_TILE_PATH_MAX];
        struct cy_tile back;

        cy_tile_path(&rows[i].tile, path);
        assert_string_equal(path, rows[i].path);
        assert_ok(cy_tile_read(cy_span_text(path), &back));
        assert_int_equal(back.level, rows[i].tile.level);
        assert_true(back.index == rows[i].tile.index);
        assert_int_equal(back.width, rows[i].tile.width);
    }
}

static void refused_paths(void **s)
{
    const char *bad[] = {"",
                         "tile",
                         "tile/",
                         "tile/0",
                         "tile/0/",
                         "tile/0/00",
                         "tile/0/0000",
                         "tile/0/000/",
                         "tile/64/000",
                         "tile/00/000",
                         "tile/01/000",
                         "tile/-1/000",
                         "tile/0/x000/000",
                         "tile/0/001/000",
                         "tile/0/x001",
                         "tile/0/x01/000",
                         "tile/0/000.p",
                         "tile/0/000.p/",
                         "tile/0/000.p/0",
                         "tile/0/000.p/256",
                         "tile/0/000.p/01",
                         "tile/0/000.p/1/",
                         "tile/0/000.p/1 ",
                         "/tile/0/000",
                         "tile/entries",
                         "tile/entriess/000",
                         "tile/data/000",
                         "tile/0/x018/x446/x744/x073/x709/x551/616",
                         "tile/0/x999/x018/x446/x744/x073/x709/x551/615",
                         "tile/0/X001/000",
                         "tile/0/../000",
                         "tile/+1/000",
                         "tile/0/+01"};
    struct cy_tile tile = {.width = 77};

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        if (cy_ok(cy_tile_read(cy_span_text(bad[i]), &tile)))
            fail_msg("accepted %s", bad[i]);
        assert_int_equal(tile.width, 77);
        assert_code(cy_tile_read(cy_span_text(bad[i]), &tile), BAD_TILE_PATH);
    }
}

/* Whatever is read writes back to the same text, for random small changes of good paths. */
static void one_spelling(void **s)
{
    uint64_t seed = 7;
    unsigned read = 0;

    (void)s;
    for (unsigned i = 0; i < 200000; i++) {
        char path[CY_TILE_PATH_MAX];
        char again[CY_TILE_PATH_MAX];
        struct cy_tile tile;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        tile.level = (uint32_t)((seed >> 20) % 65);
        tile.width = (uint32_t)((seed >> 30) % 256 + 1);
        tile.index = seed >> (seed >> 40) % 64;
        cy_tile_path(&tile, path);
        path[(seed >> 12) % strlen(path)] = "0123456789x/.p"[(seed >> 50) % 14];
        if (!cy_ok(cy_tile_read(cy_span_text(path), &tile)))
            continue;
        read++;
        cy_tile_path(&tile, again);
        assert_string_equal(path, again);
    }
    assert_true(read > 1000);
}

static void bundles(void **s)
{
    uint8_t out[16];
    size_t n = 0;
    struct cy_span rest;
    struct cy_span entry;
    static uint8_t big[CY_ENTRY_MAX + 3];

    (void)s;
    assert_ok(cy_bundle_put(cy_span_text("abc"), out, sizeof out, &n));
    assert_ok(cy_bundle_put(cy_span_text(""), out, sizeof out, &n));
    assert_memory_equal(out, "\0\3abc\0\0", 7);
    assert_ok(cy_bundle_put(cy_span_text("1234567"), out, sizeof out, &n));
    assert_int_equal(n, 16);
    assert_code(cy_bundle_put(cy_span_text(""), out, sizeof out, &n), NO_ROOM);
    assert_int_equal(n, 16);
    rest = cy_span_of(out, n);
    assert_ok(cy_bundle_next(&rest, &entry));
    assert_true(cy_span_eq(entry, cy_span_text("abc")));
    assert_ok(cy_bundle_next(&rest, &entry));
    assert_int_equal(entry.n, 0);
    assert_ok(cy_bundle_next(&rest, &entry));
    assert_code(cy_bundle_next(&rest, &entry), BAD_BUNDLE);
    assert_ok(cy_bundle_check(cy_span_of(out, 16), 3));
    for (size_t cut = 0; cut < 16; cut++)
        assert_code(cy_bundle_check(cy_span_of(out, cut), 3), BAD_BUNDLE);
    assert_code(cy_bundle_check(cy_span_of(out, 16), 2), BAD_BUNDLE);
    assert_code(cy_bundle_check(cy_span_of(out, 16), 4), BAD_BUNDLE);
    n = 0;
    assert_code(cy_bundle_put(cy_span_of(big, CY_ENTRY_MAX + 1), big, sizeof big, &n), TOO_LARGE);
    assert_ok(cy_bundle_put(cy_span_of(out, 0), big, sizeof big, &n));
    n = 0;
    {
        static uint8_t whole[CY_ENTRY_MAX + 2];

        assert_ok(cy_bundle_put(cy_span_of(big, CY_ENTRY_MAX), whole, sizeof whole, &n));
        assert_int_equal(n, sizeof whole);
        assert_ok(cy_bundle_check(cy_span_of(whole, n), 1));
    }
}

/* The published log: every bundle holds what its name says. */
static void published_bundles(void **s)
{
    const char *folder = CY_SHARED "/vectors/tlog/log/tile/entries/000.p";
    DIR *dir = opendir(folder);
    unsigned seen = 0;

    (void)s;
    if (dir == NULL) {
        print_message("skipped: %s is not here\n", folder);
        skip();
    }
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        char path[512];
        uint8_t bytes[4096];
        FILE *f = NULL;
        size_t n = 0;

        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        f = fopen(path, "rb");
        assert_non_null(f);
        n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_ok(cy_bundle_check(cy_span_of(bytes, n), (uint32_t)atoi(d->d_name)));
        seen++;
    }
    closedir(dir);
    assert_true(seen >= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_paths),       cmocka_unit_test(refused_paths),
        cmocka_unit_test(one_spelling),      cmocka_unit_test(bundles),
        cmocka_unit_test(published_bundles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

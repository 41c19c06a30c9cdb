/* source_disk: a foreign ledger read by its tiles: it goes on from a head, or it does not; a byte
 * that was changed on the way never makes it seem to. */
#include "host/audit/source_disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cm.h"
#include "crypto/ed25519.h"
#include "host/system/disk_posix.h"

#define ENTRIES 700u /* two full tiles and a partial one */

struct place {
    char dir[64];
    struct cy_id roots[ENTRIES + 1];
    struct cy_audit_source *source;
};

static void append(struct cy_tree *tree, unsigned i)
{
    char text[32];

    snprintf(text, sizeof text, "entry %u", i);
    assert_ok(cy_tree_append(tree, cy_span_text(text)));
}

static int start(void **s)
{
    struct place *p = calloc(1, sizeof *p);
    const size_t room = cy_tree_bytes(CY_TREE_STAGE_MIN);
    void *memory = aligned_alloc(16, (room + 15) / 16 * 16);
    struct cy_arena arena = cy_arena_on(memory, room);
    struct cy_disk_posix *posix = NULL;
    struct cy_disk disk;
    struct cy_disk_fault fault;
    struct cy_tree *tree = calloc(1, sizeof *tree);
    const struct cy_id empty = cy_hash_empty();

    assert_ok(cy_crypto_start());
    strcpy(p->dir, "/tmp/cy_source_XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    assert_ok(cy_disk_posix_open(p->dir, false, &posix));
    disk = cy_disk_posix_disk(posix);
    assert_ok(cy_tree_open(tree, &disk, CY_TREE_STAGE_MIN, &arena, 0, &empty, &fault));
    p->roots[0] = empty;
    for (unsigned i = 0; i < ENTRIES; i++) {
        append(tree, i);
        p->roots[i + 1] = cy_tree_root(tree);
        if ((i + 1) % 100 == 0) /* a head now and then, as a ledger that grows has them */
            assert_ok(cy_tree_flush(tree));
    }
    assert_ok(cy_tree_prune(tree, ENTRIES));
    cy_disk_posix_close(posix);
    free(tree);
    free(memory);
    assert_ok(cy_audit_source_open(p->dir, NULL, &p->source));
    *s = p;
    return 0;
}

static int finish(void **s)
{
    struct place *p = *s;
    char command[96];

    cy_audit_source_close(p->source);
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    assert_int_equal(system(command), 0);
    free(p);
    return 0;
}

/* Whether the ledger of that size goes on from a head of `old` entries with this root. */
static cy_err follows(struct place *p, uint64_t size, uint64_t old, const struct cy_id *root)
{
    struct cy_source_tree *tree = calloc(1, sizeof *tree);
    cy_err err = cy_source_tree_open(tree, p->source, size, &p->roots[size]);

    if (cy_ok(err))
        err = cy_source_tree_follows(tree, old, root);
    cy_source_tree_close(tree);
    free(tree);
    return err;
}

static void every_size(void **s)
{
    struct place *p = *s;

    for (uint64_t old = 0; old <= ENTRIES; old += old < 5 ? 1 : 23)
        assert_ok(follows(p, ENTRIES, old, &p->roots[old]));
    /* a head in the middle, whose partial tiles are gone: cut from what is there now */
    for (uint64_t size = 300; size <= ENTRIES; size += 100)
        assert_ok(follows(p, size, 260, &p->roots[260]));
}

static void other_history(void **s)
{
    struct place *p = *s;

    for (uint64_t old = 1; old < ENTRIES; old += 37) {
        struct cy_id other = p->roots[old];

        other.b[old % 32] ^= 1;
        assert_code(follows(p, ENTRIES, old, &other), HEAD_FORK);
        assert_code(follows(p, ENTRIES, old, &p->roots[old + 1]), HEAD_FORK);
    }
    assert_code(follows(p, 600, 650, &p->roots[650]), HEAD_FORK); /* it went back */
    {
        struct cy_source_tree *tree = calloc(1, sizeof *tree);

        assert_false(cy_ok(cy_source_tree_open(tree, p->source, ENTRIES, &p->roots[ENTRIES - 1])));
        cy_source_tree_close(tree);
        free(tree);
    }
}

static void poke(const struct place *p, const char *file, off_t at)
{
    char path[160];
    uint8_t byte = 0;
    int fd = -1;

    snprintf(path, sizeof path, "%s/%s", p->dir, file);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 8;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* Hashes that do not lead to the signed root are never taken for a history. */
static void changed(void **s)
{
    struct place *p = *s;

    for (off_t at = 5; at < 256 * 32; at += 811) {
        cy_err err = CY_OK;

        poke(p, "tile/0/000", at);
        err = follows(p, ENTRIES, 100, &p->roots[100]);
        if (err.code != CY_E_TILE_DAMAGED)
            assert_code(err, TILE_DAMAGED);
        poke(p, "tile/0/000", at);
    }
    poke(p, "tile/1/000.p/2", 40); /* the right edge */
    assert_false(cy_ok(follows(p, ENTRIES, 100, &p->roots[100])));
    poke(p, "tile/1/000.p/2", 40);
    assert_ok(follows(p, ENTRIES, 100, &p->roots[100]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_size),
                                       cmocka_unit_test(other_history), cmocka_unit_test(changed)};

    return cmocka_run_group_tests(tests, start, finish);
}

/* source_disk: a foreign ledger read by its tiles: it goes on from a head, or it does not; a byte
 * that was changed on the way never makes it seem to. */
#include "host/audit/conflict_search.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cm.h"
#include "crypto/ed25519.h"
#include "crypto/secret.h"
#include "host/system/disk_posix.h"
#include "kernel/convict.h"
#include "verify/two_statements.h"
#include "wire/note.h"

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

/* --- two heads that cannot both be true --- */

struct heads {
    struct cy_secret secret;
    struct cy_id key;
    char rooms[2][1024];
    struct cy_equivocation what;
};

/* Statement i: a head of that size and root, signed. */
static void say(struct heads *h, unsigned i, const char *origin, uint64_t size,
                const struct cy_id *root)
{
    char memory[CY_CHECKPOINT_MAX];
    struct cy_text text = cy_text_on(memory, sizeof memory);
    struct cy_text note = cy_text_on(h->rooms[i], sizeof h->rooms[i]);
    struct cy_span signed_text;
    struct cy_signature signature;

    cy_checkpoint_write(&text, cy_span_text(origin), size, root);
    signed_text = cy_text_bytes(&text);
    cy_secret_sign(&h->secret, signed_text, &signature);
    cy_note_begin(&note, signed_text);
    cy_note_line(&note, cy_span_text("a.example"),
                 cy_note_key_id(cy_span_text("a.example"), CY_NOTE_ED25519, &h->key),
                 cy_span_of(signature.b, sizeof signature.b));
    assert_false(note.full);
    h->what.notes[i] = cy_text_bytes(&note);
}

/* What the two verifiers say of the evidence: the file's, and the kernel's, which slashes. */
static bool convicts(const struct heads *h)
{
    const struct cy_two_statements two = {
        .kind = h->what.kind,
        .key = h->key,
        .one = h->what.notes[0],
        .another = h->what.notes[1],
        .prefix = h->what.prefix,
        .path = cy_span_of(h->what.path, h->what.n * sizeof h->what.path[0])};
    char room[CY_EQUIVOCATION_FILE_MAX];
    struct cy_text file = cy_text_on(room, sizeof room);
    static struct cy_trust nobody;
    struct comity_report report;
    struct cy_span origin;
    bool verified = false;

    cy_equivocation_write(&file, &h->what);
    assert_false(file.full);
    cy_report_begin(&report);
    verified = cy_check_evidence(cy_text_bytes(&file), &nobody, &report);
    assert_int_equal(verified, cy_ok(cy_convict_check(&two, &origin)));
    return verified;
}

static void heads_of_two_sizes_convict(void **s)
{
    struct place *p = *s;
    struct heads *h = calloc(1, sizeof *h);

    h->what.kind = CY_statement_HEAD;
    cy_secret_new(&h->secret, &h->key);
    h->what.key = h->key;
    for (uint64_t old = 1; old < ENTRIES; old += old < 9 ? 1 : 59) {
        const unsigned smaller = (unsigned)(old % 2); /* in either order */
        struct cy_id other = p->roots[old];

        other.b[old % 32] ^= 1;
        say(h, smaller, "a", old, &other);
        say(h, 1 - smaller, "a", ENTRIES, &p->roots[ENTRIES]);
        h->what.has_prefix = false;
        h->what.prefix = (struct cy_id){{0}};
        h->what.n = 0;
        assert_false(convicts(h)); /* that no path is there shows nothing */
        assert_ok(cy_conflict_search(p->source, &h->what));
        assert_true(h->what.has_prefix);
        assert_true(convicts(h));
        /* another prefix, or another path, convicts nobody */
        h->what.prefix.b[3] ^= 1;
        assert_false(convicts(h));
        h->what.prefix.b[3] ^= 1;
        for (uint32_t i = 0; i < h->what.n; i++) {
            h->what.path[i].b[7] ^= 1;
            assert_false(convicts(h));
            h->what.path[i].b[7] ^= 1;
        }
        /* nor does it another key */
        h->key.b[0] ^= 1;
        h->what.key = h->key;
        assert_false(convicts(h));
        h->key.b[0] ^= 1;
        h->what.key = h->key;
    }
    free(h);
}

static void one_history_convicts_nobody(void **s)
{
    struct place *p = *s;
    struct heads *h = calloc(1, sizeof *h);
    struct cy_id other = p->roots[600];

    h->what.kind = CY_statement_HEAD;
    cy_secret_new(&h->secret, &h->key);
    h->what.key = h->key;
    say(h, 0, "a", 300, &p->roots[300]);
    say(h, 1, "a", ENTRIES, &p->roots[ENTRIES]);
    assert_code(cy_conflict_search(p->source, &h->what), NO_CONFLICT);
    assert_false(h->what.has_prefix);
    say(h, 0, "b", 300, &p->roots[301]); /* of another ledger */
    assert_code(cy_conflict_search(p->source, &h->what), NO_CONFLICT);
    say(h, 0, "a", 0, &p->roots[0]); /* every tree goes on from nothing */
    assert_code(cy_conflict_search(p->source, &h->what), NO_CONFLICT);
    /* a copy of another history than the larger head's is of no use */
    other.b[0] ^= 1;
    say(h, 0, "a", 300, &p->roots[301]);
    say(h, 1, "a", 600, &other);
    assert_false(cy_ok(cy_conflict_search(p->source, &h->what)));
    assert_false(h->what.has_prefix);
    /* of one size nothing is to be searched */
    say(h, 0, "a", 600, &p->roots[600]);
    assert_ok(cy_conflict_search(p->source, &h->what));
    assert_false(h->what.has_prefix);
    assert_true(convicts(h));
    free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_size),
                                       cmocka_unit_test(other_history), cmocka_unit_test(changed),
                                       cmocka_unit_test(heads_of_two_sizes_convict),
                                       cmocka_unit_test(one_history_convicts_nobody)};

    return cmocka_run_group_tests(tests, start, finish);
}

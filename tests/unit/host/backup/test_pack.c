/* pack, manifest, moved settings: what stands in a backup, and what may not. */
#include "host/backup/manifest.h"
#include "host/backup/pack.h"
#include "host/backup/settings_move.h"

#include <stdlib.h>

#include "cm.h"

struct tape {
    uint8_t bytes[65536];
    size_t n;
    size_t at;
};

static cy_err pull(void *self, uint8_t *out, size_t n)
{
    struct tape *tape = self;

    if (tape->n - tape->at < n)
        return cy_fail(CY_E_BACKUP_CUT, 0);
    memcpy(out, tape->bytes + tape->at, n);
    tape->at += n;
    return CY_OK;
}

static void put(struct tape *tape, enum cy_pack_kind kind, const char *name, const char *text)
{
    size_t n = 0;

    cy_pack_head(kind, name, strlen(text), tape->bytes + tape->n, &n);
    memcpy(tape->bytes + tape->n + n, text, strlen(text));
    tape->n += n + strlen(text);
}

static void put_end(struct tape *tape, uint64_t files, uint64_t entries, uint64_t blobs)
{
    size_t n = 0;

    cy_pack_head(CY_PACK_END, "", CY_PACK_END_BYTES, tape->bytes + tape->n, &n);
    tape->n += n;
    cy_put_u64be(tape->bytes + tape->n, files);
    cy_put_u64be(tape->bytes + tape->n + 8, entries);
    cy_put_u64be(tape->bytes + tape->n + 16, blobs);
    tape->n += CY_PACK_END_BYTES;
}

/* Reads all of it; the first refusal. */
static cy_err run(struct tape *tape)
{
    struct cy_pack_reader reader = {.pull = pull, .self = tape};
    uint8_t room[256];
    size_t n = 0;

    tape->at = 0;
    for (;;) {
        CY_TRY(cy_pack_next(&reader));
        if (reader.now.kind == CY_PACK_END)
            return cy_pack_close(&reader);
        CY_TRY(cy_pack_all(&reader, room, sizeof room, &n));
    }
}

#define BLOB "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void whole(void **s)
{
    struct tape tape = {.n = 0};

    (void)s;
    put(&tape, CY_PACK_MANIFEST, "", "{}");
    put(&tape, CY_PACK_FILE, "keys/heads", "x");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/000", "");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/001.p/7", "");
    put(&tape, CY_PACK_BLOB, BLOB, "abc");
    put_end(&tape, 1, 263, 1);
    assert_ok(run(&tape));
}

/* Each is a row: what is put, and whether it may stand there. */
static void orders(void **s)
{
    struct tape tape = {.n = 0};

    (void)s;
    put(&tape, CY_PACK_FILE, "a", "");
    assert_code(run(&tape), BACKUP_CONTENT); /* no manifest first */
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    put(&tape, CY_PACK_MANIFEST, "", "");
    assert_code(run(&tape), BACKUP_CONTENT);
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/000", "");
    put(&tape, CY_PACK_FILE, "a", "");
    assert_code(run(&tape), BACKUP_CONTENT); /* files stand before bundles */
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/001", "");
    assert_code(run(&tape), BACKUP_CONTENT); /* a bundle is missing */
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/000.p/9", "");
    put(&tape, CY_PACK_BUNDLE, "tile/entries/001", "");
    assert_code(run(&tape), BACKUP_CONTENT); /* nothing stands behind a partial one */
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    put_end(&tape, 1, 0, 0);
    assert_code(run(&tape), BACKUP_CONTENT); /* counts */
    tape.n = 0;
    put(&tape, CY_PACK_MANIFEST, "", "");
    assert_code(run(&tape), BACKUP_CUT);
}

static void names(void **s)
{
    static const char *const bad[] = {"",     "/etc/passwd", "../x", "a/../b", "a//b", "a/",
                                      ".ssh", "a/.b",        "a\\b", "a\nb",   "a\177"};
    static const char *const good[] = {"a", "keys/keys/00.key", "peers/b.example_ledger.conf"};

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        struct tape tape = {.n = 0};

        assert_false(cy_ok(cy_pack_path_check(bad[i])));
        put(&tape, CY_PACK_MANIFEST, "", "");
        put(&tape, CY_PACK_FILE, bad[i], "");
        assert_code(run(&tape), BACKUP_CONTENT);
    }
    for (size_t i = 0; i < CY_COUNT(good); i++)
        assert_ok(cy_pack_path_check(good[i]));
}

/* A record that says it is larger than its kind may be is refused before it is read. */
static void sizes(void **s)
{
    static const struct {
        enum cy_pack_kind kind;
        const char *name;
        uint64_t most;
    } rows[] = {
        {CY_PACK_FILE,   "a",                CY_PACK_FILE_MAX  },
        {CY_PACK_BUNDLE, "tile/entries/000", CY_PACK_BUNDLE_MAX},
        {CY_PACK_BLOB,   BLOB,               CY_PACK_BLOB_MAX  },
        {CY_PACK_END,    "",                 CY_PACK_END_BYTES },
    };

    (void)s;
    for (size_t i = 0; i < CY_COUNT(rows); i++) {
        struct tape tape = {.n = 0};
        size_t n = 0;

        put(&tape, CY_PACK_MANIFEST, "", "");
        cy_pack_head(rows[i].kind, rows[i].name, rows[i].most + 1, tape.bytes + tape.n, &n);
        tape.n += n;
        assert_code(run(&tape), BACKUP_CONTENT);
    }
}

static void manifests(void **s)
{
    struct cy_manifest_file files[] = {
        {.path = "comityd.conf", .size = 12, .mode = 0644},
        {.path = "keys/heads",   .size = 9,  .mode = 0600}
    };
    const struct cy_manifest m = {.program = "1.2.3",
                                  .home = "/srv/a",
                                  .origin = "a.example/ledger",
                                  .checkpoint = "note\n",
                                  .size = 77,
                                  .signed_size = 78,
                                  .made = 1763600000000,
                                  .files = files,
                                  .n_files = 2};
    struct cy_manifest back;
    char why[192];
    size_t n = 0;
    char *text = cy_manifest_write(&m, &n);
    char *at = NULL;

    (void)s;
    assert_non_null(text);
    assert_ok(cy_manifest_read(cy_span_of(text, n), &back, why));
    assert_string_equal(back.origin, "a.example/ledger");
    assert_int_equal(back.size, 77);
    assert_int_equal(back.signed_size, 78);
    assert_int_equal(back.made, 1763600000000);
    assert_int_equal(back.n_files, 2);
    assert_int_equal(cy_manifest_file(&back, "keys/heads")->mode, 0600);
    assert_null(cy_manifest_file(&back, "keys/head"));
    cy_manifest_free(&back);
    for (size_t left = 0; left < n; left += 7) { /* cut anywhere */
        assert_code(cy_manifest_read(cy_span_of(text, left), &back, why), BACKUP_CONTENT);
        cy_manifest_free(&back);
    }
    at = strstr(text, "keys/heads"); /* out of the directory */
    memcpy(at, "../../ssh!", 10);
    assert_code(cy_manifest_read(cy_span_of(text, n), &back, why), BACKUP_CONTENT);
    cy_manifest_free(&back);
    free(text);
}

static void moves(void **s)
{
    static const char before[] = "# my cell\norigin = \"a.example/ledger\";\n"
                                 "data = \"/var/lib/elsewhere\";\nsigner = \"/run/s.sock\";\n"
                                 "tls: {\n    cert = \"/srv/a/tls.cert.pem\";\n"
                                 "    key = \"/srv/ab/key\";\n};\n"
                                 "sql: { url = \"sqlite:/srv/a/p.sqlite\"; };\n";
    static const char after[] = "# my cell\norigin = \"a.example/ledger\";\n"
                                "data = \"/new/b/data\";\nsigner = \"/new/b/signer.sock\";\n"
                                "tls: {\n    cert = \"/new/b/tls.cert.pem\";\n"
                                "    key = \"/srv/ab/key\";\n};\n"
                                "sql: { url = \"sqlite:/new/b/p.sqlite\"; };\n";
    char *out = NULL;

    (void)s;
    assert_ok(cy_settings_move(cy_span_text(before), "/srv/a", "/new/b", true, NULL, &out));
    assert_string_equal(out, after);
    free(out);
    assert_ok(cy_settings_move(cy_span_text("signer = \"/srv/a/signer.sock\";"), "/srv/a", "/n",
                               false, NULL, &out));
    assert_string_equal(out, "signer = \"/n/signer.sock\";");
    free(out);
    assert_ok(cy_settings_move(cy_span_text("origin = \"a\";\n"), "", "/n", true, "b", &out));
    assert_string_equal(out, "origin = \"b\";\n");
    free(out);
    assert_code(cy_settings_move(cy_span_of("a\0b", 3), "/srv/a", "/n", false, NULL, &out),
                BAD_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole), cmocka_unit_test(orders), cmocka_unit_test(names),
        cmocka_unit_test(sizes), cmocka_unit_test(moves),  cmocka_unit_test(manifests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

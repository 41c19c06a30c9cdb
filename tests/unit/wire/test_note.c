/* note: signed notes, checkpoints, cosignatures as text. */
#include "wire/note.h"

#include "cm.h"

#include <stdio.h>

#define D "\xe2\x80\x94 "

static void reads_and_writes_the_same_bytes(void **s)
{
    char out[1024];
    struct cy_text text = cy_text_on(out, sizeof out);
    struct cy_note note;
    uint8_t blob[100];
    size_t n = 0;

    (void)s;
    cy_note_begin(&text, cy_span_text("a\n\nb\n"));
    cy_note_line(&text, cy_span_text("example.com/x"), 0x01020304, cy_span_text("12345"));
    cy_note_line(&text, cy_span_text("other"), 0xffffffff, cy_span_text("z"));
    assert_string_equal(out, "a\n\nb\n\n" D "example.com/x AQIDBDEyMzQ1\n" D "other /////3o=\n");
    assert_ok(cy_note_read(cy_text_bytes(&text), &note));
    assert_true(cy_span_eq(note.text, cy_span_text("a\n\nb\n")));
    assert_int_equal(note.n, 2);
    assert_true(cy_span_eq(note.signatures[0].name, cy_span_text("example.com/x")));
    assert_int_equal(note.signatures[0].key_id, 0x01020304);
    assert_int_equal(note.signatures[1].key_id, 0xffffffff);
    assert_ok(cy_note_blob(&note.signatures[0], blob, sizeof blob, &n));
    assert_int_equal(n, 5);
    assert_memory_equal(blob, "12345", 5);
    assert_code(cy_note_blob(&note.signatures[0], blob, 4, &n), NO_ROOM);
}

static void refuses(void **s)
{
    const char *bad[] = {
        "",
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",                                   /* no signature */
        "a\n" D "x AQIDBDEyMzQ1\n",                /* no empty line */
        "a\n\n" D "x AQIDBDEyMzQ1",                /* no last newline */
        "a\n\n" D "x AQIDBDEyMzQ1\nb\n",           /* a line that is no signature */
        "a\n\n- x AQIDBDEyMzQ1\n",                 /* ASCII dash */
        "a\n\n" D " AQIDBDEyMzQ1\n",               /* no name */
        "a\n\n" D "x+y AQIDBDEyMzQ1\n",            /* plus in the name */
        "a\n\n" D "x\xc2\xa0y AQIDBDEyMzQ1\n",     /* no-break space in the name */
        "a\n\n" D "x\xe3\x80\x80y AQIDBDEyMzQ1\n", /* ideographic space */
        "a\n\n" D "x  AQIDBDEyMzQ1\n",             /* two spaces */
        "a\n\n" D "x AQIDBDEyMzQ1 \n",             /* space at the end */
        "a\n\n" D "x AQIDBA==\n",                  /* key id without signature */
        "a\n\n" D "x AQIDBDF=\n",                  /* bits left over */
        "a\n\n" D "x AQIDBDEy*zQ1\n",
        "a\n\n" D "x \n",
        "a\n\n" D "x\n",
        "a\r\n\n" D "x AQIDBDEyMzQ1\n", /* control character */
        "a\tb\n\n" D "x AQIDBDEyMzQ1\n",
        "a\xff\n\n" D "x AQIDBDEyMzQ1\n", /* not UTF-8 */
    };
    struct cy_note note;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        if (cy_ok(cy_note_read(cy_span_text(bad[i]), &note)))
            fail_msg("accepted case %zu", i);
        assert_code(cy_note_read(cy_span_text(bad[i]), &note), BAD_NOTE);
    }
}

/* Padding inside a long signature must not pass because it falls on a piece's edge. */
static void long_signatures(void **s)
{
    static uint8_t blob[CY_NOTE_BLOB_MAX];
    static char out[CY_NOTE_BLOB_MAX * 2];
    struct cy_text text = cy_text_on(out, sizeof out);
    struct cy_note note;
    size_t at = 0;
    size_t n = 0;

    (void)s;
    for (size_t i = 0; i < sizeof blob; i++)
        blob[i] = (uint8_t)(i * 7);
    cy_note_begin(&text, cy_span_text("t\n"));
    cy_note_line(&text, cy_span_text("x"), 9, cy_span_of(blob, sizeof blob - 4));
    assert_ok(cy_note_read(cy_text_bytes(&text), &note));
    {
        static uint8_t back[CY_NOTE_BLOB_MAX];

        assert_ok(cy_note_blob(&note.signatures[0], back, sizeof back, &n));
        assert_int_equal(n, sizeof blob - 4);
        assert_memory_equal(back, blob, n);
    }
    at = (size_t)((const char *)note.signatures[0].base64.at - out);
    out[at + 63] = '=';
    assert_code(cy_note_read(cy_text_bytes(&text), &note), BAD_NOTE);
}

static void bounded(void **s)
{
    static char out[CY_NOTE_MAX + 2];
    struct cy_text text = cy_text_on(out, sizeof out);
    struct cy_note note;

    (void)s;
    cy_note_begin(&text, cy_span_text("t\n"));
    for (unsigned i = 0; i < CY_NOTE_SIGNATURES_MAX; i++)
        cy_note_line(&text, cy_span_text("x"), i, cy_span_text("1"));
    assert_ok(cy_note_read(cy_text_bytes(&text), &note));
    assert_int_equal(note.n, CY_NOTE_SIGNATURES_MAX);
    cy_note_line(&text, cy_span_text("x"), 99, cy_span_text("1"));
    assert_code(cy_note_read(cy_text_bytes(&text), &note), TOO_LARGE);
    memset(out, 'a', sizeof out);
    assert_code(cy_note_read(cy_span_of(out, CY_NOTE_MAX + 1), &note), TOO_LARGE);
}

static void checkpoints(void **s)
{
    const char *root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    const char *bad[] = {"",
                         "o\n",
                         "o\n1\n",
                         "o\n1\n%s",
                         "\n1\n%s\n",
                         "o\n01\n%s\n",
                         "o\n-1\n%s\n",
                         "o\n\n%s\n",
                         "o\n1 \n%s\n",
                         "o\n18446744073709551616\n%s\n",
                         "o\n1\nAAAA\n",
                         "o\n1\n%s=\n",
                         "o\n1\n%s\n\n",
                         "o\n1\n%s\nx\n\n",
                         "o\n1\n%s\nx"};
    struct cy_checkpoint c;
    char text[256];
    char out[256];
    struct cy_text again = cy_text_on(out, sizeof out);

    (void)s;
    snprintf(text, sizeof text, "example.com/behind-the-sofa\n20852163\n%s\n", root);
    assert_ok(cy_checkpoint_read(cy_span_text(text), &c));
    assert_true(cy_span_eq(c.origin, cy_span_text("example.com/behind-the-sofa")));
    assert_true(c.size == 20852163);
    assert_int_equal(c.extension.n, 0);
    cy_checkpoint_write(&again, c.origin, c.size, &c.root);
    assert_string_equal(out, text);
    snprintf(text, sizeof text, "o\n0\n%s\nmore\nlines\n", root);
    assert_ok(cy_checkpoint_read(cy_span_text(text), &c));
    assert_true(cy_span_eq(c.extension, cy_span_text("more\nlines\n")));
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        snprintf(text, sizeof text, bad[i], root);
        if (cy_ok(cy_checkpoint_read(cy_span_text(text), &c)))
            fail_msg("accepted %s", text);
        assert_code(cy_checkpoint_read(cy_span_text(text), &c), BAD_CHECKPOINT);
    }
}

static void cosignatures(void **s)
{
    char out[256];
    struct cy_text text = cy_text_on(out, sizeof out);
    uint8_t signature[64];
    uint8_t back[64];
    uint8_t blob[CY_COSIGNATURE_BYTES];
    uint64_t time_s = 0;

    (void)s;
    memset(signature, 0x5a, sizeof signature);
    cy_cosignature_text(&text, 1679315147, cy_span_text("o\n1\nroot\n"));
    assert_string_equal(out, "cosignature/v1\ntime 1679315147\no\n1\nroot\n");
    cy_cosignature_blob(1679315147, signature, blob);
    assert_memory_equal(blob, "\0\0\0\0\x64\x18\x50\xcb", 8);
    assert_ok(cy_cosignature_read(cy_span_of(blob, sizeof blob), &time_s, back));
    assert_true(time_s == 1679315147);
    assert_memory_equal(back, signature, 64);
    assert_code(cy_cosignature_read(cy_span_of(blob, 71), &time_s, back), BAD_NOTE);
}

/* Every checkpoint of the published log reads and writes back. */
static void published_checkpoints(void **s)
{
    (void)s;
    for (unsigned size = 0; size <= 15; size++) {
        char path[512];
        uint8_t bytes[2048];
        char out[CY_CHECKPOINT_MAX];
        struct cy_text text = cy_text_on(out, sizeof out);
        struct cy_note note;
        struct cy_checkpoint c;
        FILE *f = NULL;
        size_t n = 0;

        snprintf(path, sizeof path, CY_SHARED "/vectors/tlog/log/checkpoint.%u", size);
        f = fopen(path, "rb");
        if (f == NULL) {
            print_message("skipped: %s is not here\n", path);
            skip();
        }
        n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        assert_ok(cy_note_read(cy_span_of(bytes, n), &note));
        assert_int_equal(note.n, 1);
        assert_true(cy_span_eq(note.signatures[0].name, cy_span_text("example.com/log/testdata")));
        assert_int_equal(note.signatures[0].key_id, 0x33d7b496);
        assert_ok(cy_checkpoint_read(note.text, &c));
        assert_true(c.size == size);
        cy_checkpoint_write(&text, c.origin, c.size, &c.root);
        assert_true(cy_span_eq(cy_text_bytes(&text), note.text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_the_same_bytes),
        cmocka_unit_test(refuses),
        cmocka_unit_test(long_signatures),
        cmocka_unit_test(bounded),
        cmocka_unit_test(checkpoints),
        cmocka_unit_test(cosignatures),
        cmocka_unit_test(published_checkpoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* note_key: published verifier keys and every way to get one wrong. */
#include "crypto/note_key.h"

#include "cm.h"

/* tessera testdata (PROVENANCE.md), Go's sumdb/note documentation, and sum.golang.org. */
static const char *keys_[] = {
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
};

static void published(void **s)
{
    (void)s;
    for (size_t i = 0; i < CY_COUNT(keys_); i++) {
        struct cy_note_key key;
        char room[CY_NOTE_VKEY_MAX];
        struct cy_text text = cy_text_on(room, sizeof room);

        assert_ok(cy_note_vkey_read(cy_span_text(keys_[i]), &key));
        assert_int_equal(key.type, CY_NOTE_ED25519);
        cy_note_vkey(&key, &text);
        assert_string_equal(room, keys_[i]);
    }
}

static void types(void **s)
{
    const struct cy_id id = {
        {1, 2, 3}
    };
    struct cy_note_key a;
    struct cy_note_key b;
    struct cy_note_key back;
    char room[CY_NOTE_VKEY_MAX];
    struct cy_text text = cy_text_on(room, sizeof room);

    (void)s;
    assert_ok(cy_note_key_of(cy_span_text("a.example"), CY_NOTE_ED25519, &id, &a));
    assert_ok(cy_note_key_of(cy_span_text("a.example"), CY_NOTE_COSIGNATURE, &id, &b));
    assert_true(a.id != b.id);
    cy_note_vkey(&b, &text);
    assert_ok(cy_note_vkey_read(cy_text_bytes(&text), &back));
    assert_int_equal(back.type, CY_NOTE_COSIGNATURE);
    assert_true(cy_id_eq(&back.key, &id));
    assert_int_equal(back.id, b.id);
    assert_true(cy_span_eq(back.name, cy_span_text("a.example")));
}

/* Every changed character is noticed, by form or by the id. */
static void wrong(void **s)
{
    struct cy_note_key key;
    char text[CY_NOTE_VKEY_MAX];
    const size_t n = strlen(keys_[0]);

    (void)s;
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 256; c++) {
            memcpy(text, keys_[0], n + 1);
            if (text[i] == (char)c)
                continue;
            text[i] = (char)c;
            assert_code(cy_note_vkey_read(cy_span_of(text, n), &key), BAD_VKEY);
        }
    for (size_t i = 0; i < n; i++)
        assert_code(cy_note_vkey_read(cy_span_of(keys_[0], i), &key), BAD_VKEY);
}

static void names(void **s)
{
    static const char *good[] = {"a", "example.com/log", "\xc3\xa9\xe2\x80\x94x", "-"};
    static const char *bad[] = {
        "",          "a b",          "a+b",           "a\tb",         "a\nb",
        "a\xc2\xa0", "\xe3\x80\x80", "a\xe2\x80\xa8", "\xe1\x9a\x80", "a\x7f"};
    char long_name[CY_NOTE_NAME_MAX + 2];

    (void)s;
    for (size_t i = 0; i < CY_COUNT(good); i++)
        assert_ok(cy_note_name_check(cy_span_text(good[i])));
    for (size_t i = 0; i < CY_COUNT(bad); i++)
        assert_false(cy_ok(cy_note_name_check(cy_span_text(bad[i]))));
    assert_code(cy_note_name_check(cy_span_text("\xff")), BAD_UTF8);
    memset(long_name, 'x', sizeof long_name);
    assert_ok(cy_note_name_check(cy_span_of(long_name, CY_NOTE_NAME_MAX)));
    assert_code(cy_note_name_check(cy_span_of(long_name, CY_NOTE_NAME_MAX + 1)), BAD_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(types),
        cmocka_unit_test(wrong),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests_name("note_key", tests, NULL, NULL);
}

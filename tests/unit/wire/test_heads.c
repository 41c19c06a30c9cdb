/* heads: the file of two heads both ways. */
#include "wire/heads.h"

#include "cm.h"

#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define NOTES "a\n1\nr\n\nline\n\na\n2\nr\n\nline\n"

static void round_trips(void **s)
{
    static char out[CY_HEADS_PATH_MAX * 48 + 256];
    struct cy_id path[CY_HEADS_PATH_MAX];
    struct cy_heads heads;

    (void)s;
    for (uint32_t i = 0; i < CY_COUNT(path); i++)
        memset(path[i].b, (int)i, 32);
    for (uint32_t n = 0; n <= CY_HEADS_PATH_MAX; n += 16) {
        struct cy_text text = cy_text_on(out, sizeof out);

        cy_heads_write(&text, path, n, cy_span_text("a\n1\nr\n\nline\n"),
                       cy_span_text("b\n2\nr\n\nline\nline\n"));
        assert_false(text.full);
        assert_ok(cy_heads_read(cy_text_bytes(&text), &heads));
        assert_int_equal(heads.n, n);
        assert_memory_equal(heads.path, path, 32 * n);
        assert_true(cy_span_eq(heads.notes[0], cy_span_text("a\n1\nr\n\nline\n")));
        assert_true(cy_span_eq(heads.notes[1], cy_span_text("b\n2\nr\n\nline\nline\n")));
    }
}

static void refuses(void **s)
{
    static const struct {
        const char *text;
        unsigned line;
    } bad[] = {
        {"",                                           0},
        {"comity heads@v1\n",                          0},
        {"comity heads@v1\n\n",                        0},
        {"comity heads@v1\n\na\n1\nr\n\nline\n",       0},
        {"comity heads@v2\n\n" NOTES,                  1},
        {" comity heads@v1\n\n" NOTES,                 1},
        {"\n\n" NOTES,                                 1},
        {"comity heads@v1\nAAAA\n\n" NOTES,            2},
        {"comity heads@v1\n" HASH "x\n\n" NOTES,       3},
        {"comity heads@v1\n" HASH " " HASH "\n" NOTES, 3},
    };
    struct cy_heads heads;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        const cy_err err = cy_heads_read(cy_span_text(bad[i].text), &heads);

        assert_int_equal(err.code, CY_E_BAD_PROOF_TEXT);
        assert_int_equal(err.detail, bad[i].line);
    }
}

static void bounds_the_path(void **s)
{
    static char out[(CY_HEADS_PATH_MAX + 2) * 48 + 256];
    struct cy_text text = cy_text_on(out, sizeof out);
    struct cy_heads heads;

    (void)s;
    cy_text_add(&text, "comity heads@v1\n");
    for (uint32_t i = 0; i <= CY_HEADS_PATH_MAX; i++)
        cy_text_add(&text, HASH);
    cy_text_add(&text, "\n" NOTES);
    assert_false(text.full);
    assert_code(cy_heads_read(cy_text_bytes(&text), &heads), BAD_PROOF_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(refuses),
        cmocka_unit_test(bounds_the_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

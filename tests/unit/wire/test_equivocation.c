/* equivocation: the file of two statements, both ways, and what is no such file. */
#include "wire/equivocation.h"

#include "cm.h"
#include "union.h"

static void both_ways(void **s)
{
    struct union_evidence made[4];
    char room[CY_EQUIVOCATION_FILE_MAX];
    char room_again[CY_EQUIVOCATION_FILE_MAX];

    (void)s;
    union_two_votes(&made[0]);
    union_two_heads(&made[1], CY_statement_HEAD, 9, 9);
    union_two_heads(&made[2], CY_statement_HEAD, 5, 21);
    union_two_heads(&made[3], CY_statement_COSIGNATURE, 5, 21);
    for (size_t i = 0; i < CY_COUNT(made); i++) {
        struct cy_text text = cy_text_on(room, sizeof room);
        struct cy_text again = cy_text_on(room_again, sizeof room_again);
        struct cy_equivocation read;

        cy_equivocation_write(&text, &made[i].what);
        assert_false(text.full);
        assert_ok(cy_equivocation_read(cy_text_bytes(&text), &read));
        assert_int_equal(read.kind, made[i].what.kind);
        assert_true(cy_id_eq(&read.key, &made[i].what.key));
        assert_int_equal(read.has_prefix, i >= 2);
        assert_int_equal(read.n, made[i].what.n);
        assert_true(cy_span_eq(read.notes[0], made[i].what.notes[0]));
        assert_true(cy_span_eq(read.notes[1], made[i].what.notes[1]));
        cy_equivocation_write(&again, &read);
        assert_true(cy_span_eq(cy_text_bytes(&text), cy_text_bytes(&again)));
    }
}

static void forms(void **s)
{
    static const char key[] = "key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char zero[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const char hash[] = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    static const struct {
        const char *parts[6];
        unsigned line;
    } bad[] = {
        {{""},                                                           1},
        {{"comity evidence@v2\nvote\n"},                                 1},
        {{"comity evidence@v1\n\n"},                                     2},
        {{"comity evidence@v1\nballot\n"},                               2},
        {{"comity evidence@v1\nvote\n\n"},                               3},
        {{"comity evidence@v1\nvote\nkey AAAA\n"},                       3},
        {{"comity evidence@v1\nvote\n", key, "prefix ", hash},           4},
        {{"comity evidence@v1\nhead\n", key, "prefix ", zero},           4},
        {{"comity evidence@v1\nhead\n", key, hash},                      4},
        {{"comity evidence@v1\nhead\n", key, "prefix ", hash, "AAAA\n"}, 5},
        {{"comity evidence@v1\nvote\n", key, "\n"},                      0},
        {{"comity evidence@v1\nvote\n", key, "\na\n\nb\n"},              0},
        {{"comity evidence@v1\nvote\n", key, "\na\n\nb\n\n"},            0},
    };
    struct cy_equivocation read;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        char room[512];
        struct cy_text text = cy_text_on(room, sizeof room);
        cy_err err = CY_OK;

        for (unsigned j = 0; j < 6 && bad[i].parts[j] != NULL; j++)
            cy_text_add(&text, bad[i].parts[j]);
        err = cy_equivocation_read(cy_text_bytes(&text), &read);
        assert_code(err, BAD_PROOF_TEXT);
        assert_int_equal(err.detail, bad[i].line);
    }
}

/* Limits: hashes of a path, bytes of a note. */
static void limits(void **s)
{
    static char room[4 * CY_EQUIVOCATION_FILE_MAX];
    struct union_evidence made;
    struct cy_equivocation read;
    struct cy_text text = cy_text_on(room, sizeof room);
    static char large[CY_EQUIVOCATION_NOTE_MAX + 1];

    (void)s;
    union_two_heads(&made, CY_statement_HEAD, 5, 21);
    made.what.n = CY_EQUIVOCATION_PATH_MAX;
    cy_equivocation_write(&text, &made.what);
    assert_ok(cy_equivocation_read(cy_text_bytes(&text), &read));
    assert_int_equal(read.n, CY_EQUIVOCATION_PATH_MAX);
    memset(large, 'x', sizeof large);
    for (size_t n = CY_EQUIVOCATION_NOTE_MAX; n <= sizeof large; n++) {
        text = cy_text_on(room, sizeof room);
        made.what.notes[1] = cy_span_of(large, n);
        cy_equivocation_write(&text, &made.what);
        if (n == CY_EQUIVOCATION_NOTE_MAX)
            assert_ok(cy_equivocation_read(cy_text_bytes(&text), &read));
        else
            assert_code(cy_equivocation_read(cy_text_bytes(&text), &read), BAD_PROOF_TEXT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(forms),
        cmocka_unit_test(limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* tlog_proof: the proof file both ways. */
#include "wire/tlog_proof.h"

#include "cm.h"

#include <stdio.h>

#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void round_trips(void **s)
{
    static char out[CY_TLOG_PROOF_PATH_MAX * 48 + 256];
    struct cy_tlog_proof proof;
    struct cy_id path[CY_TLOG_PROOF_PATH_MAX];
    uint8_t extra[16];
    size_t n = 0;

    (void)s;
    for (uint32_t i = 0; i < CY_COUNT(path); i++)
        memset(path[i].b, (int)i, 32);
    for (uint32_t length = 0; length <= CY_TLOG_PROOF_PATH_MAX; length += 8) {
        struct cy_text text = cy_text_on(out, sizeof out);

        cy_tlog_proof_write(&text, cy_span_text(length % 16 ? "" : "more"), UINT64_MAX - length,
                            path, length, cy_span_text("o\n1\n\nsigned\n"));
        assert_false(text.full);
        assert_ok(cy_tlog_proof_read(cy_text_bytes(&text), &proof));
        assert_true(proof.index == UINT64_MAX - length);
        assert_int_equal(proof.n, length);
        assert_memory_equal(proof.path, path, 32 * length);
        assert_true(cy_span_eq(proof.checkpoint, cy_span_text("o\n1\n\nsigned\n")));
        assert_int_equal(proof.has_extra, length % 16 == 0);
        assert_ok(cy_tlog_proof_extra(&proof, extra, sizeof extra, &n));
        assert_int_equal(n, proof.has_extra ? 4 : 0);
        assert_memory_equal(extra, "more", n);
    }
}

static void refuses(void **s)
{
    const struct {
        const char *text;
        unsigned line;
    } bad[] = {
        {"",                                                               1},
        {"c2sp.org/tlog-proof@v2\nindex 0\n\nc\n",                         1},
        {"c2sp.org/tlog-proof@v1",                                         1},
        {"c2sp.org/tlog-proof@v1\n",                                       2},
        {"c2sp.org/tlog-proof@v1\n\nc\n",                                  2},
        {"c2sp.org/tlog-proof@v1\nindex 00\n\nc\n",                        2},
        {"c2sp.org/tlog-proof@v1\nindex\n\nc\n",                           2},
        {"c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nc\n",      2},
        {"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nc\n",                 2},
        {"c2sp.org/tlog-proof@v1\nextra AA\nindex 1\n\nc\n",               2},
        {"c2sp.org/tlog-proof@v1\nextra AAAA\nextra AAAA\nindex 1\n\nc\n", 3},
        {"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nc\n",                   3},
        {"c2sp.org/tlog-proof@v1\nindex 1\n" HASH "x\n\nc\n",              4},
        {"c2sp.org/tlog-proof@v1\nindex 1\n" HASH,                         4},
        {"c2sp.org/tlog-proof@v1\nindex 1\n\n",                            4},
    };
    static char many[66 * 48];
    struct cy_text text = cy_text_on(many, sizeof many);
    struct cy_tlog_proof proof;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        const cy_err err = cy_tlog_proof_read(cy_span_text(bad[i].text), &proof);

        assert_code(err, BAD_PROOF_TEXT);
        assert_int_equal(err.detail, bad[i].line);
    }
    cy_text_add(&text, "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (unsigned i = 0; i < 65; i++)
        cy_text_add(&text, HASH);
    cy_text_add(&text, "\nc\n");
    assert_code(cy_tlog_proof_read(cy_text_bytes(&text), &proof), BAD_PROOF_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* format: who may write a directory, by its stamp. */
#include "ledger/format.h"

#include "cm.h"
#include "sim/sim_disk.h"

/* longer than any stamp */
#define LONG                                                                                       \
    "comity-ledger 1 and then so many words that no program which knows this form wrote it\n"

struct place {
    struct cy_sim_disk *sim;
    struct cy_disk disk;
};

static struct place place(void)
{
    struct place p = {.sim = cy_sim_disk_new()};

    p.disk = cy_sim_disk_face(p.sim);
    assert_ok(cy_disk_make_dirs(&p.disk, CY_DISK_FRESH));
    return p;
}

static void put(struct place *p, const char *text)
{
    assert_ok(cy_disk_replace(&p->disk, CY_FORMAT_FILE, "fresh/x", cy_span_text(text)));
}

static void claims(void **s)
{
    struct place p = place();
    uint32_t found = 9;

    (void)s;
    assert_ok(cy_format_read(&p.disk, &found));
    assert_int_equal(found, 0);
    assert_code(cy_format_claim(&p.disk, 2), LEDGER_OLDER); /* from before the stamp: format 1 */
    assert_ok(cy_format_claim(&p.disk, 1));
    assert_ok(cy_format_read(&p.disk, &found));
    assert_int_equal(found, 1);
    assert_ok(cy_format_claim(&p.disk, 1));
    assert_code(cy_format_claim(&p.disk, 2), LEDGER_OLDER);
    assert_ok(cy_format_read(&p.disk, &found)); /* nothing was changed by asking */
    assert_int_equal(found, 1);
    assert_ok(cy_format_set(&p.disk, 2)); /* comity upgrade, by the newer program */
    assert_code(cy_format_claim(&p.disk, 1), LEDGER_NEWER);
    assert_ok(cy_format_claim(&p.disk, 2));
    cy_sim_disk_free(p.sim);
}

/* What is of no known form was written by a program that knows more. */
static void unknown(void **s)
{
    static const char *const bad[] = {"",
                                      "comity-ledger 1",
                                      "comity-ledger 0\n",
                                      "comity-ledger one\n",
                                      "comity-ledger 4294967295\n",
                                      "comity-ledger 1\nmore\n",
                                      "something else\n",
                                      LONG};
    struct place p = place();
    uint32_t found = 0;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        put(&p, bad[i]);
        assert_code(cy_format_read(&p.disk, &found), LEDGER_NEWER);
        assert_code(cy_format_claim(&p.disk, 1), LEDGER_NEWER);
    }
    cy_sim_disk_free(p.sim);
}

/* The power goes at every byte: the stamp is the old one or the new one. */
static void cut(void **s)
{
    (void)s;
    for (uint64_t seed = 1; seed < 40; seed++) {
        struct place p = place();
        uint32_t found = 0;

        assert_ok(cy_format_set(&p.disk, 1));
        cy_sim_disk_cut_at_call(p.sim, 1 + seed % 9);
        (void)!cy_ok(cy_format_set(&p.disk, 2));
        cy_sim_disk_power_cut(p.sim, seed);
        assert_ok(cy_format_read(&p.disk, &found));
        assert_true(found == 1 || found == 2);
        cy_sim_disk_free(p.sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(claims), cmocka_unit_test(unknown),
                                       cmocka_unit_test(cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

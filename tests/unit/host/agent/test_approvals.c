/* What was described is signed once, as it was, soon, or not at all. */
#include "host/agent/approvals.h"

#include "cm.h"
#include "crypto/hash.h"

#include <stdio.h>

static struct cy_id add(struct cy_approvals *a, const char *bytes, uint64_t now)
{
    struct cy_id digest;

    assert_ok(cy_approvals_add(a, cy_span_text(bytes), "say", now, &digest));
    return digest;
}

static enum cy_code take(struct cy_approvals *a, const struct cy_id *digest, uint64_t now)
{
    struct cy_approval out = {0};
    const cy_err err = cy_approvals_take(a, digest, now, &out);

    cy_approval_free(&out);
    return err.code;
}

static void once(void **state)
{
    struct cy_approvals a = {0};
    struct cy_approval out;
    const struct cy_id one = add(&a, "one", 5);
    const struct cy_id expected = cy_sha256(cy_span_text("one"));

    (void)state;
    (void)add(&a, "two", 6);
    assert_true(
        cy_id_eq(&one, &expected)); /* named by its bytes, so other bytes are another name */
    assert_ok(cy_approvals_take(&a, &one, 7, &out));
    assert_int_equal(out.n, 3);
    assert_memory_equal(out.bytes, "one", 3);
    assert_string_equal(out.say, "say");
    cy_approval_free(&out);
    assert_int_equal(take(&a, &one, 7), CY_E_APPROVAL_GONE);
    assert_int_equal(a.n, 1);
    cy_approvals_clear(&a);
    assert_int_equal(a.n, 0);
}

static void soon(void **state)
{
    struct cy_approvals a = {0};
    const struct cy_id one = add(&a, "one", 1000);
    const struct cy_id two = add(&a, "two", 2000);

    (void)state;
    assert_int_equal(take(&a, &one, 1000 + CY_APPROVAL_MS), CY_E_APPROVAL_GONE);
    assert_int_equal(take(&a, &two, 1999 + CY_APPROVAL_MS), CY_E_NONE);
    assert_int_equal(a.n, 0);
}

static void never_described(void **state)
{
    struct cy_approvals a = {0};
    struct cy_id one = add(&a, "one", 1);

    (void)state;
    one.b[31] ^= 1;
    assert_int_equal(take(&a, &one, 2), CY_E_APPROVAL_GONE);
    assert_int_equal(a.n, 1);
    cy_approvals_clear(&a);
}

static void oldest_makes_room(void **state)
{
    struct cy_approvals a = {0};
    struct cy_id ids[CY_APPROVALS_MAX + 1];
    char text[16];

    (void)state;
    for (unsigned i = 0; i <= CY_APPROVALS_MAX; i++) {
        snprintf(text, sizeof text, "act %u", i);
        ids[i] = add(&a, text, i);
    }
    assert_int_equal(a.n, CY_APPROVALS_MAX);
    assert_int_equal(take(&a, &ids[0], 50), CY_E_APPROVAL_GONE);
    for (unsigned i = CY_APPROVALS_MAX; i >= 1; i--)
        assert_int_equal(take(&a, &ids[i], 50), CY_E_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once),
        cmocka_unit_test(soon),
        cmocka_unit_test(never_described),
        cmocka_unit_test(oldest_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

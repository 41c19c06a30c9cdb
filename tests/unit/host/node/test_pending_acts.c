/* pending_acts: every job leaves once, with its answer, in time. */
#include "host/node/pending_acts.h"

#include <stdlib.h>

#include "cm.h"

#define JOBS 500

static struct cy_pending_acts *acts;
static struct cy_job jobs[JOBS];
static unsigned left[JOBS];

static void done(void *self, struct cy_job *job)
{
    assert_ptr_equal(self, left);
    left[job - jobs]++;
}

static int start(void **s)
{
    (void)s;
    memset(jobs, 0, sizeof jobs);
    memset(left, 0, sizeof left);
    acts = cy_pending_acts_new(done, left);
    assert_non_null(acts);
    for (unsigned i = 0; i < JOBS; i++) /* few ids, so that chains are long and some are shared */
        cy_put_u64be(jobs[i].id.b, (i % 100) * 4096u * 7u + i % 3);
    return 0;
}

static int finish(void **s)
{
    (void)s;
    cy_pending_acts_free(acts); /* asserts that nothing waits */
    return 0;
}

static void answered(void **s)
{
    (void)s;
    for (unsigned i = 0; i < JOBS; i++)
        assert_ok(cy_pending_acts_put(acts, &jobs[i], 1000));
    for (unsigned i = 0; i < JOBS; i++) {
        unsigned before[JOBS];

        memcpy(before, left, sizeof before);
        cy_pending_acts_answer(acts, &jobs[i].id, i % 2 == 0 ? CY_OK : cy_fail(CY_E_EXPIRED, 0), i);
        for (unsigned k = 0; k < JOBS; k++) {
            const bool same = cy_id_eq(&jobs[k].id, &jobs[i].id);

            assert_int_equal(left[k], same ? 1 : before[k]);
            if (same && before[k] == 0)
                assert_int_equal(jobs[k].at, i);
        }
    }
    cy_pending_acts_overdue(acts, UINT64_MAX, cy_fail(CY_E_STOPPING, 0));
    for (unsigned k = 0; k < JOBS; k++)
        assert_int_equal(left[k], 1);
}

/* Verdicts reach every job of the act, once or again, and no other. */
static void items(void **s)
{
    static const uint16_t first[] = {0, 7};
    static const uint16_t again[] = {0, 7, 0};

    (void)s;
    for (unsigned i = 0; i < JOBS; i++)
        assert_ok(cy_pending_acts_put(acts, &jobs[i], 1000));
    cy_pending_acts_items(acts, &jobs[5].id, first, 2);
    cy_pending_acts_items(acts, &jobs[5].id, again, 3);
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(jobs[i].n_items, cy_id_eq(&jobs[i].id, &jobs[5].id) ? 3 : 0);
        if (jobs[i].n_items > 0)
            assert_memory_equal(jobs[i].items, again, sizeof again);
    }
    cy_pending_acts_overdue(acts, UINT64_MAX, cy_fail(CY_E_STOPPING, 0));
    for (unsigned i = 0; i < JOBS; i++)
        free(jobs[i].items);
}

static void overdue(void **s)
{
    (void)s;
    for (unsigned i = 0; i < JOBS; i++)
        assert_ok(cy_pending_acts_put(acts, &jobs[i], 1000 + i));
    cy_pending_acts_overdue(acts, 999, cy_fail(CY_E_TIMED_OUT, 0));
    assert_int_equal(left[0], 0);
    cy_pending_acts_overdue(acts, 1099, cy_fail(CY_E_TIMED_OUT, 0));
    for (unsigned i = 0; i < JOBS; i++) {
        assert_int_equal(left[i], i < 100);
        if (i < 100)
            assert_code(jobs[i].err, TIMED_OUT);
    }
    cy_pending_acts_overdue(acts, UINT64_MAX, cy_fail(CY_E_STOPPING, 0));
    assert_code(jobs[JOBS - 1].err, STOPPING);
    assert_int_equal(left[0], 1);
}

static void taken_back(void **s)
{
    (void)s;
    for (unsigned i = 0; i < JOBS; i++)
        assert_ok(cy_pending_acts_put(acts, &jobs[i], 1000));
    for (unsigned i = 0; i < JOBS; i += 2)
        assert_true(cy_pending_acts_take(acts, &jobs[i]));
    for (unsigned i = 0; i < JOBS; i += 2)
        assert_false(cy_pending_acts_take(acts, &jobs[i]));
    cy_pending_acts_overdue(acts, 1000, cy_fail(CY_E_TIMED_OUT, 0));
    for (unsigned i = 0; i < JOBS; i++)
        assert_int_equal(left[i], i % 2);
    assert_false(cy_pending_acts_take(acts, &jobs[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answered, start, finish),
        cmocka_unit_test_setup_teardown(items, start, finish),
        cmocka_unit_test_setup_teardown(overdue, start, finish),
        cmocka_unit_test_setup_teardown(taken_back, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

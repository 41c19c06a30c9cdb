/* height_timers: what is due comes out once; the oldest height gives way when all places are taken.
 */
#include "cm.h"
#include "host/node/height_timers.h"

static void due_ones_come_out_once(void **s)
{
    struct cy_height_timers timers = {.n = 0};
    struct cy_height_timer out;

    (void)s;
    assert_false(cy_height_timers_take(&timers, UINT64_MAX, &out));
    assert_int_equal(cy_height_timers_next(&timers, 77), 77);
    for (uint64_t i = 1; i <= 3; i++)
        cy_height_timers_put(&timers, &(struct cy_height_timer){.due_us = i * 10, .height = i});
    assert_int_equal(cy_height_timers_next(&timers, 77), 10);
    assert_int_equal(cy_height_timers_next(&timers, 5), 5);
    assert_false(cy_height_timers_take(&timers, 9, &out));
    assert_true(cy_height_timers_take(&timers, 10, &out));
    assert_int_equal(out.height, 1);
    assert_false(cy_height_timers_take(&timers, 19, &out));
    assert_true(cy_height_timers_take(&timers, 30, &out));
    assert_true(cy_height_timers_take(&timers, 30, &out));
    assert_false(cy_height_timers_take(&timers, 30, &out));
}

static void the_oldest_height_gives_way(void **s)
{
    struct cy_height_timers timers = {.n = 0};
    struct cy_height_timer out;
    uint64_t sum = 0;

    (void)s;
    for (uint64_t i = 0; i < CY_HEIGHT_TIMERS_MAX; i++)
        cy_height_timers_put(&timers, &(struct cy_height_timer){.due_us = 5, .height = 100 - i});
    cy_height_timers_put(&timers, &(struct cy_height_timer){.due_us = 5, .height = 200});
    assert_int_equal(timers.n, CY_HEIGHT_TIMERS_MAX);
    while (cy_height_timers_take(&timers, 5, &out)) {
        assert_int_not_equal(out.height, 101 - CY_HEIGHT_TIMERS_MAX);
        sum += out.height == 200;
    }
    assert_int_equal(sum, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(due_ones_come_out_once),
        cmocka_unit_test(the_oldest_height_gives_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

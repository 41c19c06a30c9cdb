/* alliance: founding and the life of a member. */
#include "rig.h"

#include "institutions/roster.h"

static void nothing(void **state)
{
    (void)state;
    assert_int_equal(cy_roster_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

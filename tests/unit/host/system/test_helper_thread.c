/* helper_thread: two halves of a sum are there when cy_both returns, thousands of times over. */
#include "rig.h"

#include "host/system/helper_thread.h"

struct half {
    const uint32_t *from;
    size_t n;
    uint64_t sum;
};

static void add_up(void *with)
{
    struct half *half = with;

    half->sum = 0;
    for (size_t i = 0; i < half->n; i++)
        half->sum += half->from[i];
}

static void both_halves(const struct cy_helper *helper, unsigned rounds)
{
    static uint32_t numbers[2000];
    uint64_t want = 0;

    for (unsigned i = 0; i < CY_COUNT(numbers); i++) {
        numbers[i] = i * i;
        want += numbers[i];
    }
    for (unsigned round = 0; round < rounds; round++) {
        const size_t cut = round % CY_COUNT(numbers);
        struct half first = {.from = numbers, .n = cut};
        struct half second = {.from = numbers + cut, .n = CY_COUNT(numbers) - cut};

        cy_both(helper, add_up, &first, add_up, &second);
        assert_int_equal(first.sum + second.sum, want);
    }
}

static void with_a_thread_and_without(void **state)
{
    struct cy_helper_thread *thread = NULL;

    (void)state;
    both_halves(NULL, 100);
    assert_ok(cy_helper_thread_start(&thread));
    both_halves(cy_helper_thread_lend(thread), 5000);
    cy_helper_thread_stop(thread);
    cy_helper_thread_stop(NULL);
    assert_null(cy_helper_thread_lend(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(with_a_thread_and_without)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

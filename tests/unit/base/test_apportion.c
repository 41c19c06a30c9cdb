/* apportion: sums, order, carrying, and who gains by splitting: by brute force (M045, M046). */
#include "base/apportion.h"

#include "cm.h"

enum { MOST = 8 };

static uint64_t state = 7;

static uint64_t draw(uint64_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

static struct cy_portion portion(unsigned id, uint64_t weight)
{
    return (struct cy_portion){.who.b[31] = (uint8_t)id, .weight = weight};
}

static cy_u128 sum_of(const struct cy_portion *p, unsigned n)
{
    cy_u128 sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += p[i].part;
    return sum;
}

static unsigned some_portions(struct cy_portion *p, uint64_t most)
{
    const unsigned n = 1 + (unsigned)draw(MOST);

    for (unsigned i = 0; i < n; i++)
        p[i] = portion(i, draw(4) == 0 ? 0 : draw(most));
    p[draw(n)].weight = 1 + draw(most);
    return n;
}

static void known_cases(void **s)
{
    struct cy_portion p[3] = {portion(0, 47000), portion(1, 16000), portion(2, 15900)};

    (void)s;
    /* by hand: 100 * w / 78900 = 59.57, 20.28, 20.15 */
    assert_ok(cy_apportion(CY_APPORTION_REMAINDER, 100, p, 3));
    assert_true(p[0].part == 60 && p[1].part == 20 && p[2].part == 20);
    assert_true(p[0].rounded && !p[1].rounded && !p[2].rounded);
    p[0] = portion(0, 6);
    p[1] = portion(1, 3);
    p[2] = portion(2, 1);
    assert_ok(cy_apportion(CY_APPORTION_AVERAGE, 5, p, 3));
    assert_true(p[0].part == 4 && p[1].part == 1 && p[2].part == 0); /* 6, 3 3, 2, 1.5, 1 */
}

static void refusals(void **s)
{
    struct cy_portion p[2] = {portion(0, 0), portion(1, 0)};

    (void)s;
    assert_code(cy_apportion(CY_APPORTION_REMAINDER, 5, p, 2), RANGE);
    assert_code(cy_apportion(CY_APPORTION_REMAINDER, 5, p, 0), RANGE);
    assert_code(cy_apportion(CY_APPORTION_AVERAGE, 5, p, CY_PORTIONS_MAX + 1), RANGE);
    p[0].weight = p[1].weight = UINT64_MAX;
    assert_code(cy_apportion(CY_APPORTION_AVERAGE, 5, p, 2), OVERFLOW);
    p[1].weight = 0;
    assert_ok(cy_apportion(CY_APPORTION_AVERAGE, 5, p, 2));
    assert_true(p[0].part == 5 && p[1].part == 0);
}

/* The largest amounts and weights: still exact, and proportional to within one unit. */
static void wide_numbers(void **s)
{
    const cy_u128 most = ~(cy_u128)0;

    (void)s;
    for (unsigned rule = CY_APPORTION_REMAINDER; rule <= CY_APPORTION_AVERAGE; rule++) {
        struct cy_portion p[3] = {portion(0, UINT64_MAX / 3), portion(1, UINT64_MAX / 3),
                                  portion(2, UINT64_MAX / 3)};

        assert_ok(cy_apportion(rule, most, p, 3));
        assert_true(sum_of(p, 3) == most);
        for (unsigned i = 0; i < 3; i++)
            assert_true(p[i].part == most / 3); /* 2^128 - 1 is a multiple of 3 */
        p[0].weight--;
        p[0].behind = p[0].ahead = p[1].behind = p[1].ahead = p[2].behind = p[2].ahead = 0;
        assert_ok(cy_apportion(rule, most, p, 3));
        assert_true(sum_of(p, 3) == most);
        assert_true(p[0].part < p[1].part);
    }
}

/* Exact sums; nobody without weight gets a unit; within one unit of the exact part under largest
 * remainder, never below the whole part under either; the order of the list changes nothing. */
static void exact_and_blind_to_order(void **s)
{
    (void)s;
    for (unsigned k = 0; k < 20000; k++) {
        const unsigned rule = 1 + k % 2;
        struct cy_portion p[MOST], back[MOST];
        const uint64_t most = k % 3 == 0 ? 4 : 1000;
        const unsigned n = some_portions(p, most);
        const cy_u128 total = draw(3 * most);
        uint64_t weight = 0;

        for (unsigned i = 0; i < n; i++) {
            back[n - 1 - i] = p[i];
            weight += p[i].weight;
        }
        assert_ok(cy_apportion(rule, total, p, n));
        assert_ok(cy_apportion(rule, total, back, n));
        assert_true(sum_of(p, n) == total);
        for (unsigned i = 0; i < n; i++) {
            const cy_u128 exact = total * p[i].weight;

            assert_true(p[i].part == back[n - 1 - i].part);
            assert_true(p[i].part >= exact / weight);
            assert_true(p[i].weight > 0 || p[i].part == 0);
            if (rule == CY_APPORTION_REMAINDER)
                assert_true(p[i].part * weight < exact + weight);
        }
    }
}

/* A party that splits its weight: never gains under highest average, at most a unit for each of its
 * parts under largest remainder. That it can gain there is shown too: the claim is not empty. */
static void splitting(void **s)
{
    unsigned gained = 0;

    (void)s;
    for (unsigned k = 0; k < 40000; k++) {
        const unsigned rule = 1 + k % 2;
        struct cy_portion p[MOST], split[MOST + 1];
        const unsigned n = some_portions(p, 12);
        const cy_u128 total = draw(30);
        const unsigned who = (unsigned)draw(n);
        cy_u128 after = 0;

        for (unsigned i = 0; i < n; i++)
            split[i] = p[i];
        split[n] = portion((unsigned)draw(2) == 0 ? 200 : 0, draw(p[who].weight + 1));
        split[n].who.b[0] = (uint8_t)(draw(2) * 255); /* sorts first or last in ties */
        split[n].who.b[1] = 1;
        split[who].weight -= split[n].weight;
        assert_ok(cy_apportion(rule, total, p, n));
        assert_ok(cy_apportion(rule, total, split, n + 1));
        after = split[who].part + split[n].part;
        if (rule == CY_APPORTION_AVERAGE)
            assert_true(after <= p[who].part);
        else
            assert_true(after <= p[who].part + 2);
        gained += after > p[who].part;
    }
    assert_true(gained > 0);
    print_message("largest remainder: %u of 20000 splits gained a unit\n", gained);
}

/* Highest average: a larger total takes nothing from anybody. */
static void monotone(void **s)
{
    (void)s;
    for (unsigned k = 0; k < 300; k++) {
        struct cy_portion p[MOST], next[MOST];
        const unsigned n = some_portions(p, 20);

        memcpy(next, p, sizeof p);
        assert_ok(cy_apportion(CY_APPORTION_AVERAGE, 0, p, n));
        for (unsigned total = 1; total < 60; total++) {
            assert_ok(cy_apportion(CY_APPORTION_AVERAGE, total, next, n));
            for (unsigned i = 0; i < n; i++)
                assert_true(next[i].part >= p[i].part);
            memcpy(p, next, sizeof p);
        }
    }
}

/* Largest remainder with what is carried: units shared out in any number of steps come to within
 * two units of the exact part, however long it goes on; without carrying one party would take all.
 */
static void carried(void **s)
{
    (void)s;
    for (unsigned k = 0; k < 200; k++) {
        struct cy_portion p[MOST];
        cy_u128 had[MOST] = {0};
        const unsigned n = some_portions(p, 9);
        uint64_t weight = 0;
        cy_u128 total = 0;

        for (unsigned i = 0; i < n; i++)
            weight += p[i].weight;
        for (unsigned step = 0; step < 400; step++) {
            const cy_u128 amount = 1 + draw(k % 2 == 0 ? 1 : 5);
            cy_u128 behind = 0, ahead = 0;

            assert_ok(cy_apportion(CY_APPORTION_REMAINDER, amount, p, n));
            assert_true(sum_of(p, n) == amount);
            total += amount;
            for (unsigned i = 0; i < n; i++) {
                had[i] += p[i].part;
                behind += p[i].behind;
                ahead += p[i].ahead;
                assert_true(p[i].behind == 0 || p[i].ahead == 0);
                assert_true(had[i] * weight < total * p[i].weight + 2 * weight);
                assert_true(had[i] * weight + 2 * weight > total * p[i].weight);
                /* the books of the carry are exact */
                assert_true(had[i] * weight + p[i].behind == total * p[i].weight + p[i].ahead);
            }
            assert_true(behind == ahead);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cases),  cmocka_unit_test(refusals),
        cmocka_unit_test(wide_numbers), cmocka_unit_test(exact_and_blind_to_order),
        cmocka_unit_test(splitting),    cmocka_unit_test(monotone),
        cmocka_unit_test(carried)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

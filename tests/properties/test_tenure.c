/* alliance_view: the fold of membership events against a plain model (M001, M006).
 *
 * The model asks, for each party on its own, which of its events counts: it looks at all of them,
 * keeps those in force and known, orders them by date and number, and replays them one by one. */
#include "cm.h"

#include "gen.h"

#include "institutions/alliance/alliance_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENTS 200
#define PARTIES 12
#define CASES 2000

static struct gen gen;

static uint64_t next(void)
{
    return gen_bits(&gen);
}

struct model {
    bool belongs, suspended;
    uint8_t level;
    cy_date since;
};

static int by_date(const void *a, const void *b)
{
    const struct cy_tenure *const *x = a, *const *y = b;

    if ((*x)->effective != (*y)->effective)
        return (*x)->effective < (*y)->effective ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* the number is the place in the array */
}

static struct model replay(const struct cy_tenure *events, size_t n, uint32_t ordinal,
                           const struct cy_as_of *as_of)
{
    const struct cy_tenure *mine[EVENTS];
    struct model m = {.belongs = false};
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        if (events[i].ordinal == ordinal && events[i].effective <= as_of->day &&
            events[i].recorded <= as_of->known_at)
            mine[count++] = &events[i];
    }
    qsort(mine, count, sizeof *mine, by_date);
    for (size_t i = 0; i < count; i++) {
        m.level = mine[i]->level;
        switch (mine[i]->event) {
        case CY_membership_FOUND:
        case CY_membership_JOIN:
            m.belongs = true;
            m.suspended = false;
            m.since = mine[i]->effective;
            break;
        case CY_membership_EXIT:
        case CY_membership_EXPEL: m.belongs = m.suspended = false; break;
        case CY_membership_SUSPEND: m.belongs = m.suspended = true; break;
        case CY_membership_RESUME:
            m.belongs = true;
            m.suspended = false;
            break;
        default: break;
        }
    }
    return m;
}

static struct cy_tenure any_event(size_t i)
{
    return (struct cy_tenure){.recorded = 1000 + i / 4, /* in batches, as ticks come */
                              .ordinal = 1 + (uint32_t)(next() % PARTIES),
                              .effective = 700000 + (cy_date)(next() % 40),
                              .event = (uint8_t)(1 + next() % 7),
                              .level = (uint8_t)(1 + next() % 3)};
}

static void fold_is_the_replay(void **state)
{
    static struct cy_tenure events[EVENTS];
    struct cy_standing standing[PARTIES];
    unsigned members = 0, others = 0;

    (void)state;
    for (unsigned c = 0; c < CASES; c++) {
        const size_t n = next() % EVENTS;
        const struct cy_as_of as_of = {699995 + (cy_date)(next() % 50),
                                       next() % 4 == 0 ? UINT64_MAX : 995 + next() % 60};

        for (size_t i = 0; i < n; i++)
            events[i] = any_event(i);
        cy_tenure_fold(events, n, &as_of, PARTIES, standing);
        for (uint32_t p = 0; p < PARTIES; p++) {
            const struct model m = replay(events, n, p + 1, &as_of);

            assert_int_equal(cy_standing_belongs(&standing[p]), m.belongs);
            assert_int_equal(cy_standing_suspended(&standing[p]), m.suspended);
            assert_int_equal(standing[p].level, m.level);
            assert_int_equal(standing[p].since, m.since);
            members += m.belongs;
            others += !m.belongs;
        }
    }
    assert_true(members > CASES); /* both answers are really asked for */
    assert_true(others > CASES);
}

/* Prints how long a million events take; judges only the answer. */
static void a_million(void **state)
{
    const size_t n = 1000000;
    const uint32_t n_parties = 50000;
    struct cy_tenure *events = malloc(n * sizeof *events);
    struct cy_standing *standing = malloc(n_parties * sizeof *standing);
    const struct cy_as_of as_of = {700020, UINT64_MAX};
    struct timespec a, b;
    long best = 1000000000;
    unsigned members = 0, expected = 0;
    cy_date last[50000] = {0};
    uint8_t event[50000] = {0};

    (void)state;
    for (size_t i = 0; i < n; i++) {
        events[i] = any_event(i);
        events[i].ordinal = 1 + (uint32_t)(next() % n_parties);
        if (events[i].effective <= as_of.day && events[i].event != CY_membership_LEVEL &&
            events[i].effective >= last[events[i].ordinal - 1]) {
            last[events[i].ordinal - 1] = events[i].effective;
            event[events[i].ordinal - 1] = events[i].event;
        }
    }
    for (unsigned i = 0; i < 5; i++) {
        long us = 0;

        clock_gettime(CLOCK_MONOTONIC, &a);
        cy_tenure_fold(events, n, &as_of, n_parties, standing);
        clock_gettime(CLOCK_MONOTONIC, &b);
        us = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
        best = us < best ? us : best;
    }
    for (uint32_t p = 0; p < n_parties; p++) {
        members += cy_standing_belongs(&standing[p]);
        expected +=
            event[p] != 0 && event[p] != CY_membership_EXIT && event[p] != CY_membership_EXPEL;
    }
    assert_int_equal(members, expected);
    print_message("1,000,000 events of 50,000 parties: %ld us, best of 5\n", best);
    free(events);
    free(standing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold_is_the_replay),
        cmocka_unit_test(a_million),
    };

    gen = gen_on(20261120, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

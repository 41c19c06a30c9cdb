/* tenure_book: whatever happened since it was last asked, the book answers as the world does. */
#include "unit/institutions/alliance/league.h"

#include "host/routes/tenure_book.h"

enum { ALLIANCES = 300 };

static uint64_t seed = 5;

static unsigned draw(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((seed >> 33) % n);
}

static void same(struct cy_tenure_book *book, const struct cy_world *world,
                 const struct cy_id *alliance, const struct cy_as_of *as_of)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_listed *want = NULL, *got = NULL;
    size_t n_want = 0, n_got = 0;

    assert_ok(cy_alliance_list(world, alliance, as_of, &arena, &want, &n_want));
    assert_ok(cy_tenure_book_list(book, world, alliance, as_of, &arena, &got, &n_got));
    assert_int_equal(n_got, n_want);
    for (size_t i = 0; i < n_got; i++) {
        assert_memory_equal(&got[i].party, &want[i].party, 32);
        assert_int_equal(got[i].ordinal, want[i].ordinal);
        assert_int_equal(got[i].level, want[i].level);
        assert_int_equal(got[i].since, want[i].since);
        assert_int_equal(got[i].suspended, want[i].suspended);
        assert_int_equal(got[i].bloc, want[i].bloc);
    }
}

static void answers_as_the_world_does(void **state)
{
    struct rig *rig = league_new();
    const struct cy_world *world = &rig->engine.world;
    struct cy_tenure_book *book = cy_tenure_book_new();
    static struct cy_id alliance[ALLIANCES];
    const struct cy_id nobody = {{9}};
    static _Alignas(16) uint8_t memory[1 << 16];
    struct cy_arena arena = cy_arena_on(memory, sizeof memory);
    struct cy_listed *list = NULL;
    size_t n = 0;

    (void)state;
    for (unsigned i = 0; i < ALLIANCES; i++) {
        char code[16];

        snprintf(code, sizeof code, "L%u", i);
        alliance[i] = league_found(rig, 1 + i % LEAGUE_PARTIES, code, NULL, 0);
        for (unsigned event = draw(12); event > 0; event--) {
            const struct cy_id *some = &alliance[draw(i + 1)];
            const unsigned party = 1 + draw(LEAGUE_PARTIES);

            rig_tick(rig, draw(3) * 43200000u);
            if (draw(3) > 0) /* who is in already is refused, and so on: nothing then */
                (void)!cy_ok(RIG_DO(rig, party, alliance_join, .alliance = *some,
                                    .level = (uint8_t)(1 + draw(3))));
            else
                (void)!cy_ok(RIG_DO(rig, party, alliance_leave, .alliance = *some));
        }
        if (draw(4) == 0) {
            const struct cy_as_of as_of = {cy_time_date(rig->now) - draw(20),
                                           draw(2) == 0 ? UINT64_MAX : rig->now};

            same(book, world, &alliance[draw(i + 1)], &as_of);
        }
    }
    for (unsigned i = 0; i < ALLIANCES; i++)
        same(book, world, &alliance[i], &(struct cy_as_of){cy_time_date(rig->now), UINT64_MAX});
    assert_true(cy_world_count(world, CY_R_member_event) > 2 * ALLIANCES);
    assert_code(
        cy_tenure_book_list(book, world, &nobody, &(struct cy_as_of){1, 1}, &arena, &list, &n),
        NO_ALLIANCE);
    same(NULL, world, &alliance[0], &(struct cy_as_of){cy_time_date(rig->now), UINT64_MAX});
    cy_tenure_book_free(book);
    cy_tenure_book_free(NULL);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_as_the_world_does)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

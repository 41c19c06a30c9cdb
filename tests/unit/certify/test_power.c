/* Counts of power: held to every coalition and every order of small votes, to published values, and
 * to the recount by another method. */
#include "cm.h"

#include "certify/power.h"
#include "certify/power_check.h"

#include <gmp.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    struct cy_power_game game;
    uint64_t *swings;
    uint64_t *orders;
};

static uint64_t dice_;

static uint32_t draw(uint32_t below)
{
    dice_ = dice_ * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((dice_ >> 33) % below);
}

static void count(const uint32_t *weights, size_t n, uint32_t quota, struct counts *out)
{
    uint64_t *room = NULL;

    assert_ok(cy_power_begin(weights, n, quota, &out->game));
    room = malloc((out->game.banzhaf_room + out->game.shapley_room) * sizeof *room);
    out->swings = malloc(n * out->game.words * sizeof *room);
    out->orders = malloc(n * out->game.order_words * sizeof *room);
    assert_true(room != NULL && out->swings != NULL && out->orders != NULL);
    cy_power_banzhaf(&out->game, room, out->swings);
    cy_power_shapley(&out->game, room, out->orders);
    free(room);
}

static void release(struct counts *c)
{
    free(c->swings);
    free(c->orders);
}

static bool holds(const struct counts *c, size_t *member)
{
    const struct cy_power_claim claim = {.weights = c->game.weights,
                                         .n = c->game.n,
                                         .quota = c->game.quota,
                                         .swings = c->swings,
                                         .swing_words = c->game.words,
                                         .orders = c->orders,
                                         .order_words = c->game.order_words};
    uint64_t *room = malloc(cy_power_check_room(c->game.n, c->game.quota) * sizeof *room);
    bool good = false;

    assert_non_null(room);
    good = cy_power_check(&claim, room, member);
    free(room);
    return good;
}

/* --- every coalition of a small vote --- */

static uint64_t factorial(size_t n)
{
    return n < 2 ? 1 : n * factorial(n - 1);
}

static void by_hand(const struct cy_power_game *game, uint64_t *swings, uint64_t *orders)
{
    memset(swings, 0, game->n * sizeof *swings);
    memset(orders, 0, game->n * sizeof *orders);
    for (uint32_t set = 0; set < 1u << game->n; set++) {
        uint64_t weight = 0;
        size_t size = 0;

        for (size_t i = 0; i < game->n; i++) {
            weight += (set >> i & 1) != 0 ? game->weights[i] : 0;
            size += set >> i & 1;
        }
        for (size_t i = 0; i < game->n; i++) {
            if ((set >> i & 1) == 0 && weight < game->quota &&
                weight + game->weights[i] >= game->quota) {
                swings[i]++;
                orders[i] += factorial(size) * factorial(game->n - 1 - size);
            }
        }
    }
}

static void small_votes_as_by_hand(void **state)
{
    (void)state;
    dice_ = 7;
    for (int round = 0; round < 400; round++) {
        const size_t n = 1 + draw(12);
        const uint32_t most = 1 + draw(round % 2 == 0 ? 6 : 300);
        uint32_t weights[12];
        uint32_t total = 0;
        uint64_t swings[12];
        uint64_t orders[12];
        struct counts c;
        size_t member = 0;

        for (size_t i = 0; i < n; i++) {
            weights[i] = draw(most + 1);
            total += weights[i];
        }
        if (total == 0)
            continue;
        count(weights, n, 1 + draw(total), &c);
        by_hand(&c.game, swings, orders);
        assert_int_equal(c.game.words, 1);
        assert_int_equal(c.game.order_words, 1);
        assert_memory_equal(c.swings, swings, n * sizeof *swings);
        assert_memory_equal(c.orders, orders, n * sizeof *orders);
        assert_true(holds(&c, &member));
        release(&c);
    }
}

/* --- the recount --- */

static void recount_sees_each_wrong_number(void **state)
{
    static const uint32_t weights[] = {9, 9, 7, 3, 1, 0, 1};
    const size_t n = CY_COUNT(weights);
    struct counts c;
    size_t member = 0;

    (void)state;
    count(weights, n, 17, &c);
    assert_true(holds(&c, &member));
    assert_int_equal(member, n);
    for (size_t i = 0; i < n; i++) {
        c.swings[i]++;
        assert_false(holds(&c, &member));
        assert_int_equal(member, i);
        c.swings[i]--;
        c.orders[i] ^= 4;
        assert_false(holds(&c, &member));
        assert_int_equal(member, i);
        c.orders[i] ^= 4;
    }
    /* wrong by the prime of the recount: only the exact sum shows it */
    c.orders[0] += (UINT64_C(1) << 61) - 1;
    assert_false(holds(&c, &member));
    assert_int_equal(member, n);
    release(&c);
}

/* --- large votes --- */

static void a_vote_of_190(void **state)
{
    static uint32_t weights[190];
    uint32_t total = 0;
    struct counts c;
    size_t member = 0;
    mp_limb_t *sum = NULL;
    uint64_t *all = NULL;

    (void)state;
    dice_ = 190;
    for (size_t i = 0; i < 190; i++) {
        weights[i] = 1 + draw(20);
        total += weights[i];
    }
    weights[0] = total / 4;
    total += total / 4 - 1;
    count(weights, 190, total / 2 + 1, &c);
    assert_true(holds(&c, &member));
    sum = calloc(c.game.order_words, sizeof *sum);
    all = malloc(c.game.order_words * sizeof *all);
    assert_true(sum != NULL && all != NULL);
    for (size_t i = 0; i < 190; i++)
        (void)mpn_add_n(sum, sum, c.orders + i * c.game.order_words, c.game.order_words);
    cy_power_factorial(190, c.game.order_words, all);
    assert_memory_equal(sum, all, c.game.order_words * sizeof *sum);
    for (size_t i = 1; i < 190; i++) { /* who weighs more never decides less */
        for (size_t k = 1; k < i; k += 7) {
            const int by_weight = (weights[i] > weights[k]) - (weights[i] < weights[k]);
            const int by_power =
                mpn_cmp(c.swings + i * c.game.words, c.swings + k * c.game.words, c.game.words);

            assert_true(by_weight == 0 ? by_power == 0 : by_power * by_weight >= 0);
        }
    }
    free(sum);
    free(all);
    release(&c);
}

static void a_game_and_its_dual_agree(void **state)
{
    static const uint32_t weights[] = {30, 21, 21, 8, 8, 5, 1, 1, 1, 64};
    struct counts a;
    struct counts b;

    (void)state;
    count(weights, CY_COUNT(weights), 50, &a);
    count(weights, CY_COUNT(weights), 160 - 50 + 1, &b);
    assert_memory_equal(a.swings, b.swings, CY_COUNT(weights) * sizeof *a.swings);
    assert_memory_equal(a.orders, b.orders, CY_COUNT(weights) * sizeof *a.orders);
    release(&a);
    release(&b);
}

/* --- published values --- */

static void same_fraction(const char *want, const uint64_t *top, size_t words,
                          const uint64_t *bottom, size_t bottom_words)
{
    mpz_t a;
    mpz_t b;
    mpq_t have;
    mpq_t expected;

    mpq_inits(have, expected, NULL);
    mpq_set_num(have, mpz_roinit_n(a, top, (mp_size_t)words));
    mpq_set_den(have, mpz_roinit_n(b, bottom, (mp_size_t)bottom_words));
    mpq_canonicalize(have);
    assert_int_equal(mpq_set_str(expected, want, 10), 0);
    assert_true(mpq_equal(have, expected));
    mpq_clears(have, expected, NULL);
}

static void published_values(void **state)
{
    json_t *file = json_load_file(CY_SHARED "/vectors/power/power_indices.json", 0, NULL);
    json_t *game = NULL;
    size_t at = 0;

    (void)state;
    if (file == NULL)
        skip();
    assert_int_equal(json_array_size(json_object_get(file, "games")), 2);
    json_array_foreach(json_object_get(file, "games"), at, game)
    {
        const json_t *list = json_object_get(game, "weights");
        const size_t n = json_array_size(list);
        const uint64_t all = (uint64_t)json_integer_value(json_object_get(game, "total_swings"));
        uint32_t weights[64];
        uint64_t factorial_n[8];
        uint64_t sum = 0;
        struct counts c;

        for (size_t i = 0; i < n; i++)
            weights[i] = (uint32_t)json_integer_value(json_array_get(list, i));
        count(weights, n, (uint32_t)json_integer_value(json_object_get(game, "quota")), &c);
        cy_power_factorial(n, c.game.order_words, factorial_n);
        for (size_t i = 0; i < n; i++) {
            json_t *class = NULL;
            size_t k = 0;

            sum += c.swings[i];
            json_array_foreach(json_object_get(game, "classes"), k, class)
            {
                if (json_integer_value(json_object_get(class, "weight")) != weights[i])
                    continue;
                assert_int_equal(c.swings[i], json_integer_value(json_object_get(class, "swings")));
                same_fraction(json_string_value(json_object_get(class, "banzhaf")), &c.swings[i], 1,
                              &all, 1);
                same_fraction(json_string_value(json_object_get(class, "shapley_shubik")),
                              c.orders + i * c.game.order_words, c.game.order_words, factorial_n,
                              c.game.order_words);
            }
        }
        assert_int_equal(sum, all);
        release(&c);
    }
    json_decref(file);
}

/* --- refusals --- */

static void refused(void **state)
{
    static uint32_t weights[CY_POWER_MEMBERS_MAX + 1] = {CY_POWER_TOTAL_MAX, 1};
    struct cy_power_game game;

    (void)state;
    assert_code(cy_power_begin(weights, 0, 1, &game), RANGE);
    assert_code(cy_power_begin(weights, CY_POWER_MEMBERS_MAX + 1, 1, &game), RANGE);
    assert_code(cy_power_begin(weights, 2, 1, &game), RANGE);
    assert_int_equal(cy_power_begin(weights, 2, 1, &game).detail, 2);
    assert_code(cy_power_begin(weights, 1, 0, &game), RANGE);
    assert_code(cy_power_begin(weights, 1, CY_POWER_TOTAL_MAX + 1, &game), RANGE);
    assert_ok(cy_power_begin(weights, 1, CY_POWER_TOTAL_MAX, &game));
    assert_code(cy_power_begin(weights + 2, 3, 1, &game), RANGE); /* all weights 0 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_votes_as_by_hand), cmocka_unit_test(recount_sees_each_wrong_number),
        cmocka_unit_test(a_vote_of_190),          cmocka_unit_test(a_game_and_its_dual_agree),
        cmocka_unit_test(published_values),       cmocka_unit_test(refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

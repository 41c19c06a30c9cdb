/* way: the fewest realms, then the least ids, over bridges that both sides have open; held to a
 * search of every way there is (M082, M105). */
#include "cm.h"

#include "kernel/way.h"
#include "sim/sim_dice.h"

static struct cy_id realm(uint8_t n)
{
    return (struct cy_id){{n}};
}

struct net {
    struct cy_way_side sides[128];
    size_t n;
};

static void one_side(struct net *net, uint8_t a, uint8_t b)
{
    net->sides[net->n++] = (struct cy_way_side){.realm = realm(a), .other = realm(b), .open = true};
}

static void bridge(struct net *net, uint8_t a, uint8_t b)
{
    one_side(net, a, b);
    one_side(net, b, a);
}

static cy_err find(const struct net *net, uint8_t from, uint8_t to, uint64_t amount, char *out)
{
    const struct cy_id a = realm(from);
    const struct cy_id b = realm(to);
    struct cy_id way[CY_WAY_MAX];
    uint32_t n = 0;
    const cy_err err = cy_way_find(net->sides, net->n, &a, &b, amount, way, &n);

    out[0] = 0;
    for (uint32_t i = 0; cy_ok(err) && i < n; i++) {
        out[i] = (char)('a' + way[i].b[0]);
        out[i + 1] = 0;
    }
    return err;
}

static void the_shortest_then_the_least(void **state)
{
    struct net net = {.n = 0};
    char way[16];

    (void)state;
    bridge(&net, 0, 3);
    bridge(&net, 3, 9);
    bridge(&net, 0, 2);
    bridge(&net, 2, 9);
    bridge(&net, 0, 1);
    bridge(&net, 1, 4);
    bridge(&net, 4, 9);
    assert_ok(find(&net, 0, 9, 0, way));
    assert_string_equal(way, "acj");
    assert_ok(find(&net, 9, 1, 0, way));
    assert_string_equal(way, "jeb");
    assert_code(find(&net, 0, 7, 0, way), NO_ROUTE);
    assert_code(find(&net, 0, 0, 0, way), EXISTS);
}

static void both_sides_must_be_open(void **state)
{
    struct net net = {.n = 0};
    char way[16];

    (void)state;
    one_side(&net, 0, 1);
    assert_code(find(&net, 0, 1, 0, way), NO_ROUTE);
    one_side(&net, 1, 0);
    assert_ok(find(&net, 0, 1, 0, way));
    net.sides[1].open = false;
    assert_code(find(&net, 0, 1, 0, way), NO_ROUTE);
}

static void what_is_left_in_the_window_bounds_the_amount(void **state)
{
    struct net net = {.n = 0};
    char way[16];

    (void)state;
    bridge(&net, 0, 1);
    bridge(&net, 0, 2);
    bridge(&net, 2, 1);
    net.sides[1].limited = true;
    net.sides[1].left = 10;
    assert_ok(find(&net, 0, 1, 10, way));
    assert_string_equal(way, "ab");
    assert_ok(find(&net, 0, 1, 11, way));
    assert_string_equal(way, "acb");
}

static void a_way_has_at_most_four_realms_between(void **state)
{
    struct net net = {.n = 0};
    char way[16];

    (void)state;
    for (uint8_t i = 0; i < 7; i++)
        bridge(&net, i, (uint8_t)(i + 1));
    assert_ok(find(&net, 0, 5, 0, way));
    assert_string_equal(way, "abcdef");
    assert_code(find(&net, 0, 6, 0, way), NO_ROUTE);
}

/* Every way, one after the other. */
static void search(bool open[8][8], uint8_t to, char *way, unsigned n, char *best)
{
    const uint8_t at = (uint8_t)(way[n - 1] - 'a');

    if (at == to) {
        if (best[0] == 0 || n < strlen(best) || (n == strlen(best) && strcmp(way, best) < 0))
            memcpy(best, way, n + 1);
        return;
    }
    for (uint8_t next = 0; n < CY_WAY_MAX && next < 8; next++) {
        if (!open[at][next] || memchr(way, 'a' + next, n) != NULL)
            continue;
        way[n] = (char)('a' + next);
        way[n + 1] = 0;
        search(open, to, way, n + 1, best);
    }
    way[n] = 0;
}

static void it_finds_what_a_search_of_all_ways_finds(void **state)
{
    struct cy_sim_dice dice = {7};
    unsigned found = 0;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        bool open[8][8] = {{false}};
        struct net net = {.n = 0};
        char way[16];
        char best[16] = "";
        char tried[16] = "a";

        for (uint8_t a = 0; a < 8; a++) {
            for (uint8_t b = (uint8_t)(a + 1); b < 8; b++) {
                if (!cy_sim_one_in(&dice, 4))
                    continue;
                bridge(&net, a, b);
                net.sides[net.n - 1].open = !cy_sim_one_in(&dice, 8);
                open[a][b] = open[b][a] = net.sides[net.n - 1].open;
            }
        }
        search(open, 7, tried, 1, best);
        if (best[0] == 0) {
            assert_code(find(&net, 0, 7, 0, way), NO_ROUTE);
            continue;
        }
        assert_ok(find(&net, 0, 7, 0, way));
        assert_string_equal(way, best);
        found++;
    }
    assert_true(found > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shortest_then_the_least),
        cmocka_unit_test(both_sides_must_be_open),
        cmocka_unit_test(what_is_left_in_the_window_bounds_the_amount),
        cmocka_unit_test(a_way_has_at_most_four_realms_between),
        cmocka_unit_test(it_finds_what_a_search_of_all_ways_finds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

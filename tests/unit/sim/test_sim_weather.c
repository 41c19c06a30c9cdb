/* sim_weather: what a move does to links, and that its end undoes it. */
#include "sim/sim_weather.h"

#include "cm.h"

#define NODES 4u

static void every_move_ends(void **s)
{
    const struct cy_sim_move moves[] = {
        {0, CY_SIM_PART,   {100, 0x5}       },
        {0, CY_SIM_LOSE,   {100, 300}       },
        {0, CY_SIM_TWICE,  {100, 200}       },
        {0, CY_SIM_LAG,    {2, 100, 50, 70} },
        {0, CY_SIM_NARROW, {2, 100, 30}     },
        {0, CY_SIM_LOSE,   {100, UINT64_MAX}},
    };

    (void)s;
    for (unsigned i = 0; i < CY_COUNT(moves); i++) {
        struct cy_sim_net *net = cy_sim_net_new(&(struct cy_sim_net_options){
            .seed = 1, .nodes = NODES, .packets_max = 10, .bytes_max = 1000});
        const bool all = cy_sim_weather_of_all(moves[i].kind);
        struct cy_sim_link calm = *cy_sim_net_link(net, 0, 1);
        struct cy_sim_link link;

        assert_true(cy_sim_weather_is(moves[i].kind));
        cy_sim_weather_begin(net, NODES, &moves[i]);
        link = *cy_sim_net_link(net, 2, 1);
        assert_memory_not_equal(&link, &calm, sizeof link);
        assert_memory_equal(cy_sim_net_link(net, 1, 2), &link, sizeof link);
        assert_int_equal(memcmp(cy_sim_net_link(net, 0, 1), &calm, sizeof calm) != 0,
                         all); /* the links of others stay as they are */
        assert_true(link.loss < 1000);
        cy_sim_weather_end(net, NODES, moves[i].kind, 2);
        for (uint32_t l = 0; l < NODES * NODES; l++)
            assert_memory_equal(cy_sim_net_link(net, l / NODES, l % NODES), &calm, sizeof calm);
        cy_sim_net_free(net);
    }
    assert_false(cy_sim_weather_is(CY_SIM_KILL));
    assert_false(cy_sim_weather_is(CY_SIM_TURN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_move_ends)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* sim_net, sim_watch: packets arrive when and as the links say, and again so from the same seed. */
#include "sim/sim_clock.h"
#include "sim/sim_net.h"

#include "cm.h"

#include "crypto/hash.h"

static struct cy_sim_net *fresh(uint64_t seed)
{
    const struct cy_sim_net_options options = {
        .seed = seed, .nodes = 4, .packets_max = 100, .bytes_max = 5000};
    struct cy_sim_net *net = cy_sim_net_new(&options);

    assert_non_null(net);
    return net;
}

static void send_number(struct cy_sim_net *net, uint32_t from, uint32_t to, uint32_t number)
{
    uint8_t bytes[4];

    cy_put_u32be(bytes, number);
    cy_sim_net_send(net, from, to, cy_span_of(bytes, sizeof bytes));
}

static void a_packet_arrives_once_and_whole(void **s)
{
    struct cy_sim_net *net = fresh(1);
    struct cy_sim_event event;

    (void)s;
    assert_true(cy_sim_net_idle(net));
    send_number(net, 1, 2, 0xabcdef01);
    assert_false(cy_sim_net_idle(net));
    assert_true(cy_sim_net_next(net, 100, &event));
    assert_true(event.is_packet);
    assert_int_equal(event.from, 1);
    assert_int_equal(event.node, 2);
    assert_int_equal(event.packet.n, 4);
    assert_int_equal(cy_get_u32be(event.packet.at), 0xabcdef01);
    assert_in_range(event.at, 1, 10);
    assert_int_equal(cy_sim_net_now(net), event.at);
    assert_false(cy_sim_net_next(net, 100, &event));
    assert_int_equal(cy_sim_net_now(net), 100);
    assert_true(cy_sim_net_idle(net));
    cy_sim_net_free(net);
}

static void timers_ring_in_order(void **s)
{
    struct cy_sim_net *net = fresh(1);
    struct cy_sim_event event;

    (void)s;
    for (uint32_t i = 0; i < 3000; i++)
        cy_sim_net_timer(net, i % 4, 1 + i * 7919 % 1000,
                         &(struct cy_sim_timer){.life = 1, .height = i});
    for (uint64_t last = 0, height = 0, n = 0; n < 3000; n++) {
        assert_true(cy_sim_net_next(net, 1000, &event));
        assert_false(event.is_packet);
        assert_int_equal(event.node, event.timer.height % 4);
        assert_int_equal(event.at, 1 + event.timer.height * 7919 % 1000);
        assert_true(event.at >= last);
        if (event.at == last) /* asked for first, rings first */
            assert_true(event.timer.height > height);
        last = event.at;
        height = event.timer.height;
    }
    assert_false(cy_sim_net_next(net, 1000, &event));
    cy_sim_net_free(net);
}

static void links_lose_double_and_reorder(void **s)
{
    struct cy_sim_net *net = fresh(3);
    const struct cy_sim_net_figures *figures = cy_sim_net_figures(net);
    struct cy_sim_event event;
    unsigned seen[2] = {0};

    (void)s;
    *cy_sim_net_link(net, 0, 1) =
        (struct cy_sim_link){.delay_ms = 5, .jitter_ms = 30, .loss = 200, .twice = 100};
    for (uint32_t i = 0; i < 2000; i++) {
        send_number(net, 0, 1, i);
        send_number(net, 1, 0, i);
        while (cy_sim_net_next(net, i, &event))
            seen[event.node]++;
    }
    while (cy_sim_net_next(net, 5000, &event))
        seen[event.node]++;
    assert_int_equal(figures->sent, 4000);
    assert_int_equal(figures->lost + seen[1], 2000 + figures->twice);
    assert_int_equal(seen[0], 2000); /* the other direction loses nothing */
    assert_in_range(figures->lost, 320, 480);
    assert_in_range(figures->twice, 110, 220);
    assert_true(figures->overtaken > 300);
    assert_int_equal(figures->arrived, seen[0] + seen[1]);
    assert_int_equal(figures->bytes, 4 * figures->arrived);
    assert_int_equal(figures->full, 0);
    cy_sim_net_free(net);
}

static void a_partition_cuts_what_is_under_way(void **s)
{
    struct cy_sim_net *net = fresh(4);
    struct cy_sim_event event;

    (void)s;
    send_number(net, 0, 1, 1);
    send_number(net, 0, 2, 2);
    cy_sim_net_part(net, 0x4); /* 2 alone */
    assert_true(cy_sim_net_next(net, 100, &event));
    assert_int_equal(event.node, 1);
    assert_false(cy_sim_net_next(net, 100, &event));
    assert_int_equal(cy_sim_net_figures(net)->cut, 1);
    assert_true(cy_sim_net_link(net, 2, 3)->cut);
    assert_false(cy_sim_net_link(net, 1, 3)->cut);
    cy_sim_net_heal(net);
    send_number(net, 0, 2, 3);
    assert_true(cy_sim_net_next(net, 200, &event));
    assert_int_equal(cy_get_u32be(event.packet.at), 3);
    cy_sim_net_free(net);
}

static void a_narrow_link_makes_packets_wait(void **s)
{
    struct cy_sim_net *net = fresh(5);
    const uint8_t bytes[1000] = {0};
    struct cy_sim_event event;

    (void)s;
    *cy_sim_net_link(net, 0, 1) = (struct cy_sim_link){.delay_ms = 3, .bytes_per_ms = 10};
    cy_sim_net_send(net, 0, 1, cy_span_of(bytes, sizeof bytes));
    cy_sim_net_send(net, 0, 1, cy_span_of(bytes, sizeof bytes));
    cy_sim_net_send_late(net, 0, 1, cy_span_of(bytes, 10), 500);
    for (uint64_t at = 103; at <= 203; at += 100) {
        assert_true(cy_sim_net_next(net, 1000, &event));
        assert_int_equal(event.at, at);
    }
    assert_true(cy_sim_net_next(net, 1000, &event));
    assert_int_equal(event.at, 504);
    cy_sim_net_free(net);
}

static void what_does_not_fit_is_lost(void **s)
{
    struct cy_sim_net *net = fresh(6);
    const uint8_t bytes[1000] = {0};
    struct cy_sim_event event;
    unsigned n = 0;

    (void)s;
    for (unsigned i = 0; i < 8; i++)
        cy_sim_net_send(net, 0, 1, cy_span_of(bytes, sizeof bytes));
    assert_int_equal(cy_sim_net_figures(net)->full, 3);
    for (unsigned i = 0; i < 200; i++)
        cy_sim_net_send(net, 0, 1, cy_span_of(bytes, 0));
    assert_int_equal(cy_sim_net_figures(net)->full, 3 + 105);
    while (cy_sim_net_next(net, 1000, &event))
        n++;
    assert_int_equal(n, 100);
    send_number(net, 0, 1, 1); /* there is room again */
    assert_true(cy_sim_net_next(net, 2000, &event));
    cy_sim_net_free(net);
}

static void what_is_put_back_comes_again_in_order(void **s)
{
    struct cy_sim_net *net = fresh(9);
    struct cy_sim_event event;
    uint64_t busy_until = 50;

    (void)s;
    for (uint32_t i = 0; i < 20; i++)
        send_number(net, 0, 1, i);
    cy_sim_net_timer(net, 1, 20, &(struct cy_sim_timer){.height = 7});
    for (unsigned n = 0; n < 21; n++) { /* all of them come while it is busy */
        assert_true(cy_sim_net_next(net, 40, &event));
        cy_sim_net_put_back(net, &event, busy_until);
    }
    assert_false(cy_sim_net_next(net, 49, &event));
    cy_sim_net_part(net, 0x1); /* what has arrived stays */
    for (unsigned n = 0; n < 20; n++) {
        assert_true(cy_sim_net_next(net, 50, &event));
        assert_true(event.is_packet);
        assert_int_equal(event.at, 50);
    }
    assert_true(cy_sim_net_next(net, 50, &event));
    assert_int_equal(event.timer.height, 7);
    assert_false(cy_sim_net_next(net, 100, &event));
    assert_int_equal(cy_sim_net_figures(net)->arrived, 20);
    assert_int_equal(cy_sim_net_figures(net)->timers, 1);
    cy_sim_net_free(net);
}

/* A digest of everything that happens; more: other packets on another link. */
static struct cy_id story(uint64_t seed, bool more)
{
    struct cy_sim_net *net = fresh(seed);
    struct cy_sha256_stream stream;
    struct cy_sim_event event;

    cy_sha256_begin(&stream);
    for (uint32_t i = 0; i < 300; i++) {
        cy_sim_net_link(net, 0, 1)->loss = 100;
        send_number(net, 0, 1, i);
        if (more)
            send_number(net, 2, 3, i);
        while (cy_sim_net_next(net, 2 * i, &event)) {
            uint8_t bytes[12];

            cy_put_u64be(bytes, event.at);
            cy_put_u32be(bytes + 8, cy_get_u32be(event.packet.at));
            if (event.node == 1)
                cy_sha256_more(&stream, cy_span_of(bytes, sizeof bytes));
        }
    }
    cy_sim_net_free(net);
    return cy_sha256_end(&stream);
}

static void the_same_seed_gives_the_same_story(void **s)
{
    const struct cy_id one = story(7, false);
    const struct cy_id again = story(7, false);
    const struct cy_id busier = story(7, true);
    const struct cy_id other = story(8, false);

    (void)s;
    assert_memory_equal(one.b, again.b, 32);
    assert_memory_equal(one.b, busier.b, 32);
    assert_memory_not_equal(one.b, other.b, 32);
}

static void a_watch_is_wrong_as_it_is_told(void **s)
{
    struct cy_sim_watch watch = {.set_at = 1000, .set_to = 5000, .drift_ppm = 500};

    (void)s;
    assert_int_equal(cy_sim_watch_read(&watch, 1000), 5000);
    assert_int_equal(cy_sim_watch_read(&watch, 1000 + 10000000), 5000 + 10000000 + 5000);
    watch.drift_ppm = -100000;
    assert_int_equal(cy_sim_watch_read(&watch, 2000), 5900);
    cy_sim_watch_set(&watch, 2000, 60000);
    assert_int_equal(cy_sim_watch_read(&watch, 2000), 65900);
    cy_sim_watch_set(&watch, 2000, -65800);
    assert_int_equal(cy_sim_watch_read(&watch, 2000), 100);
    cy_sim_watch_set(&watch, 3000, -100000);
    assert_int_equal(cy_sim_watch_read(&watch, 3000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_arrives_once_and_whole),
        cmocka_unit_test(timers_ring_in_order),
        cmocka_unit_test(links_lose_double_and_reorder),
        cmocka_unit_test(a_partition_cuts_what_is_under_way),
        cmocka_unit_test(a_narrow_link_makes_packets_wait),
        cmocka_unit_test(what_does_not_fit_is_lost),
        cmocka_unit_test(what_is_put_back_comes_again_in_order),
        cmocka_unit_test(the_same_seed_gives_the_same_story),
        cmocka_unit_test(a_watch_is_wrong_as_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

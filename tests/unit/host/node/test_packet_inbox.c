/* packet_inbox: who may send, how much, and that a flood takes nobody else's turn. */
#include "host/node/packet_inbox.h"
#include "wire/peer.h"

#include <stdlib.h>

#include "cm.h"

static struct cy_packet_inbox *inbox;
static struct cy_id federation;
static struct cy_id keys[CY_INBOX_SEATS_MAX];

static int start_with(const struct cy_inbox_options *options)
{
    memset(&federation, 7, sizeof federation);
    memset(keys, 0, sizeof keys);
    for (unsigned i = 0; i < 4; i++)
        memset(&keys[i], 0x10 + (int)i, sizeof keys[i]);
    inbox = cy_packet_inbox_new(options);
    assert_non_null(inbox);
    cy_packet_inbox_seats(inbox, &federation, keys);
    return 0;
}

static int start(void **s)
{
    (void)s;
    return start_with(&(struct cy_inbox_options){0});
}

static int finish(void **s)
{
    (void)s;
    cy_packet_inbox_free(inbox);
    return 0;
}

static uint8_t bytes[CY_PEER_PACKET_MAX + 1];

/* A packet as far as the inbox looks: the head, then zeros. */
static struct cy_span packet(const struct cy_id *of, const struct cy_id *from, uint8_t mark,
                             size_t n)
{
    memset(bytes, 0, n);
    memcpy(bytes, "CYPEER1\n", 8);
    memcpy(bytes + 8, of->b, 32);
    memcpy(bytes + 40, from->b, 32);
    if (n > CY_PEER_HEAD)
        bytes[n - 1] = mark;
    return cy_span_of(bytes, n);
}

static enum cy_code put(const struct cy_id *from, uint8_t mark, size_t n, uint64_t now_us)
{
    uint32_t seat = 99;
    const cy_err err =
        cy_packet_inbox_put(inbox, packet(&federation, from, mark, n), now_us, &seat);

    if (cy_ok(err))
        assert_memory_equal(keys[seat].b, from->b, 32);
    return err.code;
}

static int taken(void)
{
    struct cy_inbox_packet *p = cy_packet_inbox_take(inbox);
    const int mark = p == NULL ? -1 : p->bytes[p->n - 1];

    free(p);
    return mark;
}

static void who_may_send(void **s)
{
    struct cy_id other;
    uint32_t seat = 0;

    (void)s;
    memset(&other, 9, sizeof other);
    assert_int_equal(put(&keys[2], 1, 200, 1), CY_E_NONE);
    assert_int_equal(put(&other, 1, 200, 1), CY_E_NOT_SEATED);
    assert_int_equal(put(&(struct cy_id){{0}}, 1, 200, 1), CY_E_NOT_SEATED); /* an empty seat */
    assert_code(cy_packet_inbox_put(inbox, packet(&other, &keys[0], 1, 200), 1, &seat),
                OTHER_FEDERATION);
    assert_code(cy_packet_inbox_put(inbox, cy_span_of(NULL, 0), 1, &seat), BAD_PACKET);
    assert_int_equal(put(&keys[0], 1, CY_PEER_HEAD + CY_PEER_TAIL - 1, 1), CY_E_BAD_PACKET);
    assert_int_equal(put(&keys[0], 1, CY_PEER_PACKET_MAX + 1, 1), CY_E_TOO_LARGE);
    packet(&federation, &keys[0], 1, 200);
    bytes[6] ^= 1;
    assert_code(cy_packet_inbox_put(inbox, cy_span_of(bytes, 200), 1, &seat), BAD_PACKET);
    assert_int_equal(taken(), 1);
    assert_int_equal(taken(), -1);
    /* a seat that is given up is refused from then on */
    keys[2] = (struct cy_id){{0}};
    cy_packet_inbox_seats(inbox, &federation, keys);
    memset(&other, 0x12, sizeof other);
    assert_int_equal(put(&other, 1, 200, 1), CY_E_NOT_SEATED);
}

static void in_turn(void **s)
{
    (void)s;
    for (uint8_t i = 0; i < 100; i++)
        assert_int_equal(put(&keys[0], i, 200, 1), CY_E_NONE);
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(put(&keys[3], (uint8_t)(200 + i), 200, 1), CY_E_NONE);
    assert_int_equal(taken(), 0);
    assert_int_equal(taken(), 200);
    assert_int_equal(taken(), 1);
    assert_int_equal(taken(), 201);
    assert_int_equal(taken(), 2);
    assert_int_equal(taken(), 202);
    for (int i = 3; i < 100; i++)
        assert_int_equal(taken(), i);
    assert_int_equal(taken(), -1);
}

/* The queue of one seat is full by packets or by bytes; the others' are not. */
static void bounded(void **s)
{
    struct cy_inbox_figures figures;
    unsigned n = 0;

    (void)s;
    while (put(&keys[1], 0, 200, 1) == CY_E_NONE)
        n++;
    assert_int_equal(n, 512);
    assert_int_equal(put(&keys[0], 0, 200, 1), CY_E_NONE);
    n = 0;
    while (put(&keys[2], 0, CY_PEER_PACKET_MAX, 1) == CY_E_NONE)
        n++;
    assert_int_equal(n, 4);
    cy_packet_inbox_figures(inbox, 1, &figures);
    assert_int_equal(figures.packets, 512);
    assert_int_equal(figures.bytes, 512 * 200);
    assert_int_equal(figures.throttled, 1);
    assert_int_equal(figures.waiting, 512);
    cy_packet_inbox_figures(inbox, 0, &figures);
    assert_int_equal(figures.throttled, 0);
}

/* More than its rate is refused though the queue is empty, and time gives it back. */
static void throttled(void **s)
{
    const struct cy_inbox_options options = {.packets_rate = 10, .bytes_rate = 10000};
    uint64_t now = 5000000;
    unsigned n = 0;

    (void)s;
    cy_packet_inbox_free(inbox);
    start_with(&options);
    for (; put(&keys[1], 0, 200, now) == CY_E_NONE; n++)
        assert_int_equal(taken(), 0);
    assert_int_equal(n, 20);
    assert_int_equal(put(&keys[1], 0, 200, now + 50000), CY_E_QUEUE_FULL);
    assert_int_equal(put(&keys[1], 0, 200, now + 150000), CY_E_NONE);
    assert_int_equal(put(&keys[1], 0, 200, now + 150000), CY_E_QUEUE_FULL);
    assert_int_equal(put(&keys[2], 0, 200, now + 150000), CY_E_NONE);
    now += 60000000; /* however long it was silent: two seconds' worth, not more */
    for (n = 0; put(&keys[1], 0, 200, now) == CY_E_NONE; n++)
        continue;
    assert_int_equal(n, 20);
    /* by bytes */
    assert_int_equal(put(&keys[3], 0, 15000, now), CY_E_NONE);
    assert_int_equal(put(&keys[3], 0, 15000, now), CY_E_QUEUE_FULL);
    assert_int_equal(put(&keys[3], 0, 15000, now + 1100000), CY_E_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_may_send, start, finish),
        cmocka_unit_test_setup_teardown(in_turn, start, finish),
        cmocka_unit_test_setup_teardown(bounded, start, finish),
        cmocka_unit_test_setup_teardown(throttled, start, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* packets of bridges: the bytes both ways, and every bound. */
#include "wire/bridge_packet.h"

#include "cm.h"
#include "wire/schema.h"

static struct cy_bridge_packet settlement(void)
{
    struct cy_bridge_packet packet = {
        .kind = CY_bridge_kind_SETTLEMENT,
        .source = {{1}  },
        .destination = {{2}  },
        .sequence = 7,
        .timeout = 1767225600000,
        .sender = {{3}  },
        .receiver = {{4}  },
        .list_number = 5,
        .list_at = 1767225500000,
        .list_digest = {{6}  },
        .n_hops = 2,
        .hops = {{{7}}, {{8}}},
        .n_passed = 1,
        .passed = {{{9}}    },
        .home = {{1}},
        .asset = {{10}    },
        .scale = 30,
        .amount = (cy_u128)1 << 100,
        .reference = 11
    };

    assert_ok(cy_label_of(cy_span_text("sanctions"), &packet.list));
    assert_ok(cy_label_of(cy_span_text("EUR"), &packet.code));
    return packet;
}

static void reads_what_it_writes(void **s)
{
    struct cy_bridge_packet packet = settlement();
    struct cy_bridge_packet again;
    struct cy_bridge_bytes bytes;

    (void)s;
    for (unsigned kind = CY_bridge_kind_SETTLEMENT; kind <= CY_bridge_kind_COMPUTE; kind++) {
        size_t sum = 0;

        if (kind != CY_bridge_kind_SETTLEMENT) {
            packet = (struct cy_bridge_packet){.kind = (uint8_t)kind, .sequence = 1};
            if (kind != CY_bridge_kind_RECOGNITION) {
                packet.blob = (struct cy_id){{12}};
                packet.bytes = 13;
                assert_ok(cy_line_of(cy_span_text("CC-BY-4.0"), &packet.terms));
            }
        }
        cy_bridge_packet_write(&packet, &bytes);
        assert_ok(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n), &again));
        assert_memory_equal(&packet, &again, sizeof packet);
        for (size_t i = 0; i < bytes.n_fields; i++)
            sum += bytes.fields[i].n;
        assert_int_equal(sum, bytes.n);
        for (size_t n = 0; n < bytes.n; n++) /* any part of it is none */
            assert_code(cy_bridge_packet_read(cy_span_of(bytes.at, n), &again), BAD_BRIDGE_PACKET);
        bytes.at[bytes.n] = 0;
        assert_code(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n + 1), &again),
                    BAD_BRIDGE_PACKET);
    }
}

static void the_timeout_is_big_endian(void **s)
{
    const struct cy_bridge_packet packet = settlement();
    struct cy_bridge_bytes bytes;

    (void)s;
    cy_bridge_packet_write(&packet, &bytes);
    assert_int_equal(bytes.fields[4].n, 8);
    assert_int_equal(cy_get_u64be(bytes.fields[4].at), packet.timeout);
    assert_int_equal(bytes.fields[4].at[0], 0);
}

static void the_longest_packet_fits(void **s)
{
    struct cy_bridge_packet packet = settlement();
    struct cy_bridge_packet again;
    struct cy_bridge_bytes bytes;

    (void)s;
    packet.kind = CY_bridge_kind_DATA;
    packet.n_hops = packet.n_passed = CY_BRIDGE_HOPS_MAX;
    packet.list.n = sizeof packet.list.s;
    packet.terms.n = sizeof packet.terms.s;
    memset(packet.list.s, 'a', sizeof packet.list.s);
    memset(packet.terms.s, 'b', sizeof packet.terms.s);
    cy_bridge_packet_write(&packet, &bytes);
    assert_true(bytes.n <= CY_BRIDGE_PACKET_MAX);
    assert_ok(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n), &again));
}

/* Each row: a byte of the settlement above that is changed, and what to. */
static void refuses_what_is_out_of_bounds(void **s)
{
    static const struct {
        size_t field;
        size_t at;
        uint8_t byte;
    } bad[] = {
        {0,  0,  'C' }, /* another first line */
        {0,  16, 0   }, /* kinds that do not exist */
        {0,  16, 5   },
        {7,  0,  16  }, /* a list name of 16 bytes */
        {7,  1,  0xff}, /* no UTF-8 */
        {7,  1,  1   },
        {8,  0,  5   }, /* five hops */
        {9,  0,  5   },
        {12, 0,  0   }, /* no code */
        {13, 0,  31  }, /* scale */
    };
    const struct cy_bridge_packet packet = settlement();
    struct cy_bridge_packet again;
    struct cy_bridge_bytes bytes;

    (void)s;
    for (size_t i = 0; i < CY_COUNT(bad); i++) {
        cy_bridge_packet_write(&packet, &bytes);
        bytes.at[bytes.fields[bad[i].field].at - bytes.at + (ptrdiff_t)bad[i].at] = bad[i].byte;
        assert_code(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n), &again),
                    BAD_BRIDGE_PACKET);
    }
}

static void nothing_and_number_nought_are_refused(void **s)
{
    struct cy_bridge_packet packet = settlement();
    struct cy_bridge_packet again;
    struct cy_bridge_bytes bytes;

    (void)s;
    packet.amount = 0;
    cy_bridge_packet_write(&packet, &bytes);
    assert_code(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n), &again), BAD_BRIDGE_PACKET);
    packet = settlement();
    packet.sequence = 0;
    cy_bridge_packet_write(&packet, &bytes);
    assert_code(cy_bridge_packet_read(cy_span_of(bytes.at, bytes.n), &again), BAD_BRIDGE_PACKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(the_timeout_is_big_endian),
        cmocka_unit_test(the_longest_packet_fits),
        cmocka_unit_test(refuses_what_is_out_of_bounds),
        cmocka_unit_test(nothing_and_number_nought_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Packets of bridges: SPEC/bridge.md. */
#include "vectors.h"

#include "kernel/foreign.h"

static void packet(FILE *out, bool first, const char *name, const struct cy_bridge_packet *packet)
{
    struct cy_bridge_bytes bytes;
    const struct cy_id digest = cy_packet_digest(packet);

    cy_bridge_packet_write(packet, &bytes);
    vector_begin(out, first);
    vector_text(out, "name", name);
    vector_number(out, "kind", packet->kind);
    vector_id_hex(out, "source", &packet->source);
    vector_id_hex(out, "destination", &packet->destination);
    vector_number(out, "sequence", packet->sequence);
    vector_number(out, "timeout", packet->timeout);
    vector_number(out, "hops", packet->n_hops);
    vector_hex(out, "packet", cy_span_of(bytes.at, bytes.n));
    vector_id_hex(out, "digest", &digest);
    vector_end(out);
}

void vectors_bridge(FILE *out)
{
    struct cy_bridge_packet settlement = {.kind = CY_bridge_kind_SETTLEMENT,
                                          .source = vector_id("source realm"),
                                          .destination = vector_id("destination realm"),
                                          .sequence = 258,
                                          .timeout = 1767225600000,
                                          .sender = vector_id("sender"),
                                          .receiver = vector_id("receiver"),
                                          .home = vector_id("source realm"),
                                          .asset = vector_id("asset"),
                                          .code = vector_label("EUR"),
                                          .scale = 2,
                                          .amount = 12345,
                                          .reference = 9};
    struct cy_bridge_packet data = {.kind = CY_bridge_kind_DATA,
                                    .source = vector_id("source realm"),
                                    .destination = vector_id("destination realm"),
                                    .sequence = 1,
                                    .sender = vector_id("sender"),
                                    .receiver = vector_id("receiver"),
                                    .blob = vector_id("blob"),
                                    .bytes = 4096};

    packet(out, true, "a settlement", &settlement);
    settlement.list = vector_label("sanctions");
    settlement.list_number = 7;
    settlement.list_at = 1767225600000;
    settlement.list_digest = vector_id("list");
    settlement.n_hops = 2;
    settlement.hops[0] = vector_id("next realm");
    settlement.hops[1] = vector_id("last realm");
    settlement.n_passed = 1;
    settlement.passed[0] = vector_id("first realm");
    packet(out, false, "a settlement on its way over further realms, with a list head",
           &settlement);
    vector_must("terms", cy_line_of(cy_span_text("CC-BY-4.0"), &data.terms));
    packet(out, false, "data under licence text, without a timeout", &data);
}

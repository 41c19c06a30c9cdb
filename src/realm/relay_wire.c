#include "realm/relay_wire.h"

static void put_list(const struct cy_relay_out *from, uint32_t n,
                     struct cy_relay_packet to[static CY_RELAY_PACKETS])
{
    for (uint32_t i = 0; i < n; i++)
        to[i] = (struct cy_relay_packet){from[i].sequence, from[i].timeout};
}

/* The schema's bound is the array's. */
static void take_list(const struct cy_relay_packet *from, uint32_t n,
                      struct cy_relay_out to[static CY_RELAY_PACKETS])
{
    CY_ASSERT(n <= CY_RELAY_PACKETS);
    for (uint32_t i = 0; i < n; i++)
        to[i] = (struct cy_relay_out){from[i].sequence, from[i].timeout};
}

cy_err cy_relay_status_write(const struct cy_relay_status *status, struct cy_cbor_writer *out)
{
    struct cy_relay_packet packets[CY_RELAY_PACKETS];
    struct cy_relay_packet receipts[CY_RELAY_PACKETS];
    const struct cy_relay_standing item = {.realm = status->realm,
                                           .now = status->now,
                                           .state = (uint8_t)status->state,
                                           .stale_ms = status->stale_ms,
                                           .size = status->size,
                                           .roots = status->roots,
                                           .heard = status->heard,
                                           .heard_here = status->heard_here,
                                           .out = packets,
                                           .n_out = status->n_out,
                                           .receipts = receipts,
                                           .n_receipts = status->n_receipts};

    put_list(status->out, status->n_out, packets);
    put_list(status->receipts, status->n_receipts, receipts);
    return cy_encode(&cy_schema_relay_standing, &item, out);
}

cy_err cy_relay_status_read(struct cy_span bytes, struct cy_arena *arena,
                            struct cy_relay_status *out)
{
    struct cy_relay_standing item;

    CY_TRY(cy_decode(&cy_schema_relay_standing, bytes, arena, &item));
    *out = (struct cy_relay_status){.realm = item.realm,
                                    .now = item.now,
                                    .state = item.state,
                                    .stale_ms = item.stale_ms,
                                    .size = item.size,
                                    .roots = item.roots,
                                    .heard = item.heard,
                                    .heard_here = item.heard_here,
                                    .n_out = item.n_out,
                                    .n_receipts = item.n_receipts};
    take_list(item.out, item.n_out, out->out);
    take_list(item.receipts, item.n_receipts, out->receipts);
    return CY_OK;
}

cy_err cy_relay_ask_write(const struct cy_relay_ask *ask, struct cy_cbor_writer *out)
{
    struct cy_relay_packet packets[CY_RELAY_PACKETS];
    struct cy_relay_packet receipts[CY_RELAY_PACKETS];
    const struct cy_relay_query item = {.have = ask->have,
                                        .out = packets,
                                        .n_out = ask->n_out,
                                        .receipts = receipts,
                                        .n_receipts = ask->n_receipts,
                                        .wants = ask->wants,
                                        .n_wants = ask->n_wants};

    put_list(ask->out, ask->n_out, packets);
    put_list(ask->receipts, ask->n_receipts, receipts);
    return cy_encode(&cy_schema_relay_query, &item, out);
}

cy_err cy_relay_ask_read(struct cy_span bytes, const struct cy_id *realm, struct cy_arena *arena,
                         struct cy_relay_ask *out)
{
    struct cy_relay_query item;

    CY_TRY(cy_decode(&cy_schema_relay_query, bytes, arena, &item));
    *out = (struct cy_relay_ask){
        .realm = *realm, .have = item.have, .n_out = item.n_out, .n_receipts = item.n_receipts};
    take_list(item.out, item.n_out, out->out);
    take_list(item.receipts, item.n_receipts, out->receipts);
    CY_ASSERT(item.n_wants <= CY_RELAY_WANTS); /* the schema's bound */
    out->n_wants = item.n_wants;
    for (uint32_t i = 0; i < item.n_wants; i++)
        out->wants[i] = item.wants[i];
    return CY_OK;
}

cy_err cy_relay_offer_write(const struct cy_relay_offer *offer, struct cy_cbor_writer *out)
{
    struct cy_relay_proof proofs[CY_RELAY_ITEMS];
    const struct cy_relay_bundle item = {.root_at = offer->root_at,
                                         .note = offer->note,
                                         .entry = offer->entry,
                                         .path = offer->path,
                                         .consistency = offer->consistency,
                                         .proofs = proofs,
                                         .n_proofs = offer->n};

    for (uint32_t i = 0; i < offer->n; i++) {
        const struct cy_relay_item *at = &offer->items[i];

        proofs[i] =
            (struct cy_relay_proof){(uint8_t)at->kind, at->sequence, at->timeout, at->outcome,
                                    at->reason,        at->packet,   at->proof};
    }
    return cy_encode(&cy_schema_relay_bundle, &item, out);
}

cy_err cy_relay_offer_read(struct cy_span bytes, struct cy_arena *arena, struct cy_relay_offer *out)
{
    struct cy_relay_bundle item;

    CY_TRY(cy_decode(&cy_schema_relay_bundle, bytes, arena, &item));
    *out = (struct cy_relay_offer){.n = item.n_proofs,
                                   .root_at = item.root_at,
                                   .note = item.note,
                                   .entry = item.entry,
                                   .path = item.path,
                                   .consistency = item.consistency};
    CY_ASSERT(item.n_proofs <= CY_RELAY_ITEMS); /* the schema's bound */
    for (uint32_t i = 0; i < item.n_proofs; i++) {
        const struct cy_relay_proof *at = &item.proofs[i];

        out->items[i] = (struct cy_relay_item){(enum cy_relay_kind)at->kind,
                                               at->sequence,
                                               at->timeout,
                                               at->outcome,
                                               at->reason,
                                               at->packet,
                                               at->proof};
    }
    return CY_OK;
}

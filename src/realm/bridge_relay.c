#include "realm/bridge_relay.h"

#define PROOF_MAX 32768u /* bytes of one state proof: two paths at their longest */
#define BATCH_MAX 48000u /* bytes of acts put into one batch */
#define OVERHEAD 160u    /* about what an act takes beside its packet and proof */
#define ROUNDS 2u        /* over the items: what closes comes before what opens */

struct sequenced {
    struct cy_id realm;
    uint64_t sequence;
};

/* --- status --- */

/* Puts a sequence into an ascending list of the lowest ones. Returns where, or the list's length
 * when there is no place for it. */
static uint32_t place_of(uint64_t sequence, const struct cy_relay_out *out, uint32_t n)
{
    uint32_t at = n;

    while (at > 0 && out[at - 1].sequence > sequence)
        at--;
    return at;
}

static void put_low(struct cy_relay_out *out, uint32_t *n, uint64_t sequence, cy_time timeout)
{
    const uint32_t at = place_of(sequence, out, *n);

    if (at == CY_RELAY_PACKETS)
        return;
    if (*n < CY_RELAY_PACKETS)
        ++*n;
    for (uint32_t i = *n - 1; i > at; i--)
        out[i] = out[i - 1];
    out[at] = (struct cy_relay_out){sequence, timeout};
}

void cy_relay_look(const struct cy_world *world, const struct cy_id *other,
                   struct cy_relay_status *out)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_bridge *bridge = CY_GET(world, bridge, other);
    const struct cy_bridge_line *line = CY_GET(world, bridge_line, other);

    *out = (struct cy_relay_status){0};
    if (realm == NULL)
        return;
    out->realm = realm->id;
    out->now = realm->now;
    if (bridge == NULL || line == NULL)
        return;
    out->stale_ms = bridge->stale_ms;
    out->size = line->size;
    out->roots = line->roots;
    out->heard = line->heard;
    out->heard_here = line->heard_here;
    out->state = cy_bridge_seen(world, bridge, realm->now);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_packet_out); i++) {
        const struct cy_packet_out *packet = cy_world_at(world, CY_R_packet_out, i);

        if (cy_id_eq(&packet->destination, other))
            put_low(out->out, &out->n_out, packet->sequence, packet->timeout);
    }
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_packet_receipt); i++) {
        const struct cy_packet_receipt *receipt = cy_world_at(world, CY_R_packet_receipt, i);

        if (cy_id_eq(&receipt->source, other))
            put_low(out->receipts, &out->n_receipts, receipt->sequence, 0);
    }
}

void cy_relay_asks(const struct cy_relay_status *status, struct cy_relay_ask *ask)
{
    *ask = (struct cy_relay_ask){.realm = status->realm,
                                 .have = status->size,
                                 .n_out = status->n_out,
                                 .n_receipts = status->n_receipts};
    memcpy(ask->out, status->out, sizeof ask->out);
    memcpy(ask->receipts, status->receipts, sizeof ask->receipts);
}

/* --- offer --- */

/* A proof on its way into the arena: memory is taken for the longest and what is left over given
 * back. */
static cy_err prove(struct cy_cell *cell, uint32_t record, const void *key, bool there,
                    struct cy_arena *arena, struct cy_span *out)
{
    const size_t before = arena->used;
    char *memory = cy_arena_take(arena, PROOF_MAX);
    struct cy_text proof;
    cy_err err = CY_OK;

    if (memory == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    proof = cy_text_on(memory, PROOF_MAX);
    err = there ? cy_cell_prove(cell, record, key, &proof)
                : cy_cell_prove_absent(cell, record, key, &proof);
    *out = cy_text_bytes(&proof);
    cy_arena_rewind(arena, before);
    CY_TRY(err);
    (void)cy_arena_take(arena, out->n); /* there was room for more */
    return CY_OK;
}

/* Adds an item unless it cannot be proven under this root: then it waits for the next round. */
static cy_err offer_one(struct cy_cell *cell, uint32_t record, const void *key,
                        const struct cy_relay_item *item, struct cy_arena *arena,
                        struct cy_relay_offer *offer)
{
    const bool there = item->kind == CY_RELAY_PACKET || item->kind == CY_RELAY_RECEIPT;
    struct cy_span proof;
    const cy_err err = prove(cell, record, key, there, arena, &proof);

    if (err.code == CY_E_NO_ROOM)
        return err;
    if (!cy_ok(err) || offer->n == CY_RELAY_ITEMS)
        return CY_OK;
    offer->items[offer->n] = *item;
    offer->items[offer->n++].proof = proof;
    return CY_OK;
}

static cy_err offer_packet(struct cy_cell *cell, const struct cy_id *other, uint64_t sequence,
                           struct cy_arena *arena, struct cy_relay_offer *offer)
{
    const struct cy_world *world = &cell->engine.world;
    const struct sequenced key = {*other, sequence};
    const struct cy_packet_out *out = CY_GET(world, packet_out, &key);
    const struct cy_realm *realm = cy_engine_realm(&cell->engine);
    struct cy_relay_item item = {.kind = CY_RELAY_PACKET, .sequence = sequence};
    struct cy_bridge_packet packet;
    struct cy_bridge_bytes *bytes = cy_arena_take(arena, sizeof *bytes);

    if (bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    if (out == NULL)
        return CY_OK;
    cy_packet_of(&realm->id, out, CY_GET(world, packet_way, &key), &packet);
    cy_bridge_packet_write(&packet, bytes);
    item.timeout = out->timeout;
    item.packet = cy_span_of(bytes->at, bytes->n);
    return offer_one(cell, CY_R_packet_sent, &key, &item, arena, offer);
}

/* What became here of a packet that the other has under way. */
static cy_err offer_fate(struct cy_cell *cell, const struct cy_id *other,
                         const struct cy_relay_out *out, struct cy_arena *arena,
                         struct cy_relay_offer *offer)
{
    const struct sequenced key = {*other, out->sequence};
    const struct cy_packet_receipt *receipt = CY_GET(&cell->engine.world, packet_receipt, &key);
    struct cy_relay_item item = {.kind = CY_RELAY_NO_RECEIPT, .sequence = out->sequence};

    if (receipt != NULL) {
        item.kind = CY_RELAY_RECEIPT;
        item.outcome = receipt->outcome;
        item.reason = receipt->reason;
    } else if (out->timeout == 0 || cy_engine_realm(&cell->engine)->now < out->timeout) {
        return CY_OK; /* it may still come */
    }
    return offer_one(cell, CY_R_packet_receipt, &key, &item, arena, offer);
}

/* --- records --- */

void cy_relay_wants(struct cy_relay_ask *ask, const struct cy_schema *record,
                    const struct cy_id *one, const struct cy_id *two, uint64_t number)
{
    struct cy_relay_want *want = &ask->wants[ask->n_wants];

    CY_ASSERT(ask->n_wants < CY_RELAY_WANTS);
    ask->n_wants++;
    *want = (struct cy_relay_want){.table = (uint16_t)record->number, .number = number};
    if (one != NULL)
        want->one = *one;
    if (two != NULL)
        want->two = *two;
}

/* The key fields of a record; false: the table has other keys, or there is none. */
struct want_key {
    _Alignas(16) uint8_t at[96];
};

static bool key_of(const struct cy_relay_want *want, const struct cy_schema *schema,
                   struct want_key *key)
{
    unsigned ids = 0;

    for (size_t i = 0; schema != NULL && i < schema->n_keys; i++) {
        const struct cy_field *f = &schema->fields[i];

        if (f->type == CY_T_id && ids < 2 && f->at + 32 <= sizeof key->at)
            memcpy(key->at + f->at, ids++ == 0 ? want->one.b : want->two.b, 32);
        else if (f->type == CY_T_u64 && f->at + 8 <= sizeof key->at)
            memcpy(key->at + f->at, &want->number, 8);
        else
            return false;
    }
    return schema != NULL;
}

/* The act that carries the root may have changed the record (the realm's own it always does): then
 * it is proven as it was before. */
static cy_err prove_record(struct cy_cell *cell, const struct cy_schema *schema, const void *key,
                           struct cy_arena *arena, struct cy_span *value, struct cy_text *proof)
{
    const void *record = cy_world_get(&cell->engine.world, schema->number, key);
    cy_err err = cy_cell_prove_then(cell, schema->number, key, value, proof);
    uint8_t *bytes = cy_arena_take(arena, CY_STATE_VALUE_MAX);

    if (bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    if (cy_ok(err)) { /* the kept bytes stand no longer than the root */
        memcpy(bytes, value->at, value->n);
        value->at = bytes;
    } else if (err.code == CY_E_NO_NOUN && record != NULL) {
        *value = cy_state_value(schema, record, bytes);
        err = cy_cell_prove(cell, schema->number, key, proof);
    }
    return err;
}

/* What cannot be proven under this root is left out. */
static cy_err offer_record(struct cy_cell *cell, const struct cy_relay_want *want, uint32_t number,
                           struct cy_arena *arena, struct cy_relay_offer *offer)
{
    const struct cy_schema *schema = cy_schema_record(want->table);
    struct cy_relay_item item = {.kind = CY_RELAY_RECORD, .sequence = number + 1};
    struct want_key key = {{0}};
    struct cy_text proof;
    char *memory = NULL;
    cy_err err = CY_OK;

    if (!key_of(want, schema, &key) || !cy_world_has(&cell->engine.world, want->table) ||
        offer->n == CY_RELAY_ITEMS)
        return CY_OK;
    memory = cy_arena_take(arena, PROOF_MAX);
    if (memory == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    proof = cy_text_on(memory, PROOF_MAX);
    err = prove_record(cell, schema, &key, arena, &item.packet, &proof);
    if (err.code == CY_E_NO_ROOM)
        return err;
    item.proof = cy_text_bytes(&proof);
    if (cy_ok(err))
        offer->items[offer->n++] = item;
    return CY_OK;
}

cy_err cy_relay_prove(struct cy_cell *cell, const struct cy_relay_ask *ask, struct cy_arena *arena,
                      struct cy_relay_offer *offer)
{
    struct cy_relay_status own;

    *offer = (struct cy_relay_offer){0};
    if (cell->root_at == UINT64_MAX)
        return cy_fail(CY_E_ROOT_STALE, 0);
    offer->root_at = cell->root_at;
    cy_relay_look(&cell->engine.world, &ask->realm, &own);
    for (uint32_t i = 0; i < own.n_out; i++)
        CY_TRY(offer_packet(cell, &ask->realm, own.out[i].sequence, arena, offer));
    for (uint32_t i = 0; i < ask->n_out; i++)
        CY_TRY(offer_fate(cell, &ask->realm, &ask->out[i], arena, offer));
    for (uint32_t i = 0; i < ask->n_receipts; i++) {
        const struct sequenced key = {ask->realm, ask->receipts[i].sequence};
        const struct cy_relay_item item = {.kind = CY_RELAY_NO_PACKET,
                                           .sequence = ask->receipts[i].sequence};

        if (CY_GET(&cell->engine.world, packet_sent, &key) == NULL)
            CY_TRY(offer_one(cell, CY_R_packet_sent, &key, &item, arena, offer));
    }
    for (uint32_t i = 0; i < ask->n_wants; i++)
        CY_TRY(offer_record(cell, &ask->wants[i], i, arena, offer));
    return CY_OK;
}

const struct cy_relay_item *cy_relay_found(const struct cy_relay_offer *offer, uint32_t n)
{
    for (uint32_t i = 0; i < offer->n; i++) {
        if (offer->items[i].kind == CY_RELAY_RECORD && offer->items[i].sequence == n + 1)
            return &offer->items[i];
    }
    return NULL;
}

struct cy_bridge_head cy_relay_show(const struct cy_id *realm, const struct cy_relay_offer *offer,
                                    struct cy_span policy)
{
    return (struct cy_bridge_head){.realm = *realm,
                                   .note = offer->note,
                                   .policy = policy,
                                   .entry = offer->entry,
                                   .position = offer->root_at,
                                   .path = offer->path,
                                   .consistency = offer->consistency};
}

static cy_err put_path(const struct cy_id *path, uint32_t n, struct cy_arena *arena,
                       struct cy_span *out)
{
    void *at = cy_arena_take(arena, (size_t)n * sizeof *path + 1);

    if (at == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    memcpy(at, path, (size_t)n * sizeof *path);
    *out = cy_span_of(at, (size_t)n * sizeof *path);
    return CY_OK;
}

cy_err cy_relay_head(struct cy_cell *cell, const struct cy_relay_ask *ask, struct cy_span note,
                     struct cy_arena *arena, struct cy_relay_offer *offer,
                     struct cy_disk_fault *fault)
{
    struct cy_id path[CY_MERKLE_PATH_MAX + 1];
    struct cy_checkpoint head;
    struct cy_note read;
    uint8_t *entry = cy_arena_take(arena, CY_ENTRY_MAX);
    size_t n_entry = 0;
    uint32_t n = 0;

    if (entry == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    CY_TRY(cy_note_read(note, &read));
    CY_TRY(cy_checkpoint_read(read.text, &head));
    if (head.size <= offer->root_at)
        return cy_fail(CY_E_ROOT_STALE, head.size);
    if (head.size < ask->have)
        return cy_fail(CY_E_HEAD_OLD, head.size);
    CY_TRY(cy_tree_entry(&cell->tree, offer->root_at, entry, CY_ENTRY_MAX, &n_entry, fault));
    CY_TRY(cy_tree_inclusion(&cell->tree, offer->root_at, head.size, path, &n, fault));
    CY_TRY(put_path(path, n, arena, &offer->path));
    CY_TRY(cy_tree_consistency(&cell->tree, ask->have, head.size, path, &n, fault));
    CY_TRY(put_path(path, n, arena, &offer->consistency));
    offer->note = note;
    offer->entry = cy_span_of(entry, n_entry);
    return CY_OK;
}

/* --- plan --- */

static bool has(const struct cy_relay_offer *offer, enum cy_relay_kind kind, uint64_t sequence)
{
    for (uint32_t i = 0; i < offer->n; i++) {
        if (offer->items[i].kind == kind && offer->items[i].sequence == sequence)
            return true;
    }
    return false;
}

/* A message put into the acts, while there is room in the batch. */
static cy_err add(struct cy_relay_acts *out, struct cy_arena *arena, const struct cy_schema *schema,
                  const void *message, size_t bytes)
{
    void *at = NULL;

    if (out->bytes + bytes > BATCH_MAX)
        return CY_OK; /* the next round brings it */
    at = cy_arena_take(arena, schema->size);
    if (at == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    memcpy(at, message, schema->size);
    out->acts[out->n++] = (struct cy_any){schema, at};
    out->bytes += bytes;
    return CY_OK;
}

static cy_err add_item(const struct cy_relay_status *other, const struct cy_relay_item *item,
                       uint64_t root, struct cy_arena *arena, struct cy_relay_acts *out)
{
    const size_t bytes = item->packet.n + item->proof.n + OVERHEAD;

    switch (item->kind) {
    case CY_RELAY_RECEIPT:
        return add(out, arena, &cy_schema_packet_ack,
                   &(struct cy_packet_ack){.realm = other->realm,
                                           .sequence = item->sequence,
                                           .outcome = item->outcome,
                                           .reason = item->reason,
                                           .root = root,
                                           .proof = item->proof},
                   bytes);
    case CY_RELAY_NO_RECEIPT:
        return add(out, arena, &cy_schema_packet_timeout,
                   &(struct cy_packet_timeout){.realm = other->realm,
                                               .sequence = item->sequence,
                                               .root = root,
                                               .proof = item->proof},
                   bytes);
    case CY_RELAY_PACKET:
        return add(
            out, arena, &cy_schema_packet_receive,
            &(struct cy_packet_receive){
                .realm = other->realm, .packet = item->packet, .root = root, .proof = item->proof},
            bytes);
    case CY_RELAY_NO_PACKET:
        return add(out, arena, &cy_schema_packet_forget,
                   &(struct cy_packet_forget){.realm = other->realm,
                                              .sequence = item->sequence,
                                              .root = root,
                                              .proof = item->proof},
                   bytes);
    case CY_RELAY_RECORD: /* for an act that somebody else makes of it */
    default: return CY_OK;
    }
}

/* Whether the item is of use to this realm now. */
static bool useful(const struct cy_relay_status *status, const struct cy_relay_offer *own,
                   const struct cy_relay_item *item)
{
    if (item->kind != CY_RELAY_PACKET)
        return true;
    if (status->state == CY_bridge_state_FROZEN || status->state == CY_bridge_state_SEVERED)
        return false;
    return (item->timeout == 0 || status->now < item->timeout) &&
           !has(own, CY_RELAY_RECEIPT, item->sequence);
}

static bool head_due(const struct cy_relay_status *status)
{
    const cy_time heard = status->heard < status->heard_here ? status->heard : status->heard_here;

    return status->roots == 0 || status->now > heard + status->stale_ms / 3;
}

cy_err cy_relay_plan(const struct cy_relay_status *status, const struct cy_relay_status *other,
                     const struct cy_relay_offer *offer, const struct cy_relay_offer *own,
                     struct cy_span policy, struct cy_arena *arena, struct cy_relay_acts *out)
{
    const struct cy_bridge_head head = cy_relay_show(&other->realm, offer, policy);

    *out = (struct cy_relay_acts){0};
    if (status->state == 0)
        return CY_OK;
    CY_TRY(add(out, arena, &cy_schema_bridge_head, &head,
               offer->note.n + policy.n + offer->entry.n + offer->path.n + offer->consistency.n +
                   OVERHEAD));
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < offer->n && out->n > 0; i++) {
            const struct cy_relay_item *item = &offer->items[i];

            if ((item->kind == CY_RELAY_PACKET) == (round == 1) && useful(status, own, item))
                CY_TRY(add_item(other, item, status->roots + 1, arena, out));
        }
    }
    if (out->n == 1 && !head_due(status))
        out->n = 0;
    return CY_OK;
}

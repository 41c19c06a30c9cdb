#include "host/routes/routes_bridge.h"

#include "host/node/node_heads.h"
#include "realm/relay_wire.h"
#include "wire/print.h"

#include <stdlib.h>

#define CBOR_TYPE "application/cbor"
#define ARENA_BYTES ((size_t)8 << 20)
#define STANDING_MAX 2048u
#define SETTLE_MS 10000u

static void bridge_json(const struct cy_world *world, const struct cy_bridge *bridge,
                        struct cy_text *page)
{
    const struct cy_realm *realm = CY_GET(world, realm, &(uint64_t){1});
    const struct cy_bridge_line *line = CY_GET(world, bridge_line, &bridge->realm);
    const unsigned now = cy_bridge_seen(world, bridge, realm->now);

    cy_text_add(page, "{\"state\":");
    cy_print_string(page, cy_span_text(cy_word_text(cy_schema_bridge.fields[4].set, (uint8_t)now)));
    cy_text_add(page, ",\"bridge\":");
    cy_print_json(page, &cy_schema_bridge, bridge);
    cy_text_add(page, ",\"line\":");
    cy_print_json(page, &cy_schema_bridge_line, line);
    cy_text_add(page, "}");
}

static void get_bridges(void *context, const struct cy_http_request *request,
                        struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct cy_text page = cy_page();
    const struct cy_world *world = NULL;

    if (page.at == NULL) {
        cy_fail_reply(request, reply, cy_fail(CY_E_NO_MEMORY, 0), NULL);
        return;
    }
    cy_text_add(&page, "{\"bridges\":[");
    world = cy_order_read(&node->order);
    for (uint32_t i = 0; i < cy_world_count(world, CY_R_bridge); i++) {
        if (i > 0)
            cy_text_add(&page, ",");
        bridge_json(world, cy_world_at(world, CY_R_bridge, i), &page);
    }
    cy_order_read_end(&node->order);
    cy_text_add(&page, "]}");
    cy_page_end(request, reply, &page, page.full ? cy_fail(CY_E_NO_ROOM, page.cap) : CY_OK, NULL);
}

/* The realm in the path; false when the request was answered with what is wrong with it. */
static bool realm_of(const struct cy_http_request *request, struct cy_reply *reply,
                     struct cy_id *realm)
{
    const char *text = cy_http_param(request, "realm");

    if (text != NULL && cy_ok(cy_hex_read(cy_span_text(text), realm->b, sizeof realm->b)))
        return true;
    cy_fail_reply(request, reply, cy_fail(CY_E_BAD_REQUEST, 0),
                  "a realm is named by the 64 digits of its id");
    return false;
}

static void get_standing(void *context, const struct cy_http_request *request,
                         struct cy_reply *reply)
{
    struct cy_node *node = context;
    uint8_t bytes[STANDING_MAX];
    struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
    struct cy_relay_status status;
    struct cy_id realm;
    cy_err err = CY_OK;

    if (!realm_of(request, reply, &realm))
        return;
    cy_relay_look(cy_order_read(&node->order), &realm, &status);
    cy_order_read_end(&node->order);
    err = cy_relay_status_write(&status, &out);
    if (cy_ok(err))
        cy_reply_bytes(reply, 200, CBOR_TYPE, cy_cbor_written(&out));
    else
        cy_fail_reply(request, reply, err, NULL);
}

/* An offer in the making. */
struct offering {
    struct cy_node *node;
    struct cy_later *later;
    struct cy_relay_ask ask;
    struct cy_relay_offer offer;
    struct cy_arena arena;
    struct cy_node_head head;
    cy_err err;
};

/* Runs between two acts, just after a state root was recorded. */
static void prove(void *self, struct cy_cell *cell)
{
    struct offering *o = self;

    o->err = cy_relay_prove(cell, &o->ask, &o->arena, &o->offer);
}

/* Proofs, then a head over them, with the cosignatures that come in time. */
static cy_err make_offer(struct offering *o)
{
    struct cy_disk_fault fault = {.path = ""};
    struct cy_cell *cell = NULL;
    cy_err err = CY_OK;

    CY_TRY(cy_order_run(&o->node->order, true, prove, o));
    CY_TRY(o->err);
    CY_TRY(cy_order_settle(&o->node->order, o->offer.root_at, SETTLE_MS));
    if (o->node->n_witnesses > 0 &&
        cy_ok(cy_node_wait_witnessed(o->node, o->offer.root_at, 0,
                                     (unsigned)o->node->config->wait_witnessed_ms)))
        cy_node_witnessed(o->node, 0, &o->head);
    else
        cy_node_head(o->node, &o->head);
    cell = cy_order_tree(&o->node->order);
    err = cy_node_damage(cy_relay_head(cell, &o->ask, cy_span_of(o->head.note, o->head.n),
                                       &o->arena, &o->offer, &fault),
                         &fault);
    cy_order_tree_end(&o->node->order);
    return err;
}

static void answer_offer(struct offering *o, struct cy_reply *reply)
{
    uint8_t *bytes = malloc(CY_RELAY_WIRE_MAX);
    struct cy_cbor_writer out = cy_cbor_write(bytes, CY_RELAY_WIRE_MAX);
    cy_err err = bytes == NULL ? cy_fail(CY_E_NO_MEMORY, 0) : make_offer(o);

    if (cy_ok(err))
        err = cy_relay_offer_write(&o->offer, &out);
    if (cy_ok(err))
        cy_reply_bytes(reply, 200, CBOR_TYPE, cy_cbor_written(&out));
    else
        cy_reply_fail(reply, err, NULL, "/v1/bridges/offer");
    free(bytes);
}

static void offering_free(struct offering *o)
{
    if (o != NULL)
        free(o->arena.at);
    free(o);
}

/* It waits for a state root, a head and its cosignatures: not on a server thread. */
static void work_offer(void *arg)
{
    struct offering *o = arg;
    struct cy_reply *reply = cy_reply_new();

    if (reply != NULL)
        answer_offer(o, reply);
    cy_http_answer(o->later, reply);
    offering_free(o);
}

/* NULL without memory. */
static struct offering *offering_new(struct cy_node *node)
{
    struct offering *o = calloc(1, sizeof *o);
    void *memory = aligned_alloc(16, ARENA_BYTES);

    if (o == NULL || memory == NULL) {
        free(o);
        free(memory);
        return NULL;
    }
    o->node = node;
    o->arena = cy_arena_on(memory, ARENA_BYTES);
    return o;
}

static void post_offer(void *context, const struct cy_http_request *request, struct cy_reply *reply)
{
    struct cy_node *node = context;
    struct offering *o = NULL;
    struct cy_reply *busy = NULL;
    struct cy_id realm;
    cy_err err = CY_OK;

    if (!realm_of(request, reply, &realm))
        return;
    o = offering_new(node);
    err = o == NULL ? cy_fail(CY_E_NO_MEMORY, 0)
                    : cy_relay_ask_read(cy_http_body(request), &realm, &o->arena, &o->ask);
    if (cy_ok(err) && (o->later = cy_http_later(request)) == NULL)
        err = cy_fail(CY_E_NO_MEMORY, 0);
    if (!cy_ok(err)) {
        offering_free(o);
        cy_fail_reply(request, reply, err, NULL);
        return;
    }
    err = cy_node_help(node, CY_NODE_PROVES, work_offer, o);
    if (cy_ok(err))
        return;
    busy = cy_reply_new();
    if (busy != NULL)
        cy_reply_fail(busy, err, NULL, "/v1/bridges/offer");
    cy_http_answer(o->later, busy);
    offering_free(o);
}

/* clang-format off */
static const struct cy_http_route routes[] = {
    {"GET",  "/v1/bridges",                  get_bridges,  0, 0, "every bridge, its state now, and what was heard over it",
     NULL, NULL, "200 bridges", ""},
    {"GET",  "/v1/bridges/{realm}/standing", get_standing, 0, 0, "how this realm stands towards that one, for relayers (SPEC/bridge.md)",
     NULL, NULL, "200 application/cbor", "BAD_REQUEST"},
    {"POST", "/v1/bridges/{realm}/offer",    post_offer,   0, CY_RELAY_QUERY_MAX, "proofs for that realm under one state root, and the head over it (SPEC/bridge.md)",
     NULL, CBOR_TYPE, "200 application/cbor", "BAD_REQUEST SHORT HEAD_OLD QUEUE_FULL TIMED_OUT"},
};
/* clang-format on */

const struct cy_http_route *cy_bridge_routes(size_t *n)
{
    *n = CY_COUNT(routes);
    return routes;
}

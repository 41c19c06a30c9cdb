#include "host/routes/bundle.h"

#include "host/json/json.h"
#include "host/node/node_heads.h"
#include "host/routes/receipt_json.h"
#include "verify/bundle_proof.h"
#include "wire/print.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define SETTLE_MS 10000u
#define RECORD_PROOF_MAX 32768u
#define EVENTS_MAX 32768u /* of one bundle: the sequencer waits while it is made */

struct maker {
    struct cy_node *node;
    const struct cy_members_question *question;
    struct cy_text *out;
    struct cy_arena arena;
    uint64_t tick_at;
    uint32_t records;
    char *proof;
    cy_err err;
};

static void add_base64(struct cy_text *out, struct cy_span bytes)
{
    cy_text_add(out, "\"");
    cy_text_base64(out, bytes);
    cy_text_add(out, "\"");
}

/* Appends one record with its proof. */
static void add_record(struct maker *m, struct cy_cell *cell, uint32_t number, const void *key)
{
    const struct cy_schema *schema = cy_schema_record(number);
    struct cy_text proof = cy_text_on(m->proof, RECORD_PROOF_MAX);
    uint8_t value[CY_STATE_VALUE_MAX];

    if (!cy_ok(m->err))
        return;
    m->err = m->out->full ? cy_fail(CY_E_NO_ROOM, 0) : cy_cell_prove(cell, number, key, &proof);
    if (!cy_ok(m->err))
        return;
    cy_text_add(m->out, m->records++ > 0 ? ",[\"" : "[\"");
    cy_text_add(m->out, schema->name);
    cy_text_add(m->out, "\",");
    add_base64(m->out,
               cy_state_value(schema, cy_world_get(&cell->engine.world, number, key), value));
    cy_text_add(m->out, ",");
    add_base64(m->out, cy_text_bytes(&proof));
    cy_text_add(m->out, "]");
}

static void add_party(struct maker *m, struct cy_cell *cell, const struct cy_namer *namer,
                      const struct cy_id *party)
{
    const struct cy_attestation *code = namer->code(namer->self, party);

    if (namer->passport(namer->self, party) != NULL)
        add_record(m, cell, CY_R_passport, party);
    if (code != NULL)
        add_record(m, cell, CY_R_attestation, code);
}

static void question_json(const struct cy_members_question *q, struct cy_text *out)
{
    cy_text_add(out, "{\"what\":\"members\",\"alliance\":\"");
    cy_text_hex(out, cy_span_of(q->alliance.b, sizeof q->alliance.b));
    cy_text_add(out, "\",\"as_of\":\"");
    cy_date_text(out, q->as_of.day);
    cy_text_add(out, "\",\"known_at\":\"");
    cy_text_u64(out, q->as_of.known_at);
    cy_text_add(out, "\",\"level\":");
    cy_text_u64(out, q->level);
    cy_text_add(out, "}");
}

/* Runs between two acts, just after a tick recorded the state root. */
static void make(void *self, struct cy_cell *cell)
{
    struct maker *m = self;
    const struct cy_world *world = &cell->engine.world;
    const struct cy_namer namer = cy_namer_of(&world);
    const struct cy_id *id = &m->question->alliance;
    const struct cy_alliance *alliance = CY_GET(world, alliance, id);
    const struct cy_alliance_roll *roll = CY_GET(world, alliance_roll, id);
    struct cy_listed *list = NULL;
    char *answer = cy_arena_take(&m->arena, (size_t)8 << 20);
    struct cy_text answer_text;
    size_t n = 0;

    m->tick_at = cell->root_at;
    if (alliance == NULL || roll == NULL || answer == NULL) {
        m->err = cy_fail(answer == NULL ? CY_E_NO_ROOM : CY_E_NO_ALLIANCE, 0);
        return;
    }
    if (roll->n_events > EVENTS_MAX) {
        m->err = cy_fail(CY_E_TOO_LARGE, EVENTS_MAX);
        return;
    }
    answer_text = cy_text_on(answer, (size_t)8 << 20);
    m->err = cy_alliance_list(world, id, &m->question->as_of, &m->arena, &list, &n);
    if (!cy_ok(m->err))
        return;
    for (size_t i = 0; i < n; i++)
        list[i].bloc = false; /* the records of a bundle do not prove it */
    cy_members_json(alliance, m->question, list, n, &namer, &answer_text);
    cy_text_add(m->out, "{\"comity\":\"" CY_BUNDLE_NAME "\",\"question\":");
    question_json(m->question, m->out);
    cy_text_add(m->out, ",\"answer\":");
    cy_print_string(m->out, cy_text_bytes(&answer_text));
    cy_text_add(m->out, ",\"records\":[");
    add_record(m, cell, CY_R_alliance, id);
    add_record(m, cell, CY_R_alliance_roll, id);
    for (uint64_t i = 0; i < roll->n_events; i++)
        add_record(m, cell, CY_R_member_event, &(struct cy_of_alliance){*id, i});
    for (size_t i = 0; i < n; i++) {
        if (m->question->level == 0 || list[i].level == m->question->level)
            add_party(m, cell, &namer, &list[i].party);
    }
    cy_text_add(m->out, "]");
    if (cy_ok(m->err) && (m->out->full || answer_text.full))
        m->err = cy_fail(CY_E_NO_ROOM, m->out->cap);
}

/* The tick's own bytes and its proof, once a signed head covers it. */
static cy_err add_tick(struct maker *m)
{
    struct cy_text proof = cy_text_on(m->proof, RECORD_PROOF_MAX);
    enum cy_level level = CY_LEVEL_NONE;
    uint8_t *entry = cy_arena_take(&m->arena, CY_ENTRY_MAX);
    struct cy_disk_fault fault = {.path = ""};
    struct cy_cell *cell = NULL;
    cy_err err = CY_OK;
    size_t n = 0;

    if (entry == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_order_settle(&m->node->order, m->tick_at, SETTLE_MS));
    if (m->node->n_witnesses > 0 &&
        !cy_ok(cy_node_wait_witnessed(m->node, m->tick_at, 0,
                                      (unsigned)m->node->config->wait_witnessed_ms)))
        level = CY_LEVEL_RECORDED; /* then without cosignatures: the verifier sees it */
    cell = cy_order_tree(&m->node->order);
    err = cy_node_damage(cy_tree_entry(&cell->tree, m->tick_at, entry, CY_ENTRY_MAX, &n, &fault),
                         &fault);
    cy_order_tree_end(&m->node->order);
    CY_TRY(err);
    CY_TRY(cy_proof_text(m->node, m->tick_at, 0, &proof, &level));
    cy_text_add(m->out, ",\"tick\":");
    add_base64(m->out, cy_span_of(entry, n));
    cy_text_add(m->out, ",\"proof\":");
    cy_print_string(m->out, cy_text_bytes(&proof));
    cy_text_add(m->out, "}");
    return m->out->full ? cy_fail(CY_E_NO_ROOM, m->out->cap) : CY_OK;
}

cy_err cy_bundle_members(struct cy_node *node, const struct cy_members_question *question,
                         struct cy_text *out)
{
    struct maker m = {.node = node, .question = question, .out = out};
    void *memory = aligned_alloc(16, ARENA_BYTES);
    cy_err err = CY_OK;

    m.proof = malloc(RECORD_PROOF_MAX);
    if (memory == NULL || m.proof == NULL) {
        err = cy_fail(CY_E_NO_MEMORY, 0);
    } else {
        m.arena = cy_arena_on(memory, ARENA_BYTES);
        err = cy_order_run(&node->order, true, make, &m);
        if (cy_ok(err))
            err = m.err;
        if (cy_ok(err))
            err = add_tick(&m);
    }
    free(m.proof);
    free(memory);
    return err;
}

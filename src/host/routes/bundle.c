#include "host/routes/bundle.h"

#include "crypto/ics23.h"
#include "crypto/merkle.h"
#include "host/json/json.h"
#include "host/routes/receipt_json.h"
#include "ledger/checkpoint.h"
#include "wire/print.h"
#include "wire/tlog_proof.h"

#include <stdlib.h>

#define NAME "bundle@v1"
#define ARENA_BYTES ((size_t)64 << 20)
#define SETTLE_MS 10000u
#define RECORD_PROOF_MAX 32768u
#define EVENTS_MAX 32768u /* of one bundle: the sequencer waits while it is made */

/* --- making --- */

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
    cy_text_add(m->out, "{\"comity\":\"" NAME "\",\"question\":");
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
    CY_TRY(cy_sequencer_settle(m->node->sequencer, m->tick_at, SETTLE_MS));
    if (m->node->n_witnesses > 0 &&
        !cy_ok(cy_node_wait_witnessed(m->node, m->tick_at, 0,
                                      (unsigned)m->node->config->wait_witnessed_ms)))
        level = CY_LEVEL_RECORDED; /* then without cosignatures: the verifier sees it */
    cell = cy_sequencer_tree(m->node->sequencer);
    err = cy_node_damage(cy_tree_entry(&cell->tree, m->tick_at, entry, CY_ENTRY_MAX, &n, &fault),
                         &fault);
    cy_sequencer_tree_end(m->node->sequencer);
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
        err = cy_sequencer_run(node->sequencer, true, make, &m);
        if (cy_ok(err))
            err = m.err;
        if (cy_ok(err))
            err = add_tick(&m);
    }
    free(m.proof);
    free(memory);
    return err;
}

/* --- verifying --- */

struct proven {
    struct cy_alliance *alliance;
    struct cy_alliance_roll *roll;
    struct cy_member_event *events;
    size_t n_events;
    struct cy_passport *passports;
    size_t n_passports;
    struct cy_attestation *codes;
    size_t n_codes;
};

struct checker {
    const struct cy_bundle_trust *trust;
    struct cy_bundle_report *report;
    struct cy_arena arena;
    struct proven proven;
    struct cy_members_question question;
};

static cy_err failed(struct checker *c, const char *step, cy_err err)
{
    c->report->failed = step;
    return err;
}

/* A base64 member of the JSON, decoded into the arena. */
static cy_err decode64(struct checker *c, const json_t *text, struct cy_span *out)
{
    const char *s = json_string_value(text);
    const size_t n = s == NULL ? 0 : strlen(s);
    uint8_t *bytes = cy_arena_take(&c->arena, n + 1);
    size_t got = 0;

    if (s == NULL)
        return cy_fail(CY_E_BAD_JSON, 0);
    if (bytes == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    CY_TRY(cy_base64_read(cy_span_of(s, n), bytes, n + 1, &got));
    *out = cy_span_of(bytes, got);
    return CY_OK;
}

/* The tick stands in the ledger whose head the trusted keys signed. */
static cy_err check_tick(struct checker *c, const json_t *root)
{
    const char *text = json_string_value(json_object_get(root, "proof"));
    struct cy_tlog_proof proof;
    struct cy_checkpoint head;
    struct cy_act act;
    struct cy_span entry;
    struct cy_id leaf;
    const struct cy_tick *tick = NULL;

    if (text == NULL)
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(decode64(c, json_object_get(root, "tick"), &entry));
    CY_TRY(cy_tlog_proof_read(cy_span_text(text), &proof));
    CY_TRY(cy_checkpoint_verify(proof.checkpoint, &c->trust->log, c->trust->witnesses,
                                c->trust->n_witnesses, c->trust->need, &head,
                                &c->report->cosigned));
    leaf = cy_hash_leaf(entry);
    CY_TRY(cy_merkle_inclusion(&leaf, proof.index, head.size, proof.path, proof.n, &head.root));
    CY_TRY(cy_act_open(entry, &c->arena, &act));
    if (act.any.schema != &cy_schema_tick)
        return cy_fail(CY_E_BAD_PROOF_TEXT, 0);
    tick = act.any.message;
    if (tick->now >= CY_LEDGER_TIME_MAX) /* no realm takes such a tick, and it has no civil form */
        return cy_fail(CY_E_RANGE, 0);
    c->report->size = head.size;
    c->report->index = proof.index;
    c->report->time = tick->now;
    c->report->state_root = tick->state_root;
    return CY_OK;
}

/* Where a proven record of this kind goes; NULL for kinds that no answer uses. */
static void *place_for(struct checker *c, const struct cy_schema *schema, size_t n_records)
{
    struct proven *p = &c->proven;

    if (p->events == NULL) {
        p->events = cy_arena_take(&c->arena, n_records * sizeof *p->events);
        p->passports = cy_arena_take(&c->arena, n_records * sizeof *p->passports);
        p->codes = cy_arena_take(&c->arena, n_records * sizeof *p->codes);
        if (p->events == NULL || p->passports == NULL || p->codes == NULL)
            return NULL;
    }
    if (schema == &cy_schema_alliance && p->alliance == NULL)
        return p->alliance = cy_arena_take(&c->arena, sizeof *p->alliance);
    if (schema == &cy_schema_alliance_roll && p->roll == NULL)
        return p->roll = cy_arena_take(&c->arena, sizeof *p->roll);
    if (schema == &cy_schema_member_event)
        return &p->events[p->n_events++];
    if (schema == &cy_schema_passport)
        return &p->passports[p->n_passports++];
    if (schema == &cy_schema_attestation)
        return &p->codes[p->n_codes++];
    return NULL;
}

static cy_err check_record(struct checker *c, const json_t *row, size_t n_records)
{
    const char *name = json_string_value(json_array_get(row, 0));
    const struct cy_schema *schema = NULL;
    struct cy_span value;
    struct cy_span proof;
    struct cy_id key;
    void *record = NULL;

    if (name == NULL)
        return cy_fail(CY_E_BAD_JSON, 0);
    schema = cy_schema_named(CY_SCHEMA_RECORD, cy_span_text(name));
    if (schema == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, 0);
    CY_TRY(decode64(c, json_array_get(row, 1), &value));
    CY_TRY(decode64(c, json_array_get(row, 2), &proof));
    record = place_for(c, schema, n_records);
    if (record == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, schema->number);
    CY_TRY(cy_decode(schema, value, &c->arena, record));
    key = cy_state_key(schema, record);
    return cy_ics23_verify_membership(&cy_ics23_tendermint, &c->report->state_root, proof,
                                      cy_span_of(key.b, sizeof key.b), value);
}

static cy_err check_records(struct checker *c, const json_t *root)
{
    const json_t *records = json_object_get(root, "records");
    const size_t n = json_array_size(records);

    for (size_t i = 0; i < n; i++) {
        CY_TRY(check_record(c, json_array_get(records, i), n));
        c->report->records++;
    }
    return CY_OK;
}

static const struct cy_passport *proven_passport(void *self, const struct cy_id *id)
{
    const struct proven *p = self;

    for (size_t i = 0; i < p->n_passports; i++) {
        if (cy_id_eq(&p->passports[i].id, id))
            return &p->passports[i];
    }
    return NULL;
}

static const struct cy_attestation *proven_code(void *self, const struct cy_id *id)
{
    const struct proven *p = self;

    for (size_t i = 0; i < p->n_codes; i++) {
        if (cy_id_eq(&p->codes[i].passport, id) && cy_is_country_code(&p->codes[i]))
            return &p->codes[i];
    }
    return NULL;
}

static cy_err read_question(struct checker *c, const json_t *root)
{
    const json_t *q = json_object_get(root, "question");
    const char *what = json_string_value(json_object_get(q, "what"));
    struct cy_json_fault fault;
    const char *day = NULL;
    uint64_t level = 0;

    if (what == NULL || strcmp(what, "members") != 0)
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(cy_json_get_hex(q, "alliance", true, c->question.alliance.b, 32, &fault));
    CY_TRY(cy_json_get_text(q, "as_of", true, 10, &day, &fault));
    CY_TRY(cy_date_read(cy_span_text(day), &c->question.as_of.day));
    CY_TRY(cy_json_get_u64(q, "known_at", true, UINT64_MAX, &c->question.as_of.known_at, &fault));
    if (c->question.as_of.known_at != UINT64_MAX &&
        c->question.as_of.known_at >= CY_LEDGER_TIME_MAX)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(cy_json_get_u64(q, "level", true, 3, &level, &fault));
    c->question.level = (uint8_t)level;
    return CY_OK;
}

/* Recomputes the answer from proven records alone. */
static cy_err recompute(struct checker *c, struct cy_text *answer)
{
    const struct proven *p = &c->proven;
    const struct cy_namer namer = {
        .self = &c->proven, .passport = proven_passport, .code = proven_code};
    struct cy_listed *list = NULL;
    size_t n = 0;

    if (p->alliance == NULL || p->roll == NULL ||
        !cy_id_eq(&p->alliance->id, &c->question.alliance) ||
        !cy_id_eq(&p->roll->alliance, &c->question.alliance))
        return cy_fail(CY_E_MISSING_FIELD, 0);
    if (p->n_events != p->roll->n_events)
        return cy_fail(CY_E_EVENT_ORDER, p->n_events);
    CY_TRY(cy_alliance_list_of(p->alliance, p->events, p->n_events, &c->question.as_of, &c->arena,
                               &list, &n));
    for (size_t i = 0; i < n; i++) { /* nobody is left nameless by leaving its passport out */
        if ((c->question.level == 0 || list[i].level == c->question.level) &&
            proven_passport(&c->proven, &list[i].party) == NULL)
            return cy_fail(CY_E_UNKNOWN_PASSPORT, i);
    }
    cy_members_json(p->alliance, &c->question, list, n, &namer, answer);
    return answer->full ? cy_fail(CY_E_NO_ROOM, answer->cap) : CY_OK;
}

static cy_err check(struct checker *c, const json_t *root, struct cy_text *answer)
{
    const char *name = json_string_value(json_object_get(root, "comity"));
    const char *claimed = json_string_value(json_object_get(root, "answer"));
    cy_err err = CY_OK;

    if (name == NULL || strcmp(name, NAME) != 0 || claimed == NULL)
        return failed(c, "form: a " NAME " document", cy_fail(CY_E_BAD_JSON, 0));
    err = read_question(c, root);
    if (!cy_ok(err))
        return failed(c, "question", err);
    err = check_tick(c, root);
    if (!cy_ok(err))
        return failed(c, "signed head and place of the tick in the ledger", err);
    err = check_records(c, root);
    if (!cy_ok(err))
        return failed(c, "records under the state root", err);
    err = recompute(c, answer);
    if (!cy_ok(err))
        return failed(c, "completeness of events and parties", err);
    if (!cy_span_eq(cy_text_bytes(answer), cy_span_text(claimed)))
        return failed(c, "answer recomputed from the records", cy_fail(CY_E_ANSWER_DIFFERS, 0));
    return CY_OK;
}

cy_err cy_bundle_verify(struct cy_span json, const struct cy_bundle_trust *trust,
                        struct cy_bundle_report *report, struct cy_text *answer)
{
    const struct cy_json_limits limits = {.size_max = (size_t)256 << 20, .depth_max = 8};
    const size_t bytes = ((size_t)1 << 20) + json.n * 4;
    struct checker c = {.trust = trust, .report = report};
    void *memory = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    struct cy_json_fault fault;
    json_t *root = NULL;
    cy_err err = CY_OK;

    *report = (struct cy_bundle_report){0};
    if (memory == NULL) {
        report->failed = "form: memory to read it";
        return cy_fail(CY_E_NO_MEMORY, 0);
    }
    c.arena = cy_arena_on(memory, bytes);
    err = cy_json_parse(json, &limits, &root, &fault);
    if (cy_ok(err))
        err = check(&c, root, answer);
    else
        report->failed = "form: JSON";
    json_decref(root);
    free(memory);
    return err;
}

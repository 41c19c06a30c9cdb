#include "verify/bundle_proof.h"

#include "base/table.h"
#include "crypto/ics23.h"
#include "institutions/alliance/members_json.h"
#include "kernel/constitution.h"
#include "kernel/world.h"

#define SLACK ((size_t)16384) /* what alignment and small things take */

/* The members of the document. */
struct parts {
    struct cy_doc form;
    struct cy_doc question;
    struct cy_doc answer;
    struct cy_doc tick;
    struct cy_doc proof;
    struct cy_doc records;
};

/* How many records of each kind; so many there is room for. */
struct counts {
    uint32_t events;
    uint32_t passports;
    uint32_t codes;
    size_t bytes; /* of the values, decoded */
    size_t proof; /* the longest */
};

/* A country code under the party that holds it. */
struct party_code {
    struct cy_id passport;
    struct cy_attestation code;
};

struct proven {
    struct cy_alliance *alliance;
    struct cy_alliance_roll *roll;
    struct cy_member_event *events;
    size_t n_events;
    struct cy_table passports; /* by id */
    struct cy_table codes;     /* of struct party_code: the first of each party */
};

struct checker {
    const struct cy_trust *trust;
    struct comity_report *report;
    struct cy_arena *arena;
    struct parts parts;
    struct counts counts;
    struct proven proven;
    struct cy_members_question question;
    struct cy_id state_root;
};

/* --- reading --- */

static struct parts parts_of(const struct cy_doc *root)
{
    struct cy_doc_walk walk = cy_doc_inside(root);
    struct parts parts = {.form = {.kind = CY_DOC_NONE}};
    struct cy_doc key;
    struct cy_doc value;
    const struct {
        const char *name;
        struct cy_doc *to;
    } places[] = {
        {"comity",   &parts.form    },
        {"question", &parts.question},
        {"answer",   &parts.answer  },
        {"tick",     &parts.tick    },
        {"proof",    &parts.proof   },
        {"records",  &parts.records },
    };

    while (cy_doc_next(&walk, &key, &value)) {
        for (size_t i = 0; i < CY_COUNT(places); i++) {
            if (cy_doc_is(&key, places[i].name))
                *places[i].to = value;
        }
    }
    return parts;
}

/* [name, value, proof]; what is not there is NONE. */
static void row_of(const struct cy_doc *row, struct cy_doc out[static 3])
{
    struct cy_doc_walk walk = cy_doc_inside(row);
    struct cy_doc none;

    for (size_t i = 0; i < 3; i++) {
        out[i] = (struct cy_doc){.kind = CY_DOC_NONE};
        if (row->kind == CY_DOC_ARRAY)
            (void)cy_doc_next(&walk, &none, &out[i]);
    }
}

static const struct cy_schema *schema_of(const struct cy_doc *name)
{
    static const struct cy_schema *const known[] = {&cy_schema_alliance, &cy_schema_alliance_roll,
                                                    &cy_schema_member_event, &cy_schema_passport,
                                                    &cy_schema_attestation};

    for (size_t i = 0; i < CY_COUNT(known); i++) {
        if (cy_doc_is(name, known[i]->name))
            return known[i];
    }
    return NULL;
}

static size_t decoded(size_t base64)
{
    return base64 + 32; /* written out where escaped, then decoded: less than this each */
}

static struct counts count(const struct cy_doc *records)
{
    struct cy_doc_walk walk = cy_doc_inside(records);
    struct counts counts = {.events = 0};
    struct cy_doc none;
    struct cy_doc row;
    struct cy_doc cells[3];

    while (cy_doc_next(&walk, &none, &row)) {
        const struct cy_schema *schema = NULL;

        row_of(&row, cells);
        schema = schema_of(&cells[0]);
        if (schema == NULL)
            continue;
        counts.events += schema == &cy_schema_member_event;
        counts.passports += schema == &cy_schema_passport;
        counts.codes += schema == &cy_schema_attestation;
        counts.bytes += 2 * decoded(cells[1].text.n);
        if (cells[2].text.n > counts.proof)
            counts.proof = cells[2].text.n;
    }
    return counts;
}

static size_t room_of(const struct parts *parts, const struct counts *counts)
{
    const size_t n = (size_t)counts->events + 1;
    const size_t tick = parts->tick.text.n;

    return SLACK + sizeof(struct cy_alliance) + sizeof(struct cy_alliance_roll) +
           n * sizeof(struct cy_member_event) +
           cy_table_bytes(sizeof(struct cy_passport), counts->passports + 1) +
           cy_table_bytes(sizeof(struct party_code), counts->codes + 1) + counts->bytes +
           2 * decoded(counts->proof) + 2 * decoded(tick) + cy_act_decoded_max(tick) +
           parts->proof.text.n + cy_alliance_list_room(n) + 2 * parts->answer.text.n;
}

bool cy_is_bundle(const struct cy_doc *root)
{
    const struct cy_doc form = cy_doc_member(root, "comity");

    return cy_doc_is(&form, CY_BUNDLE_NAME);
}

size_t cy_bundle_room(const struct cy_doc *root)
{
    const struct parts parts = parts_of(root);
    const struct counts counts = count(&parts.records);

    return room_of(&parts, &counts);
}

/* --- the question --- */

/* A text that must be there; null is as good as nothing. */
static cy_err text_in(struct checker *c, const char *name, struct cy_span *out)
{
    const struct cy_doc value = cy_doc_member(&c->parts.question, name);

    if (value.kind == CY_DOC_NONE || value.kind == CY_DOC_NULL)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    return cy_doc_string(&value, c->arena, out);
}

static cy_err number_in(struct checker *c, const char *name, uint64_t most, uint64_t *out)
{
    const struct cy_doc value = cy_doc_member(&c->parts.question, name);

    if (value.kind == CY_DOC_NONE || value.kind == CY_DOC_NULL)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    CY_TRY(cy_doc_u64(&value, out));
    return *out <= most ? CY_OK : cy_fail(CY_E_BAD_JSON, 0);
}

static cy_err read_question(struct checker *c)
{
    const struct cy_doc what = cy_doc_member(&c->parts.question, "what");
    struct cy_as_of *as_of = &c->question.as_of;
    struct cy_span text;
    uint64_t level = 0;

    if (!cy_doc_is(&what, "members"))
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(text_in(c, "alliance", &text));
    if (!cy_ok(cy_hex_read(text, c->question.alliance.b, sizeof c->question.alliance.b)))
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(text_in(c, "as_of", &text));
    if (text.n > 10)
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(cy_date_read(text, &as_of->day));
    CY_TRY(number_in(c, "known_at", UINT64_MAX, &as_of->known_at));
    if (as_of->known_at != UINT64_MAX && as_of->known_at >= CY_LEDGER_TIME_MAX)
        return cy_fail(CY_E_RANGE, 0);
    CY_TRY(number_in(c, "level", 3, &level));
    c->question.level = (uint8_t)level;
    return CY_OK;
}

/* --- the tick --- */

static cy_err read_tick(struct checker *c, struct cy_tlog_proof *proof, struct cy_span *entry)
{
    struct cy_span text;

    if (c->parts.proof.kind != CY_DOC_STRING)
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(cy_doc_base64(&c->parts.tick, c->arena, entry));
    CY_TRY(cy_doc_string(&c->parts.proof, c->arena, &text));
    return cy_tlog_proof_read(text, proof);
}

/* The entry is a tick; what it says goes into the report. */
static cy_err open_tick(struct checker *c, struct cy_span entry)
{
    const struct cy_tick *tick = NULL;
    struct cy_act act;

    CY_TRY(cy_act_open(entry, c->arena, &act));
    if (act.any.schema != &cy_schema_tick)
        return cy_fail(CY_E_BAD_PROOF_TEXT, 0);
    tick = act.any.message;
    if (tick->now >= CY_LEDGER_TIME_MAX) /* no realm takes such a tick, and it has no civil form */
        return cy_fail(CY_E_RANGE, 0);
    c->state_root = tick->state_root;
    c->report->time_ms = tick->now;
    c->report->entry = entry.at;
    c->report->entry_n = entry.n;
    memcpy(c->report->act, act.id.b, sizeof c->report->act);
    memcpy(c->report->state_root, tick->state_root.b, sizeof c->report->state_root);
    return CY_OK;
}

static bool check_tick(struct checker *c)
{
    struct cy_tlog_proof proof;
    struct cy_span entry = {NULL, 0};
    cy_err err = CY_OK;

    if (!cy_report_unless(c->report, COMITY_STEP_TICK, read_tick(c, &proof, &entry)) ||
        !cy_check_head(proof.checkpoint, c->trust, c->report) ||
        !cy_report_unless(c->report, COMITY_STEP_PLACE, cy_place(&proof, entry, c->report)))
        return false;
    err = open_tick(c, entry);
    return cy_report_step(c->report, COMITY_STEP_TICK, err, proof.index, c->report->time_ms);
}

/* --- the records --- */

/* A table whose index is clear, which cy_table asks for. */
static cy_err table_on(struct cy_table *table, struct cy_arena *arena, size_t size, uint32_t limit)
{
    CY_TRY(cy_table_init(table, arena, (uint32_t)size, sizeof(struct cy_id), limit + 1));
    memset(table->index, 0, ((size_t)table->mask + 1) * sizeof *table->index);
    return CY_OK;
}

static cy_err make_room(struct checker *c)
{
    struct proven *p = &c->proven;

    c->counts = count(&c->parts.records);
    p->events = cy_arena_take(c->arena, (c->counts.events + (size_t)1) * sizeof *p->events);
    if (p->events == NULL)
        return cy_fail(CY_E_NO_ROOM, c->counts.events);
    CY_TRY(table_on(&p->passports, c->arena, sizeof(struct cy_passport), c->counts.passports));
    return table_on(&p->codes, c->arena, sizeof(struct party_code), c->counts.codes);
}

static void keep_code(struct proven *p, const struct cy_attestation *code)
{
    const struct party_code entry = {.passport = code->passport, .code = *code};

    if (cy_is_country_code(code) && cy_table_get(&p->codes, &code->passport) == NULL)
        (void)cy_table_put(&p->codes, &entry);
}

/* There is one alliance and one roll in an answer. */
static bool taken(const struct proven *p, const struct cy_schema *schema)
{
    return (schema == &cy_schema_alliance && p->alliance != NULL) ||
           (schema == &cy_schema_alliance_roll && p->roll != NULL);
}

/* A record of the world, though of a kind that no answer uses. */
static bool is_record(struct checker *c, const struct cy_doc *name)
{
    const size_t mark = c->arena->used;
    struct cy_span text;
    const bool is = cy_ok(cy_doc_string(name, c->arena, &text)) &&
                    cy_schema_named(CY_SCHEMA_RECORD, text) != NULL;

    cy_arena_rewind(c->arena, mark);
    return is;
}

/* Keeps a record that was proven. */
static cy_err keep(struct checker *c, const struct cy_schema *schema, const void *record)
{
    struct proven *p = &c->proven;

    if (schema == &cy_schema_member_event) {
        memcpy(&p->events[p->n_events++], record, sizeof *p->events);
    } else if (schema == &cy_schema_passport) {
        (void)cy_table_put(&p->passports, record);
    } else if (schema == &cy_schema_attestation) {
        keep_code(p, record);
    } else {
        void **place = schema == &cy_schema_alliance ? (void **)&p->alliance : (void **)&p->roll;

        *place = cy_arena_take(c->arena, schema->size);
        if (*place == NULL)
            return cy_fail(CY_E_NO_ROOM, schema->size);
        memcpy(*place, record, schema->size);
    }
    return CY_OK;
}

static cy_err check_record(struct checker *c, const struct cy_doc *row)
{
    union {
        struct cy_alliance alliance;
        struct cy_alliance_roll roll;
        struct cy_member_event event;
        struct cy_passport passport;
        struct cy_attestation code;
    } record;
    const struct cy_schema *schema = NULL;
    struct cy_doc cells[3];
    struct cy_span value;
    struct cy_span proof;
    struct cy_id key;
    size_t mark = 0;

    row_of(row, cells);
    schema = schema_of(&cells[0]);
    if (cells[0].kind != CY_DOC_STRING)
        return cy_fail(CY_E_BAD_JSON, 0);
    if (schema == NULL && !is_record(c, &cells[0]))
        return cy_fail(CY_E_UNKNOWN_MESSAGE, 0);
    CY_TRY(cy_doc_base64(&cells[1], c->arena, &value));
    mark = c->arena->used;
    CY_TRY(cy_doc_base64(&cells[2], c->arena, &proof));
    if (schema == NULL || taken(&c->proven, schema))
        return cy_fail(CY_E_UNKNOWN_MESSAGE, 0);
    memset(&record, 0, sizeof record);
    CY_TRY(cy_decode(schema, value, c->arena, &record));
    key = cy_state_key(schema, &record);
    CY_TRY(cy_ics23_verify_membership(&cy_ics23_tendermint, &c->state_root, proof,
                                      cy_span_of(key.b, sizeof key.b), value));
    cy_arena_rewind(c->arena, mark); /* these records have no lists: nothing points there */
    return keep(c, schema, &record);
}

static bool check_records(struct checker *c)
{
    struct cy_doc_walk walk = cy_doc_inside(&c->parts.records);
    struct cy_doc none;
    struct cy_doc row;
    cy_err err = make_room(c);

    if (c->parts.records.kind != CY_DOC_ARRAY)
        walk = (struct cy_doc_walk){.keys = false};
    while (cy_ok(err) && cy_doc_next(&walk, &none, &row)) {
        err = check_record(c, &row);
        c->report->records += cy_ok(err) ? 1 : 0;
    }
    return cy_report_unless(c->report, COMITY_STEP_RECORDS, err);
}

/* --- the answer --- */

static const struct cy_passport *proven_passport(void *self, const struct cy_id *id)
{
    const struct proven *p = self;

    return cy_table_get(&p->passports, id);
}

static const struct cy_attestation *proven_code(void *self, const struct cy_id *id)
{
    const struct proven *p = self;
    const struct party_code *found = cy_table_get(&p->codes, id);

    return found == NULL ? NULL : &found->code;
}

/* Who the members were, by proven records alone, none of which is missing. */
static cy_err list_members(struct checker *c, struct cy_listed **list, size_t *n)
{
    struct proven *p = &c->proven;

    if (p->alliance == NULL || p->roll == NULL ||
        !cy_id_eq(&p->alliance->id, &c->question.alliance) ||
        !cy_id_eq(&p->roll->alliance, &c->question.alliance))
        return cy_fail(CY_E_MISSING_FIELD, 0);
    if (p->n_events != p->roll->n_events)
        return cy_fail(CY_E_EVENT_ORDER, p->n_events);
    CY_TRY(cy_alliance_list_of(p->alliance, p->events, p->n_events, &c->question.as_of, c->arena,
                               list, n));
    for (size_t i = 0; i < *n; i++) { /* nobody is left nameless by leaving its passport out */
        if ((c->question.level == 0 || (*list)[i].level == c->question.level) &&
            proven_passport(p, &(*list)[i].party) == NULL)
            return cy_fail(CY_E_UNKNOWN_PASSPORT, i);
    }
    return CY_OK;
}

static cy_err same_answer(struct checker *c, const struct cy_listed *list, size_t n)
{
    const struct cy_namer namer = {
        .self = &c->proven, .passport = proven_passport, .code = proven_code};
    struct cy_span claimed;
    struct cy_text answer;
    char *room = NULL;

    CY_TRY(cy_doc_string(&c->parts.answer, c->arena, &claimed));
    room = cy_arena_take(c->arena, claimed.n + 1);
    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, claimed.n);
    answer = cy_text_on(room, claimed.n + 1);
    cy_members_json(c->proven.alliance, &c->question, list, n, &namer, &answer);
    if (answer.full || !cy_span_eq(cy_text_bytes(&answer), claimed))
        return cy_fail(CY_E_ANSWER_DIFFERS, 0);
    c->report->answer = room;
    c->report->answer_n = answer.n;
    return CY_OK;
}

static bool check_answer(struct checker *c)
{
    struct cy_listed *list = NULL;
    size_t n = 0;
    const cy_err err = list_members(c, &list, &n);

    return cy_report_unless(c->report, COMITY_STEP_COMPLETE, err) &&
           cy_report_step(c->report, COMITY_STEP_RECORDS, CY_OK, c->report->records, 0) &&
           cy_report_step(c->report, COMITY_STEP_ANSWER, same_answer(c, list, n), 0, 0);
}

bool cy_check_bundle(struct cy_span json, const struct cy_trust *trust, struct cy_arena *arena,
                     struct comity_report *report)
{
    struct checker c = {.trust = trust, .report = report, .arena = arena};
    struct cy_doc root;
    cy_err err = cy_doc_read(json, CY_BUNDLE_DEPTH, &root);

    report->kind = COMITY_KIND_BUNDLE;
    if (cy_ok(err)) {
        c.parts = parts_of(&root);
        if (!cy_doc_is(&c.parts.form, CY_BUNDLE_NAME) || c.parts.answer.kind != CY_DOC_STRING)
            err = cy_fail(CY_E_BAD_JSON, 0);
    }
    return cy_report_unless(report, COMITY_STEP_FORM, err) &&
           cy_report_unless(report, COMITY_STEP_QUESTION, read_question(&c)) && check_tick(&c) &&
           check_records(&c) && check_answer(&c);
}

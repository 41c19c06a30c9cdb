#include "verify/exit_file.h"

#include "crypto/ics23.h"
#include "kernel/ledger_time.h"

#define SLACK ((size_t)65536)
#define RECORD_ROOM 4096u
#define SUMMARY_MAX 512u

/* --- form --- */

bool cy_is_exit_file(const struct cy_doc *root)
{
    const struct cy_doc form = cy_doc_member(root, "comity");

    return cy_doc_is(&form, CY_EXIT_FILE_NAME);
}

static uint32_t count(const struct cy_doc *records)
{
    struct cy_doc_walk walk = cy_doc_inside(records);
    struct cy_doc none;
    struct cy_doc row;
    uint32_t n = 0;

    while (cy_doc_next(&walk, &none, &row))
        n++;
    return n;
}

size_t cy_exit_file_room(const struct cy_doc *root)
{
    const struct cy_doc records = cy_doc_member(root, "records");

    /* every text is written out and decoded once: together less than twice what is written */
    return SLACK + 3 * root->text.n +
           ((size_t)count(&records) + 1) * (sizeof(struct cy_exit_row) + 64);
}

static const struct cy_schema *schema_named(const struct cy_doc *name, struct cy_arena *arena)
{
    const size_t mark = arena->used;
    const struct cy_schema *schema = NULL;
    struct cy_span text;

    if (cy_ok(cy_doc_string(name, arena, &text)))
        schema = cy_schema_named(CY_SCHEMA_RECORD, text);
    cy_arena_rewind(arena, mark);
    return schema;
}

/* [name, value, proof] */
static cy_err read_row(const struct cy_doc *row, struct cy_arena *arena, struct cy_exit_row *out)
{
    struct cy_doc_walk walk = cy_doc_inside(row);
    struct cy_doc none;
    struct cy_doc cells[4];
    unsigned n = 0;

    if (row->kind != CY_DOC_ARRAY)
        return cy_fail(CY_E_BAD_JSON, 0);
    while (n < CY_COUNT(cells) && cy_doc_next(&walk, &none, &cells[n]))
        n++;
    if (n != 3 || cells[0].kind != CY_DOC_STRING)
        return cy_fail(CY_E_BAD_JSON, n);
    out->schema = schema_named(&cells[0], arena);
    if (out->schema == NULL)
        return cy_fail(CY_E_UNKNOWN_MESSAGE, 0);
    CY_TRY(cy_doc_base64(&cells[1], arena, &out->value));
    return cy_doc_base64(&cells[2], arena, &out->proof);
}

static cy_err read_rows(const struct cy_doc *root, struct cy_arena *arena, struct cy_exit_file *out)
{
    const struct cy_doc records = cy_doc_member(root, "records");
    struct cy_doc_walk walk = cy_doc_inside(&records);
    struct cy_doc none;
    struct cy_doc row;

    if (records.kind != CY_DOC_ARRAY)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    out->rows = cy_arena_take(arena, ((size_t)count(&records) + 1) * sizeof *out->rows);
    if (out->rows == NULL)
        return cy_fail(CY_E_NO_ROOM, 0);
    while (cy_doc_next(&walk, &none, &row)) {
        CY_TRY(read_row(&row, arena, &out->rows[out->n]));
        out->n++;
    }
    return CY_OK;
}

cy_err cy_exit_file_read(const struct cy_doc *root, struct cy_arena *arena,
                         struct cy_exit_file *out)
{
    const struct cy_doc passport = cy_doc_member(root, "passport");
    const struct cy_doc entry = cy_doc_member(root, "entry");
    const struct cy_doc proof = cy_doc_member(root, "proof");
    struct cy_span text;

    *out = (struct cy_exit_file){.n = 0};
    if (passport.kind != CY_DOC_STRING || entry.kind != CY_DOC_STRING ||
        proof.kind != CY_DOC_STRING)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    CY_TRY(cy_doc_string(&passport, arena, &text));
    if (!cy_ok(cy_hex_read(text, out->passport.b, sizeof out->passport.b)))
        return cy_fail(CY_E_BAD_JSON, 0);
    CY_TRY(cy_doc_base64(&entry, arena, &out->entry));
    CY_TRY(cy_foreign_mark_read(out->entry, &out->mark));
    CY_TRY(cy_doc_string(&proof, arena, &text));
    CY_TRY(cy_tlog_proof_read(text, &out->proof));
    return read_rows(root, arena, out);
}

/* --- what its records say --- */

struct tally {
    struct cy_passport passport;
    bool has_passport;
    bool has_realm;
    uint32_t sum[3]; /* weight of present keys */
    uint32_t keys;
    uint32_t turns;
    uint32_t accounts;
    uint32_t duties;
};

union record {
    _Alignas(16) uint8_t room[RECORD_ROOM];
    struct cy_passport passport;
    struct cy_control control;
    struct cy_rotation rotation;
};

/* The passport comes before what rests on it, and each record once: turns are counted. */
static cy_err tally(const struct cy_exit_file *file, const struct cy_schema *schema,
                    const union record *record, struct tally *t)
{
    if (schema == &cy_schema_realm) {
        t->has_realm = true;
    } else if (schema == &cy_schema_passport) {
        if (t->has_passport || !cy_id_eq(&record->passport.id, &file->passport))
            return cy_fail(CY_E_UNKNOWN_PASSPORT, 0);
        t->passport = record->passport;
        t->has_passport = true;
    } else if (schema == &cy_schema_control) {
        if (!t->has_passport || !cy_id_eq(&record->control.passport, &file->passport))
            return cy_fail(CY_E_WRONG_KEY, 0);
        t->keys++;
        if (record->control.generation == t->passport.generation)
            t->sum[record->control.clause] += record->control.weight;
    } else if (schema == &cy_schema_rotation) {
        if (!cy_id_eq(&record->rotation.passport, &file->passport))
            return cy_fail(CY_E_WRONG_KEY, 0);
        t->turns++;
    } else if (schema == &cy_schema_account) {
        t->accounts++;
    } else {
        t->duties++;
    }
    return CY_OK;
}

/* No record twice: they are in ascending order of table, and within one of their state keys. */
struct order {
    uint32_t number;
    struct cy_id key;
    bool any;
};

static cy_err ascends(struct order *last, const struct cy_schema *schema, const struct cy_id *key)
{
    const bool after =
        !last->any || schema->number > last->number ||
        (schema->number == last->number && memcmp(key->b, last->key.b, sizeof key->b) > 0);

    *last = (struct order){schema->number, *key, true};
    return after ? CY_OK : cy_fail(CY_E_BUNDLE_ORDER, schema->number);
}

static cy_err check_row(const struct cy_exit_file *file, const struct cy_exit_row *row,
                        struct order *last, struct tally *t)
{
    _Alignas(16) uint8_t memory[16];
    struct cy_arena nothing = cy_arena_on(memory, sizeof memory); /* a record holds no lists */
    union record record;
    struct cy_id key;

    if (row->schema->size > sizeof record)
        return cy_fail(CY_E_TOO_LARGE, row->schema->number);
    memset(&record, 0, sizeof record);
    CY_TRY(cy_decode(row->schema, row->value, &nothing, &record));
    key = cy_state_key(row->schema, &record);
    CY_TRY(ascends(last, row->schema, &key));
    CY_TRY(cy_ics23_verify_membership(&cy_ics23_tendermint, &file->mark.state_root, row->proof,
                                      cy_span_of(key.b, sizeof key.b), row->value));
    return tally(file, row->schema, &record, t);
}

static cy_err check_rows(const struct cy_exit_file *file, struct tally *t,
                         struct comity_report *report)
{
    struct order last = {.any = false};

    for (uint32_t i = 0; i < file->n; i++) {
        CY_TRY(check_row(file, &file->rows[i], &last, t));
        report->records++;
    }
    return CY_OK;
}

static cy_err complete(const struct tally *t)
{
    if (!t->has_realm || !t->has_passport)
        return cy_fail(CY_E_MISSING_FIELD, 0);
    if (t->turns != t->passport.generation)
        return cy_fail(CY_E_BUNDLE_KEYS, t->turns);
    if (t->sum[0] < t->passport.need_0 || t->sum[1] < t->passport.need_1 ||
        t->sum[2] < t->passport.need_2)
        return cy_fail(CY_E_BUNDLE_KEYS, t->keys);
    return CY_OK;
}

/* --- the whole --- */

static void number_in(struct cy_text *out, const char *name, uint64_t value)
{
    cy_text_add(out, ",\"");
    cy_text_add(out, name);
    cy_text_add(out, "\":");
    cy_text_u64(out, value);
}

static cy_err summary(const struct cy_exit_file *file, const struct tally *t,
                      struct cy_arena *arena, struct comity_report *report)
{
    static const char *const standings[] = {"", "active", "retired", "moved"};
    char *room = cy_arena_take(arena, SUMMARY_MAX);
    struct cy_text out;

    if (room == NULL)
        return cy_fail(CY_E_NO_ROOM, SUMMARY_MAX);
    out = cy_text_on(room, SUMMARY_MAX);
    cy_text_add(&out, "{\"exit\":\"");
    cy_text_hex(&out, cy_span_of(file->passport.b, sizeof file->passport.b));
    cy_text_add(&out, "\",\"standing\":\"");
    cy_text_add(&out, standings[t->passport.standing < 4 ? t->passport.standing : 0]);
    cy_text_add(&out, "\"");
    number_in(&out, "generation", t->passport.generation);
    number_in(&out, "keys", t->keys);
    number_in(&out, "accounts", t->accounts);
    number_in(&out, "others", t->duties);
    cy_text_add(&out, "}");
    report->answer = room;
    report->answer_n = out.n;
    return CY_OK;
}

bool cy_check_exit_file(const struct cy_doc *root, const struct cy_trust *trust,
                        struct cy_arena *arena, struct comity_report *report)
{
    struct cy_exit_file file;
    struct tally t = {.keys = 0};
    cy_err err = CY_OK;

    report->kind = COMITY_KIND_BUNDLE;
    if (!cy_report_unless(report, COMITY_STEP_FORM, cy_exit_file_read(root, arena, &file)) ||
        !cy_check_head(file.proof.checkpoint, trust, report) ||
        !cy_report_unless(report, COMITY_STEP_PLACE, cy_place(&file.proof, file.entry, report)))
        return false;
    report->entry = file.entry.at;
    report->entry_n = file.entry.n;
    if (file.mark.at >= CY_LEDGER_TIME_MAX)
        return cy_report_step(report, COMITY_STEP_TICK, cy_fail(CY_E_RANGE, 0), 0, 0);
    report->time_ms = file.mark.at;
    memcpy(report->state_root, file.mark.state_root.b, sizeof report->state_root);
    if (!cy_report_step(report, COMITY_STEP_TICK, CY_OK, file.proof.index, file.mark.at))
        return false;
    err = check_rows(&file, &t, report);
    return cy_report_step(report, COMITY_STEP_RECORDS, err, report->records, 0) &&
           cy_report_step(report, COMITY_STEP_COMPLETE, complete(&t), 0, 0) &&
           cy_report_unless(report, COMITY_STEP_ANSWER, summary(&file, &t, arena, report));
}

/* --- writing --- */

static void quoted(struct cy_text *out, struct cy_span bytes)
{
    cy_text_add(out, "\"");
    cy_text_base64(out, bytes);
    cy_text_add(out, "\"");
}

/* A text of printable characters and line ends, as JSON. */
static void lines(struct cy_text *out, struct cy_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        const char c = (char)text.at[i];

        if (c == '\n')
            cy_text_add(out, "\\n");
        else if (c == '"' || c == '\\')
            cy_text_span(out, cy_span_of((const char[]){'\\', c}, 2));
        else
            cy_text_span(out, cy_span_of(&c, 1));
    }
}

void cy_exit_file_begin(struct cy_text *out, const struct cy_exit_sheet *sheet)
{
    cy_text_add(out, "{\"comity\":\"" CY_EXIT_FILE_NAME "\",\n\"passport\":\"");
    cy_text_hex(out, cy_span_of(sheet->passport->b, sizeof sheet->passport->b));
    cy_text_add(out, "\",\n\"entry\":");
    quoted(out, sheet->entry);
    cy_text_add(out, ",\n\"proof\":\"");
    lines(out, sheet->proof);
    cy_text_add(out, "\",\n\"records\":[");
}

void cy_exit_file_row(struct cy_text *out, bool first, const struct cy_schema *schema,
                      struct cy_span value, struct cy_span proof)
{
    cy_text_add(out, first ? "\n[\"" : ",\n[\"");
    cy_text_add(out, schema->name);
    cy_text_add(out, "\",");
    quoted(out, value);
    cy_text_add(out, ",");
    quoted(out, proof);
    cy_text_add(out, "]");
}

void cy_exit_file_end(struct cy_text *out)
{
    cy_text_add(out, "]}\n");
}

#include "host/json/act_json.h"

#include "host/json/json.h"
#include "host/json/nearest.h"

#include <stdarg.h>
#include <stdio.h>

#define NESTING_MAX 3 /* as the codec: an act, its items or embedded acts, their items */
#define NAMES_MAX 512

static const struct cy_json_limits limits = {CY_ACT_JSON_MAX, 8, false};

struct reader {
    struct cy_arena *arena;
    struct cy_text *why;
    char path[128]; /* of the value in progress */
    size_t path_n;
};

/* --- places and refusals --- */

__attribute__((format(printf, 4, 5))) static cy_err refuse(struct reader *r, enum cy_code code,
                                                           uint32_t detail, const char *format, ...)
{
    char sentence[320];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    cy_utf8_mend(sentence); /* names are another's words, and may be cut */
    cy_utf8_mend(r->path);
    if (r->why != NULL) {
        cy_text_span(r->why, cy_span_of(r->path, r->path_n));
        cy_text_add(r->why, r->path_n > 0 ? ": " : "");
        cy_text_add(r->why, sentence);
    }
    return cy_fail(code, detail);
}

/* A path that does not fit is cut. Returns where it ended before. */
static size_t enter(struct reader *r, const char *name)
{
    const size_t before = r->path_n;
    const int n =
        snprintf(r->path + before, sizeof r->path - before, "%s%.48s", before > 0 ? "." : "", name);

    r->path_n = before + (size_t)n < sizeof r->path ? before + (size_t)n : sizeof r->path - 1;
    return before;
}

static size_t enter_index(struct reader *r, size_t i)
{
    const size_t before = r->path_n;
    const int n = snprintf(r->path + before, sizeof r->path - before, "[%zu]", i);

    r->path_n = before + (size_t)n < sizeof r->path ? before + (size_t)n : sizeof r->path - 1;
    return before;
}

static void leave(struct reader *r, size_t before)
{
    r->path_n = before;
    r->path[before] = 0;
}

static const char *hint(const char *word, const char *const *names, size_t n, char room[static 96])
{
    const char *near = cy_nearest(word, names, n);

    (void)snprintf(room, 96, near != NULL ? "; did you mean \"%s\"?" : "%s",
                   near != NULL ? near : "");
    return room;
}

static cy_err unknown_field(struct reader *r, const struct cy_schema *schema, const char *name)
{
    const char *names[32];
    char room[96];
    size_t n = 0;

    for (size_t i = 0; i < schema->n_fields && n < CY_COUNT(names); i++)
        names[n++] = schema->fields[i].name;
    return refuse(r, CY_E_UNKNOWN_FIELD, 0, "%s has no field of this name%s", schema->name,
                  hint(name, names, n, room));
}

static cy_err unknown_act(struct reader *r, const char *name)
{
    const char *names[NAMES_MAX];
    const struct cy_schema *schema = NULL;
    char room[96];
    size_t n = 0;

    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL && n < NAMES_MAX; i++) {
        if (schema->kind == CY_SCHEMA_ACT)
            names[n++] = schema->name;
    }
    return refuse(r, CY_E_UNKNOWN_MESSAGE, 0, "there is no act \"%.48s\"%s", name,
                  hint(name, names, n, room));
}

static cy_err unknown_word(struct reader *r, const struct cy_field *f, const char *word)
{
    const char *names[64];
    char all[192];
    char room[96];
    struct cy_text list = cy_text_on(all, sizeof all);
    size_t n = 0;

    for (size_t i = 0; i < f->set->n && n < CY_COUNT(names); i++) {
        if (f->set->words[i].number < f->least)
            continue;
        cy_text_add(&list, n > 0 ? ", " : "");
        cy_text_add(&list, f->set->words[i].text);
        names[n++] = f->set->words[i].text;
    }
    return refuse(r, CY_E_RANGE, f->key, "must be one of: %s%s", all, hint(word, names, n, room));
}

/* What a field wants, for a sentence that begins "must be". */
static cy_err wrong(struct reader *r, const struct cy_field *f, enum cy_code code)
{
    switch (f->type) {
    case CY_T_bool: return refuse(r, code, f->key, "must be true or false");
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
        return refuse(r, code, f->key, "must be a whole number from %llu to %llu",
                      (unsigned long long)f->least, (unsigned long long)f->most);
    case CY_T_amount:
        return refuse(r, code, f->key, "must be a whole number from %s to 2^128 - 1",
                      f->least > 0 ? "1" : "0");
    case CY_T_date: return refuse(r, code, f->key, "must be a date such as 2026-11-20");
    case CY_T_time:
        return refuse(r, code, f->key,
                      "must be a time such as 2026-11-20T07:30:00Z, or Unix milliseconds");
    case CY_T_id: return refuse(r, code, f->key, "must be 64 hexadecimal digits, not all zero");
    case CY_T_enum: return refuse(r, code, f->key, "must be a word");
    case CY_T_bytes:
        return refuse(r, code, f->key, "must be hexadecimal digits, for %llu to %llu bytes",
                      (unsigned long long)f->least, (unsigned long long)f->most);
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text:
        return refuse(r, code, f->key, "must be a text of %llu to %llu bytes%s",
                      (unsigned long long)f->least, (unsigned long long)f->most,
                      code == CY_E_BAD_UTF8 ? ", in UTF-8 and without control characters" : "");
    case CY_T_list:
    case CY_T_acts:
        return refuse(r, code, f->key, "must be an array of %llu to %llu %s",
                      (unsigned long long)f->least, (unsigned long long)f->most,
                      f->type == CY_T_acts ? "acts" : "objects");
    }
    CY_NEVER("type");
}

/* --- scalars --- */

static cy_err store_number(struct reader *r, const struct cy_field *f, uint64_t v, uint8_t *at)
{
    if (v < f->least || v > f->most)
        return wrong(r, f, CY_E_RANGE);
    switch (cy_type_size(f->type)) {
    case 1: *at = (uint8_t)v; break;
    case 2: *(uint16_t *)(void *)at = (uint16_t)v; break;
    case 4: *(uint32_t *)(void *)at = (uint32_t)v; break;
    default: *(uint64_t *)(void *)at = v; break;
    }
    return CY_OK;
}

static cy_err store_amount(struct reader *r, const struct cy_field *f, cy_u128 v, uint8_t *at)
{
    if (v == 0 && f->least > 0)
        return wrong(r, f, CY_E_RANGE);
    *(cy_u128 *)(void *)at = v;
    return CY_OK;
}

static cy_err read_number(struct reader *r, const struct cy_field *f, struct cy_span text,
                          uint8_t *at)
{
    cy_u128 v = 0;
    cy_err e = CY_OK;

    if (f->type == CY_T_time && text.n >= 20 && text.at[4] == '-') {
        cy_time time = 0;

        e = cy_time_read(text, &time);
        return cy_ok(e) ? store_number(r, f, time, at) : wrong(r, f, e.code);
    }
    e = cy_u128_read(text, &v);
    if (!cy_ok(e))
        return wrong(r, f, f->type == CY_T_time ? CY_E_BAD_DATE : e.code);
    if (f->type == CY_T_amount)
        return store_amount(r, f, v, at);
    return v > UINT64_MAX ? wrong(r, f, CY_E_RANGE) : store_number(r, f, (uint64_t)v, at);
}

static cy_err read_date(struct reader *r, const struct cy_field *f, struct cy_span text,
                        uint8_t *at)
{
    cy_date date = 0;

    if (text.n > 0 && !cy_ok(cy_date_read(text, &date)))
        return wrong(r, f, CY_E_BAD_DATE);
    return store_number(r, f, date, at);
}

static cy_err read_word(struct reader *r, const struct cy_field *f, const char *text, uint8_t *at)
{
    for (size_t i = 0; i < f->set->n; i++) {
        const struct cy_word *word = &f->set->words[i];

        if (word->number >= f->least && strcmp(word->text, text) == 0) {
            *at = word->number;
            return CY_OK;
        }
    }
    if (text[0] == 0 && f->least == 0)
        return CY_OK;
    return unknown_word(r, f, text);
}

static cy_err read_id(struct reader *r, const struct cy_field *f, struct cy_span text, uint8_t *at)
{
    struct cy_id id = {{0}};

    if (text.n > 0 && !cy_ok(cy_hex_read(text, id.b, sizeof id.b)))
        return wrong(r, f, CY_E_BAD_HEX);
    if (f->least > 0 && cy_id_none(&id))
        return wrong(r, f, CY_E_RANGE);
    memcpy(at, &id, sizeof id);
    return CY_OK;
}

static cy_err read_bytes(struct reader *r, const struct cy_field *f, struct cy_span text,
                         uint8_t *at)
{
    const size_t n = text.n / 2;
    uint8_t *bytes = NULL;

    if (text.n % 2 != 0)
        return wrong(r, f, CY_E_BAD_HEX);
    if (n < f->least || n > f->most)
        return wrong(r, f, CY_E_RANGE);
    if (n == 0)
        return CY_OK;
    bytes = cy_arena_take(r->arena, n);
    if (bytes == NULL)
        return refuse(r, CY_E_NO_ROOM, f->key, "there is no room for its %zu bytes", n);
    if (!cy_ok(cy_hex_read(text, bytes, n)))
        return wrong(r, f, CY_E_BAD_HEX);
    *(struct cy_span *)(void *)at = cy_span_of(bytes, n);
    return CY_OK;
}

static cy_err read_words(struct reader *r, const struct cy_field *f, struct cy_span text,
                         uint8_t *at)
{
    uint8_t *copy = NULL;

    if (text.n < f->least || text.n > f->most)
        return wrong(r, f, CY_E_RANGE);
    if (!cy_ok(cy_utf8_check(text)))
        return wrong(r, f, CY_E_BAD_UTF8);
    if (f->type == CY_T_code)
        return cy_label_of(text, (struct cy_label *)(void *)at);
    if (f->type == CY_T_name)
        return cy_name_of(text, (struct cy_name *)(void *)at);
    if (f->type == CY_T_line)
        return cy_line_of(text, (struct cy_line *)(void *)at);
    if (text.n == 0)
        return CY_OK;
    copy = cy_arena_take(r->arena, text.n);
    if (copy == NULL)
        return refuse(r, CY_E_NO_ROOM, f->key, "there is no room for its %zu bytes", text.n);
    memcpy(copy, text.at, text.n);
    *(struct cy_span *)(void *)at = cy_span_of(copy, text.n);
    return CY_OK;
}

/* Converts the text of a JSON string or of a flag. */
static cy_err read_text(struct reader *r, const struct cy_field *f, const char *words, uint8_t *at)
{
    const struct cy_span text = cy_span_text(words);

    switch (f->type) {
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
    case CY_T_time:
    case CY_T_amount: return read_number(r, f, text, at);
    case CY_T_date: return read_date(r, f, text, at);
    case CY_T_id: return read_id(r, f, text, at);
    case CY_T_enum: return read_word(r, f, words, at);
    case CY_T_bytes: return read_bytes(r, f, text, at);
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text: return read_words(r, f, text, at);
    case CY_T_bool:
    case CY_T_list:
    case CY_T_acts: return wrong(r, f, CY_E_BAD_JSON);
    }
    CY_NEVER("type");
}

static bool takes_integer(enum cy_type type)
{
    return type == CY_T_amount || type == CY_T_time || (type >= CY_T_u8 && type <= CY_T_u64);
}

static cy_err read_integer(struct reader *r, const struct cy_field *f, json_int_t v, uint8_t *at)
{
    if (v < 0)
        return wrong(r, f, CY_E_RANGE);
    if (f->type == CY_T_amount)
        return store_amount(r, f, (cy_u128)v, at);
    return store_number(r, f, (uint64_t)v, at);
}

static cy_err read_bool(struct reader *r, const struct cy_field *f, bool v, uint8_t *at)
{
    if (!v && f->least > 0)
        return refuse(r, CY_E_RANGE, f->key, "must be true");
    *(bool *)(void *)at = v;
    return CY_OK;
}

/* --- objects --- */

static cy_err read_object(struct reader *r, const struct cy_schema *schema, const json_t *object,
                          unsigned depth, void *out);
static cy_err read_act(struct reader *r, const json_t *object, unsigned depth, struct cy_any *out);

static cy_err read_list(struct reader *r, const struct cy_field *f, const json_t *value,
                        unsigned depth, uint8_t *out)
{
    const size_t size = f->type == CY_T_acts ? sizeof(struct cy_any) : f->item->size;
    const size_t n = json_array_size(value);
    const uint32_t count = (uint32_t)n;
    uint8_t *elements = NULL;

    if (!json_is_array(value))
        return wrong(r, f, CY_E_BAD_JSON);
    if (n < f->least || n > f->most)
        return wrong(r, f, CY_E_RANGE);
    if (n == 0)
        return CY_OK;
    if (depth >= NESTING_MAX)
        return refuse(r, CY_E_RANGE, f->key, "lists stand too deep inside one another");
    elements = cy_arena_zero(r->arena, n * size);
    if (elements == NULL)
        return refuse(r, CY_E_NO_ROOM, f->key, "there is no room for its %zu elements", n);
    for (size_t i = 0; i < n; i++) {
        const size_t before = enter_index(r, i);
        void *element = elements + i * size;

        if (f->type == CY_T_acts)
            CY_TRY(read_act(r, json_array_get(value, i), depth, element));
        else
            CY_TRY(read_object(r, f->item, json_array_get(value, i), depth, element));
        leave(r, before);
    }
    memcpy(out + f->at, &elements, sizeof(void *));
    memcpy(out + f->n_at, &count, sizeof count);
    return CY_OK;
}

static cy_err read_field(struct reader *r, const struct cy_field *f, const json_t *value,
                         unsigned depth, uint8_t *out)
{
    if (f->type == CY_T_list || f->type == CY_T_acts)
        return read_list(r, f, value, depth + 1, out);
    if (f->type == CY_T_bool && json_is_boolean(value))
        return read_bool(r, f, json_is_true(value), out + f->at);
    if (json_is_integer(value) && takes_integer(f->type))
        return read_integer(r, f, json_integer_value(value), out + f->at);
    if (!json_is_string(value))
        return wrong(r, f, CY_E_BAD_JSON);
    return read_text(r, f, json_string_value(value), out + f->at);
}

static const struct cy_field *field_named(const struct cy_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    }
    return NULL;
}

static cy_err missing(struct reader *r, const struct cy_schema *schema, uint32_t given)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];

        if (f->least == 0 || (given >> f->key & 1) != 0)
            continue;
        (void)enter(r, f->name);
        return refuse(r, CY_E_MISSING_FIELD, f->key, "must be given: %s", f->doc);
    }
    return CY_OK;
}

static cy_err read_object(struct reader *r, const struct cy_schema *schema, const json_t *object,
                          unsigned depth, void *out)
{
    json_t *members = (json_t *)(uintptr_t)object; /* jansson's iterators are not const */
    uint32_t given = 0;

    if (!json_is_object(object))
        return refuse(r, CY_E_BAD_JSON, 0, "must be an object with the fields of %s", schema->name);
    for (void *at = json_object_iter(members); at != NULL;
         at = json_object_iter_next(members, at)) {
        const char *name = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        const struct cy_field *f = field_named(schema, name);
        size_t before = 0;

        if (schema->kind == CY_SCHEMA_ACT && strcmp(name, "act") == 0)
            continue; /* read_act has looked at it */
        before = enter(r, name);
        if (f == NULL)
            return unknown_field(r, schema, name);
        if (!json_is_null(value)) {
            CY_TRY(read_field(r, f, value, depth, out));
            given |= 1u << f->key;
        }
        leave(r, before);
    }
    return missing(r, schema, given);
}

static cy_err act_name(struct reader *r, const json_t *object, const char **out)
{
    const json_t *name = json_object_get(object, "act");

    if (!json_is_object(object))
        return refuse(r, CY_E_BAD_JSON, 0, "must be an act: an object with the member \"act\"");
    if (!json_is_string(name))
        return refuse(r, name == NULL ? CY_E_MISSING_FIELD : CY_E_BAD_JSON, 0,
                      "the member \"act\" must be the name of the act");
    *out = json_string_value(name);
    return CY_OK;
}

static cy_err read_act(struct reader *r, const json_t *object, unsigned depth, struct cy_any *out)
{
    const char *name = NULL;
    void *message = NULL;

    CY_TRY(act_name(r, object, &name));
    out->schema = cy_schema_named(CY_SCHEMA_ACT, cy_span_text(name));
    if (out->schema == NULL)
        return unknown_act(r, name);
    message = cy_arena_zero(r->arena, out->schema->size);
    if (message == NULL)
        return refuse(r, CY_E_NO_ROOM, 0, "there is no room for another act");
    out->message = message;
    return read_object(r, out->schema, object, depth, message);
}

/* --- entry --- */

/* Parses; the caller releases *out. */
static cy_err parse(struct reader *r, struct cy_span text, json_t **out)
{
    struct cy_json_fault fault = {0};
    const cy_err e = cy_json_parse(text, &limits, out, &fault);

    if (cy_ok(e))
        return e;
    if (fault.line > 0)
        return refuse(r, e.code, e.detail, "line %u, column %u: %s", fault.line, fault.column,
                      fault.why);
    return refuse(r, e.code, e.detail, "%s",
                  fault.why[0] != 0 ? fault.why : cy_err_info(e.code)->text);
}

cy_err cy_act_from_value(const json_t *value, struct cy_arena *arena, struct cy_any *out,
                         struct cy_text *why)
{
    struct reader r = {.arena = arena, .why = why};

    return read_act(&r, value, 0, out);
}

cy_err cy_act_from_json(struct cy_span text, struct cy_arena *arena, struct cy_any *out,
                        struct cy_text *why)
{
    struct reader r = {.arena = arena, .why = why};
    json_t *value = NULL;
    cy_err e = parse(&r, text, &value);

    if (cy_ok(e))
        e = read_act(&r, value, 0, out);
    json_decref(value);
    return e;
}

static cy_err right_act(struct reader *r, const struct cy_schema *schema, const json_t *value)
{
    const char *name = NULL;

    if (schema->kind != CY_SCHEMA_ACT || json_object_get(value, "act") == NULL)
        return CY_OK;
    CY_TRY(act_name(r, value, &name));
    return strcmp(name, schema->name) == 0
               ? CY_OK
               : refuse(r, CY_E_UNKNOWN_MESSAGE, 0, "the act must be \"%s\", not \"%.48s\"",
                        schema->name, name);
}

cy_err cy_struct_from_json(const struct cy_schema *schema, struct cy_span text,
                           struct cy_arena *arena, void *out, struct cy_text *why)
{
    struct reader r = {.arena = arena, .why = why};
    json_t *value = NULL;
    cy_err e = parse(&r, text, &value);

    memset(out, 0, schema->size);
    if (cy_ok(e))
        e = right_act(&r, schema, value);
    if (cy_ok(e))
        e = read_object(&r, schema, value, 0, out);
    json_decref(value);
    return e;
}

static cy_err read_flag(struct reader *r, const struct cy_field *f, const char *words, uint8_t *out)
{
    json_t *value = NULL;
    cy_err e = CY_OK;

    if (f->type == CY_T_bool) {
        const bool yes = words == NULL || strcmp(words, "true") == 0;

        if (!yes && strcmp(words, "false") != 0)
            return wrong(r, f, CY_E_BAD_TEXT);
        return read_bool(r, f, yes, out + f->at);
    }
    if (words == NULL)
        return refuse(r, CY_E_BAD_TEXT, f->key, "needs a value: %s", f->doc);
    if (f->type != CY_T_list && f->type != CY_T_acts)
        return read_text(r, f, words, out + f->at);
    e = parse(r, cy_span_text(words), &value);
    if (cy_ok(e))
        e = read_list(r, f, value, 1, out);
    json_decref(value);
    return e;
}

cy_err cy_act_from_flags(const struct cy_schema *schema, const char *const names[],
                         const char *const values[], size_t n, struct cy_arena *arena, void *out,
                         struct cy_text *why)
{
    struct reader r = {.arena = arena, .why = why};
    uint32_t given = 0;

    memset(out, 0, schema->size);
    for (size_t i = 0; i < n; i++) {
        const struct cy_field *f = NULL;
        char name[64];
        size_t before = 0;

        (void)snprintf(name, sizeof name, "%s", names[i]);
        for (char *c = name; *c != 0; c++)
            *c = *c == '-' ? '_' : *c;
        before = enter(&r, name);
        f = field_named(schema, name);
        if (f == NULL)
            return unknown_field(&r, schema, name);
        if ((given >> f->key & 1) != 0)
            return refuse(&r, CY_E_BAD_TEXT, f->key, "is given twice");
        given |= 1u << f->key;
        CY_TRY(read_flag(&r, f, values[i], out));
        leave(&r, before);
    }
    return missing(&r, schema, given);
}

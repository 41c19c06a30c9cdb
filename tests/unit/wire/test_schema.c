/* schema: what schema.def and enums.def must keep, walked over every row. */
#include "gen.h"

#include "cm.h"

#include <ctype.h>

#define NESTING_MAX 2 /* lists inside one another, see codec.c */

static bool is_name(const char *text)
{
    if (!islower((unsigned char)text[0]))
        return false;
    for (const char *c = text; *c != 0; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
            return false;
    }
    return true;
}

static const struct cy_field *field_named(const struct cy_schema *schema, struct cy_span name)
{
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (cy_span_eq(cy_span_text(schema->fields[i].name), name))
            return &schema->fields[i];
    }
    return NULL;
}

#define BAD(text) fail_msg("%s.%s: %s", schema->name, f->name, text)

/* The largest bound that the type can hold. */
static uint64_t holds(const struct cy_field *f)
{
    switch (f->type) {
    case CY_T_bool:
    case CY_T_id:
    case CY_T_amount: return 1;
    case CY_T_u8:
    case CY_T_enum: return UINT8_MAX;
    case CY_T_u16: return UINT16_MAX;
    case CY_T_u32: return UINT32_MAX;
    case CY_T_date: return CY_DATE_MAX; /* a later one cannot be printed */
    case CY_T_u64:
    case CY_T_time: return UINT64_MAX;
    case CY_T_code: return sizeof(((struct cy_label *)0)->s);
    case CY_T_name: return sizeof(((struct cy_name *)0)->s);
    case CY_T_line: return sizeof(((struct cy_line *)0)->s);
    case CY_T_text:
    case CY_T_bytes: return CY_PAYLOAD_MAX;
    case CY_T_list:
    case CY_T_acts: return CY_PAYLOAD_MAX / 2; /* an element takes two bytes at least */
    }
    CY_NEVER("type");
}

static void check_field(const struct cy_schema *schema, const struct cy_field *f)
{
    if (!is_name(f->name))
        BAD("not a name");
    if (f->doc == NULL || strlen(f->doc) < 3)
        BAD("no description");
    if (f->key < 1 || f->key > 23)
        BAD("key outside 1 to 23");
    if (f->least > f->most)
        BAD("least above most");
    if (f->most > holds(f))
        BAD("most is more than the type holds");
    if (f->most == 0)
        BAD("may hold nothing");
    if (f->at + cy_type_size(f->type) > schema->size)
        BAD("outside its struct");
    if (f->type == CY_T_enum && f->set == NULL)
        BAD("no set of words");
    if (f->type == CY_T_enum && f->least > 1)
        BAD("a word's number is not a bound");
    if (f->type == CY_T_list && (f->item == NULL || f->item->kind != CY_SCHEMA_ITEM))
        BAD("not a list of items");
    if (schema->kind == CY_SCHEMA_ACT && strcmp(f->name, "act") == 0)
        BAD("in JSON the member \"act\" is the name of the act");
    if (schema->kind == CY_SCHEMA_RECORD && f->type >= CY_T_text && f->type != CY_T_enum)
        BAD("a record holds no pointers");
    if (schema->kind == CY_SCHEMA_RECORD && strcmp(f->name, "limit") == 0)
        BAD("GET /v1/records pages by that name: nobody could ask for the field");
}

static void fields(void **s)
{
    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);
        uint32_t last = 0;

        if (!is_name(schema->name) || schema->doc == NULL || strlen(schema->doc) < 3)
            fail_msg("%s: name or description", schema->name);
        assert_true(schema->n_fields > 0);
        for (size_t i = 0; i < schema->n_fields; i++) {
            const struct cy_field *f = &schema->fields[i];

            check_field(schema, f);
            if (f->key <= last)
                BAD("keys must ascend");
            last = f->key;
            if (field_named(schema, cy_span_text(f->name)) != f)
                BAD("the name stands twice");
        }
    }
}

static unsigned lists_within(const struct cy_schema *schema)
{
    unsigned most = 0;

    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *f = &schema->fields[i];
        unsigned here = 0;

        if (f->type == CY_T_list)
            here = 1 + lists_within(f->item);
        if (here > most)
            most = here;
    }
    return most;
}

/* What the codec's bound on nesting leaves decodable: an act alone, and inside one batch. */
static void nesting(void **s)
{
    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);

        if (lists_within(schema) > (schema->kind == CY_SCHEMA_ACT ? NESTING_MAX - 1 : NESTING_MAX))
            fail_msg("%s: lists are nested too deep for a batch", schema->name);
    }
}

static void numbers_and_names(void **s)
{
    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);

        if (cy_schema_named(schema->kind, cy_span_text(schema->name)) != schema)
            fail_msg("%s: the name stands twice", schema->name);
        switch (schema->kind) {
        case CY_SCHEMA_ACT:
            assert_true(schema->number > 0 && schema->number < CY_MESSAGES_MAX);
            if (cy_schema_act(schema->number) != schema)
                fail_msg("%s: act number %u stands twice", schema->name, schema->number);
            break;
        case CY_SCHEMA_RECORD:
            assert_true(schema->number > 0 && schema->number < CY_RECORDS_MAX);
            if (cy_schema_record(schema->number) != schema)
                fail_msg("%s: record number %u stands twice", schema->name, schema->number);
            break;
        case CY_SCHEMA_ITEM: assert_int_equal(schema->number, 0); break;
        }
    }
    assert_null(cy_schema_act(0));
    assert_null(cy_schema_act(CY_MESSAGES_MAX));
    assert_null(cy_schema_act(UINT64_MAX));
    assert_null(cy_schema_record(0));
    assert_null(cy_schema_record(CY_RECORDS_MAX));
    assert_null(cy_schema_named(CY_SCHEMA_ACT, cy_span_text("account"))); /* a record */
    assert_ptr_equal(cy_schema_act(CY_M_transfer), &cy_schema_transfer);
    assert_ptr_equal(cy_schema_record(CY_R_account), &cy_schema_account);
}

static void records(void **s)
{
    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);
        size_t end = 0;

        if (schema->kind != CY_SCHEMA_RECORD) {
            assert_int_equal(schema->n_keys, 0);
            continue;
        }
        if (schema->size % 8 != 0)
            fail_msg("%s: %zu bytes are no multiple of 8", schema->name, schema->size);
        assert_true(schema->n_keys >= 1 && schema->n_keys <= schema->n_fields);
        for (size_t i = 0; i < schema->n_keys; i++) {
            if (schema->fields[i].at != end)
                fail_msg("%s.%s: a gap before it in the key", schema->name, schema->fields[i].name);
            end += cy_type_size(schema->fields[i].type);
        }
        assert_int_equal(cy_schema_key_size(schema), end);
    }
}

/* Every {place} of a description names a field, and braces come in pairs. */
static void descriptions(void **s)
{
    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        const struct cy_schema *schema = cy_schema_at(k);
        const char *at = schema->say;

        if (schema->kind != CY_SCHEMA_ACT) {
            assert_null(at);
            continue;
        }
        if (at == NULL || strlen(at) < 5)
            fail_msg("%s: no description", schema->name);
        /* [parts] are not nested, closed, and hold a place */
        for (const char *open = strchr(at, '['); open != NULL; open = strchr(open + 1, '[')) {
            const char *close = strpbrk(open + 1, "[]");

            if (close == NULL || *close != ']' || memchr(open, '{', (size_t)(close - open)) == NULL)
                fail_msg("%s: brackets in \"%s\"", schema->name, schema->say);
        }
        while ((at = strpbrk(at, "{}")) != NULL) {
            const char *close = strpbrk(at + 1, "{}");

            if (*at != '{' || close == NULL || *close != '}')
                fail_msg("%s: braces in \"%s\"", schema->name, schema->say);
            if (field_named(schema, cy_span_of(at + 1, (size_t)(close - at - 1))) == NULL)
                fail_msg("%s: no field for %.*s", schema->name, (int)(close - at + 1), at);
            at = close + 1;
        }
    }
}

static void check_set(const struct cy_word_set *set)
{
    assert_true(set->n > 0);
    for (size_t i = 0; i < set->n; i++) {
        const char *text = set->words[i].text;

        assert_true(text[0] != 0);
        for (const char *c = text; *c != 0; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-');
        assert_string_equal(cy_word_text(set, set->words[i].number), text);
        for (size_t j = 0; j < i; j++) {
            if (set->words[i].number == set->words[j].number ||
                strcmp(text, set->words[j].text) == 0)
                fail_msg("%s: \"%s\" or its number stands twice", set->name, text);
        }
    }
    assert_string_equal(cy_word_text(set, 255), "?");
}

static void words(void **s)
{
    size_t sets = 0;

    (void)s;
    for (size_t k = 0; cy_schema_at(k) != NULL; k++) {
        for (size_t i = 0; i < cy_schema_at(k)->n_fields; i++) {
            if (cy_schema_at(k)->fields[i].set == NULL)
                continue;
            check_set(cy_schema_at(k)->fields[i].set);
            sets++;
        }
    }
    assert_true(sets > 0);
}

/* The largest value of every type fits its field, and the least value of each act passes the codec;
 * random values of all schemas are tests/properties/test_codec.c. */
static void every_act(void **s)
{
    static _Alignas(16) uint8_t made[1 << 20];
    static _Alignas(16) uint8_t read[1 << 23];
    static uint8_t bytes[CY_PAYLOAD_MAX];
    struct cy_arena arena = cy_arena_on(made, sizeof made);
    unsigned acts = 0;

    (void)s;
    for (uint64_t number = 0; number < CY_MESSAGES_MAX; number++) {
        const struct cy_schema *schema = cy_schema_act(number);

        if (schema == NULL)
            continue;
        acts++;
        for (uint64_t seed = 0; seed < 20; seed++) {
            struct gen gen = gen_on(seed, &arena);
            struct cy_cbor_writer out = cy_cbor_write(bytes, sizeof bytes);
            struct cy_arena back = cy_arena_on(read, sizeof read);
            struct cy_any value;
            struct cy_any again;

            arena.used = 0;
            value = gen_act(&gen, schema);
            assert_ok(cy_encode_act(schema, value.message, &out));
            assert_ok(cy_decode_act(cy_cbor_written(&out), &back, &again));
            assert_ptr_equal(again.schema, schema);
            assert_true(gen_same(schema, value.message, again.message));
        }
    }
    assert_true(acts >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),    cmocka_unit_test(nesting),
        cmocka_unit_test(records),   cmocka_unit_test(numbers_and_names),
        cmocka_unit_test(words),     cmocka_unit_test(descriptions),
        cmocka_unit_test(every_act),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

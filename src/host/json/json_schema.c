#include "host/json/json_schema.h"

#include <stdio.h>

#define SAFE_INTEGER 9007199254740991u /* 2^53 - 1: what every JSON reader keeps exact */
#define ID_SAMPLE "9b4f1c02d7e6a85c3f10b7d2948e6a1f5c30d9b8e7426f1a0b3c5d7e9f812346"
#define REF "#/components/schemas/"

json_t *cy_json_schema_ref(const char *prefix, const char *name)
{
    char ref[160];

    (void)snprintf(ref, sizeof ref, REF "%s%s", prefix, name);
    return json_pack("{s:s}", "$ref", ref);
}

json_t *cy_json_schema_words(const struct cy_word_set *set, uint64_t least)
{
    json_t *words = json_array();

    for (size_t i = 0; i < set->n; i++) {
        if (set->words[i].number >= least)
            (void)json_array_append_new(words, json_string(set->words[i].text));
    }
    return json_pack("{s:s,s:o}", "type", "string", "enum", words);
}

/* --- types --- */

static void put_shared(json_t *components)
{
    static const struct {
        const char *name;
        const char *pattern;
        const char *format;
        const char *doc;
        const char *sample;
    } shared[] = {
        {"id",     "^[0-9a-f]{64}$",   NULL,   "32 bytes as hexadecimal digits",                       ID_SAMPLE   },
        {"hex",    "^([0-9a-f]{2})*$", NULL,   "bytes as hexadecimal digits",                          "00ff"      },
        {"amount", "^[0-9]{1,39}$",    NULL,   "whole smallest units, below 2^128, as decimal digits",
         "250"                                                                                                     },
        {"date",   NULL,               "date", "a civil date",                                         "1949-08-24"},
    };

    for (size_t i = 0; i < CY_COUNT(shared); i++)
        (void)json_object_set_new(components, shared[i].name,
                                  json_pack("{s:s,s:s,s:s*,s:s*,s:[s]}", "description",
                                            shared[i].doc, "type", "string", "pattern",
                                            shared[i].pattern, "format", shared[i].format,
                                            "examples", shared[i].sample));
    (void)json_object_set_new(
        components, "time",
        json_pack("{s:s,s:[{s:s,s:s},{s:s,s:s}],s:[s]}", "description",
                  "RFC 3339 in UTC; past the year 9999 Unix milliseconds as decimal digits",
                  "anyOf", "type", "string", "format", "date-time", "type", "string", "pattern",
                  "^[0-9]{14,20}$", "examples", "2026-11-20T07:30:00.000Z"));
    (void)json_object_set_new(
        components, "big",
        json_pack("{s:s,s:[{s:s,s:i,s:I},{s:s,s:s}],s:[i]}", "description",
                  "a whole number below 2^64: above 2^53 - 1 as decimal digits", "anyOf", "type",
                  "integer", "minimum", 0, "maximum", (json_int_t)SAFE_INTEGER, "type", "string",
                  "pattern", "^[0-9]{16,20}$", "examples", 12));
}

static json_t *integer_schema(uint64_t least, uint64_t most)
{
    return json_pack("{s:s,s:I,s:I}", "type", "integer", "minimum", (json_int_t)least, "maximum",
                     (json_int_t)most);
}

static json_t *text_schema(uint64_t least, uint64_t most)
{
    /* bytes are counted; a character has at least one */
    return json_pack("{s:s,s:i,s:I}", "type", "string", "minLength", least > 0 ? 1 : 0, "maxLength",
                     (json_int_t)most);
}

static json_t *list_schema(const struct cy_field *field, json_t *items)
{
    return json_pack("{s:s,s:o,s:I,s:I}", "type", "array", "items", items, "minItems",
                     (json_int_t)field->least, "maxItems", (json_int_t)field->most);
}

static json_t *field_schema(const struct cy_field *field)
{
    switch (field->type) {
    case CY_T_bool: return json_pack("{s:s}", "type", "boolean");
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64:
        return field->most <= SAFE_INTEGER ? integer_schema(field->least, field->most)
                                           : cy_json_schema_ref("", "big");
    case CY_T_amount: return cy_json_schema_ref("", "amount");
    case CY_T_date: return cy_json_schema_ref("", "date");
    case CY_T_time: return cy_json_schema_ref("", "time");
    case CY_T_id: return cy_json_schema_ref("", "id");
    case CY_T_code:
    case CY_T_name:
    case CY_T_line:
    case CY_T_text: return text_schema(field->least, field->most);
    case CY_T_bytes:
        return json_pack("{s:s,s:s,s:I,s:I}", "type", "string", "pattern", "^([0-9a-f]{2})*$",
                         "minLength", (json_int_t)field->least * 2, "maxLength",
                         (json_int_t)field->most * 2);
    case CY_T_enum: return cy_json_schema_words(field->set, field->least);
    case CY_T_list: return list_schema(field, cy_json_schema_ref("item_", field->item->name));
    case CY_T_acts: return list_schema(field, cy_json_schema_ref("", "act"));
    }
    CY_NEVER("type");
}

/* --- objects --- */

static json_t *object_schema(const struct cy_schema *schema)
{
    json_t *members = json_object();
    json_t *needed = json_array();

    if (schema->kind == CY_SCHEMA_ACT) {
        (void)json_object_set_new(members, "act", json_pack("{s:s}", "const", schema->name));
        (void)json_array_append_new(needed, json_string("act"));
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        const struct cy_field *field = &schema->fields[i];
        json_t *one = field_schema(field);

        (void)json_object_set_new(one, "description", json_string(field->doc));
        (void)json_object_set_new(members, field->name, one);
        if (field->least > 0) /* what holds its default is left out */
            (void)json_array_append_new(needed, json_string(field->name));
    }
    return json_pack("{s:s,s:s,s:o,s:o,s:b}", "description", schema->doc, "type", "object",
                     "properties", members, "required", needed, "additionalProperties", 0);
}

static const char *prefix_of(enum cy_schema_kind kind)
{
    static const char *const prefixes[] = {
        [CY_SCHEMA_ACT] = "act_", [CY_SCHEMA_ITEM] = "item_", [CY_SCHEMA_RECORD] = "record_"};

    return prefixes[kind];
}

void cy_json_schema_put(json_t *components)
{
    json_t *acts = json_array();
    json_t *records = json_array();
    json_t *by_name = json_object();
    const struct cy_schema *schema = NULL;

    put_shared(components);
    for (size_t i = 0; (schema = cy_schema_at(i)) != NULL; i++) {
        const char *prefix = prefix_of(schema->kind);
        char name[120];

        (void)snprintf(name, sizeof name, "%s%s", prefix, schema->name);
        (void)json_object_set_new(components, name, object_schema(schema));
        if (schema->kind == CY_SCHEMA_RECORD)
            (void)json_array_append_new(records, cy_json_schema_ref(prefix, schema->name));
        if (schema->kind != CY_SCHEMA_ACT)
            continue;
        (void)json_array_append_new(acts, cy_json_schema_ref(prefix, schema->name));
        (void)snprintf(name, sizeof name, REF "%s%s", prefix, schema->name);
        (void)json_object_set_new(by_name, schema->name, json_string(name));
    }
    (void)json_object_set_new(components, "act",
                              json_pack("{s:s,s:o,s:{s:s,s:o}}", "description", "any act", "oneOf",
                                        acts, "discriminator", "propertyName", "act", "mapping",
                                        by_name));
    (void)json_object_set_new(
        components, "record",
        json_pack("{s:s,s:o}", "description", "a record of any table", "anyOf", records));
}

/* --- samples --- */

static const json_t *followed(const json_t *components, const json_t *schema)
{
    const char *ref = json_string_value(json_object_get(schema, "$ref"));

    return ref == NULL ? schema : json_object_get(components, ref + strlen(REF));
}

static json_t *sample_object(const json_t *components, const json_t *schema)
{
    const json_t *needed = json_object_get(schema, "required");
    const json_t *members = json_object_get(schema, "properties");
    json_t *object = json_object();

    for (size_t i = 0; i < json_array_size(needed); i++) {
        const char *name = json_string_value(json_array_get(needed, i));

        (void)json_object_set_new(
            object, name, cy_json_schema_sample(components, json_object_get(members, name)));
    }
    return object;
}

static json_t *sample_array(const json_t *components, const json_t *schema)
{
    json_t *array = json_array();

    if (json_integer_value(json_object_get(schema, "minItems")) > 0)
        (void)json_array_append_new(
            array, cy_json_schema_sample(components, json_object_get(schema, "items")));
    return array;
}

json_t *cy_json_schema_sample(const json_t *components, const json_t *asked)
{
    const json_t *schema = followed(components, asked);
    const json_t *any = json_object_get(schema, "oneOf");
    const json_t *first = json_array_get(json_object_get(schema, "examples"), 0);
    const char *type = json_string_value(json_object_get(schema, "type"));

    if (first == NULL)
        first = json_object_get(schema, "const");
    if (first == NULL)
        first = json_array_get(json_object_get(schema, "enum"), 0);
    if (first != NULL)
        return json_deep_copy(first);
    any = any == NULL ? json_object_get(schema, "anyOf") : any;
    if (any != NULL)
        return cy_json_schema_sample(components, json_array_get(any, 0));
    if (type == NULL || strcmp(type, "object") == 0)
        return sample_object(components, schema);
    if (strcmp(type, "array") == 0)
        return sample_array(components, schema);
    if (strcmp(type, "integer") == 0)
        return json_integer(json_integer_value(json_object_get(schema, "minimum")));
    if (strcmp(type, "boolean") == 0)
        return json_true();
    return json_string("x");
}

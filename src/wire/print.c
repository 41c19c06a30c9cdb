#include "wire/print.h"

#define SAFE_INTEGER 9007199254740991u /* 2^53 - 1: what every JSON reader keeps exact */

/* U+2028 and U+2029 end a string literal in old JavaScript. */
static bool is_separator(struct cy_span text, size_t i)
{
    return text.n - i >= 3 && text.at[i] == 0xe2 && text.at[i + 1] == 0x80 &&
           (text.at[i + 2] == 0xa8 || text.at[i + 2] == 0xa9);
}

void cy_print_string(struct cy_text *out, struct cy_span text)
{
    static const char digits[] = "0123456789abcdef";

    cy_text_add(out, "\"");
    for (size_t i = 0; i < text.n; i++) {
        const uint8_t c = text.at[i];

        if (c == '"' || c == '\\') {
            cy_text_add(out, "\\");
            cy_text_span(out, cy_span_of(&text.at[i], 1));
        } else if (c == '\n') {
            cy_text_add(out, "\\n");
        } else if (c == '\t') {
            cy_text_add(out, "\\t");
        } else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&') {
            const char escape[7] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15], 0};

            cy_text_add(out, escape);
        } else if (is_separator(text, i)) {
            cy_text_add(out, text.at[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
            i += 2;
        } else {
            cy_text_span(out, cy_span_of(&text.at[i], 1));
        }
    }
    cy_text_add(out, "\"");
}

static uint64_t number_of(const struct cy_field *field, const void *at)
{
    switch (cy_type_size(field->type)) {
    case 1: return *(const uint8_t *)at;
    case 2: return *(const uint16_t *)at;
    case 4: return *(const uint32_t *)at;
    default: return *(const uint64_t *)at;
    }
}

static uint32_t count_of(const struct cy_field *field, const void *value)
{
    return *(const uint32_t *)(const void *)((const uint8_t *)value + field->n_at);
}

void cy_print_field(struct cy_text *out, const struct cy_field *field, const void *value)
{
    const void *at = (const uint8_t *)value + field->at;

    switch (field->type) {
    case CY_T_bool: cy_text_add(out, *(const bool *)at ? "true" : "false"); return;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64: cy_text_u64(out, number_of(field, at)); return;
    case CY_T_enum: cy_text_add(out, cy_word_text(field->set, *(const uint8_t *)at)); return;
    case CY_T_date: cy_date_text(out, *(const cy_date *)at); return;
    case CY_T_time: {
        /* past 9999-12-31 there is no civil form: print the milliseconds */
        const cy_time t = *(const cy_time *)at;

        if (t / CY_DAY_MS > CY_DATE_MAX - 719163u)
            cy_text_u64(out, t);
        else
            cy_time_text(out, t);
        return;
    }
    case CY_T_amount: cy_text_u128(out, *(const cy_u128 *)at); return;
    case CY_T_id: cy_text_hex(out, cy_span_of(at, sizeof(struct cy_id))); return;
    case CY_T_bytes: cy_text_hex(out, *(const struct cy_span *)at); return;
    case CY_T_code: cy_text_span(out, cy_label_text(at)); return;
    case CY_T_name: cy_text_span(out, cy_name_text(at)); return;
    case CY_T_line: cy_text_span(out, cy_line_text(at)); return;
    case CY_T_text: cy_text_span(out, *(const struct cy_span *)at); return;
    case CY_T_list:
    case CY_T_acts:
        cy_text_u64(out, count_of(field, value));
        cy_text_add(out, " ");
        cy_text_add(out, field->name);
        return;
    }
    CY_NEVER("type");
}

static bool is_default(const struct cy_field *field, const void *value)
{
    static const uint8_t zero[sizeof(struct cy_line)];

    if (field->type == CY_T_list || field->type == CY_T_acts)
        return count_of(field, value) == 0;
    if (field->type == CY_T_text || field->type == CY_T_bytes)
        return ((const struct cy_span *)(const void *)((const uint8_t *)value + field->at))->n == 0;
    return memcmp((const uint8_t *)value + field->at, zero, cy_type_size(field->type)) == 0;
}

static void print_value(struct cy_text *out, const struct cy_field *field, const void *value);

static void print_object(struct cy_text *out, const struct cy_schema *schema, const void *value)
{
    bool first = schema->kind != CY_SCHEMA_ACT;

    cy_text_add(out, "{");
    if (schema->kind == CY_SCHEMA_ACT) {
        cy_text_add(out, "\"act\":\"");
        cy_text_add(out, schema->name);
        cy_text_add(out, "\"");
    }
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (is_default(&schema->fields[i], value))
            continue;
        cy_text_add(out, first ? "\"" : ",\"");
        first = false;
        cy_text_add(out, schema->fields[i].name);
        cy_text_add(out, "\":");
        print_value(out, &schema->fields[i], value);
    }
    cy_text_add(out, "}");
}

static void print_list(struct cy_text *out, const struct cy_field *field, const void *value)
{
    const uint32_t n = count_of(field, value);
    const uint8_t *elements = NULL;

    memcpy(&elements, (const uint8_t *)value + field->at, sizeof(void *));
    cy_text_add(out, "[");
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            cy_text_add(out, ",");
        if (field->type == CY_T_acts) {
            const struct cy_any *act = (const struct cy_any *)(const void *)elements + i;

            print_object(out, act->schema, act->message);
        } else {
            print_object(out, field->item, elements + i * field->item->size);
        }
    }
    cy_text_add(out, "]");
}

static void print_value(struct cy_text *out, const struct cy_field *field, const void *value)
{
    const void *at = (const uint8_t *)value + field->at;
    bool plain = false;

    switch (field->type) {
    case CY_T_bool: plain = true; break;
    case CY_T_u8:
    case CY_T_u16:
    case CY_T_u32:
    case CY_T_u64: plain = number_of(field, at) <= SAFE_INTEGER; break;
    case CY_T_code: cy_print_string(out, cy_label_text(at)); return;
    case CY_T_name: cy_print_string(out, cy_name_text(at)); return;
    case CY_T_line: cy_print_string(out, cy_line_text(at)); return;
    case CY_T_text: cy_print_string(out, *(const struct cy_span *)at); return;
    case CY_T_list:
    case CY_T_acts: print_list(out, field, value); return;
    case CY_T_enum:
    case CY_T_date:
    case CY_T_time:
    case CY_T_amount:
    case CY_T_id:
    case CY_T_bytes: break;
    }
    if (!plain)
        cy_text_add(out, "\"");
    cy_print_field(out, field, value);
    if (!plain)
        cy_text_add(out, "\"");
}

void cy_print_json(struct cy_text *out, const struct cy_schema *schema, const void *value)
{
    print_object(out, schema, value);
}

/* The field that a place {name} at `open` stands for; *after is what follows the place. */
static const struct cy_field *place_at(const struct cy_schema *schema, const char *open,
                                       const char **after)
{
    const char *close = strchr(open, '}');
    struct cy_span name;

    CY_ASSERT(close != NULL); /* a mistake in schema.def; a test walks all sentences */
    name = cy_span_of(open + 1, (size_t)(close - open - 1));
    *after = close + 1;
    for (size_t i = 0; i < schema->n_fields; i++) {
        if (cy_span_eq(name, cy_span_text(schema->fields[i].name)))
            return &schema->fields[i];
    }
    CY_NEVER("a place without a field");
}

/* Whether the part from `at` to the closing bracket is said: when none of its fields is a default.
 */
static bool part_said(const struct cy_schema *schema, const void *message, const char *at)
{
    while (*at != ']') {
        CY_ASSERT(*at != 0);
        if (*at != '{') {
            at++;
            continue;
        }
        if (is_default(place_at(schema, at, &at), message))
            return false;
    }
    return true;
}

void cy_print_say(struct cy_text *out, const struct cy_schema *schema, const void *message)
{
    const char *at = schema->say;

    CY_ASSERT(schema->kind == CY_SCHEMA_ACT);
    while (*at != 0) {
        const size_t plain = strcspn(at, "{[]");

        cy_text_span(out, cy_span_of(at, plain));
        at += plain;
        if (*at == '{')
            cy_print_field(out, place_at(schema, at, &at), message);
        else if (*at == '[' && !part_said(schema, message, at + 1))
            at = strchr(at, ']') + 1;
        else if (*at != 0)
            at++;
    }
}

#include "wire/schema.h"

/* clang-format off */
#define CY_SET(set) static const struct cy_word set##_words[] = {
#define CY_VALUE(set, NAME, number, text) {number, text},
#define CY_SET_END(set) }; static const struct cy_word_set set##_set = {#set, set##_words, CY_COUNT(set##_words)};
#include "wire/enums.def"
#undef CY_SET
#undef CY_VALUE
#undef CY_SET_END

#define CY_MESSAGE(name, number, doc, say) static const struct cy_field name##_fields[] = {
#define CY_ITEM(name, doc) static const struct cy_field name##_fields[] = {
#define CY_RECORD(name, number, n_keys, doc) static const struct cy_field name##_fields[] = {
#define CY_FIELD(in, key, type, name, least, most, doc) \
    {#name, doc, key, CY_T_##type, offsetof(struct cy_##in, name), 0, least, most, NULL, NULL},
#define CY_ENUM(in, key, set, name, least, doc) \
    {#name, doc, key, CY_T_enum, offsetof(struct cy_##in, name), 0, least, 255, &set##_set, NULL},
#define CY_LIST(in, key, item, name, least, most, doc) \
    {#name, doc, key, CY_T_list, offsetof(struct cy_##in, name), offsetof(struct cy_##in, n_##name), least, most, NULL, &cy_schema_##item},
#define CY_ACTS(in, key, name, least, most, doc) \
    {#name, doc, key, CY_T_acts, offsetof(struct cy_##in, name), offsetof(struct cy_##in, n_##name), least, most, NULL, NULL},
#define CY_END(name) };
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_ITEM
#undef CY_RECORD
#undef CY_FIELD
#undef CY_ENUM
#undef CY_LIST
#undef CY_ACTS
#undef CY_END

#define CY_FIELD(in, key, type, name, least, most, doc)
#define CY_ENUM(in, key, set, name, least, doc)
#define CY_LIST(in, key, item, name, least, most, doc)
#define CY_ACTS(in, key, name, least, most, doc)
#define CY_END(name)

#define CY_MESSAGE(name, number, doc, say) const struct cy_schema cy_schema_##name = \
    {#name, doc, say, CY_SCHEMA_ACT, number, sizeof(struct cy_##name), name##_fields, CY_COUNT(name##_fields), 0};
#define CY_ITEM(name, doc) const struct cy_schema cy_schema_##name = \
    {#name, doc, NULL, CY_SCHEMA_ITEM, 0, sizeof(struct cy_##name), name##_fields, CY_COUNT(name##_fields), 0};
#define CY_RECORD(name, number, n_keys, doc) const struct cy_schema cy_schema_##name = \
    {#name, doc, NULL, CY_SCHEMA_RECORD, number, sizeof(struct cy_##name), name##_fields, CY_COUNT(name##_fields), n_keys};
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_ITEM
#undef CY_RECORD

static const struct cy_schema *const all[] = {
#define CY_MESSAGE(name, number, doc, say) &cy_schema_##name,
#define CY_ITEM(name, doc) &cy_schema_##name,
#define CY_RECORD(name, number, n_keys, doc) &cy_schema_##name,
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_ITEM
#undef CY_RECORD
};

static const struct cy_schema *const acts[CY_MESSAGES_MAX] = {
#define CY_MESSAGE(name, number, doc, say) [number] = &cy_schema_##name,
#define CY_ITEM(name, doc)
#define CY_RECORD(name, number, n_keys, doc)
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_RECORD
};

static const struct cy_schema *const records[CY_RECORDS_MAX] = {
#define CY_MESSAGE(name, number, doc, say)
#define CY_RECORD(name, number, n_keys, doc) [number] = &cy_schema_##name,
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_ITEM
#undef CY_RECORD
};
/* clang-format on */

const struct cy_schema *cy_schema_act(uint64_t number)
{
    return number < CY_MESSAGES_MAX ? acts[number] : NULL;
}

const struct cy_schema *cy_schema_record(uint64_t number)
{
    return number < CY_RECORDS_MAX ? records[number] : NULL;
}

const struct cy_schema *cy_schema_named(enum cy_schema_kind kind, struct cy_span name)
{
    for (size_t i = 0; i < CY_COUNT(all); i++) {
        if (all[i]->kind == kind && cy_span_eq(cy_span_text(all[i]->name), name))
            return all[i];
    }
    return NULL;
}

const struct cy_schema *cy_schema_at(size_t i)
{
    return i < CY_COUNT(all) ? all[i] : NULL;
}

size_t cy_type_size(enum cy_type type)
{
    switch (type) {
    case CY_T_bool:
    case CY_T_u8:
    case CY_T_enum: return 1;
    case CY_T_u16: return 2;
    case CY_T_u32:
    case CY_T_date: return 4;
    case CY_T_u64:
    case CY_T_time: return 8;
    case CY_T_amount: return sizeof(cy_u128);
    case CY_T_id: return sizeof(struct cy_id);
    case CY_T_code: return sizeof(struct cy_label);
    case CY_T_name: return sizeof(struct cy_name);
    case CY_T_line: return sizeof(struct cy_line);
    case CY_T_text:
    case CY_T_bytes: return sizeof(struct cy_span);
    case CY_T_list:
    case CY_T_acts: return sizeof(void *);
    }
    CY_NEVER("type");
}

size_t cy_schema_key_size(const struct cy_schema *record)
{
    size_t end = 0;

    CY_ASSERT(record->kind == CY_SCHEMA_RECORD);
    CY_ASSERT(record->n_keys >= 1);
    for (size_t i = 0; i < record->n_keys; i++) {
        CY_ASSERT(record->fields[i].at == end); /* a key has no gaps: it is compared as bytes */
        end += cy_type_size(record->fields[i].type);
    }
    return end;
}

const char *cy_word_text(const struct cy_word_set *set, uint8_t number)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->words[i].number == number)
            return set->words[i].text;
    }
    return "?";
}

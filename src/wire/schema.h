/* schema: the structs and field tables made from schema.def.
 *
 * struct cy_transfer is the act `transfer`, cy_schema_transfer its description; CY_M_transfer its
 * number. For a record `account`: struct cy_account, cy_schema_account, CY_R_account. */
#ifndef CY_WIRE_SCHEMA_H
#define CY_WIRE_SCHEMA_H

#include "wire/ident.h"

enum {
#define CY_SET(set)
#define CY_VALUE(set, NAME, number, text) CY_##set##_##NAME = (number),
#define CY_SET_END(set)
#include "wire/enums.def"
#undef CY_SET
#undef CY_VALUE
#undef CY_SET_END
};

#define CY_ITEM(name, doc)
#define CY_FIELD(in, key, type, name, least, most, doc)
#define CY_ENUM(in, key, set, name, least, doc)
#define CY_LIST(in, key, item, name, least, most, doc)
#define CY_ACTS(in, key, name, least, most, doc)
#define CY_END(name)

enum cy_message {
#define CY_MESSAGE(name, number, doc, say) CY_M_##name = (number),
#define CY_RECORD(name, number, n_keys, doc)
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_RECORD
};

enum cy_record {
#define CY_MESSAGE(name, number, doc, say)
#define CY_RECORD(name, number, n_keys, doc) CY_R_##name = (number),
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_RECORD
};

#undef CY_ITEM
#undef CY_FIELD
#undef CY_ENUM
#undef CY_LIST
#undef CY_ACTS
#undef CY_END

#define CY_RECORDS_MAX 1024 /* record numbers stay below this */
#define CY_MESSAGES_MAX 0x2000

/* clang-format off */
#define CY_MESSAGE(name, number, doc, say) struct cy_##name {
#define CY_ITEM(name, doc) struct cy_##name {
#define CY_RECORD(name, number, n_keys, doc) struct cy_##name {
#define CY_FIELD(in, key, type, name, least, most, doc) cy_type_##type name;
#define CY_ENUM(in, key, set, name, least, doc) uint8_t name;
#define CY_LIST(in, key, item, name, least, most, doc) const struct cy_##item *name; uint32_t n_##name;
#define CY_ACTS(in, key, name, least, most, doc) const struct cy_any *name; uint32_t n_##name;
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
/* clang-format on */

enum cy_type {
    CY_T_bool,
    CY_T_u8,
    CY_T_u16,
    CY_T_u32,
    CY_T_u64,
    CY_T_amount,
    CY_T_date,
    CY_T_time,
    CY_T_id,
    CY_T_code,
    CY_T_name,
    CY_T_line,
    CY_T_text,
    CY_T_bytes,
    CY_T_enum,
    CY_T_list,
    CY_T_acts
};

struct cy_word {
    uint8_t number;
    const char *text;
};

struct cy_word_set {
    const char *name;
    const struct cy_word *words;
    size_t n;
};

struct cy_field {
    const char *name;
    const char *doc;
    uint32_t key;
    enum cy_type type;
    size_t at;   /* offset in the struct */
    size_t n_at; /* lists: offset of the count */
    uint64_t least;
    uint64_t most;
    const struct cy_word_set *set; /* enum */
    const struct cy_schema *item;  /* list */
};

enum cy_schema_kind { CY_SCHEMA_ACT, CY_SCHEMA_ITEM, CY_SCHEMA_RECORD };

struct cy_schema {
    const char *name;
    const char *doc;
    const char *say; /* description with {field} places; NULL unless an act */
    enum cy_schema_kind kind;
    uint32_t number; /* of the act or record; 0 for items */
    size_t size;     /* of the struct */
    const struct cy_field *fields;
    size_t n_fields;
    size_t n_keys; /* records: leading fields that are the key */
};

/* clang-format off */
#define CY_MESSAGE(name, number, doc, say) extern const struct cy_schema cy_schema_##name;
#define CY_ITEM(name, doc) extern const struct cy_schema cy_schema_##name;
#define CY_RECORD(name, number, n_keys, doc) extern const struct cy_schema cy_schema_##name;
#define CY_FIELD(in, key, type, name, least, most, doc)
#define CY_ENUM(in, key, set, name, least, doc)
#define CY_LIST(in, key, item, name, least, most, doc)
#define CY_ACTS(in, key, name, least, most, doc)
#define CY_END(name)
#include "wire/schema.def"
#undef CY_MESSAGE
#undef CY_ITEM
#undef CY_RECORD
#undef CY_FIELD
#undef CY_ENUM
#undef CY_LIST
#undef CY_ACTS
#undef CY_END
/* clang-format on */

/* cy_schema_act and cy_schema_record find by number; NULL when there is none. */
const struct cy_schema *cy_schema_act(uint64_t number);
const struct cy_schema *cy_schema_record(uint64_t number);

/* cy_schema_named finds an act or record by its name; NULL when there is none. */
const struct cy_schema *cy_schema_named(enum cy_schema_kind kind, struct cy_span name);

/* cy_schema_at returns the i-th schema in the order of schema.def, NULL past the end. */
const struct cy_schema *cy_schema_at(size_t i);

/* cy_type_size is the size of a field of that type in a struct. */
size_t cy_type_size(enum cy_type type);

/* cy_schema_key_size is the number of leading bytes of a record's struct that are its key. */
size_t cy_schema_key_size(const struct cy_schema *record);

/* cy_word_text gives the word of a number, or "?" */
const char *cy_word_text(const struct cy_word_set *set, uint8_t number);

#endif

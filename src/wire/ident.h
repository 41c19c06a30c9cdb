/* ident: the plain value types that messages and records are made of. */
#ifndef CY_WIRE_IDENT_H
#define CY_WIRE_IDENT_H

#include "base/date.h"

/* Short text held inside a record: n bytes of UTF-8, the rest zero, so that equal texts are equal
 * bytes and may be keys. */
struct cy_label {
    uint8_t n;
    char s[15];
};

struct cy_name {
    uint8_t n;
    char s[63];
};

struct cy_line {
    uint8_t n;
    char s[255];
};

struct cy_schema;

/* One act inside a batch: its schema and its decoded struct. */
struct cy_any {
    const struct cy_schema *schema;
    const void *message;
};

typedef bool cy_type_bool;
typedef uint8_t cy_type_u8;
typedef uint16_t cy_type_u16;
typedef uint32_t cy_type_u32;
typedef uint64_t cy_type_u64;
typedef cy_u128 cy_type_amount;
typedef cy_date cy_type_date;
typedef cy_time cy_type_time;
typedef struct cy_id cy_type_id;
typedef struct cy_label cy_type_code;
typedef struct cy_name cy_type_name;
typedef struct cy_line cy_type_line;
typedef struct cy_span cy_type_text;
typedef struct cy_span cy_type_bytes;

/* cy_label_of, cy_name_of and cy_line_of copy a text; fail with RANGE when it is too long. */
CY_MUST_USE cy_err cy_label_of(struct cy_span text, struct cy_label *out);
CY_MUST_USE cy_err cy_name_of(struct cy_span text, struct cy_name *out);
CY_MUST_USE cy_err cy_line_of(struct cy_span text, struct cy_line *out);

static inline struct cy_span cy_label_text(const struct cy_label *code)
{
    return cy_span_of(code->s, code->n);
}

static inline struct cy_span cy_name_text(const struct cy_name *name)
{
    return cy_span_of(name->s, name->n);
}

static inline struct cy_span cy_line_text(const struct cy_line *line)
{
    return cy_span_of(line->s, line->n);
}

static inline bool cy_label_eq(const struct cy_label *a, const struct cy_label *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

#endif

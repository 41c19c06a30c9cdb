#include "host/sql/sql_value.h"

#include "base/num.h"
#include "base/text.h"

struct cy_sql_value cy_sql_null(void)
{
    return (struct cy_sql_value){.kind = CY_SQL_NULL, .text = NULL};
}

struct cy_sql_value cy_sql_text(const char *text, size_t n)
{
    return (struct cy_sql_value){.kind = CY_SQL_TEXT, .text = text, .n = (uint32_t)n};
}

/* Digits with zeros in front up to a width. */
static struct cy_sql_value padded(cy_u128 v, size_t width, char room[static CY_SQL_ROOM])
{
    char digits[CY_U128_TEXT];
    size_t n = 0;

    cy_u128_text(v, digits);
    n = strlen(digits);
    CY_ASSERT(n <= width);
    memset(room, '0', width - n);
    memcpy(room + width - n, digits, n + 1);
    return (struct cy_sql_value){.kind = CY_SQL_BIG, .text = room, .n = (uint32_t)width};
}

struct cy_sql_value cy_sql_number(uint64_t v, char room[static CY_SQL_ROOM])
{
    if (v > INT64_MAX)
        return padded(v, 20, room);
    return (struct cy_sql_value){.kind = CY_SQL_NUMBER, .number = (int64_t)v};
}

struct cy_sql_value cy_sql_amount(cy_u128 v, char room[static CY_SQL_ROOM])
{
    return v > INT64_MAX ? padded(v, 39, room) : cy_sql_number((uint64_t)v, room);
}

struct cy_sql_value cy_sql_id(const struct cy_id *id, char room[static CY_SQL_ROOM])
{
    if (cy_id_none(id))
        return cy_sql_null();
    cy_hex(id->b, sizeof id->b, room);
    return cy_sql_text(room, 2 * sizeof id->b);
}

struct cy_sql_value cy_sql_time(cy_time time, char room[static CY_SQL_ROOM])
{
    return time == 0 ? cy_sql_null() : cy_sql_number(time, room);
}

struct cy_sql_value cy_sql_day(cy_date date, char room[static CY_SQL_ROOM])
{
    struct cy_text text = cy_text_on(room, CY_SQL_ROOM);

    cy_date_text(&text, date);
    return text.n == 0 ? cy_sql_null() : cy_sql_text(room, text.n);
}

static struct cy_sql_value short_text(struct cy_span text, char room[static CY_SQL_ROOM])
{
    if (text.n == 0)
        return cy_sql_null();
    CY_ASSERT(text.n < CY_SQL_ROOM);
    memcpy(room, text.at, text.n);
    room[text.n] = 0;
    return cy_sql_text(room, text.n);
}

/* A number that no word of the set has means "not said". */
static struct cy_sql_value word(const struct cy_word_set *set, uint8_t number)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->words[i].number == number)
            return cy_sql_text(set->words[i].text, strlen(set->words[i].text));
    }
    return cy_sql_null();
}

static struct cy_sql_value value_of(const struct cy_field *field, const void *at,
                                    char room[static CY_SQL_ROOM])
{
    switch (field->type) {
    case CY_T_bool: return cy_sql_number(*(const bool *)at ? 1 : 0, room);
    case CY_T_u8: return cy_sql_number(*(const uint8_t *)at, room);
    case CY_T_u16: return cy_sql_number(*(const uint16_t *)at, room);
    case CY_T_u32: return cy_sql_number(*(const uint32_t *)at, room);
    case CY_T_u64: return cy_sql_number(*(const uint64_t *)at, room);
    case CY_T_amount: return cy_sql_amount(*(const cy_u128 *)at, room);
    case CY_T_time: return cy_sql_time(*(const cy_time *)at, room);
    case CY_T_date: return cy_sql_day(*(const cy_date *)at, room);
    case CY_T_id: return cy_sql_id(at, room);
    case CY_T_code: return short_text(cy_label_text(at), room);
    case CY_T_name: return short_text(cy_name_text(at), room);
    case CY_T_line: return short_text(cy_line_text(at), room);
    case CY_T_enum: return word(field->set, *(const uint8_t *)at);
    case CY_T_text:
    case CY_T_bytes:
    case CY_T_list:
    case CY_T_acts: break;
    }
    CY_NEVER("a field without a form in SQL");
}

struct cy_sql_value cy_sql_field(const struct cy_field *field, const void *record, bool key,
                                 char room[static CY_SQL_ROOM])
{
    const struct cy_sql_value value = value_of(field, (const uint8_t *)record + field->at, room);

    if (!key || value.kind != CY_SQL_NULL)
        return value;
    return field->type == CY_T_time || field->type == CY_T_date
               ? (struct cy_sql_value){.kind = CY_SQL_NUMBER}
               : cy_sql_text("", 0);
}

cy_err cy_sql_key_read(const struct cy_field *field, const char *text, void *record)
{
    uint8_t *at = (uint8_t *)record + field->at;
    const size_t size = cy_type_size(field->type);
    cy_u128 v = 0;

    if (field->type == CY_T_id)
        return text[0] == 0 ? CY_OK : cy_hex_read(cy_span_text(text), at, sizeof(struct cy_id));
    if (field->type == CY_T_code)
        return cy_label_of(cy_span_text(text), (struct cy_label *)(void *)at);
    if (field->type == CY_T_name)
        return cy_name_of(cy_span_text(text), (struct cy_name *)(void *)at);
    while (text[0] == '0' && text[1] != 0) /* a padded number */
        text++;
    CY_TRY(cy_u128_read(cy_span_text(text), &v));
    if (v > (size == sizeof(uint64_t) ? UINT64_MAX : UINT32_MAX))
        return cy_fail(CY_E_BAD_TEXT, 0);
    if (size == sizeof(uint64_t))
        memcpy(at, &(uint64_t){(uint64_t)v}, size);
    else if (size == sizeof(uint32_t))
        memcpy(at, &(uint32_t){(uint32_t)v}, size);
    else
        return cy_fail(CY_E_BAD_TEXT, 0);
    return CY_OK;
}

bool cy_sql_same(const struct cy_sql_value *value, const char *text)
{
    char digits[CY_U128_TEXT];
    const char *mine = value->text;

    if (value->kind == CY_SQL_NULL || text == NULL)
        return value->kind == CY_SQL_NULL && text == NULL;
    if (value->kind == CY_SQL_NUMBER) {
        cy_u128_text((cy_u128)value->number, digits);
        return strcmp(digits, text) == 0;
    }
    if (strlen(text) == value->n && memcmp(text, mine, value->n) == 0)
        return true;
    if (value->kind != CY_SQL_BIG)
        return false;
    while (mine[0] == '0')
        mine++;
    return strcmp(mine, text) == 0;
}

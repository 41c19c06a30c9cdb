/* sql_value: fields of messages and records as values of SQL, one form for every database.
 *
 *   id            64 hexadecimal digits; none = NULL         words of closed lists   their text
 *   numbers       INTEGER up to 2^63-1; above, decimal digits with leading zeros (20 of a u64, 39
 *                 of an amount), so that a column still sorts and compares as its numbers do
 *   times         Unix milliseconds; 0 = NULL                 dates      YYYY-MM-DD; 0 = NULL
 *   texts         as they are; an empty one = NULL            true/false 1 and 0
 *
 * In a key nothing is NULL: an id that is none is the empty text there.
 *
 * Owns: this choice of forms. Never: writes SQL; a value reaches a database as a bound parameter.
 */
#ifndef CY_HOST_SQL_SQL_VALUE_H
#define CY_HOST_SQL_SQL_VALUE_H

#include "wire/schema.h"

/* BIG: a number of more than 63 bits, as padded digits. */
enum cy_sql_kind { CY_SQL_NULL, CY_SQL_NUMBER, CY_SQL_BIG, CY_SQL_TEXT };

/* text borrows and ends in 0. */
struct cy_sql_value {
    const char *text;
    int64_t number;
    uint32_t n; /* bytes of text */
    enum cy_sql_kind kind;
};

#define CY_SQL_ROOM 264u /* what any one field needs */

/* cy_sql_field is the value of a field; texts are made in room. Lists, embedded acts, long texts
 * and bytes have no such form (asserts): records have none. */
struct cy_sql_value cy_sql_field(const struct cy_field *field, const void *record, bool key,
                                 char room[static CY_SQL_ROOM]);

/* The parts of it. A span must end in 0. */
struct cy_sql_value cy_sql_number(uint64_t v, char room[static CY_SQL_ROOM]);
struct cy_sql_value cy_sql_amount(cy_u128 v, char room[static CY_SQL_ROOM]);
struct cy_sql_value cy_sql_id(const struct cy_id *id, char room[static CY_SQL_ROOM]);
struct cy_sql_value cy_sql_time(cy_time time, char room[static CY_SQL_ROOM]);
struct cy_sql_value cy_sql_day(cy_date date, char room[static CY_SQL_ROOM]);
struct cy_sql_value cy_sql_text(const char *text, size_t n);
struct cy_sql_value cy_sql_null(void);

/* cy_sql_key_read is the way back for fields of keys (ids, codes, numbers). Fails with BAD_TEXT:
 * no key of ours is written so. */
CY_MUST_USE cy_err cy_sql_key_read(const struct cy_field *field, const char *text, void *record);

/* cy_sql_same says whether a column's text (NULL: an SQL NULL) is that of the value. Databases with
 * a numeric type leave the leading zeros away. */
bool cy_sql_same(const struct cy_sql_value *value, const char *text);

#endif

/* list_rows: tables of lists, row by row, with the place of every fault.
 *
 * As published: a separator of the publisher's choice, fields in quotes with "" for a quote and
 * line ends inside, LF or CRLF, a byte order mark before the first row, spaces after a field (OFAC
 * writes `-0- `), and 0x1A, the end of file of old systems, as the last byte. Fields are UTF-8; a
 * byte that is not is refused, except in files whose publisher writes Windows-1252, which are
 * converted first (cy_rows_convert).
 *
 * Owns: one row's fields, until the next row. Never: guesses types. */
#ifndef CY_MODELS_SCREEN_LIST_ROWS_H
#define CY_MODELS_SCREEN_LIST_ROWS_H

#include "base/bytes.h"
#include "models/desk/desk.h"

#define CY_ROW_FIELDS_MAX 160u
#define CY_ROW_FIELD_BYTES_MAX (1u << 16)

struct cy_rows {
    char *at; /* the text is changed in place */
    char *end;
    char separator;
    uint32_t line;
    uint32_t row_line; /* where the row began */
    size_t n;
    const char *fields[CY_ROW_FIELDS_MAX]; /* each ends in 0 */
    uint32_t columns[CY_ROW_FIELDS_MAX];   /* where it begins, from 1 */
};

/* cy_rows_on starts on n bytes with one more byte of room after them. */
struct cy_rows cy_rows_on(char *text, size_t n, char separator);

/* cy_rows_next reads a row; *more is false when there is none. Fails with MODEL_INPUT: a quote that
 * does not end or stands inside a field, a 0 byte, a byte that is no UTF-8, too many or too long
 * fields. */
CY_MUST_USE cy_err cy_rows_next(struct cy_rows *rows, bool *more, struct cy_desk_fault *fault);

/* cy_rows_find is the field of the current row with that text, SIZE_MAX when there is none; for the
 * row of names. */
size_t cy_rows_find(const struct cy_rows *rows, const char *name);

/* cy_rows_convert makes UTF-8 of Windows-1252 when the bytes are not UTF-8 already. *out is from
 * malloc, with a 0 after *n bytes. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_rows_convert(struct cy_span bytes, char **out, size_t *n);

/* cy_rows_each converts a whole file and hands over its rows, one after the other, until `take`
 * fails. Fails as cy_rows_next, cy_rows_convert and take. */
typedef cy_err cy_rows_take(void *of, struct cy_rows *row, struct cy_desk_fault *fault);
CY_MUST_USE cy_err cy_rows_each(struct cy_span bytes, char separator, cy_rows_take *take, void *of,
                                struct cy_desk_fault *fault);

#endif

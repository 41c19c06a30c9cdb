/* csv: comma-separated tables (RFC 4180), read in place.
 *
 * The first line names the columns. Fields may stand in quotes, with "" for a quote and line ends
 * inside. Every line has as many fields as the first.
 *
 * Owns: nothing; the text is changed and borrowed. Never: guesses types. */
#ifndef CY_BASE_CSV_H
#define CY_BASE_CSV_H

#include "base/arena.h"
#include "base/text.h"

#define CY_CSV_COLUMNS_MAX 512u

struct cy_csv {
    const char *columns[CY_CSV_COLUMNS_MAX];
    size_t n_columns;
    const char **cells; /* n_rows x n_columns, each ends in 0 */
    uint32_t *lines;    /* line in the file of each row */
    size_t n_rows;
    uint32_t column; /* when reading failed with BAD_TEXT: the byte of its line, from 1 */
};

/* cy_csv_read takes a text of n bytes with a 0 after it apart. Fails with BAD_TEXT (detail: line; a
 * wrong number of fields, a quote that does not end, a 0 inside), BAD_UTF8 (detail: line),
 * NO_ROOM. */
CY_MUST_USE cy_err cy_csv_read(char *text, size_t n, struct cy_arena *arena, struct cy_csv *out);

/* cy_csv_column is the position of a column, SIZE_MAX when there is none of this name. */
size_t cy_csv_column(const struct cy_csv *csv, const char *name);

static inline const char *cy_csv_cell(const struct cy_csv *csv, size_t row, size_t column)
{
    return csv->cells[row * csv->n_columns + column];
}

#endif

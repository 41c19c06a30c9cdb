/* cli_rows: the rows of an answer, printed as they come: as a table, as JSON, or as CSV.
 *
 * A table needs to know its widths: it takes them from the first thousand rows. JSON is one array
 * of objects; whole numbers above 2^53-1 are strings, as everywhere. CSV is that of RFC 4180, NULL
 * an empty cell. What a terminal would take for a command is printed as '?'.
 *
 * Owns: the rows it holds back (malloc). Never: knows where they come from. */
#ifndef CY_HOST_CLI_CLI_ROWS_H
#define CY_HOST_CLI_CLI_ROWS_H

#include "base/text.h"

#include <stdio.h>

enum cy_rows_form { CY_ROWS_TABLE, CY_ROWS_JSON, CY_ROWS_CSV };

struct cy_rows;

/* cy_rows_new: NULL without memory. */
struct cy_rows *cy_rows_new(FILE *out, enum cy_rows_form form);

/* cy_rows_row takes one row; all have the same columns. Fails with NO_MEMORY. */
CY_MUST_USE cy_err cy_rows_row(void *rows, const char *const *names, const char *const *texts,
                               const bool *is_number, size_t n);

/* cy_rows_end prints what is left and frees; returns how many rows there were. whole: the answer
 * came to its end. */
uint64_t cy_rows_end(struct cy_rows *rows, bool whole);

#endif

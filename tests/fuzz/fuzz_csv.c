/* Tables: what is read is written with every field in quotes and read again as the same. */
#include "fuzz.h"

#include "base/csv.h"

#include <stdlib.h>

enum { ROOM = 8 << 20 };

static _Alignas(16) uint8_t room[ROOM];
static char again[1 << 20];

static void put(struct cy_text *out, const char *cell, bool last)
{
    cy_text_add(out, "\"");
    for (; *cell != 0; cell++)
        cy_text_span(out, cy_span_of(*cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1));
    cy_text_add(out, last ? "\"\r\n" : "\",");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cy_arena arena = cy_arena_on(room, sizeof room);
    struct cy_text out = cy_text_on(again, sizeof again);
    struct cy_csv first;
    struct cy_csv second;
    char *text = malloc(size + 1);

    CY_ASSERT(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    if (!cy_ok(cy_csv_read(text, size, &arena, &first))) {
        free(text);
        return 0;
    }
    CY_ASSERT(first.n_columns >= 1 && first.n_columns <= CY_CSV_COLUMNS_MAX);
    for (size_t i = 0; i < first.n_columns; i++)
        put(&out, first.columns[i], i + 1 == first.n_columns);
    for (size_t row = 0; row < first.n_rows; row++) {
        CY_ASSERT(first.lines[row] > (row == 0 ? 1 : first.lines[row - 1]));
        for (size_t i = 0; i < first.n_columns; i++) {
            CY_ASSERT(cy_ok(cy_utf8_check(cy_span_text(cy_csv_cell(&first, row, i)))));
            put(&out, cy_csv_cell(&first, row, i), i + 1 == first.n_columns);
        }
    }
    if (!out.full) {
        CY_ASSERT(cy_ok(cy_csv_read(again, out.n, &arena, &second)));
        CY_ASSERT(first.n_columns == second.n_columns && first.n_rows == second.n_rows);
        for (size_t i = 0; i < first.n_columns; i++)
            CY_ASSERT(cy_csv_column(&first, first.columns[i]) ==
                      cy_csv_column(&second, second.columns[i]));
        for (size_t i = 0; i < first.n_rows * first.n_columns; i++)
            CY_ASSERT(strcmp(first.cells[i], second.cells[i]) == 0);
    }
    free(text);
    return 0;
}

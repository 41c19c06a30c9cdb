/* matpower_text: the text of a MATPOWER case file, taken apart into tables of cells.
 *
 * Only assignments of numbers, texts and tables of numbers are read, nothing is executed. A cell
 * stays text, with its line and column, until somebody needs the number.
 *
 * Owns: baseMVA; cells point into the text, and stand in the desk's memory. Never: executes. */
#ifndef CY_MODELS_GRID_MATPOWER_TEXT_H
#define CY_MODELS_GRID_MATPOWER_TEXT_H

#include "models/desk/desk.h"

#include <gmp.h>

#define CY_CASE_ROWS_MAX 200000u

struct cy_case_cell {
    const char *at;
    uint32_t n;
    uint32_t line;
    uint32_t column;
};

struct cy_case_table {
    struct cy_case_cell *cells; /* rows one after another */
    uint32_t n_cells;
    uint32_t room;
    uint32_t n_rows;
    uint32_t n_columns;
    bool there;
};

enum cy_case_table_of {
    CY_CASE_BUS,
    CY_CASE_GEN,
    CY_CASE_BRANCH,
    CY_CASE_COST,
    CY_CASE_DCLINE,
    CY_CASE_TABLES,
};

struct cy_case_text {
    char name[64];
    struct cy_case_table tables[CY_CASE_TABLES];
    mpq_t base; /* baseMVA, above 0 */
    bool has_base;
    bool has_version;
};

/* cy_case_text_read takes a case apart. Fails with MODEL_INPUT and the place, NO_MEMORY. Free it in
 * any case. */
CY_MUST_USE cy_err cy_case_text_read(struct cy_desk *desk, struct cy_span text,
                                     struct cy_case_text *out, struct cy_desk_fault *fault);
void cy_case_text_free(struct cy_case_text *text);

/* cy_case_number reads a cell exactly. Fails with MODEL_INPUT at its place. */
CY_MUST_USE cy_err cy_case_number(const struct cy_case_cell *cell, mpq_ptr out,
                                  struct cy_desk_fault *fault);

/* The name of a table in the file: bus, gen, branch, gencost, dcline. */
const char *cy_case_table_name(enum cy_case_table_of table);

#endif

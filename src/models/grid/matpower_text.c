#include "models/grid/matpower_text.h"

#include "models/lp/lp_words.h"

#include <ctype.h>
#include <stdlib.h>

enum { COLUMNS_MAX = 200, NUMBER_MAX = 64 };

static const char *const table_names_[] = {"bus", "gen", "branch", "gencost", "dcline"};

struct reader {
    struct cy_desk *desk;
    const char *at;
    const char *end;
    uint32_t line;
    const char *line_start;
    struct cy_case_text *out;
    struct cy_desk_fault *fault;
};

static cy_err here(const struct reader *r, const char *what)
{
    return cy_desk_at(r->fault, r->line, (uint32_t)(r->at - r->line_start) + 1, "%s", what);
}

static cy_err at_cell(const struct reader *r, const struct cy_case_cell *cell, const char *what)
{
    return cy_desk_at(r->fault, cell->line, cell->column, "%s", what);
}

/* --- signs and words --- */

static void step(struct reader *r)
{
    if (*r->at == '\n') {
        r->line++;
        r->line_start = r->at + 1;
    }
    r->at++;
}

/* Skips blanks and remarks; line ends too where they mean nothing. */
static void skip(struct reader *r, bool lines)
{
    while (r->at < r->end) {
        if (*r->at == '%') {
            while (r->at < r->end && *r->at != '\n')
                step(r);
        } else if (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || (lines && *r->at == '\n'))
            step(r);
        else
            break;
    }
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    step(r);
    return true;
}

static struct cy_span word(struct reader *r)
{
    const char *from = r->at;

    while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '_'))
        step(r);
    return cy_span_of(from, (size_t)(r->at - from));
}

static bool is(struct cy_span span, const char *text)
{
    return cy_span_eq(span, cy_span_text(text));
}

/* --- tables --- */

static bool ends_cell(char c)
{
    return isspace((unsigned char)c) || c == ';' || c == ',' || c == ']' || c == '%';
}

static cy_err read_cell(struct reader *r, struct cy_case_cell *out)
{
    *out = (struct cy_case_cell){r->at, 0, r->line, (uint32_t)(r->at - r->line_start) + 1};
    while (r->at < r->end && !ends_cell(*r->at)) {
        if (strchr("0123456789+-.eEInfNa", *r->at) == NULL || *r->at == 0)
            return here(r, "a table holds numbers only; write each as a decimal");
        step(r);
    }
    out->n = (uint32_t)(r->at - out->at);
    return out->n <= NUMBER_MAX ? CY_OK : at_cell(r, out, "this number is too long");
}

static cy_err keep(struct reader *r, struct cy_case_table *table, const struct cy_case_cell *cell)
{
    if (table->n_cells == table->room) {
        const uint32_t room = 2 * table->room + 256;
        struct cy_case_cell *cells = cy_desk_take(r->desk, room * sizeof *cells);

        if (cells == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        if (table->n_cells > 0)
            memcpy(cells, table->cells, table->n_cells * sizeof *cells);
        table->cells = cells;
        table->room = room;
    }
    table->cells[table->n_cells++] = *cell;
    return CY_OK;
}

static cy_err end_row(struct reader *r, struct cy_case_table *table, uint32_t width)
{
    if (width == 0)
        return CY_OK;
    if (table->n_rows == CY_CASE_ROWS_MAX || width > COLUMNS_MAX)
        return here(r, "this table is too large");
    if (table->n_rows > 0 && width != table->n_columns)
        return here(r, "this row is not as long as the one before it");
    table->n_columns = width;
    table->n_rows++;
    return CY_OK;
}

static cy_err read_table(struct reader *r, struct cy_case_table *table)
{
    uint32_t width = 0;

    for (;;) {
        struct cy_case_cell cell;

        skip(r, false);
        if (r->at == r->end)
            return here(r, "the file ends inside a table; close it with ];");
        if (*r->at == ';' || *r->at == '\n' || *r->at == ']') {
            const bool last = *r->at == ']';

            CY_TRY(end_row(r, table, width));
            width = 0;
            step(r);
            if (last)
                return CY_OK;
        } else if (*r->at == ',' && width > 0)
            step(r);
        else {
            CY_TRY(read_cell(r, &cell));
            if (cell.n == 0)
                return here(r, "a number is expected");
            CY_TRY(keep(r, table, &cell));
            width++;
        }
    }
}

/* Names of buses and the like: nothing of ours depends on them. */
static cy_err skip_texts(struct reader *r)
{
    bool quoted = false;

    for (; r->at < r->end; step(r)) {
        quoted ^= *r->at == '\'';
        if (quoted && *r->at == '\n')
            return here(r, "a text has no end on its line");
        if (!quoted && *r->at == '}') {
            step(r);
            return CY_OK;
        }
    }
    return here(r, "the file ends inside a list of texts; close it with };");
}

static cy_err skip_text(struct reader *r, struct cy_span *out)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at != '\'' && *r->at != '\n')
        step(r);
    *out = cy_span_of(from, (size_t)(r->at - from));
    return take(r, '\'') ? CY_OK : here(r, "a text has no end on its line");
}

cy_err cy_case_number(const struct cy_case_cell *cell, mpq_ptr out, struct cy_desk_fault *fault)
{
    char text[NUMBER_MAX + 1];

    memcpy(text, cell->at, cell->n);
    text[cell->n] = 0;
    if (cy_lp_read_number(text[0] == '+' ? text + 1 : text, out))
        return CY_OK;
    return cy_desk_at(fault, cell->line, cell->column,
                      "this must be a finite decimal of at most 40 digits");
}

static cy_err read_scalar(struct reader *r, struct cy_span name)
{
    struct cy_case_cell cell;

    CY_TRY(read_cell(r, &cell));
    if (cell.n == 0)
        return here(r, "a number, a text in quotes or a table is expected");
    if (!is(name, "baseMVA"))
        return CY_OK;
    CY_TRY(cy_case_number(&cell, r->out->base, r->fault));
    r->out->has_base = true;
    return mpq_sgn(r->out->base) > 0 ? CY_OK : at_cell(r, &cell, "baseMVA must be above 0");
}

static cy_err read_value(struct reader *r, struct cy_span name)
{
    struct cy_case_table other = {0};

    if (take(r, '[')) {
        for (unsigned t = 0; t < CY_CASE_TABLES; t++) {
            if (!is(name, table_names_[t]))
                continue;
            if (r->out->tables[t].there)
                return here(r, "this table stands twice");
            r->out->tables[t].there = true;
            return read_table(r, &r->out->tables[t]);
        }
        return read_table(r, &other);
    }
    if (take(r, '{'))
        return skip_texts(r);
    if (take(r, '\'')) {
        struct cy_span text;

        CY_TRY(skip_text(r, &text));
        if (is(name, "version") && !is(text, "2"))
            return here(r, "only case files of version 2 are read; let MATPOWER convert it");
        r->out->has_version |= is(name, "version");
        return CY_OK;
    }
    return read_scalar(r, name);
}

/* function mpc = NAME */
static cy_err read_head(struct reader *r, struct cy_span *variable)
{
    struct cy_span name;

    skip(r, true);
    if (!is(word(r), "function"))
        return here(r, "a case file begins with: function mpc = NAME");
    skip(r, false);
    *variable = word(r);
    skip(r, false);
    if (variable->n == 0 || !take(r, '='))
        return here(r, "a case file begins with: function mpc = NAME");
    skip(r, false);
    name = word(r);
    if (name.n == 0 || name.n >= sizeof r->out->name)
        return here(r, "the name of the case is missing or too long");
    memcpy(r->out->name, name.at, name.n);
    return CY_OK;
}

static cy_err read_all(struct reader *r)
{
    struct cy_span variable = {0};

    CY_TRY(read_head(r, &variable));
    for (;;) {
        struct cy_span name;

        skip(r, true);
        while (take(r, ';'))
            skip(r, true);
        if (r->at == r->end)
            return CY_OK;
        if (!cy_span_eq(word(r), variable) || !take(r, '.'))
            return here(r, "only assignments such as mpc.bus = [ ... ]; are read");
        name = word(r);
        skip(r, false);
        if (name.n == 0 || !take(r, '='))
            return here(r, "an assignment is expected: mpc.NAME = ...");
        skip(r, false);
        CY_TRY(read_value(r, name));
    }
}

const char *cy_case_table_name(enum cy_case_table_of table)
{
    return table_names_[table];
}

cy_err cy_case_text_read(struct cy_desk *desk, struct cy_span text, struct cy_case_text *out,
                         struct cy_desk_fault *fault)
{
    const char *at = (const char *)text.at;
    struct reader r = {.desk = desk,
                       .at = at,
                       .end = at + text.n,
                       .line = 1,
                       .line_start = at,
                       .out = out,
                       .fault = fault};

    *out = (struct cy_case_text){0};
    mpq_init(out->base);
    return read_all(&r);
}

void cy_case_text_free(struct cy_case_text *text)
{
    mpq_clear(text->base);
}

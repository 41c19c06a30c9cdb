#include "base/csv.h"

struct reader {
    char *at;
    char *end;
    uint32_t line;
    char *begin;     /* of the line */
    uint32_t column; /* where it failed */
};

static cy_err bad(struct reader *r, const char *where, uint32_t line)
{
    r->column = (uint32_t)(where - r->begin) + 1;
    return cy_fail(CY_E_BAD_TEXT, line);
}

/* Reads one field in place; *last says that its line ends with it. */
static cy_err read_field(struct reader *r, const char **out, bool *last)
{
    const bool quoted = r->at < r->end && *r->at == '"';
    char *to = r->at;
    char *from = quoted ? r->at + 1 : r->at;

    *out = to;
    if (quoted) {
        for (; from < r->end && !(from[0] == '"' && from[1] != '"'); from++) {
            if (*from == '\n') {
                r->line++;
                r->begin = from + 1;
            }
            if (*from == '"')
                from++;
            *to++ = *from;
        }
        if (from >= r->end)
            return bad(r, from, r->line);
        from++;
    } else {
        while (from < r->end && *from != ',' && *from != '\n' && *from != '\r') {
            if (*from == '"')
                return bad(r, from, r->line);
            *to++ = *from++;
        }
    }
    if (from < r->end && *from == '\r')
        from++;
    if (from < r->end && *from != ',' && *from != '\n')
        return bad(r, from, r->line);
    *last = from >= r->end || *from == '\n';
    r->at = from < r->end ? from + 1 : r->end;
    *to = 0;
    return CY_OK;
}

static cy_err read_row(struct reader *r, const char **cells, size_t n)
{
    const uint32_t line = r->line;
    bool last = false;
    size_t i = 0;

    for (; i < n && !last; i++)
        CY_TRY(read_field(r, &cells[i], &last));
    if (i != n || !last)
        return bad(r, r->at > r->begin ? r->at - 1 : r->at, line);
    r->line++;
    r->begin = r->at;
    return CY_OK;
}

static cy_err read_columns(struct reader *r, struct cy_csv *out)
{
    bool last = false;

    while (!last) {
        if (out->n_columns == CY_CSV_COLUMNS_MAX)
            return bad(r, r->at, r->line);
        CY_TRY(read_field(r, &out->columns[out->n_columns++], &last));
    }
    r->line++;
    r->begin = r->at;
    return CY_OK;
}

static cy_err read_all(struct reader *r, size_t rows_max, struct cy_arena *arena,
                       struct cy_csv *out)
{
    CY_TRY(read_columns(r, out));
    out->cells = cy_arena_take(arena, rows_max * out->n_columns * sizeof *out->cells);
    out->lines = cy_arena_take(arena, rows_max * sizeof *out->lines);
    if (out->cells == NULL || out->lines == NULL)
        return cy_fail(CY_E_NO_ROOM, arena->cap);
    while (r->at < r->end) {
        out->lines[out->n_rows] = r->line;
        CY_TRY(read_row(r, out->cells + out->n_rows * out->n_columns, out->n_columns));
        out->n_rows++;
    }
    for (size_t i = 0; i < out->n_columns; i++) {
        if (!cy_ok(cy_utf8_check(cy_span_text(out->columns[i]))))
            return cy_fail(CY_E_BAD_UTF8, 1);
    }
    for (size_t i = 0; i < out->n_rows * out->n_columns; i++) {
        if (!cy_ok(cy_utf8_check(cy_span_text(out->cells[i]))))
            return cy_fail(CY_E_BAD_UTF8, out->lines[i / out->n_columns]);
    }
    return CY_OK;
}

/* The line of a 0 inside the text. */
static cy_err refuse_zero(struct reader *r, char *zero)
{
    for (; r->at < zero; r->at++) {
        if (*r->at == '\n') {
            r->line++;
            r->begin = r->at + 1;
        }
    }
    return bad(r, zero, r->line);
}

cy_err cy_csv_read(char *text, size_t n, struct cy_arena *arena, struct cy_csv *out)
{
    struct reader r = {.at = text, .end = text + n, .line = 1, .begin = text};
    char *zero = memchr(text, 0, n);
    size_t rows_max = 1;
    cy_err err = CY_OK;

    *out = (struct cy_csv){0};
    for (size_t i = 0; i < n; i++)
        rows_max += text[i] == '\n';
    err = zero != NULL ? refuse_zero(&r, zero) : read_all(&r, rows_max, arena, out);
    out->column = err.code == CY_E_BAD_TEXT ? r.column : 0;
    return err;
}

size_t cy_csv_column(const struct cy_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (strcmp(csv->columns[i], name) == 0)
            return i;
    }
    return SIZE_MAX;
}

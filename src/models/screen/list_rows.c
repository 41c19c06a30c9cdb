#include "models/screen/list_rows.h"

#include "base/text.h"

#include <stdlib.h>

#define END_OF_FILE 0x1A

struct cy_rows cy_rows_on(char *text, size_t n, char separator)
{
    struct cy_rows rows = {.at = text, .end = text + n, .separator = separator, .line = 1};

    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        rows.at += 3;
    if (rows.end > rows.at && rows.end[-1] == END_OF_FILE)
        rows.end--;
    *rows.end = 0;
    return rows;
}

static cy_err broken(const struct cy_rows *rows, const char *line_start, const char *at,
                     const char *why, struct cy_desk_fault *fault)
{
    const uint32_t column = at < line_start ? 0 : (uint32_t)(at - line_start + 1);

    return cy_desk_at(fault, rows->line, column, "%s", why);
}

/* Reads one field in place. line_start follows the line ends inside quotes. */
static cy_err read_field(struct cy_rows *r, char **line_start, const char **out, bool *last,
                         struct cy_desk_fault *fault)
{
    const bool quoted = r->at < r->end && *r->at == '"';
    char *const open = r->at;
    char *to = r->at;
    char *from = quoted ? r->at + 1 : r->at;
    char *const open_start = *line_start;
    const uint32_t open_line = r->line;

    *out = to;
    if (quoted) {
        for (; from < r->end && !(from[0] == '"' && from[1] != '"'); from++) {
            if (*from == '\n') {
                r->line++;
                *line_start = from + 1;
            }
            if (*from == '"')
                from++;
            *to++ = *from;
        }
        if (from >= r->end) {
            r->line = open_line;
            return broken(r, open_start, open, "a quote that does not end", fault);
        }
        from++;
        while (from < r->end && *from == ' ')
            from++;
    } else {
        while (from < r->end && *from != r->separator && *from != '\n' && *from != '\r') {
            if (*from == '"')
                return broken(r, *line_start, from, "a quote inside a field without quotes", fault);
            *to++ = *from++;
        }
        while (to > *out && to[-1] == ' ')
            to--;
    }
    if (from < r->end && *from == '\r')
        from++;
    if (from < r->end && *from != r->separator && *from != '\n')
        return broken(r, *line_start, from, "text after the end of a field", fault);
    if ((size_t)(to - *out) > CY_ROW_FIELD_BYTES_MAX)
        return broken(r, *line_start, open, "a field longer than 65536 bytes", fault);
    *last = from >= r->end || *from == '\n';
    r->at = from < r->end ? from + 1 : r->end;
    *to = 0;
    if (memchr(*out, 0, (size_t)(to - *out)) != NULL)
        return broken(r, *line_start, open, "a zero byte", fault);
    if (!cy_ok(cy_utf8_form(cy_span_of(*out, (size_t)(to - *out)))))
        return broken(r, *line_start, open, "a byte that is no UTF-8", fault);
    return CY_OK;
}

cy_err cy_rows_next(struct cy_rows *rows, bool *more, struct cy_desk_fault *fault)
{
    char *line_start = rows->at;
    bool last = false;

    *more = rows->at < rows->end;
    if (!*more)
        return CY_OK;
    rows->row_line = rows->line;
    for (rows->n = 0; !last; rows->n++) {
        if (rows->n == CY_ROW_FIELDS_MAX)
            return broken(rows, line_start, rows->at, "more than 160 fields", fault);
        rows->columns[rows->n] = (uint32_t)(rows->at - line_start + 1);
        CY_TRY(read_field(rows, &line_start, &rows->fields[rows->n], &last, fault));
    }
    rows->line++;
    return CY_OK;
}

size_t cy_rows_find(const struct cy_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (strcmp(rows->fields[i], name) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Windows-1252 differs from Latin-1 in 0x80 to 0x9F; 0 where it has no character. */
static const uint16_t upper_control[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

static char *put_1252(char *to, uint8_t byte)
{
    const unsigned c = byte >= 0x80 && byte < 0xA0 ? upper_control[byte - 0x80] : byte;

    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | (c >> 6));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xE0 | (c >> 12));
        *to++ = (char)(0x80 | ((c >> 6) & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

cy_err cy_rows_convert(struct cy_span bytes, char **out, size_t *n)
{
    const bool utf8 = cy_ok(cy_utf8_form(bytes));
    char *text = bytes.n > SIZE_MAX / 4 ? NULL : malloc((utf8 ? bytes.n : 3 * bytes.n) + 1);
    char *to = text;

    if (text == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (utf8 && bytes.n > 0) {
        memcpy(text, bytes.at, bytes.n);
        to += bytes.n;
    }
    for (size_t i = 0; !utf8 && i < bytes.n; i++)
        to = put_1252(to, bytes.at[i]);
    *to = 0;
    *out = text;
    *n = (size_t)(to - text);
    return CY_OK;
}

cy_err cy_rows_each(struct cy_span bytes, char separator, cy_rows_take *take, void *of,
                    struct cy_desk_fault *fault)
{
    char *text = NULL;
    size_t n = 0;
    bool more = true;
    struct cy_rows rows;
    cy_err err = cy_rows_convert(bytes, &text, &n);

    if (!cy_ok(err))
        return err;
    rows = cy_rows_on(text, n, separator);
    while (cy_ok(err) && cy_ok(err = cy_rows_next(&rows, &more, fault)) && more)
        err = take(of, &rows, fault);
    free(text);
    return err;
}

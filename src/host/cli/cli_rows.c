#include "host/cli/cli_rows.h"

#include "base/num.h"
#include "wire/print.h"

#include <inttypes.h>
#include <stdlib.h>

#define HELD_MAX 1000u
#define COLUMNS_MAX 256u
#define SAFE_DIGITS 15u /* any whole number of so many digits is below 2^53 */

struct cy_rows {
    FILE *out;
    enum cy_rows_form form;
    uint64_t n;
    size_t columns;
    size_t widths[COLUMNS_MAX];
    bool numbers[COLUMNS_MAX];
    char **held; /* names and the first rows, until widths are known; NULL where NULL was */
    size_t n_held;
    bool flowing; /* widths are settled */
};

struct cy_rows *cy_rows_new(FILE *out, enum cy_rows_form form)
{
    struct cy_rows *rows = calloc(1, sizeof *rows);

    if (rows != NULL) {
        rows->out = out;
        rows->form = form;
    }
    return rows;
}

/* --- table --- */

static size_t width_of(const char *text)
{
    size_t n = 0;

    for (; text != NULL && *text != 0; text++)
        n += ((uint8_t)*text & 0xc0) != 0x80 ? 1u : 0u; /* bytes that begin a character */
    return n;
}

static void print_plain(FILE *out, const char *text)
{
    for (; text != NULL && *text != 0; text++)
        (void)fputc((uint8_t)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void print_line(const struct cy_rows *rows, const char *const *texts)
{
    for (size_t i = 0; i < rows->columns; i++) {
        const size_t n = width_of(texts[i]);
        const int pad = (int)(rows->widths[i] > n ? rows->widths[i] - n : 0);
        const bool last = i + 1 == rows->columns;

        if (rows->numbers[i])
            (void)fprintf(rows->out, "%*s", pad, "");
        print_plain(rows->out, texts[i]);
        if (!rows->numbers[i] && !last)
            (void)fprintf(rows->out, "%*s", pad, "");
        (void)fputs(last ? "\n" : "  ", rows->out);
    }
}

static void print_rule(const struct cy_rows *rows)
{
    for (size_t i = 0; i < rows->columns; i++) {
        for (size_t c = 0; c < rows->widths[i]; c++)
            (void)fputc('-', rows->out);
        (void)fputs(i + 1 == rows->columns ? "\n" : "  ", rows->out);
    }
}

static void flow(struct cy_rows *rows)
{
    const size_t n = rows->columns;

    for (size_t i = 0; n > 0 && i < rows->n_held; i += n) {
        for (size_t c = 0; c < n; c++) {
            const size_t width = width_of(rows->held[i + c]);

            rows->widths[c] = width > rows->widths[c] ? width : rows->widths[c];
        }
    }
    for (size_t i = 0; n > 0 && i < rows->n_held; i += n) {
        print_line(rows, (const char *const *)rows->held + i);
        if (i == 0)
            print_rule(rows);
    }
    for (size_t i = 0; i < rows->n_held; i++)
        free(rows->held[i]);
    free(rows->held);
    rows->held = NULL;
    rows->n_held = 0;
    rows->flowing = true;
}

static cy_err hold(struct cy_rows *rows, const char *const *texts)
{
    if (rows->held == NULL)
        rows->held = calloc((HELD_MAX + 1) * rows->columns, sizeof *rows->held);
    if (rows->held == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    for (size_t i = 0; i < rows->columns; i++) {
        char *copy = texts[i] == NULL ? NULL : strdup(texts[i]);

        if (texts[i] != NULL && copy == NULL)
            return cy_fail(CY_E_NO_MEMORY, 0);
        rows->held[rows->n_held++] = copy;
    }
    return CY_OK;
}

static cy_err table_row(struct cy_rows *rows, const char *const *names, const char *const *texts,
                        const bool *is_number)
{
    for (size_t i = 0; i < rows->columns; i++)
        rows->numbers[i] = rows->n == 1 ? is_number[i] : rows->numbers[i] || is_number[i];
    if (rows->n == 1)
        CY_TRY(hold(rows, names));
    if (!rows->flowing) {
        CY_TRY(hold(rows, texts));
        if (rows->n_held >= (HELD_MAX + 1) * rows->columns)
            flow(rows);
        return CY_OK;
    }
    print_line(rows, texts);
    return CY_OK;
}

/* --- JSON --- */

static void json_string(FILE *out, const char *text)
{
    const size_t cap = 6 * strlen(text) + 3;
    char *room = malloc(cap);
    struct cy_text quoted = cy_text_on(room, cap);

    if (room == NULL) {
        (void)fputs("null", out);
        return;
    }
    cy_print_string(&quoted, cy_span_text(text));
    (void)fwrite(quoted.at, 1, quoted.n, out);
    free(room);
}

static void json_row(const struct cy_rows *rows, const char *const *names, const char *const *texts,
                     const bool *is_number)
{
    (void)fputs(rows->n == 1 ? "[{" : ",\n {", rows->out);
    for (size_t i = 0; i < rows->columns; i++) {
        (void)fputs(i > 0 ? "," : "", rows->out);
        json_string(rows->out, names[i]);
        (void)fputc(':', rows->out);
        if (texts[i] == NULL)
            (void)fputs("null", rows->out);
        else if (is_number[i] && strlen(texts[i]) <= SAFE_DIGITS &&
                 strspn(texts[i], "-0123456789.") == strlen(texts[i]))
            (void)fputs(texts[i], rows->out);
        else
            json_string(rows->out, texts[i]);
    }
    (void)fputc('}', rows->out);
}

/* --- CSV --- */

static void csv_line(const struct cy_rows *rows, const char *const *texts)
{
    for (size_t i = 0; i < rows->columns; i++) {
        const char *text = texts[i] == NULL ? "" : texts[i];
        const bool quote = text[strcspn(text, ",\"\r\n")] != 0;

        (void)fputs(quote ? "\"" : "", rows->out);
        for (; *text != 0; text++)
            (void)fputs(*text == '"' ? "\"\"" : (const char[]){*text, 0}, rows->out);
        (void)fputs(quote ? "\"" : "", rows->out);
        (void)fputs(i + 1 == rows->columns ? "\r\n" : ",", rows->out);
    }
}

/* --- all --- */

cy_err cy_rows_row(void *self, const char *const *names, const char *const *texts,
                   const bool *is_number, size_t n)
{
    struct cy_rows *rows = self;

    CY_ASSERT(n <= COLUMNS_MAX);
    rows->columns = n;
    rows->n++;
    if (rows->form == CY_ROWS_TABLE)
        return table_row(rows, names, texts, is_number);
    if (rows->form == CY_ROWS_JSON) {
        json_row(rows, names, texts, is_number);
        return CY_OK;
    }
    if (rows->n == 1)
        csv_line(rows, names);
    csv_line(rows, texts);
    return CY_OK;
}

uint64_t cy_rows_end(struct cy_rows *rows, bool whole)
{
    const uint64_t n = rows->n;

    if (rows->form == CY_ROWS_TABLE) {
        flow(rows);
        if (whole)
            (void)fprintf(rows->out, "%" PRIu64 " row%s\n", n, n == 1 ? "" : "s");
    } else if (rows->form == CY_ROWS_JSON && (whole || n > 0)) {
        (void)fputs(n == 0 ? "[]\n" : "]\n", rows->out);
    }
    free(rows);
    return n;
}

#include "models/relief/hxl.h"

#include <ctype.h>
#include <string.h>

/* A hashtag in small letters without blanks; "" for an empty cell, NULL for what is no hashtag. */
static const char *normal(struct cy_desk *desk, const char *cell)
{
    char *out = cy_desk_take(desk, strlen(cell) + 1);
    size_t n = 0;

    if (out == NULL)
        return NULL;
    for (; *cell != 0; cell++) {
        if (!isspace((unsigned char)*cell))
            out[n++] = (char)tolower((unsigned char)*cell);
    }
    out[n] = 0;
    if (n == 0)
        return out;
    if (out[0] != '#' || !isalpha((unsigned char)out[1]))
        return NULL;
    for (size_t i = 1; i < n; i++) {
        const bool plus = out[i] == '+' && isalpha((unsigned char)out[i + 1]);

        if (!plus && !isalnum((unsigned char)out[i]) && out[i] != '_')
            return NULL;
    }
    return out;
}

/* Reads one line of cells as hashtags: all are, or empty, and there is one at least. */
static bool tag_row(struct cy_desk *desk, const char *const *cells, size_t n, const char **tags)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        const char *cell = cells[i] + strspn(cells[i], " \t");

        if (*cell != 0 && *cell != '#')
            return false;
        tags[i] = normal(desk, cell);
        if (tags[i] == NULL)
            return false;
        found += tags[i][0] != 0;
    }
    return found > 0;
}

cy_err cy_hxl_read(struct cy_desk *desk, struct cy_desk_text text, struct cy_hxl *out,
                   struct cy_desk_fault *fault)
{
    const char **tags = NULL;

    *out = (struct cy_hxl){0};
    CY_TRY(cy_desk_csv_text(desk, text, &out->csv, fault));
    tags = cy_desk_take(desk, out->csv.n_columns * sizeof *tags);
    if (tags == NULL)
        return cy_fail(CY_E_NO_MEMORY, 0);
    if (tag_row(desk, out->csv.columns, out->csv.n_columns, tags)) {
        out->tags = tags;
        return CY_OK;
    }
    for (size_t i = 0; i < out->csv.n_rows && i < CY_HXL_TAG_ROWS; i++) {
        if (!tag_row(desk, &out->csv.cells[i * out->csv.n_columns], out->csv.n_columns, tags))
            continue;
        out->tags = tags;
        out->first = i + 1;
        return CY_OK;
    }
    return CY_OK;
}

/* A tag is that of the pattern, and has its attributes at least. */
static bool fits(const char *tag, const char *pattern)
{
    const size_t own = strcspn(tag, "+");

    if (strcspn(pattern, "+") != own || strncmp(tag, pattern, own) != 0)
        return false;
    for (pattern += own; *pattern == '+'; pattern += 1 + strcspn(pattern + 1, "+")) {
        const size_t n = 1 + strcspn(pattern + 1, "+");
        const char *at = tag + own;

        while (*at == '+' && (strcspn(at + 1, "+") + 1 != n || strncmp(at, pattern, n) != 0))
            at += 1 + strcspn(at + 1, "+");
        if (*at != '+')
            return false;
    }
    return true;
}

size_t cy_hxl_column(const struct cy_hxl *hxl, const char *pattern)
{
    if (pattern[0] != '#')
        return cy_csv_column(&hxl->csv, pattern);
    for (size_t i = 0; hxl->tags != NULL && i < hxl->csv.n_columns; i++) {
        if (hxl->tags[i][0] != 0 && fits(hxl->tags[i], pattern))
            return i;
    }
    return SIZE_MAX;
}

void cy_hxl_field(FILE *out, const char *text, char end)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        (void)fprintf(out, "%s%c", text, end);
        return;
    }
    (void)fputc('"', out);
    for (; *text != 0; text++) {
        if (*text == '"')
            (void)fputc('"', out);
        (void)fputc(*text, out);
    }
    (void)fprintf(out, "\"%c", end);
}

#include "models/lp/lp_advice.h"

#include "base/text.h"

enum { WORDS_MAX = 4 };

static size_t cut(struct cy_span line, struct cy_span words[static WORDS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < line.n && n < WORDS_MAX;) {
        size_t from = 0;

        while (i < line.n && (line.at[i] == ' ' || line.at[i] == '\t' || line.at[i] == '\r'))
            i++;
        from = i;
        while (i < line.n && line.at[i] != ' ' && line.at[i] != '\t' && line.at[i] != '\r')
            i++;
        if (i > from)
            words[n++] = cy_span_of(line.at + from, i - from);
    }
    return n;
}

static bool is(struct cy_span word, const char *text)
{
    return cy_span_eq(word, cy_span_text(text));
}

/* C12 or R3 to the variable's number. */
static bool variable(struct cy_span word, uint32_t n_columns, uint32_t n_rows, uint32_t *out)
{
    const bool column = word.n > 1 && word.at[0] == 'C';
    uint64_t v = 0;

    if (word.n < 2 || (!column && word.at[0] != 'R') ||
        !cy_ok(cy_u64_read(cy_span_of(word.at + 1, word.n - 1), &v)) || v == 0 ||
        v > (column ? n_columns : n_rows))
        return false;
    *out = (uint32_t)(column ? v - 1 : n_columns + v - 1);
    return true;
}

static bool read_mps(const struct cy_span *words, size_t n, uint32_t n_columns, uint32_t n_rows,
                     enum cy_lp_place *places)
{
    uint32_t first = 0;
    uint32_t second = 0;
    const bool upper = n > 0 && words[0].n == 2 && words[0].at[0] == 'X' && words[0].at[1] == 'U';

    if (n >= 3 && (upper || is(words[0], "XL")) && variable(words[1], n_columns, n_rows, &first) &&
        variable(words[2], n_columns, n_rows, &second)) {
        places[first] = CY_LP_BASIC;
        places[second] = upper ? CY_LP_AT_UPPER : CY_LP_AT_LOWER;
        return true;
    }
    if (n >= 2 && (is(words[0], "UL") || is(words[0], "LL")) &&
        variable(words[1], n_columns, n_rows, &first)) {
        places[first] = words[0].at[0] == 'U' ? CY_LP_AT_UPPER : CY_LP_AT_LOWER;
        return true;
    }
    return false;
}

static bool read_glpk(const struct cy_span *words, size_t n, uint32_t n_columns, uint32_t n_rows,
                      enum cy_lp_place *places)
{
    uint64_t v = 0;
    bool column = false;

    if (n < 3 || words[0].n != 1 || words[2].n != 1)
        return false;
    column = words[0].at[0] == 'j';
    if ((!column && words[0].at[0] != 'i') || !cy_ok(cy_u64_read(words[1], &v)) || v == 0 ||
        v > (column ? n_columns : n_rows))
        return false;
    places[column ? v - 1 : n_columns + v - 1] = words[2].at[0] == 'b'   ? CY_LP_BASIC
                                                 : words[2].at[0] == 'u' ? CY_LP_AT_UPPER
                                                                         : CY_LP_AT_LOWER;
    return true;
}

uint32_t cy_lp_advice_read(struct cy_span text, uint32_t n_columns, uint32_t n_rows,
                           enum cy_lp_place *places)
{
    struct cy_span line;
    uint32_t count = 0;

    for (uint32_t j = 0; j < n_columns + n_rows; j++)
        places[j] = j < n_columns ? CY_LP_AT_LOWER : CY_LP_BASIC;
    while (cy_line_next(&text, &line)) {
        struct cy_span words[WORDS_MAX];
        const size_t n = cut(line, words);

        if (read_glpk(words, n, n_columns, n_rows, places) ||
            read_mps(words, n, n_columns, n_rows, places))
            count++;
    }
    return count;
}

#include "base/text.h"

struct cy_text cy_text_on(char *at, size_t cap)
{
    CY_ASSERT(cap >= 1);
    at[0] = 0;
    return (struct cy_text){.at = at, .cap = cap};
}

void cy_text_span(struct cy_text *text, struct cy_span bytes)
{
    const size_t room = text->cap - 1 - text->n;
    const size_t n = bytes.n < room ? bytes.n : room;

    if (n > 0)
        memcpy(text->at + text->n, bytes.at, n);
    text->n += n;
    text->at[text->n] = 0;
    if (n < bytes.n)
        text->full = true;
}

void cy_text_add(struct cy_text *text, const char *words)
{
    cy_text_span(text, cy_span_text(words));
}

void cy_text_u128(struct cy_text *text, cy_u128 v)
{
    char digits[CY_U128_TEXT];

    cy_u128_text(v, digits);
    cy_text_add(text, digits);
}

void cy_text_u64(struct cy_text *text, uint64_t v)
{
    cy_text_u128(text, v);
}

void cy_text_hex(struct cy_text *text, struct cy_span bytes)
{
    for (size_t i = 0; i < bytes.n; i += 32) {
        const size_t n = bytes.n - i < 32 ? bytes.n - i : 32;
        char digits[65];

        cy_hex(bytes.at + i, n, digits);
        cy_text_span(text, cy_span_of(digits, 2 * n));
    }
}

void cy_text_base64(struct cy_text *text, struct cy_span bytes)
{
    /* whole groups of three bytes, so that only the last group can be padded */
    for (size_t i = 0; i < bytes.n; i += 3) {
        char four[5];

        cy_base64(bytes.at + i, bytes.n - i < 3 ? bytes.n - i : 3, four);
        cy_text_add(text, four);
    }
}

/* The length of the sequence that starts at `at` and its character; 0 when it is not well-formed.
 */
static size_t utf8_char(const uint8_t *at, size_t left, uint32_t *out)
{
    uint32_t least = 0;
    uint32_t v = 0;
    size_t n = 0;

    *out = at[0];
    if (at[0] < 0x80)
        return 1;
    if ((at[0] & 0xe0) == 0xc0) {
        n = 2;
        v = at[0] & 0x1f;
        least = 0x80;
    } else if ((at[0] & 0xf0) == 0xe0) {
        n = 3;
        v = at[0] & 0x0f;
        least = 0x800;
    } else if ((at[0] & 0xf8) == 0xf0) {
        n = 4;
        v = at[0] & 0x07;
        least = 0x10000;
    } else {
        return 0;
    }
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (at[i] & 0x3f);
    }
    *out = v;
    return v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff) ? 0 : n;
}

/* The same, 0 also for control characters other than \n and \t. */
static size_t utf8_step(const uint8_t *at, size_t left)
{
    uint32_t v = 0;
    const size_t n = utf8_char(at, left, &v);

    if (v < 0x20)
        return v == '\n' || v == '\t' ? n : 0;
    return v >= 0x7f && v < 0xa0 ? 0 : n;
}

cy_err cy_utf8_form(struct cy_span bytes)
{
    uint32_t v = 0;

    for (size_t pos = 0; pos < bytes.n;) {
        const size_t n = utf8_char(bytes.at + pos, bytes.n - pos, &v);

        if (n == 0)
            return cy_fail(CY_E_BAD_UTF8, pos);
        pos += n;
    }
    return CY_OK;
}

cy_err cy_utf8_check(struct cy_span bytes)
{
    size_t pos = 0;

    while (pos < bytes.n) {
        const size_t n = utf8_step(bytes.at + pos, bytes.n - pos);

        if (n == 0)
            return cy_fail(CY_E_BAD_UTF8, pos);
        pos += n;
    }
    return CY_OK;
}

void cy_utf8_mend(char *text)
{
    const size_t end = strlen(text);
    size_t pos = 0;

    while (pos < end) {
        const size_t n = utf8_step((const uint8_t *)text + pos, end - pos);

        if (n == 0)
            text[pos] = '?';
        pos += n == 0 ? 1 : n;
    }
}

bool cy_line_next(struct cy_span *rest, struct cy_span *line)
{
    const uint8_t *end = rest->n > 0 ? memchr(rest->at, '\n', rest->n) : NULL;

    if (end == NULL)
        return false;
    *line = cy_span_of(rest->at, (size_t)(end - rest->at));
    *rest = cy_span_of(end + 1, rest->n - line->n - 1);
    return true;
}

bool cy_line_after(struct cy_span line, const char *word, struct cy_span *out)
{
    const size_t n = strlen(word);

    if (line.n < n || memcmp(line.at, word, n) != 0)
        return false;
    *out = cy_span_of(line.at + n, line.n - n);
    return true;
}

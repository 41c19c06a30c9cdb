#include "wire/heads.h"

#define HEAD "comity heads@v1"

/* Where the next empty line begins: the second of two newlines. bytes.n when there is none. */
static size_t empty_line(struct cy_span bytes, size_t from)
{
    for (size_t i = from; i + 1 < bytes.n; i++) {
        if (bytes.at[i] == '\n' && bytes.at[i + 1] == '\n')
            return i + 1;
    }
    return bytes.n;
}

/* The lines above the first empty one: what the file is, and the path. */
static cy_err read_path(struct cy_span lines, struct cy_heads *out)
{
    unsigned number = 1;

    for (size_t at = 0; at < lines.n; number++) {
        const uint8_t *end = memchr(lines.at + at, '\n', lines.n - at);
        const struct cy_span line = cy_span_of(lines.at + at, (size_t)(end - lines.at) - at);
        size_t n = 0;

        at += line.n + 1;
        if (number == 1) {
            if (!cy_span_eq(line, cy_span_text(HEAD)))
                return cy_fail(CY_E_BAD_PROOF_TEXT, number);
            continue;
        }
        if (out->n == CY_HEADS_PATH_MAX ||
            !cy_ok(cy_base64_read(line, out->path[out->n].b, 32, &n)) || n != 32)
            return cy_fail(CY_E_BAD_PROOF_TEXT, number);
        out->n++;
    }
    return CY_OK;
}

cy_err cy_heads_read(struct cy_span bytes, struct cy_heads *out)
{
    const size_t first = empty_line(bytes, 0);
    size_t inner = 0;
    size_t split = 0;

    *out = (struct cy_heads){0};
    if (first == bytes.n)
        return cy_fail(CY_E_BAD_PROOF_TEXT, 0);
    CY_TRY(read_path(cy_span_of(bytes.at, first), out));
    inner = empty_line(bytes, first + 1);
    split = empty_line(bytes, inner + 1);
    if (split >= bytes.n)
        return cy_fail(CY_E_BAD_PROOF_TEXT, 0);
    out->notes[0] = cy_span_of(bytes.at + first + 1, split - first - 1);
    out->notes[1] = cy_span_of(bytes.at + split + 1, bytes.n - split - 1);
    return CY_OK;
}

void cy_heads_write(struct cy_text *text, const struct cy_id *path, uint32_t n, struct cy_span one,
                    struct cy_span another)
{
    cy_text_add(text, HEAD "\n");
    for (uint32_t i = 0; i < n; i++) {
        cy_text_base64(text, cy_span_of(path[i].b, 32));
        cy_text_add(text, "\n");
    }
    cy_text_add(text, "\n");
    cy_text_span(text, one);
    cy_text_add(text, "\n");
    cy_text_span(text, another);
}

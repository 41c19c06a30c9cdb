#include "wire/equivocation.h"

#define HEAD "comity evidence@v1"

static const char *const kinds_[] = {
    [CY_statement_VOTE] = "vote",
    [CY_statement_HEAD] = "head",
    [CY_statement_COSIGNATURE] = "cosignature",
};

static cy_err bad(unsigned line)
{
    return cy_fail(CY_E_BAD_PROOF_TEXT, line);
}

static bool read_hash(struct cy_span word, struct cy_id *out)
{
    size_t n = 0;

    return cy_ok(cy_base64_read(word, out->b, sizeof out->b, &n)) && n == sizeof out->b;
}

static bool read_kind(struct cy_span line, uint8_t *out)
{
    for (unsigned i = CY_statement_VOTE; i < CY_COUNT(kinds_); i++) {
        if (!cy_span_eq(line, cy_span_text(kinds_[i])))
            continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

/* A line of the path, or the prefix in front of it. */
static bool read_join(struct cy_span line, unsigned number, struct cy_equivocation *out)
{
    struct cy_span word;

    if (out->kind == CY_statement_VOTE)
        return false;
    if (number == 4) {
        out->has_prefix = cy_line_after(line, "prefix ", &word);
        return out->has_prefix && read_hash(word, &out->prefix) && !cy_id_none(&out->prefix);
    }
    return out->n < CY_EQUIVOCATION_PATH_MAX && read_hash(line, &out->path[out->n++]);
}

static bool read_line(struct cy_span line, unsigned number, struct cy_equivocation *out)
{
    struct cy_span word;

    switch (number) {
    case 1: return cy_span_eq(line, cy_span_text(HEAD));
    case 2: return read_kind(line, &out->kind);
    case 3: return cy_line_after(line, "key ", &word) && read_hash(word, &out->key);
    default: return read_join(line, number, out);
    }
}

/* Takes a whole note off the front: it has one empty line of its own, and another one behind it
 * unless it is the last. */
static bool take_note(struct cy_span *rest, bool last, struct cy_span *out)
{
    unsigned empty = 0;

    for (size_t i = 0; !last && i + 1 < rest->n; i++) {
        if (rest->at[i] != '\n' || rest->at[i + 1] != '\n' || ++empty < 2)
            continue;
        *out = cy_span_of(rest->at, i + 1);
        *rest = cy_span_of(rest->at + i + 2, rest->n - i - 2);
        return out->n <= CY_EQUIVOCATION_NOTE_MAX;
    }
    *out = *rest;
    return last && rest->n > 0 && rest->n <= CY_EQUIVOCATION_NOTE_MAX;
}

cy_err cy_equivocation_read(struct cy_span bytes, struct cy_equivocation *out)
{
    struct cy_span line;
    unsigned number = 1;

    memset(out, 0, sizeof *out);
    for (; cy_line_next(&bytes, &line) && line.n > 0; number++) {
        if (!read_line(line, number, out))
            return bad(number);
    }
    if (number < 4)
        return bad(number);
    return take_note(&bytes, false, &out->notes[0]) && take_note(&bytes, true, &out->notes[1])
               ? CY_OK
               : bad(0);
}

void cy_equivocation_write(struct cy_text *text, const struct cy_equivocation *what)
{
    cy_text_add(text, HEAD "\n");
    cy_text_add(text, kinds_[what->kind]);
    cy_text_add(text, "\nkey ");
    cy_text_base64(text, cy_span_of(what->key.b, sizeof what->key.b));
    if (what->has_prefix) {
        cy_text_add(text, "\nprefix ");
        cy_text_base64(text, cy_span_of(what->prefix.b, sizeof what->prefix.b));
    }
    for (uint32_t i = 0; i < what->n; i++) {
        cy_text_add(text, "\n");
        cy_text_base64(text, cy_span_of(what->path[i].b, sizeof what->path[i].b));
    }
    cy_text_add(text, "\n\n");
    cy_text_span(text, what->notes[0]);
    cy_text_add(text, "\n");
    cy_text_span(text, what->notes[1]);
}

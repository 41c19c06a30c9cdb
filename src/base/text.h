/* text: a bounded writer of text, and the check of text that others wrote.
 *
 * The writer never overflows: what does not fit is dropped and remembered in `full`. */
#ifndef CY_BASE_TEXT_H
#define CY_BASE_TEXT_H

#include "base/num.h"

struct cy_text {
    char *at;   /* caller's memory; always ends in 0 once cy_text_on was called */
    size_t cap; /* with the 0 */
    size_t n;   /* without the 0 */
    bool full;  /* something did not fit */
};

/* cy_text_on starts an empty text in cap >= 1 bytes. */
struct cy_text cy_text_on(char *at, size_t cap);

void cy_text_add(struct cy_text *text, const char *words);
void cy_text_span(struct cy_text *text, struct cy_span bytes);
void cy_text_u64(struct cy_text *text, uint64_t v);
void cy_text_u128(struct cy_text *text, cy_u128 v);
void cy_text_hex(struct cy_text *text, struct cy_span bytes);
void cy_text_base64(struct cy_text *text, struct cy_span bytes);

static inline struct cy_span cy_text_bytes(const struct cy_text *text)
{
    return cy_span_of(text->at, text->n);
}

/* cy_line_next takes the next line, without its \n, off the rest. False when none is left or the
 * last one has no end. */
CY_MUST_USE bool cy_line_next(struct cy_span *rest, struct cy_span *line);

/* cy_line_after says that the line begins with that word and gives what follows it. */
CY_MUST_USE bool cy_line_after(struct cy_span line, const char *word, struct cy_span *out);

/* cy_utf8_check accepts well-formed UTF-8 (RFC 3629: shortest form, no surrogates) without control
 * characters other than \n and \t. Fails with BAD_UTF8 at the byte position. */
CY_MUST_USE cy_err cy_utf8_check(struct cy_span bytes);

/* cy_utf8_form: the same, but any character may stand there, control characters too. */
CY_MUST_USE cy_err cy_utf8_form(struct cy_span bytes);

/* cy_utf8_mend puts '?' for every byte of a 0-ended text that cy_utf8_check refuses: words of
 * others, or words that were cut inside a character, before they are shown. */
void cy_utf8_mend(char *text);

#endif

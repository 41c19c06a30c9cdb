#include "wire/tlog_proof.h"

#define HEAD "c2sp.org/tlog-proof@v1"

cy_err cy_tlog_proof_extra(const struct cy_tlog_proof *proof, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    return proof->has_extra ? cy_base64_read(proof->extra_base64, out, cap, n) : CY_OK;
}

cy_err cy_tlog_proof_read(struct cy_span bytes, struct cy_tlog_proof *out)
{
    uint8_t extra[CY_TLOG_PROOF_EXTRA_MAX];
    struct cy_span rest = bytes;
    struct cy_span line;
    struct cy_span word;
    unsigned at = 1;
    size_t n = 0;

    *out = (struct cy_tlog_proof){0};
    if (!cy_line_next(&rest, &line) || !cy_span_eq(line, cy_span_text(HEAD)))
        return cy_fail(CY_E_BAD_PROOF_TEXT, at);
    at++;
    if (!cy_line_next(&rest, &line))
        return cy_fail(CY_E_BAD_PROOF_TEXT, at);
    if (cy_line_after(line, "extra ", &out->extra_base64)) {
        out->has_extra = true;
        if (!cy_ok(cy_tlog_proof_extra(out, extra, sizeof extra, &n)) || n == 0)
            return cy_fail(CY_E_BAD_PROOF_TEXT, at);
        at++;
        if (!cy_line_next(&rest, &line))
            return cy_fail(CY_E_BAD_PROOF_TEXT, at);
    }
    if (!cy_line_after(line, "index ", &word) || !cy_ok(cy_u64_read(word, &out->index)))
        return cy_fail(CY_E_BAD_PROOF_TEXT, at);
    for (;;) {
        at++;
        if (!cy_line_next(&rest, &line))
            return cy_fail(CY_E_BAD_PROOF_TEXT, at);
        if (line.n == 0)
            break;
        if (out->n == CY_TLOG_PROOF_PATH_MAX ||
            !cy_ok(cy_base64_read(line, out->path[out->n].b, 32, &n)) || n != 32)
            return cy_fail(CY_E_BAD_PROOF_TEXT, at);
        out->n++;
    }
    if (rest.n == 0)
        return cy_fail(CY_E_BAD_PROOF_TEXT, at + 1);
    out->checkpoint = rest;
    return CY_OK;
}

void cy_tlog_proof_write(struct cy_text *text, struct cy_span extra, uint64_t index,
                         const struct cy_id *path, uint32_t n, struct cy_span checkpoint)
{
    cy_text_add(text, HEAD "\n");
    if (extra.n > 0) {
        cy_text_add(text, "extra ");
        cy_text_base64(text, extra);
        cy_text_add(text, "\n");
    }
    cy_text_add(text, "index ");
    cy_text_u64(text, index);
    cy_text_add(text, "\n");
    for (uint32_t i = 0; i < n; i++) {
        cy_text_base64(text, cy_span_of(path[i].b, 32));
        cy_text_add(text, "\n");
    }
    cy_text_add(text, "\n");
    cy_text_span(text, checkpoint);
}

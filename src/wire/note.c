#include "wire/note.h"

#define DASH "\xe2\x80\x94 " /* U+2014 and a space */

/* Unicode White_Space above ASCII; cy_utf8_check has already refused U+0085 and the controls. */
static bool wide_space(const uint8_t *at, size_t left)
{
    static const char *const spaces[] = {
        "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
        "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9",
        "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

    for (size_t i = 0; i < CY_COUNT(spaces); i++) {
        const size_t n = strlen(spaces[i]);

        if (left >= n && memcmp(at, spaces[i], n) == 0)
            return true;
    }
    return false;
}

cy_err cy_key_name_check(struct cy_span name)
{
    if (name.n == 0 || !cy_ok(cy_utf8_check(name)))
        return cy_fail(CY_E_BAD_NOTE, 0);
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] <= ' ' || name.at[i] == '+' || wide_space(name.at + i, name.n - i))
            return cy_fail(CY_E_BAD_NOTE, i);
    }
    return CY_OK;
}

/* Checks base64 without a place to put it: whole groups are decoded one piece at a time. */
static cy_err base64_check(struct cy_span text, uint8_t first[static 4], size_t *n)
{
    uint8_t piece[48];
    size_t got = 0;

    *n = 0;
    for (size_t i = 0; i < text.n; i += 64) {
        const size_t part = text.n - i < 64 ? text.n - i : 64;

        CY_TRY(cy_base64_read(cy_span_of(text.at + i, part), piece, sizeof piece, &got));
        if (i + part < text.n && got != 48) /* padding in the middle */
            return cy_fail(CY_E_BAD_BASE64, i);
        if (i == 0 && got >= 4)
            memcpy(first, piece, 4);
        *n += got;
    }
    return CY_OK;
}

/* Where the line that starts at pos ends (its \n), or bytes.n. */
static size_t line_end(struct cy_span bytes, size_t pos)
{
    const uint8_t *end = pos < bytes.n ? memchr(bytes.at + pos, '\n', bytes.n - pos) : NULL;

    return end == NULL ? bytes.n : (size_t)(end - bytes.at);
}

static cy_err read_line(struct cy_span line, struct cy_note_signature *out)
{
    const size_t dash = sizeof DASH - 1;
    const uint8_t *space = NULL;
    uint8_t id[4];
    size_t n = 0;

    if (line.n <= dash || memcmp(line.at, DASH, dash) != 0)
        return cy_fail(CY_E_BAD_NOTE, 0);
    space = memchr(line.at + dash, ' ', line.n - dash);
    if (space == NULL)
        return cy_fail(CY_E_BAD_NOTE, line.n);
    out->name = cy_span_of(line.at + dash, (size_t)(space - line.at) - dash);
    out->base64 = cy_span_of(space + 1, line.n - (size_t)(space - line.at) - 1);
    CY_TRY(cy_key_name_check(out->name));
    if (!cy_ok(base64_check(out->base64, id, &n)) || n < 5 || n > CY_NOTE_BLOB_MAX)
        return cy_fail(CY_E_BAD_NOTE, (uint64_t)(space - line.at) + 1);
    out->key_id = cy_get_u32be(id);
    return CY_OK;
}

cy_err cy_note_read(struct cy_span bytes, struct cy_note *out)
{
    size_t split = 0;

    out->n = 0;
    if (bytes.n > CY_NOTE_MAX)
        return cy_fail(CY_E_TOO_LARGE, bytes.n);
    if (bytes.n < 2 || bytes.at[bytes.n - 1] != '\n' || memchr(bytes.at, '\t', bytes.n) != NULL ||
        !cy_ok(cy_utf8_check(bytes)))
        return cy_fail(CY_E_BAD_NOTE, 0);
    for (size_t i = 1; i < bytes.n; i++) {
        if (bytes.at[i] == '\n' && bytes.at[i - 1] == '\n')
            split = i;
    }
    if (split == 0)
        return cy_fail(CY_E_BAD_NOTE, 0);
    out->text = cy_span_of(bytes.at, split);
    for (size_t pos = split + 1; pos < bytes.n;) {
        const size_t end = line_end(bytes, pos);
        cy_err err = CY_OK;

        if (out->n == CY_NOTE_SIGNATURES_MAX)
            return cy_fail(CY_E_TOO_LARGE, out->n);
        err = read_line(cy_span_of(bytes.at + pos, end - pos), &out->signatures[out->n]);
        if (!cy_ok(err))
            return cy_fail(CY_E_BAD_NOTE, pos + err.detail);
        out->n++;
        pos = end + 1;
    }
    return out->n > 0 ? CY_OK : cy_fail(CY_E_BAD_NOTE, bytes.n);
}

cy_err cy_note_blob(const struct cy_note_signature *signature, uint8_t *out, size_t cap, size_t *n)
{
    uint8_t whole[CY_NOTE_BLOB_MAX];
    size_t got = 0;

    *n = 0;
    CY_TRY(cy_base64_read(signature->base64, whole, sizeof whole, &got));
    if (got - 4 > cap)
        return cy_fail(CY_E_NO_ROOM, cap);
    memcpy(out, whole + 4, got - 4);
    *n = got - 4;
    return CY_OK;
}

void cy_note_begin(struct cy_text *text, struct cy_span signed_text)
{
    CY_ASSERT(signed_text.n > 0);
    CY_ASSERT(signed_text.at[signed_text.n - 1] == '\n');
    cy_text_span(text, signed_text);
    cy_text_add(text, "\n");
}

void cy_note_line(struct cy_text *text, struct cy_span name, uint32_t key_id, struct cy_span blob)
{
    uint8_t whole[CY_NOTE_BLOB_MAX];

    CY_ASSERT(cy_ok(cy_key_name_check(name)));
    CY_ASSERT(blob.n >= 1);
    CY_ASSERT(blob.n <= sizeof whole - 4);
    cy_put_u32be(whole, key_id);
    memcpy(whole + 4, blob.at, blob.n);
    cy_text_add(text, DASH);
    cy_text_span(text, name);
    cy_text_add(text, " ");
    cy_text_base64(text, cy_span_of(whole, blob.n + 4));
    cy_text_add(text, "\n");
}

cy_err cy_checkpoint_read(struct cy_span text, struct cy_checkpoint *out)
{
    struct cy_span lines[3];
    size_t pos = 0;
    size_t n = 0;

    if (text.n == 0 || text.at[text.n - 1] != '\n')
        return cy_fail(CY_E_BAD_CHECKPOINT, 0);
    for (unsigned i = 0; i < 3; i++) {
        const size_t end = line_end(text, pos);

        if (end >= text.n || end == pos)
            return cy_fail(CY_E_BAD_CHECKPOINT, i + 1);
        lines[i] = cy_span_of(text.at + pos, end - pos);
        pos = end + 1;
    }
    out->origin = lines[0];
    if (!cy_ok(cy_u64_read(lines[1], &out->size)))
        return cy_fail(CY_E_BAD_CHECKPOINT, 2);
    if (!cy_ok(cy_base64_read(lines[2], out->root.b, sizeof out->root.b, &n)) || n != 32)
        return cy_fail(CY_E_BAD_CHECKPOINT, 3);
    out->extension = cy_span_of(text.at + pos, text.n - pos);
    for (unsigned line = 4; pos < text.n; line++) {
        const size_t end = line_end(text, pos);

        if (end == pos) /* extension lines are never empty */
            return cy_fail(CY_E_BAD_CHECKPOINT, line);
        pos = end + 1;
    }
    return CY_OK;
}

void cy_checkpoint_write(struct cy_text *text, struct cy_span origin, uint64_t size,
                         const struct cy_id *root)
{
    cy_text_span(text, origin);
    cy_text_add(text, "\n");
    cy_text_u64(text, size);
    cy_text_add(text, "\n");
    cy_text_base64(text, cy_span_of(root->b, sizeof root->b));
    cy_text_add(text, "\n");
}

void cy_cosignature_text(struct cy_text *text, uint64_t time_s, struct cy_span checkpoint)
{
    cy_text_add(text, "cosignature/v1\ntime ");
    cy_text_u64(text, time_s);
    cy_text_add(text, "\n");
    cy_text_span(text, checkpoint);
}

void cy_cosignature_blob(uint64_t time_s, const uint8_t signature[static 64],
                         uint8_t out[static CY_COSIGNATURE_BYTES])
{
    cy_put_u64be(out, time_s);
    memcpy(out + 8, signature, 64);
}

cy_err cy_cosignature_read(struct cy_span blob, uint64_t *time_s, uint8_t signature[static 64])
{
    if (blob.n != CY_COSIGNATURE_BYTES)
        return cy_fail(CY_E_BAD_NOTE, blob.n);
    *time_s = cy_get_u64be(blob.at);
    memcpy(signature, blob.at + 8, 64);
    return CY_OK;
}

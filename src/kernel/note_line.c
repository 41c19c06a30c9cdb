#include "kernel/note_line.h"

#include "crypto/ed25519.h"

bool cy_cosignature_holds(struct cy_span blob, const struct cy_id *key, struct cy_span text)
{
    char memory[CY_COSIGNED_TEXT_MAX];
    struct cy_text message = cy_text_on(memory, sizeof memory);
    struct cy_signature signature;
    uint64_t time_s = 0;

    if (!cy_ok(cy_cosignature_read(blob, &time_s, signature.b)))
        return false;
    cy_cosignature_text(&message, time_s, text);
    return !message.full &&
           cy_ok(cy_ed25519_verify_strict(key, cy_text_bytes(&message), &signature));
}

bool cy_note_line_holds(const struct cy_note_signature *line, enum cy_note_key_type type,
                        const struct cy_id *key, struct cy_span text)
{
    uint8_t blob[CY_COSIGNATURE_BYTES];
    struct cy_signature signature;
    size_t n = 0;

    if (!cy_ok(cy_note_blob(line, blob, sizeof blob, &n)))
        return false;
    if (type == CY_NOTE_COSIGNATURE)
        return cy_cosignature_holds(cy_span_of(blob, n), key, text);
    if (n != sizeof signature.b)
        return false;
    memcpy(signature.b, blob, n);
    return cy_ok(cy_ed25519_verify_strict(key, text, &signature));
}

/* Signed notes: a note that is read is written back to the same bytes; so is its checkpoint, when
 * it has no lines of others; every signature decodes. */
#include "fuzz.h"

#include "wire/note.h"

static void one_checkpoint(struct cy_span text)
{
    static char memory[CY_NOTE_MAX + 1];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    struct cy_checkpoint checkpoint;

    if (!cy_ok(cy_checkpoint_read(text, &checkpoint)))
        return;
    cy_checkpoint_write(&again, checkpoint.origin, checkpoint.size, &checkpoint.root);
    cy_text_span(&again, checkpoint.extension);
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char memory[CY_NOTE_MAX + 1];
    static uint8_t blob[CY_NOTE_BLOB_MAX];
    struct cy_text again = cy_text_on(memory, sizeof memory);
    const struct cy_span bytes = cy_span_of(data, size);
    static struct cy_note note;

    one_checkpoint(bytes);
    if (!cy_ok(cy_note_read(bytes, &note)))
        return 0;
    CY_ASSERT(note.n >= 1);
    CY_ASSERT(note.n <= CY_NOTE_SIGNATURES_MAX);
    one_checkpoint(note.text);
    cy_note_begin(&again, note.text);
    for (uint32_t i = 0; i < note.n; i++) {
        const struct cy_note_signature *line = &note.signatures[i];
        size_t n = 0;

        CY_ASSERT(cy_ok(cy_note_blob(line, blob, sizeof blob, &n)));
        cy_note_line(&again, line->name, line->key_id, cy_span_of(blob, n));
    }
    CY_ASSERT(cy_span_eq(cy_text_bytes(&again), bytes));
    return 0;
}

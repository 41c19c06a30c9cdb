/* Verifier keys: what is read is written back the same. */
#include "fuzz.h"

#include "crypto/note_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cy_span text = cy_span_of(data, size);
    char room[CY_NOTE_VKEY_MAX];
    struct cy_text again = cy_text_on(room, sizeof room);
    struct cy_note_key key;

    (void)cy_ok(cy_note_name_check(text));
    if (cy_ok(cy_note_vkey_read(text, &key))) {
        cy_note_vkey(&key, &again);
        CY_ASSERT(!again.full);
        CY_ASSERT(cy_span_eq(cy_text_bytes(&again), text));
    }
    return 0;
}

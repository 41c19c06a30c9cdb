#include "kernel/undo.h"

static size_t rounded(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

_Static_assert(sizeof(struct cy_undo_note) == 16, "notes keep the log aligned");

cy_err cy_undo_init(struct cy_undo *undo, size_t bytes, struct cy_arena *arena)
{
    *undo = (struct cy_undo){.cap = bytes};
    undo->log = cy_arena_take(arena, bytes);
    return undo->log == NULL ? cy_fail(CY_E_NO_ROOM, bytes) : CY_OK;
}

size_t cy_undo_bytes(uint32_t record_size)
{
    return rounded(record_size) + sizeof(struct cy_undo_note);
}

bool cy_undo_fits(const struct cy_undo *undo, size_t bytes)
{
    return bytes <= undo->cap - undo->used;
}

void cy_undo_note(struct cy_undo *undo, const struct cy_undo_note *note, const void *image)
{
    CY_ASSERT(cy_undo_fits(undo, cy_undo_bytes(note->bytes)));
    if (note->bytes > 0)
        memcpy(undo->log + undo->used, image, note->bytes);
    undo->used += rounded(note->bytes);
    memcpy(undo->log + undo->used, note, sizeof *note);
    undo->used += sizeof *note;
}

bool cy_undo_last(struct cy_undo *undo, struct cy_undo_note *note, const void **image)
{
    if (undo->used == 0)
        return false;
    undo->used -= sizeof *note;
    memcpy(note, undo->log + undo->used, sizeof *note);
    undo->used -= rounded(note->bytes);
    *image = undo->log + undo->used;
    return true;
}

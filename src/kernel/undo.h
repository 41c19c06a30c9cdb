/* undo: what a world was like, so that acts may be tried and taken back.
 *
 *      mark ---- put, remove, put ... ----> rollback: as it was, to the byte
 *                  each leaves a note  \--> keep: the notes are dropped
 *
 *      log   [ image | note ][ image | note ] ...      read from its end: the last change goes
 * first
 *
 * Memory is taken once and never grows: who changes the world asks first whether what is to come
 * fits (cy_undo_fits). A world without a log, or without a mark, pays one comparison a change.
 *
 * Owns: the log. Never: touches a table (world.c takes changes back). */
#ifndef CY_KERNEL_UNDO_H
#define CY_KERNEL_UNDO_H

#include "base/arena.h"

enum cy_undo_kind { CY_UNDO_CHANGED, CY_UNDO_CREATED, CY_UNDO_REMOVED };

struct cy_undo_note {
    uint32_t slot;
    uint32_t bytes; /* of the image before the note */
    uint8_t kind;
    uint8_t table;
    bool dirty; /* the slot's marks before */
    bool known;
    uint32_t none; /* zero */
};

struct cy_undo {
    uint8_t *log; /* NULL: this world cannot be marked */
    size_t cap;
    size_t used;
    bool marked;
    bool changed; /* of the world, at the mark */
    uint32_t n_removed;
};

/* cy_undo_init reserves a log. Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_undo_init(struct cy_undo *undo, size_t bytes, struct cy_arena *arena);

/* cy_undo_bytes is what one note about a record of that size takes. */
size_t cy_undo_bytes(uint32_t record_size);

/* cy_undo_fits says that notes of so many bytes together still fit. */
bool cy_undo_fits(const struct cy_undo *undo, size_t bytes);

/* cy_undo_note adds a note; image may be NULL (bytes 0). There must be room (asserts). */
void cy_undo_note(struct cy_undo *undo, const struct cy_undo_note *note, const void *image);

/* cy_undo_last takes the last note off; false when there is none. The image stays readable until
 * the next note. */
bool cy_undo_last(struct cy_undo *undo, struct cy_undo_note *note, const void **image);

#endif

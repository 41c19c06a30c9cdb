/* note_line: whether one line of a signed note is what it says: a key's signature of the text, or
 * its cosignature/v1. By the strict rule, so that whatever the kernel takes for signed every stock
 * tool takes for signed too.
 *
 * Owns: nothing. Never: knows whose keys count. */
#ifndef CY_KERNEL_NOTE_LINE_H
#define CY_KERNEL_NOTE_LINE_H

#include "crypto/note_key.h"
#include "wire/note.h"

#define CY_COSIGNED_TEXT_MAX                                                                       \
    (CY_NOTE_MAX / 4) /* of a text that a cosignature can be checked of                            \
                       */

/* cy_note_line_holds verifies the line by that key. The name and the key id in front of the
 * signature are hints, for the caller to compare. A longer text than CY_COSIGNED_TEXT_MAX never
 * holds as cosigned. */
bool cy_note_line_holds(const struct cy_note_signature *line, enum cy_note_key_type type,
                        const struct cy_id *key, struct cy_span text);

/* cy_cosignature_holds verifies a cosignature's blob (time and signature) over a text. */
bool cy_cosignature_holds(struct cy_span blob, const struct cy_id *key, struct cy_span text);

#endif

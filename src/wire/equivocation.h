/* equivocation: two signed statements of one key that contradict each other, in one file.
 *
 *     comity evidence@v1
 *     vote | head | cosignature
 *     key BASE64            the key that signed both
 *     prefix BASE64         heads of two sizes: the larger tree's root at the smaller size
 *     BASE64 ...            and the consistency path from there to the larger head
 *                           an empty line
 *     one signed note, verbatim
 *                           an empty line
 *     another, verbatim
 *
 * It needs nothing else to be judged, and nobody's trust: the key is convicted by what it signed.
 * The act `equivocate` carries the same fields.
 *
 * Owns: the grammar, both ways. Never: verifies, copies (what is read points into the bytes). */
#ifndef CY_WIRE_EQUIVOCATION_H
#define CY_WIRE_EQUIVOCATION_H

#include "base/text.h"
#include "wire/schema.h"

#define CY_EQUIVOCATION_PATH_MAX 64u
#define CY_EQUIVOCATION_NOTE_MAX 8192u /* bytes of one statement */
#define CY_EQUIVOCATION_FILE_MAX (2 * CY_EQUIVOCATION_NOTE_MAX + 4096u)

struct cy_equivocation {
    uint8_t kind; /* CY_statement_VOTE, _HEAD or _COSIGNATURE */
    struct cy_id key;
    bool has_prefix;
    struct cy_id prefix;
    uint32_t n; /* of the path; 0 without a prefix */
    struct cy_id path[CY_EQUIVOCATION_PATH_MAX];
    struct cy_span notes[2];
};

/* cy_equivocation_read reads a file: exactly what cy_equivocation_write writes, for notes that are
 * notes. Fails with BAD_PROOF_TEXT (detail: line number from 1, 0 for an empty line that is missing
 * or a note over its limit). */
CY_MUST_USE cy_err cy_equivocation_read(struct cy_span bytes, struct cy_equivocation *out);

/* cy_equivocation_write writes a file. What does not fit is seen in text->full. */
void cy_equivocation_write(struct cy_text *text, const struct cy_equivocation *what);

#endif

/* heads: two signed heads of one log in one file, to be held against each other.
 *
 *     comity heads@v1
 *     BASE64 ...            the consistency path from the smaller to the larger tree
 *                           an empty line
 *     one checkpoint, verbatim
 *                           an empty line
 *     another, verbatim
 *
 * With a path it shows that one head extends the other; two heads of one size with different roots
 * need none: their signatures are the evidence that the log has shown two histories.
 *
 * Owns: the grammar, both ways. Never: verifies, copies (what is read points into the bytes). */
#ifndef CY_WIRE_HEADS_H
#define CY_WIRE_HEADS_H

#include "base/text.h"

#define CY_HEADS_PATH_MAX 64u

struct cy_heads {
    struct cy_id path[CY_HEADS_PATH_MAX];
    uint32_t n;
    struct cy_span notes[2]; /* whole signed notes; read them with note.h */
};

/* cy_heads_read splits the file: a checkpoint has one empty line of its own. Fails with
 * BAD_PROOF_TEXT (detail: line number from 1, 0 for an empty line that is missing). */
CY_MUST_USE cy_err cy_heads_read(struct cy_span bytes, struct cy_heads *out);

/* cy_heads_write writes a file. What does not fit is seen in text->full. */
void cy_heads_write(struct cy_text *text, const struct cy_id *path, uint32_t n, struct cy_span one,
                    struct cy_span another);

#endif

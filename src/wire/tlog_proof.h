/* tlog_proof: one file that proves one entry of a log (C2SP tlog-proof@v1).
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64          (absent when there is none)
 *     index N
 *     BASE64 ...            the inclusion path, leaf side first, at most 64 lines
 *                           an empty line
 *     the checkpoint, verbatim, with all its signatures
 *
 * Owns: the grammar, both ways. Never: verifies, copies (what is read points into the bytes). */
#ifndef CY_WIRE_TLOG_PROOF_H
#define CY_WIRE_TLOG_PROOF_H

#include "base/text.h"

#define CY_TLOG_PROOF_PATH_MAX 64u
#define CY_TLOG_PROOF_EXTRA_MAX 4096u /* decoded bytes */

struct cy_tlog_proof {
    uint64_t index;
    struct cy_id path[CY_TLOG_PROOF_PATH_MAX];
    uint32_t n;
    bool has_extra;
    struct cy_span extra_base64; /* canonical, at most CY_TLOG_PROOF_EXTRA_MAX bytes decoded */
    struct cy_span checkpoint;   /* a whole signed note */
};

/* cy_tlog_proof_read reads a proof file. The checkpoint is only split off (note.h reads it). Fails
 * with BAD_PROOF_TEXT (detail: line number from 1). */
CY_MUST_USE cy_err cy_tlog_proof_read(struct cy_span bytes, struct cy_tlog_proof *out);

/* cy_tlog_proof_extra decodes the extra data (nothing when there is none). Fails with NO_ROOM. */
CY_MUST_USE cy_err cy_tlog_proof_extra(const struct cy_tlog_proof *proof, uint8_t *out, size_t cap,
                                       size_t *n);

/* cy_tlog_proof_write writes a proof; extra has n = 0 for none. What does not fit is seen in
 * text->full. */
void cy_tlog_proof_write(struct cy_text *text, struct cy_span extra, uint64_t index,
                         const struct cy_id *path, uint32_t n, struct cy_span checkpoint);

#endif

/* list_delta: what turns one version of a file into the next, by lines.
 *
 *      copy OFFSET LENGTH    bytes of the old file
 *      insert LENGTH BYTES   new ones
 *
 * Applied to the old file it gives the new one byte for byte; store and followers check that with a
 * digest. Encoded: 1 (u8), offset, length (u32 each, big-endian); 2 (u8), length (u32), bytes.
 *
 * Owns: nothing of the results, which are from malloc. Never: understands a list. */
#ifndef CY_MODELS_SCREEN_LIST_DELTA_H
#define CY_MODELS_SCREEN_LIST_DELTA_H

#include "base/bytes.h"

/* cy_delta_make fails with NO_MEMORY; TOO_LARGE past 4 GiB. */
CY_MUST_USE cy_err cy_delta_make(struct cy_span old, struct cy_span fresh, uint8_t **out,
                                 size_t *n);

/* cy_delta_apply fails with STORE_BROKEN (detail: position in the delta), TOO_LARGE (more than most
 * bytes), NO_MEMORY. */
CY_MUST_USE cy_err cy_delta_apply(struct cy_span old, struct cy_span delta, size_t most,
                                  uint8_t **out, size_t *n);

#endif

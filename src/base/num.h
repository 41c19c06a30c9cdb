/* num: checked whole numbers. Every amount in the program is added and subtracted here.
 *
 * An amount is an unsigned 128-bit count of an asset's smallest unit. A sum that does not fit is
 * an error, never a wrap. */
#ifndef CY_BASE_NUM_H
#define CY_BASE_NUM_H

#include "base/bytes.h"

__extension__ typedef unsigned __int128 cy_u128;

/* A decimal u128 has at most 39 digits; with the 0: */
#define CY_U128_TEXT 40

/* cy_add and cy_sub fail with OVERFLOW and leave *out alone. */
CY_MUST_USE cy_err cy_add(cy_u128 a, cy_u128 b, cy_u128 *out);
CY_MUST_USE cy_err cy_sub(cy_u128 a, cy_u128 b, cy_u128 *out);

/* cy_mul_div computes floor(a * b / c) without intermediate overflow for b, c below 2^64, c > 0.
 * Fails with OVERFLOW when the result does not fit. Used for shares: a * part / whole. */
CY_MUST_USE cy_err cy_mul_div(cy_u128 a, uint64_t b, uint64_t c, cy_u128 *out);

/* cy_u128_text writes decimal digits and a 0. */
void cy_u128_text(cy_u128 v, char out[static CY_U128_TEXT]);

/* cy_u128_read reads decimal digits only: no sign, no leading zero. Fails with BAD_TEXT, OVERFLOW.
 */
CY_MUST_USE cy_err cy_u128_read(struct cy_span text, cy_u128 *out);

/* cy_u64_read: the same, for 64 bits. */
CY_MUST_USE cy_err cy_u64_read(struct cy_span text, uint64_t *out);

/* cy_u128_bytes writes the shortest big-endian form (0 to 16 bytes) and returns its length. */
size_t cy_u128_bytes(cy_u128 v, uint8_t out[static 16]);

/* cy_u128_from reads the shortest big-endian form. Fails with NOT_CANONICAL or RANGE. */
CY_MUST_USE cy_err cy_u128_from(struct cy_span bytes, cy_u128 *out);

#endif

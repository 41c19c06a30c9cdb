/* emit_sign: the test keys of the samples. Fixed seeds: they protect nothing. */
#ifndef CY_TESTS_EMIT_SIGN_H
#define CY_TESTS_EMIT_SIGN_H

#include "base/bytes.h"

enum { EMIT_KEYS = 8 };

/* emit_key is public key number i < EMIT_KEYS; emit_sign signs with it. */
const struct cy_id *emit_key(uint32_t i);
void emit_sign(uint32_t i, struct cy_span message, uint8_t signature[static 64]);

/* emit_verify is the project's rule on a message in parts; emit_verify_strict the stricter one of
 * notes and cosignatures. */
cy_err emit_verify(const struct cy_id *key, const struct cy_span *parts, size_t n,
                   const uint8_t signature[static 64]);
cy_err emit_verify_strict(const struct cy_id *key, struct cy_span message,
                          const uint8_t signature[static 64]);

#endif

/* codec: one encoder and one decoder for every message and record, driven by the schema tables.
 *
 *   act    = { 0: number, key: value, ... }        item, record = { key: value, ... }
 *
 * Deterministic CBOR (cbor.h) with one rule more: a field that holds its default (zero, false,
 * empty) is left out, and a field that is present never does. So each value has one encoding, and
 * a field appended to a message later leaves the bytes of older acts as they are.
 *
 * Types: numbers, dates (rata die) and times (ms) as unsigned integers; amounts as the shortest
 * big-endian byte string; ids as 32 bytes; texts as UTF-8. */
#ifndef CY_WIRE_CODEC_H
#define CY_WIRE_CODEC_H

#include "base/arena.h"
#include "wire/cbor.h"
#include "wire/schema.h"

/* An act's payload is at most this long; the entry of a tile bundle is the limit of the whole. */
#define CY_PAYLOAD_MAX 65000

/* cy_decode_act reads one act's payload. The struct and its lists come from the arena; texts and
 * bytes borrow from the input. Fails with UNKNOWN_MESSAGE, UNKNOWN_FIELD, MISSING_FIELD (detail:
 * the field's key), RANGE (detail: key), the errors of cy_cbor_next, TRAILING, NO_ROOM. */
CY_MUST_USE cy_err cy_decode_act(struct cy_span payload, struct cy_arena *arena,
                                 struct cy_any *out);

/* cy_decode reads one item or record into *out (schema->size bytes, caller's). */
CY_MUST_USE cy_err cy_decode(const struct cy_schema *schema, struct cy_span bytes,
                             struct cy_arena *arena, void *out);

/* cy_encode_act and cy_encode are the inverses. They fail with NO_ROOM, and where the value could
 * not be decoded again: MISSING_FIELD, RANGE (detail: key; also an act nested too deep), BAD_UTF8,
 * and for an act TOO_LARGE. */
CY_MUST_USE cy_err cy_encode_act(const struct cy_schema *schema, const void *message,
                                 struct cy_cbor_writer *out);
CY_MUST_USE cy_err cy_encode(const struct cy_schema *schema, const void *value,
                             struct cy_cbor_writer *out);

#endif

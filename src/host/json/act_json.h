/* act_json: acts, items and records from the JSON form that wire/print writes, and from the flags
 * of a command line.
 *
 *   {"act":"transfer","from":"91b4..","amount":"250","expires":"2026-11-20T07:30:00Z"}
 *   transfer  --from 91b4..  --amount 250  --expires 2026-11-20T07:30:00Z
 *
 * Forms by type: numbers and amounts as integers or decimal strings; ids and bytes as hexadecimal;
 * dates YYYY-MM-DD; times RFC 3339 in UTC, or Unix milliseconds; words of closed lists by name;
 * lists as arrays, embedded acts as objects with their own "act". A default (0, false, "", []) may
 * be written out or left out; null is absence. What is read can be encoded.
 *
 * Every refusal says in the caller's text where (a path like acts[2].keys[0].weight), what was
 * expected, and the nearest known name for a misspelt one.
 *
 * Owns: these forms, read. Never: keeps the JSON; all that is returned lies in the arena. */
#ifndef CY_HOST_JSON_ACT_JSON_H
#define CY_HOST_JSON_ACT_JSON_H

#include "base/arena.h"
#include "wire/schema.h"

#include <jansson.h>

#define CY_ACT_JSON_MAX (1u << 20) /* bytes of JSON text that are read */

/* cy_act_from_json reads one act; the member "act" names it. why may be NULL. Fails with
 *   BAD_JSON         no JSON, or a value of another kind than the field's
 *   TOO_LARGE        over CY_ACT_JSON_MAX
 *   UNKNOWN_MESSAGE  no act of this name
 *   UNKNOWN_FIELD    no field of this name
 *   MISSING_FIELD    a field that must be present is missing (detail: its key)
 *   RANGE            out of bounds, no such word, too many elements, nested too deep (detail: key)
 *   BAD_TEXT, BAD_HEX, BAD_DATE, BAD_UTF8, OVERFLOW   a text that does not convert (detail: key)
 *   NO_ROOM          the arena is full; NO_MEMORY: the parser's memory */
CY_MUST_USE cy_err cy_act_from_json(struct cy_span text, struct cy_arena *arena, struct cy_any *out,
                                    struct cy_text *why);

/* cy_act_from_value: the same, from JSON that was parsed before (it may be released after). */
CY_MUST_USE cy_err cy_act_from_value(const json_t *value, struct cy_arena *arena,
                                     struct cy_any *out, struct cy_text *why);

/* cy_struct_from_json reads the value of one schema into *out (schema->size bytes). Items and
 * records have no member "act"; an act may have it, and then it must be the schema's name. */
CY_MUST_USE cy_err cy_struct_from_json(const struct cy_schema *schema, struct cy_span text,
                                       struct cy_arena *arena, void *out, struct cy_text *why);

/* cy_act_from_flags reads n pairs of a name (without dashes before it; '-' inside stands for '_')
 * and a value into *out (schema->size bytes). A bool without a value (NULL) is true; a list is
 * given as a JSON array. Errors as above; a name given twice is BAD_TEXT. */
CY_MUST_USE cy_err cy_act_from_flags(const struct cy_schema *schema, const char *const names[],
                                     const char *const values[], size_t n, struct cy_arena *arena,
                                     void *out, struct cy_text *why);

#endif
